"""The job that delivers an event; queued in the transaction that publishes it."""

from __future__ import annotations

import uuid

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from quancheng.kernel.events.services import MAX_ATTEMPTS, deliver


@app.task(
    name="events.deliver",
    queue="now",
    retry=RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=3),
)
def deliver_event(event_id: str, subscriber: str) -> None:
    deliver(event_id=uuid.UUID(event_id), subscriber=subscriber, now=timezone.now())
