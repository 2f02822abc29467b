"""The clock of permits."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.permits.services.auditing import audit_all
from quancheng.domains.permits.services.clock import keep_time
from quancheng.domains.permits.services.filings import keep_filings
from quancheng.domains.permits.services.spot import draw_daily


@app.periodic(cron="* * * * *", periodic_id="permits.clock")
@app.task(name="permits.clock", queue="clock", queueing_lock="permits.clock")
def clock(timestamp: int) -> None:
    keep_time(now=timezone.now())


@app.periodic(cron="20 2 * * *", periodic_id="permits.audits")
@app.task(name="permits.audits", queue="slow", queueing_lock="permits.audits")
def audits(timestamp: int) -> None:
    audit_all(now=timezone.now())


@app.periodic(cron="*/10 * * * *", periodic_id="permits.spot_draw")
@app.task(name="permits.spot_draw", queue="clock", queueing_lock="permits.spot_draw")
def spot_draw(timestamp: int) -> None:
    draw_daily(now=timezone.now())


@app.periodic(cron="*/10 * * * *", periodic_id="permits.filings")
@app.task(name="permits.filings", queue="clock", queueing_lock="permits.filings")
def filings(timestamp: int) -> None:
    keep_filings(now=timezone.now())
