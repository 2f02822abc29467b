"""Silent tags (数据中断): no usable reading for so long, while their source speaks on. By the time of arrival.

A tag is called silent when its source says something after the tag was due: whoever is silent as a whole is an outage
of the source, and not of each of its tags. So time in which nothing reached us (the source was away, the gateway, this
processor) makes nobody silent, and a backlog is worked through without alarms of its past.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quancheng.stream.envelope import Received
from quancheng.stream.processors.batch import Flags, Longs
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.evaluation import STALE, State, Told


class Silences:
    """When each tag was last heard, and each source. :param start_ms: before it nothing is missed."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.heard_ms = np.empty(0, np.int64)
        #: Of each source, by its number.
        self.spoke_ms: dict[int, int] = {}

    def fit(self, count: int, now_ms: int) -> None:
        """Tags that are new are due from now on."""
        self.heard_ms = np.append(self.heard_ms, np.full(count - len(self.heard_ms), max(now_ms, self.start_ms)))

    def forget(self, which: Flags, now_ms: int) -> None:
        self.heard_ms[which] = now_ms

    def judge(
        self, book: Book, state: State, told: Told, *, messages: Sequence[Received], tags: Longs, arrived: Longs,
        usable: Flags, now_ms: int,
    ) -> None:  # fmt: skip
        """Look who was heard. ``tags``, ``arrived``, ``usable``: of all readings that came with the messages."""
        self._listen(book, state, messages, now_ms)
        tags, arrived = tags[usable], np.minimum(arrived[usable], now_ms)
        # What was heard before its silence began may be read again, and ends nothing.
        back = np.unique(tags[state.is_active[tags, STALE] & (arrived > self.heard_ms[tags])])
        heard = self.heard_ms[back]
        np.maximum.at(self.heard_ms, tags, arrived)
        if len(back):
            # Who is heard again: told with how long he was silent.
            state.is_active[back, STALE] = False
            told.add(back, STALE, np.zeros(len(back), bool), self.heard_ms[back], (self.heard_ms[back] - heard) / 1000)
            self.heard_ms[back] = np.maximum(self.heard_ms[back], self.start_ms)
        spoke = self.spoke_of(book)
        overdue = (spoke - self.heard_ms >= book.stale_ms) & ~np.isnan(told.bounds[:, STALE])
        (gone,) = np.nonzero(overdue & ~state.is_active[:, STALE])
        if len(gone):
            state.is_active[gone, STALE] = True
            seconds = (spoke[gone] - self.heard_ms[gone]) / 1000
            told.add(gone, STALE, np.ones(len(gone), bool), spoke[gone], seconds)

    def spoke_of(self, book: Book) -> Longs:
        """Of each tag when its source last said something; -1: not since the beginning."""
        return np.array([self.spoke_ms.get(one, -1) for one in book.sources], np.int64)[book.source_at]

    def _listen(self, book: Book, state: State, messages: Sequence[Received], now_ms: int) -> None:
        for message in messages:
            # The last word of an edge node is its broker's.
            if message.form == "sparkplug" and "/NDEATH/" in message.topic:
                continue
            arrived = min(message.arrived_ms, now_ms)
            last = self.spoke_ms.get(message.source, self.start_ms)
            self.spoke_ms[message.source] = max(last, arrived)
            soonest = book.soonest_ms.get(message.source)
            if soonest is not None and arrived - last >= soonest:
                # While the whole source was silent, none of its tags was missed: they are due anew from here.
                whole = (book.source_at == book.sources[message.source]) & (arrived - last >= book.stale_ms)
                whole &= ~state.is_active[:, STALE]
                self.heard_ms[whole] = np.maximum(self.heard_ms[whole], arrived)
