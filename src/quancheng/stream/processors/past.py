"""Limits that were passed in the past (补传报警): what a source told so late that it is history, judged on its own.

The rule is that of live readings, over a state of its own, so that a gateway which fills up what it kept touches
nothing that stands now. Limits are those of today. Nothing comes of it but a report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quancheng.stream.processors.batch import NEVER, Flags, Longs, batch_of
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.decoding import HISTORY_MS, Readings
from quancheng.stream.processors.evaluation import Change, State, Told, judge
from quancheng.stream.store.schema import CLOCK_BAD, HISTORY

_KEPT = ("last_ms", "since", "clear_since", "bad_ms", "last_value")


class _Course:
    """How limits of each tag stood in one course of readings. ``begun`` (n × 4): since when what is active is."""

    def __init__(self, name: str) -> None:
        self.name, self.state, self.begun = name, State.empty(0), np.empty((0, 4), np.int64)

    def fit(self, count: int) -> None:
        self.state = self.state.grown(count)
        self.begun = np.concatenate([self.begun, np.full((count - len(self.begun), 4), NEVER)])

    def forget(self, which: Flags) -> None:
        every = np.zeros(self.state.is_active.shape, bool)
        every[:, :4] = which
        self.state.forget(every)
        self.begun[which] = NEVER

    def judge(self, book: Book, mine: Readings) -> list[Change]:
        if not len(mine.place):
            return []
        self._begin_anew(book, mine)
        told = Told(book.bounds)
        batch = batch_of(self.state.last_ms, mine.place, mine.at, mine.value, mine.quality)
        judge(book.limits, self.state, batch, told)
        for one in told.changes:
            self.begun[one.tag, one.limit] = one.at_ms if one.is_raised else NEVER
        return told.changes

    def _begin_anew(self, book: Book, mine: Readings) -> None:
        """What is of an earlier time, or of a later outage, does not go on from what came before."""
        tags = np.unique(mine.place)
        begins = np.full(len(self.state.last_ms), np.iinfo(np.int64).max)
        np.minimum.at(begins, mine.place, mine.at)
        last = self.state.last_ms[tags]
        most = np.maximum(HISTORY_MS, book.stale_ms[tags])
        other = tags[(begins[tags] <= last) | (begins[tags] - last > most)]
        fresh = State.empty(1)
        for name in State.__slots__:
            getattr(self.state, name)[other] = getattr(fresh, name)[0]
        self.begun[other] = NEVER

    def pack(self, numbers: Longs) -> dict[str, NDArray[Any]]:
        state = self.state
        (stirred,) = np.nonzero(state.is_active.any(axis=1) | (state.since >= 0).any(axis=1))
        kept = {f"{self.name}_{name}": getattr(state, name)[stirred] for name in _KEPT}
        return {
            self.name: numbers[stirred], f"{self.name}_active": state.is_active[stirred, :4].astype(np.int8),
            f"{self.name}_begun": self.begun[stirred], **kept,
        }  # fmt: skip

    def unpack(self, kept: Mapping[str, NDArray[Any]], places_of: Callable[[Longs], tuple[Longs, Longs]]) -> None:
        if self.name not in kept:
            return
        known, which = places_of(kept[self.name])
        for name in _KEPT:
            getattr(self.state, name)[known] = kept[f"{self.name}_{name}"][which]
        self.state.is_active[known, :4] = kept[f"{self.name}_active"][which].astype(bool)
        self.begun[known] = kept[f"{self.name}_begun"][which]


class Past:
    """How limits of each tag stood in what was filled up last, and in what was filled up of a time before it.

    What is told again goes the second way: it must not undo what is known of the first.
    """

    def __init__(self) -> None:
        self._newest, self._older = self._courses = (_Course("past"), _Course("older"))

    def fit(self, count: int) -> None:
        for one in self._courses:
            one.fit(count)

    def forget(self, which: Flags) -> None:
        """These limits (n × 4) are others now: what was begun by the old ones has no end."""
        for one in self._courses:
            one.forget(which)

    def judge(self, book: Book, readings: Readings) -> list[Change]:
        """Judge what is history of these readings. One whose clock was wrong has no time of its own."""
        mine = readings.only((readings.flags & HISTORY != 0) & (readings.flags & CLOCK_BAD == 0))
        mine = mine.only(book.judged[mine.place])
        newest = self._newest
        is_new = mine.at > newest.state.last_ms[mine.place]
        # What stands in the newest course contains what is told again of it.
        older = [
            one for one in self._older.judge(book, mine.only(~is_new))
            if not (newest.state.is_active[one.tag, one.limit] and one.at_ms >= newest.begun[one.tag, one.limit])
        ]  # fmt: skip
        return older + newest.judge(book, mine.only(is_new))

    def pack(self, numbers: Longs) -> dict[str, NDArray[Any]]:
        """What is to be known after a restart, of tags that are not calm. :param numbers: of tags, by place."""
        first, second = (one.pack(numbers) for one in self._courses)
        return {**first, **second}

    def unpack(self, kept: Mapping[str, NDArray[Any]], places_of: Callable[[Longs], tuple[Longs, Longs]]) -> None:
        """Go on from what was packed, at the places where tags stand now."""
        for one in self._courses:
            one.unpack(kept, places_of)
