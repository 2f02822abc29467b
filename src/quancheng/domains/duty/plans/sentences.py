"""One sentence of a plan by itself: its time limits and its numbers, as a reviewer splits a paragraph into tasks."""

from __future__ import annotations

from typing import Any

from quancheng.domains.duty.plans.dates import Calendar, find_deadlines
from quancheng.domains.duty.plans.model import NO_DEADLINE
from quancheng.domains.duty.plans.targets import find_targets
from quancheng.domains.duty.plans.tasks import in_key_periods


def read_sentence(text: str, base: Calendar) -> dict[str, Any]:
    """Deadlines and targets of a sentence in the shape of a parsed task's; its main deadline is the first."""
    found = [one.deadline for one in in_key_periods(text, find_deadlines(text, base))]
    main = next((one for one in found if one.date), found[0] if found else NO_DEADLINE)
    return {
        "deadline": main.to_json(),
        "deadlines": [one.to_json() for one in found],
        "targets": [one.target.to_json() for one in find_targets(text)],
        "doubts": [{"code": doubt.code, "text": doubt.text} for one in found for doubt in one.doubts],
    }
