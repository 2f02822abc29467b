"""Limits judged over arrays (报警判定): one state for each tag and limit, the readings of all tags at once.

The same rule as ``standards.signals.alarms``, which judges one reading after the other and is the reference: the
tests lead both along the same worked course. A batch is cut into rounds, each with at most one reading of a tag, in the
order of their times; within a round everything is arithmetic on whole columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: Columns of limits, in this order.
LL, L, H, HH = range(4)
NAMES = ("LL", "L", "H", "HH")
#: ``+1``: high limits; ``-1``: low ones, judged upside down.
_SIGN = np.array([-1.0, -1.0, 1.0, 1.0])
NEVER = np.int64(-1)

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(slots=True)
class Limits:
    """Of each tag: limits (n × 4, NaN where there is none), deadband, delays in ms."""

    at: Floats
    deadband: Floats
    on_delay_ms: Longs
    off_delay_ms: Longs
    #: Both turned so that beyond is above.
    raised: Floats = field(init=False)
    cleared: Floats = field(init=False)
    #: Of each tag the limits that are passed first; infinite where there is none.
    lowest: Floats = field(init=False)
    highest: Floats = field(init=False)

    def __post_init__(self) -> None:
        # Low limits become high ones of the negated value.
        self.raised = self.at * _SIGN
        self.cleared = self.raised - self.deadband[:, None]
        self.lowest = np.nan_to_num(self.at[:, :2], nan=-np.inf).max(axis=1)
        self.highest = np.nan_to_num(self.at[:, 2:], nan=np.inf).min(axis=1)


@dataclass(slots=True)
class State:
    """How each limit of each tag stands (n × 4). Saved with what was acknowledged, so that a restart goes on from here.

    ``since`` and ``clear_since``: when a reading was first beyond, or back, without a break; -1: not now.
    By tag, ``last_ms``: of the newest reading judged; ``bad_ms``: since when readings are bad, -1: they are not.
    """

    is_active: Flags
    since: Longs
    clear_since: Longs
    last_ms: Longs
    bad_ms: Longs

    @classmethod
    def empty(cls, tags: int) -> State:
        never = np.full((tags, 4), NEVER)
        return cls(np.zeros((tags, 4), bool), never, never.copy(), np.full(tags, NEVER), np.full(tags, NEVER))

    def copy(self) -> State:
        """The same, to go back to."""
        return State(*(getattr(self, name).copy() for name in STATES))

    def forget(self, places: Places) -> None:
        """These tags stand as if nothing of them had been judged."""
        self.is_active[places] = False
        for column in (self.since, self.clear_since, self.last_ms, self.bad_ms):
            column[places] = NEVER

    def grown(self, tags: int) -> State:
        """The same for more tags, of which the new ones have no state yet."""
        more = State.empty(tags - len(self.last_ms))
        return State(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in STATES))


STATES = ("is_active", "since", "clear_since", "last_ms", "bad_ms")


@dataclass(frozen=True, slots=True)
class Change:
    """A limit that was passed, or left again: place of the tag, column of the limit, when, at which value."""

    tag: int
    limit: int
    is_raised: bool
    at_ms: int
    value: float


def rounds(tags: Longs, at: Longs) -> Iterator[Places]:
    """Places of readings, in rounds of at most one reading a tag, each tag's in the order of their times."""
    order = np.lexsort((at, tags))
    ordered = tags[order]
    first = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    number = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    by_round = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number)) if len(number) else np.empty(0, np.intp)
    start = 0
    for end in ends:
        yield order[by_round[start:end]]
        start = int(end)


def judge(limits: Limits, state: State, tags: Longs, at: Longs, values: Floats, usable: Flags) -> list[Change]:
    """Judge a batch and move the state on; readings older than the last one judged of their tag are passed over.

    :param tags: places in ``limits`` and ``state``. :param usable: whether the quality is good or uncertain: a bad
        reading stops the clock of both delays and neither raises nor clears anything.
    """
    changes: list[Change] = []
    # Nearly all tags are well within their limits and were so before: nothing of them is to be worked out.
    stirred = (state.is_active | (state.since != NEVER)).any(axis=1) | (state.bad_ms != NEVER)
    stirred[tags[~usable | (values <= limits.lowest[tags]) | (values >= limits.highest[tags])]] = True
    np.maximum.at(state.last_ms, tags[calm := ~stirred[tags]], at[calm])
    (taken,) = np.nonzero(~calm)
    for within in rounds(tags[taken], at[taken]):
        places = taken[within]
        places = places[at[places] > state.last_ms[tags[places]]]
        if len(places):
            _round(limits, state, tags[places], at[places], values[places], usable[places], changes)
    return changes


def _round(
    limits: Limits, state: State, tags: Longs, at: Longs, values: Floats, usable: Flags, changes: list[Change]
) -> None:
    state.last_ms[tags] = at
    spoilt = tags[~usable]
    state.bad_ms[spoilt] = np.where(state.bad_ms[spoilt] == NEVER, at[~usable], state.bad_ms[spoilt])
    tags, at, values = tags[usable], at[usable], values[usable]
    if not len(tags):
        return
    # The time of bad readings does not count: what runs is moved on by it.
    stood = np.where(state.bad_ms[tags] == NEVER, 0, at - state.bad_ms[tags])
    state.bad_ms[tags] = NEVER
    signed = values[:, None] * _SIGN
    beyond, back = signed >= limits.raised[tags], signed < limits.cleared[tags]
    active, now = state.is_active[tags], at[:, None]
    since, clear_since = state.since[tags], state.clear_since[tags]
    since = np.where(since == NEVER, NEVER, since + stood[:, None])
    clear_since = np.where(clear_since == NEVER, NEVER, clear_since + stood[:, None])
    since = np.where(active | ~beyond, NEVER, np.where(since == NEVER, now, since))
    clear_since = np.where(active & back, np.where(clear_since == NEVER, now, clear_since), NEVER)
    raised = (since != NEVER) & (now - since >= limits.on_delay_ms[tags][:, None])
    cleared = (clear_since != NEVER) & (now - clear_since >= limits.off_delay_ms[tags][:, None])
    state.since[tags] = np.where(raised, NEVER, since)
    state.clear_since[tags] = np.where(cleared, NEVER, clear_since)
    state.is_active[tags] = (active | raised) & ~cleared
    for row, column in zip(*np.nonzero(raised | cleared), strict=True):
        changes.append(Change(int(tags[row]), int(column), bool(raised[row, column]), int(at[row]), float(values[row])))
