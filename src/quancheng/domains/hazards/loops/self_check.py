"""The main person leads a check for major dangers once a period (主要负责人带队排查): owed, deputed, recorded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_SIGN = "hazards.self_checks.sign@owner_org"
_RECORD = "hazards.self_checks.record@owner_org"
_CLOCK = "hazards.self_checks.sign@system"

SELF_CHECK = register(
    Loop(
        code="hazards.self_check",
        name=_("主要负责人带队排查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(_("待带队排查"), owner=_SIGN, due=on("due_date")),
            "DEPUTED": State(_("已委托，待排查"), owner=_RECORD, due=on("due_date"), person="deputy"),
            "DONE": State(_("已排查并签字"), owner=None),
            "ENDED": State(_("不再需要"), owner=None),
        },
        moves={
            "record": Move("DUE", "DONE", by=_SIGN, label=_("登记排查并签字"), needs=("signed",), primary=True),
            "depute": Move("DUE", "DEPUTED", by=_SIGN, label=_("委托他人带队"), needs=("deputy", "reason")),
            "record_deputed": Move("DEPUTED", "DONE", by=_RECORD, label=_("受委托登记并签字"), needs=("signed",),
                                   primary=True),
            "recall": Move("DEPUTED", "DUE", by=_SIGN, label=_("收回委托"), needs=("reason",)),
            "end": Move(("DUE", "DEPUTED"), "ENDED", by=_CLOCK, label=_("不再需要")),
        },
        title=lambda row: row.title,
        url_name="hazards:self_check",
        ladder="task",
        strip=("DUE", "DEPUTED", "DONE"),
    )
)  # fmt: skip
