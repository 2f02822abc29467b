"""The tags of a processor's partitions as arrays (点位表), read from the register anew every few seconds.

A place is a tag's row in every array. Places stay as long as the processor runs, so that states go on when tags come,
change or end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from quancheng.stream.processors.batch import Flags, Floats, Longs
from quancheng.stream.processors.evaluation import DEV, DISC, FLAT, INSTR, NAMES, ROC, STALE, Limits

#: Of a tag under repair every reading is called this, of one whose calibration has ended at most that (1.4).
OUT_OF_SERVICE, NOT_ACCURATE, GOOD = 28, 80, 192


@dataclass(frozen=True, slots=True)
class TagRow:
    """What a processor knows of a tag. ``keys``: under which its source tells it. Limits: LL, L, H, HH.

    :ivar roc_limit: a minute; NaN: none. :ivar stale_ms: 0: it may be silent.
    :ivar flat_after_ms: 0: it may stand still.
    :ivar wait_ms: how long its readings wait for others that they may have overtaken.
    :ivar partner: number of the tag with which it is compared; 0: none. :ivar apart: how far they may be apart.
    :ivar apart_ms: for how long they may be farther. :ivar is_command: the partner commands what this one tells.
    """

    number: int
    enterprise: UUID
    source: int
    keys: tuple[str, ...]
    is_judged: bool
    is_in_service: bool
    scale: float
    shift: float
    range_lo: float
    range_hi: float
    limits: tuple[float, float, float, float]
    deadband: float
    on_delay_ms: int
    off_delay_ms: int
    stale_ms: int
    cap: int
    roc_limit: float = np.nan
    roc_window_ms: int = 60_000
    flat_after_ms: int = 0
    flat_within: float = 0.0
    is_by_exception: bool = False
    wait_ms: int = 0
    partner: int = 0
    apart: float = np.nan
    apart_ms: int = 0
    is_command: bool = False


class Book:
    """Tags by place, and places by what sources call them. ``fault_ms``: after so long a faulty instrument is told."""

    def __init__(self, *, fault_ms: int = 30_000) -> None:
        self.fault_ms = fault_ms
        self.places: dict[int, int] = {}
        self._take([])

    def __len__(self) -> int:
        return len(self.rows)

    def renew(self, rows: Iterable[TagRow]) -> None:
        """Take the register as it stands now. A tag that is in it no more keeps its place and is judged no more."""
        known: list[TagRow | None] = [None] * len(self.rows)
        for row in rows:
            place = self.places.get(row.number)
            if place is None:
                place = self.places[row.number] = len(known)
                known.append(row)
            else:
                known[place] = row
        if known != self.rows:
            self._take(known)

    def remember(self, numbers: Iterable[int]) -> None:
        """Give places to tags that are in the register no more, and of which something is still to be told."""
        known = list(self.rows)
        for number in numbers:
            if number not in self.places:
                self.places[number] = len(known)
                known.append(None)
        self._take(known)

    def _take(self, known: list[TagRow | None]) -> None:
        self.rows = known
        self.numbers: Longs = np.array(sorted(self.places, key=self.places.__getitem__), np.int64)
        self.by_source: dict[int, dict[str, int]] = {}
        #: Sources in the order of ``source_at``, and of each the soonest of its tags that is missed.
        self.sources: dict[int, int] = {0: 0}
        self.soonest_ms: dict[int, int] = {}
        for place, told in enumerate(known):
            if told is None:
                continue
            self.sources.setdefault(told.source, len(self.sources))
            keys = self.by_source.setdefault(told.source, {})
            for key in told.keys:
                keys[key] = place
            if told.stale_ms:
                self.soonest_ms[told.source] = min(told.stale_ms, self.soonest_ms.get(told.source, told.stale_ms))
        self.source_at: Longs = np.array([self.sources[one.source] if one else 0 for one in known], np.int64)
        self.scale, self.shift = _floats(known, "scale", 1.0), _floats(known, "shift", 0.0)
        self.range_lo, self.range_hi = _floats(known, "range_lo", np.nan), _floats(known, "range_hi", np.nan)
        self.cap: Longs = np.array([_cap(row) for row in known], np.int64)
        self.judged: Flags = np.array([one is not None and one.is_judged and one.is_in_service for one in known], bool)
        self.by_exception: Flags = np.array([one is not None and one.is_by_exception for one in known], bool)
        self.stale_ms, self.wait_ms = _longs(known, "stale_ms"), _longs(known, "wait_ms")
        self.roc_window_ms = _longs(known, "roc_window_ms")
        # A value that tells changes alone may stand still for as long as it likes (1.7).
        self.flat_after_ms = np.where(self.by_exception, 0, _longs(known, "flat_after_ms"))
        self.limits: Limits = limits_of(known)
        self._take_pairs(known)
        self.bounds: Floats = self._bounds(known)

    def _take_pairs(self, known: Sequence[TagRow | None]) -> None:
        """Pairs of which both tags are judged: places, how far apart, for how long, and until it is over."""
        found = [
            (place, other, one)
            for place, one in enumerate(known)
            if one is not None and one.partner and self.judged[place]
            and (other := self.places.get(one.partner)) is not None and self.judged[other]
        ]  # fmt: skip
        rows = [one for _place, _other, one in found]
        self.pair_tags: Longs = np.array([place for place, _other, _one in found], np.int64)
        self.pair_partners: Longs = np.array([other for _place, other, _one in found], np.int64)
        self.pair_apart, self.pair_ms = _floats(rows, "apart", np.nan), _longs(rows, "apart_ms")
        self.pair_is_command: Flags = np.array([one.is_command for one in rows], bool)
        # A command that is followed again is over at once.
        self.pair_off_ms: Longs = np.where(self.pair_is_command, 0, _longs(rows, "off_delay_ms"))

    def _bounds(self, known: Sequence[TagRow | None]) -> Floats:
        """What each tag is judged by (n × 10), in the units of :class:`.Change`; NaN where it is not."""
        found = np.full((len(known), len(NAMES)), np.nan)
        found[:, :4] = self.limits.at
        found[:, ROC] = _floats(known, "roc_limit", np.nan)
        found[:, STALE] = np.where(self.stale_ms > 0, self.stale_ms / 1000, np.nan)
        found[:, FLAT] = np.where(self.flat_after_ms > 0, _floats(known, "flat_within", np.nan), np.nan)
        found[:, INSTR] = self.fault_ms / 1000
        for name, bound, is_command in ((DEV, self.pair_apart, False), (DISC, self.pair_ms / 1000, True)):
            mine = self.pair_is_command == is_command
            found[self.pair_tags[mine], name] = bound[mine]
        found[~self.judged] = np.nan
        return found


def limits_of(rows: Sequence[TagRow | None]) -> Limits:
    """Limits of rows as arrays; none where there is no row."""
    none = (np.nan,) * 4
    return Limits(
        np.array([row.limits if row is not None else none for row in rows], float).reshape(len(rows), 4),
        _floats(rows, "deadband", 0.0),
        _longs(rows, "on_delay_ms"),
        _longs(rows, "off_delay_ms"),
    )


def _cap(row: TagRow | None) -> int:
    if row is None:
        return GOOD
    return row.cap if row.is_in_service else OUT_OF_SERVICE


def _floats(rows: Sequence[TagRow | None], name: str, none: float) -> Floats:
    return np.array([getattr(row, name) if row is not None else none for row in rows], float)


def _longs(rows: Sequence[TagRow | None], name: str) -> Longs:
    return np.array([getattr(row, name) if row is not None else 0 for row in rows], np.int64)
