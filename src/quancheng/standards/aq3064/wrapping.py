"""The envelope in which a record travels.

Source: AQ 3064.1-2025, A.1 (business data): IDENTIFIER, UUID, COMPANY_CODE, PARK_CODE, the items, times and names of
who made, changed and deleted it. Names of data types are ours [D].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quancheng.standards.aq3064.tables import table

#: Fields of the envelope and the item whose value each repeats.
_STAMPS = {
    "CREATE_TIME": "CREATE_DATE", "CREATE_BY": "CREATE_BY", "UPDATE_TIME": "UPDATE_DATE", "UPDATE_BY": "UPDATE_BY",
}  # fmt: skip


def wrap(code: str, row: Mapping[str, Any], *, company: str, park: str) -> dict[str, Any]:
    """A written record in its envelope. :param company: its code in the registration system of chemicals.

    :param park: the park's code there, as it was agreed.
    """
    deleted = row["UPDATE_BY"] if row["DELETED"] == "1" else ""
    head = {
        "IDENTIFIER": table(code).service_id, "UUID": row["ID"], "COMPANY_CODE": company, "PARK_CODE": park,
    }  # fmt: skip
    return {**row, **head, **{name: row[item] for name, item in _STAMPS.items()}, "DELETE_BY": deleted}


def unwrap(given: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an envelope: what its items leave out is taken from the fields around them. A bare record stays as
    it is."""
    row = dict(given)
    if not row.get("ID"):
        row["ID"] = row.get("UUID")
    for name, item in _STAMPS.items():
        if not row.get(item):
            row[item] = row.get(name)
    if not row.get("DELETED"):
        row["DELETED"] = "1" if row.get("DELETE_BY") else row.get("DELETED")
    return row


def version_of(row: Mapping[str, Any]) -> str:
    """What two sides compare of a record: its time of change without marks, and whether it is deleted."""
    at = "".join(mark for mark in str(row["UPDATE_DATE"]) if mark.isdigit())
    return f"{at}/{row['DELETED']}"
