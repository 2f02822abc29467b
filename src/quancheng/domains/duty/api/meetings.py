"""Meetings: planned, held, minuted, their decisions circulated as tasks; receipts of the minutes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from quancheng.domains.duty.api.bodies import ReasonIn, UnitsIn
from quancheng.domains.duty.api.units import named_or_none, organisations_of
from quancheng.domains.duty.loops.meeting import MEETING, MEETING_RECEIPT
from quancheng.domains.duty.minutes import MIME, day_of, minutes_document
from quancheng.domains.duty.models import Decision, Meeting, MeetingReceipt
from quancheng.domains.duty.models.meetings import Attendance, MeetingKind
from quancheng.domains.duty.queries import meetings as queries
from quancheng.domains.duty.queries.visits import get_group
from quancheng.domains.duty.services import meetings as services
from quancheng.domains.duty.services.meetings import MANAGE, MeetingSpec
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])


class MeetingOut(Schema):
    """A meeting; ``number`` is that of its minutes, empty before. Times are UTC, ``due_date`` is a local day."""

    id: uuid.UUID
    code: str
    number: str
    title: str
    kind: str
    theme: str
    trigger: str
    series_id: uuid.UUID | None
    period: str
    group_id: uuid.UUID | None
    owner_org_id: uuid.UUID
    due_date: date
    planned_at: datetime | None
    place: str
    chair: str
    held_at: datetime | None
    circulated_at: datetime | None
    status: str


class AttendeeOut(Schema):
    """A unit invited; ``attendance`` is empty until it is recorded."""

    id: uuid.UUID
    org_id: uuid.UUID
    attendance: str
    person: str


class DecisionOut(Schema):
    """What was decided; ``task_id`` once the minutes went out."""

    id: uuid.UUID
    order: int
    text: str
    due_date: date
    org_ids: list[uuid.UUID]
    task_id: uuid.UUID | None

    @staticmethod
    def resolve_org_ids(row: Decision) -> list[uuid.UUID]:
        return [one.pk for one in row.leads.all()]


class MeetingWholeOut(MeetingOut):
    points: list[str] = Field(description="put on the agenda by people, besides what the system lists")
    minutes: str
    attendees: list[AttendeeOut]
    decisions: list[DecisionOut]

    @staticmethod
    def resolve_attendees(row: Meeting) -> list[Any]:
        return queries.list_attendees(meeting=row)

    @staticmethod
    def resolve_decisions(row: Meeting) -> list[Any]:
        return list(row.decisions.prefetch_related("leads").order_by("order"))


class MeetingReceiptOut(Schema):
    """An addressee's receipt of the minutes."""

    id: uuid.UUID
    meeting_id: uuid.UUID
    org_id: uuid.UUID
    status: str
    received_at: datetime | None


class MeetingsIn(Paging):
    status: str = one_of(MEETING.codes)
    kind: str = one_of(MeetingKind.values)
    owner_org_id: uuid.UUID | None = Field(None, description="whose meetings")
    series_id: uuid.UUID | None = None
    group_id: uuid.UUID | None = None


class MeetingReceiptsIn(Paging):
    status: str = one_of(MEETING_RECEIPT.codes)
    meeting_id: uuid.UUID | None = None
    own: bool = Field(False, description="only one's own organisation's")


class MeetingIn(Strict):
    title: str = Field(min_length=1, max_length=200)
    kind: str = one_of(MeetingKind.values, default=None)
    due_date: date = Field(description="the last day on which it shall be held")
    org_ids: list[uuid.UUID] = Field(min_length=1, max_length=500, description="who is invited")
    theme: str = Field("", max_length=60)
    trigger: str = Field("", max_length=300, description="why; must be said for an extraordinary meeting (adhoc)")
    place: str = Field("", max_length=120)
    planned_at: AwareDatetime | None = Field(None, description="with a time zone")
    points: list[str] = Field(default_factory=list, max_length=100)
    group_id: uuid.UUID | None = Field(None, description="the group whose meeting it is")


class HoldIn(Strict):
    held_at: AwareDatetime = Field(description="with a time zone")
    chair: str = Field(min_length=1, max_length=60)
    place: str = Field("", max_length=120)


class RescheduleIn(ReasonIn):
    due_date: date


class AttendanceIn(Strict):
    attendee_id: uuid.UUID
    attendance: str = one_of(Attendance.values, default=None)
    person: str = Field("", max_length=60, description="who came; must be said of a substitute")


class AttendancesIn(Strict):
    entries: list[AttendanceIn] = Field(min_length=1, max_length=500)


class DecisionIn(Strict):
    text: str = Field(min_length=1, max_length=5000)
    org_ids: list[uuid.UUID] = Field(min_length=1, max_length=500, description="who carries it out")
    due_date: date


class MinutesIn(Strict):
    minutes: str = Field(min_length=1, max_length=services.TEXT_LIMIT)


@router.get(
    "/meetings",
    response={200: Page[MeetingOut], **REFUSALS},
    operation_id="list_meetings",
    summary="Meetings that the actor may see, the next first",
)
def list_meetings(request: HttpRequest, given: Query[MeetingsIn]) -> dict[str, Any]:
    rows = queries.list_meetings(actor=actor_of(request))
    asked = {
        "status": given.status,
        "kind": given.kind,
        "owner_org": given.owner_org_id,
        "series": given.series_id,
        "group": given.group_id,
    }
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/meetings/{uuid:pk}",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="get_meeting",
    summary="One meeting with who was there, what was decided, and its minutes",
)
def get_meeting(request: HttpRequest, pk: uuid.UUID) -> Meeting:
    return queries.get_meeting(actor=actor_of(request), meeting_id=pk)


@router.post(
    "/meetings",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="plan_meeting",
    summary="Call a meeting",
)
def plan(request: HttpRequest, payload: MeetingIn) -> Meeting:
    actor = actor_of(request)
    actor.require(MANAGE)
    spec = MeetingSpec(
        orgs=organisations_of(actor=actor, wanted=payload.org_ids, field="org_ids"),
        group=named_or_none("group_id", payload.group_id, lambda pk: get_group(actor=actor, group_id=pk)),
        **payload.dict(exclude={"org_ids", "group_id"}),
    )
    made = services.plan_meeting(actor=actor, spec=spec, now=timezone.now(), client_id=client_id_of(request))
    return get_meeting(request, made.pk)


@router.get(
    "/meetings/{uuid:pk}/minutes.docx",
    response={200: None, **REFUSALS},
    operation_id="get_meeting_minutes",
    summary="The minutes as a Word document; 404 before they are written",
)
def read_minutes(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    meeting = queries.get_meeting(actor=actor, meeting_id=pk)
    if not meeting.minutes:
        raise NotFound
    decisions = queries.list_decisions(actor=actor, meeting=meeting)
    content = minutes_document(meeting, decisions, day=day_of(meeting), is_demo=is_demo())
    return HttpResponse(content, content_type=MIME)


@router.post(
    "/meetings/{uuid:pk}/invite",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="invite_to_meeting",
    summary="Invite more units to a meeting that is not minuted yet; inviting twice is once",
)
def invite(request: HttpRequest, pk: uuid.UUID, payload: UnitsIn) -> Meeting:
    actor, now = actor_of(request), timezone.now()
    meeting = queries.get_meeting(actor=actor, meeting_id=pk)
    actor.require(MANAGE)
    orgs = organisations_of(actor=actor, wanted=payload.org_ids, field="org_ids")

    def make() -> uuid.UUID:
        services.invite(actor=actor, meeting=meeting, orgs=orgs, now=now)
        return pk

    only_once(request, actor=actor, act="duty.meeting.invite", body={"meeting": pk, **payload.dict()}, make=make)
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/hold",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="hold_meeting",
    summary="Record that a meeting was held; its status sheet is frozen as it stands",
)
def hold(request: HttpRequest, pk: uuid.UUID, payload: HoldIn) -> Meeting:
    services.hold(**_given(request, pk), **payload.dict())
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/reschedule",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="reschedule_meeting",
    summary="Put a meeting off, with the reason",
)
def reschedule(request: HttpRequest, pk: uuid.UUID, payload: RescheduleIn) -> Meeting:
    services.reschedule(**_given(request, pk), due_date=payload.due_date, reason=payload.reason)
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/attendance",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="record_attendance",
    summary="Record who was there; what is given replaces what stood",
)
def attendance(request: HttpRequest, pk: uuid.UUID, payload: AttendancesIn) -> Meeting:
    actor, now = actor_of(request), timezone.now()
    meeting = queries.get_meeting(actor=actor, meeting_id=pk)
    entries = {one.attendee_id: (one.attendance, one.person) for one in payload.entries}

    def make() -> uuid.UUID:
        services.record_attendance(actor=actor, meeting=meeting, entries=entries, now=now)
        return pk

    only_once(request, actor=actor, act="duty.meeting.attendance", body={"meeting": pk, **payload.dict()}, make=make)
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/decisions",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="record_decision",
    summary="Record a decision; it becomes a task when the minutes go out",
)
def decide(request: HttpRequest, pk: uuid.UUID, payload: DecisionIn) -> Meeting:
    actor, now = actor_of(request), timezone.now()
    meeting = queries.get_meeting(actor=actor, meeting_id=pk)
    actor.require(MANAGE)
    leads = organisations_of(actor=actor, wanted=payload.org_ids, field="org_ids")

    def make() -> uuid.UUID:
        return services.decide(
            actor=actor, meeting=meeting, text=payload.text, leads=leads, due_date=payload.due_date, now=now
        ).pk

    only_once(request, actor=actor, act="duty.meeting.decide", body={"meeting": pk, **payload.dict()}, make=make)
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/decisions/{uuid:decision_id}/strike",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="strike_decision",
    summary="Strike a decision out before the minutes go out",
)
def strike(request: HttpRequest, pk: uuid.UUID, decision_id: uuid.UUID) -> Meeting:
    actor, now = actor_of(request), timezone.now()
    meeting = queries.get_meeting(actor=actor, meeting_id=pk)

    def make() -> uuid.UUID:
        decision = next((one for one in meeting.decisions.all() if one.pk == decision_id), None)
        if decision is None:
            raise NotFound
        services.withdraw_decision(actor=actor, meeting=meeting, decision=decision, now=now)
        return pk

    body = {"meeting": pk, "decision": decision_id}
    only_once(request, actor=actor, act="duty.meeting.strike", body=body, make=make)
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/minutes",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="write_minutes",
    summary="Write the minutes and give them their number; everybody's attendance must be known",
)
def minutes(request: HttpRequest, pk: uuid.UUID, payload: MinutesIn) -> Meeting:
    services.write_minutes(**_given(request, pk), minutes=payload.minutes)
    return get_meeting(request, pk)


@router.post(
    "/meetings/{uuid:pk}/{act}",
    response={200: MeetingWholeOut, **REFUSALS},
    operation_id="move_meeting",
    summary="Move a meeting on: circulate the minutes, revise them, close or cancel it",
)
def move(
    request: HttpRequest, pk: uuid.UUID, act: Literal["circulate", "revise", "close", "cancel"], payload: ReasonIn
) -> Meeting:
    given = _given(request, pk)
    if act == "circulate":
        services.circulate(**given)
    else:
        services.end(**given, name=act, reason=payload.reason)
    return get_meeting(request, pk)


@router.get(
    "/meeting-receipts",
    response={200: Page[MeetingReceiptOut], **REFUSALS},
    operation_id="list_meeting_receipts",
    summary="Receipts of minutes that the actor may see",
)
def list_receipts(request: HttpRequest, given: Query[MeetingReceiptsIn]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = queries.list_meeting_receipts(actor=actor)
    if given.own:
        rows = rows.filter(org=actor.organisation_id)
    return page_of(narrowed(rows, {"status": given.status, "meeting": given.meeting_id}), given)


@router.get(
    "/meeting-receipts/{uuid:pk}",
    response={200: MeetingReceiptOut, **REFUSALS},
    operation_id="get_meeting_receipt",
    summary="One addressee's receipt of the minutes",
)
def get_receipt(request: HttpRequest, pk: uuid.UUID) -> MeetingReceipt:
    return queries.get_meeting_receipt(actor=actor_of(request), receipt_id=pk)


@router.post(
    "/meeting-receipts/{uuid:pk}/receive",
    response={200: MeetingReceiptOut, **REFUSALS},
    operation_id="receive_minutes",
    summary="Acknowledge minutes for one's organisation",
)
def receive(request: HttpRequest, pk: uuid.UUID) -> MeetingReceipt:
    actor = actor_of(request)
    receipt = queries.get_meeting_receipt(actor=actor, receipt_id=pk)
    return services.receive_minutes(actor=actor, receipt=receipt, now=timezone.now(), client_id=client_id_of(request))


def _given(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """What every move of a meeting takes."""
    actor = actor_of(request)
    return {
        "actor": actor,
        "meeting": queries.get_meeting(actor=actor, meeting_id=pk),
        "now": timezone.now(),
        "client_id": client_id_of(request),
    }
