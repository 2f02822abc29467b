"""The clock of monitoring."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.monitoring.services.alarm_months import keep_past, keep_running


@app.periodic(cron="20 * * * *", periodic_id="monitoring.alarm_month")
@app.task(name="monitoring.alarm_month", queue="clock", queueing_lock="monitoring.alarm_month")
def alarm_month(timestamp: int) -> None:
    """Each hour: the sums of the month that runs."""
    keep_running(now=timezone.now())


@app.periodic(cron="50 2 * * *", periodic_id="monitoring.alarm_months")
@app.task(name="monitoring.alarm_months", queue="clock", queueing_lock="monitoring.alarm_months")
def alarm_months(timestamp: int) -> None:
    """Each night: those of past months, until nothing of them changes any more."""
    keep_past(now=timezone.now())
