"""Recipients of a plan outside the house: one more of them, and the receipts that the office enters for them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.units import organisation_of
from quancheng.domains.duty.loops.plan import OUTSIDE_RECEIPT
from quancheng.domains.duty.models import OutsideReceipt
from quancheng.domains.duty.models.plans import CAPACITIES
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.services import receipts as services
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])
_CAPACITIES = [code for code, _label in CAPACITIES]


class OutsideReceiptOut(Schema):
    """The receipt of an addressee without an account; ``capacity`` is main or copy."""

    id: uuid.UUID
    plan_id: uuid.UUID
    name: str
    capacity: str
    status: str
    received_by: str
    received_date: date | None


class RecipientOut(Schema):
    """Where a plan went: the receipt of an organisation of the house, or that of a name outside it."""

    receipt_id: uuid.UUID | None
    outside_receipt_id: uuid.UUID | None


class OutsideReceiptsIn(Paging):
    status: str = one_of(OUTSIDE_RECEIPT.codes)
    capacity: str = one_of(_CAPACITIES)
    plan_id: uuid.UUID | None = None


class RecipientIn(Strict):
    """One of ``org_id`` (an organisation of the house) and ``name`` (one outside it)."""

    capacity: str = one_of(_CAPACITIES, default=None)
    org_id: uuid.UUID | None = None
    name: str = Field("", max_length=200)


class RegisterIn(Strict):
    received_by: str = Field(min_length=1, max_length=60)
    received_date: date


@router.get(
    "/outside-receipts",
    response={200: Page[OutsideReceiptOut], **REFUSALS},
    operation_id="list_outside_receipts",
    summary="Receipts of addressees outside the house, those of one's own organisation's plans",
)
def list_outside_receipts(request: HttpRequest, given: Query[OutsideReceiptsIn]) -> dict[str, Any]:
    rows = queries.list_outside_receipts(actor=actor_of(request))
    asked = {"status": given.status, "capacity": given.capacity, "plan": given.plan_id}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/outside-receipts/{uuid:pk}",
    response={200: OutsideReceiptOut, **REFUSALS},
    operation_id="get_outside_receipt",
    summary="One receipt of an addressee outside the house",
)
def get_outside_receipt(request: HttpRequest, pk: uuid.UUID) -> OutsideReceipt:
    return queries.get_outside_receipt(actor=actor_of(request), receipt_id=pk)


@router.post(
    "/outside-receipts/{uuid:pk}/register",
    response={200: OutsideReceiptOut, **REFUSALS},
    operation_id="register_outside_receipt",
    summary="Enter who received a plan outside the house, and when",
)
def register(request: HttpRequest, pk: uuid.UUID, payload: RegisterIn) -> OutsideReceipt:
    actor = actor_of(request)
    services.register_receipt(
        actor=actor,
        receipt=queries.get_outside_receipt(actor=actor, receipt_id=pk),
        **payload.dict(),
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return queries.get_outside_receipt(actor=actor, receipt_id=pk)


@router.post(
    "/plans/{uuid:pk}/send",
    response={200: RecipientOut, **REFUSALS},
    operation_id="send_plan_on",
    summary="Send a plan under way to one more recipient, inside or outside the house",
)
def send_on(request: HttpRequest, pk: uuid.UUID, payload: RecipientIn) -> dict[str, uuid.UUID | None]:
    actor, now = actor_of(request), timezone.now()
    plan = queries.get_plan(actor=actor, plan_id=pk)
    actor.require("duty.plans.review")
    org = organisation_of(actor=actor, wanted=payload.org_id, field="org_id") if payload.org_id else None

    def make() -> uuid.UUID:
        return services.send_on(
            actor=actor, plan=plan, org=org, name=payload.name, capacity=payload.capacity, now=now
        ).pk

    made = only_once(request, actor=actor, act="duty.plan.send", body={"plan": pk, **payload.dict()}, make=make)
    return {"receipt_id": made if org else None, "outside_receipt_id": None if org else made}
