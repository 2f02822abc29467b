"""Rules over all permits of one enterprise (企业聚合规则), E-01 to E-08 [D]: nightly, on figures of the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from quancheng.standards.gb30871.audit.registry import OUTCOME_OF, AuditRule, Verdict, read_rules
from quancheng.standards.gb30871.basis import shown
from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Found, fails, passed, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is counted of one enterprise over the last 30 days; None is not known.

    ``repeated``: findings by rule. ``night_days``: most days of one week with work at night. ``special_ever``: special
    hot work that it ever had. ``running_repairs``: repairs at running plant. ``mean_90``: mean number of permits of 30
    days over the last 90. ``approvals_most``: most approvals of one person in a day. ``contractors``: critical findings
    by contractor.
    """

    tickets: int = 0
    failing: int = 0
    repeated: Mapping[str, int] = field(default_factory=dict)
    night_days: int | None = None
    special_ever: int | None = None
    running_repairs: int | None = None
    mean_90: Decimal | None = None
    maintenance_goes_on: bool | None = None
    approvals_most: int | None = None
    gas_values: int | None = None
    gas_by_hand: int | None = None
    contractors: Mapping[str, int] = field(default_factory=dict)


def _failing_share(figures: Figures, rule: AuditRule) -> Found:
    if not figures.tickets:
        return NOT_APPLICABLE
    share = Decimal(100 * figures.failing) / figures.tickets
    most = Decimal(rule.params["percent"])
    told = f"{shown(round(share, 1))} %"
    return passed(told) if share < most else fails("failing", told, f"{shown(most)} %")


def _same_again(figures: Figures, rule: AuditRule) -> Found:
    least = Decimal(rule.params["times"])
    often = sorted((-count, code) for code, count in figures.repeated.items() if count >= least)
    return fails("repeated", f"{often[0][1]} ×{-often[0][0]}", least) if often else PASS


def _nights(figures: Figures, rule: AuditRule) -> Found:
    if figures.night_days is None:
        return unknown("night_days")
    least = Decimal(rule.params["days"])
    return passed(figures.night_days) if figures.night_days < least else fails("night_days", figures.night_days, least)


def _never_special(figures: Figures, rule: AuditRule) -> Found:
    if figures.special_ever is None or figures.running_repairs is None:
        return unknown("special_ever" if figures.special_ever is None else "running_repairs")
    is_odd = not figures.special_ever and figures.running_repairs > 0
    return fails("special_ever", 0, figures.running_repairs) if is_odd else PASS


def _fewer(figures: Figures, rule: AuditRule) -> Found:
    if not figures.mean_90:
        return NOT_APPLICABLE if figures.mean_90 is not None else unknown("mean_90")
    if figures.maintenance_goes_on is not True:
        return NOT_APPLICABLE if figures.maintenance_goes_on is False else unknown("maintenance_goes_on")
    least = figures.mean_90 * (100 - Decimal(rule.params["percent"])) / 100
    told, wanted = Decimal(figures.tickets), round(least, 1)
    return fails("tickets", told, wanted) if told < least else passed(told, wanted)


def _one_hand(figures: Figures, rule: AuditRule) -> Found:
    most, count = Decimal(rule.params["most"]), figures.approvals_most
    if count is None:
        return unknown("approvals_most")
    return passed(count, most) if count <= most else fails("approvals_most", count, most)


def _all_by_hand(figures: Figures, rule: AuditRule) -> Found:
    if figures.gas_values is None or figures.gas_by_hand is None:
        return unknown("gas_values")
    if not figures.gas_values:
        return NOT_APPLICABLE
    is_all = figures.gas_by_hand == figures.gas_values
    return fails("gas_by_hand", figures.gas_by_hand, figures.gas_values) if is_all else PASS


def _bad_contractor(figures: Figures, rule: AuditRule) -> Found:
    least = Decimal(rule.params["times"])
    bad = sorted((-count, name) for name, count in figures.contractors.items() if count >= least)
    return fails("contractors", f"{bad[0][1]} ×{-bad[0][0]}", least) if bad else PASS


_JUDGES: Mapping[str, Callable[[Figures, AuditRule], Found]] = {
    "failing_share": _failing_share, "same_again": _same_again, "nights": _nights, "never_special": _never_special,
    "fewer": _fewer, "one_hand": _one_hand, "all_by_hand": _all_by_hand, "bad_contractor": _bad_contractor,
}  # fmt: skip


@cache
def enterprise_rules() -> tuple[AuditRule, ...]:
    """The eight rules as shipped."""
    return read_rules("audit_enterprise_rules")


def audit_enterprise(
    figures: Figures, own: Iterable[AuditRule] | None = None, day: date | None = None
) -> tuple[Verdict, ...]:
    """What the rules say of an enterprise.

    :param own: rules of one's own; None: those shipped. :param day: only rules in force on it; None: all.
    """
    found = []
    for rule in enterprise_rules() if own is None else own:
        if rule.is_on and (day is None or rule.valid_from <= day <= (rule.valid_to or day)):
            judged = _JUDGES[rule.predicate](figures, rule)
            found.append(Verdict(
                code=rule.code, outcome=OUTCOME_OF[judged.outcome], severity=rule.severity,
                points=rule.points if judged.outcome == "FAIL" else 0, alarm="", clause=rule.clause, mark=rule.mark,
                value=judged.value, limit=judged.limit, fact=judged.fact, text=rule.text,
            ))  # fmt: skip
    return tuple(found)
