"""Predicates about place, other work, devices and house: C-21 to C-25, C-31, C-32, C-35 to C-37, C-39 to C-41, C-43 to
C-45, C-47, C-48, and the prohibitions that turn on the site."""

from __future__ import annotations

from decimal import Decimal

from quancheng.standards.gb30871 import related
from quancheng.standards.gb30871.basis import shown
from quancheng.standards.gb30871.checks.gas_and_time import scene_of
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Case,
    Found,
    fails,
    first_day,
    of_flag,
    outdoor_of,
    passed,
    raised_enough,
    unknown,
    worst,
)
from quancheng.standards.gb30871.checks.people import months_before
from quancheng.standards.gb30871.endings import STOP_REASONS, weather_facts, weather_stop
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.gas import QUANTITIES
from quancheng.standards.gb30871.gas_times import as_confined_space
from quancheng.standards.gb30871.weather import EFFECTS
from quancheng.standards.wording import Text

# Other work ----------------------------------------------------------------------------------------------------------


def related_standing(facts: PermitFacts, case: Case) -> Found:
    """C-21: a related permit that the job needs is absent, not linked or not valid."""
    if facts.questions is None or facts.now is None:
        return unknown("questions" if facts.questions is None else "now")
    surely = related.needed(facts.questions, facts.kind, unanswered=False)
    if problems := related.problems(surely, facts.related, facts.now):
        return fails("related", problems[0].kind, problems[0].why.text, alarm=problems[0].alarm)
    # A question that nobody answered does no harm where the permit that it may call for stands.
    if related.problems(related.needed(facts.questions, facts.kind), facts.related, facts.now):
        return unknown(f"questions {', '.join(related.open_questions(facts.questions, facts.kind))}")
    return PASS


def no_forbidden_meeting(facts: PermitFacts, case: Case) -> Found:
    """C-22: other work in space and time that is forbidden."""
    if facts.conflicts is None:
        return unknown("conflicts")
    for meeting in facts.conflicts:
        if meeting.result == "FORBID":
            return fails("conflicts", f"{meeting.rule} {meeting.other}".strip())
    return PASS


def meetings_coordinated(facts: PermitFacts, case: Case) -> Found:
    """C-23: other work that is allowed with a coordinator and a joint analysis, without them."""
    if facts.conflicts is None:
        return unknown("conflicts")
    if not any(meeting.result == "CONDITIONAL" for meeting in facts.conflicts):
        return NOT_APPLICABLE
    if not facts.coordinator.strip():
        return fails("coordinator")
    return of_flag(facts.joint_analysis, "joint_analysis", wanted=True)


def no_meeting_of(facts: PermitFacts, case: Case) -> Found:
    """Prohibitions that are rules of simultaneous work; the rules are a parameter of the row."""
    if facts.conflicts is None:
        return unknown("conflicts")
    rules = case.params["rules"].split()
    for meeting in facts.conflicts:
        if meeting.rule in rules:
            return fails("conflicts", f"{meeting.rule} {meeting.other}".strip())
    return PASS


def one_plate(facts: PermitFacts, case: Case) -> Found:
    """C-24: a blinding permit for another number of plates than one, or for both operations."""
    if facts.plates is None or not facts.operations:
        return unknown("plates" if facts.plates is None else "operations")
    if facts.plates != 1:
        return fails("plates", facts.plates, 1)
    if unfit := sorted(facts.operations - {"INSERT", "REMOVE"}):
        return fails("operations", unfit[0], "INSERT/REMOVE")
    return PASS if len(facts.operations) == 1 else fails("operations", 2, 1)


def line_free(facts: PermitFacts, case: Case) -> Found:
    """C-25: another blinding permit is in work on the same line."""
    return of_flag(facts.other_on_line, "other_on_line", wanted=False)


# Devices and weather -------------------------------------------------------------------------------------------------


def _is_special(facts: PermitFacts, case: Case) -> bool | None:
    if facts.level == "S":
        return True
    return None if case.level is None else case.level.effective == "S"


def camera_running(facts: PermitFacts, case: Case) -> Found:
    """C-31 and P-07: special hot work without an explosion-proof camera that is online."""
    special = _is_special(facts, case)
    if special is not True:
        return unknown("hot_work") if special is None else NOT_APPLICABLE
    found = [
        of_flag(facts.site.camera_online, "site.camera_online", wanted=True),
        of_flag(facts.site.camera_ex_rated, "site.camera_ex_rated", wanted=True),
    ]
    return worst(found)


def detector_running(facts: PermitFacts, case: Case) -> Found:
    """C-32: a confined space without a paired portable detector, or a plan of records by hand; special hot work
    without its continuous test, for which no record by hand stands. While work runs it asks of paired ones alone."""
    if case.phase == "work" and not facts.paired_silent:
        return NOT_APPLICABLE
    if facts.kind == "HW":
        special = _is_special(facts, case)
        if special is not True:
            return unknown("hot_work") if special is None else NOT_APPLICABLE
        found = _paired(facts, case, frozenset({"COMBUSTIBLE"}))
        return found if found.outcome == "PASS" else found._replace(clause="5.3.1 d)")
    if facts.kind != "CS" and not as_confined_space(scene_of(facts, case)):
        return NOT_APPLICABLE
    if facts.site.manual_log_plan:
        return PASS
    return _paired(facts, case, frozenset(QUANTITIES))


def _paired(facts: PermitFacts, case: Case, wanted: frozenset[str]) -> Found:
    """What is known of paired detectors goes before what was stated: a silent one is no continuous test. Those of all
    that is wanted are one; of a part of it alone what was stated of the rest counts."""
    silent = facts.paired_silent & wanted
    if case.phase == "work":
        most = case.around.parameters.paired_silent_min
        if not silent or facts.paired_silent_min <= most:
            return NOT_APPLICABLE
        told = f" {shown(facts.paired_silent_min)} min"
        return fails("site.detector_paired", _named(silent, told), f"{shown(most)} min")
    if silent:
        words = ("：配对的检测仪没有有效读数", ": paired, and telling nothing")
        return fails("site.detector_paired", _named(silent, *words))
    if wanted <= facts.paired:
        return PASS
    if facts.paired & wanted and not facts.site.detector_paired:
        return fails("site.detector_paired", _named(wanted - facts.paired, "：没有配对", ": not paired"))
    return of_flag(facts.site.detector_paired, "site.detector_paired", wanted=True)


def _named(quantities: frozenset[str], zh: str, en: str = "") -> Text:
    """Quantities and what is said of them."""
    texts = [QUANTITIES[one] for one in QUANTITIES if one in quantities]
    return Text("、".join(one.zh for one in texts) + zh, ", ".join(one.en for one in texts) + (en or zh))


def personal_detectors(facts: PermitFacts, case: Case) -> Found:
    """C-56: a line of toxic matter is blinded without a detector on everybody."""
    if facts.circumstances.get("toxic_medium") is False:
        return NOT_APPLICABLE
    return of_flag(facts.site.personal_detectors, "site.personal_detectors", wanted=True)


def weather_fit(facts: PermitFacts, case: Case) -> Found:
    """C-35: wind, fog, snow or rain beyond the limits of open-air work. Hot work may go on in wind where production
    truly needs it and it is upgraded."""
    outdoor = outdoor_of(facts)
    if outdoor is False or not weather_facts(facts.kind):
        return NOT_APPLICABLE
    if outdoor is None or facts.weather is None:
        return unknown("outdoor" if outdoor is None else "weather")
    why = weather_stop(facts.kind, facts.weather, case.around.parameters)
    if why is not None:
        if facts.kind == "HW" and facts.hot_work and facts.hot_work.needed_in_wind and raised_enough(facts, case):
            return passed(facts.weather.wind_beaufort or 0)
        return fails(f"weather.{why.fact}", why.text, clause=why.clause)
    open_facts = [name for name in weather_facts(facts.kind) if getattr(facts.weather, name) is None]
    return unknown(f"weather.{open_facts[0]}") if open_facts else PASS


def no_weather_warning(facts: PermitFacts, case: Case) -> Found:
    """C-57: a warning of weather in force there forbids work of the kind in the open; while work runs those count that
    stop it. The exception of hot work in wind (5.2.15) holds here too. Who did not tell that it is indoors is in the
    open."""
    if not facts.warnings or outdoor_of(facts) is False:
        return NOT_APPLICABLE
    in_wind = facts.kind == "HW" and facts.hot_work is not None and facts.hot_work.needed_in_wind
    for one in facts.warnings:
        if case.phase == "work" and one.effect != "STOP":
            continue
        if one.warning == "WIND" and in_wind and raised_enough(facts, case):
            continue
        return fails("warnings", one.text, EFFECTS[one.effect], clause=one.clause or None)
    return PASS


# Detectors and interlocks near by, demands of this house and not of the standard -------------------------------------


def _near(facts: PermitFacts, case: Case, *, bypassed: bool) -> Text | None:
    """What does not work near the place, detectors or what is bypassed; None where nothing does."""
    radius = case.around.parameters.impairment_radius_m
    found = [
        one for one in facts.impairments
        if (one.is_bypass if bypassed else one.is_detector and one.quantity not in facts.paired) and one.is_near(radius)
    ]  # fmt: skip
    if not found:
        return None
    return Text("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def detectors_whole(facts: PermitFacts, case: Case) -> Found:
    """C-75: a fixed detector of gas or fire near the place does not work, and no portable one of the same goes with the
    work and tells. Where the house has not switched it on it asks nothing."""
    if not facts.asks_whole_detectors:
        return NOT_APPLICABLE
    said_so = _near(facts, case, bypassed=False)
    return PASS if said_so is None else fails("impairments", said_so)


def nothing_bypassed(facts: PermitFacts, case: Case) -> Found:
    """C-76: a detector or an interlock near the place is bypassed: whoever signs or starts says why the work goes on
    all the same."""
    said_so = _near(facts, case, bypassed=True)
    return NOT_APPLICABLE if said_so is None else fails("impairments", said_so)


# Zone ----------------------------------------------------------------------------------------------------------------


def zone_open(facts: PermitFacts, case: Case) -> Found:
    """C-36: the zone is locked by a gas alarm, an upset, start-up, evacuation or an order."""
    if facts.zone.locked_by is None:
        return unknown("zone.locked_by")
    reason = STOP_REASONS.get(facts.zone.locked_by, Text(facts.zone.locked_by, facts.zone.locked_by))
    return fails("zone.locked_by", reason) if facts.zone.locked_by else PASS


def zone_has_room(facts: PermitFacts, case: Case) -> Found:
    """C-37: people in the zone and the crew are more than it may hold."""
    people, capacity = facts.zone.people, facts.zone.capacity
    if people is None or capacity is None or facts.workers is None:
        missing = "zone.people" if people is None else "zone.capacity" if capacity is None else "workers"
        return unknown(missing)
    count = people + len(facts.workers) + len(facts.guardians or ())
    return passed(count, capacity) if count <= capacity else fails("zone.capacity", count, capacity)


def no_ban(facts: PermitFacts, case: Case) -> Found:
    """C-39: the district has banned special work for the time."""
    bans = [period for period in case.around.special_periods if period.is_ban]
    # A ban of tomorrow does not stop the work of today, and one that came after the issue stops that of its own time.
    is_now = case.phase in ("start", "resume", "work")
    if bans and (facts.now if is_now else facts.window) is None:
        return unknown("now" if is_now else "window")
    for period in bans:
        at_issue = facts.window is not None and period.slot.overlaps(facts.window)
        if period.slot.holds(facts.now) if is_now and facts.now else at_issue:
            return fails("special_periods", period.name)
    return of_flag(facts.zone.is_banned, "zone.is_banned", wanted=False)


def fixed_area_reviewed(facts: PermitFacts, case: Case) -> Found:
    """C-41: a fixed hot-work area whose yearly review is overdue."""
    if not facts.zone.in_fixed_area and not (facts.hot_work and facts.hot_work.in_fixed_area):
        return NOT_APPLICABLE
    day, seen = first_day(facts), facts.zone.fixed_area_reviewed_on
    if day is None or seen is None:
        return unknown("zone.fixed_area_reviewed_on" if seen is None else "now")
    oldest = months_before(day, Decimal(12))
    ok = oldest <= seen <= day
    return passed() if ok else fails("zone.fixed_area_reviewed_on", f"{seen:%Y-%m-%d}", f"{oldest:%Y-%m-%d}")


def filed(facts: PermitFacts, case: Case) -> Found:
    """C-40: a job that must be filed with the regulator is not."""
    if facts.filing_needed is False:
        return NOT_APPLICABLE
    if facts.filing_needed is None:
        return unknown("filing_needed")
    return of_flag(facts.is_filed, "is_filed", wanted=True)


def leader_present(facts: PermitFacts, case: Case) -> Found:
    """C-47: the leader on duty is not on site for upgraded special hot work."""
    special = _is_special(facts, case)
    if special is False or (case.level is not None and not case.level.is_upgraded and not facts.is_upgraded):
        return NOT_APPLICABLE
    if special is None:
        return unknown("hot_work")
    return of_flag(facts.leader_on_site, "leader_on_site", wanted=True)


def licence_valid(facts: PermitFacts, case: Case) -> Found:
    """C-48: the enterprise's safety production licence is past or suspended."""
    return of_flag(facts.licence_valid, "licence_valid", wanted=True)


# Excavation, roads, lifting ------------------------------------------------------------------------------------------


def _stands_for_space(permit: related.RelatedPermit, facts: PermitFacts) -> bool:
    """Whether a related permit makes a pit a confined space that is managed: live, linked and of the same time."""
    is_live = permit.kind == "CS" and permit.state in related.LIVE and permit.is_linked and permit.window is not None
    return is_live and permit.window is not None and (facts.window is None or permit.window.overlaps(facts.window))


def deep_pit_managed(facts: PermitFacts, case: Case) -> Found:
    """C-43: deeper than 1.2 m beside dangerous lines, with neither a confined space permit nor its measures."""
    if not as_confined_space(scene_of(facts, case)):
        return NOT_APPLICABLE
    if facts.depth_m is None or facts.dangerous_lines is None:
        return unknown("depth_m" if facts.depth_m is None else "dangerous_lines")
    if any(_stands_for_space(permit, facts) for permit in facts.related):
        return PASS
    if facts.space_measures:
        return PASS
    return fails("space_measures", facts.depth_m, Decimal("1.2"))


def road_planned(facts: PermitFacts, case: Case) -> Found:
    """C-44 and P-35: a closed road without traffic plan or without a way for fire engines."""
    return worst(
        [
            of_flag(facts.site.traffic_plan, "site.traffic_plan", wanted=True),
            of_flag(facts.site.fire_lane, "site.fire_lane", wanted=True),
        ]
    )


def lift_within_capacity(facts: PermitFacts, case: Case) -> Found:
    """C-45 and P-26: a load above the crane's capacity at its radius, or a tandem lift above its share of each."""
    cranes = facts.site.cranes
    if not cranes:
        return unknown("site.cranes")
    share = case.around.parameters.tandem_percent if len(cranes) > 1 else Decimal(100)
    for crane in cranes:
        most = crane.capacity_t * share / 100
        if crane.load_t > most:
            return fails("site.cranes", f"{crane.load_t} t", f"{most} t")
    carried = sum((crane.load_t for crane in cranes), Decimal(0))
    if facts.lifting is not None and carried < facts.lifting.mass_t:
        return fails("site.cranes.load_t", f"{carried} t", f"{facts.lifting.mass_t} t")
    return PASS


# Prohibitions of the site --------------------------------------------------------------------------------------------


def welder_near(facts: PermitFacts, case: Case) -> Found:
    """P-08: a welding set farther than 10 m from the point that is not itself managed as a point."""
    if "ARC_WELD" not in facts.methods or facts.site.welder_is_point:
        return NOT_APPLICABLE
    metres, most = facts.site.welder_distance_m, Decimal(10)
    if metres is None:
        return unknown("site.welder_distance_m")
    return passed(metres, most) if metres <= most else fails("site.welder_distance_m", metres, most)


def cylinders_set(facts: PermitFacts, case: Case) -> Found:
    """P-09: acetylene lying, cylinders nearer than 5 m to each other or than 10 m to the fire."""
    if not facts.methods & {"GAS_WELD", "GAS_CUT"}:
        return NOT_APPLICABLE
    found = [of_flag(facts.site.acetylene_upright, "site.acetylene_upright", wanted=True)]
    for name, least in (("cylinders_apart_m", Decimal(5)), ("cylinders_fire_m", Decimal(10))):
        metres = getattr(facts.site, name)
        if metres is None:
            found.append(unknown(f"site.{name}"))
        elif metres < least:
            found.append(fails(f"site.{name}", metres, least))
    return worst(found)


def pressure_steady(facts: PermitFacts, case: Case) -> Found:
    """P-12: hot work under pressure while the unit is unstable."""
    if facts.site.under_pressure is False:
        return NOT_APPLICABLE
    if facts.site.under_pressure is None:
        return unknown("site.under_pressure")
    return of_flag(facts.site.unit_stable, "site.unit_stable", wanted=True)


def layers_between(facts: PermitFacts, case: Case) -> Found:
    """P-22: work below work at height without a protective layer, or above 24 m without two."""
    below = facts.site.work_below
    if below is False:
        return NOT_APPLICABLE
    if below is None or facts.site.protection_layers is None:
        return unknown("site.work_below" if below is None else "site.protection_layers")
    fall = facts.site.fall_m if facts.site.fall_m is not None else facts.height.height_m if facts.height else None
    least = 2 if fall is None or fall > 24 else 1
    count = facts.site.protection_layers
    return passed(count, least) if count >= least else fails("site.protection_layers", count, least)


def anchor_sound(facts: PermitFacts, case: Case) -> Found:
    """P-25: a pipe, rack, pole or machine as anchor, or a structure that nobody checked."""
    anchor = facts.site.anchor
    if anchor is None:
        return unknown("site.anchor")
    if anchor in ("PIPE", "RACK", "POLE", "MACHINE"):
        return fails("site.anchor", anchor)
    if anchor == "STRUCTURE":
        return of_flag(facts.site.anchor_verified, "site.anchor_verified", wanted=True)
    return PASS


def site_flag(facts: PermitFacts, case: Case) -> Found:
    """A prohibition that turns on one flag of the site; its name and wanted value are parameters of the row."""
    name = case.params["flag"]
    return of_flag(getattr(facts.site, name), f"site.{name}", wanted=case.params["wanted"] == "true")


def not_observed(facts: PermitFacts, case: Case) -> Found:
    """A prohibition that somebody must see: broken where its code is among what was observed."""
    code = case.params["observed"]
    return fails("observed", code) if code in facts.observed else PASS



