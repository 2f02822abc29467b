"""How the posts of an enterprise are filled, and where in the district people lack what their posts require."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.training.models import Person, PersonPost, PersonQualification, RoleRequirement, WorkRole
from quancheng.domains.training.models.certificates import COUNTS
from quancheng.domains.training.queries.judging import PostVerdict, verdicts_of
from quancheng.domains.training.queries.persons import list_persons
from quancheng.kernel.access.actor import Actor

#: The post whose holders are counted where one at least must be trained and passed (S3-5.2c).
SAFETY_MANAGER = "safety_manager"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a post, and whether he may."""

    person: Person
    held: PostVerdict


@dataclass(frozen=True, slots=True)
class RoleStaff:
    """A role with all who work in it at one enterprise, those with gaps first."""

    role: WorkRole
    holders: tuple[Holder, ...]

    @property
    def gaps(self) -> int:
        return sum(1 for one in self.holders if one.held.verdict.reasons)


def staff_of(*, actor: Actor, file: Enterprise, on: date) -> list[RoleStaff]:
    """Posts of an enterprise that the actor may see, with education and certificates of who holds each, judged anew
    (S4-C3.3.3a). Fourteen queries at most.
    """
    persons = list(list_persons(actor=actor).at_work().filter(file=file, posts__to_date__isnull=True).distinct())
    by_role: dict[WorkRole, list[Holder]] = {}
    found = verdicts_of(persons, on=on)
    for person in persons:
        for held in found[person.pk]:
            by_role.setdefault(held.post.role, []).append(Holder(person, held))
    ordered = sorted(by_role.items(), key=lambda pair: (pair[0].position, pair[0].code))
    return [
        RoleStaff(role, tuple(sorted(holders, key=lambda one: (one.held.verdict.may, not one.held.verdict.reasons))))
        for role, holders in ordered
    ]


def list_staffing(*, actor: Actor, on: date) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see with how many people they entered, how many lack something, and whether a
    safety manager who was trained and passed works there; by name. One query.

    :raises NotPermitted: his duties do not ask him to.
    """
    seen = list_persons(actor=actor).order_by().prefetch_related(None).select_related(None)
    here = seen.filter(file=OuterRef("pk"), left_date__isnull=True)

    def count(rows: QuerySet[Person]) -> Coalesce:
        number = rows.values("file").annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(number, output_field=IntegerField()), 0)

    # Which certificates prove it is what the role requires, as the district set it.
    proofs = RoleRequirement.objects.on(on).filter(role__code=SAFETY_MANAGER, certificate__isnull=False)
    passed: Any = PersonQualification.objects.with_state(on=on)
    passed = passed.filter(person=OuterRef("person"), kind__in=proofs.values("certificate"), state__in=COUNTS)
    managers = PersonPost.objects.filter(
        person__file=OuterRef("pk"), role__code=SAFETY_MANAGER, to_date__isnull=True, from_date__lte=on
    )
    return list_enterprises(actor=actor).annotate(
        people=count(here), outside=count(here.exclude(employer_name="")),
        with_gaps=count(here.filter(gap_count__gt=0)),
        barred=count(here.filter(barred_count__gt=0)), has_manager=Exists(managers.filter(Exists(passed))),
    )  # fmt: skip


#: Enterprises where something is to be done, for a filter.
WITH_GAPS = Q(with_gaps__gt=0)
WITHOUT_MANAGER = Q(has_manager=False)


def verdicts_for(person: Person, *, on: date) -> Sequence[PostVerdict]:
    """The posts of a person whom a query gave to the actor, judged."""
    return verdicts_of([person], on=on)[person.pk] if person.left_date is None else ()
