"""The twelve steps in which an enterprise builds dual prevention (双重预防机制建设步骤) [G].

What of them is done follows from facts, from papers, or from the regulator's act, as ``means`` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.risk.basis import table, text_of
from quancheng.standards.wording import Text

#: Share of events with measures of all four categories that is enough, per cent [D].
FOUR_PERCENT = 90
#: Days within which phones are used, and within which incentives are paid and risks evaluated anew.
MOBILE_DAYS, YEAR_DAYS = 30, 365
#: Months of the trial run.
TRIAL_MONTHS = 1
#: The step that the regulator takes; those before it are asked for first.
ACCEPTANCE = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingStep:
    """One step. ``means``: ``paper``, ``facts``, ``both`` or ``act``; ``how`` says what shows that it is done."""

    number: int
    name: Text
    means: str
    how: Text
    mark: str


@cache
def steps() -> tuple[BuildingStep, ...]:
    """All twelve in order."""
    return tuple(
        BuildingStep(
            number=int(row["number"]),
            name=text_of(row),
            means=row["means"],
            how=text_of(row, "means"),
            mark=row["mark"],
        )
        for row in table("building_steps")
    )
