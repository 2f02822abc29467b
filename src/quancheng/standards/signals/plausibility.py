"""How far the data of a source can be trusted (数据质量评分): complete, in time, and such as sensors really tell.

Our own design [D]: the ministry's rules ask for data quality (数据质量) and fix no method. A day starts with 100
points; each finding takes some away and says why and of which tags. Nothing here proves a fraud: a finding is a reason
to look.

Readings of a tag are two arrays of the same length, by time: ``at`` in ms since 1970, ``value`` in the tag's unit,
finite. A sensor of a running process is never quite still, never quite regular, and no two are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quancheng.standards.wording import Text

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

#: Readings below which nothing is said of a series, and share of steps that must change before it is called regular.
LEAST, LEAST_MOVING = 40, 0.3
#: Most points that each kind of finding takes.
MOST: Mapping[str, int] = {
    "complete": 30, "late": 10, "clock": 10, "range": 10, "flat": 15, "frozen": 20, "repeated": 30, "smooth": 30,
    "twin": 30, "digits": 5, "unit": 20,
}  # fmt: skip
#: Shares that are wanted: readings that come, and readings that come late at most.
WANTED, MOST_LATE = 0.98, 0.02
#: A clock that is farther away is warned of; farther still, its times are not taken (3.9).
CLOCK_WARN_MS, CLOCK_BAD_MS = 1_000, 30_000
#: Hours without any change after which a level or a temperature of something that runs is stuck.
FLAT_H = 24
#: Tags that stopped changing within so short a time and stand for so long are frozen together.
FROZEN_TAGS, FROZEN_WITHIN_MS, FROZEN_FOR_MS = 3, 120_000, 3_600_000
#: By what a value is wrong where its unit is another than was registered, by dimension.
FACTORS: Mapping[str, tuple[tuple[float, str], ...]] = {
    "pressure": ((1_000, "MPa/kPa"), (100, "bar/kPa"), (1_000_000, "MPa/Pa")),
    "level": ((1_000, "m/mm"), (10, "cm/mm")),
    "flammable": ((100, "LEL/%LEL"),),
    "toxic": ((1_000, "g/m³"),),
    "oxygen": ((10_000, "ppm/%"), (100, "1/%")),
    "flow": ((1_000, "L/m³"), (3_600, "s/h")),
    "weight": ((1_000, "t/kg"),),
}
#: Kinds that may read nought for years: too small a value says nothing.
IDLE_KINDS = frozenset({"flammable", "toxic", "flow"})
#: Kinds that stand still by nature.
STILL_KINDS = frozenset({"discrete", "position", "quantity"})

_WORDS: Mapping[str, tuple[str, str]] = {
    "flat": ("{count}个点位24小时没有任何变化", "{count} tags did not change at all for 24 hours"),
    "frozen": ("{count}个点位同时停止变化", "{count} tags stopped changing at the same moment"),
    "repeated": ("{count}个点位的数据成段重复", "{count} tags repeat themselves, reading by reading"),
    "smooth": ("{count}个点位的数据过于规则，没有实测噪声", "{count} tags follow a formula without any noise"),
    "twin": ("{count}个点位的数据与别的点位完全同步", "{count} tags tell exactly what another one tells"),
    "digits": ("{count}个点位的数据位数超出仪表精度", "{count} tags have more digits than an instrument gives"),
    "unit": ("{count}个点位疑似计量单位有误（{names}）", "{count} tags seem to tell another unit ({names})"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """A tag with its readings of some hours, and what is known of its day.

    ``still_h``: hours for which it did not change at all, up to the end of the day. ``is_scaled``: its values were
    worked out by factor and shift, so that their digits say nothing.
    """

    code: str
    kind: str
    at: Longs
    value: Floats
    range_lo: float | None = None
    range_hi: float | None = None
    still_h: float = 0.0
    flat_within: float = 0.0
    is_scaled: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """A source's day in numbers. ``clock_ms``: how far its clock is from ours."""

    expected: int
    received: int
    late: int
    outside: int
    clock_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points taken away, with why and of which tags."""

    code: str
    points: int
    text: Text
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, with every deduction, the largest first."""

    score: int
    deductions: tuple[Deduction, ...]


# Single series ---------------------------------------------------------------------------------------------------


def moving(value: Floats) -> float:
    """Share of steps at which the value changes."""
    return float(np.mean(np.diff(value) != 0)) if len(value) > 1 else 0.0


def period_of(value: Floats) -> int:
    """After how many readings a series repeats itself to the last digit; 0 where it does not.

    At least three whole rounds, of eight readings or more, with four different values or more, of which nearly all
    follow the round. What hardly moves repeats itself by itself and is not judged.
    """
    count = len(value)
    if count < LEAST or moving(value) < LEAST_MOVING:
        return 0
    for lag in range(8, count // 3 + 1):
        if np.mean(value[lag:] == value[:-lag]) >= 0.98 and len(np.unique(value[:lag])) >= 4:
            return lag
    return 0


def is_smooth(value: Floats) -> bool:
    """Whether each reading follows from the two before it, exactly: a straight ramp, a pure wave, an exponential.

    Real sensors have noise, or the steps of their converter.
    """
    if len(value) < LEAST or moving(value) < 0.9:
        return False
    spread = float(np.std(value))
    if spread == 0:
        return False
    known = np.stack([value[1:-1], value[:-2], np.ones(len(value) - 2)], axis=1)
    weights, *_rest = np.linalg.lstsq(known, value[2:], rcond=None)
    return bool(np.max(np.abs(known @ weights - value[2:])) < 1e-6 * spread)


def has_odd_digits(value: Floats) -> bool:
    """Whether most values have more digits than any converter or single-precision number gives: a program's numbers."""
    if len(value) < LEAST or moving(value) < LEAST_MOVING:
        return False
    single = value == value.astype(np.float32).astype(np.float64)
    with np.errstate(divide="ignore"):
        size = np.floor(np.log10(np.maximum(np.abs(value), 1e-12)))
    step = 10.0 ** (size - 8)
    nine = np.abs(np.round(value / step) * step - value) <= np.abs(value) * 1e-13
    return bool(np.mean(~single & ~nine) > 0.5)


def wrong_unit(series: Series) -> str:
    """Which units were probably mixed up, e.g. ``MPa/kPa``; empty where nothing points to it.

    Nearly all values lie above the range, or below a two-hundredth of it, and by one typical factor in its middle.
    """
    low, high = series.range_lo, series.range_hi
    if low is None or high is None or high <= low or len(series.value) < LEAST:
        return ""
    value, span = series.value, high - low
    middle = float(np.median(value))
    is_above = float(np.mean(value > high + 0.03 * span)) > 0.95
    is_below = float(np.mean(value < low + 0.005 * span)) > 0.95 and middle > 0 and series.kind not in IDLE_KINDS
    if not (is_above or is_below) or (is_below and moving(value) == 0):
        return ""
    for factor, name in FACTORS.get(series.kind, ()):
        scaled = middle / factor if is_above else middle * factor
        if low + 0.05 * span <= scaled <= low + 0.95 * span:
            return name
    return ""


def longest_still(at: Longs, value: Floats) -> tuple[int, int]:
    """The longest time without any change after the first: when it began, and how long it lasted, in ms; 0, 0: none."""
    if len(value) < 2:
        return 0, 0
    starts = np.flatnonzero(np.diff(value) != 0) + 1
    if not len(starts):
        return 0, 0
    ends = np.append(starts[1:] - 1, len(value) - 1)
    lengths = at[ends] - at[starts]
    longest = int(np.argmax(lengths))
    return int(at[starts[longest]]), int(lengths[longest])


# Several series --------------------------------------------------------------------------------------------------


def frozen_together(series: Iterable[Series]) -> tuple[str, ...]:
    """Tags that moved and then all stood still from the same two minutes on, for an hour or longer: a stuck gateway.

    The largest such group of three or more.
    """
    stops: list[tuple[int, str]] = []
    for one in series:
        if len(one.value) < LEAST or one.kind in STILL_KINDS:
            continue
        began, length = longest_still(one.at, one.value)
        outside = one.value[(one.at < began) | (one.at > began + length)]
        if length >= FROZEN_FOR_MS and len(outside) >= LEAST // 2 and moving(outside) > 0.1:
            stops.append((began, one.code))
    stops.sort()
    best: tuple[str, ...] = ()
    start = 0
    for end, (at, _code) in enumerate(stops):
        while at - stops[start][0] > FROZEN_WITHIN_MS:
            start += 1
        if end - start + 1 >= max(FROZEN_TAGS, len(best) + 1):
            best = tuple(sorted(code for _at, code in stops[start : end + 1]))
    return best


def twins(series: Iterable[Series]) -> tuple[str, ...]:
    """Tags whose readings are the same as another's, or the same but for a fixed distance, reading by reading."""
    groups: dict[bytes, list[str]] = defaultdict(list)
    for one in series:
        if len(one.value) < LEAST or one.kind in STILL_KINDS or moving(one.value) < LEAST_MOVING:
            continue
        # Distances from the first reading, rounded so that the distance of two series leaves no trace.
        shape = np.round(one.value - one.value[0], 6) + 0.0
        groups[one.kind.encode() + np.diff(one.at, prepend=one.at[0]).tobytes() + shape.tobytes()].append(one.code)
    return tuple(sorted(code for codes in groups.values() if len(codes) > 1 for code in codes))


# The score -------------------------------------------------------------------------------------------------------


def score(counts: Counts, series: Sequence[Series], *, minutes: Sequence[Series] = ()) -> Score:
    """The score of a source's day. Source: [D].

    Completeness takes a point for each per cent that is missing below 98 %, lateness half a point for each above 2 %,
    readings outside the range a point for each per cent. What is odd of tags takes its most, by the share of tags of
    which it is true, and at least a third of it.

    :param series: single readings of some hours. :param minutes: the last value of each minute of the whole day, by
        which tags that stood still together are found.
    """
    found = [*_counted(counts), *_odd(series, minutes)]
    found.sort(key=lambda one: (-one.points, one.code))
    return Score(max(0, 100 - sum(one.points for one in found)), tuple(found))


def _counted(counts: Counts) -> Iterable[Deduction]:
    share = counts.received / counts.expected if counts.expected else 1.0
    if share < WANTED:
        shown = f"{100 * share:.1f}"
        yield _taken("complete", (WANTED - share) * 100, Text(
            f"应有读数只收到{shown}%", f"only {shown} % of the readings that were due came",
        ))  # fmt: skip
    if counts.received:
        late, outside = counts.late / counts.received, counts.outside / counts.received
        if late > MOST_LATE:
            shown = f"{100 * late:.1f}"
            yield _taken("late", (late - MOST_LATE) * 50, Text(
                f"{shown}%的读数迟到一分钟以上", f"{shown} % of the readings came more than a minute late",
            ))  # fmt: skip
        if outside > 0.005:
            shown = f"{100 * outside:.1f}"
            yield _taken("range", outside * 100, Text(
                f"{shown}%的读数超出量程或不可用", f"{shown} % of the readings lie outside the range or are unusable",
            ))  # fmt: skip
    if counts.clock_ms is not None and abs(counts.clock_ms) > CLOCK_WARN_MS:
        seconds = f"{counts.clock_ms / 1000:+.0f}"
        yield _taken("clock", 10 if abs(counts.clock_ms) > CLOCK_BAD_MS else 2, Text(
            f"时钟与平台相差{seconds}秒", f"its clock is {seconds} s away from ours",
        ))  # fmt: skip


def _odd(series: Sequence[Series], minutes: Sequence[Series]) -> Iterable[Deduction]:
    told: dict[str, list[str]] = defaultdict(list)
    units: dict[str, str] = {}
    for one in series:
        if one.still_h >= FLAT_H and one.kind not in STILL_KINDS:
            told["flat"].append(one.code)
        if one.kind in STILL_KINDS:
            continue
        if period_of(one.value):
            told["repeated"].append(one.code)
        elif is_smooth(one.value):
            told["smooth"].append(one.code)
        if not one.is_scaled and has_odd_digits(one.value):
            told["digits"].append(one.code)
        if name := wrong_unit(one):
            told["unit"].append(one.code)
            units[one.code] = name
    told["twin"] = list(twins(series))
    told["frozen"] = list(frozen_together(minutes))
    judged = max(1, sum(1 for one in series if one.kind not in STILL_KINDS))
    for code, tags in told.items():
        if tags:
            most = MOST[code]
            points = max(most / 3, most * len(tags) / judged)
            yield _taken(code, points, _words(code, len(tags), units), tuple(sorted(tags)))


def _words(code: str, count: int, units: Mapping[str, str]) -> Text:
    zh, en = _WORDS[code]
    names = "、".join(sorted(set(units.values())))
    return Text(zh.format(count=count, names=names), en.format(count=count, names=names))


def _taken(code: str, points: float, text: Text, tags: tuple[str, ...] = ()) -> Deduction:
    return Deduction(code, min(MOST[code], max(1, round(points))), text, tags)
