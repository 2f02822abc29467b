"""Rules A-038 to A-051: place, related and simultaneous work, breaks, weather, filing, keeping, telling."""

from __future__ import annotations

from quancheng.standards.gb30871 import gas_times, related
from quancheng.standards.gb30871.audit.view import View, at_most, of_stretches, within
from quancheng.standards.gb30871.basis import Slot, shown
from quancheng.standards.gb30871.checks import site
from quancheng.standards.gb30871.checks.gas_and_time import scene_of
from quancheng.standards.gb30871.checks.model import (
    NOT_APPLICABLE,
    PASS,
    Found,
    fails,
    of_flag,
    outdoor_of,
    raised_enough,
    unknown,
    worst,
)
from quancheng.standards.gb30871.endings import RETEST_AFTER, STATES, STOP_REASONS, weather_facts, weather_stop
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.wording import Text


def misplaced(view: View) -> Found:
    """A-038: the place lies outside the enterprise, or away from the place that is named."""
    inside = of_flag(view.a.inside_enterprise, "inside_enterprise", wanted=True)
    return worst([inside, at_most("place_distance_m", view.a.place_distance_m, view.number("far_m"))])


# Other work ----------------------------------------------------------------------------------------------------------


def related_missing(view: View) -> Found:
    """A-039: a related permit that the job needs was never taken out."""
    facts = view.facts
    if facts.questions is None:
        return unknown("questions")
    there = [one for one in facts.related if STATES.get(one.state) not in (None, "5")]
    for need in related.needed(facts.questions, facts.kind, unanswered=False):
        if sum(one.kind == need.kind for one in there) < need.count:
            return fails("related", kinds()[need.kind].name)
    return PASS


def related_unlinked(view: View) -> Found:
    """A-040: a related permit was taken out and neither names the other."""
    for one in view.facts.related:
        if not one.is_linked:
            return fails("related", Text(one.number, one.number) if one.number else kinds()[one.kind].name)
    return PASS if view.facts.related else NOT_APPLICABLE


def related_not_valid(view: View) -> Found:
    """A-041: work ran while a linked permit that the job needs was not valid."""
    facts = view.facts
    if facts.questions is None:
        return unknown("questions")
    kinds_needed = {one.kind for one in related.needed(facts.questions, facts.kind, unanswered=False)}
    leaning = [one for one in facts.related if one.kind in kinds_needed]
    if not leaning:
        return NOT_APPLICABLE

    def judge(stretch: Slot) -> Found | None:
        for one in leaning:
            if one.window is None or not one.window.encloses(stretch):
                return fails("related.window", stretch, one.window or "")
        return None

    return of_stretches(view, judge)


def forbidden_meeting(view: View) -> Found:
    """A-042: forbidden other work at the same time and near."""
    return site.no_forbidden_meeting(view.facts, view.case("issue"))


def uncoordinated(view: View) -> Found:
    """A-043: other work that is allowed with coordinator and joint analysis, without."""
    return site.meetings_coordinated(view.facts, view.case("issue"))


def changed_without_new(view: View) -> Found:
    """A-044: content, place or method changed and no new permit was taken out."""
    if view.started is None:
        return NOT_APPLICABLE
    return of_flag(view.a.changed, "changed", wanted=False)


# While work runs -----------------------------------------------------------------------------------------------------


def resumed_untested(view: View) -> Found:
    """A-045: work went on after a break too long, or after an alarm, without gas tested anew."""
    facts, scene = view.facts, scene_of(view.facts, view.case("start"))
    if view.started is None or not gas_times.demands(scene):
        return NOT_APPLICABLE
    if view.a.breaks is None:
        return unknown("breaks")
    if view.a.breaks and facts.gas is None:
        return unknown("gas")
    figures = view.around.parameters
    for one in view.a.breaks:
        times = [
            each.sampled_at for each in facts.gas or ()
            if gas_times.is_fresh(each.sampled_at, one.stopped_at, one.resumed_at, figures)
        ]  # fmt: skip
        age = gas_times.after_break(scene, one.stopped_at, one.resumed_at, times, figures)
        needs = one.reason in RETEST_AFTER or (age is not None and not age.is_allowed)
        if age is not None and needs and not times:
            return fails("breaks", f"{shown(age.minutes or 0)} min", f"{shown(age.limit)} min")
    return PASS if view.a.breaks else NOT_APPLICABLE


def worked_in_upset(view: View) -> Found:
    """A-046: work ran during a gas alarm, an upset, an evacuation or a stop order."""
    if view.a.upsets is None:
        return unknown("upsets") if view.started else NOT_APPLICABLE

    def judge(stretch: Slot) -> Found | None:
        for one in view.a.upsets or ():
            late = Slot(min(one.slot.start + view.span("grace_min"), one.slot.end), one.slot.end) if (
                one.slot.start + view.span("grace_min") < one.slot.end) else None  # fmt: skip
            reason = STOP_REASONS.get(one.reason, Text(one.reason, one.reason))
            if late and (found := within("upsets", stretch, [late], reason)):
                return found
        return None

    return of_stretches(view, judge)


def worked_in_weather(view: View) -> Found:
    """A-047: wind, fog, snow or rain beyond the limits while work ran in the open."""
    facts = view.facts
    outdoor = outdoor_of(facts)
    if view.started is None or outdoor is False or not weather_facts(facts.kind):
        return NOT_APPLICABLE
    if view.a.weathers is None or outdoor is None:
        return unknown("weathers" if view.a.weathers is None else "outdoor")
    for one in view.a.weathers:
        why = weather_stop(facts.kind, one.weather, view.around.parameters)
        if why is None or not any(each.holds(one.at) for each in view.stretches):
            continue
        may = facts.kind == "HW" and facts.hot_work is not None and facts.hot_work.needed_in_wind
        if not (may and raised_enough(facts, view.case("issue"))):
            return fails("weathers", one.at, why.text, clause=why.clause)
    return PASS if view.a.weathers else NOT_APPLICABLE


# The house -----------------------------------------------------------------------------------------------------------


def unfiled(view: View) -> Found:
    """A-048: not filed with the regulator, or late, where filing is needed."""
    needed = view.facts.filing_needed
    if needed is not True:
        return unknown("filing_needed") if needed is None else NOT_APPLICABLE
    due = view.a.filing_due
    if view.a.filed_at is None:
        # What may still come is not late.
        return NOT_APPLICABLE if due is not None and view.a.now <= due else fails("filed_at")
    if due is None:
        return unknown("filing_due")
    # What was filed before the work began has told of it, by telephone or not.
    told = min(view.a.filed_at, view.a.phoned_at or view.a.filed_at)
    if view.a.phone_due is not None and told > view.a.phone_due:
        return fails("phoned_at", view.a.phoned_at or "", view.a.phone_due)
    return PASS if view.a.filed_at <= due else fails("filed_at", view.a.filed_at, due)


def many_emergencies(view: View) -> Found:
    """A-049: too many of the enterprise's jobs are booked as emergencies."""
    if not view.facts.is_emergency:
        return NOT_APPLICABLE
    if view.a.bookings is None:
        return unknown("bookings")
    # Of a handful one emergency is a large share already.
    if view.a.bookings < view.number("fewest"):
        return NOT_APPLICABLE
    return at_most("emergency_percent", view.a.emergency_percent, view.number("most_percent"))


def not_kept(view: View) -> Found:
    """A-050: the record or its video was not kept as long as it must be."""
    return worst([
        of_flag(view.a.ticket_kept, "ticket_kept", wanted=True), of_flag(view.a.video_kept, "video_kept", wanted=True),
    ])  # fmt: skip


def told_late(view: View) -> Found:
    """A-051: a change reached the upper platform late, or is missing there."""
    if view.a.uploads is None:
        return unknown("uploads")
    most = view.span("late_min")
    for one in view.a.uploads:
        if (one.uploaded_at or view.a.now) - one.event_at > most:
            return fails("uploads", one.uploaded_at or "", one.event_at + most)
    if view.a.missing_upstream is None:
        return unknown("missing_upstream")
    return fails("missing_upstream") if view.a.missing_upstream else PASS
