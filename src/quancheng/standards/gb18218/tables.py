"""Tables 1 to 6 of GB 18218-2018, read once from the data files beside this module.

``mark`` says how sure we are of a row (see :mod:`quancheng.standards.wording`). The categories and β of table 1 items
outside table 3 are ours: the standard names no category there; ``beta_from`` is ``T3``, ``T4`` or, where the category
is a careful guess that the SDS should confirm, ``T4?``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import lcm
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Item:
    """A row of table 1; ``weight`` as :func:`scale` has it."""

    number: int
    name: str
    name_en: str
    #: Printed in the table; in common use besides; names under which the row does not apply although its CAS does.
    aliases: tuple[str, ...]
    also: tuple[str, ...]
    not_names: tuple[str, ...]
    cas: tuple[str, ...]
    cas_also: tuple[str, ...]
    threshold_t: Decimal
    weight: Decimal
    symbols: tuple[str, ...]
    beta: Decimal
    beta_from: str
    #: The row counts above this mass fraction only.
    content_above: Decimal | None
    #: ``named``: the row's own words cover mixtures; ``confirm``: one make-up only, that a person must confirm.
    composition: str
    mark: str
    beta_mark: str


@dataclass(frozen=True, slots=True)
class Category:
    """A row of table 2 with its β of table 4."""

    symbol: str
    hazard: str
    hazard_class: str
    hazard_class_en: str
    description: str
    description_en: str
    threshold_t: Decimal
    weight: Decimal
    beta: Decimal
    mark: str


@dataclass(frozen=True, slots=True)
class ToxicGas:
    """A row of table 3."""

    name: str
    name_en: str
    cas: str
    beta: Decimal
    mark: str


@dataclass(frozen=True, slots=True)
class Alpha:
    """A row of table 5; ``persons_to`` None: without end."""

    persons_from: int
    persons_to: int | None
    alpha: Decimal
    mark: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A row of table 6: ``r_from`` counts, ``r_below`` does not; None: without end."""

    grade: int
    r_from: Fraction
    r_below: Fraction | None
    mark: str


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def scale() -> int:
    """The smallest number that every threshold of tables 1 and 2 divides: q / Q is q times a whole ``weight`` over it.

    So sums stay exact in decimals, many times faster than in fractions.
    """
    return lcm(*((1 / Fraction(row["q_t"])).denominator for name in ("table1", "table2") for row in _rows(name)))


def _weight(threshold_t: str) -> Decimal:
    return Decimal(int(scale() / Fraction(threshold_t)))


def _many(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split(";") if part)


@cache
def table1() -> dict[int, Item]:
    """The 85 named substances by their number."""
    return {
        int(row["item"]): Item(
            number=int(row["item"]),
            name=row["name"],
            name_en=row["name_en"],
            aliases=_many(row["aliases"]),
            also=_many(row["also"]),
            not_names=_many(row["not_names"]),
            cas=_many(row["cas"]),
            cas_also=_many(row["cas_also"]),
            threshold_t=Decimal(row["q_t"]),
            weight=_weight(row["q_t"]),
            symbols=_many(row["symbols"]),
            beta=Decimal(row["beta"]),
            beta_from=row["beta_from"],
            content_above=Decimal(row["content_above"]) if row["content_above"] else None,
            composition=row["composition"],
            mark=row["mark"],
            beta_mark=row["beta_mark"],
        )
        for row in _rows("table1")
    }


@cache
def table2() -> dict[str, Category]:
    """The 24 hazard categories by symbol, each with its β."""
    betas = table4()
    return {
        row["symbol"]: Category(
            symbol=row["symbol"],
            hazard=row["hazard"],
            hazard_class=row["class"],
            hazard_class_en=row["class_en"],
            description=row["description"],
            description_en=row["description_en"],
            threshold_t=Decimal(row["q_t"]),
            weight=_weight(row["q_t"]),
            beta=betas[row["symbol"]],
            mark=row["mark"],
        )
        for row in _rows("table2")
    }


@cache
def table3() -> dict[str, ToxicGas]:
    """The 14 toxic gases with a β of their own, by CAS number."""
    return {
        row["cas"]: ToxicGas(row["name"], row["name_en"], row["cas"], Decimal(row["beta"]), row["mark"])
        for row in _rows("table3")
    }


@cache
def table4() -> dict[str, Decimal]:
    """β by category symbol."""
    return {row["symbol"]: Decimal(row["beta"]) for row in _rows("table4")}


@cache
def table5() -> tuple[Alpha, ...]:
    """α by exposed population, most people first."""
    return tuple(
        Alpha(
            int(row["persons_from"]),
            int(row["persons_to"]) if row["persons_to"] else None,
            Decimal(row["alpha"]),
            row["mark"],
        )
        for row in _rows("table5")
    )


@cache
def table6() -> tuple[Grade, ...]:
    """Grade by R, the gravest first."""
    return tuple(
        Grade(
            int(row["grade"]),
            Fraction(row["r_from"]),
            Fraction(row["r_below"]) if row["r_below"] else None,
            row["mark"],
        )
        for row in _rows("table6")
    )


def gravest(symbols: Iterable[str]) -> str:
    """Of several categories the one with the lowest threshold, of equals the one with the highest β (4.1.2)."""
    rows = table2()
    return min(symbols, key=lambda symbol: (rows[symbol].threshold_t, -rows[symbol].beta))


def alpha_of(persons: int) -> Decimal:
    """α for a number of exposed persons from 0 (table 5)."""
    return next(row.alpha for row in table5() if persons >= row.persons_from)


def grade_of(r: Fraction) -> int:
    """The grade for an R from 0 (table 6)."""
    return next(row.grade for row in table6() if r >= row.r_from)
