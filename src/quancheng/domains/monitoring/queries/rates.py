"""Online rates (在线率): per tag, facility, major hazard, enterprise, street and district, by day and for today."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, NullIf

from quancheng.domains.monitoring.models import FileDay, Outage, OutageKind, Source, Tag, TagDay, TagStatus
from quancheng.domains.monitoring.queries import minutes
from quancheng.domains.monitoring.queries.coverage import list_files
from quancheng.domains.monitoring.queries.outages import house_gaps, planned
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.online import DAY_MIN, covered, hold_min, rate, without

#: Of today the last minutes are not rolled up yet.
FRESH_MIN = 3
_COUNTING = (TagStatus.LIVE, TagStatus.SERVICE)


@dataclass(frozen=True, slots=True)
class DueTag:
    """A tag of which values are due."""

    pk: uuid.UUID
    number: int
    file: uuid.UUID
    source: int
    hold: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """Minutes of a day of one tag: due, of these valid, and left out because of a notice."""

    tag: DueTag
    due: int
    valid: int
    planned: int


@dataclass(frozen=True, slots=True)
class Minutes:
    """Valid of due minutes, of whatever was summed."""

    valid: int = 0
    due: int = 0

    @property
    def rate(self) -> float | None:
        """In per cent."""
        return rate(self.valid, self.due)

    def __add__(self, other: Minutes) -> Minutes:
        return Minutes(self.valid + other.valid, self.due + other.due)


def due_tags(*, begin: datetime, end: datetime, files: Collection[uuid.UUID] | None = None) -> list[DueTag]:
    """Tags in use or under repair of sources that ever could tell, entered before ``end``. In no scope: the caller
    asks for files that it may see, or is the clock."""
    rows = Tag.objects.filter(status__in=_COUNTING, source__isnull=False, created_at__lt=end)
    rows = rows.filter(~Q(source__digest=b"") | Q(source__state__last_at__isnull=False))
    if files is not None:
        rows = rows.filter(file__in=files)
    columns = ("pk", "number", "file_id", "source__number", "scan_s", "stale_after_s", "is_by_exception", "created_at")
    return [
        DueTag(pk, number, file, source,
               hold_min(scan_s=scan_s, stale_after_s=stale_s, is_by_exception=by_exception), created_at)
        for pk, number, file, source, scan_s, stale_s, by_exception, created_at in
        rows.order_by("number").values_list(*columns)
    ]  # fmt: skip


def count_minutes(tags: Sequence[DueTag], *, day: date, now: datetime) -> list[Counted]:
    """Minutes of a day of each tag; of today as far as it is over. :raises StoreAway: the store does not answer."""
    begin = Calendar().start_of(day)
    over = int((now - begin).total_seconds() // 60) - FRESH_MIN
    span = max(0, min(DAY_MIN, over))
    lead = max((one.hold for one in tags), default=1) - 1
    told = minutes.told([one.number for one in tags], begin - timedelta(minutes=lead), lead + span)
    end = begin + timedelta(minutes=span)
    ours = without(span, [_within(begin, gap) for gap in house_gaps(begin, end)]) if span else np.ones(0, bool)
    plans: dict[int, list[tuple[frozenset[int], tuple[float, float]]]] = defaultdict(list)
    for source, only, starts, until in planned(begin, end):
        plans[source].append((only, _within(begin, (starts, until))))
    found = []
    for place, tag in enumerate(tags):
        valid = covered(told[place : place + 1], tag.hold)[0, lead:]
        entered = (tag.created_at - begin).total_seconds() / 60
        base = ours & without(span, [(0, entered)])
        mine = [gap for only, gap in plans.get(tag.source, ()) if not only or tag.number in only]
        due = base & without(span, mine) if mine else base
        found.append(Counted(tag, int(due.sum()), int((valid & due).sum()), int((base & ~due).sum())))
    return found


def _within(begin: datetime, gap: tuple[datetime, datetime]) -> tuple[float, float]:
    return (gap[0] - begin).total_seconds() / 60, (gap[1] - begin).total_seconds() / 60


def today_of(files: Collection[uuid.UUID], *, now: datetime) -> list[Counted]:
    """Today so far, of files that a query gave. :raises StoreAway: the store does not answer."""
    begin = Calendar().start_of(day := Calendar().local_date(now))
    return count_minutes(due_tags(begin=begin, end=now, files=files), day=day, now=now)


def by_file(counted: Iterable[Counted]) -> dict[uuid.UUID, Minutes]:
    """Sums of each file."""
    found: dict[uuid.UUID, Minutes] = defaultdict(Minutes)
    for one in counted:
        found[one.tag.file] += Minutes(one.valid, one.due)
    return found


def tag_days(*, actor: Actor, file: Enterprise, first: date, last: date) -> dict[uuid.UUID, Minutes]:
    """Sums of each tag of a file that a query gave, from day to day. One query."""
    seen: QuerySet[Tag] = Tag.objects.visible_to(actor).filter(file=file)
    rows = TagDay.objects.filter(tag__in=seen, day__range=(first, last)).order_by()
    sums = rows.values("tag").annotate(valid=Sum("valid_min"), due=Sum("due_min"))
    return {one["tag"]: Minutes(one["valid"], one["due"]) for one in sums}


def file_days(*, file: Enterprise, first: date, last: date) -> list[FileDay]:
    """Days of a file that a query gave, the newest first."""
    return list(FileDay.objects.filter(file=file, day__range=(first, last)).order_by("-day", "pk"))


def list_connection(*, actor: Actor, today: date) -> QuerySet[Enterprise]:
    """Enterprises with something to be monitored that the actor may see, by name, with how they are connected.

    Adds ``linked`` and ``on_line`` (sources that ever told something, those that are there), ``live_tags``, ``silent``
    (outages that last), ``is_off`` (a source among them), ``rate_1`` of yesterday and ``rate_30`` of 30 days, in per
    cent.
    """
    rows: QuerySet[Any] = list_files(actor=actor)
    sources = Source.objects.filter(file=OuterRef("pk"), state__last_at__isnull=False).order_by()
    lasting = Outage.objects.filter(file=OuterRef("pk"), ended_at__isnull=True)
    tags = Tag.objects.filter(file=OuterRef("pk"), status=TagStatus.LIVE).order_by()
    return rows.annotate(
        linked=_count(sources), on_line=_count(sources.filter(state__is_online=True)), live_tags=_count(tags),
        silent=_count(lasting.order_by()), is_off=Exists(lasting.filter(kind=OutageKind.SOURCE)),
        rate_1=_rate(today - timedelta(days=1), today), rate_30=_rate(today - timedelta(days=30), today),
    )  # fmt: skip


def _count(rows: QuerySet[Any]) -> Any:
    counted = rows.values("file").annotate(number=Count("pk")).values("number")
    return Subquery(counted)


def _rate(first: date, before: date) -> Any:
    rows = FileDay.objects.filter(file=OuterRef("pk"), day__gte=first, day__lt=before).order_by().values("file")
    share = Cast(Sum("valid_min"), FloatField()) * 100 / NullIf(Sum("due_min"), 0)
    return Subquery(rows.annotate(share=share).values("share"), output_field=FloatField())


@dataclass(frozen=True, slots=True)
class AreaRate:
    """The rate of a street's enterprises; ``path`` of its area for the list's filter."""

    name: str
    path: str
    files: int
    minutes: Minutes


def area_rates(*, actor: Actor, today: date, days: int) -> list[AreaRate]:
    """Rates of the last days by street, of the enterprises that the actor may see, the lowest first. One query."""
    files = list_files(actor=actor).order_by()
    rows = FileDay.objects.filter(file__in=files.values("pk"), day__gte=today - timedelta(days=days), day__lt=today)
    sums = (
        rows.order_by()
        .values(name=F("file__area__name"), path=F("file__area__path"))
        .annotate(files=Count("file", distinct=True), valid=Sum("valid_min"), due=Sum("due_min"))
    )
    found = [AreaRate(one["name"] or "", one["path"] or "", one["files"], Minutes(one["valid"], one["due"]))
             for one in sums]  # fmt: skip
    return sorted(found, key=lambda one: (one.minutes.rate if one.minutes.rate is not None else 101.0, one.path))


def silent_numbers(*, actor: Actor, file: Enterprise) -> set[int]:
    """Numbers of the tags of a file that a query gave which tell nothing usable now, while their source is there."""
    rows: QuerySet[Outage] = Outage.objects.visible_to(actor).filter(file=file, ended_at__isnull=True)
    return {number for tags in rows.values_list("tags", flat=True) for number in tags}


def summed(parts: Iterable[Minutes]) -> Minutes:
    """All of them together."""
    return sum(parts, Minutes())


def of_tags(days: Mapping[uuid.UUID, Minutes], tags: Iterable[Tag]) -> Minutes:
    """The sum of these tags."""
    return summed(days.get(one.pk, Minutes()) for one in tags)


def list_old_tag_days(before: datetime) -> QuerySet[TagDay]:
    """For retention."""
    return TagDay.objects.filter(day__lt=Calendar().local_date(before))
