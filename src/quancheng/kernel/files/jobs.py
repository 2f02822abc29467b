"""The nightly sweep of uploads that no record took."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.kernel.files import services


@app.periodic(cron="35 2 * * *", periodic_id="files.sweep")
@app.task(name="files.sweep", queue="clock")
def sweep(timestamp: int) -> None:
    services.sweep(now=timezone.now())
