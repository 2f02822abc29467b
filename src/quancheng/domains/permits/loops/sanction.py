"""A sanction to test (试运授权): asked for, crews clear, granted by a second person, ended, isolation proved anew."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_WORK = "permits.work@enterprise"
_UNIT = "permits.sign_unit@enterprise"
_CLOCK = "permits.work@system"
#: Its points are open, or not proved anew: nothing that relies on them starts or goes on.
UNDER_TEST = ("GRANTED", "RESTORING")
#: Not ended: a point is in one of these at a time, and nothing that relies on it starts or goes on.
OPEN_SANCTIONS = ("ASKED", *UNDER_TEST)

SANCTION = register(
    Loop(
        code="permits.sanction",
        name=_("试运授权"),
        version=1,
        start="ASKED",
        states={
            "ASKED": State(pgettext_lazy("sanction", "待清场签认和批准"), owner=_UNIT, due=within(hours=4)),
            "GRANTED": State(pgettext_lazy("sanction", "试运中"), owner=_WORK, due=on("ends_at")),
            "RESTORING": State(pgettext_lazy("sanction", "试运结束，待恢复隔离"), owner=_WORK, due=within(hours=2)),
            "CLOSED": State(pgettext_lazy("sanction", "已恢复并验证"), owner=None),
            "DROPPED": State(pgettext_lazy("sanction", "未授权"), owner=None),
        },
        moves={
            "grant": Move("ASKED", "GRANTED", by=_UNIT, label=_("批准试运"), primary=True, whoever=True),
            "drop": Move("ASKED", "DROPPED", by=_WORK, label=_("不再试运"), needs=("reason",), whoever=True),
            "lapse": Move("ASKED", "DROPPED", by=_CLOCK, label=_("试运申请失效"), needs=("reason",)),
            "end": Move("GRANTED", "RESTORING", by=_WORK, label=_("结束试运"), needs=("note",), primary=True,
                        whoever=True),
            "restore": Move("RESTORING", "CLOSED", by=_CLOCK, label=_("隔离已恢复并验证")),
        },
        title=lambda row: row.title,
        url_name="permits:sanction",
        strip=("ASKED", "GRANTED", "RESTORING", "CLOSED"),
    )
)  # fmt: skip
