"""Sanctions to test (试运授权): which there are, what relies on their points, whose crew is not clear yet."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.permits.loops.permit import RUNNING
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
from quancheng.domains.permits.queries.isolations import line_of, lines_opened
from quancheng.domains.permits.queries.orders import in_force, is_for
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.queries.sealing import image_seal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import NotFound

#: What binds the name that a leader drew to what he signed.
CLEAR = "CREW_CLEAR"
#: What stands for one of these is no place for a test: something is wrong there.
GRAVE = ("GAS_ALARM", "UNIT_UPSET", "EVACUATION", "SOS", "INSPECTOR_ORDER")
#: Signed through and not accepted: a crew of it may be at the place.
_CONCERNED = (*RUNNING, "FINISHED")


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


def tests_of(permit: Permit) -> Sequence[Sanction]:
    """Those for which points upon which a permit relies are lifted now, or not proved anew since. One query."""
    rows = Sanction.objects.filter(
        points__uses__permit=permit, points__uses__role=LinkRole.RELIES, status__in=UNDER_TEST
    )
    return list(rows.distinct().order_by("pk"))


def relying_on(points: Collection[uuid.UUID]) -> QuerySet[Permit]:
    """Permits that are issued and not accepted and rely on any of these points, and whatever ended with somebody inside
    still."""
    inside = SpaceEntry.objects.filter(permit=OuterRef("pk"), left_at__isnull=True)
    rows = Permit.objects.filter(
        isolation_links__point__in=list(points), isolation_links__role=LinkRole.RELIES
    ).filter(Q(status__in=_CONCERNED) | Exists(inside))
    return rows.distinct().select_related("file").order_by("pk")


@dataclass(frozen=True, slots=True)
class Crew:
    """One permit that relies on the points: who works on it now, who leads, and what its leader signed."""

    permit: Permit
    leader: PermitPerson | None
    workers: Sequence[PermitPerson]
    inside: int
    #: The newest of it, and whether what was signed is what stands here.
    clearance: CrewClearance | None
    is_unaltered: bool

    @property
    def since(self) -> datetime:
        """Since when its work stands as it does: what was signed before says nothing of now."""
        stopped = self.permit.stopped_at if self.permit.status == "SUSPENDED" else None
        return max(filter(None, (self.permit.status_at, stopped)))

    @property
    def is_clear(self) -> bool:
        """Its work stands, nobody is inside, and each of its workers was signed clear since."""
        one = self.clearance
        if one is None or self.inside or self.permit.status == "WORKING":
            return False
        if not self.is_unaltered or one.cleared_at < self.since:
            return False
        return {str(each.pk) for each in self.workers} <= set(one.workers)


def seal_of(row: Sanction, one: CrewClearance) -> str:
    """Of what a leader signs: which test of which points until when, of which permit and whom he found clear when."""
    return digest_of({
        "sanction": row.pk, "purpose": row.purpose, "ends_at": row.ends_at,
        "points": sorted(str(point.pk) for point in row.points.all()), "permit": one.permit_id,
        "permit_seal": one.permit.seal, "leader": one.leader_id, "workers": sorted(one.workers),
        "cleared_at": one.cleared_at,
    })  # fmt: skip


def is_as_signed(row: Sanction, one: CrewClearance) -> bool:
    """Whether a clearance still says what was signed, by the name that was drawn to it."""
    return one.seal == seal_of(row, one) and one.image_seal == image_seal(one.image, one.seal, CLEAR)


def clearances_of(row: Sanction) -> Sequence[tuple[CrewClearance, bool]]:
    """All that were signed, in their order, with whether each is as it was signed. Two queries."""
    rows = row.clearances.select_related("permit", "leader__person").order_by("cleared_at", "pk")
    return [(one, is_as_signed(row, one)) for one in rows]


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
    signed = {one.permit_id: (one, is_whole) for one, is_whole in clearances_of(row)}
    return [
        Crew(
            permit=one,
            leader=next((each for each in people[one.pk] if each.part == Part.LEADER), None),
            workers=[each for each in people[one.pk] if each.part == Part.WORKER],
            inside=inside.get(one.pk, 0), clearance=signed.get(one.pk, (None, False))[0],
            is_unaltered=signed.get(one.pk, (None, False))[1],
        )
        for one in permits
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What makes a test a danger now: a stop order (``order``), a permit that stands for something grave
    (``reason``), or blinding on the line of a point (``tag``)."""

    permit: Permit | None = None
    order: str = ""
    reason: str = ""
    tag: str = ""


def hindrance_of(points: Sequence[IsolationPoint], permit: Permit) -> Hindrance | None:
    """The first that is found of a test of points that is asked for at a permit. Three queries."""
    permits = {one.pk: one for one in relying_on([one.pk for one in points])} | {permit.pk: permit}
    for order in in_force():
        mine = next((one for one in permits.values() if is_for(order, one)), None)
        here = order.file_id == permit.file_id and order.permit_id is None and (
            order.unit_id is None or order.unit_id in {one.unit_id for one in points}
        )  # fmt: skip
        if mine is not None or here:
            return Hindrance(permit=mine or permit, order=order.number)
    for one in permits.values():
        if one.status == "SUSPENDED" and one.stop_reason in GRAVE:
            return Hindrance(permit=one, reason=one.stop_reason)
    opened = lines_opened({permit.file_id}) if any(one.equipment for one in points) else ()
    for point in points:
        found = next((one for one, file, line in opened if (file, line) == (point.file_id, line_of(point))), None)
        if point.equipment and found is not None:
            return Hindrance(permit=found, tag=point.tag)
    return None


def locks_on(points: Collection[uuid.UUID]) -> Sequence[PersonalLock]:
    """Personal locks that hang at any of these points. One query."""
    rows = PersonalLock.objects.filter(point__in=list(points), taken_at__isnull=True)
    return list(rows.select_related("person", "point").order_by("hung_at", "pk"))
