"""The door to all methods: which factors each reads, and what it refuses at which field."""

from decimal import Decimal

import pytest

from quancheng.standards.risk import ls
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.lec import B
from quancheng.standards.risk.methods import METHODS, Settings, fields_of, rate, shown

RED, ORANGE, YELLOW, BLUE = Colour


def test_each_method_reads_its_own_factors():
    assert {code: method.needs for code, method in METHODS.items()} == {
        "LS": ("likelihood", "severity"),
        "LS4": ("likelihood", "severity"),
        "LEC": ("likelihood", "exposure", "consequence"),
        "LC": ("likelihood", "consequence"),
    }
    assert fields_of("LS") == ("likelihood", "severity", "law", "people", "property", "stop", "image")
    assert fields_of("LC") == ("likelihood", "consequence")


@pytest.mark.parametrize(
    ("method", "values", "score", "colour"),
    [
        ("LS", {"likelihood": 4, "severity": 5}, 20, RED),
        ("LS", {"likelihood": 4, "severity": None, "people": 3, "law": 2}, 12, YELLOW),
        ("LS4", {"likelihood": 4, "severity": 2}, 8, ORANGE),
        ("LEC", {"likelihood": 1, "exposure": 6, "consequence": Decimal(15)}, 90, YELLOW),
        ("LC", {"likelihood": 10, "consequence": 7}, 70, YELLOW),
    ],
)
def test_a_rating(method, values, score, colour):
    found = rate(method, values)
    assert (found.method, found.score, found.colour) == (method, score, colour)


def test_what_the_district_set_counts():
    settings = Settings(ls_limits=ls.VARIANT, convention=B)
    found = rate("LEC", {"likelihood": 1, "exposure": 6, "consequence": 15}, settings=settings)
    assert (found.colour, found.rules) == (ORANGE, "B")
    assert rate("LS", {"likelihood": 3, "severity": 3}, settings=settings).rules == "variant"
    with pytest.raises(BadInput):
        Settings(ls_limits=ls.FOUR)


@pytest.mark.parametrize(
    ("method", "values", "field"),
    [
        ("XYZ", {}, "method"),
        ("LEC", {"likelihood": 1, "consequence": 1}, "exposure"),
        ("LC", {"likelihood": 1, "exposure": 1, "consequence": 1}, "exposure"),
        ("LS", {"likelihood": 1}, "severity"),
        ("LS", {"likelihood": 1, "severity": 2, "people": 3}, "severity"),
        ("LS", {"likelihood": Decimal("1.5"), "severity": 2}, "likelihood"),
    ],
)
def test_what_is_missing_or_too_much_is_refused_at_its_field(method, values, field):
    with pytest.raises(BadInput) as refused:
        rate(method, values)
    assert refused.value.field == field


def test_a_rating_in_one_line():
    assert shown(rate("LEC", {"likelihood": Decimal("0.5"), "exposure": 1, "consequence": 3})) == "LEC 1.5"
