"""LEC: factors, the limits at 20, 70, 160 and 320 under both conventions, the five texts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.lec import A, B, Convention, assess, assess_lc, danger_of, dangers, factors
from quancheng.standards.wording import Text

RED, ORANGE, YELLOW, BLUE = Colour
VALUES = {code: [factor.value for factor in values] for code, values in factors().items()}


def test_the_factors_have_their_values():
    assert {
        "L": [Decimal(one) for one in ("10", "6", "3", "1", "0.5", "0.2", "0.1")],
        "E": [Decimal(one) for one in ("10", "6", "3", "2", "1", "0.5")],
        "C": [Decimal(one) for one in ("100", "40", "15", "7", "3", "1")],
    } == VALUES
    assert {factor.mark for values in factors().values() for factor in values} == {"G"}


@pytest.mark.parametrize(
    ("score", "a", "b", "text"),
    [
        ("10000", RED, RED, "极其危险"),
        ("320.01", RED, RED, "极其危险"),
        ("320", RED, RED, "高度危险"),
        ("319.99", ORANGE, RED, "高度危险"),
        ("160.01", ORANGE, RED, "高度危险"),
        ("160", ORANGE, ORANGE, "高度危险"),
        ("159.99", YELLOW, ORANGE, "显著危险"),
        ("70.01", YELLOW, ORANGE, "显著危险"),
        ("70", YELLOW, YELLOW, "显著危险"),
        ("69.99", BLUE, YELLOW, "一般危险"),
        ("20.01", BLUE, YELLOW, "一般危险"),
        ("20", BLUE, BLUE, "一般危险"),
        ("19.99", BLUE, BLUE, "稍有危险"),
        ("0.05", BLUE, BLUE, "稍有危险"),
    ],
)
def test_at_just_below_and_just_above_each_limit(score, a, b, text):
    value = Decimal(score)
    assert (A.colour_of(value), B.colour_of(value), danger_of(value).text.zh) == (a, b, text)


def test_a_job_is_explained():
    found = assess(likelihood=3, exposure=6, consequence=15)
    assert (found.score, found.colour, found.danger.code, found.is_top) == (270, ORANGE, "HIGH", False)
    assert [step.code for step in found.steps] == ["L", "E", "C", "D"]
    assert "3×6×15＝270" in found.steps[-1].text.zh
    assert assess(likelihood=3, exposure=6, consequence=15, convention=B).colour is RED
    assert found.mark == "G"


def test_the_top_text_is_the_top_grade():
    assert not assess(likelihood=6, exposure=1, consequence=40).is_top
    assert assess(likelihood=6, exposure=10, consequence=7).is_top


@pytest.mark.parametrize(
    ("given_values", "field"),
    [((4, 6, 15), "likelihood"), ((3, 7, 15), "exposure"), ((3, 6, 16), "consequence"), ((-1, 6, 15), "likelihood")],
)
def test_a_value_that_no_table_has_is_refused_at_its_field(given_values, field):
    likelihood, exposure, consequence = given_values
    with pytest.raises(BadInput) as refused:
        assess(likelihood=likelihood, exposure=exposure, consequence=consequence)
    assert refused.value.field == field


def test_without_exposure_the_limits_are_borrowed_and_doubted():
    found = assess_lc(likelihood=10, consequence=40)
    assert (found.score, found.colour, found.exposure, found.mark) == (400, RED, None, "D")
    assert len(found.doubts) == 1


def test_the_texts_in_order_with_what_they_call_for():
    assert [(one.code, one.action.zh) for one in dangers()] == [
        ("EXTREME", "停止作业"),
        ("HIGH", "立即整改"),
        ("MARKED", "需要整改"),
        ("GENERAL", "需要注意"),
        ("SLIGHT", "可以接受"),
    ]


def test_a_convention_whose_limits_do_not_fall_is_refused():
    with pytest.raises(BadInput):
        Convention(
            code="own",
            name=Text("自定", "own"),
            red=Decimal(70),
            orange=Decimal(160),
            yellow=Decimal(20),
            includes=True,
            mark="D",
        )


@given(
    st.sampled_from(VALUES["L"]), st.sampled_from(VALUES["E"]), st.sampled_from(VALUES["C"]), st.sampled_from([A, B])
)
def test_a_higher_factor_never_lowers_a_risk(likelihood, exposure, consequence, convention):
    found = assess(likelihood=likelihood, exposure=exposure, consequence=consequence, convention=convention)
    for more in VALUES["L"]:
        other = assess(likelihood=more, exposure=exposure, consequence=consequence, convention=convention)
        assert (other.colour <= found.colour) if more >= likelihood else (other.colour >= found.colour)
    for worse in VALUES["C"]:
        other = assess(likelihood=likelihood, exposure=exposure, consequence=worse, convention=convention)
        assert (other.score >= found.score) == (worse >= consequence)


@given(st.decimals("0.001", 10000, places=3))
def test_convention_b_is_never_milder(score):
    assert B.colour_of(score) <= A.colour_of(score)
