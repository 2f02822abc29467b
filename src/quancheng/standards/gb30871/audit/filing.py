"""Filing of work with the regulator (作业报备): which class, by when, and whether the permit is what was filed.

AQ 3064.2-2025, 6.1 names what is filed; classes and lead times are defaults of ours [D] that a district changes.
Filing is information and no approval: who works stays responsible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from quancheng.standards.gb30871.basis import local, several, table, text_of
from quancheng.standards.gb30871.kinds import levels, rank
from quancheng.standards.wording import Text

#: Who is told.
RECEIVERS: dict[str, Text] = {"PARK": Text("园区", "park"), "DISTRICT": Text("区级", "district")}
#: What does not fit between a filing and its permit.
DOUBTS: dict[str, Text] = {
    "NO_PERMIT": Text("已到开始时间，没有对应的作业票", "the time has come and there is no permit"),
    "CLASS": Text("作业票应按另一类别报备", "the permit is to be filed under another class"),
    "START": Text("作业票开始时间早于报备", "the permit begins earlier than filed"),
    "LEVEL": Text("作业票级别低于报备级别", "the level of the permit is lower than filed"),
    "PEOPLE": Text("作业人数比报备多2人以上", "more than two people beyond those filed"),
    "LATE": Text("报备晚于规定时间", "filed later than it had to be"),
    "PHONE": Text("电话报告晚于作业开始", "told by telephone only after the work began"),
}
MORE_PEOPLE = 2


@dataclass(frozen=True, slots=True)
class FilingClass:
    """One class: hours of lead before the start (negative: so long after it), who is told, and whether it is filed by
    an act of its own."""

    code: str
    lead_h: int
    receivers: tuple[str, ...]
    is_needed: bool
    mark: str
    name: Text
    jobs: Text


@cache
def filing_classes() -> Mapping[str, FilingClass]:
    """The six by code."""
    return {
        row["code"]: FilingClass(
            row["code"], int(row["lead_h"]), several(row["receiver"]), row["needed"] == "1", row["mark"], text_of(row),
            text_of({"zh": row["jobs_zh"], "en": row["jobs_en"]}),
        )
        for row in table("filing_classes")
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingFacts:
    """What the class turns on; a flag that nobody told is taken as no."""

    kind: str
    level: str = ""
    is_upgraded: bool = False
    has_residue: bool = False
    under_pressure: bool = False
    on_major_hazard: bool = False
    in_special_time: bool = False
    is_emergency: bool = False
    is_shutdown: bool = False


_FIRST = {("HW", "S"), ("LF", "1"), ("WH", "4")}
_SECOND = {("HW", "I"), ("LF", "2")}


def class_of(facts: FilingFacts) -> str:
    """The class of a job. An emergency comes before all, a shutdown before the rest; of the others the one that must be
    told earliest counts."""
    if facts.is_emergency:
        return "F6"
    if facts.is_shutdown:
        return "F4"
    found = ["F3"]
    key = (facts.kind, facts.level)
    tank = facts.on_major_hazard and facts.kind == "CS"
    if key in _FIRST or facts.under_pressure or tank or (facts.kind == "CS" and facts.has_residue):
        found.append("F1")
    line = facts.on_major_hazard and facts.kind == "BL"
    if key in _SECOND or facts.kind == "CS" or line or (facts.kind == "HW" and facts.is_upgraded):
        found.append("F2")
    if facts.in_special_time:
        found.append("F5")
    return max(found, key=lambda code: filing_classes()[code].lead_h)


def due_at(code: str, start: datetime, lead_h: int | None = None) -> datetime:
    """By when a job of a class is filed that begins at a time. :param lead_h: of the district, in place of ours."""
    hours = filing_classes()[code].lead_h if lead_h is None else lead_h
    return local(start, "start") - timedelta(hours=hours)


def doubts(
    *, kind: str, filed_level: str, filed_people: int | None, level: str, people: int | None,
    filed_class: str = "", permit_class: str = "", filed_start: datetime | None = None, start: datetime | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """What of a permit differs from its filing beyond what is borne; what is not known differs not."""
    found = []
    if filed_class and permit_class and filed_class != permit_class:
        found.append("CLASS")
    if filed_start is not None and start is not None and start < filed_start:
        found.append("START")
    known = {code for code in levels(kind) if code}
    if {filed_level, level} <= known and rank(kind, level) < rank(kind, filed_level):
        found.append("LEVEL")
    if filed_people is not None and people is not None and people > filed_people + MORE_PEOPLE:
        found.append("PEOPLE")
    return tuple(found)
