"""Level, terms, the ladder, the plan, repetition: at the limits and beside them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.hidden_dangers import fire, levels
from quancheng.standards.hidden_dangers.criteria import criteria
from quancheng.standards.hidden_dangers.data import MARKS
from quancheng.standards.hidden_dangers.levels import (
    COLOURS,
    Grade,
    Level,
    Plan,
    Seen,
    colour_of,
    default_deadline,
    duplicate_key,
    is_complete,
    is_duplicate,
    is_repeat,
    ladder,
    level_of,
    limits,
    missing,
    penalty_hints,
    raised,
    rungs_due,
)

NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
TODAY = date(2026, 11, 29)
OLD = date(2025, 10, 31)
DIRECT = sorted(one.code for one in criteria().values() if one.kind == "direct")
ELEMENTS = fire.five_elements()
PRIORITY = sorted(one.code for one in criteria().values() if one.kind == "priority")
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
WHOLE = Plan(
    measures="更换", person="甲", money=Decimal(1000), due_date=TODAY, emergency_plan="专项预案", goal="恢复",
    materials="阀门", body="设备部", requirements="停车检修", safety_measures="盲板隔离", interim=("stop",),
)  # fmt: skip


# Level -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", DIRECT)
def test_one_direct_criterion_makes_a_danger_major(code: str) -> None:
    found = level_of([code, "OG-01"], on=TODAY)
    assert found.level is Level.MAJOR
    assert len(found.because) == 1
    assert code in found.because[0].zh


def test_without_a_criterion_it_is_general_and_priority_issues_change_nothing() -> None:
    assert level_of([], on=TODAY).level is Level.GENERAL
    assert level_of(PRIORITY, on=TODAY) == levels.Levelled(Level.GENERAL, (), ())
    with pytest.raises(ValueError, match="no criterion"):
        level_of(["CH-99"], on=TODAY)


def test_elements_count_by_the_place_and_leave_a_doubt_without_it() -> None:
    assert level_of(ELEMENTS[:3], on=OLD).level is Level.GENERAL
    assert len(level_of(ELEMENTS[:3], on=OLD).doubts) == 1
    assert level_of(ELEMENTS[:2], on=OLD, fire_place="flammable").level is Level.GENERAL
    assert level_of(ELEMENTS[:3], on=OLD, fire_place="flammable").level is Level.MAJOR
    assert level_of(ELEMENTS[:3], on=OLD, fire_place="crowded").level is Level.GENERAL
    assert level_of(ELEMENTS[:3], on=OLD, fire_place="crowded", other_elements=1).level is Level.MAJOR


def test_criteria_of_a_districts_own_count_like_those_that_ship() -> None:
    own = replace(criteria()["CH-01"], code="本区-1")
    assert level_of([own], on=TODAY).level is Level.MAJOR
    assert level_of([replace(own, kind="priority")], on=TODAY).level is Level.GENERAL
    extra = replace(criteria()[ELEMENTS[0]], code="FIRE-7.9.9")
    assert level_of([*ELEMENTS[:3], extra], on=OLD, fire_place="crowded").level is Level.MAJOR
    assert level_of([*ELEMENTS[:2], extra], on=OLD, fire_place="crowded").level is Level.GENERAL


@given(st.sets(st.sampled_from(DIRECT + list(ELEMENTS) + PRIORITY)), st.sampled_from(DIRECT))
def test_another_criterion_never_lowers_the_level(met: set[str], more: str) -> None:
    assert level_of([*met, more], on=TODAY).level is Level.MAJOR
    assert (level_of(met, on=TODAY).level is Level.MAJOR) == bool(met & set(DIRECT))


def test_the_inner_grade_is_never_uploaded() -> None:
    assert {grade.proposed.upload for grade in Grade} == {0, 1}
    assert Grade.SERIOUS.proposed is Level.GENERAL
    assert [grade.needs_photo for grade in Grade] == [False, False, True, True]
    assert [grade.word.zh for grade in Grade] == ["低", "一般", "较大", "重大"]


# Fire ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("five", "others", "place", "reaches"),
    [
        (2, 0, "flammable", False), (3, 0, "flammable", True), (2, 1, "flammable", False), (2, 2, "flammable", True),
        (0, 4, "flammable", True), (0, 3, "flammable", False), (3, 0, "crowded", False), (3, 1, "crowded", True),
        (4, 0, "crowded", True), (5, 0, "other", False), (5, 1, "other", True), (0, 6, "other", True),
        (0, 0, "flammable", False),
    ],
)  # fmt: skip
def test_elements_add_up_as_the_rule_says(five: int, others: int, place: str, reaches: bool) -> None:
    assert fire.count_elements(ELEMENTS[:five], others=others, place=place, on=OLD).reaches is reaches


@given(
    st.sets(st.sampled_from(ELEMENTS)), st.sampled_from(ELEMENTS), st.integers(0, 9), st.sampled_from(list(fire.PLACES))
)
def test_one_more_element_never_takes_the_danger_away(found: set[str], more: str, others: int, place: str) -> None:
    before = fire.count_elements(found, others=others, place=place, on=OLD).reaches
    assert fire.count_elements({*found, more}, others=others, place=place, on=OLD).reaches >= before
    assert fire.count_elements(found, others=others + 1, place=place, on=OLD).reaches >= before


def test_the_count_is_doubted_where_its_edition_is_not_in_force() -> None:
    assert fire.count_elements((), place="other", on=OLD).doubts == ()
    assert len(fire.count_elements((), place="other", on=date(2025, 11, 1)).doubts) == 1
    assert len(fire.count_elements((), place="other", on=date(2010, 1, 1)).doubts) == 1


def test_a_count_refuses_what_is_no_element() -> None:
    with pytest.raises(ValueError, match=r"no comprehensive elements: FIRE-6\.1"):
        fire.count_elements(["FIRE-6.1"], place="other", on=OLD)
    with pytest.raises(ValueError, match="no kind of place"):
        fire.count_elements([], place="street", on=OLD)
    with pytest.raises(ValueError, match="not negative"):
        fire.count_elements([], others=-1, place="other", on=OLD)


# Terms and the ladder --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colour", "failed", "wanted"),
    [
        ("blue", False, timedelta(days=7)), ("yellow", False, timedelta(days=7)), ("orange", False, timedelta(days=3)),
        ("red", False, timedelta(days=3)), ("red", True, timedelta(hours=24)), ("blue", True, timedelta(days=7)),
    ],
)  # fmt: skip
def test_general_dangers_have_a_default_term(colour: str, failed: bool, wanted: timedelta) -> None:
    told = default_deadline(Level.GENERAL, found_at=NOW, colour=colour, is_measure_failed=failed)
    assert told == NOW + wanted


def test_a_major_danger_has_the_term_of_its_plan() -> None:
    assert [default_deadline(Level.MAJOR, found_at=NOW, colour=colour) for colour in COLOURS] == [None] * 4
    with pytest.raises(ValueError, match="no colour"):
        default_deadline(Level.MAJOR, found_at=NOW, colour="green")


def test_terms_are_whole_and_marked() -> None:
    assert len(limits()) == 35
    for one in limits().values():
        assert one.mark in MARKS
        assert one.text.zh
        assert one.text.en
        assert bool(one.note.zh) == bool(one.note.en)
        assert (one.amount is None) == (one.unit == "written")
    assert {one.code for one in limits().values() if one.mark == "V"} == {
        "REVIEW", "LIST_ORDER", "LIST_REMOVED", "LIST_LONGEST", "EXTEND_ASK", "EXTEND_DECIDE", "LIST_RECORD",
    }  # fmt: skip
    assert len(penalty_hints()) == 4


@pytest.mark.parametrize(
    ("late", "level", "codes", "colour"),
    [
        (-4, Level.GENERAL, [], ""),
        (-3, Level.GENERAL, ["REMIND_3"], ""),
        (-1, Level.MAJOR, ["REMIND_3", "REMIND_1"], ""),
        (0, Level.MAJOR, ["REMIND_3", "REMIND_1"], ""),
        (1, Level.GENERAL, ["REMIND_3", "REMIND_1", "YELLOW"], "yellow"),
        (1, Level.MAJOR, ["REMIND_3", "REMIND_1", "YELLOW", "MAJOR_RED"], "red"),
        (3, Level.GENERAL, ["REMIND_3", "REMIND_1", "YELLOW", "ORANGE"], "orange"),
        (7, Level.GENERAL, ["REMIND_3", "REMIND_1", "YELLOW", "ORANGE", "RED"], "red"),
        (15, Level.GENERAL, ["REMIND_3", "REMIND_1", "YELLOW", "ORANGE", "RED", "TALK"], "red"),
    ],
)  # fmt: skip
def test_the_ladder_of_what_is_late(late: int, level: Level, codes: list[str], colour: str) -> None:
    assert [one.code for one in rungs_due(days_late=late, level=level)] == codes
    assert colour_of(days_late=late, level=level) == colour


@given(st.integers(-30, 400), st.sampled_from(Level))
def test_a_day_more_never_takes_a_rung_away(late: int, level: Level) -> None:
    assert set(rungs_due(days_late=late, level=level)) <= set(rungs_due(days_late=late + 1, level=level))
    assert set(rungs_due(days_late=late, level=Level.GENERAL)) <= set(rungs_due(days_late=late, level=Level.MAJOR))
    assert len(ladder()) == 7


# The plan --------------------------------------------------------------------------------------------------------


def test_a_whole_plan_lacks_nothing() -> None:
    assert is_complete(WHOLE, level=Level.MAJOR)
    assert is_complete(WHOLE, level=Level.GENERAL)
    assert len(missing(Plan(), level=Level.GENERAL)) == 5
    assert len(missing(Plan(), level=Level.MAJOR)) == 11
    assert len({gap.part for gap in missing(Plan(), level=Level.MAJOR) if gap.field != "interim"}) == 6


@pytest.mark.parametrize("name", [one.name for one in fields(Plan) if one.name != "money_note"])
def test_a_major_plan_names_the_field_that_is_empty(name: str) -> None:
    empty = replace(WHOLE, **{name: getattr(Plan(), name)})  # type: ignore[arg-type]
    assert [gap.field for gap in missing(empty, level=Level.MAJOR)] == [name]
    is_of_five = name in ("measures", "person", "money", "due_date", "emergency_plan")
    assert [gap.field for gap in missing(empty, level=Level.GENERAL)] == ([name] if is_of_five else [])


def test_no_money_needs_a_note_and_spaces_fill_nothing() -> None:
    free = replace(WHOLE, money=Decimal(0))
    assert [gap.field for gap in missing(free, level=Level.GENERAL)] == ["money_note"]
    assert is_complete(replace(free, money_note="自有人员处理"), level=Level.MAJOR)
    assert not is_complete(replace(WHOLE, measures="  "), level=Level.GENERAL)
    with pytest.raises(ValueError, match="not negative"):
        missing(replace(WHOLE, money=Decimal(-1)), level=Level.GENERAL)
    with pytest.raises(ValueError, match="no interim measures: pray"):
        missing(replace(WHOLE, interim=("pray",)), level=Level.GENERAL)


@given(st.sets(st.sampled_from([one.name for one in fields(Plan)])))
def test_what_suffices_for_a_major_danger_suffices_for_a_general_one(emptied: set[str]) -> None:
    plan = replace(WHOLE, **{name: getattr(Plan(), name) for name in emptied})  # type: ignore[arg-type]
    general = {gap.field for gap in missing(plan, level=Level.GENERAL)}
    assert general <= {gap.field for gap in missing(plan, level=Level.MAJOR)}


# Repetition and doubles ------------------------------------------------------------------------------------------


def seen(found: date, **given: str) -> Seen:
    return Seen(**{"unit": "甲厂", "place": "罐区", "item": "TF-15", "criterion": ""} | given, found=found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("earlier", "later", "repeats"),
    [
        (date(2025, 11, 29), date(2026, 11, 29), True), (date(2025, 11, 28), date(2026, 11, 29), False),
        (date(2026, 11, 29), date(2026, 11, 29), False), (date(2024, 2, 29), date(2025, 2, 28), True),
        (date(2024, 2, 29), date(2025, 3, 1), False), (date(2026, 11, 30), date(2026, 11, 29), False),
    ],
)  # fmt: skip
def test_the_like_within_twelve_months_is_a_repetition(earlier: date, later: date, repeats: bool) -> None:
    assert is_repeat(seen(later), seen(earlier)) is repeats


def test_another_unit_place_or_matter_is_no_repetition_and_the_criterion_alone_suffices() -> None:
    first = seen(date(2026, 1, 1), criterion="CH-12")
    assert not is_repeat(seen(TODAY, unit="乙厂"), first)
    assert not is_repeat(seen(TODAY, place="泵房"), first)
    assert not is_repeat(seen(TODAY, item="TF-16"), first)
    assert is_repeat(seen(TODAY, item="TF-17", criterion="CH-12"), first)
    assert not is_repeat(seen(TODAY, item="", criterion=""), seen(date(2026, 1, 1), item="", criterion=""))
    assert [raised(one) for one in Grade] == [Grade.GENERAL, Grade.SERIOUS, Grade.MAJOR, Grade.MAJOR]


@given(DAYS, DAYS)
def test_of_two_days_at_most_one_repeats_the_other(one: date, other: date) -> None:
    assert not (is_repeat(seen(one), seen(other)) and is_repeat(seen(other), seen(one)))
    if is_repeat(seen(one), seen(other)):
        assert timedelta(0) < one - other <= timedelta(days=366)


@given(DAYS, st.integers(-200, 200))
def test_two_findings_are_one_within_ninety_days_either_way(day: date, apart: int) -> None:
    one, other = seen(day, criterion="CH-12"), seen(day + timedelta(days=apart), criterion="CH-12")
    assert is_duplicate(one, other) == is_duplicate(other, one) == (abs(apart) <= 90)


def test_without_criterion_unit_or_place_nothing_is_doubled() -> None:
    assert duplicate_key(seen(TODAY, criterion="CH-12")) == ("甲厂", "CH-12", "罐区")
    for name in ("unit", "place", "criterion"):
        empty = seen(TODAY, **{"criterion": "CH-12", name: ""})
        assert duplicate_key(empty) is None
        assert not is_duplicate(empty, empty)
