"""When a signal alarms (报警判定): one small state object a condition, fed with samples in the order of their time.

This is the reference by which a quicker evaluation of whole columns is measured. Delays are counted from the first
sample of a run; a sample that does not count as data stops the clock until the next one that does, and neither raises
nor clears anything. A sample that is not later than the one before is passed over. Frame: IEC 62682 as GB/T 41261-2022;
what is decided here is marked [D].
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from quancheng.standards.signals import quality as qualities
from quancheng.standards.signals.quality import Quality
from quancheng.standards.signals.tags import Limits
from quancheng.standards.wording import Text

#: Types of alarms (报警类型).
TYPES: dict[str, Text] = {
    "HH": Text("高高", "High-high"),
    "H": Text("高", "High"),
    "L": Text("低", "Low"),
    "LL": Text("低低", "Low-low"),
    "ROC": Text("变化率", "Rate of change"),
    "DEV": Text("偏差", "Deviation"),
    "DISC": Text("指令与反馈不符", "Discrepancy"),
    "BOOL": Text("状态", "State"),
    "STALE": Text("数据中断", "Stale"),
    "FLAT": Text("卡滞", "Stuck"),
    "INSTR": Text("仪表诊断", "Instrument diagnosis"),
}
#: Differences of times of day are exact to well below this; delays are compared with it.
_TICK_S = 1e-6
#: A slope needs so many good samples over this share of its window, and counts when it is too steep twice running.
ROC_SAMPLES, ROC_SPAN, ROC_RUNS = 5, 0.8, 2
#: A command is not followed when the feedback differs for longer than the time of travel times this.
TRAVEL_FACTOR = 1.5
#: A deviation ends below its limit by this share of it [D].
DEVIATION_BACK = 0.1
#: A stuck value moves less over so many samples than this share of what it usually does [D].
FLATLINE_SAMPLES, FLATLINE_SHARE = 60, 0.1
#: A spike leaves the median of the samples before it by more than this many deviations, and the next one is back.
SPIKE_BEFORE, SPIKE_OUT, SPIKE_BACK = 5, 6 * 1.4826, 3.0


@dataclass(frozen=True, slots=True)
class Event:
    """A condition began (``raise``) or ended (``clear``) at the sample of this time with this value."""

    kind: str
    at_s: float
    value: float


@dataclass(slots=True)
class Latch:
    """Delays of a condition: on after ``on_delay_s`` of raising, off after ``off_delay_s`` of clearing, held between.

    ``since_s`` is the first sample of the present run, moved on by the time in which no data came.
    """

    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    is_active: bool = False
    since_s: float | None = None
    frozen_s: float | None = None
    last_s: float = -math.inf

    def step(self, *, raises: bool, clears: bool, at_s: float, value: float) -> Event | None:
        """Take in a sample that counts."""
        if at_s <= self.last_s:
            return None
        self.last_s = at_s
        if self.frozen_s is not None:
            if self.since_s is not None:
                self.since_s += at_s - self.frozen_s
            self.frozen_s = None
        if not (clears if self.is_active else raises):
            self.since_s = None
            return None
        if self.since_s is None:
            self.since_s = at_s
        if at_s - self.since_s + _TICK_S < (self.off_delay_s if self.is_active else self.on_delay_s):
            return None
        self.is_active = not self.is_active
        self.since_s = None
        return Event("raise" if self.is_active else "clear", at_s, value)

    def freeze(self, at_s: float) -> None:
        """Stop the clock: a sample came that does not count."""
        if at_s > self.last_s:
            self.last_s = at_s
            if self.frozen_s is None:
                self.frozen_s = at_s


@dataclass(slots=True)
class Threshold:
    """A high (``sign`` 1) or low (−1) limit: raises at it and beyond, clears past the deadband."""

    limit: float
    deadband: float
    latch: Latch
    sign: int = 1

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample; an event where one begins or ends."""
        if not _is_data(value, quality):
            self.latch.freeze(at_s)
            return None
        over = (value - self.limit) * self.sign
        return self.latch.step(raises=over >= 0, clears=over < -self.deadband, at_s=at_s, value=value)


@dataclass(slots=True)
class State:
    """A discrete tag that alarms while it is ``on``."""

    on: bool
    latch: Latch

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample; every value but 0 is true."""
        if not _is_data(value, quality):
            self.latch.freeze(at_s)
            return None
        is_so = bool(value) is self.on
        return self.latch.step(raises=is_so, clears=not is_so, at_s=at_s, value=value)


@dataclass(slots=True)
class Deviation:
    """A value and its set point, or two sensors, apart by more than a limit (偏差). Both are sampled together."""

    limit: float
    deadband: float
    latch: Latch

    def step(self, value: float, other: float, quality: int, other_quality: int, at_s: float) -> Event | None:
        """Take in a pair; the event's value is the distance."""
        if not (_is_data(value, quality) and _is_data(other, other_quality)):
            self.latch.freeze(at_s)
            return None
        apart = abs(value - other)
        return self.latch.step(
            raises=apart > self.limit, clears=apart <= self.limit - self.deadband, at_s=at_s, value=apart
        )


def deviation(limit: float, delay_s: float, off_delay_s: float = 0.0) -> Deviation:
    """Two sensors, or a value and its set point (偏差): it ends a tenth of the limit below it [D]."""
    return Deviation(limit, DEVIATION_BACK * limit, Latch(delay_s, off_delay_s))


def discrepancy(travel_s: float) -> Deviation:
    """Commanded state against feedback (指令与反馈不符): alarms when they differ for one and a half times of travel."""
    return Deviation(limit=0.0, deadband=0.0, latch=Latch(on_delay_s=TRAVEL_FACTOR * travel_s))


@dataclass(slots=True)
class Sample:
    """The newest of one side of a pair."""

    at_s: float = -math.inf
    value: float = math.nan
    quality: int = int(Quality.BAD)


@dataclass(slots=True)
class Pair:
    """Two signals that tell at times of their own, held together for :class:`Deviation` (偏差、指令与反馈不符).

    Each stands as it was told last, for at most its ``ages_s`` (0: for ever, of what tells changes alone); what is
    older, unknown or bad stops the clock. Moments at which either tells are taken in the order of time. One that is
    not later than the last is no new moment: its value counts from the next one on.
    """

    rule: Deviation
    ages_s: tuple[float, float] = (0.0, 0.0)
    sides: tuple[Sample, Sample] = field(default_factory=lambda: (Sample(), Sample()))

    def step(self, at_s: float, told: Mapping[int, tuple[float, int]]) -> Event | None:
        """Take in a moment. :param told: value and quality of those sides, 0 and 1, that tell something at it."""
        for side, (value, quality) in told.items():
            if at_s > self.sides[side].at_s:
                self.sides[side].at_s = at_s
                self.sides[side].value, self.sides[side].quality = value, quality
        (value, quality), (other, other_quality) = (self._stands(side, at_s) for side in (0, 1))
        return self.rule.step(value, other, quality, other_quality, at_s)

    def _stands(self, side: int, at_s: float) -> tuple[float, int]:
        kept, age_s = self.sides[side], self.ages_s[side]
        is_old = age_s > 0 and at_s - kept.at_s > age_s + _TICK_S
        return kept.value, int(Quality.BAD) if is_old else kept.quality


@dataclass(slots=True)
class RateOfChange:
    """The slope of the good samples in a window (变化率), by least squares, too steep in two evaluations running.

    ``limit`` in units a second; ``direction`` 1 rising, −1 falling, 0 either. Without enough samples there is no
    evaluation: what stands is held. It ends when the slope is below the limit by the deadband for ``off_delay_s`` [D].
    """

    limit: float
    window_s: float
    latch: Latch
    direction: int = 0
    deadband: float = 0.0
    runs: int = 0
    samples: deque[tuple[float, float]] = field(default_factory=deque)

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample; the event's value is the slope."""
        if qualities.class_of(quality) != qualities.GOOD_CLASS or not math.isfinite(value):
            self.latch.freeze(at_s)
            return None
        if self.samples and at_s <= self.samples[-1][0]:
            return None
        self.samples.append((at_s, value))
        while at_s - self.samples[0][0] > self.window_s + _TICK_S:
            self.samples.popleft()
        spanned = at_s - self.samples[0][0]
        if len(self.samples) < ROC_SAMPLES or spanned + _TICK_S < ROC_SPAN * self.window_s:
            return None
        rate = slope(list(self.samples))
        steep = abs(rate) if self.direction == 0 else rate * self.direction
        self.runs = self.runs + 1 if steep > self.limit else 0
        return self.latch.step(
            raises=self.runs >= ROC_RUNS, clears=steep < self.limit - self.deadband or steep == 0, at_s=at_s, value=rate
        )


def slope(samples: list[tuple[float, float]]) -> float:
    """Slope of values over times by least squares. Needs two different times."""
    start = samples[0][0]
    times = [at - start for at, _ in samples]
    return statistics.linear_regression(times, [value for _, value in samples]).slope


@dataclass(slots=True)
class Stale:
    """No data for so long (数据中断). A sample that counts ends it at once; time passes by :meth:`check` too.

    Uncertain values count here: a sensor whose calibration is overdue still speaks [D].
    """

    stale_after_s: float
    last_good_s: float | None = None
    is_active: bool = False

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample. The clock starts with the first one, of whatever quality."""
        if self.last_good_s is None:
            self.last_good_s = at_s
        if not _is_data(value, quality):
            return self.check(at_s)
        if at_s < self.last_good_s:
            return None
        self.last_good_s = at_s
        if not self.is_active:
            return None
        self.is_active = False
        return Event("clear", at_s, value)

    def check(self, at_s: float) -> Event | None:
        """Look whether it has been too long; the event's value is for how many seconds nothing came."""
        if self.is_active or self.last_good_s is None or at_s - self.last_good_s + _TICK_S < self.stale_after_s:
            return None
        self.is_active = True
        return Event("raise", at_s, at_s - self.last_good_s)


@dataclass(slots=True)
class Flatline:
    """A value that does not move (卡滞): the standard deviation of a full window of samples is below ``eps``."""

    eps: float
    samples: int = FLATLINE_SAMPLES
    is_active: bool = False
    last_s: float = -math.inf
    window: deque[float] = field(default_factory=deque)

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample; one that does not count changes nothing."""
        if not _is_data(value, quality) or at_s <= self.last_s:
            return None
        self.last_s = at_s
        self.window.append(value)
        if len(self.window) > self.samples:
            self.window.popleft()
        is_flat = len(self.window) == self.samples and statistics.pstdev(self.window) < self.eps
        if is_flat is self.is_active:
            return None
        self.is_active = is_flat
        return Event("raise" if is_flat else "clear", at_s, value)


def flatline_eps(usual_std: float, resolution: float) -> float:
    """Below which deviation a value is stuck: a tenth of its usual one (median of a week), at least one step of the
    instrument.
    """
    return max(FLATLINE_SHARE * usual_std, resolution)


@dataclass(slots=True)
class Stuck:
    """A value that stays within a tolerance of where it stood for so long (卡滞).

    Beside :class:`Flatline`, which needs to know how a signal usually scatters and remembers a window of samples, this
    needs two numbers for a day's standstill (unchanged for 24 h on a tank in use [D]). A silence longer than ``gap_s``
    does not count (0: every one does): nobody saw whether the value moved.
    """

    within: float
    after_s: float
    gap_s: float = 0.0
    anchor: float = math.nan
    since_s: float = 0.0
    is_active: bool = False
    last_s: float = -math.inf

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample; of one that does not count, only that the source speaks."""
        if at_s <= self.last_s:
            return None
        if 0 < self.gap_s < at_s - self.last_s:
            self.since_s += at_s - self.last_s
        self.last_s = at_s
        if not _is_data(value, quality):
            return None
        if not abs(value - self.anchor) <= self.within:
            self.anchor, self.since_s = value, at_s
            if not self.is_active:
                return None
            self.is_active = False
            return Event("clear", at_s, value)
        if self.is_active or at_s - self.since_s + _TICK_S < self.after_s:
            return None
        self.is_active = True
        return Event("raise", at_s, value)


@dataclass(slots=True)
class Diagnosis:
    """A source calls its instrument faulty, for ``on_delay_s`` without a usable sample between (仪表诊断).

    A usable sample ends it at once; one that is bad for another reason changes nothing. The event's value is the
    quality.
    """

    on_delay_s: float
    since_s: float | None = None
    is_active: bool = False
    last_s: float = -math.inf

    def step(self, value: float, quality: int, at_s: float) -> Event | None:
        """Take in a sample."""
        if at_s <= self.last_s:
            return None
        self.last_s = at_s
        if _is_data(value, quality):
            self.since_s = None
            if not self.is_active:
                return None
            self.is_active = False
            return Event("clear", at_s, quality)
        if qualities.known(quality) not in qualities.FAULTS:
            return None
        if self.since_s is None:
            self.since_s = at_s
        if self.is_active or at_s - self.since_s + _TICK_S < self.on_delay_s:
            return None
        self.is_active = True
        return Event("raise", at_s, quality)


@dataclass(slots=True)
class SpikeFilter:
    """Marks single samples that leap and come back (尖峰) as ``SENSOR_FAILURE``.

    Only a suspect is held back, until the next sample tells; everything else passes at once. ``resolution`` keeps a
    signal that stands still from having no deviation at all. ``before`` are the last values that passed unmarked.
    """

    resolution: float
    before: deque[float] = field(default_factory=lambda: deque(maxlen=SPIKE_BEFORE))
    suspect: tuple[float, int, float] | None = None

    def step(self, value: float, quality: int, at_s: float) -> list[tuple[float, int, float]]:
        """Take in a sample; those that may go on now, as value, quality and time, in order."""
        return list(self._step(value, quality, at_s))

    def flush(self) -> list[tuple[float, int, float]]:
        """Let a suspect go on unmarked: nothing comes after it."""
        kept, self.suspect = self.suspect, None
        return [] if kept is None else [kept]

    def _step(self, value: float, quality: int, at_s: float) -> Iterator[tuple[float, int, float]]:
        is_data = _is_data(value, quality)
        if self.suspect is not None:
            held, self.suspect = self.suspect, None
            if is_data and self._off(value) <= self._allowed(SPIKE_BACK):
                yield held[0], int(Quality.SENSOR_FAILURE), held[2]
            else:
                # A step, not a spike: what stood before says nothing any more.
                self.before.clear()
                self.before.append(held[0])
                yield held
        if is_data and len(self.before) == SPIKE_BEFORE and self._off(value) > self._allowed(SPIKE_OUT):
            self.suspect = (value, quality, at_s)
            return
        if is_data:
            self.before.append(value)
        yield value, quality, at_s

    def _off(self, value: float) -> float:
        return abs(value - statistics.median(self.before))

    def _allowed(self, deviations: float) -> float:
        middle = statistics.median(self.before)
        return max(deviations * statistics.median(abs(one - middle) for one in self.before), self.resolution)


def conditions(limits: Limits) -> dict[str, Threshold | RateOfChange | Stale | Flatline]:
    """State objects for everything that limits of an analog tag set, by type of alarm, all quiet."""
    found: dict[str, Threshold | RateOfChange | Stale | Flatline] = {
        name.upper(): Threshold(value, limits.deadband, _latch(limits), sign=1 if name[0] == "h" else -1)
        for name, value in limits.levels().items()
    }
    if limits.roc_limit is not None:
        found["ROC"] = RateOfChange(limits.roc_limit, limits.roc_window_s, Latch(off_delay_s=limits.off_delay_s))
    if limits.stale_after_s:
        found["STALE"] = Stale(limits.stale_after_s)
    if limits.flatline_samples:
        found["FLAT"] = Flatline(limits.flatline_eps, limits.flatline_samples)
    return found


def _latch(limits: Limits) -> Latch:
    return Latch(limits.on_delay_s, limits.off_delay_s)


def _is_data(value: float, quality: int) -> bool:
    return qualities.counts_as_data(quality) and math.isfinite(value)
