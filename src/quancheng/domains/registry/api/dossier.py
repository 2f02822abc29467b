"""One enterprise's whole file as a PDF, made in the background; and what happened to it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from quancheng.domains.registry.queries import enterprises, timeline
from quancheng.domains.registry.services.dossier import ask_for_dossier
from quancheng.kernel.exchange.rest import REFUSALS, Strict, client_id_of, one_of
from quancheng.kernel.longwork.api import WorkOut
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["registry"])


class TimelineEventOut(Schema):
    """One thing that happened. ``what`` is its source's own code: an act of the journal, ``move>state`` of a loop."""

    at: datetime
    group: str
    what: str
    by: str
    subject: uuid.UUID | None = Field(description="the row it is about, where it has one")


class TimelineOut(Schema):
    items: list[TimelineEventOut]
    has_more: bool


class TimelineIn(Strict):
    group: str = one_of(timeline.GROUPS)
    offset: int = Field(0, ge=0, le=timeline.LAST)


@router.post(
    "/enterprises/{uuid:pk}/dossier",
    response={202: WorkOut, **REFUSALS},
    operation_id="export_enterprise_file",
    summary="The whole file as one PDF, in the language asked for; /long-work says when it is there",
)
def export_file(request: HttpRequest, pk: uuid.UUID) -> Status[LongWork]:
    actor = actor_of(request)
    file = enterprises.get_enterprise(actor=actor, file_id=pk)
    work = ask_for_dossier(actor=actor, file=file, now=timezone.now(), client_id=client_id_of(request))
    return Status(202, work)


@router.get(
    "/enterprises/{uuid:pk}/timeline",
    response={200: TimelineOut, **REFUSALS},
    operation_id="list_enterprise_events",
    summary="What happened to an enterprise, the newest first, 50 at a time",
)
def list_events(request: HttpRequest, pk: uuid.UUID, given: Query[TimelineIn]) -> dict[str, Any]:
    actor = actor_of(request)
    file = enterprises.get_enterprise(actor=actor, file_id=pk)
    items, has_more = timeline.timeline(actor=actor, file=file, group=given.group, first=given.offset)
    return {"items": items, "has_more": has_more}
