"""The quality of sources' data (数据质量评分): what was scored, and what a score is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet

from quancheng.domains.monitoring.models import Source, SourceScore, Tag, TagStatus
from quancheng.domains.monitoring.queries.readings import telemetry
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.plausibility import FLAT_H, Counts, Series
from quancheng.stream.store.client import among, packed, run
from quancheng.stream.store.schema import HISTORY, LATE

#: Readings of a tag that are looked at one by one: the last of the day.
MOST_READINGS = 600
#: A tag that did not change from so early to so late stood still all day.
_STILL = timedelta(hours=23)
_READING = np.dtype([("tag", "<u4"), ("at", "<i8"), ("value", "<f8")])
_USABLE = "quality >= 64 AND bitAnd(quality, 252) != 68"


def list_scores(*, actor: Actor) -> QuerySet[SourceScore]:
    """The newest score of each source that the actor may see, the lowest first."""
    seen: QuerySet[Source] = Source.objects.visible_to(actor)
    rows = SourceScore.objects.filter(is_newest=True, source__in=seen)
    return rows.select_related("source__file__enterprise", "source__area").order_by("score", "source__code", "pk")


def scores_of(source: Source, *, limit: int = 31) -> list[SourceScore]:
    """Scores of a source that a query gave, the newest first."""
    return list(SourceScore.objects.filter(source=source).order_by("-day", "pk")[:limit])


def scored_tags(source: Source) -> list[Tag]:
    """Tags whose readings are judged: those in use. In no scope: for the clock."""
    return list(Tag.objects.filter(source=source, status=TagStatus.LIVE).order_by("number"))


@dataclass(frozen=True, slots=True)
class Day:
    """What a source told on a day."""

    counts: Counts
    series: Sequence[Series]
    #: The last value of each minute.
    minutes: Sequence[Series]


def day_of(source: Source, tags: Sequence[Tag], *, begin: datetime, due_s: float) -> Day:
    """A source's day in numbers, and the last readings of each of its tags.

    :param due_s: seconds of the day in which readings were due. :raises StoreAway: the store does not answer.
    """
    span = _span(begin)
    numbers = among([one.number for one in tags])
    found = run(
        telemetry().query,
        f"SELECT tag, count(), countIf(bitAnd(flags, {LATE | HISTORY}) > 0), "  # noqa: S608 - whole numbers
        f"countIf(quality IN (16, 84) OR quality < 4) FROM readings FINAL WHERE {numbers} AND {span} GROUP BY tag",
    )
    told = {int(tag): (int(count), int(late), int(outside)) for tag, count, late, outside in found.result_rows}
    # Of what is told when it changes nobody knows how many are due: what came is what was due.
    expected = {
        one.number: told.get(one.number, (0, 0, 0))[0] if one.is_by_exception else int(due_s / one.scan_s)
        for one in tags
    }
    came = {number: min(told.get(number, (0, 0, 0))[0], due) for number, due in expected.items()}
    counts = Counts(
        expected=sum(expected.values()), received=sum(came.values()), late=sum(one[1] for one in told.values()),
        outside=sum(one[2] for one in told.values()), clock_ms=source.state.clock_ms,
    )  # fmt: skip
    return Day(counts, _series(tags, numbers, begin, span), _minutes(tags, numbers, begin))


def _series(tags: Sequence[Tag], numbers: str, begin: datetime, span: str) -> list[Series]:
    rows = packed(
        telemetry(), _READING,
        "SELECT tag, at, value FROM (SELECT tag, toUnixTimestamp64Milli(at) AS at, value FROM readings FINAL "  # noqa: S608
        f"WHERE {numbers} AND {span} AND {_USABLE} ORDER BY tag, readings.at DESC LIMIT {MOST_READINGS} BY tag) "
        "ORDER BY tag, at",
    )  # fmt: skip
    parts = _by_tag(rows)
    spread = _spread(numbers, begin)
    none = np.zeros(0, _READING)
    made = []
    for tag in tags:
        part = parts.get(tag.number, none)
        width, still = spread.get(tag.number, (1.0, timedelta(0)))
        made.append(Series(
            tag.code, tag.kind, part["at"].astype(np.int64), part["value"].astype(np.float64), tag.range_lo,
            tag.range_hi, float(FLAT_H) if still >= _STILL and width <= (tag.flat_within or 0) else 0.0,
            tag.flat_within or 0.0, is_scaled=tag.scale != 1 or tag.shift != 0,
        ))  # fmt: skip
    return made


def _minutes(tags: Sequence[Tag], numbers: str, begin: datetime) -> list[Series]:
    start = int(begin.timestamp())
    rows = packed(
        telemetry(),
        _READING,
        "SELECT tag, toInt64(toUnixTimestamp(at)) * 1000, last FROM rollup_1m FINAL "  # noqa: S608 - whole numbers
        f"WHERE {numbers} AND good > 0 AND at >= toDateTime({start}, 'UTC') "
        f"AND at < toDateTime({start + 86_400}, 'UTC') ORDER BY tag, at",
    )
    parts = _by_tag(rows)
    return [
        Series(one.code, one.kind, part["at"].astype(np.int64), part["value"].astype(np.float64))
        for one in tags
        if (part := parts.get(one.number)) is not None
    ]


def _by_tag(rows: Any) -> dict[int, Any]:
    """Rows by tag, which they are ordered by."""
    borders = np.flatnonzero(np.diff(rows["tag"])) + 1
    return {int(part["tag"][0]): part for part in np.split(rows, borders) if len(part)}


def _spread(numbers: str, begin: datetime) -> dict[int, tuple[float, timedelta]]:
    """Between which values each tag lay all day, and over how long."""
    start = int(begin.timestamp())
    found = run(
        telemetry().query,
        "SELECT tag, max(high) - min(low), toUnixTimestamp(max(at)) - toUnixTimestamp(min(at)) "  # noqa: S608
        f"FROM rollup_1m FINAL WHERE {numbers} AND good > 0 AND at >= toDateTime({start}, 'UTC') "
        f"AND at < toDateTime({start + 86_400}, 'UTC') GROUP BY tag",
    )
    return {int(tag): (float(width), timedelta(seconds=int(over))) for tag, width, over in found.result_rows}


def _span(begin: datetime) -> str:
    start = int(begin.timestamp() * 1000)
    return (f"readings.at >= fromUnixTimestamp64Milli({start}) "
            f"AND readings.at < fromUnixTimestamp64Milli({start + 86_400_000})")  # fmt: skip


def due_share(file_minutes: Sequence[tuple[int, int]]) -> float:
    """Share of the minutes of a day that were due, of tags that were counted: 1 where none was."""
    sums: dict[str, int] = defaultdict(int)
    for due, whole in file_minutes:
        sums["due"] += due
        sums["whole"] += whole
    return sums["due"] / sums["whole"] if sums["whole"] else 1.0


def list_old_scores(before: datetime) -> QuerySet[SourceScore]:
    """For retention."""
    return SourceScore.objects.filter(day__lt=Calendar().local_date(before), is_newest=False)
