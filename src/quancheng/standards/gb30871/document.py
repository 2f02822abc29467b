"""A described job as JSON, and everything that the standard says of it as JSON: what the command and the API speak.

Keys of the input are the fields of :class:`facts.PermitFacts`, and besides ``calendar``, ``special_periods``,
``parameters``, ``mode``, ``phase``, and ``job`` with ``other_jobs`` (of :class:`simops.Job`) where simultaneous work is
to be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from quancheng.standards.gb30871 import gas_times, guardians, related, roles, tickets, validity
from quancheng.standards.gb30871.basis import EDITION, BadInput, Slot, Why, stamp
from quancheng.standards.gb30871.checks.circumstances import circumstances_of
from quancheng.standards.gb30871.checks.gas_and_time import scene_of, setting_of
from quancheng.standards.gb30871.checks.model import PHASES, Answer, Case, planned
from quancheng.standards.gb30871.checks.registry import fact_name, level_demanded, run
from quancheng.standards.gb30871.facts import Meeting, PermitFacts
from quancheng.standards.gb30871.gas import judge
from quancheng.standards.gb30871.kinds import kinds, level_of, rank
from quancheng.standards.gb30871.levels import NEEDS, Level
from quancheng.standards.gb30871.parameters import Parameters, with_changes
from quancheng.standards.gb30871.reading import at, day, figure, load, read
from quancheng.standards.gb30871.simops import Conflict, Crowded, Job, crowded
from quancheng.standards.gb30871.simops_finder import conflicts_with
from quancheng.standards.gb30871.upgrades import MODES, OfficialCalendar, SpecialPeriod, Surroundings
from quancheng.standards.wording import Text

_OWN = tuple(field.name for field in fields(PermitFacts))
_AROUND = ("calendar", "special_periods", "parameters", "mode", "phase", "job", "other_jobs")


@dataclass(frozen=True, slots=True)
class Described:
    """A job as it was described: its facts, what surrounds it, and the phases whose checks are asked for."""

    facts: PermitFacts
    around: Surroundings
    phases: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()


def described(data: bytes) -> Described:
    """Read one job. BadInput by place for whatever cannot be one."""
    given = load(data)
    for key in given:
        if key not in (*_OWN, *_AROUND):
            said = ", ".join((*_OWN, *_AROUND))
            place = " ".join(key.split())[:60].encode("utf-8", "replace").decode("utf-8")
            raise BadInput(place, Text(f"没有这一项；有：{said}", f"there is no such key; there are {said}"))
    facts: PermitFacts = read(PermitFacts, {key: value for key, value in given.items() if key in _OWN})
    phase = given.get("phase")
    if phase is not None and phase not in PHASES:
        raise BadInput("phase", Text(f"应为以下之一：{', '.join(PHASES)}", f"must be one of {', '.join(PHASES)}"))
    around = surroundings_told(given)
    found = _conflicts(given, around.parameters)
    if found is not None:
        # What was told does not take back what was found.
        meetings = {Meeting(rule=one.rule, result=one.result, other=one.second): None for one in found[0]}
        full = {Meeting(rule=one.why.code, result="FORBID", other=" ".join(one.jobs)): None for one in found[1]}
        told = dict.fromkeys(facts.conflicts or ())
        facts = replace(facts, conflicts=tuple({**told, **meetings, **full}))
    return Described(facts, around, (phase,) if phase else PHASES, found[0] if found else ())


def surroundings_told(given: Mapping[str, Any]) -> Surroundings:
    """Calendar, special periods, figures and way of upgrading as they were told. BadInput by place."""
    mode = given.get("mode", "LEVEL_UP")
    if mode not in MODES:
        raise BadInput("mode", Text(f"应为以下之一：{', '.join(MODES)}", f"must be one of {', '.join(MODES)}"))
    return Surroundings(
        calendar=_calendar(given.get("calendar")),
        special_periods=_periods(given.get("special_periods")),
        parameters=with_changes(_figures(given.get("parameters"))),
        mode=mode,
    )


def _conflicts(
    given: Mapping[str, Any], parameters: Parameters
) -> tuple[tuple[Conflict, ...], tuple[Crowded, ...]] | None:
    """The conflicts of ``job`` with ``other_jobs``, and the zones that it makes too full; None where not both were
    told: who says nothing of other jobs has not said that there are none."""
    if given.get("job") is None or given.get("other_jobs") is None:
        if given.get("job") is not None:
            read(Job, given["job"], "job")
        return None
    job: Job = read(Job, given["job"], "job")
    others = given["other_jobs"]
    if not isinstance(others, list) or len(others) > 10_000:
        raise BadInput("other_jobs", Text("应为至多10000项的列表", "must be a list of at most 10000 items"))
    jobs = [read(Job, one, f"other_jobs[{number}]") for number, one in enumerate(others)]
    codes = {job.code}
    for number, one in enumerate(jobs):
        if not one.code.strip() or one.code in codes:
            place = f"other_jobs[{number}].code"
            raise BadInput(place, Text("编号为空或重复", "the code is empty or stands twice"))
        codes.add(one.code)
    full = tuple(one for one in crowded((job, *jobs)) if job.code in one.jobs)
    return conflicts_with(job, jobs, parameters), full


def _calendar(given: object) -> OfficialCalendar:
    """``{"off": [days], "worked": [days], "years": [years whose arrangement this is]}``."""
    if given is None:
        return OfficialCalendar()
    told: _Days = read(_Days, given, "calendar")
    days = {}
    for name, works in (("off", False), ("worked", True)):
        for number, one in enumerate(getattr(told, name)):
            place = f"calendar.{name}[{number}]"
            found = day(one, place)
            if found in days:
                raise BadInput(place, Text("重复", "stands twice"))
            days[found] = works
    return OfficialCalendar(days, frozenset(told.years))


@dataclass(frozen=True, slots=True)
class _Days:
    off: tuple[str, ...] = ()
    worked: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


def _periods(given: object) -> tuple[SpecialPeriod, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > 100:
        raise BadInput("special_periods", Text("应为至多100项的列表", "must be a list of at most 100 items"))
    return tuple(read(SpecialPeriod, one, f"special_periods[{number}]") for number, one in enumerate(given))


def _figures(given: object) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise BadInput("parameters", Text("应为对象", "must be an object"))
    return {name: figure(value, at("parameters", " ".join(name.split())[:60])) for name, value in given.items()}


# Out -----------------------------------------------------------------------------------------------------------------


def to_json(job: Described, *, language: str = "zh") -> dict[str, Any]:
    """Everything that the standard says of a described job; sentences in a language, ``zh`` or ``en``."""
    facts, around = job.facts, job.around
    level = level_demanded(facts, around)
    case = Case("issue", around, level, {})
    known = level.effective if level else facts.level
    if facts.kind == "HW" and facts.level and known and rank("HW", facts.level) > rank("HW", known):
        known = facts.level
    said = _Said(language)
    has_level = bool(known) or facts.kind not in ("HW", "WH", "LF")
    return {
        "kind": facts.kind,
        "name": said(kinds()[facts.kind].name),
        "level": said.level(level),
        "validity": _validity(facts, around, known, said) if has_level else None,
        "gas": _gas(facts, case, said),
        "roles": _roles(facts, level, said) if has_level else None,
        "guardian": {
            "recommended": guardians.guardians_recommended(facts.kind, known),
            "duties": [{"code": one.code, "text": said(one.text), "clause": one.clause}
                       for one in guardians.duties(facts.kind)],
        },
        "related": [
            {"kind": need.kind, "count": need.count, "why": said.why(need.why)}
            for need in (related.needed(facts.questions, facts.kind, unanswered=False) if facts.questions else ())
        ],
        "related_open": list(related.open_questions(facts.questions, facts.kind) if facts.questions else ()),
        "simultaneous": [
            {"other": one.second, "result": one.result, "distance_m": Decimal(str(one.distance_m)),
             "from": stamp(one.overlap.start), "to": stamp(one.overlap.end), "why": said.why(one.why)}
            for one in job.conflicts
        ],
        "measures": _measures(facts, level, around.parameters, said),
        "special_measures": [
            {"code": one.code, "when": one.when, "text": said(one.text), "clause": one.clause, "mark": one.mark}
            for one in tickets.special_measures(facts.kind)
        ],
        "refusals": {phase: _answers(run(facts, phase, around), said) for phase in job.phases},
        "edition": EDITION,
    }  # fmt: skip


class _Said:
    """Puts sentences into one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, text: Text) -> str:
        return text.in_language(self.language)

    def why(self, why: Why) -> dict[str, Any]:
        told = {"code": why.code, "clause": why.clause, "mark": why.mark, "text": self(why.text)}
        return told | {"fact": why.fact or None}

    def level(self, level: Level | None) -> dict[str, Any] | None:
        if level is None:
            return None
        is_coded = bool(level.effective) or level.kind not in ("HW", "WH", "LF")
        coded = level_of(level.kind, level.effective) if is_coded else None
        return {
            "need": level.need,
            "need_text": self(NEEDS[level.need]),
            "base": level.base or None,
            "effective": level.effective or None,
            "approval": level.approval or None,
            "name": self(coded.name) if coded else None,
            "ticket_type": coded.ticket_type if coded else None,
            "is_upgraded": level.is_upgraded,
            "reasons": list(level.reasons),
            "extra_approver": level.extra_approver,
            "plan_needed": level.plan_needed,
            "why": [self.why(one) for one in level.why],
            "doubts": [{"fact": doubt.fact, "text": self(doubt.text)} for doubt in level.doubts],
        }


def _slot(slot: Slot) -> dict[str, str]:
    return {"start": stamp(slot.start), "end": stamp(slot.end)}


def _validity(facts: PermitFacts, around: Surroundings, known: str, said: _Said) -> dict[str, Any]:
    longest = validity.longest_validity(facts.kind, known, around.parameters, special_reason=facts.special_reason)
    told: dict[str, Any] = {"longest_h": longest.hours, "why": said.why(longest.why)}
    if facts.window is not None:
        found = validity.check_window(
            facts.kind, known, facts.window, around.parameters,
            special_reason=facts.special_reason, linked=facts.linked,
        )  # fmt: skip
        told["is_allowed"] = found.is_allowed
        told["problems"] = [said.why(one) for one in found.problems]
        told["slots_outside"] = [_slot(one) for one in validity.slots_outside(facts.window, facts.slots)]
    if facts.kind == "HW" and planned(facts):
        parted = zip(("without_upgrade", "with_upgrade"), validity.split(planned(facts), around), strict=True)
        told["split"] = {name: [_slot(one) for one in slots] for name, slots in parted}
    return told


def _gas(facts: PermitFacts, case: Case, said: _Said) -> dict[str, Any]:
    scene = scene_of(facts, case)
    parameters = case.around.parameters
    cadence = gas_times.cadence(scene, parameters)
    setting = setting_of(facts, scene)
    samples = []
    for number, sample in enumerate(facts.gas or ()):
        judged = judge(
            sample,
            parameters,
            setting=setting,
            others=facts.other_gases,
            stay_min=facts.stay_min,
            breathing_apparatus=facts.breathing_apparatus,
        )
        samples.append(
            {
                "sample": number,
                "verdict": judged.verdict,
                "value": judged.value,
                "limit": judged.limit,
                "unit": judged.unit or None,
                "why": said.why(judged.why),
                "demands": said(judged.demands) if judged.demands else None,
            }
        )
    return {
        "demands": [
            {
                "quantity": demand.quantity,
                "places": [sorted(place) for place in demand.places],
                "points": demand.points,
                "why": said.why(demand.why),
            }
            for demand in gas_times.demands(scene)
        ],
        "max_age_min": cadence.max_age_min,
        "new_test_after_break_min": cadence.break_min,
        "daily": cadence.daily,
        "continuous": cadence.continuous,
        "record_every_min": cadence.record_min,
        "why": [said.why(one) for one in cadence.why],
        "samples": samples,
    }


def _roles(facts: PermitFacts, level: Level | None, said: _Said) -> dict[str, Any]:
    approves = level.approval if level and level.approval else facts.level
    row = roles.approval(facts.kind, approves)
    approvers = roles.approvers(level) if level and level.need == "TICKET" else (row.approver,)
    hazard = facts.hazard_place is not False
    around = [name for name, holds in (("hazard_place", hazard), ("high_voltage", facts.high_voltage)) if holds]
    tasks = {*facts.methods, *(task for worker in facts.workers or () for task in worker.tasks)}
    return {
        "approvers": [_role(one, said) for one in approvers],
        "countersign": [{"code": one, "name": said(roles.DEPARTMENTS[one])} for one in row.countersign],
        "copies": [_role(one, said) for one in row.copies],
        "steps": [_role(one, said) | {"is_optional": one in row.optional} for one in row.steps],
        "clause": row.clause,
        "certificates": [
            {"code": rule.code, "needs": list(rule.needs), "text": said(rule.text), "clause": rule.clause}
            for rule in roles.certificates_needed(facts.kind, tasks, around)
        ],
    }


def _role(code: str, said: _Said) -> dict[str, Any]:
    return {"code": code, "name": said(roles.roles()[code].name)}


def _measures(
    facts: PermitFacts, level: Level | None, parameters: Parameters, said: _Said
) -> list[dict[str, Any]]:
    forced = {row.code for row in tickets.forced(facts.kind, circumstances_of(facts, level, parameters))}
    return [
        {
            "code": row.code,
            "number": row.number,
            "text": said(row.text),
            "is_forced": row.code in forced,
            "parameters": list(row.parameters),
            "clause": row.clause,
        }
        for row in tickets.measures(facts.kind)
    ]


def _answers(answers: Iterable[Answer], said: _Said) -> dict[str, Any]:
    every = tuple(answers)
    return {
        "checked": len(every),
        "passed": sum(one.verdict == "PASS" for one in every),
        "refused": any(one.verdict == "BLOCK" for one in every),
        "answers": [
            {
                "code": one.code,
                "verdict": one.verdict,
                "outcome": one.outcome,
                "clause": one.clause,
                "mark": one.mark,
                "alarm": one.alarm or None,
                "fact": one.fact or None,
                "fact_name": said(fact_name(one.fact)) or None,
                "value": said(one.value) or None,
                "limit": said(one.limit) or None,
                "text": said(one.text),
                "remedy": said(one.remedy),
            }
            for one in every
            if one.verdict != "PASS"
        ],
    }
