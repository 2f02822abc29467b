"""Interlocks and detectors that are bypassed for a time (联锁旁路): asked for, approved by two, put back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_HOLD = "monitoring.hold@owner_org"
_CONFIRM = "monitoring.confirm@owner_org"
_HOUSE = "monitoring.hold@system"

BYPASS = register(
    Loop(
        code="monitoring.bypass",
        name=_("联锁旁路"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(pgettext_lazy("bypass", "待第一人批准"), owner=_CONFIRM, due=within(hours=1)),
            "AGREED": State(pgettext_lazy("bypass", "待第二人批准"), owner=_CONFIRM, due=within(hours=1)),
            "STANDING": State(pgettext_lazy("bypass", "旁路中"), owner=_HOLD, due=on("until")),
            "RESTORED": State(pgettext_lazy("bypass", "已恢复"), owner=None),
            "REFUSED": State(_("未批准"), owner=None),
        },
        moves={
            "agree": Move("ASKED", "AGREED", by=_CONFIRM, label=_("第一人批准"), primary=True),
            "allow": Move(
                "AGREED", "STANDING", by=_CONFIRM, label=_("第二人批准"), not_by=("agree",), primary=True
            ),
            "refuse": Move(("ASKED", "AGREED"), "REFUSED", by=_CONFIRM, label=_("不予批准"), needs=("reason",)),
            "withdraw": Move(("ASKED", "AGREED"), "REFUSED", by=_HOLD, label=_("撤回")),
            "restore": Move(
                "STANDING", "RESTORED", by=_HOLD, label=pgettext_lazy("bypass", "恢复投用"), needs=("note",),
                primary=True,
            ),
            "lapse": Move(("ASKED", "AGREED"), "REFUSED", by=_HOUSE, label=_("逾期未批准")),
        },
        title=lambda row: row.title,
        url_name="monitoring:bypass",
    )
)  # fmt: skip
