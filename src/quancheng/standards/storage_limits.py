"""Limits of fire protection on what may be kept in one place (消防限量): data with a mark, which a district may change.

What the clauses demand of a warehouse as built (the quantity for which its fire protection was accepted) is told of
each facility; here stand the limits that hold for a kind of place.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from quancheng.standards.wording import Text

_FILE = Path(__file__).parent / "data" / "storage_limits.csv"


@dataclass(frozen=True, slots=True)
class StorageLimit:
    """One limit in cubic metres.

    :ivar enterprise_kinds: classes of enterprises that it is about; empty for all.
    :ivar facility_kinds: kinds of facilities that count.
    :ivar is_whole: the sum over the enterprise counts, else each facility by itself.
    :ivar measure: ``capacity``, what the facilities hold when full, or ``stock``, what is there.
    :ivar hazard: key of a hazard class that alone counts; empty for everything.
    :ivar half_cas: CAS numbers of which half counts.
    :ivar note: where it hangs on a fact that no file tells; then it is advice until a district sets it as its own.
    """

    code: str
    name: Text
    enterprise_kinds: frozenset[str]
    facility_kinds: frozenset[str]
    is_whole: bool
    measure: str
    hazard: str
    half_cas: frozenset[str]
    limit_m3: Decimal
    clause: Text
    mark: str
    note: Text | None = None

    def holds_for(self, enterprise_kind: str) -> bool:
        """Whether it is about a class of enterprises."""
        return not self.enterprise_kinds or enterprise_kind in self.enterprise_kinds


@cache
def storage_limits() -> dict[str, StorageLimit]:
    """The limits that ship, by code."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _limit(row) for row in csv.DictReader(file)}


def _limit(row: dict[str, str]) -> StorageLimit:
    def many(column: str) -> frozenset[str]:
        return frozenset(part for part in row[column].split("|") if part)

    return StorageLimit(
        code=row["code"],
        name=Text(row["name"], row["name_en"]),
        enterprise_kinds=many("enterprise_kinds"),
        facility_kinds=many("facility_kinds"),
        is_whole=row["scope"] == "enterprise",
        measure=row["measure"],
        hazard=row["hazard"],
        half_cas=many("half_cas"),
        limit_m3=Decimal(row["limit_m3"]),
        clause=Text(row["clause"], row["clause_en"]),
        mark=row["mark"],
        note=Text(row["note"], row["note_en"]) if row["note"] else None,
    )
