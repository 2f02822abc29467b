"""What makes data implausible: made-up series are found, what simulated sensors tell is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import plausibility as plain
from quancheng.standards.signals.plausibility import Counts, Series
from quancheng.stream.simulator.district import plan_site
from quancheng.stream.simulator.faults import Fault
from quancheng.stream.simulator.site import Simulation

START = 1_781_496_000_000
WELL = Counts(expected=1000, received=1000, late=0, outside=0)


def series(value: Any, code: str = "T1", kind: str = "level", **known: Any) -> Series:
    values = np.asarray(value, float)
    return Series(code, kind, START + 10_000 * np.arange(len(values)), values, **{"range_lo": 0.0, "range_hi": 100.0,
                  **known})  # fmt: skip


def noisy(count: int = 300, *, seed: int = 1, middle: float = 50) -> np.ndarray:
    return np.round(middle + np.cumsum(np.random.default_rng(seed).normal(0, 0.3, count)), 2)


def codes(*found: Series, counts: Counts = WELL) -> list[str]:
    return [one.code for one in plain.score(counts, found).deductions]


def test_a_walk_with_noise_costs_nothing():
    assert plain.score(WELL, [series(noisy(seed=1)), series(noisy(seed=2), "T2")]).score == 100


def test_a_recording_that_is_played_again_and_again_is_found():
    block = noisy(60)
    assert plain.period_of(np.tile(block, 5)) == 60
    assert codes(series(np.tile(block, 5))) == ["repeated"]
    assert plain.period_of(noisy()) == 0


def test_what_hardly_moves_repeats_itself_by_nature():
    value = np.full(400, 20.0)
    value[::20] = 20.1
    assert plain.period_of(value) == 0


def test_a_pure_wave_and_a_straight_ramp_have_no_noise():
    turns = np.arange(300)
    assert plain.is_smooth(50 + 10 * np.sin(turns / 7))
    assert plain.is_smooth(10 + 0.01 * turns)
    assert not plain.is_smooth(np.round(50 + 10 * np.sin(turns / 7), 1))
    assert not plain.is_smooth(noisy())
    assert not plain.is_smooth(np.full(300, 4.0))


def test_twins_tell_the_same_or_at_a_fixed_distance():
    value = noisy()
    assert plain.twins([series(value, "A"), series(value, "B"), series(noisy(seed=3), "C")]) == ("A", "B")
    assert plain.twins([series(value, "A"), series(value + 7.5, "B")]) == ("A", "B")
    assert plain.twins([series(value, "A"), series(value + noisy(seed=4) * 0.01, "B")]) == ()
    assert plain.twins([series(value, "A"), series(value, "B", kind="temperature")]) == ()


def test_digits_of_a_program_are_told_from_those_of_a_converter():
    wild = np.random.default_rng(5).normal(50, 3, 300)
    assert plain.has_odd_digits(wild)
    assert not plain.has_odd_digits(wild.astype(np.float32).astype(float))
    assert not plain.has_odd_digits(np.round(wild, 3))
    assert codes(series(wild)) == ["digits"]
    assert codes(series(wild, is_scaled=True)) == []


@pytest.mark.parametrize(
    ("kind", "high", "value", "name"),
    [("pressure", 1600.0, 0.8, "MPa/kPa"), ("level", 2520.0, 1.8, "m/mm"), ("pressure", 1.6, 800.0, "MPa/kPa"),
     ("oxygen", 25.0, 209_000.0, "ppm/%"), ("pressure", 1600.0, 800.0, ""), ("flammable", 100.0, 0.2, "")],
)  # fmt: skip
def test_a_unit_that_was_mixed_up_is_named(kind: str, high: float, value: float, name: str):
    told = value * (1 + 0.02 * np.round(np.random.default_rng(2).normal(0, 1, 200), 3))
    assert plain.wrong_unit(series(told, kind=kind, range_hi=high)) == name


def test_tags_that_stop_at_the_same_moment_are_frozen_together():
    stuck = [series([*noisy(200, seed=place), *[55.5] * 400], f"T{place}") for place in range(4)]
    assert plain.frozen_together([*stuck, series(noisy(600), "M")]) == ("T0", "T1", "T2", "T3")
    assert plain.frozen_together(stuck[:2]) == ()
    apart = [series([*noisy(100 + 60 * place, seed=place), *[55.5] * 500], f"T{place}") for place in range(4)]
    assert plain.frozen_together(apart) == ()
    (one,) = plain.score(WELL, [], minutes=stuck).deductions
    assert (one.code, one.points, one.tags) == ("frozen", 20, ("T0", "T1", "T2", "T3"))


def test_what_was_frozen_together_for_a_while_is_found_after_it_moves_again():
    thawed = [series([*noisy(60, seed=place), *[5.5] * 400, *noisy(60, seed=9 + place)], f"T{place}")
              for place in range(3)]  # fmt: skip
    assert plain.frozen_together(thawed) == ("T0", "T1", "T2")
    assert plain.longest_still(thawed[0].at, thawed[0].value) == (START + 600_000, 3_990_000)
    assert plain.longest_still(thawed[0].at[:1], thawed[0].value[:1]) == (0, 0)


def test_stillness_counts_after_a_day_and_not_of_a_switch():
    assert codes(series(np.full(300, 20.0), still_h=24)) == ["flat"]
    assert codes(series(np.full(300, 20.0), still_h=23.9)) == []
    assert codes(series(np.zeros(300), still_h=48, kind="discrete")) == []


@pytest.mark.parametrize(
    ("counts", "points"),
    [(Counts(1000, 980, 0, 0), {}), (Counts(1000, 880, 0, 0), {"complete": 10}),
     (Counts(1000, 0, 0, 0), {"complete": 30}),
     (Counts(1000, 1000, 20, 0), {}), (Counts(1000, 1000, 220, 0), {"late": 10}),
     (Counts(1000, 1000, 0, 50), {"range": 5}), (Counts(1000, 1000, 0, 0, 1_000), {}),
     (Counts(1000, 1000, 0, 0, -1_001), {"clock": 2}), (Counts(1000, 1000, 0, 0, 30_001), {"clock": 10}),
     (Counts(0, 0, 0, 0), {})],
)  # fmt: skip
def test_what_is_counted_takes_points_from_its_limit_on(counts: Counts, points: dict[str, int]):
    found = plain.score(counts, [])
    assert {one.code: one.points for one in found.deductions} == points
    assert found.score == 100 - sum(points.values())


def test_each_deduction_says_why_in_both_languages_and_of_which_tags():
    (one,) = plain.score(WELL, [series(np.tile(noisy(60), 5), "LT101")]).deductions
    assert (one.points, one.tags) == (30, ("LT101",))
    assert "重复" in one.text.zh
    assert "repeat" in one.text.en


@given(st.lists(st.floats(-1e9, 1e9, width=32), max_size=120), st.integers(0, 2000), st.integers(0, 2000))
def test_a_score_lies_between_nought_and_a_hundred(values: list[float], expected: int, received: int):
    found = plain.score(Counts(expected, min(expected, received), received, received, received * 100),
                        [series(values), series(values, "T2")])  # fmt: skip
    assert 0 <= found.score <= 100
    assert all(1 <= one.points <= plain.MOST[one.code] for one in found.deductions)


@pytest.fixture(scope="module")
def told() -> dict[str, Series]:
    return told_by("petrol")


def told_by(kind: str, *faults: Fault, hours: int = 3) -> dict[str, Series]:
    site = Simulation([plan_site(kind, 1, seed=3)], seed=3, start_ms=START)
    site.inject(*faults)
    kinds = {one.code: ("discrete" if one.spec.unit == "bool" else "level", one.spec.span) for one in site.tags}
    at: dict[str, list[int]] = {}
    value: dict[str, list[float]] = {}
    for one in site.samples(START + hours * 3_600_000):
        at.setdefault(one.code, []).append(one.at_ms)
        value.setdefault(one.code, []).append(float(one.value))
    return {
        code: Series(code, kinds[code][0], np.array(at[code][-600:]), np.array(value[code][-600:]), *kinds[code][1])
        for code in at
    }


@pytest.mark.parametrize("kind", ["petrol", "tank_farm", "toxic_store", "warehouse", "gas"])
def test_simulated_sensors_are_not_suspected(kind: str):
    found = plain.score(WELL, list(told_by(kind).values()))
    assert found.score >= 90, found.deductions


def test_a_simulated_gateway_that_copies_one_tag_under_another_name_is_found(told: dict[str, Series]):
    one = next(each for each in told.values() if len(each.value) >= plain.LEAST and plain.moving(each.value) > 0.5)
    copy = Series("COPY", one.kind, one.at, one.value, one.range_lo, one.range_hi)
    assert {"COPY", one.code} <= set(plain.twins([*told.values(), copy]))
