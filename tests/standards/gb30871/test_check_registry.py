"""The rows of the checks: all there, changed for their days, never softer than the standard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.standards.gb30871.made import AROUND
from tests.standards.gb30871.permits import good
from tests.standards.gb30871.test_checks import BROKEN

from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.checks.model import PHASES
from quancheng.standards.gb30871.checks.registry import prohibitions, refusals, run, weakened
from quancheng.standards.gb30871.kinds import kinds


def test_the_registry_has_the_fifty_checks_and_the_thirty_six_prohibitions():
    assert {f"C-{n:02}" for n in range(1, 51)} <= {row.code for row in refusals()}
    assert [row.code for row in prohibitions()] == [f"P-{n:02}" for n in range(1, 37)]
    for row in (*refusals(), *prohibitions()):
        assert row.predicate in registry.PREDICATES
        assert set(row.phases) <= {*PHASES, "any"}
        assert set(row.kinds) <= {*kinds(), "*"}
        assert row.severity in ("BLOCK", "WARN")
        assert row.clause
        assert row.mark in ("V", "V~", "G", "D")


def test_a_row_may_be_changed_and_is_in_force_for_its_days():
    (row,) = [row for row in refusals() if row.code == "C-16"]
    facts = good("HW", **next(change for code, _, _, change, _ in BROKEN if code == "C-16"))
    assert [one.verdict for one in run(facts, "sign", AROUND, [row])] == ["WARN"]
    assert [one.verdict for one in run(facts, "sign", AROUND, [replace(row, severity="BLOCK")])] == ["BLOCK"]
    assert run(facts, "sign", AROUND, [replace(row, valid_to=date(2026, 3, 2))]) == ()
    assert len(run(facts, "sign", AROUND, [replace(row, valid_to=date(2026, 3, 3))])) == 1
    assert run(facts, "sign", AROUND, [replace(row, valid_from=date(2026, 3, 4))]) == ()
    assert run(facts, "sign", AROUND, [replace(row, kinds=("CS",))]) == ()


def test_what_the_standard_demands_may_not_be_softened_and_our_defaults_may():
    shipped = (*refusals(), *prohibitions())
    assert weakened(shipped) == ()
    for change in ({"severity": "WARN"}, {"phases": ("start",)}, {"valid_to": date(2030, 1, 1)}, {"kinds": ("CS",)},
                   {"predicate": "no_ban"}):  # fmt: skip
        own = [replace(row, **change) if row.code == "C-03" else row for row in shipped]
        assert [one.code for one in weakened(own)] == ["C-03"]
    assert weakened([row for row in shipped if row.code != "C-48"]) == ()
    assert [one.code for one in weakened([row for row in shipped if row.code != "C-01"])] == ["C-01"]


def test_unknown_phases_and_predicates_are_refused():
    with pytest.raises(BadInput):
        run(good("HW"), "lunch", AROUND)
    with pytest.raises(BadInput):
        run(good("HW"), "sign", AROUND, [replace(refusals()[0], predicate="os.system")])
