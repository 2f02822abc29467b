"""Tanks: levels of a lying cylinder, vapour pressures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.tanks import CURVES, LyingTank, departs, saturation_kpa

TANK = LyingTank(diameter_m=2.52, length_m=6.1)
PROPANE, BUTANE, CHLORINE, AMMONIA = CURVES


@pytest.mark.parametrize(("share", "level"), [(0.90, 2126), (0.95, 2275), (0.97, 2347)])
def test_the_levels_of_the_reference_tank(share, level):
    assert round(TANK.level_mm(share)) == level
    assert TANK.capacity_m3 == pytest.approx(30.4, abs=0.05)


@given(st.floats(0, 1), st.floats(0.1, 10), st.floats(0.1, 50))
def test_a_share_goes_there_and_back(share, diameter, length):
    tank = LyingTank(diameter, length)
    assert tank.volume_m3(tank.level_mm(share)) == pytest.approx(share * tank.capacity_m3, abs=1e-6 * tank.capacity_m3)


@given(st.floats(-100, 3000), st.floats(0, 3000))
def test_more_level_is_never_less_volume(level, more):
    assert TANK.volume_m3(level + more) >= TANK.volume_m3(level) - 1e-9
    assert 0 <= TANK.volume_m3(level) <= TANK.capacity_m3 + 1e-9


@pytest.mark.parametrize("share", [-0.01, 1.01, math.nan])
def test_a_share_outside_the_tank_is_refused(share):
    with pytest.raises(Refused, match="BAD_SHARE"):
        TANK.level_mm(share)


@pytest.mark.parametrize(("diameter", "length"), [(0, 1), (1, -1), (math.nan, 1), (math.inf, 1)])
def test_a_tank_that_is_none_is_refused(diameter, length):
    with pytest.raises(Refused, match="BAD_TANK"):
        LyingTank(diameter, length)


@pytest.mark.parametrize(
    ("cas", "pressures"),
    [
        (PROPANE, {-10: 0.24, 0: 0.37, 10: 0.53, 20: 0.73, 30: 0.96, 40: 1.24, 50: 1.57}),
        (BUTANE, {20: 0.11, 30: 0.18, 40: 0.28, 50: 0.39}),
        (CHLORINE, {0: 0.27, 10: 0.40, 20: 0.57, 30: 0.78, 40: 1.03, 50: 1.33}),
        (AMMONIA, {0: 0.32, 10: 0.51, 20: 0.74, 30: 1.04, 40: 1.41, 50: 1.87}),
    ],
)
def test_saturation_pressures(cas, pressures):
    for temperature, megapascal in pressures.items():
        assert saturation_kpa({cas: 1.0}, temperature) / 1000 == pytest.approx(megapascal, abs=0.01)


def test_a_blend_lies_between_its_parts():
    half = saturation_kpa({PROPANE: 0.5, BUTANE: 0.5}, 20)
    assert half == pytest.approx((saturation_kpa({PROPANE: 1}, 20) + saturation_kpa({BUTANE: 1}, 20)) / 2)


@pytest.mark.parametrize(
    ("fractions", "temperature", "code"),
    [({"64-17-5": 1.0}, 20, "NO_CURVE"), ({PROPANE: 0.5}, 20, "BAD_SHARE"), ({}, 20, "BAD_SHARE"),
     ({PROPANE: 1.5, BUTANE: -0.5}, 20, "BAD_SHARE"), ({PROPANE: 1.0}, 61, "OUT_OF_RANGE"),
     ({PROPANE: 1.0}, math.nan, "OUT_OF_RANGE")],
)  # fmt: skip
def test_what_has_no_curve_is_refused(fractions, temperature, code):
    with pytest.raises(Refused, match=code):
        saturation_kpa(fractions, temperature)


def test_a_pressure_more_than_a_tenth_off_departs():
    assert not departs(1.09 * 201.325 - 101.325, 100)
    assert departs(1.11 * 201.325 - 101.325, 100)
    assert departs(0.89 * 201.325 - 101.325, 100)
    assert departs(math.nan, 100)
