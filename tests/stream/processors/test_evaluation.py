"""Limits over arrays: the worked vector, and the same as judging one reading after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quancheng.stream.processors.evaluation import HH, LL, Change, H, L, Limits, State, judge, rounds

VECTOR = "20 24 26 24 26 27 28 26 24 23.5 22.9 22 22.5 23.2 22 21 20 20 20 20 26 27 27 20 20 20 20 20 20"


def limits(tags: int, *, on_ms: int = 0, off_ms: int = 0, deadband: float = 2, **at: float) -> Limits:
    columns = np.full((tags, 4), np.nan)
    for name, value in at.items():
        columns[:, {"ll": LL, "l": L, "h": H, "hh": HH}[name]] = value
    each = np.ones(tags, np.int64)
    return Limits(columns, np.full(tags, deadband), each * on_ms, each * off_ms)


def test_the_worked_vector_of_a_high_limit() -> None:
    values = np.array([float(one) for one in VECTOR.split()])
    at = np.arange(len(values)) * 5000
    state = State.empty(1)
    changes = judge(
        limits(1, on_ms=10_000, off_ms=20_000, h=25), state, np.zeros(len(at), int), at, values, np.ones(len(at), bool)
    )
    assert [(one.is_raised, one.at_ms, one.value) for one in changes] == [
        (True, 30_000, 28.0), (False, 90_000, 20.0), (True, 110_000, 27.0), (False, 135_000, 20.0),
    ]  # fmt: skip


def test_a_low_limit_is_the_mirror_of_a_high_one() -> None:
    values = np.array([float(one) for one in VECTOR.split()])
    at, tags, fine = np.arange(len(values)) * 5000, np.zeros(len(values), int), np.ones(len(values), bool)
    high = judge(limits(1, on_ms=10_000, off_ms=20_000, h=25), State.empty(1), tags, at, values, fine)
    low = judge(limits(1, on_ms=10_000, off_ms=20_000, l=-25), State.empty(1), tags, at, -values, fine)
    assert [(one.is_raised, one.at_ms, -one.value, H) for one in low] == [
        (one.is_raised, one.at_ms, one.value, one.limit) for one in high
    ]


def test_a_bad_reading_raises_and_clears_nothing_and_stops_the_clock() -> None:
    state, bounds = State.empty(1), limits(1, on_ms=10_000, h=25)

    def reading(at: int, value: float, *, fine: bool = True) -> list[Change]:
        return judge(bounds, state, np.zeros(1, int), np.array([at]), np.array([value]), np.array([fine]))

    assert not reading(0, 30)
    assert not reading(5_000, 99, fine=False)
    # Eight seconds beyond the limit, of which the five under bad readings do not count.
    assert not reading(10_000, 30)
    assert reading(15_000, 30)
    assert not reading(20_000, 0, fine=False)
    assert state.is_active[0, H]
    assert reading(25_000, 0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=60))
def test_rounds_hold_each_reading_once_and_a_tag_in_its_order(pairs: list[tuple[int, int]]) -> None:
    tags = np.array([tag for tag, _at in pairs], np.int64)
    at = np.array([at for _tag, at in pairs], np.int64)
    seen: list[int] = []
    last: dict[int, int] = {}
    for places in rounds(tags, at):
        assert len(set(tags[places].tolist())) == len(places)
        for place in places.tolist():
            assert last.get(int(tags[place]), -1) <= at[place]
            last[int(tags[place])] = int(at[place])
        seen += places.tolist()
    assert sorted(seen) == list(range(len(pairs)))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([5.0, 15.0, 50.0, 85.0, 95.0]), st.booleans()), max_size=80),
    st.integers(1, 20), st.integers(0, 12), st.integers(0, 12),
)  # fmt: skip
def test_batches_cut_anywhere_judge_alike(
    told: list[tuple[int, float, bool]], size: int, on_s: int, off_s: int
) -> None:
    """However readings are cut into batches, each told twice, the changes are those of one after another."""
    bounds = limits(4, on_ms=on_s * 1000, off_ms=off_s * 1000, ll=10, l=20, h=80, hh=90)
    tags = np.array([tag for tag, _value, _fine in told], np.int64)
    at = np.arange(len(told), dtype=np.int64) * 3000
    values = np.array([value for _tag, value, _fine in told], float)
    fine = np.array([good for _tag, _value, good in told], bool)
    single, batched = State.empty(4), State.empty(4)
    one_by_one = [
        change for place in range(len(told))
        for change in judge(bounds, single, *(column[place : place + 1] for column in (tags, at, values, fine)))
    ]  # fmt: skip
    cut: list[Change] = []
    for start in range(0, len(told), size):
        part = [column[start : start + size] for column in (tags, at, values, fine)]
        cut += judge(bounds, batched, *part)
        assert judge(bounds, batched, *part) == []
    key = lambda one: (one.at_ms, one.limit)  # noqa: E731
    assert sorted(cut, key=key) == sorted(one_by_one, key=key)
    for name in ("is_active", "since", "clear_since", "last_ms", "bad_ms"):
        assert np.array_equal(getattr(single, name), getattr(batched, name))
