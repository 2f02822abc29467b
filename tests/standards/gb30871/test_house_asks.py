"""What an enterprise asks besides the standard, where it switched it on: plan, load, lessons, rescue."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.standards.gb30871.made import AROUND
from tests.standards.gb30871.permits import START, WINDOW, answers, good, refused

from quancheng.standards.gb30871 import facts as f
from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.parameters import with_changes

ASKED = replace(AROUND, parameters=with_changes({"rescue_asked": Decimal(1)}))
READY = f.Rescue(
    has_plan=True, is_confirmed=True, since=WINDOW.start, until=WINDOW.end, air_sets=2,
    drilled_on=START.date() - timedelta(days=180),
)  # fmt: skip


@pytest.mark.parametrize("phase", ["issue", "start"])
def test_rescue_that_is_ready_passes_where_it_is_asked_and_where_it_is_not(phase):
    assert refused(good("CS", rescue=READY), phase, ASKED) == {}
    assert refused(good("CS"), phase) == {}
    assert refused(good("HW"), phase, ASKED) == {}


@pytest.mark.parametrize(
    ("change", "fact", "outcome"),
    [
        (None, "rescue", "UNKNOWN"),
        ({"has_plan": False}, "rescue.has_plan", "FAIL"),
        ({"is_confirmed": False}, "rescue.is_confirmed", "FAIL"),
        ({"until": WINDOW.end - timedelta(minutes=1)}, "rescue.until", "FAIL"),
        ({"air_sets": 1}, "rescue.air_sets", "FAIL"),
        ({"drilled_on": START.date() - timedelta(days=181)}, "rescue.drilled_on", "FAIL"),
        ({"drilled_on": None}, "rescue.drilled_on", "UNKNOWN"),
    ],
)
def test_a_confined_space_without_rescue_that_is_ready_is_refused_where_it_is_asked(change, fact, outcome):
    facts = good("CS", rescue=None if change is None else replace(READY, **change))
    assert refused(facts, "issue", ASKED) == {"C-66": outcome}
    answer = answers(facts, "issue", ASKED)["C-66"]
    assert answer.fact == fact
    assert answer.clause.startswith("本系统要求")
    assert registry.fact_name(fact).zh != fact


@pytest.mark.parametrize(
    ("figure", "phase", "code", "bad", "good_one"),
    [
        ("plan_required", "issue", "C-70", {}, {"plan_decision": "AGREED"}),
        ("load_stop", "apply", "C-71", {"unit_load": 1}, {"unit_load": 0}),
        ("lessons_read", "apply", "C-72", {"unread_notes": 1}, {"unread_notes": 0}),
    ],
)
def test_what_an_enterprise_asks_besides_is_asked_where_it_is_switched_on(figure, phase, code, bad, good_one):
    on = replace(AROUND, parameters=with_changes({figure: Decimal(1)}, AROUND.parameters))
    facts = good("EX", **bad)
    found = {one.code: one for one in registry.run(facts, phase, on)}
    assert found[code].verdict == "BLOCK"
    assert "F-" in found[code].clause
    assert {one.code: one for one in registry.run(good("EX", **good_one), phase, on)}[code].verdict == "PASS"
    off = {one.code: one for one in registry.run(facts, phase, AROUND)}
    assert code not in off or off[code].verdict == "PASS"
