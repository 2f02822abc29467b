"""Violations, incidents and black lists, read."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.loops.blacklist import BLACK_LIST
from quancheng.domains.training.models import BlackListing, ContractorViolation, IncidentType, ListLevel
from quancheng.domains.training.queries import blacklist as queries
from quancheng.domains.training.queries.contractors import get_admission
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class ViolationsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    contractor_code: str = Field("", pattern="^([0-9A-Z]{18})?$")
    person_id: uuid.UUID | None = None


class ViolationOut(Schema):
    """A violation with its points; below zero is a bonus. Counts are within the months of the settings."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    contractor_id: uuid.UUID | None
    contract_id: uuid.UUID | None
    person_id: uuid.UUID | None
    rule: str
    points: Decimal
    person_points: Decimal
    at: datetime
    place: str
    text: str
    permit_number: str
    repeat_count: int
    person_repeat_count: int
    withdrawn_at: datetime | None


class IncidentsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    type: str = one_of(IncidentType.values)


class ContractorIncidentOut(Schema):
    """An incident with people from outside."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    contractor_id: uuid.UUID | None
    type: str
    at: datetime
    place: str
    text: str
    dead: int
    injured: int


class ContractorScoreOut(Schema):
    """Points of a calendar quarter, 0 to 100, of a contract; of the company itself where ``contract_id`` is empty."""

    contract_id: uuid.UUID | None
    points: int
    band: str


class BlackListIn(Paging):
    status: str = one_of(BLACK_LIST.codes)
    level: str = one_of(ListLevel.values)


class BlackListingOut(Schema):
    """An entry of a black list; it bars while it is NOTICED, APPEALED or LISTED."""

    id: uuid.UUID
    level: str
    status: str
    enterprise_id: uuid.UUID | None = Field(alias="file_id")
    contractor_id: uuid.UUID | None
    title: str
    reason: str
    term_years: int
    appeal_until: date | None
    until_date: date | None


@router.get("/violations", response={200: Page[ViolationOut], **REFUSALS}, operation_id="list_violations",
            summary="Violations of people from outside, the newest first")  # fmt: skip
def list_violations(request: HttpRequest, given: Query[ViolationsIn]) -> dict[str, Any]:
    rows = queries.list_violations(actor=actor_of(request))
    asked = {
        "file": given.enterprise_id, "contractor__code": given.contractor_code, "person": given.person_id
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get("/violations/{uuid:pk}", response={200: ViolationOut, **REFUSALS}, operation_id="get_violation",
            summary="One violation")  # fmt: skip
def get_violation(request: HttpRequest, pk: uuid.UUID) -> ContractorViolation:
    return queries.get_violation(actor=actor_of(request), violation_id=pk)


@router.get("/admissions/{uuid:pk}/scores", response={200: list[ContractorScoreOut], **REFUSALS},
            operation_id="list_contractor_scores",
            summary="Points that the contractor of an admission has left this quarter, the worst first")  # fmt: skip
def list_scores(request: HttpRequest, pk: uuid.UUID) -> list[queries.Score]:
    row = get_admission(actor=actor_of(request), admission_id=pk)
    day = Calendar().local_date(timezone.now())
    return queries.scores_of(file_id=row.file_id, contractor_id=row.contractor_id, day=day)


@router.get("/contractor-incidents", response={200: Page[ContractorIncidentOut], **REFUSALS},
            operation_id="list_contractor_incidents", summary="Incidents with people from outside")  # fmt: skip
def list_incidents(request: HttpRequest, given: Query[IncidentsIn]) -> dict[str, Any]:
    rows = queries.list_incidents(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "type": given.type}), given)


@router.get("/black-list", response={200: Page[BlackListingOut], **REFUSALS}, operation_id="list_black_list",
            summary="Black lists, the newest first")  # fmt: skip
def list_black_list(request: HttpRequest, given: Query[BlackListIn]) -> dict[str, Any]:
    rows = queries.list_black_listings(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "level": given.level}), given)


@router.get("/black-list/{uuid:pk}", response={200: BlackListingOut, **REFUSALS}, operation_id="get_black_listing",
            summary="One entry of a black list")  # fmt: skip
def get_black_listing(request: HttpRequest, pk: uuid.UUID) -> BlackListing:
    return queries.get_black_listing(actor=actor_of(request), listing_id=pk)
