"""Retraining orders and hours learned, for programs: read."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.loops.retraining import RETRAINING
from quancheng.domains.training.models import OrderReason, RetrainingOrder, TrainingRecord
from quancheng.domains.training.queries import education, orders
from quancheng.domains.training.services.programmes import PROGRAMME_CODE
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])
_CODE = f"^({PROGRAMME_CODE})?$"


class RetrainingOrdersIn(Paging):
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    status: str = one_of(RETRAINING.codes)
    reason: str = one_of(OrderReason.values)


class RetrainingOrderOut(Schema):
    """What a person must learn again; hours are lessons, the score is out of 100."""

    id: uuid.UUID
    code: str
    person_id: uuid.UUID
    enterprise_id: uuid.UUID
    programme: str = Field(alias="programme.code")
    reason: str
    status: str
    hours: int
    hours_done: Decimal
    off_post: bool
    needs_exam: bool
    exam_passed_at: datetime | None
    exam_score: int | None
    ordered_date: date
    due_date: date
    closed_at: datetime | None


class TrainingRecordsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    programme: str = Field("", max_length=40, pattern=_CODE)
    since: date | None = None


class TrainingRecordOut(Schema):
    """Hours learned on a day. Struck out ones count nowhere."""

    id: uuid.UUID
    person_id: uuid.UUID
    enterprise_id: uuid.UUID
    programme: str = Field(alias="programme.code")
    order_id: uuid.UUID | None
    level: str
    held_date: date
    hours: Decimal
    teacher: str
    place: str
    content: str
    score: int | None
    practice_score: int | None
    is_practised: bool
    assessor: str
    source: str
    source_number: str
    course_id: uuid.UUID | None
    is_unified: bool
    signed_at: datetime | None
    signature: str
    struck_at: datetime | None
    struck_reason: str


@router.get("/retraining-orders", response={200: Page[RetrainingOrderOut], **REFUSALS},
            operation_id="list_retraining_orders", summary="Retraining orders, open ones first")  # fmt: skip
def list_retraining_orders(request: HttpRequest, given: Query[RetrainingOrdersIn]) -> dict[str, Any]:
    asked = {"enterprise": given.enterprise_id, "person": given.person_id, "status": given.status,
             "reason": given.reason}  # fmt: skip
    return page_of(narrowed(orders.list_orders(actor=actor_of(request)), asked), given)


@router.get("/retraining-orders/{uuid:pk}", response={200: RetrainingOrderOut, **REFUSALS},
            operation_id="get_retraining_order", summary="One retraining order")  # fmt: skip
def get_retraining_order(request: HttpRequest, pk: uuid.UUID) -> RetrainingOrder:
    return orders.get_order(actor=actor_of(request), order_id=pk)


@router.get("/training-records", response={200: Page[TrainingRecordOut], **REFUSALS},
            operation_id="list_training_records", summary="Hours that people learned, the newest first")  # fmt: skip
def list_training_records(request: HttpRequest, given: Query[TrainingRecordsIn]) -> dict[str, Any]:
    asked = {"enterprise": given.enterprise_id, "person": given.person_id, "programme__code": given.programme,
             "held_date__gte": given.since}  # fmt: skip
    return page_of(narrowed(education.list_records(actor=actor_of(request)), asked), given)


@router.get("/training-records/{uuid:pk}", response={200: TrainingRecordOut, **REFUSALS},
            operation_id="get_training_record", summary="One record of hours")  # fmt: skip
def get_training_record(request: HttpRequest, pk: uuid.UUID) -> TrainingRecord:
    return education.get_record(actor=actor_of(request), record_id=pk)
