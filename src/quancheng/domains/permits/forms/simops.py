"""What people type about other work: operations, coordination, figures, stop orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.forms.widgets import PositionField, latitude, longitude
from quancheng.domains.permits.services.orders import CAUSES
from quancheng.domains.registry.forms.base import EnterpriseField, UnitField
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.parameters import bounds
from quancheng.standards.gb30871.simops import ACTIVITIES


class OperationForm(forms.Form):
    """An operation beside permits. The view fills in the enterprise's units."""

    activity = fields.choice(_("作业活动"), [(code, words_of(text)) for code, text in ACTIVITIES.items()])
    place = fields.words(_("地点"))
    unit = forms.ModelChoiceField(label=_("所在单元"), queryset=Unit.objects.none(), required=False)
    starts_at = fields.moment(_("开始时间"))
    ends_at = fields.moment(_("结束时间"))
    position = PositionField(help_text=_("在现场可直接获取；也可填写经纬度。"))
    lon, lat = longitude(_("经度")), latitude(_("纬度"))
    radius_m = forms.DecimalField(
        label=_("范围半径，m"), required=False, min_value=0, max_value=500, max_digits=4, decimal_places=1
    )
    dike = fields.words(_("所在防火堤"), required=False, limit=60)
    space = fields.words(_("所在受限空间"), required=False, limit=60)
    system = fields.words(_("所在工艺系统"), required=False, limit=60)
    contact = fields.words(_("联系方式"), limit=60, help_text=_("当班岗位的电话或对讲频道，不写个人手机号。"))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class CoordinateForm(forms.Form):
    coordinator = fields.words(_("交叉作业协调人"), limit=60)
    measures = fields.text(_("联合辨识的风险和措施"), limit=1000)


class FigureForm(forms.Form):
    """One figure of the enterprise."""

    name = fields.choice(
        _("参数"), [(one.name, words_of(one.text)) for one in bounds().values() if one.change != "fixed"]
    )
    value = fields.words(_("数值"), limit=12)
    from_date = fields.day(_("起用日期"))
    reason = fields.text(_("理由"), rows=2, limit=300)


class OrderForm(forms.Form):
    """A stop order. The view fills in what the actor may stop."""

    file = EnterpriseField(label=_("企业"), queryset=Enterprise.objects.none(), required=False)
    unit = UnitField(
        label=_("单元"), queryset=Unit.objects.none(), required=False, help_text=_("不选则停全厂。")
    )
    position = PositionField(help_text=_("不按企业停工的，划定圆形区域：圆心和半径。"))
    lon, lat = longitude(_("中心经度"), required=False), latitude(_("中心纬度"), required=False)
    radius_m = forms.IntegerField(label=_("半径，m"), required=False, min_value=1, max_value=20_000)
    cause = fields.choice(_("停工原因"), [(code, words_of(STOP_REASONS[code])) for code in CAUSES])
    reason = fields.text(_("情况说明"), rows=2, limit=500)
    with_muster = forms.BooleanField(
        label=_("同时发起紧急集合点名"), required=False, help_text=_("立即列出范围内作业人员和在厂外来人员，逐人清点。")
    )

    def __init__(self, *args: Any, files: Any, units: Any, circle: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("file", files), ("unit", units)):
            if rows is None:
                del self.fields[name]
            else:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if files is not None and "unit" in self.fields:
            self.fields["unit"].names_file = True  # type: ignore[attr-defined]
        if not circle:
            for name in ("position", "lon", "lat", "radius_m"):
                del self.fields[name]


class ReleaseForm(forms.Form):
    note = fields.text(_("整改和解除情况"), rows=3, limit=500)
