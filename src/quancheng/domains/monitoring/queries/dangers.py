"""Which alarms are a hidden danger by now (报警转隐患): conditions that nobody took up yet (monitoring 2.8)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from quancheng.domains.monitoring.loops.alarm import SILENT
from quancheng.domains.monitoring.models import Action, Alarm, FindingCause, LimitEvent, Tag, TagFinding, TagStatus
from quancheng.domains.monitoring.queries.alarm_terms import Terms
from quancheng.domains.monitoring.queries.escalation import Steps
from quancheng.domains.monitoring.queries.tags import is_unlawful
from quancheng.kernel.calendar import Calendar

DAY, WEEK = timedelta(days=1), timedelta(days=7)
#: Conditions that speak of the instrument and not of what it measures.
INSTRUMENT_TYPES = ("INSTR", "FLAT", "STALE")
#: A danger that is no more looked at.
ENDED = ("CLOSED", "DISCARDED", "MERGED")


@dataclass(frozen=True, slots=True)
class Seen:
    """A cause that stands. ``alarm`` None: no alarm is behind it. ``count``: times, or hours that it stands."""

    tag: Tag
    cause: FindingCause
    alarm: Alarm | None = None
    count: int = 0


def seen_dangers(terms: Terms, steps: Steps, *, now: datetime) -> Iterator[Seen]:
    """Everything that is a danger now, of each tag and cause the one with the newest alarm.

    What happened before the end of the last danger of the same tag and cause counts for none: it was put right.
    """
    found: dict[tuple[object, FindingCause], Seen] = {}
    for one in (*_repeated(terms, now), *_standing(terms, now), *_without_action(steps, now), *_loosened(now)):
        found.setdefault((one.tag.pk, one.cause), one)
    taken = _taken([one.tag for one in found.values()])
    for one in found.values():
        open_ones, last_end = taken.get((one.tag.pk, one.cause), (0, None))
        if not open_ones and (last_end is None or _is_new(one, last_end, terms, now)):
            yield one


def is_open(tag: Tag, cause: str) -> bool:
    """Whether a danger of a tag and cause is still looked after."""
    return TagFinding.objects.filter(tag=tag, cause=cause).exclude(finding__status__in=ENDED).exists()


def _taken(tags: Sequence[Tag]) -> dict[tuple[object, FindingCause], tuple[int, datetime | None]]:
    rows = TagFinding.objects.filter(tag__in=tags).order_by().values("tag", "cause")
    rows = rows.annotate(
        open_ones=Count("pk", filter=~Q(finding__status__in=ENDED)), last_end=Max("finding__closed_at")
    )
    return {(row["tag"], FindingCause(row["cause"])): (row["open_ones"], row["last_end"]) for row in rows}


def _is_new(one: Seen, last_end: datetime, terms: Terms, now: datetime) -> bool:
    """Whether a cause that was taken up once has come anew since that danger ended."""
    if one.cause == FindingCause.REPEATED and one.alarm is not None:
        day, week = repeats_of(one.tag, one.alarm.type, since=last_end, now=now)
        return day >= terms.repeats_day or week >= terms.repeats_week
    if one.cause == FindingCause.STANDING:
        return last_end <= now - timedelta(hours=terms.standing_hours)
    if one.cause == FindingCause.INSTRUMENT:
        return last_end <= now - timedelta(hours=terms.instrument_hours)
    if one.cause == FindingCause.NO_ACTION:
        return one.alarm is not None and one.alarm.last_raised_at > last_end
    return last_end <= now - DAY


# Repetition -------------------------------------------------------------------------------------------------------


def repeats_of(tag: Tag, kind: str, *, since: datetime | None, now: datetime) -> tuple[int, int]:
    """How often a condition was raised within a day and within a week, by when the platform knew."""
    rows = LimitEvent.objects.filter(tag=tag, limit=kind, is_raised=True, noted_at__gt=now - WEEK, noted_at__lte=now)
    if since is not None:
        rows = rows.filter(noted_at__gt=since)
    told = rows.aggregate(day=Count("pk", filter=Q(noted_at__gt=now - DAY)), week=Count("pk"))
    return told["day"], told["week"]


def often_raised(times: int, *, since: datetime, files: Collection[uuid.UUID] | None = None) -> Sequence[Alarm]:
    """The newest alarm of each condition that may have been raised so often since then: occurrences and repetitions.

    A repetition of an alarm that began before is counted, so that none is missed; whoever asks counts events.

    :param files: of these enterprises alone.
    """
    there = Alarm.objects.filter(last_raised_at__gt=since)
    if files is not None:
        there = there.filter(file__in=list(files))
    counted = there.order_by().values("tag", "type")
    often = counted.annotate(times=Sum(1 + F("again_count"))).filter(times__gte=times)
    wanted = Q()
    for row in often:
        wanted |= Q(tag=row["tag"], type=row["type"])
    if not wanted:
        return ()
    rows = there.filter(wanted).select_related("tag__file", "tag__facility", "file__enterprise")
    return list(rows.order_by("tag", "type", "-last_raised_at").distinct("tag", "type"))


def _repeated(terms: Terms, now: datetime) -> Iterator[Seen]:
    least = min(terms.repeats_day, terms.repeats_week)
    for alarm in often_raised(least, since=now - WEEK):
        day, week = repeats_of(alarm.tag, alarm.type, since=None, now=now)
        if day >= terms.repeats_day or week >= terms.repeats_week:
            yield Seen(alarm.tag, FindingCause.REPEATED, alarm, day if day >= terms.repeats_day else week)


def repeats_today(times: int, *, files: Collection[uuid.UUID], now: datetime) -> Iterator[tuple[Alarm, int]]:
    """The newest alarm of each condition of some enterprises that was raised so often within a day, and how often."""
    for alarm in often_raised(times, since=now - DAY, files=files):
        day, _week = repeats_of(alarm.tag, alarm.type, since=None, now=now)
        if day >= times:
            yield alarm, day


# What stands ------------------------------------------------------------------------------------------------------


def _open() -> QuerySet[Alarm]:
    rows = Alarm.objects.exclude(status="CLOSED").exclude(status__in=SILENT)
    return rows.select_related("tag__file", "file__enterprise").order_by("-last_raised_at", "pk")


def _standing(terms: Terms, now: datetime) -> Iterator[Seen]:
    """Alarms that do not go: of instruments that guard something, and others."""
    for alarm in _open().filter(cleared_at__isnull=True, raised_at__lte=now - timedelta(hours=1)):
        is_fault = alarm.type in INSTRUMENT_TYPES and alarm.is_critical
        hours = int((now - alarm.raised_at).total_seconds() // 3600)
        if is_fault and hours >= terms.instrument_hours:
            yield Seen(alarm.tag, FindingCause.INSTRUMENT, alarm, hours)
        elif not is_fault and hours >= terms.standing_hours:
            yield Seen(alarm.tag, FindingCause.STANDING, alarm, hours)


def _without_action(steps: Steps, now: datetime) -> Iterator[Seen]:
    """The first priority acknowledged and nothing done until escalation had nobody left to tell."""
    before = now - timedelta(seconds=steps.end_s(1))
    rows = _open().filter(priority=1, status__in=("ACKED", "FEEDBACK"), action=Action.NONE, last_raised_at__lt=before)
    for alarm in rows:
        yield Seen(alarm.tag, FindingCause.NO_ACTION, alarm, int((now - alarm.last_raised_at).total_seconds() // 3600))


def _loosened(now: datetime) -> Iterator[Seen]:
    rows = Tag.objects.filter(is_unlawful(today=Calendar().local_date(now))).exclude(status=TagStatus.ENDED)
    for tag in rows.select_related("file__enterprise").order_by("pk"):
        yield Seen(tag, FindingCause.LOOSENED)
