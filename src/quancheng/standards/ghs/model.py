"""Classes, categories, pictograms and statements of GB 30000, read from the data files beside this module. All are
general knowledge [G] until checked against the texts.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quancheng.standards.wording import Text

DATA = Path(__file__).parent / "data"

#: The two signal words by the letter in the data.
SIGNAL_WORDS = {"D": Text("危险", "Danger"), "W": Text("警告", "Warning")}

#: How categories that are no number are written.
_WRITTEN = {
    "unstable": Text("不稳定爆炸物", "unstable explosive"),
    "compressed": Text("压缩气体", "compressed gas"),
    "liquefied": Text("液化气体", "liquefied gas"),
    "refrigerated": Text("冷冻液化气体", "refrigerated liquefied gas"),
    "dissolved": Text("溶解气体", "dissolved gas"),
    "lactation": Text("附加类别", "effects on lactation"),
}


@dataclass(frozen=True, slots=True)
class GhsClass:
    """One hazard class: its part of GB 30000, names, other spellings, and the state (gas, liquid, solid, aerosol) that
    it presumes, empty when any."""

    key: str
    part: int
    name: Text
    aliases: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a class with its label elements. ``signal`` is D, W or empty; ``in_catalogue`` says that it
    makes a chemical hazardous in the sense of the catalogue."""

    key: str
    category: str
    pictograms: tuple[str, ...]
    signal: str
    statements: tuple[str, ...]
    in_catalogue: bool
    mark: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """A class and category that a chemical has. ``effect`` is ``respiratory`` or ``narcotic`` for the third
    category of single exposure, else empty; ``is_minimum`` says that the category is a minimum classification (an
    asterisk).
    """

    key: str
    category: str = ""
    effect: str = ""
    is_minimum: bool = False

    @property
    def ghs_class(self) -> GhsClass:
        """Its class. KeyError for an unknown key."""
        return classes()[self.key]

    @property
    def label(self) -> Text:
        """As the classification table writes it: ``易燃液体,类别2``."""
        name = self.ghs_class.name
        if not self.category:
            return name
        if written := _WRITTEN.get(self.category):
            zh, en = written
        elif self.key in ("self_reactive", "organic_peroxide"):
            zh, en = f"{self.category}型", f"type {self.category}"
        elif self.key == "explosive":
            zh, en = f"{self.category}项", f"division {self.category}"
        else:
            zh, en = f"类别{self.category}", f"category {self.category}"
        zh += {"respiratory": "(呼吸道刺激)", "narcotic": "(麻醉效应)"}.get(self.effect, "")
        en += {"respiratory": " (respiratory irritation)", "narcotic": " (narcotic effects)"}.get(self.effect, "")
        star = "*" if self.is_minimum else ""
        return Text(f"{name.zh},{zh}{star}", f"{name.en}, {en}{star}")


@dataclass(frozen=True, slots=True)
class Pictogram:
    """One pictogram and what it is shown for."""

    code: str
    name: Text
    shown_for: str
    mark: str


@cache
def classes() -> dict[str, GhsClass]:
    """All classes by key, in the order of the parts of GB 30000."""
    return {
        row["key"]: GhsClass(
            key=row["key"],
            part=int(row["part"]),
            name=Text(row["name"], row["name_en"]),
            aliases=tuple(part for part in row["aliases"].split(";") if part),
            state=row["state"],
        )
        for row in _rows("classes.csv")
    }


@cache
def categories() -> dict[tuple[str, str], Category]:
    """All categories by class key and category."""
    return {
        (row["key"], row["category"]): Category(
            key=row["key"],
            category=row["category"],
            pictograms=tuple(row["pictograms"].split()),
            signal=row["signal"],
            statements=tuple(row["statements"].split()),
            in_catalogue=row["catalogue"] == "1",
            mark=row["mark"],
        )
        for row in _rows("categories.csv")
    }


@cache
def statements() -> dict[str, Text]:
    """The hazard statements by H code."""
    return {row["code"]: Text(row["zh"], row["en"]) for row in _rows("statements.csv")}


@cache
def pictograms() -> dict[str, Pictogram]:
    """The nine pictograms by code."""
    return {
        row["code"]: Pictogram(row["code"], Text(row["zh"], row["en"]), row["shown_for"], row["mark"])
        for row in _rows("pictograms.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
