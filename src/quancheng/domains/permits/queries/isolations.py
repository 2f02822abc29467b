"""Points of isolation (隔离点): the register, which permits rely on a point, whose locks hang there."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.permits.loops.isolation import OPEN_STATES, STANDING
from quancheng.domains.permits.loops.permit import BEGUN, RUNNING
from quancheng.domains.permits.loops.sanction import OPEN_SANCTIONS
from quancheng.domains.permits.models import (
    EnterpriseFigure,
    IsolationLink,
    IsolationPoint,
    LinkRole,
    Permit,
    PermitPerson,
    PersonalLock,
    Sanction,
    SpaceEntry,
)
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.parameters import Parameters

_FIGURE = "isolation_review_d"


def list_isolations(*, actor: Actor) -> QuerySet[IsolationPoint]:
    """Points that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[IsolationPoint] = IsolationPoint.objects.visible_to(actor)
    return rows.select_related("enterprise", "area", "unit", "facility").order_by("-planned_at", "pk")


def get_isolation(*, actor: Actor, isolation_id: uuid.UUID) -> IsolationPoint:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_isolations(actor=actor).select_related(
        "file__enterprise", "applied_person", "verified_person", "removed_person"
    )
    found = rows.filter(pk=isolation_id).first()
    if found is None:
        raise NotFound
    return found


def open_points(*, actor: Actor, permit: Permit) -> QuerySet[IsolationPoint]:
    """Points of the permit's enterprise that did not end and that it does not name yet."""
    rows = list_isolations(actor=actor).filter(file=permit.file_id, status__in=OPEN_STATES)
    return rows.exclude(uses__permit=permit).order_by("tag", "pk")


def unit_choices(*, actor: Actor) -> list[tuple[str, str]]:
    """Units in which points lie that the actor sees; with the enterprise for whoever sees several. One query."""
    rows = list_isolations(actor=actor).filter(unit__isnull=False).order_by("enterprise__pinyin", "unit__code")
    told = rows.values_list("unit_id", "unit__code", "unit__name", "enterprise__name").distinct()
    return [
        (str(pk), f"{code} {name}" if actor.organisation_id and not actor.supervises else f"{whose} {code} {name}")
        for pk, code, name, whose in told
    ]  # fmt: skip


def links_of(permit: Permit) -> Sequence[IsolationLink]:
    """Points of a permit that a query gave to the actor, by their tags. One query."""
    return links_of_many([permit.pk])[permit.pk]


def links_of_many(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[IsolationLink]]:
    """Points of these permits, of each by their tags. One query."""
    found: dict[uuid.UUID, list[IsolationLink]] = {key: [] for key in keys}
    rows = IsolationLink.objects.filter(permit__in=list(keys)).select_related("point").order_by("point__tag", "pk")
    out = taking_out().filter(point=OuterRef("point")).exclude(permit=OuterRef("permit"))
    tests = Sanction.objects.filter(points=OuterRef("point"))
    proved = tests.filter(status="CLOSED").order_by("-closed_at").values("closed_at")[:1]
    open_ones = Exists(tests.filter(status__in=OPEN_SANCTIONS))
    for one in rows.annotate(coming_out=Exists(out), tested=open_ones, proved=Subquery(proved)):
        one.is_coming_out, one.is_under_test, one.proved_at = one.coming_out, one.tested, one.proved
        found[one.permit_id].append(one)
    _mark_tested_lines([one for links in found.values() for one in links])
    return found


def _mark_tested_lines(links: Collection[IsolationLink]) -> None:
    """Of plates that work fits or takes out those on whose line another point is lifted for a test, or is asked for.
    One query; none without plates."""
    plates = [one for one in links if one.role == LinkRole.FITS and one.point.equipment]
    if plates:
        rows = IsolationPoint.objects.filter(
            file__in={one.point.file_id for one in plates}, sanctions__status__in=OPEN_SANCTIONS
        )
        lines = {(one.file_id, line_of(one)) for one in rows if one.equipment}
        for plate in plates:
            plate.is_under_test = (plate.point.file_id, line_of(plate.point)) in lines


def taking_out() -> QuerySet[IsolationLink]:
    """Plates with the permits that take them out now: until the register knows, they hold nothing for anybody else."""
    return IsolationLink.objects.filter(
        role=LinkRole.FITS, permit__kind="BL", permit__status__in=BEGUN,
        permit__work__operations__contains="REMOVE",
    )  # fmt: skip


def lines_taken(links: Collection[IsolationLink]) -> set[uuid.UUID]:
    """Of permits whose work fits or takes out a plate those on whose line another such permit of the enterprise is at
    work (7.10), or stands before the register knows how its plate does. Lines are known by their names in the register,
    whatever their spaces and case. One query; none without plates."""
    plates = [one for one in links if one.role == LinkRole.FITS and one.point.equipment]
    if not plates:
        return set()
    told = lines_opened({one.point.file_id for one in plates})
    return {
        one.permit_id for one in plates
        if any(
            permit.pk != one.permit_id and (file, line) == (one.point.file_id, line_of(one.point))
            for permit, file, line in told
        )
    }  # fmt: skip


def lines_opened(files: Collection[uuid.UUID]) -> list[tuple[Permit, uuid.UUID, str]]:
    """Lines of enterprises on which blinding is at work, or stands before the register knows how its plate does: the
    permit, whose line, and its name. One query."""
    others = IsolationLink.objects.filter(role=LinkRole.FITS, permit__status__in=BEGUN, point__file__in=list(files))
    return [
        (one.permit, one.point.file_id, line_of(one.point)) for one in others.select_related("permit", "point")
        if one.permit.status == "WORKING" or not _is_done(one)
    ]  # fmt: skip


def line_of(point: IsolationPoint) -> str:
    """The name of its line, whatever its spaces and case."""
    return "".join(point.equipment.split()).casefold()


def _is_done(link: IsolationLink) -> bool:
    """Whether the register knows that a blinding permit put its plate in, or took it out."""
    return link.point.status in (("REMOVED",) if takes_out(link.permit) else STANDING)


def permits_of(point: IsolationPoint, role: LinkRole) -> QuerySet[Permit]:
    """Permits that a point serves in one way, the latest window first."""
    rows = Permit.objects.filter(isolation_links__point=point, isolation_links__role=role)
    return rows.order_by("-window_start", "pk")


def relying_now(point: IsolationPoint) -> QuerySet[Permit]:
    """Permits signed through and not finished that rely on a point, and whatever ended with somebody inside still:
    while there is one, it stays."""
    inside = SpaceEntry.objects.filter(permit=OuterRef("pk"), left_at__isnull=True)
    return permits_of(point, LinkRole.RELIES).filter(Q(status__in=RUNNING) | Exists(inside))


def links_of_point(point: IsolationPoint) -> Sequence[IsolationLink]:
    """Permits that a point serves, for its page. One query."""
    rows = IsolationLink.objects.filter(point=point).select_related("permit")
    return list(rows.order_by("-permit__window_start", "pk"))


def locks_of(point: IsolationPoint) -> Sequence[PersonalLock]:
    """Locks that hang or hung at a point, those that hang first. One query."""
    rows = PersonalLock.objects.filter(point=point).select_related("person", "witness", "permit")
    return sorted(rows.order_by("-hung_at", "pk"), key=lambda one: one.taken_at is not None)


def hanging(*, point: IsolationPoint | None = None, permit: Permit | None = None) -> QuerySet[PersonalLock]:
    """Locks that hang at a point, or for a permit wherever they hang."""
    rows = PersonalLock.objects.filter(taken_at__isnull=True).select_related("person", "point__file", "permit")
    rows = rows if point is None else rows.filter(point=point)
    return (rows if permit is None else rows.filter(permit=permit)).order_by("hung_at", "pk")


def crew_at(point: IsolationPoint) -> QuerySet[PermitPerson]:
    """Who is now on the permits in force that rely on a point."""
    rows = PermitPerson.objects.filter(
        permit__isolation_links__point=point, permit__isolation_links__role=LinkRole.RELIES,
        permit__status__in=RUNNING, ended_at__isnull=True,
    )  # fmt: skip
    return rows.select_related("person", "permit__file").order_by("permit", "number")


# How long it stands ---------------------------------------------------------------------------------------------------


def review_days(file: uuid.UUID, now: datetime) -> int:
    """After how many days without a look a point of an enterprise is overdue. One query."""
    return int(review_days_of([file], now)[file])


def review_days_of(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, int]:
    """As :func:`review_days`, of several. One query."""
    every = dict.fromkeys(files, int(Parameters().isolation_review_d))
    rows = EnterpriseFigure.objects.filter(
        file__in=list(files), name=_FIGURE, from_date__lte=Calendar().local_date(now)
    )
    for row in rows.order_by("from_date", "entered_at", "pk"):
        every[row.file_id] = int(float(row.value))
    return every


def is_long(now: datetime) -> Q:
    """Points that stand longer than their enterprise leaves without a second thought (长期隔离). One query."""
    return Q(status__in=STANDING) & _older("applied_at", now)


def is_unchecked(now: datetime, days: int | None = None) -> Q:
    """Points at which nobody looked for so long. One query; none where the days of the one enterprise are told."""
    if days is not None:
        return Q(status__in=STANDING, looked_at__lt=now - timedelta(days=days))
    return Q(status__in=STANDING) & _older("looked_at", now)


def _older(name: str, now: datetime) -> Q:
    """Older than the days of each enterprise: few set their own."""
    usual = int(Parameters().isolation_review_d)
    files = set(EnterpriseFigure.objects.filter(name=_FIGURE).values_list("file", flat=True))
    before = {f"{name}__lt": now - timedelta(days=usual)}
    if not files:
        return Q(**before)
    found = Q(**before) & ~Q(file__in=files)
    for file, days in review_days_of(files, now).items():
        found |= Q(file=file, **{f"{name}__lt": now - timedelta(days=days)})
    return found


def stood_days(row: IsolationPoint, now: datetime) -> int | None:
    """Whole days since it was applied, to its end; None before."""
    if row.applied_at is None:
        return None
    return max(0, ((row.removed_at or now) - row.applied_at).days)


# For other rooms and the audit ----------------------------------------------------------------------------------------


def persons_at_isolations() -> QuerySet[Person, uuid.UUID]:
    """Keys of everybody whom a point or a lock names; for use inside another query."""
    points, locks = IsolationPoint.objects, PersonalLock.objects
    named = [
        *(Q(pk__in=points.filter(**{f"{name}__isnull": False}).values(name))
          for name in ("applied_person", "verified_person", "removed_person")),
        Q(pk__in=locks.values("person")), Q(pk__in=locks.filter(witness__isnull=False).values("witness")),
    ]  # fmt: skip
    asked = named[0]
    for one in named[1:]:
        asked |= one
    return Person.objects.filter(asked).values_list("pk", flat=True)


def operation_of(permit: Permit) -> str:
    """``INSERT`` or ``REMOVE`` of blinding; another text where it tells neither, or both."""
    return "+".join(permit.work.get("operations", ()))


def takes_out(permit: Permit) -> bool:
    """Whether its work takes a plate out, whatever else it does."""
    return permit.kind == "BL" and "REMOVE" in permit.work.get("operations", ())


def plate_of(permit: Permit) -> IsolationPoint | None:
    """The plate that a blinding permit fits or takes out, as the register has it; None where it has none. One query."""
    found = IsolationLink.objects.filter(permit=permit, role=LinkRole.FITS).select_related("point").first()
    return found.point if found else None


def has_plates(file: uuid.UUID) -> bool:
    """Whether an enterprise keeps a register of blind plates. One query."""
    return IsolationPoint.objects.filter(file=file, device="BLIND").exclude(status="CANCELLED").exists()


def plate_known_as(file: uuid.UUID, tag: str) -> IsolationPoint | None:
    """The plate of an enterprise that did not end and bears that number. One query."""
    return IsolationPoint.objects.filter(file=file, device="BLIND", tag=tag, status__in=OPEN_STATES).first()


def counted(rows: QuerySet[IsolationPoint]) -> QuerySet[IsolationPoint]:
    """With how many personal locks hang at each."""
    return rows.annotate(lock_count=Count("locks", filter=Q(locks__taken_at__isnull=True)))
