"""What people type about findings, violations and rules of the audit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import PermitPerson, Severity
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871.audit.registry import AuditRule


class TextForm(forms.Form):
    """One text, whatever the move calls it."""

    text = fields.text(_("说明"), limit=2000)


class AnswerForm(TextForm):
    """What was put right, with photos."""

    text = fields.text(_("整改情况"), limit=2000, help_text=_("写明做了什么、结果如何，可附照片。"))
    photos = fields.FilesField(label=_("照片、附件"), required=False)


class ResultForm(TextForm):
    """What was done about an alarm."""

    text = fields.text(_("处置结果"), rows=3, limit=1000, help_text=_("写明原因、采取的措施和现场情况。"))


class CommentForm(TextForm):
    text = fields.text(_("复查意见"), rows=2, limit=500)


class ReasonForm(TextForm):
    text = fields.text(_("原因"), rows=2, limit=500)


class PersonOfPermit(forms.ModelChoiceField):
    def label_from_instance(self, obj: PermitPerson) -> str:
        return f"{obj.code} {obj.person.name} {obj.get_part_display()}"


class ViolationForm(forms.Form):
    """Whose violation it is; nobody where the evidence names none. The view fills in the people of the permit."""

    person = PersonOfPermit(label=_("违章人员"), queryset=PermitPerson.objects.none(), required=False)
    note = fields.words(_("处理情况"), required=False, limit=300)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


#: What parameters are called; units stand in their names.
PARAMS: dict[str, Any] = {
    "signers": _("人数"), "apart_m": _("距离（米）"), "apart_min": _("间隔（分钟）"), "grace_min": _("宽限（分钟）"),
    "late_h": _("期限（小时）"), "least_min": _("最短（分钟）"), "steps": _("最少步骤数"), "most": _("最多"),
    "far_m": _("最远（米）"), "rows": _("最少行数"), "least_s": _("最短（秒）"), "most_min": _("最长间隔（分钟）"),
    "most_percent": _("最高占比（%）"), "late_min": _("期限（分钟）"), "gap_min": _("最长间断（分钟）"),
    "coverage_percent": _("最低覆盖率（%）"), "alike": _("连续相同个数"), "days": _("天数"), "percent": _("占比（%）"),
    "times": _("次数"), "fewest": _("最少预约数"),
}  # fmt: skip


class RuleForm(forms.Form):
    """One rule as the office sets it: its parameters stand below the rest."""

    is_on = forms.BooleanField(label=_("启用"), required=False)
    severity = fields.choice(
        _("严重程度"), Severity.choices, help_text=_("严重扣40分并立即停止作业，较大扣15分，一般扣5分，提示扣1分。")
    )
    valid_from = fields.day(_("起用日期"))
    valid_to = fields.day(_("停用日期"), required=False)
    reason = fields.words(_("理由"), limit=300)

    def __init__(self, *args: Any, rule: AuditRule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in rule.params:
            if name in PARAMS:
                self.fields[f"param_{name}"] = forms.DecimalField(
                    label=PARAMS[name], min_value=0, max_digits=7, decimal_places=2
                )
