"""Limits of a source: its rate in the long run, back pressure before loss, the quota of a day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.mqtt import grant

from quancheng.stream.gateways.mqtt.limits import ASIDE_FACTOR, OVER_LIMIT, OVER_QUOTA, Bucket, Meter

MORNING = datetime(2026, 6, 15, 1, tzinfo=UTC).timestamp()


@given(st.floats(1, 1000), st.floats(1, 1000), st.lists(st.tuples(st.floats(0, 5), st.integers(1, 2000)), max_size=50))
def test_no_more_is_taken_than_burst_and_rate_allow(
    rate: float, burst: float, demands: list[tuple[float, int]]
) -> None:
    bucket, now, taken, largest = Bucket(rate, burst, 0.0), 0.0, 0.0, 0
    for gap, count in demands:
        now += gap
        if not bucket.take(count, now):
            taken += count
            largest = max(largest, count)
        assert taken <= burst + rate * now + largest + 1e-6


@given(st.floats(1, 1000), st.floats(1, 1000), st.integers(1, 5000))
def test_who_waits_as_long_as_told_gets_it(rate: float, burst: float, count: int) -> None:
    bucket = Bucket(rate, burst, 0.0)
    assert bucket.take(burst, 0.0) == 0
    wait = bucket.take(count, 0.0)
    assert 0 < wait <= burst / rate + 0.002
    assert bucket.take(count, wait) == 0


def drive(meter: Meter, *, seconds: float, points: int) -> dict[str, int]:
    """A device that always has another message, read as a connection reads it: points by what became of them."""
    now, result = 0.0, {"": 0}
    while now < seconds:
        verdict = meter.judge(points, now, MORNING + now)
        if verdict.wait_s:
            now += verdict.wait_s
        else:
            result[verdict.reason] = result.get(verdict.reason, 0) + points
    return result


def test_a_device_above_its_rate_is_held_back_before_anything_is_lost() -> None:
    meter = Meter(grant(points_per_s=100, burst_points=500), 0.0, patience_s=30)
    result = drive(meter, seconds=25, points=50)
    assert set(result) == {""}
    assert 2_800 <= result[""] <= 3_050


def test_after_its_patience_the_excess_is_put_aside_at_a_bounded_rate() -> None:
    meter = Meter(grant(points_per_s=100, burst_points=100), 0.0, patience_s=30)
    result = drive(meter, seconds=130, points=50)
    assert 12_000 <= result[""] <= 13_200
    assert 30_000 <= result[OVER_LIMIT] <= 100 * ASIDE_FACTOR * 101


def test_a_device_that_is_late_now_and_then_loses_nothing() -> None:
    meter = Meter(grant(points_per_s=100, burst_points=100), 0.0, patience_s=30)
    now = 0.0
    for number in range(5000):
        now += 1.05 + (0.2 if number % 2 else -0.2)
        while verdict := meter.judge(100, now, MORNING).wait_s:
            now += verdict
        assert meter._strain_s < 1


def test_the_quota_is_that_of_the_local_day() -> None:
    meter = Meter(grant(points_per_day=100), 0.0)
    last_s = datetime(2026, 6, 15, 15, 59, 59, tzinfo=UTC).timestamp()  # 23:59:59 in China
    assert meter.judge(100, 0.0, last_s).reason == ""
    assert meter.judge(1, 0.0, last_s).reason == OVER_QUOTA
    assert meter.judge(1, 0.0, last_s + 1).reason == ""


@pytest.mark.parametrize("points", [1, 100])
def test_changed_limits_hold_at_once_and_keep_what_was_used(points: int) -> None:
    meter = Meter(grant(points_per_s=1, burst_points=1, points_per_day=1000), 0.0)
    assert meter.judge(500, 0.0, MORNING).reason == ""
    assert meter.judge(points, 0.0, MORNING).wait_s > 0
    meter.renew(grant(points_per_s=1000, burst_points=1000, points_per_day=500 + points), 0.0)
    assert meter.judge(points, 0.0, MORNING) == meter.judge(0, 0.0, MORNING)
    assert meter.judge(points, 0.0, MORNING).reason == OVER_QUOTA
