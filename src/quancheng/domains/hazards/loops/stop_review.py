"""The regulator looks at a stoppage by which check tasks may be dodged (停用核查)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, register, within

_JUDGE = "hazards.checks.judge@owner_org"
_KEEP = "hazards.checks.keep@enterprise"

STOP_REVIEW = register(
    Loop(
        code="hazards.stop_review",
        name=_("停用核查"),
        version=1,
        start="WAITING",
        states={
            "WAITING": State(_("待核查"), owner=_JUDGE, due=within(working_days=5)),
            "OBJECTED": State(_("待企业说明"), owner=_KEEP, due=within(working_days=3)),
            "ACCEPTED": State(_("同意停用"), owner=None),
            "ENDED": State(_("停用已结束"), owner=None),
        },
        moves={
            "accept": Move("WAITING", "ACCEPTED", by=_JUDGE, label=_("同意停用"), needs=("comment",), primary=True),
            "object": Move("WAITING", "OBJECTED", by=_JUDGE, label=_("提出异议"), needs=("reason",)),
            "answer": Move("OBJECTED", "WAITING", by=_KEEP, label=_("说明情况"), needs=("text",), primary=True),
            "end": Move(("WAITING", "OBJECTED"), "ENDED", by="hazards.checks.judge@system", label=_("停用已结束")),
        },
        title=lambda row: row.title,
        url_name="hazards:stop_review",
        ladder="task",
    )
)
