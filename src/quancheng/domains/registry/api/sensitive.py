"""Sensitive places, and who lives near an enterprise."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.api.bodies import area_of
from quancheng.domains.registry.api.enterprises import EnterpriseOut
from quancheng.domains.registry.kinds import PlaceKind
from quancheng.domains.registry.models import Enterprise, SensitivePlace
from quancheng.domains.registry.points import System, converted, point_fault
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import places as queries
from quancheng.domains.registry.services import places as services
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class PlaceOut(Schema):
    """A school, a hospital, housing; ``population`` is null where nobody counted. Points are CGCS2000, degrees."""

    id: uuid.UUID
    kind: str
    name: str
    area_id: uuid.UUID
    address: str
    lon: Decimal
    lat: Decimal
    boundary: dict[str, Any] | None
    population: int | None
    source: str
    source_date: date
    version: int
    updated_at: datetime


class PlacesIn(Paging):
    kind: str = one_of(PlaceKind.values)
    area_id: uuid.UUID | None = None
    uncounted: bool = Field(False, description="only those whose people nobody counted")


class SaidIn(Strict):
    """What is said of a place; of a change only what is sent. Points in ``system``, converted to CGCS2000."""

    kind: str | None = one_of(PlaceKind.values)
    name: str | None = Field(None, min_length=1, max_length=120)
    area_id: uuid.UUID | None = None
    address: str | None = Field(None, max_length=200)
    lon: Decimal | None = Field(None, ge=-180, le=180)
    lat: Decimal | None = Field(None, ge=-180, le=180)
    system: str | None = one_of(System.values, description="of lon and lat; asked for where they are sent")
    boundary: dict[str, Any] | None = Field(None, description="a GeoJSON polygon, CGCS2000")
    population: int | None = Field(None, ge=0, le=10_000_000, description="at the busiest time; null: not counted")
    source: str | None = Field(None, min_length=1, max_length=120)
    source_date: date | None = None

    def known(self) -> dict[str, Any]:
        """What was sent, its point in CGCS2000. :raises Invalid: no system, half a point, or one that cannot be."""
        given = self.dict(exclude_unset=True, exclude={"version"})
        system, area_id = given.pop("system", ""), given.pop("area_id", None)
        if area_id is not None:
            given["area"] = area_of(area_id)
        if given.get("kind") == "":
            del given["kind"]
        if "lon" not in given and "lat" not in given:
            return given
        lon, lat = given.get("lon"), given.get("lat")
        if lon is None or lat is None:
            raise Invalid(fields={"lon" if lon is None else "lat": _("经度和纬度须同时填写。")})
        if not system:
            raise Invalid(fields={"system": _("请写明坐标系（CGCS2000、WGS84、GCJ-02、BD-09）。")})
        if (said := point_fault(lon, lat, system)) is not None:
            raise Invalid(fields={"lon": said})
        given["lon"], given["lat"] = converted(lon, lat, system)
        return given


class PlaceIn(SaidIn):
    kind: str = one_of(PlaceKind.values, default=None)
    name: str = Field(min_length=1, max_length=120)
    area_id: uuid.UUID
    lon: Decimal = Field(ge=-180, le=180)
    lat: Decimal = Field(ge=-180, le=180)
    system: str = one_of(System.values, default=None, description="of lon and lat")
    source: str = Field(min_length=1, max_length=120)
    source_date: date


class PlaceChangeIn(SaidIn):
    version: int = Field(ge=1, description="as it was read; an older one is refused")


class NearOut(Schema):
    """A place and how far it is from the enterprise: metres between the nearest parts of the two."""

    place: PlaceOut
    metres: int


class SurroundingsOut(Schema):
    """``exposed_population`` is the sum of ``places`` within 500 m, null where one of them was not counted or the
    enterprise has no point."""

    exposed_population: int | None
    uncounted: int
    places: list[NearOut]


class PopulationIn(Strict):
    version: int = Field(ge=1, description="of the enterprise's file")
    expected: int = Field(ge=0, description="the sum that is agreed to, as it was read")


@router.get(
    "/sensitive-places",
    response={200: Page[PlaceOut], **REFUSALS},
    operation_id="list_sensitive_places",
    summary="Schools, hospitals, housing and other places where people are, by name",
)
def list_places(request: HttpRequest, given: Query[PlacesIn]) -> dict[str, Any]:
    rows = queries.list_places(actor=actor_of(request))
    if given.uncounted:
        rows = rows.filter(queries.UNCOUNTED)
    return page_of(narrowed(rows, {"kind": given.kind, "area": given.area_id}), given)


@router.post(
    "/sensitive-places",
    response={201: PlaceOut, **REFUSALS},
    operation_id="enter_sensitive_place",
    summary="Enter a sensitive place of one's own area",
)
def enter_place(request: HttpRequest, payload: PlaceIn) -> Status[SensitivePlace]:
    actor = actor_of(request)
    actor.require(services.KEEP)
    made = services.enter_place(
        actor=actor, known=payload.known(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get(
    "/sensitive-places/{uuid:pk}",
    response={200: PlaceOut, **REFUSALS},
    operation_id="get_sensitive_place",
    summary="One sensitive place",
)
def get_place(request: HttpRequest, pk: uuid.UUID) -> SensitivePlace:
    return queries.get_place(actor=actor_of(request), place_id=pk)


@router.patch(
    "/sensitive-places/{uuid:pk}",
    response={200: PlaceOut, **REFUSALS},
    operation_id="change_sensitive_place",
    summary="Change what stands of a sensitive place",
)
def change_place(request: HttpRequest, pk: uuid.UUID, payload: PlaceChangeIn) -> SensitivePlace:
    actor = actor_of(request)
    place = queries.get_place(actor=actor, place_id=pk)
    actor.require(services.KEEP)
    return services.change_place(
        actor=actor, place=place, version=payload.version, changes=payload.known(), now=timezone.now()
    )


@router.post(
    "/sensitive-places/{uuid:pk}/end",
    response={204: None, **REFUSALS},
    operation_id="end_sensitive_place",
    summary="The place is no longer there; its row stays with the day",
)
def end_place(request: HttpRequest, pk: uuid.UUID) -> Status[None]:
    actor = actor_of(request)
    services.end_place(actor=actor, place=queries.get_place(actor=actor, place_id=pk), now=timezone.now())
    return Status(204, None)


@router.get(
    "/enterprises/{uuid:pk}/sensitive-places",
    response={200: SurroundingsOut, **REFUSALS},
    operation_id="list_places_near_enterprise",
    summary="Sensitive places within 1000 m of an enterprise, the nearest first, and who counts for α",
)
def list_near(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    file = files.get_enterprise(actor=actor_of(request), file_id=pk)
    near = queries.near_file(file)
    exposed = queries.exposed_of(file, near) if near is not None else None
    return {
        "exposed_population": exposed.total if exposed is not None and not exposed.uncounted else None,
        "uncounted": len(exposed.uncounted) if exposed is not None else 0,
        "places": near or [],
    }


@router.post(
    "/enterprises/{uuid:pk}/exposed-population",
    response={200: EnterpriseOut, **REFUSALS},
    operation_id="accept_exposed_population",
    summary="Take the sum of the places within 500 m for the enterprise's exposed population",
)
def accept_population(request: HttpRequest, pk: uuid.UUID, payload: PopulationIn) -> Enterprise:
    actor = actor_of(request)
    services.accept_population(
        actor=actor, file=files.get_enterprise(actor=actor, file_id=pk), version=payload.version,
        expected=payload.expected, now=timezone.now(),
    )  # fmt: skip
    return files.get_enterprise(actor=actor, file_id=pk)
