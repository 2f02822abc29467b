"""What the house asks of a permit beside the standard (C-70 to C-73, C-75), where the enterprise switched it on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quancheng.domains.permits.models import Permit, PlanChoice
from quancheng.domains.permits.queries.lessons import unread_notes
from quancheng.domains.permits.queries.loads import unit_load
from quancheng.domains.permits.queries.plan_decisions import decided
from quancheng.domains.permits.queries.quotas import full_for, names_no_unit
from quancheng.standards.gb30871.parameters import Parameters


def house_facts(permit: Permit, phase: str, figures: Parameters, now: datetime) -> dict[str, Any]:
    """Fields of the standard's ``PermitFacts`` that the checks of a phase ask for."""
    found: dict[str, Any] = {"asks_whole_detectors": figures.impairment_check > 0}
    if phase == "apply" and figures.lessons_read > 0:
        found["unread_notes"] = unread_notes(permit)
    if phase in ("apply", "issue") and figures.load_stop > 0:
        found["unit_load"] = unit_load(permit, now, figures)
    full = None
    if phase == "issue":
        found["plan_decision"], found["plan_day"] = decided(permit, now)
        full = full_for(permit, now, reserved=found["plan_decision"] != PlanChoice.AGREED)
    elif phase == "apply":
        # Asked early: once it is prepared, where it is cannot be told any more.
        full = names_no_unit(permit, now)
    if full is not None:
        found |= {"quota": full.name, "quota_day": full.day, "quota_jobs": full.count, "quota_most": full.limit}
    return found
