"""What was found in readings that came too late (补传报警): written down once, and told to those on duty."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quancheng.domains.monitoring.models import PastAlarm, Tag
from quancheng.domains.monitoring.models.events import LimitName
from quancheng.domains.monitoring.notices import PAST
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.notices.services import gather, people_for

#: Who hears of it: whoever leads the shift; where there is nobody, whoever answers alarms.
DUTIES = ("monitoring.shift", "monitoring.answer")
#: Who hears in the office that supervises, and of what.
WATCH, GRAVE = "monitoring.watch", (LimitName.LL, LimitName.HH)
#: Of an enterprise in one look; more come with the next, a minute later.
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
    """Write it down, in the caller's transaction, which holds the partition. What is filled up twice stands once.

    An end is that of the passing before it: where that one has ended, it is told again, and ends nothing older. Queries
    do not grow with what was passed.
    """
    tags = dict(Tag.objects.filter(number__in={one.tag for one in passed}).values_list("number", "pk"))
    found = sorted((one for one in passed if one.tag in tags), key=lambda one: one.at)
    if not found:
        return
    known = _known(set(tags.values()), found[0].at, found[-1].at)
    made: list[PastAlarm] = []
    ended: list[PastAlarm] = []
    for one in found:
        rows = known[tags[one.tag], one.limit]
        # Rows are in the order of their beginning.
        place = bisect_right(rows, one.at, key=lambda row: row.began_at)
        before = rows[place - 1] if place else None
        if one.is_raised:
            if before is None or not (before.began_at == one.at or (before.ended_at and before.ended_at > one.at)):
                row = PastAlarm(
                    tag_id=tags[one.tag], limit=one.limit, began_at=one.at, value=one.value,
                    limit_value=one.limit_value, found_at=now,
                )  # fmt: skip
                rows.insert(place, row)
                made.append(row)
        elif before is not None and before.ended_at is None:
            before.ended_at = one.at
            if before.pk is not None:
                ended.append(before)
    PastAlarm.objects.bulk_create(made, ignore_conflicts=True)
    PastAlarm.objects.bulk_update(ended, ["ended_at"])


def _known(tags: set[uuid.UUID], since: datetime, until: datetime) -> dict[tuple[uuid.UUID, str], list[PastAlarm]]:
    """Of these tags by limit what began within a time, and the last that began before it. Two queries."""
    rows = PastAlarm.objects.filter(tag__in=tags)
    newest = rows.filter(began_at__lt=since).order_by("tag", "limit", "-began_at").distinct("tag", "limit")
    found: dict[tuple[uuid.UUID, str], list[PastAlarm]] = defaultdict(list)
    for row in [*newest, *rows.filter(began_at__gte=since, began_at__lte=until).order_by("began_at")]:
        found[row.tag_id, row.limit].append(row)
    return found


def tell_past(*, now: datetime) -> int:
    """Tell those on duty what was found since the last look, an enterprise and day in one notice; how many alarms.

    Who is on duty: whoever leads the shift of the enterprise; and in the office that supervises it whoever watches, of
    the lowest and highest limits, and of all where nobody is in the enterprise. What nobody could be told stays untold.
    No alarm, no sound, no escalation: it is over. Two processes at once tell once; an enterprise has a transaction of
    its own.
    """
    untold = PastAlarm.objects.filter(told_at__isnull=True)
    files = Enterprise.objects.filter(pk__in=untold.values("tag__file")).select_related("enterprise").order_by("pk")
    return each(files, lambda file: _tell(file, now=now), what="telling what was found in back-fill")


def _tell(file: Enterprise, *, now: datetime) -> int:
    rows = list(
        PastAlarm.objects.filter(told_at__isnull=True, tag__file=file).order_by("pk")
        .select_for_update(skip_locked=True, of=("self",)).select_related("tag")[:MOST]
    )  # fmt: skip
    mine, watch = _on_duty(file), people_for(organisation_id=file.supervisor_id, duty=WATCH)
    grave = [row for row in rows if row.limit in GRAVE] if mine else rows
    day, told = Calendar().local_date(now).isoformat(), set[int]()
    for people, found in ((mine, rows), (watch, grave)):
        lines = [{"key": str(row.pk), "title": _title(file, row)} for row in found]
        for person in people:
            gather(user=person, kind=PAST, key=f"monitoring.past.{file.pk}", lines=lines, now=now, day=day)
            told |= {row.pk for row in found}
    PastAlarm.objects.filter(pk__in=told).update(told_at=now)
    return len(told)


def _on_duty(file: Enterprise) -> list[uuid.UUID]:
    for duty in DUTIES:
        if found := people_for(organisation_id=file.pk, duty=duty):
            return found
    return []


def _title(file: Enterprise, row: PastAlarm) -> str:
    name = file.enterprise.name if file.enterprise is not None else ""
    return f"{name} {row.tag.name} {row.get_limit_display()} {row.value:g} {row.tag.unit}".strip()
