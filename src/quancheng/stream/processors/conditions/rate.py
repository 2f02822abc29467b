"""Rate of change over arrays (变化率): the slope of a window of good readings, too steep twice running.

The rule is that of ``standards.signals.alarms.RateOfChange``. A window holds at most :data:`SAMPLES` readings: time is
cut into slots of so much that no more fit, and the first good reading of a slot is taken. At one reading a second a
window of a minute keeps them all; of a quicker signal, or in a longer window, the rest say nothing new about a slope.
"""

from __future__ import annotations

import numpy as np

from quancheng.standards.signals.alarms import ROC_RUNS, ROC_SAMPLES, ROC_SPAN
from quancheng.standards.signals.quality import GOOD_CLASS
from quancheng.stream.processors.batch import NEVER, Batch, Flags, Floats, Longs, rounds
from quancheng.stream.processors.evaluation import ROC, State, Told

#: Readings in a window, at most.
SAMPLES = 64


class Rates:
    """Windows of the tags that have a limit of the rate. A tag has a row from the first time on that it has one.

    A window is a ring of times and values, with the sums that a slope is worked out of. ``runs``: evaluations running
    that were too steep. While active, ``since``: when it was first slow again without a break, ``frozen``: since when
    readings are not good; -1: not now.
    """

    def __init__(self) -> None:
        self.row_of = np.empty(0, np.int64)
        self.tags, self.limit, self.off_ms = np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)
        self.window_ms, self.slot_ms = np.empty(0, np.int64), np.empty(0, np.int64)
        self.runs, self.slot = np.empty(0, np.int64), np.empty(0, np.int64)
        self.since, self.frozen = np.empty(0, np.int64), np.empty(0, np.int64)
        # Times as floats, which are exact far beyond our days: no conversion at each evaluation.
        self._times, self._values = np.empty((0, SAMPLES)), np.empty((0, SAMPLES))
        self._tail, self._count = np.empty(0, np.int64), np.empty(0, np.int64)
        #: From which time and value sums are counted, and the sums: of times, values, their squares and products.
        self._zero, self._sums = np.empty((0, 2)), np.empty((0, 4))

    def fit(self, per_minute: Floats, window_ms: Longs, off_ms: Longs) -> None:
        """Take limits (units a minute, NaN: none), windows and delays of all tags as they stand now."""
        self.row_of = np.append(self.row_of, np.full(len(per_minute) - len(self.row_of), NEVER))
        wanting = np.flatnonzero(~np.isnan(per_minute) & (self.row_of == NEVER))
        if more := len(wanting):
            self.row_of[wanting] = len(self.tags) + np.arange(more)
            self.tags = np.append(self.tags, wanting)
            none = np.full(more, NEVER)
            self.slot, self.since, self.frozen = (np.append(one, none) for one in (self.slot, self.since, self.frozen))
            self.runs, self._tail, self._count = (
                np.append(one, np.zeros(more, np.int64)) for one in (self.runs, self._tail, self._count)
            )
            self._times, self._values, self._zero, self._sums = (
                np.concatenate([one, np.zeros((more, one.shape[1]))])
                for one in (self._times, self._values, self._zero, self._sums)
            )
        before = self.window_ms
        self.limit, self.window_ms, self.off_ms = per_minute[self.tags], window_ms[self.tags], off_ms[self.tags]
        self.slot_ms = np.maximum(-(-self.window_ms // (SAMPLES - 1)), 1)
        # Another window is filled anew: its slots are others.
        other = np.flatnonzero(before != self.window_ms[: len(before)])
        self.runs[other], self._count[other], self.slot[other] = 0, 0, NEVER

    def forget(self, which: Flags) -> None:
        """These tags stand as if no rate of theirs had been judged; their windows go on."""
        rows = self.row_of[which]
        rows = rows[rows != NEVER]
        self.runs[rows], self.since[rows], self.frozen[rows] = 0, NEVER, NEVER

    def judge(self, state: State, batch: Batch, told: Told) -> None:
        """Take a batch into the windows and evaluate each with every reading taken."""
        if not len(self.tags):
            return
        rows = self.row_of[batch.tags]
        counts = (rows != NEVER) & ~np.isnan(self.limit[rows])
        good = (batch.quality & 0xC0) == GOOD_CLASS
        slot = batch.at // self.slot_ms[rows]
        taken = counts & good & (slot > self.slot[rows])
        (places,) = np.nonzero(taken)
        again = (rows[places][1:] == rows[places][:-1]) & (slot[places][1:] == slot[places][:-1])
        taken[places[1:][again]] = False
        # A reading that is not good stops the clock.
        (places,) = np.nonzero(taken | counts & ~good)
        for within in rounds(rows[places]):
            one = places[within]
            bad = one[~good[one]]
            frozen = self.frozen[rows[bad]]
            self.frozen[rows[bad]] = np.where(frozen == NEVER, batch.at[bad], frozen)
            one = one[good[one]]
            self.slot[rows[one]] = slot[one]
            self._round(state, rows[one], batch.at[one], batch.values[one], told)

    def _round(self, state: State, rows: Longs, at: Longs, values: Floats, told: Told) -> None:
        self._add(rows, at, values)
        slope, is_told = self._slopes(rows, at)
        rows, at, slope = rows[is_told], at[is_told], slope[is_told]
        if not len(rows):
            return
        tags, steep, limit = self.tags[rows], np.abs(slope), self.limit[rows]
        active = state.is_active[tags, ROC]
        self.runs[rows] = runs = np.where(steep > limit, self.runs[rows] + 1, 0)
        raised = ~active & (runs >= ROC_RUNS)
        frozen, self.frozen[rows] = self.frozen[rows], NEVER
        state.is_active[tags, ROC] = active | raised
        if raised.any():
            told.add(tags[raised], ROC, raised[raised], at[raised], slope[raised])
        if active.any():
            rows, at, frozen, since = rows[active], at[active], frozen[active], self.since[rows[active]]
            since = np.where(since == NEVER, at, since + np.where(frozen == NEVER, 0, at - frozen))
            since = np.where(((steep < limit) | (steep == 0))[active], since, NEVER)
            cleared = (since != NEVER) & (at - since >= self.off_ms[rows])
            self.since[rows] = np.where(cleared, NEVER, since)
            state.is_active[self.tags[rows], ROC] = ~cleared
            told.add(self.tags[rows][cleared], ROC, ~cleared[cleared], at[cleared], slope[active][cleared])

    def _add(self, rows: Longs, at: Longs, values: Floats) -> None:
        """Put a reading into each of these windows, and take out what is too old for it."""
        old = rows
        now = at
        while True:
            tail = self._tail[old]
            out = (self._count[old] > 0) & (now - self._times[old, tail] > self.window_ms[old])
            if not out.any():
                break
            old, now, tail = old[out], now[out], tail[out]
            self._sums[old] -= self._parts(old, self._times[old, tail], self._values[old, tail])
            self._tail[old], self._count[old] = (tail + 1) % SAMPLES, self._count[old] - 1
        place = (self._tail[rows] + self._count[rows]) % SAMPLES
        self._times[rows, place], self._values[rows, place] = at, values
        self._count[rows] += 1
        self._sums[rows] += self._parts(rows, at, values)
        # Once round the ring sums are worked out anew, from a zero close by: nothing adds up.
        anew = (place == 0) | (self._count[rows] == 1)
        if anew.any():
            self._sum(rows[anew], at[anew], values[anew])

    def _parts(self, rows: Longs, at: Floats | Longs, values: Floats) -> Floats:
        zero = self._zero[rows]
        when, what = at - zero[:, 0], values - zero[:, 1]
        return np.stack([when, what, when * when, when * what], axis=1)

    def _sum(self, rows: Longs, at: Longs, values: Floats) -> None:
        self._zero[rows, 0], self._zero[rows, 1] = at, values
        inside = (np.arange(SAMPLES) - self._tail[rows][:, None]) % SAMPLES < self._count[rows][:, None]
        when = np.where(inside, self._times[rows] - at[:, None], 0)
        what = np.where(inside, self._values[rows] - values[:, None], 0)
        self._sums[rows] = np.stack(
            [when.sum(axis=1), what.sum(axis=1), (when * when).sum(axis=1), (when * what).sum(axis=1)], axis=1
        )

    def _slopes(self, rows: Longs, at: Longs) -> tuple[Floats, Flags]:
        """Slopes by least squares in units a minute, and of which rows the window tells one."""
        count = self._count[rows]
        spanned = at - self._times[rows, self._tail[rows]]
        when, what, squares, products = self._sums[rows].T
        under = count * squares - when * when
        is_told = (count >= ROC_SAMPLES) & (spanned >= ROC_SPAN * self.window_ms[rows])
        return (count * products - when * what) / np.where(under > 0, under, 1) * 60_000, is_told

    def refill(self, rows: Longs, at: Longs, values: Floats) -> None:
        """Put back what stood in the windows of these rows, sorted by row and time."""
        slot = at // self.slot_ms[rows]
        for within in rounds(rows):
            one = within[slot[within] > self.slot[rows[within]]]
            self.slot[rows[one]] = slot[one]
            self._add(rows[one], at[one], values[one])
