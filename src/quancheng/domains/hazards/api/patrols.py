"""Grid patrols for programs and phones: places, routes, what is due, walks recorded, the ledger."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.hazards.loops.patrol import PATROL
from quancheng.domains.hazards.models import (
    ClueKind,
    Patrol,
    PatrolCycle,
    PatrolPlace,
    PatrolRoute,
    PatrolVisit,
    VisitResult,
)
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services import patrol_places, patrols
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.phone.api import DeviceIn

router = Router(tags=["hazards"])


class PatrolPlaceOut(Schema):
    """A place that grid officers look at. ``type`` is a code of the dictionary ``patrol_place_types``."""

    id: uuid.UUID
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    name: str
    type: str
    address: str
    lon: Decimal | None
    lat: Decimal | None
    person: str
    enterprise_id: uuid.UUID | None = Field(alias="file_id")
    ended_date: date | None
    ended_reason: str
    version: int


class PatrolPlacesIn(Paging):
    owner_id: uuid.UUID | None = None
    type: str = Field("", pattern=r"^[\w-]{0,60}$", description="code of the dictionary; empty for all")
    standing: bool = Field(False, description="only those in use")


class PatrolPlaceIn(Strict):
    owner_id: uuid.UUID = Field(description="the village or town whose it is")
    name: str = Field(min_length=1, max_length=120)
    type: str = Field(min_length=1, max_length=60)
    address: str = Field(min_length=1, max_length=200)
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6, description="CGCS2000")
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)
    person: str = Field("", max_length=60, description="who answers for the place there")
    enterprise_id: uuid.UUID | None = Field(None, description="the enterprise that works there, where it has a file")


class ChangedPatrolPlaceIn(Strict):
    """What changes; what is not sent stays."""

    version: int
    name: str | None = Field(None, min_length=1, max_length=120)
    type: str | None = Field(None, min_length=1, max_length=60)
    address: str | None = Field(None, min_length=1, max_length=200)
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)
    person: str | None = Field(None, max_length=60)
    enterprise_id: uuid.UUID | None = None


class EndedIn(Strict):
    reason: str = Field(min_length=1, max_length=300)


class PatrolStopOut(Schema):
    """One place of a route."""

    position: int
    place_id: uuid.UUID
    name: str = Field(alias="place.name")


class PatrolRouteOut(Schema):
    """A route, in its list without its places."""

    id: uuid.UUID
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    name: str
    cycle: str
    starts_date: date
    officer_ids: list[uuid.UUID]
    stop_count: int
    ended_date: date | None
    ended_reason: str
    version: int

    @staticmethod
    def resolve_officer_ids(row: PatrolRoute) -> list[uuid.UUID]:
        return [one.pk for one in row.officers.all()]


class PatrolRouteWhole(PatrolRouteOut):
    """A route with its places in their order."""

    stops: list[PatrolStopOut]

    @staticmethod
    def resolve_stops(row: PatrolRoute) -> list[Any]:
        return queries.stops_of(row)


class PatrolRoutesIn(Paging):
    owner_id: uuid.UUID | None = None
    standing: bool = Field(False, description="only those in use")
    late: bool = Field(False, description="only those of which a walk is late")


class PatrolRouteIn(Strict):
    name: str = Field(min_length=1, max_length=120)
    place_ids: list[uuid.UUID] = Field(min_length=1, max_length=patrol_places.MOST_STOPS, description="in their order")
    officer_ids: list[uuid.UUID] = Field(min_length=1, max_length=20)
    cycle: str = one_of(PatrolCycle.values, default=PatrolCycle.WORKDAYS)
    starts_date: date


class NewPatrolRouteIn(PatrolRouteIn):
    owner_id: uuid.UUID = Field(description="the village or town whose officers walk it")


class ChangedPatrolRouteIn(PatrolRouteIn):
    version: int


class PatrolOut(Schema):
    """A walk that is owed (DUE), was made (WALKED) or was not (MISSED)."""

    id: uuid.UUID
    route_id: uuid.UUID
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    title: str
    status: str
    first_date: date
    due_date: date
    is_extra: bool
    walker_id: uuid.UUID | None
    walked_at: datetime | None
    note: str
    visit_count: int
    clue_count: int
    unentered_count: int


class PatrolsIn(Paging):
    status: str = one_of(PATROL.codes)
    route_id: uuid.UUID | None = None
    owner_id: uuid.UUID | None = None
    due_from: date | None = None
    due_to: date | None = None
    mine: bool = Field(False, description="only what the owner of the token has to walk today, late ones first")
    late: bool = Field(False, description="only those that nobody walked though their day is over")


class PatrolVisitOut(Schema):
    """A line of the ledger: one place as it was seen on a walk."""

    id: uuid.UUID
    patrol_id: uuid.UUID
    place_id: uuid.UUID
    position: int
    result: str
    note: str
    at: datetime
    distance_m: int | None
    clue_id: uuid.UUID | None

    @staticmethod
    def resolve_clue_id(row: PatrolVisit) -> uuid.UUID | None:
        return row.clue.pk if hasattr(row, "clue") else None


class PatrolVisitsIn(Paging):
    patrol_id: uuid.UUID | None = None
    place_id: uuid.UUID | None = None
    result: str = one_of(VisitResult.values)
    seen_from: AwareDatetime | None = None
    seen_before: AwareDatetime | None = None


class VisitedPlaceIn(Strict):
    place_id: uuid.UUID
    result: str = one_of(VisitResult.values, default=None)
    note: str = Field("", max_length=1000, description="what was found, or why it could not be entered")
    kind: str = one_of(ClueKind.values, description="of a clue; else empty")
    at: AwareDatetime | None = Field(None, description="by the device's clock; the walk's time where none is told")
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class PatrolWalkIn(Strict):
    """A walk over a route: each place with its result. ``version`` is that of the route which was taken along."""

    visits: list[VisitedPlaceIn] = Field(min_length=1, max_length=2 * patrol_places.MOST_STOPS)
    note: str = Field("", max_length=1000)
    version: int | None = None
    device: DeviceIn | None = None


class ExcusedPatrolIn(Strict):
    reason: str = Field(min_length=1, max_length=1000)


@router.get("/patrol-places", response={200: Page[PatrolPlaceOut], **REFUSALS}, operation_id="list_patrol_places",
            summary="Places that grid officers look at")  # fmt: skip
def list_patrol_places(request: HttpRequest, given: Query[PatrolPlacesIn]) -> dict[str, Any]:
    rows = queries.list_places(actor=actor_of(request))
    if given.type and given.type not in queries.type_labels():
        raise Invalid(fields={"query.type": _("没有这个巡查点类型。")})
    if given.standing:
        rows = rows.filter(ended_date__isnull=True)
    return page_of(narrowed(rows, {"owner_org": given.owner_id, "type": given.type}), given)


@router.get("/patrol-places/{uuid:pk}", response={200: PatrolPlaceOut, **REFUSALS}, operation_id="get_patrol_place",
            summary="One place")  # fmt: skip
def get_patrol_place(request: HttpRequest, pk: uuid.UUID) -> PatrolPlace:
    return queries.get_place(actor=actor_of(request), place_id=pk)


@router.post("/patrol-places", response={201: PatrolPlaceOut, **REFUSALS}, operation_id="enter_patrol_place",
             summary="Enter a place of one's village or town")  # fmt: skip
def enter_patrol_place(request: HttpRequest, payload: PatrolPlaceIn) -> Status[PatrolPlace]:
    actor = actor_of(request)
    actor.require(patrol_places.KEEP)
    known = payload.dict()
    owner = among(queries.owners_for(actor), known.pop("owner_id"), "owner_id")
    known["file"] = among(seen(actor=actor), known.pop("enterprise_id"), "enterprise_id")
    made = patrol_places.enter_place(
        actor=actor, owner=owner, known=known, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.patch("/patrol-places/{uuid:pk}", response={200: PatrolPlaceOut, **REFUSALS},
              operation_id="change_patrol_place", summary="Change a place")  # fmt: skip
def change_patrol_place(request: HttpRequest, pk: uuid.UUID, payload: ChangedPatrolPlaceIn) -> PatrolPlace:
    actor = actor_of(request)
    row = queries.get_place(actor=actor, place_id=pk)
    changes = payload.dict(exclude_unset=True)
    version = changes.pop("version")
    if "enterprise_id" in changes:
        changes["file"] = among(seen(actor=actor), changes.pop("enterprise_id"), "enterprise_id")
    return patrol_places.change_place(actor=actor, row=row, version=version, changes=changes, now=timezone.now())


@router.post("/patrol-places/{uuid:pk}/end", response={200: PatrolPlaceOut, **REFUSALS},
             operation_id="end_patrol_place", summary="Take a place out of use")  # fmt: skip
def end_patrol_place(request: HttpRequest, pk: uuid.UUID, payload: EndedIn) -> PatrolPlace:
    actor = actor_of(request)
    row = queries.get_place(actor=actor, place_id=pk)
    patrol_places.end_place(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )
    return row


@router.get("/patrol-routes", response={200: Page[PatrolRouteOut], **REFUSALS}, operation_id="list_patrol_routes",
            summary="Routes of grid officers")  # fmt: skip
def list_patrol_routes(request: HttpRequest, given: Query[PatrolRoutesIn]) -> dict[str, Any]:
    rows = queries.list_routes(actor=actor_of(request))
    if given.standing:
        rows = rows.filter(ended_date__isnull=True)
    if given.late:
        rows = rows.filter(queries.late_routes(Calendar().local_date(timezone.now())))
    return page_of(narrowed(rows, {"owner_org": given.owner_id}), given)


@router.get("/patrol-routes/{uuid:pk}", response={200: PatrolRouteWhole, **REFUSALS}, operation_id="get_patrol_route",
            summary="One route with its places")  # fmt: skip
def get_patrol_route(request: HttpRequest, pk: uuid.UUID) -> PatrolRoute:
    return queries.get_route(actor=actor_of(request), route_id=pk)


@router.post("/patrol-routes", response={201: PatrolRouteWhole, **REFUSALS}, operation_id="enter_patrol_route",
             summary="Set up a route of one's village or town")  # fmt: skip
def enter_patrol_route(request: HttpRequest, payload: NewPatrolRouteIn) -> Status[PatrolRoute]:
    actor = actor_of(request)
    actor.require(patrol_places.KEEP)
    owner = among(queries.owners_for(actor), payload.owner_id, "owner_id")
    made = patrol_places.enter_route(
        actor=actor, owner=owner, spec=_route(payload, owner.pk), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, queries.get_route(actor=actor, route_id=made.pk))


@router.put("/patrol-routes/{uuid:pk}", response={200: PatrolRouteWhole, **REFUSALS},
            operation_id="change_patrol_route", summary="Change a route; what is due already stays")  # fmt: skip
def change_patrol_route(request: HttpRequest, pk: uuid.UUID, payload: ChangedPatrolRouteIn) -> PatrolRoute:
    actor = actor_of(request)
    row = queries.get_route(actor=actor, route_id=pk)

    def make() -> uuid.UUID:
        patrol_places.change_route(
            actor=actor, row=row, version=payload.version, spec=_route(payload, row.owner_org_id), now=timezone.now()
        )
        return row.pk

    act = "hazards.patrol_route.change"
    only_once(request, actor=actor, act=act, body={"route": pk, **payload.dict()}, make=make)
    return queries.get_route(actor=actor, route_id=pk)


@router.post("/patrol-routes/{uuid:pk}/end", response={200: PatrolRouteOut, **REFUSALS},
             operation_id="end_patrol_route", summary="Take a route out of use")  # fmt: skip
def end_patrol_route(request: HttpRequest, pk: uuid.UUID, payload: EndedIn) -> PatrolRoute:
    actor = actor_of(request)
    row = queries.get_route(actor=actor, route_id=pk)
    patrol_places.end_route(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )
    return queries.get_route(actor=actor, route_id=pk)


@router.post("/patrol-routes/{uuid:pk}/walks", response={201: PatrolOut, **REFUSALS}, operation_id="record_patrol",
             summary="Record a walk over a route: the one that is owed for its day, else one out of turn")  # fmt: skip
def record_patrol(request: HttpRequest, pk: uuid.UUID, payload: PatrolWalkIn) -> Status[Patrol]:
    actor, now = actor_of(request), timezone.now()
    route = queries.get_route(actor=actor, route_id=pk)
    visits = [
        patrols.VisitSpec(
            place=one.place_id, result=one.result, note=one.note, kind=one.kind, at=one.at, lon=one.lon, lat=one.lat,
            photos=tuple(one.photo_ids),
        )
        for one in payload.visits
    ]  # fmt: skip
    device = payload.device.time(now) if payload.device else None
    spec = patrols.WalkSpec(visits=visits, note=payload.note, version=payload.version, device=device)
    made = patrols.record_walk(actor=actor, route=route, spec=spec, now=now, client_id=client_id_of(request))
    return Status(201, made)


@router.get("/patrols", response={200: Page[PatrolOut], **REFUSALS}, operation_id="list_patrols",
            summary="Walks, those that are owed first; or what one has to walk today")  # fmt: skip
def list_patrols(request: HttpRequest, given: Query[PatrolsIn]) -> dict[str, Any]:
    actor, today = actor_of(request), Calendar().local_date(timezone.now())
    rows = queries.due_patrols(actor=actor, today=today) if given.mine else queries.list_patrols(actor=actor)
    if given.late:
        rows = rows.filter(status="DUE", due_date__lt=today)
    asked = {
        "status": given.status, "route": given.route_id, "owner_org": given.owner_id, "due_date__gte": given.due_from,
        "due_date__lte": given.due_to,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get("/patrols/{uuid:pk}", response={200: PatrolOut, **REFUSALS}, operation_id="get_patrol",
            summary="One walk")  # fmt: skip
def get_patrol(request: HttpRequest, pk: uuid.UUID) -> Patrol:
    return queries.get_patrol(actor=actor_of(request), patrol_id=pk)


@router.post("/patrols/{uuid:pk}/excuse", response={200: PatrolOut, **REFUSALS}, operation_id="excuse_patrol",
             summary="Say why a walk was not made")  # fmt: skip
def excuse_patrol(request: HttpRequest, pk: uuid.UUID, payload: ExcusedPatrolIn) -> Patrol:
    actor = actor_of(request)
    row = queries.get_patrol(actor=actor, patrol_id=pk)
    return patrols.excuse_patrol(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )


@router.get("/patrol-visits", response={200: Page[PatrolVisitOut], **REFUSALS}, operation_id="list_patrol_visits",
            summary="The ledger: places as they were seen, the newest first")  # fmt: skip
def list_patrol_visits(request: HttpRequest, given: Query[PatrolVisitsIn]) -> dict[str, Any]:
    asked = {
        "patrol": given.patrol_id, "place": given.place_id, "result": given.result, "at__gte": given.seen_from,
        "at__lt": given.seen_before,
    }  # fmt: skip
    return page_of(narrowed(queries.list_visits(actor=actor_of(request)), asked), given)


def _route(payload: PatrolRouteIn, owner_id: uuid.UUID) -> patrol_places.RouteSpec:
    known = {one.pk: one for one in queries.own_places(owner_id)}
    if any(key not in known for key in payload.place_ids):
        raise Invalid(fields={"place_ids": NotFound().message})
    return patrol_places.RouteSpec(
        name=payload.name, places=[known[key] for key in payload.place_ids], officers=payload.officer_ids,
        cycle=payload.cycle, starts_date=payload.starts_date,
    )  # fmt: skip
