"""Sources (接入源) for programs: entered, given a secret, blocked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.monitoring.models import Form, Source, SourceKind
from quancheng.domains.monitoring.queries import asides
from quancheng.domains.monitoring.queries import sources as queries
from quancheng.domains.monitoring.services import sources as services
from quancheng.domains.monitoring.services.replaying import ask_replay
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])


class SourceOut(Schema):
    """A source with how its gateway last saw it. ``has_secret``: whether it can sign in."""

    id: uuid.UUID
    code: str
    name: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    forms: list[str]
    mn: str
    has_secret: bool
    points_per_s: int
    burst_points: int
    points_per_day: int
    most_bytes: int
    reorder_s: int
    blocked_at: datetime | None
    blocked_reason: str
    version: int
    is_online: bool = Field(alias="state.is_online")
    last_at: datetime | None = Field(None, alias="state.last_at")
    messages: int = Field(alias="state.messages")
    refused: dict[str, int] = Field(alias="state.refused")

    @staticmethod
    def resolve_has_secret(row: Source) -> bool:
        return bool(row.digest)


class SourceSecretOut(Schema):
    """A secret, told this once."""

    code: str
    secret: str


class SourcesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(SourceKind.values)


class EnterSourceIn(Strict):
    """A source. Limits are taken from offices alone; empty ones are the usual."""

    code: str = Field(min_length=3, max_length=64)
    name: str = Field(min_length=1, max_length=100)
    kind: str = one_of(SourceKind.values, default=None)
    forms: list[str] = Field(min_length=1, description=", ".join(Form.values))
    mn: str = Field("", max_length=24)
    points_per_s: int | None = None
    burst_points: int | None = None
    points_per_day: int | None = None
    most_bytes: int | None = None
    reorder_s: int | None = None


class BlockSourceIn(Strict):
    reason: str = Field(min_length=1, max_length=300)


class AsideOut(Schema):
    """A message, or a reading of it, that could not be read. ``size``: bytes that are kept of it, 0 where another row
    of the same message has them."""

    id: int
    at: datetime
    form: str
    topic: str
    reason: str
    key: str
    detail: str
    size: int
    asked_at: datetime | None
    replayed_at: datetime | None


class AsidesIn(Paging):
    """What of a source could not be read."""


class ReplayIn(Strict):
    """``reason``: only what was put aside for it; empty: for any."""

    reason: str = Field("", max_length=40)


class ReplayOut(Schema):
    """Messages that will be read again within seconds."""

    asked: int


@router.get("/sources", response={200: Page[SourceOut], **REFUSALS}, operation_id="list_sources",
            summary="What sends signals")  # fmt: skip
def list_sources(request: HttpRequest, given: Query[SourcesIn]) -> dict[str, Any]:
    rows = queries.list_sources(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "kind": given.kind}), given)


@router.post("/enterprises/{uuid:pk}/sources", response={201: SourceOut, **REFUSALS}, operation_id="enter_source",
             summary="Enter a source")  # fmt: skip
def enter_source(request: HttpRequest, pk: uuid.UUID, payload: EnterSourceIn) -> Status[Source]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    made = services.enter_source(
        actor=actor, file=file, code=known.pop("code"), known=known, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, queries.get_source(actor=actor, source_id=made.pk))


@router.get("/sources/{uuid:pk}", response={200: SourceOut, **REFUSALS}, operation_id="get_source",
            summary="One source")  # fmt: skip
def get_source(request: HttpRequest, pk: uuid.UUID) -> Source:
    return queries.get_source(actor=actor_of(request), source_id=pk)


@router.post("/sources/{uuid:pk}/secret", response={200: SourceSecretOut, **REFUSALS},
             operation_id="renew_source_secret", summary="A new secret, told this once; the old one ends")  # fmt: skip
def renew_secret(request: HttpRequest, response: HttpResponse, pk: uuid.UUID) -> dict[str, str]:
    response["Cache-Control"] = "no-store"
    actor = actor_of(request)
    row = queries.get_source(actor=actor, source_id=pk)
    return {"code": row.code, "secret": services.renew_secret(actor=actor, row=row, now=timezone.now())}


@router.post("/sources/{uuid:pk}/block", response={200: SourceOut, **REFUSALS}, operation_id="block_source",
             summary="Shut a source out")  # fmt: skip
def block_source(request: HttpRequest, pk: uuid.UUID, payload: BlockSourceIn) -> Source:
    actor = actor_of(request)
    row = queries.get_source(actor=actor, source_id=pk)
    services.block_source(actor=actor, row=row, reason=payload.reason, now=timezone.now())
    return row


@router.post("/sources/{uuid:pk}/open", response={200: SourceOut, **REFUSALS}, operation_id="open_source",
             summary="Let a blocked source be used again")  # fmt: skip
def open_source(request: HttpRequest, pk: uuid.UUID) -> Source:
    actor = actor_of(request)
    row = queries.get_source(actor=actor, source_id=pk)
    services.open_source(actor=actor, row=row, now=timezone.now())
    return row


@router.get("/sources/{uuid:pk}/asides", response={200: Page[AsideOut], **REFUSALS}, operation_id="list_asides",
            summary="What of a source could not be read")  # fmt: skip
def list_asides(request: HttpRequest, pk: uuid.UUID, given: Query[AsidesIn]) -> dict[str, Any]:
    source = queries.get_source(actor=actor_of(request), source_id=pk)
    return page_of(asides.asides_of(source), given)


@router.post("/sources/{uuid:pk}/asides/replay", response={200: ReplayOut, **REFUSALS}, operation_id="replay_asides",
             summary="Read again, after a fix, what could not be read")  # fmt: skip
def replay_asides(request: HttpRequest, pk: uuid.UUID, payload: ReplayIn) -> dict[str, int]:
    actor = actor_of(request)
    row = queries.get_source(actor=actor, source_id=pk)
    return {"asked": ask_replay(actor=actor, row=row, reason=payload.reason, now=timezone.now())}
