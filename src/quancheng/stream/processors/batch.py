"""Readings of a step in the order in which they are judged (判定批次): by tag and time, each moment once, none twice.

Rules that look back at the reading before are worked out in rounds, each with at most one reading of a tag; within a
round everything is arithmetic on whole columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quancheng.standards.signals.quality import counting

NEVER = np.int64(-1)

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(slots=True)
class Batch:
    """Columns sorted by tag (its place in the book) and time in ms.

    ``before``: when the reading before of the same tag was, in this batch or judged earlier; -1: there was none.
    ``usable``: whether the quality is good or uncertain; another reading raises and clears no limit.
    """

    tags: Longs
    at: Longs
    values: Floats
    quality: Longs
    usable: Flags
    before: Longs

    def __len__(self) -> int:
        return len(self.tags)


def batch_of(last_ms: Longs, tags: Longs, at: Longs, values: Floats, quality: Longs) -> Batch:
    """Readings in the order in which they are judged; ``last_ms``, of the newest one judged of each tag, is moved on.

    What is not later than the newest one judged of its tag is passed over. Of two of one moment the better quality
    counts, as in the store, else the one that came first.
    """
    fresh = at > last_ms[tags]
    if not fresh.all():
        tags, at, values, quality = tags[fresh], at[fresh], values[fresh], quality[fresh]
    # The better quality stands first. Times are of less than a month, so that all three find room in one number.
    span = at - (at.min() if len(at) else 0)
    moment = (tags << 36) | (span << 2) | (3 - (quality >> 6))
    order = np.argsort(moment, kind="stable")
    moment = moment[order] >> 2
    once = np.append(True, moment[1:] != moment[:-1])[: len(order)]
    order = order[once]
    tags, at, values, quality = tags[order], at[order], values[order], quality[order]
    first = np.append(True, tags[1:] != tags[:-1])[: len(tags)]
    before = np.empty_like(at)
    before[1:] = at[:-1]
    before[first] = last_ms[tags[first]]
    ends = np.append(first[1:], True)[: len(tags)]
    last_ms[tags[ends]] = at[ends]
    return Batch(tags, at, values, quality, counting(quality), before)


def rounds(tags: Longs) -> Iterator[Places]:
    """Places of sorted tags, in rounds of at most one reading a tag, each tag's in their order."""
    if not len(tags):
        return
    first = np.flatnonzero(np.append(True, tags[1:] != tags[:-1]))
    counts = np.diff(np.append(first, len(tags)))
    for number in range(int(counts.max())):
        yield first[counts > number] + number
