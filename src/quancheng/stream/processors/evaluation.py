"""Limits judged over arrays (报警判定): one state for each tag and limit, the readings of all tags at once.

The same rule as ``standards.signals.alarms``, which judges one reading after the other and is the reference: tests lead
both along the same courses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from quancheng.stream.processors.batch import NEVER, Batch, Flags, Floats, Longs, rounds

#: What is told of a tag, in this order: four limits, then rate of change, silence, a stuck value, a faulty instrument,
#: too far from another tag, a command that is not followed. What was packed counts on the order.
LL, L, H, HH, ROC, STALE, FLAT, INSTR, DEV, DISC = range(10)
NAMES = ("LL", "L", "H", "HH", "ROC", "STALE", "FLAT", "INSTR", "DEV", "DISC")
#: ``+1``: high limits; ``-1``: low ones, judged upside down.
_SIGN = np.array([-1.0, -1.0, 1.0, 1.0])


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
    """How each tag stands. Saved with what was acknowledged, so that a restart goes on from here.

    ``is_active``: of all :data:`NAMES` (n × 10). ``since`` and ``clear_since``, of limits alone (n × 4): when a reading
    was first beyond, or back, without a break; -1: not now. By tag, ``last_ms``: of the newest reading judged;
    ``last_value``: of the newest usable one, NaN: none; ``bad_ms``: since when readings are bad, -1: they are not.
    """

    is_active: Flags
    since: Longs
    clear_since: Longs
    last_ms: Longs
    last_value: Floats
    bad_ms: Longs

    @classmethod
    def empty(cls, tags: int) -> State:
        never = np.full((tags, 4), NEVER)
        return cls(
            np.zeros((tags, len(NAMES)), bool), never, never.copy(), np.full(tags, NEVER), np.full(tags, np.nan),
            np.full(tags, NEVER),
        )  # fmt: skip

    def forget(self, which: Flags) -> None:
        """These (n × 10) stand as if they had never been judged."""
        self.is_active[which] = False
        self.since[which[:, :4]] = NEVER
        self.clear_since[which[:, :4]] = NEVER

    def grown(self, tags: int) -> State:
        """The same for more tags, of which the new ones have no state yet."""
        more = State.empty(tags - len(self.last_ms))
        return State(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in State.__slots__))


@dataclass(frozen=True, slots=True)
class Change:
    """Something began or ended: place of the tag, which of :data:`NAMES`, when, at which value, beyond which bound.

    Values and bounds of limits and of FLAT are in the tag's unit, of ROC in units a minute, of STALE in seconds without
    a reading; the value of INSTR is a quality. Of DEV and DISC the value is the distance, the bound of DISC the seconds
    for which a command may not be followed. A bound that is NaN: there is none.
    """

    tag: int
    limit: int
    is_raised: bool
    at_ms: int
    value: float
    bound: float


@dataclass(slots=True)
class Told:
    """Collects changes. ``bounds``: of each tag, by :data:`NAMES` (n × 10)."""

    bounds: Floats
    changes: list[Change] = field(default_factory=list)

    def add(self, tags: Longs, limit: int, is_raised: Flags, at: Longs, values: Floats) -> None:
        for tag, raised, when, value in zip(
            tags.tolist(), is_raised.tolist(), at.tolist(), values.tolist(), strict=True
        ):
            self.changes.append(Change(tag, limit, raised, when, value, float(self.bounds[tag, limit])))


def judge(limits: Limits, state: State, batch: Batch, told: Told) -> None:
    """Judge a batch by its limits and move the state on. Tags are places in ``limits`` and ``state``.

    A bad reading stops the clock of both delays and neither raises nor clears anything.
    """
    tags, values = batch.tags, batch.values
    # Nearly all tags are well within their limits and were so before: nothing of them is to be worked out.
    stirred = (state.is_active[:, :4] | (state.since != NEVER)).any(axis=1) | (state.bad_ms != NEVER)
    stirred[tags[~batch.usable | (values <= limits.lowest[tags]) | (values >= limits.highest[tags])]] = True
    (taken,) = np.nonzero(stirred[tags])
    for within in rounds(tags[taken]):
        one = taken[within]
        _round(limits, state, tags[one], batch.at[one], values[one], batch.usable[one], told)


def _round(limits: Limits, state: State, tags: Longs, at: Longs, values: Floats, usable: Flags, told: Told) -> None:
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
    active, now = state.is_active[tags, :4], at[:, None]
    since, clear_since = state.since[tags], state.clear_since[tags]
    since = np.where(since == NEVER, NEVER, since + stood[:, None])
    clear_since = np.where(clear_since == NEVER, NEVER, clear_since + stood[:, None])
    since = np.where(active | ~beyond, NEVER, np.where(since == NEVER, now, since))
    clear_since = np.where(active & back, np.where(clear_since == NEVER, now, clear_since), NEVER)
    raised = (since != NEVER) & (now - since >= limits.on_delay_ms[tags][:, None])
    cleared = (clear_since != NEVER) & (now - clear_since >= limits.off_delay_ms[tags][:, None])
    state.since[tags] = np.where(raised, NEVER, since)
    state.clear_since[tags] = np.where(cleared, NEVER, clear_since)
    state.is_active[tags, :4] = (active | raised) & ~cleared
    turned = raised | cleared
    if turned.any():
        for column in range(4):
            rows = turned[:, column]
            told.add(tags[rows], column, raised[rows, column], at[rows], values[rows])
