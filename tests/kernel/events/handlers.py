"""A subscriber for the worker of ``test_kill``: it says that it began, waits, then writes its mark."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.services import subscribe

NAME = "test.slow"
BEGAN = "QUANCHENG_TEST_BEGAN"


def slow(event: Event, now: datetime) -> None:
    """Idempotent by the event's id; in the first process it never gets to its end."""
    ClientAct.objects.create(id=event.pk, act="test.handled", body_digest="", at=now)
    if place := os.environ.get(BEGAN):
        Path(place).write_text("began")
        time.sleep(60)


subscribe("test.*", slow, name=NAME)
