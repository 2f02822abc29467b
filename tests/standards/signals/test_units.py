"""Units: constants, aliases, columns, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import units
from quancheng.standards.signals.basis import Refused, table

EVERY = [(row["dimension"], name) for row in table("units") for name in (row["code"], *row["aliases"].split())]


@pytest.mark.parametrize(
    ("value", "unit", "dimension", "base", "expected"),
    [
        (2.5, "m", "level", "mm", 2500),
        (12, "cm", "level", "mm", 120),
        (300, "K", "temperature", "Cel", 26.85),
        (212, "°F", "temperature", "Cel", 100),
        (-40, "℉", "temperature", "Cel", -40),
        (1.6, "MPa", "pressure", "kPa", 1600),
        (2, "kgf/cm2", "pressure", "kPa", 196.133),
        (100, "mmH2O", "pressure", "kPa", 0.980665),
        (10, "mbar", "pressure", "kPa", 1),
        (-35, "Pa", "pressure", "kPa", -0.035),
        (40, "L/min", "flow", "m3/h", 2.4),
        (1, "L/s", "flow", "m3/h", 3.6),
        (2, "t/h", "mass_flow", "kg/h", 2000),
        (0.5, "kg/s", "mass_flow", "kg/h", 1800),
        (20, "mA", "current", "A", 0.02),
        (1, "in/s", "vibration_velocity", "mm/s", 25.4),
        (1, "g", "vibration_acceleration", "m/s2", 9.80665),
        (2, "mil", "displacement", "um", 50.8),
        (250, "V/m", "electric_field", "kV/m", 0.25),
        (15, "K", "temperature_difference", "K", 15),
        (0.15, "MPa/min", "pressure_rate", "kPa/min", 150),
    ],
)
def test_a_value_becomes_the_base_unit(value, unit, dimension, base, expected):
    assert units.base_unit(dimension) == base
    assert units.to_base(float(value), unit, dimension) == pytest.approx(expected, abs=1e-9)


def test_gas_needs_what_is_known_of_it():
    assert units.to_base(1.0, "%vol", "flammable", lel_vol=5.0) == pytest.approx(20)
    assert units.to_base(500.0, "ppm", "flammable", lel_vol=5.0) == pytest.approx(1)
    assert units.to_base(10.0, "ppm", "toxic", molar_mass=24.06) == pytest.approx(10)
    assert units.to_base(10.0, "ppb", "toxic", molar_mass=24.06) == pytest.approx(0.01)
    assert units.ppm_of_mg_m3(10, 34.08) == pytest.approx(7.06, abs=0.01)
    assert units.mg_m3_of_ppm(units.ppm_of_mg_m3(3.3, 17.03), 17.03) == pytest.approx(3.3)
    assert units.to_base(50.0, "%", "level", span=(0, 2520)) == pytest.approx(1260)


@pytest.mark.parametrize(
    ("unit", "dimension", "code"),
    [
        ("furlong", "level", "UNKNOWN_UNIT"),
        ("kPa", "level", "UNKNOWN_UNIT"),
        ("", "pressure", "UNKNOWN_UNIT"),
        ("mm", "beauty", "UNKNOWN_DIMENSION"),
        ("%vol", "flammable", "NEEDS_LEL"),
        ("ppm", "toxic", "NEEDS_MOLAR_MASS"),
        ("%", "level", "NEEDS_SPAN"),
    ],
)
def test_what_cannot_be_converted_says_why(unit, dimension, code):
    with pytest.raises(Refused) as refused:
        units.conversion(unit, dimension)
    assert refused.value.code == code
    assert refused.value.text.zh
    assert refused.value.text.en


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_or_a_mass_that_is_none_is_refused(bad):
    with pytest.raises(Refused, match="NEEDS_LEL"):
        units.conversion("%vol", "flammable", lel_vol=bad)
    with pytest.raises(Refused, match="NEEDS_MOLAR_MASS"):
        units.conversion("ppm", "toxic", molar_mass=bad)


def test_an_unknown_dimension_has_no_base_unit():
    with pytest.raises(Refused, match="UNKNOWN_DIMENSION"):
        units.base_unit("beauty")


def test_what_one_unit_may_mean():
    assert units.dimensions_of(" K ") == ("temperature", "temperature_difference")
    assert units.dimensions_of("furlong") == ()


def test_every_dimension_has_units_and_words():
    assert {dimension for dimension, _ in EVERY} == set(units.DIMENSIONS)
    assert len(EVERY) == len(set(EVERY))


@given(st.sampled_from(EVERY), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_a_column_goes_there_and_back_and_equals_its_values_one_by_one(known, values):
    dimension, unit = known
    found = units.conversion(unit, dimension)
    column = np.array(values)
    assert found.reverse(found.apply(column)) == pytest.approx(column, rel=1e-9, abs=1e-6)
    assert found.apply(column).tolist() == [found.apply(one) for one in values]
