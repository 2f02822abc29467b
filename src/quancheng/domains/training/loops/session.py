"""Training sessions (培训班): planned, held with hours credited, and whether they had an effect."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.loops.declare import Loop, Move, State, on, register, within

_TEACH = "training.teach@owner_org"

SESSION = register(
    Loop(
        code="training.session",
        name=_("培训班"),
        version=1,
        start="PLANNED",
        states={
            "PLANNED": State(_("待开班、结班"), owner=_TEACH, due=on("ends_at")),
            "HELD": State(_("待效果检查"), owner=_TEACH, due=within(days=30)),
            "CHECKED": State(_("已检查效果"), owner=None),
            "CANCELLED": State(_("已取消"), owner=None),
        },
        moves={
            "close": Move("PLANNED", "HELD", by=_TEACH, label=_("结班并计学时"), primary=True),
            "check": Move("HELD", "CHECKED", by=_TEACH, label=_("登记效果检查"), needs=("text",), primary=True),
            "cancel": Move("PLANNED", "CANCELLED", by=_TEACH, label=_("取消培训班"), needs=("reason",)),
        },
        title=lambda row: f"{row.code} {row.course.title}",
        url_name="training:session",
        ladder="task",
        strip=("PLANNED", "HELD", "CHECKED"),
    )
)  # fmt: skip
