"""Sums of months kept (报警绩效月汇总): the month that runs each hour, past ones until nothing of them changes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.monitoring.models import AlarmMonth, AlarmMonthRows, Tag, TagStatus
from quancheng.domains.monitoring.queries.alarm_quality import kept_of, rows_to_keep
from quancheng.domains.monitoring.queries.alarm_sums import NAMES, Kept, sums_of
from quancheng.domains.monitoring.queries.annunciations import Month, Site, annunciations, before, month_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.calendar import Calendar

#: Sites worked out together.
_AT_ONCE = 50
#: Answers that come so long after a month's end change it no more [D].
SETTLES = timedelta(days=40)
#: Months back that are made up for.
_BACK = 12


def keep_running(*, now: datetime) -> int:
    """Work the month that runs out anew, of every site with points; how many there were."""
    month = month_of(Calendar().local_date(now), now=now)
    return sum(_keep(files, month) for files in _chunks(_sites(month)))


def keep_past(*, now: datetime) -> int:
    """Work out past months: those that are missing, and those that answers may still change; how many."""
    today = Calendar().local_date(now)
    done = 0
    for back in range(1, _BACK + 1):
        month = month_of(before(today.replace(day=1), back), now=now)
        kept = AlarmMonth.objects.filter(file=OuterRef("pk"), month=month.first)
        settled = kept.filter(worked_out_at__gte=month.end + SETTLES) | kept.filter(
            worked_out_at__gt=now - timedelta(hours=12), until_at__gte=month.end
        )
        # Sums of an earlier version have no rows yet.
        rows = AlarmMonthRows.objects.filter(month=OuterRef("pk"))
        settled = settled.filter(Exists(rows) | Q(count=0, in_alarm_s=0))
        wanted = _sites(month).exclude(Exists(settled))
        done += sum(_keep(files, month) for files in _chunks(wanted))
    return done


def _sites(month: Month) -> QuerySet[Enterprise]:
    """Enterprises that had points in the month."""
    tags = Tag.objects.filter(file=OuterRef("pk"), created_at__lt=month.until).exclude(status=TagStatus.FOUND)
    return Enterprise.objects.filter(Exists(tags))


def _chunks(rows: QuerySet[Enterprise]) -> Iterator[Sequence[uuid.UUID]]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for place in range(0, len(keys), _AT_ONCE):
        yield keys[place : place + _AT_ONCE]


def _keep(files: Sequence[uuid.UUID], month: Month) -> int:
    came = annunciations(Tag.objects.filter(file__in=files), month)
    kept = kept_of(files, month)
    rows = [
        AlarmMonth(
            file_id=file, month=month.first, until_at=month.until, worked_out_at=month.now,
            **asdict(sums_of(came.get(file, Site()), month, kept.get(file, Kept()))),
        )
        for file in files
    ]  # fmt: skip
    with transaction.atomic():
        AlarmMonth.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["file", "month"],
            update_fields=["until_at", "worked_out_at", *NAMES],
        )  # fmt: skip
        held = dict(AlarmMonth.objects.filter(file__in=files, month=month.first).values_list("file_id", "pk"))
        AlarmMonthRows.objects.filter(month__in=held.values()).delete()
        AlarmMonthRows.objects.bulk_create(
            AlarmMonthRows(month_id=held[file], code=code, events=events)
            for file, site in came.items()
            for code, events in rows_to_keep(site, month).items()
        )
    return len(rows)
