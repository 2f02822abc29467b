"""The clock of people at work."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.domains.training.services.expiry import look_at_qualifications


@app.periodic(cron="55 5 * * *", periodic_id="training.qualifications")
@app.task(name="training.qualifications", queue="clock", queueing_lock="training.qualifications")
def qualifications(timestamp: int) -> None:
    look_at_qualifications(now=timezone.now())
