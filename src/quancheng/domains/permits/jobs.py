"""The clock of permits."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.permits.services.clock import keep_time


@app.periodic(cron="* * * * *", periodic_id="permits.clock")
@app.task(name="permits.clock", queue="clock", queueing_lock="permits.clock")
def clock(timestamp: int) -> None:
    keep_time(now=timezone.now())
