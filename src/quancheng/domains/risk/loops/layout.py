"""The loop of a case of layout (布局问题协调): a distance too short or a use out of place, until it is settled."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

#: The department that coordinates it owns the row.
_COORDINATOR = "risk.layout.coordinate@owner_org"

LAYOUT = register(
    Loop(
        code="risk.layout_case",
        name=_("布局问题协调"),
        version=1,
        start="FOUND",
        states={
            "FOUND": State(pgettext_lazy("layout", "待协调"), owner=_COORDINATOR, due=within(working_days=10)),
            "COORDINATING": State(pgettext_lazy("layout", "协调中"), owner=_COORDINATOR, due=on("due_date")),
            "SETTLED": State(pgettext_lazy("layout", "已落实"), owner=None),
        },
        moves={
            "coordinate": Move("FOUND", "COORDINATING", by=_COORDINATOR, label=_("开始协调"), needs=("text",),
                               primary=True),
            "progress": Move("COORDINATING", "COORDINATING", by=_COORDINATOR, label=_("登记协调进展"),
                             needs=("text",)),
            "settle": Move(("FOUND", "COORDINATING"), "SETTLED", by=_COORDINATOR, label=_("登记落实结果"),
                           needs=("text",), primary=True),
        },
        title=lambda row: f"{row.code} {row.title}",
        url_name="risk:layout_case",
        ladder="task",
    )
)  # fmt: skip
