"""Design diagnoses for programs: records, their defects, the years in numbers, who is to be screened."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.models import DesignDiagnosis, DiagnosisKind, Finding
from quancheng.domains.hazards.queries import design_diagnoses as queries
from quancheng.domains.hazards.queries.findings import units_of as risk_units_of
from quancheng.domains.hazards.services import design_diagnoses as services
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.errors import NotPermitted
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
from quancheng.standards.hidden_dangers.kinds import code_list

router = Router(tags=["hazards"])


class DesignDiagnosisOut(Schema):
    """A diagnosis or the proof of a regular design, with its defects counted."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    year: int
    institute: str
    qualification: str
    report_number: str
    dated: date
    found: int
    closed: int
    open: int
    oldest: date | None


class DesignDiagnosesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    year: int | None = Field(None, ge=1980, le=2200)
    kind: str = one_of(DiagnosisKind.values)


class DesignDiagnosisIn(Strict):
    kind: str = one_of(DiagnosisKind.values, default=None)
    year: int = Field(ge=1980, le=2200)
    institute: str = Field(min_length=1, max_length=120)
    qualification: str = Field(min_length=1, max_length=120)
    report_number: str = Field(min_length=1, max_length=80)
    dated: date
    unit_ids: list[uuid.UUID] = Field(default_factory=list, max_length=200, description="none: the whole enterprise")
    text: str = Field("", max_length=1000)
    files: list[uuid.UUID] = Field(default_factory=list, max_length=20, description="uploads, the report at least")


class DesignDefectIn(Strict):
    name: str = Field(min_length=1, max_length=300)
    description: str = Field("", max_length=4000)
    place: str = Field("", max_length=200)
    unit_id: uuid.UUID | None = None
    type: str = one_of([one.code for one in code_list("type").items], default="other")
    is_major: bool = False
    criterion: str = Field("", max_length=12)
    photos: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class DesignDefectOut(Schema):
    """A defect: a hidden danger, read and acted on as every other under ``/hazards/findings``."""

    id: uuid.UUID
    code: str
    name: str
    status: str


class DesignYearOut(Schema):
    year: int
    diagnoses: int
    enterprises: int = Field(alias="files")
    found: int
    closed: int
    open: int
    oldest: date | None


class ScreenedOut(Schema):
    """An enterprise of two key points and one major; without any proof it is to be screened."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    has_process: bool
    has_chemical: bool
    has_hazard: bool
    diagnosed: bool
    formal: bool
    verified: bool


class ScreenedIn(Paging):
    proof: str = one_of(("yes", "no"))


@router.get("/design-diagnoses", response={200: Page[DesignDiagnosisOut], **REFUSALS},
            operation_id="list_design_diagnoses", summary="Design diagnoses with their defects counted")  # fmt: skip
def list_design_diagnoses(request: HttpRequest, given: Query[DesignDiagnosesIn]) -> dict[str, Any]:
    rows = queries.list_diagnoses(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "year": given.year, "kind": given.kind}), given)


@router.get("/design-diagnoses/years", response={200: list[DesignYearOut], **REFUSALS},
            operation_id="list_design_years", summary="Diagnoses and defects by year")  # fmt: skip
def list_design_years(request: HttpRequest) -> list[queries.YearLine]:
    return queries.by_year(actor=actor_of(request))


@router.get("/design-screening", response={200: Page[ScreenedOut], **REFUSALS}, operation_id="list_design_screening",
            summary="Enterprises of two key points and one major with the proof of their design")  # fmt: skip
def list_design_screening(request: HttpRequest, given: Query[ScreenedIn]) -> dict[str, Any]:
    rows = queries.list_screened(actor=actor_of(request))
    if given.proof:
        rows = rows.filter(queries.UNPROVEN if given.proof == "no" else ~queries.UNPROVEN)
    return page_of(rows, given)


@router.post("/enterprises/{uuid:pk}/design-diagnoses", response={201: DesignDiagnosisOut, **REFUSALS},
             operation_id="enter_design_diagnosis", summary="Enter a diagnosis or a regular design")  # fmt: skip
def enter_design_diagnosis(request: HttpRequest, pk: uuid.UUID, payload: DesignDiagnosisIn) -> Status[DesignDiagnosis]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    if not services.may_keep(actor, file):
        raise NotPermitted
    units = [among(queries.units_of(file), one, "unit_ids") for one in payload.unit_ids]
    known = payload.dict(exclude={"unit_ids"})
    made = services.enter_diagnosis(
        actor=actor, file=file, spec=services.DiagnosisSpec(**known, units=units), now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, queries.list_diagnoses(actor=actor).get(pk=made.pk))


@router.post("/design-diagnoses/{uuid:pk}/defects", response={201: DesignDefectOut, **REFUSALS},
             operation_id="add_design_defect", summary="Enter a defect that a diagnosis found")  # fmt: skip
def add_design_defect(request: HttpRequest, pk: uuid.UUID, payload: DesignDefectIn) -> Status[Finding]:
    actor = actor_of(request)
    row = queries.get_diagnosis(actor=actor, diagnosis_id=pk)
    if not services.may_keep(actor, row.file):
        raise NotPermitted
    unit = among(risk_units_of(row.file), payload.unit_id, "unit_id") if payload.unit_id else None
    spec = services.DefectSpec(**payload.dict(exclude={"unit_id"}), unit=unit)
    return Status(201, services.add_defect(actor=actor, row=row, spec=spec, now=timezone.now(),
                                           client_id=client_id_of(request)))  # fmt: skip
