"""Minutes that are due, minutes that count, the figures of both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import online


@pytest.mark.parametrize(
    ("scan_s", "stale_s", "by_exception", "minutes"),
    [(5, 60, False, 1), (30, 900, False, 1), (31, 60, False, 2), (60, 60, False, 2), (300, 900, False, 10),
     (10, 900, True, 15), (3600, 60, False, 120), (1e9, 60, False, 1440)],
)  # fmt: skip
def test_a_value_counts_until_the_second_next_is_due(scan_s: float, stale_s: float, by_exception: bool, minutes: int):
    assert online.hold_min(scan_s=scan_s, stale_after_s=stale_s, is_by_exception=by_exception) == minutes


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 20))
def test_a_minute_is_covered_where_a_value_came_within_its_hold(told: list[bool], hold: int):
    found = online.covered(np.array([told], bool).reshape(1, len(told)), hold)[0]
    assert found.tolist() == [any(told[max(0, place - hold + 1) : place + 1]) for place in range(len(told))]


@given(st.integers(0, 200), st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), max_size=5))
def test_gaps_leave_whole_minutes_out_and_nothing_else(span: int, gaps: list[tuple[float, float]]):
    due = online.without(span, gaps)
    for place in range(span):
        touched = any(begin < place + 1 and end > place for begin, end in gaps if end > begin)
        assert due[place] != touched


def test_a_rate_of_nothing_is_none():
    assert online.rate(0, 0) is None
    assert online.rate(1439, 1440) == pytest.approx(99.93, abs=0.01)
    assert online.Rules().target == 99.5
