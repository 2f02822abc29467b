"""What the house asks of a permit beside the standard (C-70 to C-72), where the enterprise switched it on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.lessons import unread_notes
from quancheng.domains.permits.queries.loads import unit_load
from quancheng.domains.permits.queries.plans import decided
from quancheng.standards.gb30871.parameters import Parameters


def house_facts(permit: Permit, phase: str, figures: Parameters, now: datetime) -> dict[str, Any]:
    """Fields of the standard's ``PermitFacts`` that the checks of a phase ask for."""
    found: dict[str, Any] = {}
    if phase == "apply" and figures.lessons_read > 0:
        found["unread_notes"] = unread_notes(permit)
    if phase in ("apply", "issue") and figures.load_stop > 0:
        found["unit_load"] = unit_load(permit, now)
    if phase == "issue":
        found["plan_decision"] = decided(permit)
    return found
