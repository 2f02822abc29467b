"""The term of a major danger ended and it is not put right: the regulator looks on site (期满现场审查)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_SUPERVISE = "hazards.findings.supervise@owner_org"
_HOUSE = "hazards.findings.supervise@system"

EXPIRY_REVIEW = register(
    Loop(
        code="hazards.expiry_review",
        name=_("期满现场审查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待现场审查"), owner=_SUPERVISE, due=on("due_date")),
            "DONE": State(_("已审查"), owner=None),
            "ENDED": State(_("无需审查"), owner=None),
        },
        moves={
            "review": Move("DUE", "DONE", by=_SUPERVISE, label=_("登记审查情况"), needs=("text", "visited"),
                           primary=True),
            "end": Move("DUE", "ENDED", by=_HOUSE, label=_("无需审查")),
        },
        title=lambda row: row.title,
        url_name="hazards:expiry_review",
        ladder="task",
    )
)  # fmt: skip
