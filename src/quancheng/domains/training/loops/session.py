"""Training sessions (培训班): planned, held with hours credited, and whether they had an effect."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.declare import Loop, Move, State, on, register

_TEACH = "training.teach@owner_org"
#: Days after its last day within which it is found out whether a class had an effect.
EFFECT_DAYS = 30


def _effect_due(row: Any, entered_at: datetime, calendar: Calendar) -> datetime:
    """30 days after the last day of the class, or after this day was closed where that was later."""
    day = calendar.local_date(max(row.class_ends_at or row.ends_at, entered_at))
    return calendar.end_of(day + timedelta(days=EFFECT_DAYS))

SESSION = register(
    Loop(
        code="training.session",
        name=_("培训班"),
        version=1,
        start="PLANNED",
        states={
            "PLANNED": State(_("待开班、结班"), owner=_TEACH, due=on("ends_at")),
            "HELD": State(_("待效果检查"), owner=_TEACH, due=_effect_due),
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
