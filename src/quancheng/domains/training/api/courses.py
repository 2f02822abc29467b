"""Sessions and yearly plans for programs: read, without names."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.loops.session import SESSION
from quancheng.domains.training.models import TrainingPlan, TrainingSession
from quancheng.domains.training.queries import courses as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class TrainingSessionsIn(Paging):
    owner_id: uuid.UUID | None = None
    status: str = one_of(SESSION.codes)


class TrainingSessionOut(Schema):
    """A session, one day of a class; of several days the first is ``first_day_id``. Hours are lessons, the rate is of
    those looked at who do as they learned, in per cent."""

    id: uuid.UUID
    code: str
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    course: str = Field(alias="course.title")
    programme: str = Field(alias="course.programme.code")
    status: str
    place: str
    teacher: str
    starts_at: datetime
    ends_at: datetime
    hours: Decimal
    capacity: int
    day_number: int
    day_count: int
    first_day_id: uuid.UUID | None
    enrolled: int
    signed_in: int = Field(alias="there")
    effect_method: str
    effect_rate: int | None
    effect_date: date | None


class TrainingPlansIn(Paging):
    owner_id: uuid.UUID | None = None
    year: int | None = None


class PlanLineOut(Schema):
    """A class that a plan foresees, and what became of it."""

    id: uuid.UUID
    title: str
    programme: str = Field(alias="programme.code")
    month: int
    audience: str
    people: int
    hours: int
    held: int
    trained: int


class TrainingPlanLineOut(Schema):
    id: uuid.UUID
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    title: str
    year: int
    published_at: datetime | None
    classes: int
    begun: int


class TrainingPlanOut(TrainingPlanLineOut):
    """A yearly plan with its classes."""

    lines: list[PlanLineOut]

    @staticmethod
    def resolve_lines(row: TrainingPlan) -> list[Any]:
        return list(queries.lines_of(row))


@router.get("/sessions", response={200: Page[TrainingSessionOut], **REFUSALS}, operation_id="list_training_sessions",
            summary="Training sessions, the newest first")  # fmt: skip
def list_training_sessions(request: HttpRequest, given: Query[TrainingSessionsIn]) -> dict[str, Any]:
    asked = {"owner_org": given.owner_id, "status": given.status}
    return page_of(narrowed(queries.list_sessions(actor=actor_of(request)), asked), given)


@router.get("/sessions/{uuid:pk}", response={200: TrainingSessionOut, **REFUSALS},
            operation_id="get_training_session", summary="One training session")  # fmt: skip
def get_training_session(request: HttpRequest, pk: uuid.UUID) -> TrainingSession:
    return queries.get_session(actor=actor_of(request), session_id=pk)


@router.get("/plans", response={200: Page[TrainingPlanLineOut], **REFUSALS}, operation_id="list_training_plans",
            summary="Yearly plans of training")  # fmt: skip
def list_training_plans(request: HttpRequest, given: Query[TrainingPlansIn]) -> dict[str, Any]:
    asked = {"owner_org": given.owner_id, "year": given.year}
    return page_of(narrowed(queries.list_plans(actor=actor_of(request)), asked), given)


@router.get("/plans/{uuid:pk}", response={200: TrainingPlanOut, **REFUSALS}, operation_id="get_training_plan",
            summary="One yearly plan with its classes")  # fmt: skip
def get_training_plan(request: HttpRequest, pk: uuid.UUID) -> TrainingPlan:
    return queries.get_plan(actor=actor_of(request), plan_id=pk)
