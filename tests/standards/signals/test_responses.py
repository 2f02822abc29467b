"""Priorities, escalation, reasons and colours."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.colours import Colour
from quancheng.standards.signals import responses
from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.responses import Handling, Operation, five_rules_colour, operational_colour


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("fatal", (1, 1, 2, 2)), ("injury", (1, 2, 2, 3)), ("minor", (2, 3, 3, 4)), ("nuisance", (3, 4, 4, None))],
)
def test_priority_by_consequence_and_time(severity, expected):
    assert severity in responses.SEVERITIES
    assert tuple(responses.priority(severity, minutes * 60) for minutes in (2.99, 3, 10.01, 30.01)) == expected
    assert tuple(responses.priority(severity, minutes * 60) for minutes in (0, 10, 30, 1e9)) == expected


@pytest.mark.parametrize(("severity", "time_s", "code"), [("odd", 1, "UNKNOWN_SEVERITY"), ("fatal", -1, "BAD_TIME"),
                                                          ("fatal", math.nan, "BAD_TIME")])  # fmt: skip
def test_what_is_no_priority_is_refused(severity, time_s, code):
    with pytest.raises(Refused, match=code):
        responses.priority(severity, time_s)


@given(st.sampled_from(list(responses.MATRIX)), st.floats(0, 1e5), st.floats(0, 1e5))
def test_less_time_is_never_less_urgent(severity, one, other):
    less, more = sorted((one, other))
    assert (responses.priority(severity, less) or 5) <= (responses.priority(severity, more) or 5)


@pytest.mark.parametrize(
    ("priority", "seconds", "step"),
    [(1, 0, 0), (1, 59, 0), (1, 60, 1), (1, 180, 2), (1, 300, 3), (1, 600, 4), (1, 1200, 5), (1, 1800, 6),
     (2, 179, 0), (2, 180, 1), (2, 7200, 5), (2, 10**9, 5), (3, 900, 1), (3, 43200, 4), (3, 10**9, 4), (4, 10**9, 0)],
)  # fmt: skip
def test_escalation_by_time_without_acknowledgement(priority, seconds, step):
    assert responses.escalation_step(priority, seconds) == step


def test_shelving():
    assert responses.SHELF_S == {1: 1800, 2: 7200, 3: 43200, 4: 43200}
    assert responses.approvers_to_shelve(is_safety_critical=True) == 2
    assert responses.approvers_to_shelve(is_safety_critical=False) == 1


def test_reasons_and_who_may_close():
    assert list(responses.REASONS) == [f"R{number:02d}" for number in (*range(1, 13), 99)]
    assert {code for code, one in responses.REASONS.items() if "photo" in one.needs} == {"R02", "R06"}
    assert responses.REASONS.keys() >= responses.INSTRUMENT_REASONS
    may = responses.reporter_may_close
    assert may(reason="R01", alarm_type="H", hazard_grade=1)
    assert may(reason="R01", alarm_type="HH", hazard_grade=3)
    assert not may(reason="R01", alarm_type="HH", hazard_grade=2)
    assert not may(reason="R02", alarm_type="H", hazard_grade=None)


RED, ORANGE, YELLOW, BLUE = Colour


@pytest.mark.parametrize(
    ("facts", "colour", "reason"),
    [
        ({"toxic_hh": 2}, RED, "toxic_spread"),
        ({"toxic_hh": 1, "toxic_hh_longest_s": 300}, RED, "toxic_spread"),
        ({"toxic_hh": 1, "toxic_hh_longest_s": 299}, ORANGE, "second_stage"),
        ({"lel_50": 2}, RED, "flammable_spread"),
        ({"lel_50": 1}, ORANGE, "second_stage"),
        ({"fire_confirmed": True}, RED, "fire"),
        ({"emergency_stop_and_release": True}, RED, "release"),
        ({"index": 80}, RED, "index_red"),
        ({"index": 79.9}, ORANGE, "index_orange"),
        ({"index": 60}, ORANGE, "index_orange"),
        ({"index": 59.9}, YELLOW, "index_yellow"),
        ({"index": 40}, YELLOW, "index_yellow"),
        ({"index": 39.9}, BLUE, "index_near"),
        ({"index": 34.9}, None, ""),
        ({"hh_with_failed_interlock_on_grade_1_or_2": True}, RED, "interlock_failed"),
        ({"second_stage": 1}, ORANGE, "second_stage"),
        ({"bypass_without_ticket": True}, ORANGE, "bypass"),
        ({"independent_priority_1": 2}, ORANGE, "two_priority_1"),
        ({"independent_priority_1": 1}, None, ""),
        ({"critical_first_stage_longest_s": 601, "first_stage": 1}, YELLOW, "critical_high"),
        ({"critical_first_stage_longest_s": 600, "first_stage": 1}, BLUE, "first_stage"),
        ({"repeats_24h": 5}, YELLOW, "repeated"),
        ({"orange_overdue": True}, YELLOW, "overdue_orange"),
        ({"standing_longest_s": 86401}, BLUE, "standing"),
        ({"instrument_fault_longest_s": 14401}, BLUE, "instrument"),
    ],
)
def test_the_operational_colour(facts, colour, reason):
    shade = operational_colour(Operation(**facts))
    assert (shade.colour, shade.reasons) == (colour, (reason,) if reason else ())


@pytest.mark.parametrize(
    ("facts", "colour", "reason"),
    [
        ({"hazard_grade": 2, "second_stage_tags": 2}, RED, "several_tags"),
        ({"hazard_grade": 3, "second_stage_tags": 2}, ORANGE, "one_tag"),
        ({"hazard_grade": 1, "second_stage_tags": 1}, ORANGE, "one_tag"),
        ({"second_stage_tags": 3}, YELLOW, "second_stage"),
        ({"unhandled_after_escalation": True}, RED, "unhandled"),
        ({"leak_confirmed": True}, RED, "leak"),
        ({"offline_s": 3601}, ORANGE, "offline_long"),
        ({"offline_s": 3600}, YELLOW, "offline"),
        ({"offline_s": 1800}, None, ""),
        ({"offline_s": 9999, "offline_filed": True}, None, ""),
        ({"first_stage_tags": 1, "first_stage_unhandled_s": 1801}, YELLOW, "late"),
        ({"first_stage_tags": 1, "first_stage_unhandled_s": 1800}, BLUE, "first_stage"),
        ({"repeats_day": 5}, YELLOW, "repeated"),
        ({"data_quality_event": True}, BLUE, "data_quality"),
        ({"commitment_missing": True}, BLUE, "no_commitment"),
    ],
)
def test_the_colour_by_the_five_rules(facts, colour, reason):
    shade = five_rules_colour(Handling(**facts))
    assert (shade.colour, shade.reasons) == (colour, (reason,) if reason else ())


@given(st.data(), st.sampled_from([Operation, Handling]))
def test_a_further_sign_never_makes_milder(data, kind):
    mapping = operational_colour if kind is Operation else five_rules_colour
    facts = kind()
    before = 5
    for name in data.draw(st.permutations([one.name for one in fields(kind) if one.name != "offline_filed"])):
        if name == "hazard_grade":
            continue
        value = True if isinstance(getattr(facts, name), bool) else data.draw(st.integers(1, 100_000))
        facts = replace(facts, **{name: value})
        now = mapping(facts).colour or 5
        assert now <= before
        before = now


def test_no_answer_in_time_is_the_next_colour():
    assert responses.escalated(BLUE, 0) == (BLUE, False)
    assert responses.escalated(BLUE, 1) == (YELLOW, False)
    assert responses.escalated(BLUE, 2) == (ORANGE, True)
    assert responses.escalated(ORANGE, 5) == (RED, True)


def test_tables_are_whole():
    for matrix in (responses.OPERATIONAL, responses.FIVE_RULES, responses.PLAN_COLOURS):
        assert list(matrix) == list(Colour)
    every = {Operation: operational_colour, Handling: five_rules_colour}
    for kind, mapping in every.items():
        for one in fields(kind):
            shade = mapping(replace(kind(), **{one.name: 50 if one.default is not False else True}))
            assert set(shade.reasons) <= responses.WHY.keys()
