"""Shared formulas: tank heights, saturation pressures, the plume, the local day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.stream.simulator import physics
from quancheng.stream.simulator.petrol import TANK
from quancheng.stream.simulator.physics import height_mm as height_of


@pytest.mark.parametrize(("share", "height_mm"), [(0.90, 2126), (0.95, 2275), (0.97, 2347)])
def test_the_reference_tank_has_the_known_heights(share, height_mm):
    assert height_of(TANK, share * TANK.capacity_m3) == pytest.approx(height_mm, abs=0.6)


@given(st.floats(60, 2460))
def test_height_and_volume_are_inverse(height_mm):
    assert height_of(TANK, TANK.volume_m3(height_mm)) == pytest.approx(height_mm, abs=0.2)


def test_mid_level_moves_as_sales_and_unloading_say():
    half = TANK.volume_m3(1260)
    assert height_of(TANK, half) - height_of(TANK, half - 0.08) == pytest.approx(5.2, abs=0.1)
    assert height_of(TANK, half + 1) - height_of(TANK, half) == pytest.approx(65, abs=1)


@pytest.mark.parametrize(
    ("substance", "pressures_mpa"),
    [
        ("propane", {-10: 0.24, 0: 0.37, 10: 0.53, 20: 0.73, 30: 0.96, 40: 1.24, 50: 1.57}),
        ("butane", {20: 0.11, 30: 0.18, 40: 0.28, 50: 0.39}),
        ("chlorine", {0: 0.27, 10: 0.40, 20: 0.57, 30: 0.78, 40: 1.03, 50: 1.33}),
        ("ammonia", {0: 0.32, 10: 0.51, 20: 0.74, 30: 1.04, 40: 1.41, 50: 1.87}),
    ],
)
def test_saturation_pressures_are_the_known_ones(substance, pressures_mpa):
    for temperature_c, pressure_mpa in pressures_mpa.items():
        assert physics.saturation_kpa(substance, temperature_c) / 1000 == pytest.approx(pressure_mpa, abs=0.01)


def test_an_unknown_substance_has_no_saturation_curve():
    with pytest.raises(KeyError):
        physics.saturation_kpa("argon", 20)


def test_the_plume_has_the_known_concentrations():
    found = physics.plume_mg_m3(1.0, np.array([100.0, 500, 1000, 2000]), 0.0, 5.0)
    assert found == pytest.approx([1429, 71.9, 22.0, 7.26], rel=0.005)


def test_the_day_is_local():
    midnight_in_china = 1_781_452_800  # 2026-06-14T16:00:00Z
    assert physics.hour_of_day(midnight_in_china) == 0
    assert physics.daily(midnight_in_china + 15 * 3600, 15) == pytest.approx(1)
    assert physics.sun(midnight_in_china) == 0
    assert physics.outdoor_c(midnight_in_china + 15 * 3600) > physics.outdoor_c(midnight_in_china + 3 * 3600) + 9
