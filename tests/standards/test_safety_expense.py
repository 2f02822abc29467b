"""Safety expenses: the vectors of the specification, and what must hold of any rate table."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from quancheng.standards.safety_expense import INDUSTRIES, USES, due_amount, industry_of, may_suspend, rates, use_rate

DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("industry", "revenue", "due"),
    [
        ("hazardous_goods", 8_000_000, 360_000),
        ("hazardous_goods", 50_000_000, 1_350_000),
        ("hazardous_goods", 260_000_000, 3_355_000),
        ("hazardous_goods", 1_000_000_000, 7_425_000),
        ("hazardous_goods", 2_000_000_000, 9_425_000),
        ("special_transport", 12_000_000, 180_000),
        ("freight", 12_000_000, 120_000),
        ("fireworks", 10_000_000, 400_000),
        ("fireworks", 25_000_000, 825_000),
        ("hazardous_goods", 0, 0),
    ],
)
def test_what_is_due(industry, revenue, due):
    told = due_amount(industry, revenue, on=DAY)
    assert told.amount == due
    assert sum(step.base for step in told.steps) == revenue
    assert sum(step.amount for step in told.steps) == due


def test_the_calculation_can_be_shown():
    told = due_amount("hazardous_goods", "50,000,000", on=DAY)
    assert [(step.base, step.rate, step.amount) for step in told.steps] == [
        (10_000_000, Decimal("0.045"), 450_000),
        (40_000_000, Decimal("0.0225"), 900_000),
    ]
    assert told.monthly == Decimal("112500.00")
    assert (told.document, told.mark) == ("财资〔2022〕136号", "G")


def test_the_day_decides_which_table_counts():
    assert due_amount("hazardous_goods", 10_000_000, on=date(2022, 11, 20)).amount == 400_000
    assert due_amount("hazardous_goods", 10_000_000, on=date(2022, 11, 21)).amount == 450_000
    with pytest.raises(ValueError, match="no rates"):
        due_amount("hazardous_goods", 1, on=date(2012, 2, 13))


def test_more_revenue_never_means_less_due_and_no_step_jumps():
    for industry in INDUSTRIES:
        last = Decimal(0)
        for revenue in range(0, 1_200_000_000, 9_999_999):
            amount = due_amount(industry, revenue, on=DAY).amount
            assert amount >= last
            last = amount
        for rate in rates():
            if rate.up_to is not None and rate.industry == industry and rate.valid_to is None:
                below = due_amount(industry, rate.up_to, on=DAY).amount
                assert due_amount(industry, rate.up_to + 1, on=DAY).amount - below < 1


def test_the_parts_of_each_table_meet():
    for industry in INDUSTRIES:
        for start in {rate.valid_from for rate in rates() if rate.industry == industry}:
            parts = [rate for rate in rates() if rate.industry == industry and rate.valid_from == start]
            assert parts[0].above == 0
            assert parts[-1].up_to is None
            assert [part.up_to for part in parts[:-1]] == [part.above for part in parts[1:]]


def test_a_caller_may_bring_its_own_rates():
    own = [replace(rate, rate=rate.rate * 2) for rate in rates()]
    assert due_amount("freight", 100, on=DAY, table=own).amount == 2


def test_classes_of_enterprises_have_their_trade():
    assert industry_of("carrier") == ("special_transport", None)
    assert industry_of("petrol_station")[1] is not None
    assert industry_of("hospital") is None
    with pytest.raises(ValueError, match="no enterprise class"):
        industry_of("baker")


def test_suspension_and_use():
    assert may_suspend(300, 100)
    assert not may_suspend("299.99", 100)
    assert not may_suspend(0, 0)
    assert use_rate(50, 200) == Decimal("0.25")
    assert use_rate(50, 0) is None
    assert len(USES) == 10


@pytest.mark.parametrize("bad", [-1, "much", "nan", "", None])
def test_a_bad_amount_is_refused_clearly(bad):
    with pytest.raises(ValueError, match="in yuan from 0"):
        due_amount("freight", bad, on=DAY)


def test_an_unknown_trade_is_refused_clearly():
    with pytest.raises(ValueError, match="hazardous_goods"):
        due_amount("bakery", 1, on=DAY)
