"""Stuck values over arrays (卡滞): a value that stays where it stood.

The rule is that of ``standards.signals.alarms.Stuck``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from quancheng.stream.processors.batch import NEVER, Batch, Flags, Floats, Longs, rounds
from quancheng.stream.processors.evaluation import FLAT, State, Told


@dataclass(slots=True)
class Flats:
    """Of each tag where its value stands (NaN: nothing yet) and since when; what counts as stuck.

    ``after_ms``: 0: not looked at. ``gap_ms``: a longer silence does not count as standing still.
    """

    anchor: Floats = field(default_factory=lambda: np.empty(0))
    since: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    after_ms: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    within: Floats = field(default_factory=lambda: np.empty(0))
    gap_ms: Longs = field(default_factory=lambda: np.empty(0, np.int64))

    def fit(self, after_ms: Longs, within: Floats, gap_ms: Longs) -> None:
        """Take what counts of all tags as it stands now."""
        more = len(after_ms) - len(self.anchor)
        self.anchor = np.append(self.anchor, np.full(more, np.nan))
        self.since = np.append(self.since, np.full(more, NEVER))
        self.after_ms, self.within, self.gap_ms = after_ms, within, gap_ms

    def forget(self, which: Flags) -> None:
        self.anchor[which] = np.nan

    def judge(self, state: State, batch: Batch, told: Told) -> None:
        """Look whether values move."""
        (asked,) = np.nonzero(self.after_ms[batch.tags] > 0)
        if not len(asked):
            return
        tags, at, values, usable = batch.tags[asked], batch.at[asked], batch.values[asked], batch.usable[asked]
        silent = np.where(batch.before[asked] == NEVER, 0, at - batch.before[asked])
        silent = np.where((self.gap_ms[tags] > 0) & (silent > self.gap_ms[tags]), silent, 0)
        # A value that stays, and not yet for long enough, changes nothing.
        moves = usable & ~(np.abs(values - self.anchor[tags]) <= self.within[tags])
        is_due = ~state.is_active[tags, FLAT] & (at - self.since[tags] >= self.after_ms[tags])
        stirred = np.zeros(len(self.anchor), bool)
        stirred[tags[moves | is_due | (silent > 0)]] = True
        (places,) = np.nonzero(stirred[tags])
        for within in rounds(tags[places]):
            one = places[within]
            self.since[tags[one]] += silent[one]
            one = one[usable[one]]
            self._round(state, tags[one], at[one], values[one], told)

    def _round(self, state: State, tags: Longs, at: Longs, values: Floats, told: Told) -> None:
        stays = np.abs(values - self.anchor[tags]) <= self.within[tags]
        active = state.is_active[tags, FLAT]
        self.anchor[tags] = np.where(stays, self.anchor[tags], values)
        self.since[tags] = since = np.where(stays, self.since[tags], at)
        raised = stays & ~active & (at - since >= self.after_ms[tags])
        turned = raised | active & ~stays
        state.is_active[tags, FLAT] = stays & (active | raised)
        if turned.any():
            told.add(tags[turned], FLAT, raised[turned], at[turned], values[turned])
