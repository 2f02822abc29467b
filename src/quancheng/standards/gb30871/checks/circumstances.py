"""What the facts of a permit tell of the circumstances that force measures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from quancheng.standards.gb30871 import related
from quancheng.standards.gb30871.checks.model import outdoor_of, planned
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.gas_times import DEEP_M
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.gb30871.upgrades import touches_night


def circumstances_of(
    facts: PermitFacts, level: Level | None, parameters: Parameters = STANDARD
) -> Mapping[str, bool | None]:
    """The circumstances as told, and over them what other facts of the permit make plain: who ticks "no" for gas
    welding on a permit for gas cutting has not told the truth, and who ticks "yes" is believed whatever the others
    say. What neither tells is not known."""
    derived = {**_of_kind(facts, level), **_of_work(facts, parameters)}
    told = facts.circumstances
    return {name: _either(told.get(name), derived.get(name)) for name in {**told, **derived}}


def _either(told: bool | None, derived: bool | None) -> bool | None:
    return True if told or derived else derived if derived is not None else told


def _of_work(facts: PermitFacts, parameters: Parameters) -> dict[str, bool | None]:
    hot = facts.hot_work
    hazard = hot.hazard_place if facts.hazard_place is None and hot else facts.hazard_place
    questions = facts.questions
    needed = related.needed(questions, facts.kind, unanswered=False) if questions else ()
    all_answered = questions is not None and not related.open_questions(questions, facts.kind)
    night = any(touches_night(slot, parameters) for slot in planned(facts)) if planned(facts) else None
    return {
        "hazard_place": hazard,
        "outdoor": outdoor_of(facts),
        "night": night,
        # By day a place may still be dim: only the night is plain.
        "dim": night or None,
        "related": True if facts.related or needed else False if all_answered else None,
        "at_height": True if any(need.kind == "WH" for need in needed) else None,
    }


def _is_planned(level: Level | None) -> bool | None:
    return None if level is None or (level.doubts and not level.plan_needed) else level.plan_needed


def _of_kind(facts: PermitFacts, level: Level | None) -> dict[str, bool | None]:
    if facts.kind == "HW":
        levels = {facts.level, level.effective if level else ""}
        special = "S" in levels if levels != {""} else None
        welding = bool(facts.methods)
        return {
            "special": special,
            "special_or_release": special or None,
            "electric_welding": bool(facts.methods & {"ARC_WELD", "PLASMA"}) if welding else None,
            "gas_welding": bool(facts.methods & {"GAS_WELD", "GAS_CUT"}) if welding else None,
        }
    if facts.kind == "WH" and facts.height:
        return {"above_30_m": facts.height.height_m > Decimal(30)}
    if facts.kind == "LF" and facts.lifting:
        near = facts.lifting.dangerous_equipment_near
        return {"plan_needed": _is_planned(level), "dangerous_equipment_near": near or None}
    if facts.kind == "EX" and facts.depth_m is not None:
        deep = facts.depth_m > DEEP_M
        return {
            "deeper_than_1_2_m": deep,
            "deep_in_dangerous_area": deep and facts.dangerous_lines if facts.dangerous_lines is not None else None,
        }
    return {}
