"""E by the worked example, its deductions, caps and vetoes; what would raise it; what a regulator does week after
week.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.running_effect import (
    Parameters,
    Week,
    WeekGrade,
    evaluate,
    grade_of,
    grades,
    indicator,
    indicators,
    regulator_actions,
    vetoes,
    week_of,
)

MONDAY = date(2026, 6, 1)
GOOD = {"planned": 10, "done": 10, "due": 4, "accepted": 4, "registered_4w": 4, "hazards": 1}
EXAMPLE = Week(planned=400, done=380, duties_missed={"technical": 1}, due=20, accepted=18, registered_4w=1, hazards=1)


def week(**changes):
    return Week(**{**GOOD, **changes})


@st.composite
def weeks(draw):
    planned, due = draw(st.integers(0, 60)), draw(st.integers(0, 30))
    return Week(
        planned=planned,
        done=draw(st.integers(0, planned)),
        due=due,
        accepted=draw(st.integers(0, due)),
        registered_4w=draw(st.integers(0, 12)),
        hazards=draw(st.integers(0, 4)),
        duties_missed=draw(st.dictionaries(st.sampled_from(["main", "technical", "operation"]), st.integers(0, 12))),
        vetoes=draw(st.sampled_from([(), ("V1",), ("V2", "V4")])),
    )


def test_the_worked_example():
    found = evaluate(EXAMPLE)
    assert (found.a, found.b, found.alpha) == (Fraction("45.5"), 40, 1)
    assert (found.p_bb, found.p_few) == (2, 5)
    assert (found.e, found.shown) == (Fraction("85.5"), Decimal("85.5"))
    assert (found.grade.name.zh, found.grade.colour_word.zh) == ("良", "蓝")
    assert [step.text.zh for step in found.steps] == [
        "A＝50×380/400－2＝45.5（任务完成，包保履职扣2分）",
        "B＝50×18/20－5＝40（隐患整改，隐患过少扣5分）",
        "E＝（45.5＋40）×1＝85.5，良（蓝）",
    ]


def test_what_would_raise_the_worked_example():
    measures = evaluate(EXAMPLE).measures
    assert [(one.code, one.shown) for one in measures] == [
        ("DANGERS", Decimal("5.0")),
        ("FEW", Decimal("5.0")),
        ("TASKS", Decimal("2.3")),
        ("DUTY_technical", Decimal("2.1")),
    ]
    assert sum(one.gain for one in measures) == Fraction("14.5")
    assert not any(one.waits_for_veto for one in measures)


def test_a_full_week_is_a_hundred_and_has_nothing_to_raise():
    found = evaluate(week())
    assert (found.e, found.grade.code, found.measures, found.doubts) == (100, "excellent", (), ())


@pytest.mark.parametrize("veto", ["V1", "V2", "V3", "V4"])
def test_any_veto_makes_it_nought(veto):
    found = evaluate(week(vetoes=(veto,)))
    assert (found.alpha, found.e, found.grade.code) == (0, 0, "poor")
    assert [(one.code, one.gain) for one in found.measures] == [("VETO", 100)]
    assert veto in [step.code for step in found.steps]


def test_with_a_veto_the_rest_waits_for_it():
    measures = {one.code: one for one in evaluate(week(done=5, vetoes=("V2",))).measures}
    assert measures["VETO"].gain == 75
    assert not measures["VETO"].waits_for_veto
    assert (measures["TASKS"].gain, measures["TASKS"].waits_for_veto) == (25, True)


@pytest.mark.parametrize(
    ("missed", "p_bb"),
    [
        ({"main": 1}, 3),
        ({"technical": 1}, 2),
        ({"operation": 1}, 1),
        ({"main": 2, "technical": 3, "operation": 4}, 16),
        ({"main": 6, "technical": 1}, 20),
        ({"main": 7}, 20),
    ],
)
def test_missed_duties_cost_their_points_up_to_twenty(missed, p_bb):
    found = evaluate(week(duties_missed=missed))
    assert (found.p_bb, found.e) == (p_bb, 100 - p_bb)


@pytest.mark.parametrize(
    ("registered", "hazards", "p_few"), [(0, 1, 10), (1, 1, 5), (2, 1, 0), (3, 2, 5), (4, 2, 0), (0, 0, 0)]
)
def test_too_few_hidden_dangers_cost_points(registered, hazards, p_few):
    assert evaluate(week(registered_4w=registered, hazards=hazards)).p_few == p_few


def test_a_part_never_falls_below_nothing():
    found = evaluate(week(done=0, accepted=0, duties_missed={"main": 1}, registered_4w=0))
    assert (found.a, found.b, found.e) == (0, 0, 0)


def test_a_ratio_of_nothing_is_one():
    found = evaluate(week(planned=0, done=0, due=0, accepted=0))
    assert (found.e, len(found.doubts)) == (100, 1)


@pytest.mark.parametrize(
    ("e", "code"),
    [
        ("90", "excellent"),
        ("89.99", "good"),
        ("80", "good"),
        ("79.99", "medium"),
        ("60", "medium"),
        ("59.99", "poor"),
        ("0", "poor"),
    ],
)
def test_grades_at_their_limits(e, code):
    assert grade_of(Decimal(e)).code == code


def test_grades_and_vetoes_have_their_words():
    assert [(one.name.zh, one.colour_word.zh, one.mark) for one in grades().values()] == [
        ("优", "绿", "G"),
        ("良", "蓝", "G"),
        ("中", "黄", "G"),
        ("差", "红", "G"),
    ]
    assert [(one.code, one.mark) for one in vetoes()] == [(code, "D") for code in ("V1", "V2", "V3", "V4")]


def test_just_below_a_limit_does_not_read_as_reaching_it():
    found = evaluate(week(planned=3001, done=2400))
    assert (found.shown, found.grade.code) == (Decimal("89.9"), "good")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"done": 11}, "done"),
        ({"accepted": 5}, "accepted"),
        ({"hazards": -1}, "hazards"),
        ({"duties_missed": {"cook": 1}}, "duties_missed"),
        ({"duties_missed": {"main": -1}}, "duties_missed.main"),
        ({"vetoes": ("V5",)}, "vetoes"),
    ],
)
def test_counts_that_cannot_be_are_refused(changes, field):
    with pytest.raises(BadInput) as refused:
        week(**changes)
    assert refused.value.field == field


@pytest.mark.parametrize("changes", [{"good": 95}, {"few_some": 11}, {"main": -1}, {"excellent": 101}])
def test_parameters_that_cannot_be_are_refused(changes):
    with pytest.raises(BadInput):
        Parameters(**changes)


def test_what_a_district_set_counts():
    found = evaluate(EXAMPLE, parameters=Parameters(technical=4, few_some=0, good=86))
    assert (found.e, found.grade.code) == (Fraction("88.5"), "good")


@given(weeks())
def test_e_stays_between_nought_and_a_hundred_and_every_measure_raises_it(one):
    found = evaluate(one)
    assert 0 <= found.e <= 100
    assert 0 <= found.p_bb <= 20
    assert all(measure.gain > 0 for measure in found.measures)


@given(weeks(), st.sampled_from(["main", "technical", "operation"]))
def test_more_deductions_never_raise_e(one, role):
    before = evaluate(one).e
    missed = {**one.duties_missed, role: one.duties_missed.get(role, 0) + 1}
    kept = {name: getattr(one, name) for name in (*GOOD, "vetoes")}
    assert evaluate(Week(**kept, duties_missed=missed)).e <= before
    if one.done:
        worse = {**kept, "done": one.done - 1}
        assert evaluate(Week(**worse, duties_missed=one.duties_missed)).e <= before
    if one.registered_4w:
        worse = {**kept, "registered_4w": one.registered_4w - 1}
        assert evaluate(Week(**worse, duties_missed=one.duties_missed)).e <= before


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("OBJECTS", 100),
        ("FOUR_MEASURES", 90),
        ("TASKS", 100),
        ("COMPLETION", 95),
        ("RECTIFIED", 95),
        ("ON_TIME", 90),
        ("MAJOR_ON_TIME", 100),
        ("PARTICIPATION", 95),
        ("TIMELY", 98),
        ("MOBILE", 100),
    ],
)
def test_indicators_at_their_targets(code, target):
    assert indicator(code, target, 100).is_met
    assert not indicator(code, target - 1, 100).is_met
    assert indicator(code, 0, 0).is_met is None


def test_there_are_ten_indicators_and_counts_that_cannot_be_are_refused():
    assert len(indicators()) == 10
    assert indicators()["COMPLETION"].goal == 1
    assert indicator("TIMELY", 97, 99).text.zh == "数据及时率：97/99＝97.9%，目标不低于98%，未达到"
    with pytest.raises(BadInput):
        indicator("TIMELY", 2, 1)


def in_a_row(*codes, last=MONDAY, **more):
    days = [last - timedelta(days=7 * back) for back in range(len(codes))]
    rows = [WeekGrade(monday=day, grade=code) for day, code in zip(days, reversed(codes), strict=True)]
    rows[0] = WeekGrade(monday=last, grade=codes[-1], **more)
    return [action.code for action in regulator_actions(rows)]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["poor"], ["REMIND"]),
        (["poor", "poor"], ["INTERVIEW"]),
        (["poor", "poor", "poor"], ["VISIT"]),
        (["poor"] * 9, ["VISIT"]),
        (["poor", "poor", "medium"], []),
        (["poor", "poor", "medium", "poor"], ["REMIND"]),
        (["excellent"] * 12, []),
        (["excellent"] * 13, ["FEWER_CHECKS"]),
    ],
)
def test_what_follows_week_after_week(codes, expected):
    assert in_a_row(*codes) == expected


def test_a_veto_is_as_grave_as_three_poor_weeks_and_forging_goes_to_enforcement():
    assert in_a_row("poor", is_vetoed=True) == ["VISIT"]
    assert in_a_row("poor", is_vetoed=True, is_forged=True) == ["VISIT", "ENFORCE"]


def test_a_missing_week_breaks_a_row():
    rows = [WeekGrade(monday=MONDAY, grade="poor"), WeekGrade(monday=MONDAY - timedelta(days=14), grade="poor")]
    assert [action.code for action in regulator_actions(rows)] == ["REMIND"]
    assert regulator_actions([]) == ()


def test_weeks_that_cannot_be_are_refused():
    with pytest.raises(BadInput):
        WeekGrade(monday=MONDAY + timedelta(days=1), grade="poor")
    with pytest.raises(BadInput):
        WeekGrade(monday=MONDAY, grade="awful")
    with pytest.raises(BadInput):
        regulator_actions([WeekGrade(monday=MONDAY, grade="poor")] * 2)


def test_a_week_runs_from_monday_to_sunday():
    assert week_of(date(2026, 6, 7)) == (date(2026, 6, 1), date(2026, 6, 7))
    assert week_of(date(2026, 6, 8)) == (date(2026, 6, 8), date(2026, 6, 14))
