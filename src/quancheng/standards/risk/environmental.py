"""Key environmental facilities (重点环保设施): which kinds are looked at for safety, a list of common practice [G]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.risk.basis import table, text_of
from quancheng.standards.wording import Text

#: Months after which a facility is assessed anew. [D]
REVIEW_MONTHS = 36


@dataclass(frozen=True, slots=True)
class FacilityKind:
    """A kind of facility (环保设施类别)."""

    code: str
    name: Text
    mark: str


@cache
def facility_kinds() -> dict[str, FacilityKind]:
    """All kinds by code, in order."""
    return {
        row["code"]: FacilityKind(row["code"], text_of(row), row["mark"]) for row in table("environmental_facilities")
    }
