"""Coordinates: there and back within 0.1 m, known points, and what system a point was probably given in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards import coordinates
from quancheng.standards.coordinates import Box, Point, Reading

CHINA = st.builds(Point, st.floats(73.7, 135.0), st.floats(3.9, 53.5))
#: An invented district: 20 km by 20 km.
DISTRICT = Box(117.0, 39.0, 117.23, 39.18)


@given(CHINA)
def test_there_and_back_is_within_a_tenth_of_a_metre(point):
    for there, back in (
        (coordinates.wgs84_to_gcj02, coordinates.gcj02_to_wgs84),
        (coordinates.gcj02_to_bd09, coordinates.bd09_to_gcj02),
        (coordinates.wgs84_to_bd09, coordinates.bd09_to_wgs84),
    ):
        assert coordinates.distance_m(point, back(there(point))) < 0.1
        assert coordinates.distance_m(point, there(back(point))) < 0.1


@given(CHINA)
def test_the_shift_is_of_the_size_that_maps_show(point):
    assert 10 < coordinates.distance_m(point, coordinates.wgs84_to_gcj02(point)) < 1200
    assert 500 < coordinates.distance_m(point, coordinates.gcj02_to_bd09(point)) < 1200


def test_a_known_point_is_shifted_as_the_common_implementations_shift_it():
    # The figures that the library coordtransform (MIT) prints in its README.
    shifted = coordinates.wgs84_to_gcj02(Point(116.404, 39.915))
    assert (shifted.longitude, shifted.latitude) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    shifted = coordinates.gcj02_to_bd09(Point(116.404, 39.915))
    assert (shifted.longitude, shifted.latitude) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_point_of_the_earth_is_read_in_every_system(longitude, latitude):
    for system in coordinates.SYSTEMS:
        found = coordinates.to_wgs84(Point(longitude, latitude), system=system)
        assert math.isfinite(found.longitude)
        assert math.isfinite(found.latitude)


def test_abroad_the_first_shift_is_nought():
    assert coordinates.wgs84_to_gcj02(Point(2.35, 48.86)) == Point(2.35, 48.86)


@pytest.mark.parametrize("numbers", [(math.nan, 0.0), (0.0, math.inf), (180.1, 0.0), (0.0, -90.1)])
def test_what_is_no_point_is_refused(numbers):
    with pytest.raises(ValueError, match="no point"):
        Point(*numbers)


def test_an_unknown_system_is_refused():
    with pytest.raises(ValueError, match="bj54"):
        coordinates.to_wgs84(Point(117.1, 39.1), system="bj54")


def test_a_point_well_inside_is_inside_whatever_its_system():
    looks = coordinates.looks_like(117.1, 39.1, DISTRICT)
    assert looks.verdict == "inside"
    assert [reading.system for reading in looks.readings] == ["wgs84", "gcj02", "bd09"]
    assert looks.readings[0] == Reading("wgs84", False, Point(117.1, 39.1))


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_a_point_that_lies_inside_only_when_read_as_shifted_is_told(system):
    true = Point(DISTRICT.east - 0.0005, 39.1)
    shift = {"gcj02": coordinates.wgs84_to_gcj02, "bd09": coordinates.wgs84_to_bd09}[system]
    given_as = shift(true)
    looks = coordinates.looks_like(given_as.longitude, given_as.latitude, DISTRICT)
    assert looks.verdict == system
    assert coordinates.distance_m(looks.readings[0].point, true) < 0.1


def test_swapped_longitude_and_latitude_are_told():
    looks = coordinates.looks_like(39.1, 117.1, DISTRICT)
    assert looks.verdict == "swapped"
    assert looks.readings[0] == Reading("wgs84", True, Point(117.1, 39.1))


def test_a_point_elsewhere_is_outside():
    for numbers in ((118.5, 39.1), (0.0, 0.0), (500.0, 900.0)):
        assert coordinates.looks_like(*numbers, DISTRICT) == coordinates.Looks("outside", ())


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        coordinates.looks_like(math.nan, 39.1, DISTRICT)
