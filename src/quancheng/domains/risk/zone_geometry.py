"""Polygons of planning zones as people draw them, read strictly: what is none is told by a code (no Django)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from quancheng.domains.risk.plan_geometry import crosses_itself

#: Corners of one zone; more are no planning zone, and to look for crossings takes their square.
MOST_CORNERS = 500
_GRAIN = Decimal("0.000001")
Ring = list[tuple[Decimal, Decimal]]


class BadPolygon(ValueError):
    """What is given is no polygon of a zone; ``code`` says why: ``kind``, ``holes``, ``numbers``, ``unclosed``,
    ``corners``, ``many``, ``crosses``; ``corner`` counts from one where one corner is to blame.
    """

    def __init__(self, code: str, corner: int = 0) -> None:
        self.code, self.corner = code, corner
        super().__init__(code)


def read_ring(told: Any) -> Ring:
    """The corners of a GeoJSON polygon of one ring, degrees to six decimals, without the repeated last one.

    :raises BadPolygon: see there. Where the corners lie is not looked at.
    """
    if not isinstance(told, Mapping) or told.get("type") != "Polygon":
        raise BadPolygon("kind")
    rings = told.get("coordinates")
    if not isinstance(rings, list) or not rings or not isinstance(rings[0], list):
        raise BadPolygon("kind")
    if len(rings) > 1:
        raise BadPolygon("holes")
    if len(rings[0]) > MOST_CORNERS + 1:
        raise BadPolygon("many")
    ring = [_corner(one, number) for number, one in enumerate(rings[0], 1)]
    if len(ring) < 2 or ring[0] != ring[-1]:
        raise BadPolygon("unclosed")
    ring.pop()
    if len(ring) < 3:
        raise BadPolygon("corners")
    return ring


def check_ring(ring: Ring) -> None:
    """:raises BadPolygon: it meets itself (``crosses``); compared as whole millionths of a degree."""
    if crosses_itself([(int(lon / _GRAIN), int(lat / _GRAIN)) for lon, lat in ring]):
        raise BadPolygon("crosses")


def polygon_of(ring: Ring) -> dict[str, Any]:
    """Corners as a GeoJSON polygon, closed."""
    corners = [[float(lon), float(lat)] for lon, lat in ring]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def _corner(told: Any, number: int) -> tuple[Decimal, Decimal]:
    if not isinstance(told, list | tuple) or len(told) < 2:
        raise BadPolygon("numbers", number)
    pair = told[:2]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= 1e9 for one in pair):
        raise BadPolygon("numbers", number)
    lon, lat = (Decimal(repr(one)).quantize(_GRAIN) for one in pair)
    return lon, lat
