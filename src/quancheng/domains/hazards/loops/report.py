"""Reports of a major hidden danger (重大隐患双报告): to the regulator and to the workers, brief and in full."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_SEND = "hazards.findings.confirm@owner_org"
_HOUSE = "hazards.findings.confirm@system"

MAJOR_REPORT = register(
    Loop(
        code="hazards.report",
        name=_("重大隐患报告"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待报告"), owner=_SEND, due=on("due_at")),
            "SENT": State(_("已报告"), owner=None),
            "ENDED": State(_("无需报告"), owner=None),
        },
        moves={
            "send": Move("DUE", "SENT", by=_SEND, label=_("报告"), needs=("text",), primary=True),
            "end": Move("DUE", "ENDED", by=_HOUSE, label=_("无需报告")),
        },
        title=lambda row: row.title,
        url_name="hazards:report",
        ladder="task",
    )
)
