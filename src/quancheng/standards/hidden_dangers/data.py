"""How the tables of this package are read: rows of CSV files, lists within a cell separated by ``|``."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache

from quancheng.standards.enterprise_classes import DATA
from quancheng.standards.wording import Text

#: How sure we are: verified, verified in part, general knowledge, default of ours.
MARKS = ("V", "P", "G", "D")
#: Stands for every class of enterprise.
EVERY = "*"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one table, in its order."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def many(cell: str) -> tuple[str, ...]:
    """The entries of a cell that lists several."""
    return tuple(part for part in cell.split("|") if part)


def day(cell: str) -> date | None:
    """A day, or None where nobody knows it."""
    return date.fromisoformat(cell) if cell else None


def both(row: dict[str, str], zh: str = "zh", en: str = "en") -> Text:
    """A sentence of a row in both languages."""
    return Text(row[zh], row[en])


@cache
def words(name: str) -> dict[str, Text]:
    """One of the small vocabularies: ``trade``, ``tag``, ``kind``, ``method``, ``rule``."""
    return {row["code"]: both(row) for row in rows("hidden_danger_words") if row["list"] == name}
