"""Outages, planned offline periods, rates and scores for programs (断线、停用报备、在线率、数据质量评分)."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.monitoring.loops.outages import OUTAGE
from quancheng.domains.monitoring.models import Cause, OfflineNotice, Outage, OutageKind, PlannedReason
from quancheng.domains.monitoring.queries import outages as queries
from quancheng.domains.monitoring.queries.rates import file_days, list_connection
from quancheng.domains.monitoring.queries.scores import list_scores
from quancheng.domains.monitoring.queries.sources import get_source
from quancheng.domains.monitoring.services import offline_notices, outages
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, client_id_of, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])
#: Longest span of days in one answer.
MOST_DAYS = 400


class OutageOut(Schema):
    """An outage. ``tags``: numbers of the silent tags; empty of a source. ``ended_at``: empty while it lasts."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    source_id: uuid.UUID
    facility_id: uuid.UUID | None
    kind: str
    tags: list[int]
    title: str
    status: str
    began_at: datetime
    ended_at: datetime | None
    due_at: datetime
    told_at: datetime | None
    cause: str
    measures: str


class OutagesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None
    kind: str = one_of(OutageKind.values)
    status: str = one_of(OUTAGE.codes)
    is_running: bool | None = Field(None, description="whether it lasts")


class StateOutageIn(Strict):
    cause: str = one_of(Cause.values, default=None)
    measures: str = Field(min_length=1, max_length=1000)


class OfflineNoticeOut(Schema):
    """A planned offline period. ``tags``: numbers; empty: all of the source."""

    id: uuid.UUID
    enterprise_id: uuid.UUID = Field(alias="file_id")
    source_id: uuid.UUID
    tags: list[int]
    begins_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None
    reason: str
    detail: str
    measures: str
    is_long: bool
    is_often: bool
    created_at: datetime


class OfflineNoticesIn(Paging):
    enterprise_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None
    is_long: bool | None = None
    is_often: bool | None = None


class FileNoticeIn(Strict):
    tags: list[int] = Field(default_factory=list, max_length=5000, description="numbers; empty: all of the source")
    begins_at: datetime
    ends_at: datetime
    reason: str = one_of(PlannedReason.values, default=None)
    detail: str = Field(min_length=1, max_length=500)
    measures: str = Field(min_length=1, max_length=1000)


class ConnectionOut(Schema):
    """How an enterprise is connected; rates in per cent, null where nothing was due."""

    enterprise_id: uuid.UUID = Field(alias="pk")
    sources: int
    online: int
    live_tags: int
    silent: int
    is_off: bool
    rate_1: float | None
    rate_30: float | None

    @staticmethod
    def resolve_sources(row: Any) -> int:
        return row.linked or 0

    @staticmethod
    def resolve_online(row: Any) -> int:
        return row.on_line or 0

    @staticmethod
    def resolve_live_tags(row: Any) -> int:
        return row.live_tags or 0

    @staticmethod
    def resolve_silent(row: Any) -> int:
        return row.silent or 0


class FileDayOut(Schema):
    day: date
    tags: int
    due_min: int
    valid_min: int
    planned_min: int


class RatesIn(Schema):
    first: date | None = Field(None, description="the first day; 30 days ago where none is told")
    last: date | None = Field(None, description="the last day; yesterday where none is told")


class ScoreOut(Schema):
    """The newest score of a source, 0 to 100."""

    source_id: uuid.UUID
    day: date
    score: int
    deductions: list[dict[str, Any]]
    tags: int
    readings: int
    expected: int
    late: int
    clock_ms: int | None


class ScoresIn(Paging):
    enterprise_id: uuid.UUID | None = None
    below: int | None = Field(None, ge=0, le=100)


@router.get("/outages", response={200: Page[OutageOut], **REFUSALS}, operation_id="list_outages",
            summary="What is silent and was, of the enterprises that the actor may see")  # fmt: skip
def list_outages(request: HttpRequest, given: Query[OutagesIn]) -> dict[str, Any]:
    rows = narrowed(queries.list_outages(actor=actor_of(request)), {
        "file": given.enterprise_id, "source": given.source_id, "kind": given.kind, "status": given.status,
    })  # fmt: skip
    return page_of(rows if given.is_running is None else rows.filter(ended_at__isnull=given.is_running), given)


@router.get("/outages/{uuid:pk}", response={200: OutageOut, **REFUSALS}, operation_id="get_outage",
            summary="One outage")  # fmt: skip
def get_outage(request: HttpRequest, pk: uuid.UUID) -> Outage:
    return queries.get_outage(actor=actor_of(request), outage_id=pk)


@router.post("/outages/{uuid:pk}/cause", response={200: OutageOut, **REFUSALS}, operation_id="state_outage",
             summary="State why something is silent, or was, and what is done")  # fmt: skip
def state_outage(request: HttpRequest, pk: uuid.UUID, payload: StateOutageIn) -> Outage:
    actor = actor_of(request)
    row = queries.get_outage(actor=actor, outage_id=pk)
    return outages.state_cause(actor=actor, row=row, cause=payload.cause, measures=payload.measures,
                               now=timezone.now(), client_id=client_id_of(request))  # fmt: skip


@router.get("/offline-notices", response={200: Page[OfflineNoticeOut], **REFUSALS},
            operation_id="list_offline_notices", summary="Planned offline periods, the latest first")  # fmt: skip
def list_offline_notices(request: HttpRequest, given: Query[OfflineNoticesIn]) -> dict[str, Any]:
    return page_of(narrowed(queries.list_notices(actor=actor_of(request)), {
        "file": given.enterprise_id, "source": given.source_id, "is_long": given.is_long, "is_often": given.is_often,
    }), given)  # fmt: skip


@router.get("/offline-notices/{uuid:pk}", response={200: OfflineNoticeOut, **REFUSALS},
            operation_id="get_offline_notice", summary="One planned offline period")  # fmt: skip
def get_offline_notice(request: HttpRequest, pk: uuid.UUID) -> OfflineNotice:
    return queries.get_notice(actor=actor_of(request), notice_id=pk)


@router.post("/sources/{uuid:pk}/offline-notices", response={201: OfflineNoticeOut, **REFUSALS},
             operation_id="file_offline_notice",
             summary="Tell beforehand that a source, or some of its tags, will be silent")  # fmt: skip
def file_offline_notice(request: HttpRequest, pk: uuid.UUID, payload: FileNoticeIn) -> Status[OfflineNotice]:
    actor = actor_of(request)
    source = get_source(actor=actor, source_id=pk)
    row = offline_notices.file_notice(actor=actor, source=source, tags=payload.tags, known=payload.dict(),
                                      now=timezone.now(), client_id=client_id_of(request))  # fmt: skip
    return Status(201, row)


@router.post("/offline-notices/{uuid:pk}/end", response={200: OfflineNoticeOut, **REFUSALS},
             operation_id="end_offline_notice", summary="End a planned offline period before its time")  # fmt: skip
def end_offline_notice(request: HttpRequest, pk: uuid.UUID) -> OfflineNotice:
    actor = actor_of(request)
    row = queries.get_notice(actor=actor, notice_id=pk)
    return offline_notices.end_notice(actor=actor, row=row, now=timezone.now())


@router.get("/connection", response={200: Page[ConnectionOut], **REFUSALS}, operation_id="list_connection",
            summary="How enterprises are connected, and their online rates")  # fmt: skip
def connection(request: HttpRequest, given: Query[Paging]) -> dict[str, Any]:
    return page_of(list_connection(actor=actor_of(request), today=Calendar().local_date(timezone.now())), given)


@router.get("/enterprises/{uuid:pk}/rates", response={200: list[FileDayOut], **REFUSALS},
            operation_id="list_enterprise_rates", summary="Minutes due and valid of an enterprise by day")  # fmt: skip
def enterprise_rates(request: HttpRequest, pk: uuid.UUID, given: Query[RatesIn]) -> Any:
    file = get_enterprise(actor=actor_of(request), file_id=pk)
    last = given.last or Calendar().local_date(timezone.now()) - timedelta(days=1)
    first = given.first or last - timedelta(days=29)
    if not timedelta(0) <= last - first <= timedelta(days=MOST_DAYS):
        raise Invalid(fields={"first": f"lies up to {MOST_DAYS} days before last"})
    return file_days(file=file, first=first, last=last)


@router.get("/scores", response={200: Page[ScoreOut], **REFUSALS}, operation_id="list_source_scores",
            summary="The newest score of each source, the lowest first")  # fmt: skip
def scores(request: HttpRequest, given: Query[ScoresIn]) -> dict[str, Any]:
    return page_of(narrowed(list_scores(actor=actor_of(request)), {
        "source__file": given.enterprise_id, "score__lt": given.below,
    }), given)  # fmt: skip
