"""The wall chart (挂图作战): tasks with units, officials, deadlines, lights and last progress, in several views."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, QuerySet

from quancheng.domains.duty.lights import RED, YELLOW, light_case
from quancheng.domains.duty.models import Assignment, Support, Task
from quancheng.domains.duty.queries.plans import plan_texts
from quancheng.domains.duty.queries.rollup import Rolled, roll_up
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar

#: Rows of a chart on a page; a wall has no room for more, and what is left out is said. A file has them all.
MOST_ROWS = 600
#: A printed number that opens a task's text: the chart counts for itself.
_MARK = re.compile(r"^\s*(?:（[一二三四五六七八九十\d]{1,3}）|\d{1,2}[.、．]{1,2})(?=[\u4e00-\u9fff“《])")
#: Columns of the months' matrix.
MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead unit of a row."""

    org_id: uuid.UUID
    name: str
    is_town: bool
    light: str
    progress: int
    assignment_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class WallRow:
    """One task of the chart. ``light`` and ``progress`` are rolled up, see ``rollup``."""

    task_id: uuid.UUID
    number: int
    code: str
    level1: str
    level2: str
    measure: str
    persons: str
    leads: tuple[Lead, ...]
    supports: str
    official: str
    start: date
    due: date | None
    review: date | None
    due_text: str
    light: str
    progress: int
    last_progress: str
    plan: str
    plan_id: uuid.UUID | None = None
    #: Whether it stands in its plan's own chart.
    in_chart: bool = False

    @property
    def short(self) -> str:
        """The measure as far as a page shows it; what leaves the house has it whole."""
        return self.measure if len(self.measure) <= 300 else self.measure[:299] + "…"

    @property
    def units(self) -> str:
        return "、".join(lead.name for lead in self.leads)


def list_rows(
    *,
    actor: Actor,
    now: datetime,
    plan_id: uuid.UUID | None = None,
    org_id: uuid.UUID | None = None,
    official: str = "",
    is_whole: bool = False,
) -> tuple[list[WallRow], bool]:
    """Rows of the chart in the plans' order, and whether there were more than a page shows. Six queries.

    A task of the text that rows of the plan's own chart carry out is left to them.

    :param is_whole: all of them, however many.
    """
    assignments: QuerySet[Assignment] = (
        Assignment.objects.visible_to(actor)
        .filter(parent__isnull=True)
        .exclude(status="CANCELLED")
        .select_related("org", "person")
        .annotate(light=light_case(now=now))
        .order_by("org__pinyin", "pk")
    )
    tasks = (
        _tasks(actor, plan_id, org_id, official)
        .select_related("plan")
        .defer(*plan_texts("plan"))
        .prefetch_related(
            Prefetch("assignments", queryset=assignments, to_attr="leads"),
            Prefetch("supports", queryset=Support.objects.select_related("org").order_by("org__pinyin")),
        )
        .order_by("-plan__imported_at", "plan_id", "order", "code", "pk")
    )
    found = list(tasks if is_whole else tasks[: MOST_ROWS + 1])
    is_cut = not is_whole and len(found) > MOST_ROWS
    if is_cut:
        found = found[:MOST_ROWS]
    rolled = roll_up(actor=actor, tasks=[task.pk for task in found], now=now)
    numbers: dict[tuple[Any, str, str], int] = {}
    rows = []
    for task in found:
        place = (task.plan_id, task.level1, task.level2)
        numbers[place] = numbers.get(place, 0) + 1
        rows.append(_row(task, numbers[place], rolled[task.pk]))
    return rows, is_cut


def is_long(
    *, actor: Actor, plan_id: uuid.UUID | None = None, org_id: uuid.UUID | None = None, official: str = ""
) -> bool:
    """Whether the chart has more rows than a page shows, so that its file is drawn in the background. One query."""
    return _tasks(actor, plan_id, org_id, official)[: MOST_ROWS + 1].count() > MOST_ROWS


def _tasks(actor: Actor, plan_id: uuid.UUID | None, org_id: uuid.UUID | None, official: str) -> QuerySet[Task]:
    tasks = (
        Task.objects.visible_to(actor)
        .exclude(status="CANCELLED")
        .exclude(assignments__isnull=True, served_by__isnull=False)
    )
    if plan_id is not None:
        tasks = tasks.filter(plan=plan_id)
    else:
        tasks = tasks.exclude(plan__status__in=("CLOSED", "DISCARDED"))
    if org_id is not None:
        led = Assignment.objects.visible_to(actor).filter(org=org_id, parent__isnull=True)
        tasks = tasks.filter(pk__in=led.values("task"))
    if official:
        tasks = tasks.filter(leading_official=official)
    return tasks


def _row(task: Task, number: int, rolled: Rolled) -> WallRow:
    leads: list[Assignment] = task.leads  # type: ignore[attr-defined]
    latest = max(
        (one for one in leads if one.last_report_at is not None),
        key=lambda one: (one.last_report_at, one.pk),
        default=None,
    )
    persons = task.persons or "、".join(dict.fromkeys(one.person.name for one in leads if one.person))
    return WallRow(
        task_id=task.pk,
        number=number,
        code=task.code,
        level1=task.level1,
        level2=task.level2,
        measure=_MARK.sub("", task.text),
        persons=persons,
        leads=tuple(
            Lead(one.org_id, one.org.label, one.org.kind == "town", one.light, one.progress, one.pk)  # type: ignore[attr-defined]
            for one in leads
        ),
        supports="、".join(one.org.label for one in task.supports.all()),
        official=task.leading_official,
        start=task.start_date,
        due=task.due_date,
        review=task.review_date,
        due_text=_due_text(task),
        light=rolled.light,
        progress=rolled.progress,
        last_progress=f"{latest.org.label}：{latest.last_report}" if latest else "",
        plan=task.plan.title if task.plan else "",
        plan_id=task.plan_id,
        in_chart=task.in_chart,
    )


def _due_text(task: Task) -> str:
    """The deadline as a chart prints it: a day, or how the document says it where it is no single day."""
    if task.kind == "dated" and task.due_date is not None:
        return task.due_date.isoformat()
    if task.deadline_phrase:
        return task.deadline_phrase
    return task.due_date.isoformat() if task.due_date else "持续推进"


def rows_of_table(rows: Sequence[WallRow]) -> list[WallRow]:
    """Rows of the responsibility table (责任表): a plan's own chart as it came in, every task of a plan without one."""
    charted = {row.plan_id for row in rows if row.in_chart}
    return [row for row in rows if row.in_chart or row.plan_id not in charted]


def officials_of(rows: Sequence[WallRow]) -> list[str]:
    """Leading officials named in some rows, each once."""
    return sorted({row.official for row in rows if row.official})


# Views -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of a task: planned, and done as far as the reported progress says."""

    planned: bool
    done: bool


def months_of(rows: Sequence[WallRow], *, now: datetime) -> list[date]:
    """First days of the months that a matrix shows: those in which the rows run, at most two years from the first."""
    if not rows:
        return []
    today = Calendar().local_date(now)
    first = min(row.start for row in rows).replace(day=1)
    last = max(_end(row, today) for row in rows)
    found: list[date] = []
    while first <= last and len(found) < MOST_MONTHS:
        found.append(first)
        first = _next(first)
    return found


def bars_of(row: WallRow, months: Sequence[date], *, now: datetime) -> list[Bar]:
    """A row's bars: planned from its start to its deadline, done for the share of them that is reported."""
    end = _end(row, Calendar().local_date(now))
    planned = [(month < end and _next(month) > row.start) or month == end.replace(day=1) for month in months]
    done = round(sum(planned) * row.progress / 100)
    bars, seen = [], 0
    for is_planned in planned:
        seen += is_planned
        bars.append(Bar(is_planned, is_planned and seen <= done))
    return bars


def _end(row: WallRow, today: date) -> date:
    return row.due or row.review or max(today, row.start)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one official or one town with their counts."""

    name: str
    rows: tuple[WallRow, ...]
    done: int
    red: int
    yellow: int


def by_official(rows: Sequence[WallRow]) -> list[Group]:
    """Rows under their leading official; those that name nobody come last."""
    ordered = sorted(rows, key=lambda row: (row.official == "", row.official))
    return [_group(name, list(found)) for name, found in groupby(ordered, key=lambda row: row.official)]


def by_town(rows: Sequence[WallRow]) -> list[Group]:
    """Rows under each town (镇街) that leads them, with that town's own light and progress."""
    towns: dict[str, list[WallRow]] = {}
    for row in rows:
        for lead in row.leads:
            if lead.is_town:
                towns.setdefault(lead.name, []).append(_of(row, lead))
    return [_group(name, found) for name, found in sorted(towns.items())]


def _of(row: WallRow, lead: Lead) -> WallRow:
    return replace(row, leads=(lead,), light=lead.light, progress=lead.progress)


def _group(name: str, rows: Sequence[WallRow]) -> Group:
    return Group(
        name,
        tuple(rows),
        done=sum(row.progress == 100 for row in rows),
        red=sum(row.light == RED for row in rows),
        yellow=sum(row.light == YELLOW for row in rows),
    )
