"""Sanctions to test, who stands ready for a rescue and who is inside, read over REST. No person is named."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from quancheng.domains.permits.loops.sanction import SANCTION
from quancheng.domains.permits.models import RescueReadiness
from quancheng.domains.permits.queries import sanctions as queries
from quancheng.domains.permits.queries.permits import get_permit
from quancheng.domains.permits.queries.rescue import rescues_of
from quancheng.domains.permits.queries.staying import stays_of
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class SanctionsIn(Paging):
    """Which sanctions are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    status: str = one_of(SANCTION.codes)


class SanctionOut(Schema):
    """A sanction to lift points of isolation for a test; times aware. GRANTED: the points are open until ``ends_at``;
    RESTORING: the test is over, and they are applied and verified anew before anything goes on."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    permit_id: uuid.UUID
    status: str
    purpose: str
    ends_at: datetime
    asked_at: datetime
    granted_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None


class SanctionWholeOut(SanctionOut):
    """One with the tags of its points, and of how many permits the crews are clear of how many."""

    points: list[str]
    permits: int
    clear: int


@router.get(
    "/sanctions",
    response={200: Page[SanctionOut], **REFUSALS},
    operation_id="list_sanctions",
    summary="Sanctions to test with lifted isolation, the newest first",
)
def list_sanctions(request: HttpRequest, given: Query[SanctionsIn]) -> dict[str, Any]:
    rows = queries.list_sanctions(actor=actor_of(request))
    asked = {"file": given.enterprise_id, "permit": given.permit_id, "status": given.status}
    return page_of(narrowed(rows, asked), given)


@router.get(
    "/sanctions/{uuid:pk}",
    response={200: SanctionWholeOut, **REFUSALS},
    operation_id="get_sanction",
    summary="One sanction to test, with its points and crews",
)
def get_sanction(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row = queries.get_sanction(actor=actor_of(request), sanction_id=pk)
    told = {name: getattr(row, name) for name in SanctionOut.model_fields}
    crews = [] if row.is_closed else queries.crews_of(row)
    return told | {
        "points": sorted(one.tag for one in row.points.all()), "permits": len(crews),
        "clear": sum(one.is_clear for one in crews),
    }  # fmt: skip


class RescueOut(Schema):
    """Who stands ready to get people out of a confined space, as it was told; the newest counts. Times aware."""

    told_at: datetime
    team: str
    people: int
    air_sets: int
    drill_date: date | None
    is_confirmed: bool
    since: datetime
    until: datetime


@router.get(
    "/permits/{uuid:pk}/rescues",
    response={200: list[RescueOut], **REFUSALS},
    operation_id="list_permit_rescues",
    summary="Rescue readiness of a permit, the newest first",
)
def list_permit_rescues(request: HttpRequest, pk: uuid.UUID) -> list[RescueReadiness]:
    return list(rescues_of(get_permit(actor=actor_of(request), permit_id=pk)))


class StayOut(Schema):
    """Somebody who is inside now, by his number on the permit: since when, whole minutes, by when he is relieved."""

    person: str
    entered_at: datetime
    minutes: int
    limit_min: int
    until: datetime
    is_late: bool


@router.get(
    "/permits/{uuid:pk}/inside",
    response={200: list[StayOut], **REFUSALS},
    operation_id="list_permit_inside",
    summary="Who is in the confined space of a permit now, the longest first",
)
def list_permit_inside(request: HttpRequest, pk: uuid.UUID) -> list[dict[str, Any]]:
    permit = get_permit(actor=actor_of(request), permit_id=pk)
    return [
        {"person": one.entry.person.code, "entered_at": one.entry.entered_at, "minutes": one.minutes,
         "limit_min": one.limit_min, "until": one.until, "is_late": one.is_late}
        for one in stays_of([permit], timezone.now()).get(permit.pk, ())
    ]  # fmt: skip
