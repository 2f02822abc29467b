"""The queue of the exchange (数据上报队列) for programs: what waits, what was refused and why, sent again."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.models import ExchangeRow
from quancheng.domains.hazards.models.exchange import SendState, TableCode
from quancheng.domains.hazards.queries import exchange as queries
from quancheng.domains.hazards.services.exchange_queue import MANAGE, READ, resend
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, only_once, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["hazards"])


class ExchangeRowOut(Schema):
    """A record on its way up. ``code`` and ``reason`` say why it was refused, or what it waits for.

    ``next_try_at`` counts only while it waits. What the record says is read where it stands, by ``record_id``.
    """

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    adapter_id: uuid.UUID
    table: str
    record_id: uuid.UUID = Field(alias="subject_id")
    external_id: uuid.UUID
    title: str
    state: str
    code: int | None
    reason: str
    changed_at: datetime
    changed_by: str
    next_try_at: datetime
    sent_at: datetime | None
    accepted_at: datetime | None
    push_count: int
    batch_id: uuid.UUID | None


class ExchangeRowsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    adapter_id: uuid.UUID | None = None
    table: str = one_of(TableCode.values)
    state: str = one_of(SendState.values)
    code: int | None = Field(None, ge=0, le=9999, description="reject code of the exchange spec, e.g. 4009")


@router.get("/exchange-rows", response={200: Page[ExchangeRowOut], **REFUSALS}, operation_id="list_exchange_rows",
            summary="Records on their way to upper platforms, the last change first")  # fmt: skip
def list_exchange_rows(request: HttpRequest, given: Query[ExchangeRowsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    actor.require(READ)
    asked = {"file": given.enterprise_id, "adapter": given.adapter_id, "table": given.table, "state": given.state,
             "code": given.code}  # fmt: skip
    return page_of(narrowed(queries.list_rows(actor=actor), asked), given)


@router.get("/exchange-rows/{uuid:pk}", response={200: ExchangeRowOut, **REFUSALS}, operation_id="get_exchange_row",
            summary="One record on its way up, with why it waits or was refused")  # fmt: skip
def get_exchange_row(request: HttpRequest, pk: uuid.UUID) -> ExchangeRow:
    actor = actor_of(request)
    actor.require(READ)
    return queries.get_row(actor=actor, row_id=pk)


@router.post("/exchange-rows/{uuid:pk}/resend", response={200: ExchangeRowOut, **REFUSALS},
             operation_id="resend_exchange_row", summary="Send one record again at once")  # fmt: skip
def resend_exchange_row(request: HttpRequest, pk: uuid.UUID) -> ExchangeRow:
    actor = actor_of(request)
    actor.require(MANAGE)
    row = queries.get_row(actor=actor, row_id=pk)
    only_once(
        request, actor=actor, act="hazards.exchange.resend", body={"row": pk},
        make=lambda: resend(actor=actor, row=row, now=timezone.now()).pk,
    )  # fmt: skip
    return queries.get_row(actor=actor, row_id=pk)
