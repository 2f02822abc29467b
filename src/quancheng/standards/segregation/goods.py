"""Goods as the segregation tables see them: labels, compatibility group, and what they do chemically."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quancheng.standards import un_number

DATA = Path(__file__).parent / "data"

#: What a good may be beyond its labels; the rules of :mod:`~quancheng.standards.segregation.rules` speak of these.
TRAITS = frozenset(
    {
        "acetylene",
        "acid",
        "ammonia",
        "ammonium",
        "aqueous",
        "base",
        "blasting_explosive",
        "chlorate",
        "chlorine",
        "cyanide",
        "detonator",
        "food",
        "highly_toxic",
        "hydrogen",
        "hypochlorite",
        "limited_quantity",
        "nitrate",
        "nitrite",
        "organic_fuel",
        "oxidising_gas",
    }
)

_EXPLOSIVE = re.compile(r"1(?:\.([1-6]))?([A-HJKLNS])?")
_GROUP_G = frozenset(
    (
        "2.1",
        "2.2",
        "2.3",
        "3",
        "4.1",
        "4.2",
        "4.3",
        "5.1",
        "5.2",
        "6.1",
        "6.2",
        "7",
        "7A",
        "7B",
        "7C",
        "7E",
        "8",
        "9",
        "9A",
    )
)


@dataclass(frozen=True, slots=True)
class Good:
    """One line of a load or one stock in a room.

    ``labels`` in their order, the primary hazard first: ``("6.1", "8")``; an explosive as division and
    compatibility group: ``("1.1D",)``. ``un`` is four digits or empty; ``traits`` of :data:`TRAITS`.
    """

    labels: tuple[str, ...]
    un: str = ""
    traits: frozenset[str] = frozenset()

    @property
    def primary_class(self) -> str:
        """The class of the primary label, 1 to 9; empty for goods that are not dangerous (food)."""
        return self.labels[0][0] if self.labels else ""

    @property
    def explosive(self) -> tuple[str, str] | None:
        """Division and compatibility group of goods of class 1, either empty when it was not told; None for others."""
        found = _EXPLOSIVE.fullmatch(self.labels[0]) if self.labels else None
        if found is None:
            return None
        return f"1.{found.group(1)}" if found.group(1) else "", found.group(2) or ""

    @property
    def has_explosive_label(self) -> bool:
        """Whether goods of another class bear an explosive's label beside their own (4.1+1, 5.2+1)."""
        return self.explosive is None and any(_EXPLOSIVE.fullmatch(label) for label in self.labels[1:])


def good(labels: str | Iterable[str] = (), *, un: str = "", traits: Iterable[str] = ()) -> Good:
    """A good from labels as people write them (``6.1+8``, ``1.4S``, ``4.1(1)``) and a UN number.

    Labels and traits that are not given come from the numbers that ship (:func:`known_goods`); given traits are
    added to them. ValueError, naming what was not understood, for a label, UN number or trait that is none, and
    when neither labels nor a known number nor a trait say what the good is.
    """
    number = ""
    if un:
        read = un_number.read(un)
        if not read.is_valid:
            raise ValueError(f"not a UN number: {un!r}")
        number = read.number.removeprefix("UN")
    if isinstance(labels, str):
        labels = re.split(r"[\s+,、/()]+", unicodedata.normalize("NFKC", labels))
    read_labels = tuple(dict.fromkeys(_label(each) for each in labels if each.strip()))
    known = known_goods().get(number)
    if not read_labels and known is not None:
        read_labels = known.labels
    given = frozenset(traits)
    if unknown := given - TRAITS:
        raise ValueError(f"unknown trait: {', '.join(sorted(unknown))}")
    every = given | (known.traits if known is not None else frozenset())
    if "5.1" in read_labels and any(label.startswith("2.") for label in read_labels):
        every |= {"oxidising_gas"}
    if not read_labels and not every:
        raise ValueError(f"neither labels nor a known UN number: {un!r}")
    return Good(read_labels, number, every)


@cache
def known_goods() -> dict[str, Good]:
    """Labels and traits by UN number for the goods that the rules are most often asked about [G]."""
    with (DATA / "goods.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["un"]: Good(
                tuple(row["labels"].split()), row["un"], frozenset(part for part in row["traits"].split("|") if part)
            )
            for row in csv.DictReader(file)
        }


def _label(text: str) -> str:
    words = unicodedata.normalize("NFKC", text).strip().upper()
    words = re.sub(r"^(?:CLASS|第)|(?:类|项)$", "", words).strip()
    if words in _GROUP_G or _EXPLOSIVE.fullmatch(words):
        return words
    raise ValueError(f"not a label: {text!r}")
