"""Exams, read: what is held, who sat with which result, and marked papers without their answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.training.models import Exam, ExamKind, ExamSitting, SittingItem, SittingState
from quancheng.domains.training.models.exams import state_q
from quancheng.domains.training.queries import exams as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["training"])


class ExamsIn(Paging):
    kind: str = one_of(ExamKind.values)
    programme: str = Field("", pattern="^[a-z0-9-]{0,40}$", description="code of a programme; empty for all")
    enterprise_id: uuid.UUID | None = Field(None, description="of one enterprise's people alone")


class ExamOut(Schema):
    """An exam with how many are listed, came, passed so that it counts, and failed. What opens its door is not told."""

    id: uuid.UUID
    kind: str
    name: str
    programme: str = Field(alias="programme.code")
    holder_id: uuid.UUID = Field(alias="owner_org_id")
    enterprise_id: uuid.UUID | None = Field(alias="file_id")
    rule_id: uuid.UUID | None
    pass_mark: int
    minutes: int
    opens_at: datetime
    closes_at: datetime
    drawn_from: int | None
    occasion: str
    cancelled_at: datetime | None
    listed: int
    came: int
    passed: int
    failed: int


class SittingsIn(Paging):
    exam_id: uuid.UUID | None = None
    enterprise_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    state: str = one_of(SittingState.values)


class SittingOut(Schema):
    """Somebody's exam. One passed counts for nothing where ``not_counted`` says why."""

    id: uuid.UUID
    exam_id: uuid.UUID
    enterprise_id: uuid.UUID | None
    person_id: uuid.UUID | None
    user_id: uuid.UUID | None
    state: str
    is_resit: bool
    started_at: datetime | None
    handed_in_at: datetime | None
    marked_at: datetime | None
    score: Decimal | None
    is_passed: bool | None
    not_counted: str
    certificate_no: str
    left_count: int
    absent_reason: str
    retraining_id: uuid.UUID | None

    @staticmethod
    def resolve_state(row: ExamSitting) -> str:
        return row.state_at(timezone.now())


class PaperPartOut(Schema):
    """A part of a case."""

    kind: str
    stem: str
    options: list[str]


class PaperItemOut(Schema):
    """A question as it was asked, with its marks and those that were got: neither the right answer nor the given."""

    place: int
    kind: str = Field(alias="version.kind")
    stem: str = Field(alias="version.stem")
    options: list[str] = Field(alias="version.options")
    parts: list[PaperPartOut]
    marks: Decimal
    got: Decimal | None
    remark: str

    @staticmethod
    def resolve_parts(row: SittingItem) -> list[Mapping[str, Any]]:
        return [{**one, "options": one.get("options") or []} for one in row.version.parts]


@router.get("/exams", response={200: Page[ExamOut], **REFUSALS}, operation_id="list_exams",
            summary="Exams, the newest first")  # fmt: skip
def list_exams(request: HttpRequest, given: Query[ExamsIn]) -> dict[str, Any]:
    rows = queries.list_exams(actor=actor_of(request))
    if given.enterprise_id is not None:
        rows = rows.filter(queries.of_people_at(given.enterprise_id))
    return page_of(narrowed(rows, {"kind": given.kind, "programme__code": given.programme}), given)


@router.get("/exams/{uuid:pk}", response={200: ExamOut, **REFUSALS}, operation_id="get_exam", summary="One exam")
def get_exam(request: HttpRequest, pk: uuid.UUID) -> Exam:
    return queries.get_exam(actor=actor_of(request), exam_id=pk)


@router.get("/sittings", response={200: Page[SittingOut], **REFUSALS}, operation_id="list_sittings",
            summary="Who sat or sits exams, with results, the newest first")  # fmt: skip
def list_sittings(request: HttpRequest, given: Query[SittingsIn]) -> dict[str, Any]:
    rows = queries.list_sittings(actor=actor_of(request))
    if given.state:
        rows = rows.filter(state_q(given.state, timezone.now()))
    asked = {"exam": given.exam_id, "person__file": given.enterprise_id, "person": given.person_id}
    return page_of(narrowed(rows, asked), given)


@router.get("/sittings/{uuid:pk}", response={200: SittingOut, **REFUSALS}, operation_id="get_sitting",
            summary="One person's exam")  # fmt: skip
def get_sitting(request: HttpRequest, pk: uuid.UUID) -> ExamSitting:
    return queries.get_sitting(actor=actor_of(request), sitting_id=pk)


@router.get("/sittings/{uuid:pk}/paper", response={200: list[PaperItemOut], **REFUSALS}, operation_id="get_exam_paper",
            summary="A marked paper without its answers, once its exam is over")  # fmt: skip
def get_paper(request: HttpRequest, pk: uuid.UUID) -> Any:
    return queries.get_paper(actor=actor_of(request), sitting_id=pk, now=timezone.now())
