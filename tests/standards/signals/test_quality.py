"""Qualities: classes, what counts, and foreign codes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import quality
from quancheng.standards.signals.quality import Quality

COUNT = {Quality.GOOD, Quality.LOCAL_OVERRIDE, Quality.UNCERTAIN, Quality.SENSOR_NOT_ACCURATE, Quality.EU_EXCEEDED,
         Quality.SUB_NORMAL}  # fmt: skip


@pytest.mark.parametrize("code", Quality)
def test_each_code_has_its_class_its_words_and_its_weight(code):
    expected = 192 if code >= 192 else 64 if code >= 64 else 0
    assert quality.class_of(code) == expected
    assert code.text.zh
    assert code.text.en
    assert quality.counts_as_data(code) is (code in COUNT)
    assert (quality.weight(code) > 0) is (code in COUNT)


def test_a_sensor_that_is_not_accurate_weighs_half():
    assert (quality.weight(80), quality.weight(84), quality.weight(192)) == (0.5, 1.0, 1.0)


@given(st.integers(0, 0xFFFF))
def test_limit_bits_and_the_high_byte_change_nothing(code):
    assert quality.known(code) is quality.known(code & 0xFC)
    assert quality.counts_as_data(code) is quality.counts_as_data(code & 0xFC)
    assert quality.class_of(quality.known(code)) == quality.class_of(code)
    assert quality.counting(np.array([code]))[0] == quality.counts_as_data(code)


def test_an_unused_class_reads_as_bad():
    assert quality.class_of(0x80) == 0
    assert quality.known(0x80) is Quality.BAD


def test_an_overdue_calibration_lowers_good_and_leaves_bad():
    assert quality.capped(192, Quality.SENSOR_NOT_ACCURATE) == 80
    assert quality.capped(84, Quality.SENSOR_NOT_ACCURATE) == 84
    assert quality.capped(24, Quality.SENSOR_NOT_ACCURATE) == 24


def test_a_value_beyond_its_span_is_doubted_and_then_refused():
    values = np.array([0, 100, 100.1, 103, -3, 103.01, -3.01, math.nan, math.inf, -math.inf])
    assert quality.of_range(values, 0, 100).tolist() == [192, 192, 84, 84, 84, 16, 16, 16, 16, 16]


@pytest.mark.parametrize(
    ("current", "expected"),
    [(3.59, 12), (3.6, 84), (3.79, 84), (3.8, 192), (20.5, 192), (20.51, 84), (21, 84), (21.01, 12), (math.nan, 12)],
)
def test_namur_tells_failure_from_saturation(current, expected):
    assert quality.of_current(current) == expected


def test_twelve_milliampere_are_half_the_scale():
    assert quality.of_scaled_current(12, 0, 100) == (50.0, Quality.GOOD)


@pytest.mark.parametrize(("value", "expected"), [(192, 192), (0, 8), (500, 20), (7, 4), (-1, 4)])
def test_qualities_of_sparkplug(value, expected):
    assert quality.from_sparkplug(value) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(0, 192), (0x00960000, 216), (0x40000000, 64), (0x40930000, 80), (0x80000000, 0), (0x808C0000, 16),
     (0x80050000, 24), (0xC0000000, 0)],
)  # fmt: skip
def test_status_of_opc_ua(status, expected):
    assert quality.from_opc_ua(status) == expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("N", (192, False)), ("T", (192, True)), ("D", (12, False)), ("B", (24, False)), ("M", (28, False)),
     ("C", (28, False)), ("F", (28, False)), ("S", (216, False)), ("", (192, False)), ("n", (192, False)),
     ("?", (4, False))],
)  # fmt: skip
def test_flags_of_hj212(flag, expected):
    assert quality.from_hj212(flag) == expected
