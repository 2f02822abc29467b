"""Publishing events and delivering them to subscribers.

An event and one queued job per subscriber are written in the act's own transaction, so that a kill between the
commit and the handler loses nothing. A handler is one own service, idempotent by the event's id.
"""

from __future__ import annotations

import fnmatch
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, Func, QuerySet, TextField, Value

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped, subject_type_of
from quancheng.kernel.access.scope import scope_of
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import NotFound
from quancheng.kernel.events.models import Delivery, Event

#: The channel on which the web processes hear of new events (PostgreSQL NOTIFY, sent at commit).
CHANNEL = "quancheng_events"
#: The channel on which they hear that places, roles, delegations or sessions changed (triggers of the database).
ACTORS_CHANNEL = "quancheng_actors"
#: After this many failures an event is shown to operators and no longer retried by itself.
MAX_ATTEMPTS = 8

Handler = Callable[[Event, datetime], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscriber: its name, the kinds it hears (a pattern like ``duty.task.*``), and what it does."""

    name: str
    pattern: str
    handler: Handler
    wanted: Callable[[], QuerySet[Any]] | None = None


_subscriptions: dict[str, Subscription] = {}


def subscribe(pattern: str, handler: Handler, *, name: str, wanted: Callable[[], QuerySet[Any]] | None = None) -> None:
    """Register a subscriber, from an app's ``ready``. The name stays the same over releases: it keys deliveries.

    :param wanted: rows one of which must exist in the act's transaction, else no job is queued for the event.
    """
    _subscriptions[name] = Subscription(name, pattern, handler, wanted)


def unsubscribe(name: str) -> None:
    """Take a subscriber out again: for tests."""
    _subscriptions.pop(name, None)


def subscribers_of(kind: str) -> list[Subscription]:
    return [item for item in _subscriptions.values() if fnmatch.fnmatchcase(kind, item.pattern)]


def publish(kind: str, row: Scoped, *, actor: Actor, now: datetime, facts: Mapping[str, Any] | None = None) -> Event:
    """Write an event and its jobs in the caller's transaction. ``facts`` hold no personal data."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs to the transaction of its act")
    event = Event.objects.create(
        kind=kind,
        subject_type=subject_type_of(row),
        subject_id=row.pk,
        scope=scope_of(row).to_dict(),
        user_id=actor.user_id,
        org_id=actor.organisation_id,
        facts=plain(dict(facts or {})),
        at=now,
    )
    names = _announce(event)
    if names:
        from quancheng.kernel.events.jobs import deliver_event

        Delivery.objects.bulk_create([Delivery(event=event, subscriber=name) for name in names])
        jobs: list[dict[str, Any]] = [{"event_id": str(event.pk), "subscriber": name} for name in names]
        deliver_event.batch_defer(*jobs)
    return event


def _announce(event: Event) -> list[str]:
    """Tell the web processes at commit, and ask in the same query which subscribers want the event."""
    subscribers = subscribers_of(event.kind)
    asked = {item.name: Exists(item.wanted()) for item in subscribers if item.wanted is not None}
    notice = Func(Value(CHANNEL), Value(str(event.pk)), function="pg_notify", output_field=TextField())
    answers = Event.objects.filter(pk=event.pk).values_list(notice, *asked.values()).get()
    wants = dict(zip(asked, answers[1:], strict=True))
    return [item.name for item in subscribers if wants.get(item.name, True)]


def deliver(*, event_id: uuid.UUID, subscriber: str, now: datetime) -> bool:
    """Run one subscriber's handler for one event, once it succeeded never again.

    The handler's writes and the mark that it is done stand in one transaction. Returns whether it ran now.
    An exception of the handler is recorded and raised again, so that the queue retries.
    """
    subscription = _subscriptions.get(subscriber)
    try:
        with transaction.atomic():
            delivery = (
                Delivery.objects.select_for_update(no_key=True)
                .select_related("event")
                .filter(event_id=event_id, subscriber=subscriber, done_at__isnull=True)
                .first()
            )
            if delivery is None:
                return False
            if subscription is None:
                raise LookupError(f"nobody subscribes as {subscriber}")
            subscription.handler(delivery.event, now)
            Delivery.objects.filter(pk=delivery.pk).update(done_at=now, attempts=F("attempts") + 1, failure="")
    except Exception as failure:
        where = traceback.extract_tb(failure.__traceback__)[-1]
        Delivery.objects.filter(event_id=event_id, subscriber=subscriber).update(
            attempts=F("attempts") + 1,
            failed_at=now,
            failure=f"{type(failure).__name__} in {where.name}:{where.lineno}"[:300],
        )
        raise
    return True


def retry_delivery(*, actor: Actor, delivery_id: int, now: datetime) -> None:
    """Queue a failed delivery anew, with all its attempts before it (重新投递).

    :raises NotPermitted: the duty is missing.
    :raises NotFound: no such delivery among those that failed for good; done ones are never run again.
    """
    actor.require("events.operate")
    from quancheng.kernel.events.jobs import deliver_event

    with transaction.atomic():
        failed = Delivery.objects.filter(pk=delivery_id, done_at__isnull=True, attempts__gte=MAX_ATTEMPTS)
        if not failed.update(attempts=0):
            raise NotFound
        delivery = Delivery.objects.get(pk=delivery_id)
        deliver_event.defer(event_id=str(delivery.event_id), subscriber=delivery.subscriber)
        journal.record(
            actor=actor,
            act="events.delivery.retry",
            subject_type="events.event",
            subject_id=delivery.event_id,
            facts={"subscriber": delivery.subscriber},
            now=now,
        )


def list_old(before: datetime) -> QuerySet[Event]:
    """For retention: events recorded before, but none that a subscriber still waits for."""
    waiting = Delivery.objects.filter(done_at__isnull=True).values("event_id")
    return Event.objects.filter(recorded_at__lt=before).exclude(pk__in=waiting)
