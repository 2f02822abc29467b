"""Sending through outside channels."""

from __future__ import annotations

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from quancheng.kernel.notices import services


@app.task(name="notices.send_out", queue="now", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def send_out(notice_id: str, channel: str) -> None:
    services.send_out(notice_id=uuid.UUID(notice_id), channel=channel)
