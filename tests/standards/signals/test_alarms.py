"""Alarm conditions: the acceptance vector, delays, bad samples, slopes, stuck values and spikes."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import alarms
from quancheng.standards.signals.alarms import (
    Deviation,
    Diagnosis,
    Event,
    Flatline,
    Latch,
    RateOfChange,
    SpikeFilter,
    Stale,
    State,
    Stuck,
    Threshold,
)
from quancheng.standards.signals.tags import Limits

GOOD, UNCERTAIN, HELD, BAD = 192, 80, 68, 24
VECTOR = (20, 24, 26, 24, 26, 27, 28, 26, 24, 23.5, 22.9, 22, 22.5, 23.2, 22, 21, 20, 20, 20, 20, 26, 27, 27, 20, 20,
          20, 20, 20, 20)  # fmt: skip


def high(limit=25.0, *, deadband=2.0, on=10.0, off=20.0):
    return Threshold(limit, deadband, Latch(on, off))


def run(condition, samples):
    """Events of (value, quality) or value every five seconds."""
    told = [one if isinstance(one, tuple) else (one, GOOD) for one in samples]
    return [event for k, (value, q) in enumerate(told) if (event := condition.step(value, q, 5.0 * k))]


def short(events):
    return [(event.kind, event.at_s) for event in events]


def test_the_acceptance_vector():
    assert run(high(), VECTOR) == [
        Event("raise", 30, 28), Event("clear", 90, 20), Event("raise", 110, 27), Event("clear", 135, 20)]  # fmt: skip


def test_a_low_limit_mirrors_a_high_one():
    low = Threshold(-25.0, 2.0, Latch(10.0, 20.0), sign=-1)
    assert short(run(low, [-one for one in VECTOR])) == short(run(high(), VECTOR))


@pytest.mark.parametrize(("value", "raises"), [(24.999, False), (25.0, True), (25.001, True)])
def test_the_limit_itself_alarms(value, raises):
    assert bool(run(high(on=0), [value])) is raises


@pytest.mark.parametrize(("value", "clears"), [(22.999, True), (23.0, False), (23.001, False)])
def test_the_edge_of_the_deadband_holds(value, clears):
    assert len(run(high(on=0, off=0), [30, value])) == (2 if clears else 1)


def test_bad_samples_stop_the_clock_and_change_nothing():
    # Five seconds of truth, ten of silence, five of truth: ten in all.
    assert short(run(high(), [26, (0, BAD), (0, BAD), 26, 26])) == [("raise", 20)]
    assert short(run(high(), [26, 26, 26, *[(0, BAD)] * 50])) == [("raise", 10)]
    assert short(run(high(), [26, 26, 26, 20, 20, (99, BAD), (99, BAD), 20, 20, 20])) == [("raise", 10), ("clear", 45)]


@pytest.mark.parametrize("quality", [BAD, HELD])
@pytest.mark.parametrize("value", [99.0, math.nan, math.inf])
def test_what_does_not_count_raises_nothing(quality, value):
    assert run(high(on=0), [(value, quality)] * 5) == []
    assert run(high(on=0), [(math.nan, GOOD)] * 5) == []


def test_uncertain_samples_alarm():
    assert short(run(high(on=0), [(26, UNCERTAIN)])) == [("raise", 0)]


def test_a_sample_that_is_not_later_is_passed_over():
    condition = high(on=0, off=0)
    assert condition.step(26, GOOD, 100)
    assert condition.step(0, GOOD, 100) is None
    assert condition.step(0, GOOD, 99) is None
    assert condition.step(0, BAD, 99) is None
    assert condition.step(0, GOOD, 100.1)


def test_delays_are_exact_at_times_of_today():
    condition = high(on=10, off=0)
    assert condition.step(26, GOOD, 1781487000.123) is None
    assert condition.step(26, GOOD, 1781487010.122) is None
    assert condition.step(26, GOOD, 1781487010.123)


SAMPLES = st.lists(st.tuples(st.floats(0, 50), st.sampled_from([GOOD, UNCERTAIN, BAD, HELD])), max_size=60)


@given(SAMPLES, st.floats(0, 30), st.floats(0, 30))
def test_events_alternate_and_rest_on_data(samples, on, off):
    events = run(high(on=on, off=off), samples)
    assert [event.kind for event in events] == ["raise", "clear"] * (len(events) // 2) + ["raise"] * (len(events) % 2)
    for event in events:
        value, quality = samples[round(event.at_s / 5)]
        assert quality in (GOOD, UNCERTAIN)
        assert value >= 25 if event.kind == "raise" else value < 23


@given(SAMPLES)
def test_longer_delays_never_raise_earlier(samples):
    first = [next((e.at_s for e in run(high(on=on), samples)), math.inf) for on in (0, 5, 10, 20)]
    assert first == sorted(first)


@given(SAMPLES)
def test_bad_samples_that_take_no_time_change_nothing(samples):
    plain, disturbed = high(), high()
    for k, (value, quality) in enumerate(samples):
        expected = plain.step(value, quality, 5.0 * k)
        if k and quality in (GOOD, UNCERTAIN):
            disturbed.step(99, BAD, 5.0 * k - 1e-9)
        assert disturbed.step(value, quality, 5.0 * k) == expected


def test_noise_around_the_limit_alarms_once_with_a_deadband():
    rng = random.Random(1)
    noise = [25 + rng.uniform(-3, 3) for _ in range(200)]
    assert len(run(high(deadband=7, on=0, off=0), noise)) == 1
    assert len(run(high(deadband=0, on=0, off=0), noise)) > 10


# Other conditions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", [True, False])
def test_a_state_alarms_while_it_lasts(on):
    states = [1.0 if on else 0.0] * 3 + [0.0 if on else 1.0] * 2
    assert short(run(State(on, Latch(10, 5)), states)) == [("raise", 10), ("clear", 20)]
    assert run(State(on, Latch()), [(float(on), BAD)]) == []


def test_two_sensors_that_part_are_told():
    condition = Deviation(5, 1, Latch(10, 0))
    pairs = [(50, 55), (50, 56), (50, 56), (50, 56), (50, 54.5), (50, 54)]
    events = [condition.step(a, b, GOOD, GOOD, 5.0 * k) for k, (a, b) in enumerate(pairs)]
    assert [(e.kind, e.at_s, e.value) for e in events if e] == [("raise", 15, 6), ("clear", 25, 4)]
    assert Deviation(5, 1, Latch()).step(0, 99, GOOD, BAD, 0) is None


def test_a_valve_that_does_not_follow_is_told_after_half_again_its_travel():
    valve = alarms.discrepancy(20)
    events = [valve.step(1, float(k > 8), GOOD, GOOD, 5.0 * k) for k in range(11)]
    assert [(e.kind, e.at_s) for e in events if e] == [("raise", 30), ("clear", 45)]


def ramp(per_s, count, start=20.0):
    return [start + per_s * 5 * k for k in range(count)]


def test_a_slope_alarms_in_the_second_evaluation():
    # Window 60 s: from 48 s on (t = 50) there is an evaluation, at 55 the second one.
    events = run(RateOfChange(0.1, 60, Latch()), ramp(0.11, 20))
    assert [(e.kind, e.at_s, round(e.value, 6)) for e in events] == [("raise", 55, 0.11)]
    assert run(RateOfChange(0.1, 60, Latch()), ramp(0.1, 40)) == []
    assert run(RateOfChange(0.1, 60, Latch()), ramp(0.09, 40)) == []


def test_a_slope_has_its_direction():
    assert run(RateOfChange(0.1, 60, Latch(), direction=1), ramp(-0.2, 40)) == []
    assert short(run(RateOfChange(0.1, 60, Latch(), direction=-1), ramp(-0.2, 40))) == [("raise", 55)]
    assert short(run(RateOfChange(0.1, 60, Latch()), ramp(-0.2, 40))) == [("raise", 55)]


def test_a_slope_needs_good_samples_and_clears_when_it_is_over():
    assert run(RateOfChange(0.1, 60, Latch()), [(one, UNCERTAIN) for one in ramp(1, 40)]) == []
    sparse = RateOfChange(0.1, 60, Latch())
    assert [sparse.step(k * 15.0, GOOD, 15.0 * k + k // 4 * 60) for k in range(12)] == [None] * 12
    events = run(RateOfChange(0.1, 60, Latch()), [*ramp(0.2, 20), *[39.0] * 40])
    assert [event.kind for event in events] == ["raise", "clear"]


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=20), st.floats(-5, 5), st.floats(-100, 100))
def test_a_slope_adds_up(values, tilt, shift):
    base = [(5.0 * k, one) for k, one in enumerate(values)]
    tilted = [(at, one + shift + tilt * at) for at, one in base]
    assert alarms.slope(tilted) == pytest.approx(alarms.slope(base) + tilt, abs=1e-6)


def test_silence_alarms_and_data_end_it():
    stale = Stale(60)
    assert stale.check(1000) is None
    assert stale.step(1, GOOD, 0) is None
    assert stale.check(59.9) is None
    assert stale.check(60) == Event("raise", 60, 60)
    assert stale.check(70) is None
    assert stale.step(1, BAD, 80) is None
    assert stale.step(1, UNCERTAIN, 90) == Event("clear", 90, 1)
    assert stale.step(1, HELD, 149) is None
    assert stale.step(1, BAD, 150) == Event("raise", 150, 60)
    assert stale.step(1, GOOD, 10) is None
    assert Stale(60).step(1, BAD, 5) is None


def test_a_value_that_does_not_move_is_stuck():
    moving = [20 + (k % 2) * 0.5 for k in range(20)]
    assert short(run(Flatline(0.1, 10), [*moving, *[20.0] * 10, 25.0])) == [("raise", 145), ("clear", 150)]
    assert run(Flatline(0.1, 10), [20.0] * 9) == []
    assert run(Flatline(0.1, 10), [(20.0, BAD)] * 30) == []
    condition = Flatline(0.1, 3)
    assert [condition.step(1, GOOD, 7) for _ in range(9)] == [None] * 9


def test_what_is_stuck_depends_on_what_is_usual():
    assert alarms.flatline_eps(5, 0.1) == 0.5
    assert alarms.flatline_eps(0.5, 0.1) == 0.1


def filtered(samples, resolution=0.1):
    spikes = SpikeFilter(resolution)
    found = [one for k, value in enumerate(samples) for one in spikes.step(*value, 5.0 * k)]
    return found + spikes.flush()


def test_a_single_leap_is_marked_and_a_step_is_not():
    quiet = [(20 + 0.1 * (k % 3), GOOD) for k in range(8)]
    spiked = filtered([*quiet, (60, GOOD), *quiet])
    assert [(value, quality) for value, quality, _ in spiked if quality != GOOD] == [(60, 16)]
    stepped = filtered([*quiet, (60, GOOD), (60.1, GOOD), (60, GOOD)])
    assert all(quality == GOOD for _, quality, _ in stepped)
    assert filtered([*quiet, (60, GOOD)])[-1] == (60, GOOD, 40.0)


def test_a_spike_raises_no_alarm_behind_the_filter():
    spikes, condition = SpikeFilter(0.1), high(on=0)
    values = [20.0] * 8 + [60.0] + [20.0] * 8
    told = [one for k, value in enumerate(values) for one in spikes.step(value, GOOD, 5.0 * k)]
    assert [event for one in told if (event := condition.step(*one))] == []


@given(SAMPLES)
def test_the_filter_loses_nothing_and_changes_only_qualities(samples):
    found = filtered(samples)
    assert [(value, at) for value, _, at in found] == [(value, 5.0 * k) for k, (value, _) in enumerate(samples)]
    for (_, after, _), (_, before) in zip(found, samples, strict=True):
        assert after in (before, 16)


def test_limits_bring_their_conditions():
    limits = Limits(ll=1, l=2, h=8, hh=9, deadband=0.5, on_delay_s=3, off_delay_s=4, roc_limit=0.1, roc_window_s=60,
                    stale_after_s=60, flatline_samples=60, flatline_eps=0.1)  # fmt: skip
    found = alarms.conditions(limits)
    assert list(found) == ["LL", "L", "H", "HH", "ROC", "STALE", "FLAT"]
    assert found["LL"] == Threshold(1, 0.5, Latch(3, 4), sign=-1)
    assert found["HH"] == Threshold(9, 0.5, Latch(3, 4), sign=1)
    assert found.keys() <= alarms.TYPES.keys()
    assert alarms.conditions(Limits()) == {}


def test_a_value_that_stays_where_it_stood_is_stuck_until_it_moves():
    state = Stuck(within=0.5, after_s=60)
    assert not any(state.step(20 + 0.1 * (at % 5), 192, at) for at in range(60))
    assert state.step(20.5, 192, 60) == Event("raise", 60, 20.5)
    assert state.step(20.4, 192, 70) is None
    assert state.step(20.6, 192, 80) == Event("clear", 80, 20.6)


def test_a_slow_drift_is_no_standstill_and_a_bad_sample_says_nothing():
    state = Stuck(within=0.5, after_s=60)
    assert not any(state.step(20 + at / 100, 192, at) for at in range(300))
    state = Stuck(within=0.5, after_s=60)
    state.step(20, 192, 0)
    assert state.step(99, 16, 30) is None
    assert state.step(20, 192, 60) == Event("raise", 60, 20)


def test_a_silence_is_no_standstill():
    state = Stuck(within=0, after_s=60, gap_s=20)
    assert not any(state.step(20, 192, at) for at in (0, 10, 1000, 1015, 1030, 1049))
    assert state.step(20, 192, 1050) == Event("raise", 1050, 20)


def test_an_instrument_is_faulty_when_its_source_says_so_for_long_enough():
    state = Diagnosis(30)
    assert not any(state.step(0, 16, at) for at in (0, 10, 20))
    assert state.step(5, 80, 25) is None
    assert not any(state.step(0, quality, at) for at, quality in ((30, 12), (40, 24), (59, 16)))
    assert state.step(0, 16, 60) == Event("raise", 60, 16)
    assert state.step(0, 24, 70) is None
    assert state.step(5, 192, 80) == Event("clear", 80, 192)


def test_a_pair_holds_what_each_side_told_last_for_as_long_as_it_stands() -> None:
    pair = alarms.Pair(alarms.deviation(10, 5), (0, 20))
    assert pair.step(0, {0: (50.0, GOOD)}) is None
    assert pair.step(1, {1: (70.0, GOOD)}) is None
    # Of an earlier time: no new moment, and no newer value.
    assert pair.step(0.5, {1: (50.0, GOOD)}) is None
    event = pair.step(6, {0: (50.0, GOOD)})
    assert event is not None
    assert (event.kind, event.at_s, event.value) == ("raise", 6, 20)
    # The other side has been silent for too long: nothing ends.
    assert pair.step(30, {0: (70.0, GOOD)}) is None
    # It ends a tenth of the limit below it.
    assert pair.step(31, {1: (60.5, GOOD)}) is None
    event = pair.step(32, {1: (61.0, GOOD)})
    assert event is not None
    assert event.kind == "clear"
