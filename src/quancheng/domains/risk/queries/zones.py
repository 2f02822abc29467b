"""Reads of planning zones (规划分区): what counts on a day, the editions of a code, what the map draws."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from quancheng.domains.registry.geometry import read_ring
from quancheng.domains.registry.models.enterprises import IN_DEGREE
from quancheng.domains.risk.models import PlanningZone
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Zones that a map draws at most.
MOST_DRAWN = 1000


def in_force(on: date) -> Q:
    """Editions that count on a day."""
    return Q(from_date__lte=on) & (Q(to_date__isnull=True) | Q(to_date__gte=on))


def in_box(box: tuple[float, float, float, float]) -> Q:
    """Editions whose box touches one of degrees: west, south, east, north; those without a box too."""
    west, south, east, north = box
    touches = Q(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    return touches | Q(west__isnull=True)


def list_zones(*, actor: Actor, on: date) -> QuerySet[PlanningZone]:
    """All editions that the actor may see, those that count on the day first, then by code, the newest first."""
    rows: QuerySet[PlanningZone] = PlanningZone.objects.visible_to(actor).select_related("owner_org")
    later = Case(When(in_force(on), then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.alias(past=later).order_by("past", "code", "-from_date", "-entered_at", "pk")


def get_zone(*, actor: Actor, zone_id: uuid.UUID) -> PlanningZone:
    """Raise NotFound for absent and for out of scope alike."""
    found = PlanningZone.objects.visible_to(actor).select_related("owner_org").filter(pk=zone_id).first()
    if found is None:
        raise NotFound
    return found


def get_zone_by_code(*, actor: Actor, code: str, on: date) -> PlanningZone:
    """The edition that counts on a day, else the newest. Raise NotFound where there is none."""
    found = list_zones(actor=actor, on=on).filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def editions_of(zone: PlanningZone) -> Sequence[PlanningZone]:
    """All editions under the code of a zone, the newest first."""
    return list(PlanningZone.objects.filter(code=zone.code).order_by("-from_date", "-entered_at", "-pk")[:100])


def drawn_zones(*, actor: Actor, on: date) -> list[tuple[PlanningZone, list[int]]]:
    """Zones that count on a day with their corners, x and y by turns in hundred-thousandths of a degree."""
    rows = PlanningZone.objects.visible_to(actor).filter(in_force(on)).order_by("code", "pk")[:MOST_DRAWN]
    found = []
    for zone in rows:
        ring = read_ring(zone.polygon)
        if ring is not None:
            found.append((zone, [round(each * IN_DEGREE) for corner in ring for each in corner]))
    return found
