"""Reads of the catalogue of prohibited, restricted and controlled chemicals."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise, Holding, Project, Restriction
from quancheng.domains.registry.queries.enterprises import Finding
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_restrictions(*, actor: Actor) -> QuerySet[Restriction]:
    """Every entry, by chemical; everybody who is signed in may know the catalogue."""
    if not actor.is_system and actor.organisation_id is None:
        return Restriction.objects.none()
    return Restriction.objects.select_related("chemical").order_by("chemical__pinyin", "from_date", "pk")


def get_restriction(*, actor: Actor, restriction_id: uuid.UUID) -> Restriction:
    """Raise NotFound where there is none."""
    found = list_restrictions(actor=actor).filter(pk=restriction_id).first()
    if found is None:
        raise NotFound
    return found


def in_force(
    *, chemicals: Collection[uuid.UUID] | QuerySet[Any, Any], links: Iterable[str], on: date
) -> dict[uuid.UUID, list[Restriction]]:  # fmt: skip
    """Entries that hold on a day for these chemicals in any of these links, the gravest first, by chemical."""
    order = {"prohibited": 0, "restricted": 1, "controlled": 2}
    rows = Restriction.objects.filter(
        Q(to_date__isnull=True) | Q(to_date__gte=on), Q(links=[]) | Q(links__overlap=list(links)),
        chemical__in=chemicals, from_date__lte=on,
    ).select_related("chemical")  # fmt: skip
    found: dict[uuid.UUID, list[Restriction]] = {}
    for one in sorted(rows, key=lambda row: (order[row.kind], row.from_date, row.pk)):
        found.setdefault(one.chemical_id, []).append(one)
    return found


def restricted(project: Project, *, on: date) -> list[str]:
    """What a project names that the catalogue prohibits, restricts or controls on a day, in words; one query."""
    chemicals = project.chemicals.values("chemical")
    entries = in_force(chemicals=chemicals, links={*project.links, project.purpose}, on=on)
    return [
        _("%(place)s：列入禁限控目录（%(kind)s），%(reason)s") % {
            "place": one.chemical.name, "kind": one.get_kind_display(), "reason": one.reason,
        }
        for rows in entries.values() for one in rows
    ]  # fmt: skip


def findings_of(file: Enterprise, *, holdings: Sequence[Holding], on: date) -> list[Finding]:
    """What an enterprise holds that the catalogue prohibits, restricts or controls on a day; one query."""
    entries = in_force(chemicals={one.chemical_id for one in holdings}, links=file.links, on=on)
    return [
        Finding(
            f"restriction_{entry.kind}",
            _("%(place)s：列入禁限控目录（%(kind)s），%(reason)s") % {
                "place": f"{one.facility.code} {one.chemical.name}", "kind": entry.get_kind_display(),
                "reason": entry.reason,
            },
            "registry:restriction",
            entry.pk,
        )
        for one in holdings
        for entry in entries.get(one.chemical_id, ())
    ]  # fmt: skip
