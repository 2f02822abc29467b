"""Predicates about people: C-07 to C-12, C-26 to C-29, C-38, C-46, C-66."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from quancheng.standards.gb30871 import guardians, roles
from quancheng.standards.gb30871.basis import Slot, local, shown
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Case,
    Found,
    fails,
    first_day,
    last_day,
    of_flag,
    passed,
    unknown,
    worst,
)
from quancheng.standards.gb30871.facts import Certificate, PermitFacts, Worker
from quancheng.standards.gb30871.roles import COMPANY_TRAINING, CertificateRule
from quancheng.standards.gb30871.tickets import HOT_WORK_METHODS
from quancheng.standards.wording import Text


def months_before(day: date, months: Decimal) -> date:
    """The day some whole months earlier, the last of the month where it has no such day."""
    count = day.year * 12 + day.month - 1 - int(months)
    year, month = divmod(count, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def _each(facts: PermitFacts, judge: Callable[[Worker], Found]) -> Found:
    """The gravest finding over all workers; a job without any fails."""
    if facts.workers is None:
        return unknown("workers")
    if not facts.workers:
        return fails("workers", 0, 1)
    return worst([judge(worker) for worker in facts.workers])


def briefed(facts: PermitFacts, case: Case) -> Found:
    """C-07: no briefing, or a worker or guardian who was not in it."""
    if facts.workers is None:
        return unknown("workers")
    if facts.briefed_at is None:
        return fails("briefed_at")
    if facts.now is not None and facts.briefed_at > facts.now:
        return fails("briefed_at", facts.briefed_at, facts.now)
    people = [(worker.code, worker.is_briefed) for worker in facts.workers]
    people += [(guardian.code, guardian.is_briefed) for guardian in facts.guardians or ()]
    for code, flag in people:
        if flag is not True:
            return unknown(f"is_briefed {code}") if flag is None else fails("is_briefed", code)
    return PASS


def guardian_fit(facts: PermitFacts, case: Case) -> Found:
    """C-08: no guardian, or one without a valid certificate of the kind."""
    day = last_day(facts, case.phase)
    if facts.guardians is None:
        return unknown("guardians")
    if not facts.guardians:
        return fails("guardians", 0, 1, alarm="50")
    if day is None:
        return unknown("window")
    for guardian in facts.guardians:
        for problem in guardians.unfit(guardian.certificate, facts.kind, day):
            return fails("guardians.certificate", guardian.code, problem.why.text, alarm=problem.alarm)
    for guardian in facts.guardians:
        for name in ("exam_score", "experience_years"):
            if getattr(guardian.certificate, name) is None:
                return unknown(f"guardians.certificate.{name} {guardian.code}")
    return PASS


def guardian_here_only(facts: PermitFacts, case: Case) -> Found:
    """C-09: a guardian who guards another running permit as well."""
    if facts.guardians is None:
        return unknown("guardians")
    return worst(
        [of_flag(one.is_elsewhere, f"guardians.is_elsewhere {one.code}", wanted=False) for one in facts.guardians]
    )


# Certificates --------------------------------------------------------------------------------------------------------


def _circumstances(facts: PermitFacts) -> list[str]:
    hazard = facts.hazard_place is not False
    return [name for name, is_so in (("hazard_place", hazard), ("high_voltage", facts.high_voltage)) if is_so]


def _rules(facts: PermitFacts, worker: Worker) -> tuple[CertificateRule, ...]:
    return roles.certificates_needed(facts.kind, worker.tasks, _circumstances(facts))


def _used(facts: PermitFacts, worker: Worker) -> Iterator[Certificate]:
    """The certificates by which a worker satisfies his rules."""
    for rule in _rules(facts, worker):
        yield from (one for one in worker.certificates if roles.satisfies(one.code, rule))


def certificates_held(facts: PermitFacts, case: Case) -> Found:
    """C-10: a worker lacks a certificate that his tasks need; one whose tasks nobody told is not known. Every way of
    hot work has somebody who does it; temporary electricity is the work of electricians, its leader among them."""

    def one(worker: Worker) -> Found:
        if not worker.tasks:
            return unknown(f"workers.tasks {worker.code}")
        for rule in _rules(facts, worker):
            if not any(roles.satisfies(held.code, rule) for held in worker.certificates):
                return fails("workers.certificates", worker.code, rule.text, clause=rule.clause)
        return PASS

    return worst([_each(facts, one), _tasks_taken(facts)])


def _tasks_taken(facts: PermitFacts) -> Found:
    """Whether somebody stands for each part that needs a certificate."""
    workers = facts.workers or ()
    if facts.kind == "HW":
        if not facts.methods:
            return unknown("methods")
        free = sorted(facts.methods - {task for worker in workers for task in worker.tasks})
        return fails("workers.tasks", HOT_WORK_METHODS[free[0]]) if free else PASS
    if facts.kind != "TE":
        return PASS
    if not facts.work_leader:
        return unknown("work_leader")
    for worker in workers:
        wanted = {"WORKER", "WORK_LEADER"} if worker.code == facts.work_leader else {"WORKER"}
        if worker.tasks and not wanted & set(worker.tasks):
            return fails("workers.tasks", worker.code, name_of("WORKER"))
    is_there = any(worker.code == facts.work_leader for worker in workers)
    return PASS if is_there else unknown(f"workers.certificates {facts.work_leader}")


def certificates_valid(facts: PermitFacts, case: Case) -> Found:
    """C-11: expired, to expire before the work ends, or overdue for its recheck. Of several that satisfy one rule
    the best counts."""
    day = last_day(facts, case.phase)
    if day is None:
        return unknown("window")

    def one(worker: Worker) -> Found:
        found = []
        for rule in _rules(facts, worker):
            held = [each for each in worker.certificates if roles.satisfies(each.code, rule)]
            if held:
                found.append(min((_valid(each, worker, day) for each in held), key=lambda each: each.outcome != "PASS"))
        return worst(found)

    return _each(facts, one)


def _valid(held: Certificate, worker: Worker, day: date) -> Found:
    dates = [("valid_to", held.valid_to)]
    if held.code.startswith("SO-"):
        dates.append(("recheck_due", held.recheck_due))
    for name, last in dates:
        if last is not None and last < day:
            told = f"{worker.code} {held.code} {last:%Y-%m-%d}"
            return fails(f"workers.certificates.{name}", told, f"{day:%Y-%m-%d}")
    for name, last in dates:
        if last is None and held.code != COMPANY_TRAINING:
            return unknown(f"workers.certificates.{name} {worker.code}")
    return PASS


def certificates_own(facts: PermitFacts, case: Case) -> Found:
    """C-12: name or number on the certificate is not that of the worker."""

    def one(worker: Worker) -> Found:
        name = f"workers.certificates.holder_matches {worker.code}"
        return worst([of_flag(held.holder_matches, name, wanted=True) for held in _used(facts, worker)])

    return _each(facts, one)


# Admission and health ------------------------------------------------------------------------------------------------


def contractor_admitted(facts: PermitFacts, case: Case) -> Found:
    """C-26: not admitted, admission past, no safety agreement, on the black list, or barred from work of this kind."""
    if facts.is_contractor is False:
        return NOT_APPLICABLE
    if facts.is_contractor is None or facts.contractor is None:
        return unknown("is_contractor" if facts.is_contractor is None else "contractor")
    house, day = facts.contractor, last_day(facts, case.phase)
    found = [
        of_flag(house.is_blacklisted, "contractor.is_blacklisted", wanted=False),
        of_flag(house.is_admitted, "contractor.is_admitted", wanted=True),
        of_flag(house.agreement_signed, "contractor.agreement_signed", wanted=True),
        of_flag(house.is_restricted, "contractor.is_restricted", wanted=False),
    ]
    if house.admitted_to is None or day is None:
        found.append(unknown("contractor.admitted_to"))
    elif house.admitted_to < day:
        found.append(fails("contractor.admitted_to", f"{house.admitted_to:%Y-%m-%d}", f"{day:%Y-%m-%d}"))
    return worst(found)


def entry_education(facts: PermitFacts, case: Case) -> Found:
    """C-27: no entry education within its months, none since a long absence, or a person on the black list. Where a
    register keeps the education, it says whether it is whole and until when it holds."""
    day, figures = first_day(facts), case.around.parameters
    if day is None:
        return unknown("now")

    def one(worker: Worker) -> Found:
        if worker.is_blacklisted:
            return fails("workers.is_blacklisted", worker.code)
        if worker.is_educated is False:
            return fails("workers.is_educated", worker.code)
        learned = worker.entry_education_on
        if learned is None or worker.is_blacklisted is None:
            name = "entry_education_on" if learned is None else "is_blacklisted"
            return unknown(f"workers.{name} {worker.code}")
        if worker.educated_to is not None and worker.educated_to < (last_day(facts, case.phase) or day):
            return fails("workers.educated_to", worker.code, f"{worker.educated_to:%Y-%m-%d}")
        oldest = months_before(day, figures.entry_education_months) if worker.educated_to is None else date.min
        if learned < oldest or learned > day:
            return fails("workers.entry_education_on", f"{worker.code} {learned:%Y-%m-%d}", f"{oldest:%Y-%m-%d}")
        seen = worker.last_on_site
        if seen is not None and seen < months_before(day, figures.absence_months) and learned < day and learned <= seen:
            return fails("workers.last_on_site", f"{worker.code} {seen:%Y-%m-%d}", f"{figures.absence_months}")
        return PASS

    return _each(facts, one)


def healthy(facts: PermitFacts, case: Case) -> Found:
    """C-28: a contraindication, an age outside its limits, or at height and in confined spaces an old medical. Above
    the greatest age only warns."""
    day, figures = first_day(facts), case.around.parameters
    if day is None:
        return unknown("now")

    def one(worker: Worker) -> Found:
        found = [of_flag(worker.contraindicated, f"workers.contraindicated {worker.code}", wanted=False)]
        if worker.age is None:
            found.append(unknown(f"workers.age {worker.code}"))
        elif worker.age < figures.age_min:
            found.append(fails("workers.age", worker.age, figures.age_min))
        elif worker.age > figures.age_max:
            found.append(fails("workers.age", worker.age, figures.age_max, severity="WARN"))
        if facts.kind in ("WH", "CS"):
            oldest = months_before(day, figures.medical_months)
            if worker.medical_on is None:
                found.append(unknown(f"workers.medical_on {worker.code}"))
            elif not oldest <= worker.medical_on <= day:
                told = f"{worker.code} {worker.medical_on:%Y-%m-%d}"
                found.append(fails("workers.medical_on", told, f"{oldest:%Y-%m-%d}"))
        return worst(found)

    return _each(facts, one)


def worker_here_only(facts: PermitFacts, case: Case) -> Found:
    """C-29: a worker on another running permit at another place."""
    return _each(facts, lambda one: of_flag(one.is_elsewhere, f"workers.is_elsewhere {one.code}", wanted=False))


def crew_sane(facts: PermitFacts, case: Case) -> Found:
    """More workers on one permit than anybody can guard; the most is a parameter of the row."""
    if facts.workers is None:
        return unknown("workers")
    most, count = int(case.params["most"]), len(facts.workers)
    return passed(count, most) if count <= most else fails("workers", count, most)


def identified(facts: PermitFacts, case: Case) -> Found:
    """C-38: a person who was not identified on the spot."""
    return _each(facts, lambda one: of_flag(one.is_identified, f"workers.is_identified {one.code}", wanted=True))


def people_inside(facts: PermitFacts, case: Case) -> Found:
    """C-46: more people inside a confined space than allowed."""
    if facts.people_inside is None:
        return unknown("people_inside")
    most = case.around.parameters.cs_people_max
    count = facts.people_inside
    return passed(count, most) if count <= most else fails("people_inside", count, most)


def persons_in(facts: PermitFacts) -> dict[str, set[str]]:
    """Persons by the role that they have for the permit, signers by their step."""
    found: dict[str, set[str]] = {
        "WORKER": {one.code for one in facts.workers or ()},
        "GUARDIAN": {one.code for one in facts.guardians or ()},
        "REQUESTER": {facts.requester} - {""},
        "WORK_LEADER": {facts.work_leader} - {""},
        "ANALYST": {one.analyst for one in facts.gas or ()} - {""},
    }
    return found


def name_of(role: str) -> Text:
    return roles.roles()[role].name


def rescue_ready(facts: PermitFacts, case: Case) -> Found:
    """C-66: who gets people out of the space has no plan, is not confirmed for all of the window, has too few air sets
    or no drill of late. Asked where the enterprise switched it on."""
    figures, one = case.around.parameters, facts.rescue
    if not figures.rescue_asked:
        return NOT_APPLICABLE
    if one is None or facts.window is None or facts.now is None:
        return unknown("rescue" if one is None else "window" if facts.window is None else "now")
    if not one.has_plan:
        return fails("rescue.has_plan")
    if not one.is_confirmed:
        return fails("rescue.is_confirmed")
    if one.since > max(facts.window.start, facts.now) or one.until < facts.window.end:
        return fails("rescue.until", Slot(one.since, one.until), facts.window)
    if one.air_sets < figures.rescue_air_sets:
        return fails("rescue.air_sets", one.air_sets, figures.rescue_air_sets)
    if one.drilled_on is None:
        return unknown("rescue.drilled_on")
    days = (local(facts.now).date() - one.drilled_on).days
    most = Text(f"{shown(figures.rescue_drill_d)}天内", f"within {shown(figures.rescue_drill_d)} d")
    return passed() if days <= figures.rescue_drill_d else fails("rescue.drilled_on", f"{one.drilled_on}", most)
