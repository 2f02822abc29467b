"""What the house asks beside the standard before work: the plan meeting, a unit that is not crowded, lessons read [D].

None of it loosens anything, and an enterprise that sets nothing is asked nothing.
"""

from __future__ import annotations

from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Case, Found, fails, passed
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.wording import Text

#: What a meeting decides of a job.
DECISIONS: dict[str, Text] = {
    "AGREED": Text("同意", "agreed"),
    "PUT_OFF": Text("改期", "put off"),
    "REFUSED": Text("不同意", "refused"),
}
_UNDECIDED = Text("未列入作业计划", "not in a plan")


def plan_agreed(facts: PermitFacts, case: Case) -> Found:
    """C-70: the meeting put the job off or refused it; where the enterprise asks for its agreement, decided nothing."""
    if not facts.plan_decision:
        is_asked = case.around.parameters.plan_required > 0
        return fails("plan_decision", _UNDECIDED, DECISIONS["AGREED"]) if is_asked else NOT_APPLICABLE
    told = DECISIONS.get(facts.plan_decision, Text(facts.plan_decision, facts.plan_decision))
    return PASS if facts.plan_decision == "AGREED" else fails("plan_decision", told, DECISIONS["AGREED"])


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
