"""Permits read over REST: the list, and one with what keeps it from its next move. No person's name is told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.permits.loops.permit import PERMIT
from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.blocks import blocks_of, for_reader
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services.checking import plain_answer
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class PermitsIn(Paging):
    """Which permits are wanted."""

    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(Kind.values)
    status: str = one_of(PERMIT.codes)
    emergency: bool | None = Field(None, description="only those booked as emergencies, or only the others")


class PermitOut(Schema):
    """One permit of special work: levels as entered, as the facts demand and after an upgrade; window aware."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    number: str
    kind: str
    level: str
    base: str
    effective: str
    is_upgraded: bool
    status: str
    place: str
    content: str
    work_unit: str
    unit_id: uuid.UUID | None
    facility_id: uuid.UUID | None
    window_start: datetime
    window_end: datetime
    booked_at: datetime | None
    is_emergency: bool
    emergency_reason: str
    issued_at: datetime | None
    started_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str
    finished_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    end_event: str
    supersedes_id: uuid.UUID | None


class PermitBlockOut(Schema):
    """One check that fails or cannot be told. ``verdict`` BLOCK refuses the next move, WARN does not; people stand as
    P and their number on the permit. Of health others than the enterprise learn only that somebody may not do the work:
    ``code``, ``fact``, ``value`` and ``limit`` are empty then."""

    code: str
    verdict: str
    outcome: str
    clause: str
    alarm: str
    fact: str
    value: str
    limit: str
    text: str
    remedy: str


class PermitWholeOut(PermitOut):
    """One permit with its blocks, and whether its text is what was signed."""

    is_unaltered: bool
    blocks: list[PermitBlockOut]


@router.get(
    "/permits",
    response={200: Page[PermitOut], **REFUSALS},
    operation_id="list_permits",
    summary="Permits of special work, the latest window first",
)
def list_permits(request: HttpRequest, given: Query[PermitsIn]) -> dict[str, Any]:
    rows = queries.list_permits(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "kind": given.kind, "status": given.status, "is_emergency": given.emergency}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/permits/{uuid:pk}",
    response={200: PermitWholeOut, **REFUSALS},
    operation_id="get_permit",
    summary="One permit, with what keeps it from its next move",
)
def get_permit(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    actor = actor_of(request)
    permit = queries.get_permit(actor=actor, permit_id=pk)
    rows = load_rows(permit)
    found = for_reader(blocks_of(permit, timezone.now(), rows), permit, actor)
    blocks = [plain_answer(one) | {"verdict": one.verdict} for one in found]
    told = {name: getattr(permit, name) for name in PermitOut.model_fields}
    return told | {"is_unaltered": rows.is_unaltered, "blocks": blocks}


