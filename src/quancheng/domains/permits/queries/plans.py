"""Work plans (作业计划): a day's jobs by zone, quotas, what meets, what was decided."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from quancheng.domains.permits.models import Permit, PlanDecision, WorkPlan
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.permits import VIEW, list_permits
from quancheng.domains.permits.queries.simops import Met, met_by_many
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.parameters import Parameters

#: States of which a meeting still decides: nothing is issued yet.
OPEN = ("REQUESTED", "PREPARING", "APPROVING")
#: What stands in the plan of a day.
PLANNED = (*OPEN, "ISSUED", "WORKING", "SUSPENDED")
#: Figures of the quotas.
QUOTAS = ("zone_special_max", "zone_hw_max", "zone_jobs_max")


def span_of(day: date) -> tuple[datetime, datetime]:
    """When a day begins and the next does, in the district's time."""
    return Calendar().start_of(day), Calendar().start_of(day + timedelta(days=1))


def list_plans(*, actor: Actor) -> QuerySet[WorkPlan]:
    """Plans that the actor may see, the newest day first, each with how many decisions it has."""
    actor.require(VIEW)
    rows: QuerySet[WorkPlan] = WorkPlan.objects.visible_to(actor)
    rows = rows.select_related("enterprise", "area").annotate(decided=Count("decisions__permit", distinct=True))
    return rows.order_by("-day", "pk")


def not_sealed() -> Q:
    """Plans whose minutes are still to be sealed."""
    return Q(sealed_at__isnull=True)


def get_plan_file(*, actor: Actor, file_id: uuid.UUID) -> Enterprise:
    """The enterprise whose plan is read. Raise NotFound for absent and for out of scope alike."""
    actor.require(VIEW)
    found = seen(actor=actor).select_related("enterprise").filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def plan_of(file: Enterprise, day: date) -> WorkPlan | None:
    """The plan of a day, once anything was decided. One query."""
    return WorkPlan.objects.filter(file=file, day=day).first()


def jobs_on(file: Enterprise, day: date) -> QuerySet[Permit]:
    """What is planned or at work on a day; the whole window counts."""
    begin, end = span_of(day)
    rows = Permit.objects.filter(file=file, status__in=PLANNED, window_start__lt=end, window_end__gt=begin)
    return rows.select_related("unit", "facility", "enterprise").order_by("unit__code", "window_start", "pk")


def decisions_of(plan: WorkPlan | None) -> dict[uuid.UUID, PlanDecision]:
    """The newest of each job. One query; none where there is no plan."""
    if plan is None:
        return {}
    rows = PlanDecision.objects.filter(plan=plan).order_by("decided_at", "pk")
    return {one.permit_id: one for one in rows}


def decided(permit: Permit) -> str:
    """What the newest plan of a day of its window decided of a permit; empty for nothing. One query."""
    days = Calendar()
    first, last = days.local_date(permit.window_start), days.local_date(permit.window_end)
    rows = PlanDecision.objects.filter(permit=permit.pk, plan__day__range=(first, last)).order_by("-decided_at", "-pk")
    return rows.values_list("choice", flat=True).first() or ""


def counts_for(name: str, permit: Permit) -> bool:
    """Whether a job counts in a quota."""
    if name == "zone_jobs_max":
        return True
    return permit.kind == "HW" and (name == "zone_hw_max" or (permit.effective or permit.level) == "S")


def most_at_once(jobs: Iterable[Permit], begin: datetime, end: datetime) -> int:
    """How many of some jobs stand beside each other at most between two moments."""
    edges: list[tuple[datetime, int]] = []
    for one in jobs:
        if one.window_start < end and one.window_end > begin:
            edges += [(max(one.window_start, begin), 1), (min(one.window_end, end), -1)]
    most = number = 0
    # What ends at a moment leaves before what begins then comes.
    for _at, step in sorted(edges):
        number += step
        most = max(most, number)
    return most


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota of a zone: its figure, how many there may be at a time, and how many were there by the plan."""

    name: str
    limit: int
    count: int

    @property
    def is_over(self) -> bool:
        return self.count > self.limit


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One job of the plan: what it meets on that day, and what was decided."""

    permit: Permit
    met: Sequence[Met]
    decision: PlanDecision | None

    @property
    def is_open(self) -> bool:
        """Whether the meeting may still decide."""
        return self.permit.status in OPEN


@dataclass(frozen=True, slots=True)
class Zone:
    """One unit with its jobs of the day; None: jobs that name no unit."""

    unit: Unit | None
    jobs: Sequence[PlannedJob]
    quotas: Sequence[Quota]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day's plan by zone, and the row behind it once anything was decided."""

    day: date
    plan: WorkPlan | None
    zones: Sequence[Zone]

    @property
    def jobs(self) -> list[PlannedJob]:
        return [job for zone in self.zones for job in zone.jobs]


def stands(job: PlannedJob) -> bool:
    """Whether a job takes a place in the quotas: it was neither put off nor refused."""
    return job.decision is None or job.decision.choice == "AGREED" or job.permit.status not in OPEN


def quotas_of(jobs: Sequence[PlannedJob], figures: Parameters, day: date) -> list[Quota]:
    """Quotas of one zone that the enterprise set."""
    found = []
    for name in QUOTAS:
        limit = int(getattr(figures, name))
        if limit > 0:
            counted = [one.permit for one in jobs if stands(one) and counts_for(name, one.permit)]
            found.append(Quota(name, limit, most_at_once(counted, *span_of(day))))
    return found


def day_plan(*, actor: Actor, file: Enterprise, day: date) -> DayPlan:
    """The plan of a day of an enterprise that a query gave to the actor. Ten queries, whatever the number of jobs."""
    rows = list(jobs_on(file, day).filter(pk__in=list_permits(actor=actor).order_by().values("pk")))
    plan = plan_of(file, day)
    told, met = decisions_of(plan), met_by_many(rows)
    begin, end = span_of(day)
    zones: dict[uuid.UUID | None, list[PlannedJob]] = {}
    for one in rows:
        here = [each for each in met.get(one.pk, ()) if each.overlap.start < end and each.overlap.end > begin]
        zones.setdefault(one.unit_id, []).append(PlannedJob(one, here, told.get(one.pk)))
    figures = parameters_of(file.pk, day)
    return DayPlan(day, plan, [
        Zone(jobs[0].permit.unit, jobs, quotas_of(jobs, figures, day)) for jobs in zones.values()
    ])  # fmt: skip


def sealed_content(plan: WorkPlan) -> dict[str, Any]:
    """What the seal of minutes covers."""
    return {
        "file": str(plan.file_id), "day": plan.day.isoformat(), "minutes": plan.minutes,
        "participants": plan.participants, "jobs": plan.jobs, "sealed_by": plan.sealed_by,
        "sealed_at": plan.sealed_at.isoformat() if plan.sealed_at else "",
    }  # fmt: skip


def is_whole(plan: WorkPlan) -> bool:
    """Whether sealed minutes are what was sealed."""
    return not plan.seal or plan.seal == digest_of(sealed_content(plan))
