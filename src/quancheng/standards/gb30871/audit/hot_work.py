"""Rules A-052 to A-070: hot work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from quancheng.standards.gb30871 import gas_times, roles
from quancheng.standards.gb30871.audit.view import View, gaps, of_stretches
from quancheng.standards.gb30871.basis import Slot, local, shown
from quancheng.standards.gb30871.checks import gas_and_time, signing, site
from quancheng.standards.gb30871.checks.gas_and_time import scene_of, setting_of
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Found,
    fails,
    of_flag,
    planned,
    raised_enough,
    unknown,
    worst,
)
from quancheng.standards.gb30871.gas import GasSample, judge
from quancheng.standards.gb30871.gases import combustible_limit, gas_named
from quancheng.standards.gb30871.upgrades import NAMES, calendar_doubts, upgrade_reasons
from quancheng.standards.wording import Text


def level_too_low(view: View) -> Found:
    """A-052, A-082: entered below what the facts demand. Hot work that was lowered by 5.1.4 is A-053's."""
    if view.facts.kind == "HW" and view.a.downgraded:
        return NOT_APPLICABLE
    return view.planned(gas_and_time.level_not_too_low)


def lowered_wrongly(view: View) -> Found:
    """A-053: level I was managed as II without shutdown, cleaning, purge, gas test, isolation and approval (5.1.4)."""
    hot = view.facts.hot_work
    if not view.a.downgraded or hot is None:
        return NOT_APPLICABLE if hot is not None else unknown("hot_work")
    names = ("unit_shutdown", "cleaned", "purged", "gas_passed", "isolated")
    found = [of_flag(getattr(hot, name), f"hot_work.{name}", wanted=True) for name in names]
    if not hot.downgrade_approved_by:
        found.append(fails("hot_work.downgrade_approved_by"))
    return worst(found)


def not_upgraded(view: View) -> Found:
    """A-054 to A-057: planned or real work touches a holiday, rest day, night or special period, and was not upgraded.
    The reason is a parameter of the rule."""
    wanted = view.params["reason"]
    slots = (*planned(view.facts), *view.stretches)
    if not slots:
        return unknown("window")
    if view.level is not None and view.level.need != "TICKET":
        return NOT_APPLICABLE
    told = {one.code for one in upgrade_reasons(slots, view.around)}
    if wanted not in told:
        doubtful = wanted == "HOLIDAY" and not view.facts.is_upgraded
        return unknown("calendar") if doubtful and calendar_doubts(slots, view.around.calendar) else NOT_APPLICABLE
    if view.facts.is_upgraded is None or view.level is None:
        return unknown("is_upgraded" if view.facts.is_upgraded is None else "hot_work")
    phase = "issue" if view.a.issued_at else "sign"
    return PASS if raised_enough(view.facts, view.case(phase)) else fails("is_upgraded", NAMES[wanted])


# Gas -----------------------------------------------------------------------------------------------------------------


def untested(view: View) -> Found:
    """A-058: no gas was tested before the start."""
    return view.checked(gas_and_time.gas_tested) if view.started else NOT_APPLICABLE


def tested_long_before(view: View) -> Found:
    """A-059: too long from the sample to the start."""
    return view.checked(gas_and_time.gas_fresh) if view.started else NOT_APPLICABLE


def standing_at_start(view: View) -> tuple[GasSample, ...]:
    """The samples that stood when work began, or stand now where it did not."""
    until = view.started or view.a.now
    return gas_times.standing(view.facts.gas or (), until)


def bad_value(view: View, quantities: frozenset[str]) -> Found:
    """A value of some quantities out of its limit at the start. One that cannot be judged is none of these."""
    facts = view.facts
    if facts.gas is None:
        return unknown("gas")
    setting = setting_of(facts, scene_of(facts, view.case("start")))
    for sample in standing_at_start(view):
        if sample.quantity not in quantities:
            continue
        found = judge(
            sample, view.around.parameters, setting=setting, others=facts.other_gases, stay_min=facts.stay_min,
            breathing_apparatus=facts.breathing_apparatus,
        )  # fmt: skip
        if found.verdict == "FAIL" and found.value is not None:
            told = f"{sample.gas or '?'} {shown(sample.value)} {sample.unit}"
            return fails("gas.value", told, f"{shown(found.limit or 0)} {found.unit}", clause=found.why.clause)
    return PASS if facts.gas else NOT_APPLICABLE


def value_too_high(view: View) -> Found:
    """A-060: combustible gas above 0.5 or 0.2 %vol, or oxygen above its limit in oxygen equipment."""
    return bad_value(view, frozenset({"COMBUSTIBLE", "OXYGEN"}))


def limit_unfit(view: View) -> Found:
    """A-061: the limit on the paper does not fit the gas, or a value without unit or gas cannot be judged."""
    if view.a.gas_without_unit:
        return fails("gas_without_unit", view.a.gas_without_unit, 0)
    if view.facts.gas is None:
        return unknown("gas")
    for sample in view.facts.gas:
        found = judge(sample, view.around.parameters)
        if found.value is None and sample.quantity == "COMBUSTIBLE":
            return fails("gas.unit", f"{sample.gas or '?'} {shown(sample.value)} {sample.unit}", found.why.text)
    for used in view.a.limits_used or ():
        gas = gas_named(used.gas)
        right = combustible_limit([gas] if gas else [], view.around.parameters)
        if used.limit_vol > right.value:
            return fails("limits_used", f"{used.gas} {shown(used.limit_vol)} %VOL", f"{shown(right.value)} %VOL")
    return PASS


def sampled_outside_only(view: View) -> Found:
    """A-062: work on an outer wall without a sample from inside, or a point too far away."""
    facts = view.facts
    if facts.gas is None:
        return unknown("gas")
    if not facts.gas:
        return NOT_APPLICABLE  # A-058 says it
    for sample in facts.gas:
        if sample.position == "OUTSIDE" and sample.distance_m is not None and sample.distance_m > gas_times.OUTSIDE_M:
            return fails("gas.distance_m", sample.distance_m, gas_times.OUTSIDE_M)
    if facts.outer_wall is None:
        return unknown("outer_wall")
    if facts.outer_wall and all(sample.position == "OUTSIDE" for sample in standing_at_start(view)):
        return fails("gas.position", "OUTSIDE", "INSIDE")
    return PASS


def work_days(view: View) -> Sequence[Slot]:
    """The stretches of work, the first of each local day."""
    by_day = groupby(sorted(view.stretches), key=lambda one: local(one.start).date())
    return [next(iter(found)) for _day, found in by_day]


def day_untested(view: View) -> Found:
    """A day of work without its gas test; the first day is another rule's."""
    scene = scene_of(view.facts, view.case("start"))
    if view.facts.gas is None or view.a.stretches is None:
        return unknown("gas" if view.facts.gas is None else "stretches")
    for one in work_days(view)[1:]:
        counting = [each.sampled_at for each in view.facts.gas if each.sampled_at <= one.start]
        why = gas_times.day_without_test(scene, local(one.start).date(), counting)
        if why is not None:
            return fails("gas.sampled_at", why.text)
    return PASS


def second_day_untested(view: View) -> Found:
    """A-063: hot work of level II over days, a day of it without test."""
    if view.started is None or view.is_level("II") is False or len(work_days(view)) < 2:
        return NOT_APPLICABLE
    return day_untested(view)


def not_continuous(view: View) -> Found:
    """A-064: special hot work without continuous gas readings."""
    if view.started is None or view.is_level("S") is False:
        return NOT_APPLICABLE
    if view.a.continuous is None:
        return unknown("continuous")
    most: timedelta = view.span("gap_min")

    def judge(stretch: Slot) -> Found | None:
        gap = gaps(view.a.continuous or (), stretch, most)
        return fails("continuous", gap, f"{view.params['gap_min']} min") if gap else None

    return of_stretches(view, judge)


def not_filmed(view: View) -> Found:
    """A-065: special hot work without a recording of all of it by a camera of the right grade."""
    if view.started is None or view.is_level("S") is False:
        return NOT_APPLICABLE
    if view.a.video is None:
        return unknown("video")
    least, told = view.number("coverage_percent"), view.a.video.coverage_percent
    if told is None:
        return unknown("video.coverage_percent")
    if told < least:
        return fails("video.coverage_percent", told, least)
    return of_flag(view.a.video.is_ex_rated, "video.is_ex_rated", wanted=True)


def special_unplanned(view: View) -> Found:
    """A-066: special hot work without a written plan."""
    if view.is_level("S") is False:
        return NOT_APPLICABLE
    return of_flag(view.facts.plan_attached, "plan_attached", wanted=True)


def not_blinded(view: View) -> Found:
    """A-067, A-076: lines of equipment that held flammable or toxic matter are not blinded."""
    return signing.blinded(view.facts, view.case("sign"))


def unchecked_by_shift(view: View) -> Found:
    """A-068: the shift leader did not check the permit before fire."""
    if view.started is None:
        return NOT_APPLICABLE
    if view.a.signatures is None:
        return unknown("signatures")
    done = [one.signed_at for one in view.a.signatures if one.step == "SHIFT_LEADER"]
    if not done:
        return fails("signatures.step", "", roles.roles()["SHIFT_LEADER"].name)
    return PASS if min(done) <= view.started else fails("signatures.signed_at", min(done), view.started)


def values_copied(view: View) -> Found:
    """A-069: values by hand that repeat to two decimals, or are zero at every point."""
    if view.facts.gas is None:
        return unknown("gas")
    hand = sorted(
        (one for one in view.facts.gas if one.is_manual and one.quantity == "COMBUSTIBLE"),
        key=lambda one: (one.sampled_at, one.position, one.point),
    )
    if not hand:
        return NOT_APPLICABLE
    if len(hand) > 1 and not any(one.value for one in hand):
        return fails("gas.value", Text("各点均为0", "zero at every point"))
    most = int(view.number("alike"))
    for value, found in groupby(hand, key=lambda one: (one.unit, round(one.value, 2))):
        if len(list(found)) >= most:
            return fails("gas.value", f"{shown(value[1])} {value[0]} ×{most}")
    return PASS


def fixed_area_misused(view: View) -> Found:
    """A-070: a fixed hot-work area without its yearly review, or work outside of it."""
    facts = view.facts
    if not facts.zone.in_fixed_area and not (facts.hot_work and facts.hot_work.in_fixed_area):
        return NOT_APPLICABLE
    reviewed = site.fixed_area_reviewed(view.begun, view.case("start"))
    return worst([reviewed, of_flag(view.a.inside_fixed_area, "inside_fixed_area", wanted=True)])
