"""Units and facilities, and the calculations of a unit."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.kinds import Basis, Boundary, Design, FacilityKind, UnitKind
from quancheng.domains.registry.models import Assessment, Facility, Unit
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.services import facilities as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class UnitOut(Schema):
    """A unit with both results: ``legal`` by the design maximum, ``present`` by the stock; grades 1 to 4 or null."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str
    name: str
    kind: str
    boundary: str
    legal_s: Decimal | None
    legal_r: Decimal | None
    legal_grade: int | None
    present_s: Decimal | None
    present_r: Decimal | None
    present_grade: int | None
    ended_date: date | None


class FacilityOut(Schema):
    """A facility. Volumes in m³, pressures in MPa (gauge), temperatures in °C."""

    id: uuid.UUID
    unit_id: uuid.UUID
    code: str
    name: str
    kind: str
    volume_m3: Decimal | None
    max_fill: Decimal | None
    pressure_mpa: Decimal | None
    temp_c: Decimal | None
    fire_limit_t: Decimal | None = Field(description="for which fire protection was accepted, all goods together")
    design: str
    processes: list[str]
    commissioned_date: date | None
    decommissioned_date: date | None


class AssessmentOut(Schema):
    """A calculation as it was made; ``is_held`` says that the legal grade stayed at a higher one."""

    id: uuid.UUID
    unit_id: uuid.UUID
    basis: str
    at: datetime
    edition: str
    s: Decimal | None
    r: Decimal | None
    alpha: Decimal | None
    grade: int | None
    is_major: bool
    is_held: bool
    doubts: list[Any] = Field(description="what could not be decided, in both languages")


class AssessmentWholeOut(AssessmentOut):
    """With everything that went in, and each term with its clause and reason."""

    inputs: dict[str, Any]
    steps: list[Any]


class UnitFiltersIn(Paging):
    enterprise_id: uuid.UUID | None = None
    major: bool = Field(False, description="only those that are major hazards")


class FacilitiesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    kind: str = one_of(FacilityKind.values)


class AssessmentsIn(Paging):
    basis: str = one_of(Basis.values)


class UnitIn(Strict):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=80)
    kind: str = one_of(UnitKind.values, default=None)
    boundary: str = one_of(Boundary.values, description="what bounds it")
    boundary_note: str = Field("", max_length=200)


class FacilityIn(Strict):
    code: str = Field(min_length=1, max_length=30)
    name: str = Field(min_length=1, max_length=80)
    kind: str = one_of(FacilityKind.values, default=None)
    volume_m3: Decimal | None = Field(None, gt=0, le=500_000, decimal_places=3)
    max_fill: Decimal | None = Field(None, gt=0, le=1, decimal_places=3)
    pressure_mpa: Decimal | None = Field(None, ge=-1, le=1000)
    temp_c: Decimal | None = Field(None, ge=-273, le=3000)
    fire_limit_t: Decimal | None = Field(None, gt=0, le=10_000_000, decimal_places=3)
    commissioned_date: date | None = None
    design: str = one_of(Design.values, description="whether a qualified body designed it")
    processes: list[str] = Field(default_factory=list, description="P01 to P18, or none")


class DecommissionIn(Strict):
    on: date
    record: str = Field(min_length=1, max_length=300)


@router.get(
    "/units",
    response={200: Page[UnitOut], **REFUSALS},
    operation_id="list_units",
    summary="Units of the enterprises that the actor may see",
)
def list_units(request: HttpRequest, given: Query[UnitFiltersIn]) -> dict[str, Any]:
    rows = queries.list_units(actor=actor_of(request))
    if given.major:
        rows = rows.filter(legal_grade__isnull=False)
    return page_of(narrowed(rows, {"file": given.enterprise_id}), given)


@router.post(
    "/enterprises/{uuid:pk}/units",
    response={201: UnitOut, **REFUSALS},
    operation_id="enter_unit",
    summary="Enter a unit of an enterprise",
)
def enter_unit(request: HttpRequest, pk: uuid.UUID, payload: UnitIn) -> Status[Unit]:
    actor = actor_of(request)
    file = queries.get_enterprise(actor=actor, file_id=pk)
    made = services.enter_unit(
        actor=actor, file=file, known=payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get(
    "/units/{uuid:pk}",
    response={200: UnitOut, **REFUSALS},
    operation_id="get_unit",
    summary="One unit",
)
def get_unit(request: HttpRequest, pk: uuid.UUID) -> Unit:
    return queries.get_unit(actor=actor_of(request), unit_id=pk)


@router.get(
    "/units/{uuid:pk}/assessments",
    response={200: Page[AssessmentOut], **REFUSALS},
    operation_id="list_assessments",
    summary="Every calculation of a unit, the newest first",
)
def list_assessments(request: HttpRequest, pk: uuid.UUID, given: Query[AssessmentsIn]) -> dict[str, Any]:
    unit = queries.get_unit(actor=actor_of(request), unit_id=pk)
    return page_of(narrowed(queries.assessments_of(unit), {"basis": given.basis}), given)


@router.get(
    "/assessments/{uuid:pk}",
    response={200: AssessmentWholeOut, **REFUSALS},
    operation_id="get_assessment",
    summary="One calculation with its steps and doubts",
)
def get_assessment(request: HttpRequest, pk: uuid.UUID) -> Assessment:
    return queries.get_assessment(actor=actor_of(request), assessment_id=pk)


@router.get(
    "/facilities",
    response={200: Page[FacilityOut], **REFUSALS},
    operation_id="list_facilities",
    summary="Facilities of the enterprises that the actor may see",
)
def list_facilities(request: HttpRequest, given: Query[FacilitiesIn]) -> dict[str, Any]:
    rows = queries.list_facilities(actor=actor_of(request))
    asked = {"unit": given.unit_id, "unit__file": given.enterprise_id, "kind": given.kind}
    return page_of(narrowed(rows, asked), given)


@router.post(
    "/units/{uuid:pk}/facilities",
    response={201: FacilityOut, **REFUSALS},
    operation_id="enter_facility",
    summary="Enter a facility in a unit",
)
def enter_facility(request: HttpRequest, pk: uuid.UUID, payload: FacilityIn) -> Status[Facility]:
    actor = actor_of(request)
    unit = queries.get_unit(actor=actor, unit_id=pk)
    made = services.enter_facility(
        actor=actor, unit=unit, known=payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get(
    "/facilities/{uuid:pk}",
    response={200: FacilityOut, **REFUSALS},
    operation_id="get_facility",
    summary="One facility",
)
def get_facility(request: HttpRequest, pk: uuid.UUID) -> Facility:
    return queries.get_facility(actor=actor_of(request), facility_id=pk)


@router.post(
    "/facilities/{uuid:pk}/decommission",
    response={200: FacilityOut, **REFUSALS},
    operation_id="decommission_facility",
    summary="Take a facility out of service for good, by its record",
)
def decommission(request: HttpRequest, pk: uuid.UUID, payload: DecommissionIn) -> Facility:
    actor = actor_of(request)
    facility = queries.get_facility(actor=actor, facility_id=pk)
    return services.decommission(
        actor=actor, facility=facility, on=payload.on, record=payload.record, now=timezone.now()
    )
