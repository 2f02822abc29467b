"""How good the alarm systems of a district are (报警系统绩效), from sums kept by month: towns, enterprises, trend."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Func, Max, Min, QuerySet, Sum
from django.db.models.functions import Cast, NullIf

from quancheng.domains.monitoring.models import Alarm, AlarmMonth
from quancheng.domains.monitoring.queries.alarm_sums import ADDED, GREATEST, NAMES, Sums, together
from quancheng.domains.monitoring.queries.annunciations import Month, before
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.queries.towns import Towns, by_name
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.arrays import ArrayField

#: Months of a trend, and enterprises named as best and worst.
TREND_MONTHS, NAMED = 12, 5


@dataclass(slots=True)
class TownSums:
    """A street or town: the sums of its sites, how many these are."""

    area: Area | None
    sums: Sums
    sites: int


@dataclass(frozen=True, slots=True)
class Board:
    """A month of all sites that the actor sees, in one town or in all. ``as_of``: when the oldest sums were made."""

    whole: Sums
    sites: int
    as_of: datetime | None
    towns: Sequence[TownSums]
    trend: Sequence[tuple[date, Sums]]


def months_seen(*, actor: Actor, town: str = "") -> QuerySet[AlarmMonth]:
    """Kept months of the enterprises that the actor may see."""
    files = seen(actor=actor)
    if town:
        files = files.filter(area__path__startswith=town)
    return AlarmMonth.objects.filter(file__in=files.order_by().values("pk"))


def board(*, actor: Actor, month: Month, town: str = "") -> Board:
    """Four queries. Percentiles of acknowledging are those of the alarms themselves, without repetitions."""
    rows = months_seen(actor=actor, town=town)
    sums = {**{name: Sum(name) for name in ADDED}, **{name: Max(name) for name in GREATEST}}
    by_area = rows.filter(month=month.first).order_by().values("file__area")
    places, towns = Towns(), defaultdict[uuid.UUID | None, list[tuple[Sums, int]]](list)
    areas: dict[uuid.UUID | None, Area | None] = {}
    as_of: datetime | None = None
    for one in by_area.annotate(sites=Count("pk"), oldest=Min("worked_out_at"), **sums):
        area = places.of(one["file__area"])
        key = area.pk if area else None
        areas[key] = area
        towns[key].append((_told(one), one["sites"]))
        as_of = one["oldest"] if as_of is None else min(as_of, one["oldest"])
    lines = [
        TownSums(areas[key], together([told for told, _sites in ones]), sum(sites for _told, sites in ones))
        for key, ones in towns.items()
    ]
    whole = together([one.sums for one in lines])
    p95, p99 = percentiles(actor=actor, month=month, town=town)
    return Board(
        replace(whole, ack_p95_s=p95, ack_p99_s=p99), sum(one.sites for one in lines), as_of, by_name(lines),
        trend(rows, last=month.first),
    )  # fmt: skip


def trend(rows: QuerySet[AlarmMonth], *, last: date) -> list[tuple[date, Sums]]:
    """Twelve months up to one, of kept months that a query gave; those of which nothing is kept are missing."""
    sums = {**{name: Sum(name) for name in ADDED}, **{name: Max(name) for name in GREATEST}}
    held = rows.filter(month__gte=before(last, TREND_MONTHS - 1), month__lte=last).order_by("month")
    return [(one["month"], _told(one)) for one in held.values("month").annotate(**sums)]


def earlier_months(file: Enterprise, *, month: Month) -> list[tuple[date, Sums]]:
    """Kept months of an enterprise that a query gave, before one of a trend that ends with it."""
    return trend(AlarmMonth.objects.filter(file=file).exclude(month=month.first), last=month.first)


def sums_kept(row: AlarmMonth) -> Sums:
    """What a kept month says, as it was worked out."""
    return Sums(**{name: getattr(row, name) for name in NAMES})


def _told(row: Any) -> Sums:
    return Sums(**{name: row[name] for name in (*ADDED, *GREATEST)})


class _Percentiles(Aggregate):
    """The 95th and 99th percentile, between two values in proportion."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(ARRAY[0.95, 0.99]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def percentiles(*, actor: Actor, month: Month, town: str = "") -> tuple[float | None, float | None]:
    """Seconds within which 95 and 99 % of the alarms raised in a month were acknowledged; None where none was."""
    rows = Alarm.objects.visible_to(actor).filter(
        raised_at__gte=month.start, raised_at__lt=month.until, again_count=0
    )
    if town:
        rows = rows.filter(area__path__startswith=town)
    waited = Func(
        F("acknowledged_at") - F("noted_at"), template="EXTRACT(EPOCH FROM %(expressions)s)",
        output_field=FloatField(),
    )  # fmt: skip
    found = rows.filter(acknowledged_at__isnull=False).order_by().aggregate(found=_Percentiles(waited))["found"]
    return (None, None) if found is None else (found[0], found[1])


def _per(part: str, whole: str, times: float = 1.0) -> Any:
    return Cast(F(part), FloatField()) * times / NullIf(Cast(F(whole), FloatField()), 0.0)


#: By what enterprises are ranked: the name of a figure, made in the database as :data:`.alarm_sums.FIGURES` makes it.
RANKED: dict[str, Any] = {
    "per_10k": _per("count", "point_days", 10_000), "per_day": _per("count", "days"), "peak": F("peak"),
    "in_flood": _per("flood_s", "days", 1 / 86_400), "ack_on_time": _per("ack_on_time", "ack_judged"),
    "answer_on_time": _per("answer_on_time", "answer_judged"), "mtta_s": _per("acknowledging_s", "acknowledged"),
    "chattering": F("chattering"), "fleeting": F("fleeting"), "standing": F("standing"),
    "false_rate": _per("false", "closed"), "overstayed": F("overstayed"), "loosened": F("loosened"),
}  # fmt: skip
#: Of these less is worse.
BETTER_WHEN_MORE = ("ack_on_time", "answer_on_time")


def ranked(*, actor: Actor, town: str = "") -> QuerySet[AlarmMonth]:
    """Kept months with every figure of :data:`RANKED` as ``by_…``, by name of the enterprise."""
    rows = months_seen(actor=actor, town=town).select_related("file__enterprise", "file__area")
    made = {f"by_{code}": expression for code, expression in RANKED.items()}
    return rows.annotate(**made).order_by("file__pinyin", "pk")


def best_and_worst(*, actor: Actor, month: Month, by: str, town: str = "") -> tuple[list[AlarmMonth], list[AlarmMonth]]:
    """So many enterprises as are named, by one figure; those without a value are left out. Two queries."""
    rows = ranked(actor=actor, town=town).filter(month=month.first, **{f"by_{by}__isnull": False})
    ends = (f"by_{by}", f"-by_{by}") if by not in BETTER_WHEN_MORE else (f"-by_{by}", f"by_{by}")
    best, worst = (list(rows.order_by(end, "file__pinyin", "pk")[:NAMED]) for end in ends)
    return best, worst
