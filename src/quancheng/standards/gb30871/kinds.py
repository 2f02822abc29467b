"""The eight kinds of special work (特殊作业) and their levels, with the codes of AQ 3064.2-2025, table A.2.

Source: GB 30871-2022, 3 and 5.1 to 9.1. Colours of levels are ours [D]: the standard asks for a visible mark (B.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, clause, table, text_of
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of special work; ``exchange_class`` is the first digit of its codes in the exchange."""

    code: str
    name: Text
    meaning: Text
    exchange_class: str
    clause: str
    mark: str


@dataclass(frozen=True, slots=True)
class WorkLevel:
    """One level of a kind. ``rank`` rises with strictness; kinds without levels have one of code ``""``."""

    kind: str
    code: str
    rank: int
    #: TICKET_TYPE of AQ 3064.2-2025, table A.2.
    ticket_type: str
    name: Text
    colour: str
    clause: str
    mark: str


@cache
def kinds() -> dict[str, Kind]:
    """All eight by code, in the standard's order."""
    return {
        row["code"]: Kind(
            row["code"],
            text_of(row),
            text_of(row, "meaning"),
            row["exchange_class"],
            clause(row["clause"]),
            row["mark"],
        )
        for row in table("kinds")
    }


@cache
def levels(kind: str) -> dict[str, WorkLevel]:
    """The levels of a kind by code, mildest first. BadInput for an unknown kind."""
    known_kind(kind)
    return {
        row["code"]: WorkLevel(
            kind,
            row["code"],
            int(row["rank"]),
            row["ticket_type"],
            text_of(row),
            row["colour"],
            clause(row["clause"]),
            row["mark"],
        )
        for row in table("levels")
        if row["kind"] == kind
    }


def known_kind(kind: str, place: str = "kind") -> str:
    """The kind itself. BadInput where it is none."""
    if kind not in kinds():
        said = ", ".join(kinds())
        raise BadInput(place, Text(f"应为以下之一：{said}", f"must be one of {said}"))
    return kind


def level_of(kind: str, code: str, place: str = "level") -> WorkLevel:
    """A level by its code. BadInput where the kind has no such level."""
    found = levels(kind).get(code)
    if found is None:
        said = ", ".join(level or '""' for level in levels(kind))
        raise BadInput(place, Text(f"应为以下之一：{said}", f"must be one of {said}"))
    return found


def rank(kind: str, code: str) -> int:
    """How strict a level is within its kind; higher is stricter."""
    return level_of(kind, code).rank


def one_up(kind: str, code: str) -> str:
    """The next stricter level, or the level itself where none is stricter."""
    present = rank(kind, code)
    return next((level.code for level in levels(kind).values() if level.rank == present + 1), code)
