"""Dynamic clearing and the triggers of looking back: at the limits and beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.hidden_dangers.clearing import (
    LookbackFacts,
    Major,
    clearing,
    lookback_triggers,
    quarter_start,
)

TODAY = date(2026, 11, 29)
GOOD = Major(found=date(2026, 11, 1), deadline=TODAY, has_interim=True, has_plan=True)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
MAJORS = st.builds(
    Major, found=DAYS, deadline=st.none() | DAYS, has_interim=st.booleans(), has_plan=st.booleans(),
    is_listed=st.booleans(), is_long=st.booleans(), closed=st.none() | DAYS,
)  # fmt: skip


def test_an_empty_ledger_is_clear() -> None:
    found = clearing([], on=TODAY)
    assert (found.is_zero, found.open, found.oldest_days) == (True, 0, None)


def test_open_dangers_in_time_and_under_measures_are_clear() -> None:
    assert clearing([GOOD], on=TODAY).is_zero
    assert not clearing([GOOD], on=TODAY + timedelta(days=1)).is_zero
    assert clearing([GOOD], on=TODAY + timedelta(days=1)).overdue == 1
    assert not clearing([replace(GOOD, has_interim=False)], on=TODAY).is_zero
    assert not clearing([replace(GOOD, has_plan=False)], on=TODAY).is_zero
    assert clearing([replace(GOOD, closed=TODAY, has_plan=False)], on=TODAY).is_zero


def test_stock_is_what_the_quarter_began_with() -> None:
    assert quarter_start(TODAY) == date(2026, 10, 1)
    old = replace(GOOD, found=date(2026, 9, 30))
    found = clearing([GOOD, old, replace(old, is_listed=True, is_long=True)], on=TODAY)
    assert (found.new, found.stock, found.to_clear, found.oldest_days) == (1, 2, 1, 60)
    assert clearing([replace(GOOD, found=date(2026, 10, 1))], on=TODAY).stock == 0


@pytest.mark.parametrize(("age", "listed", "alarms"), [(90, False, 0), (91, False, 1), (91, True, 0)])
def test_ninety_days_open_without_listing_are_an_alarm(age: int, listed: bool, alarms: int) -> None:
    row = replace(GOOD, found=TODAY - timedelta(days=age), is_listed=listed)
    assert clearing([row], on=TODAY).alarms == alarms


@given(st.lists(MAJORS, max_size=12), DAYS)
def test_figures_of_any_ledger_hang_together(rows: list[Major], on: date) -> None:
    found = clearing(rows, on=on)
    assert found.is_zero == (found.overdue == 0 and found.unprotected == 0)
    assert found.to_clear <= found.stock <= found.open <= len(rows)
    assert max(found.overdue, found.unprotected, found.alarms) <= found.open
    assert (found.oldest_days is None) == (found.open == 0)
    assert clearing([*rows, GOOD], on=on).open >= found.open


@pytest.mark.parametrize(("days", "is_missed"), [(0, True), (30, True), (31, False), (-1, False)])
def test_a_check_that_said_normal_shortly_before_is_looked_into(days: int, is_missed: bool) -> None:
    facts = LookbackFacts(is_major=True, found=TODAY, last_normal=TODAY - timedelta(days=days))
    assert lookback_triggers(facts) == (("missed",) if is_missed else ())
    assert lookback_triggers(replace(facts, is_major=False)) == ()


def test_each_trigger_holds_by_itself() -> None:
    facts = LookbackFacts(is_major=False, found=TODAY)
    assert lookback_triggers(facts) == ()
    assert lookback_triggers(replace(facts, repeats=2)) == ()
    assert lookback_triggers(replace(facts, repeats=3)) == ("repeated",)
    every = replace(facts, is_listed_overdue=True, is_falsely_closed=True, led_to_accident=True)
    assert lookback_triggers(every) == ("listed_overdue", "false_closing", "accident")
    with pytest.raises(ValueError, match="not negative"):
        lookback_triggers(replace(facts, repeats=-1))
