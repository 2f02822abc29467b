"""Scores of running permits, the draw that anybody can repeat, the list for the place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.gb30871.audit.spot import (
    Rates,
    Scored,
    SpotFacts,
    all_questions,
    draw,
    questions,
    spot_score,
)
from quancheng.standards.gb30871.basis import BadInput


def test_a_score_is_the_sum_of_its_lines_and_chance_gives_at_most_ten():
    grave = SpotFacts(
        key="a", kind="HW", level="S", is_night_or_holiday=True, is_contractor=True, risk="RED", open_alarms=2,
        is_new_crew=True, failed_before=True,
    )  # fmt: skip
    found = spot_score(grave, "seed")
    told = dict(found.lines)
    assert 0 <= told.pop("CHANCE") <= 10
    assert told == {
        "HW:S": 50, "NIGHT": 15, "CONTRACTOR": 10, "RISK_RED": 20, "NEW_CREW": 5, "FAILED": 15, "ALARM": 20
    }  # fmt: skip
    assert found.score == sum(points for _code, points in found.lines)
    for kind, level, points in (("CS", "", 45), ("WH", "4", 30), ("WH", "1", 10), ("EX", "", 10), ("LF", "2", 20)):
        assert spot_score(SpotFacts(key="b", kind=kind, level=level), "s").lines[0][1] == points


@given(st.lists(st.integers(0, 150), max_size=60), st.text(max_size=8), st.randoms())
def test_a_draw_takes_its_shares_and_is_the_same_in_any_order(scores, seed, source):
    rows = [Scored(str(n), score, ()) for n, score in enumerate(scores)]
    chosen = draw(tuple(rows), seed)
    assert {one.key for one in rows if one.score >= 80} <= chosen
    middle = [one for one in rows if 50 <= one.score < 80]
    low = [one for one in rows if one.score < 50]
    assert sum(one.key in chosen for one in middle) == -(-len(middle) * 20 // 100)
    assert sum(one.key in chosen for one in low) == -(-len(low) * 5 // 100)
    shuffled = list(rows)
    source.shuffle(shuffled)
    assert draw(tuple(shuffled), seed) == chosen


def test_another_seed_draws_others_and_rates_may_be_set():
    rows = tuple(Scored(str(n), 60, ()) for n in range(100))
    assert len(draw(rows, "a")) == 20
    assert draw(rows, "a") != draw(rows, "b")
    assert len(draw(rows, "a", Rates(middle_percent=50))) == 50
    assert draw(rows, "a", Rates(middle_percent=0)) == frozenset()
    for wrong in ({"low_percent": 101}, {"middle": 90}):
        with pytest.raises(BadInput):
            Rates(**wrong)


def test_there_are_thirty_questions_and_each_kind_has_its_own():
    assert [one.code for one in all_questions()] == [f"Q-{n:02}" for n in range(1, 31)]
    assert {one.code for one in questions("CS")} >= {"Q-10", "Q-12"}
    assert "Q-22" not in {one.code for one in questions("CS")}
    assert {one.severity for one in all_questions()} <= {"C", "M", "G"}
