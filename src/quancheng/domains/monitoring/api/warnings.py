"""Warnings (风险预警), and who is told of alarms (告知), for programs: to read."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.monitoring.loops.warning import RISK_WARNING
from quancheng.domains.monitoring.models import AlarmTold, RiskWarning
from quancheng.domains.monitoring.queries import escalation, telling
from quancheng.domains.monitoring.queries import warnings as queries
from quancheng.domains.monitoring.queries.alarms import get_alarm
from quancheng.domains.monitoring.queries.preview import reads_names
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk.colours import Colour

router = Router(tags=["monitoring"])


class WarningOut(Schema):
    """A warning by the five rules. ``colour``: red, orange, yellow, blue; ``reasons`` are codes."""

    id: uuid.UUID
    title: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    hazard_unit_id: uuid.UUID | None = Field(None, alias="hazard_id")
    supervisor_id: uuid.UUID
    status: str
    colour: str
    facts_colour: str
    reasons: list[str]
    raised_at: datetime
    turned_at: datetime
    respond_by: datetime
    report_by: datetime
    escalated_count: int
    responded_at: datetime | None
    response: str
    reported_at: datetime | None
    report: str
    calm_from: datetime | None
    closed_at: datetime | None

    @staticmethod
    def resolve_colour(row: RiskWarning) -> str:
        return Colour(row.colour).name.lower()

    @staticmethod
    def resolve_facts_colour(row: RiskWarning) -> str:
        return Colour(row.facts_colour).name.lower()


class WarningsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(RISK_WARNING.codes)
    colour: str = one_of([colour.name.lower() for colour in Colour])


class TellingRuleOut(Schema):
    """A rule by which an organisation is told; empty lists mean all."""

    id: uuid.UUID
    organisation_id: uuid.UUID = Field(alias="owner_org_id")
    name: str
    priorities: list[int]
    types: list[str]
    steps: list[int]
    windows: list[dict[str, Any]]
    channels: list[str]
    limit_per_hour: int | None
    duty: str
    ended_at: datetime | None


class TellingRulesIn(Paging):
    organisation_id: uuid.UUID | None = None


class AlarmToldOut(Schema):
    """Somebody was told of an alarm, or why not. ``person`` is empty where the caller may not read it."""

    step: int
    organisation_id: uuid.UUID | None
    person: str
    channel: str
    outcome: str
    at: datetime


class AlarmStepsOut(Schema):
    """After how many seconds each step is due, by priority. ``is_shipped``: nobody set them yet."""

    is_shipped: bool
    after_s: dict[int, dict[int, int]]


@router.get("/warnings", response={200: Page[WarningOut], **REFUSALS}, operation_id="list_warnings",
            summary="Warnings by the four colours")  # fmt: skip
def list_warnings(request: HttpRequest, given: Query[WarningsIn]) -> dict[str, Any]:
    rows = queries.list_warnings(actor=actor_of(request))
    colour = int(Colour[given.colour.upper()]) if given.colour else None
    return page_of(narrowed(rows, {"file": given.enterprise_id, "status": given.status, "colour": colour}), given)


@router.get("/warnings/{uuid:pk}", response={200: WarningOut, **REFUSALS}, operation_id="get_warning",
            summary="One warning")  # fmt: skip
def get_warning(request: HttpRequest, pk: uuid.UUID) -> RiskWarning:
    return queries.get_warning(actor=actor_of(request), warning_id=pk)


@router.get("/telling-rules", response={200: Page[TellingRuleOut], **REFUSALS}, operation_id="list_telling_rules",
            summary="By which rules organisations are told of alarms")  # fmt: skip
def list_telling_rules(request: HttpRequest, given: Query[TellingRulesIn]) -> dict[str, Any]:
    rows = telling.list_rules(actor=actor_of(request))
    return page_of(narrowed(rows, {"owner_org": given.organisation_id}), given)


@router.get("/alarms/{uuid:pk}/told", response={200: list[AlarmToldOut], **REFUSALS}, operation_id="list_alarm_told",
            summary="Who was told of an alarm, the newest first")  # fmt: skip
def list_alarm_told(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    actor = actor_of(request)
    row = get_alarm(actor=actor, alarm_id=pk)

    def name(one: AlarmTold) -> str:
        return one.person.name if one.person is not None and reads_names(actor, one.organisation_id) else ""

    return [
        {"step": one.step, "organisation_id": one.organisation_id, "person": name(one), "channel": one.channel,
         "outcome": one.outcome, "at": one.at}
        for one in escalation.list_told(actor=actor, alarm=row)[:1000]
    ]  # fmt: skip


@router.get("/escalation", response={200: AlarmStepsOut, **REFUSALS}, operation_id="get_alarm_steps",
            summary="When each step of escalation is due")  # fmt: skip
def get_alarm_steps(request: HttpRequest) -> dict[str, Any]:
    actor_of(request)
    steps = escalation.steps_at(timezone.now())
    return {"is_shipped": steps.is_shipped, "after_s": steps.after_s}
