"""Petrol stations, traders without storage and trade enterprises: every row, floors, what is red at once."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk import station_grading, trade_grading
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.points import Answer

DAY = date(2026, 5, 6)
YES = Answer(count=1)
RED, ORANGE, YELLOW, BLUE = Colour
STATION = {
    "S1b": 5,
    "S2a": 10,
    "S2b": 5,
    "S3a": 15,
    "S3b": 5,
    "S4a": 5,
    "S4b": 5,
    "S4c": 3,
    "S4d": 3,
    "S5": 10,
    "S6a": 5,
    "S6b": 10,
    "S6c": 3,
    "S7a": 10,
    "S7b": 5,
    "S7c": 3,
}
PAPER = {"P5": 20, "P6a": 20, "P6b": 40, "P7": 10}
NOTHING = {one.fact: (False if one.limit is None else 0) for one in trade_grading.criteria()}


def station(answers=None, **more):
    return station_grading.grade("station", answers=answers or {}, on=DAY, **more)


@pytest.mark.parametrize(("code", "points"), STATION.items())
def test_each_row_of_a_station(code, points):
    assert station({code: YES}).raw == 100 - points


@pytest.mark.parametrize(("kind", "points"), [("1", 10), ("2", 5), ("3", 0)])
def test_a_stations_class(kind, points):
    assert station({"S1a": Answer(choice=kind)}).raw == 100 - points


@pytest.mark.parametrize(("code", "points"), PAPER.items())
def test_each_row_of_a_paper_trader(code, points):
    assert station_grading.grade("paper", answers={code: YES}, on=DAY).raw == 100 - points


def test_the_tables_have_no_other_rows():
    assert {item.code for item in station_grading.items("station")} == {"S1a", *STATION}
    assert {item.code for item in station_grading.items("paper")} == set(PAPER)
    with pytest.raises(BadInput):
        station_grading.items("bakery")


def test_an_empty_answer_gives_a_hundred_and_nothing_falls_below_nought():
    assert (station().raw, station().colour) == (100, BLUE)
    worst = station({"S7c": Answer(count=90)})
    assert (worst.raw, worst.colour, worst.mark) == (0, RED, "D")


@pytest.mark.parametrize(
    ("scheme", "case", "colour"),
    [
        ("station", "MAJOR_OPEN", RED),
        ("paper", "MAJOR_OPEN", RED),
        ("paper", "STORES_GOODS", RED),
        ("station", "NO_STANDARD", ORANGE),
    ],
)
def test_what_forces_a_colour(scheme, case, colour):
    assert station_grading.grade(scheme, answers={}, forced={case: YES}, on=DAY).colour is colour


def test_a_station_stores_goods_by_right():
    with pytest.raises(BadInput) as refused:
        station(forced={"STORES_GOODS": YES})
    assert refused.value.field == "forced.STORES_GOODS"


@pytest.mark.parametrize(
    ("facts", "colour"),
    [
        ({}, BLUE),
        ({"gm_items_open": 1}, RED),
        ({"residual_red_points": 1}, RED),
        ({"reduced_red_points": 1}, ORANGE),
        ({"dust_workers": 29}, BLUE),
        ({"dust_workers": 30}, ORANGE),
        ({"deep_well_casting": True}, ORANGE),
        ({"molten_metal": True}, ORANGE),
        ({"gas_holder": True}, ORANGE),
        ({"ammonia_t": Decimal("9.99")}, BLUE),
        ({"ammonia_t": 10}, ORANGE),
        ({"limited_space": True}, YELLOW),
        ({"orange_points": 2}, YELLOW),
        ({"orange_points": 2, "gm_items_open": 1}, RED),
    ],
)
def test_a_trade_enterprise(facts, colour):
    found = trade_grading.grade({**NOTHING, **facts}, forced={"NO_STANDARD": False}, on=DAY)
    assert (found.colour, found.doubts) == (colour, ())
    assert len(found.hits) == len(found.steps)


def test_without_a_grade_in_force_a_trade_enterprise_is_orange():
    found = trade_grading.grade(NOTHING, forced={"NO_STANDARD": True}, on=DAY)
    assert (found.colour, [one.code for one in found.forced]) == (ORANGE, ["NO_STANDARD"])


def test_only_what_could_make_it_graver_is_doubted():
    found = trade_grading.grade({"molten_metal": True}, on=DAY)
    assert (found.colour, len(found.doubts)) == (ORANGE, 2)
    assert len(trade_grading.grade({}, on=DAY).doubts) == 11


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"luck": True}, "luck"), ({"molten_metal": 1}, "molten_metal"), ({"dust_workers": True}, "dust_workers")],
)
def test_what_is_no_fact_is_refused(facts, field):
    with pytest.raises(BadInput) as refused:
        trade_grading.grade(facts, on=DAY)
    assert refused.value.field == field


@given(st.dictionaries(st.sampled_from(sorted(STATION)), st.integers(0, 1).map(lambda n: Answer(count=n))))
def test_more_deductions_never_raise_a_score(answers):
    before = station(answers)
    for code in STATION:
        assert station({**answers, code: YES}).raw <= before.raw or (code in answers and answers[code].count)


@given(st.sets(st.sampled_from([one.fact for one in trade_grading.criteria()])))
def test_more_facts_never_make_milder(facts):
    told = dict(NOTHING)
    last = BLUE
    for fact in sorted(facts):
        told[fact] = True if NOTHING[fact] is False else 50
        found = trade_grading.grade(told, on=DAY)
        assert found.colour <= last
        last = found.colour
