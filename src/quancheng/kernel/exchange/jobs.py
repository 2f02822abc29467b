"""Queued work of the exchange: sending to receivers."""

from __future__ import annotations

import uuid

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.kernel.exchange.webhooks import services


# Receivers may be slow: never beside the queue that people wait for.
@app.task(name="exchange.send_webhook", queue="slow")
def send_webhook(delivery_id: str) -> None:
    services.attempt(delivery_id=uuid.UUID(delivery_id), now=timezone.now())
