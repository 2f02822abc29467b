"""Reads of the rooms of governance: lists that are missing, records, results of the year."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q, QuerySet

from quancheng.domains.duty.lights import DEFAULT_RULE
from quancheng.domains.duty.models import (
    Assignment,
    DutyList,
    DutyRecord,
    Proposal,
    RuleRecord,
    StudyRecord,
    SupportItem,
    Veto,
)
from quancheng.domains.duty.scores import Result, TaskState, result_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.models import Organisation

RowT = TypeVar("RowT", bound=models.Model)
#: Kinds of organisation that make lists of their duties and tasks.
LISTERS = ("department", "town")


@dataclass(frozen=True, slots=True)
class ListLine:
    """A unit and its two lists; None where one is missing."""

    org: Organisation
    duties: DutyList | None
    tasks: DutyList | None

    @property
    def is_missing(self) -> bool:
        return self.duties is None or self.tasks is None


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A unit and its result of the year."""

    org: Organisation
    result: Result


def list_duty_lists(*, actor: Actor, year: int) -> list[ListLine]:
    """Departments and towns with their lists of a year; those that the actor may see, missing ones first.

    Whoever supervises the whole district is told of every unit, anybody else of his own.
    """
    orgs = people.list_organisations(actor=actor, kinds=LISTERS)
    if not (actor.supervises and actor.general and actor.whole_district):
        orgs = orgs.filter(pk__in=[actor.organisation_id] if actor.organisation_id else [])
    found: dict[tuple[uuid.UUID, str], DutyList] = {
        (row.owner_org_id, row.kind): row for row in DutyList.objects.visible_to(actor).filter(year=year, person=None)
    }
    lines = [ListLine(org, found.get((org.pk, "duties")), found.get((org.pk, "tasks"))) for org in orgs]
    return sorted(lines, key=lambda line: not line.is_missing)


def list_own_lists(*, actor: Actor) -> QuerySet[DutyList]:
    """The lists of the actor's own organisation, of every year; those of its leaders left out."""
    own = DutyList.objects.visible_to(actor).filter(owner_org=actor.organisation_id, person=None)
    return own.order_by("-year", "kind", "pk")


def get_duty_list(*, actor: Actor, list_id: uuid.UUID) -> DutyList:
    return _one(DutyList.objects.visible_to(actor).select_related("owner_org", "person"), list_id)


@dataclass(frozen=True, slots=True)
class LeaderLine:
    """A leader's duty list with what was done against it."""

    row: DutyList
    #: Entries against which something was recorded.
    done: int
    records: int
    found: int
    solved: int
    last_date: date | None

    @property
    def percent(self) -> int:
        return 100 * self.done // len(self.row.entries)


@dataclass(frozen=True, slots=True)
class LeaderLists:
    """The leaders' lists of a year, and the units of whose leaders none has one."""

    lines: list[LeaderLine]
    missing: list[Organisation]


def list_leader_lists(*, actor: Actor, year: int) -> LeaderLists:
    """Leaders' lists that the actor may see, those with the most left undone first. Four queries.

    Whoever supervises the whole district is told of every department, town and enterprise without one.
    """
    rows = DutyList.objects.visible_to(actor).filter(year=year, kind="leader").select_related("owner_org", "person")
    found = {row.pk: row for row in rows}
    acts: dict[uuid.UUID, list[DutyRecord]] = {}
    for record in DutyRecord.objects.visible_to(actor).filter(duty_list__in=found):
        acts.setdefault(record.duty_list_id, []).append(record)
    lines = [_leader_line(row, acts.get(pk, [])) for pk, row in found.items()]
    lines.sort(key=lambda line: (line.percent, line.row.owner_org.pinyin, line.row.pk))
    missing: list[Organisation] = []
    if actor.supervises and actor.general and actor.whole_district:
        orgs = people.list_organisations(actor=actor, kinds=(*LISTERS, "enterprise"))
        have = {row.owner_org_id for row in found.values()}
        missing = [org for org in orgs if org.pk not in have]
    return LeaderLists(lines, missing)


def _leader_line(row: DutyList, acts: list[DutyRecord]) -> LeaderLine:
    done = {record.entry for record in acts} & set(row.entries)
    return LeaderLine(
        row=row,
        done=len(done),
        records=len(acts),
        found=sum(record.found_count for record in acts),
        solved=sum(record.solved_count for record in acts),
        last_date=max((record.done_date for record in acts), default=None),
    )


def get_act(actor: Actor, act_id: uuid.UUID) -> DutyRecord | None:
    """One record, where the actor may see it; None otherwise."""
    return DutyRecord.objects.visible_to(actor).filter(pk=act_id).first()


def list_acts(*, actor: Actor, duty_list: DutyList) -> list[DutyRecord]:
    """What was done against a list, the latest first."""
    rows = DutyRecord.objects.visible_to(actor).filter(duty_list=duty_list).select_related("entered_by")
    return list(rows.order_by("-done_date", "-created_at", "pk"))


def list_support(*, actor: Actor) -> QuerySet[SupportItem]:
    """Support items that the actor may see, the latest first."""
    return SupportItem.objects.visible_to(actor).select_related("org", "owner_org").order_by("-given_date", "pk")


def get_support(*, actor: Actor, item_id: uuid.UUID) -> SupportItem:
    return _one(list_support(actor=actor), item_id)


def list_studies(*, actor: Actor) -> QuerySet[StudyRecord]:
    """Study records that the actor may see, the latest first."""
    return StudyRecord.objects.visible_to(actor).select_related("owner_org").order_by("-held_date", "pk")


def get_study(*, actor: Actor, study_id: uuid.UUID) -> StudyRecord:
    return _one(list_studies(actor=actor), study_id)


def list_rules(*, actor: Actor) -> QuerySet[RuleRecord]:
    """Rules that grew out of tasks, the latest first."""
    return RuleRecord.objects.visible_to(actor).select_related("task", "owner_org").order_by("-in_force_from", "pk")


def get_rule(*, actor: Actor, rule_id: uuid.UUID) -> RuleRecord:
    return _one(list_rules(actor=actor), rule_id)


def list_proposals(*, actor: Actor) -> QuerySet[Proposal]:
    """Proposals that the actor may see, the latest first."""
    return Proposal.objects.visible_to(actor).select_related("org", "owner_org").order_by("-proposed_at", "pk")


def get_proposal(*, actor: Actor, proposal_id: uuid.UUID) -> Proposal:
    return _one(list_proposals(actor=actor), proposal_id)


def list_vetoes(*, actor: Actor) -> QuerySet[Veto]:
    """Vetoes that the actor may see, the latest first."""
    return Veto.objects.visible_to(actor).select_related("org", "owner_org").order_by("-event_date", "pk")


def get_veto(*, actor: Actor, veto_id: uuid.UUID) -> Veto:
    return _one(list_vetoes(actor=actor), veto_id)


def _one(rows: QuerySet[RowT], pk: uuid.UUID) -> RowT:
    """Raise NotFound for absent and for out of scope alike."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def list_results(*, actor: Actor, year: int, now: datetime) -> list[ResultLine]:
    """The results of a year, counted over the assignments that the actor may see; vetoed units last, best first.

    A year's assignments are those due in it, and those without a deadline that were issued up to its end.
    """
    today = min(Calendar().local_date(now), date(year, 12, 31))
    rows = (
        Assignment.objects.visible_to(actor)
        .filter(parent__isnull=True)
        .filter(Q(due_date__year=year) | Q(due_date__isnull=True, created_at__year__lte=year))
        .exclude(status="CANCELLED")
        .select_related("task", "org")
    )
    vetoed = {row.org_id: row.org for row in list_vetoes(actor=actor).filter(year=year).exclude(status="LIFTED")}
    orgs: dict[uuid.UUID, Organisation] = dict(vetoed)
    states: dict[uuid.UUID, list[TaskState]] = {pk: [] for pk in vetoed}
    for row in rows:
        orgs[row.org_id] = row.org
        states.setdefault(row.org_id, []).append(_state(row, now))
    lines = [ResultLine(org, result_of(states[pk], today=today, is_vetoed=pk in vetoed)) for pk, org in orgs.items()]
    return sorted(lines, key=_rank)


def _rank(line: ResultLine) -> tuple[bool, Any, str]:
    score = line.result.score
    return (line.result.is_vetoed, -(score if score is not None else 0), line.org.pinyin)


def _state(row: Assignment, now: datetime) -> TaskState:
    last = row.last_report_at or row.created_at
    return TaskState(
        start=row.task.start_date,
        due=row.due_date,
        progress=row.progress,
        weight=row.task.weight,
        closed=Calendar().local_date(row.closed_at) if row.closed_at else None,
        is_silent=row.closed_at is None and now - last > timedelta(days=DEFAULT_RULE.silent_days),
    )
