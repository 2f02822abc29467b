"""Key environmental facilities for programs."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.kinds import Screening
from quancheng.domains.risk.loops.environmental import ENVIRONMENTAL
from quancheng.domains.risk.models import EnvironmentalFacility
from quancheng.domains.risk.queries import environmental as facilities
from quancheng.domains.risk.queries.risks import facilities_of
from quancheng.domains.risk.services import environmental as facility_services
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
from quancheng.standards.risk.environmental import facility_kinds

router = Router(tags=["risk"])


class EnvironmentalFacilityOut(Schema):
    """A key environmental facility with its assessment state."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    kind: str
    facility_id: uuid.UUID | None
    place: str
    media: str
    in_use_date: date | None
    due_date: date
    assessed_date: date | None
    assessed_by: str
    report_no: str
    screening: str
    screening_text: str
    review_date: date | None
    status: str


class EnvironmentalFacilitiesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(tuple(facility_kinds()))
    status: str = one_of(ENVIRONMENTAL.codes)


class EnterEnvironmentalFacilityIn(Strict):
    title: str = Field(min_length=1, max_length=200)
    kind: str = one_of(tuple(facility_kinds()), default=None)
    facility_id: uuid.UUID | None = None
    place: str = Field("", max_length=200)
    media: str = Field("", max_length=300)
    in_use_date: date | None = None


class EnvironmentalAssessmentIn(Strict):
    assessed_date: date
    assessed_by: str = Field(min_length=1, max_length=200)
    report_no: str = Field("", max_length=80)
    screening: str = one_of(Screening.values, default=None)
    screening_text: str = Field("", max_length=2000)
    review_date: date | None = Field(None, description="empty: three years after the assessment")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


@router.get("/environmental-facilities", response={200: Page[EnvironmentalFacilityOut], **REFUSALS},
            operation_id="list_environmental_facilities", summary="Key environmental facilities")  # fmt: skip
def list_environmental_facilities(request: HttpRequest, given: Query[EnvironmentalFacilitiesIn]) -> dict[str, Any]:
    rows = facilities.list_facilities(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "kind": given.kind, "status": given.status}), given)


@router.post("/enterprises/{uuid:pk}/environmental-facilities", response={201: EnvironmentalFacilityOut, **REFUSALS},
             operation_id="enter_environmental_facility", summary="Enter a key environmental facility")  # fmt: skip
def enter_environmental_facility(
    request: HttpRequest, pk: uuid.UUID, payload: EnterEnvironmentalFacilityIn
) -> Status[EnvironmentalFacility]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    known["facility"] = among(facilities_of(file), known.pop("facility_id"), "facility_id")
    made = facility_services.enter_facility(
        actor=actor, file=file, known=known, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/environmental-facilities/{uuid:pk}", response={200: EnvironmentalFacilityOut, **REFUSALS},
            operation_id="get_environmental_facility", summary="One key environmental facility")  # fmt: skip
def get_environmental_facility(request: HttpRequest, pk: uuid.UUID) -> EnvironmentalFacility:
    return facilities.get_facility(actor=actor_of(request), facility_id=pk)


@router.post("/environmental-facilities/{uuid:pk}/assessments", response={200: EnvironmentalFacilityOut, **REFUSALS},
             operation_id="assess_environmental_facility", summary="Record an assessment and screening")  # fmt: skip
def assess_environmental_facility(
    request: HttpRequest, pk: uuid.UUID, payload: EnvironmentalAssessmentIn
) -> EnvironmentalFacility:
    actor = actor_of(request)
    row = facilities.get_facility(actor=actor, facility_id=pk)
    known = payload.dict()
    evidence = known.pop("evidence")
    return facility_services.assess_facility(
        actor=actor, row=row, known=known, evidence=evidence, now=timezone.now(), client_id=client_id_of(request)
    )
