"""The reactor of two presets gives the figures it is known for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from quancheng.stream.simulator.reactor import BATCH, SEMIBATCH, Kettles, Preset

MIN = 60
FAULT_AT = 90 * MIN
NORMAL = {"cooling": 1.0, "stirring": 1.0, "dosing": 1.0, "shown_k": 0.0}


def run(preset: Preset, *, hours: float = 4, since: int = 0, until: int = 10**9, **fault: float):
    """Temperatures before each second, and unreacted B as a share of the whole; the fault lasts as told."""
    kettles = Kettles(1, preset)
    temperatures, unreacted = [], []
    for second in range(int(hours * 3600)):
        temperatures.append(float(kettles.temperature_c[0]))
        unreacted.append(float(kettles.mol_b[0]) / 4000)
        now = {**NORMAL, **fault} if since <= second < until else NORMAL
        kettles.second(**{name: np.array([value]) for name, value in now.items()})
    return np.array(temperatures), np.array(unreacted)


def minutes_until(temperatures, since: int, at_least: float) -> float:
    return float(np.argmax(temperatures[since:] >= at_least)) / MIN


def minutes_until_rate(temperatures, since: int, k_min: float) -> float:
    return float(np.argmax(np.diff(temperatures)[since:] * 60 > k_min)) / MIN


def test_a_dosed_batch_keeps_its_temperature():
    temperatures, unreacted = run(SEMIBATCH)
    settled = temperatures[10 * MIN : 180 * MIN]
    assert settled.min() == pytest.approx(59.3, abs=0.05)
    assert settled.max() == pytest.approx(61.4, abs=0.05)
    assert unreacted.max() == pytest.approx(0.26, abs=0.006)


def test_loss_of_cooling_limits_itself_when_dosing_is_slow():
    temperatures, _ = run(SEMIBATCH, since=FAULT_AT, cooling=0.15)
    start = temperatures[FAULT_AT]
    assert minutes_until(temperatures, FAULT_AT, start + 5) == pytest.approx(12, abs=0.5)
    assert minutes_until(temperatures, FAULT_AT, start + 15) == pytest.approx(49, abs=0.6)
    assert temperatures.max() == pytest.approx(77, abs=0.5)


def test_a_stirrer_that_starts_again_meets_what_has_gathered():
    back = FAULT_AT + 30 * MIN
    temperatures, unreacted = run(SEMIBATCH, since=FAULT_AT, until=back, cooling=0.3, stirring=0.05)
    assert unreacted.max() == pytest.approx(0.28, abs=0.006)
    assert np.diff(temperatures)[back : back + MIN].max() * 60 > 1
    assert temperatures.max() == pytest.approx(66, abs=0.5)


def test_dosing_too_fast_shows_in_what_has_gathered_and_not_in_the_temperature():
    normal, _ = run(SEMIBATCH, hours=3)
    temperatures, unreacted = run(SEMIBATCH, hours=3, since=60 * MIN, dosing=1.5)
    assert np.abs(temperatures - normal).max() < 1
    assert unreacted.max() == pytest.approx(0.49, abs=0.006)


def test_a_sensor_that_reads_too_low_hides_a_hot_reactor():
    temperatures, _ = run(SEMIBATCH, since=FAULT_AT, shown_k=-8)
    hot = temperatures[105 * MIN : 125 * MIN]
    assert hot.max() == pytest.approx(71, abs=0.5)
    assert temperatures[180 * MIN] - 8 == pytest.approx(60, abs=0.6)


def test_a_batch_overshoots_and_comes_back():
    temperatures, _ = run(BATCH)
    assert temperatures.max() == pytest.approx(66, abs=0.2)
    assert temperatures[-1] == pytest.approx(60, abs=0.2)


def test_a_batch_that_loses_its_cooling_runs_away():
    fault = 30 * MIN
    temperatures, _ = run(BATCH, hours=3, since=fault, cooling=0.02)
    assert minutes_until_rate(temperatures, fault, 1) == pytest.approx(3.5, abs=0.2)
    assert minutes_until(temperatures, fault, 75) == pytest.approx(8.5, abs=0.2)
    assert minutes_until_rate(temperatures, fault, 2) == pytest.approx(15, abs=0.5)
    assert minutes_until(temperatures, fault, 100) == pytest.approx(21, abs=0.5)
    assert minutes_until(temperatures, fault, 150) == pytest.approx(45, abs=1)
    assert temperatures.max() == pytest.approx(278, abs=1)


def test_what_drives_it_beyond_is_the_decomposition():
    temperatures, _ = run(replace(BATCH, decomposes=False), hours=3, since=30 * MIN, cooling=0.02)
    assert temperatures.max() == pytest.approx(141, abs=1.5)


def test_with_a_little_cooling_left_it_peaks_lower():
    temperatures, _ = run(BATCH, hours=3, since=30 * MIN, cooling=0.15)
    assert temperatures.max() == pytest.approx(120, abs=1.5)


def test_reactors_do_not_disturb_each_other():
    both = Kettles(2, BATCH)
    for second in range(40 * MIN):
        cooling = np.array([1.0, 0.02 if second >= 30 * MIN else 1.0])
        both.second(cooling=cooling, stirring=np.ones(2), dosing=np.ones(2), shown_k=np.zeros(2))
    alone, _ = run(BATCH, hours=40 / 60 + 1 / 3600)
    assert both.temperature_c[0] == pytest.approx(alone[-1], abs=1e-9)
    assert both.temperature_c[1] > alone[-1] + 10
