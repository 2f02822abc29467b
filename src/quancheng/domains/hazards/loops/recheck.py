"""The regulator looks again at a danger that was closed (复查)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_SUPERVISE = "hazards.findings.supervise@owner_org"

RECHECK = register(
    Loop(
        code="hazards.recheck",
        name=_("隐患复查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待复查"), owner=_SUPERVISE, due=on("due_date")),
            "PASSED": State(_("复查合格"), owner=None),
            "FAILED": State(_("复查不合格，已重新立案"), owner=None),
        },
        moves={
            "pass": Move("DUE", "PASSED", by=_SUPERVISE, label=_("复查合格"), needs=("text",), primary=True),
            "fail": Move("DUE", "FAILED", by=_SUPERVISE, label=_("复查不合格，重新立案"), needs=("text",)),
        },
        title=lambda row: row.title,
        url_name="hazards:recheck",
        ladder="task",
    )
)
