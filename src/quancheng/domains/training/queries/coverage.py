"""How many of those whom a programme concerns have learned it: by programme, role and enterprise (培训覆盖率)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.training.models import (
    Person,
    PersonPost,
    Programme,
    ProgrammeStanding,
    StandingState,
    WorkRole,
)
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.unified import FOUR_POSTS, names_the_four
from quancheng.kernel.access.actor import Actor

#: Trained, though the hours of this year are still short.
TRAINED = (StandingState.DONE, StandingState.YEAR_SHORT)
#: Late, or due to be done again.
LATE = (StandingState.OVERDUE, StandingState.EXPIRED)
#: Posts that every unit must fill; where a programme names one that nobody holds, the unit is not covered.
MUST_FILL = ("main_head", "safety_manager")
#: What somebody must see to.
GAPS = (StandingState.OVERDUE, StandingState.EXPIRED, StandingState.PENDING, StandingState.YEAR_SHORT)


@dataclass(frozen=True, slots=True)
class Cover:
    """:ivar people: whom it concerns. :ivar trained: who has learned it and need not repeat it yet.
    :ivar short: of those, whose hours of this year are short. :ivar overdue: who is late.
    """

    people: int = 0
    trained: int = 0
    short: int = 0
    overdue: int = 0

    @property
    def rate(self) -> float | None:
        """Per cent, rounded down to a tenth, so that 100 means everybody; None where it concerns nobody."""
        return self.trained * 1000 // self.people / 10 if self.people else None


def list_standings(*, actor: Actor) -> QuerySet[ProgrammeStanding]:
    """Each person whom the actor may see at work against each programme that he owes; gaps first. One query."""
    actor.require(VIEW)
    seen = Person.objects.visible_to(actor).filter(left_date__isnull=True)
    rows = ProgrammeStanding.objects.filter(person__in=seen.values("pk"))
    return rows.select_related("person__enterprise", "programme").order_by(
        "person__enterprise__pinyin", "person__pinyin", "programme__position", "pk"
    )


def standings_of(person: Person) -> Sequence[ProgrammeStanding]:
    """Of one person whom a query gave to the actor, as last measured; one query."""
    rows = ProgrammeStanding.objects.filter(person=person).select_related("programme")
    return list(rows.order_by("programme__position", "pk"))


def coverage(*, actor: Actor, file: Enterprise | None = None) -> list[tuple[Programme, Cover]]:
    """By programme, of all enterprises that the actor may see or of one. Two queries."""
    rows = _of(actor, file).values_list("programme").annotate(**_COUNTS).order_by()
    found = {pk: Cover(*counts) for pk, *counts in rows.values_list("programme", *_COUNTS)}
    programmes = Programme.objects.filter(pk__in=list(found)).order_by("position", "code")
    return [(one, found[one.pk]) for one in programmes]


@dataclass(frozen=True, slots=True)
class RoleCover:
    """One role of a programme. :ivar vacant: units that the programme concerns where nobody is entered in it."""

    role: WorkRole
    cover: Cover
    vacant: int


def coverage_by_role(
    *, actor: Actor, programme: Programme, file: Enterprise | None = None
) -> list[RoleCover]:
    """Of one programme by the roles that it names; a person counts in each role that he holds. Five queries.

    Posts of a unit that entered nobody are told apart: a rate says nothing of them (S1-5a).
    """
    people = dict(_of(actor, file).filter(programme=programme).values_list("person", "state"))
    held: dict[str, list[str]] = defaultdict(list)
    posts = PersonPost.objects.filter(person__in=list(people), to_date__isnull=True, role__code__in=programme.roles)
    for person, role in posts.values_list("person", "role__code"):
        held[role].append(people[person])
    units = _concerned(list_units(actor=actor), programme).order_by()
    if file is not None:
        units = units.filter(pk=file.pk)
    filled = _holders(actor).filter(role__code__in=programme.roles, person__file__in=units.values("pk"))
    here = dict(filled.values_list("role__code").annotate(Count("person__file", distinct=True)).order_by())
    number = units.count()
    roles = WorkRole.objects.filter(code__in=programme.roles).order_by("position", "code")
    return [RoleCover(one, _cover(held[one.code]), number - here.get(one.code, 0)) for one in roles]


class UnitState(TextChoices):
    """How far a unit is covered by a programme (企业覆盖情况)."""

    COVERED = "covered", _("全员覆盖")
    PART = "part", _("未全员覆盖")
    UNENTERED = "unentered", _("未登记应培训人员")


@dataclass(frozen=True, slots=True)
class UnitsCover:
    """Units that a programme concerns, and how many of them are covered."""

    units: int = 0
    covered: int = 0
    part: int = 0
    unentered: int = 0

    @property
    def rate(self) -> float | None:
        """As that of persons."""
        return self.covered * 1000 // self.units / 10 if self.units else None


def list_units(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises, but for closed ones, that the actor may see: those that are measured.

    :raises NotPermitted: no duty.
    """
    actor.require(VIEW)
    return list_enterprises(actor=actor).exclude(life=Life.CLOSED)


def with_cover(rows: QuerySet[Enterprise], programme: Programme, *, actor: Actor) -> QuerySet[Enterprise]:
    """Units that a programme concerns with ``people``, ``trained``, ``short``, ``overdue``, ``vacant`` posts that every
    unit must fill, ``cover_rate`` (per cent) and ``cover_state``; the least covered first. One query.
    """
    here = _of(actor, None).filter(programme=programme, person__file=OuterRef("pk")).order_by()

    def count(found: QuerySet[ProgrammeStanding]) -> Coalesce:
        number = found.values("person__file").annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(number, output_field=IntegerField()), 0)

    must = sorted(set(programme.roles) & {*MUST_FILL, *(FOUR_POSTS if names_the_four(programme) else ())})
    filled = _holders(actor).filter(person__file=OuterRef("pk"), role__code__in=must).order_by()
    number = filled.values("person__file").annotate(number=Count("role", distinct=True)).values("number")
    told = _concerned(rows, programme).annotate(
        people=count(here), trained=count(here.filter(state__in=TRAINED)),
        short=count(here.filter(state=StandingState.YEAR_SHORT)), overdue=count(here.filter(state__in=LATE)),
        vacant=Value(len(must)) - Coalesce(Subquery(number, output_field=IntegerField()), 0),
    ).annotate(
        cover_rate=Case(When(people__gt=0, then=F("trained") * 100 / F("people")), output_field=IntegerField()),
        cover_state=Case(
            When(people=0, then=Value(UnitState.UNENTERED.value)),
            When(trained=F("people"), vacant=0, then=Value(UnitState.COVERED.value)),
            default=Value(UnitState.PART.value), output_field=CharField(),
        ),
    )  # fmt: skip
    return told.order_by(F("cover_rate").asc(nulls_first=True), "pinyin", "pk")


def units_of(*, actor: Actor, programme: Programme) -> UnitsCover:
    """How many units are covered, in part or not entered at all. One query."""
    rows: Any = with_cover(list_units(actor=actor), programme, actor=actor).order_by()
    found = dict(rows.values_list("cover_state").annotate(Count("pk")))
    numbers = {one.value: found.get(one.value, 0) for one in UnitState}
    return UnitsCover(sum(numbers.values()), **numbers)


def least_covered(*, actor: Actor, programme: Programme, number: int) -> list[tuple[Enterprise, Cover]]:
    """The units of a programme that are covered least. One query."""
    rows: Any = with_cover(list_units(actor=actor), programme, actor=actor)[:number]
    return [(one, Cover(one.people, one.trained, one.short, one.overdue)) for one in rows]


def without_holder(role: str) -> Q:
    """Units where nobody is entered in a role, for a filter of those that the actor may see."""
    held = PersonPost.objects.filter(role__code=role, to_date__isnull=True, person__left_date__isnull=True)
    return ~Q(pk__in=held.values("person__file"))


def _holders(actor: Actor) -> QuerySet[PersonPost]:
    seen = Person.objects.visible_to(actor).filter(left_date__isnull=True)
    return PersonPost.objects.filter(person__in=seen.values("pk"), to_date__isnull=True)


def _concerned(rows: QuerySet[Enterprise], programme: Programme) -> QuerySet[Enterprise]:
    return rows.filter(kind__in=programme.kinds) if programme.kinds else rows


@dataclass(frozen=True, slots=True)
class Demand:
    """What one post demands at one enterprise, and how many of its holders meet it."""

    role: WorkRole
    programme: Programme
    cover: Cover


def matrix_of(*, actor: Actor, file: Enterprise) -> list[Demand]:
    """The matrix of an enterprise: post by post what must be learned, how often, and how many have (S2-16a).

    Four queries. Posts that nobody holds are left out.
    """
    by_person: dict[uuid.UUID, list[ProgrammeStanding]] = defaultdict(list)
    for one in _of(actor, file).select_related("programme"):
        by_person[one.person_id].append(one)
    cells: dict[tuple[uuid.UUID, uuid.UUID], list[str]] = defaultdict(list)
    programmes, roles = {}, {}
    posts = PersonPost.objects.filter(person__in=list(by_person), to_date__isnull=True).select_related("role")
    for post in posts:
        roles[post.role_id] = post.role
        for one in by_person[post.person_id]:
            if one.programme.roles and post.role.code not in one.programme.roles:
                continue
            programmes[one.programme_id] = one.programme
            cells[post.role_id, one.programme_id].append(one.state)
    found = [Demand(roles[role], programmes[key], _cover(states)) for (role, key), states in cells.items()]
    return sorted(found, key=lambda one: (one.role.position, one.programme.position))


def gaps_of(*, actor: Actor, file: Enterprise) -> QuerySet[ProgrammeStanding]:
    """Who of an enterprise lacks what, the latest first."""
    return list_standings(actor=actor).filter(person__file=file, state__in=GAPS).order_by(
        "due_date", "person__pinyin", "programme__position", "pk"
    )


_COUNTS = {
    "people": Count("pk"), "trained": Count("pk", filter=Q(state__in=TRAINED)),
    "short": Count("pk", filter=Q(state=StandingState.YEAR_SHORT)),
    "overdue": Count("pk", filter=Q(state__in=LATE)),
}  # fmt: skip


def _of(actor: Actor, file: Enterprise | None) -> QuerySet[ProgrammeStanding]:
    rows = list_standings(actor=actor).select_related(None)
    return rows.filter(person__file=file) if file is not None else rows


def _cover(states: Sequence[str]) -> Cover:
    return Cover(
        len(states), sum(one in TRAINED for one in states), sum(one == StandingState.YEAR_SHORT for one in states),
        sum(one in LATE for one in states),
    )  # fmt: skip
