"""What is bypassed (联锁旁路) for programs: asked, approved by two, refused, put back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.monitoring.loops.bypass import BYPASS
from quancheng.domains.monitoring.models import Bypass
from quancheng.domains.monitoring.queries import bypasses as queries
from quancheng.domains.monitoring.queries.tags import partners_of, units_of
from quancheng.domains.monitoring.services import bypasses as services
from quancheng.domains.registry.queries.enterprises import get_enterprise
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

router = Router(tags=["monitoring"])


class BypassOut(Schema):
    """An interlock or a detector that is bypassed from ``since_at`` until it is put back, by ``until``."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    tag_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    what: str
    status: str
    reason: str
    measure: str
    ticket: str
    asked_at: datetime
    since_at: datetime | None
    until: datetime
    ended_at: datetime | None
    restore_note: str


class BypassesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    tag_id: uuid.UUID | None = None
    status: str = one_of(BYPASS.codes)


class AskBypassIn(Strict):
    tag_id: uuid.UUID | None = Field(None, description="the detector, or the signal of the interlock")
    what: str = Field("", max_length=160, description="number and name of an interlock that has no tag")
    unit_id: uuid.UUID | None = Field(None, description="null: the tag's own, else near all work")
    reason: str = Field(min_length=1, max_length=500)
    measure: str = Field(min_length=1, max_length=1000, description="what stands in for it meanwhile")
    until: AwareDatetime
    ticket: str = Field("", max_length=60)


class RefuseBypassIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


class RestoreBypassIn(Strict):
    note: str = Field(min_length=1, max_length=1000, description="what was put back and how it was tested")


@router.get("/bypasses", response={200: Page[BypassOut], **REFUSALS}, operation_id="list_bypasses",
            summary="What is or was bypassed, the newest first")  # fmt: skip
def list_bypasses(request: HttpRequest, given: Query[BypassesIn]) -> dict[str, Any]:
    rows = queries.list_bypasses(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "tag": given.tag_id, "status": given.status}), given)


@router.post("/enterprises/{uuid:pk}/bypasses", response={201: BypassOut, **REFUSALS}, operation_id="ask_bypass",
             summary="Ask that an interlock or a detector be bypassed")  # fmt: skip
def ask_bypass(request: HttpRequest, pk: uuid.UUID, payload: AskBypassIn) -> Status[Bypass]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    known["tag"] = among(partners_of(file), known.pop("tag_id"), "tag_id")
    known["unit"] = among(units_of(file), known.pop("unit_id"), "unit_id")
    made = services.ask_bypass(
        actor=actor, file=file, spec=services.BypassSpec(**known), now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, made)


@router.get("/bypasses/{uuid:pk}", response={200: BypassOut, **REFUSALS}, operation_id="get_bypass",
            summary="One bypass")  # fmt: skip
def get_bypass(request: HttpRequest, pk: uuid.UUID) -> Bypass:
    return queries.get_bypass(actor=actor_of(request), bypass_id=pk)


@router.post("/bypasses/{uuid:pk}/agree", response={200: BypassOut, **REFUSALS}, operation_id="agree_bypass",
             summary="The first of two approves")  # fmt: skip
def agree_bypass(request: HttpRequest, pk: uuid.UUID) -> Bypass:
    actor = actor_of(request)
    row = queries.get_bypass(actor=actor, bypass_id=pk)
    return services.agree_bypass(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/bypasses/{uuid:pk}/allow", response={200: BypassOut, **REFUSALS}, operation_id="allow_bypass",
             summary="The second approves, and it is bypassed")  # fmt: skip
def allow_bypass(request: HttpRequest, pk: uuid.UUID) -> Bypass:
    actor = actor_of(request)
    row = queries.get_bypass(actor=actor, bypass_id=pk)
    return services.allow_bypass(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/bypasses/{uuid:pk}/refuse", response={200: BypassOut, **REFUSALS}, operation_id="refuse_bypass",
             summary="It stays in use")  # fmt: skip
def refuse_bypass(request: HttpRequest, pk: uuid.UUID, payload: RefuseBypassIn) -> Bypass:
    actor = actor_of(request)
    row = queries.get_bypass(actor=actor, bypass_id=pk)
    return services.refuse_bypass(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )


@router.post("/bypasses/{uuid:pk}/withdraw", response={200: BypassOut, **REFUSALS}, operation_id="withdraw_bypass",
             summary="Who asked needs it no more")  # fmt: skip
def withdraw_bypass(request: HttpRequest, pk: uuid.UUID) -> Bypass:
    actor = actor_of(request)
    row = queries.get_bypass(actor=actor, bypass_id=pk)
    return services.withdraw_bypass(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/bypasses/{uuid:pk}/restore", response={200: BypassOut, **REFUSALS}, operation_id="restore_bypass",
             summary="It is in use again")  # fmt: skip
def restore_bypass(request: HttpRequest, pk: uuid.UUID, payload: RestoreBypassIn) -> Bypass:
    actor = actor_of(request)
    row = queries.get_bypass(actor=actor, bypass_id=pk)
    return services.restore_bypass(
        actor=actor, row=row, note=payload.note, now=timezone.now(), client_id=client_id_of(request)
    )
