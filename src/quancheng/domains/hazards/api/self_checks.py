"""Checks led by the main person for programs: what is owed, one with its criteria, recording one."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.loops.self_check import SELF_CHECK
from quancheng.domains.hazards.models import AnswerCode, CheckSide, SelfCheck
from quancheng.domains.hazards.queries import self_checks as queries
from quancheng.domains.hazards.services import self_checks as services
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["hazards"])
_ANSWERS = [one.name.lower() for one in AnswerCode]


class LedCheckOut(Schema):
    """A period of an enterprise; what was recorded is empty while it is owed."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    side: str
    title: str
    months: int
    first_date: date
    last_date: date
    status: str
    checked_date: date | None
    signed_name: str
    deputed_reason: str
    none_found: bool
    is_late: bool
    gone_through: int
    finding_count: int
    closed_at: datetime | None


class LedCheckItemOut(Schema):
    criterion: str
    answer: str
    note: str


class LedCheckFullOut(LedCheckOut):
    places: str
    note: str
    items: list[LedCheckItemOut]
    finding_ids: list[uuid.UUID]


class LedChecksIn(Paging):
    enterprise_id: uuid.UUID | None = None
    side: str = one_of(CheckSide.values)
    status: str = one_of(SELF_CHECK.codes)
    missed: bool = Field(False, description="only periods that went by without a check")


class LedCheckItemIn(Strict):
    criterion: str = Field(min_length=1, max_length=40)
    answer: str = one_of(_ANSWERS, default=None)
    note: str = Field("", max_length=300)


class LedCheckIn(Strict):
    checked: date
    signed: str = Field(min_length=1, max_length=130, description="the name of who led it and signs")
    items: list[LedCheckItemIn] = Field(max_length=300)
    places: str = Field("", max_length=500)
    note: str = Field("", max_length=1000)
    none_found: bool = Field(False, description="declares that there is no major hidden danger")
    finding_ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


@router.get("/led-checks", response={200: Page[LedCheckOut], **REFUSALS}, operation_id="list_led_checks",
            summary="Checks led by main persons, open ones first")  # fmt: skip
def list_led_checks(request: HttpRequest, given: Query[LedChecksIn]) -> dict[str, Any]:
    rows = queries.list_checks(actor=actor_of(request))
    if given.missed:
        rows = rows.filter(queries.missed(Calendar().local_date(timezone.now())))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status, "side": given.side}), given)


@router.get("/led-checks/{uuid:pk}", response={200: LedCheckFullOut, **REFUSALS}, operation_id="get_led_check",
            summary="One check with each criterion")  # fmt: skip
def get_led_check(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return _full(queries.get_check(actor=actor_of(request), check_id=pk))


@router.post("/led-checks/{uuid:pk}/record", response={200: LedCheckFullOut, **REFUSALS},
             operation_id="record_led_check", summary="Record a check and sign it")  # fmt: skip
def record_led_check(request: HttpRequest, pk: uuid.UUID, payload: LedCheckIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_check(actor=actor, check_id=pk)
    answers = {one.criterion: (int(AnswerCode[one.answer.upper()]), one.note) for one in payload.items}
    spec = services.SelfCheckSpec(
        checked=payload.checked, signed=payload.signed, answers=answers, places=payload.places, note=payload.note,
        none_found=payload.none_found, findings=payload.finding_ids, files=tuple(payload.file_ids),
    )  # fmt: skip
    services.record_self_check(actor=actor, row=row, spec=spec, now=timezone.now(), client_id=client_id_of(request))
    return _full(queries.get_check(actor=actor, check_id=pk))


def _full(row: SelfCheck) -> dict[str, Any]:
    told = LedCheckOut.from_orm(row).dict(by_alias=True)
    items = [
        {"criterion": one.clause.place, "answer": AnswerCode(one.answer).name.lower(), "note": one.note}
        for one in queries.items_of(row)
    ]
    return {**told, "places": row.places, "note": row.note, "items": items,
            "finding_ids": [one.pk for one in queries.found_in(row)]}  # fmt: skip
