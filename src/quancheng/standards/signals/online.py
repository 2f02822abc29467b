"""How long what is told counts (在线率口径): minutes that are due, minutes that are valid, when silence is an outage.

The rules are ours [D], with the figures of the domain as they are usual; the target of 99.5 % is the level that the
national system reached. Source: GB 17681-2024 and the operating rules of the national early-warning system, which
leave the counting to the districts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

DAY_MIN = 1_440
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a district sets (监测质量口径). All figures [D]."""

    #: Minutes without a sign of a source until it counts as offline, and without a usable value of a tag.
    source_offline_min: int = 15
    tag_offline_min: int = 10
    #: An outage that lasts so long without a notice is told to the supervising office.
    tell_after_min: int = 60
    #: Hours within which the enterprise states the cause, and days after which the clock closes what nobody stated.
    state_within_h: int = 24
    lapse_after_days: int = 7
    #: A planned offline period longer than so many days, or more periods than so many in 30 days, are marked.
    longest_planned_days: int = 7
    most_planned: int = 3
    #: Online rate that is aimed at, in hundredths of a per cent.
    target_e4: int = 9_950
    #: A score of a source below this is shown as poor.
    poor_score: int = 80

    @property
    def target(self) -> float:
        """In per cent."""
        return self.target_e4 / 100


#: Least and most of each figure.
SPANS: dict[str, tuple[int, int]] = {
    "source_offline_min": (2, 1_440), "tag_offline_min": (2, 1_440), "tell_after_min": (5, 10_080),
    "state_within_h": (1, 720), "lapse_after_days": (1, 90), "longest_planned_days": (1, 365), "most_planned": (1, 30),
    "target_e4": (5_000, 10_000), "poor_score": (1, 100),
}  # fmt: skip
NAMES = tuple(one.name for one in fields(Rules))


def hold_min(*, scan_s: float, stale_after_s: float, is_by_exception: bool) -> int:
    """Minutes for which one usable value counts: its own, and those until the second next one is due.

    A tag that tells changes alone counts until it is stale. At least one minute, at most a day.

    >>> [hold_min(scan_s=s, stale_after_s=60, is_by_exception=False) for s in (5, 30, 60, 300)]
    [1, 1, 2, 10]
    """
    span_s = max(2 * scan_s, stale_after_s if is_by_exception else 0)
    return min(DAY_MIN, max(1, math.ceil(span_s / 60)))


def covered(told: Bools, hold: int) -> Bools:
    """Minutes for which a value counts. :param told: tags by minutes, true where a usable value came."""
    if hold <= 1:
        return told
    sums = np.cumsum(told, axis=1, dtype=np.int32)
    before = np.zeros_like(sums)
    before[:, hold:] = sums[:, :-hold]
    found: Bools = sums > before
    return found


def without(span: int, gaps: Iterable[tuple[float, float]]) -> Bools:
    """Minutes of ``span`` that no gap touches. :param gaps: begin and end in minutes, each from the span's begin."""
    due = np.ones(span, bool)
    for begin, end in gaps:
        if end > begin:
            due[max(0, math.floor(begin)) : max(0, min(span, math.ceil(end)))] = False
    return due


def rate(valid: int, due: int) -> float | None:
    """Online rate in per cent; None where nothing was due."""
    return None if due <= 0 else 100 * valid / due
