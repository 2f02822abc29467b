"""The loop of a key environmental facility's safety assessment (重点环保设施安全评估)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_OWN = "risk.list.keep@owner_org"
_OFFICE = "risk.list.enter@supervisor"
_CLOCK = "risk.gradings.judge@system"

ENVIRONMENTAL = register(
    Loop(
        code="risk.environmental_facility",
        name=_("重点环保设施安全评估"),
        version=1,
        start="OPEN",
        states={
            "OPEN": State(pgettext_lazy("environmental", "未评估"), owner=_OWN, due=on("due_date")),
            "ASSESSED": State(_("已评估"), owner=_OWN, review=on("review_date")),
            "DUE": State(_("待重新评估"), owner=_OWN, due=on("due_date")),
            "ENDED": State(_("已停用拆除"), owner=None),
        },
        moves={
            "assess": Move(("OPEN", "DUE", "ASSESSED"), "ASSESSED", by=_OWN, label=_("登记评估、排查结果"),
                           primary=True),
            "order": Move("ASSESSED", "DUE", by=_OFFICE, label=_("要求重新评估"), needs=("reason",)),
            "change": Move("ASSESSED", "DUE", by=_OWN, label=_("设施变更，重新评估"), needs=("reason",)),
            "expire": Move("ASSESSED", "DUE", by=_CLOCK, label=_("到期，待重新评估")),
            "end": Move(("OPEN", "DUE", "ASSESSED"), "ENDED", by=_OWN, label=_("停用拆除"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:environmental_facility",
        ladder="task",
        strip=("OPEN", "ASSESSED", "DUE"),
    )
)  # fmt: skip
