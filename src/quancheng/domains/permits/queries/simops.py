"""Simultaneous work as the house finds it: permits and operations near each other at one time, of whatever enterprise.

Permits without a place are not found. Of another enterprise nothing is told but kind, place, time and its name.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import OperationNotice, OutsidePermit, Permit, SimopsConflict
from quancheng.domains.permits.queries.outside_points import is_misplaced
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.registry.geometry import around as box_around
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.coordinates import EARTH_M
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.simops import Conflict, Crowded, Job, crowded
from quancheng.standards.gb30871.simops_finder import conflicts_with, find_conflicts

PLANNED = ("REQUESTED", "PREPARING", "APPROVING")
#: Signed through: what is issued beside them must not meet them.
LIVE = ("ISSUED", "WORKING", "SUSPENDED")
HOT = "HW"
#: TICKET_STATUS of other systems' permits that count, with our state for each.
_OUTSIDE = {"1": "ISSUED", "2": "WORKING", "6": "SUSPENDED"}
#: Degrees around a place within which other work is looked for: two kilometres at least, farther than any rule with
#: the largest place.
_AROUND = Decimal("0.02")
#: Metres between two places, their own reach not included, within which any rule may hold: farther than the widest of
#: them with two cranes whose reach nobody told.
_CLOSE_M = 150.0
_DEGREE_M = EARTH_M * math.pi / 180
#: Metres within which work of one kind, enterprise and time that two systems know is one and the same [D].
_SAME_M = 10.0
#: Longitude and latitude from which metres are counted.
Origin = tuple[float, float]
_FIELDS = (
    "pk", "kind", "level", "effective", "status", "file_id", "unit_id", "lon", "lat", "radius_m", "z_min_m", "z_max_m",
    "ties", "work__hot_work__hazard_place", "work__hazard_place", "window_start", "window_end",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Met:
    """What a permit meets: the conflict seen from it, the other side (a permit, an operation, or a permit of another
    system), in which state that is (of an operation ``OPERATION``), and the decision that stands."""

    rule: str
    result: str
    distance_m: float
    overlap: Slot
    text: Any
    clause: str
    other: uuid.UUID | None
    operation: uuid.UUID | None
    state: str
    decision: SimopsConflict | None = None
    outside: uuid.UUID | None = None
    #: Whether it is a permit of another system and another enterprise.
    is_foreign: bool = False

    @property
    def side(self) -> uuid.UUID | None:
        """The key of the other side, whatever it is; none where too much is in one zone."""
        return self.other or self.operation or self.outside


def _job(row: Mapping[str, Any], origin: Origin, group: str) -> Job:
    """A permit as the standard's finder knows it, in metres from an origin."""
    x_m, y_m = _metres(row["lon"], row["lat"], origin)
    ties: dict[str, Any] = _ties(row["ties"] or {})
    hazard = row["work__hot_work__hazard_place"]
    return Job(
        code=str(row["pk"]), activity=row["kind"], slot=Slot(row["window_start"], row["window_end"]),
        x_m=x_m, y_m=y_m,
        radius_m=_number(row["radius_m"]), z_min_m=_number(row["z_min_m"]), z_max_m=_number(row["z_max_m"]),
        level=row["effective"] or row["level"], job_group=group, zone=str(row["unit_id"] or ""),
        hazard_place=row["work__hazard_place"] if hazard is None else hazard, **ties,
    )  # fmt: skip


def _operation_job(row: OperationNotice, origin: Origin) -> Job:
    x_m, y_m = _metres(row.lon, row.lat, origin)
    ties: dict[str, Any] = _ties(row.ties)
    return Job(
        code=str(row.pk), activity=row.activity, slot=Slot(row.starts_at, row.ends_at),
        x_m=x_m, y_m=y_m,
        radius_m=_number(row.radius_m), zone=str(row.unit_id or ""), **ties,
    )  # fmt: skip


def _outside_job(row: OutsidePermit, origin: Origin) -> Job:
    """A permit of another system: its record tells neither reach nor heights nor what it touches."""
    x_m, y_m = _metres(row.lon, row.lat, origin)
    slot = Slot(row.window_start, row.window_end)
    return Job(code=str(row.pk), activity=row.kind, slot=slot, x_m=x_m, y_m=y_m, level=row.level)


def _ties(told: Mapping[str, str]) -> dict[str, Any]:
    """Names of what is touched; a word for none is none."""
    return {name: "" if value in ("无", "没有", "none") else value for name, value in told.items()}


def _metres(lon: Decimal, lat: Decimal, origin: Origin) -> tuple[float, float]:
    """East and north of an origin; off by half a per cent at a degree from it."""
    east = (float(lon) - origin[0]) * _DEGREE_M * math.cos(math.radians(origin[1]))
    return east, (float(lat) - origin[1]) * _DEGREE_M


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class Scene:
    """All work of a region: jobs, and what each code is."""

    jobs: dict[str, Job]
    permits: dict[str, Mapping[str, Any]]
    operations: dict[str, OperationNotice]
    outside: dict[str, OutsidePermit]
    #: Permits of ours that one of another system is taken to repeat.
    repeats: dict[str, set[str]]


def scene(
    where: Q, origin: Origin, *, from_at: datetime, own: Collection[uuid.UUID] = (), near: Q | None = None,
    crowd: Q | None = None,
) -> Scene:  # fmt: skip
    """Permits that are planned or live, operations that were told and permits of other systems that were issued, which
    end after a moment. Four queries.

    :param where: which of them, by place and ties. :param near: of those that have neither reach nor ties, where it
        differs. :param crowd: permits that are wanted besides, wherever they are.
    :param own: permits that are wanted whatever their state.
    """
    asked = where if crowd is None else where | crowd
    wanted = Q(pk__in=list(own)) | (asked & Q(status__in=(*PLANNED, *LIVE)) & (
        Q(window_end__gt=from_at) | Q(status__in=BEGUN)
    ))  # fmt: skip
    rows = {str(row["pk"]): row for row in Permit.objects.filter(wanted, lon__isnull=False).values(*_FIELDS)}
    # One alone is of no job with another.
    groups = _groups([row["pk"] for row in rows.values()]) if len(rows) > 1 else {}
    jobs = {code: _job(row, origin, groups.get(row["pk"], "")) for code, row in rows.items()}
    told = {str(one.pk): one for one in OperationNotice.objects.filter(where, ends_at__gt=from_at)}
    jobs |= {code: _operation_job(one, origin) for code, one in told.items()}
    found = OutsidePermit.objects.filter(
        where if near is None else near, state__in=_OUTSIDE, is_deleted=False, window_end__gt=from_at
    )
    outside = {str(one.pk): one for one in found.select_related("file") if not is_misplaced(one)}
    repeats: dict[str, set[str]] = {}
    for code, one in outside.items():
        job = _outside_job(one, origin)
        twins = [jobs[key] for key, row in rows.items() if row["file_id"] == one.file_id and _is_same(job, jobs[key])]
        repeats[code] = {each.code for each in twins}
        # Of the same job as what it repeats: what that one may stand beside, it may too.
        jobs[code] = replace(job, job_group=twins[0].job_group) if twins else job
    return Scene(jobs, rows, told, outside, repeats)


def _is_same(one: Job, own: Job) -> bool:
    """Whether two permits of one enterprise, in two systems, are of the same work at the same point and time."""
    return (
        one.activity == own.activity and math.hypot(one.x_m - own.x_m, one.y_m - own.y_m) <= _SAME_M
        and one.slot.start < own.slot.end and own.slot.start < one.slot.end
    )  # fmt: skip


def _groups(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Which job each permit is of, where several are of one. One query."""
    head: dict[uuid.UUID, uuid.UUID] = {}

    def of(key: uuid.UUID) -> uuid.UUID:
        while head.get(key, key) != key:
            key = head[key]
        return key

    pairs = Permit.related.through.objects.filter(from_permit__in=list(keys)).values_list("from_permit", "to_permit")
    for one, other in pairs:
        first, second = sorted((of(one), of(other)))
        head[second] = head[first] = first
    return {key: str(of(key)) for key in head}


def met_by(permit: Permit) -> list[Met]:
    """What a permit meets, gravest first. Five queries at most; none where it has no place."""
    if permit.lon is None or permit.lat is None:
        return []
    near, where = _close_to(permit)
    origin = (float(permit.lon), float(permit.lat))
    around = scene(
        where, origin, from_at=permit.window_start, own=[permit.pk], near=near, crowd=_crowding(permit)
    )
    own = str(permit.pk)
    job = around.jobs[own]
    found = [
        _met(one, own, around) for one in conflicts_with(job, list(around.jobs.values())) if not _is_itself(one, around)
    ]
    found += _crowds([job, *around.jobs.values()], own, around)
    return _decided(permit.pk, found)


def _close_to(permit: Any) -> tuple[Q, Q]:
    """What may meet a permit, of rows that tell no reach and of those that do: whatever is close, and up to two
    kilometres away what touches a line, space, dike, structure or system of the same name. All others meet it under no
    rule; where a thousand permits are live, reading them costs more than every other check."""
    lon, lat, own_m = float(permit.lon or 0), float(permit.lat or 0), _CLOSE_M + float(permit.radius_m or 0)
    per_lat, per_lon = 1 / _DEGREE_M, 1 / (_DEGREE_M * math.cos(math.radians(lat)))
    west, south, east, north = map(_degrees, box_around([(lon, lat)], own_m))
    near = Q(lon__range=(west, east), lat__range=(south, north))
    reach = Coalesce(F("radius_m"), Decimal(0))
    across, along = reach * Value(_degrees(per_lon)), reach * Value(_degrees(per_lat))
    close = Q(
        lon__gte=Value(west) - across, lon__lte=Value(east) + across,
        lat__gte=Value(south) - along, lat__lte=Value(north) + along,
    )  # fmt: skip
    tied = Q()
    for name, value in _ties(permit.ties or {}).items():
        if value:
            tied |= Q(**{f"ties__{name}": value})
    if not tied:
        return near, close
    wide = Q(
        lon__range=(permit.lon - _AROUND, permit.lon + _AROUND), lat__range=(permit.lat - _AROUND, permit.lat + _AROUND)
    )
    return near, close | (tied & wide)


def _degrees(value: float) -> Decimal:
    return Decimal(repr(round(value, 9)))


def _crowding(permit: Permit) -> Q | None:
    """What stands in one zone with a permit: hot work alone is counted there."""
    return Q(unit=permit.unit_id, kind=HOT) if permit.unit_id is not None and permit.kind == HOT else None


def met_by_many(permits: Sequence[Permit]) -> dict[uuid.UUID, list[Met]]:
    """The same of many permits at once. Five queries."""
    found: dict[uuid.UUID, list[Met]] = {one.pk: [] for one in permits}
    placed = [one for one in permits if one.lat is not None]
    if not placed:
        return found
    first = min(one.window_start for one in placed)
    origin = (float(placed[0].lon or 0), float(placed[0].lat or 0))
    around = scene(Q(lon__isnull=False), origin, from_at=first, own=[one.pk for one in placed])
    for one in find_conflicts(list(around.jobs.values())):
        for own in (one.first, one.second) if not _is_itself(one, around) else ():
            if own in around.permits and around.permits[own]["pk"] in found:
                found[around.permits[own]["pk"]].append(_met(one, own, around))
    zones: dict[str, list[Job]] = {}
    for job in around.jobs.values():
        if job.activity == HOT and job.zone:
            zones.setdefault(job.zone, []).append(job)
    for own_pk in found:
        if str(own_pk) in around.jobs:
            same = zones.get(around.jobs[str(own_pk)].zone, ())
            found[own_pk] += _crowds(same, str(own_pk), around)
    decisions: dict[uuid.UUID, list[SimopsConflict]] = {}
    for row in SimopsConflict.objects.filter(permit__in=list(found), decided_at__isnull=False):
        decisions.setdefault(row.permit_id, []).append(row)
    return {key: _with(decisions.get(key, ()), rows) for key, rows in found.items()}


def all_met(*, now: datetime) -> dict[uuid.UUID, list[Met]]:
    """Everything that meets in the district now and later, by permit. Six queries."""
    standing = Q(window_end__gt=now) | Q(status__in=BEGUN)
    rows = Permit.objects.filter(standing, status__in=(*PLANNED, *LIVE), lon__isnull=False)
    found = met_by_many(list(rows.only("pk", "lat", "lon", "window_start")))
    return {key: still(met, now) for key, met in found.items()}


def _met(one: Conflict, own: str, around: Scene) -> Met:
    other = one.second if one.first == own else one.first
    row, outside = around.permits.get(other), around.outside.get(other)
    state = row["status"] if row else _OUTSIDE[outside.state] if outside else "OPERATION"
    # What another enterprise's system says forbids nobody here anything: it is to be coordinated [D].
    is_foreign = outside is not None and outside.file_id != around.permits[own]["file_id"]
    result = "CONDITIONAL" if is_foreign and one.result == "FORBID" else one.result
    return Met(
        rule=one.rule, result=result, distance_m=one.distance_m, overlap=one.overlap, text=one.why.text,
        clause=one.why.clause, other=row["pk"] if row else None,
        operation=around.operations[other].pk if other in around.operations else None,
        state=state, outside=outside.pk if outside else None, is_foreign=is_foreign,
    )  # fmt: skip


def _is_itself(one: Conflict, around: Scene) -> bool:
    """Whether both sides are one job that two systems know."""
    return one.first in around.repeats.get(one.second, ()) or one.second in around.repeats.get(one.first, ())


def _crowds(jobs: Sequence[Job], own: str, around: Scene) -> list[Met]:
    """Too much hot work in the permit's own zone at one time; only live permits count beside it."""
    if around.jobs[own].activity != HOT:
        return []
    counted = {
        job.code: job for job in jobs
        if job.code == own or (job.code in around.permits and around.permits[job.code]["status"] in LIVE)
    }
    zone = counted[own].zone if own in counted else ""
    rows: tuple[Crowded, ...] = ()
    if zone:
        rows = crowded([job for job in counted.values() if job.zone == zone], counted[own])
    return [
        Met(
            rule=one.why.code, result="FORBID", distance_m=0.0, overlap=counted[own].slot, text=one.why.text,
            clause=one.why.clause, other=None, operation=None, state="ISSUED",
        )
        for one in rows if own in one.jobs
    ]  # fmt: skip


def _decided(permit: uuid.UUID, found: list[Met]) -> list[Met]:
    # Where nothing is met there is nothing to be coordinated.
    return found and _with(SimopsConflict.objects.filter(permit=permit, decided_at__isnull=False), found)


def _with(decisions: Any, found: list[Met]) -> list[Met]:
    known = {(row.other_id or row.operation_id or row.outside_id, row.rule): row for row in decisions}
    rows = [replace(one, decision=known.get((one.side, one.rule))) for one in found]
    graver = {"FORBID": 0, "CONDITIONAL": 1, "LOW": 2}
    return sorted(
        (one for one in rows if one.result != "LOW"), key=lambda one: (graver[one.result], one.distance_m, one.rule)
    )


def still(found: Sequence[Met], now: datetime) -> list[Met]:
    """Those whose common time is not over."""
    return [one for one in found if one.overlap.end > now]


def counts_at(one: Met, phase: str, now: datetime) -> bool:
    """Whether a meeting bars a phase at a moment: for the approval what is signed through beside it, for work what is
    in work; what runs is stopped by what has begun. What is only planned bars nothing: who is signed through first
    goes on. What another enterprise's system tells is coordinated before work, and stops none that runs."""
    if one.is_foreign and phase == "work":
        return False
    if one.overlap.end <= now or (phase == "work" and one.overlap.start > now):
        return False
    if one.state == "OPERATION":
        return True
    return one.state == "WORKING" if phase in ("start", "resume", "work") else one.state in LIVE


# Operations ----------------------------------------------------------------------------------------------------------


def list_operations(*, actor: Actor) -> QuerySet[OperationNotice]:
    """Operations that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[OperationNotice] = OperationNotice.objects.visible_to(actor)
    return rows.select_related("enterprise", "unit", "area").order_by("-starts_at", "pk")


def get_operation(*, actor: Actor, operation_id: uuid.UUID) -> OperationNotice:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_operations(actor=actor).select_related("file__enterprise").filter(pk=operation_id).first()
    if found is None:
        raise NotFound
    return found


def sides_of(found: Sequence[Met]) -> dict[uuid.UUID, Any]:
    """The other sides of what a permit meets, by their key. Three queries at most."""
    permits = [one.other for one in found if one.other is not None]
    operations = [one.operation for one in found if one.operation is not None]
    outside = [one.outside for one in found if one.outside is not None]
    rows: dict[uuid.UUID, Any] = {}
    if outside:
        rows |= OutsidePermit.objects.select_related("enterprise").in_bulk(outside)
    if permits:
        rows |= Permit.objects.select_related("enterprise").in_bulk(permits)
    if operations:
        rows |= OperationNotice.objects.select_related("enterprise").in_bulk(operations)
    return rows
