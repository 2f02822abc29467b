"""Work plans and the cumulative picture of risk, read over REST."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from quancheng.domains.permits.queries import loads, plans
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, Strict, narrowed, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["permits"])


class WorkPlansIn(Paging):
    """Which plans are wanted."""

    enterprise_id: uuid.UUID | None = None
    day: date | None = None


class PlannedJobOut(Schema):
    """A job as sealed minutes keep it; ``decision`` AGREED, PUT_OFF, REFUSED or empty."""

    permit: uuid.UUID
    number: str
    kind: str
    level: str
    content: str
    place: str
    unit: str
    starts: datetime
    ends: datetime
    status: str
    decision: str
    reason: str
    put_off_to: str


class WorkPlanOut(Schema):
    """A day's plan. ``jobs`` and ``seal`` are filled when its minutes are sealed."""

    id: uuid.UUID
    enterprise_id: uuid.UUID
    day: date
    minutes: str
    sealed_at: datetime | None
    seal: str
    jobs: list[PlannedJobOut]


class UnitLoadsIn(Strict):
    """Of one enterprise, or of all that the caller sees."""

    enterprise_id: uuid.UUID | None = None


class UnitLoadOut(Schema):
    """What is open at one unit now. ``alarms`` are of permits, ``alarms_beside`` of monitoring; ``is_stopped``: it gets
    no new permit."""

    unit_id: uuid.UUID
    unit: str
    enterprise_id: uuid.UUID
    permits: int
    orders: int
    alarms: int
    alarms_beside: int
    isolations: int
    dangers: int
    total: int
    colour: str
    is_stopped: bool


@router.get("/work-plans", response={200: Page[WorkPlanOut], **REFUSALS}, operation_id="list_work_plans",
            summary="Plans of days, the newest first")  # fmt: skip
def list_work_plans(request: HttpRequest, given: Query[WorkPlansIn]) -> dict[str, Any]:
    rows = plans.list_plans(actor=actor_of(request))
    return page_of(narrowed(rows, {"file": given.enterprise_id, "day": given.day}), given)


@router.get("/unit-loads", response={200: list[UnitLoadOut], **REFUSALS}, operation_id="list_unit_loads",
            summary="What is open at each unit at once, the most first")  # fmt: skip
def list_unit_loads(request: HttpRequest, given: Query[UnitLoadsIn]) -> list[dict[str, Any]]:
    found = loads.list_loads(actor=actor_of(request), now=timezone.now(), file=given.enterprise_id)
    return [
        {
            "unit_id": one.unit.pk, "unit": str(one.unit), "enterprise_id": one.unit.file_id,
            "permits": len(one.permits), "orders": len(one.orders), "alarms": len(one.alarms),
            "alarms_beside": one.alarms_beside, "isolations": len(one.isolations), "dangers": one.dangers,
            "total": one.total, "colour": one.colour, "is_stopped": one.is_stopped,
        }
        for one in found
    ]  # fmt: skip
