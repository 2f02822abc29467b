"""The clock of check tasks: instances made in bulk, covered by stoppages, doubled in special periods (任务生成).

Set-based, so that one core makes a day's instances of ten thousand enterprises in a minute: a batch of tasks is read
with its stoppages in two queries and written in one. A run is idempotent by task and key, one at a time, and goes on
where the last one stopped; after an outage it looks back no further than :data:`CATCH_UP`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from quancheng.domains.hazards.models import CheckDue, CheckRun, CheckTask, SpecialPeriod, UnitStop
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.standards.risk.check_cycles import CHINA, Cycle, Due, Stop, doubled, due_moments

#: How far back instances are still made after an outage. [D]
CATCH_UP = timedelta(days=7)
#: Tasks of one batch, and rows of one statement.
BATCH, ROWS = 2000, 5000
HOURLY, OTHER = "hour", "other"
_READ = (
    "pk", "file_id", "unit_id", "post_id", "person_id", "work_type", "period", "every", "cycle_unit", "starts_at",
    "window_start", "window_end", "days",
)  # fmt: skip


@dataclass
class _Days:
    """What days are, asked once a run."""

    calendar: Calendar = field(default_factory=Calendar)
    known: dict[date, bool] = field(default_factory=dict)
    periods: list[SpecialPeriod] = field(default_factory=list)
    #: Division of each enterprise of a batch, where a period of one town may concern it.
    areas: dict[uuid.UUID, str] = field(default_factory=dict)

    def read_areas(self, files: set[uuid.UUID]) -> None:
        """Once a batch, and only where it matters where an enterprise lies."""
        if any(one.area_id for one in self.periods):
            rows = Enterprise.objects.filter(pk__in=files, area__isnull=False)
            self.areas = dict(rows.values_list("pk", "area__path"))

    def periods_of(self, file: uuid.UUID) -> list[SpecialPeriod]:
        return [one for one in self.periods if one.is_for(file, self.areas.get(file, ""))]

    def is_working_day(self, day: date) -> bool:
        if day not in self.known:
            self.known[day] = self.calendar.is_working_day(day)
        return self.known[day]


def _is_on(periods: Sequence[SpecialPeriod]) -> Callable[[date], bool]:
    return lambda day: any(one.first_date <= day <= one.last_date for one in periods)


def make_dues(*, now: datetime, hourly: bool) -> int:
    """Make what falls due until the horizon, for tasks of hours or for all others; returns how many rows are new.

    Tasks of hours are made a day ahead, all others to the end of tomorrow, so that a phone that lost its signal has
    what comes next.
    """
    code = HOURLY if hourly else OTHER
    until = _horizon(now, hourly)
    run = CheckRun.objects.filter(pk=code).first()
    since = max(run.until if run else _midnight(now), _midnight(now - CATCH_UP))
    if since >= until:
        return 0
    made, last = 0, uuid.UUID(int=0)
    days = _days(since, until)
    standing = CheckTask.objects.filter(ended_date__isnull=True).order_by("pk")
    standing = standing.filter(cycle_unit="hour") if hourly else standing.exclude(cycle_unit="hour")
    while batch := list(standing.filter(pk__gt=last).only(*_READ)[:BATCH]):
        made += _make(batch, since=since, until=until, days=days)
        last = batch[-1].pk
    CheckRun.objects.update_or_create(code=code, defaults={"until": until, "at": now})
    return made


def make_for(tasks: Sequence[CheckTask], *, now: datetime) -> int:
    """What of these tasks falls due from now on, as far as the clock made the others'; for a task that is new, that
    changed, or whose stoppage did. An instance whose day has begun is made too."""
    made = 0
    for hourly in (True, False):
        mine = [one for one in tasks if one.ended_date is None and (one.cycle_unit == "hour") == hourly]
        if not mine:
            continue
        run = CheckRun.objects.filter(pk=HOURLY if hourly else OTHER).first()
        until = max(run.until if run else now, _horizon(now, hourly))
        since = now if hourly else _midnight(now)
        made += _make(mine, since=since, until=until, days=_days(since, until))
    return made


def drop_unopened(tasks: Iterable[uuid.UUID], *, now: datetime) -> int:
    """Take away instances that have not opened yet: their task ended or changed, or a stoppage moves them."""
    return CheckDue.objects.filter(task__in=list(tasks), done_at__isnull=True, opens_at__gt=now).delete()[0]


def cover(stop: UnitStop) -> int:
    """Mark the instances of a unit that a stoppage covers whole, and take the mark from those it covers no longer."""
    mine = CheckDue.objects.filter(task__unit=stop.unit_id)
    within = Q(opens_at__gte=stop.begins_at)
    if stop.ends_at is not None:
        within &= Q(closes_at__lte=stop.ends_at)
    mine.filter(~within, covered_by=stop).update(covered_by=None)
    return mine.filter(within, done_at__isnull=True, covered_by__isnull=True).update(covered_by=stop)


def _make(tasks: Sequence[CheckTask], *, since: datetime, until: datetime, days: _Days) -> int:
    stops = _stops_of(tasks, since)
    days.read_areas({task.file_id for task in tasks})
    rows: list[CheckDue] = []
    made = 0
    for task in tasks:
        for due, is_extra in _dues_of(task, stops.get(task.unit_id, ()), since, until, days):
            rows.append(CheckDue(
                task_id=task.pk, file_id=task.file_id, post_id=task.post_id, person_id=task.person_id,
                work_type=task.work_type, key=due.key, opens_at=due.opens_at, due_at=due.due_at,
                closes_at=due.closes_at, is_moved=due.is_moved, is_extra=is_extra,
            ))  # fmt: skip
        if len(rows) >= ROWS:
            made += _write(rows)
            rows = []
    return made + _write(rows)


def _write(rows: Sequence[CheckDue]) -> int:
    """Rows that were not there yet."""
    if not rows:
        return 0
    with transaction.atomic():
        known = set(
            CheckDue.objects.filter(
                task__in={row.task_id for row in rows}, key__in={row.key for row in rows}
            ).values_list("task_id", "key")
        )
        fresh = [row for row in rows if (row.task_id, row.key) not in known]
        # Two at once: the second finds the first's rows and leaves them.
        CheckDue.objects.bulk_create(fresh, batch_size=ROWS, ignore_conflicts=True)
    return len(fresh)


def _dues_of(
    task: CheckTask, stops: Sequence[Stop], since: datetime, until: datetime, days: _Days
) -> Iterable[tuple[Due, bool]]:
    cycle = cycle_of(task)
    found = due_moments(cycle, since=since, until=until, is_working_day=days.is_working_day, stops=stops)
    periods = days.periods_of(task.file_id)
    if task.period:
        is_on = _is_on([one for one in periods if one.code == task.period])
        found = tuple(due for due in found if is_on(due.due_at.astimezone(CHINA).date()))
    yield from ((due, False) for due in found)
    doubling = [one for one in periods if one.doubles]
    if doubling:
        for due in doubled(cycle, found, is_on=_is_on(doubling)):
            if not any(stop.holds(due.due_at) for stop in stops):
                yield due, True


def cycle_of(task: CheckTask) -> Cycle:
    """A task's cycle as the standard takes it."""
    return Cycle(
        every=task.every, unit=task.cycle_unit, starts_at=task.starts_at, window_start=task.window_start,
        window_end=task.window_end, days=task.days,
    )  # fmt: skip


def _stops_of(tasks: Sequence[CheckTask], since: datetime) -> Mapping[uuid.UUID | None, list[Stop]]:
    units = {task.unit_id for task in tasks if task.unit_id}
    live = Q(ends_at__isnull=True) | Q(ends_at__gt=since)
    found: dict[uuid.UUID | None, list[Stop]] = defaultdict(list)
    rows = UnitStop.objects.filter(live, unit__in=units).values_list("unit_id", "begins_at", "ends_at")
    for unit, begins_at, ends_at in rows.order_by("pk"):
        found[unit].append(Stop(begins_at=begins_at, ends_at=ends_at))
    return found


def _days(since: datetime, until: datetime) -> _Days:
    """Periods are asked for over a whole cycle of three months more: an extra instance may lie that far ahead."""
    days = _Days()
    first, last = days.calendar.local_date(since), days.calendar.local_date(until) + timedelta(days=92)
    standing = SpecialPeriod.objects.filter(cancelled_at__isnull=True, last_date__gte=first, first_date__lte=last)
    days.periods = list(standing.select_related("area").order_by("pk"))
    return days


def _horizon(now: datetime, hourly: bool) -> datetime:
    return now + timedelta(days=1) if hourly else _midnight(now) + timedelta(days=2)


def _midnight(now: datetime) -> datetime:
    calendar = Calendar()
    return calendar.start_of(calendar.local_date(now))
