"""What a guarantor of major hazards owes in one period (包保履职): closed by his records, or explained."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_PERFORM = "hazards.guarantors.perform@owner_org"
_CLOCK = "hazards.guarantors.perform@system"

GUARANTOR_ROUND = register(
    Loop(
        code="hazards.guarantor_round",
        name=_("包保履职"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("履职中"), owner=_PERFORM, due=on("due_date"), person="person"),
            "DONE": State(_("已全部履职"), owner=None),
            "EXPLAINED": State(_("未全部履职，已说明"), owner=None),
            "ENDED": State(_("不再需要"), owner=None),
        },
        moves={
            "complete": Move("DUE", "DONE", by=_CLOCK, label=_("全部履职")),
            "explain": Move("DUE", "EXPLAINED", by=_PERFORM, label=_("说明未履职的原因"), needs=("reason",),
                            primary=True),
            "end": Move("DUE", "ENDED", by=_CLOCK, label=_("不再需要")),
        },
        title=lambda row: row.title,
        url_name="hazards:guarantor_round",
        ladder="task",
    )
)  # fmt: skip
