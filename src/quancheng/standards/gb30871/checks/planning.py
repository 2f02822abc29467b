"""What the house asks beside the standard before work: the plan meeting, a unit that is not crowded, lessons read [D].

None of it loosens anything, and an enterprise that sets nothing is asked nothing.
"""

from __future__ import annotations

from datetime import date

from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Case, Found, fails, passed
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.parameters import bounds
from quancheng.standards.wording import Text

#: What a meeting decides of a job.
DECISIONS: dict[str, Text] = {
    "AGREED": Text("同意", "agreed"),
    "PUT_OFF": Text("改期", "put off"),
    "REFUSED": Text("不同意", "refused"),
}
_UNDECIDED = Text("未经作业计划会同意", "no meeting agreed to it")
#: Quotas of jobs of one unit at a time, and what stands in their place where the job names no unit.
QUOTAS = ("zone_special_max", "zone_hw_max", "zone_jobs_max")
UNIT = "unit"
_NO_UNIT = Text("未写单元", "names no unit"), Text("写明单元", "a unit is named")


def _on(told: Text, day: date | None) -> Text:
    """With its day."""
    return told if day is None else Text(f"{day:%Y-%m-%d}{told.zh}", f"{told.en} on {day:%Y-%m-%d}")


def plan_agreed(facts: PermitFacts, case: Case) -> Found:
    """C-70: the meeting put the job off or refused it; where the enterprise asks for its agreement, decided nothing."""
    if not facts.plan_decision:
        is_asked = case.around.parameters.plan_required > 0
        told = _on(_UNDECIDED, facts.plan_day)
        return fails("plan_decision", told, DECISIONS["AGREED"]) if is_asked else NOT_APPLICABLE
    told = DECISIONS.get(facts.plan_decision, Text(facts.plan_decision, facts.plan_decision))
    told = _on(told, facts.plan_day)
    return PASS if facts.plan_decision == "AGREED" else fails("plan_decision", told, DECISIONS["AGREED"])


def quota_has_room(facts: PermitFacts, case: Case) -> Found:
    """C-73: with it more jobs of its unit than a quota allows would be there at one time, or it names no unit where
    a quota counts it."""
    if not facts.quota:
        is_on = any(getattr(case.around.parameters, name) > 0 for name in QUOTAS)
        return PASS if is_on else NOT_APPLICABLE
    if facts.quota == UNIT:
        return fails("quota", *_NO_UNIT)
    named = bounds()[facts.quota].text if facts.quota in QUOTAS else Text(facts.quota, facts.quota)
    told = Text(f"{named.zh}{facts.quota_jobs}", f"{named.en}: {facts.quota_jobs}")
    return fails("quota", _on(told, facts.quota_day), facts.quota_most)


def unit_not_crowded(facts: PermitFacts, case: Case) -> Found:
    """C-71: at the unit as much is open as stops new permits."""
    most = case.around.parameters.load_stop
    if most <= 0:
        return NOT_APPLICABLE
    limit = Text(f"少于{most:f}", f"below {most:f}")
    return fails("unit_load", facts.unit_load, limit) if facts.unit_load >= most else passed(facts.unit_load, limit)


def lessons_read(facts: PermitFacts, case: Case) -> Found:
    """C-72: whoever requests has not confirmed having read what went wrong at like work."""
    if case.around.parameters.lessons_read <= 0:
        return NOT_APPLICABLE
    return fails("unread_notes", facts.unread_notes) if facts.unread_notes > 0 else PASS
