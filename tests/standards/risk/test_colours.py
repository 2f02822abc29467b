"""Risk colours: words and codes, who must control, what is red whatever it scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import (
    LEVELS,
    Colour,
    PointFacts,
    at_least,
    is_high_enough,
    levels,
    red_rules,
    settle,
    worst,
)

COLOURS = st.sampled_from(Colour)
NOTHING = {
    "breaks_law": False,
    "accident_conditions_remain": False,
    "in_major_hazard": False,
    "dangerous_place": False,
    "workers": 0,
    "top_grade": False,
}


@pytest.mark.parametrize(
    ("colour", "value", "code", "word", "colour_word"),
    [
        (Colour.RED, 1, 0, "重大", "红"),
        (Colour.ORANGE, 2, 1, "较大", "橙"),
        (Colour.YELLOW, 3, 2, "一般", "黄"),
        (Colour.BLUE, 4, 3, "低", "蓝"),
    ],
)
def test_a_colour_has_its_words_and_its_code(colour, value, code, word, colour_word):
    assert (colour.value, colour.upload_code, colour.word.zh, colour.colour_word.zh) == (
        value,
        code,
        word,
        colour_word,
    )
    assert Colour.of_upload(code) is colour


@pytest.mark.parametrize("code", [-1, 4, True, "0"])
def test_a_code_that_is_none_is_refused(code):
    with pytest.raises(BadInput) as refused:
        Colour.of_upload(code)
    assert refused.value.field == "riskLevel"


@pytest.mark.parametrize(
    ("colour", "with_plants", "without"),
    [
        (Colour.RED, ("company", "plant", "workshop", "team"), ("company", "workshop", "team")),
        (Colour.ORANGE, ("plant", "workshop", "team"), ("company", "workshop", "team")),
        (Colour.YELLOW, ("workshop", "team"), ("workshop", "team")),
        (Colour.BLUE, ("team",), ("team",)),
    ],
)
def test_who_must_control_a_colour(colour, with_plants, without):
    assert levels(colour) == with_plants
    assert levels(colour, has_plants=False) == without


def test_a_level_may_answer_for_what_is_its_own_and_milder():
    enough = {colour: [level for level in LEVELS if is_high_enough(colour, level)] for colour in Colour}
    assert enough == {
        Colour.RED: ["company"],
        Colour.ORANGE: ["company", "plant"],
        Colour.YELLOW: ["company", "plant", "workshop"],
        Colour.BLUE: ["company", "plant", "workshop", "team"],
    }
    with pytest.raises(KeyError):
        is_high_enough(Colour.RED, "cellar")


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        ({"breaks_law": True}, "a"),
        ({"accident_conditions_remain": True}, "b"),
        ({"in_major_hazard": True}, "c"),
        ({"dangerous_place": True, "workers": 10}, "d"),
        ({"top_grade": True}, "e"),
    ],
)
def test_each_direct_rule_alone_makes_a_point_red(fact, rule):
    settled = settle(Colour.BLUE, PointFacts(**{**NOTHING, **fact}))
    assert settled.colour is Colour.RED
    assert settled.by_score is Colour.BLUE
    assert [hit.code for hit in settled.hits] == [rule]
    assert settled.doubts == ()


def test_without_any_rule_the_score_stands_and_nine_workers_are_not_ten():
    facts = PointFacts(**{**NOTHING, "dangerous_place": True, "workers": 9})
    assert settle(Colour.YELLOW, facts).colour is Colour.YELLOW
    assert settle(Colour.YELLOW, facts, workers_limit=9).colour is Colour.RED


def test_what_nobody_told_is_a_doubt_and_no_colour():
    settled = settle(Colour.ORANGE, PointFacts())
    assert settled.colour is Colour.ORANGE
    assert len(settled.doubts) == 5
    assert settle(Colour.ORANGE, PointFacts(workers=3)).doubts == settled.doubts[:3] + settled.doubts[4:]
    assert settle(Colour.ORANGE, PointFacts(top_grade=True)).doubts == ()


def test_there_are_five_rules_that_are_general_knowledge():
    assert [(rule.code, rule.mark) for rule in red_rules()] == [(code, "G") for code in "abcde"]


def test_a_negative_number_of_workers_is_refused():
    with pytest.raises(BadInput) as refused:
        PointFacts(workers=-1)
    assert refused.value.field == "workers"


@given(st.lists(COLOURS))
def test_a_whole_is_as_grave_as_its_gravest_part(colours):
    found = worst(colours)
    if not colours:
        assert found is None
    else:
        assert found in colours
        assert all(found <= one for one in colours)


@given(COLOURS, COLOURS)
def test_a_floor_never_makes_milder(colour, floor):
    assert at_least(colour, floor) <= min(colour, floor)
