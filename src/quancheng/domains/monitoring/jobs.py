"""The slower clock of monitoring: what needs no second."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.monitoring.services.dangers import look_for_dangers
from quancheng.domains.monitoring.services.warning_clock import watch_all


@app.periodic(cron="* * * * *", periodic_id="monitoring.warnings")
@app.task(name="monitoring.warnings", queue="clock", queueing_lock="monitoring.warnings")
def warnings(timestamp: int) -> None:
    """Each minute: what time alone brings; what alarms bring is judged by the clock of alarms at once."""
    watch_all(now=timezone.now())


@app.periodic(cron="*/5 * * * *", periodic_id="monitoring.dangers")
@app.task(name="monitoring.dangers", queue="clock", queueing_lock="monitoring.dangers")
def dangers(timestamp: int) -> None:
    look_for_dangers(now=timezone.now())
