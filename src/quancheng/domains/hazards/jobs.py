"""The clock of hidden dangers."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.hazards.services.rechecks import draw_rechecks


@app.periodic(cron="40 5 * * *", periodic_id="hazards.rechecks")
@app.task(name="hazards.rechecks", queue="clock", queueing_lock="hazards.rechecks")
def rechecks(timestamp: int) -> None:
    draw_rechecks(now=timezone.now())
