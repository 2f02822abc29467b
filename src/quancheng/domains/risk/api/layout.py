"""Planning zones as GeoJSON, distance checks, reports and cases of layout, for programs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.points import System
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.kinds import DistanceWay, LayoutOutcome
from quancheng.domains.risk.loops.layout import LAYOUT
from quancheng.domains.risk.models import ExternalDistance, LayoutCase, LayoutCheck, PlanningZone
from quancheng.domains.risk.queries import layout as queries
from quancheng.domains.risk.queries import zones as zone_queries
from quancheng.domains.risk.services import layout as services
from quancheng.domains.risk.services import layout_cases as cases
from quancheng.domains.risk.services.zones import put_zone as write_zone
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import list_organisations
from quancheng.standards.risk.layout import Verdict, zone_kinds

router = Router(tags=["risk"])


class ZoneProperties(Schema):
    """What an edition of a planning zone says beside where it lies."""

    id: uuid.UUID
    code: str
    name: str
    kind: str
    document: str
    document_no: str
    from_date: date
    to_date: date | None
    population_day: int | None
    population_night: int | None
    population_source: str
    population_date: date | None
    department: str = Field(alias="owner_org.name")


class ZoneOut(Schema):
    """A zone as a GeoJSON feature, CGCS2000."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any]
    properties: ZoneProperties


class ZonesOut(Schema):
    """Zones as a GeoJSON collection; ``next_offset`` is null on the last page."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ZoneOut]
    next_offset: int | None = None


class ZonesIn(Paging):
    kind: str = one_of(tuple(zone_kinds()))
    day: date | None = Field(None, description="editions that count on this day; empty: today")


class ZoneDayIn(Strict):
    day: date | None = Field(None, description="the edition that counts on this day; empty: today")


class ZoneIn(Strict):
    name: str = Field(min_length=1, max_length=120)
    kind: str = one_of(tuple(zone_kinds()), default=None)
    geometry: dict[str, Any] = Field(description="GeoJSON polygon of one ring, closed")
    system: str = one_of(System.values, default=System.CGCS2000, description="of the geometry")
    document: str = Field(min_length=1, max_length=200)
    document_no: str = Field("", max_length=80)
    from_date: date
    population_day: int | None = Field(None, ge=0)
    population_night: int | None = Field(None, ge=0)
    population_source: str = Field("", max_length=120)
    population_date: date | None = None


class LayoutCheckOut(Schema):
    """A distance in metres, edge to edge. ``verdict``: 1 short of a report, 2 below a screening value, 3 not known,
    4 meets a report. ``missing`` says what a verdict lacks.
    """

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    zone_id: uuid.UUID | None
    place_id: uuid.UUID | None
    source: str
    target: str
    metres: int
    required_m: int | None
    verdict: int
    missing: list[str]
    is_conflict: bool
    report_id: uuid.UUID | None = Field(alias="own_id")
    case_id: uuid.UUID | None
    checked_at: datetime


class LayoutChecksIn(Paging):
    enterprise_id: uuid.UUID | None = None
    zone_id: uuid.UUID | None = None
    verdict: int | None = Field(None, ge=min(Verdict), le=max(Verdict))
    is_conflict: bool | None = None


class ExternalDistanceOut(Schema):
    """What an assessment report asks, in metres by class of protected objects."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID | None
    way: str
    tnt_kg: Decimal | None
    first_m: int | None
    second_m: int | None
    third_m: int | None
    lon: Decimal | None
    lat: Decimal | None
    report: str
    report_no: str
    report_date: date
    institute: str


class ExternalDistanceIn(Strict):
    unit_id: uuid.UUID | None = None
    way: str = one_of(DistanceWay.values, default=None)
    tnt_kg: Decimal | None = Field(None, gt=0, max_digits=13, decimal_places=3, description="of explosives alone")
    first_m: int | None = Field(None, ge=0, le=services.MOST_M)
    second_m: int | None = Field(None, ge=0, le=services.MOST_M)
    third_m: int | None = Field(None, ge=0, le=services.MOST_M)
    lon: Decimal | None = Field(None, ge=-180, le=180, max_digits=9, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, max_digits=9, decimal_places=6)
    report: str = Field(min_length=1, max_length=200)
    report_no: str = Field("", max_length=80)
    report_date: date
    institute: str = Field(min_length=1, max_length=200)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class LayoutCaseOut(Schema):
    """A case of layout that a department coordinates."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    department_id: uuid.UUID = Field(alias="owner_org_id")
    zone_id: uuid.UUID | None
    place_id: uuid.UUID | None
    metres: int
    required_m: int | None
    is_conflict: bool
    grounds: str
    plan: str
    due_date: date | None
    outcome: str
    settled: str
    document: str
    document_date: date | None
    status: str


class LayoutCasesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(LAYOUT.codes)


class OpenLayoutCaseIn(Strict):
    grounds: str = Field(min_length=1, max_length=1000)
    department_id: uuid.UUID | None = Field(None, description="who coordinates; empty: one's own")


class LayoutCaseMoveIn(Strict):
    move: str = one_of(("coordinate", "progress", "settle"), default=None)
    text: str = Field(min_length=1, max_length=2000)
    due: date | None = Field(None, description="term of the coordination")
    outcome: str = one_of(LayoutOutcome.values, default="", description="of settle")
    document: str = Field("", max_length=200)
    document_date: date | None = None
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _feature(zone: PlanningZone) -> dict[str, Any]:
    return {"geometry": zone.polygon, "properties": zone}


@router.get("/zones", response={200: ZonesOut, **REFUSALS}, operation_id="list_planning_zones",
            summary="Planning zones that count on a day, as GeoJSON")  # fmt: skip
def list_planning_zones(request: HttpRequest, given: Query[ZonesIn]) -> dict[str, Any]:
    day = given.day or _today()
    rows = zone_queries.list_zones(actor=actor_of(request), on=day).filter(zone_queries.in_force(day))
    found = page_of(narrowed(rows, {"kind": given.kind}), given)
    return {"features": [_feature(one) for one in found["items"]], "next_offset": found["next_offset"]}


@router.get("/zones/{str:code}", response={200: ZoneOut, **REFUSALS}, operation_id="get_planning_zone",
            summary="The edition of a zone that counts on a day, else its newest")  # fmt: skip
def get_planning_zone(request: HttpRequest, code: str, given: Query[ZoneDayIn]) -> dict[str, Any]:
    day = given.day or _today()
    return _feature(zone_queries.get_zone_by_code(actor=actor_of(request), code=code, on=day))


@router.put("/zones/{str:code}", response={200: ZoneOut, **REFUSALS}, operation_id="put_planning_zone",
            summary="Enter a zone, or a new edition of it")  # fmt: skip
def put_planning_zone(request: HttpRequest, code: str, payload: ZoneIn) -> dict[str, Any]:
    known = payload.dict()
    system = known.pop("system")
    known |= {"code": code, "polygon": known.pop("geometry")}
    made = write_zone(
        actor=actor_of(request), known=known, system=system, now=timezone.now(), client_id=client_id_of(request)
    )
    return _feature(made)


@router.get("/layout-checks", response={200: Page[LayoutCheckOut], **REFUSALS}, operation_id="list_layout_checks",
            summary="Distances between enterprises and what is around them")  # fmt: skip
def list_layout_checks(request: HttpRequest, given: Query[LayoutChecksIn]) -> dict[str, Any]:
    rows = queries.list_checks(actor=actor_of(request))
    asked = {
        "file": given.enterprise_id, "zone": given.zone_id, "verdict": given.verdict, "is_conflict": given.is_conflict,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get("/layout-checks/{uuid:pk}", response={200: LayoutCheckOut, **REFUSALS}, operation_id="get_layout_check",
            summary="One distance")  # fmt: skip
def get_layout_check(request: HttpRequest, pk: uuid.UUID) -> LayoutCheck:
    return queries.get_check(actor=actor_of(request), check_id=pk)


@router.post("/layout-checks/{uuid:pk}/cases", response={201: LayoutCaseOut, **REFUSALS},
             operation_id="open_layout_case", summary="Take a check up as a case")  # fmt: skip
def open_layout_case(request: HttpRequest, pk: uuid.UUID, payload: OpenLayoutCaseIn) -> Status[LayoutCase]:
    actor = actor_of(request)
    check = queries.get_check(actor=actor, check_id=pk)
    org = among(list_organisations(actor=actor, kinds=cases.COORDINATORS), payload.department_id, "department_id")
    made = cases.open_case(
        actor=actor, check=check, org=org, grounds=payload.grounds, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/layout-cases", response={200: Page[LayoutCaseOut], **REFUSALS}, operation_id="list_layout_cases",
            summary="Cases of layout")  # fmt: skip
def list_layout_cases(request: HttpRequest, given: Query[LayoutCasesIn]) -> dict[str, Any]:
    rows = queries.list_cases(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.get("/layout-cases/{uuid:pk}", response={200: LayoutCaseOut, **REFUSALS}, operation_id="get_layout_case",
            summary="One case of layout")  # fmt: skip
def get_layout_case(request: HttpRequest, pk: uuid.UUID) -> LayoutCase:
    return queries.get_case(actor=actor_of(request), case_id=pk)


@router.post("/layout-cases/{uuid:pk}/moves", response={200: LayoutCaseOut, **REFUSALS},
             operation_id="move_layout_case", summary="Coordinate, tell progress, or settle")  # fmt: skip
def move_layout_case(request: HttpRequest, pk: uuid.UUID, payload: LayoutCaseMoveIn) -> LayoutCase:
    actor = actor_of(request)
    row = queries.get_case(actor=actor, case_id=pk)
    common: dict[str, Any] = {
        "actor": actor, "row": row, "now": timezone.now(), "client_id": client_id_of(request), "text": payload.text,
        "evidence": payload.evidence,
    }  # fmt: skip
    if payload.move == "settle":
        said = {name: getattr(payload, name) for name in ("outcome", "document", "document_date")}
        return cases.settle_case(**common, **said)
    return cases.coordinate_case(**common, name=payload.move, due=payload.due)


@router.post("/enterprises/{uuid:pk}/external-distances", response={201: ExternalDistanceOut, **REFUSALS},
             operation_id="tell_external_distance", summary="Enter what an assessment report asks")  # fmt: skip
def tell_external_distance(
    request: HttpRequest, pk: uuid.UUID, payload: ExternalDistanceIn
) -> Status[ExternalDistance]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    evidence = known.pop("evidence")
    known["unit"] = among(queries.units_of(file), known.pop("unit_id"), "unit_id")
    made = services.tell_distance(
        actor=actor, file=file, known=known, evidence=evidence, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)
