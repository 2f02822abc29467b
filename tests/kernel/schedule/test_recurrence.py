"""Recurrence: which days are due, with every odd month and year."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.kernel.schedule.recurrence import faults, periods

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
MONTHLY = st.fixed_dictionaries({"day": st.integers(1, 31)})
WEEKLY = st.fixed_dictionaries({"weekday": st.integers(1, 7)})
YEARLY = st.fixed_dictionaries({"month": st.integers(1, 12), "day": st.integers(1, 31)})
QUARTERLY = st.fixed_dictionaries(
    {
        "day": st.integers(1, 31),
        "months": st.lists(st.integers(1, 12), min_size=1, unique_by=lambda month: (month - 1) // 3),
    }
)
EVERY = st.fixed_dictionaries(
    {
        "months": st.integers(1, 24),
        "anchor": st.builds(lambda year, month: f"{year}-{month:02}", st.integers(1990, 2030), st.integers(1, 12)),
        "day": st.integers(1, 31),
    }
)
DAILY = st.fixed_dictionaries(
    {"days": st.integers(1, 31), "anchor": st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(date.isoformat)}
)
ANY = st.one_of(
    st.tuples(st.just("monthly"), MONTHLY),
    st.tuples(st.just("weekly"), WEEKLY),
    st.tuples(st.just("yearly"), YEARLY),
    st.tuples(st.just("quarterly"), QUARTERLY),
    st.tuples(st.just("every_months"), EVERY),
    st.tuples(st.just("daily"), DAILY),
)


def dues(kind: str, data: dict[str, Any], first: date, last: date) -> list[str]:
    return [period.due.isoformat() for period in periods(kind, data, first=first, last=last)]


def test_the_twentieth_of_every_month() -> None:
    found = periods("monthly", {"day": 20}, first=date(2026, 11, 1), last=date(2027, 1, 19))
    assert [(one.key, one.due) for one in found] == [("2026-11", date(2026, 11, 20)), ("2026-12", date(2026, 12, 20))]
    assert (found[0].first, found[0].last) == (date(2026, 11, 1), date(2026, 11, 30))


def test_the_twentieth_of_each_quarters_last_month() -> None:
    data = {"day": 20, "months": [3, 6, 9, 12]}
    found = periods("quarterly", data, first=date(2026, 1, 1), last=date(2026, 12, 31))
    assert [(one.key, one.due.month) for one in found] == [
        ("2026-Q1", 3), ("2026-Q2", 6), ("2026-Q3", 9), ("2026-Q4", 12),
    ]  # fmt: skip
    assert (found[0].first, found[0].last) == (date(2026, 1, 1), date(2026, 3, 31))


def test_every_third_day_is_counted_from_its_anchor() -> None:
    data = {"days": 3, "anchor": "2026-09-08"}
    assert dues("daily", data, date(2026, 9, 1), date(2026, 9, 15)) == ["2026-09-08", "2026-09-11", "2026-09-14"]
    assert dues("daily", data, date(2026, 9, 9), date(2026, 9, 11)) == ["2026-09-11"]
    assert faults("daily", {"days": 0, "anchor": "2026-9-8"}) == ["anchor", "days"]


def test_the_thirty_first_is_the_last_day_of_a_short_month() -> None:
    assert dues("monthly", {"day": 31}, date(2024, 1, 1), date(2024, 4, 30)) == [
        "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30",
    ]  # fmt: skip


def test_the_leap_day_is_the_twenty_eighth_in_other_years() -> None:
    assert dues("yearly", {"month": 2, "day": 29}, date(2023, 1, 1), date(2025, 12, 31)) == [
        "2023-02-28", "2024-02-29", "2025-02-28",
    ]  # fmt: skip


def test_weeks_are_those_of_the_calendar_also_over_new_year() -> None:
    found = periods("weekly", {"weekday": 5}, first=date(2026, 12, 28), last=date(2027, 1, 10))
    assert [(one.key, one.due.isoformat()) for one in found] == [("2026-W53", "2027-01-01"), ("2027-W01", "2027-01-08")]


def test_every_other_month_counts_from_its_anchor() -> None:
    data = {"months": 2, "anchor": "2026-03", "day": 15}
    assert dues("every_months", data, date(2026, 1, 1), date(2026, 8, 1)) == ["2026-03-15", "2026-05-15", "2026-07-15"]


def test_single_dates_are_due_once() -> None:
    data = {"dates": ["2026-11-15", "2026-06-30"]}
    assert dues("dates", data, date(2026, 1, 1), date(2026, 12, 31)) == ["2026-06-30", "2026-11-15"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("hourly", {}),
        ("monthly", {}),
        ("monthly", {"day": 0}),
        ("monthly", {"day": 32}),
        ("monthly", {"day": True}),
        ("monthly", {"day": 20, "month": 3}),
        ("quarterly", {"day": 20, "months": [1, 2]}),
        ("quarterly", {"day": 20, "months": []}),
        ("weekly", {"weekday": 8}),
        ("every_months", {"months": 2, "anchor": "2026-13", "day": 1}),
        ("dates", {"dates": ["2026-02-30"]}),
        ("dates", {"dates": ["2026-02-20", "2026-02-20"]}),
        ("dates", {"dates": []}),
    ],
)
def test_unsound_figures_are_named_and_never_computed_with(kind: str, data: dict[str, Any]) -> None:
    assert faults(kind, data)
    with pytest.raises(ValueError, match="unsound"):
        periods(kind, data, first=date(2026, 1, 1), last=date(2026, 12, 31))


@given(ANY, DAYS, st.integers(0, 1500))
def test_keys_are_unique_dues_in_order_and_within_the_window(rule: Any, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = periods(*rule, first=first, last=last)
    assert len({one.key for one in found}) == len(found)
    assert [one.due for one in found] == sorted(one.due for one in found)
    assert all(first <= one.due <= last and one.first <= one.due <= one.last for one in found)


@given(ANY, DAYS, st.integers(0, 700), st.integers(0, 700))
def test_two_windows_side_by_side_are_as_one(rule: Any, first: date, one: int, two: int) -> None:
    middle = first + timedelta(days=one)
    last = middle + timedelta(days=1 + two)
    split = periods(*rule, first=first, last=middle) + periods(*rule, first=middle + timedelta(days=1), last=last)
    assert split == periods(*rule, first=first, last=last)


@given(MONTHLY, st.integers(1990, 2100))
def test_every_month_has_exactly_one_due_day_and_it_is_clamped(data: dict[str, Any], year: int) -> None:
    found = periods("monthly", data, first=date(year, 1, 1), last=date(year, 12, 31))
    assert [one.due.month for one in found] == list(range(1, 13))
    for one in found:
        assert one.due.day == min(data["day"], calendar.monthrange(year, one.due.month)[1])
