"""Experts and agencies, read: the pool, assignments with findings, reports, services."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.loops.assignment import ASSIGNMENT
from quancheng.domains.training.models import DiagnosisFinding, MemberKind, RuleGroup
from quancheng.domains.training.queries import pools as queries
from quancheng.domains.training.queries.outside_rules import unknown_codes
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class PoolIn(Paging):
    kind: str = one_of(MemberKind.values)
    field: str = Field("", pattern=r"^[\w-]{0,40}$", description="code of a field of the settings; empty for all")


class PoolMemberOut(Schema):
    """A member of the pool; no telephone number."""

    id: uuid.UUID
    kind: str
    name: str
    unit_name: str
    title: str
    fields: list[str]
    letter: str
    term_from: date
    term_to: date
    certificate_to: date | None
    is_excluded: bool

    @staticmethod
    def resolve_is_excluded(row: Any) -> bool:
        return row.excluded_at is not None


class PoolAssignmentsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    member_id: uuid.UUID | None = None
    status: str = one_of(ASSIGNMENT.codes)


class DiagnosisFindingOut(Schema):
    part: str
    field: str
    place: str
    text: str
    basis: str
    advice: str
    is_major: bool


class PoolAssignmentOut(Schema):
    """An assignment. Scores and fees are told on its page to offices and the member alone."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    member_id: uuid.UUID
    purpose: str
    field: str
    visit_date: date
    status: str
    seed: str
    drawn_from: int
    finding_count: int


class OneAssignmentOut(PoolAssignmentOut):
    """The same with what was found."""

    report: str
    findings: list[DiagnosisFindingOut]

    @staticmethod
    def resolve_findings(row: Any) -> list[DiagnosisFinding]:
        return list(queries.findings_of(row))


class OfEnterpriseIn(Paging):
    enterprise_id: uuid.UUID | None = None


class AgencyReportOut(Schema):
    """A report of safety evaluation; what casts doubt on it is for offices, on its page."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    agency_id: uuid.UUID
    number: str
    kind: str
    report_date: date
    next_due: date
    filed_date: date | None
    problem_count: int
    rectified_count: int


class ServiceContractOut(Schema):
    """Services under contract, with visits counted."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    provider_id: uuid.UUID
    number: str
    kinds: list[str]
    from_date: date
    to_date: date
    amount_yuan: Decimal
    visits_a_year: int
    visit_count: int


@router.get("/pool", response={200: Page[PoolMemberOut], **REFUSALS}, operation_id="list_pool",
            summary="Experts, inspectors, agencies")  # fmt: skip
def list_pool(request: HttpRequest, given: Query[PoolIn]) -> dict[str, Any]:
    rows = narrowed(queries.list_members(actor=actor_of(request)), {"kind": given.kind})
    if given.field and unknown_codes(RuleGroup.FIELD, [given.field]):
        raise Invalid(fields={"query.field": _("没有这个专业领域。")})
    return page_of(rows.filter(fields__contains=[given.field]) if given.field else rows, given)


@router.get("/assignments", response={200: Page[PoolAssignmentOut], **REFUSALS}, operation_id="list_pool_assignments",
            summary="Assignments of the pool, the newest first")  # fmt: skip
def list_assignments(request: HttpRequest, given: Query[PoolAssignmentsIn]) -> dict[str, Any]:
    rows = queries.list_assignments(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "member": given.member_id, "status": given.status}
    return page_of(narrowed(rows, asked), given)


@router.get("/assignments/{uuid:pk}", response={200: OneAssignmentOut, **REFUSALS},
            operation_id="get_pool_assignment", summary="One assignment with its findings")  # fmt: skip
def get_assignment(request: HttpRequest, pk: uuid.UUID) -> Any:
    return queries.get_assignment(actor=actor_of(request), assignment_id=pk)


@router.get("/agency-reports", response={200: Page[AgencyReportOut], **REFUSALS}, operation_id="list_agency_reports",
            summary="Reports of safety evaluation")  # fmt: skip
def list_reports(request: HttpRequest, given: Query[OfEnterpriseIn]) -> dict[str, Any]:
    rows = queries.list_reports(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id}), given)


@router.get("/services", response={200: Page[ServiceContractOut], **REFUSALS}, operation_id="list_service_contracts",
            summary="Services under contract")  # fmt: skip
def list_services(request: HttpRequest, given: Query[OfEnterpriseIn]) -> dict[str, Any]:
    rows = queries.list_services(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id}), given)
