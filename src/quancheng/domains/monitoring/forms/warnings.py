"""What people type about warnings (风险预警)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import WarningCheck, WarningColour
from quancheng.domains.monitoring.queries.warning_terms import MOST_S, NAMES, QUALITY
from quancheng.kernel.pages import fields

_PARTS = {
    "respond_s": _("%(colour)s预警企业响应时限（秒）"), "report_s": _("%(colour)s预警企业报告时限（秒）"),
    "authority_s": _("%(colour)s预警监管部门核查时限（秒）"), "calm_s": _("%(colour)s预警解除前须平稳（秒）"),
}  # fmt: skip


def label_of(name: str) -> Any:
    """A figure of the table in words."""
    if name == QUALITY:
        return _("数据中断、卡滞、仪表故障持续多久算数据质量事件（秒）")
    colour, part = name.split("_", 1)
    return _PARTS[part] % {"colour": WarningColour[colour.upper()].label}


class WarningTableForm(forms.Form):
    """The table, from when on, and why; empty where the authority owes nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NAMES:
            self.fields[name] = forms.IntegerField(
                label=label_of(name), min_value=0, max_value=MOST_S, required=not name.endswith("_authority_s")
            )
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)


class RespondForm(forms.Form):
    """What the enterprise does at once."""

    response = fields.text(_("已采取的措施"), rows=3, limit=2000)


class ReportForm(forms.Form):
    """What the enterprise did."""

    report = fields.text(_("处置报告"), rows=6, limit=4000, help_text=_("原因、措施、现状，以及如何防止再次发生。"))


class AcceptForm(forms.Form):
    """What the office found."""

    note = fields.text(_("核实意见"), rows=3, limit=500, required=False)


class ReturnForm(forms.Form):
    """Why the report is not enough."""

    reason = fields.text(_("退回理由"), rows=3, limit=500)


class VerifyForm(forms.Form):
    """What the office verified and decided."""

    verdict = fields.choice(_("核查结论"), WarningCheck.Verdict.choices)
    note = fields.text(_("核查情况和决定"), rows=4, limit=2000)
    call = fields.text(
        _("通话记录"), rows=2, limit=500, required=False,
        help_text=_("与何人、何时通话，对方怎么说；不写电话号码。红色预警和两次升级后必填。"),
    )  # fmt: skip
