"""Reports of units, period by period."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from quancheng.domains.duty.loops.report import REPORT
from quancheng.domains.duty.models import Report
from quancheng.domains.duty.queries import reports as queries
from quancheng.domains.duty.services import reports as services
from quancheng.domains.duty.services.reports import ReportText
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["duty"])
#: Keys of periods: a year, or a month, quarter, week or day of it.
PERIOD = r"^(\d{4}(-[0-9QW][0-9-]*)?)?$"


class ReportOut(Schema):
    """One unit's report for one period; ``figures`` are empty until it was submitted, and then stand."""

    id: uuid.UUID
    duty_id: uuid.UUID
    title: str = Field(alias="duty.title")
    org_id: uuid.UUID
    period: str
    label: str
    due_date: date
    status: str
    is_late: bool
    submitted_at: datetime | None
    progress: str
    results: str
    problems: str
    next_steps: str
    good_practice: str
    figures: dict[str, Any]


class ReportsIn(Paging):
    status: str = one_of(REPORT.codes)
    org_id: uuid.UUID | None = None
    period: str = Field("", pattern=PERIOD, max_length=12, description="e.g. 2026-11, 2026-Q4, 2026; empty for all")
    plan_id: uuid.UUID | None = Field(None, description="only those that this plan demands")


class ReportIn(Strict):
    progress: str = Field(min_length=1, max_length=10_000)
    results: str = Field("", max_length=10_000)
    problems: str = Field("", max_length=10_000)
    next_steps: str = Field("", max_length=10_000)
    good_practice: str = Field("", max_length=10_000)
    evidence: list[uuid.UUID] = Field(default_factory=list, max_length=50, description="files uploaded before")


@router.get(
    "/reports",
    response={200: Page[ReportOut], **REFUSALS},
    operation_id="list_reports",
    summary="Reports that the actor may see, the latest due first",
)
def list_reports(request: HttpRequest, given: Query[ReportsIn]) -> dict[str, Any]:
    rows = queries.list_reports(actor=actor_of(request))
    asked = {"status": given.status, "org": given.org_id, "period": given.period, "duty__plan": given.plan_id}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/reports/{uuid:pk}",
    response={200: ReportOut, **REFUSALS},
    operation_id="get_report",
    summary="One report",
)
def get_report(request: HttpRequest, pk: uuid.UUID) -> Report:
    return queries.get_report(actor=actor_of(request), report_id=pk)


@router.post(
    "/reports/{uuid:pk}/submit",
    response={200: ReportOut, **REFUSALS},
    operation_id="submit_report",
    summary="Submit one's unit's report; the house's figures stand from then on",
)
def submit_report(request: HttpRequest, pk: uuid.UUID, payload: ReportIn) -> Report:
    actor = actor_of(request)
    report = queries.get_report(actor=actor, report_id=pk)
    services.submit_report(
        actor=actor,
        report=report,
        text=ReportText(**payload.dict(exclude={"evidence"})),
        evidence=payload.evidence,
        now=timezone.now(),
        client_id=client_id_of(request),
    )
    return queries.get_report(actor=actor, report_id=pk)
