"""What keeps alarms silent (搁置、停用、设计抑制) for programs: asked, allowed, refused, ended; rules of the design."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.monitoring.loops.hold import HOLD
from quancheng.domains.monitoring.models import AlarmHold, Comparison, HoldKind, LimitName, SuppressionRule
from quancheng.domains.monitoring.queries import alarms as queries
from quancheng.domains.monitoring.queries.tags import get_tag
from quancheng.domains.monitoring.services import holds as services
from quancheng.domains.monitoring.services import suppression
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    page_of,
)
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])


class AlarmHoldOut(Schema):
    """An alarm kept silent for a time. ``type`` empty: every condition of the tag."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    tag_id: uuid.UUID
    kind: str
    type: str
    status: str
    reason: str
    measure: str
    ticket: str
    is_once: bool
    needs_second: bool
    asked_at: datetime
    until: datetime
    ended_at: datetime | None
    test_record: str


class AlarmHoldsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    tag_id: uuid.UUID | None = None
    kind: str = one_of(HoldKind.values)
    status: str = one_of(HOLD.codes)


class AskAlarmHoldIn(Strict):
    kind: str = one_of(HoldKind.values, default=None)
    type: str = one_of(LimitName.values, description="empty: every condition of the tag")
    reason: str = Field(min_length=1, max_length=500)
    until: AwareDatetime
    measure: str = Field("", max_length=1000, description="needed out of service, and of what is safety critical")
    ticket: str = Field("", max_length=60, description="needed out of service")
    is_once: bool = Field(False, description="ends with the next return to normal")


class RefuseAlarmHoldIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


class EndAlarmHoldIn(Strict):
    test_record: str = Field("", max_length=1000, description="needed back into service of what is safety critical")


class SuppressionOut(Schema):
    """A rule of the design: the alarm of ``tag_id`` is silent while what it says of ``by_tag_id`` holds."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="tag.file_id")
    tag_id: uuid.UUID
    type: str
    by_tag_id: uuid.UUID
    comparison: str
    value: float | None
    reason: str
    entered_at: datetime
    ended_at: datetime | None


class SuppressionsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    tag_id: uuid.UUID | None = None
    open: bool = Field(False, description="only those that stand")


class EnterSuppressionIn(Strict):
    type: str = one_of(LimitName.values, description="empty: every limit of the tag")
    by_tag_id: uuid.UUID
    comparison: str = one_of(Comparison.values, default=None)
    value: float | None = Field(None, allow_inf_nan=False)
    reason: str = Field(min_length=1, max_length=500)


@router.get("/holds", response={200: Page[AlarmHoldOut], **REFUSALS}, operation_id="list_alarm_holds",
            summary="Alarms kept silent for a time, the newest first")  # fmt: skip
def list_holds(request: HttpRequest, given: Query[AlarmHoldsIn]) -> dict[str, Any]:
    rows = queries.list_holds(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "tag": given.tag_id, "kind": given.kind, "status": given.status}
    return page_of(narrowed(rows, asked), given)


@router.post("/tags/{uuid:pk}/holds", response={201: AlarmHoldOut, **REFUSALS}, operation_id="ask_alarm_hold",
             summary="Ask that an alarm be silent for a time")  # fmt: skip
def ask_hold(request: HttpRequest, pk: uuid.UUID, payload: AskAlarmHoldIn) -> Status[AlarmHold]:
    actor = actor_of(request)
    tag = get_tag(actor=actor, tag_id=pk)
    spec = services.HoldSpec(**payload.dict())
    made = services.ask_hold(
        actor=actor, tag=tag, spec=spec, now=timezone.now(), client_id=client_id_of(request)
    )  # fmt: skip
    return Status(201, made)


@router.get("/holds/{uuid:pk}", response={200: AlarmHoldOut, **REFUSALS}, operation_id="get_alarm_hold",
            summary="One shelf or taking out of service")  # fmt: skip
def get_hold(request: HttpRequest, pk: uuid.UUID) -> AlarmHold:
    return queries.get_hold(actor=actor_of(request), hold_id=pk)


@router.post("/holds/{uuid:pk}/allow", response={200: AlarmHoldOut, **REFUSALS}, operation_id="allow_alarm_hold",
             summary="A second person agrees")  # fmt: skip
def allow_hold(request: HttpRequest, pk: uuid.UUID) -> AlarmHold:
    actor = actor_of(request)
    row = queries.get_hold(actor=actor, hold_id=pk)
    return services.allow_hold(actor=actor, row=row, now=timezone.now(), client_id=client_id_of(request))


@router.post("/holds/{uuid:pk}/refuse", response={200: AlarmHoldOut, **REFUSALS}, operation_id="refuse_alarm_hold",
             summary="It stays loud")  # fmt: skip
def refuse_hold(request: HttpRequest, pk: uuid.UUID, payload: RefuseAlarmHoldIn) -> AlarmHold:
    actor = actor_of(request)
    row = queries.get_hold(actor=actor, hold_id=pk)
    return services.refuse_hold(actor=actor, row=row, reason=payload.reason, now=timezone.now())


@router.post("/holds/{uuid:pk}/withdraw", response={200: AlarmHoldOut, **REFUSALS}, operation_id="withdraw_alarm_hold",
             summary="Who asked needs it no more")  # fmt: skip
def withdraw_hold(request: HttpRequest, pk: uuid.UUID) -> AlarmHold:
    actor = actor_of(request)
    row = queries.get_hold(actor=actor, hold_id=pk)
    return services.withdraw_hold(actor=actor, row=row, now=timezone.now())


@router.post("/holds/{uuid:pk}/end", response={200: AlarmHoldOut, **REFUSALS}, operation_id="end_alarm_hold",
             summary="Let an alarm speak again before its time")  # fmt: skip
def end_hold(request: HttpRequest, pk: uuid.UUID, payload: EndAlarmHoldIn) -> AlarmHold:
    actor = actor_of(request)
    row = queries.get_hold(actor=actor, hold_id=pk)
    return services.end_hold(
        actor=actor, row=row, test_record=payload.test_record, now=timezone.now(), client_id=client_id_of(request)
    )  # fmt: skip


@router.get("/suppressions", response={200: Page[SuppressionOut], **REFUSALS}, operation_id="list_suppression_rules",
            summary="Rules of the design that silence alarms")  # fmt: skip
def list_rules(request: HttpRequest, given: Query[SuppressionsIn]) -> dict[str, Any]:
    rows = queries.list_rules(actor=actor_of(request))
    if given.open:
        rows = rows.filter(ended_at__isnull=True)
    return page_of(narrowed(rows, {"tag__file": given.enterprise_id, "tag": given.tag_id}), given)


@router.post("/tags/{uuid:pk}/suppressions", response={201: SuppressionOut, **REFUSALS},
             operation_id="enter_suppression_rule", summary="Enter a rule of the design")  # fmt: skip
def enter_rule(request: HttpRequest, pk: uuid.UUID, payload: EnterSuppressionIn) -> Status[SuppressionRule]:
    actor = actor_of(request)
    tag = get_tag(actor=actor, tag_id=pk)
    known = payload.dict()
    by_tag = among(queries.tags_of(tag.file), known.pop("by_tag_id"), "by_tag_id")
    made = suppression.enter_rule(
        actor=actor, tag=tag, by_tag=by_tag, kind=known.pop("type"), now=timezone.now(),
        client_id=client_id_of(request), **known,
    )  # fmt: skip
    return Status(201, made)


@router.post("/suppressions/{uuid:pk}/end", response={200: SuppressionOut, **REFUSALS},
             operation_id="end_suppression_rule", summary="A rule of the design holds no more")  # fmt: skip
def end_rule(request: HttpRequest, pk: uuid.UUID) -> SuppressionRule:
    actor = actor_of(request)
    row = queries.get_rule(actor=actor, rule_id=pk)
    suppression.end_rule(actor=actor, row=row, now=timezone.now())
    return queries.get_rule(actor=actor, rule_id=pk)
