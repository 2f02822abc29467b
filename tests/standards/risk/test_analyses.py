"""JHA, SCL and HAZOP rows: which field is wanted when, what is refused at which field, what a rating demands."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk import hazop, jha, scl
from quancheng.standards.risk.basis import BadInput, months_later
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.hazop import Recommendation, closing, deviation, due_on, interval
from quancheng.standards.risk.rows import (
    MEASURE_GROUPS,
    NEEDED,
    Assessment,
    accident_types,
    evaluate,
    hazard_classes,
)

DAY = date(2026, 3, 10)
HEAD = jha.Header(
    number="JHA-01",
    department="储运部",
    post="装卸岗",
    activity="槽车卸料",
    analysts=("赵一", "钱二"),
    analysed_on=DAY,
    approver="孙三",
)
LOW = Assessment(factors={"likelihood": 2, "severity": 2})
HIGH = Assessment(factors={"likelihood": 4, "severity": 4}, residual={"likelihood": 2, "severity": 4})
MEASURES = {"engineering": "静电接地"}


def step(number, **changes):
    row = jha.Row(
        step_no=number,
        step_name=f"步骤{number}",
        hazard="静电积聚",
        hazard_class="21",
        main_consequence="08",
        measures=MEASURES,
        assessment=LOW,
        control_level="team",
    )
    return replace(row, **changes)


def four_steps(**changes):
    return [step(1, **changes), step(2), step(3), step(4)]


ITEM = scl.Row(
    item_no=1,
    check_item="安全阀",
    standard_requirement="每年校验一次",
    basis="TSG 21",
    deviation="超期未校验",
    consequence="超压泄漏",
    measures=MEASURES,
    assessment=LOW,
    control_level="workshop",
)
SCL_HEAD = scl.Header(
    equipment="V-101储罐", medium="甲醇", design_parameters="常压，50℃", operating_parameters="常压，25℃"
)
NODE = hazop.Row(
    node_no="1",
    node_desc="V-101进料",
    design_intent="以20 m³/h进料",
    drawing_no="P-101",
    parameter="level",
    guide_word="MORE",
    deviation="液位过高",
    cause="液位计失灵",
    consequence="溢料着火",
    assessment=Assessment(factors={"likelihood": 3, "severity": 5}),
)


def test_a_good_job_hazard_analysis_has_nothing_wrong():
    checked = jha.check(HEAD, four_steps())
    assert checked.is_good
    assert checked.doubts == ()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"step_no": 0}, {"step_no"}),
        ({"step_name": " "}, {"step_name"}),
        ({"hazard": ""}, {"hazard"}),
        ({"hazard_class": "99"}, {"hazard_class"}),
        ({"hazard_class": ""}, {"hazard_class"}),
        ({"main_consequence": "21"}, {"main_consequence"}),
        ({"control_level": ""}, {"control_level"}),
        ({"control_level": "cellar"}, {"control_level"}),
        ({"assessment": Assessment(factors={"likelihood": 2})}, {"severity"}),
        ({"assessment": Assessment(method="LEC", factors={"likelihood": 2})}, {"exposure"}),
        ({"due_on": date(2026, 3, 9)}, {"due_on"}),
    ],
)
def test_what_is_wrong_with_a_row_is_said_at_its_field(changes, fields):
    checked = jha.check(HEAD, four_steps(**changes))
    assert set(checked.rows[0]) == fields
    assert not any(checked.rows[1:])
    assert not checked.is_good


def test_the_head_is_wanted_whole():
    assert set(jha.check(jha.Header(), []).header) == {spec.code for spec in jha.HEADER} | {"rows"}
    assert set(scl.check(scl.Header(), []).header) == {spec.code for spec in scl.HEADER} | {"rows"}


def test_from_yellow_a_row_says_what_is_done_by_whom_until_when():
    bare = replace(HIGH, residual=None)
    checked = jha.check(HEAD, four_steps(assessment=bare, control_level="team"))
    assert set(checked.rows[0]) == {"control_level", "suggested_measures", "residual", "responsible", "due_on"}
    assert "厂级" in checked.rows[0]["control_level"].zh
    good = {
        "assessment": HIGH,
        "control_level": "plant",
        "suggested_measures": "增设联锁",
        "responsible": "李四",
        "due_on": DAY,
    }
    assert jha.check(HEAD, four_steps(**good)).is_good
    assert scl.check(SCL_HEAD, [replace(ITEM, **good)]).is_good


def test_one_step_has_one_name_and_four_to_fifteen_are_usual():
    checked = jha.check(HEAD, [step(1), step(1, step_name="另一步骤")])
    assert set(checked.rows[1]) == {"step_name"}
    assert len(checked.doubts) == 1
    assert jha.check(HEAD, [step(number) for number in range(1, 16)]).doubts == ()
    assert len(jha.check(HEAD, [step(number) for number in range(1, 17)]).doubts) == 1


def test_a_row_without_any_measure_is_doubted_and_an_unknown_group_refused():
    assert len(jha.check(HEAD, four_steps(measures={"ppe": " "})).doubts) == 1
    with pytest.raises(BadInput) as refused:
        jha.check(HEAD, four_steps(measures={"prayer": "每日"}))
    assert refused.value.field == "measures_prayer"


def test_a_checklist_analysis_wants_its_texts_and_its_own_numbers():
    assert scl.check(SCL_HEAD, [ITEM]).is_good
    checked = scl.check(SCL_HEAD, [ITEM, replace(ITEM, basis="", deviation="")])
    assert set(checked.rows[1]) == {"item_no", "basis", "deviation"}


def test_measures_never_make_a_risk_worse():
    with pytest.raises(BadInput) as refused:
        evaluate(Assessment(factors=LOW.factors, residual={"likelihood": 3, "severity": 2}))
    assert refused.value.field == "residual"
    with pytest.raises(BadInput) as refused:
        evaluate(Assessment(factors=LOW.factors, residual={"likelihood": 9, "severity": 2}))
    assert refused.value.field == "residual_likelihood"


def test_an_evaluation_tells_both_risks_and_who_controls():
    found = jha.evaluate(step(1, assessment=HIGH))
    assert (found.rating.colour, found.residual.colour) == (Colour.ORANGE, Colour.BLUE)
    assert found.control_levels == ("plant", "workshop", "team")
    assert found.needs_action
    lec = Assessment(method="LEC", factors={"likelihood": Decimal("0.5"), "exposure": 1, "consequence": 3})
    assert not scl.evaluate(replace(ITEM, assessment=lec)).needs_action


def test_the_lists_are_whole():
    assert [code for code, one in hazard_classes().items() if not one.parent] == ["1", "2", "3", "4"]
    assert all(one.parent == "" or one.parent == one.code[0] for one in hazard_classes().values())
    assert len(accident_types()) == 20
    assert {code: accident_types()[code].name.zh for code in ("01", "05", "08", "19", "20")} == {
        "01": "物体打击",
        "05": "触电",
        "08": "火灾",
        "19": "中毒和窒息",
        "20": "其他伤害",
    }
    assert list(MEASURE_GROUPS) == ["engineering", "management", "training", "ppe", "emergency"]
    for fields in (jha.HEADER, jha.FIELDS, scl.HEADER, scl.FIELDS, hazop.FIELDS):
        assert {spec.needed for spec in fields} <= set(NEEDED)


def test_the_words_of_a_study():
    assert [one.name.zh for one in hazop.guide_words().values()] == [
        *("无", "多", "少", "伴随", "部分", "相反", "异常", "早", "晚", "先", "后"),
    ]
    assert len(hazop.parameters()) == 17
    assert deviation("level", "MORE") == ("液位：多", "More level")
    with pytest.raises(BadInput):
        deviation("level", "PERHAPS")


def test_a_deviation_without_recommendation_is_good_and_one_with_wants_more():
    assert hazop.check_row(NODE) == {}
    assert set(hazop.check_row(replace(NODE, recommendation="增设高高液位联锁"))) == {
        "owner",
        "due_on",
        "residual",
        "status",
    }
    rejected = replace(NODE, recommendation="拆除", owner="李四", due_on=DAY, status="rejected")
    assert set(hazop.check_row(rejected)) == {"reason"}
    assert hazop.check_row(replace(rejected, reason="已有独立联锁")) == {}
    assert set(hazop.check_row(replace(NODE, cause="", parameter="luck"))) == {"cause", "parameter"}
    assert set(hazop.check_row(replace(NODE, assessment=Assessment(factors={"likelihood": 3})))) == {"severity"}


def test_the_closing_rate_leaves_out_what_was_rejected():
    rows = [
        Recommendation(code="1", status="closed", raised_on=DAY, closed_on=DAY),
        Recommendation(code="2", status="open", raised_on=date(2025, 3, 9)),
        Recommendation(code="3", status="open", raised_on=date(2025, 3, 10)),
        Recommendation(code="4", status="rejected", raised_on=date(2020, 1, 1), reason="不适用"),
    ]
    found = closing(rows, on=DAY)
    assert (found.accepted, found.closed, found.rejected, found.rate) == (3, 1, 1, Fraction(1, 3))
    assert found.stale == ("2",)
    assert closing([], on=DAY).rate is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"status": "rejected"}, "reason"),
        ({"status": "closed"}, "closed_on"),
        ({"status": "open", "closed_on": DAY}, "closed_on"),
        ({"status": "closed", "closed_on": date(2026, 3, 9)}, "closed_on"),
    ],
)
def test_a_recommendation_that_cannot_be_is_refused(changes, field):
    with pytest.raises(BadInput) as refused:
        Recommendation(**{"code": "1", "raised_on": DAY, **changes})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("facts", "years", "must", "doubts"),
    [
        ((True, False, None), 3, True, 0),
        ((False, True, False), 3, True, 0),
        ((False, False, True), 3, True, 0),
        ((False, False, False), 5, False, 0),
        ((False, None, None), 3, True, 2),
    ],
)
def test_how_often_a_unit_is_studied(facts, years, must, doubts):
    process, chemical, hazard = facts
    found = interval(key_process=process, key_chemical=chemical, major_hazard=hazard)
    assert (found.years, found.must_be_hazop, len(found.doubts), found.mark) == (years, must, doubts, "V")


def test_the_next_study_is_due_on_the_same_day():
    assert due_on(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert due_on(date(2024, 2, 29), 4) == date(2028, 2, 29)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 120))
def test_months_later_keeps_the_day_or_takes_the_last(day, months):
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and months_later(later.replace(day=1), 1).day == 1)


def test_a_guide_word_fits_its_parameter():
    assert "guide_word" in hazop.check_row(replace(NODE, parameter="temperature", guide_word="EARLY"))
    for parameter in hazop.parameters():
        assert hazop.fitting(parameter)
        assert set(hazop.fitting(parameter)) <= set(hazop.guide_words())
