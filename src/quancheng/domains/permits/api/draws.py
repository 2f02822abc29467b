"""Draws of permits, rules of the audit and what enterprises confirm of their own rules, over REST."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.permits.models import AuditRuleChange, Matter, Severity, SpotDraw, WorkMechanism
from quancheng.domains.permits.queries import audits, spot
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services import audit_findings
from quancheng.domains.permits.services import spot as spot_services
from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.audit.enterprise import enterprise_rules
from quancheng.standards.gb30871.audit.registry import AuditRule, rules

router = Router(tags=["permits"])
_CODES = [one.code for one in (*rules(), *enterprise_rules())]


class PermitSpotDrawsIn(Paging):
    drawn_from: date | None = None
    drawn_to: date | None = Field(None, description="the last day")
    extra: bool | None = Field(None, description="only those out of turn, or none of them")


class PermitSpotDrawOut(Schema):
    """One draw of an office."""

    id: uuid.UUID
    office_id: uuid.UUID = Field(alias="owner_org_id")
    drawn_date: date
    drawn_at: datetime
    is_extra: bool
    chosen_count: int


class PermitDrawnOut(Schema):
    """A permit that stood in a draw: its score, and the points of each line of it by code."""

    permit: uuid.UUID
    number: str
    score: int
    lines: list[tuple[str, int]]
    chosen: bool


class OnePermitSpotDrawOut(PermitSpotDrawOut):
    """The same with its seed, rates and all that stood in it: whoever has them draws the same again."""

    seed: str
    rates: dict[str, int]
    scored: list[PermitDrawnOut]


class PermitAuditRuleOut(Schema):
    """A rule of the audit as it stands on a day; ``text`` is Chinese and English. E-01 to E-08 are over enterprises."""

    code: str
    text: list[str]
    kinds: list[str]
    severity: str
    points: int
    params: dict[str, str]
    clause: str
    mark: str
    is_on: bool
    valid_from: date
    valid_to: date | None


class PermitAuditRuleChangeOut(Schema):
    """A rule as the office set it from a day on; the newest that has begun counts."""

    id: uuid.UUID
    code: str
    is_on: bool
    severity: str
    params: dict[str, str]
    valid_from: date
    valid_to: date | None
    reason: str
    entered_at: datetime


class PermitAuditRulesIn(Strict):
    on: date | None = Field(None, description="as they stand on this day; today where none is told")


class PermitAuditRuleChangesIn(Strict):
    code: str = one_of(_CODES)


class SetPermitAuditRuleIn(Strict):
    code: str = one_of(_CODES, default=None)
    is_on: bool
    severity: str = one_of(Severity.values, default=None)
    params: dict[str, Decimal] = Field(
        default_factory=dict, max_length=20, description="of those that the rule has; others stay as they are that day"
    )
    valid_from: date
    valid_to: date | None = Field(None, description="the last day")
    reason: str = Field(min_length=1, max_length=300)


class WorkMechanismsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    late: bool = Field(False, description="only those that had not confirmed everything by the day")
    missing: bool = Field(False, description="only those of which something is missing still")


class WorkMechanismStateOut(Schema):
    """An enterprise with the days on which it first confirmed each matter, and the day by which it had to."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    rules_date: date | None
    training_date: date | None
    self_check_date: date | None
    due_date: date = Field(alias="due_on")


class WorkMechanismOut(Schema):
    """One confirmation with documents; the newest of a matter counts."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    matter: str
    title: str
    issued_date: date
    text: str
    confirmed_at: datetime


class ConfirmMechanismIn(Strict):
    matter: str = one_of(Matter.values, default=None)
    title: str = Field(min_length=1, max_length=200)
    issued_date: date
    text: str = Field("", max_length=1000)
    file_ids: list[uuid.UUID] = Field(min_length=1, max_length=20, description="uploaded before")


def _rule(one: AuditRule) -> dict[str, Any]:
    return {
        "code": one.code, "text": list(one.text), "kinds": list(one.kinds), "severity": one.severity,
        "points": one.points, "params": {name: str(value) for name, value in one.params.items()},
        "clause": one.clause, "mark": one.mark, "is_on": one.is_on, "valid_from": one.valid_from,
        "valid_to": one.valid_to,
    }  # fmt: skip


def _today() -> date:
    return Calendar().local_date(timezone.now())


# Draws ---------------------------------------------------------------------------------------------------------------


@router.get("/spot-draws", response={200: Page[PermitSpotDrawOut], **REFUSALS}, operation_id="list_permit_spot_draws",
            summary="Draws of permits by offices, the newest first")  # fmt: skip
def list_draws(request: HttpRequest, given: Query[PermitSpotDrawsIn]) -> dict[str, Any]:
    rows = spot.list_draws(actor=actor_of(request))
    asked = {"drawn_date__gte": given.drawn_from, "drawn_date__lte": given.drawn_to, "is_extra": given.extra}
    return page_of(narrowed(rows, asked), given)


@router.get("/spot-draws/{uuid:pk}", response={200: OnePermitSpotDrawOut, **REFUSALS},
            operation_id="get_permit_spot_draw", summary="One draw with its seed, rates and scores")  # fmt: skip
def get_draw(request: HttpRequest, pk: uuid.UUID) -> SpotDraw:
    return spot.get_draw(actor=actor_of(request), draw_id=pk)


@router.post("/spot-draws", response={201: OnePermitSpotDrawOut, **REFUSALS}, operation_id="draw_permits",
             summary="Draw once more, out of turn")  # fmt: skip
def draw(request: HttpRequest) -> Status[SpotDraw]:
    return Status(201, spot_services.draw_by_hand(
        actor=actor_of(request), now=timezone.now(), client_id=client_id_of(request)
    ))  # fmt: skip


# Rules ---------------------------------------------------------------------------------------------------------------


@router.get("/audit-rules", response={200: list[PermitAuditRuleOut], **REFUSALS},
            operation_id="list_permit_audit_rules",
            summary="All rules of the audit as they stand on a day")  # fmt: skip
def list_rules(request: HttpRequest, given: Query[PermitAuditRulesIn]) -> list[dict[str, Any]]:
    actor_of(request).require(VIEW)
    return [_rule(one) for one in audits.all_rules(given.on or _today())]


@router.get("/audit-rule-changes", response={200: list[PermitAuditRuleChangeOut], **REFUSALS},
            operation_id="list_permit_audit_rule_changes",
            summary="How rules were set and why, the newest first")  # fmt: skip
def list_changes(request: HttpRequest, given: Query[PermitAuditRuleChangesIn]) -> Any:
    actor_of(request).require(audits.RULES)
    return audits.changes_of(given.code)


@router.post("/audit-rules", response={201: PermitAuditRuleChangeOut, **REFUSALS},
             operation_id="set_permit_audit_rule",
             summary="Set a rule from a day on; what was audited stays as it was judged")  # fmt: skip
def set_rule(request: HttpRequest, payload: SetPermitAuditRuleIn) -> Status[AuditRuleChange]:
    actor = actor_of(request)
    actor.require(audits.RULES)
    names = ("is_on", "severity", "valid_from", "valid_to", "reason")
    given = {name: f"{value.normalize():f}" for name, value in payload.params.items()}
    try:
        made = audit_findings.set_rule(
            actor=actor, code=payload.code,
            params={**audits.get_rule(payload.code, payload.valid_from).params, **given},
            now=timezone.now(), client_id=client_id_of(request),
            **{name: getattr(payload, name) for name in names},
        )  # fmt: skip
    except Invalid as wrong:
        # The form has a field for each parameter, the body one for all.
        at = {name.replace("param_", "params.", 1): said for name, said in wrong.fields.items()}
        raise Invalid(fields=at) from wrong
    return Status(201, made)


# What enterprises confirm --------------------------------------------------------------------------------------------


@router.get("/mechanisms", response={200: Page[WorkMechanismStateOut], **REFUSALS}, operation_id="list_mechanisms",
            summary="Who confirmed his rules for dangerous work, and when")  # fmt: skip
def list_mechanisms(request: HttpRequest, given: Query[WorkMechanismsIn]) -> dict[str, Any]:
    rows = spot.list_mechanisms(actor=actor_of(request))
    if given.late:
        rows = rows.filter(spot.confirmed_late(spot.due_date()))
    if given.missing:
        rows = rows.filter(spot.not_confirmed())
    return page_of(narrowed(rows, {"pk": given.enterprise_id}), given)


@router.get("/mechanisms/{uuid:pk}", response={200: list[WorkMechanismOut], **REFUSALS}, operation_id="get_mechanisms",
            summary="What one enterprise confirmed, the newest first")  # fmt: skip
def get_mechanisms(request: HttpRequest, pk: uuid.UUID) -> Any:
    return spot.mechanisms_of(spot.get_mechanism_file(actor=actor_of(request), file_id=pk).pk)


@router.post("/mechanisms", response={201: WorkMechanismOut, **REFUSALS}, operation_id="confirm_mechanism",
             summary="Confirm one matter of one's own enterprise with its documents")  # fmt: skip
def confirm(request: HttpRequest, payload: ConfirmMechanismIn) -> Status[WorkMechanism]:
    actor = actor_of(request)
    actor.require(spot.CONFIRM)
    return Status(201, spot_services.confirm_mechanism(
        actor=actor, file=required_file(actor=actor), matter=payload.matter, title=payload.title,
        issued=payload.issued_date, text=payload.text, files=payload.file_ids, now=timezone.now(),
        client_id=client_id_of(request),
    ))  # fmt: skip
