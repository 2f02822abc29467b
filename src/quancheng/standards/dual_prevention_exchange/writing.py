"""A row that goes out, from facts, in the style that its receiver asks for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from quancheng.standards.dual_prevention_exchange.reading import Fault, read_row
from quancheng.standards.dual_prevention_exchange.tables import Field, table
from quancheng.standards.dual_prevention_exchange.times import write_clock, write_time

#: Codes that the spec holds as numbers (tinyint).
_NUMBERS = frozenset({
    "riskLevel", "dangerLevel", "dangerManageType", "hazardDangerType", "hazardCategory", "dangerState",
    "managementClassification", "occurrenceLink",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How a receiver wants rows: ``times`` of ``TIME_STYLES``; ``is_park`` adds the fields of park platforms."""

    times: str = "compact"
    is_park: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A row as it is sent, and why the receiver would refuse it; the second is empty where it may go."""

    row: dict[str, Any]
    faults: list[Fault]


def write_row(code: str, facts: Mapping[str, Any], style: Style = Style()) -> Written:
    """Write one row. ``facts`` hold values as :class:`~.reading.Read` gives them; missing ones go out empty.

    ValueError for a fact that is no field of the table.
    """
    known = table(code)
    if alien := set(facts) - {one.name for one in known.fields}:
        raise ValueError(f"{code} has no fields {sorted(alien)}")
    row = {
        one.name: _text(one, facts.get(one.name), style)
        for one in known.fields
        if style.is_park or one.variant != "park"
    }
    return Written(row, read_row(code, row).faults)


def _text(one: Field, value: Any, style: Style) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return write_time(value, style.times)
    if isinstance(value, time):
        return write_clock(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return int(value) if one.name in _NUMBERS and str(value).isdigit() else str(value)


def version_of(row: Mapping[str, Any]) -> str:
    """What two sides compare of a row: its time of change without marks, and whether it is deleted."""
    at = "".join(mark for mark in str(row["updateDate"]) if mark.isdigit())
    return f"{at}/{row['deleted']}"


def digest_of(versions: Iterable[tuple[str, str]]) -> str:
    """The digest of a table from key and version of each row, in any order: SHA-256 of the sorted lines."""
    lines = sorted(f"{key} {version}" for key, version in versions)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
