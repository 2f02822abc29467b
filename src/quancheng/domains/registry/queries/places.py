"""Reads of sensitive places: the register, and which of them lie near an enterprise."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from quancheng.domains.registry.geometry import DEGREE_M, apart_m, around, shape_of
from quancheng.domains.registry.models import Enterprise, SensitivePlace
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.coordinates import EARTH_M

#: How far from a boundary residents count for α, in metres (GB 18218-2018, 4.3.3).
EXPOSED_M = 500
#: How far places are shown beside where a chemical is held, in metres. [D]
NEAR_M = 1000
#: A boundary reaches at most so far from its own point, in metres: what the index is asked more. [D]
_LARGEST_M = 2000
#: Where nobody told how many people are there.
UNCOUNTED = Q(population__isnull=True)


def list_places(*, actor: Actor) -> QuerySet[SensitivePlace]:
    """The register of places, by pinyin; everybody who is signed in may know it."""
    if not actor.is_system and actor.organisation_id is None:
        return SensitivePlace.objects.none()
    return SensitivePlace.objects.filter(ended_date__isnull=True).select_related("area").order_by("pinyin", "pk")


def get_place(*, actor: Actor, place_id: uuid.UUID) -> SensitivePlace:
    """Raise NotFound where there is none, or where it was ended."""
    found = list_places(actor=actor).filter(pk=place_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how far it is, in whole metres between the nearest parts of the two."""

    place: SensitivePlace
    metres: int


@dataclass(frozen=True, slots=True)
class Exposed:
    """Who is within 500 m of an enterprise; a place counts whole, however little of it lies within."""

    counted: list[Near]
    #: Within the distance, but nobody counted the people there.
    uncounted: list[Near]

    @property
    def total(self) -> int:
        return sum(one.place.population or 0 for one in self.counted)


def is_around(box: tuple[float, float, float, float]) -> Q:
    """Places that may reach into a box of degrees: west, south, east, north; what the index on the point finds."""
    west, south, east, north = around([(box[0], box[1]), (box[2], box[3])], _LARGEST_M)
    inside = Q(lon__range=(box[0], box[2]), lat__range=(box[1], box[3]))
    reaching = Q(boundary__isnull=False, lon__range=(west, east), lat__range=(south, north))
    return inside | reaching


def near_file(file: Enterprise, *, within_m: int = NEAR_M) -> list[Near] | None:
    """Places near an enterprise's boundary, or point where it has none, the nearest first; None without either."""
    shape = shape_of(file.boundary, file.lon, file.lat)
    if shape is None:
        return None
    west, south, east, north = around(shape, within_m + _LARGEST_M)
    inside = around(shape, within_m)
    close = Q(lon__range=(inside[0], inside[2]), lat__range=(inside[1], inside[3]))
    rows = SensitivePlace.objects.filter(
        close | Q(boundary__isnull=False), ended_date__isnull=True, lon__range=(west, east), lat__range=(south, north)
    ).order_by("pk")
    found = []
    for place in rows:
        other = shape_of(place.boundary, place.lon, place.lat)
        metres = apart_m(shape, other) if other is not None else within_m + 1
        if metres <= within_m:
            found.append(Near(place, round(metres)))
    return sorted(found, key=lambda one: (one.metres, one.place.pinyin, one.place.pk))


def exposed_of(file: Enterprise, near: Sequence[Near] | None = None) -> Exposed | None:
    """Who is within 500 m of the enterprise; None where it has no point.

    :param near: what :func:`near_file` gave, where the caller has it.
    """
    found = near_file(file, within_m=EXPOSED_M) if near is None else near
    if found is None:
        return None
    # Water drinks nobody's air: a source of drinking water is a neighbour, but no residents.
    close = [one for one in found if one.metres <= EXPOSED_M and one.place.kind != "water"]
    return Exposed(
        [one for one in close if one.place.population is not None],
        [one for one in close if one.place.population is None],
    )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place near a file, as a row of its own table tells it."""

    place_id: uuid.UUID
    kind: str
    name: str
    population: int | None
    metres: int


#: Great-circle distance between points; the box by degrees comes first, so that the index on them is used.
_NEAREST = f"""
SELECT file.id, place.id, place.kind, place.name, place.population, place.metres
FROM registry_enterprise file
CROSS JOIN LATERAL (
    SELECT near.*, 2 * {EARTH_M} * asin(sqrt(least(1,
        power(sin(radians((near.lat - file.lat)::float8) / 2), 2)
        + cos(radians(file.lat::float8)) * cos(radians(near.lat::float8))
        * power(sin(radians((near.lon - file.lon)::float8) / 2), 2)))) AS metres
    FROM registry_sensitiveplace near
    WHERE near.ended_date IS NULL
      AND near.lat BETWEEN file.lat - %(up)s AND file.lat + %(up)s
      AND near.lon BETWEEN file.lon - (%(up)s / greatest(cos(radians(file.lat::float8)), 0.01))::numeric
                       AND file.lon + (%(up)s / greatest(cos(radians(file.lat::float8)), 0.01))::numeric
    ORDER BY metres, near.id
    LIMIT %(most)s
) place
WHERE file.id = ANY(%(files)s) AND place.metres <= %(within)s
ORDER BY file.id, place.metres, place.id
"""  # noqa: S608 - our own text


def nearest_to(files: Iterable[uuid.UUID], *, most: int = 3) -> dict[uuid.UUID, list[Neighbour]]:
    """The nearest places within 1 km of each file's point, at most ``most`` a file; one query for all of them.

    The caller got the files by a query that asked who may see them.
    """
    # A decimal and no float: the index is on decimals.
    up = Decimal(str(round(NEAR_M * 1.01 / DEGREE_M, 7)))
    asked: dict[str, Any] = {"files": list(set(files)), "within": NEAR_M, "up": up, "most": most}
    found: dict[uuid.UUID, list[Neighbour]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, asked)
        for file_id, place_id, kind, name, population, metres in cursor.fetchall():
            found.setdefault(file_id, []).append(Neighbour(place_id, kind, name, population, round(metres)))
    return found
