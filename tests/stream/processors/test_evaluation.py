"""Limits over arrays: the worked vector, and a batch put in order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quancheng.stream.processors.batch import batch_of, rounds
from quancheng.stream.processors.evaluation import HH, LL, Change, H, L, Limits, State, Told, judge

VECTOR = "20 24 26 24 26 27 28 26 24 23.5 22.9 22 22.5 23.2 22 21 20 20 20 20 26 27 27 20 20 20 20 20 20"
GOOD, BAD = 192, 0


def limits(tags: int, *, on_ms: int = 0, off_ms: int = 0, deadband: float = 2, **at: float) -> Limits:
    columns = np.full((tags, 4), np.nan)
    for name, value in at.items():
        columns[:, {"ll": LL, "l": L, "h": H, "hh": HH}[name]] = value
    each = np.ones(tags, np.int64)
    return Limits(columns, np.full(tags, deadband), each * on_ms, each * off_ms)


def led(bounds: Limits, state: State, at: list[int], values: list[float], quality: int = GOOD) -> list[Change]:
    """Changes of the first tag, to which these readings came."""
    told = Told(np.full((len(state.last_ms), 8), np.nan))
    count = len(at)
    batch = batch_of(state.last_ms, np.zeros(count, np.int64), np.array(at), np.array(values, float),
                     np.full(count, quality))  # fmt: skip
    judge(bounds, state, batch, told)
    return told.changes


def test_the_worked_vector_of_a_high_limit() -> None:
    values = [float(one) for one in VECTOR.split()]
    changes = led(
        limits(1, on_ms=10_000, off_ms=20_000, h=25), State.empty(1), [5000 * one for one in range(len(values))], values
    )
    assert [(one.is_raised, one.at_ms, one.value) for one in changes] == [
        (True, 30_000, 28.0), (False, 90_000, 20.0), (True, 110_000, 27.0), (False, 135_000, 20.0),
    ]  # fmt: skip


def test_a_low_limit_is_the_mirror_of_a_high_one() -> None:
    values = [float(one) for one in VECTOR.split()]
    at = [5000 * one for one in range(len(values))]
    high = led(limits(1, on_ms=10_000, off_ms=20_000, h=25), State.empty(1), at, values)
    low = led(limits(1, on_ms=10_000, off_ms=20_000, l=-25), State.empty(1), at, [-one for one in values])
    assert [(one.is_raised, one.at_ms, -one.value, H) for one in low] == [
        (one.is_raised, one.at_ms, one.value, one.limit) for one in high
    ]


def test_a_bad_reading_raises_and_clears_nothing_and_stops_the_clock() -> None:
    state, bounds = State.empty(1), limits(1, on_ms=10_000, h=25)

    def reading(at: int, value: float, quality: int = GOOD) -> list[Change]:
        return led(bounds, state, [at], [value], quality)

    assert not reading(0, 30)
    assert not reading(5_000, 99, BAD)
    # Eight seconds beyond the limit, of which the five under bad readings do not count.
    assert not reading(10_000, 30)
    assert reading(15_000, 30)
    assert not reading(20_000, 0, BAD)
    assert state.is_active[0, H]
    assert reading(25_000, 0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.sampled_from([0, 80, 192])), max_size=60))
def test_a_batch_holds_each_moment_once_by_its_best_quality(told: list[tuple[int, int, int]]) -> None:
    tags, at, quality = (np.array(column, np.int64) for column in (zip(*told, strict=True) if told else ((),) * 3))
    last_ms = np.array([-1, 5, 10, -1, 40])
    batch = batch_of(last_ms.copy(), tags, at, np.arange(len(at), dtype=float), quality)
    best: dict[tuple[int, int], int] = {}
    for tag, when, how in told:
        if when > last_ms[tag]:
            best[tag, when] = max(how, best.get((tag, when), 0))
    assert list(zip(batch.tags.tolist(), batch.at.tolist(), strict=True)) == sorted(best)
    assert batch.quality.tolist() == [best[moment] for moment in sorted(best)]
    newest = {int(tag): int(last_ms[tag]) for tag in range(5)}
    for tag, when, before in zip(batch.tags.tolist(), batch.at.tolist(), batch.before.tolist(), strict=True):
        assert before == newest[tag]
        newest[tag] = when


@given(st.lists(st.integers(0, 4), max_size=40))
def test_rounds_hold_each_reading_once_and_a_tag_in_its_order(told: list[int]) -> None:
    tags = np.array(sorted(told), np.int64)
    seen: list[int] = []
    for places in rounds(tags):
        assert len(set(tags[places].tolist())) == len(places)
        seen += places.tolist()
    assert sorted(seen) == list(range(len(tags)))
    for tag in set(told):
        mine = [place for place in seen if tags[place] == tag]
        assert mine == sorted(mine)
