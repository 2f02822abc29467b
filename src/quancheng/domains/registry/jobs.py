"""The clock of the registry."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.registry.services.completeness import measure_all
from quancheng.domains.registry.services.expiry import look_at_licences
from quancheng.domains.registry.services.refiling import call_for_filings
from quancheng.domains.registry.services.regrading import regrade
from quancheng.domains.registry.services.storage import look_at_all


@app.periodic(cron="50 5 * * *", periodic_id="registry.licences")
@app.task(name="registry.licences", queue="clock", queueing_lock="registry.licences")
def licences(timestamp: int) -> None:
    look_at_licences(now=timezone.now())


@app.periodic(cron="20 5 * * *", periodic_id="registry.completeness")
@app.task(name="registry.completeness", queue="clock", queueing_lock="registry.completeness")
def completeness(timestamp: int) -> None:
    measure_all(now=timezone.now())


@app.periodic(cron="20 3 * * *", periodic_id="registry.grades")
@app.task(name="registry.grades", queue="clock", queueing_lock="registry.grades")
def grades(timestamp: int) -> None:
    regrade(now=timezone.now())


@app.periodic(cron="35 5 * * *", periodic_id="registry.filings")
@app.task(name="registry.filings", queue="clock", queueing_lock="registry.filings")
def filings(timestamp: int) -> None:
    call_for_filings(now=timezone.now())


@app.periodic(cron="20 2 * * *", periodic_id="registry.storage")
@app.task(name="registry.storage", queue="clock", queueing_lock="registry.storage")
def storage(timestamp: int) -> None:
    look_at_all(now=timezone.now())
