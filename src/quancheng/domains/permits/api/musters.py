"""Musters over REST: the list, the roll, and a mark by a reader at the place of assembly."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from quancheng.domains.permits.loops.muster import MUSTER
from quancheng.domains.permits.models import RollState
from quancheng.domains.permits.queries import musters as queries
from quancheng.domains.permits.services import musters as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class MustersIn(Paging):
    """Which musters are wanted."""

    enterprise_id: uuid.UUID | None = None
    status: str = one_of(MUSTER.codes)


class MusterOut(Schema):
    """One muster. ``missing_count``: of whom nobody said where he is."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    unit_id: uuid.UUID | None
    order_id: uuid.UUID | None
    status: str
    is_drill: bool
    point: str
    reason: str
    called_at: datetime
    ended_at: datetime | None
    roll_count: int
    missing_count: int


class RollEntryOut(Schema):
    """Somebody on the roll: UNKNOWN, UNDERWAY, HERE or RESCUER. ``is_inside``: in a confined space at the call."""

    id: uuid.UUID
    name: str
    firm: str
    permit_id: uuid.UUID | None
    is_inside: bool
    state: str
    marked_at: datetime | None


class MusterWholeOut(MusterOut):
    """One muster with its roll, who is missing first."""

    roll: list[RollEntryOut]


class RollMarkIn(Strict):
    state: str = one_of(RollState.values, default=None)


@router.get(
    "/musters", response={200: Page[MusterOut], **REFUSALS}, operation_id="list_musters",
    summary="Musters, the newest first",
)  # fmt: skip
def list_musters(request: HttpRequest, given: Query[MustersIn]) -> dict[str, Any]:
    rows = queries.list_musters(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.get(
    "/musters/{uuid:pk}", response={200: MusterWholeOut, **REFUSALS}, operation_id="get_muster",
    summary="One muster with its roll",
)  # fmt: skip
def get_muster(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row = queries.get_muster(actor=actor_of(request), muster_id=pk)
    return {name: getattr(row, name) for name in MusterOut.model_fields} | {"roll": list(queries.roll_of(row))}


@router.post(
    "/musters/{uuid:pk}/roll/{uuid:entry}", response={200: RollEntryOut, **REFUSALS}, operation_id="mark_on_roll",
    summary="Say where somebody on the roll is",
)  # fmt: skip
def mark_on_roll(request: HttpRequest, pk: uuid.UUID, entry: uuid.UUID, payload: RollMarkIn) -> Any:
    actor = actor_of(request)
    row = queries.get_roll_entry(muster=queries.get_muster(actor=actor, muster_id=pk), entry_id=entry)
    return services.mark(actor=actor, entry=row, state=payload.state, now=timezone.now())
