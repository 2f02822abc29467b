"""Signed statistics for programs: reports owed and handed over, one with its figures, signing, taking in."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from quancheng.domains.hazards.loops.signed_statistics import SIGNED_STATISTICS
from quancheng.domains.hazards.models import StatisticsKind, StatisticsReport
from quancheng.domains.hazards.queries import signed_statistics as queries
from quancheng.domains.hazards.services import signed_statistics as services
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["hazards"])


class StatisticsReportOut(Schema):
    """The statistics of a quarter or year; ``signed_at`` is empty while they are owed."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    kind: str
    title: str
    first_date: date
    last_date: date
    due_date: date
    status: str
    signed_name: str
    signed_at: datetime | None
    is_late: bool
    is_corrected: bool
    returned_reason: str


class StatisticsFigureOut(Schema):
    """One figure as text: as the system counts or counted it, as it was signed, the difference and why."""

    code: str
    label: str
    proposed: str
    signed: str
    difference: str
    reason: str


class StatisticsReportFullOut(StatisticsReportOut):
    note: str
    figures: list[StatisticsFigureOut]


class StatisticsReportsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    kind: str = one_of(StatisticsKind.values)
    status: str = one_of(SIGNED_STATISTICS.codes)
    late: bool = Field(False, description="only those not signed in time")


class StatisticsFigureIn(Strict):
    code: str = Field(min_length=1, max_length=30)
    value: Decimal = Field(ge=0, lt=services.MOST, max_digits=13, decimal_places=2)
    reason: str = Field("", max_length=300)


class StatisticsSignIn(Strict):
    """Figures that differ from what the system counts; all others are taken as counted."""

    signed: str = Field(min_length=1, max_length=130)
    note: str = Field("", max_length=1000)
    corrections: list[StatisticsFigureIn] = Field(default_factory=list, max_length=40)


class StatisticsJudgeIn(Strict):
    accepted: bool
    reason: str = Field("", max_length=1000, description="needed where it is returned")


@router.get("/statistics-reports", response={200: Page[StatisticsReportOut], **REFUSALS},
            operation_id="list_statistics_reports", summary="Signed statistics, open ones first")  # fmt: skip
def list_statistics_reports(request: HttpRequest, given: Query[StatisticsReportsIn]) -> dict[str, Any]:
    rows = queries.list_reports(actor=actor_of(request))
    if given.late:
        rows = rows.filter(queries.late(Calendar().local_date(timezone.now())))
    asked = {"file": given.enterprise_id, "kind": given.kind, "status": given.status}
    return page_of(narrowed(rows, asked), given)


@router.get("/statistics-reports/{uuid:pk}", response={200: StatisticsReportFullOut, **REFUSALS},
            operation_id="get_statistics_report", summary="One report with its figures")  # fmt: skip
def get_statistics_report(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return _full(queries.get_report(actor=actor_of(request), report_id=pk))


@router.post("/statistics-reports/{uuid:pk}/sign", response={200: StatisticsReportFullOut, **REFUSALS},
             operation_id="sign_statistics_report", summary="Sign the figures and hand them over")  # fmt: skip
def sign_statistics_report(request: HttpRequest, pk: uuid.UUID, payload: StatisticsSignIn) -> dict[str, Any]:
    actor = actor_of(request)
    row = queries.get_report(actor=actor, report_id=pk)
    figures = queries.propose(row.file_id, row.first_date, row.last_date)
    reasons: dict[str, str] = {}
    for one in payload.corrections:
        if one.code not in figures:
            raise Invalid(fields={"corrections": _("没有%(code)s这个统计指标。") % {"code": one.code}})
        whole = one.code != queries.COST and one.value == one.value.to_integral_value()
        figures[one.code] = int(one.value) if whole else one.value
        reasons[one.code] = one.reason
    services.sign_report(actor=actor, row=row, figures=figures, reasons=reasons, signed=payload.signed,
                         note=payload.note, now=timezone.now(), client_id=client_id_of(request))  # fmt: skip
    return _full(row)


@router.post("/statistics-reports/{uuid:pk}/judge", response={200: StatisticsReportFullOut, **REFUSALS},
             operation_id="judge_statistics_report", summary="Take a signed report in, or return it")  # fmt: skip
def judge_statistics_report(request: HttpRequest, pk: uuid.UUID, payload: StatisticsJudgeIn) -> dict[str, Any]:
    actor, now, client_id = actor_of(request), timezone.now(), client_id_of(request)
    row = queries.get_report(actor=actor, report_id=pk)
    if payload.accepted:
        services.accept_report(actor=actor, row=row, now=now, client_id=client_id)
    else:
        services.return_report(actor=actor, row=row, reason=payload.reason, now=now, client_id=client_id)
    return _full(row)


def _full(row: StatisticsReport) -> dict[str, Any]:
    told = StatisticsReportOut.from_orm(row).dict(by_alias=True)
    figures = [StatisticsFigureOut.from_orm(one) for one in queries.lines_of(row)]
    return {**told, "note": row.note, "figures": figures}
