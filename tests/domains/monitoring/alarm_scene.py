"""What the tests of alarms share: limits that are passed and left as a processor writes them down."""

from __future__ import annotations

from datetime import datetime

from quancheng.domains.monitoring.models import Alarm, Tag
from quancheng.domains.monitoring.services import processing
from quancheng.domains.monitoring.services.alarm_clerk import take_events

PARTITION = 3


def tell(
    tag: Tag, limit: str, *, is_raised: bool = True, at: datetime, value: float = 2300.0, is_late: bool = False,
    now: datetime | None = None,
) -> Alarm | None:  # fmt: skip
    """A limit did something, and the clerk came by: the open alarm of it, or the last one."""
    passed = processing.Passed(tag.number, limit, is_raised, at, value, getattr(tag, limit.lower(), None), is_late)
    done = processing.take_over(PARTITION)
    assert processing.write_down(PARTITION, done, passed=[passed], now=now or at)
    while take_events(PARTITION, now=now or at):
        pass
    return Alarm.objects.filter(tag=tag, type=limit).order_by("-raised_at", "-pk").first()


def raised(tag: Tag, limit: str = "HH", *, at: datetime, value: float = 2300.0, now: datetime | None = None) -> Alarm:
    found = tell(tag, limit, at=at, value=value, now=now)
    assert found is not None
    return found
