"""Faults of sensors: each kind does what its label says, from its beginning to its end, and to its own tag alone."""

from __future__ import annotations

import numpy as np
import pytest

from quancheng.stream.simulator.faults import DETECTORS, KINDS, Fault, draw_faults
from quancheng.stream.simulator.fleet import Facility
from quancheng.stream.simulator.site import Sample, Site

START = 1_781_496_000_000
MIN = 60_000
GAS = "XNQ000001.GDS.AT101.PV"  # ammonia, every 5 s, span 0 to 300 mg/m3
PRESSURE = "XNQ000001.TANK1.PT101.PV"  # every 5 s, span 0 to 1600 kPa


def run(*faults: Fault, minutes: int = 30) -> list[Sample]:
    site = Site("XNQ000001", [Facility("ammonia", units=1, points=2)], seed=5, start_ms=START)
    site.inject(*faults)
    return list(site.samples(START + minutes * MIN))


def values(samples: list[Sample], code: str) -> np.ndarray:
    return np.array([s.value for s in samples if s.code == code])


@pytest.fixture(scope="module")
def healthy() -> list[Sample]:
    return run()


def fault(kind: str, *, code: str = PRESSURE, until=None, **more) -> Fault:
    return Fault(code, kind, START + 10 * MIN, until, **more)


def test_every_kind_names_its_detector():
    assert len(KINDS) == 11
    assert all(DETECTORS.values())
    assert fault("stuck").detector == "flatline"


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_touches_its_tag_alone_and_only_while_it_lasts(healthy, kind):
    ends = START + 20 * MIN
    found = run(fault(kind, until=ends, size=0.3 if kind != "clock" else 120, per_day=20_000))
    assert [s for s in found if s.code != PRESSURE] == [s for s in healthy if s.code != PRESSURE]
    before = [s for s in found if s.code == PRESSURE and s.at_ms < START + 10 * MIN]
    assert set(before) >= {s for s in healthy if s.code == PRESSURE and s.at_ms < START + 10 * MIN}
    after = [s for s in found if s.code == PRESSURE and s.at_ms >= ends + 5 * MIN]
    assert after == [s for s in healthy if s.code == PRESSURE and s.at_ms >= ends + 5 * MIN]
    during = START + 10 * MIN, ends
    mine, usual = (
        [s for s in run if s.code == PRESSURE and during[0] <= s.at_ms < during[1]] for run in (found, healthy)
    )
    assert mine != usual


def test_stuck_freezes_the_last_value(healthy):
    found = values(run(fault("stuck")), PRESSURE)
    assert len(set(found[-200:])) == 1
    assert len(found) == len(values(healthy, PRESSURE))


def test_drift_and_bias_add_shares_of_the_span(healthy):
    usual = values(healthy, PRESSURE)
    assert (values(run(fault("bias", size=-0.05)), PRESSURE) - usual)[-1] == pytest.approx(-80, abs=1)
    drifted = values(run(fault("drift", size=0.5)), PRESSURE) - usual
    assert drifted[-1] == pytest.approx(0.5 * 1600 * 20 / 1440, abs=1)


def test_spikes_are_short_and_high(healthy):
    found = values(run(fault("spike", size=0.3, per_day=400), minutes=120), PRESSURE)
    usual = values(run(minutes=120), PRESSURE)
    off = np.abs(found - usual) > 1
    assert 3 < off.sum() < 150
    assert np.abs(found - usual)[off] == pytest.approx(480, abs=1)
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], off.astype(int), [0]]))))[::2]
    assert runs.max() <= 6  # two spikes may meet


def test_a_noise_burst_widens_the_noise(healthy):
    found = values(run(fault("noise", size=12)), PRESSURE)
    assert found[-200:].std() > 5 * values(healthy, PRESSURE)[-200:].std()


def test_dropout_sends_nothing():
    times = [s.at_ms for s in run(fault("dropout", until=START + 20 * MIN)) if s.code == PRESSURE]
    assert not [at for at in times if START + 10 * MIN <= at < START + 20 * MIN]


def test_a_wrong_unit_scales_by_ten(healthy):
    assert values(run(fault("scale", size=10)), PRESSURE)[-1] == pytest.approx(10 * values(healthy, PRESSURE)[-1])


def test_a_skewed_clock_is_ahead(healthy):
    ahead = [s.at_ms for s in run(fault("clock", size=28_800)) if s.code == PRESSURE]
    assert ahead[-1] - [s.at_ms for s in healthy if s.code == PRESSURE][-1] == 28_800_000


def test_a_replaying_gateway_sends_the_same_again(healthy):
    found = [s for s in run(fault("replay", per_day=1000)) if s.code == PRESSURE]
    usual = [s for s in healthy if s.code == PRESSURE]
    assert len(found) > len(usual)
    assert set(found) == set(usual)
    assert [s.at_ms for s in found] != sorted(s.at_ms for s in found)


def test_a_poisoned_bead_hardly_answers(healthy):
    found = values(run(fault("poisoned", code=GAS)), GAS)
    assert found[-100:].max() <= 0.3
    assert values(healthy, GAS)[-100:].max() > 0.9


def test_a_saturated_instrument_stands_at_the_end_of_its_span():
    assert set(values(run(fault("saturated")), PRESSURE)[-100:]) == {1600.0}


def test_bad_labels_are_refused():
    with pytest.raises(ValueError, match="unknown fault"):
        fault("tired")
    with pytest.raises(ValueError, match="ends after"):
        fault("stuck", until=START)
    with pytest.raises(ValueError, match="already"):
        run(fault("stuck"), fault("bias"))
    with pytest.raises(KeyError):
        run(fault("stuck", code="XNQ000001.NO.SUCH.PV"))


def test_drawn_faults_are_repeatable_spread_and_sound():
    facilities = [Facility("petrol", units=5), Facility("warehouse", units=40)]
    site = Site("XNQ000001", facilities, seed=5, start_ms=START)
    week = START + 7 * 86_400_000
    found = draw_faults(site.tags, seed=1, from_ms=START, until_ms=week, share=0.8)
    assert found == draw_faults(site.tags, seed=1, from_ms=START, until_ms=week, share=0.8)
    assert {one.kind for one in found} == set(KINDS)
    specs = {tag.code: tag.spec for tag in site.tags}
    measured = sum(spec.mode == "periodic" for spec in specs.values())
    assert 0.7 * measured < len(found) < 0.9 * measured
    assert all(specs[one.code].unit == "%LEL" for one in found if one.kind == "poisoned")
    assert all(START <= one.from_ms < week for one in found)
    site.inject(*found)
    assert len(site.labels) == len(found)
    assert len(site.step(START + MIN)) > 0
