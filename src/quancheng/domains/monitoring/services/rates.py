"""Online rates (在线率) counted by day: minutes that were due of each tag, and those for which it told."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from quancheng.domains.monitoring.models import FileDay, TagDay
from quancheng.domains.monitoring.queries.rates import Counted, count_minutes, due_tags
from quancheng.kernel.calendar import Calendar

#: Days that are counted anew each night: what was buffered came later.
AGAIN_DAYS = 3
#: Tags of one look into the store.
BATCH = 2_000


def keep_days(*, now: datetime) -> int:
    """Count the last days that are over; returns how many rows of tags were written.

    :raises StoreAway: the store does not answer; days that were counted stand.
    """
    today = Calendar().local_date(now)
    return sum(count_day(today - timedelta(days=back), now=now) for back in range(AGAIN_DAYS, 0, -1))


def count_day(day: date, *, now: datetime) -> int:
    """Count one day of all tags, anew where it was counted before."""
    begin = Calendar().start_of(day)
    tags = due_tags(begin=begin, end=begin + timedelta(days=1))
    sums: dict[uuid.UUID, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    written = 0
    for start in range(0, len(tags), BATCH):
        counted = count_minutes(tags[start : start + BATCH], day=day, now=now)
        written += _write(counted, day)
        for one in counted:
            mine = sums[one.tag.file]
            for place, value in enumerate((1, one.due, one.valid, one.planned)):
                mine[place] += value
    FileDay.objects.bulk_create(
        [
            FileDay(file_id=file, day=day, tags=count, due_min=due, valid_min=valid, planned_min=out)
            for file, (count, due, valid, out) in sorted(sums.items())
        ],
        batch_size=2000, update_conflicts=True, unique_fields=["file", "day"],
        update_fields=["tags", "due_min", "valid_min", "planned_min"],
    )  # fmt: skip
    return written


def _write(counted: Sequence[Counted], day: date) -> int:
    rows = [TagDay(tag_id=one.tag.pk, day=day, due_min=one.due, valid_min=one.valid) for one in counted]
    with transaction.atomic():
        TagDay.objects.bulk_create(
            rows, batch_size=2000, update_conflicts=True, unique_fields=["tag", "day"],
            update_fields=["due_min", "valid_min"],
        )  # fmt: skip
    return len(rows)
