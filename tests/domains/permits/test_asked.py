"""Every fact that a check of a kind misses can be told by the forms of that kind: else nothing of it ever begins."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, is_dataclass, replace

import pytest
from tests.standards.gb30871.permits import AROUND, good, special

from quancheng.domains.permits.forms import asking
from quancheng.domains.permits.queries.blocks import checks
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.facts import PermitFacts

PHASES = ("book", "apply", "sign", "issue", "start", "work", "resume")
#: What rows of the permit and registers tell, not the forms of its facts.
OF_ROWS = {
    "kind", "level", "is_upgraded", "window", "slots", "now", "requester", "work_leader", "workers", "guardians",
    "measures", "gas", "analysis", "briefed_at", "signatures", "countersigned", "is_unaltered", "plan_attached",
    "related", "linked", "stopped_at", "stop_reason", "started_at", "records", "clock_skew_s", "reconfirmed_at",
    # Asked in other words: what hangs beside it, and the point.
    "conflicts", "isolations", "zone.locked_by", "zone.in_fixed_area", "zone.fixed_area_reviewed_on",
}  # fmt: skip
#: Asked under another name.
ALIASES = {"site.cranes": "crane_load_t"}


def told_by_forms(facts: PermitFacts) -> PermitFacts:
    """The facts without all that no form of the kind asks."""
    paths = {one.path for one in asking.asks_of((*asking.WORK, *asking.FOUND), facts.kind)}
    heads = {path.partition(".")[0] for path in paths}
    for one in fields(facts):
        value = getattr(facts, one.name)
        # What is never unknown has another default.
        if one.name in OF_ROWS or value is None or (one.default is not None and not is_dataclass(value)):
            continue
        if one.name not in heads and one.default is None:
            facts = replace(facts, **{one.name: None})
        elif one.name not in paths and is_dataclass(value):
            for inner in fields(value):
                path = f"{one.name}.{inner.name}"
                if ALIASES.get(path, path) not in paths and path not in OF_ROWS and inner.default is None:
                    with suppress(BadInput):
                        value = replace(value, **{inner.name: None})  # type: ignore[type-var]
            facts = replace(facts, **{one.name: value})
    return facts


@pytest.mark.parametrize(
    "facts", [*(good(kind) for kind in ("HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC")), special()],
    ids=["HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC", "special"],
)  # fmt: skip
def test_whatever_a_check_misses_is_asked_by_a_form(facts: PermitFacts) -> None:
    told = told_by_forms(facts)
    assert {phase: bad(told, phase) - bad(facts, phase) for phase in PHASES} == {phase: set() for phase in PHASES}


def bad(facts: PermitFacts, phase: str) -> set[str]:
    return {one.code for one in registry.run(facts, phase, AROUND, checks()) if one.verdict == "BLOCK"}
