"""Permits of enterprises' own systems (外部作业票) read over REST. No person's name or number is told."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from quancheng.domains.permits.models import Kind, OutsidePermit, TicketStatus
from quancheng.domains.permits.queries import outside as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class OutsidePermitsIn(Paging):
    """Which permits of other systems are wanted."""

    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(Kind.values)
    state: str = one_of(TicketStatus.values)


class OutsidePermitOut(Schema):
    """One permit that another system keeps. ``state`` is TICKET_STATUS of AQ 3064.2; ``score`` and ``failed`` are what
    the audit finds in its record, null and empty where it was never issued. Degrees CGCS2000."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    external_id: uuid.UUID
    kind: str
    level: str
    state: str
    place: str
    content: str
    work_unit: str
    is_contractor: bool
    window_start: datetime
    window_end: datetime
    issued_at: datetime | None
    accepted_at: datetime | None
    lon: Decimal
    lat: Decimal
    is_deleted: bool
    told_at: datetime
    received_at: datetime
    score: int | None
    failed: list[str]
    worst: str


@router.get("/outside-permits", response={200: Page[OutsidePermitOut], **REFUSALS},
            operation_id="list_outside_permits", summary="Permits that enterprises' own systems keep")  # fmt: skip
def list_outside_permits(request: HttpRequest, given: Query[OutsidePermitsIn]) -> dict[str, Any]:
    asked = {"enterprise": given.enterprise_id, "kind": given.kind, "state": given.state}
    return page_of(narrowed(queries.list_outside(actor=actor_of(request)), asked), given)


@router.get("/outside-permits/{uuid:pk}", response={200: OutsidePermitOut, **REFUSALS},
            operation_id="get_outside_permit", summary="One permit that another system keeps")  # fmt: skip
def get_outside_permit(request: HttpRequest, pk: uuid.UUID) -> OutsidePermit:
    return queries.get_outside(actor=actor_of(request), permit_id=pk)
