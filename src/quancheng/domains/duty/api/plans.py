"""Plans, their parents and their receipts."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.api.tasks import TaskOut
from quancheng.domains.duty.loops.plan import PLAN, RECEIPT
from quancheng.domains.duty.models import Plan, Receipt
from quancheng.domains.duty.models.plans import PlanKind
from quancheng.domains.duty.queries import parents as parent_queries
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.queries.progress import PlanProgress, get_progress
from quancheng.domains.duty.services import receipts
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class PlanOut(Schema):
    """A plan as its head was read and confirmed."""

    id: uuid.UUID
    code: str
    title: str
    kind: str
    issuer: str
    number: str
    document_date: date | None
    period_from: date | None
    period_to: date | None
    addressees: list[str]
    copies: list[str]
    openness: str
    status: str
    owner_org_id: uuid.UUID
    superseded_by_id: uuid.UUID | None
    source_name: str
    source_sha256: str = Field(description="of the document as it came, hexadecimal")
    imported_at: datetime


class InheritedOut(Schema):
    """A task of a parent plan and the tasks that carry it out; ``is_carried`` counts those beyond the actor's sight."""

    task: TaskOut
    carriers: list[TaskOut]
    is_carried: bool


class ParentOut(Schema):
    """A parent of a plan; ``plan_id`` is null for a document outside the house."""

    id: uuid.UUID = Field(alias="link.pk")
    plan_id: uuid.UUID | None = Field(alias="link.parent_id")
    title: str = Field(alias="link.title")
    number: str = Field(alias="link.number")
    issuer: str = Field(alias="link.issuer")
    missing: int
    tasks: list[InheritedOut]


class ReceiptOut(Schema):
    """One organisation's receipt of a plan; ``capacity`` is main or copy."""

    id: uuid.UUID
    plan_id: uuid.UUID
    org_id: uuid.UUID
    capacity: str
    status: str
    received_at: datetime | None


class PlansIn(Paging):
    status: str = one_of(PLAN.codes)
    kind: PlanKind | None = None
    owner_org_id: uuid.UUID | None = Field(None, description="whose plans")
    number: str = Field("", max_length=60, description="the document's number, whole (文号)")


class ReceiptsIn(Paging):
    plan_id: uuid.UUID | None = None
    org_id: uuid.UUID | None = None
    status: str = one_of(RECEIPT.codes)
    own: bool = Field(False, description="only one's own organisation's")


class LightsOut(Schema):
    """Assignments by light as far as the actor may see them; open ones are red, yellow or green."""

    red: int
    yellow: int
    green: int
    done: int


class PlanProgressOut(Schema):
    """How far a plan is, counted over what the actor may see. ``received`` of ``receipts`` were acknowledged."""

    tasks: int
    closed: int
    lights: LightsOut
    receipts: int
    received: int
    outside_receipts: int = Field(description="addressees without an account")
    outside_received: int


@router.get(
    "/plans",
    response={200: Page[PlanOut], **REFUSALS},
    operation_id="list_plans",
    summary="Plans that the actor may see, the newest first",
)
def list_plans(request: HttpRequest, given: Query[PlansIn]) -> dict[str, Any]:
    rows = queries.list_plans(actor=actor_of(request))
    asked = {"status": given.status, "kind": given.kind, "owner_org": given.owner_org_id, "number": given.number}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/plans/{uuid:pk}",
    response={200: PlanOut, **REFUSALS},
    operation_id="get_plan",
    summary="One plan",
)
def get_plan(request: HttpRequest, pk: uuid.UUID) -> Plan:
    return queries.get_plan(actor=actor_of(request), plan_id=pk)


@router.get(
    "/plans/{uuid:pk}/progress",
    response={200: PlanProgressOut, **REFUSALS},
    operation_id="get_plan_progress",
    summary="How far a plan is: tasks, lights and receipts",
)
def get_plan_progress(request: HttpRequest, pk: uuid.UUID) -> PlanProgress:
    actor = actor_of(request)
    return get_progress(actor=actor, plan=queries.get_plan(actor=actor, plan_id=pk), now=timezone.now())


@router.get(
    "/plans/{uuid:pk}/parents",
    response={200: list[ParentOut], **REFUSALS},
    operation_id="list_plan_parents",
    summary="The parents of a plan, their tasks and which of the plan's tasks carry them out",
)
def list_plan_parents(request: HttpRequest, pk: uuid.UUID) -> list[parent_queries.ParentLine]:
    actor = actor_of(request)
    return parent_queries.list_parents(actor=actor, plan=queries.get_plan(actor=actor, plan_id=pk))


@router.get(
    "/receipts",
    response={200: Page[ReceiptOut], **REFUSALS},
    operation_id="list_receipts",
    summary="Receipts of plans that the actor may see",
)
def list_receipts(request: HttpRequest, given: Query[ReceiptsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_own_receipts(actor=actor) if given.own else queries.list_receipts(actor=actor)
    asked = {"plan": given.plan_id, "status": given.status, "org": given.org_id}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/receipts/{uuid:pk}",
    response={200: ReceiptOut, **REFUSALS},
    operation_id="get_receipt",
    summary="One organisation's receipt of a plan",
)
def get_receipt(request: HttpRequest, pk: uuid.UUID) -> Receipt:
    return queries.get_receipt(actor=actor_of(request), receipt_id=pk)


@router.post(
    "/receipts/{uuid:pk}/receive",
    response={200: ReceiptOut, **REFUSALS},
    operation_id="receive_plan",
    summary="Acknowledge a plan for one's organisation",
)
def receive_plan(request: HttpRequest, pk: uuid.UUID) -> Receipt:
    actor = actor_of(request)
    receipt = queries.get_receipt(actor=actor, receipt_id=pk)
    return receipts.receive(actor=actor, receipt=receipt, now=timezone.now(), client_id=client_id_of(request))
