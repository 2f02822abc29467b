"""Predicates about analysis, measures, isolation and signatures: C-05, C-06, C-13 to C-16, C-30, C-34."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.basis import hours, shown
from quancheng.standards.gb30871.checks.circumstances import circumstances_of
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Case,
    Found,
    fails,
    of_flag,
    passed,
    start_of,
    unknown,
    worst,
)
from quancheng.standards.gb30871.checks.people import name_of, persons_in
from quancheng.standards.gb30871.facts import PermitFacts, Signature
from quancheng.standards.gb30871.kinds import rank
from quancheng.standards.gb30871.roles import Approval
from quancheng.standards.wording import Text


def analysed(facts: PermitFacts, case: Case) -> Found:
    """C-05: no analysis of hazards, an empty one, one without participants, or one older than the last change or than
    it may be without being confirmed anew."""
    found = facts.analysis
    if found is None:
        return fails("analysis")
    if found.steps < 1 or not found.participants:
        return fails("analysis.steps" if found.steps < 1 else "analysis.participants", 0, 1)
    if found.changed_at is not None and found.changed_at > found.confirmed_at:
        return fails("analysis.changed_at", found.confirmed_at, found.changed_at)
    moment = facts.now or start_of(facts, case.phase)
    if moment is None:
        return unknown("now")
    age, most = hours(moment - found.confirmed_at), case.around.parameters.jsa_age_h
    return passed(age, most) if 0 <= age <= most else fails("analysis.confirmed_at", f"{shown(age)} h", f"{most} h")


def measures_settled(facts: PermitFacts, case: Case) -> Found:
    """C-06: a row undecided, a forced one set to "no", or a parameter left empty."""
    if facts.measures is None:
        return unknown("measures")
    decided = {row.code: row for row in facts.measures}
    circumstances = circumstances_of(facts, case.level, case.around.parameters)
    forced = {row.code for row in tickets.forced(facts.kind, circumstances)}
    for row in tickets.measures(facts.kind):
        if row.applies == "other":
            continue
        own = decided.get(row.code)
        if own is None or own.applies is None or not own.confirmed_by:
            return fails("measures", row.code, row.text, clause=row.clause)
        if row.code in forced and not own.applies:
            return fails("measures.applies", row.code, row.text, clause=row.clause)
        if own.applies and (empty := sorted(set(row.parameters) - own.filled)):
            return fails("measures.filled", f"{row.code}: {', '.join(empty)}", row.text, clause=row.clause)
    return PASS


_BLINDS = ("BLIND", "SPOOL_REMOVED")
#: The circumstance in which a kind must have its lines blinded (5.2.2, 6.1).
_HELD = {"HW": "held_flammable", "CS": "held_toxic_or_flammable"}


def isolated(facts: PermitFacts, case: Case) -> Found:
    """C-34 and P-01: a point that nobody verified, or a valve or water seal where a blind is needed."""
    if facts.isolations is None:
        return unknown("isolations")
    verified = (of_flag(one.is_verified, f"isolations.is_verified {one.tag}", wanted=True) for one in facts.isolations)
    return worst([blinded(facts, case), *verified])


def not_under_test(facts: PermitFacts, case: Case) -> Found:
    """C-65: points upon which the work relies are lifted for a test, or not applied and verified anew since."""
    if not facts.under_test:
        return NOT_APPLICABLE
    return fails(f"under_test {facts.under_test[0]}", "、".join(facts.under_test))


def blinded(facts: PermitFacts, case: Case) -> Found:
    """P-01: a water seal or closed valve in place of a blind, or no blind at all where flammable or toxic matter was
    held. A water seal isolates nothing; a locked valve does where the point is known to need no blind."""
    if facts.isolations is None:
        return unknown("isolations")
    for point in facts.isolations:
        is_weak = point.type == "WATER_SEAL" or (point.type == "VALVE_LOCK" and point.blind_needed is not False)
        if is_weak or (point.blind_needed and point.type not in _BLINDS):
            return fails("isolations.type", f"{point.tag} {point.type}", "BLIND")
    held = _HELD.get(facts.kind)
    if held is None or any(point.type in _BLINDS for point in facts.isolations):
        return PASS
    return of_flag(facts.circumstances.get(held), f"circumstances.{held}", wanted=False)


def planned_in_writing(facts: PermitFacts, case: Case) -> Found:
    """C-30: special hot work, lifting of level 1 or 2 or of a difficult load, or a job flagged for it, without plan."""
    needs = facts.needs_plan or (facts.kind == "HW" and facts.level == "S") or (
        facts.kind == "LF" and facts.level in ("1", "2")
    )
    if case.level is None and not needs and facts.kind in ("HW", "LF"):
        return unknown("hot_work" if facts.kind == "HW" else "lifting")
    if not needs and not (case.level and case.level.plan_needed):
        if facts.kind == "LF" and case.level and case.level.doubts and not facts.plan_attached:
            return unknown(case.level.doubts[0].fact)
        return NOT_APPLICABLE
    return of_flag(facts.plan_attached, "plan_attached", wanted=True)


# Signatures ----------------------------------------------------------------------------------------------------------


def approval_for(facts: PermitFacts, case: Case) -> Approval | None:
    """The row of table B.1: by the level that approves, where the facts tell one, never below the entered."""
    if facts.kind not in ("HW", "WH", "LF"):
        return roles.approval(facts.kind)
    codes = [code for code in (facts.level, case.level.approval if case.level else "") if code]
    strictest = max(codes, key=lambda code: rank(facts.kind, code), default="")
    return roles.approval(facts.kind, strictest) if strictest else None


def signed_by_right_roles(facts: PermitFacts, case: Case) -> Found:
    """C-13: a signer whose role is not that of the step, or an approver below the effective level."""
    if case.level and case.level.need in ("FIXED_AREA", "NOT_THIS_KIND"):
        return NOT_APPLICABLE
    row = approval_for(facts, case)
    if facts.signatures is None or row is None:
        return unknown("signatures" if facts.signatures is None else "level")
    demanded = roles.at_least(facts.raised_approver, row.approver)
    for one in facts.signatures:
        # Where the unit approves by table B.1, whom the house asks besides signs after it.
        if one.step == "APPROVER" and (row.approving_step == "APPROVER" or demanded != row.approver):
            if one.role not in roles.roles() or not roles.may_approve(one.role, demanded):
                return fails("signatures.role", _role(one.role), name_of(demanded))
        elif one.step in roles.roles() and one.role not in roles.roles():
            return fails("signatures.role", one.role, name_of(one.step))
        elif one.step in row.steps and one.role != one.step and not roles.may_approve(one.role, one.step):
            return fails("signatures.role", _role(one.role), name_of(one.step))
    extra = case.level is not None and case.level.extra_approver
    if case.phase == "issue" and extra and not any(one.role == "CHIEF_ON_DUTY" for one in facts.signatures):
        return fails("signatures.role", "", name_of("CHIEF_ON_DUTY"))
    is_raised = demanded != row.approver and not any(one.step == "APPROVER" for one in facts.signatures)
    return fails("signatures.role", "", name_of(demanded)) if case.phase == "issue" and is_raised else PASS


def _role(code: str) -> Text:
    return name_of(code) if code in roles.roles() else Text(code, code)


def signed_on_site(facts: PermitFacts, case: Case) -> Found:
    """C-14: a signer too far away, a position too old or too vague."""
    if facts.signatures is None:
        return unknown("signatures")
    figures = case.around.parameters
    found = []
    for one in facts.signatures:
        limits = (
            ("distance_m", one.distance_m, figures.sign_radius_m),
            ("position_age_s", one.position_age_s, figures.position_age_s),
            ("accuracy_m", one.accuracy_m, figures.position_accuracy_m),
        )
        for name, value, most in limits:
            if value is None:
                found.append(unknown(f"signatures.{name} {one.step}"))
            elif not 0 <= value <= most:
                found.append(fails(f"signatures.{name}", value, most))
    return worst(found) if found else PASS


def signed_in_order(facts: PermitFacts, case: Case) -> Found:
    """C-15: a step missing or out of order, or two parts by one person that must be two."""
    if case.level and case.level.need in ("FIXED_AREA", "NOT_THIS_KIND"):
        return NOT_APPLICABLE
    row = approval_for(facts, case)
    if facts.signatures is None or row is None:
        return unknown("signatures" if facts.signatures is None else "level")
    for one in facts.signatures:
        if facts.now is not None and one.signed_at > facts.now:
            return fails("signatures.signed_at", one.signed_at, facts.now)
    if broken := _out_of_order(facts.signatures, row, is_issue=case.phase == "issue"):
        return broken
    people = persons_in(facts)
    for one in facts.signatures:
        part = "APPROVER" if one.step == row.approving_step else one.step
        people.setdefault(part, set()).add(one.person)
    for first, second, number, _mark in roles.separated(facts.kind, row.level):
        if both := people.get(first, set()) & people.get(second, set()):
            pair = Text(f"{name_of(first).zh}、{name_of(second).zh}", f"{name_of(first).en}, {name_of(second).en}")
            return fails("signatures.person", sorted(both)[0], pair, clause=number)
    return PASS


def _out_of_order(signatures: tuple[Signature, ...], row: Approval, *, is_issue: bool) -> Found | None:
    signed = sorted(signatures, key=lambda one: one.signed_at)
    places = [row.steps.index(one.step) for one in signed if one.step in row.steps]
    if any(later < earlier for earlier, later in pairwise(places)):
        return fails("signatures.step", " > ".join(one.step for one in signed), " > ".join(row.steps))
    done = {one.step for one in signed}
    wanted = row.steps_to_issue if is_issue else row.steps[: max(places, default=-1) + 1]
    missing = [step for step in wanted if step not in done and step not in row.optional]
    return fails("signatures.step", "", name_of(missing[0])) if missing else None


def countersigned(facts: PermitFacts, case: Case) -> Found:
    """C-52: a department concerned by excavation has not countersigned; of a closed road fire and safety always are."""
    concerned = facts.departments_concerned
    if facts.kind == "RC":
        concerned = (concerned or frozenset()) | {"FIRE", "SAFETY"}
    if concerned is None:
        return unknown("departments_concerned")
    missing = sorted(concerned - facts.countersigned)
    return fails("countersigned", "", roles.DEPARTMENTS[missing[0]]) if missing else PASS


def ready_to_start(facts: PermitFacts, case: Case) -> Found:
    """C-53: work is to start on a permit that is not signed through, or hot work without the shift leader's check."""
    if case.level and case.level.need in ("FIXED_AREA", "NOT_THIS_KIND", "WAIVED"):
        return NOT_APPLICABLE
    row = approval_for(facts, case)
    if facts.signatures is None or row is None:
        return unknown("signatures" if facts.signatures is None else "level")
    if broken := _out_of_order(facts.signatures, row, is_issue=True):
        return broken
    if "SHIFT_LEADER" in row.steps and not any(one.step == "SHIFT_LEADER" for one in facts.signatures):
        return fails("signatures.step", "", name_of("SHIFT_LEADER"))
    return PASS


def signed_plausibly(facts: PermitFacts, case: Case) -> Found:
    """C-16: several persons who signed within seconds."""
    if facts.signatures is None:
        return unknown("signatures")
    least, count = case.around.parameters.sign_spread_s, int(case.params["signers"])
    times = sorted({one.person: one.signed_at for one in facts.signatures}.values())
    for first, last in zip(times, times[count - 1 :], strict=False):
        seconds = Decimal((last - first).total_seconds())
        if seconds < least:
            return fails("signatures.signed_at", f"{seconds} s", f"{least} s")
    return PASS
