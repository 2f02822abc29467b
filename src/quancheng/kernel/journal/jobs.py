"""The nightly root, as a periodic job; the sealer itself runs in every worker's background."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from quancheng.kernel.journal import services


@app.periodic(cron="5 2 * * *", periodic_id="journal.root")
@app.task(name="journal.root", queue="clock")
def form_root(timestamp: int) -> None:
    now = timezone.now()
    services.seal(now=now)
    services.make_root(now=now)
