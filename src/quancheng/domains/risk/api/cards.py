"""Cards of posts for programs: what each list and card says, reading, the quiz, the boards."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.risk.card_sheets import Line, sheets_of
from quancheng.domains.risk.kinds import BoardKind, ReadingKind
from quancheng.domains.risk.loops.cards import CARD, READING
from quancheng.domains.risk.models import CardReading, QuizAttempt
from quancheng.domains.risk.queries import boards as board_queries
from quancheng.domains.risk.queries import cards as queries
from quancheng.domains.risk.queries.card_facts import facts_for
from quancheng.domains.risk.queries.posts import get_post
from quancheng.domains.risk.services import readings as services
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["risk"])


class PostCardOut(Schema):
    """An edition of a post's cards. ``because`` says in both languages why it is to be brought up to date."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    post_id: uuid.UUID
    title: str
    edition: int
    status: str
    because: list[dict[str, str]]
    in_force_at: datetime | None
    review_date: date | None
    asked: int = Field(alias="asked_count")
    read: int = Field(alias="read_count")
    passed: int = Field(alias="passed_count")


class CardLineOut(Schema):
    """A line of a list or card. ``kind``: ``texts``, ``table``, ``level`` (1 red to 4 blue), ``signs`` (GHS codes).

    A cell of a table is a text, or ``{"level": 1}``.
    """

    part: str
    label: str
    source: str
    kind: str
    headings: list[str]
    value: Any


class CardSheetOut(Schema):
    """One list or card; ``size_mm`` is its paper."""

    code: str
    name: str
    size_mm: list[int]
    lines: list[CardLineOut]


class PostCardsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(CARD.codes)


class CardReadingOut(Schema):
    """Who has an edition to read and is asked about it; names stay on the pages."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    card_id: uuid.UUID
    kind: str
    title: str
    status: str
    due_date: date
    read_at: datetime | None
    passed_at: datetime | None


class CardReadingsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    card_id: uuid.UUID | None = None
    status: str = one_of(READING.codes)
    kind: str = one_of(ReadingKind.values)
    mine: bool = Field(False, description="only one's own")


class ConfirmReadingIn(Strict):
    """``signed`` is the reader's own name."""

    signed: str = Field(min_length=1, max_length=60)
    signature: list[uuid.UUID] = Field(default_factory=list, max_length=1)


class QuizQuestionOut(Schema):
    text: str
    options: list[str]


class QuizOut(Schema):
    """A try; once it is handed in, with its score."""

    id: uuid.UUID
    number: int
    pass_mark: int
    score: int | None
    passed: bool | None
    questions: list[QuizQuestionOut]


class QuizAnswersIn(Strict):
    """The place of the chosen option of each question, from 0."""

    answers: list[int] = Field(max_length=50)


class RiskBoardOut(Schema):
    """A board; ``changes`` says in both languages what differs from its last print."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    name: str
    edition: int
    printed_at: datetime | None
    outdated_at: datetime | None
    changes: list[dict[str, str]]


class RiskBoardsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(BoardKind.values)
    outdated: bool = Field(False, description="only those whose data changed since they were printed")


@router.get("/cards", response={200: Page[PostCardOut], **REFUSALS}, operation_id="list_post_cards",
            summary="Editions of cards that the actor may see")  # fmt: skip
def list_post_cards(request: HttpRequest, given: Query[PostCardsIn]) -> dict[str, Any]:
    rows = queries.list_cards(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.get("/posts/{uuid:pk}/cards", response={200: list[PostCardOut], **REFUSALS}, operation_id="list_cards_of_post",
            summary="Editions of a post's cards, the newest first")  # fmt: skip
def list_cards_of_post(request: HttpRequest, pk: uuid.UUID) -> Any:
    actor = actor_of(request)
    return queries.cards_of_post(actor=actor, post=get_post(actor=actor, post_id=pk))


@router.get("/cards/{uuid:pk}/sheets", response={200: list[CardSheetOut], **REFUSALS}, operation_id="get_card_sheets",
            summary="What each list and card of an edition says")  # fmt: skip
def get_card_sheets(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    card = queries.get_card(actor=actor_of(request), card_id=pk)
    return [
        {"code": one.code, "name": one.name, "size_mm": list(one.size),
         "lines": [_line(part, line) for part, lines in one.all_groups for line in lines]}
        for one in sheets_of(card, facts_for(card), language=get_language() or "zh").values()
    ]  # fmt: skip


@router.get("/readings", response={200: Page[CardReadingOut], **REFUSALS}, operation_id="list_card_readings",
            summary="Readings and quizzes that the actor may see")  # fmt: skip
def list_card_readings(request: HttpRequest, given: Query[CardReadingsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    wanted = {"file": given.enterprise_id, "card": given.card_id, "status": given.status, "kind": given.kind,
              "reader": actor.user_id if given.mine else None}  # fmt: skip
    return page_of(narrowed(queries.list_readings(actor=actor), wanted), given)


@router.post("/readings/{uuid:pk}/confirm", response={200: CardReadingOut, **REFUSALS},
             operation_id="confirm_card_reading", summary="Say that one read the card")  # fmt: skip
def confirm_card_reading(request: HttpRequest, pk: uuid.UUID, payload: ConfirmReadingIn) -> CardReading:
    actor = actor_of(request)
    row = queries.get_reading(actor=actor, reading_id=pk)
    return services.read_card(
        actor=actor, row=row, signed=payload.signed, signature=payload.signature, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/readings/{uuid:pk}/quiz", response={201: QuizOut, **REFUSALS}, operation_id="start_card_quiz",
             summary="The questions of the next try, or of the one that is begun")  # fmt: skip
def start_card_quiz(request: HttpRequest, pk: uuid.UUID) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    row = queries.get_reading(actor=actor, reading_id=pk)
    return Status(201, _quiz(services.start_quiz(actor=actor, row=row, now=timezone.now())))


@router.post("/attempts/{uuid:pk}/answers", response={200: QuizOut, **REFUSALS}, operation_id="answer_card_quiz",
             summary="Hand a try in")  # fmt: skip
def answer_card_quiz(request: HttpRequest, pk: uuid.UUID, payload: QuizAnswersIn) -> dict[str, Any]:
    actor = actor_of(request)
    attempt = queries.get_attempt(actor=actor, attempt_id=pk)
    return _quiz(services.answer_quiz(actor=actor, attempt=attempt, answers=payload.answers, now=timezone.now()))


@router.get("/boards", response={200: Page[RiskBoardOut], **REFUSALS}, operation_id="list_risk_boards",
            summary="Boards on the spot that the actor may see")  # fmt: skip
def list_risk_boards(request: HttpRequest, given: Query[RiskBoardsIn]) -> dict[str, Any]:
    rows = board_queries.list_boards(actor=actor_of(request))
    if given.outdated:
        rows = rows.filter(board_queries.IS_OUTDATED)
    return page_of(narrowed(rows, {"file": given.enterprise_id, "kind": given.kind}), given)


def _line(part: str, line: Line) -> dict[str, Any]:
    return {"part": part, "label": line.label, "source": line.source, "kind": line.kind,
            "headings": list(line.headings), "value": line.value}  # fmt: skip


def _quiz(attempt: QuizAttempt) -> dict[str, Any]:
    asked = [{"text": text, "options": options} for text, options in queries.spoken(attempt)]
    passed = None if attempt.score is None else attempt.score >= attempt.pass_mark
    return {"id": attempt.pk, "number": attempt.number, "pass_mark": attempt.pass_mark, "score": attempt.score,
            "passed": passed, "questions": asked}  # fmt: skip
