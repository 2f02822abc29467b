"""The job that does long work, and the clock that looks after it."""

from __future__ import annotations

import uuid

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.kernel.longwork import tending
from quancheng.kernel.longwork.running import run_work


# The worker reads ``limit_s`` and ends the job after so many seconds.
@app.task(name="longwork.run", queue="slow")
def run(work_id: str, limit_s: int) -> None:
    run_work(work_id=uuid.UUID(work_id), now=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="longwork.tend")
@app.task(name="longwork.tend", queue="clock", queueing_lock="longwork.tend")
def tend(timestamp: int) -> None:
    tending.fail_orphans(now=timezone.now())


@app.periodic(cron="20 * * * *", periodic_id="longwork.clear_out")
@app.task(name="longwork.clear_out", queue="clock")
def clear_out(timestamp: int) -> None:
    tending.clear_out(now=timezone.now())
