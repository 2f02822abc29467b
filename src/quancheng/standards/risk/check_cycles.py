"""Cycles of check tasks (隐患排查任务): when a task is due, when it is overdue, which cycles cannot be.

Hours: inside the daily window, from its begin on every n hours. Days, months, years: every n from the first day on
(the last day of a month that has no such day). The rule of hours and the end of the period [V in part]; the rest is
ours [D]:

- A day that is no day of the task, or lies in a stoppage, is skipped. A task of days, months or years then falls on
the next day of its period that is one, so that a short stoppage does not swallow a yearly check; where there is none
it falls away. - A task of days is overdue at the end of its day; one of months or years when its period ends, that is
when the next begins; one of hours when its n hours are over.

The code list has no week and no quarter: they are written as 7 days and 3 months (:data:`AS_UNITS`). All times are
aware; days are those of :data:`CHINA`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import gcd
from zoneinfo import ZoneInfo

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import BadInput, months_later, percent
from quancheng.standards.wording import Text

CHINA = ZoneInfo("Asia/Shanghai")
#: Units as the exchange format writes them (checkCycleUnit).
UNITS: dict[str, Text] = {
    "hour": Text("小时", "hours"),
    "day": Text("天", "days"),
    "month": Text("月", "months"),
    "year": Text("年", "years"),
}


def told_rhythm(every: Decimal | int, unit: str) -> Text:
    """How often, as people say it: 每月, 每6个月; every month, every 6 months."""
    number, word = f"{Decimal(every).normalize():f}", UNITS[unit]
    if number == "1":
        return Text(f"每{word.zh}", f"every {word.en.removesuffix('s')}")
    return Text(f"每{number}{'个月' if unit == 'month' else word.zh}", f"every {number} {word.en}")


#: Days on which a task is done, in the order of ``workDayType`` 0 to 2.
DAYS: dict[str, Text] = {
    "every": Text("每天", "every day"),
    "working": Text("法定工作日", "statutory working days"),
    "off": Text("非工作日", "non-working days"),
}
#: Rhythms that the code list has not, as it writes them.
AS_UNITS: dict[str, tuple[int, str]] = {"week": (7, "day"), "quarter": (3, "month"), "half_year": (6, "month")}
#: The window of a task that runs day and night.
WHOLE_DAY = (time(0, 0), time(23, 59, 59))
#: Largest n (two digits before and two after the point), and for hours from and to [D].
MOST, HOURS_FROM, HOURS_TO = Decimal("99.99"), Decimal("0.1"), Decimal(24)
#: Days that one call may look over.
_SPAN = {"hour": 400, "day": 4000, "month": 15000, "year": 40000}
#: ``checkStatus`` of a record: normal, hidden danger, not checked, other.
NORMAL, FOUND, NOT_CHECKED, OTHER = range(4)
#: When a stoppage calls for a look by the regulator [D]: it is a known way to dodge tasks.
LONG_STOP = timedelta(days=30)
STOPPED_SHARE = Fraction(30, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stoppage or overhaul (停用、检修) of a unit, from ``begins_at`` until before ``ends_at`` (None: goes on).

    :raises BadInput: an end that does not lie after the begin.
    """

    begins_at: datetime
    ends_at: datetime | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        _aware("begins_at", self.begins_at)
        if self.ends_at is not None:
            _aware("ends_at", self.ends_at)
            if self.ends_at <= self.begins_at:
                raise BadInput("ends_at", Text("应晚于开始时间", "must lie after the begin"))

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """How often a task is done. Windows stand only with hours, both ends included.

    :raises BadInput: the first of what :func:`check` says.
    """

    every: Decimal
    unit: str
    starts_at: datetime
    window_start: time | None = None
    window_end: time | None = None
    days: str = "every"

    def __post_init__(self) -> None:
        errors = check(
            every=self.every,
            unit=self.unit,
            starts_at=self.starts_at,
            window_start=self.window_start,
            window_end=self.window_end,
            days=self.days,
        )
        for field, reason in errors.items():
            raise BadInput(field, reason)

    @property
    def _first(self) -> datetime:
        return self.starts_at.astimezone(CHINA)

    @property
    def _span(self) -> timedelta:
        """n hours."""
        return timedelta(seconds=float(self.every * 3600))

    def _period(self, index: int) -> date:
        """The first day of a period of days, months or years."""
        n = int(self.every) * index
        if self.unit == "day":
            return self._first.date() + timedelta(days=n)
        return months_later(self._first.date(), n * (12 if self.unit == "year" else 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One instance of a task. A record from ``opens_at`` until before ``closes_at`` does it. ``key`` names it for good,
    also when a stoppage that is told later moves its day; ``is_moved``: its own day was skipped.
    """

    key: str
    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    is_moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """When a task was looked at, and with which ``checkStatus``."""

    at: datetime
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What a regulator should look at."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two cycles of one check that ask for the same moments, by their places in what was given."""

    first: int
    second: int
    text: Text


def check(
    *,
    every: Decimal | None,
    unit: str,
    starts_at: datetime | None,
    window_start: time | None,
    window_end: time | None,
    days: str,
) -> dict[str, Text]:
    """What is wrong with a cycle, by field."""
    errors: dict[str, Text] = {}
    if unit not in UNITS:
        errors["unit"] = Text("应为小时、天、月、年之一", "must be hours, days, months or years")
    if days not in DAYS:
        errors["days"] = Text("没有这一工作日类型", "There is no such kind of days")
    if starts_at is None or starts_at.tzinfo is None:
        errors["starts_at"] = Text("请填写首次执行时间", "Give the first time")
    if every is None or not every.is_finite() or not 0 < every <= MOST:
        errors["every"] = Text(f"应大于0，不超过{plain(MOST)}", f"must be above 0 and at most {plain(MOST)}")
    elif every != round(every, 2):
        errors["every"] = Text("最多两位小数", "at most two decimals")
    elif unit == "hour" and not HOURS_FROM <= every <= HOURS_TO:
        errors["every"] = Text(
            f"按小时的周期应在{HOURS_FROM}到{HOURS_TO}之间",
            f"between {HOURS_FROM} and {HOURS_TO} hours; else write days",
        )
    elif unit in UNITS and unit != "hour" and every != int(every):
        errors["every"] = Text(f"按{UNITS[unit].zh}的周期应为整数", f"a cycle of {UNITS[unit].en} is whole")
    if unit == "hour":
        if window_start is None:
            errors["window_start"] = Text("按小时的任务须填写每日开始时间", "A task of hours has a daily begin")
        if window_end is None:
            errors["window_end"] = Text("按小时的任务须填写每日结束时间", "A task of hours has a daily end")
        if window_start is not None and window_end is not None and window_end <= window_start:
            errors["window_end"] = Text(
                "应晚于开始时间；跨零点的班次请分为两项任务",
                "must lie after the begin; write a night shift as two tasks",
            )
    elif unit in UNITS:
        for field, value in (("window_start", window_start), ("window_end", window_end)):
            if value is not None:
                errors[field] = Text("只有按小时的任务填写", "only with hours")
    return errors


def doubts(cycle: Cycle) -> tuple[Text, ...]:
    """What is odd about a cycle that can be."""
    if cycle.unit == "hour" and cycle.window_start is not None and cycle.window_end is not None:
        window = datetime.combine(date.min, cycle.window_end) - datetime.combine(date.min, cycle.window_start)
        if cycle._span > window:
            return (
                Text(
                    "周期长于每日时段，每天只有一次，建议改为按天",
                    "The cycle is longer than the window: once a day, write days",
                ),
            )
    return ()


def due_moments(
    cycle: Cycle,
    *,
    since: datetime,
    until: datetime,
    is_working_day: Callable[[date], bool],
    stops: Sequence[Stop] = (),
) -> tuple[Due, ...]:
    """The instances whose moment lies from ``since`` until before ``until``, in order. ``stops`` are those of the unit.

    :raises BadInput: naive times, or a span that is too long (400 days for hours).
    """
    _aware("since", since)
    _aware("until", until)
    if until - since > timedelta(days=_SPAN[cycle.unit]):
        raise BadInput("until", Text("时间段过长", "the span is too long"))

    def is_open(moment: datetime) -> bool:
        day = moment.astimezone(CHINA).date()
        if cycle.days != "every" and is_working_day(day) != (cycle.days == "working"):
            return False
        return not any(stop.holds(moment) for stop in stops)

    begin = max(since, cycle.starts_at)
    if until <= begin:
        return ()
    made = _hourly(cycle, begin, until) if cycle.unit == "hour" else _periodic(cycle, begin, until, is_open)
    return tuple(due for due in made if begin <= due.due_at < until and is_open(due.due_at))


def _hourly(cycle: Cycle, begin: datetime, until: datetime) -> Iterator[Due]:
    day, last = begin.astimezone(CHINA).date(), until.astimezone(CHINA).date()
    while day <= last:
        moment = _at(day, cycle.window_start or WHOLE_DAY[0])
        end, tomorrow = _at(day, cycle.window_end or WHOLE_DAY[1]), _at(day + timedelta(days=1), cycle.window_start)
        while moment <= end:
            closes = min(moment + cycle._span, tomorrow)
            yield Due(key=moment.isoformat(), opens_at=moment, due_at=moment, closes_at=closes)
            moment += cycle._span
        day += timedelta(days=1)


def _periodic(cycle: Cycle, begin: datetime, until: datetime, is_open: Callable[[datetime], bool]) -> Iterator[Due]:
    first, day = cycle._first, begin.astimezone(CHINA).date()
    n = int(cycle.every)
    if cycle.unit == "day":
        index = (day - first.date()).days // n
    else:
        months = (day.year - first.year) * 12 + day.month - first.month
        index = months // (n * (12 if cycle.unit == "year" else 1)) - 1
    index = max(0, index)
    last = until.astimezone(CHINA).date()
    while (start := cycle._period(index)) <= last:
        after = cycle._period(index + 1)
        moved = start
        while moved < after and not is_open(_at(moved, first.time())):
            moved += timedelta(days=1)
        if moved < after:
            closes = moved + timedelta(days=1) if cycle.unit == "day" else after
            yield Due(
                key=start.isoformat(),
                opens_at=_at(moved),
                due_at=_at(moved, first.time()),
                closes_at=_at(closes),
                is_moved=moved != start,
            )
        index += 1


def doubled(cycle: Cycle, dues: Sequence[Due], *, is_on: Callable[[date], bool]) -> tuple[Due, ...]:
    """The extra instances by which a special period doubles the rhythm [D]: one half a cycle after each of ``dues``,
    if that day is one of the period (``is_on``) and of the task's window.

    Hours: n/2 hours later, in the same window. Days: half of n days later (rounded down) for that whole day; every day:
    a second time from noon on. Months: fifteen days a month later, until the period of its instance ends. Years are not
    doubled. The key is that of its instance with ``+``.
    """
    found = []
    for due in dues:
        day = due.due_at.astimezone(CHINA).date()
        if cycle.unit == "hour":
            opens = due.due_at + cycle._span / 2
            if opens > _at(day, cycle.window_end) or opens >= due.closes_at:
                continue
            at, closes = opens, due.closes_at
        elif cycle.unit == "day" and cycle.every == 1:
            opens = at = _at(day, time(12))
            closes = due.closes_at
        elif cycle.unit in ("day", "month"):
            later = day + timedelta(days=int(cycle.every) * 15 if cycle.unit == "month" else int(cycle.every) // 2)
            opens, at = _at(later), _at(later, cycle._first.time())
            closes = due.closes_at if cycle.unit == "month" else _at(later + timedelta(days=1))
            if at >= closes:
                continue
        else:
            continue
        if is_on(at.astimezone(CHINA).date()):
            found.append(Due(key=f"{due.key}+", opens_at=opens, due_at=at, closes_at=closes))
    return tuple(found)


def is_covered(due: Due, stops: Sequence[Stop]) -> bool:
    """Whether one stoppage covers an instance whole, so that it is none of the planned ones."""
    return any(
        stop.begins_at <= due.opens_at and (stop.ends_at is None or due.closes_at <= stop.ends_at) for stop in stops
    )


def is_done(due: Due, records: Sequence[Record], *, stops: Sequence[Stop] = ()) -> bool:
    """Whether a record in its window does it: normal, hidden danger or other; not checked only under a stoppage."""
    return any(
        due.opens_at <= record.at < due.closes_at
        and (record.status != NOT_CHECKED or any(stop.holds(record.at) for stop in stops))
        for record in records
    )


def is_overdue(due: Due, *, now: datetime, done_at: datetime | None = None) -> bool:
    """Whether its window ended without it. A record after the end does not undo that."""
    if done_at is not None and due.opens_at <= done_at < due.closes_at:
        return False
    return now >= due.closes_at


def is_hourly_overdue(
    cycle: Cycle,
    *,
    last_check: datetime | None,
    now: datetime,
    is_working_day: Callable[[date], bool],
    stops: Sequence[Stop] = (),
) -> bool:
    """Whether more than n hours have gone since the last check, counted inside today's window alone: from its begin
    where the last check lies before it, from the end of a stoppage where one ended today. False outside the days of
    the task, in a stoppage, and for what would fall due after the window. A task that runs day and night
    (:data:`WHOLE_DAY`) counts on over midnight. ValueError for a task that is none of hours.
    """
    if cycle.unit != "hour" or cycle.window_start is None or cycle.window_end is None:
        raise ValueError("not a task of hours")
    day = now.astimezone(CHINA).date()

    def is_own(one: date) -> bool:
        return cycle.days == "every" or is_working_day(one) == (cycle.days == "working")

    if not is_own(day) or any(stop.holds(now) for stop in stops):
        return False
    # A task that runs day and night goes on over midnight.
    runs_on = (cycle.window_start, cycle.window_end) == WHOLE_DAY and is_own(day - timedelta(days=1))
    begin = _at(day - timedelta(days=1) if runs_on else day, cycle.window_start)
    ended = [stop.ends_at for stop in stops if stop.ends_at is not None and stop.ends_at <= now]
    checked = [last_check] if last_check is not None else []
    deadline = max(begin, cycle.starts_at, *ended, *checked) + cycle._span
    return now > deadline and (runs_on or deadline <= _at(day, cycle.window_end))


def overlaps(cycles: Sequence[Cycle]) -> tuple[Overlap, ...]:
    """Which cycles of one and the same check ask twice for the same: hours whose windows cross, or days, months or
    years of one unit that meet on a day. Cycles of different units are not compared.
    """
    found = []
    for (i, a), (j, b) in combinations(enumerate(cycles), 2):
        if a.unit != b.unit or ({a.days, b.days} == {"working", "off"}):
            continue
        if a.unit == "hour":
            meet = (
                a.window_start is not None
                and b.window_start is not None
                and a.window_end is not None
                and b.window_end is not None
                and a.window_start <= b.window_end
                and b.window_start <= a.window_end
            )
            text = Text("每日时段重叠", "The windows cross")
        else:
            meet = _meet(a, b)
            text = Text("到期日会重合", "They fall due on the same day")
        if meet:
            found.append(Overlap(first=i, second=j, text=text))
    return tuple(found)


def stop_flags(stops: Sequence[Stop], *, units: int, now: datetime) -> tuple[Flag, ...]:
    """What a regulator should look at in the stoppages of one major hazard with so many units: one longer than 30 days,
    more than 30 % of the units stopped now.
    """
    flags = []
    for stop in stops:
        lasts = (stop.ends_at or now) - stop.begins_at
        if lasts > LONG_STOP:
            flags.append(
                Flag(
                    code="LONG",
                    text=Text(f"{stop.unit}停用{lasts.days}天", f"{stop.unit} has been stopped for {lasts.days} days"),
                )
            )
    stopped = len({stop.unit for stop in stops if stop.holds(now)})
    if units > 0 and Fraction(stopped, units) > STOPPED_SHARE:
        share = percent(Fraction(stopped, units))
        flags.append(Flag(code="MANY", text=Text(f"{share}的单元停用", f"{share} of the units are stopped")))
    return tuple(flags)


def _meet(a: Cycle, b: Cycle) -> bool:
    first, second = a._first.date(), b._first.date()
    if a.unit == "day":
        return (first - second).days % gcd(int(a.every), int(b.every)) == 0
    months = (first.year - second.year) * 12 + first.month - second.month
    step = gcd(int(a.every), int(b.every)) * (12 if a.unit == "year" else 1)
    # Both beyond the 28th may meet on the last day of a short month.
    return months % step == 0 and (first.day == second.day or min(first.day, second.day) > 28)


def _at(day: date, clock: time | None = None) -> datetime:
    return datetime.combine(day, (clock or time(0)).replace(tzinfo=None), tzinfo=CHINA)


def _aware(field: str, moment: datetime) -> None:
    if moment.tzinfo is None:
        raise BadInput(field, Text("时间须带时区", "the time must be aware"))
