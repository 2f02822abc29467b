"""Problem lists and statistics of hidden dangers: every row, limits of colours, what a nought below means, periods."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.danger_statistics import (
    BETTER,
    COUNTS,
    KINDS,
    PERIODS,
    closing_days,
    compare,
    indicators,
    measure,
    period,
    period_before,
    period_last_year,
)
from quancheng.standards.risk.problem_lists import CYCLE, FiveColour, colour_of, lists, monthly

NONE = dict.fromkeys(lists(), 0)


def month(**counts):
    return monthly({**NONE, **counts})


@pytest.mark.parametrize(
    ("code", "count", "score"),
    [
        ("MAJOR_LATE", 1, 90),
        ("MAJOR_BY_OTHERS", 1, 95),
        ("REPEATED", 1, 98),
        ("GENERAL_LATE", 4, 100),
        ("GENERAL_LATE", 5, 99),
        ("GENERAL_LATE", 14, 98),
        ("LISTED", 1, 92),
        ("POOR_WEEK", 2, 94),
        ("ALARM_LATE", 3, 97),
        ("CONCEALED", 1, 80),
        ("ACCIDENT", 1, 70),
        ("SELF_FOUND", 1, 100),
    ],
)
def test_each_list_has_its_weight(code, count, score):
    assert month(**{code: count}).score == score


def test_the_bonus_has_its_cap_and_the_score_its_bounds():
    assert month(ACCIDENT=1, SELF_FOUND=2).score == 74
    assert month(ACCIDENT=1, SELF_FOUND=3).score == 76
    assert month(ACCIDENT=1, SELF_FOUND=9).score == 76
    assert month(ACCIDENT=9).score == 0
    assert month(SELF_FOUND=9).score == 100


@pytest.mark.parametrize(
    ("score", "colour"),
    [(95, "绿"), (94, "蓝"), (85, "蓝"), (84, "黄"), (75, "黄"), (74, "橙"), (60, "橙"), (59, "红"), (0, "红")],
)
def test_five_colours_at_their_limits(score, colour):
    assert colour_of(score).word.zh == colour


def test_a_red_area_explains_itself_and_what_was_not_counted_is_doubted():
    assert not month().must_explain
    assert month(ACCIDENT=2).must_explain
    assert month(ACCIDENT=2).colour is FiveColour.RED
    found = monthly({"ACCIDENT": 0, "LISTED": None})
    assert (found.score, len(found.doubts), len(found.lines)) == (100, 9, 1)
    assert month(GENERAL_LATE=5).lines[3].text.zh == "一般隐患超期（每5项）：5项，-1分"
    assert len(CYCLE) == 5


@pytest.mark.parametrize(("counts", "field"), [({"LUCK": 1}, "LUCK"), ({"ACCIDENT": -1}, "ACCIDENT")])
def test_a_count_that_cannot_be_is_refused(counts, field):
    with pytest.raises(BadInput) as refused:
        monthly(counts)
    assert refused.value.field == field


@given(st.fixed_dictionaries({code: st.integers(0, 12) for code in lists()}), st.sampled_from(sorted(lists())))
def test_more_cases_never_raise_a_score_but_for_the_bonus(counts, code):
    before, after = monthly(counts).score, monthly({**counts, code: counts[code] + 1}).score
    assert (after >= before) if lists()[code].is_bonus else (after <= before)


GIVEN = {
    "units": 40,
    "units_checked": 30,
    "units_without": 10,
    "checks": 55,
    "found": 100,
    "found_general": 96,
    "found_major": 4,
    "found_by_enterprise": 80,
    "found_major_by_enterprise": 3,
    "repeated": 5,
    "scored": 105,
    "closed": 90,
    "closed_major": 2,
    "closed_on_time": 72,
    "closing_days": 450,
    "due": 80,
    "extended": 8,
    "overdue": 4,
    "overdue_days": 30,
    "accepted": 90,
    "accepted_first": 81,
    "rechecked": 20,
    "recheck_failed": 1,
    "reports": 6,
    "reports_verified": 3,
    "cost_wan_yuan": Decimal("12.5"),
    "listed": 4,
    "delisted": 3,
    "major_with_five": 4,
}
EXPECTED = {
    "UNITS_CHECKED": "30",
    "CHECKS": "55",
    "FOUND_GENERAL": "96",
    "FOUND_MAJOR": "4",
    "RECTIFIED": "0.9",
    "ON_TIME": "0.9",
    "MAJOR_RECTIFIED": "0.5",
    "OVERDUE": "4",
    "OVERDUE_DAYS": "7.5",
    "CLOSING_DAYS": "5",
    "REPEATED": "0.05",
    "SCORED": "105",
    "FIRST_PASS": "0.9",
    "SELF_FOUND": "0.8",
    "MAJOR_SELF_FOUND": "0.75",
    "NO_DANGER": "0.25",
    "EXTENDED": "0.1",
    "RECHECK_FAILED": "0.05",
    "REPORTS_TRUE": "0.5",
    "COST": "12.5",
    "LISTED": "4",
    "DELISTED": "3",
    "DELISTED_RATE": "0.75",
    "FIVE_IN_PLACE": "1",
}


def test_every_indicator_from_its_counts():
    assert {one.indicator.code: one.value for one in measure(GIVEN)} == {
        code: Fraction(value) for code, value in EXPECTED.items()
    }
    assert set(GIVEN) == set(COUNTS)
    assert {one.kind for one in indicators().values()} == set(KINDS)
    assert {one.better for one in indicators().values()} == set(BETTER)


def test_the_share_that_a_healthy_unit_finds_itself():
    by_code = {one.indicator.code: one for one in measure(GIVEN)}
    assert by_code["SELF_FOUND"].is_met
    assert by_code["SELF_FOUND"].text.zh == "自查占比：80%"
    less = {one.indicator.code: one for one in measure({**GIVEN, "found_by_enterprise": 79})}
    assert less["SELF_FOUND"].is_met is False
    assert less["RECTIFIED"].is_met is None


def test_a_whole_of_nought_has_no_value_and_says_why():
    found = {one.indicator.code: one for one in measure(dict.fromkeys(COUNTS, 0))}
    for code, one in found.items():
        if one.indicator.denominator:
            assert one.value is None
            assert one.text.zh.endswith("，不计算")
        else:
            assert one.value == 0, code
    assert found["MAJOR_RECTIFIED"].text.zh == "重大隐患整改率：没有重大隐患，不计算"


def test_a_count_that_is_missing_is_named():
    found = {one.indicator.code: one for one in measure({"found": 3, "closed": None})}
    assert found["RECTIFIED"].value is None
    assert found["RECTIFIED"].text.zh == "整改率：未统计发现的隐患中已销号"


@pytest.mark.parametrize(
    ("changes", "field"), [({"closed": 101}, "closed"), ({"found": -1}, "found"), ({"luck": 1}, "luck")]
)
def test_counts_that_cannot_be_are_refused(changes, field):
    with pytest.raises(BadInput) as refused:
        measure({**GIVEN, **changes})
    assert refused.value.field == field


def test_mean_and_median_of_days():
    assert closing_days([1, 2, 9]) == type(closing_days([]))(Fraction(4), Fraction(2))
    assert closing_days([1, 2]).median == Fraction(3, 2)
    assert closing_days([]).mean is None
    with pytest.raises(BadInput):
        closing_days([-1])


@pytest.mark.parametrize(
    ("kind", "first", "last", "before", "last_year"),
    [
        ("week", date(2026, 5, 4), date(2026, 5, 10), date(2026, 4, 27), date(2025, 5, 5)),
        ("month", date(2026, 5, 1), date(2026, 5, 31), date(2026, 4, 1), date(2025, 5, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 6, 30), date(2026, 1, 1), date(2025, 4, 1)),
        ("half_year", date(2026, 1, 1), date(2026, 6, 30), date(2025, 7, 1), date(2025, 1, 1)),
        ("year", date(2026, 1, 1), date(2026, 12, 31), date(2025, 1, 1), date(2025, 1, 1)),
    ],
)
def test_report_periods(kind, first, last, before, last_year):
    day = date(2026, 5, 6)
    assert period(kind, day) == (first, last)
    assert period_before(kind, day)[0] == before
    assert period_last_year(kind, day)[0] == last_year
    with pytest.raises(BadInput):
        period("decade", day)


def test_a_value_against_an_earlier_one():
    assert compare(Fraction(3), Fraction(2)) == type(compare(None, None))(Fraction(1), Fraction(1, 2))
    assert compare(Fraction(3), Fraction(0)).growth is None
    assert compare(None, Fraction(1)).difference is None


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.sampled_from(sorted(PERIODS)))
def test_periods_follow_each_other_without_a_gap(day, kind):
    first, last = period(kind, day)
    assert first <= day <= last
    assert (first - period_before(kind, day)[1]).days == 1
