"""Audits of permits, what they found, and their statistics, read over REST. No person's name is told."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from quancheng.domains.permits.loops.audit import FINDING
from quancheng.domains.permits.models import Kind, PermitAudit, Severity
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.queries.audit_statistics import parts_of, statistics
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.audit.enterprise import enterprise_rules
from quancheng.standards.gb30871.audit.registry import rules

router = Router(tags=["permits"])


class PermitAuditsIn(Paging):
    """Which audits are wanted."""

    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(Kind.values)
    worst: str = one_of(Severity.values)


class PermitAuditOut(Schema):
    """The newest audit of one permit: its score, the rules that failed, and of how many nobody told enough."""

    id: uuid.UUID
    permit_id: uuid.UUID
    enterprise_id: uuid.UUID
    kind: str
    moment: str
    score: int
    failed: list[str]
    worst: str
    no_data_count: int
    work_at: datetime
    audited_at: datetime


class PermitVerdictOut(Schema):
    """What one rule said: FAIL or NO_DATA with its evidence; value and limit as Chinese and English."""

    code: str
    outcome: str
    severity: str
    points: int
    alarm: str
    clause: str
    mark: str
    fact: str
    value: list[str]
    limit: list[str]
    text: list[str]


class PermitAuditWholeOut(PermitAuditOut):
    """One audit with every rule that failed or could not be told, and those that passed."""

    verdicts: list[PermitVerdictOut]
    passed: list[str]
    is_newest: bool


class PermitFindingsIn(Paging):
    """Which findings are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    severity: str = one_of(Severity.values)
    status: str = one_of(FINDING.codes)
    rule: str = one_of(one.code for one in (*rules(), *enterprise_rules()))


class PermitFindingOut(Schema):
    """One thing that is wrong with one permit, and how far it is put right."""

    id: uuid.UUID
    permit_id: uuid.UUID
    enterprise_id: uuid.UUID
    kind: str
    rule: str
    severity: str
    alarm: str
    clause: str
    title: str
    status: str
    is_by_inspector: bool
    found_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    closed_at: datetime | None


class PermitFigureOut(Schema):
    """One enterprise in a month: permits audited and failing, mean score, findings by severity, late answers, and the
    index of 0 to 100 with its parts as good ones and all."""

    enterprise_id: uuid.UUID | None
    enterprise: str
    audited: int
    failing: int
    mean_score: int | None
    findings: dict[str, int]
    late: int
    index: int | None
    parts: dict[str, list[int]]


class PermitFiguresIn(Schema):
    """Any day of the month that is wanted; today where none is told."""

    day: date | None = Field(None, ge=date(1900, 1, 1), le=date(2200, 12, 31))


class PermitFiguresOut(Schema):
    """A month: the whole, each enterprise, and how many permits failed each rule."""

    first: date
    last: date
    whole: PermitFigureOut
    enterprises: list[PermitFigureOut]
    rules: dict[str, int]


@router.get(
    "/audits",
    response={200: Page[PermitAuditOut], **REFUSALS},
    operation_id="list_permit_audits",
    summary="The newest audit of each permit, the latest work first",
)
def list_permit_audits(request: HttpRequest, given: Query[PermitAuditsIn]) -> dict[str, Any]:
    rows = queries.list_audits(actor=actor_of(request))
    asked = {"enterprise": given.enterprise_id, "kind": given.kind, "worst": given.worst}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/audits/{uuid:pk}",
    response={200: PermitAuditWholeOut, **REFUSALS},
    operation_id="get_permit_audit",
    summary="One audit with what every rule said",
)
def get_permit_audit(request: HttpRequest, pk: uuid.UUID) -> PermitAudit:
    return queries.get_audit(actor=actor_of(request), audit_id=pk)


@router.get(
    "/findings",
    response={200: Page[PermitFindingOut], **REFUSALS},
    operation_id="list_permit_findings",
    summary="What audits and inspectors found, open ones first",
)
def list_permit_findings(request: HttpRequest, given: Query[PermitFindingsIn]) -> dict[str, Any]:
    rows = queries.list_findings(actor=actor_of(request))
    asked = {
        "enterprise": given.enterprise_id, "permit": given.permit_id, "severity": given.severity,
        "status": given.status, "rule": given.rule,
    }  # fmt: skip
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/audit-statistics",
    response={200: PermitFiguresOut, **REFUSALS},
    operation_id="get_permit_audit_statistics",
    summary="A month of audits by enterprise and rule",
)
def get_permit_audit_statistics(request: HttpRequest, given: Query[PermitFiguresIn]) -> dict[str, Any]:
    now = timezone.now()
    day = given.day or Calendar().local_date(now)
    first, last = queries.month_of(day)
    told = statistics(actor=actor_of(request), first=first, last=last, now=now)

    def figure(line: Any) -> dict[str, Any]:
        index, parts = parts_of(line)
        return {
            "enterprise_id": line.key, "enterprise": line.name, "audited": line.audited, "failing": line.failing,
            "mean_score": line.mean, "findings": dict(line.findings), "late": line.late, "index": index,
            "parts": {one.code: [one.good, one.total] for one in parts if one.total},
        }  # fmt: skip

    return {
        "first": first, "last": last, "whole": figure(told.whole), "enterprises": [figure(one) for one in
                                                                                  told.enterprises],
        "rules": dict(told.rules),
    }  # fmt: skip
