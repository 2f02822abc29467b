"""Reads of guarantors of major hazards: who stands, what is missing, what each did."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckDue, CheckTask, Guarantor, GuarantorRole, GuarantorRound, WorkType
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.models import RiskObject
from quancheng.domains.risk.queries.guarantors_of import Guarantor as Told
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.people.models import Membership
from quancheng.kernel.vault import services as vault

STANDING = Q(until_date__isnull=True)
#: A unit that is a major hazard now.
IS_HAZARD = Q(legal_grade__isnull=False, ended_date__isnull=True)
WORK_TYPES = {
    GuarantorRole.MAIN: WorkType.MAIN, GuarantorRole.TECHNICAL: WorkType.TECHNICAL,
    GuarantorRole.OPERATION: WorkType.OPERATION,
}  # fmt: skip


def list_hazards(*, actor: Actor) -> QuerySet[Unit]:
    """Major hazards of the enterprises that the actor may see, with how many roles stand filled, the graver first.

    A unit that is one no longer (:func:`is_hazard`) stays until its guarantors have left it.
    """
    standing = Count("guarantors", filter=Q(guarantors__until_date__isnull=True))
    there = Guarantor.objects.filter(STANDING, hazard=OuterRef("pk"))
    left = there.exclude(
        Exists(Membership.objects.current().filter(user=OuterRef("person"), organisation=OuterRef("file")))
    )
    tasks = CheckTask.objects.filter(ended_date__isnull=True, object__place=OuterRef("pk"), work_type__gt=0)
    return (
        Unit.objects.filter(IS_HAZARD | Exists(there), file__in=Enterprise.objects.visible_to(actor).values("pk"))
        .select_related("file__enterprise", "file__area")
        .annotate(filled=standing, has_left=Exists(left), has_tasks=Exists(tasks))
        .order_by("legal_grade", "file__enterprise__pinyin", "code", "pk")
    )  # fmt: skip


def is_hazard(row: Unit) -> bool:
    """Whether a unit is a major hazard still."""
    return row.legal_grade is not None and row.ended_date is None


def get_hazard(*, actor: Actor, unit_id: uuid.UUID) -> Unit:
    """Raise NotFound for absent, for out of scope, and for what is no major hazard and has no guarantor alike."""
    found = list_hazards(actor=actor).filter(pk=unit_id).first()
    if found is None:
        raise NotFound
    return found


def list_guarantors(*, actor: Actor) -> QuerySet[Guarantor]:
    """Guarantors, former ones too, of the enterprises that the actor may see."""
    rows = Guarantor.objects.filter(file__in=Enterprise.objects.visible_to(actor).values("pk"))
    return rows.select_related("hazard", "person").order_by("file", "hazard", "role", "-since_date", "pk")


def guarantors_of(hazard_id: uuid.UUID) -> Sequence[Guarantor]:
    """All who ever answered for a hazard, those that stand first, by role."""
    rows = Guarantor.objects.filter(hazard=hazard_id).select_related("person")
    return list(rows.order_by(F("until_date").desc(nulls_first=True), "role", "-since_date", "pk"))


def standing_of(hazard_id: uuid.UUID, on: date | None = None) -> Mapping[str, Guarantor]:
    """Who stands by role now, or on a day."""
    rows = Guarantor.objects.filter(hazard=hazard_id).order_by("since_date", "created_at")
    if on is None:
        rows = rows.filter(STANDING)
    else:
        rows = rows.filter(Q(until_date__isnull=True) | Q(until_date__gte=on), since_date__lte=on)
    return {row.role: row for row in rows}


def told_guarantors(place_id: uuid.UUID, on: date) -> Sequence[Told]:
    """Who answers for a registered unit on a day, as its sign board shows it, telephone number in full."""
    return [
        Told(role=role, name=one.name, post=one.job, phone=vault.reveal(vault.PHONE, one.phone) if one.phone else "")
        for role, one in standing_of(place_id, on).items()
    ]


@dataclass(slots=True)
class RoleLine:
    """One role of a hazard: who, and each of its tasks with when it was last done."""

    role: GuarantorRole
    guarantor: Guarantor | None
    tasks: list[CheckTask] = field(default_factory=list)


def lines_of(hazard: Unit) -> Sequence[RoleLine]:
    """The three roles with their tasks; ``last_at`` of a task is when it was last recorded."""
    standing = standing_of(hazard.pk)
    tasks = CheckTask.objects.filter(ended_date__isnull=True, object__place=hazard, work_type__gt=0)
    rows = tasks.annotate(last_at=Max("records__at")).select_related("person")
    rows = rows.order_by("work_type", "task_number", "pk")
    by_type: dict[int, list[CheckTask]] = defaultdict(list)
    for row in rows:
        by_type[row.work_type].append(row)
    return [RoleLine(role, standing.get(role), by_type[WORK_TYPES[role]]) for role in GuarantorRole]


def gaps_of(standing: Mapping[str, Guarantor], present: Collection[uuid.UUID]) -> list[Text]:
    """What is missing of the three persons. :param present: keys of those who still have a place there."""
    found: list[Text] = []
    for role in GuarantorRole:
        one = standing.get(role)
        if one is None:
            found.append(_("没有确定%(role)s。") % {"role": role.label})
        elif one.person_id not in present:
            found.append(_("%(role)s%(name)s已不在本单位。") % {"role": role.label, "name": one.name})
    people = {one.person_id for one in standing.values()}
    if len(standing) == len(GuarantorRole) and len(people) == 1:
        found.append(_("三名包保责任人是同一个人。"))
    return found


def present_in(file_id: uuid.UUID, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these people have a current place in the enterprise."""
    rows = Membership.objects.current().filter(organisation=file_id, user__in=list(people))
    return set(rows.values_list("user", flat=True))


def object_of(hazard: Unit) -> RiskObject | None:
    """The analysis object of a hazard, where its risk list has one."""
    return RiskObject.objects.filter(place=hazard, ended_date__isnull=True).first()


def list_rounds(*, actor: Actor) -> QuerySet[GuarantorRound]:
    """What guarantors owe or owed, open ones first, then the newest."""
    rows = GuarantorRound.objects.visible_to(actor).select_related("file__enterprise", "file__area", "person")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-last_date", "pk")


def get_round(*, actor: Actor, round_id: uuid.UUID) -> GuarantorRound:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_rounds(actor=actor).filter(pk=round_id).first()
    if found is None:
        raise NotFound
    return found


def dues_of(row: GuarantorRound) -> QuerySet[CheckDue]:
    """The instances of a period: those whose time runs out in it. What a stoppage covers is none."""
    calendar = Calendar()
    first, until = calendar.start_of(row.first_date), calendar.start_of(row.last_date + timedelta(days=1))
    rows = CheckDue.objects.filter(
        file=row.file_id, work_type=WORK_TYPES[GuarantorRole(row.role)], closes_at__gt=first, closes_at__lte=until,
        covered_by__isnull=True,
    )  # fmt: skip
    rows = rows.select_related("task__object", "person")
    return rows.order_by("task__object", "task__task_number", "closes_at", "pk")


def progress_of(row: GuarantorRound) -> tuple[int, int]:
    """How many are due in the period so far, and done."""
    told = dues_of(row).order_by().aggregate(planned=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
    return told["planned"], told["done"]


def performance(*, actor: Actor, first: date, last: date) -> Sequence[dict[str, Any]]:
    """Per enterprise, role and person what was due from first to last and what of it was done (履职情况)."""
    calendar = Calendar()
    rows = CheckDue.objects.filter(
        file__in=Enterprise.objects.visible_to(actor).values("pk"), work_type__gt=0,
        closes_at__gt=calendar.start_of(first), closes_at__lte=calendar.start_of(last + timedelta(days=1)),
        covered_by__isnull=True,
    )  # fmt: skip
    return list(
        rows.order_by()
        .values("file", "file__enterprise__name", "work_type", "person", "person__name")
        .annotate(planned=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
        .order_by("file__enterprise__pinyin", "file", "work_type", "person__pinyin", "person")  # type: ignore[arg-type]
    )


def open_rounds(before: date) -> Sequence[GuarantorRound]:
    """Rounds whose period is over and that nobody closed."""
    return list(GuarantorRound.objects.filter(closed_at__isnull=True, last_date__lt=before).order_by("pk"))
