"""Usual and longest terms: the table that ships, what a table may not say, and the last day of a term."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.hidden_dangers.levels import COLOURS, Level
from quancheng.standards.hidden_dangers.terms import MOST_DAYS, default_terms, upper_end
from quancheng.standards.risk.basis import BadInput

AT = datetime(2026, 9, 8, 1, tzinfo=UTC)


def test_the_table_that_ships_gives_seven_three_and_one_day_and_a_year_to_a_major_one() -> None:
    terms = default_terms()

    def usual(colour: str, *, failed: bool = False) -> timedelta:
        found = terms.default_deadline(Level.GENERAL, found_at=AT, colour=colour, is_measure_failed=failed)
        assert found is not None
        return found - AT

    assert [usual(one).days for one in ("blue", "yellow", "orange", "red")] == [7, 7, 3, 3]
    assert usual("red", failed=True) == timedelta(hours=24)
    assert terms.default_deadline(Level.MAJOR, found_at=AT, colour="red") is None
    assert [terms.longest_days(Level.GENERAL, colour=one) for one in COLOURS] == [60, 30, 15, 15]
    assert terms.longest_days(Level.GENERAL, colour="red", is_measure_failed=True) == 7
    assert {terms.longest_days(Level.MAJOR, colour=one) for one in COLOURS} == {365}
    assert upper_end(date(2026, 2, 27), 2) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("usual_red_h", 73), ("longest_orange_d", 31), ("usual_blue_h", 0), ("longest_major_d", MOST_DAYS + 1),
        ("longest_red_d", 0), ("longest_blue_d", 29), ("usual_yellow_h", 169),
    ],
)  # fmt: skip
def test_a_graver_place_gives_no_more_time_and_no_term_is_over_the_longest(name: str, value: int) -> None:
    with pytest.raises(BadInput):
        replace(default_terms(), **{name: value})


def test_a_usual_term_is_not_over_the_longest_of_its_colour() -> None:
    with pytest.raises(BadInput) as bad:
        replace(default_terms(), usual_red_h=48, longest_red_d=1)
    assert bad.value.field == "usual_red_h"
    assert replace(default_terms(), usual_red_h=24, longest_red_d=1).longest_red_d == 1


@given(st.sampled_from(COLOURS), st.booleans())
def test_what_is_unknown_is_refused_and_a_failed_measure_never_gives_more_time(colour: str, failed: bool) -> None:
    terms = default_terms()
    without = terms.longest_days(Level.GENERAL, colour=colour)
    assert terms.longest_days(Level.GENERAL, colour=colour, is_measure_failed=failed) <= without
    with pytest.raises(ValueError, match="no colour"):
        terms.longest_days(Level.GENERAL, colour="green")
