"""How long people are in a confined space (人员出入时长), and how long they may stay at a time.

The times are ours [D]: 6.8 asks for the register alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quancheng.domains.permits.models import Permit, SpaceEntry
from quancheng.domains.permits.queries.figures import parameters_of_many
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody inside: since when, and by when he is relieved."""

    entry: SpaceEntry
    minutes: int
    limit_min: int
    until: datetime
    is_late: bool

    @property
    def left_min(self) -> int:
        """Minutes until he is relieved; below 0 he should be out."""
        return self.limit_min - self.minutes


def limit_of(permit: Permit, figures: Parameters) -> timedelta:
    """How long somebody stays at a time, by what the draft tells of the space; of heat and apparatus the shorter."""
    told = str(permit.work.get("stay_class", ""))
    known = {"HOT": figures.stay_hot_min, "APPARATUS": figures.stay_apparatus_min}
    found = [minutes for name, minutes in known.items() if name in told.split("_")]
    return timedelta(minutes=float(min(found, default=figures.stay_usual_min)))


def stay_of(entry: SpaceEntry, limit: timedelta, now: datetime) -> Stay:
    """One entry that did not end."""
    until = entry.entered_at + limit
    return Stay(
        entry=entry, minutes=max(0, int((now - entry.entered_at).total_seconds() // 60)),
        limit_min=int(limit.total_seconds() // 60), until=until, is_late=now >= until,
    )  # fmt: skip


def stays_of(permits: Collection[Permit], now: datetime) -> Mapping[uuid.UUID, Sequence[Stay]]:
    """Who is inside under each of these permits, the longest first. Two queries, however many enterprises; none where
    no confined space is among them."""
    spaces = {one.pk: one for one in permits if one.kind == "CS"}
    if not spaces:
        return {}
    found: dict[uuid.UUID, list[Stay]] = {}
    rows = SpaceEntry.objects.filter(permit__in=list(spaces), left_at__isnull=True).select_related("person__person")
    inside = list(rows.order_by("entered_at", "pk"))
    files = {spaces[one.permit_id].file_id for one in inside}
    figures = parameters_of_many(files, Calendar().local_date(now))
    for one in inside:
        permit = spaces[one.permit_id]
        limit = limit_of(permit, figures[permit.file_id])
        found.setdefault(one.permit_id, []).append(stay_of(one, limit, now))
    return found
