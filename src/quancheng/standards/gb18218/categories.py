"""From hazards to the categories of table 2, with what had to be left open.

Source: GB 18218-2018, 4.1.2 b) and table 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from quancheng.standards.gb18218.hazards import STATE_OF, Hazard, read
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
    "oxidizing_gas": {"1": "W4"},
    "self_reactive": {"A": "W6.1", "B": "W6.1", "C": "W6.2", "D": "W6.2", "E": "W6.2"},
    "organic_peroxide": {"A": "W7.1", "B": "W7.1", **dict.fromkeys("CDEF", "W7.2")},
    "pyrophoric_liquid": {"1": "W8"},
    "pyrophoric_solid": {"1": "W8"},
    "oxidizing_liquid": {"1": "W9.1", "2": "W9.2", "3": "W9.2"},
    "oxidizing_solid": {"1": "W9.1", "2": "W9.2", "3": "W9.2"},
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


def find(classes: Iterable[str], stock: Stock, *, is_production: bool, at_rest: bool = False) -> Found:
    """The categories of table 2 that apply to hazard classes as written.

    :param at_rest: leave working conditions aside (W5.1 by temperature, W5.2), as for a comparison of substances.
    """
    hazards = [hazard for text in classes for hazard in read(text)]
    doubts = [Note.of("doubt.unread", hazard=hazard.text) for hazard in hazards if not hazard.kinds]
    states, conflict = _states(hazards, stock)
    if conflict:
        doubts.append(conflict)
    boils_low = _boils_low(hazards, stock)
    symbols: list[str] = []
    possible: set[str] = set()
    for hazard in hazards:
        choices, missing = _choices(hazard, stock, states, boils_low, is_production, at_rest)
        rows = sorted(choice for choice in choices if choice)
        possible.update(rows)
        if not rows:
            continue
        chosen = gravest(rows)
        symbols.append(chosen)
        if len(choices) > 1:
            values = {"hazard": hazard.text, "missing": tuple(missing), "chosen": chosen}
            doubts.append(Note.of("doubt.category", choices=tuple(sorted(choices)), **values))
    if is_production and not at_rest:
        doubts += _conditions(hazards, symbols, stock)
    return Found(tuple(dict.fromkeys(symbols)), frozenset(possible), tuple(dict.fromkeys(doubts)))


def _states(hazards: Iterable[Hazard], stock: Stock) -> tuple[tuple[str, ...], Note | None]:
    """The states that are possible: the one told, or what classes and boiling point leave."""
    hinted = {
        STATE_OF[kind] for hazard in hazards if len(hazard.kinds) == 1 for kind in hazard.kinds if kind in STATE_OF
    }
    if stock.boiling_point_c is not None and stock.boiling_point_c <= _GAS_C:
        hinted.add("gas")
    told = {stock.state} if stock.state else set()
    if len(told | hinted) > 1:
        every = tuple(state for state in STATES if state in told | hinted)
        return every, Note.of("doubt.states", states=tuple(f"state.{state}" for state in every))
    if told | hinted:
        return tuple(told | hinted), None
    return (STATES if stock.boiling_point_c is None else ("liquid", "solid")), None


def _boils_low(hazards: Iterable[Hazard], stock: Stock) -> bool | None:
    """Whether it boils at 35 °C or below; a flammable liquid of category 1 does by definition, others do not."""
    if stock.boiling_point_c is not None:
        return stock.boiling_point_c <= _LOW_C
    flammable = [hazard for hazard in hazards if hazard.kinds == ("flammable_liquid",) and hazard.is_exact]
    return flammable[0].categories == ("1",) if flammable else None


def _choices(
    hazard: Hazard,
    stock: Stock,
    states: tuple[str, ...],
    boils_low: bool | None,
    is_production: bool,
    at_rest: bool,
) -> tuple[set[str], list[str]]:
    """Every symbol that a hazard may come to (empty text: no row), and what would have to be known to decide."""
    choices: set[str] = set()
    missing = [] if hazard.is_exact else ["missing.category"]
    for kind in hazard.kinds:
        for category in hazard.categories:
            if kind == "acute":
                choices |= _acute(category, hazard.routes, states, boils_low)
            elif kind == "flammable_liquid":
                choices |= _flammable(category, stock, at_rest)
            else:
                choices.add(_PLAIN.get(kind, {}).get(category, ""))
    if hazard.kinds == ("acute",) and len(choices) > 1:
        missing += ["missing.state"] if len(states) > 1 else []
        missing += ["missing.boiling_point"] if boils_low is None and "J4" in choices else []
        missing += ["missing.route"] if not hazard.routes and "J4" in choices else []
    elif hazard.kinds == ("flammable_liquid",) and len(choices) > 1 and hazard.is_exact:
        missing += ["missing.boiling_point"]
    return choices, missing


def _acute(category: str, routes: frozenset[str], states: tuple[str, ...], boils_low: bool | None) -> set[str]:
    if category not in ("1", "2", "3"):
        return {""}
    found = set()
    for state in states:
        if state == "gas":
            found.add("J1" if category == "1" else "J3")
        elif category == "1":
            found.add("J2")
        else:
            other = "J5" if category == "2" else ""
            may_be_low = state == "liquid" and boils_low is not False and (not routes or "inhalation" in routes)
            must_be_low = may_be_low and boils_low is True and bool(routes)
            found |= ({"J4"} if may_be_low else set()) | (set() if must_be_low else {other})
    return found


def _flammable(category: str, stock: Stock, at_rest: bool) -> set[str]:
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


def _conditions(hazards: Iterable[Hazard], symbols: Iterable[str], stock: Stock) -> list[Note]:
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
