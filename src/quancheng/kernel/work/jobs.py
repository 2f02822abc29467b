"""Deadlines follow the calendar: at once when a year is entered or changed, and each night for whatever was missed."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quancheng.kernel.work.redating import redate_items


@app.task(name="work.redate", queue="slow", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def redate(year: int | None = None) -> None:
    redate_items(now=timezone.now(), year=year)


@app.periodic(cron="10 3 * * *", periodic_id="work.redate_all")
@app.task(name="work.redate_all", queue="clock")
def redate_all(timestamp: int) -> None:
    redate_items(now=timezone.now())


def redate_soon(year: int) -> None:
    """Queue it in the transaction that changed a year; one that waits already is enough."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        redate.configure(queueing_lock=f"work.redate.{year}").defer(year=year)
