"""Reads for sheets: many rows of the register at once, by what a line says of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from quancheng.domains.registry.models import (
    Chemical,
    Enterprise,
    Facility,
    Holding,
    Product,
    Project,
    SensitivePlace,
    Unit,
)
from quancheng.domains.registry.queries.places import list_places
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation


def files_by_code_or_name(
    *, actor: Actor, codes: Collection[str], names: Collection[str]
) -> list[Enterprise]:  # fmt: skip
    """Files that the actor may see whose enterprise has one of these codes or names."""
    return list(
        Enterprise.objects.visible_to(actor)
        .filter(Q(enterprise__credit_code__in=codes) | Q(enterprise__name__in=names))
        .select_related("enterprise", "area")
    )


def organisations_like(*, codes: Collection[str], names: Collection[str]) -> list[Organisation]:
    """Whatever stands under these codes or names, so that a sheet does not enter it again; scope does not matter."""
    return list(Organisation.objects.filter(Q(credit_code__in=codes) | Q(name__in=names)))


def has_file(organisation_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these organisations have a file."""
    return set(Enterprise.objects.filter(pk__in=organisation_ids).values_list("pk", flat=True))


def places_named(
    *, actor: Actor, areas: Collection[uuid.UUID], names: Collection[str]
) -> list[SensitivePlace]:  # fmt: skip
    """Sensitive places of these names in these divisions."""
    return list(list_places(actor=actor).filter(area__in=areas, name__in=names))


def products_named(*, files: Collection[uuid.UUID], names: Collection[str]) -> list[Product]:
    """Products of these names in files that a query gave to the actor, with their parts; two queries."""
    rows = Product.objects.filter(file__in=files, name__in=names)
    return list(rows.select_related("file", "file__enterprise").prefetch_related("parts__chemical"))


def projects_titled(*, actor: Actor, titles: Collection[str]) -> list[Project]:
    """Projects of the actor's own organisation under these names, refused and withdrawn ones left out."""
    rows = Project.objects.visible_to(actor).filter(owner_org=actor.organisation_id, title__in=titles)
    return list(
        rows.exclude(status__in=("REFUSED", "WITHDRAWN")).prefetch_related("chemicals__chemical").order_by("created_at")
    )


@dataclass(frozen=True, slots=True)
class Places:
    """What stands of the places that a sheet names: by enterprise and code, and what is held there."""

    units: Mapping[tuple[uuid.UUID, str], Unit]
    facilities: Mapping[tuple[uuid.UUID, str], Facility]
    holdings: Mapping[tuple[uuid.UUID, uuid.UUID, str], Holding]


def places_of(
    *, files: Collection[uuid.UUID], unit_codes: Collection[str], with_holdings: bool = True
) -> Places:  # fmt: skip
    """Units of these codes in files that a query gave to the actor, their facilities and what is held; three queries.

    Holdings that ended are left out; a unit or facility out of service is not.
    """
    units = list(Unit.objects.filter(file__in=files, code__in=unit_codes).select_related("file"))
    facilities = list(Facility.objects.filter(unit__in=units).select_related("unit", "unit__file"))
    held = Holding.objects.filter(facility__in=facilities, ended_date__isnull=True).select_related(
        "facility", "facility__unit", "chemical", "file"
    )
    return Places(
        {(one.file_id, one.code): one for one in units},
        {(one.unit_id, one.code): one for one in facilities},
        {(one.facility_id, one.chemical_id, one.product): one for one in held} if with_holdings else {},
    )


class Chemicals:
    """The register of chemicals for a sheet: found by CAS number, name or another name, exactly; one query."""

    def __init__(self) -> None:
        self._by_cas: dict[str, list[Chemical]] = {}
        self._by_name: dict[str, Chemical] = {}
        self._by_alias: dict[str, list[Chemical]] = {}
        self._is_loaded = False

    def _load(self) -> None:
        if self._is_loaded:
            return
        for one in Chemical.objects.all():
            self._by_name[one.name] = one
            if one.cas:
                self._by_cas.setdefault(one.cas, []).append(one)
            for alias in one.aliases:
                self._by_alias.setdefault(alias, []).append(one)
        self._is_loaded = True

    def find(self, text: str) -> Chemical | None:
        """The one that is meant; None where there is none, or several."""
        self._load()
        wanted = text.strip()
        if (named := self._by_name.get(wanted)) is not None:
            return named
        found = self._by_cas.get(wanted) or self._by_alias.get(wanted) or []
        return found[0] if len(found) == 1 else None

    def named(self, name: str) -> Chemical | None:
        self._load()
        return self._by_name.get(name)

    def numbered(self, cas: str) -> list[Chemical]:
        self._load()
        return self._by_cas.get(cas, [])
