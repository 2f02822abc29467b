"""Gradings and plans of enterprises for programs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.kinds import GradingCause
from quancheng.domains.risk.loops.grading import GRADING, POLICY
from quancheng.domains.risk.models import Grading
from quancheng.domains.risk.queries import gradings as queries
from quancheng.domains.risk.services import gradings as services
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])
#: Moves that a program may make; the clock makes the others.
_MOVES = ("submit", "publish", "return", "withdraw")


class GradingOut(Schema):
    """A round of grading. ``level``: 1 red to 4 blue; ``score`` is raw and may exceed 100."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    scheme: str
    round_no: int
    cause: str
    cause_text: str
    status: str
    due_date: date
    score: Decimal | None
    level: int | None
    published_at: datetime | None
    valid_to: date | None
    review_date: date | None


class GradingDetailOut(GradingOut):
    """A round with its answers by the code of a question, and its outcome with every reason."""

    assessed_by: str
    assessed_date: date | None
    answers: dict[str, Any]
    result: dict[str, Any] | None


class GradingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(GRADING.codes)
    level: int | None = Field(None, ge=1, le=4)


class BeginGradingIn(Strict):
    cause: str = one_of(GradingCause.values, default=None)
    text: str = Field("", max_length=300)


class GradingAnswersIn(Strict):
    """Answers by the code of a question: a count, 0 or 1, or the code of a choice (empty: none of them)."""

    values: dict[str, str | int | None]
    comments: dict[str, str] = Field(default_factory=dict)
    assessed_by: str = Field("", max_length=200)
    assessed_date: date | None = None
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class GradingMoveIn(Strict):
    move: str = one_of(_MOVES, default=None)
    text: str = Field("", max_length=500)


class EnterprisePolicyOut(Schema):
    """A plan of one enterprise, with what calls for it in both languages."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    because: list[dict[str, str]]
    goal: str
    measures: list[dict[str, str]]
    status: str
    due_date: date
    review_date: date | None


class EnterprisePoliciesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(POLICY.codes)


@router.get("/gradings", response={200: Page[GradingOut], **REFUSALS}, operation_id="list_gradings",
            summary="Rounds of grading that the actor may see")  # fmt: skip
def list_gradings(request: HttpRequest, given: Query[GradingsIn]) -> dict[str, Any]:
    rows = queries.list_gradings(actor=actor_of(request))
    wanted = {"file": given.enterprise_id, "status": given.status, "level": given.level}
    return page_of(narrowed(rows, wanted), given)


@router.get("/gradings/{uuid:pk}", response={200: GradingDetailOut, **REFUSALS}, operation_id="get_grading",
            summary="A round with its answers and its outcome")  # fmt: skip
def get_grading(request: HttpRequest, pk: uuid.UUID) -> Grading:
    return queries.get_grading(actor=actor_of(request), grading_id=pk)


@router.post("/enterprises/{uuid:pk}/gradings", response={201: GradingDetailOut, **REFUSALS},
             operation_id="begin_grading", summary="Begin a round")  # fmt: skip
def begin_grading(request: HttpRequest, pk: uuid.UUID, payload: BeginGradingIn) -> Status[Grading]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    made = services.begin_grading(
        actor=actor, file=file, now=timezone.now(), client_id=client_id_of(request), **payload.dict()
    )
    return Status(201, made)


@router.put("/gradings/{uuid:pk}/answers", response={200: GradingDetailOut, **REFUSALS},
            operation_id="answer_grading", summary="Keep answers of a draft")  # fmt: skip
def answer_grading(request: HttpRequest, pk: uuid.UUID, payload: GradingAnswersIn) -> Grading:
    actor = actor_of(request)
    row = queries.get_grading(actor=actor, grading_id=pk)
    return services.fill_grading(actor=actor, row=row, now=timezone.now(), **payload.dict())


@router.post("/gradings/{uuid:pk}/moves", response={200: GradingDetailOut, **REFUSALS}, operation_id="move_grading",
             summary="Submit, return, publish or withdraw a round")  # fmt: skip
def move_grading(request: HttpRequest, pk: uuid.UUID, payload: GradingMoveIn) -> Grading:
    actor, now, client_id = actor_of(request), timezone.now(), client_id_of(request)
    row = queries.get_grading(actor=actor, grading_id=pk)
    common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
    if payload.move == "submit":
        return services.submit_grading(**common, reason=payload.text)
    if payload.move == "publish":
        return services.publish_grading(**common, text=payload.text)
    try:
        return services.answer_grading(**common, name=payload.move, reason=payload.text)
    except Invalid as refused:
        raise Invalid(fields={"text": refused.fields.get("reason", refused.message)}) from refused


@router.get("/policies", response={200: Page[EnterprisePolicyOut], **REFUSALS}, operation_id="list_enterprise_policies",
            summary="Plans of single enterprises that the actor may see")  # fmt: skip
def list_enterprise_policies(request: HttpRequest, given: Query[EnterprisePoliciesIn]) -> dict[str, Any]:
    rows = queries.list_policies(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)
