"""Reads of how good the alarm system of a site is (报警系统绩效): its month as it is now, the rows of each figure."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BigIntegerField, Count, F, Func, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.monitoring.models import Alarm, AlarmHold, AlarmMonthRows, LimitEvent, Tag, TagStatus
from quancheng.domains.monitoring.queries.alarm_boards import months_seen
from quancheng.domains.monitoring.queries.alarm_sums import (
    HOUR_MOST,
    TEN_MOST,
    Kept,
    Sums,
    frequent,
    is_at_once,
    sums_of,
)
from quancheng.domains.monitoring.queries.annunciations import Annunciation, Month, Site, annunciations
from quancheng.domains.monitoring.queries.tags import is_unlawful
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals import alarm_quality as standard

#: What ends so long after its time has overstayed it: the clock of alarms looks every second or two.
_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Frequent:
    """An alarm that comes often (频发报警), with how often in the month."""

    tag: Tag
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two alarms that come together (重复报警)."""

    first: Frequent
    second: Frequent
    together: int
    share: float
    lift: float


@dataclass(frozen=True, slots=True)
class Report:
    """A month of one site as it is now. ``rows``: how many rows each figure opens."""

    month: Month
    sums: Sums
    site: Site
    frequent: Sequence[Frequent]
    pairs: Sequence[Pair]
    floods: Sequence[standard.Flood]
    rows: dict[str, int]


def report_of(*, actor: Actor, file: Enterprise, month: Month) -> Report:
    """The alarms of an enterprise that a query gave to the actor. Eight queries at most, whatever came."""
    tags: QuerySet[Tag] = Tag.objects.visible_to(actor).filter(file=file)
    site = annunciations(tags, month).get(file.pk, Site())
    kept = kept_of([file.pk], month).get(file.pk, Kept())
    ten = frequent(site.came)
    found = standard.duplicates(site.came, period_s=month.length_s)
    counted: dict[str, int] = defaultdict(int)
    for one in site.came:
        counted[one.key] += 1
    keys = {key for key, _count in ten} | {key for one in found for key in one.keys}
    known = {str(tag.pk): tag for tag in tags.filter(pk__in={key.split()[0] for key in keys}) if keys}

    def named(key: str) -> Frequent:
        tag, kind = key.split()
        return Frequent(known[tag], kind, counted[key])

    rows = {code: len(rows_among(code, site, month)) for code in ROW_CODES}
    return Report(
        month, sums_of(site, month, kept), site, [named(key) for key, _count in ten],
        [Pair(named(one.keys[0]), named(one.keys[1]), one.together, one.share, one.lift) for one in found],
        standard.floods([one.raised_s for one in site.came], now_s=month.length_s),
        {**rows, "overstayed": kept.overstayed, "loosened": kept.loosened},
    )  # fmt: skip


def kept_of(files: Collection[uuid.UUID], month: Month) -> dict[uuid.UUID, Kept]:
    """What is counted of sites beside their alarms. Three queries for any number."""
    ended = Q(ended_date__isnull=True) | Q(ended_date__gte=month.first)
    tags = Tag.objects.filter(file__in=files).order_by().values_list("file")
    in_use = tags.filter(ended, created_at__lt=month.until).exclude(status=TagStatus.FOUND)
    points = dict(in_use.annotate(number=Count("pk")))
    loose = dict(tags.filter(loosened(month)).annotate(number=Count("pk")))
    holds = AlarmHold.objects.filter(overstayed(month), file__in=files).order_by().values_list("file")
    stayed = dict(holds.annotate(number=Count("pk")))
    every = {*points, *loose, *stayed}
    return {one: Kept(points.get(one, 0), stayed.get(one, 0), loose.get(one, 0)) for one in every}


def overstayed(month: Month) -> Q:
    """What was kept silent beyond an end that lay in the month."""
    over = Q(ended_at__gt=F("until") + _GRACE) | Q(ended_at__isnull=True, until__lt=month.now - _GRACE)
    return Q(until__gte=month.start, until__lt=month.until, status__in=("STANDING", "ENDED")) & over


def loosened(month: Month) -> Q:
    """Tags whose limits went beyond the law's without an exemption at the end of the month, or do now."""
    unlawful = is_unlawful(today=Calendar().local_date(month.until - timedelta(seconds=1)))
    return unlawful & (Q(ended_date__isnull=True) | Q(ended_date__gte=month.first))


def list_held(*, actor: Actor) -> QuerySet[AlarmHold]:
    """What is or was kept silent at the actor's sites, the latest end first; to be narrowed by :func:`overstayed`."""
    rows: QuerySet[AlarmHold] = AlarmHold.objects.visible_to(actor)
    return rows.select_related("tag", "file__enterprise", "area").order_by("-until", "pk")


def list_limited(*, actor: Actor) -> QuerySet[Tag]:
    """Tags that the actor may see, by enterprise and code; to be narrowed by :func:`loosened`."""
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor)
    return rows.select_related("file__enterprise", "area").order_by("file__pinyin", "code", "pk")


# Rows of figures ----------------------------------------------------------------------------------------------------

Rows = list[Annunciation]


def _crowded(came: Rows, month: Month, width_s: float, is_crowded: Callable[[int], bool]) -> Rows:
    """Those in stretches with so many."""
    counted = standard.counts([one.raised_s for one in came], 0, month.length_s, width_s)
    return [one for one in came if is_crowded(counted[int(one.raised_s // width_s)])]


def _p95_tens(site: Site, month: Month) -> Rows:
    tens = standard.counts([one.raised_s for one in site.came], 0, month.length_s, standard.WINDOW_S)
    least = max(standard.percentile(tens, 0.95), 1)
    return _crowded(site.came, month, standard.WINDOW_S, lambda count: count >= least)


def _peak(site: Site, month: Month) -> Rows:
    begin, _most = standard.peak_window(one.raised_s for one in site.came)
    return [one for one in site.came if begin <= one.raised_s < begin + standard.WINDOW_S]


def _flooded(site: Site, month: Month, *, longest: bool = False) -> Rows:
    found = standard.floods([one.raised_s for one in site.came], now_s=month.length_s)
    if longest:
        found = tuple(sorted(found, key=lambda one: _lasted(one, month))[-1:])
    return [
        one
        for one in site.came
        if any(each.first_s <= one.raised_s and (each.end_s is None or one.raised_s <= each.end_s) for each in found)
    ]


def _lasted(flood: standard.Flood, month: Month) -> float:
    return (month.length_s if flood.end_s is None else flood.end_s) - flood.start_s


def _slowest(site: Site, share: float) -> Rows:
    waits = [(one.acknowledged_s - one.raised_s, one) for one in site.came if one.acknowledged_s is not None]
    if not waits:
        return []
    least = standard.percentile([wait for wait, _one in waits], share)
    return [one for wait, one in waits if wait >= least]


def _of_keys(came: Rows, keys: Collection[str]) -> Rows:
    return [one for one in came if one.key in keys]


def _paired(site: Site, month: Month) -> Rows:
    found = standard.duplicates(site.came, period_s=month.length_s)
    return _of_keys(site.came, {key for one in found for key in one.keys})


#: Of each figure that is made of alarms, the alarms that it opens: what was counted, or what missed the target.
_AMONG: dict[str, Callable[[Site, Month], Rows]] = {
    **dict.fromkeys(("per_day", "per_hour", "per_10_min", "per_10k"), lambda site, month: site.came),
    "hours_over_30": lambda site, month: _crowded(site.came, month, 3600, lambda count: count > HOUR_MOST),
    "periods_over_10": lambda site, month: _crowded(
        site.came, month, standard.WINDOW_S, lambda count: count > TEN_MOST
    ),
    "p95_per_10_min": _p95_tens,
    "peak": _peak,
    **dict.fromkeys(("floods", "in_flood"), _flooded),
    "flood_longest": lambda site, month: _flooded(site, month, longest=True),
    "high": lambda site, month: [one for one in site.came if one.priority == 1],
    "medium": lambda site, month: [one for one in site.came if one.priority == 2],
    "low": lambda site, month: [one for one in site.came if one.priority > 2],
    "acknowledged": lambda site, month: [one for one in site.came if one.priority == 1 and not is_at_once(one)],
    "ack_on_time": lambda site, month: [one for one in site.came if one.ack_on_time is False],
    "answer_on_time": lambda site, month: [one for one in site.came if one.answer_on_time is False],
    "mtta_s": lambda site, month: [one for one in site.came if one.acknowledged_s is not None],
    "ack_p95": lambda site, month: _slowest(site, 0.95),
    "ack_p99": lambda site, month: _slowest(site, 0.99),
    "top_10": lambda site, month: _of_keys(site.came, {key for key, _count in frequent(site.came)}),
    "chattering": lambda site, month: _of_keys(site.came, standard.chattering(site.came)),
    "fleeting": lambda site, month: list(standard.fleeting(site.came)),
    "standing": lambda site, month: list(
        standard.most_standing([*site.carried, *site.came], start_s=0, end_s=month.length_s)
    ),
    "duplicates": _paired,
    "in_alarm": lambda site, month: [*site.carried, *site.came],
    "false_rate": lambda site, month: [one for one in site.came if one.is_false],
}
ROW_CODES = tuple(_AMONG)
#: Figures that open the same alarms: of a kept month they are kept once, under the first of them.
_KEPT = {code: next(one for one in _AMONG if _AMONG[one] is opens) for code, opens in _AMONG.items()}


def rows_among(code: str, site: Site, month: Month) -> Rows:
    """The alarms of a site that a figure opens. KeyError: it is not made of alarms."""
    return _AMONG[code](site, month)


def rows_to_keep(site: Site, month: Month) -> dict[str, list[int]]:
    """Of each figure that opens any, the events that it opens, by the code under which they are kept."""
    opened = {code: [one.event for one in rows_among(code, site, month)] for code in set(_KEPT.values())}
    return {code: events for code, events in opened.items() if events}


def rows_of(
    code: str, *, actor: Actor, month: Month, file: uuid.UUID | None = None, town: str = ""
) -> QuerySet[LimitEvent]:
    """Exactly the rows of a figure, the newest first: of one enterprise as it is now, of all that the actor may see
    as they were when the month's sums were last worked out, of which the figure is made.

    A row is a limit that was passed, with ``priority``, ``noted``, ``acknowledged_at`` and ``reason`` of its alarm.

    :param town: path of a street or town. :raises KeyError: the figure is not made of alarms.
    """
    tags: QuerySet[Tag] = Tag.objects.visible_to(actor)
    if file is not None:
        if town:
            tags = tags.filter(area__path__startswith=town)
        sites = annunciations(tags.filter(file=file), month)
        events = [one.event for site in sites.values() for one in rows_among(code, site, month)]
        return _shown(LimitEvent.objects.filter(pk__in=events))
    months = months_seen(actor=actor, town=town).filter(month=month.first)
    kept = AlarmMonthRows.objects.filter(code=_KEPT[code], month__in=months.order_by().values("pk"))
    opened = kept.annotate(event=Func(F("events"), function="unnest", output_field=BigIntegerField()))
    return _shown(LimitEvent.objects.filter(pk__in=opened.values("event"), tag__in=tags.order_by().values("pk")))


def _shown(rows: QuerySet[LimitEvent]) -> QuerySet[LimitEvent]:
    alarm = Alarm.objects.filter(tag=OuterRef("tag"), type=OuterRef("limit"), raised_at__lte=OuterRef("at"))
    alarm = alarm.order_by("-raised_at")
    return (
        rows.select_related("tag__file__enterprise", "tag__area")
        .annotate(
            alarm_id=Subquery(alarm.values("pk")[:1]), priority=Subquery(alarm.values("priority")[:1]),
            acknowledged_at=Subquery(alarm.values("acknowledged_at")[:1]),
            answered_at=Subquery(alarm.values("answered_at")[:1]), reason=Subquery(alarm.values("reason")[:1]),
        )
        .order_by("-at", "pk")
    )  # fmt: skip
