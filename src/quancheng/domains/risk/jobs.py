"""The clock of risk."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.risk.services.regrading import look_at_gradings


@app.periodic(cron="10 4 * * *", periodic_id="risk.gradings")
@app.task(name="risk.gradings", queue="clock", queueing_lock="risk.gradings")
def gradings(timestamp: int) -> None:
    look_at_gradings(now=timezone.now())
