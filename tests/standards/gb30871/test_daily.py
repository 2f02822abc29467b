"""What this house asks each shift and day: hand-over, revalidation, talk, cards; and the questions of a talk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.made import AROUND
from tests.standards.gb30871.permits import START, answers, good, refused

from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.facts import ShiftBegun
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.parameters import with_changes
from quancheng.standards.gb30871.talks import QUESTIONS, questions, think_items
from quancheng.standards.gb30871.tickets import measures

MIN = timedelta(minutes=1)
ASKING = replace(AROUND, parameters=with_changes({
    "hand_over_min": Decimal(30), "revalidate_min": Decimal(60), "talk_min": Decimal(5),
}))  # fmt: skip


def shift(minutes_ago: int, *, handed: bool) -> ShiftBegun:
    return ShiftBegun(name="早班", began_at=START - minutes_ago * MIN, is_handed=handed)


@pytest.mark.parametrize("phase", ["issue", "start"])
@pytest.mark.parametrize(("ago", "handed", "wrong"), [
    (30, False, set()), (31, False, {"C-60"}), (31, True, set()), (600, False, {"C-60"}),
])  # fmt: skip
def test_nothing_new_is_issued_or_started_once_the_hand_over_is_late(phase, ago, handed, wrong):
    facts = good("EX", shifts=(shift(ago, handed=handed),), issued_at=START)
    assert set(refused(facts, phase, ASKING)) == wrong
    assert refused(facts, phase) == {}, "a house that never switched it on is asked nothing"
    assert "C-60" not in answers(facts, "resume", ASKING), "what has begun goes on"
    assert "C-60" not in answers(facts, "work", ASKING)


def test_one_unit_of_several_that_is_late_holds_up_what_may_be_there():
    both = (shift(90, handed=True), replace(shift(45, handed=False), unit="罐区"))
    answer = answers(good("EX", shifts=both, issued_at=START), "start", ASKING)["C-60"]
    assert answer.verdict == "BLOCK"
    assert answer.clause == "本系统要求 F-07 交接班"
    assert "罐区 早班" in answer.value.zh


@pytest.mark.parametrize(("known", "phase", "wrong"), [
    ({}, "start", set()),
    ({"issued_at": START - 200 * MIN}, "start", {"C-61"}),
    ({"issued_at": START - 200 * MIN}, "resume", {"C-61"}),
    ({"issued_at": START - 200 * MIN, "revalidated_at": START - 100 * MIN}, "resume", set()),
    ({"issued_at": START - 200 * MIN, "revalidated_at": START - 101 * MIN}, "resume", {"C-61"}),
    ({"issued_at": START - 200 * MIN}, "work", {"C-61"}),
    ({"issued_at": START - 200 * MIN, "revalidated_since": START - 100 * MIN}, "work", {"C-61"}),
    ({"issued_at": START - 200 * MIN, "revalidated_since": START - 99 * MIN}, "work", set()),
    ({"issued_at": START - 200 * MIN, "revalidated_since": START - 99 * MIN}, "resume", set()),
])  # fmt: skip
def test_what_was_in_force_in_an_earlier_shift_is_revalidated_in_this_one(known, phase, wrong):
    told = {"shifts": (shift(100, handed=True),), "issued_at": START - 90 * MIN, **known}
    # In force since the window began: three hours ago.
    facts = good("EX", **told)
    facts = replace(facts, window=replace(facts.window, start=START - 180 * MIN))
    assert set(refused(facts, phase, ASKING)) == wrong
    assert refused(facts, phase) == {}


def test_running_work_has_an_hour_of_the_new_shift_for_its_revalidation():
    facts = good("EX", issued_at=START - 300 * MIN)
    facts = replace(facts, window=replace(facts.window, start=START - 300 * MIN))
    near = replace(facts, shifts=(shift(60, handed=True),))
    assert "BLOCK" not in {one.verdict for one in answers(near, "work", ASKING).values()}
    assert answers(near, "work", ASKING)["C-61"].verdict == "WARN", "but it is told"
    assert refused(replace(facts, shifts=(shift(61, handed=True),)), "work", ASKING) == {"C-61": "FAIL"}


def test_a_start_needs_everybody_in_the_talk_of_the_day_and_no_open_card():
    assert refused(good("EX"), "start", ASKING) == {}
    assert refused(good("EX", talk_missing=("worker",)), "start", ASKING) == {"C-62": "FAIL"}
    assert refused(good("EX", talk_missing=None), "start", ASKING) == {"C-62": "UNKNOWN"}
    assert refused(good("EX", talk_missing=("worker",)), "start") == {}
    assert refused(good("EX", talk_missing=("worker",)), "work", ASKING) == {}
    assert refused(good("EX", cards_open=1), "start") == {"C-63": "FAIL"}
    assert refused(good("EX", cards_open=1), "resume") == {"C-63": "FAIL"}


def test_each_refusal_names_its_feature_and_what_to_do():
    rows = {one.code: one for one in registry.refusals()}
    for code, feature in (("C-60", "F-07"), ("C-61", "F-08"), ("C-62", "F-09"), ("C-63", "F-10")):
        assert rows[code].clause.startswith(f"本系统要求 {feature}")
        assert rows[code].mark == "D"
        assert rows[code].remedy.zh
        assert rows[code].remedy.en


@given(
    st.sampled_from(sorted(kinds())),
    st.lists(st.fixed_dictionaries({"step": st.text(max_size=6), "measure": st.text(max_size=6)}), max_size=3),
    st.lists(st.text(min_size=1, max_size=6), max_size=4, unique=True), st.text(max_size=8),
)  # fmt: skip
def test_a_talk_asks_two_questions_whose_right_answer_is_a_measure_of_the_permit(kind, steps, applied, seed):
    found = questions(kind, steps, applied, seed)
    own = {one.text.zh for one in measures(kind)} | {one["measure"] for one in steps} | set(applied)
    assert 1 <= len(found) <= QUESTIONS
    if not applied or len(set(applied) - {one["measure"] for one in steps}) > 1:
        assert len(found) == QUESTIONS
    for one in found:
        assert one.answer in own
        assert len(one.options) == len(set(one.options)) == 3
        assert not (set(one.options) - {one.answer}) & own
    assert found == questions(kind, steps, applied, seed)


def test_the_card_has_six_questions_each_with_why_work_stands():
    assert len(think_items()) == 6
    assert {one.stop_reason for one in think_items()} <= set(STOP_REASONS)
    assert all(one.clause and one.text.zh and one.text.en and one.mark == "D" for one in think_items())
