"""From hazards to the categories of table 2, with what had to be left open.

Source: GB 18218-2018, 4.1.2 b) and table 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from quancheng.standards import ghs
from quancheng.standards.gb18218.hazards import Hazard, read
from quancheng.standards.gb18218.model import STATES, Note, Stock
from quancheng.standards.gb18218.tables import gravest

#: A gas by the GHS is what is wholly gaseous at 20 °C; J4 ends at 35 °C, where flammable liquids of category 1 do.
_GAS_C, _LOW_C = Decimal(20), Decimal(35)
_HIGH_MPA = Decimal("1.6")
_EXPLOSIVE = {
    "unstable": "W1.1",
    "1.1": "W1.1",
    "1.2": "W1.2",
    "1.3": "W1.2",
    "1.5": "W1.2",
    "1.6": "W1.2",
    "1.4": "W1.3",
}
#: Class to symbol by category; what is not here has no row.
_PLAIN: dict[str, dict[str, str]] = {
    "explosive": _EXPLOSIVE,
    "flammable_gas": {"1": "W2", "2": "W2"},
    "aerosol": {"1": "W3", "2": "W3"},
    "oxidising_gas": {"1": "W4"},
    "self_reactive": {"A": "W6.1", "B": "W6.1", "C": "W6.2", "D": "W6.2", "E": "W6.2"},
    "organic_peroxide": {"A": "W7.1", "B": "W7.1", **dict.fromkeys("CDEF", "W7.2")},
    "pyrophoric_liquid": {"1": "W8"},
    "pyrophoric_solid": {"1": "W8"},
    "oxidising_liquid": {"1": "W9.1", "2": "W9.2", "3": "W9.2"},
    "oxidising_solid": {"1": "W9.1", "2": "W9.2", "3": "W9.2"},
    "flammable_solid": {"1": "W10"},
    "water_reactive": {"1": "W11", "2": "W11"},
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a chemical's hazards come to.

    ``symbols``: one for each hazard that has a row, of undecided ones the gravest; ``possible``: all that could be;
    ``doubts``: what was left open.
    """

    symbols: tuple[str, ...]
    possible: frozenset[str]
    doubts: tuple[Note, ...]


class Work(NamedTuple):
    """State and working conditions of a stock, as :class:`Stock` has them."""

    state: str
    boiling_point_c: Decimal | None
    operating_temp_c: Decimal | None
    operating_pressure_mpa: Decimal | None
    key_process: bool | None
    near_explosive_range: bool | None


def find(classes: tuple[str, ...], stock: Stock, *, is_production: bool, at_rest: bool = False) -> Found:
    """The categories of table 2 that apply to hazard classes as written.

    :param at_rest: leave working conditions aside (W5.1 by temperature, W5.2), as for a comparison of substances.
    """
    work = Work(
        stock.state, stock.boiling_point_c, stock.operating_temp_c, stock.operating_pressure_mpa,
        stock.key_process, stock.near_explosive_range,
    )  # fmt: skip
    return _find(classes, work, is_production and not at_rest, at_rest)


@lru_cache(maxsize=65536)
def _find(classes: tuple[str, ...], stock: Work, is_production: bool, at_rest: bool) -> Found:
    hazards = [hazard for text in classes for hazard in read(text)]
    doubts = [Note.of("doubt.unread", hazard=hazard.text) for hazard in hazards if not hazard.choices]
    told = [ghs.Hazard(*hazard.choices[0]) for hazard in hazards if len(hazard.choices) == 1]
    doubts += [
        Note.of("doubt.contradiction", first=pair.first.label, second=pair.second.label, reason=pair.reason)
        for pair in ghs.contradictions(hazard for hazard in told if hazard.key in ghs.classes())
    ]
    states, conflict = _states(hazards, stock)
    if conflict:
        doubts.append(conflict)
    boils_low = _boils_low(hazards, stock)
    symbols: list[str] = []
    possible: set[str] = set()
    for hazard in hazards:
        choices, missing = _choices(hazard, stock, states, boils_low, at_rest)
        rows = sorted(choice for choice in choices if choice)
        possible.update(rows)
        if not rows:
            continue
        chosen = gravest(rows)
        symbols.append(chosen)
        if len(choices) > 1:
            values = {"hazard": hazard.text, "missing": tuple(missing), "chosen": chosen}
            doubts.append(Note.of("doubt.category", choices=tuple(sorted(choices)), **values))
    if is_production:
        doubts += _conditions(hazards, symbols, stock)
    return Found(tuple(dict.fromkeys(symbols)), frozenset(possible), tuple(dict.fromkeys(doubts)))


def _states(hazards: Iterable[Hazard], stock: Work) -> tuple[tuple[str, ...], Note | None]:
    """The states that are possible: the one told, or what classes and boiling point leave."""
    hinted = set()
    for hazard in hazards:
        presumed = {ghs.classes()[key].state if key in ghs.classes() else "" for key in hazard.keys}
        if len(presumed) == 1:
            hinted |= presumed & set(STATES)
    if stock.boiling_point_c is not None and stock.boiling_point_c <= _GAS_C:
        hinted.add("gas")
    told = {stock.state} if stock.state else set()
    if len(told | hinted) > 1:
        every = tuple(state for state in STATES if state in told | hinted)
        return every, Note.of("doubt.states", states=tuple(f"state.{state}" for state in every))
    if told | hinted:
        return tuple(told | hinted), None
    return (STATES if stock.boiling_point_c is None else ("liquid", "solid")), None


def _boils_low(hazards: Iterable[Hazard], stock: Work) -> bool | None:
    """Whether it boils at 35 °C or below; a flammable liquid of category 1 does by definition, others do not."""
    if stock.boiling_point_c is not None:
        return stock.boiling_point_c <= _LOW_C
    for hazard in hazards:
        if hazard.keys == {"flammable_liquid"} and len(hazard.choices) == 1:
            return hazard.categories == {"1"}
    return None


def _choices(
    hazard: Hazard,
    stock: Work,
    states: tuple[str, ...],
    boils_low: bool | None,
    at_rest: bool,
) -> tuple[set[str], list[str]]:
    """Every symbol that a hazard may come to (empty text: no row), and what would have to be known to decide."""
    choices: set[str] = set()
    for key, category in hazard.choices:
        if key.startswith("acute_"):
            choices |= _acute(category, key == "acute_inhalation", states, boils_low)
        elif key == "flammable_liquid":
            choices |= _flammable(category, stock, at_rest)
        else:
            choices.add(_PLAIN.get(key, {}).get(category, ""))
    missing = ["missing.category"] if len(hazard.categories) > 1 else []
    is_acute = all(key.startswith("acute_") for key in hazard.keys)
    if is_acute:
        missing += ["missing.state"] if len(states) > 1 else []
        missing += ["missing.boiling_point"] if boils_low is None and "J4" in choices else []
        missing += ["missing.route"] if len(hazard.keys) > 1 and "J4" in choices else []
    elif hazard.keys == {"flammable_liquid"} and not missing:
        missing += ["missing.boiling_point"]
    return choices, missing


def _acute(category: str, is_inhaled: bool, states: tuple[str, ...], boils_low: bool | None) -> set[str]:
    if category not in ("1", "2", "3"):
        return {""}
    found = set()
    for state in states:
        if state == "gas":
            found.add("J1" if category == "1" else "J3")
        elif category == "1":
            found.add("J2")
        else:
            may_be_low = state == "liquid" and is_inhaled and boils_low is not False
            if may_be_low:
                found.add("J4")
            if not may_be_low or boils_low is None:
                found.add("J5" if category == "2" else "")
    return found


def _flammable(category: str, stock: Work, at_rest: bool) -> set[str]:
    """W5: category 2 and 3 depend on how the liquid is worked; storage at rest is below its boiling point."""
    if category in ("1", "4"):
        return {"W5.1" if category == "1" else ""}
    usual = "W5.3" if category == "2" else "W5.4"
    if at_rest:
        return {usual}
    is_special = (
        stock.key_process is True
        or stock.near_explosive_range is True
        or (stock.operating_pressure_mpa is not None and stock.operating_pressure_mpa > _HIGH_MPA)
    )
    below = "W5.2" if is_special else usual
    warm = stock.operating_temp_c
    # Neither category boils at 35 °C or below.
    if warm is None or warm <= _LOW_C:
        return {below}
    if stock.boiling_point_c is None:
        return {"W5.1", below}
    return {"W5.1"} if warm > stock.boiling_point_c else {below}


def _conditions(hazards: Iterable[Hazard], symbols: Iterable[str], stock: Work) -> list[Note]:
    """In a production unit a flammable liquid's working conditions must be told; untold ones are taken as absent."""
    usual = {"W5.3", "W5.4"} & set(symbols)
    if not usual:
        return []
    untold = [
        f"missing.{name}"
        for name in ("operating_temp_c", "operating_pressure_mpa", "key_process", "near_explosive_range")
        if getattr(stock, name) is None
    ]
    return [Note.of("doubt.conditions", missing=tuple(untold), chosen=gravest(usual))] if untold else []
