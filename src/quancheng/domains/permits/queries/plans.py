"""Work plans (作业计划): a day's jobs by zone, quotas, what meets, what was decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from quancheng.domains.permits.models import Permit, PlanDecision, WorkPlan
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.permits import VIEW, list_permits
from quancheng.domains.permits.queries.plan_decisions import Told, told_of
from quancheng.domains.permits.queries.quotas import OPEN, PLANNED, counts_for, most_at_once, span_of
from quancheng.domains.permits.queries.simops import Met, met_by_many
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.checks.planning import QUOTAS
from quancheng.standards.gb30871.parameters import Parameters


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
    """What is planned or at work on a day, what was issued and has ended since, and whatever a meeting of it decided
    of; the whole window counts."""
    begin, end = span_of(day)
    there = Q(window_start__lt=end, window_end__gt=begin)
    decided_of = Q(pk__in=PlanDecision.objects.filter(plan__file=file, plan__day=day).values("permit"))
    wanted = (there & (Q(status__in=PLANNED) | Q(issued_at__isnull=False))) | decided_of
    rows = Permit.objects.filter(wanted, file=file)
    return rows.select_related("unit", "facility", "enterprise").order_by("unit__code", "window_start", "pk")


def is_on(permit: Permit, day: date) -> bool:
    """Whether the window of a job touches a day."""
    begin, end = span_of(day)
    return permit.window_start < end and permit.window_end > begin


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
    """One job of the plan: what it meets on that day, what counts of the decisions, and the newest of its own where
    that counts no longer because the job was written anew since."""

    permit: Permit
    met: Sequence[Met]
    told: Told | None
    outdated: PlanDecision | None = None
    #: False for what was decided of for this day and was moved to another since.
    is_here: bool = True

    @property
    def decision(self) -> PlanDecision | None:
        return self.told.decision if self.told is not None else None

    @property
    def is_open(self) -> bool:
        """Whether the meeting may still decide."""
        return self.is_here and self.permit.status in OPEN


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
    """Whether a job takes a place in the quotas: it was neither put off nor refused, and what ended had begun."""
    if job.permit.status in OPEN:
        return job.told is None or job.told.is_agreed
    return job.permit.status in PLANNED or job.permit.started_at is not None


def quotas_of(jobs: Sequence[PlannedJob], figures: Parameters, day: date, now: datetime) -> list[Quota]:
    """Quotas of one zone that the enterprise set."""
    found = []
    for name in QUOTAS:
        limit = int(getattr(figures, name))
        if limit > 0:
            counted = [one.permit for one in jobs if stands(one) and counts_for(name, one.permit)]
            found.append(Quota(name, limit, most_at_once(counted, *span_of(day), now=now)))
    return found


def planned_of(file: Enterprise, rows: Sequence[Permit], day: date) -> list[PlannedJob]:
    """Jobs of a day with what they meet and what was decided. Five queries or so, whatever their number."""
    told, met = told_of(rows, day, day), met_by_many(list(rows))
    own = PlanDecision.objects.filter(plan__file=file, plan__day=day, permit__in=[one.pk for one in rows])
    newest = {one.permit_id: one for one in own.order_by("decided_at", "pk")}
    begin, end = span_of(day)
    found = []
    for one in rows:
        here = [each for each in met.get(one.pk, ()) if each.overlap.start < end and each.overlap.end > begin]
        counts, last = told.get((one.pk, day)), newest.get(one.pk)
        is_outdated = last is not None and (counts is None or counts.decision.pk != last.pk)
        found.append(PlannedJob(one, here, counts, last if is_outdated else None, is_on(one, day)))
    return found


def day_plan(*, actor: Actor, file: Enterprise, day: date, now: datetime) -> DayPlan:
    """The plan of a day of an enterprise that a query gave to the actor, whatever became of its jobs. Some ten queries,
    whatever the number of jobs."""
    rows = list(jobs_on(file, day).filter(pk__in=list_permits(actor=actor).order_by().values("pk")))
    zones: dict[uuid.UUID | None, list[PlannedJob]] = {}
    for job in planned_of(file, rows, day):
        zones.setdefault(job.permit.unit_id, []).append(job)
    # Of a day that is over what was known then counts.
    figures = parameters_of(file.pk, day, known=min(now, span_of(day)[1]))
    return DayPlan(day, plan_of(file, day), [
        Zone(jobs[0].permit.unit, jobs, quotas_of(jobs, figures, day, now)) for jobs in zones.values()
    ])  # fmt: skip


def sealed_content(plan: WorkPlan) -> dict[str, Any]:
    """What the seal of minutes covers."""
    return {
        "file": str(plan.file_id), "day": plan.day.isoformat(), "minutes": plan.minutes,
        "participants": plan.participants, "jobs": plan.jobs, "sealed_by": plan.sealed_by,
        "sealed_at": plan.sealed_at.isoformat() if plan.sealed_at else "",
    }  # fmt: skip


def is_whole(plan: WorkPlan) -> bool:
    """Whether sealed minutes, and the decisions that they name, are what was sealed. One query where they are."""
    if not plan.seal:
        return True
    if plan.seal != digest_of(sealed_content(plan)):
        return False
    named = {one["decision_id"]: one for one in plan.jobs if one["decision_id"]}
    # What went with its permit when its time was over is no longer there to be compared.
    kept = PlanDecision.objects.filter(pk__in=named)
    return all(told_fields(one) == {name: named[str(one.pk)][name] for name in TOLD} for one in kept)


#: What sealed minutes hold of a decision.
TOLD = ("decision_id", "decided_at", "decided_of", "decision", "reason", "put_off_to", "by")


def told_fields(one: PlanDecision | None) -> dict[str, str]:
    """A decision as sealed minutes hold it; ``decided_of`` is the digest of the job."""
    if one is None:
        return dict.fromkeys(TOLD, "")
    return {
        "decision_id": str(one.pk), "decided_at": one.decided_at.astimezone(UTC).isoformat(),
        "decided_of": one.content, "decision": one.choice, "reason": one.reason,
        "put_off_to": one.put_off_to.isoformat() if one.put_off_to else "", "by": one.by_name,
    }  # fmt: skip
