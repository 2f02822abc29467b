"""What an enterprise asks besides the standard: off until it is switched on, and told by its feature."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.standards.gb30871.made import AROUND
from tests.standards.gb30871.permits import good

from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.parameters import with_changes


@pytest.mark.parametrize(
    ("figure", "phase", "code", "bad", "good_one"),
    [
        ("plan_required", "issue", "C-70", {}, {"plan_decision": "AGREED"}),
        ("zone_jobs_max", "issue", "C-73", {"quota": "zone_jobs_max", "quota_jobs": 2, "quota_most": 1}, {}),
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
    off = {one.code: one for one in registry.run(good("EX"), phase, AROUND)}
    assert code not in off or off[code].verdict == "PASS"
