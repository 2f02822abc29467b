"""What was found in readings that came too late (补传报警) for programs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from quancheng.domains.monitoring.models.backfill import PAST_LIMITS
from quancheng.domains.monitoring.queries.backfill import list_past_alarms as past_alarms
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["monitoring"])


class PastAlarmOut(Schema):
    """A limit that was passed in the past, in the tag's unit. ``ended_at`` null: what came does not show the end."""

    id: int
    tag_id: uuid.UUID
    limit: str
    began_at: datetime
    ended_at: datetime | None
    value: float
    limit_value: float | None
    found_at: datetime


class PastAlarmsIn(Paging):
    enterprise_id: uuid.UUID | None = None
    tag_id: uuid.UUID | None = None
    type: str = one_of([one.value for one in PAST_LIMITS], description="which limit")


@router.get("/past-alarms", response={200: Page[PastAlarmOut], **REFUSALS}, operation_id="list_past_alarms",
            summary="Limits that were passed in what sources filled up afterwards")  # fmt: skip
def list_past_alarms(request: HttpRequest, given: Query[PastAlarmsIn]) -> dict[str, Any]:
    rows = past_alarms(actor=actor_of(request))
    return page_of(narrowed(rows, {"tag__file": given.enterprise_id, "tag": given.tag_id, "limit": given.type}), given)
