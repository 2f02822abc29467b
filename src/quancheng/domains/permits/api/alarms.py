"""Work alarms (作业报警) read over REST. No person's name is told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from quancheng.domains.permits.loops.alarm import ALARM
from quancheng.domains.permits.models import AlarmSource, WorkAlarm
from quancheng.domains.permits.queries import alarms as queries
from quancheng.kernel.exchange.rest import REFUSALS, Page, Paging, narrowed, one_of, page_of
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.aq3064 import alarm_codes

router = Router(tags=["permits"])


class WorkAlarmsIn(Paging):
    """Which alarms are wanted."""

    enterprise_id: uuid.UUID | None = None
    permit_id: uuid.UUID | None = None
    code: str = one_of(alarm_codes())
    status: str = one_of(ALARM.codes)
    source: str = one_of(AlarmSource.values)


class WorkAlarmOut(Schema):
    """One alarm of one permit. ``level`` 1 is acknowledged within two minutes, 2 within ten."""

    id: uuid.UUID
    permit_id: uuid.UUID
    enterprise_id: uuid.UUID
    code: str
    level: int
    source: str
    words: str
    status: str
    began_at: datetime
    last_at: datetime
    count: int
    ended_at: datetime | None
    ack_by: datetime
    acked_at: datetime | None
    result: str
    closed_at: datetime | None


@router.get("/alarms", response={200: Page[WorkAlarmOut], **REFUSALS}, operation_id="list_work_alarms",
            summary="Alarms of special work, open ones first")  # fmt: skip
def list_work_alarms(request: HttpRequest, given: Query[WorkAlarmsIn]) -> dict[str, Any]:
    asked = {"enterprise": given.enterprise_id, "permit": given.permit_id, "code": given.code, "status": given.status,
             "source": given.source}  # fmt: skip
    return page_of(narrowed(queries.list_alarms(actor=actor_of(request)), asked), given)


@router.get("/alarms/{uuid:pk}", response={200: WorkAlarmOut, **REFUSALS}, operation_id="get_work_alarm",
            summary="One alarm of special work and what was done about it")  # fmt: skip
def get_work_alarm(request: HttpRequest, pk: uuid.UUID) -> WorkAlarm:
    return queries.get_alarm(actor=actor_of(request), alarm_id=pk)
