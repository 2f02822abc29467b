"""Alarms that are kept silent for a time (报警搁置、停用): asked for, allowed, ended."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_HOLD = "monitoring.hold@owner_org"
_CONFIRM = "monitoring.confirm@owner_org"
_HOUSE = "monitoring.hold@system"

HOLD = register(
    Loop(
        code="monitoring.hold",
        name=_("报警搁置与停用"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(_("待批准"), owner=_CONFIRM, due=within(hours=1)),
            "STANDING": State(_("生效"), owner=_HOLD, due=on("until")),
            "ENDED": State(_("已结束"), owner=None),
            "REFUSED": State(_("未批准"), owner=None),
        },
        moves={
            "allow": Move("ASKED", "STANDING", by=_CONFIRM, label=_("批准"), primary=True),
            "refuse": Move("ASKED", "REFUSED", by=_CONFIRM, label=_("不予批准"), needs=("reason",)),
            "begin": Move("ASKED", "STANDING", by=_HOUSE, label=_("生效")),
            "withdraw": Move("ASKED", "REFUSED", by=_HOLD, label=_("撤回")),
            "end": Move("STANDING", "ENDED", by=_HOLD, label=_("恢复报警"), primary=True),
            "expire": Move(("ASKED", "STANDING"), "ENDED", by=_HOUSE, label=_("到期恢复")),
        },
        title=lambda row: row.title,
        url_name="monitoring:hold",
    )
)
