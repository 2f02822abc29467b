"""Alarms (报警) for programs: the list, one, and what people do with them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from quancheng.domains.monitoring.loops.alarm import ALARM
from quancheng.domains.monitoring.models import Action, Alarm, AlarmReview, LimitName
from quancheng.domains.monitoring.queries import alarms as queries
from quancheng.domains.monitoring.services import alarms as services
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
from quancheng.standards.signals.responses import REASONS

router = Router(tags=["monitoring"])
_PRIORITIES = ("1", "2", "3", "4")


class AlarmOut(Schema):
    """An alarm; values are in the unit of its tag. ``peak_value`` is told once it is normal again."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    tag_id: uuid.UUID
    tag_code: str = Field(alias="tag.code")
    title: str
    type: str
    status: str
    priority: int
    is_critical: bool
    hazard_grade: int | None
    value: float
    limit_value: float | None
    peak_value: float | None
    raised_at: datetime
    noted_at: datetime
    last_raised_at: datetime
    cleared_at: datetime | None
    again_count: int
    is_late: bool
    respond_by: datetime
    feedback_by: datetime
    acknowledged_at: datetime | None
    action: str
    comment: str
    reason: str
    measures: str
    answered_at: datetime | None
    closed_at: datetime | None
    held_until: datetime | None
    hold_id: uuid.UUID | None
    first_out_id: int | None
    first_out_seq: int | None
    flood_id: int | None
    consequence_of_id: uuid.UUID | None


class AlarmsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    tag_id: uuid.UUID | None = None
    type: str = one_of(LimitName.values)
    status: str = one_of(ALARM.codes)
    priority: str = one_of(_PRIORITIES)
    open: bool = Field(False, description="only those that are not closed")
    raised_from: AwareDatetime | None = None
    raised_to: AwareDatetime | None = Field(None, description="not counted itself")
    first_out_id: int | None = None
    flood_id: int | None = None


class AcknowledgeAlarmIn(Strict):
    action: str = one_of(Action.values, default=None, description="with none escalation goes on")
    comment: str = Field("", max_length=500)


class AnswerAlarmIn(Strict):
    reason: str = one_of(REASONS, default=None)
    measures: str = Field(min_length=1, max_length=2000)
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20, description="uploaded before")


class RefuseAnswerIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


class ReviewAlarmIn(Strict):
    verdict: str = one_of(AlarmReview.Verdict.values, default=None)
    note: str = Field("", max_length=500, description="must be told unless the answer is true")


@router.get("/alarms", response={200: Page[AlarmOut], **REFUSALS}, operation_id="list_alarms",
            summary="Alarms that the actor may see, the newest first")  # fmt: skip
def list_alarms(request: HttpRequest, given: Query[AlarmsIn]) -> dict[str, Any]:
    rows = queries.list_alarms(actor=actor_of(request))
    if given.open:
        rows = rows.filter(~Q(status="CLOSED"))
    asked = {
        "file": given.enterprise_id, "tag": given.tag_id, "type": given.type, "status": given.status,
        "priority": given.priority, "raised_at__gte": given.raised_from, "raised_at__lt": given.raised_to,
        "first_out": given.first_out_id, "flood": given.flood_id,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get("/alarms/{uuid:pk}", response={200: AlarmOut, **REFUSALS}, operation_id="get_alarm", summary="One alarm")
def get_alarm(request: HttpRequest, pk: uuid.UUID) -> Alarm:
    return queries.get_alarm(actor=actor_of(request), alarm_id=pk)


@router.post("/alarms/{uuid:pk}/acknowledge", response={200: AlarmOut, **REFUSALS}, operation_id="acknowledge_alarm",
             summary="Say that an alarm was seen, and what is done about it")  # fmt: skip
def acknowledge(request: HttpRequest, pk: uuid.UUID, payload: AcknowledgeAlarmIn) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.acknowledge(
        actor=actor, row=row, action=payload.action, comment=payload.comment, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/alarms/{uuid:pk}/act", response={200: AlarmOut, **REFUSALS}, operation_id="act_on_alarm",
             summary="Tell a measure after an acknowledgement without one")  # fmt: skip
def act(request: HttpRequest, pk: uuid.UUID, payload: AcknowledgeAlarmIn) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.act_now(
        actor=actor, row=row, action=payload.action, comment=payload.comment, now=timezone.now()
    )  # fmt: skip


@router.post("/alarms/{uuid:pk}/answer", response={200: AlarmOut, **REFUSALS}, operation_id="answer_alarm",
             summary="Say why an alarm came and what was done")  # fmt: skip
def answer(request: HttpRequest, pk: uuid.UUID, payload: AnswerAlarmIn) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.answer(
        actor=actor, row=row, reason=payload.reason, measures=payload.measures, files=payload.photo_ids,
        now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip


@router.post("/alarms/{uuid:pk}/confirm", response={200: AlarmOut, **REFUSALS}, operation_id="confirm_alarm",
             summary="A second person agrees with the answer; the alarm ends")  # fmt: skip
def confirm(request: HttpRequest, pk: uuid.UUID) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.confirm(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/alarms/{uuid:pk}/refuse", response={200: AlarmOut, **REFUSALS}, operation_id="refuse_alarm_answer",
             summary="The answer does not hold; it is given again")  # fmt: skip
def refuse(request: HttpRequest, pk: uuid.UUID, payload: RefuseAnswerIn) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.refuse(
        actor=actor, row=row, reason=payload.reason, now=timezone.now(), client_id=client_id_of(request)
    )  # fmt: skip


@router.post("/alarms/{uuid:pk}/reset", response={200: AlarmOut, **REFUSALS}, operation_id="reset_alarm",
             summary="Let a latched alarm go whose signal is back")  # fmt: skip
def reset(request: HttpRequest, pk: uuid.UUID) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.reset(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/alarms/{uuid:pk}/review", response={200: AlarmOut, **REFUSALS}, operation_id="review_alarm",
             summary="The authority looks at an answer again")  # fmt: skip
def review(request: HttpRequest, pk: uuid.UUID, payload: ReviewAlarmIn) -> Alarm:
    actor = actor_of(request)
    row = queries.get_alarm(actor=actor, alarm_id=pk)
    return services.review(
        actor=actor, row=row, verdict=payload.verdict, note=payload.note, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip
