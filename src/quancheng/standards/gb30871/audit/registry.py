"""The rules of the audit (审计规则) as data, running them over a permit, and the score.

Severities: C critical, M major, G general, I hint; their points are 40, 15, 5, 1 and the score 100 less what failed, at
least 0 [D]. What is not known takes nothing off: it is told as NO_DATA.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from quancheng.standards.gb30871.audit import around as other_work
from quancheng.standards.gb30871.audit import crew, hot_work, others, papers, signed
from quancheng.standards.gb30871.audit.shapes import AuditedPermit
from quancheng.standards.gb30871.audit.view import Rule, View
from quancheng.standards.gb30871.basis import BadInput, clause, local, restated, several, table, text_of
from quancheng.standards.gb30871.checks.model import IN_FORCE, Found
from quancheng.standards.gb30871.checks.registry import level_demanded
from quancheng.standards.gb30871.upgrades import PLAIN, Surroundings
from quancheng.standards.wording import Text

#: Moments of an audit; ``NIGHT`` and ``INTAKE`` run every rule, ``ALARM`` those of the start.
PHASES = ("ISSUE", "START", "ALARM", "CLOSE", "NIGHT", "INTAKE")
OUTCOMES = ("PASS", "FAIL", "NA", "NO_DATA")
SEVERITIES: dict[str, Text] = {
    "C": Text("严重", "critical"), "M": Text("较大", "major"), "G": Text("一般", "general"), "I": Text("提示", "hint"),
}  # fmt: skip
#: How many moments, kinds and days are kept together with what runs then.
_KEPT = 1000
POINTS = {"C": 40, "M": 15, "G": 5, "I": 1}
OUTCOME_OF = {"NOT_APPLICABLE": "NA", "PASS": "PASS", "FAIL": "FAIL", "UNKNOWN": "NO_DATA"}

#: The code that a row names; nothing else is run.
PREDICATES: Mapping[str, Rule] = {
    name: getattr(module, name)
    for module, names in (
        (signed, ("no_permit", "started_before_approval", "signature_missing", "approver_too_low", "approver_away",
                  "out_of_order", "two_roles", "same_hand", "implausible", "signed_out_of_time", "altered", "too_long",
                  "worked_past_end", "closed_late", "accepted_too_soon")),
        (papers, ("analysis_poor", "analysis_copied", "analysis_one_sided", "briefing_missing", "briefed_late",
                  "briefed_away", "row_open", "row_declined", "row_blank", "rows_at_once")),
        (crew, ("guardian_missing", "guardian_unfit", "guardian_doubles", "guardian_shared", "guardian_absent",
                "rounds_rare", "certificate_missing", "certificate_expired", "certificate_foreign", "stranger",
                "uneducated", "contractor_unfit", "lifters_uncertified")),
        (other_work, ("misplaced", "related_missing", "related_unlinked", "related_not_valid", "forbidden_meeting",
                      "uncoordinated", "changed_without_new", "resumed_untested", "worked_in_upset",
                      "worked_in_weather", "unfiled", "many_emergencies", "not_kept", "told_late")),
        (hot_work, ("level_too_low", "lowered_wrongly", "not_upgraded", "untested", "tested_long_before",
                    "value_too_high", "limit_unfit", "sampled_outside_only", "second_day_untested", "not_continuous",
                    "not_filmed", "special_unplanned", "not_blinded", "unchecked_by_shift", "values_copied",
                    "fixed_area_misused")),
        (others, ("space_untested", "space_unfit", "unrecorded", "no_detector", "counts_differ", "not_locked",
                  "guardian_inside", "several_plates", "plate_unregistered", "plate_forgotten", "not_reconfirmed",
                  "lift_unplanned", "overloaded", "power_untested", "not_electricians", "power_too_long",
                  "power_wider", "power_left", "not_countersigned", "deep_unmanaged", "no_sketch", "road_unplanned",
                  "road_left_closed")),
    )
    for name in names
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One rule as data: the code that judges it, kinds and moments, severity and points, parameters, alarm of AQ
    3064.2, clause, mark, days in force (both included), and whether it runs."""

    code: str
    predicate: str
    kinds: tuple[str, ...]
    phases: tuple[str, ...]
    severity: str
    points: int
    params: Mapping[str, str]
    alarm: str
    clause: str
    mark: str
    is_on: bool
    valid_from: date
    valid_to: date | None
    text: Text

    def runs(self, phase: str, kind: str, day: date) -> bool:
        """Whether it is asked of work of a day. A day before the standard is a wrong clock: its first law holds."""
        first = max(day, IN_FORCE)
        is_past = first < self.valid_from or (self.valid_to is not None and first > self.valid_to)
        concerns = "*" in self.kinds or kind in self.kinds
        at = "START" if phase == "ALARM" else phase
        return self.is_on and concerns and not is_past and (at in ("NIGHT", "INTAKE") or at in self.phases)


# A tuple, as ``Found`` is: an audit of a hundred thousand permits makes millions, and frozen dataclasses take five
# times as long to make.
class Verdict(NamedTuple):
    """The answer of one rule: PASS, FAIL, NA or NO_DATA; ``points`` are those that it takes off. ``value``, ``limit``
    and ``fact`` are its evidence."""

    code: str
    outcome: str
    severity: str
    points: int
    alarm: str
    clause: str
    mark: str
    value: Text
    limit: Text
    fact: str
    text: Text

    def evidence(self) -> dict[str, Any]:
        """As plain facts, both languages side by side."""
        return {"fact": self.fact, "value": list(self.value), "limit": list(self.limit)}


@cache
def rules() -> tuple[AuditRule, ...]:
    """The 96 rules as shipped."""
    return read_rules("audit_rules")


def read_rules(name: str) -> tuple[AuditRule, ...]:
    """The rules of a data file, in order."""
    return tuple(
        AuditRule(
            code=row["code"],
            predicate=row["predicate"],
            kinds=several(row["kinds"]),
            phases=several(row["phases"]),
            severity=row["severity"],
            points=int(row["points"]),
            params=dict(part.split("=", 1) for part in several(row["params"])),
            alarm=row["alarm"],
            clause=clause(row["clause"]) if row["clause"] else "",
            mark=row["mark"],
            is_on=row["enabled"] == "1",
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            text=text_of(row),
        )
        for row in table(name)
    )


def audit(
    permit: AuditedPermit, phase: str = "NIGHT", around: Surroundings = PLAIN, own: Iterable[AuditRule] | None = None
) -> tuple[Verdict, ...]:
    """What every rule of a moment says of a permit, in the order of the rules.

    :param own: rules of one's own; None: those shipped.
    :raises BadInput: a moment that is none, or a row that names code that is none.
    """
    if phase not in PHASES:
        raise BadInput("phase", Text(f"应为以下之一：{', '.join(PHASES)}", f"must be one of {', '.join(PHASES)}"))
    facts = restated(
        permit.facts,
        now=None,
        signatures=permit.facts.signatures if permit.signatures is None else permit.signatures,
        measures=permit.facts.measures if permit.measures is None else permit.measures,
    )
    begun = restated(facts, now=facts.started_at) if facts.started_at else facts
    level = level_demanded(facts, around)
    day = local(facts.started_at or (facts.window.start if facts.window else permit.now)).date()
    view, found = View(permit, facts, begun, around, level, {}), []
    for rule, predicate in _asked(rules() if own is None else tuple(own), phase, facts.kind, day):
        view.params = rule.params
        found.append(_verdict(rule, predicate(view)))
    return tuple(found)


#: By moment, kind and day: the rules that were asked last, and what of them runs.
_last_asked: dict[tuple[str, str, date], tuple[tuple[AuditRule, ...], tuple[tuple[AuditRule, Rule], ...]]] = {}


def _asked(own: tuple[AuditRule, ...], phase: str, kind: str, day: date) -> tuple[tuple[AuditRule, Rule], ...]:
    """The rules that run, with their code; an audit of many permits asks the same of most."""
    key = (phase, kind, day)
    last = _last_asked.get(key)
    if last is not None and last[0] is own:
        return last[1]
    running = tuple((rule, _predicate(rule)) for rule in own if rule.runs(phase, kind, day))
    if len(_last_asked) >= _KEPT:
        _last_asked.clear()
    _last_asked[key] = (own, running)
    return running


def _predicate(rule: AuditRule) -> Rule:
    found = PREDICATES.get(rule.predicate)
    if found is None:
        name = rule.predicate
        raise BadInput("rules", Text(f"{rule.code}：没有判定{name}", f"{rule.code}: there is no predicate {name}"))
    return found


def _verdict(rule: AuditRule, found: Found) -> Verdict:
    failed = found.outcome == "FAIL"
    return Verdict(
        rule.code, OUTCOME_OF[found.outcome], rule.severity, rule.points if failed else 0,
        (rule.alarm if found.alarm is None else found.alarm) if failed else "",
        clause(found.clause) if failed and found.clause else rule.clause,
        rule.mark, found.value, found.limit, found.fact, rule.text,
    )  # fmt: skip


def score(verdicts: Iterable[Verdict]) -> int:
    """100 less the points of what failed, at least 0."""
    return max(0, 100 - sum(one.points for one in verdicts))


def failed(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Those that failed, the gravest first."""
    return tuple(sorted((one for one in verdicts if one.outcome == "FAIL"), key=lambda one: (-one.points, one.code)))
