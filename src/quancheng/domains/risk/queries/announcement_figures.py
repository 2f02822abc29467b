"""Announcements counted (承诺公告统计): a day by town, and how punctual months were."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from quancheng.domains.risk.models import Announcement
from quancheng.domains.risk.queries.announcements import (
    DOUBTED,
    ON_TIME,
    UNCONTROLLED,
    is_late,
    is_waiting,
    list_announcements,
)
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area

#: What is counted.
COUNTS = ("owed", "announced", "on_time", "late", "open", "doubted", "uncontrolled")


def _conditions(now: datetime) -> dict[str, Q]:
    """Each count with its condition. Excused ones are owed by nobody; whose hour is over is late, not open."""
    return {
        "owed": ~Q(status="EXCUSED"), "announced": Q(status="PUBLISHED"), "on_time": ON_TIME, "late": is_late(now),
        "open": is_waiting(now), "doubted": DOUBTED, "uncontrolled": UNCONTROLLED,
    }  # fmt: skip


@dataclass(slots=True)
class Line:
    """One town or one month, with its counts by name."""

    area: Area | None = None
    month: date | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    special: int = 0

    @property
    def settled(self) -> int:
        """Those that were owed and are no longer open."""
        return self.counts["owed"] - self.counts["open"]

    @property
    def rate(self) -> float | None:
        """Percent announced in time of those owed (K35); None where none is settled."""
        return None if not self.settled else round(100 * self.counts["on_time"] / self.settled, 1)

    def add(self, other: Line) -> None:
        for name, number in other.counts.items():
            self.counts[name] += number
        self.special += other.special


def _counted(rows: QuerySet[Announcement], by: str, now: datetime) -> QuerySet[Announcement, dict[str, Any]]:
    sums = {name: Count("pk", filter=condition) for name, condition in _conditions(now).items()}
    return rows.order_by().values(by).annotate(**sums, special=Sum("special_count"))


def _line(row: dict[str, Any]) -> Line:
    made = Line(special=row["special"] or 0)
    made.counts = {name: row[name] for name in COUNTS}
    return made


def by_town(*, actor: Actor, day: date, now: datetime) -> Sequence[Line]:
    """Announcements of a day that the actor may see, by street or town in the order of their names."""
    places = Towns()
    towns: dict[uuid.UUID | None, Line] = {}
    for row in _counted(list_announcements(actor=actor).filter(day=day), "area", now):
        town = places.of(row["area"])
        line = towns.setdefault(town.pk if town else None, Line(area=town))
        line.add(_line(row))
    return by_name(towns.values())


def by_month(*, actor: Actor, town: str, now: datetime, months: int = 12) -> Sequence[Line]:
    """The last months with announcements that the actor may see, the newest first. :param town: path of an area."""
    rows = list_announcements(actor=actor)
    if town:
        rows = rows.filter(area__path__startswith=town)
    found = []
    by_first: QuerySet[Any, dict[str, Any]] = _counted(rows.annotate(month=TruncMonth("day")), "month", now)
    ordered: Any = by_first.order_by("-month")
    for row in ordered[:months]:
        line = _line(row)
        line.month = row["month"]
        found.append(line)
    return found
