"""Process hazard grades: every order, equal temperatures, orders that cannot be, what is not told."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.reaction import controls, grade

CELSIUS = st.one_of(st.none(), st.integers(0, 400))


@pytest.mark.parametrize(
    ("mtsr", "mtt", "td24", "expected"),
    [
        (100, 120, 140, 1),
        (100, 140, 120, 2),
        (120, 100, 140, 3),
        (140, 100, 120, 4),
        (120, 140, 100, 5),
        (140, 120, 100, 5),
    ],
)
def test_every_order_has_its_grade(mtsr, mtt, td24, expected):
    found = grade(tp=60, mtsr=mtsr, mtt=mtt, td24=td24)
    assert (found.grade, found.is_settled, found.candidates, found.doubts) == (expected, True, (expected,), ())
    assert found.is_top == (expected == 5)
    assert [one.grade for one in found.controls] == list(range(1, expected + 1))


@pytest.mark.parametrize(("mtsr", "td24", "expected"), [(120, 140, 3), (140, 120, 4)])
def test_a_process_at_its_technical_limit_is_no_doubt_in_grades_three_and_four(mtsr, td24, expected):
    found = grade(tp=100, mtsr=mtsr, mtt=100, td24=td24)
    assert (found.grade, found.is_settled) == (expected, True)


@pytest.mark.parametrize(
    ("temperatures", "candidates"),
    [
        ((60, 100, 100, 140), (1, 3)),
        ((60, 100, 120, 120), (1, 2)),
        ((60, 120, 100, 120), (3, 4)),
        ((60, 100, 140, 100), (2, 5)),
        ((60, 100, 100, 100), (1, 2, 3, 4, 5)),
        ((60, 60, 120, 140), (1,)),
        ((60, 120, 140, 60), (5,)),
    ],
)
def test_equal_temperatures_are_doubted_and_the_gravest_counts(temperatures, candidates):
    tp, mtsr, mtt, td24 = temperatures
    found = grade(tp=tp, mtsr=mtsr, mtt=mtt, td24=td24)
    assert (found.candidates, found.grade, found.is_settled) == (candidates, candidates[-1], False)
    assert found.doubts


@pytest.mark.parametrize("temperatures", [(60, 50, 120, 140), (60, 100, 50, 140), (60, 100, 120, 50)])
def test_what_lies_below_the_process_temperature_is_doubted_and_counts_as_the_gravest(temperatures):
    tp, mtsr, mtt, td24 = temperatures
    found = grade(tp=tp, mtsr=mtsr, mtt=mtt, td24=td24)
    assert (found.grade, found.is_settled) == (5, False)


def test_what_nobody_told_leaves_every_grade_that_is_possible():
    found = grade(tp=60, mtsr=100, mtt=120, td24=None)
    assert (found.candidates, found.is_settled, len(found.doubts)) == ((1, 2, 5), False, 1)
    assert grade(tp=None, mtsr=None, mtt=None, td24=None).grade == 5


@pytest.mark.parametrize("tp", [-274, 5001, True, "60"])
def test_what_is_no_temperature_is_refused_at_its_field(tp):
    with pytest.raises(BadInput) as refused:
        grade(tp=tp, mtsr=100, mtt=120, td24=140)
    assert refused.value.field == "tp"


def test_a_grade_that_is_none_has_no_controls():
    assert [one.mark for one in controls(5)] == ["G"] * 5
    with pytest.raises(BadInput):
        controls(6)


def test_all_orders_of_different_temperatures_are_settled():
    for order in permutations((100, 120, 140)):
        mtsr, mtt, td24 = order
        assert grade(tp=60, mtsr=mtsr, mtt=mtt, td24=td24).is_settled


@given(CELSIUS, CELSIUS, CELSIUS, CELSIUS)
def test_a_grade_is_always_told_and_unsettled_exactly_with_doubts(tp, mtsr, mtt, td24):
    found = grade(tp=tp, mtsr=mtsr, mtt=mtt, td24=td24)
    assert found.grade == max(found.candidates)
    assert found.is_settled == (not found.doubts)
