"""The LS matrix: all cells of the default, the ends of the variants, severity as the worst column."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.ls import (
    COLUMNS,
    DEFAULT,
    FOUR,
    LIMITS,
    VARIANT,
    LsLimits,
    Severity,
    assess,
    grades,
    likelihoods,
    matrix,
    property_level,
    severities,
)
from quancheng.standards.wording import Text

LEVELS = st.integers(1, 5)
LETTERS = {"R": Colour.RED, "O": Colour.ORANGE, "Y": Colour.YELLOW, "B": Colour.BLUE}


def coloured(*rows):
    return tuple(tuple(LETTERS[letter] for letter in row.split()) for row in rows)


def test_the_default_matrix_cell_by_cell():
    assert matrix() == coloured("B Y O R R", "B B Y O R", "B B Y Y O", "B B B B Y", "B B B B B")


def test_every_cell_is_what_an_assessment_says():
    for row, likelihood in zip(matrix(), (5, 4, 3, 2, 1), strict=True):
        for severity, colour in enumerate(row, start=1):
            assert assess(likelihood=likelihood, severity=severity).colour is colour


def test_the_stricter_matrix_cell_by_cell():
    assert matrix(VARIANT) == coloured("Y O O R R", "Y Y O O R", "B Y O O O", "B Y Y Y O", "B B B Y Y")


def test_the_four_by_four_matrix_cell_by_cell():
    assert matrix(FOUR) == coloured("Y O R R", "B Y O R", "B Y Y O", "B B B Y")


@pytest.mark.parametrize(
    ("score", "default", "variant"),
    [
        (25, "R", "R"),
        (20, "R", "R"),
        (16, "O", "O"),
        (15, "O", "O"),
        (12, "Y", "O"),
        (9, "Y", "O"),
        (8, "B", "Y"),
        (4, "B", "Y"),
        (3, "B", "B"),
        (1, "B", "B"),
    ],
)
def test_at_the_limits(score, default, variant):
    assert (DEFAULT.colour_of(score), VARIANT.colour_of(score)) == (LETTERS[default], LETTERS[variant])


def test_severity_is_the_worst_column_and_says_which():
    found = assess(likelihood=3, severity=Severity(law=1, people=4, property=2, stop=1, image=4))
    assert (found.severity, found.score, found.colour) == (4, 12, Colour.YELLOW)
    assert "人员、企业形象" in found.steps[1].text.zh
    assert found.doubts == ()
    assert found.mark == "G"


def test_columns_that_nobody_judged_are_doubts():
    assert len(assess(likelihood=1, severity=Severity(people=2)).doubts) == 4
    with pytest.raises(BadInput) as refused:
        assess(likelihood=1, severity=Severity())
    assert refused.value.field == "severity"


@pytest.mark.parametrize(
    ("loss", "level"),
    [(0, 1), (Decimal("0.01"), 2), (1, 3), (49, 3), (50, 4), (100, 4), (Decimal("100.01"), 5)],
)
def test_a_loss_has_its_level(loss, level):
    assert property_level(loss) == level


@pytest.mark.parametrize("loss", [-1, Decimal("NaN"), Decimal("Infinity"), True])
def test_what_is_no_loss_is_refused(loss):
    with pytest.raises(BadInput):
        property_level(loss)


@pytest.mark.parametrize(
    ("likelihood", "severity", "field"), [(0, 1, "likelihood"), (6, 1, "likelihood"), (1, 6, "severity")]
)
def test_a_level_outside_the_matrix_is_refused_at_its_field(likelihood, severity, field):
    with pytest.raises(BadInput) as refused:
        assess(likelihood=likelihood, severity=severity)
    assert refused.value.field == field


def test_five_is_no_level_of_a_matrix_of_four():
    with pytest.raises(BadInput) as refused:
        assess(likelihood=4, severity=Severity(people=5), limits=FOUR)
    assert refused.value.field == "people"


def test_the_tables_are_whole():
    assert [(one.level, one.name.zh) for one in likelihoods()] == [
        (5, "频繁"),
        (4, "较可能"),
        (3, "可能"),
        (2, "不太可能"),
        (1, "极不可能"),
    ]
    assert [(one.level, one.column) for one in severities()] == [
        (level, column) for level in (5, 4, 3, 2, 1) for column in COLUMNS
    ]
    assert {one.mark for one in likelihoods() + severities()} == {"V"}
    assert [grades()[colour].term_months for colour in Colour] == [0, None, 6, None]
    assert LIMITS == {"default": DEFAULT, "variant": VARIANT, "four": FOUR}


@pytest.mark.parametrize("limits", [(9, 15, 20), (20, 20, 9), (30, 15, 9), (20, 15, 1)])
def test_limits_that_cannot_be_are_refused(limits):
    red, orange, yellow = limits
    with pytest.raises(BadInput):
        LsLimits(code="own", name=Text("自定", "own"), red=red, orange=orange, yellow=yellow, mark="D")


@given(LEVELS, LEVELS, st.sampled_from([DEFAULT, VARIANT]))
def test_a_higher_level_never_lowers_a_risk(likelihood, severity, limits):
    found = assess(likelihood=likelihood, severity=severity, limits=limits)
    for more in range(likelihood, 6):
        assert assess(likelihood=more, severity=severity, limits=limits).colour <= found.colour
    for worse in range(severity, 6):
        assert assess(likelihood=likelihood, severity=worse, limits=limits).colour <= found.colour


@given(st.lists(LEVELS, min_size=5, max_size=5))
def test_the_columns_give_the_highest(columns):
    assert assess(likelihood=2, severity=Severity(**dict(zip(COLUMNS, columns, strict=True)))).severity == max(columns)


@given(LEVELS, LEVELS)
def test_the_stricter_limits_are_never_milder(likelihood, severity):
    strict = assess(likelihood=likelihood, severity=severity, limits=VARIANT)
    assert strict.colour <= assess(likelihood=likelihood, severity=severity).colour
