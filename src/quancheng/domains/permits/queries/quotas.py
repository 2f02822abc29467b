"""Quotas of jobs (作业配额): how many a unit may have at a time, and whether there is room for one more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import EnterpriseFigure, Permit
from quancheng.domains.permits.queries.figures import read_figure
from quancheng.domains.permits.queries.plan_decisions import agreed_ones, days_of
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871.checks.planning import QUOTAS, UNIT
from quancheng.standards.gb30871.parameters import Parameters, with_changes

#: States of which a meeting still decides: nothing is issued yet.
OPEN = ("REQUESTED", "PREPARING", "APPROVING")
#: What stands in the plan of a day until it ends.
PLANNED = (*OPEN, *RUNNING)
#: Work that began stands until it ends, whatever its window.
_BEGUN = ("WORKING", "SUSPENDED")
_LAST = datetime.max.replace(tzinfo=UTC)


class _Beside(NamedTuple):
    """Another job, with what decides whether it takes a place."""

    pk: uuid.UUID
    kind: str
    level: str
    effective: str
    status: str
    window_start: datetime
    window_end: datetime
    finished_at: datetime | None
    ended_at: datetime | None


_Job = Permit | _Beside


def span_of(day: date) -> tuple[datetime, datetime]:
    """When a day begins and the next does, in the district's time."""
    return Calendar().start_of(day), Calendar().start_of(day + timedelta(days=1))


def counts_for(name: str, permit: _Job) -> bool:
    """Whether a job counts in a quota."""
    if name == "zone_jobs_max":
        return True
    return permit.kind == "HW" and (name == "zone_hw_max" or "S" in (permit.effective, permit.level))


def _end_of(one: _Job, now: datetime | None) -> datetime:
    """Until when a job takes its place: what was finished earlier leaves it, what overran keeps it."""
    if now is not None and one.status in _BEGUN and one.window_end <= now:
        return _LAST
    return min(one.window_end, one.finished_at or one.ended_at or one.window_end)


def most_at_once(jobs: Iterable[_Job], begin: datetime, end: datetime, *, now: datetime | None = None) -> int:
    """How many of some jobs stand beside each other at most between two moments.

    :param now: work that overran counts on; None: windows alone.
    """
    edges: list[tuple[datetime, int]] = []
    for one in jobs:
        last = _end_of(one, now)
        if one.window_start < end and last > begin:
            edges += [(max(one.window_start, begin), 1), (min(last, end), -1)]
    most = number = 0
    # What ends at a moment leaves before what begins then comes.
    for _at, step in sorted(edges):
        number += step
        most = max(most, number)
    return most


def limits_on(file: uuid.UUID, days: Sequence[date]) -> Mapping[date, Parameters]:
    """The quotas of an enterprise on each of some days, in order. One query."""
    if not days:
        return {}
    rows = list(
        EnterpriseFigure.objects.filter(file=file, name__in=QUOTAS, from_date__lte=days[-1])
        .order_by("from_date", "entered_at", "pk")
    )  # fmt: skip
    return {
        day: with_changes({row.name: read_figure(row.value) for row in rows if row.from_date <= day}) for day in days
    }


@dataclass(frozen=True, slots=True)
class Full:
    """A quota in which there is no room: its name, or ``unit`` where the job names none; the first day of it, how many
    there would be, and how many there may be."""

    name: str
    day: date
    count: int = 0
    limit: int = 0


def names_no_unit(permit: Permit, now: datetime) -> Full | None:
    """Whether a quota counts a job that does not say at which unit it is. One query where it does not."""
    if permit.unit_id is not None:
        return None
    for day, figures in limits_on(permit.file_id, days_of(permit, now)).items():
        if any(getattr(figures, name) > 0 and counts_for(name, permit) for name in QUOTAS):
            return Full(UNIT, day)
    return None


def full_for(permit: Permit, now: datetime, *, reserved: bool) -> Full | None:
    """The first quota, on any day of its window, that a job would exceed; None where there is room. One query where no
    quota is set, four or five where one is.

    :param reserved: whether what a meeting agreed to and is not issued yet takes its place already.
    """
    if permit.unit_id is None:
        return names_no_unit(permit, now)
    limits = limits_on(permit.file_id, days_of(permit, now))
    if not any(getattr(figures, name) > 0 for figures in limits.values() for name in QUOTAS):
        return None
    rows = Permit.objects.filter(file=permit.file_id, unit=permit.unit_id, window_start__lt=permit.window_end)
    standing = Q(window_end__gt=max(permit.window_start, now)) | Q(status__in=_BEGUN)
    planned = rows.filter(standing).exclude(pk=permit.pk)
    # Nothing else of what stands is read: at a large unit it is much.
    standing_now = planned.filter(status__in=PLANNED if reserved else RUNNING).values_list(*_Beside._fields)
    others = [_Beside(*one) for one in standing_now]
    open_ones = [one.pk for one in others if one.status in OPEN]
    agreed = agreed_ones(list(planned.filter(pk__in=open_ones)), now) if open_ones else frozenset()
    beside = [one for one in others if one.status in RUNNING or one.pk in agreed]
    for day, figures in limits.items():
        first, last = span_of(day)
        begin, end = max(first, permit.window_start, now), min(last, permit.window_end)
        for name in QUOTAS:
            limit = int(getattr(figures, name))
            if limit <= 0 or not counts_for(name, permit) or begin >= end:
                continue
            counted: list[_Job] = [one for one in beside if counts_for(name, one)]
            number = most_at_once([*counted, permit], begin, end, now=now)
            if number > limit:
                return Full(name, day, number, limit)
    return None
