"""The guide's table row by row, floors, bonuses, what overrides the score, what a result says of itself."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.enterprise_grading import accident_answers, grade, items
from quancheng.standards.risk.points import Answer
from quancheng.standards.risk.verdict import (
    check_rhythm,
    colour_of,
    effects,
    effects_of,
    forced_colours,
    red_flags,
    scheme_of,
    triggers,
)

DAY = date(2026, 5, 6)
YES = Answer(count=1)
RED, ORANGE, YELLOW, BLUE = Colour
#: Code, kind, points per case (of choices: each), full points of the group; typed from the guide.
TABLE = [
    ("A1", "choice", "10 8 6 4", 10),
    ("A2a", "each", "2", 5),
    ("A2b", "each", "2", 5),
    ("A2c", "each", "0.1", 5),
    ("A3", "each", "2", 10),
    ("A4a1", "each", "1", 5),
    ("A4a2", "each", "0.5", 5),
    ("A4b", "once", "5", 5),
    ("B1a", "once", "3", 10),
    ("B1b", "once", "10", 10),
    ("C1a", "once", "5", 10),
    ("C1b", "once", "10", 10),
    ("C1c", "bonus_once", "2", 10),
    ("D1a", "each", "2", 5),
    ("D1b", "once", "2", 5),
    ("D1c", "once", "5", 5),
    ("E1a", "once", "10", 10),
    ("E1b", "once", "10", 10),
    ("E1c", "once", "5", 10),
    ("E1d", "each", "1", 10),
    ("E1e", "each", "1", 10),
    ("E1f", "each", "1", 10),
    ("E1g", "each", "5", 10),
    ("F1a", "each", "5", 15),
    ("F1b", "each", "5", 15),
    ("F1c", "each", "5", 15),
    ("F1d", "once", "3", 15),
    ("F1e", "bonus_each", "2", 15),
    ("G1a", "once", "5", 10),
    ("G1b", "once", "10", 10),
    ("G1c", "each", "2", 10),
    ("H1", "bonus_once", "3", 0),
    ("I1a", "bonus_choice", "15 5 2", 10),
    ("I1b", "once", "10", 10),
    ("I1c", "once", "8", 10),
    ("I1d", "once", "5", 10),
    ("I1e", "bonus_once", "5", 10),
]
KNOWN = {item.code: item for item in items()}


def graded(answers=None, **more):
    told = {"self_explosive": False, "on": DAY, **more}
    return grade(answers=answers or {}, **told)


def random_answer(item):
    if item.choices:
        return st.sampled_from(["", *(one.code for one in item.choices)]).map(lambda code: Answer(choice=code))
    return st.integers(0, 1 if item.kind.endswith("once") else 12).map(lambda count: Answer(count=count))


ANSWERS = st.fixed_dictionaries({}, optional={item.code: random_answer(item) for item in items()})


def test_the_table_is_the_guides():
    found = [
        (
            item.code,
            item.kind,
            " ".join(str(one.points) for one in item.choices) or str(item.points),
            item.full,
        )
        for item in items()
    ]
    assert found == TABLE
    assert {item.mark for item in items()} == {"V"}


def test_the_groups_make_a_hundred():
    groups = {item.group: item.full for item in items()}
    assert groups == {
        "A1": 10,
        "A2": 5,
        "A3": 10,
        "A4": 5,
        "B1": 10,
        "C1": 10,
        "D1": 5,
        "E1": 10,
        "F1": 15,
        "G1": 10,
        "H1": 0,
        "I1": 10,
    }
    assert sum(groups.values()) == 100


def test_an_empty_answer_gives_a_hundred_and_says_what_is_open():
    found = graded()
    assert (found.raw, found.shown, found.colour) == (100, 100, BLUE)
    assert len(found.unanswered) == 37
    assert found.valid_until == date(2029, 5, 6)


@pytest.mark.parametrize(("code", "kind", "points", "full"), TABLE)
def test_each_row_alone(code, kind, points, full):
    answers = [Answer(choice=one.code) for one in KNOWN[code].choices] or [YES]
    for answer, each in zip(answers, points.split(), strict=True):
        found = graded({code: answer})
        if kind.startswith("bonus"):
            assert (found.raw, found.bonuses, found.shown) == (100 + Decimal(each), Decimal(each), 100)
        else:
            assert found.raw == 100 - Decimal(each)


def test_an_item_never_falls_below_nothing():
    found = graded({"A2a": Answer(count=9), "A2c": Answer(count=1)})
    group = next(one for one in found.groups if one.group == "A2")
    assert (group.deducted, group.score) == (Decimal("18.1"), 0)
    assert found.raw == 95


def test_a_bonus_does_not_fill_up_its_own_item():
    found = graded({"I1b": YES, "I1a": Answer(choice="3")})
    assert found.raw == 92


@pytest.mark.parametrize(
    ("score", "colour"),
    [("90", BLUE), ("89.9", YELLOW), ("75", YELLOW), ("74.9", ORANGE), ("60", ORANGE), ("59.9", RED), ("0", RED)],
)
def test_colours_at_their_limits(score, colour):
    assert colour_of(Decimal(score)) is colour


@pytest.mark.parametrize("flag", ["R1", "R2", "R3", "R4"])
def test_a_red_flag_overrides_a_hundred(flag):
    found = graded(red_flags={flag: YES})
    assert (found.shown, found.by_score, found.colour) == (100, BLUE, RED)
    assert [one.code for one in found.reds] == [flag]
    assert flag in found.why[-1].zh
    assert graded(red_flags={flag: Answer(count=0)}).colour is BLUE


def test_without_a_grade_in_force_an_enterprise_is_orange_at_least():
    found = graded(forced={"NO_STANDARD": YES})
    assert (found.by_score, found.colour) == (BLUE, ORANGE)
    poor = {"E1a": YES, "G1b": YES, "F1a": Answer(count=3), "A3": Answer(count=5)}
    assert graded(poor, forced={"NO_STANDARD": YES}).colour is RED
    with pytest.raises(BadInput) as refused:
        graded(forced={"NO_STANDARD": YES}, on=date(2024, 3, 17))
    assert refused.value.field == "forced.NO_STANDARD"


def test_an_open_major_hidden_danger_is_red():
    assert graded(forced={"MAJOR_OPEN": YES}).colour is RED


def test_a_line_says_what_how_much_when_and_who():
    answer = Answer(count=3, source="registry", day=date(2026, 4, 1), who="王五")
    line = graded({"A3": answer}).lines[0]
    assert line.points == -6
    assert line.text.zh == "A3 涉及18种危险化工工艺，每一种：3项×2分，-6分（企业档案，2026-04-01，王五）"
    assert line.text.en.endswith("3 × 2, -6 points (registry, 2026-04-01, 王五)")


def test_a_nought_has_no_sign():
    assert "，0分" in graded({"B1a": Answer(count=0)}).lines[0].text.zh


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"Z9": YES}, "Z9"),
        ({"A1": YES}, "A1"),
        ({"A1": Answer(choice="5")}, "A1"),
        ({"A3": Answer(choice="1")}, "A3"),
        ({"B1a": Answer(count=2)}, "B1a"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_at_its_code(answers, field):
    with pytest.raises(BadInput) as refused:
        graded(answers)
    assert refused.value.field == field


@pytest.mark.parametrize("bad", [{"count": -1}, {"source": "rumour"}])
def test_an_answer_that_none_can_have_is_refused(bad):
    with pytest.raises(BadInput):
        Answer(**bad)


def test_what_contradicts_itself_is_doubted():
    def doubts(**more):
        return len(graded(**more).doubts)

    told = {
        "red_flags": {flag.code: Answer() for flag in red_flags()},
        "forced": {"NO_STANDARD": Answer(), "MAJOR_OPEN": Answer()},
        "answers": {item.code: Answer() for item in items()},
    }
    assert doubts(**told) == 0
    assert doubts(**{**told, "answers": {**told["answers"], "I1e": YES, "I1c": YES}}) == 1
    grade_and_none = {**told["answers"], "I1a": Answer(choice="2")}
    assert doubts(**{**told, "answers": grade_and_none, "forced": {"NO_STANDARD": YES, "MAJOR_OPEN": YES}}) == 1
    assert doubts(**told, self_explosive=True) == 1
    assert doubts(**told, self_explosive=None) == 1


@pytest.mark.parametrize(
    ("counts", "codes", "is_red"),
    [
        ({}, {"I1e"}, False),
        ({"any_5y": True}, set(), False),
        ({"larger_3y": 1}, {"I1b"}, False),
        ({"larger_3y": 2}, {"I1b"}, True),
        ({"severe_3y": 1}, set(), True),
        ({"fatal_3y": 2, "fatal_1y": 1}, {"I1c"}, False),
        ({"fatal_3y": 2, "fatal_1y": 2}, {"I1c"}, True),
        ({"notable_3y": 1}, {"I1d"}, False),
    ],
)
def test_accidents_give_their_answers(counts, codes, is_red):
    none = {"severe_3y": 0, "larger_3y": 0, "fatal_3y": 0, "fatal_1y": 0, "notable_3y": 0, "any_5y": False}
    answers, red = accident_answers(**{**none, **counts}, who="王五")
    assert {code for code, answer in answers.items() if answer.count} == codes
    assert (bool(red.count), red.source, red.who) == (is_red, "registry", "王五")


def test_more_deaths_in_one_year_than_in_three_are_refused():
    with pytest.raises(BadInput) as refused:
        accident_answers(severe_3y=0, larger_3y=0, fatal_3y=0, fatal_1y=1, notable_3y=0, any_5y=True)
    assert refused.value.field == "fatal_1y"


def test_what_a_colour_drives():
    assert {colour: (check_rhythm(colour).times, check_rhythm(colour).per_months) for colour in Colour} == {
        RED: (1, 1),
        ORANGE: (1, 6),
        YELLOW: (1, 12),
        BLUE: (None, None),
    }
    assert "PLAN" in [one.code for one in effects_of(RED)]
    assert [(one.times, one.per_months) for one in effects_of(ORANGE) if one.code == "REMOTE"] == [(1, 3)]
    assert {one.mark for one in effects() if one.code == "PRINCIPLE"} == {"V"}


def test_what_calls_for_a_new_grading():
    assert [one.code for one in triggers()] == [
        "RED_FLAG",
        "NEW_MAJOR_HAZARD",
        "LEVEL_CHANGE",
        "ACCIDENT",
        "EXPANSION",
        "RED_CLOSED",
    ]
    first = forced_colours()[0]
    assert (first.code, first.clause, first.mark) == ("NO_STANDARD", "S2-G2g", "D")


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [("producer", "guide19"), ("trader_storage", "guide19"), ("petrol_station", "station"), ("trader_paper", "paper")],
)
def test_a_class_has_its_way_of_grading(kind, scheme):
    assert (scheme_of(kind).code, scheme_of(kind).doubts) == (scheme, ())


def test_a_class_that_none_speaks_of_has_none():
    assert scheme_of("hospital") is None
    assert len(scheme_of("pharmaceutical").doubts) == 1


@given(ANSWERS, st.sampled_from([item for item in items() if not item.is_bonus and not item.choices]))
def test_one_more_case_never_raises_a_score(answers, item):
    before = graded(answers)
    count = answers[item.code].count if item.code in answers else 0
    more = 1 if item.kind == "once" else count + 1
    after = graded({**answers, item.code: Answer(count=more)})
    assert after.raw <= before.raw
    assert after.colour <= before.colour


@given(ANSWERS)
def test_floors_and_caps_hold(answers):
    found = graded(answers)
    assert all(0 <= group.score <= group.full for group in found.groups)
    assert 0 <= found.shown <= 100
    assert found.raw == sum(group.score for group in found.groups) + found.bonuses


@given(ANSWERS, st.sets(st.sampled_from(["R1", "R2", "R3", "R4"])))
def test_red_flags_never_make_milder(answers, flags):
    found = graded(answers, red_flags=dict.fromkeys(flags, YES))
    assert found.colour <= found.by_score
    assert not flags or found.colour is RED
