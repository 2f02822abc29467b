"""A spot check of one permit by who supervises (抽查): drawn or chosen, then recorded the same day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_AUDIT = "permits.audit@owner_org"

SPOT = register(
    Loop(
        code="permits.spot_check",
        name=_("作业抽查"),
        version=1,
        start="DUE",
        states={
            "DUE": State(pgettext_lazy("spot check", "待抽查"), owner=_AUDIT, due=on("due_date")),
            "DONE": State(pgettext_lazy("spot check", "已抽查"), owner=None),
            "DROPPED": State(pgettext_lazy("spot check", "未抽查"), owner=None),
        },
        moves={
            "record": Move("DUE", "DONE", by=_AUDIT, label=_("记录抽查结果"), needs=("result",), primary=True),
            "drop": Move("DUE", "DROPPED", by=_AUDIT, label=_("说明未抽查原因"), needs=("reason",)),
        },
        title=lambda row: row.title,
        url_name="permits:spot_check",
        ladder="task",
        strip=("DUE", "DONE"),
    )
)
