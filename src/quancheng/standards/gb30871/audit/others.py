"""Rules A-071 to A-096: confined spaces, blinds, height, lifting, electricity, excavation, roads."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from quancheng.standards.gb30871 import gas_times
from quancheng.standards.gb30871.audit.hot_work import bad_value, day_untested, level_too_low
from quancheng.standards.gb30871.audit.view import View, at_most, of_stretches
from quancheng.standards.gb30871.basis import Slot, shown
from quancheng.standards.gb30871.checks import gas_and_time, people, signing, site
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Found,
    fails,
    of_flag,
    passed,
    unknown,
    worst,
)
from quancheng.standards.gb30871.endings import STATES
from quancheng.standards.gb30871.roles import DEPARTMENTS
from quancheng.standards.gb30871.validity import check_window

_ALL = frozenset({"COMBUSTIBLE", "TOXIC", "OXYGEN"})


# Confined space ------------------------------------------------------------------------------------------------------


def space_untested(view: View) -> Found:
    """A-071: no test, one too old, or a quantity missing, before people went in."""
    if view.started is None:
        return NOT_APPLICABLE
    checks = ((gas_and_time.gas_tested, "01"), (gas_and_time.gas_fresh, "02"), (gas_and_time.gas_covered, "01"))
    found = []
    for check, alarm in checks:
        one = view.checked(check)
        found.append(fails(one.fact, one.value, one.limit, alarm=alarm) if one.outcome == "FAIL" else one)
    return worst(found)


def space_unfit(view: View) -> Found:
    """A-072: oxygen, toxic or combustible gas out of its limits and people went in without isolating apparatus."""
    return bad_value(view, _ALL) if view.started else NOT_APPLICABLE


def unrecorded(view: View) -> Found:
    """A-073: the continuous test went unrecorded for too long."""
    if view.facts.records is None:
        return unknown("records") if view.started else NOT_APPLICABLE
    figures = view.around.parameters

    def judge(stretch: Slot) -> Found | None:
        inside = [one for one in view.facts.records or () if stretch.start <= one <= stretch.end]
        found = gas_times.record_gaps((stretch.start, *inside), stretch.end, figures)
        most = f"{shown(figures.cs_log_min)} min"
        return fails("records", f"{shown(found[0].minutes)} min", most) if found else None

    return of_stretches(view, judge)


def no_detector(view: View) -> Found:
    """A-074: no continuous detector at the place."""
    return view.checked(site.detector_running) if view.started else NOT_APPLICABLE


def counts_differ(view: View) -> Found:
    """A-075: people or tools that went in did not all come out."""
    if view.a.finished_at is None:
        return NOT_APPLICABLE
    counts = view.a.counts
    if counts is None:
        return unknown("counts")
    for name, went_in, came_out in (
        ("people", counts.people_in, counts.people_out), ("tools", counts.tools_in, counts.tools_out)
    ):  # fmt: skip
        if went_in != came_out:
            return fails(f"counts.{name}", came_out, went_in)
    return PASS


def not_locked(view: View) -> Found:
    """A-077: rotating parts whose power was not switched off, locked and tagged."""
    turning = view.facts.circumstances.get("rotating_parts")
    if turning is not True:
        return unknown("circumstances.rotating_parts") if turning is None else NOT_APPLICABLE
    if view.facts.isolations is None:
        return unknown("isolations")
    locked = [one for one in view.facts.isolations if one.type == "ELEC_LOTO"]
    if not locked:
        return fails("isolations.type", "", "ELEC_LOTO")
    return worst([of_flag(one.is_verified, f"isolations.is_verified {one.tag}", wanted=True) for one in locked])


def guardian_inside(view: View) -> Found:
    """A-078: the guardian was in the space, or more people than allowed."""
    if view.started is None:
        return NOT_APPLICABLE
    most = int(view.around.parameters.cs_people_max)
    allowed = min(most, view.facts.people_inside) if view.facts.people_inside else most
    inside = of_flag(view.a.guardian_inside, "guardian_inside", wanted=False)
    return worst([inside, at_most("most_inside", view.a.most_inside, allowed)])


# Blinds --------------------------------------------------------------------------------------------------------------


def several_plates(view: View) -> Found:
    """A-079: one permit for several plates, or for inserting and removing."""
    return view.planned(site.one_plate)


def plate_unregistered(view: View) -> Found:
    """A-080: the plate stands in no drawing or register, or its state was not brought up to date after the work."""
    found = [of_flag(view.a.plate_registered, "plate_registered", wanted=True)]
    if view.a.finished_at is not None:
        found.append(of_flag(view.a.plate_updated, "plate_updated", wanted=True))
    return worst(found)


def plate_forgotten(view: View) -> Found:
    """A-081: a plate stands inserted for months and its owner has not looked."""
    if view.facts.operations != {"INSERT"} or view.a.finished_at is None:
        return NOT_APPLICABLE
    if view.a.blind_days is None:
        return unknown("blind_days")
    if view.a.blind_days <= int(view.number("days")):
        return PASS
    return of_flag(view.a.blind_checked, "blind_checked", wanted=True)


# Height and lifting --------------------------------------------------------------------------------------------------


def not_reconfirmed(view: View) -> Found:
    """A-083: height work went on after a break without conditions confirmed anew."""
    if view.started is None or view.a.stretches is None:
        return NOT_APPLICABLE if view.started is None else unknown("stretches")
    ordered = sorted(view.a.stretches)
    if len(ordered) < 2:
        return NOT_APPLICABLE
    if view.a.reconfirmations is None:
        return unknown("reconfirmations")
    for former, later in pairwise(ordered):
        if not any(former.end <= one <= later.start for one in view.a.reconfirmations):
            return fails("reconfirmations", later.start)
    return PASS


def lift_unplanned(view: View) -> Found:
    """A-084: level or plan missing by the mass."""
    return worst([level_too_low(view), view.planned(signing.planned_in_writing)])


def overloaded(view: View) -> Found:
    """A-086: a load above the crane's capacity, or in tandem above its share."""
    return view.planned(site.lift_within_capacity)


# Electricity ---------------------------------------------------------------------------------------------------------


def power_untested(view: View) -> Found:
    """A-087: electricity in a hazard place without gas test before, or on a further day."""
    if view.started is None or view.facts.hazard_place is False:
        return NOT_APPLICABLE
    first = view.checked(gas_and_time.gas_tested)
    if first.outcome == "FAIL":
        return fails(first.fact, first.value, first.limit, alarm="01")
    daily = day_untested(view)
    return worst([first, fails(daily.fact, daily.value, alarm="04") if daily.outcome == "FAIL" else daily])


def not_electricians(view: View) -> Found:
    """A-088: a worker or the leader is no electrician."""
    return view.checked(people.certificates_held)


def power_too_long(view: View) -> Found:
    """A-089: more than 15 days without a special reason, or more than 30."""
    if view.facts.window is None:
        return unknown("window")
    found = check_window(
        "TE", "", view.facts.window, view.around.parameters, special_reason=view.facts.special_reason
    )
    hours = f"{shown(found.longest.hours)} h"
    return passed("", hours) if found.is_allowed else fails("window", view.facts.window, hours)


def power_wider(view: View) -> Found:
    """A-090: valid longer than the hot work or confined space that it serves."""
    facts = view.facts
    if facts.window is None:
        return unknown("window")
    served = [one.window for one in facts.related if one.kind in ("HW", "CS")]
    linked = [one for one in (facts.linked, *served) if one is not None]
    if not linked:
        return NOT_APPLICABLE
    for one in linked:
        if not one.encloses(facts.window):
            return fails("linked", facts.window, one)
    return PASS


def power_left(view: View) -> Found:
    """A-091: the line was not taken away within a day of the end."""
    if view.started is None or view.facts.window is None:
        return NOT_APPLICABLE if view.started is None else unknown("window")
    last = view.facts.window.end + view.span("late_h")
    if view.a.removed_at is None:
        return fails("removed_at", "", last) if view.a.now > last else NOT_APPLICABLE
    return PASS if view.a.removed_at <= last else fails("removed_at", view.a.removed_at, last)


# Excavation and roads ------------------------------------------------------------------------------------------------


def not_countersigned(view: View) -> Found:
    """A-092: a department concerned has not countersigned."""
    return view.planned(signing.countersigned) if view.a.issued_at else NOT_APPLICABLE


def deep_unmanaged(view: View) -> Found:
    """A-093: deep beside dangerous lines without the measures, or permit, of a confined space. One that has ended since
    stood while the work ran."""
    facts = view.facts
    stood = tuple(
        replace(one, state="ISSUED") if STATES.get(one.state) in ("2", "3", "6") else one for one in facts.related
    )
    return site.deep_pit_managed(replace(facts, related=stood), view.case("sign"))


def no_sketch(view: View) -> Found:
    """A-094: no sketch, no data of what lies below."""
    return of_flag(view.a.sketch, "sketch", wanted=True)


def road_unplanned(view: View) -> Found:
    """A-095: no plan of traffic, no signature of the fire department, or both ways to a unit closed."""
    found = [view.planned(site.road_planned)]
    if view.a.issued_at is not None and "FIRE" not in view.facts.countersigned:
        found.append(fails("countersigned", "", DEPARTMENTS["FIRE"]))
    found.append(of_flag(view.a.both_routes_closed, "both_routes_closed", wanted=False))
    return worst(found)


def road_left_closed(view: View) -> Found:
    """A-096: not reopened, or not told, within two hours of the end."""
    done = view.a.finished_at
    if done is None:
        return NOT_APPLICABLE
    last = done + view.span("late_h")
    if view.a.reopened_at is None:
        return fails("reopened_at", "", last) if view.a.now > last else NOT_APPLICABLE
    return PASS if view.a.reopened_at <= last else fails("reopened_at", view.a.reopened_at, last)
