"""Hidden dangers for programs: the list, one of them, reporting one, and the counts of a period."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from quancheng.domains.hazards.loops.finding import FINDING, NO_DANGER, OFFICIAL
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries import findings as queries
from quancheng.domains.hazards.queries.hand_overs import handed_over
from quancheng.domains.hazards.queries.statistics import counts
from quancheng.domains.hazards.services.findings import FindingSpec, finish_finding, report_finding
from quancheng.domains.hazards.services.learning import told_in_lines
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, StaleState
from quancheng.kernel.exchange.rest import (
    REFUSALS,
    Page,
    Paging,
    Strict,
    among,
    narrowed,
    one_of,
    only_once,
    page_of,
)
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.phone.api import DeviceIn
from quancheng.standards.hidden_dangers.kinds import code_list

router = Router(tags=["hazards"])


def _codes(name: str) -> list[str]:
    return [one.code for one in code_list(name).items]


class HiddenDangerOut(Schema):
    """A hidden danger. ``official_state`` is that of the exchange spec: 0 being put right, 1 waiting, 9 accepted."""

    id: uuid.UUID
    code: str
    enterprise_id: uuid.UUID = Field(alias="file_id")
    name: str
    description: str
    place: str
    unit_id: uuid.UUID | None
    measure_id: uuid.UUID | None
    status: str
    official_state: int | None
    is_major: bool
    grade: str
    criterion: str
    checklist_item: str
    source: str
    channel: str
    type: str
    is_by_regulator: bool
    found_at: datetime
    deadline: date | None
    extension_count: int
    is_planned: bool
    stop: str = Field(description="how far work stops for it: none, part, all")
    is_stopped: bool = Field(description="work stands still until the regulator allows it to go on")
    resumed_at: datetime | None
    supervisor_id: uuid.UUID
    is_repeat: bool
    weight: int = Field(description="how often it counts where units are scored: a repeated one twice")
    finished_at: datetime | None
    accepted_at: datetime | None
    closed_at: datetime | None
    version: str = Field(description="changes with what it says and how far it is; goes into based_on of an act")

    @staticmethod
    def resolve_version(obj: Finding) -> str:
        return queries.version_of(obj)

    @staticmethod
    def resolve_official_state(obj: Finding) -> int | None:
        return OFFICIAL[obj.status]


class HiddenDangersIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(FINDING.codes)
    channel: str = one_of(_codes("channel"))
    major: bool = Field(False, description="only major ones")
    handed_over: bool = Field(False, description="only those that went, or wait to go, to another body")
    stopped: bool = Field(False, description="only those for which work stands still")
    found_from: date | None = None
    found_to: date | None = None


class HiddenDangerIn(Strict):
    name: str = Field(min_length=1, max_length=300)
    description: str = Field("", max_length=4000)
    place: str = Field("", max_length=200)
    unit_id: uuid.UUID | None = Field(None, description="a risk unit of the enterprise")
    measure_id: uuid.UUID | None = Field(None, description="the measure of that unit which failed")
    lon: Decimal | None = Field(None, ge=-180, le=180, decimal_places=6)
    lat: Decimal | None = Field(None, ge=-90, le=90, decimal_places=6)
    found_at: AwareDatetime | None = Field(None, description="now where nothing is told")
    source: str = one_of(_codes("source"), default="daily")
    type: str = one_of(_codes("type"), default="other")
    is_major: bool = False
    criterion: str = Field("", max_length=12)
    checklist_item: str = Field("", max_length=12)
    photo_ids: list[uuid.UUID] = Field(
        default_factory=list, max_length=20, description="files that were uploaded before"
    )
    device: DeviceIn | None = Field(None, description="the clock of a device that had no line; then found_at is its")


class LessonIn(Strict):
    """What a graver danger teaches, as on the page: a why a line, a place with its result (“部位：结果”) a line."""

    whys: str = Field("", max_length=2000)
    places: str = Field("", max_length=4000)
    rule: str = Field("", max_length=500)
    procedure: str = Field("", max_length=500)
    training: str = Field("", max_length=500)
    tell: str = Field("", max_length=500)


class FinishIn(Strict):
    """That a danger is put right. ``based_on`` is the version that the person had before him, where he had one."""

    result: str = Field(min_length=1, max_length=4000)
    lesson: LessonIn | None = Field(None, description="of a graver danger")
    photo_ids: list[uuid.UUID] = Field(default_factory=list, max_length=20)
    based_on: str = Field("", max_length=64, description="version; another one that stands is answered as 409")
    device: DeviceIn | None = None


class CountsIn(Strict):
    first: date
    last: date


@router.get("/findings", response={200: Page[HiddenDangerOut], **REFUSALS}, operation_id="list_findings",
            summary="Hidden dangers that the actor may see, the newest first")  # fmt: skip
def list_findings(request: HttpRequest, given: Query[HiddenDangersIn]) -> dict[str, Any]:
    rows = queries.list_findings(actor=actor_of(request))
    if given.major:
        rows = rows.filter(is_major=True)
    if given.handed_over:
        rows = rows.filter(handed_over())
    if given.stopped:
        rows = rows.exclude(stop="none").exclude(status__in=("DRAFT", *NO_DANGER)).filter(resumed_at__isnull=True)
    calendar = Calendar()
    asked: dict[str, Any] = {"file": given.enterprise_id, "status": given.status, "channel": given.channel}
    if given.found_from:
        asked["found_at__gte"] = calendar.start_of(given.found_from)
    if given.found_to:
        asked["found_at__lte"] = calendar.end_of(given.found_to)
    return page_of(narrowed(rows, asked), given)


@router.post("/enterprises/{uuid:pk}/findings", response={201: HiddenDangerOut, **REFUSALS},
             operation_id="report_finding", summary="Report a hidden danger found in an enterprise")  # fmt: skip
def report(request: HttpRequest, pk: uuid.UUID, payload: HiddenDangerIn) -> Status[Finding]:
    actor, now = actor_of(request), timezone.now()
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict(exclude={"device", "photo_ids"})
    body = {"enterprise": pk, **known, "photo_ids": payload.photo_ids}

    def make() -> uuid.UUID:
        unit = among(queries.units_of(file), known.pop("unit_id"), "unit_id")
        measure = among(queries.measures_of(file), known.pop("measure_id"), "measure_id")
        device = payload.device.time(now) if payload.device else None
        spec = FindingSpec(unit=unit, measure=measure, photos=tuple(payload.photo_ids), device=device, **known)
        return report_finding(actor=actor, file=file, spec=spec, now=now).pk

    made = only_once(request, actor=actor, act="hazards.finding.report", body=body, make=make)
    return Status(201, queries.get_finding(actor=actor, finding_id=made))


@router.post("/findings/{uuid:pk}/finish", response={200: HiddenDangerOut, **REFUSALS}, operation_id="finish_finding",
             summary="Say that a hidden danger is put right, with photos of after")  # fmt: skip
def finish(request: HttpRequest, pk: uuid.UUID, payload: FinishIn) -> Finding:
    """Nothing is written over: where it changed since ``based_on``, 409 ``changed_meanwhile`` tells what stands."""
    actor, now = actor_of(request), timezone.now()
    row = queries.get_finding(actor=actor, finding_id=pk)
    body = {"finding": pk, **payload.dict(exclude={"device", "based_on"})}

    def make() -> uuid.UUID:
        if payload.based_on and payload.based_on != queries.version_of(row):
            raise StaleState(
                _("该隐患在您离线期间已被修改，请核对后决定是否仍然提交。"), code="changed_meanwhile",
                facts={"stands": queries.shown_of(row)},
            )  # fmt: skip
        device = payload.device.time(now) if payload.device else None
        return finish_finding(
            actor=actor, row=row, result=payload.result, photos=payload.photo_ids, now=now, device=device,
            lesson=told_in_lines(payload.lesson.dict()) if payload.lesson else None,
        ).pk  # fmt: skip

    only_once(request, actor=actor, act="hazards.finding.finish", body=body, make=make)
    return queries.get_finding(actor=actor, finding_id=pk)


@router.get("/findings/{uuid:pk}", response={200: HiddenDangerOut, **REFUSALS}, operation_id="get_finding",
            summary="One hidden danger")  # fmt: skip
def get_finding(request: HttpRequest, pk: uuid.UUID) -> Finding:
    return queries.get_finding(actor=actor_of(request), finding_id=pk)


@router.get("/findings-counts", response={200: dict[str, Decimal | int | None], **REFUSALS},
            operation_id="count_findings", summary="Counts of a period for the indicators")  # fmt: skip
def count_findings(request: HttpRequest, given: Query[CountsIn]) -> dict[str, Any]:
    if given.last < given.first:
        raise Invalid(fields={"last": "before first"})
    today = Calendar().local_date(timezone.now())
    return dict(counts(actor=actor_of(request), first=given.first, last=given.last, today=today))
