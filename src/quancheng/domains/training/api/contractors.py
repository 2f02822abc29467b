"""Contractors, read: companies, admissions, what the rules found."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.loops.admission import ADMISSION
from quancheng.domains.training.models import Admission, Contractor, ContractorFinding, FindingCode
from quancheng.domains.training.queries import contractors as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class ContractorsIn(Paging):
    code: str = Field("", pattern="^([0-9A-Z]{18})?$", description="unified code")
    text: str = Field("", max_length=60, description="in the name")


class ContractorOut(Schema):
    """A company; ``admitted_count`` is at how many enterprises it is admitted."""

    id: uuid.UUID
    code: str
    name: str
    business: str
    admitted_count: int


class AdmissionsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    contractor_code: str = Field("", pattern="^([0-9A-Z]{18})?$")
    status: str = one_of(ADMISSION.codes)


class AdmissionOut(Schema):
    """An admission at an enterprise; days are the last ones that count."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    contractor_id: uuid.UUID
    contractor_code: str = Field(alias="contractor.code")
    contractor_name: str = Field(alias="contractor.name")
    status: str
    works: list[str]
    valid_from: date | None
    valid_to: date | None
    suspended_until: date | None
    agreement_number: str
    agreement_from: date | None
    agreement_to: date | None
    has_findings: bool


class ContractorFindingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    code: str = one_of(FindingCode.values)
    open: bool | None = Field(None, description="false for those that are cleared")


class ContractorFindingOut(Schema):
    """What a rule found; ``text`` in the language of the request."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    contractor_id: uuid.UUID
    contract_id: uuid.UUID | None
    person_id: uuid.UUID | None
    code: str
    text: str
    found_date: date
    cleared_date: date | None

    @staticmethod
    def resolve_text(row: ContractorFinding) -> str:
        return queries.sentence_of(row)


@router.get("/contractors", response={200: Page[ContractorOut], **REFUSALS}, operation_id="list_contractors",
            summary="Contractors, by name")  # fmt: skip
def list_contractors(request: HttpRequest, given: Query[ContractorsIn]) -> dict[str, Any]:
    rows = queries.list_contractors(actor=actor_of(request))
    return page_of(narrowed(rows, {"code": given.code, "name__contains": given.text}), given)


@router.get("/contractors/{uuid:pk}", response={200: ContractorOut, **REFUSALS}, operation_id="get_contractor",
            summary="One contractor")  # fmt: skip
def get_contractor(request: HttpRequest, pk: uuid.UUID) -> Contractor:
    return queries.get_contractor(actor=actor_of(request), contractor_id=pk)


@router.get("/admissions", response={200: Page[AdmissionOut], **REFUSALS}, operation_id="list_admissions",
            summary="Admissions of contractors, the newest first")  # fmt: skip
def list_admissions(request: HttpRequest, given: Query[AdmissionsIn]) -> dict[str, Any]:
    rows = queries.list_admissions(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "contractor__code": given.contractor_code, "status": given.status}
    return page_of(narrowed(rows, asked), given)


@router.get("/admissions/{uuid:pk}", response={200: AdmissionOut, **REFUSALS}, operation_id="get_admission",
            summary="One admission")  # fmt: skip
def get_admission(request: HttpRequest, pk: uuid.UUID) -> Admission:
    return queries.get_admission(actor=actor_of(request), admission_id=pk)


@router.get("/contractor-findings", response={200: Page[ContractorFindingOut], **REFUSALS},
            operation_id="list_contractor_findings", summary="What rules found about contractors")  # fmt: skip
def list_contractor_findings(request: HttpRequest, given: Query[ContractorFindingsIn]) -> dict[str, Any]:
    rows = queries.list_findings(actor=actor_of(request))
    asked = {
        "file": given.enterprise_id, "code": given.code,
        "cleared_date__isnull": given.open,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)
