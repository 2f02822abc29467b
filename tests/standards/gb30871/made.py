"""Times, calendars and small facts for the tests of this folder."""

from __future__ import annotations

from datetime import datetime

from quancheng.standards.gb30871.basis import ZONE, Slot
from quancheng.standards.gb30871.levels import HotWork
from quancheng.standards.gb30871.upgrades import OfficialCalendar, Surroundings

#: 2026-03-02 is a Monday; the days around stand in an arrangement of our own making.
MONDAY, TUESDAY, SATURDAY, SUNDAY = "2026-03-02", "2026-03-03", "2026-03-07", "2026-03-08"
WEEK = OfficialCalendar({}, frozenset({2026}))
AROUND = Surroundings(calendar=WEEK)


def when(text: str) -> datetime:
    """``2026-03-03 10:00`` in legal time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def slot(day: str, start: str, end: str, until: str = "") -> Slot:
    return Slot(when(f"{day} {start}"), when(f"{until or day} {end}"))


def hot_work(**facts: object) -> HotWork:
    """Level II unless told otherwise: every fact of the place is known and harmless."""
    known: dict[str, object] = {
        "hazard_place": False,
        "on_running_equipment": False,
        "in_major_hazard_dike": False,
        "on_pipe_rack": False,
        "outdoor": False,
    }
    return HotWork(**{**known, **facts})  # type: ignore[arg-type]
