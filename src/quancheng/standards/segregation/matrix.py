"""The label matrix and the compatibility groups of explosives (JT/T 617.6 after the international table) [V~].

Goods without an explosive's label may all be loaded with each other; everything else depends on the explosive.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from quancheng.standards.segregation.goods import DATA, Good
from quancheng.standards.segregation.rules import Level
from quancheng.standards.wording import Text

#: Divisions from the most dangerous to the least: a mixed load counts as the first that it holds.
DANGER_ORDER = ("1.1", "1.5", "1.2", "1.3", "1.6", "1.4")

#: Life-saving appliances of class 9 that may travel with explosives (note b).
_LIFE_SAVING = frozenset({"2990", "3072", "3268"})
#: Nitrates that may travel with blasting explosives (note d).
_NITRATES = frozenset(
    ("1942", "2067", "3375", "1451", "2722", "1486", "1477", "1498", "1446", "2464", "1454", "1474", "1507")
)

_NOTES = {
    "1": Text(
        "B组物品与D组只能在经批准的分隔间或容器内同装",
        "Group B with D only in approved separate compartments or containment",
    ),
    "2": Text(
        "不同的1.6N物品须经试验排除殉爆，否则按1.1项",
        "Different 1.6N goods only if a test excludes sympathetic detonation, else as 1.1",
    ),
    "3": Text("N组与C、D、E组同装时，N组按D组对待", "With groups C, D or E, group N is treated as D"),
    "4": Text("L组只能与同一种L组同装", "Group L only with the same type of group L"),
}


def judge_labels(first: Good, second: Good) -> tuple[Level, Text | None]:
    """What the matrix says of two goods in one vehicle or container, and why when it is not simply allowed."""
    if not first.labels or not second.labels:
        return Level.ALLOWED, None
    if first.explosive is not None and second.explosive is not None:
        return _explosives(first.explosive, second.explosive)
    if first.has_explosive_label or second.has_explosive_label:
        return _with_explosive_label(first, second)
    if first.explosive is None and second.explosive is None:
        return Level.ALLOWED, None
    explosive, other = (first, second) if first.explosive is not None else (second, first)
    return _explosive_and_other(explosive, other)


def _explosives(first: tuple[str, str], second: tuple[str, str]) -> tuple[Level, Text | None]:
    one, other = first[1], second[1]
    if not one or not other:
        return Level.FORBIDDEN, Text(
            "爆炸品未写配装组，不能判为可以同装", "The compatibility group is missing, so nothing allows the pair"
        )
    entry = compatibility().get((one, other), "")
    if entry == "x":
        return Level.ALLOWED, None
    if not entry:
        return Level.FORBIDDEN, Text(
            f"{one}组与{other}组爆炸品不得同装", f"Explosives of groups {one} and {other} must not be loaded together"
        )
    notes = [_NOTES[number] for number in entry.split(",")]
    return Level.CONDITIONAL, Text("；".join(note.zh for note in notes), "; ".join(note.en for note in notes))


def _with_explosive_label(first: Good, second: Good) -> tuple[Level, Text | None]:
    both = first.has_explosive_label and second.has_explosive_label
    classes = (first.labels[0], second.labels[0])
    if both and classes[0] == classes[1]:
        return Level.ALLOWED, None
    if classes == ("5.2", "5.2"):
        return Level.ALLOWED, None
    return Level.FORBIDDEN, Text(
        "带爆炸品副标志的4.1项只与同类、5.2项只与5.2项同装",
        "Goods of 4.1 with an explosive's label go with their like only, those of 5.2 with 5.2 only",
    )


def _explosive_and_other(explosive: Good, other: Good) -> tuple[Level, Text | None]:
    division, group = explosive.explosive or ("", "")
    if division == "1.4" and group == "S":
        return Level.ALLOWED, None
    if other.labels[0] == "9" and other.un in _LIFE_SAVING:
        return Level.ALLOWED, Text(
            "爆炸品可与第9类救生设备同装", "Explosives may travel with life-saving appliances of class 9"
        )
    blasting = "blasting_explosive" in explosive.traits and explosive.un != "0083"
    if blasting and division in ("1.1", "1.2", "1.3") and other.un in _NITRATES:
        return Level.ALLOWED, Text(
            "爆破炸药可与硝酸铵等硝酸盐同装，全车按第1类爆破炸药对待",
            "Blasting explosives may travel with these nitrates; the whole load counts as blasting explosive",
        )
    if division == "1.4" and not group:
        return Level.FORBIDDEN, Text(
            "1.4项未写配装组：只有1.4S可与其他类别同装",
            "1.4 without a compatibility group: only 1.4S goes with other classes",
        )
    return Level.FORBIDDEN, Text("爆炸品不得与其他类别同装", "Explosives must not be loaded with other classes")


@cache
def compatibility() -> dict[tuple[str, str], str]:
    """The table of compatibility groups: x allowed, numbers of notes, empty forbidden. K is not in the table."""
    with (DATA / "compatibility.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["group"], other): entry
            for row in csv.DictReader(file)
            for other, entry in row.items()
            if other != "group"
        }


def load_division(goods: Iterable[Good]) -> str | None:
    """The division as which a mixed load counts; None when it holds no explosive. 1.5D with 1.2 counts as 1.1; an
    explosive without a division counts as 1.1."""
    explosives = [each.explosive for each in goods if each.explosive is not None]
    divisions = {division or "1.1" for division, _ in explosives}
    if "1.2" in divisions and ("1.5", "D") in explosives:
        return "1.1"
    return next((division for division in DANGER_ORDER if division in divisions), None)


def net_mass_limit(vehicle: str, division: str, group: str = "") -> Decimal | None:
    """The most net explosive mass in kg for one vehicle (EX/II or EX/III) [V~]; None when unlimited (1.4S).
    ValueError for a vehicle or division that is none."""
    limits = _net_mass()
    for key in ((vehicle, division, group), (vehicle, division, "")):
        if key in limits:
            return limits[key]
    raise ValueError(f"no limit for vehicle {vehicle!r} and division {division!r}")


@cache
def _net_mass() -> dict[tuple[str, str, str], Decimal | None]:
    with (DATA / "net_mass.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["vehicle"], row["division"], row["group"]): Decimal(row["kg"]) if row["kg"] else None
            for row in csv.DictReader(file)
        }
