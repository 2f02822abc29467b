"""What must be monitored and what is (监测接入情况): per major hazard and storage facility, parameter by parameter.

Source: ``standards.signals.tags.monitored``. Which of its facilities one of the registry is follows from class,
temperature and pressure; roofs of tanks are not registered, so a tank without pressure counts as one with a fixed roof.
Gas is asked for where something flammable or toxic is held (AQ 3035-2010), or where nobody told what is held or of
which hazard classes that is. Video and entry of persons are told by no tag and left out.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.registry.kinds import FacilityKind, Fitted
from quancheng.domains.registry.models import Enterprise, Facility, Holding, Unit
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.standards import ghs
from quancheng.standards.signals import gb50493
from quancheng.standards.signals.tags import Due, monitored

STORAGE = (FacilityKind.TANK, FacilityKind.BAY, FacilityKind.CYLINDERS)
#: Facilities of which is prescribed what is monitored, where they belong to a major hazard.
_PLACES = (*STORAGE, FacilityKind.EQUIPMENT, FacilityKind.REACTOR, FacilityKind.LOADING)
#: What no tag tells.
_NOT_BY_TAGS = ("video", "entry")
_AMMONIA_CHLORINE = {"7664-41-7", "7782-50-5"}
_LPG = {"68476-85-7", "68476-40-4", "74-98-6", "106-97-8", "75-28-5"}
_LNG = {"8006-14-2", "74-82-8"}
_FLAMMABLE = {"flammable_gas", "aerosol", "flammable_liquid", "pyrophoric_liquid"}
#: Categories of acute toxicity by inhalation for which a detector is due [D].
_TOXIC = {"1", "2", "3"}
#: Tanks colder than this count as refrigerated; from these gauge pressures on as pressurised, as low-pressure [D].
_COLD_C, _PRESSURISED_MPA, _LOW_MPA = Decimal(-20), Decimal("0.1"), Decimal("0.0069")
_LARGE_M3 = 10_000
_IN_SERVICE = Q(decommissioned_date__isnull=True, unit__ended_date__isnull=True)


@dataclass(frozen=True, slots=True)
class Need:
    """A parameter that is due at a facility. ``states``: of the tags that monitor it."""

    due: Due
    states: frozenset[str]

    @property
    def is_met(self) -> bool:
        return TagStatus.LIVE in self.states


@dataclass(frozen=True, slots=True)
class Place:
    """A facility with what is due there; ``kind`` of ``standards.signals.tags.MONITORED``."""

    facility: Facility
    kind: str
    needs: tuple[Need, ...]

    @property
    def is_storage(self) -> bool:
        return self.facility.kind in STORAGE

    @property
    def lacking(self) -> tuple[Need, ...]:
        return tuple(one for one in self.needs if not one.is_met)

    @property
    def is_met(self) -> bool:
        return not self.lacking


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many are met."""

    met: int
    all: int

    @property
    def lacking(self) -> int:
        return self.all - self.met


@dataclass(frozen=True, slots=True)
class Coverage:
    """An enterprise: its places unit by unit. A major hazard is met where all its places are, and it has any."""

    file: Enterprise
    places: tuple[Place, ...]
    hazard_units: tuple[Unit, ...]

    @property
    def hazards(self) -> Share:
        return Share(sum(self.is_hazard_met(one) for one in self.hazard_units), len(self.hazard_units))

    @property
    def storage(self) -> Share:
        stores = [one for one in self.places if one.is_storage]
        return Share(sum(one.is_met for one in stores), len(stores))

    @property
    def parameters(self) -> Share:
        needs = [need for one in self.places for need in one.needs]
        return Share(sum(one.is_met for one in needs), len(needs))

    def is_hazard_met(self, unit: Unit) -> bool:
        mine = self.places_of(unit)
        return bool(mine) and all(one.is_met for one in mine)

    def places_of(self, unit: Unit) -> list[Place]:
        return [one for one in self.places if one.facility.unit_id == unit.pk]


def list_files(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see and that have something to be monitored, by name."""
    places = Facility.objects.filter(_due_places(), unit__file=OuterRef("pk"))
    hazards = Unit.objects.filter(file=OuterRef("pk"), legal_grade__isnull=False, ended_date__isnull=True)
    rows = seen(actor=actor).exclude(life="closed").filter(Exists(places) | Exists(hazards))
    return rows.select_related("enterprise", "area").order_by("pinyin", "pk")


def coverage(*, actor: Actor, files: Sequence[Enterprise]) -> list[Coverage]:
    """What is monitored at enterprises that a query gave to the actor, in their order. Four queries for any number."""
    keys = [one.pk for one in files]
    hazards: dict[uuid.UUID, list[Unit]] = defaultdict(list)
    units = Unit.objects.filter(file__in=keys, legal_grade__isnull=False, ended_date__isnull=True)
    for unit in units.order_by("code", "pk"):
        hazards[unit.file_id].append(unit)
    facilities = Facility.objects.filter(_due_places(), unit__file__in=keys).select_related("unit")
    ordered = list(facilities.order_by("unit__code", "unit_id", "code", "pk"))
    held, told = _held(keys), _told(actor, keys)
    places: dict[uuid.UUID, list[Place]] = defaultdict(list)
    for facility in ordered:
        places[facility.unit.file_id].append(_place(facility, held.get(facility.pk, ()), told))
    return [Coverage(one, tuple(places[one.pk]), tuple(hazards[one.pk])) for one in files]


def sensors(*, actor: Actor, file: Enterprise) -> dict[uuid.UUID, list[Tag]]:
    """Tags that have not ended of a file that a query gave, by the facility at which they hang. One query."""
    found: dict[uuid.UUID, list[Tag]] = defaultdict(list)
    rows = Tag.objects.visible_to(actor).filter(file=file, facility__isnull=False).exclude(status=TagStatus.ENDED)
    for row in rows.select_related("source__state").order_by("code", "pk"):
        if row.facility_id is not None:
            found[row.facility_id].append(row)
    return found


def of_hazards() -> Q:
    """Facilities in service that belong to a major hazard and of which is prescribed what is monitored."""
    return Q(kind__in=_PLACES, unit__legal_grade__isnull=False) & _IN_SERVICE


def _due_places() -> Q:
    return (Q(kind__in=STORAGE) & _IN_SERVICE) | of_hazards()


#: CAS number and classes of what a facility holds.
Held = tuple[str, tuple[str, ...]]


def _held(files: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Held]]:
    """What each facility holds: CAS number and classes, those of the goods before those of the substance."""
    found: dict[uuid.UUID, list[Held]] = defaultdict(list)
    rows = Holding.objects.filter(file__in=files, ended_date__isnull=True)
    columns = ("facility_id", "chemical__cas", "hazard_classes", "chemical__hazard_classes")
    for facility, number, own, usual in rows.values_list(*columns):
        found[facility].append((number, tuple(own or usual)))
    return found


def _told(actor: Actor, files: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, str], set[str]]:
    """States of the tags by facility and parameter."""
    found: dict[tuple[uuid.UUID, str], set[str]] = defaultdict(set)
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor).filter(file__in=files, facility__isnull=False)
    rows = rows.exclude(parameter="").exclude(status=TagStatus.ENDED).order_by()
    for facility, parameter, status in rows.values_list("facility_id", "parameter", "status").distinct():
        if facility is not None:
            found[facility, parameter].add(status)
    return found


def _place(facility: Facility, held: Sequence[Held], told: dict[tuple[uuid.UUID, str], set[str]]) -> Place:
    kind, dues = due_at(facility, held)
    needs = [
        Need(due, frozenset(told.get((facility.pk, due.parameter), ())))
        for due in dues if due.parameter not in _NOT_BY_TAGS
    ]  # fmt: skip
    return Place(facility, kind, tuple(needs))


def due_at(facility: Facility, held: Sequence[Held]) -> tuple[str, list[Due]]:
    """Its kind of ``standards.signals.tags.MONITORED``, and all that must be monitored there; no query."""
    traits = _traits(facility, held)
    kind = _kind(facility, traits)
    # Of what has no classes nobody knows whether it burns or poisons.
    is_known = bool(held) and all(classes for _number, classes in held)
    return kind, [
        due
        for due in monitored(kind, traits=traits)
        if due.is_mandatory
        and not (is_known and due.parameter in ("flammable", "toxic") and due.parameter not in traits)
    ]


def _kind(facility: Facility, traits: set[str]) -> str:
    if facility.kind == FacilityKind.TANK:
        if facility.temp_c is not None and facility.temp_c <= _COLD_C:
            return "refrigerated_tank"
        pressure = facility.pressure_mpa or Decimal(0)
        if pressure >= _PRESSURISED_MPA:
            return "pressurised_tank"
        return "low_pressure_tank" if pressure >= _LOW_MPA else "fixed_roof_tank"
    if facility.kind in (FacilityKind.BAY, FacilityKind.CYLINDERS):
        # What is prescribed of cylinder stores, vacuum and absorber, is meant for chlorine and ammonia.
        return "cylinder_store" if "ammonia_or_chlorine" in traits else "warehouse"
    return "loading_rack" if facility.kind == FacilityKind.LOADING else "plant"


def _traits(facility: Facility, held: Iterable[Held]) -> set[str]:
    found: set[str] = set()
    for number, classes in held:
        found |= _gases(classes)
        if number in gb50493.gases():
            found.add("toxic")
        for name, numbers in (("ammonia_or_chlorine", _AMMONIA_CHLORINE), ("lpg", _LPG), ("lng", _LNG)):
            if number in numbers:
                found.add(name)
    if facility.inerting == Fitted.YES:
        found.add("sealed")
    if facility.volume_m3 is not None and facility.volume_m3 >= _LARGE_M3:
        found.add("large")
    return found


@lru_cache(maxsize=4096)
def _gases(classes: tuple[str, ...]) -> frozenset[str]:
    hazards: Any = ghs.parse("；".join(classes)).hazards
    found = {"flammable" for one in hazards if one.key in _FLAMMABLE}
    found |= {"toxic" for one in hazards if one.key == "acute_inhalation" and one.category in _TOXIC}
    return frozenset(found)
