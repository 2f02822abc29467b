"""Toolbox talks over REST: what was held is read; the leader's device begins one, signs people in and takes answers."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.permits.models import Permit, TalkAttendance, ToolboxTalk
from quancheng.domains.permits.queries import talks as queries
from quancheng.domains.permits.queries.permits import WORK, get_permit
from quancheng.domains.permits.services import talks as services
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class ToolboxTalksIn(Paging):
    """Which talks are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    day: date | None = None


class ToolboxTalkOut(Schema):
    """One talk before work of a day: until when people sign in, how many came and how many of them answered both
    questions right."""

    id: uuid.UUID
    permit_id: uuid.UUID
    enterprise_id: uuid.UUID
    day: date
    led_by: str
    began_at: datetime
    closes_at: datetime
    came: int
    passed: int


class TalkTopicOut(Schema):
    """A hazard with its measure of the step ``about``, or a confirmed measure, where that is empty."""

    about: str
    text: str


class TalkAttendanceOut(Schema):
    """Somebody who was there. ``passed_at`` null: he has not answered both questions right."""

    id: uuid.UUID
    name: str = Field(alias="person.person.name")
    came_at: datetime
    passed_at: datetime | None


class ToolboxTalkWholeOut(ToolboxTalkOut):
    """With its topic and who was there. ``missing``: who of workers and guardians is in no talk of the day; null for
    whoever leads no work of the enterprise, as on the pages."""

    topics: list[TalkTopicOut]
    attendances: list[TalkAttendanceOut]
    missing: list[str] | None


class BeginTalkIn(Strict):
    pass


class AttendTalkIn(Strict):
    """Who of the permit is there: by name, and by badge where he has one."""

    name: str = Field(min_length=1, max_length=60)
    staff_no: str = Field("", max_length=40)


class TalkQuestionOut(Schema):
    """One question; an answer is the place of its option, from 0 on."""

    text: str
    options: list[str]


class TalkQuestionsOut(Schema):
    """What somebody is asked now. ``asked`` goes back with the answers: after a wrong one others are asked."""

    asked: int
    questions: list[TalkQuestionOut]


class TalkAnswersIn(Strict):
    """The place of the option chosen for each question, from 0 on."""

    asked: int = Field(ge=0, description="as it was told with the questions")
    answer_0: int | None = None
    answer_1: int | None = None


@router.get("/talks", response={200: Page[ToolboxTalkOut], **REFUSALS}, operation_id="list_toolbox_talks",
            summary="Toolbox talks, the newest first")  # fmt: skip
def list_talks(request: HttpRequest, given: Query[ToolboxTalksIn]) -> dict[str, Any]:
    asked = {"permit__file": given.enterprise_id, "permit": given.permit_id, "day": given.day}
    page = page_of(narrowed(queries.list_talks(actor=actor_of(request)), asked), given)
    return page | {"items": [_talk(one, one.permit) for one in page["items"]]}


@router.post("/permits/{uuid:pk}/talks", response={201: ToolboxTalkOut, **REFUSALS}, operation_id="begin_toolbox_talk",
             summary="Begin a toolbox talk about a permit; people sign in from now")  # fmt: skip
def begin_talk(request: HttpRequest, pk: uuid.UUID, payload: BeginTalkIn) -> Status[dict[str, Any]]:
    permit = _permit(request, pk)
    made = services.begin_talk(
        actor=actor_of(request), permit=permit, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, _talk(made, permit))


@router.get("/permits/{uuid:pk}/talks/{uuid:talk}", response={200: ToolboxTalkWholeOut, **REFUSALS},
            operation_id="get_toolbox_talk", summary="One toolbox talk with its topic and who was there")  # fmt: skip
def get_talk(request: HttpRequest, pk: uuid.UUID, talk: uuid.UUID) -> dict[str, Any]:
    actor, permit = actor_of(request), _permit(request, pk)
    row = queries.get_talk(permit=permit, talk_id=talk)
    leads = actor.has(WORK) and actor.organisation_id == permit.file_id
    return _talk(row, permit) | {
        "topics": row.topics, "attendances": list(row.attendances.all()),
        "missing": queries.missing_of(permit, row.day) if leads else None,
    }  # fmt: skip


@router.post("/permits/{uuid:pk}/talks/{uuid:talk}/attendances", response={201: TalkAttendanceOut, **REFUSALS},
             operation_id="attend_toolbox_talk", summary="Sign somebody of the permit in at a talk")  # fmt: skip
def attend(
    request: HttpRequest, pk: uuid.UUID, talk: uuid.UUID, payload: AttendTalkIn
) -> Status[TalkAttendance]:
    row = queries.get_talk(permit=_permit(request, pk), talk_id=talk)
    return Status(201, services.attend(
        actor=actor_of(request), talk=row, **payload.dict(), now=timezone.now(), client_id=client_id_of(request)
    ))  # fmt: skip


@router.get("/permits/{uuid:pk}/talks/{uuid:talk}/attendances/{uuid:attendance}/questions",
            response={200: TalkQuestionsOut, **REFUSALS}, operation_id="get_toolbox_talk_questions",
            summary="The two questions that somebody at a talk is asked now")  # fmt: skip
def get_questions(request: HttpRequest, pk: uuid.UUID, talk: uuid.UUID, attendance: uuid.UUID) -> dict[str, Any]:
    permit = _permit(request, pk)
    require_own(actor_of(request), permit.file, WORK)
    row = _attendance(permit, talk, attendance)
    return {
        "asked": row.wrong_count,
        "questions": [{"text": said(one.text), "options": one.options} for one in services.asked_of(row)],
    }


@router.post("/permits/{uuid:pk}/talks/{uuid:talk}/attendances/{uuid:attendance}/answers",
             response={200: TalkAttendanceOut, **REFUSALS}, operation_id="answer_toolbox_talk",
             summary="Answer both questions; a wrong answer is explained and others are asked")  # fmt: skip
def answer(
    request: HttpRequest, pk: uuid.UUID, talk: uuid.UUID, attendance: uuid.UUID, payload: TalkAnswersIn
) -> TalkAttendance:
    return services.answer(
        actor=actor_of(request), row=_attendance(_permit(request, pk), talk, attendance), asked=payload.asked,
        given=(payload.answer_0, payload.answer_1), now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


def _permit(request: HttpRequest, pk: uuid.UUID) -> Permit:
    return get_permit(actor=actor_of(request), permit_id=pk)


def _attendance(permit: Permit, talk: uuid.UUID, attendance: uuid.UUID) -> TalkAttendance:
    return queries.get_attendance(talk=queries.get_talk(permit=permit, talk_id=talk), row_id=attendance)


def _talk(one: ToolboxTalk, permit: Permit) -> dict[str, Any]:
    people = one.attendances.all()
    own = {"id", "permit_id", "day", "led_by", "began_at", "closes_at"}
    return {name: getattr(one, name) for name in own} | {
        "enterprise_id": permit.enterprise_id, "came": len(people),
        "passed": sum(each.passed_at is not None for each in people),
    }  # fmt: skip
