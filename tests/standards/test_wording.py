"""Figures as people read them."""

from __future__ import annotations

from quancheng.standards.wording import power


def test_a_very_small_or_large_number_is_told_as_a_power_and_others_as_they_are():
    told = [power(one) for one in ("5e-05", 1e-4, 0, 0.01, 0.12345, 123456, "1200000", -3e-7)]
    assert told == ["5×10⁻⁵", "10⁻⁴", "0", "0.01", "0.123", "123000", "1.2×10⁶", "-3×10⁻⁷"]
