"""Queued work of the exchange: sending to receivers, and clearing out."""

from __future__ import annotations

import uuid

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.kernel.exchange.imports import services as imports
from quancheng.kernel.exchange.webhooks import services


# Receivers may be slow: never beside the queue that people wait for.
@app.task(name="exchange.send_webhook", queue="slow")
def send_webhook(delivery_id: str) -> None:
    services.attempt(delivery_id=uuid.UUID(delivery_id), now=timezone.now())


@app.periodic(cron="50 3 * * *", periodic_id="exchange.clear_out_imports")
@app.task(name="exchange.clear_out_imports", queue="clock")
def clear_out_imports(timestamp: int) -> None:
    imports.clear_out(now=timezone.now())
