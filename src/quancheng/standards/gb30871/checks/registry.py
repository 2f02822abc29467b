"""The shipped checks, and running a set of checks over the facts of a permit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, Why, clause, several, table, text_of
from quancheng.standards.gb30871.checks import daily, gas_and_time, people, planning, signing, site
from quancheng.standards.gb30871.checks.model import (
    PHASES,
    Answer,
    Case,
    Check,
    Found,
    Predicate,
    first_day,
    outdoor_of,
    planned,
)
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.levels import HotWork, Level, height_level, hot_work_level, lifting_level, unlevelled
from quancheng.standards.gb30871.upgrades import PLAIN, Surroundings, touches_night
from quancheng.standards.wording import Text

#: The code that a row names. A row may name another, or carry other parameters; nothing else is run.
PREDICATES: Mapping[str, Predicate] = {
    name: getattr(module, name)
    for module, names in (
        (daily, ("shift_handed_over", "revalidated", "talked", "cards_settled")),
        (gas_and_time, ("gas_tested", "gas_fresh", "gas_passed", "gas_covered", "gas_daily", "instruments_calibrated",
                        "level_not_too_low", "upgraded", "window_short_enough", "booked_ahead", "within_window",
                        "power_window", "power_at_most_30_days", "clock_right", "uploaded_in_time", "unaltered",
                        "reconfirmed", "recorded_in_time")),
        (people, ("briefed", "guardian_fit", "guardian_here_only", "certificates_held", "certificates_valid",
                  "certificates_own", "contractor_admitted", "entry_education", "healthy", "worker_here_only",
                  "crew_sane", "identified", "people_inside", "rescue_ready")),
        (planning, ("plan_agreed", "quota_has_room", "unit_not_crowded", "lessons_read")),
        (signing, ("analysed", "measures_settled", "isolated", "blinded", "not_under_test", "planned_in_writing",
                   "signed_by_right_roles", "signed_on_site", "signed_in_order", "signed_plausibly", "countersigned",
                   "ready_to_start")),
        (site, ("related_standing", "no_forbidden_meeting", "meetings_coordinated", "no_meeting_of", "one_plate",
                "line_free", "camera_running", "detector_running", "personal_detectors", "weather_fit",
                "no_weather_warning", "detectors_whole", "nothing_bypassed",
                "zone_open", "zone_has_room", "no_ban", "fixed_area_reviewed", "filed", "leader_present",
                "licence_valid", "deep_pit_managed", "road_planned", "lift_within_capacity", "welder_near",
                "cylinders_set", "pressure_steady",
                "layers_between", "anchor_sound", "site_flag", "not_observed")),
    )
    for name in names
}  # fmt: skip


@cache
def refusals() -> tuple[Check, ...]:
    """The refusal checks at signing, issue and start as shipped: C-01 to C-50 and what belongs to them."""
    return _read("checks")


@cache
def prohibitions() -> tuple[Check, ...]:
    """The prohibitions P-01 to P-36 as shipped."""
    return _read("prohibitions")


def _read(name: str) -> tuple[Check, ...]:
    return tuple(
        Check(
            code=row["code"],
            predicate=row["predicate"],
            phases=several(row["phases"]),
            kinds=several(row["kinds"]),
            severity=row["severity"],
            alarm=row["alarm"],
            clause=clause(row["clause"]),
            mark=row["mark"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            params=dict(part.split("=", 1) for part in several(row["params"])),
            text=text_of(row),
            remedy=text_of(row, "remedy"),
        )
        for row in table(name)
    )


def level_demanded(facts: PermitFacts, around: Surroundings = PLAIN) -> Level | None:
    """The level that the facts demand; None where they do not tell what it turns on."""
    if facts.kind == "HW":
        return hot_work_level(_in_weather(facts.hot_work, facts), planned(facts), around) if facts.hot_work else None
    if facts.kind == "WH":
        return height_level(facts.height, _at_height(facts, around)) if facts.height else None
    if facts.kind == "LF":
        return lifting_level(facts.lifting) if facts.lifting else None
    return unlevelled(facts.kind)


def _in_weather(hot: HotWork, facts: PermitFacts) -> HotWork:
    """The facts of hot work with the stronger of both winds that were told, and in the open where either word says."""
    winds = [hot.wind_beaufort, facts.weather.wind_beaufort if facts.weather else None]
    wind = max((one for one in winds if one is not None), default=None)
    return replace(hot, wind_beaufort=wind, outdoor=outdoor_of(facts))


def _at_height(facts: PermitFacts, around: Surroundings) -> frozenset[str]:
    """Factors and situations of work at height that weather, hours and gas make plain."""
    weather, found = facts.weather, set()
    outdoor = outdoor_of(facts) is not False
    if outdoor and weather:
        met = {
            "WF1": (weather.wind_beaufort or 0) >= 5,
            "WF5": weather.fog,
            "RAIN": weather.rain or weather.rainstorm,
            "SNOW": weather.snow or weather.heavy_snow,
        }
        found |= {code for code, holds in met.items() if holds}
    if outdoor and any(touches_night(slot, around.parameters) for slot in planned(facts)):
        found.add("NIGHT_LIGHT")
    for sample in facts.gas or ():
        is_poor = sample.quantity == "OXYGEN" and sample.unit == "%VOL" and sample.value < around.parameters.o2_min
        if is_poor or (sample.quantity == "TOXIC" and sample.value > 0):
            found.add("WF8")
    return frozenset(found)


def run(
    facts: PermitFacts, phase: str, around: Surroundings = PLAIN, checks: Iterable[Check] | None = None
) -> tuple[Answer, ...]:
    """The answers of all checks that run in a phase, in the order of the registry; those that do not concern the
    permit are left out.

    A fact that is not known answers ``UNKNOWN`` and blocks, or warns, as the row does.

    :param checks: a registry of one's own; None: the shipped refusals and prohibitions.
    :raises BadInput: a phase that is none, or a row that names code that is none.
    """
    if phase not in PHASES:
        raise BadInput("phase", Text(f"应为以下之一：{', '.join(PHASES)}", f"must be one of {', '.join(PHASES)}"))
    level, day = level_demanded(facts, around), first_day(facts)
    answers = []
    for check in (*refusals(), *prohibitions()) if checks is None else checks:
        if check.runs(phase, facts.kind, day):
            found = _predicate(check)(facts, Case(phase, around, level, check.params))
            if found.outcome != "NOT_APPLICABLE":
                answers.append(_answer(check, found))
    return tuple(answers)


def _predicate(check: Check) -> Predicate:
    found = PREDICATES.get(check.predicate)
    if found is None:
        name = check.predicate
        raise BadInput("checks", Text(f"{check.code}：没有判定{name}", f"{check.code}: there is no predicate {name}"))
    return found


def _answer(check: Check, found: Found) -> Answer:
    is_bad = found.outcome in ("FAIL", "UNKNOWN")
    text = check.text
    if found.outcome == "UNKNOWN":
        name = fact_name(found.fact)
        text = Text(f"未提供{name.zh}，无法判断：{text.zh}", f"cannot be told without the {name.en}: {text.en}")
    return Answer(
        code=check.code,
        verdict=(found.severity or check.severity) if is_bad else "PASS",
        outcome=found.outcome,
        clause=clause(found.clause) if found.clause else check.clause,
        mark=check.mark,
        alarm=(check.alarm if found.alarm is None else found.alarm) if found.outcome == "FAIL" else "",
        value=found.value,
        limit=found.limit,
        fact=found.fact,
        text=text,
        remedy=check.remedy,
    )


@cache
def _fact_names() -> dict[str, Text]:
    return {row["fact"]: text_of(row) for row in table("fact_names")}


def fact_name(fact: str) -> Text:
    """What people call a fact; what stands behind a blank (whose it is, at which step) is put behind it."""
    code, _, whose = fact.partition(" ")
    name = _fact_names().get(code, Text(code, code))
    return Text(f"{name.zh}（{whose}）", f"{name.en} ({whose})") if whose else name


def blocks(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Those that refuse."""
    return tuple(answer for answer in answers if answer.verdict == "BLOCK")


@dataclass(frozen=True, slots=True)
class Weakened:
    """A row of one's own that is weaker than a shipped one which the standard itself demands."""

    code: str
    why: Why


def weakened(own: Iterable[Check]) -> tuple[Weakened, ...]:
    """Where a registry of one's own drops, shortens or softens a check that a standard demands [V, V~]. What rests on a
    default of ours may be changed as one likes."""
    rows = {check.code: check for check in own}
    found = []
    for check in (*refusals(), *prohibitions()):
        if check.mark in ("V", "V~") and not _stands(check, rows.get(check.code)):
            text = Text(f"{check.code}由标准规定，不得放宽", f"{check.code} is the standard's: not to be weakened")
            found.append(Weakened(check.code, Why(check.code, check.clause, check.mark, text, "checks")))
    return tuple(found)


def _stands(shipped: Check, own: Check | None) -> bool:
    return (
        own is not None
        and own.predicate == shipped.predicate
        and set(shipped.phases) <= {*own.phases, *(shipped.phases if "any" in own.phases else ())}
        and ("*" in own.kinds or set(shipped.kinds) <= set(own.kinds))
        and (own.severity == "BLOCK" or shipped.severity == "WARN")
        and own.valid_from <= shipped.valid_from
        and (own.valid_to is None or (shipped.valid_to is not None and own.valid_to >= shipped.valid_to))
        and own.params == shipped.params
    )
