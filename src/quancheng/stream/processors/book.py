"""The tags of a processor's partitions as arrays (点位表), read from the register anew every few seconds.

A place is a tag's row in every array. Places stay as long as the processor runs, so that states go on when tags come,
change or end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from quancheng.stream.processors.evaluation import Floats, Limits, Longs

#: Of a tag under repair every reading is called this, of one whose calibration has ended at most that (1.4).
OUT_OF_SERVICE, NOT_ACCURATE, GOOD = 28, 80, 192


@dataclass(frozen=True, slots=True)
class TagRow:
    """What a processor knows of a tag. ``keys``: under which its source tells it. Limits: LL, L, H, HH."""

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


@dataclass(slots=True)
class Book:
    """Tags by place, and places by what sources call them."""

    numbers: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    rows: list[TagRow | None] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    by_source: dict[int, dict[str, int]] = field(default_factory=dict)
    scale: Floats = field(default_factory=lambda: np.empty(0))
    shift: Floats = field(default_factory=lambda: np.empty(0))
    range_lo: Floats = field(default_factory=lambda: np.empty(0))
    range_hi: Floats = field(default_factory=lambda: np.empty(0))
    cap: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    judged: np.ndarray[tuple[int], np.dtype[np.bool_]] = field(default_factory=lambda: np.empty(0, bool))
    stale_ms: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    limits: Limits = field(default_factory=lambda: limits_of(()))

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
        if known == self.rows:
            return
        numbers = sorted(self.places, key=self.places.__getitem__)
        self.rows, self.numbers = known, np.array(numbers, np.int64)
        self.by_source = {}
        for place, told in enumerate(known):
            for key in told.keys if told is not None else ():
                self.by_source.setdefault(told.source if told else 0, {})[key] = place
        self.scale, self.shift = _floats(known, "scale", 1.0), _floats(known, "shift", 0.0)
        self.range_lo, self.range_hi = _floats(known, "range_lo", np.nan), _floats(known, "range_hi", np.nan)
        self.cap = np.array([_cap(row) for row in known], np.int64)
        self.judged = np.array([row is not None and row.is_judged and row.is_in_service for row in known], bool)
        self.stale_ms = np.array([row.stale_ms if row is not None else 0 for row in known], np.int64)
        self.limits = limits_of(known)


def limits_of(rows: Sequence[TagRow | None]) -> Limits:
    """Limits of rows as arrays; none where there is no row."""
    none = (np.nan,) * 4
    return Limits(
        np.array([row.limits if row is not None else none for row in rows], float).reshape(len(rows), 4),
        _floats(rows, "deadband", 0.0),
        np.array([row.on_delay_ms if row is not None else 0 for row in rows], np.int64),
        np.array([row.off_delay_ms if row is not None else 0 for row in rows], np.int64),
    )


def _cap(row: TagRow | None) -> int:
    if row is None:
        return GOOD
    return row.cap if row.is_in_service else OUT_OF_SERVICE


def _floats(rows: Sequence[TagRow | None], name: str, none: float) -> Floats:
    return np.array([getattr(row, name) if row is not None else none for row in rows], float)
