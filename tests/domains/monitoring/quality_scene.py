"""What the tests of alarm quality share: many events of a site written down at once, and made into alarms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tests.domains.monitoring.alarm_scene import PARTITION

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.services import processing
from quancheng.domains.monitoring.services.alarm_clerk import take_events

Told = tuple[Tag, str, bool, datetime]


def tell_all(told: Iterable[Told]) -> None:
    """Limits were passed and left, each told as it happened."""
    for tag, limit, is_raised, at in sorted(told, key=lambda one: one[3]):
        passed = processing.Passed(tag.number, limit, is_raised, at, 1.0, None, False)
        done = processing.take_over(PARTITION)
        assert processing.write_down(PARTITION, done, passed=[passed], now=at)
        while take_events(PARTITION, now=at):
            pass
