"""The clock of monitoring: looks after the platform, opens and ends outages, counts rates, scores sources, warns, makes
hidden dangers of alarms, and adds up months."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.monitoring.queries.offline import just_passed
from quancheng.domains.monitoring.queries.readings import StoreAway
from quancheng.domains.monitoring.services.alarm_months import keep_past, keep_running
from quancheng.domains.monitoring.services.backfill import tell_past
from quancheng.domains.monitoring.services.bypasses import watch_bypasses
from quancheng.domains.monitoring.services.dangers import look_for_dangers
from quancheng.domains.monitoring.services.house_watch import look_after
from quancheng.domains.monitoring.services.lightning import watch_lightning
from quancheng.domains.monitoring.services.outages import keep_outages
from quancheng.domains.monitoring.services.rates import keep_days
from quancheng.domains.monitoring.services.scores import score_sources
from quancheng.domains.monitoring.services.telling_windows import tell_opened
from quancheng.domains.monitoring.services.warning_clock import watch_all
from quancheng.domains.risk.jobs import queue_index

log = logging.getLogger(__name__)
#: A run that is late by a minute still notices what passed; twice worked out is the same index.
_JUST = timedelta(minutes=2)


@app.periodic(cron="* * * * *", periodic_id="monitoring.watch")
@app.task(name="monitoring.watch", queue="clock", lock="monitoring.watch", queueing_lock="monitoring.watch")
def watch(timestamp: int) -> None:
    """Each minute. What is ours is looked at first: while it does not work, nobody else is silent."""
    now = timezone.now()
    look_after(now=now)
    try:
        keep_outages(now=now)
    except StoreAway as away:
        log.warning("silent tags could not be looked for: %s", away)
    for file_id in just_passed(now=now, within=_JUST):
        queue_index(file_id, because="monitoring.offline")


@app.periodic(cron="20 2 * * *", periodic_id="monitoring.days")
@app.task(name="monitoring.days", queue="slow", lock="monitoring.days", queueing_lock="monitoring.days")
def days(timestamp: int) -> None:
    """Each night: rates and scores of the days that are over. A store that is away fails the job, and the next night
    counts the same days."""
    now = timezone.now()
    keep_days(now=now)
    score_sources(now=now)


@app.periodic(cron="* * * * *", periodic_id="monitoring.warnings")
@app.task(name="monitoring.warnings", queue="clock", queueing_lock="monitoring.warnings")
def warnings(timestamp: int) -> None:
    """Each minute: what time alone brings; what alarms bring is judged by the clock of alarms at once."""
    watch_all(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="monitoring.windows")
@app.task(name="monitoring.windows", queue="clock", queueing_lock="monitoring.windows")
def windows(timestamp: int) -> None:
    """Each minute: whoever was outside his hours hears of what still stands."""
    tell_opened(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="monitoring.past")
@app.task(name="monitoring.past", queue="clock", queueing_lock="monitoring.past")
def past(timestamp: int) -> None:
    """Each minute: those on duty hear of what was found in back-fill."""
    tell_past(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="monitoring.bypasses")
@app.task(name="monitoring.bypasses", queue="clock", queueing_lock="monitoring.bypasses")
def bypasses(timestamp: int) -> None:
    """Each minute: what is bypassed comes to its end, and who must hear of it does."""
    watch_bypasses(now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="monitoring.lightning")
@app.task(name="monitoring.lightning", queue="clock", queueing_lock="monitoring.lightning")
def lightning(timestamp: int) -> None:
    """Each minute: what detectors of lightning told warns the work of their enterprises."""
    try:
        watch_lightning(now=timezone.now())
    except StoreAway as away:
        log.warning("detectors of lightning could not be read: %s", away)


@app.periodic(cron="*/5 * * * *", periodic_id="monitoring.dangers")
@app.task(name="monitoring.dangers", queue="clock", queueing_lock="monitoring.dangers")
def dangers(timestamp: int) -> None:
    look_for_dangers(now=timezone.now())


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
