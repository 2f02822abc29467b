"""Forms of required distances, reports and cases of layout (间距要求、外部安全防护距离、布局问题)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import DistanceWay, LayoutOutcome
from quancheng.domains.risk.queries.layout import units_of
from quancheng.domains.risk.services.layout import FIELDS, MOST_M
from quancheng.domains.risk.services.layout_cases import COORDINATORS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.layout import SOURCES, TARGETS

MARKS = (
    ("V", _("V 已核对原文")),
    ("G", _("G 通用做法，未核对原文")),
    ("D", _("D 本区或本平台自定")),
)
_METRES: dict[str, Any] = {"required": False, "min_value": 0, "max_value": MOST_M}


class DistanceForm(forms.Form):
    """A required distance from a day on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"] = fields.choice(_("企业类型"), [(code, told(one)) for code, one in SOURCES.items()])
        self.fields["target"] = fields.choice(_("目标类型"), [(code, told(one)) for code, one in TARGETS.items()])
        self.fields["metres"] = forms.IntegerField(
            label=_("距离（米）"), required=False, min_value=1, max_value=MOST_M,
            help_text=_("不填表示自起用日期起不再核查这一项。"),
        )  # fmt: skip
        self.fields["basis"] = fields.text(_("依据"), rows=2, limit=300)
        self.fields["mark"] = fields.choice(_("可信程度"), MARKS)
        self.fields["from_date"] = fields.day(_("起用日期"))


class ReportForm(forms.Form):
    """What an assessment report asks around an enterprise or a unit."""

    report = fields.words(_("评估报告"))
    report_no = fields.words(_("评估报告编号"), required=False, limit=80)
    report_date = fields.day(_("评估报告日期"))
    institute = fields.words(_("评估单位"))
    way = fields.choice(_("确定方法"), DistanceWay.choices)
    tnt_kg = forms.DecimalField(
        label=_("TNT当量（kg）"), required=False, min_value=Decimal("0.001"), max_digits=13, decimal_places=3,
        help_text=_("只在事故后果法填写，三类距离由GB/T 37243的公式算出。"),
    )  # fmt: skip
    first_m = forms.IntegerField(label=_("一类防护目标（米）"), help_text=_("高敏感、重要和一般一类防护目标。"),
                                 **_METRES)  # fmt: skip
    second_m = forms.IntegerField(label=_("二类防护目标（米）"), **_METRES)
    third_m = forms.IntegerField(label=_("三类防护目标（米）"), **_METRES)
    lon = forms.DecimalField(
        label=_("起算点经度"), required=False, max_digits=9, decimal_places=6,
        help_text=_("CGCS2000，十进制度；不填从厂界量取。单元的距离没有起算点时，厂界不足不能判定单元不足。"),
    )  # fmt: skip
    lat = forms.DecimalField(label=_("起算点纬度"), required=False, max_digits=9, decimal_places=6)
    papers = fields.FilesField(label=_("评估报告文件"), required=False)

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("单元"), queryset=units_of(file), required=False,
            help_text=_("报告针对一个单元的请选择；不选为整个厂区。"),
        )  # fmt: skip
        self.order_fields(("report", "report_no", "report_date", "institute", "unit", "way", "tnt_kg"))

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class OpenCaseForm(fields.ActorForm):
    """A check taken up as a case."""

    kinds = {"org": COORDINATORS}

    grounds = fields.text(_("提出理由"), rows=3, limit=1000)
    org = fields.org(_("协调部门"), required=False, help_text=_("不选由本单位协调。"))


class CoordinateForm(forms.Form):
    """How it is coordinated, until when."""

    text = fields.text(_("协调情况"), rows=3, limit=2000)
    due = fields.day(_("协调期限"))
    evidence = fields.FilesField(label=_("佐证材料"), required=False)


class ProgressForm(forms.Form):
    """How far it has come; another term where it changes."""

    text = fields.text(_("协调情况"), rows=3, limit=2000)
    due = fields.day(_("协调期限"), required=False, help_text=_("不填为原期限。"))
    evidence = fields.FilesField(label=_("佐证材料"), required=False)


class SettleForm(forms.Form):
    """How it was settled, and what shows it."""

    outcome = fields.choice(_("落实方式"), LayoutOutcome.choices)
    text = fields.text(_("落实情况和理由"), rows=3, limit=2000)
    document = fields.words(_("文件名称和编号"), required=False, help_text=_("除“不构成问题”外必填。"))
    document_date = fields.day(_("文件日期"), required=False, help_text=_("除“不构成问题”外必填。"))
    evidence = fields.FilesField(label=_("佐证材料"), required=False)
