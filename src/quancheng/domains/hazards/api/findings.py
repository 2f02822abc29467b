"""Hidden dangers for programs: the list, one of them, reporting one, and the counts of a period."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.hazards.loops.finding import FINDING, OFFICIAL
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries import findings as queries
from quancheng.domains.hazards.queries.statistics import counts
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
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
    is_repeat: bool
    weight: int = Field(description="how often it counts where units are scored: a repeated one twice")
    finished_at: datetime | None
    accepted_at: datetime | None
    closed_at: datetime | None

    @staticmethod
    def resolve_official_state(obj: Finding) -> int | None:
        return OFFICIAL[obj.status]


class HiddenDangersIn(Paging):
    enterprise_id: uuid.UUID | None = None
    status: str = one_of(FINDING.codes)
    channel: str = one_of(_codes("channel"))
    major: bool = Field(False, description="only major ones")
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
    found_at: datetime | None = Field(None, description="now where nothing is told")
    source: str = one_of(_codes("source"), default="daily")
    type: str = one_of(_codes("type"), default="other")
    is_major: bool = False
    criterion: str = Field("", max_length=12)
    checklist_item: str = Field("", max_length=12)
    photo_ids: list[uuid.UUID] = Field(
        default_factory=list, max_length=20, description="files that were uploaded before"
    )


class CountsIn(Strict):
    first: date
    last: date


@router.get("/findings", response={200: Page[HiddenDangerOut], **REFUSALS}, operation_id="list_findings",
            summary="Hidden dangers that the actor may see, the newest first")  # fmt: skip
def list_findings(request: HttpRequest, given: Query[HiddenDangersIn]) -> dict[str, Any]:
    rows = queries.list_findings(actor=actor_of(request))
    if given.major:
        rows = rows.filter(is_major=True)
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
    actor = actor_of(request)
    file = get_enterprise(actor=actor, file_id=pk)
    known = payload.dict()
    photos = tuple(known.pop("photo_ids"))
    unit = among(queries.units_of(file), known.pop("unit_id"), "unit_id")
    measure = among(queries.measures_of(file), known.pop("measure_id"), "measure_id")
    spec = FindingSpec(unit=unit, measure=measure, photos=photos, **known)
    made = report_finding(actor=actor, file=file, spec=spec, now=timezone.now(), client_id=client_id_of(request))
    return Status(201, made)


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
