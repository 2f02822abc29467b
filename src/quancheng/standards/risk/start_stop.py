"""Start-up and shut-down of plants (开停车): kinds, and what is confirmed one by one before (开车前安全审查).

The list of conditions is common practice of pre-start-up safety reviews [G]; no text was read that fixes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.risk.basis import table, text_of
from quancheng.standards.wording import Text

#: Hours within which an emergency shut-down is told, and the longest between two records while it runs. [D]
TELL_HOURS, WATCH_HOURS = 1, 12


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of start-up or shut-down (开停车类别). ``is_planned`` is false where it is told afterwards."""

    code: str
    name: Text
    is_start: bool
    is_planned: bool = True


KINDS: dict[str, Kind] = {
    one.code: one
    for one in (
        Kind("initial", Text("首次开车（原始开车）", "Initial start-up"), is_start=True),
        Kind("after_overhaul", Text("检维修后开车", "Start-up after overhaul"), is_start=True),
        Kind("after_long", Text("长期停车后开车", "Start-up after a long stop"), is_start=True),
        Kind("after_emergency", Text("紧急停车后恢复开车", "Start-up after an emergency shut-down"), is_start=True),
        Kind("planned", Text("计划停车", "Planned shut-down"), is_start=False),
        Kind("long", Text("长期停车", "Long stop"), is_start=False),
        Kind("emergency", Text("紧急停车", "Emergency shut-down"), is_start=False, is_planned=False),
    )
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing to be confirmed before (开停车条件)."""

    code: str
    text: Text
    mark: str


@cache
def conditions(kind: str) -> tuple[Condition, ...]:
    """What is confirmed before a kind, in order; nothing before an emergency. KeyError for an unknown kind."""
    of = KINDS[kind]
    if not of.is_planned:
        return ()
    way = "start" if of.is_start else "stop"
    return tuple(
        Condition(row["code"], text_of(row), row["mark"])
        for row in table("start_stop_conditions")
        if row["way"] == way and kind in (row["kinds"] or kind).split("|")
    )
