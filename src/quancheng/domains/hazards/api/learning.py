"""Same-type self-checks for programs: those sent, the answers, and answering one."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.loops.learning import PUSH as PUSH_LOOP
from quancheng.domains.hazards.loops.learning import PUSH_REPLY
from quancheng.domains.hazards.models import PushReply
from quancheng.domains.hazards.queries import learning as queries
from quancheng.domains.hazards.services.learning import answer_push
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["hazards"])


class SelfCheckOut(Schema):
    """A same-type self-check that an office asked for; ``done_percent`` of answers makes it done."""

    id: uuid.UUID
    code: str
    title: str
    text: str
    finding_id: uuid.UUID | None
    criterion: str
    status: str
    due_date: date
    done_percent: int
    asked_count: int
    answered_count: int
    found_units: int
    created_at: datetime


class SelfCheckReplyOut(Schema):
    """One unit's part of it."""

    id: uuid.UUID
    push_id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    title: str
    status: str
    due_date: date
    text: str
    found_count: int
    closed_at: datetime | None


class SelfChecksIn(Paging):
    status: str = one_of(PUSH_LOOP.codes)


class RepliesIn(Paging):
    status: str = one_of(PUSH_REPLY.codes)
    push_id: uuid.UUID | None = None


class AnswerIn(Strict):
    answer: str = one_of(("clear", "found", "not_applicable"), default=None)
    text: str = Field(min_length=1, max_length=4000)
    finding_ids: list[uuid.UUID] = Field(default_factory=list, max_length=50, description="with found: at least one")


@router.get("/self-checks", response={200: Page[SelfCheckOut], **REFUSALS}, operation_id="list_self_checks",
            summary="Same-type self-checks that the actor may see, the newest first")  # fmt: skip
def list_self_checks(request: HttpRequest, given: Query[SelfChecksIn]) -> dict[str, Any]:
    return page_of(narrowed(queries.list_pushes(actor=actor_of(request)), {"status": given.status}), given)


@router.get("/self-check-replies", response={200: Page[SelfCheckReplyOut], **REFUSALS},
            operation_id="list_self_check_replies", summary="Answers owed and given, what is owed first")  # fmt: skip
def list_self_check_replies(request: HttpRequest, given: Query[RepliesIn]) -> dict[str, Any]:
    rows = queries.list_replies(actor=actor_of(request))
    return page_of(narrowed(rows, {"status": given.status, "push": given.push_id}), given)


@router.post("/self-check-replies/{uuid:pk}/answer", response={200: SelfCheckReplyOut, **REFUSALS},
             operation_id="answer_self_check", summary="Answer a self-check for one's own enterprise")  # fmt: skip
def answer_self_check(request: HttpRequest, pk: uuid.UUID, payload: AnswerIn) -> PushReply:
    actor = actor_of(request)
    row = queries.get_reply(actor=actor, reply_id=pk)
    keys = set(payload.finding_ids)
    findings = list(queries.findings_for(row).filter(pk__in=keys))
    if len(findings) != len(keys):
        raise Invalid(fields={"finding_ids": NotFound().message})
    return answer_push(actor=actor, row=row, name=payload.answer, text=payload.text, findings=findings,
                       now=timezone.now(), client_id=client_id_of(request))  # fmt: skip
