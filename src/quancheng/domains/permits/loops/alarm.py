"""A work alarm (作业报警) from its raising to what was done about it (AQ 3064.2-2025, 5.9.10).

The enterprise acknowledges and disposes of it; what its cause put right by itself the house settles. Offices read.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_OWN = "permits.work@enterprise"
_HOUSE = "permits.work@system"
#: Until somebody acknowledges, by level [D].
ACK_WITHIN = {1: timedelta(minutes=2), 2: timedelta(minutes=10)}

ALARM = register(
    Loop(
        code="permits.alarm",
        name=_("作业报警"),
        version=1,
        start="RAISED",
        states={
            "RAISED": State(pgettext_lazy("work alarm", "待确认"), owner=_OWN, due=on("ack_by")),
            "HANDLING": State(pgettext_lazy("work alarm", "处置中"), owner=_OWN, due=within(hours=24)),
            "CLOSED": State(pgettext_lazy("work alarm", "已处置"), owner=None),
            "FALSE": State(pgettext_lazy("work alarm", "误报"), owner=None),
        },
        moves={
            "acknowledge": Move("RAISED", "HANDLING", by=_OWN, label=pgettext_lazy("work alarm", "确认报警"),
                                primary=True, whoever=True),
            "close": Move(("RAISED", "HANDLING"), "CLOSED", by=_OWN, label=_("填写处置结果"), needs=("text",),
                          whoever=True),
            "false": Move(("RAISED", "HANDLING"), "FALSE", by=_OWN, label=pgettext_lazy("work alarm", "属误报"),
                          needs=("reason",)),
            "settle": Move(("RAISED", "HANDLING"), "CLOSED", by=_HOUSE, label=_("原因消除，自动处置")),
        },
        title=lambda row: row.title,
        url_name="permits:alarm",
        ladder="task",
        strip=("RAISED", "HANDLING", "CLOSED"),
    )
)  # fmt: skip
