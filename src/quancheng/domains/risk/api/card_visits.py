"""Visits at which posts are asked about their cards, for programs: reading, drawing, telling what was answered."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.risk.loops.card_visit import CARD_VISIT
from quancheng.domains.risk.models import CardAsk, CardVisit
from quancheng.domains.risk.queries import card_visits as queries
from quancheng.domains.risk.queries.cards import spoken
from quancheng.domains.risk.services import card_visits as services
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    named_as,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])


class CardVisitOut(Schema):
    """A visit. ``pool`` holds the keys of the posts that were in the draw; with ``seed`` anybody draws again, without
    those of ``passed_over``. Of one that was dropped both are empty for an enterprise until the office's next one that
    has the same seed is done."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    owner_id: uuid.UUID = Field(alias="owner_org_id")
    status: str
    occasion: str
    keys_only: bool
    seed: str
    pool: list[str]
    passed_over: list[str]
    pool_digest: str
    pass_mark: int
    due_date: date
    drawn: int = Field(alias="drawn_count")
    passed: int = Field(alias="passed_count")
    failed: int = Field(alias="failed_count")
    created_at: datetime
    closed_at: datetime | None

    @staticmethod
    def resolve_seed(row: CardVisit) -> str:
        return row.seed if queries.knows_draw(row) else ""

    @staticmethod
    def resolve_pool(row: CardVisit) -> list[str]:
        return list(row.pool) if queries.knows_draw(row) else []

    @staticmethod
    def resolve_passed_over(row: CardVisit) -> list[str]:
        return list(row.passed_over) if queries.knows_draw(row) else []


class CardQuestionOut(Schema):
    text: str
    options: list[str]


class CardAskOut(Schema):
    """One post that was drawn; names stay on the pages. ``passed`` is empty until it was asked, and where nobody was
    there."""

    id: uuid.UUID
    number: int
    post_id: uuid.UUID = Field(alias="card.post_id")
    card_id: uuid.UUID
    title: str = Field(alias="card.title")
    holder_id: uuid.UUID | None
    score: int | None
    passed: bool | None = Field(alias="is_passed")
    is_absent: bool
    note: str
    asked_at: datetime | None
    questions: list[CardQuestionOut]

    @staticmethod
    def resolve_questions(row: CardAsk) -> list[dict[str, Any]]:
        """In the reader's language; nothing says which option is right."""
        return [{"text": text, "options": options} for text, options in spoken(row)]


class CardVisitWhole(CardVisitOut):
    """A visit with its posts, in the order of the draw."""

    asks: list[CardAskOut]

    @staticmethod
    def resolve_asks(row: CardVisit) -> list[CardAsk]:
        return list(queries.asks_of(row))


class CardVisitsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(CARD_VISIT.codes)


class CardVisitIn(Strict):
    enterprise_id: uuid.UUID
    count: int = Field(ge=1, le=services.MOST_POSTS)
    keys_only: bool = False
    occasion: str = Field(min_length=1, max_length=200)


class CardAskIn(Strict):
    """``answers``: the place of what was chosen, from 0, a question each; -1 where he knew none."""

    holder_id: uuid.UUID | None = None
    other: str = Field(default="", max_length=60, description="who works at the post without an account")
    answers: list[int] = Field(default_factory=list, max_length=50)
    absent: bool = False
    remark: str = Field(default="", max_length=300)


@router.get("/card-visits", response={200: Page[CardVisitOut], **REFUSALS}, operation_id="list_card_visits",
            summary="Visits at which posts were asked about their cards")  # fmt: skip
def list_card_visits(request: HttpRequest, given: Query[CardVisitsIn]) -> dict[str, Any]:
    rows = queries.list_visits(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.get("/card-visits/{uuid:pk}", response={200: CardVisitWhole, **REFUSALS}, operation_id="get_card_visit",
            summary="One visit with its posts and questions")  # fmt: skip
def get_card_visit(request: HttpRequest, pk: uuid.UUID) -> CardVisit:
    return queries.get_visit(actor=actor_of(request), visit_id=pk)


@router.post("/card-visits", response={201: CardVisitWhole, **REFUSALS}, operation_id="draw_card_visit",
             summary="Draw posts of an enterprise")  # fmt: skip
def draw_card_visit(request: HttpRequest, payload: CardVisitIn) -> Status[CardVisit]:
    actor = actor_of(request)
    actor.require(queries.VISIT)
    file = among(queries.files_to_visit(actor=actor), payload.enterprise_id, "enterprise_id")
    with named_as(file="enterprise_id"):
        made = services.draw_visit(
            actor=actor, file=file, count=payload.count, keys_only=payload.keys_only, occasion=payload.occasion,
            now=timezone.now(), client_id=client_id_of(request),
        )  # fmt: skip
    return Status(201, queries.get_visit(actor=actor, visit_id=made.pk))


@router.post("/card-asks/{uuid:pk}", response={200: CardAskOut, **REFUSALS}, operation_id="record_card_ask",
             summary="Tell what the holder of a drawn post answered, or that nobody was there")  # fmt: skip
def record_card_ask(request: HttpRequest, pk: uuid.UUID, payload: CardAskIn) -> CardAsk:
    actor = actor_of(request)
    with named_as(holder="holder_id"):
        return services.record_ask(
            actor=actor, ask=queries.get_ask(actor=actor, ask_id=pk), holder=payload.holder_id, other=payload.other,
            answers=payload.answers, absent=payload.absent, remark=payload.remark, now=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip


@router.post("/card-visits/{uuid:pk}/finish", response={200: CardVisitOut, **REFUSALS},
             operation_id="finish_card_visit", summary="End a visit of which every post was told")  # fmt: skip
def finish_card_visit(request: HttpRequest, pk: uuid.UUID) -> CardVisit:
    actor = actor_of(request)
    row = queries.get_visit(actor=actor, visit_id=pk)
    services.end_visit(actor=actor, visit=row, name="finish", now=timezone.now(), client_id=client_id_of(request))
    return queries.get_visit(actor=actor, visit_id=pk)
