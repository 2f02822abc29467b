"""The early-warning index for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.api.analyses import told_at_text
from quancheng.domains.risk.loops.warning import WARNING
from quancheng.domains.risk.models import EnterpriseIndex, IndexRecord, IndexWarning
from quancheng.domains.risk.queries import index as queries
from quancheng.domains.risk.services import index as services
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])
_LEVEL = "1 red, 2 orange, 3 yellow, 4 blue"


class IndexLineOut(Schema):
    """An enterprise with its index; null where it was not worked out."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    r: Decimal | None
    level: int | None = Field(alias="warning", description=_LEVEL)


class IndexOut(Schema):
    """The index of an enterprise with every part, known or not, and what each brought."""

    enterprise_id: uuid.UUID = Field(alias="file_id")
    r: Decimal
    level: int = Field(description=_LEVEL)
    static: Decimal | None
    base: Decimal
    score: Decimal | None
    smoothed: Decimal | None
    parts: list[dict[str, Any]]
    contributions: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    model_version: str
    at: datetime


class IndexRecordOut(Schema):
    """The index as it came out once."""

    r: Decimal
    level: int = Field(description=_LEVEL)
    contributions: list[dict[str, Any]]
    because: str
    model_version: str
    at: datetime


class IndicesIn(Paging):
    level: int | None = Field(None, ge=1, le=4)


class IndexWarningOut(Schema):
    """A warning because an index turned orange or red."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    level: int = Field(description=_LEVEL)
    r: Decimal
    contributions: list[dict[str, Any]]
    result: str
    status: str
    created_at: datetime
    closed_at: datetime | None


class IndexWarningsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(WARNING.codes)


class IndexWarningMoveIn(Strict):
    move: str = one_of(("answer", "confirm", "return"), default=None)
    text: str = Field("", max_length=2000)


@router.get("/index", response={200: Page[IndexLineOut], **REFUSALS}, operation_id="list_indices",
            summary="Enterprises by their early-warning index, the highest first")  # fmt: skip
def list_indices(request: HttpRequest, given: Query[IndicesIn]) -> dict[str, Any]:
    rows = queries.list_indexed(actor=actor_of(request))
    return page_of(narrowed(rows, {"index__level": given.level}), given)


@router.get("/enterprises/{uuid:pk}/index", response={200: IndexOut, **REFUSALS}, operation_id="get_index",
            summary="The index of an enterprise with every part")  # fmt: skip
def get_index(request: HttpRequest, pk: uuid.UUID) -> EnterpriseIndex:
    file = get_enterprise(actor=actor_of(request), file_id=pk)
    found = queries.index_of(file.pk)
    if found is None:
        raise NotFound
    return found


@router.get("/enterprises/{uuid:pk}/index/records", response={200: list[IndexRecordOut], **REFUSALS},
            operation_id="list_index_records", summary="How the index changed, the newest 200 first")  # fmt: skip
def list_index_records(request: HttpRequest, pk: uuid.UUID) -> list[IndexRecord]:
    return list(queries.records_of(get_enterprise(actor=actor_of(request), file_id=pk).pk))


@router.get("/index/warnings", response={200: Page[IndexWarningOut], **REFUSALS}, operation_id="list_index_warnings",
            summary="Warnings because an index turned orange or red")  # fmt: skip
def list_index_warnings(request: HttpRequest, given: Query[IndexWarningsIn]) -> dict[str, Any]:
    rows = queries.list_warnings(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.post("/index/warnings/{uuid:pk}/moves", response={200: IndexWarningOut, **REFUSALS},
             operation_id="move_index_warning", summary="Answer, confirm or return a warning")  # fmt: skip
def move_index_warning(request: HttpRequest, pk: uuid.UUID, payload: IndexWarningMoveIn) -> IndexWarning:
    actor = actor_of(request)
    row = queries.get_warning(actor=actor, warning_id=pk)
    found: IndexWarning = told_at_text(
        lambda: services.answer_warning(
            actor=actor, row=row, name=payload.move, text=payload.text, now=timezone.now(),
            client_id=client_id_of(request),
        )
    )  # fmt: skip
    return found
