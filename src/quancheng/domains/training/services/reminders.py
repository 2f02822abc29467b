"""Whose hours of the year are short: enterprises are told 60 and 30 days before its end, and at its end."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import HoursReminder, ProgrammeStanding, StandingState
from quancheng.domains.training.queries.education import hours_said
from quancheng.domains.training.queries.persons import KEEP
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.notices.services import gather, people_for

NOTICE = "training.hours.short"
#: Days before the end of the year; 0: the list of who did not make it, for the head too.
STEPS = (60, 30, 0)


def remind_of_hours(*, now: datetime) -> int:
    """Tell enterprises whose people are short of this year's hours. Idempotent by year and step; after days without a
    round the nearest step alone is sent. Returns of how many people something was told.
    """
    today = Calendar().local_date(now)
    left = (date(today.year, 12, 31) - today).days
    due = [one for one in STEPS if left <= one]
    if not due:
        return 0
    step = min(due)
    with transaction.atomic():
        _mark, is_new = HoursReminder.objects.get_or_create(
            year=today.year, days=step, defaults={"created_at": now}
        )
        return _tell(today, step, now) if is_new else 0


def _tell(today: date, step: int, now: datetime) -> int:
    rows = ProgrammeStanding.objects.filter(
        state__in=[StandingState.YEAR_SHORT, StandingState.OVERDUE, StandingState.EXPIRED],
        person__left_date__isnull=True,
    ).select_related("person", "programme")  # fmt: skip
    lines: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    for one in rows.order_by("person__pinyin", "pk"):
        sentence = _("%(name)s：%(programme)s，本年%(had)s/%(needed)s学时") if one.year_needed else _(
            "%(name)s：%(programme)s，%(state)s"
        )
        title = sentence % {
            "name": one.person.name, "programme": one.programme.name, "had": hours_said(one.year_had),
            "needed": one.year_needed, "state": StandingState(one.state).label,
        }  # fmt: skip
        lines[one.person.file_id].append({
            "key": f"{one.person_id}:{one.programme_id}:{today.year}:{step}", "title": title[:200],
            "subject_type": one.person.row_type(), "subject_id": one.person_id,
        })  # fmt: skip
    for file_id, told in lines.items():
        for user in people_for(organisation_id=file_id, duty=KEEP):
            gather(user=user, kind=NOTICE, key=NOTICE, lines=told, now=now, day=today.isoformat())
    return sum(len(told) for told in lines.values())
