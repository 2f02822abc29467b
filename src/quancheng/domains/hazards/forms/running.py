"""What people type about the weekly running effect."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import PARAMETERS, Counted, RunningAppeal, RunningWeek
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField

#: Words of the parameters, in their order.
LABELS = {
    "tasks_weight": _("任务完成满分"), "dangers_weight": _("隐患整改满分"), "main": _("主要负责人每项未履职扣分"),
    "technical": _("技术负责人每项未履职扣分"), "operation": _("操作负责人每项未履职扣分"),
    "duties_cap": _("包保履职扣分上限"), "few_none": _("四周没有登记隐患扣分"), "few_some": _("四周登记隐患过少扣分"),
    "few_enough": _("每处重大危险源四周应登记隐患数"), "excellent": _("优的下限"), "good": _("良的下限"),
    "medium": _("中的下限"),
}  # fmt: skip


class AppealForm(forms.Form):
    """An objection: to what, what it is instead, why."""

    def __init__(self, *args: Any, week: RunningWeek, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counts = [(code, f"{label}：{week.settled.get(code, 0)}") for code, label in Counted.choices]
        vetoed = [(one["code"], f"{_('否决项')}{one['code']}") for one in week.standing_vetoes]
        self.fields["about"] = fields.choice(_("异议事项"), [*counts, *vetoed])
        self.fields["claimed"] = forms.IntegerField(
            label=_("应为"), min_value=0, required=False, help_text=_("对否决项有异议时不填。")
        )
        self.fields["text"] = fields.text(_("理由"))
        self.fields["evidence"] = FilesField(label=_("证明材料"), required=False)


class UpholdForm(forms.Form):
    """What the office found the count to be."""

    def __init__(self, *args: Any, appeal: RunningAppeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if appeal.about in Counted.values:
            self.fields["value"] = forms.IntegerField(
                label=_("更正为"), min_value=0, initial=appeal.claimed,
                help_text=_("以核查所见为准，可以不同于企业主张。"),
            )  # fmt: skip
        self.fields["text"] = fields.text(_("核查意见"))


class ResultForm(forms.Form):
    """What was done."""

    text = fields.text(_("处置结果"))


class VetoForm(forms.Form):
    """A fact that makes a week nought."""

    monday = fields.day(_("所属周（星期一）"))
    reason = fields.text(_("事实"), help_text=_("明知重大隐患而不登记，或者当期发生亡人事故。"))


class CancelVetoForm(forms.Form):
    """Why a fact is none."""

    reason = fields.words(_("理由"), limit=300)


class RulesForm(forms.Form):
    """Parameters of the evaluation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PARAMETERS:
            self.fields[name] = forms.IntegerField(label=LABELS[name], min_value=0, max_value=100)
        self.fields["from_date"] = fields.day(_("起用日期（星期一）"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)
