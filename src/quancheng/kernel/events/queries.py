"""Reads of events: what became certain since a cursor, and deliveries that failed for good."""

from __future__ import annotations

import fnmatch
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.scope import Scope, covers
from quancheng.kernel.errors import Invalid
from quancheng.kernel.events.models import Delivery, Event
from quancheng.kernel.events.services import MAX_ATTEMPTS

#: Rows looked at for one answer, whatever the actor may see of them.
MOST_SCANNED = 5000
_BATCH = 500
#: Resuming a stream goes back so far: events that were written earlier may have become certain later.
OVERLAP = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Polled:
    """One answer: events, where the next request begins, and whether there may be more at once."""

    events: list[Event]
    cursor: str
    more: bool


def horizon() -> datetime:
    """Every event written before this instant of the database's clock is certain: committed, or it never will be.

    A transaction that is still running and has written something began at its own start; what it wrote is younger.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        found: datetime = cursor.fetchone()[0]
    return found


def poll(*, actor: Actor, after: str, pattern: str = "*", limit: int = 100) -> Polled:
    """Events of rows that the actor may see, in the order of writing, each once and none left out.

    :param after: the cursor of the former answer; empty begins with the oldest event kept.
    :raises Invalid: the cursor is not one of ours.
    """
    certain = horizon()
    at, last = _read_cursor(after)
    found: list[Event] = []
    for _round in range(MOST_SCANNED // _BATCH):
        rows = list(_after(at, last).filter(recorded_at__lt=certain)[:_BATCH])
        for row in rows:
            at, last = row.recorded_at, row.pk
            if fnmatch.fnmatchcase(row.kind, pattern) and covers(actor, Scope.from_dict(row.scope)):
                found.append(row)
                if len(found) == limit:
                    return Polled(found, _cursor(at, last), more=True)
        if len(rows) < _BATCH:
            return Polled(found, _cursor(at, last), more=False)
    return Polled(found, _cursor(at, last), more=True)


def list_by_ids(*, ids: Collection[uuid.UUID]) -> list[Event]:
    """Committed events among the ids, in the order of writing."""
    return list(Event.objects.filter(pk__in=ids).order_by("recorded_at", "pk"))


def list_since(*, event_id: uuid.UUID, limit: int) -> list[Event] | None:
    """Events since one that a browser has seen, with a short overlap; None where it is unknown or too long ago."""
    seen = Event.objects.filter(pk=event_id).values_list("recorded_at", flat=True).first()
    if seen is None:
        return None
    rows = Event.objects.filter(recorded_at__gt=seen - OVERLAP).exclude(pk=event_id)
    found = list(rows.order_by("recorded_at", "pk")[: limit + 1])
    return found if len(found) <= limit else None


def list_failed_deliveries() -> QuerySet[Delivery]:
    """Deliveries that are retried no longer, the latest first: for operators, without content."""
    failed = Delivery.objects.filter(done_at__isnull=True, attempts__gte=MAX_ATTEMPTS)
    return failed.select_related("event").order_by("-failed_at", "-pk")


def count_failed_deliveries() -> int:
    return list_failed_deliveries().order_by().count()


def visible(events: Iterable[Event], actor: Actor) -> list[Event]:
    """Those of them that the actor may know of."""
    return [event for event in events if covers(actor, Scope.from_dict(event.scope))]


def _after(at: datetime | None, last: uuid.UUID | None) -> QuerySet[Event]:
    rows = Event.objects.order_by("recorded_at", "pk")
    if at is None:
        return rows
    return rows.filter(recorded_at__gte=at).filter(Q(recorded_at__gt=at) | Q(pk__gt=last))


def _cursor(at: datetime | None, last: uuid.UUID | None) -> str:
    return "" if at is None else f"{at.isoformat()}_{last}"


def _read_cursor(text: str) -> tuple[datetime | None, uuid.UUID | None]:
    if not text:
        return None, None
    # A plus sign that was not encoded arrives as a blank.
    time, _mark, last = text.replace(" ", "+").partition("_")
    try:
        at = datetime.fromisoformat(time)
        if at.tzinfo is None:
            raise ValueError(time)
        return at, uuid.UUID(last)
    except ValueError:
        sentence = _("游标无法识别，请使用上次返回的 cursor。")
        raise Invalid(sentence, code="bad_cursor", fields={"query.after": sentence}) from None


def list_about(*, kinds: Collection[str], subject_type: str, subjects: QuerySet[Any]) -> QuerySet[Event]:
    """Events of some kinds about rows of one kind, that a query gives by their keys as far as somebody may see them."""
    return Event.objects.filter(kind__in=kinds, subject_type=subject_type, subject_id__in=subjects)
