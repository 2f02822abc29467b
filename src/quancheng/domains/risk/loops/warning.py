"""The loop of a warning (预警处置): an enterprise's index turned orange or red, and somebody must act."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.declare import Due, Loop, Move, State, register, within

_OWN = "risk.list.keep@owner_org"
_JUDGE = "risk.gradings.judge@supervisor"
_CLOCK = "risk.gradings.judge@system"
#: Hours in which red is answered, and working days for orange. [D]
RED_HOURS, ORANGE_DAYS = 24, 3


def _by_level() -> Due:
    later = within(working_days=ORANGE_DAYS)

    def due(row: Any, entered_at: datetime, calendar: Calendar) -> datetime | None:
        return entered_at + timedelta(hours=RED_HOURS) if row.level == 1 else later(row, entered_at, calendar)

    # What the page of the loop says: without it that named the function where it lay in memory.
    due.__doc__ = f"red within {RED_HOURS} hours, orange within {ORANGE_DAYS} working days"
    return due


WARNING = register(
    Loop(
        code="risk.warning",
        name=_("风险预警处置"),
        version=1,
        start="RAISED",
        states={
            "RAISED": State(_("待处置"), owner=_OWN, due=_by_level()),
            "ANSWERED": State(_("待核实"), owner=_JUDGE, due=within(working_days=3)),
            "CLOSED": State(_("已解除"), owner=None),
        },
        moves={
            "answer": Move("RAISED", "ANSWERED", by=_OWN, label=_("上报处置情况"), needs=("evidence",), primary=True),
            "confirm": Move("ANSWERED", "CLOSED", by=_JUDGE, label=_("核实解除"), primary=True),
            "return": Move("ANSWERED", "RAISED", by=_JUDGE, label=_("退回继续处置"), needs=("reason",)),
            "worsen": Move(("RAISED", "ANSWERED"), "RAISED", by=_CLOCK, label=_("预警升级")),
            "lapse": Move(("RAISED", "ANSWERED"), "CLOSED", by=_CLOCK, label=_("指数回落，自动解除")),
        },
        title=lambda row: row.title,
        url_name="risk:warning",
        ladder="task",
        strip=("RAISED", "ANSWERED", "CLOSED"),
    )
)  # fmt: skip
