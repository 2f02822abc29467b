"""Filing of work with the regulator (作业报备): information, not approval. Nothing here holds up a permit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_AUDIT = "permits.audit@owner_org"
_OWN = "permits.request@enterprise"
_CLOCK = "permits.audit@system"

FILING = register(
    Loop(
        code="permits.filing",
        name=_("作业报备"),
        version=1,
        start="SUBMITTED",
        states={
            "SUBMITTED": State(pgettext_lazy("work filing", "已报备，待阅收"), owner=_AUDIT, due=within(hours=24)),
            "RETURNED": State(pgettext_lazy("work filing", "退回补正"), owner=_OWN, due=within(hours=24)),
            "QUESTIONED": State(pgettext_lazy("work filing", "待说明"), owner=_OWN, due=within(hours=24)),
            "ACCEPTED": State(pgettext_lazy("work filing", "已阅收"), owner=_AUDIT, review=on("ends_at")),
            "TRACKED": State(pgettext_lazy("work filing", "跟踪中"), owner=_AUDIT, review=on("ends_at")),
            "CLOSED": State(pgettext_lazy("work filing", "已办结"), owner=None),
            "WITHDRAWN": State(pgettext_lazy("work filing", "已撤回"), owner=None),
        },
        moves={
            "accept": Move("SUBMITTED", "ACCEPTED", by=_AUDIT, label=_("阅收"), primary=True),
            "return": Move("SUBMITTED", "RETURNED", by=_AUDIT, label=_("退回补正"), needs=("reason",)),
            "question": Move(("SUBMITTED", "ACCEPTED", "TRACKED"), "QUESTIONED", by=_AUDIT, label=_("要求说明"),
                             needs=("reason",)),
            "answer": Move(("RETURNED", "QUESTIONED"), "SUBMITTED", by=_OWN, label=_("补正、说明后重新报备"),
                           needs=("text",), primary=True),
            "withdraw": Move(("SUBMITTED", "RETURNED", "QUESTIONED", "ACCEPTED"), "WITHDRAWN", by=_OWN,
                             label=_("撤回报备"), needs=("reason",)),
            "track": Move("ACCEPTED", "TRACKED", by=_CLOCK, label=_("作业开始，跟踪")),
            "end": Move(("ACCEPTED", "TRACKED"), "CLOSED", by=_CLOCK, label=_("作业结束，自动办结")),
            "close": Move(("ACCEPTED", "TRACKED"), "CLOSED", by=_AUDIT, label=_("办结"), primary=True),
        },
        title=lambda row: row.title,
        url_name="permits:filing",
        ladder="task",
        strip=("SUBMITTED", "ACCEPTED", "TRACKED", "CLOSED"),
    )
)  # fmt: skip
