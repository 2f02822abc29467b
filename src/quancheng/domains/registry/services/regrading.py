"""All units graded at once, and those assessed anew whose result is another than the one that stands.

No act changes a grade where a release brings a corrected table, or where what is known of a chemical is put right. So
every unit is calculated each night, with nothing kept but S, R and grade; what differs goes the usual way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.queries import grading as queries
from quancheng.domains.registry.queries.grading import HeldFacts, UnitFacts
from quancheng.domains.registry.services.assessing import assessing, quantity_in, stock_of, stored
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards import gb18218
from quancheng.standards.gb18218 import Graded, Rate

#: Units read in one go.
BATCH = 1000
#: Rates kept: stocks of one chemical under the same conditions have one. [D]
_MOST_RATES = 50_000


class Calculated(NamedTuple):
    """Both results of a unit, None where the standard excludes it."""

    unit: UnitFacts
    legal: Graded | None
    present: Graded | None


def calculate_all(*, today: date) -> Iterator[Calculated]:
    """Both results of every unit, unit by unit in the order of identifiers; two queries for a thousand."""
    rates: dict[Any, Rate] = {}
    chemicals = queries.chemicals()
    for units in queries.units_in_batches(BATCH):
        held = queries.held_in(units, chemicals)
        if len(rates) > _MOST_RATES:
            rates.clear()
        with gb18218.exactly():
            for unit in units:
                yield _calculated(unit, held.get(unit.id, ()), rates, today)


def _calculated(unit: UnitFacts, held: Sequence[HeldFacts], rates: dict[Any, Rate], today: date) -> Calculated:
    if unit.exclusion:
        return Calculated(unit, None, None)
    sums = {Basis.LEGAL: [Decimal(0), Decimal(0)], Basis.PRESENT: [Decimal(0), Decimal(0)]}
    for one in held:
        key = (one.chemical.id, one.facility.conditions, one.concentration, tuple(one.hazard_classes), unit.kind)
        rate = rates.get(key)
        if rate is None:
            rate = rates[key] = gb18218.rate_of(stock_of(one, {"quantity_t": Decimal(1)}, date.min), kind=unit.kind)
        for basis, sum_ in sums.items():
            tonnes = _tonnes(one, basis, today)
            if tonnes:
                sum_[0] += tonnes * rate.plainly
                sum_[1] += tonnes * rate.weighed
    legal, present = (
        gb18218.graded(plainly, weighed, unit.exposed_population) for plainly, weighed in sums.values()
    )
    return Calculated(unit, legal, present)


def _tonnes(one: HeldFacts, basis: str, today: date) -> Decimal | None:
    """The tonnes that count; None where nothing is known."""
    in_service = one.facility.decommissioned_date is None
    if in_service and basis == Basis.PRESENT:
        return one.present_t
    if in_service and one.design_t is not None:
        return one.design_t
    quantity: Mapping[str, Any] | None = quantity_in(one, basis, [])
    return None if quantity is None else gb18218.quantity_of(stock_of(one, quantity, today))


def regrade(*, now: datetime) -> int:
    """Assess anew every unit whose result is another than the one that stands; returns how many those were.

    A legal grade that is held above what the sums give stays held: the assessment sees that nothing changed.
    """
    house = system_actor("registry", "registry.files.keep")
    today, done = Calendar().local_date(now), 0
    for one in calculate_all(today=today):
        if _stands(one):
            continue
        with transaction.atomic(), assessing(actor=house, now=now, because="registry.regrade") as pending:
            pending.add(one.unit.id)
        done += 1
    return done


def _stands(one: Calculated) -> bool:
    unit = one.unit
    told = (unit.legal_s, unit.legal_r, unit.legal_grade, unit.present_s, unit.present_r, unit.present_grade)
    found: list[Any] = []
    for graded in (one.legal, one.present):
        s, r, grade = (None, None, None) if graded is None else (graded.s, graded.r, graded.grade)
        found += [*(None if one is None else stored(gb18218.shown(one)) for one in (s, r)), grade]
    return told == tuple(found)
