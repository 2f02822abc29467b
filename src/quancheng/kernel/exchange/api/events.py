"""Events by polling, for who cannot take webhooks."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from quancheng.kernel.events import queries
from quancheng.kernel.exchange.rest import REFUSALS, Strict
from quancheng.kernel.people.actors import actor_of

router = Router(tags=["events"])


class EventOut(Schema):
    """What happened to which row, and when; what the row says is fetched where the actor may read it."""

    id: uuid.UUID
    kind: str
    subject_type: str
    subject_id: uuid.UUID
    at: datetime


class EventsOut(Schema):
    """Events in the order in which they became certain. ``cursor`` goes into the next request's ``after``.

    ``more`` says that the next request may be sent at once; without it, wait a little.
    """

    items: list[EventOut]
    cursor: str
    more: bool


class EventsIn(Strict):
    after: str = Field("", max_length=80, description="the cursor of the last answer; empty begins with the oldest")
    kind: str = Field("*", max_length=100, description="a pattern, e.g. duty.task.*")
    limit: int = Field(100, ge=1, le=500)


@router.get(
    "/events",
    response={200: EventsOut, **REFUSALS},
    operation_id="list_events",
    summary="Events that concern rows which the actor may see, none lost",
)
def events(request: HttpRequest, given: Query[EventsIn]) -> dict[str, object]:
    found = queries.poll(actor=actor_of(request), after=given.after, pattern=given.kind, limit=given.limit)
    return {"items": found.events, "cursor": found.cursor, "more": found.more}
