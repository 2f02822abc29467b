"""Space layout (空间布局): kinds of planning zones, which distances are asked for, what a measured one means.

Values that ship are screening values [D]: they tell what to look at and never that a distance is met. Only what an
assessment report of the enterprise asks for (外部安全防护距离) can be met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from quancheng.standards.gb36894 import CLASSES, class_of_people
from quancheng.standards.risk.basis import table, text_of
from quancheng.standards.wording import Text

#: Kinds of zones beside which the use of chemicals is a conflict. [D]
CONFLICT_ZONES = ("residential", "education", "medical")
#: Source and target of the range within which it is one.
CONFLICT = ("conflict", "zone")
#: A user that belongs into a zone of its own kind: no conflict. [D]
_AT_HOME = {("laboratory", "education"), ("hospital", "medical")}
#: What an object of the register of sensitive places counts as; ``people``: by how many are there. [D]
_PLACES = {
    "school": "first", "hospital": "first", "housing": "people", "market": "people", "public": "people",
    "water": "water",
}  # fmt: skip
#: Classes of enterprises that keep nothing dangerous on ground of their own, or move along lines. [D]
NO_SITE = ("trader_paper", "carrier", "pipeline")
_STATIONS = ("petrol_station", "gas_filling", "city_gas", "alcohol_fuel")
_USERS = ("user", "laboratory", "hospital")

SOURCES: Mapping[str, Text] = {
    "hazard_high": Text("一级、二级重大危险源", "Major hazard of grade 1 or 2"),
    "hazard_low": Text("三级、四级重大危险源", "Major hazard of grade 3 or 4"),
    "plant": Text("生产、储存企业", "Production or storage"),
    "station": Text("加油站、充装站、燃气", "Petrol, filling and gas stations"),
    "user": Text("使用单位", "User"),
    "conflict": Text("使用单位（用途冲突）", "User (conflict of use)"),
}
TARGETS: Mapping[str, Text] = {
    **{code: one.name for code, one in CLASSES.items()},
    "water": Text("饮用水水源地", "Source of drinking water"),
    "zone": Text("居住、教育、医疗分区", "Residential, education and medical zones"),
}
#: What is missing before a distance can be judged, by code.
MISSING: Mapping[str, Text] = {
    "report": Text("评估报告给出的外部安全防护距离", "the external safety distance of an assessment report"),
    "class": Text("评估报告中该类防护目标的距离", "a distance for this class of object in the report"),
    "rule": Text("适用的间距要求", "a required distance that applies"),
    "start": Text("单元起算点坐标（按厂界量得的距离不能判定）", "the point from which the unit is measured"),
    "boundary": Text("厂区边界（按点量取）", "the boundary of the plant: measured from its point"),
    "edge": Text("目标的边界（按点量取）", "the boundary of the target: measured to its point"),
    "people": Text("目标人数（按一类防护目标核查）", "the people at the target: taken as class 1"),
}


class Verdict(IntEnum):
    """What a distance means, the gravest first."""

    SHORT = 1
    BELOW = 2
    UNKNOWN = 3
    MEETS = 4


@dataclass(frozen=True, slots=True)
class ZoneKind:
    """A kind of planned use (规划用途): its class of protected objects, ``people`` by number, empty for none."""

    code: str
    name: Text
    object_class: str
    hue: str
    mark: str


@dataclass(frozen=True, slots=True)
class Screening:
    """A distance that ships, in metres."""

    metres: int
    basis: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the codes of :data:`MISSING` that stand beside it."""

    verdict: Verdict
    missing: tuple[str, ...]


@cache
def zone_kinds() -> dict[str, ZoneKind]:
    """All kinds by code, in order."""
    return {
        row["code"]: ZoneKind(row["code"], text_of(row), row["object_class"], row["hue"], row["mark"])
        for row in table("zone_kinds")
    }


@cache
def screenings() -> dict[tuple[str, str], Screening]:
    """Distances that ship, by source and target."""
    return {
        (row["source"], row["target"]): Screening(int(row["metres"]), text_of(row, "basis"), row["mark"])
        for row in table("layout_distances")
    }


def source_of(kind: str, grade: int | None) -> str:
    """Which row of the distances an enterprise asks, by its class and gravest major hazard; empty for none."""
    if kind in NO_SITE:
        return ""
    if grade is not None:
        return "hazard_high" if grade <= 2 else "hazard_low"
    if kind in _STATIONS:
        return "station"
    return "user" if kind in _USERS else "plant"


def class_of(told: str, persons: int | None) -> tuple[str, bool]:
    """The class of an object told as ``people`` or as it is, and whether it was assumed for want of a number."""
    if told != "people":
        return told, False
    return ("first", True) if persons is None else (class_of_people(persons), False)


def class_of_place(kind: str, persons: int | None) -> tuple[str, bool]:
    """The same of a sensitive place."""
    return class_of(_PLACES[kind], persons)


def is_conflict(kind: str, zone_kind: str) -> bool:
    """Whether a user of a class has no place in or near a zone of a kind."""
    return zone_kind in CONFLICT_ZONES and (kind, zone_kind) not in _AT_HOME


def judge(
    *, metres: int, own_m: int | None, rule_m: int | None, has_report: bool, at_start: bool, of_unit: bool,
    has_boundary: bool, has_edge: bool, assumed: bool,
) -> Judged:  # fmt: skip
    """What a measured distance means.

    A point instead of a boundary makes a distance too long, so nothing is met by it; a plant's boundary instead of
    the unit makes it too short, so a unit's own distance is not missed by it.

    :param metres: between the nearest edges. :param own_m: what a report asks for this class. :param rule_m: a default.
    :param has_report: some report counts. :param at_start: measured from the point that it names.
    :param of_unit: it speaks of one unit. :param has_boundary: of the plant. :param has_edge: of the target.
    """
    missing = ["people"] if assumed else []
    if not has_boundary and not at_start:
        missing.append("boundary")
    if not has_edge:
        missing.append("edge")
    if own_m is not None:
        if metres >= own_m:
            unsure = "boundary" in missing or "edge" in missing
            return Judged(Verdict.UNKNOWN if unsure else Verdict.MEETS, tuple(missing))
        if of_unit and not at_start:
            return Judged(Verdict.UNKNOWN, (*missing, "start"))
        return Judged(Verdict.SHORT, tuple(missing))
    missing.append("class" if has_report else "report")
    if rule_m is None:
        return Judged(Verdict.UNKNOWN, (*missing, "rule"))
    return Judged(Verdict.BELOW if metres < rule_m else Verdict.UNKNOWN, tuple(missing))
