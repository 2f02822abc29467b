"""What was found in readings that came too late (补传报警): written down once, and told to those on duty."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from quancheng.domains.monitoring.models import PastAlarm, Tag
from quancheng.domains.monitoring.notices import PAST
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.notices.services import gather, people_for

#: Who hears of it: whoever leads the shift; where there is nobody, whoever answers alarms.
DUTIES = ("monitoring.shift", "monitoring.answer")
#: Of one look; more come with the next, a minute later.
MOST = 500


@dataclass(frozen=True, slots=True)
class PastPassed:
    """A limit that a tag passed, or left again, in the past."""

    tag: int
    limit: str
    is_raised: bool
    at: datetime
    value: float
    limit_value: float | None


def note_past(passed: Sequence[PastPassed], *, now: datetime) -> None:
    """Write it down, in the caller's transaction. What is filled up twice stands once."""
    tags = dict(Tag.objects.filter(number__in={one.tag for one in passed}).values_list("number", "pk"))
    for one in passed:
        if one.tag not in tags:
            continue
        mine = PastAlarm.objects.filter(tag=tags[one.tag], limit=one.limit, began_at__lte=one.at)
        if not one.is_raised:
            open_one = mine.filter(ended_at__isnull=True).order_by("-began_at").values("pk")[:1]
            PastAlarm.objects.filter(pk__in=open_one).update(ended_at=one.at)
        elif not mine.filter(Q(ended_at__gt=one.at) | Q(began_at=one.at)).exists():
            PastAlarm.objects.create(
                tag_id=tags[one.tag], limit=one.limit, began_at=one.at, value=one.value, limit_value=one.limit_value,
                found_at=now,
            )  # fmt: skip


def tell_past(*, now: datetime) -> int:
    """Tell those on duty what was found since the last look, an enterprise and day in one notice; how many alarms.

    No alarm, no sound, no escalation: it is over. Two processes at once tell once.
    """
    with transaction.atomic():
        rows = list(
            PastAlarm.objects.filter(told_at__isnull=True).select_for_update(skip_locked=True, of=("self",))
            .select_related("tag__file__enterprise").order_by("pk")[:MOST]
        )  # fmt: skip
        by_file: dict[uuid.UUID, list[PastAlarm]] = defaultdict(list)
        for row in rows:
            by_file[row.tag.file_id].append(row)
        day = Calendar().local_date(now).isoformat()
        for file, found in sorted(by_file.items()):
            lines = [{"key": str(row.pk), "title": _title(row)} for row in found]
            for person in _on_duty(file):
                gather(user=person, kind=PAST, key=f"monitoring.past.{file}", lines=lines, now=now, day=day)
        PastAlarm.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    return len(rows)


def _on_duty(file: uuid.UUID) -> list[uuid.UUID]:
    for duty in DUTIES:
        if found := people_for(organisation_id=file, duty=duty):
            return found
    return []


def _title(row: PastAlarm) -> str:
    organisation = row.tag.file.enterprise
    name = organisation.name if organisation is not None else ""
    return f"{name} {row.tag.name} {row.get_limit_display()} {row.value:g} {row.tag.unit}".strip()
