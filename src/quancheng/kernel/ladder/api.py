"""Proposals of the ladder for machines."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, one_of, page_of
from quancheng.kernel.ladder import queries
from quancheng.kernel.ladder.loops import ESCALATION
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services import deciding
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.work.queries import get_item

router = Router(tags=["ladder"])


class EscalationOut(Schema):
    """One proposed rung. ``facts`` stand as they were when it was proposed; times are UTC."""

    id: uuid.UUID
    status: str
    step: int
    name: str = Field(alias="rung_name")
    target_id: uuid.UUID
    issuer_id: uuid.UUID
    subject_type: str = Field(alias="about_type")
    subject_id: uuid.UUID = Field(alias="about_id")
    due_at: datetime = Field(alias="item_due_at")
    days_late: int
    trigger: str
    facts: dict[str, Any]
    draft_title: str
    draft_body: str
    proposed_at: datetime
    decided_at: datetime | None
    postponed_until: date | None
    reason: str
    paper_id: uuid.UUID | None


class EscalationsIn(Paging):
    status: str = one_of(ESCALATION.codes)
    target_id: uuid.UUID | None = Field(None, description="only against this unit: its file")


class SignIn(Strict):
    title: str | None = Field(None, max_length=200, description="where the draft is changed")
    body: str | None = Field(None, max_length=20_000)


class PostponeIn(Strict):
    reason: str = Field(max_length=400)
    until: date


class DropIn(Strict):
    reason: str = Field(max_length=400)


class ProposeIn(Strict):
    item_id: uuid.UUID
    step: int = Field(ge=1, le=7)
    reason: str = Field(max_length=400)


@router.get(
    "/escalations",
    response={200: Page[EscalationOut], **REFUSALS},
    operation_id="list_escalations",
    summary="Proposed rungs, latest first",
)
def escalations(request: HttpRequest, given: Query[EscalationsIn]) -> dict[str, object]:
    rows = queries.list_escalations(actor=actor_of(request))
    if given.status:
        rows = rows.filter(status=given.status)
    if given.target_id:
        rows = rows.filter(target=given.target_id)
    return page_of(rows, given)


@router.post(
    "/escalations",
    response={200: EscalationOut, **REFUSALS},
    operation_id="propose_escalation",
    summary="Propose a rung for an open item by hand",
)
def propose(request: HttpRequest, payload: ProposeIn) -> Escalation:
    actor = actor_of(request)
    item = get_item(actor=actor, item_id=payload.item_id)
    return deciding.propose_by_hand(
        actor=actor,
        item=item,
        step=payload.step,
        reason=payload.reason,
        now=timezone.now(),
        client_id=client_id_of(request),
    )


@router.get(
    "/escalations/{uuid:pk}",
    response={200: EscalationOut, **REFUSALS},
    operation_id="get_escalation",
    summary="One proposal",
)
def escalation(request: HttpRequest, pk: uuid.UUID) -> Escalation:
    return queries.get_escalation(actor=actor_of(request), escalation_id=pk)


@router.post(
    "/escalations/{uuid:pk}/sign",
    response={200: EscalationOut, **REFUSALS},
    operation_id="sign_escalation",
    summary="Sign: its paper is numbered and waits for service (签发)",
)
def sign(request: HttpRequest, pk: uuid.UUID, payload: SignIn) -> Escalation:
    actor = actor_of(request)
    row = queries.get_escalation(actor=actor, escalation_id=pk)
    return deciding.sign_escalation(
        actor=actor,
        escalation=row,
        title=payload.title,
        body=payload.body,
        now=timezone.now(),
        client_id=client_id_of(request),
    )


@router.post(
    "/escalations/{uuid:pk}/postpone",
    response={200: EscalationOut, **REFUSALS},
    operation_id="postpone_escalation",
    summary="Put off to a day (暂缓)",
)
def postpone(request: HttpRequest, pk: uuid.UUID, payload: PostponeIn) -> Escalation:
    actor = actor_of(request)
    row = queries.get_escalation(actor=actor, escalation_id=pk)
    return deciding.postpone_escalation(
        actor=actor,
        escalation=row,
        reason=payload.reason,
        until=payload.until,
        now=timezone.now(),
        client_id=client_id_of(request),
    )


@router.post(
    "/escalations/{uuid:pk}/drop",
    response={200: EscalationOut, **REFUSALS},
    operation_id="drop_escalation",
    summary="Decide against it, with a reason (不予督办)",
)
def drop(request: HttpRequest, pk: uuid.UUID, payload: DropIn) -> Escalation:
    actor = actor_of(request)
    row = queries.get_escalation(actor=actor, escalation_id=pk)
    return deciding.drop_escalation(
        actor=actor, escalation=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )
