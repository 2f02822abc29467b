"""Reads of start-ups and shut-downs (开停车), and what they say of the day's announcement (承诺公告)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.models import Analysis, RiskUnit, StartStop, StartStopPart, StartStopWatch
from quancheng.domains.risk.queries.announced_facts import MOST_ROWS, Fact
from quancheng.domains.risk.queries.risks import facilities_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.wording import Text

#: States of a notice that was told, and of one that still moves.
TOLD = ("NOTICED", "RECEIVED", "RUNNING", "DONE")
OPEN = ("DRAFT", "REVIEW", "NOTICED", "RECEIVED", "RUNNING")
_SOURCE = Text("开停车通知", "Start-up and shut-down notices")


def _parts() -> Prefetch[str]:
    rows = StartStopPart.objects.select_related("unit", "facility", "plant").order_by("pk")
    return Prefetch("parts", rows, to_attr="told_parts")


def list_start_stops(*, actor: Actor) -> QuerySet[StartStop]:
    """Notices that the actor may see: those that are open first, then the newest."""
    rows = StartStop.objects.visible_to(actor).select_related("file__enterprise", "area").prefetch_related(_parts())
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-planned_from", "pk")


def get_start_stop(*, actor: Actor, notice_id: uuid.UUID) -> StartStop:
    """Raise NotFound for absent and for out of scope alike."""
    rows = StartStop.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org", "analysis")
    found = rows.prefetch_related(_parts()).filter(pk=notice_id).first()
    if found is None:
        raise NotFound
    return found


def goes_on() -> Q:
    """Started and not ended."""
    return Q(status__in=("NOTICED", "RUNNING"), actual_from__isnull=False, actual_to__isnull=True)


def is_overdue(now: datetime) -> Q:
    """The planned start passed without one, the planned end passed while it runs, or a record of monitoring is owed."""
    unbegun = Q(status__in=("DRAFT", "REVIEW", "NOTICED", "RECEIVED"), actual_from__isnull=True, planned_from__lt=now)
    return unbegun | (goes_on() & (Q(planned_to__lt=now) | Q(watch_due_at__lt=now)))


def lateness(row: StartStop, now: datetime) -> str:
    """What is late of a notice: ``start``, ``end``, ``watch``, or nothing. The same rule as :func:`is_overdue`."""
    if row.status not in OPEN or row.actual_to is not None:
        return ""
    if row.actual_from is None:
        return "start" if row.planned_from < now else ""
    if row.watch_due_at is not None and row.watch_due_at < now:
        return "watch"
    return "end" if row.planned_to < now else ""


def without_receipt() -> Q:
    """Told and not yet received."""
    return Q(status="NOTICED")


def watches_of(row: StartStop) -> Sequence[StartStopWatch]:
    """What was seen while it ran, the newest first."""
    return list(row.watches.order_by("-at", "-pk")[:200])


def start_stops_of(file: Enterprise, *, limit: int = 50) -> Sequence[StartStop]:
    """Notices of a file that the caller got through its own query, open ones first."""
    rows = StartStop.objects.filter(file=file).prefetch_related(_parts())
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-planned_from", "pk")[:limit])


def units_to_choose(file: Enterprise) -> QuerySet[RiskUnit]:
    """Units of the risk list that a notice may speak of."""
    rows = RiskUnit.objects.filter(object__file=file, ended_date__isnull=True, object__ended_date__isnull=True)
    return rows.select_related("object__place", "facility__unit").order_by("code", "pk")


def analyses_to_choose(file: Enterprise) -> QuerySet[Analysis]:
    """Analyses in force of a file: what a notice may rest on."""
    return Analysis.objects.filter(file=file, status="IN_FORCE").order_by("-analysed_date", "pk")


facilities_to_choose = facilities_of


def figures(*, actor: Actor, now: datetime) -> Mapping[str, int]:
    """Of the notices that the actor may see: how many go on, wait for receipt, are late."""
    counted = StartStop.objects.visible_to(actor).aggregate(
        going=Count("pk", filter=goes_on()), waiting=Count("pk", filter=without_receipt()),
        late=Count("pk", filter=is_overdue(now)),
    )  # fmt: skip
    return {name: counted[name] for name in ("going", "waiting", "late")}


# For the announcement ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Plants:
    """Plants of one file by what the notices say of them on a day, each with the words that name its row."""

    starting: dict[uuid.UUID, str] = field(default_factory=dict)
    stopping: dict[uuid.UUID, str] = field(default_factory=dict)
    stopped: dict[uuid.UUID, str] = field(default_factory=dict)
    #: Whether a number may rightly be another at the hour of the announcement.
    unsure: set[str] = field(default_factory=set)


def announced(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Mapping[str, Fact]]:
    """How many plants start up and shut down, and how many a finished shut-down leaves able to run.

    What is planned for the day, or ended on it, is proposed only; what runs, and that nothing does, binds.
    """
    found = {pk: _Plants() for pk in files}
    calendar = Calendar()
    rows = (
        StartStopPart.objects.filter(
            notice__file__in=list(files), notice__status__in=TOLD, plant__isnull=False, plant__kind="production",
            plant__ended_date__isnull=True,
        )
        .select_related("notice", "plant")
        .order_by(Coalesce("notice__actual_from", "notice__planned_from"), "notice__pk", "pk")
    )  # fmt: skip
    for part in rows:
        _tell(found[part.notice.file_id], part, on, calendar)
    counts = _running(pk for pk, one in found.items() if one.stopped)
    told: dict[uuid.UUID, Mapping[str, Fact]] = {}
    for pk, one in found.items():
        facts = {
            "starting": _fact(one.starting, binds="starting" not in one.unsure),
            "stopping": _fact(one.stopping, binds="stopping" not in one.unsure),
        }
        if pk in counts:
            facts["running"] = Fact(max(counts[pk] - len(one.stopped), 0), _SOURCE, _named(one.stopped))
            facts["stopped"] = Fact(len(one.stopped), _SOURCE, _named(one.stopped), binds=False)
        told[pk] = facts
    return told


def _tell(found: _Plants, part: StartStopPart, on: date, calendar: Calendar) -> None:
    notice, plant = part.notice, part.plant
    assert plant is not None  # noqa: S101 - asked for by the query
    words = f"{notice.code} {plant.name}"
    number = "starting" if notice.is_start else "stopping"
    begun = None if notice.actual_from is None else calendar.local_date(notice.actual_from)
    ended = None if notice.actual_to is None else calendar.local_date(notice.actual_to)
    first, last = calendar.local_date(notice.planned_from), calendar.local_date(notice.planned_to)
    planned = begun is None and first <= on <= last
    goes_on_then = begun is not None and begun <= on and (ended is None or ended >= on)
    if planned or goes_on_then:
        getattr(found, number)[plant.pk] = words
        if planned or ended is not None:
            found.unsure.add(number)
    if notice.is_start and (planned or goes_on_then or (ended is not None and notice.is_reached)):
        found.stopped.pop(plant.pk, None)
    elif not notice.is_start and ended is not None and ended < on and notice.is_reached:
        found.stopped[plant.pk] = words


def _running(files: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Production units that stand, of files that are not stopped as a whole."""
    ids = list(files)
    rows = Unit.objects.filter(file__in=ids, kind="production", ended_date__isnull=True).exclude(file__life="stopped")
    return {row["file"]: row["count"] for row in rows.order_by().values("file").annotate(count=Count("pk"))}


def _fact(plants: Mapping[uuid.UUID, str], *, binds: bool) -> Fact:
    return Fact(len(plants), _SOURCE, _named(plants), binds=binds)


def _named(plants: Mapping[uuid.UUID, str]) -> tuple[str, ...]:
    return tuple(plants.values())[:MOST_ROWS]
