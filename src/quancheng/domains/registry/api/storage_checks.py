"""Workshops' temporary storage and the papers of storage places for programs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.models import PlacePaper, Unit
from quancheng.domains.registry.models.storage_checks import PaperKind
from quancheng.domains.registry.queries import storage_checks as queries
from quancheng.domains.registry.services import storage_checks as services
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

router = Router(tags=["registry"])


class WorkshopOut(Schema):
    """A production unit with stores, in tonnes. ``limit_t``: null where nobody set one; ``finding``: the open warning;
    ``version`` of the limit, 0 where there is none."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str
    name: str
    present_t: Decimal
    limit_t: Decimal | None
    percent: Decimal | None
    finding: uuid.UUID | None
    source: str
    version: int

    @staticmethod
    def resolve_source(row: Any) -> str:
        return row.workshop.source if getattr(row, "workshop", None) else ""

    @staticmethod
    def resolve_version(row: Any) -> int:
        return row.workshop.version if getattr(row, "workshop", None) else 0


class WorkshopsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    over: bool = Field(False, description="only those in which more lies than may")
    unset: bool = Field(False, description="only those with something in them and no limit")


class WorkshopLimitIn(Strict):
    version: int = Field(ge=0, description="of what was read; 0 where nothing stood")
    limit_t: Decimal = Field(gt=0, le=1_000_000, decimal_places=3)
    source: str = Field(min_length=1, max_length=200)


class PlacePapersOut(Schema):
    """A storage place that holds something: names of goods that lack a paper, and whether it has a plan."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str
    name: str
    no_ledger: list[str]
    no_label: list[str]
    no_sheet: list[str]
    has_plan: bool


class PlacePapersIn(Paging):
    enterprise_id: uuid.UUID | None = None
    lacking: bool = Field(False, description="only those whose papers are not complete")


class PlacePaperIn(Strict):
    kind: str = one_of(PaperKind.values, default=None)
    chemical_id: uuid.UUID | None = Field(None, description="of the goods there; null for a plan")
    is_there: bool = Field(True, description="false: it is not there; ends what was entered before of its kind")
    title: str = Field(min_length=1, max_length=200, description="of one that is not there: why")
    issued_date: date
    until_date: date | None = None


class PlacePaperOut(Schema):
    id: uuid.UUID
    kind: str
    chemical_id: uuid.UUID | None
    is_there: bool
    title: str
    issued_date: date
    until_date: date | None
    at: datetime


def _today() -> date:
    return Calendar().local_date(timezone.now())


@router.get("/workshops", response={200: Page[WorkshopOut], **REFUSALS}, operation_id="list_workshops",
            summary="Workshops with what lies in them, and how much may")  # fmt: skip
def list_workshops(request: HttpRequest, given: Query[WorkshopsIn]) -> dict[str, Any]:
    rows = narrowed(queries.list_workshops(actor=actor_of(request)), {"file": given.enterprise_id})
    if given.over:
        rows = rows.filter(queries.is_over())
    if given.unset:
        rows = rows.filter(queries.is_unset())
    return page_of(rows, given)


@router.put("/workshops/{uuid:pk}/limit", response={200: WorkshopOut, **REFUSALS}, operation_id="set_workshop_limit",
            summary="Say how much may lie in a workshop at once")  # fmt: skip
def set_workshop_limit(request: HttpRequest, pk: uuid.UUID, payload: WorkshopLimitIn) -> Unit:
    actor = actor_of(request)
    services.set_workshop_limit(
        actor=actor, unit=queries.get_workshop(actor=actor, unit_id=pk), now=timezone.now(), **payload.dict()
    )
    return queries.get_workshop(actor=actor, unit_id=pk)


@router.get("/place-papers", response={200: Page[PlacePapersOut], **REFUSALS}, operation_id="list_place_papers",
            summary="Storage places with what their papers lack")  # fmt: skip
def list_place_papers(request: HttpRequest, given: Query[PlacePapersIn]) -> dict[str, Any]:
    rows = queries.list_papers(actor=actor_of(request), on=_today())
    rows = narrowed(rows, {"file": given.enterprise_id})
    return page_of(rows.filter(queries.is_lacking()) if given.lacking else rows, given)


@router.post("/place-papers/{uuid:pk}/papers", response={201: PlacePaperOut, **REFUSALS},
             operation_id="enter_place_paper", summary="Enter that a paper lies at a storage place")  # fmt: skip
def enter_place_paper(request: HttpRequest, pk: uuid.UUID, payload: PlacePaperIn) -> Status[PlacePaper]:
    actor = actor_of(request)
    unit = queries.get_papers(actor=actor, unit_id=pk, on=_today())
    chemical = among(queries.goods_of(unit), payload.chemical_id, "chemical_id")
    row = services.enter_paper(
        actor=actor, unit=unit, known={**payload.dict(exclude={"chemical_id"}), "chemical": chemical},
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, row)
