"""Accidents of special work from which others learn (事故案例), and which of them a job is shown.

All of general knowledge [G]: years and figures stand where they are sure, else the cell is empty. No source in the
text of the standard.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from quancheng.standards.gb30871.basis import several, table, text_of
from quancheng.standards.wording import Text

#: What hurt people, by class of medium.
MEDIA: dict[str, Text] = {
    "FLAMMABLE": Text("易燃易爆", "flammable"),
    "TOXIC": Text("有毒有害", "toxic"),
    "INERT": Text("缺氧窒息", "lack of oxygen"),
    "DUST": Text("可燃粉尘", "combustible dust"),
}


@dataclass(frozen=True, slots=True)
class AccidentCase:
    """One accident. ``media`` empty: whatever the medium; numbers None and texts empty: not sure. ``own`` is the key of
    the enterprise that keeps it for itself, empty for all others."""

    code: str
    kinds: tuple[str, ...]
    media: tuple[str, ...]
    year: int | None
    deaths: int | None
    injured: int | None
    equipment: Text
    title: Text
    cause: Text
    lesson: Text
    hazard: Text
    measure: Text
    source: Text
    mark: str
    own: str = ""

    def fits(self, kind: str, media: Collection[str]) -> bool:
        """Whether it is shown to a job: of its kind, and of its medium where both tell one."""
        return kind in self.kinds and (not self.media or not media or bool(set(self.media) & set(media)))


@cache
def accident_cases() -> Mapping[str, AccidentCase]:
    """Those that ship, by code."""
    return {
        row["code"]: AccidentCase(
            row["code"], several(row["kinds"]), several(row["media"]), _number(row["year"]), _number(row["deaths"]),
            _number(row["injured"]), text_of(row, "equipment"), text_of(row), text_of(row, "cause"),
            text_of(row, "lesson"), text_of(row, "hazard"), text_of(row, "measure"), text_of(row, "source"),
            row["mark"],
        )
        for row in table("accident_cases")
    }  # fmt: skip


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


def media_told(kind: str, work: Mapping[str, Any], words: str = "") -> frozenset[str]:
    """Classes of medium that a job tells; empty where it tells none, and every medium is shown then. A confined space
    may always lack oxygen, but that alone says nothing of what was in it.

    :param words: place and content, by which alone combustible dust is told.
    """
    around, hot = work.get("circumstances") or {}, work.get("hot_work") or {}
    both = around.get("held_toxic_or_flammable") or work.get("dangerous_lines")
    found = set()
    if both or around.get("held_flammable") or work.get("hazard_place") or hot.get("hazard_place"):
        found.add("FLAMMABLE")
    if both or around.get("toxic_medium") or work.get("toxic_place") or work.get("other_gases"):
        found.add("TOXIC")
    if "粉尘" in words:
        found.add("DUST")
    return frozenset(found | {"INERT"} if found and kind == "CS" else found)
