"""Practical checklists (检查表): seven lists with 236 items, the mandatory section of special work, the contents of the
screening guide, the cards of posts.

The items are our own wording after the standards named with each, with its mark; where clause numbers are not certain
they are left out. An item that fails proposes a hidden danger of its grade; which criterion it may touch it names, and
a person confirms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers.criteria import known_criterion
from quancheng.standards.hidden_dangers.data import both, many, rows
from quancheng.standards.hidden_dangers.levels import Grade
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Item:
    """One item: what must be so, on what it rests, how serious its failure is, which criteria it may touch."""

    code: str
    checklist: str
    text: Text
    basis: str
    grade: Grade
    criteria: tuple[str, ...]
    mark: str
    note: Text


@dataclass(frozen=True, slots=True)
class Checklist:
    """One list. ``classes`` are those of enterprises that it is for; ``text_code`` its code in the law register."""

    code: str
    name: Text
    classes: tuple[str, ...]
    edition: str
    starts: date
    mark: str
    items: tuple[Item, ...]

    @property
    def text_code(self) -> str:
        return f"CL-{self.code}"


@cache
def checklists() -> dict[str, Checklist]:
    """The lists that ship, by code, in their order."""
    items: dict[str, list[Item]] = {}
    for row in rows("checklist_items"):
        items.setdefault(row["checklist"], []).append(
            Item(
                row["code"], row["checklist"], both(row), row["basis"], Grade(row["grade"]), many(row["criteria"]),
                row["mark"], both(row, "note", "note_en"),
            )
        )  # fmt: skip
    return {
        row["code"]: Checklist(
            row["code"], both(row), many(row["classes"]), row["edition"], date.fromisoformat(row["starts"]),
            row["mark"], tuple(items[row["code"]]),
        )
        for row in rows("checklists")
    }  # fmt: skip


def checklists_for(enterprise_class: str) -> tuple[Checklist, ...]:
    """The lists for a class of enterprises. ValueError for an unknown class."""
    if enterprise_class not in enterprise_classes():
        raise ValueError(f"no enterprise class {enterprise_class!r}; there are {', '.join(enterprise_classes())}")
    return tuple(one for one in checklists().values() if enterprise_class in one.classes)


def known_item(code: str) -> Item:
    """The item of a code. ValueError for an unknown one."""
    for one in checklists().values():
        for item in one.items:
            if item.code == code:
                return item
    raise ValueError(f"no checklist item {code!r}")


def items_of_criterion(code: str) -> tuple[Item, ...]:
    """The items that name a criterion. ValueError for an unknown criterion."""
    known_criterion(code)
    return tuple(item for one in checklists().values() for item in one.items if code in item.criteria)


# The screening guide ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GuidePart:
    """A management area or a check table of the guide for screening (排查治理导则, 应急〔2019〕78号) [G].

    Only its name: the guide's own items do not ship.
    """

    number: int
    name: Text
    note: Text
    mark: str


@cache
def _guide(name: str) -> tuple[GuidePart, ...]:
    return tuple(
        GuidePart(int(row["number"]), both(row), both(row, "note", "note_en"), row["mark"])
        for row in rows("guide_78")
        if row["list"] == name
    )


def guide_areas() -> tuple[GuidePart, ...]:
    """The fourteen areas of management."""
    return _guide("area")


def guide_tables() -> tuple[GuidePart, ...]:
    """The nine check tables of its annex."""
    return _guide("table")


# Two lists, two cards --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardField:
    """One field of a card; ``name`` as the provincial scheme calls it."""

    name: str
    label: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Card:
    """A list or card of a post (两单两卡、应知卡、承诺卡、明白卡) with its fields."""

    code: str
    name: Text
    fields: tuple[CardField, ...]


@cache
def cards() -> dict[str, Card]:
    """All lists and cards by code, in their order."""
    found: dict[str, tuple[Text, list[CardField]]] = {}
    for row in rows("post_cards"):
        _name, those = found.setdefault(row["card"], (Text(row["card_zh"], row["card_en"]), []))
        those.append(CardField(row["field"], both(row), row["mark"]))
    return {code: Card(code, name, tuple(those)) for code, (name, those) in found.items()}
