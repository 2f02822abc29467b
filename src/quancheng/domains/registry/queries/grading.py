"""What the grading of many units reads: plain facts, a thousand units in two queries, no rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from quancheng.domains.registry.models import Chemical, Facility, Holding, Unit


class UnitFacts(NamedTuple):
    """A unit with the results that stand."""

    id: uuid.UUID
    kind: str
    exclusion: str
    exposed_population: int | None
    legal_s: Decimal | None
    legal_r: Decimal | None
    legal_grade: int | None
    present_s: Decimal | None
    present_r: Decimal | None
    present_grade: int | None


class ChemicalFacts(NamedTuple):
    id: uuid.UUID
    name: str
    cas: str
    hazard_classes: Sequence[str]
    gb18218_item: str
    state: str
    boiling_point_c: Decimal | None
    density: Decimal | None


class FacilityFacts(NamedTuple):
    """A facility; ``conditions`` is what of it decides on threshold and β."""

    id: uuid.UUID
    unit_id: uuid.UUID
    code: str
    kind: str
    volume_m3: Decimal | None
    max_fill: Decimal | None
    temp_c: Decimal | None
    pressure_mpa: Decimal | None
    near_explosive_range: bool | None
    processes: Sequence[str]
    decommissioned_date: date | None
    decommission_record: str
    conditions: tuple[Any, ...]


class HeldFacts(NamedTuple):
    """A holding with its facility and chemical."""

    facility: FacilityFacts
    chemical: ChemicalFacts
    design_t: Decimal | None
    licensed_t: Decimal | None
    present_t: Decimal | None
    density: Decimal | None
    concentration: Decimal | None
    hazard_classes: Sequence[str]


def chemicals() -> dict[uuid.UUID, ChemicalFacts]:
    """Every chemical of the register."""
    names = ChemicalFacts._fields
    return {row[0]: ChemicalFacts(*row) for row in Chemical.objects.values_list(*names)}


def units_in_batches(size: int) -> Iterator[list[UnitFacts]]:
    """All units in the order of their identifiers, ended ones too: they are graded as they stood."""
    names = [{"exposed_population": "file__exposed_population"}.get(name, name) for name in UnitFacts._fields]
    last = uuid.UUID(int=0)
    rows = Unit.objects.order_by("pk").values_list(*names)
    while batch := [UnitFacts(*row) for row in rows.filter(pk__gt=last)[:size]]:
        yield batch
        last = batch[-1].id


def held_in(
    units: Sequence[UnitFacts], known: Mapping[uuid.UUID, ChemicalFacts]
) -> dict[uuid.UUID, list[HeldFacts]]:  # fmt: skip
    """What these units hold, in no order; the units are neighbours in the order of identifiers.

    :param known: as :func:`chemicals` gave them.
    """
    first, last = units[0].id, units[-1].id
    names = FacilityFacts._fields[:-1]
    places: dict[uuid.UUID, FacilityFacts] = {}
    for row in Facility.objects.filter(unit__gte=first, unit__lte=last).values_list(*names):
        conditions = (row[3], row[6], row[7], row[8], tuple(row[9]))
        places[row[0]] = FacilityFacts._make((*row, conditions))
    columns = ("facility_id", "chemical_id", *HeldFacts._fields[2:])
    rows = Holding.objects.filter(facility__unit__gte=first, facility__unit__lte=last, ended_date__isnull=True)
    found: dict[uuid.UUID, list[HeldFacts]] = {}
    for facility_id, chemical_id, *rest in rows.values_list(*columns):
        # What came since the facilities and the chemicals were read is assessed by its own act.
        place, chemical = places.get(facility_id), known.get(chemical_id)
        if place is not None and chemical is not None:
            found.setdefault(place.unit_id, []).append(HeldFacts(place, chemical, *rest))
    return found
