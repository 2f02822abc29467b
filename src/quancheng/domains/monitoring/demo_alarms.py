"""Alarms of the demo district: closed ones of the past weeks, for the statistics, and a handful in several states.

Told as a processor would have written them down, and answered by the people of the demo through the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from quancheng.domains.monitoring.models import Alarm, Tag
from quancheng.domains.monitoring.services import alarm_months, alarms, processing
from quancheng.domains.monitoring.services.alarm_clerk import take_events
from quancheng.domains.monitoring.services.backfill import PastPassed, tell_past
from quancheng.domains.monitoring.services.holds import HoldSpec, ask_hold
from quancheng.domains.registry.demo_parts import Desk
from quancheng.kernel.access.actor import Actor
from quancheng.stream.envelope import partition_of
from quancheng.stream.messages import StreamSettings

#: Enterprises with accounts that have alarms, alarms of each, and over how many days.
_FIRMS, _EACH, _DAYS = 3, 22, 60
#: Reasons with what was done; those that need a photo or a second person are left to whoever tries them.
_ANSWERS = (
    ("R01", "降低进料流量，液位回落后恢复。"), ("R03", "卸车作业，现场值守，作业结束即恢复。"),
    ("R03", "倒罐操作，按操作票执行。"), ("R05", "仪表校验，已提前登记。"), ("R07", "网关重启，数据恢复。"),
    ("R11", "高温天气，喷淋降温。"), ("R12", "月度报警测试，记录已归档。"),
)  # fmt: skip
_ACTIONS = ("check", "check", "adjust", "stop", "none")


def load(desk: Desk) -> None:
    """Those of the past first, in the order of their time at each enterprise; then what is open today."""
    for number in range(1, _FIRMS + 1):
        file = desk.district.enterprises[number - 1]
        partition = partition_of(file.pk, StreamSettings().partitions)
        tags = list(Tag.objects.filter(file=file.pk, status="live", h__isnull=False, kind__in=("level", "temperature"))
                    .select_related("file").order_by("code", "pk"))  # fmt: skip
        if not tags:
            continue
        who = desk.actor(f"enterprise{number}")
        _past(desk, who, tags, partition=partition)
        if number == 1:
            _today(desk, who, tags, partition=partition)
            _filled_up(desk, tags[-1], partition=partition)
    alarm_months.keep_past(now=desk.district.now)
    alarm_months.keep_running(now=desk.district.now)


def _past(desk: Desk, who: Actor, tags: Sequence[Tag], *, partition: int) -> None:
    chance = desk.district.chance
    now = desk.district.now
    step = timedelta(days=_DAYS - 1) / _EACH
    begin = now - timedelta(days=_DAYS)
    for place in range(_EACH):
        # Neither two at a time of one site, so that the demo has no flood that nobody can explain.
        at = begin + step * place + timedelta(minutes=chance.randrange(1, 60))
        tag = tags[chance.randrange(len(tags))]
        row = _tell(tag, at=at, partition=partition)
        if row is None:
            continue
        seen = at + timedelta(seconds=chance.choice((25, 40, 55, 120, 240, 600, 1500)))
        back = seen + timedelta(minutes=chance.randrange(2, 90))
        alarms.acknowledge(actor=who, row=row, action=chance.choice(_ACTIONS), now=seen)
        _tell(tag, at=back, partition=partition, is_raised=False)
        row.refresh_from_db()
        reason, measures = chance.choice(_ANSWERS)
        alarms.answer(actor=who, row=row, reason=reason, measures=measures, now=back + timedelta(minutes=10))


def _today(desk: Desk, who: Actor, tags: Sequence[Tag], *, partition: int) -> None:
    """One open, one acknowledged, one whose answer is due, one shelved: each of a tag of its own."""
    now = desk.district.now
    known = dict(zip(("open", "seen", "due", "shelved"), tags, strict=False))
    for name, tag in known.items():
        at = now - timedelta(minutes=20)
        row = _tell(tag, at=at, partition=partition)
        if row is None or name == "open":
            continue
        if name == "shelved":
            spec = HoldSpec(kind="shelf", type=row.type, reason="液位计浮子卡涩，备件次日到货。",
                            until=now + timedelta(minutes=25))  # fmt: skip
            ask_hold(actor=who, tag=tag, spec=spec, now=now)
            continue
        alarms.acknowledge(actor=who, row=row, action="check", comment="派班长现场核查", now=at + timedelta(seconds=50))
        if name == "due":
            _tell(tag, at=now - timedelta(minutes=5), partition=partition, is_raised=False)


def _filled_up(desk: Desk, tag: Tag, *, partition: int) -> None:
    """What the gateway filled up after it was cut off for some hours: one limit was passed meanwhile."""
    now, limit = desk.district.now, tag.h or 0.0
    for hours, is_raised in ((30, True), (29, False)):
        value = round(limit * (1.02 if is_raised else 0.9), 2)
        past = [PastPassed(tag.number, "H", is_raised, now - timedelta(hours=hours), value, limit)]
        done = processing.take_over(partition)
        processing.write_down(partition, done, past=past, now=now - timedelta(hours=26))
    tell_past(now=now - timedelta(hours=26))


def _tell(tag: Tag, *, at: datetime, partition: int, is_raised: bool = True) -> Alarm | None:
    """The high limit of a tag was passed, or left again; the alarm that stands of it."""
    limit: Any = tag.h
    value = limit * 1.04 if is_raised else limit * 0.9
    passed = processing.Passed(tag.number, "H", is_raised, at, round(value, 2), limit, False)
    done = processing.take_over(partition)
    processing.write_down(partition, done, passed=[passed], now=at)
    while take_events(partition, now=at):
        pass
    return Alarm.objects.filter(tag=tag, type="H").exclude(status="CLOSED").first()
