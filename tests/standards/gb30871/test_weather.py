"""What a warning of weather does to work in the open, by its colour."""

from __future__ import annotations

from itertools import pairwise

import pytest

from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.weather import COLOURS, EFFECTS, WARNINGS, weather_rules


def test_every_rule_is_of_a_known_warning_and_colour_and_tells_its_clause_and_mark() -> None:
    for (warning, colour), rule in weather_rules().items():
        assert warning in WARNINGS
        assert colour in COLOURS
        assert rule.stops <= rule.forbids <= frozenset(kinds())
        assert rule.clause
        assert rule.mark in ("V", "G", "D")
        assert rule.text.en


def test_a_graver_colour_of_the_same_warning_touches_at_least_as_much() -> None:
    for warning in WARNINGS:
        rules = [weather_rules()[warning, one] for one in COLOURS if (warning, one) in weather_rules()]
        assert len(rules) >= 3
        for milder, graver in pairwise(rules):
            assert milder.stops <= graver.stops
            assert milder.forbids <= graver.forbids


def test_the_effect_on_a_kind_of_work() -> None:
    rule = weather_rules()["LIGHTNING", "ORANGE"]
    assert [rule.effect(kind) for kind in ("WH", "LF", "HW", "BL")] == ["STOP", "STOP", "FORBID", ""]
    assert set(EFFECTS) == {"STOP", "FORBID"}
    with pytest.raises(BadInput):
        rule.effect("XX")
