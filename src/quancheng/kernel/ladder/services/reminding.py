"""The reminder (系统提醒), the one rung that the house takes by itself: so many days before, and on the day."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.ladder.models import ReminderMark
from quancheng.kernel.ladder.rungs import PLAIN_REMINDERS, remind_days
from quancheng.kernel.notices.services import gather, people_for
from quancheng.kernel.work.models import WorkItem

KIND = "work.due"
_LOCK = 0x51434C52  # one run at a time


def remind(*, now: datetime) -> int:
    """Remind of what is due soon; returns how many items were reminded of.

    Idempotent by item, due day and step. A person gets one notice a day, whatever falls into it. Steps that an
    outage swallowed are not made up one by one: the nearest alone is given. An item that was handed over after a
    step's day is not reminded of it, since it was news then.
    """
    calendar = Calendar()
    today = calendar.local_date(now)
    by_kind = remind_days()
    longest = max((*PLAIN_REMINDERS, *(day for days in by_kind.values() for day in days)))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        near = WorkItem.objects.open().filter(
            due_at__gte=calendar.start_of(today), due_at__lte=calendar.end_of(today + timedelta(days=longest))
        )
        items = list(near.order_by("due_at", "pk"))
        known = set(
            ReminderMark.objects.filter(item__in=[item.pk for item in items]).values_list(
                "item_id", "due_date", "days_before"
            )
        )
        marks, lines = [], defaultdict(list)
        people: dict[tuple[uuid.UUID, str], list[uuid.UUID]] = {}
        for item in items:
            due_date = calendar.local_date(item.due_at) if item.due_at else today
            steps = _reached(
                by_kind.get(item.ladder, PLAIN_REMINDERS), due_date, today, calendar.local_date(item.entered_at)
            )
            new = [step for step in steps if (item.pk, due_date, step) not in known]
            marks += [ReminderMark(item=item, due_date=due_date, days_before=step, at=now) for step in new]
            if not new or min(new) != min(steps):
                continue
            for user in _people(item, people):
                lines[user].append(_line(item, due_date))
        ReminderMark.objects.bulk_create(marks)
        for user, found in sorted(lines.items()):
            gather(user=user, kind=KIND, key=KIND, lines=found, now=now, day=today.isoformat())
    return len({line["key"] for found in lines.values() for line in found})


def _reached(steps: tuple[int, ...], due_date: date, today: date, entered: date) -> list[int]:
    """Steps whose day has come, apart from those that lay before the item was handed over or on that day."""
    days = [(step, due_date - timedelta(days=step)) for step in steps]
    return [step for step, day in days if entered < day <= today]


def _people(item: WorkItem, known: dict[tuple[uuid.UUID, str], list[uuid.UUID]]) -> list[uuid.UUID]:
    if item.person_id is not None:
        return [item.person_id]
    key = (item.owner_org_id, item.duty)
    if key not in known:
        known[key] = people_for(organisation_id=item.owner_org_id, duty=item.duty)
    return known[key]


def _line(item: WorkItem, due_date: date) -> dict[str, Any]:
    return {
        "key": str(item.pk),
        "title": item.title,
        "due": due_date.isoformat(),
        "subject_type": item.subject_type,
        "subject_id": str(item.subject_id),
    }
