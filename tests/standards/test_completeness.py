"""What a complete file holds, and the score as a weighted share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.completeness import (
    BLOCKS,
    GIVERS,
    Line,
    completeness_rules,
    facts_asked,
    rules_by_code,
    rules_for,
    score,
)
from quancheng.standards.enterprise_classes import FACTS, enterprise_classes
from quancheng.standards.wording import MARKS


def codes(kind: str, **facts: bool) -> set[str]:
    return {one.code for one in rules_for([kind], facts)}


def test_the_data_are_whole():
    for rule in completeness_rules():
        assert set(rule.classes) - {"*", "stores"} <= set(enterprise_classes())
        assert set(rule.excepted) <= set(enterprise_classes())
        assert rule.needs in {*FACTS, ""}
        assert rule.block in BLOCKS
        assert rule.giver in GIVERS
        assert rule.mark in MARKS
        assert rule.weight > 0
        assert rule.name.en
        assert rule.basis
        assert bool(rule.note.zh) == bool(rule.note.en)
    # Rows of one code differ by class and fact alone.
    for rule in completeness_rules():
        first = rules_by_code()[rule.code]
        assert (rule.name, rule.block, rule.giver, rule.weight) == (first.name, first.block, first.giver, first.weight)


def test_each_class_is_asked_for_what_is_its_own():
    assert {"STOCK", "UNITS", "LICENCES", "POSTS"} <= codes("petrol_station")
    assert "SEEPAGE" in codes("petrol_station")
    assert "SEEPAGE" not in codes("depot")
    assert "STOCK" not in codes("trader_paper")
    assert {"PRODUCTS", "REGISTRATION"} <= codes("producer")
    assert "PRODUCTS" not in codes("pharmaceutical")
    assert "PRODUCTS" in codes("pharmaceutical", produces_hazardous=True)
    assert {"EXPOSED", "HAZARD_FILED"} <= codes("depot", major_hazard=True)
    assert not {"EXPOSED", "HAZARD_FILED"} & codes("depot", major_hazard=False)
    assert codes("unlicensed") & {"LICENCES", "CREDIT_CODE", "LEGAL"} == set()
    # Of several classes any asks.
    assert "SEEPAGE" in {one.code for one in rules_for(["trader_storage", "petrol_station"], {})}


def test_the_facts_asked_are_those_on_which_the_duties_of_a_class_turn():
    assert "produces_hazardous" in facts_asked(["pharmaceutical"])
    assert "produces_hazardous" not in facts_asked(["petrol_station"])


def test_an_unknown_class_is_refused_by_name():
    with pytest.raises(ValueError, match="no enterprise class 'nothing'"):
        rules_for(["nothing"], {})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        ([Line("A", 5, 0, 0)], None),
        ([Line("A", 5, 1, 1)], 100),
        ([Line("A", 5, 0, 1)], 0),
        ([Line("A", 2, 1, 1), Line("B", 1, 0, 1)], 66),
        ([Line("A", 3, 1, 3), Line("B", 1, 1, 1)], 50),
        ([Line("A", 99, 1, 1), Line("B", 1, 999, 1000)], 99),
    ],
)
def test_the_score_is_the_weighted_share_rounded_down(lines: list[Line], expected: int | None):
    assert score(lines) == expected


@pytest.mark.parametrize(("weight", "have", "of"), [(-1, 0, 1), (1, 2, 1), (1, -1, 1)])
def test_impossible_counts_are_refused(weight: int, have: int, of: int):
    with pytest.raises(ValueError, match="A:"):
        Line("A", weight, have, of)


LINES = st.lists(
    st.tuples(st.integers(1, 100), st.integers(0, 500), st.integers(1, 500)).map(
        lambda row: Line("A", row[0], min(row[1], row[2]), row[2])
    ),
    min_size=1, max_size=20,
)  # fmt: skip


@given(LINES)
def test_only_a_file_that_lacks_nothing_scores_a_hundred(lines: list[Line]):
    found = score(lines)
    assert found is not None
    assert 0 <= found <= 100
    assert (found == 100) == (not any(one.is_gap for one in lines))


@given(LINES, st.integers(0, 19))
def test_one_piece_more_never_lowers_the_score(lines: list[Line], at: int):
    before = score(lines)
    one = lines[at % len(lines)]
    more = Line(one.code, one.weight, min(one.of, one.have + 1), one.of)
    after = score([*lines[: at % len(lines)], more, *lines[at % len(lines) + 1 :]])
    assert before is not None
    assert after is not None
    assert after >= before
