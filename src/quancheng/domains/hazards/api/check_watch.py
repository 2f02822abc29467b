"""Stoppages, the looks at them, and signs of made-up records for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.hazards.loops.stop_review import STOP_REVIEW
from quancheng.domains.hazards.models import RecordFlag, StopReview, UnitStop
from quancheng.domains.hazards.queries import check_records as record_queries
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.queries.findings import units_of
from quancheng.domains.hazards.services import record_flags as flag_services
from quancheng.domains.hazards.services import unit_stops as services
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    client_id_of,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk.record_flags import FLAGS

router = Router(tags=["hazards"])


class UnitStopOut(Schema):
    """A stoppage or overhaul of a unit, which covers its check tasks; ``ends_at`` is empty while it goes on."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    unit_id: uuid.UUID
    begins_at: datetime
    ends_at: datetime | None
    reason: str
    version: int


class UnitStopsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None


class UnitStopIn(Strict):
    unit_id: uuid.UUID
    begins_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    reason: str = Field(min_length=1, max_length=300)


class StopEndIn(Strict):
    ends_at: AwareDatetime | None = Field(description="null: it goes on")
    version: int = Field(ge=1, description="the one that was read")


class StopReviewOut(Schema):
    """The regulator's look at a stoppage that is long, or at many at once; ``text`` in both languages."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    object_id: uuid.UUID
    stop_id: uuid.UUID | None
    code: str
    text: dict[str, str]
    status: str
    answer: str
    comment: str
    created_at: datetime
    closed_at: datetime | None


class StopReviewsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(STOP_REVIEW.codes)


class JudgeStopIn(Strict):
    accepted: bool
    text: str = Field(min_length=1, max_length=1000)


class AnswerStopIn(Strict):
    text: str = Field(min_length=1, max_length=1000)


class RecordFlagOut(Schema):
    """A sign that records were made up: a reason to look, no proof. ``verdict`` is empty until somebody judged."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    code: str
    text: dict[str, str]
    record_ids: list[uuid.UUID] = Field(alias="records")
    last_at: datetime
    found_at: datetime
    verdict: str
    comment: str
    judged_at: datetime | None


class RecordFlagsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    code: str = one_of(FLAGS)
    verdict: str = one_of(("open", "confirmed", "dismissed"))


class JudgeFlagIn(Strict):
    confirmed: bool
    comment: str = Field(min_length=1, max_length=500)


@router.get("/unit-stops", response={200: Page[UnitStopOut], **REFUSALS}, operation_id="list_unit_stops",
            summary="Stoppages and overhauls of units, those that go on first")  # fmt: skip
def list_unit_stops(request: HttpRequest, given: Query[UnitStopsIn]) -> dict[str, Any]:
    rows = queries.list_stops(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "unit": given.unit_id}), given)


@router.get("/unit-stops/{uuid:pk}", response={200: UnitStopOut, **REFUSALS}, operation_id="get_unit_stop",
            summary="One stoppage")  # fmt: skip
def get_unit_stop(request: HttpRequest, pk: uuid.UUID) -> UnitStop:
    return queries.get_stop(actor=actor_of(request), stop_id=pk)


@router.post("/enterprises/{uuid:pk}/unit-stops", response={201: UnitStopOut, **REFUSALS}, operation_id="stop_unit",
             summary="Enter that a unit is stopped or overhauled")  # fmt: skip
def stop_unit(request: HttpRequest, pk: uuid.UUID, payload: UnitStopIn) -> Status[UnitStop]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    services.require_keeper(actor, file)

    def make() -> uuid.UUID:
        unit = among(units_of(file), payload.unit_id, "unit_id")
        return services.stop_unit(
            actor=actor, unit=unit, begins_at=payload.begins_at, ends_at=payload.ends_at, reason=payload.reason,
            now=timezone.now(),
        ).pk  # fmt: skip

    body = {"enterprise": pk, **payload.dict()}
    made = only_once(request, actor=actor, act="hazards.stop.enter", body=body, make=make)
    return Status(201, queries.get_stop(actor=actor, stop_id=made))


@router.post("/unit-stops/{uuid:pk}/end", response={200: UnitStopOut, **REFUSALS}, operation_id="end_unit_stop",
             summary="Say when a stoppage ends, or ended")  # fmt: skip
def end_unit_stop(request: HttpRequest, pk: uuid.UUID, payload: StopEndIn) -> UnitStop:
    actor = actor_of(request)
    row = queries.get_stop(actor=actor, stop_id=pk)

    def make() -> uuid.UUID:
        now = timezone.now()
        return services.change_stop(actor=actor, row=row, version=payload.version, ends_at=payload.ends_at, now=now).pk

    body = {"stop": pk, **payload.dict()}
    only_once(request, actor=actor, act="hazards.stop.change", body=body, make=make)
    return queries.get_stop(actor=actor, stop_id=pk)


@router.get("/stop-reviews", response={200: Page[StopReviewOut], **REFUSALS}, operation_id="list_stop_reviews",
            summary="Looks at stoppages that are long or many, open ones first")  # fmt: skip
def list_stop_reviews(request: HttpRequest, given: Query[StopReviewsIn]) -> dict[str, Any]:
    rows = queries.list_stop_reviews(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status}), given)


@router.get("/stop-reviews/{uuid:pk}", response={200: StopReviewOut, **REFUSALS}, operation_id="get_stop_review",
            summary="One look at a stoppage")  # fmt: skip
def get_stop_review(request: HttpRequest, pk: uuid.UUID) -> StopReview:
    return queries.get_stop_review(actor=actor_of(request), review_id=pk)


@router.post("/stop-reviews/{uuid:pk}/judge", response={200: StopReviewOut, **REFUSALS}, operation_id="judge_stop",
             summary="Accept a stoppage, or object to it")  # fmt: skip
def judge_stop(request: HttpRequest, pk: uuid.UUID, payload: JudgeStopIn) -> StopReview:
    actor = actor_of(request)
    row = queries.get_stop_review(actor=actor, review_id=pk)
    return services.judge_stop(actor=actor, review=row, accepted=payload.accepted, text=payload.text,
                               now=timezone.now(), client_id=client_id_of(request))  # fmt: skip


@router.post("/stop-reviews/{uuid:pk}/answer", response={200: StopReviewOut, **REFUSALS},
             operation_id="answer_stop_review", summary="Explain a stoppage that was objected to")  # fmt: skip
def answer_stop_review(request: HttpRequest, pk: uuid.UUID, payload: AnswerStopIn) -> StopReview:
    actor = actor_of(request)
    row = queries.get_stop_review(actor=actor, review_id=pk)
    return services.answer_review(actor=actor, review=row, text=payload.text, now=timezone.now(),
                                  client_id=client_id_of(request))  # fmt: skip


@router.get("/record-flags", response={200: Page[RecordFlagOut], **REFUSALS}, operation_id="list_record_flags",
            summary="Signs of made-up records, those that nobody judged first")  # fmt: skip
def list_record_flags(request: HttpRequest, given: Query[RecordFlagsIn]) -> dict[str, Any]:
    rows = narrowed(record_queries.list_flags(actor=actor_of(request)),
                    {"file": given.enterprise_id, "code": given.code})  # fmt: skip
    if given.verdict:
        rows = rows.filter(verdict="" if given.verdict == "open" else given.verdict)
    return page_of(rows, given)


@router.get("/record-flags/{uuid:pk}", response={200: RecordFlagOut, **REFUSALS}, operation_id="get_record_flag",
            summary="One sign of made-up records")  # fmt: skip
def get_record_flag(request: HttpRequest, pk: uuid.UUID) -> RecordFlag:
    return record_queries.get_flag(actor=actor_of(request), flag_id=pk)


@router.post("/record-flags/{uuid:pk}/judge", response={200: RecordFlagOut, **REFUSALS},
             operation_id="judge_record_flag", summary="Say whether records were made up")  # fmt: skip
def judge_record_flag(request: HttpRequest, pk: uuid.UUID, payload: JudgeFlagIn) -> RecordFlag:
    actor, now = actor_of(request), timezone.now()
    row = record_queries.get_flag(actor=actor, flag_id=pk)

    def make() -> uuid.UUID:
        return flag_services.judge_flag(
            actor=actor, flag=row, confirmed=payload.confirmed, comment=payload.comment, now=now
        ).pk

    body = {"flag": pk, **payload.dict()}
    only_once(request, actor=actor, act="hazards.flag.judge", body=body, make=make)
    return record_queries.get_flag(actor=actor, flag_id=pk)
