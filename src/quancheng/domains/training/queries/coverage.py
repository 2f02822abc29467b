"""How many of those whom a programme concerns have learned it: by programme, by role, by enterprise (培训覆盖率)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Person,
    PersonPost,
    Programme,
    ProgrammeStanding,
    StandingState,
    WorkRole,
)
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor

#: Trained, though the hours of this year are still short.
TRAINED = (StandingState.DONE, StandingState.YEAR_SHORT)
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


def coverage_by_role(
    *, actor: Actor, programme: Programme, file: Enterprise | None = None
) -> list[tuple[WorkRole, Cover]]:
    """Of one programme by the roles that it names; a person counts in each role that he holds. Three queries."""
    people = dict(_of(actor, file).filter(programme=programme).values_list("person", "state"))
    held: dict[str, list[str]] = defaultdict(list)
    posts = PersonPost.objects.filter(person__in=list(people), to_date__isnull=True, role__code__in=programme.roles)
    for person, role in posts.values_list("person", "role__code"):
        held[role].append(people[person])
    roles = WorkRole.objects.filter(code__in=programme.roles).order_by("position", "code")
    return [(one, _cover(held[one.code])) for one in roles]


def coverage_by_enterprise(*, actor: Actor, programme: Programme) -> list[tuple[Enterprise, Cover]]:
    """Of one programme by enterprise, the least covered first. Two queries."""
    rows = _of(actor, None).filter(programme=programme).values("person__file").annotate(**_COUNTS).order_by()
    found = {pk: Cover(*counts) for pk, *counts in rows.values_list("person__file", *_COUNTS)}
    files = Enterprise.objects.filter(pk__in=list(found)).select_related("enterprise")
    told = [(one, found[one.pk]) for one in files]
    return sorted(told, key=lambda pair: (pair[1].rate or 0, pair[0].pinyin, str(pair[0].pk)))


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
    "overdue": Count("pk", filter=Q(state__in=[StandingState.OVERDUE, StandingState.EXPIRED])),
}  # fmt: skip


def _of(actor: Actor, file: Enterprise | None) -> QuerySet[ProgrammeStanding]:
    rows = list_standings(actor=actor).select_related(None)
    return rows.filter(person__file=file) if file is not None else rows


def _cover(states: Sequence[str]) -> Cover:
    late = (StandingState.OVERDUE, StandingState.EXPIRED)
    return Cover(
        len(states), sum(one in TRAINED for one in states), sum(one == StandingState.YEAR_SHORT for one in states),
        sum(one in late for one in states),
    )  # fmt: skip
