"""Telling people of an alarm (报警告知): notices, and a record of each that was told and of each that was not."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from quancheng.domains.monitoring.models import Alarm, AlarmTold, Outcome, TellingRule
from quancheng.domains.monitoring.notices import ALARM, ESCALATED, GATHERED, OPENED
from quancheng.domains.monitoring.queries import escalation
from quancheng.domains.monitoring.queries.telling import INBOX, Planned, plan, what_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.notices.channels import channel_names
from quancheng.kernel.notices.services import gather, notify

HOUR = timedelta(hours=1)
#: The name under which the city's platform stands in the record.
CITY = "city"
#: From this priority on alarms of a flood are told together.
_MINOR = 3


def tell(row: Alarm, step: int, *, now: datetime) -> None:
    """Tell everybody whom a step names, in the caller's transaction.

    :param row: with its tag's facility and area, file and flood read.
    """
    if step == escalation.CITY:
        AlarmTold.objects.create(alarm=row, step=step, channel=CITY, outcome=Outcome.CHANNEL, at=now)
        return
    what, kind = what_of(row.tag, priority=row.priority, kind=row.type), ESCALATED if step else ALARM
    told = [line for one in plan(what, step, now=now).people for line in _tell_one(row, step, one, kind=kind, now=now)]
    AlarmTold.objects.bulk_create(told)


def tell_person(row: Alarm, step: int, one: Planned, *, now: datetime) -> None:
    """Tell one whom a plan of now names, and whom a window kept from hearing of it, in the caller's transaction.

    It may be handled by now: nothing but that it stands is said. :param row: read as for :func:`tell`.
    """
    AlarmTold.objects.bulk_create(_tell_one(row, step, one, kind=OPENED, now=now))


def _tell_one(row: Alarm, step: int, one: Planned, *, kind: str, now: datetime) -> list[AlarmTold]:
    def line(channel: str, outcome: Outcome) -> AlarmTold:
        return AlarmTold(
            alarm=row, step=step, person_id=one.person_id, organisation_id=one.organisation_id, rule=one.rule,
            channel=channel, outcome=outcome, at=now,
        )  # fmt: skip

    if one.person_id is None or one.outcome != Outcome.TOLD:
        return [line(INBOX, one.outcome)]
    registered = channel_names()
    wanted = registered if one.channels is None else list(one.channels)
    away = [line(name, Outcome.CHANNEL) for name in wanted if name not in registered]
    key = _gathered_under(row, one.rule, one.person_id, now=now)
    if key:
        _gather(row, one.person_id, key, now=now)
        return [line(INBOX, Outcome.GATHERED), *away]
    data = {
        "enterprise": _enterprise(row), "title": row.title, "priority": row.priority, "step": step,
        "minutes": max(0, int((now - row.last_raised_at).total_seconds() // 60)),
    }  # fmt: skip
    notify(
        users=[one.person_id], kind=kind, data=data, now=now, subject_type=row.row_type(),
        subject_id=row.pk, through=one.channels,
    )  # fmt: skip
    return [line(INBOX, Outcome.TOLD), *(line(name, Outcome.TOLD) for name in wanted if name in registered), *away]


def _gathered_under(row: Alarm, rule: TellingRule | None, person: uuid.UUID, *, now: datetime) -> str:
    """The key of the notice that it joins; empty where it is told by itself, as what is of priority 1 always is."""
    if row.priority >= _MINOR and row.flood is not None and row.flood.ended_at is None:
        return f"monitoring.flood.{row.flood_id}"
    if rule is None or rule.limit_per_hour is None:
        return ""
    recent = AlarmTold.objects.filter(
        rule=rule, person=person, channel=INBOX, outcome=Outcome.TOLD, at__gt=now - HOUR
    ).count()
    return f"monitoring.hour.{now.astimezone(ZONE):%H}" if recent >= rule.limit_per_hour else ""


def _gather(row: Alarm, person: uuid.UUID, key: str, *, now: datetime) -> None:
    line = {"key": f"{row.pk}:{row.again_count}", "title": f"{_enterprise(row)} {row.title}"}
    day = Calendar().local_date(now).isoformat()
    gather(user=person, kind=GATHERED, key=key, lines=[line], now=now, day=day)


def _enterprise(row: Alarm) -> str:
    organisation = row.file.enterprise
    return organisation.name if organisation is not None else ""
