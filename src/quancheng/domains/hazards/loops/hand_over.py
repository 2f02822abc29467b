"""A danger that is another body's to supervise is handed over to it (移送): accepted, or sent back with the reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.finding import term
from quancheng.kernel.loops.declare import Loop, Move, State, register

_SUPERVISE = "hazards.findings.supervise@owner_org"
_RECEIVE = "hazards.findings.supervise@receiver"
_HOUSE = "hazards.findings.supervise@system"

HAND_OVER = register(
    Loop(
        code="hazards.hand_over",
        name=_("隐患移送"),
        version=1,
        start="SENT",
        states={
            "SENT": State(_("待接收"), owner=_RECEIVE, due=term("TRANSFER")),
            "ACCEPTED": State(_("已接收"), owner=None),
            "RETURNED": State(_("已退回"), owner=None),
            "RECALLED": State(_("已撤回"), owner=None),
            "ENDED": State(_("隐患已办结，无需接收"), owner=None),
        },
        moves={
            "accept": Move("SENT", "ACCEPTED", by=_RECEIVE, label=_("接收，由本单位监管"), primary=True),
            "return": Move("SENT", "RETURNED", by=_RECEIVE, label=_("退回"), needs=("reason",)),
            "recall": Move("SENT", "RECALLED", by=_SUPERVISE, label=_("撤回移送"), needs=("reason",)),
            "end": Move("SENT", "ENDED", by=_HOUSE, label=_("隐患已办结")),
        },
        title=lambda row: row.title,
        url_name="hazards:hand_over",
        ladder="task",
        strip=("SENT", "ACCEPTED"),
    )
)
