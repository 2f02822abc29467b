"""Pairs of tags over arrays (偏差、指令与反馈不符): the rule of ``standards.signals.alarms.Pair``.

A pair belongs to the tag that names its partner; both are of one enterprise, and so of one partition. Values are
carried forward over whole columns; only pairs that are apart, or were, are gone through moment by moment.

Two sides whose clocks are farther apart than the newest of one stands are never compared: :meth:`Pairs.watch` finds
them by arrival, so that nobody takes silence for agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quancheng.standards.signals.alarms import DEVIATION_BACK
from quancheng.stream.processors.batch import NEVER, Batch, Flags, Floats, Longs, Places, rounds
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.evaluation import DEV, DISC, State, Told

_KEPT = ("at", "value", "usable", "last", "came", "since", "frozen", "was", "was_frozen")
_WATCHED = ("split_from", "split_told")
#: Clocks are told to be apart when they were for so long: what comes in parts is so for a moment [D].
SPLIT_MS = 60_000
#: Of a pair nothing was told yet: what stands of an earlier one is not known here.
_UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Split:
    """Places of a tag and its partner that cannot be compared, by arrival since when and how far their clocks are
    apart; ``since_ms`` None: they can again.
    """

    tag: int
    partner: int
    since_ms: int | None
    apart_ms: int = 0


class Pairs:
    """Of each pair, in the order of ``tags`` (places of those that name a partner), how it stands.

    ``at``, ``value``, ``usable`` (n × 2): the newest of both sides, -1: nothing came yet. ``last``: the newest moment
    looked at, by devices; ``came``: when it was looked at, by arrival. ``since``: when a run began that raises, or
    while active clears; ``frozen``: since when it stands still for want of data; -1: not now. ``was``, ``was_frozen``:
    both before ``last``: a side that tells the same moment later has it judged again. ``heard``, ``newest`` (n × 2):
    when each side told something last, by arrival, and of which moment; ``split_from``: since when the clocks are
    apart, -1: they are not; ``split_told``: what was told of it, 0, 1, or 2: nothing yet.
    """

    def __init__(self) -> None:
        self.tags, self.partners = np.empty(0, np.int64), np.empty(0, np.int64)
        self.name, self.limit, self.back = np.empty(0, np.int64), np.empty(0), np.empty(0)
        self.on_ms, self.off_ms, self.age_ms = np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 2), np.int64)
        self._clear(0)

    def _clear(self, count: int) -> None:
        self.at: Longs = np.full((count, 2), NEVER)
        self.value: Floats = np.full((count, 2), np.nan)
        self.usable: Flags = np.zeros((count, 2), bool)
        self.last, self.came, self.since, self.frozen, self.was, self.was_frozen = (
            np.full(count, NEVER) for _one in range(6)
        )
        self.heard, self.newest = np.full((count, 2), NEVER), np.full((count, 2), NEVER)
        self.split_from, self.split_told = np.full(count, NEVER), np.full(count, _UNKNOWN)

    def fit(self, book: Book) -> Flags:
        """Take the pairs of a book as they stand now; answers of which tags (n × 2: DEV, DISC) the pair is another."""
        before = {(tag, other, name): row for row, (tag, other, name) in enumerate(self._keys())}
        names = (*_KEPT, *_WATCHED, "heard", "newest")
        kept = [getattr(self, name) for name in names]
        was = [(int(tag), int(name)) for tag, name in zip(self.tags, self.name, strict=True)]
        self.tags, self.partners, self.limit = book.pair_tags, book.pair_partners, book.pair_apart
        self.back = self.limit - DEVIATION_BACK * self.limit
        self.name = np.where(book.pair_is_command, DISC, DEV)
        self.on_ms, self.off_ms = book.pair_ms, book.pair_off_ms
        self.age_ms = book.stale_ms[np.stack([self.tags, self.partners], axis=1)]
        self._clear(len(self.tags))
        stays = {}
        for row, key in enumerate(self._keys()):
            if key in before:
                stays[key[0], key[2]] = row
                for name, column in zip(names, kept, strict=True):
                    getattr(self, name)[row] = column[before[key]]
        self._index(len(book))
        other = np.zeros((len(book), 2), bool)
        for place, condition in was:
            other[place, condition - DEV] = (place, condition) not in stays
        return other

    def _keys(self) -> list[tuple[int, int, int]]:
        return list(zip(self.tags.tolist(), self.partners.tolist(), self.name.tolist(), strict=True))

    def _index(self, count: int) -> None:
        """Of each tag in which pairs it is, and on which side."""
        members, rows = np.concatenate([self.tags, self.partners]), np.arange(len(self.tags))
        order = np.argsort(members, kind="stable")
        self._pair, self._side = np.tile(rows, 2)[order], np.repeat([0, 1], len(rows))[order]
        self._many = np.bincount(members, minlength=count)
        self._first = np.cumsum(self._many) - self._many

    def forget(self, which: Flags) -> None:
        """These tags stand as if their pairs had never been judged; what both sides told stays."""
        rows = which[self.tags]
        for one in (self.since, self.frozen, self.was, self.was_frozen):
            one[rows] = NEVER

    def judge(self, state: State, batch: Batch, told: Told, *, clock_ms: int) -> None:
        """Look at each moment at which a side of a pair tells something. :param clock_ms: of arrival, of the step."""
        if not len(self.tags):
            return
        many = self._many[batch.tags]
        (places,) = np.nonzero(many)
        if not len(places):
            return
        many = many[places]
        which = np.repeat(places, many)
        member = self._first[batch.tags[which]] + np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
        order = np.lexsort((batch.at[which], self._pair[member]))
        which, member = which[order], member[order]
        pair, at = self._pair[member], batch.at[which]
        is_first = np.append(True, (pair[1:] != pair[:-1]) | (at[1:] != at[:-1]))
        heads, moment = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        pair, at = pair[heads], at[heads]
        sides = [self._side_of(side, batch, which, moment, self._side[member] == side, pair) for side in (0, 1)]
        stood, values, usable = (np.stack(one, axis=1) for one in zip(*sides, strict=True))
        # A reading is told once: the moment looked at last, told again, is that of the other side.
        fresh, again = at >= self.last[pair], pair[at == self.last[pair]]
        self.since[again], self.frozen[again] = self.was[again], self.was_frozen[again]
        self.came[pair[fresh]] = clock_ms
        ends = np.append(pair[1:] != pair[:-1], True)
        mine = pair[ends]
        self.at[mine], self.value[mine], self.usable[mine] = stood[ends], values[ends], usable[ends]
        self.last[mine] = np.maximum(self.last[mine], at[ends])
        counts = (usable & (stood != NEVER) & self._is_young(pair, at[:, None] - stood)).all(axis=1)
        self._run(state, told, pair, at, np.abs(values[:, 0] - values[:, 1]), counts, fresh)

    def _side_of(
        self, side: int, batch: Batch, which: Places, moment: Longs, mine: Flags, pair: Longs
    ) -> tuple[Longs, Floats, Flags]:
        """Of each moment the time, value and use of what this side told last."""
        every = np.arange(len(pair))
        reading = np.full(len(pair), NEVER)
        reading[moment[mine]] = which[mine]
        begins = np.append(True, pair[1:] != pair[:-1])
        start = np.maximum.accumulate(np.where(begins, every, 0))
        newest = np.maximum.accumulate(np.where(reading != NEVER, every, NEVER))
        has = newest >= start
        taken = reading[newest]
        return (
            np.where(has, batch.at[taken], self.at[pair, side]),
            np.where(has, batch.values[taken], self.value[pair, side]),
            np.where(has, batch.usable[taken], self.usable[pair, side]),
        )

    def _is_young(self, pair: Longs, age: Longs) -> Flags:
        """Whether what each side told last stands still."""
        most = self.age_ms[pair]
        return (most == 0) | (age <= most)

    def _run(
        self, state: State, told: Told, pair: Longs, at: Longs, apart: Floats, counts: Flags, fresh: Flags
    ) -> None:
        raises, clears = apart > self.limit[pair], apart <= self.back[pair]
        stirred = state.is_active[self.tags, self.name] | (self.since != NEVER)
        stirred[pair[fresh & counts & raises]] = True
        (taken,) = np.nonzero(fresh & stirred[pair])
        self.was[pair[fresh]], self.was_frozen[pair[fresh]] = NEVER, NEVER
        for within in rounds(pair[taken]):
            one = taken[within]
            row, now, usable = pair[one], at[one], counts[one]
            tags, names = self.tags[row], self.name[row]
            active, since, frozen = state.is_active[tags, names], self.since[row], self.frozen[row]
            self.was[row], self.was_frozen[row] = since, frozen
            # The time in which nothing counts is no time: what runs is moved on by it.
            since = np.where(usable & (since != NEVER) & (frozen != NEVER), since + now - frozen, since)
            stops = ~usable & (since != NEVER) & (frozen == NEVER)
            self.frozen[row] = np.where(usable, NEVER, np.where(stops, now, frozen))
            holds = np.where(active, clears[one], raises[one])
            began = np.where(since == NEVER, now, since)
            since = np.where(usable, np.where(holds, began, NEVER), since)
            turned = usable & holds & (now - since >= np.where(active, self.off_ms[row], self.on_ms[row]))
            self.since[row] = np.where(turned, NEVER, since)
            self.was[row[turned]], self.was_frozen[row[turned]] = NEVER, NEVER
            state.is_active[tags, names] = active ^ turned
            for name in (DEV, DISC):
                some = turned & (names == name)
                if some.any():
                    told.add(tags[some], name, ~active[some], now[some], apart[one][some])

    def look(self, state: State, by_exception: Flags, spoke_ms: Longs, told: Told) -> None:
        """Of tags that tell changes alone: as both sides stood when last heard they stand as long as the source speaks.

        Times are of devices; how long the source has spoken on since is by arrival, so that a clock that differs, or
        what came late, makes nothing longer than it was.

        :param spoke_ms: of each tag, when its source last said something, -1: not yet.
        """
        if not len(self.tags):
            return
        spoke = spoke_ms[self.tags]
        (rows,) = np.nonzero(by_exception[self.tags] & (spoke != NEVER) & (self.last != NEVER) & (self.frozen == NEVER))
        now = self.last[rows] + np.maximum(spoke[rows] - self.came[rows], 0)
        counts = self.usable[rows].all(axis=1) & (self.at[rows] != NEVER).all(axis=1)
        counts &= self._is_young(rows, now[:, None] - self.at[rows]).all(axis=1)
        rows, now = rows[counts], now[counts]
        apart = np.abs(self.value[rows, 0] - self.value[rows, 1])
        active = state.is_active[self.tags[rows], self.name[rows]]
        # What a side told of a moment already judged counts too, from now on.
        holds = np.where(active, apart <= self.back[rows], apart > self.limit[rows])
        since = np.where(holds, np.where(self.since[rows] == NEVER, now, self.since[rows]), NEVER)
        turned = holds & (now - since >= np.where(active, self.off_ms[rows], self.on_ms[rows]))
        self.since[rows] = np.where(turned, NEVER, since)
        for name in (DEV, DISC):
            some = turned & (self.name[rows] == name)
            mine = rows[some]
            if len(mine):
                state.is_active[self.tags[mine], name] = ~active[some]
                # Nothing turns back before it turned.
                self.last[mine], self.came[mine] = now[some], np.maximum(spoke[mine], self.came[mine])
                self.was[mine], self.was_frozen[mine] = NEVER, NEVER
                told.add(self.tags[mine], name, ~active[some], now[some], apart[some])

    def watch(self, tags: Longs, at: Longs, *, clock_ms: int) -> list[Split]:
        """Of which pairs the clocks are newly apart, or no more. :param tags: places of all that came, history too:
        what a clock that is far behind tells is taken for it. :param at: of which moment each is.
        """
        if not len(self.tags) or not len(tags):
            return []
        told = np.full(max(len(self._many), int(tags.max()) + 1), NEVER)
        np.maximum.at(told, tags, at)
        sides = np.stack([told[self.tags], told[self.partners]], axis=1)
        came = sides != NEVER
        self.heard[came], self.newest[came] = clock_ms, sides[came]
        every = np.arange(len(self.tags))
        # A side that is silent itself is told otherwise.
        known = (self.heard != NEVER).all(axis=1) & self._is_young(every, clock_ms - self.heard).all(axis=1)
        age = self.newest.max(axis=1)[:, None] - self.newest
        is_split = known & ~self._is_young(every, age).all(axis=1)
        self.split_from[is_split & (self.split_from == NEVER)] = clock_ms
        self.split_from[known & ~is_split] = NEVER
        stands = is_split & (clock_ms - self.split_from >= SPLIT_MS)
        now = np.where(stands, 1, np.where(known & ~is_split, 0, self.split_told))
        (rows,) = np.nonzero(now != self.split_told)
        self.split_told = now
        return [
            Split(
                int(self.tags[row]), int(self.partners[row]), int(self.split_from[row]) if now[row] else None,
                int(age[row].max()),
            )
            for row in rows.tolist()
        ]  # fmt: skip

    def partner_of(self, tag: int) -> int:
        """The place of the partner of a tag; -1: it has none."""
        (rows,) = np.nonzero(self.tags == tag)
        return int(self.partners[rows[0]]) if len(rows) else -1

    def pack(self, numbers: Longs) -> dict[str, NDArray[Any]]:
        """What is to be known after a restart. :param numbers: of tags, by place."""
        known = {f"pair_{name}": getattr(self, name) for name in (*_KEPT, *_WATCHED)}
        return {
            "pair_tag": numbers[self.tags], "pair_partner": numbers[self.partners], "pair_name": self.name, **known,
        }  # fmt: skip

    def unpack(self, kept: Mapping[str, NDArray[Any]], places: Mapping[int, int]) -> set[tuple[int, int]]:
        """Go on from what was packed; answers of which tags, by place and name, the pair is the same as then."""
        if "pair_tag" not in kept:
            return set()
        now = {key: row for row, key in enumerate(self._keys())}
        same = set()
        packed = (kept[f"pair_{name}"].tolist() for name in ("tag", "partner", "name"))
        for old, (tag, partner, name) in enumerate(zip(*packed, strict=True)):
            row = now.get((places.get(tag, -1), places.get(partner, -1), name))
            if row is not None:
                same.add((int(self.tags[row]), name))
                for column in (*_KEPT, *_WATCHED):
                    # The version before did not look at clocks.
                    if f"pair_{column}" in kept:
                        getattr(self, column)[row] = kept[f"pair_{column}"][old]
        return same
