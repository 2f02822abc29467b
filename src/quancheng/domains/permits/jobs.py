"""The clock of permits."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.permits.services.auditing import audit_all
from quancheng.domains.permits.services.working import keep_time


@app.periodic(cron="* * * * *", periodic_id="permits.clock")
@app.task(name="permits.clock", queue="clock", queueing_lock="permits.clock")
def clock(timestamp: int) -> None:
    keep_time(now=timezone.now())


@app.periodic(cron="20 2 * * *", periodic_id="permits.audits")
@app.task(name="permits.audits", queue="slow", queueing_lock="permits.audits")
def audits(timestamp: int) -> None:
    audit_all(now=timezone.now())
