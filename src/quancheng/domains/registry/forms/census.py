"""What people type about censuses, rounds, clues and doubles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import ListField, codes
from quancheng.domains.registry.kinds import ClueSource, Kind, VisitResult
from quancheng.domains.registry.models import CensusArea, Enterprise
from quancheng.domains.registry.queries.census import areas_of
from quancheng.domains.registry.queries.enterprises import list_places
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.pages import fields


class CensusForm(forms.Form):
    title = fields.words(_("摸底名称"))
    basis = fields.words(_("依据"), limit=300, help_text=_("文件名称和文号，或法律条款。"))
    period_from = fields.day(_("开始日期"))
    period_to = fields.day(_("结束日期"))
    kinds = codes(_("企业类别"), Kind.choices, help_text=_("不勾选表示全部类别。"))
    questions = ListField(
        label=_("企业自查内容"), help_text=_("每行一项，企业在自己的档案里逐项填报；不需要自查的留空。")
    )


class AssignForm(fields.ActorForm):
    kinds = {"orgs": ("town", "village")}

    orgs = fields.orgs(_("走访单位"), help_text=_("每个单位走访自己的辖区；镇街和它下面的村（社区）只选一级。"))
    due_date = fields.day(_("完成时限"))


class CloseForm(forms.Form):
    report = fields.text(_("总结"), help_text=_("成效、问题和下步打算；覆盖情况由系统统计。"))
    gaps = fields.text(_("未摸清的情况和原因"), required=False, rows=3)


class SubmitForm(forms.Form):
    text = fields.text(_("走访情况"), rows=3)
    gap_reason = fields.words(_("未走访到的原因"), required=False, limit=500)


class VisitForm(forms.Form):
    result = fields.choice(_("走访结果"), [one for one in VisitResult.choices if one[0] != VisitResult.FOUND])
    note = fields.text(_("说明"), required=False, rows=2, limit=500,
                       help_text=_("情况有变或已不在的，写明是什么、依据什么。"))  # fmt: skip
    unlisted = fields.text(
        _("未列入证照的储存场所"), required=False, rows=2, limit=2000,
        help_text=_("有不在许可范围内的储存场所时填写：在哪里、什么物品、大约多少。同时生成线索。"),
    )  # fmt: skip
    evidence = fields.FilesField(label=_("现场照片"), required=False)


class _PointForm(fields.ActorForm):
    """A point in CGCS2000, or none."""

    lon = forms.DecimalField(label=_("经度"), required=False, max_digits=9, decimal_places=6,
                             help_text=_("CGCS2000 坐标，十进制度，例如 117.123456。"))  # fmt: skip
    lat = forms.DecimalField(label=_("纬度"), required=False, max_digits=9, decimal_places=6)


class FoundForm(_PointForm):
    """A place newly found on a round."""

    name = fields.words(_("场所或企业名称"), limit=120,
                        help_text=_("没有招牌的，写地点和行当，例如“东街口无名换罐点”。"))  # fmt: skip
    kind = fields.choice(_("企业类别"), Kind.choices)
    area = forms.ModelChoiceField(label=_("所在镇街、村（社区）"), queryset=Area.objects.none())
    address = fields.words(_("地址"))
    credit_code = fields.words(_("统一社会信用代码"), required=False, limit=24, help_text=_("18位；无证场所可不填。"))
    is_licensed = forms.BooleanField(label=_("现场出示了危险化学品相关证照"), required=False)
    text = fields.text(_("存放、经营的情况"), required=False, rows=3, limit=500,
                       help_text=_("什么物品、大约多少、怎样存放；没有出示证照的必填，并自动生成线索。"))  # fmt: skip
    evidence = fields.FilesField(label=_("现场照片"), required=False)
    field_order = ("name", "kind", "area", "address", "credit_code", "is_licensed", "text", "lon", "lat", "evidence")

    def __init__(self, *args: Any, actor: Actor, place: CensusArea, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        if place.area is not None:
            self.fields["area"].queryset = areas_of(place)  # type: ignore[attr-defined]
            self.fields["area"].initial = place.area.pk


class ClueForm(_PointForm):
    """A place found outside a census."""

    title = fields.words(_("场所名称"), limit=120)
    source = fields.choice(_("线索来源"), [one for one in ClueSource.choices if one[0] != ClueSource.CENSUS])
    area = forms.ModelChoiceField(label=_("所在镇街、村（社区）"), queryset=Area.objects.none())
    address = fields.words(_("地址"))
    text = fields.text(_("发现的情况"), rows=3, limit=2000, help_text=_("什么物品、大约多少、怎样存放、谁在经营。"))
    credit_code = fields.words(
        _("所属企业统一社会信用代码"), required=False, limit=24,
        help_text=_("是某家已登记企业未登记的储存场所时填写。"),
    )  # fmt: skip
    evidence = fields.FilesField(label=_("现场照片"), required=False)
    field_order = ("title", "source", "area", "address", "text", "credit_code", "lon", "lat", "evidence")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["area"].queryset = list_places(actor=actor)  # type: ignore[attr-defined]


class VerdictForm(forms.Form):
    text = fields.text(_("核查情况"), rows=3, limit=2000)
    evidence = fields.FilesField(label=_("现场照片和材料"), required=False)


class DecisionForm(forms.Form):
    text = fields.text(_("处置情况"), rows=3, limit=2000)
    evidence = fields.FilesField(label=_("现场照片和材料"), required=False)


class LegalizeForm(forms.Form):
    text = fields.text(_("处置情况"), rows=3, limit=2000, help_text=_("要求办理哪些证照、期间怎样停用。"))
    due_date = fields.day(_("办证期限"))


class HandOverForm(fields.ActorForm):
    kinds = {"to_org": ("department", "town")}

    to_org = fields.org(_("接收单位"))
    reason = fields.text(_("移交理由"), rows=3, limit=2000)


class FilePlaceForm(forms.Form):
    name = fields.words(_("场所或企业名称"), limit=120)
    credit_code = fields.words(_("统一社会信用代码"), required=False, limit=24, help_text=_("18位；无证场所可不填。"))
    kind = fields.choice(_("企业类别"), Kind.choices)


class MergeForm(forms.Form):
    """Which other file is the double of this one: one of the likely ones, or another by its full name or code."""

    double = forms.ChoiceField(label=_("重复的档案"), required=False, widget=forms.RadioSelect,
                               help_text=_("按地址和位置找出。其内容移到本档案，原档案保留，可以撤销。"))  # fmt: skip
    other = fields.words(_("其他档案的全称或统一社会信用代码"), required=False, limit=120)
    reason = fields.text(_("合并理由"), rows=2, limit=500, help_text=_("怎样判断是同一家：同址、同一经营者、更名等。"))

    def __init__(self, *args: Any, doubles: Sequence[Enterprise], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["double"].choices = [  # type: ignore[attr-defined]
            ("", _("以下填写的档案")),
            *((str(one.pk), "，".join(filter(None, (str(one.enterprise), str(one.get_kind_display()), one.address))))
              for one in doubles),
        ]  # fmt: skip


class UndoForm(forms.Form):
    reason = fields.text(_("撤销理由"), rows=2, limit=500)
