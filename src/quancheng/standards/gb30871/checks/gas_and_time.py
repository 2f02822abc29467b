"""Predicates about gas, level, upgrade, validity and clocks: C-01 to C-04, C-17 to C-20, C-33, C-42, C-49, C-50."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from quancheng.standards.gb30871 import gas_times
from quancheng.standards.gb30871.basis import Slot, clause, hours, local, minutes, shown
from quancheng.standards.gb30871.booking import first_day_booked
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Case,
    Found,
    fails,
    of_flag,
    passed,
    planned,
    raised_enough,
    start_of,
    unknown,
)
from quancheng.standards.gb30871.endings import RETEST_AFTER
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.gas import GasSample, calibration_problem, judge
from quancheng.standards.gb30871.gas_times import Demand, GasScene
from quancheng.standards.gb30871.kinds import level_of, rank
from quancheng.standards.gb30871.upgrades import NAMES, calendar_doubts, upgrade_reasons
from quancheng.standards.gb30871.validity import check_window, needs_reconfirmation, slots_outside
from quancheng.standards.wording import Text


def scene_of(facts: PermitFacts, case: Case) -> GasScene:
    """The demands for gas of a permit; the stricter of the entered and the demanded level counts."""
    level, demanded = facts.level, case.level.effective if case.level else ""
    if demanded and (not level or rank(facts.kind, demanded) > rank(facts.kind, level)):
        level = demanded
    hazard = facts.hot_work.hazard_place if facts.hot_work and facts.hazard_place is None else facts.hazard_place
    return GasScene(
        kind=facts.kind,
        level=level,
        hazard_place=hazard,
        large=facts.large,
        in_vessel=facts.in_vessel,
        outer_wall=facts.outer_wall,
        oxygen_service=facts.oxygen_service,
        release_possible=facts.circumstances.get("special_or_release") is True,
        dangerous_lines=facts.dangerous_lines,
        depth_m=facts.depth_m,
        sections=facts.sections,
        toxic_medium=facts.toxic_place,
    )


def setting_of(facts: PermitFacts, scene: GasScene) -> str:
    """Where samples are drawn, for what oxygen may be. At height too little of it is borne with apparatus only [D]."""
    is_poor = facts.kind == "WH" and not facts.breathing_apparatus
    if facts.kind == "CS" or is_poor or gas_times.as_confined_space(scene):
        return "CONFINED_SPACE"
    return "OXYGEN_EQUIPMENT" if facts.oxygen_service else "OPEN"


#: Facts of the place by which it is told where gas is sampled.
_POINTS = ("large", "in_vessel", "outer_wall", "oxygen_service")


def _lacking(scene: GasScene, samples: Sequence[GasSample]) -> tuple[Demand | None, str]:
    """The first demand that samples leave open, and the fact that nobody told where it hangs on that alone."""
    lacking = gas_times.missing(scene, samples)
    open_facts = [name for name in _POINTS if getattr(scene, name) is None]
    if not lacking or not open_facts:
        return (lacking[0] if lacking else None), ""
    without: dict[str, Any] = dict.fromkeys(open_facts, False)
    surely = gas_times.missing(replace(scene, **without), samples)
    if surely:
        return surely[0], ""
    for name in open_facts:
        without = {name: False}
        if gas_times.missing(replace(scene, **without), samples) != lacking:
            return lacking[0], name
    return lacking[0], open_facts[0]


def _counting(facts: PermitFacts, case: Case) -> tuple[GasSample, ...]:
    """The newest sample of each point; one that lies in the future, or after the start, does not count."""
    until = facts.now or start_of(facts, case.phase)
    return gas_times.newest(facts.gas or (), until) if until else tuple(facts.gas or ())


def _standing(facts: PermitFacts, case: Case) -> tuple[GasSample, ...]:
    until = facts.now or start_of(facts, case.phase)
    return gas_times.standing(facts.gas or (), until) if until else tuple(facts.gas or ())


def _needs_gas(facts: PermitFacts, case: Case) -> bool:
    return bool(gas_times.demands(scene_of(facts, case)))


def gas_tested(facts: PermitFacts, case: Case) -> Found:
    """C-01: a gas test is needed and there is none."""
    if not _needs_gas(facts, case):
        return NOT_APPLICABLE
    if facts.kind == "WH" and facts.toxic_place is None and not facts.gas:
        return unknown("toxic_place")
    if facts.gas is None:
        return unknown("gas")
    return passed(len(facts.gas)) if _counting(facts, case) else fails("gas", 0, 1)


def gas_fresh(facts: PermitFacts, case: Case) -> Found:
    """C-02: too long from sample to start; at a resumption whether the break needs a new test (alarm 03)."""
    if not _needs_gas(facts, case):
        return NOT_APPLICABLE
    start, limit = start_of(facts, case.phase), case.around.parameters.max_gas_age_min
    if facts.gas is None or start is None:
        return unknown("gas" if facts.gas is None else "now")
    if case.phase == "resume":
        return _after_break(facts, case)
    samples = _counting(facts, case)
    if not samples:
        return NOT_APPLICABLE  # C-01 says it
    age = gas_times.sample_age((sample.sampled_at for sample in samples), start, case.around.parameters)
    told, most = f"{shown(age.minutes or 0)} min", f"{shown(limit)} min"
    return passed(told, most) if age.is_allowed else fails("gas.sampled_at", told, most)


def _after_break(facts: PermitFacts, case: Case) -> Found:
    if facts.stopped_at is None or facts.now is None:
        return unknown("stopped_at")
    parameters, scene = case.around.parameters, scene_of(facts, case)
    found = gas_times.after_break(scene, facts.stopped_at, facts.now, (), parameters)
    if found is None:
        return NOT_APPLICABLE
    told, most = f"{shown(found.minutes or 0)} min", f"{shown(found.limit)} min"
    fresh = [
        sample
        for sample in facts.gas or ()
        if gas_times.is_fresh(sample.sampled_at, facts.stopped_at, facts.now, parameters)
    ]
    # One new value of one gas does not make a space safe again: the tests since the stop must be whole by themselves.
    first, open_fact = _lacking(scene, fresh)
    if fresh and first is None:
        return passed(told, most)
    needs_test = facts.stop_reason in RETEST_AFTER or not found.is_allowed
    if fresh and open_fact and needs_test:
        return unknown(open_fact)
    if facts.stop_reason in RETEST_AFTER:
        return fails("gas.sampled_at", told, 0, alarm="03", clause=clause("4.8, 6.5"))
    if not found.is_allowed:
        return fails("gas.sampled_at", told, most, alarm="03", clause=found.why.clause)
    return passed(told, most) if facts.stop_reason else unknown("stop_reason")


def gas_passed(facts: PermitFacts, case: Case) -> Found:
    """C-03: a value out of its limit, or oxygen above 21 % without its reason and the approver's word."""
    if facts.gas is None:
        return unknown("gas") if _needs_gas(facts, case) else NOT_APPLICABLE
    setting = setting_of(facts, scene_of(facts, case))
    unsure: list[Found] = []
    for sample in _standing(facts, case):
        judged = judge(
            sample,
            case.around.parameters,
            setting=setting,
            others=facts.other_gases,
            stay_min=facts.stay_min,
            breathing_apparatus=facts.breathing_apparatus,
        )
        is_rich = judged.verdict == "CONDITIONAL" and sample.quantity == "OXYGEN"
        needs_reason = is_rich and not (facts.oxygen_reason.strip() and facts.oxygen_confirmed is not False)
        if is_rich and not needs_reason and facts.oxygen_confirmed is None:
            unsure.append(unknown("oxygen_confirmed"))
        if judged.verdict == "FAIL" or needs_reason:
            told = f"{sample.gas or '?'} {sample.value} {sample.unit}"
            most = judged.why.text if judged.limit is None else f"{judged.limit} {judged.unit}"
            return fails("gas.value", told, most, clause=judged.why.clause)
    return unsure[0] if unsure else PASS if facts.gas else NOT_APPLICABLE


def gas_covered(facts: PermitFacts, case: Case) -> Found:
    """C-04: a quantity, a height, or the inside or outside was not sampled."""
    scene = scene_of(facts, case)
    if not gas_times.demands(scene):
        return NOT_APPLICABLE
    if facts.gas is None:
        return unknown("gas")
    samples = _counting(facts, case)
    if not samples:
        return NOT_APPLICABLE  # C-01 says it
    first, open_fact = _lacking(scene, samples)
    if first is None:
        return PASS
    if open_fact:
        return unknown(open_fact)
    positions = "/".join(sorted(first.places[0]))
    return fails("gas.position", "", f"{first.quantity} {positions} x{first.points}", clause=first.why.clause)


def gas_daily(facts: PermitFacts, case: Case) -> Found:
    """C-01 of a further day (alarm 04): the day of the start has no test of its own."""
    if not gas_times.cadence(scene_of(facts, case)).daily:
        return NOT_APPLICABLE
    if facts.gas is None or facts.now is None:
        return unknown("gas" if facts.gas is None else "now")
    day = local(facts.now).date()
    counting = (one.sampled_at for one in facts.gas if one.quantity == "COMBUSTIBLE" and one.sampled_at <= facts.now)
    why = gas_times.day_without_test(scene_of(facts, case), day, counting)
    return PASS if why is None else fails("gas.sampled_at", f"{day:%Y-%m-%d}", alarm="04", clause=why.clause)


def instruments_calibrated(facts: PermitFacts, case: Case) -> Found:
    """C-33: an instrument out of its calibration, or one whose calibration nobody knows."""
    if facts.gas is None:
        return unknown("gas") if _needs_gas(facts, case) else NOT_APPLICABLE
    for sample in _counting(facts, case):
        if why := calibration_problem(sample):
            due = f"{sample.calibration_due:%Y-%m-%d}" if sample.calibration_due else "?"
            return fails("gas.calibration_due", f"{sample.instrument or '?'} {due}", why.text)
    return PASS if facts.gas else NOT_APPLICABLE


# Level and time ------------------------------------------------------------------------------------------------------


def level_not_too_low(facts: PermitFacts, case: Case) -> Found:
    """C-17: the entered level is below what the facts demand."""
    if facts.kind not in ("HW", "WH", "LF"):
        return NOT_APPLICABLE
    if case.level is None:
        return unknown({"HW": "hot_work", "WH": "height", "LF": "lifting"}[facts.kind])
    if case.level.need != "TICKET":
        return NOT_APPLICABLE
    if not facts.level:
        return unknown("level")
    entered, demanded = (level_of(facts.kind, code).name for code in (facts.level, case.level.base))
    if rank(facts.kind, facts.level) >= rank(facts.kind, case.level.base):
        # What nobody judged may raise the level of work at height, but not beyond its highest.
        if facts.kind == "WH" and case.level.doubts and facts.level != "4":
            return unknown(case.level.doubts[0].fact)
        return passed(entered, demanded)
    number = case.level.why[0].clause if case.level.why else None
    return fails("level", entered, demanded, clause=number)


def upgraded(facts: PermitFacts, case: Case) -> Found:
    """C-18: planned slots, or at a start the present moment, touch a holiday, rest day, night or special period, and
    the hot work is not upgraded."""
    if facts.kind != "HW" or (case.level and case.level.need != "TICKET"):
        return NOT_APPLICABLE
    if case.phase in ("start", "resume", "work"):
        if facts.now is None:
            return unknown("now")
        slots: tuple[Slot, ...] = (_from_now(facts, facts.now, case.phase),)
        told = tuple(reason.code for reason in upgrade_reasons(slots, case.around))
    elif case.level is None or not planned(facts):
        return unknown("hot_work" if case.level is None else "window")
    else:
        slots = planned(facts)
        told = tuple(code for code in case.level.reasons if code != "WIND")
    if not told:
        # A day of a year without its arrangement may be a holiday; what is upgraded may run on it.
        if not facts.is_upgraded and calendar_doubts(slots, case.around.calendar):
            return unknown("calendar")
        return PASS
    alarm = {"HOLIDAY": "40", "RESTDAY": "41", "NIGHT": "42", "SPECIAL": "43"}[told[0]]
    value = Text("、".join(NAMES[code].zh for code in told), ", ".join(NAMES[code].en for code in told))
    if facts.is_upgraded is None:
        return unknown("is_upgraded")
    if not facts.is_upgraded:
        return fails("is_upgraded", value, alarm=alarm)
    if case.level is None:
        return unknown("hot_work")
    if not raised_enough(facts, case):
        by_level = case.around.mode == "LEVEL_UP" and case.level.base != "S"
        if by_level and not facts.level:
            return unknown("level")
        entered = level_of("HW", facts.level).name if facts.level else ""
        return fails("level" if by_level else "signatures.role", entered, value, alarm=alarm)
    return passed(value)


def _from_now(facts: PermitFacts, now: datetime, phase: str) -> Slot:
    """The time for which an upgrade is judged at a start: the present moment within a planned slot, which was judged
    before; outside of all nobody knows how long it will be, and all that the window leaves counts."""
    moment = Slot(now, now + timedelta(seconds=1))
    is_planned = phase == "work" or any(slot.holds(now) for slot in planned(facts))
    if is_planned or facts.window is None or facts.window.end <= moment.end:
        return moment
    return Slot(now, facts.window.end)


def window_short_enough(facts: PermitFacts, case: Case) -> Found:
    """C-19: the window is longer than the kind and level allow, or work is planned outside of it."""
    if facts.window is None:
        return unknown("window")
    level = _effective(facts, case)
    if facts.kind == "HW" and not level:
        return NOT_APPLICABLE if case.level and case.level.need != "TICKET" else unknown("hot_work")
    found = check_window(
        facts.kind, level, facts.window, case.around.parameters, special_reason=facts.special_reason
    )
    if outside := slots_outside(facts.window, facts.slots):
        return fails("slots", outside[0], facts.window)
    told, most = f"{shown(hours(facts.window.length))} h", f"{shown(found.longest.hours)} h"
    return passed(told, most) if found.is_allowed else fails("window", told, most, clause=found.longest.why.clause)


def booked_ahead(facts: PermitFacts, case: Case) -> Found:
    """C-58: work begins before the day for which it may be booked, and is no emergency with its reason. The
    start of the window counts, and of a slot before it: work may start as soon as the window is open."""
    booked = facts.booked_at or facts.now
    if facts.booking_days <= 0:
        return NOT_APPLICABLE
    whole = (facts.window,) if facts.window else ()
    start = min((slot.start for slot in (*whole, *planned(facts))), default=None)
    if booked is None or start is None:
        return unknown("booked_at" if booked is None else "window")
    first = first_day_booked(booked, facts.booking_days)
    day = local(start).date()
    if day >= first:
        return passed(f"{day:%Y-%m-%d}", f"{first:%Y-%m-%d}")
    if facts.is_emergency:
        return PASS if facts.emergency_reason.strip() else fails("emergency_reason")
    least = Text(f"{first:%Y-%m-%d}起", f"from {first:%Y-%m-%d} on")
    return fails("booked_at", f"{day:%Y-%m-%d}", least)


def _effective(facts: PermitFacts, case: Case) -> str:
    """The level that decides validity: the stricter of what is entered and what the facts demand."""
    demanded = case.level.effective if case.level else ""
    if facts.kind != "HW":
        return demanded or facts.level
    both = [code for code in (facts.level, demanded) if code]
    return max(both, key=lambda code: rank("HW", code), default="")


def within_window(facts: PermitFacts, case: Case) -> Found:
    """C-20: now lies outside the window."""
    if facts.window is None or facts.now is None:
        return unknown("window" if facts.window is None else "now")
    # Work may go on until the last moment, but none begins in it.
    inside = facts.window.holds(facts.now) and (case.phase == "work" or facts.now < facts.window.end)
    return passed(facts.now, facts.window) if inside else fails("now", facts.now, facts.window)


def power_window(facts: PermitFacts, case: Case) -> Found:
    """C-42: temporary electricity outside the window of the work that it serves, or too long."""
    if facts.window is None:
        return unknown("window")
    served = [
        permit for permit in facts.related if permit.kind in ("HW", "CS") and permit.state not in ("VOID", "CANCELLED")
    ]
    windows = [facts.linked, *(permit.window for permit in served)]
    for linked in windows:
        found = check_window(
            "TE", "", facts.window, case.around.parameters, special_reason=facts.special_reason, linked=linked
        )
        if not found.is_allowed:
            fact = "linked" if found.problems[-1].fact == "linked" else "window"
            return fails(fact, facts.window, found.problems[-1].text, clause=found.problems[-1].clause)
    return unknown("linked") if facts.linked is None and None in windows[1:] else PASS


def power_at_most_30_days(facts: PermitFacts, case: Case) -> Found:
    """P-32: more than the longest of temporary electricity, whatever the reason."""
    if facts.window is None:
        return unknown("window")
    most = case.around.parameters.te_valid_max_d
    days = Decimal(minutes(facts.window.length)) / 1440
    return passed(days, most) if days <= most else fails("window", days, most)


def reconfirmed(facts: PermitFacts, case: Case) -> Found:
    """C-54: work at height goes on after a break without its conditions confirmed anew."""
    if facts.now is None or (case.phase == "resume" and facts.stopped_at is None):
        return unknown("now" if facts.now is None else "stopped_at")
    if needs_reconfirmation(facts.kind, facts.now, facts.stopped_at) is None:
        return NOT_APPLICABLE
    if facts.reconfirmed_at is None or facts.stopped_at is None:
        return fails("reconfirmed_at")
    is_since = facts.stopped_at <= facts.reconfirmed_at <= facts.now
    return PASS if is_since else fails("reconfirmed_at", facts.reconfirmed_at, facts.stopped_at)


def recorded_in_time(facts: PermitFacts, case: Case) -> Found:
    """C-55: the continuous test of a confined space went unrecorded for too long while work ran."""
    found = gas_times.cadence(scene_of(facts, case), case.around.parameters)
    if found.record_min is None:
        return NOT_APPLICABLE
    if facts.records is None or facts.now is None or facts.started_at is None:
        missing = "records" if facts.records is None else "now" if facts.now is None else "started_at"
        return unknown(missing)
    gaps = gas_times.record_gaps((facts.started_at, *facts.records), facts.now, case.around.parameters)
    if not gaps:
        return PASS
    return fails("records", f"{shown(gaps[0].minutes)} min", f"{shown(found.record_min)} min")


def clock_right(facts: PermitFacts, case: Case) -> Found:
    """C-49: the device's clock differs from the server's, in either direction."""
    if facts.clock_skew_s is None:
        return unknown("clock_skew_s")
    most = case.around.parameters.clock_skew_s
    skew = abs(facts.clock_skew_s)
    return passed(skew, most) if skew <= most else fails("clock_skew_s", f"{skew} s", f"{most} s")


def uploaded_in_time(facts: PermitFacts, case: Case) -> Found:
    """C-50: what was signed without signal came in late."""
    if facts.signed_offline_at is None:
        return NOT_APPLICABLE
    if facts.uploaded_at is None:
        return unknown("uploaded_at")
    late, most = minutes(facts.uploaded_at - facts.signed_offline_at), case.around.parameters.late_upload_min
    return passed(late, most) if 0 <= late <= most else fails("uploaded_at", f"{shown(late)} min", f"{most} min")


def unaltered(facts: PermitFacts, case: Case) -> Found:
    """P-36: the permit was altered after a signature."""
    if not facts.signatures:
        return NOT_APPLICABLE
    return of_flag(facts.is_unaltered, "is_unaltered", wanted=True)
