"""Reads of environmental attributes: assessments with their reviews, disposal, and chemicals on environmental lists."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import F, Q, QuerySet

from quancheng.domains.registry.models import (
    Chemical,
    ChemicalEnvironment,
    Enterprise,
    EnvironmentRecord,
    Holding,
    Licence,
    WasteArrangement,
)
from quancheng.domains.registry.models.licences import IN_FORCE
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: The kind of licence that lets somebody take hazardous waste.
HANDLES = "HAZARDOUS_WASTE"


def list_records(*, actor: Actor) -> QuerySet[EnvironmentRecord]:
    """Environmental records that the actor may see; what is looked through again first comes first."""
    return (
        EnvironmentRecord.objects.visible_to(actor)
        .filter(file__merged_into__isnull=True)
        .select_related("file", "file__enterprise", "unit", "area", "enterprise", "verified_by")
        .order_by(F("review_date").asc(nulls_first=True), "file__enterprise__pinyin", "pk")
    )


def get_record(*, actor: Actor, record_id: uuid.UUID) -> EnvironmentRecord:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_records(actor=actor).filter(pk=record_id).first()
    if found is None:
        raise NotFound
    return found


def is_overdue(*, on: date) -> Q:
    """Records whose review is overdue, or that were never assessed."""
    return Q(review_date__lt=on) | Q(assessed_date__isnull=True)


def list_arrangements(*, actor: Actor) -> QuerySet[WasteArrangement]:
    """Arrangements of disposal that stand, those that end first at the top."""
    return (
        WasteArrangement.objects.visible_to(actor)
        .filter(file__merged_into__isnull=True)
        .select_related("file", "file__enterprise", "area", "enterprise")
        .order_by(F("ended_date").desc(nulls_first=True), F("until_date").asc(nulls_last=True), "pk")
    )


def get_arrangement(*, actor: Actor, arrangement_id: uuid.UUID) -> WasteArrangement:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_arrangements(actor=actor).filter(pk=arrangement_id).first()
    if found is None:
        raise NotFound
    return found


def handlers_known(numbers: Collection[str], *, on: date) -> dict[str, bool]:
    """Which of these numbers are waste licences on file here, and whether each is in force; no name of anybody."""
    rows = Licence.objects.filter(kind=HANDLES, number__in=[one for one in numbers if one])
    found: dict[str, bool] = {}
    for one in rows.with_state(on=on):
        found[one.number] = found.get(one.number, False) or one.state in IN_FORCE  # type: ignore[attr-defined]
    return found


def watched_held(file: Enterprise) -> QuerySet[Holding]:
    """What a file that a query gave holds of chemicals that stand on an environmental list."""
    watched = Q(chemical__environment__is_key=True) | Q(chemical__environment__is_new_pollutant=True)
    watched |= ~Q(chemical__environment__new_substance="") & Q(chemical__environment__isnull=False)
    return (
        Holding.objects.filter(watched, file=file, ended_date__isnull=True)
        .select_related("facility", "facility__unit", "chemical", "chemical__environment")
        .order_by("chemical__pinyin", "pk")
    )


def records_of_files(*, actor: Actor, files: Collection[uuid.UUID]) -> Sequence[EnvironmentRecord]:
    """Records of these files, as far as the actor sees them."""
    return list(list_records(actor=actor).filter(file__in=files))


def environments_of(chemicals: Collection[uuid.UUID]) -> dict[uuid.UUID, ChemicalEnvironment]:
    """What is said of these chemicals, by their keys."""
    return {one.chemical_id: one for one in ChemicalEnvironment.objects.filter(chemical__in=chemicals)}


def environment_of(chemical: Chemical) -> ChemicalEnvironment | None:
    """What is said of a chemical, if anything."""
    return getattr(chemical, "environment", None)
