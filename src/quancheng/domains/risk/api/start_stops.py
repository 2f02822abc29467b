"""Start-ups and shut-downs for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.api.analyses import told_at_text
from quancheng.domains.risk.loops.start_stop import START_STOP
from quancheng.domains.risk.models import StartStop
from quancheng.domains.risk.queries import start_stops as queries
from quancheng.domains.risk.queries.risks import facilities_of
from quancheng.domains.risk.services import start_stops as services
from quancheng.kernel.errors import Invalid, NotFound
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
from quancheng.standards.risk.start_stop import KINDS

router = Router(tags=["risk"])
_MOVES = ("submit", "report", "approve", "return", "receive", "send_back", "start", "finish", "revise", "cancel")


class StartStopPartOut(Schema):
    """A unit of the risk list or a registered facility, and the registered unit in which it stands."""

    unit_id: uuid.UUID | None
    facility_id: uuid.UUID | None
    plant_id: uuid.UUID | None


class StartStopOut(Schema):
    """A notice of a start-up or shut-down."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    title: str
    parts: list[StartStopPartOut] = Field(alias="told_parts")
    planned_from: datetime
    planned_to: datetime
    actual_from: datetime | None
    actual_to: datetime | None
    is_reached: bool | None
    outcome: str
    leader: str
    analysis_id: uuid.UUID | None
    risks: str
    measures: str
    conditions: dict[str, Any]
    unmet: int
    approved_by: str
    approved_at: datetime | None
    received_by: str
    received_at: datetime | None
    watch_due_at: datetime | None
    abnormal: int
    status: str


class StartStopsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(tuple(KINDS))
    status: str = one_of(START_STOP.codes)
    late: bool = Field(False, description="only those of which a start, an end or a record is late")


class EnterStartStopIn(Strict):
    kind: str = one_of(tuple(KINDS), default=None)
    title: str = Field(min_length=1, max_length=200)
    unit_ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    facility_ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    planned_from: AwareDatetime | None = None
    planned_to: AwareDatetime
    actual_from: AwareDatetime | None = Field(None, description="of an emergency shut-down alone")
    leader: str = Field(min_length=1, max_length=60)
    analysis_id: uuid.UUID | None = None
    risks: str = Field(min_length=1, max_length=2000)
    measures: str = Field("", max_length=2000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class ConditionIn(Strict):
    answer: str = one_of(services.ANSWERS)
    text: str = Field("", max_length=300)


class ConditionsIn(Strict):
    conditions: dict[str, ConditionIn] = Field(description="by code; an empty answer takes one back")


class StartStopMoveIn(Strict):
    move: str = one_of(_MOVES, default=None)
    text: str = Field("", max_length=1000, description="the reason, or how it ended")
    at: AwareDatetime | None = Field(None, description="of start and finish; empty: now")
    is_reached: bool = Field(True, description="of finish: it reached what it was for")
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=20)


class StartStopWatchIn(Strict):
    at: AwareDatetime | None = Field(None, description="empty: now")
    step: str = Field(min_length=1, max_length=200)
    is_normal: bool
    text: str = Field("", max_length=1000)


def _read(request: HttpRequest, pk: uuid.UUID) -> StartStop:
    return queries.get_start_stop(actor=actor_of(request), notice_id=pk)


def _chosen(rows: Any, wanted: list[uuid.UUID], field: str) -> list[Any]:
    found = {one.pk: one for one in rows.filter(pk__in=wanted)}
    if set(wanted) - set(found):
        raise Invalid(fields={field: NotFound().message})
    return [found[pk] for pk in dict.fromkeys(wanted)]


@router.get("/start-stops", response={200: Page[StartStopOut], **REFUSALS}, operation_id="list_start_stops",
            summary="Notices of start-ups and shut-downs")  # fmt: skip
def list_start_stops(request: HttpRequest, given: Query[StartStopsIn]) -> dict[str, Any]:
    rows = queries.list_start_stops(actor=actor_of(request))
    if given.late:
        rows = rows.filter(queries.is_overdue(timezone.now()))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "kind": given.kind, "status": given.status}), given)


@router.post("/enterprises/{uuid:pk}/start-stops", response={201: StartStopOut, **REFUSALS},
             operation_id="enter_start_stop", summary="Begin a notice of a start-up or shut-down")  # fmt: skip
def enter_start_stop(request: HttpRequest, pk: uuid.UUID, payload: EnterStartStopIn) -> Status[StartStop]:
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    evidence = known.pop("evidence")
    known["units"] = _chosen(queries.units_to_choose(file), known.pop("unit_ids"), "unit_ids")
    known["facilities"] = _chosen(facilities_of(file), known.pop("facility_ids"), "facility_ids")
    known["analysis"] = among(queries.analyses_to_choose(file), known.pop("analysis_id"), "analysis_id")
    made = services.enter_start_stop(
        actor=actor, file=file, known=known, evidence=evidence, now=timezone.now(), client_id=client_id_of(request)
    )
    return Status(201, _read(request, made.pk))


@router.get("/start-stops/{uuid:pk}", response={200: StartStopOut, **REFUSALS}, operation_id="get_start_stop",
            summary="One notice")  # fmt: skip
def get_start_stop(request: HttpRequest, pk: uuid.UUID) -> StartStop:
    return _read(request, pk)


@router.post("/start-stops/{uuid:pk}/conditions", response={200: StartStopOut, **REFUSALS},
             operation_id="confirm_start_stop_conditions", summary="Confirm what must hold before")  # fmt: skip
def confirm_conditions(request: HttpRequest, pk: uuid.UUID, payload: ConditionsIn) -> StartStop:
    services.confirm_conditions(
        actor=actor_of(request), row=_read(request, pk), now=timezone.now(),
        answers={code: one.answer for code, one in payload.conditions.items()},
        texts={code: one.text for code, one in payload.conditions.items()},
    )  # fmt: skip
    return _read(request, pk)


@router.post("/start-stops/{uuid:pk}/moves", response={200: StartStopOut, **REFUSALS},
             operation_id="move_start_stop", summary="Submit, approve, receive, start, finish or cancel")  # fmt: skip
def move_start_stop(request: HttpRequest, pk: uuid.UUID, payload: StartStopMoveIn) -> StartStop:
    now = timezone.now()
    common: dict[str, Any] = {
        "actor": actor_of(request), "row": _read(request, pk), "now": now, "client_id": client_id_of(request),
    }  # fmt: skip
    if payload.move == "submit":
        services.submit_start_stop(**common)
    elif payload.move == "report":
        services.report_emergency(**common)
    elif payload.move == "approve":
        services.approve_start_stop(**common, text=payload.text)
    elif payload.move == "receive":
        services.receive_start_stop(**common)
    elif payload.move == "start":
        services.start_start_stop(**common, at=payload.at)
    elif payload.move == "finish":
        services.finish_start_stop(
            **common, at=payload.at, is_reached=payload.is_reached, text=payload.text,
            evidence=payload.evidence,
        )  # fmt: skip
    else:
        told_at_text(lambda: services.answer_start_stop(**common, name=payload.move, reason=payload.text))
    return _read(request, pk)


@router.post("/start-stops/{uuid:pk}/watches", response={200: StartStopOut, **REFUSALS},
             operation_id="watch_start_stop", summary="Record what was seen while it runs")  # fmt: skip
def watch_start_stop(request: HttpRequest, pk: uuid.UUID, payload: StartStopWatchIn) -> StartStop:
    now = timezone.now()
    services.watch_start_stop(
        actor=actor_of(request), row=_read(request, pk), at=payload.at, step=payload.step,
        is_normal=payload.is_normal, text=payload.text, now=now, client_id=client_id_of(request),
    )  # fmt: skip
    return _read(request, pk)
