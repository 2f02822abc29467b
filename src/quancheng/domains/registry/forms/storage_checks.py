"""What people type about workshops' temporary storage and the papers of storage places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Chemical, Unit
from quancheng.domains.registry.models.storage_checks import PaperKind
from quancheng.domains.registry.queries.storage_checks import goods_of
from quancheng.kernel.pages import fields


class WorkshopLimitForm(forms.Form):
    limit_t = forms.DecimalField(
        label=_("暂存限量（吨）"), max_digits=14, decimal_places=3, min_value=0,
        help_text=_("车间内储罐、仓间、气瓶间全部物料合计；甲、乙类物品一般不超过一昼夜的需要量（GB 50016，[G]）。"),
    )  # fmt: skip
    source = fields.words(_("依据"), help_text=_("设计文件、安全评价或管理制度的名称和条款。"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class PaperForm(forms.Form):
    """A paper of a storage place."""

    kind = fields.choice(_("资料类别"), PaperKind.choices)
    chemical = forms.ModelChoiceField(
        label=_("化学品"), queryset=Chemical.objects.none(), required=False,
        help_text=_("标签、说明书选择所属化学品；应急预案不选。"),
    )  # fmt: skip
    is_there = forms.TypedChoiceField(
        label=_("现场情况"), choices=[("yes", _("现场有")), ("no", _("现场没有"))], initial="yes",
        coerce=lambda told: told == "yes",
        help_text=_("登记错误或现场检查没有的，选“现场没有”，原来的登记不再算数。"),
    )  # fmt: skip
    title = fields.words(_("资料名称和编号"), help_text=_("现场没有的，写明原因。"))
    issued_date = fields.day(_("编制、发布日期"), help_text=_("现场没有的，填核查日期。"))
    until_date = fields.day(_("有效期至"), required=False)
    papers = fields.FilesField(label=_("资料扫描件"), required=False)

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chemical"].queryset = goods_of(unit)  # type: ignore[attr-defined]
