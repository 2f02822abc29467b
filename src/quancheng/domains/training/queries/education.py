"""What people learned, and the rules by which hours are counted."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from quancheng.domains.training.models import EducationRules, Person, TrainingRecord
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.programmes import programmes_on
from quancheng.domains.training.queries.standing import Standing, entry_standing, learned_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.errors import NotFound

#: Of offices: hours of people of enterprises whom the office itself taught.
OFFICE_HOURS = "training.office_hours"


def rules() -> EducationRules:
    """The rules that count now; those of a new house where nobody set any. One query."""
    return EducationRules.objects.order_by("-created_at", "-pk").first() or EducationRules()


def hours_said(hours: Decimal) -> str:
    """Hours as people write them: 8, 2.5."""
    return f"{hours:.1f}".removesuffix(".0")


def list_records(*, actor: Actor) -> ScopedQuerySet[TrainingRecord]:
    """Hours of persons that the actor may see, the newest first; those struck out too.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    rows = TrainingRecord.objects.visible_to(actor).select_related("person", "programme", "order", "enterprise")
    return rows.order_by("-held_date", "-pk")


def get_record(*, actor: Actor, record_id: uuid.UUID) -> TrainingRecord:
    rows = list_records(actor=actor).select_related("person__file", "entered_by", "course", "office")
    found = rows.filter(pk=record_id).first()
    if found is None:
        raise NotFound
    return found


def records_of(person: Person) -> Sequence[TrainingRecord]:
    """Hours of a person whom a query gave to the actor, the newest first; one query."""
    rows = TrainingRecord.objects.filter(person=person).select_related("programme", "order")
    return list(rows.order_by("-held_date", "-pk"))


def imported_of(
    *, actor: Actor, files: Collection[uuid.UUID], badges: Collection[str], numbers: Collection[str]
) -> list[TrainingRecord]:
    """Hours of people of some files that came in under these numbers of their source; one query."""
    actor.require(VIEW)
    rows = TrainingRecord.objects.visible_to(actor).filter(person__file__in=list(files), struck_at__isnull=True)
    rows = rows.filter(person__staff_no__in=list(badges), source_number__in=[one for one in numbers if one])
    return list(rows.select_related("person", "person__enterprise", "programme", "course"))


def hours_by_day(persons: Collection[Person], days: Collection[date]) -> dict[tuple[uuid.UUID, date], Decimal]:
    """Hours that count on some days, of all programmes; one query."""
    rows = TrainingRecord.objects.filter(
        person__in=[one.pk for one in persons], held_date__in=list(days), struck_at__isnull=True
    ).order_by()
    told = rows.values_list("person", "held_date").annotate(Sum("hours"))
    return {(person, day): hours for person, day, hours in told}


def hours_on(person: Person, day: date) -> Decimal:
    """Hours that count on one day, of all programmes."""
    rows = TrainingRecord.objects.filter(person=person, held_date=day, struck_at__isnull=True)
    return rows.aggregate(sum=Sum("hours"))["sum"] or Decimal(0)


@dataclass(frozen=True, slots=True)
class EntryEducation:
    """The education of one person before work (三级安全教育, or entry education of people from outside).

    :ivar is_owed: false for heads and safety managers, who learn by another programme.
    :ivar done: the day on which hours at each level and the exam were there; None before.
    :ivar until: the last day on which it holds; None without end.
    :ivar levels: level, hours demanded, hours had.
    :ivar practice_passed: true also where no practical part is asked of him.
    """

    is_owed: bool
    programme: str = ""
    done: date | None = None
    until: date | None = None
    exam_passed: bool = False
    levels: tuple[tuple[str, int, Decimal], ...] = ()
    practice_passed: bool = True

    def holds_on(self, day: date) -> bool:
        """Whether he may begin to work on a day as far as this education goes."""
        if not self.is_owed:
            return True
        return self.done is not None and self.done <= day and (self.until is None or day <= self.until)


def entry_education_of(persons: Sequence[Person], day: date) -> dict[uuid.UUID, EntryEducation]:
    """The education before work of persons whom a query gave to the actor, as it stood on a day. Five queries, since
    certificates prove only what offices ask of their own."""
    learned, programmes = learned_of(persons, on=day, certificates=()), programmes_on(day)
    return {one.pk: entry_told(entry_standing(one, learned[one.pk], programmes, on=day)) for one in persons}


def entry_told(found: Standing | None) -> EntryEducation:
    if found is None:
        return EntryEducation(is_owed=False)
    return EntryEducation(
        True, found.programme.code, found.done, found.until, found.exam_passed, found.levels,
        found.practice_passed,
    )
