"""Sanctions to test (试运授权): which there are, what relies on their points, whose crew is not clear yet."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.loops.sanction import OPEN_SANCTIONS, UNDER_TEST
from quancheng.domains.permits.models import (
    CrewClearance,
    IsolationPoint,
    LinkRole,
    Part,
    Permit,
    PermitPerson,
    PersonalLock,
    Sanction,
    SpaceEntry,
)
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_sanctions(*, actor: Actor) -> QuerySet[Sanction]:
    """Sanctions that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[Sanction] = Sanction.objects.visible_to(actor)
    return rows.select_related("enterprise", "area", "permit").order_by("-asked_at", "pk")


def get_sanction(*, actor: Actor, sanction_id: uuid.UUID) -> Sanction:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_sanctions(actor=actor).select_related("file__enterprise").prefetch_related("points")
    found = rows.filter(pk=sanction_id).first()
    if found is None:
        raise NotFound
    return found


def sanctions_of(permit: Permit) -> Sequence[Sanction]:
    """Those that touch a permit which a query gave to the actor: asked for at it, or of points upon which it relies."""
    relies = Q(points__uses__permit=permit, points__uses__role=LinkRole.RELIES)
    rows = Sanction.objects.filter(Q(permit=permit) | relies).select_related("permit").distinct()
    return list(rows.prefetch_related("points").order_by("-asked_at", "pk"))


def testable(permit: Permit) -> QuerySet[IsolationPoint]:
    """Points upon which a permit relies and that may be lifted for a test: verified, in no open sanction, and no plate,
    which goes in and out under its own blinding permit (7.11)."""
    rows = IsolationPoint.objects.filter(
        uses__permit=permit, uses__role=LinkRole.RELIES, status="VERIFIED"
    ).exclude(device="BLIND")
    return rows.exclude(sanctions__status__in=OPEN_SANCTIONS).order_by("tag", "pk")


def sanction_of(point: IsolationPoint) -> Sanction | None:
    """The one under which a point is lifted, or was and is not proved anew. One query."""
    return Sanction.objects.filter(points=point, status__in=UNDER_TEST).first()


def relying_on(points: Collection[uuid.UUID]) -> QuerySet[Permit]:
    """Permits whose work began and that rely on any of these points, and whatever ended with somebody inside still."""
    inside = SpaceEntry.objects.filter(permit=OuterRef("pk"), left_at__isnull=True)
    rows = Permit.objects.filter(
        isolation_links__point__in=list(points), isolation_links__role=LinkRole.RELIES
    ).filter(Q(status__in=BEGUN) | Exists(inside))
    return rows.distinct().order_by("pk")


@dataclass(frozen=True, slots=True)
class Crew:
    """One permit that relies on the points: who works on it now, who leads, and what its leader signed."""

    permit: Permit
    leader: PermitPerson | None
    workers: Sequence[PermitPerson]
    inside: int
    clearance: CrewClearance | None

    @property
    def is_clear(self) -> bool:
        """Nobody inside, and each of its workers signed clear."""
        told = set(self.clearance.workers) if self.clearance else set()
        return not self.inside and self.clearance is not None and {str(one.pk) for one in self.workers} <= told


def crews_of(row: Sanction) -> Sequence[Crew]:
    """Crews that must be clear before the points of a sanction are lifted. Four queries."""
    permits = list(relying_on([one.pk for one in row.points.all()]))
    keys = [one.pk for one in permits]
    people: dict[uuid.UUID, list[PermitPerson]] = {key: [] for key in keys}
    now_on = PermitPerson.objects.filter(permit__in=keys, ended_at__isnull=True).exclude(part=Part.GUARDIAN)
    for one in now_on.select_related("person").order_by("permit", "number"):
        people[one.permit_id].append(one)
    inside: dict[uuid.UUID, int] = {}
    for key in SpaceEntry.objects.filter(permit__in=keys, left_at__isnull=True).values_list("permit", flat=True):
        inside[key] = inside.get(key, 0) + 1
    signed = {one.permit_id: one for one in row.clearances.select_related("leader__person")}
    return [
        Crew(
            permit=one,
            leader=next((each for each in people[one.pk] if each.part == Part.LEADER), None),
            workers=[each for each in people[one.pk] if each.part == Part.WORKER],
            inside=inside.get(one.pk, 0), clearance=signed.get(one.pk),
        )
        for one in permits
    ]  # fmt: skip


def locks_on(points: Collection[uuid.UUID]) -> Sequence[PersonalLock]:
    """Personal locks that hang at any of these points. One query."""
    rows = PersonalLock.objects.filter(point__in=list(points), taken_at__isnull=True)
    return list(rows.select_related("person", "point").order_by("hung_at", "pk"))
