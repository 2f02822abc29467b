"""The weekly running effect for programs: results with their formula, objections, what follows."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.loops.running import RUNNING_ACTION, RUNNING_APPEAL
from quancheng.domains.hazards.models import Counted, RunningAction, RunningAppeal, RunningGrade
from quancheng.domains.hazards.queries import running as queries
from quancheng.domains.hazards.services import running as services
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk.running_effect import vetoes

router = Router(tags=["hazards"])
_ABOUT = [*Counted.values, *(one.code for one in vetoes())]


class RunningWeekOut(Schema):
    """A week of an enterprise. ``counts`` as counted, ``corrections`` as objections corrected them."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    monday: date
    e: Decimal
    grade: str
    is_vetoed: bool
    counts: dict[str, int]
    corrections: dict[str, int]
    vetoes: list[dict[str, str]]
    task_share: Decimal | None
    danger_share: Decimal | None
    change: Decimal | None
    counted_at: datetime
    frozen_at: datetime | None


class StepOut(Schema):
    code: str
    zh: str
    en: str
    value: Decimal | None


class RunningResultOut(RunningWeekOut):
    """The same with the formula written out, and what would raise it by how much."""

    steps: list[StepOut]
    raises: list[StepOut]
    indicators: dict[str, list[int]]
    figures: dict[str, int]


class RunningWeeksIn(Paging):
    enterprise_id: uuid.UUID | None = None
    monday: date | None = Field(None, description="the Monday of the week")
    grade: str = one_of(RunningGrade.values)


class RunningAppealOut(Schema):
    id: uuid.UUID
    week_id: uuid.UUID
    about: str
    claimed: int
    text: str
    answer: str
    status: str
    created_at: datetime
    closed_at: datetime | None


class RunningAppealIn(Strict):
    about: str = one_of(_ABOUT, default=None)
    claimed: int | None = Field(None, ge=0, le=1_000_000)
    text: str = Field(min_length=1, max_length=2000)
    file_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class AppealsIn(Paging):
    status: str = one_of(RUNNING_APPEAL.codes)


class JudgeIn(Strict):
    upheld: bool
    value: int | None = Field(None, ge=0, le=1_000_000, description="what the count is; else the claim")
    text: str = Field(min_length=1, max_length=2000)


class RunningActionOut(Schema):
    id: uuid.UUID
    week_id: uuid.UUID
    code: str
    title: str
    due_date: date
    sample: list[uuid.UUID]
    status: str
    text: str
    closed_at: datetime | None


class RunningActionsIn(Paging):
    status: str = one_of(RUNNING_ACTION.codes)


class CloseIn(Strict):
    dropped: bool = False
    text: str = Field(min_length=1, max_length=2000)


@router.get("/running-weeks", response={200: Page[RunningWeekOut], **REFUSALS}, operation_id="list_running_weeks",
            summary="Weekly running effect of the enterprises that the actor may see, the newest first")  # fmt: skip
def list_running_weeks(request: HttpRequest, given: Query[RunningWeeksIn]) -> dict[str, Any]:
    rows = queries.list_weeks(actor=actor_of(request))
    if given.monday is not None and given.monday.weekday():
        raise Invalid(fields={"monday": "is no Monday"})
    return page_of(
        narrowed(rows, {"file": given.enterprise_id, "monday": given.monday, "grade": given.grade}), given
    )


@router.get("/running-weeks/{uuid:pk}", response={200: RunningResultOut, **REFUSALS},
            operation_id="get_running_week", summary="One week with its formula")  # fmt: skip
def get_running_week(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row = queries.get_week(actor=actor_of(request), week_id=pk)
    result = queries.result_of(row)
    known = {name: getattr(row, name) for name in RunningWeekOut.model_fields if name != "enterprise_id"}
    return {
        **known, "file_id": row.file_id, "indicators": row.indicators, "figures": row.figures,
        "steps": [_step(one.code, one.text, one.value) for one in result.steps],
        "raises": [_step(one.code, one.text, one.shown) for one in result.measures],
    }  # fmt: skip


def _step(code: str, text: Any, value: Decimal | None) -> dict[str, Any]:
    return {"code": code, "zh": text.zh, "en": text.en, "value": value}


@router.post("/running-weeks/{uuid:pk}/appeals", response={201: RunningAppealOut, **REFUSALS},
             operation_id="appeal_running_week", summary="Object to a count or a veto of a week")  # fmt: skip
def appeal_running_week(request: HttpRequest, pk: uuid.UUID, payload: RunningAppealIn) -> Status[RunningAppeal]:
    actor = actor_of(request)
    week = queries.get_week(actor=actor, week_id=pk)
    made = services.appeal(
        actor=actor, week=week, about=payload.about, claimed=payload.claimed, text=payload.text,
        files=payload.file_ids, now=timezone.now(), client_id=client_id_of(request),
    )  # fmt: skip
    return Status(201, made)


@router.get("/running-appeals", response={200: Page[RunningAppealOut], **REFUSALS},
            operation_id="list_running_appeals", summary="Objections, open ones first")  # fmt: skip
def list_running_appeals(request: HttpRequest, given: Query[AppealsIn]) -> dict[str, Any]:
    return page_of(narrowed(queries.list_appeals(actor=actor_of(request)), {"status": given.status}), given)


@router.post("/running-appeals/{uuid:pk}/judge", response={200: RunningAppealOut, **REFUSALS},
             operation_id="judge_running_appeal", summary="Uphold or refuse an objection")  # fmt: skip
def judge_running_appeal(request: HttpRequest, pk: uuid.UUID, payload: JudgeIn) -> RunningAppeal:
    actor = actor_of(request)
    row = queries.get_appeal(actor=actor, appeal_id=pk)
    return services.judge_appeal(
        actor=actor, row=row, upheld=payload.upheld, text=payload.text, value=payload.value, now=timezone.now(),
        client_id=client_id_of(request),
    )  # fmt: skip


@router.get("/running-actions", response={200: Page[RunningActionOut], **REFUSALS},
            operation_id="list_running_actions", summary="What is owed after a week, open ones first")  # fmt: skip
def list_running_actions(request: HttpRequest, given: Query[RunningActionsIn]) -> dict[str, Any]:
    return page_of(narrowed(queries.list_actions(actor=actor_of(request)), {"status": given.status}), given)


@router.post("/running-actions/{uuid:pk}/close", response={200: RunningActionOut, **REFUSALS},
             operation_id="close_running_action", summary="Say what was done, or why nothing will be")  # fmt: skip
def close_running_action(request: HttpRequest, pk: uuid.UUID, payload: CloseIn) -> RunningAction:
    actor = actor_of(request)
    row = queries.get_action(actor=actor, action_id=pk)
    name = "drop" if payload.dropped else "record"
    return services.close_action(actor=actor, row=row, name=name, text=payload.text, now=timezone.now(),
                                 client_id=client_id_of(request))  # fmt: skip
