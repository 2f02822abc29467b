"""The clock of the ladder: reminders by day, climbing every hour."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.kernel.ladder.services import climbing, reminding

#: Reminders are given between these hours of the local day.
FIRST_HOUR, LAST_HOUR = 7, 20


@app.periodic(cron="10 * * * *", periodic_id="ladder.remind")
@app.task(name="ladder.remind", queue="clock")
def remind(timestamp: int) -> None:
    now = timezone.now()
    if FIRST_HOUR <= timezone.localtime(now).hour <= LAST_HOUR:
        reminding.remind(now=now)


@app.periodic(cron="25 * * * *", periodic_id="ladder.climb")
@app.task(name="ladder.climb", queue="clock")
def climb(timestamp: int) -> None:
    climbing.climb(now=timezone.now())
