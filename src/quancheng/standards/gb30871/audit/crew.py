"""Rules A-026 to A-037: guardians, workers, contractors."""

from __future__ import annotations

from dataclasses import replace

from quancheng.standards.gb30871 import guardians, roles
from quancheng.standards.gb30871.audit.shapes import overlap
from quancheng.standards.gb30871.audit.view import View, gaps, of_stretches
from quancheng.standards.gb30871.basis import Slot, restated
from quancheng.standards.gb30871.checks import people
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Found,
    fails,
    last_day,
    unknown,
    worst,
)
from quancheng.standards.gb30871.checks.people import persons_in

#: Tasks of which rules of single kinds speak.
LIFTERS = frozenset({"CRANE_OPERATOR", "LIFT_COMMANDER"})


def guardian_missing(view: View) -> Found:
    """A-026: nobody guards."""
    if view.facts.guardians is None:
        return unknown("guardians")
    return PASS if view.facts.guardians else fails("guardians", 0, 1)


def guardian_unfit(view: View) -> Found:
    """A-027: a guardian without a certificate of the kind that counts on the day."""
    if view.facts.guardians is None:
        return unknown("guardians")
    if not view.facts.guardians:
        return NOT_APPLICABLE
    facts = view.begun
    day = last_day(facts, view.phase_of_start())
    if day is None:
        return unknown("window")
    for one in view.facts.guardians:
        for problem in guardians.unfit(one.certificate, facts.kind, day):
            return fails("guardians.certificate", one.code, problem.why.text, alarm=problem.alarm)
    return PASS


def guardian_doubles(view: View) -> Found:
    """A-028: who guards also works, leads or approves."""
    found, row = persons_in(view.facts), view.approval()
    approvers = {
        one.person for one in view.a.signatures or () if row is not None and one.step == row.approving_step
    }
    for one in view.facts.guardians or ():
        if one.code in found["WORKER"] | approvers:
            return fails("guardians", one.code)
    return NOT_APPLICABLE if not view.facts.guardians else PASS


def guardian_shared(view: View) -> Found:
    """A-029: who guards guards other running work of another job."""
    if not view.facts.guardians:
        return NOT_APPLICABLE
    return people.guardian_here_only(view.facts, view.case("sign"))


def guardian_absent(view: View) -> Found:
    """A-030: the guardian was away for longer than allowed without a hand-over, and work went on."""
    if view.a.absences is None:
        return unknown("absences") if view.started else NOT_APPLICABLE
    most = view.around.parameters.guardian_absent_s

    def judge(stretch: Slot) -> Found | None:
        for one in view.a.absences or ():
            away = int(overlap(one.slot, stretch).total_seconds())
            if not one.handed_over and away > most:
                return fails("absences", f"{away} s", f"{most} s")
        return None

    return of_stretches(view, judge)


def rounds_rare(view: View) -> Found:
    """A-031: too long between two rounds of the guardian."""
    if view.a.rounds is None:
        return unknown("rounds") if view.started else NOT_APPLICABLE
    most = view.span("most_min")

    def judge(stretch: Slot) -> Found | None:
        gap = gaps(view.a.rounds or (), stretch, most)
        return fails("rounds", gap, f"{view.params['most_min']} min") if gap else None

    return of_stretches(view, judge)


def certificate_missing(view: View) -> Found:
    """A-032: a worker lacks a certificate that his task needs. Crane operators and commanders are A-085's,
    electricians A-088's."""
    facts = view.begun
    workers = facts.workers and tuple(
        replace(one, tasks=tuple(task for task in one.tasks if task not in LIFTERS) or ("OTHER",))
        if set(one.tasks) & LIFTERS else one for one in facts.workers
    )  # fmt: skip
    return people.certificates_held(restated(facts, workers=workers), view.case(view.phase_of_start()))


def certificate_expired(view: View) -> Found:
    """A-033: a certificate was past, or its recheck overdue, when work began."""
    return view.checked(people.certificates_valid)


def certificate_foreign(view: View) -> Found:
    """A-034: the holder of a certificate is not the worker."""
    return view.checked(people.certificates_own)


def stranger(view: View) -> Found:
    """A-035: somebody at the work who is not on the permit."""
    if view.started is None:
        return NOT_APPLICABLE
    if view.a.unlisted is None:
        return unknown("unlisted")
    return PASS if not view.a.unlisted else fails("unlisted", view.a.unlisted, 0)


def uneducated(view: View) -> Found:
    """A-036: a worker without entry education that counts."""
    return view.checked(people.entry_education)


def contractor_unfit(view: View) -> Found:
    """A-037: a contractor not admitted, black-listed, or without its agreement."""
    return view.checked(people.contractor_admitted)


def lifters_uncertified(view: View) -> Found:
    """A-085: who operates the crane, or commands the lift, lacks Q2 or Q1."""
    facts = view.begun
    if facts.workers is None:
        return unknown("workers")
    found = []
    for one in facts.workers:
        for rule in roles.certificates_needed("LF", set(one.tasks) & LIFTERS):
            held = any(roles.satisfies(each.code, rule) for each in one.certificates)
            found.append(PASS if held else fails("workers.certificates", one.code, rule.text))
    if not any("CRANE_OPERATOR" in one.tasks for one in facts.workers):
        found.append(unknown("workers.tasks"))
    return worst(found)
