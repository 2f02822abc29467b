"""Each time an alarm called people (报警次数): its raising and each repetition, with how long it took to answer.

A limit that was passed counts where an alarm came of it that was not silent; the alarm's own events tell when it was
raised and left again, also where it came several times before anybody answered.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from quancheng.domains.monitoring.loops.alarm import SILENT
from quancheng.domains.monitoring.models import Alarm, LimitEvent, Tag
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.signals.alarm_quality import Occurrence
from quancheng.standards.signals.responses import INSTRUMENT_REASONS

#: How long after the end of a month an alarm of it may end to be known as ended.
_LOOK_ON = timedelta(days=1)
_ACKNOWLEDGED = ("ack", "ack_returned")
Key = tuple[uuid.UUID, str]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the district, as far as it has gone: times as seconds from its start."""

    first: date
    start: datetime
    end: datetime
    now: datetime

    @property
    def until(self) -> datetime:
        return min(self.end, self.now)

    @property
    def is_over(self) -> bool:
        return self.end <= self.now

    @property
    def length_s(self) -> float:
        return (self.until - self.start).total_seconds()

    def seconds(self, at: datetime) -> float:
        return (at - self.start).total_seconds()


def month_of(day: date, *, now: datetime) -> Month:
    """The month in which a day lies, which must have begun. :raises ValueError: it has not."""
    first, calendar = day.replace(day=1), Calendar()
    found = Month(first, calendar.start_of(first), calendar.start_of(following(first)), now)
    if found.start >= now:
        raise ValueError("a month to come")
    return found


def following(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def before(first: date, months: int) -> date:
    """The first day so many months earlier."""
    place = first.year * 12 + first.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annunciation(Occurrence):
    """One time that an alarm called people; seconds from the start of the month.

    ``is_first``: the raising of the alarm itself, with which its answer counts, once. ``ack_on_time`` and
    ``answer_on_time``: None while that is open, and of what needed none.
    """

    event: int
    alarm: uuid.UUID
    tag: uuid.UUID
    type: str
    is_first: bool
    ack_on_time: bool | None
    answer_on_time: bool | None


@dataclass(slots=True)
class Site:
    """What came at a site in a month, and what had come before and still stood when it began."""

    came: list[Annunciation] = field(default_factory=list)
    carried: list[Annunciation] = field(default_factory=list)


_ALARM = (
    "pk", "file_id", "tag_id", "type", "priority", "raised_at", "noted_at", "last_raised_at", "cleared_at",
    "again_count", "respond_by", "feedback_by", "acknowledged_at", "answered_at", "closed_at", "reason",
)  # fmt: skip


def annunciations(tags: QuerySet[Tag], month: Month) -> dict[uuid.UUID, Site]:
    """What came by site at tags that a query gave; sites where nothing did are missing. Four queries at most."""
    mine = tags.order_by().values("pk")
    rows = Alarm.objects.filter(tag__in=mine, raised_at__lt=month.until)
    rows = rows.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=month.start))
    alarms: dict[Key, list[Any]] = defaultdict(list)
    for row in rows.order_by("raised_at", "pk").values_list(*_ALARM, named=True):
        alarms[row.tag_id, row.type].append(row)
    if not alarms:
        return {}
    raises, clears = _events(mine, month)
    moves = _moves([row for ones in alarms.values() for row in ones if row.again_count])
    found: dict[uuid.UUID, Site] = defaultdict(Site)
    for key, ones in alarms.items():
        begun = [row.raised_at for row in ones]
        for at, noted_at, event in raises.get(key, ()):
            place = bisect_right(begun, at) - 1
            row = ones[place] if place >= 0 else None
            if row is None or (row.closed_at is not None and row.closed_at < noted_at):
                continue
            is_first = row.raised_at == at
            noted_at = row.noted_at if is_first else noted_at
            if not is_first and _is_silent(moves.get(row.pk, ()), noted_at):
                continue
            found[row.file_id].came.append(_made(row, event, at, noted_at, clears.get(key, ()), moves, month))
    _carry(rows, clears, moves, month, found)
    return found


def _events(
    tags: Any, month: Month
) -> tuple[dict[Key, list[tuple[datetime, datetime, int]]], dict[Key, list[datetime]]]:
    """By tag and type: when it was raised, noted, and the event; and when it was normal again."""
    raises: dict[Key, list[tuple[datetime, datetime, int]]] = defaultdict(list)
    clears: dict[Key, list[datetime]] = defaultdict(list)
    rows = LimitEvent.objects.filter(tag__in=tags, at__gte=month.start, at__lt=month.until + _LOOK_ON)
    for pk, tag, limit, is_raised, at, noted_at in rows.order_by("at", "pk").values_list(
        "pk", "tag_id", "limit", "is_raised", "at", "noted_at"
    ):
        if not is_raised:
            clears[tag, limit].append(at)
        elif at < month.until:
            raises[tag, limit].append((at, noted_at, pk))
    return raises, clears


Moves = dict[uuid.UUID, list[tuple[datetime, str, str]]]


def _moves(repeated: Sequence[Any]) -> Moves:
    """Of alarms that came several times, when they were acknowledged and silent."""
    found: Moves = defaultdict(list)
    if repeated:
        rows = MoveRecord.objects.filter(subject_type=Alarm.row_type(), subject_id__in=[row.pk for row in repeated])
        for pk, at, move, target in rows.order_by("at", "pk").values_list("subject_id", "at", "move", "target"):
            found[pk].append((at, move, target))
    return found


def _is_silent(moves: Iterable[tuple[datetime, str, str]], at: datetime) -> bool:
    state = ""
    for moved_at, _move, target in moves:
        if moved_at > at:
            break
        state = target
    return state in SILENT


def _carry(rows: Any, clears: dict[Key, list[datetime]], moves: Moves, month: Month, found: dict[Any, Site]) -> None:
    """Add what stood when the month began: what was raised last before it, and not ended since."""
    told = LimitEvent.objects.filter(tag=OuterRef("tag"), limit=OuterRef("type"), at__lt=month.start).order_by("-at")
    stood = rows.filter(raised_at__lt=month.start)
    stood = stood.filter(Q(cleared_at__isnull=True) | Q(cleared_at__gte=month.start)).annotate(
        last_event=Subquery(told.filter(is_raised=True).values("pk")[:1]),
        last_raise=Subquery(told.filter(is_raised=True).values("at")[:1]),
        last_noted=Subquery(told.filter(is_raised=True).values("noted_at")[:1]),
        last_clear=Subquery(told.filter(is_raised=False).values("at")[:1]),
    )  # fmt: skip
    columns = (*_ALARM, "last_event", "last_raise", "last_noted", "last_clear")
    for row in stood.order_by("raised_at", "pk").values_list(*columns, named=True):
        if row.last_event is None or (row.last_clear is not None and row.last_clear >= row.last_raise):
            continue
        noted_at = row.noted_at if row.last_raise == row.raised_at else row.last_noted
        key = (row.tag_id, row.type)
        made = _made(row, row.last_event, row.last_raise, noted_at, clears.get(key, ()), moves, month)
        found[row.file_id].carried.append(made)


def _made(
    row: Any, event: int, at: datetime, noted_at: datetime, clears: Sequence[datetime], moves: Moves, month: Month
) -> Annunciation:
    place = bisect_left(clears, at)
    cleared_at = clears[place] if place < len(clears) else row.cleared_at
    if cleared_at is not None and cleared_at < at:
        cleared_at = None
    is_first = row.raised_at == at
    acknowledged_at = _acknowledged(row, noted_at, moves)
    waited = None if acknowledged_at is None else acknowledged_at - noted_at
    raised_s = month.seconds(at)
    return Annunciation(
        key=f"{row.tag_id} {row.type}", raised_s=raised_s,
        cleared_s=None if cleared_at is None else month.seconds(cleared_at),
        acknowledged_s=None if waited is None else raised_s + waited.total_seconds(), priority=row.priority,
        is_false=row.reason in INSTRUMENT_REASONS if is_first and row.closed_at and row.reason else None,
        event=event, alarm=row.pk, tag=row.tag_id, type=row.type, is_first=is_first,
        ack_on_time=_on_time(waited, row.respond_by - row.last_raised_at, noted_at, row, month),
        answer_on_time=_answered_on_time(row, month) if is_first else None,
    )  # fmt: skip


def _acknowledged(row: Any, noted_at: datetime, moves: Moves) -> datetime | None:
    """When the first acknowledgement after it was told came. A repetition takes the last one back; its record stays."""
    if row.again_count:
        told = (at for at, move, _target in moves.get(row.pk, ()) if move in _ACKNOWLEDGED and at >= noted_at)
        return next(told, None)
    found: datetime | None = row.acknowledged_at
    return found if found is not None and found >= noted_at else None


def _on_time(waited: timedelta | None, allowed: timedelta, noted_at: datetime, row: Any, month: Month) -> bool | None:
    if waited is not None:
        return waited <= allowed
    if row.closed_at is not None:
        # It went by itself, or ended with its tag: nobody had to.
        return None
    return False if noted_at + allowed < month.now else None


def _answered_on_time(row: Any, month: Month) -> bool | None:
    if row.answered_at is not None:
        return bool(row.answered_at <= row.feedback_by)
    if row.closed_at is not None:
        return None
    return False if row.feedback_by < month.now else None
