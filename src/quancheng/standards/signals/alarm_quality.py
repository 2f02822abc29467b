"""How good an alarm system is (报警系统绩效): floods, chattering, standing and repeated alarms, figures of a period.

Terms and targets after ISA-18.2, IEC 62682 (GB/T 41261-2022) and EEMUA 191: alarms a day [V], the others [G]. They are
meant for one operator's position (岗位) and at least 30 days; the caller gives the alarms of one. Times are seconds of
one clock; an alarm that has not ended has no end.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from quancheng.standards.signals.basis import Refused
from quancheng.standards.wording import Text

WINDOW_S = 600
#: A flood starts with so many new alarms in a window and ends when fewer than so many stand in it.
FLOOD_STARTS, FLOOD_ENDS = 10, 5
#: So many rounds of the same alarm in so long chatter; shorter than this is fleeting; longer than this is standing.
CHATTER_ROUNDS, CHATTER_S, FLEETING_S, STANDING_S = 3, 60, 10, 86400
#: Two tags that alarm within so many seconds of each other in so large a share, so many times more often than by
#: chance, and at least so often [D].
DUPLICATE_S, DUPLICATE_SHARE, DUPLICATE_LIFT, DUPLICATE_LEAST = 5, 0.8, 5, 5
BAD_ACTORS, BAD_ACTORS_S = 10, 7 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An alarm that came: ``key`` is the tag with the type, ``priority`` 1 to 4.

    ``is_false``: closed with a cause of the instrument; None where it is not closed.
    """

    key: str
    raised_s: float
    cleared_s: float | None = None
    acknowledged_s: float | None = None
    priority: int = 3
    is_false: bool | None = None

    def lasted_s(self, now_s: float) -> float:
        """How long it has been active."""
        return (now_s if self.cleared_s is None else self.cleared_s) - self.raised_s


Kind = TypeVar("Kind", bound=Occurrence)


def _by_key(occurrences: Iterable[Kind]) -> dict[str, list[Kind]]:
    found: dict[str, list[Kind]] = defaultdict(list)
    for one in sorted(occurrences, key=lambda one: one.raised_s):
        found[one.key].append(one)
    return found


def chattering(occurrences: Iterable[Occurrence]) -> tuple[str, ...]:
    """Keys of alarms that chatter (抖动): three came and ended within 60 s."""
    return tuple(
        key
        for key, ones in _by_key(occurrences).items()
        if any(
            last.cleared_s is not None and last.cleared_s - first.raised_s <= CHATTER_S
            for first, last in zip(ones, ones[CHATTER_ROUNDS - 1 :], strict=False)
        )
    )


def fleeting(occurrences: Iterable[Kind]) -> tuple[Kind, ...]:
    """Alarms that were gone within 10 s and did not come again within a minute before or after (瞬时)."""
    found = []
    for ones in _by_key(occurrences).values():
        for place, one in enumerate(ones):
            if one.cleared_s is None or one.cleared_s - one.raised_s >= FLEETING_S:
                continue
            beside = [*ones[max(place - 1, 0) : place], *ones[place + 1 : place + 2]]
            if all(abs(other.raised_s - one.raised_s) > CHATTER_S for other in beside):
                found.append(one)
    return tuple(found)


def standing(occurrences: Iterable[Occurrence], *, now_s: float) -> tuple[Occurrence, ...]:
    """Alarms that are active now for more than 24 h (陈旧)."""
    return tuple(one for one in occurrences if one.cleared_s is None and one.lasted_s(now_s) > STANDING_S)


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood (报警泛滥): from the alarm that made it one until fewer than five stand in the window; ``end_s`` None
    while it lasts. ``first_s`` is the first alarm of the window in which it began (none of an earlier flood), ``count``
    all from there, ``most`` in a window.
    """

    first_s: float
    start_s: float
    end_s: float | None
    count: int
    most: int


def floods(raised_s: Iterable[float], *, now_s: float) -> tuple[Flood, ...]:
    """Floods among the times of new alarms of one position. A window is the 10 min up to and with an instant."""
    times = sorted(raised_s)
    found = []
    place = told = 0
    while place < len(times):
        most = place - _first_in_window(times, place) + 1
        if most < FLOOD_STARTS:
            place += 1
            continue
        first, last = max(_first_in_window(times, place), told), place
        # Until the next alarm only old ones leave: it ends when the fifth from the end is out of the window.
        while last + 1 < len(times) and times[last + 1] <= times[last - FLOOD_ENDS + 1] + WINDOW_S:
            last += 1
            most = max(most, last - _first_in_window(times, last) + 1)
        end = times[last - FLOOD_ENDS + 1] + WINDOW_S
        found.append(Flood(times[first], times[place], end if end <= now_s else None, last - first + 1, most))
        place = told = last + 1
    return tuple(found)


def _first_in_window(times: Sequence[float], place: int) -> int:
    return bisect_right(times, times[place] - WINDOW_S)


def peak(raised_s: Iterable[float], *, step_s: float = 60) -> int:
    """Most new alarms in any 10 min, the window moved by ``step_s``, on full steps of the clock."""
    return peak_window(raised_s, step_s=step_s)[1]


def peak_window(raised_s: Iterable[float], *, step_s: float = 60) -> tuple[float, int]:
    """Where the 10 min of :func:`peak` begin, the first of several, and how many came in them."""
    times = sorted(raised_s)
    if not times:
        return 0.0, 0
    # A window loses nothing when it is moved to the step of its first alarm: no others need be counted.
    steps = sorted({math.floor(at / step_s) for at in times})
    most, place = max(
        (bisect_left(times, step * step_s + WINDOW_S) - bisect_left(times, step * step_s), -step) for step in steps
    )
    return -place * step_s, most


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two alarms that come together (重复报警): share of the more frequent one, and how much more than by chance."""

    keys: tuple[str, str]
    together: int
    share: float
    lift: float


def duplicates(occurrences: Iterable[Occurrence], *, period_s: float) -> tuple[Duplicate, ...]:
    """Pairs of keys that come within 5 s of each other in over 80 % of occurrences of either, with a lift over 5.

    By chance, alarms of two keys meet as often as the windows of the one cover the period.
    """
    times = {
        key: [one.raised_s for one in ones]
        for key, ones in _by_key(occurrences).items()
        if len(ones) >= DUPLICATE_LEAST
    }
    keys = sorted(times)
    found = []
    for place, one in enumerate(keys):
        for other in keys[place + 1 :]:
            most, least = max(len(times[one]), len(times[other])), min(len(times[one]), len(times[other]))
            if least <= DUPLICATE_SHARE * most:
                continue
            together = min(_near(times[one], times[other]), _near(times[other], times[one]))
            share = together / most
            expected = len(times[one]) * len(times[other]) * 2 * DUPLICATE_S / period_s
            if share > DUPLICATE_SHARE and together / expected > DUPLICATE_LIFT:
                found.append(Duplicate((one, other), together, share, together / expected))
    return tuple(found)


def _near(times: Sequence[float], others: Sequence[float]) -> int:
    """How many times have one of the others within the distance."""
    return sum(bisect_left(others, at - DUPLICATE_S) < bisect_right(others, at + DUPLICATE_S) for at in times)


def bad_actors(occurrences: Iterable[Occurrence], *, now_s: float) -> tuple[tuple[str, int], ...]:
    """The ten most frequent alarms of the last seven days (频发报警) with their counts, ties by key."""
    recent = Counter(one.key for one in occurrences if now_s - BAD_ACTORS_S < one.raised_s <= now_s)
    return tuple(sorted(recent.items(), key=lambda pair: (-pair[1], pair[0]))[:BAD_ACTORS])


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which a share of 0 to 1 lies, between two values in proportion.

    :raises Refused: ``NO_VALUES``, ``BAD_SHARE``.
    """
    ordered = sorted(values)
    if not ordered:
        raise Refused("NO_VALUES", Text("没有数值", "there are no values"))
    if not 0 <= share <= 1:
        raise Refused("BAD_SHARE", Text("比例应在0到1之间", "the share must lie between 0 and 1"))
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


# Figures of a period ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be at most (or at least), and what can still be managed; None: nothing is said."""

    name: Text
    target: float | None
    manageable: float | None = None
    is_least: bool = False
    mark: str = "G"


TARGETS: dict[str, Target] = {
    "per_day": Target(Text("每天报警数", "Alarms a day"), 150, 300, mark="V"),
    "per_hour": Target(Text("每小时平均报警数", "Alarms an hour"), 6, 12),
    "per_10_min": Target(Text("每10分钟平均报警数", "Alarms in 10 min"), 1, 2),
    "hours_over_30": Target(Text("超过30条的小时占比", "Share of hours with over 30"), 0.01),
    "periods_over_10": Target(Text("超过10条的10分钟占比", "Share of 10 min with over 10"), 0.01, 0.05),
    "peak": Target(Text("10分钟最多报警数", "Most in any 10 min"), 10),
    "in_flood": Target(Text("报警泛滥时间占比", "Share of time in flood"), 0.01),
    "top_10": Target(Text("前10个频发报警占比", "Share of the ten most frequent"), 0.01, 0.05),
    "chattering": Target(Text("抖动报警数", "Chattering alarms"), 0),
    "fleeting": Target(Text("瞬时报警数", "Fleeting alarms"), 0),
    "standing": Target(Text("任一天陈旧报警最多数", "Most standing on any day"), 4),
    "acknowledged": Target(Text("一级报警60秒内确认率", "Priority 1 acknowledged in 60 s"), 0.95, is_least=True),
    "p95_per_10_min": Target(Text("10分钟报警数95分位", "95th percentile of 10 min"), None),
    "mtta_s": Target(Text("平均确认时间（秒）", "Mean time to acknowledge (s)"), None),
    "in_alarm": Target(Text("处于报警的时间占比", "Share of time with an alarm"), None),
    "false_rate": Target(Text("误报率", "Rate of false alarms"), None),
    "high": Target(Text("高优先级占比", "Share of priority 1"), 0.05),
    "medium": Target(Text("中优先级占比", "Share of priority 2"), 0.15),
}


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of a period; ``value`` None where nothing was there to measure. ``grade``: ``met``, ``manageable``,
    ``missed``, or empty without a target or a value.
    """

    code: str
    value: float | None
    grade: str


def kpis(occurrences: Sequence[Occurrence], *, start_s: float, end_s: float) -> tuple[Kpi, ...]:
    """The figures of one position for a period, in the order of :data:`TARGETS`.

    Alarms raised in [start, end) count; periods of an hour and of 10 min are laid from the start on, the last one may
    be short. Alarms raised before and still active count where time in alarm and standing are measured.

    :raises Refused: ``BAD_PERIOD`` for one without length.
    """
    if not end_s > start_s:
        raise Refused("BAD_PERIOD", Text("时段应有长度", "the period must have a length"))
    new = [one for one in occurrences if start_s <= one.raised_s < end_s]
    times = [one.raised_s for one in new]
    span = end_s - start_s
    hours, tens = (counts(times, start_s, end_s, width) for width in (3600, WINDOW_S))
    urgent = [one for one in new if one.priority == 1]
    waited = [one.acknowledged_s - one.raised_s for one in new if one.acknowledged_s is not None]
    closed = [one.is_false for one in new if one.is_false is not None]
    found: dict[str, float | None] = {
        "per_day": len(new) / span * 86400,
        "per_hour": len(new) / span * 3600,
        "per_10_min": len(new) / span * WINDOW_S,
        "hours_over_30": sum(count > 30 for count in hours) / len(hours),
        "periods_over_10": sum(count > 10 for count in tens) / len(tens),
        "peak": peak(times),
        "in_flood": covered_s([(one.start_s, one.end_s) for one in floods(times, now_s=end_s)], start_s, end_s) / span,
        "top_10": sum(count for _, count in Counter(one.key for one in new).most_common(BAD_ACTORS)) / len(new)
        if new
        else None,
        "chattering": len(chattering(new)),
        "fleeting": len(fleeting(new)),
        "standing": len(most_standing(occurrences, start_s=start_s, end_s=end_s)),
        "acknowledged": sum(
            one.acknowledged_s is not None and one.acknowledged_s - one.raised_s <= 60 for one in urgent
        )
        / len(urgent)
        if urgent
        else None,
        "p95_per_10_min": percentile(tens, 0.95),
        "mtta_s": math.fsum(waited) / len(waited) if waited else None,
        "in_alarm": covered_s([(one.raised_s, one.cleared_s) for one in occurrences], start_s, end_s) / span,
        "false_rate": sum(closed) / len(closed) if closed else None,
        "high": len(urgent) / len(new) if new else None,
        "medium": sum(one.priority == 2 for one in new) / len(new) if new else None,
    }
    return tuple(Kpi(code, found[code], grade(TARGETS[code], found[code])) for code in TARGETS)


def counts(times: Iterable[float], start_s: float, end_s: float, width_s: float) -> list[int]:
    """How many of the times lie in each stretch of a period, laid from its start on."""
    found = Counter(math.floor((at - start_s) / width_s) for at in times)
    return [found[place] for place in range(math.ceil((end_s - start_s) / width_s))]


def covered_s(spans: Iterable[tuple[float, float | None]], start_s: float, end_s: float) -> float:
    """How long at least one of the spans lasted within the period."""
    covered, reached = 0.0, start_s
    for begins, ends in sorted(spans, key=lambda span: span[0]):
        last = min(end_s if ends is None else ends, end_s)
        if last > max(begins, reached):
            covered += last - max(begins, reached)
            reached = last
    return covered


def most_standing(occurrences: Iterable[Kind], *, start_s: float, end_s: float) -> tuple[Kind, ...]:
    """The alarms that stood for more than 24 h where the day ended on which most did so, the first of several."""
    ends = [start_s + 86400 * (day + 1) for day in range(math.ceil((end_s - start_s) / 86400))]
    spans = [
        (one.raised_s + STANDING_S, math.inf if one.cleared_s is None else one.cleared_s, one) for one in occurrences
    ]
    found: tuple[Kind, ...] = ()
    for day in ends:
        stood = tuple(one for begins, ends_s, one in spans if begins < min(day, end_s) <= ends_s)
        if len(stood) > len(found):
            found = stood
    return found


def grade(target: Target, value: float | None) -> str:
    """How a value stands to its target, as :class:`Kpi` has it."""
    if value is None or target.target is None:
        return ""
    sign = -1 if target.is_least else 1
    if sign * value <= sign * target.target:
        return "met"
    return "manageable" if target.manageable is not None and value <= target.manageable else "missed"


#: EEMUA 191 of the first 10 min after an upset: fewer alarms than the number are so [G].
UPSETS: tuple[tuple[float, str, Text], ...] = (
    (10, "manageable", Text("可应对", "Manageable")),
    (20, "hard", Text("难以应对", "Hard")),
    (101, "excessive", Text("过多", "Excessive")),
    (math.inf, "unusable", Text("无法使用", "Unusable")),
)


def upset(count: int) -> str:
    """How so many alarms in the first 10 min after an upset are judged, a code of :data:`UPSETS`."""
    return next(code for below, code, _ in UPSETS if count < below)
