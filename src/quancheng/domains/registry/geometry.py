"""Distances between places on the map: points and polygons in degrees, answers in metres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import cos, hypot, radians
from typing import Any

from quancheng.standards.coordinates import EARTH_M

#: A degree of latitude, in metres.
DEGREE_M = radians(1) * EARTH_M
#: Corners of a boundary; more are no plant.
MOST_CORNERS = 2000

Corner = tuple[float, float]
#: One corner for a point, several for a closed ring, whose last corner does not repeat the first.
Shape = Sequence[Corner]


def shape_of(boundary: Mapping[str, Any] | None, lon: Decimal | None, lat: Decimal | None) -> Shape | None:
    """The outer ring of a GeoJSON polygon, else the point; None where neither is known or the polygon is none."""
    ring = read_ring(boundary)
    if ring is not None:
        return ring
    return None if lon is None or lat is None else [(float(lon), float(lat))]


def read_ring(boundary: Any) -> Shape | None:
    """The outer ring of a GeoJSON polygon, without the repeated last corner.

    None for anything else: holes and several parts are not read, nor rings of fewer than three corners.
    """
    if not isinstance(boundary, Mapping) or boundary.get("type") != "Polygon":
        return None
    rings = boundary.get("coordinates")
    if not isinstance(rings, list) or not rings or not isinstance(rings[0], list):
        return None
    corners = []
    for one in rings[0]:
        if not isinstance(one, list | tuple) or len(one) < 2:
            return None
        lon, lat = one[0], one[1]
        if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (lon, lat)):
            return None
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            return None
        corners.append((float(lon), float(lat)))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return corners if 3 <= len(corners) <= MOST_CORNERS else None


def apart_m(first: Shape, second: Shape) -> float:
    """Metres between the nearest parts of two shapes; 0 where they touch or one lies in the other.

    In the plane that touches the sphere between them: at a few kilometres the error is below a thousandth.
    """
    middle = radians((first[0][1] + second[0][1]) / 2)
    one, other = _flat(first, middle), _flat(second, middle)
    if _holds(one, other[0]) or _holds(other, one[0]):
        return 0.0
    return min(_between(a, b, c, d) for a, b in _sides(one) for c, d in _sides(other))


def around(shape: Shape, metres: float) -> tuple[float, float, float, float]:
    """West, south, east and north of a box that holds everything within ``metres`` of the shape; degrees."""
    lons, lats = [one[0] for one in shape], [one[1] for one in shape]
    up = metres / DEGREE_M
    furthest = max(abs(min(lats) - up), abs(max(lats) + up))
    aside = 360.0 if furthest >= 89 else up / cos(radians(furthest))
    return min(lons) - aside, min(lats) - up, max(lons) + aside, max(lats) + up


def _flat(shape: Shape, middle: float) -> Shape:
    return [(lon * DEGREE_M * cos(middle), lat * DEGREE_M) for lon, lat in shape]


def _sides(shape: Shape) -> list[tuple[Corner, Corner]]:
    return [(shape[place - 1], shape[place]) for place in range(len(shape))]


def _holds(ring: Shape, point: Corner) -> bool:
    """Whether a ring encloses a point: how often a ray to the east crosses it."""
    inside, (x, y) = False, point
    for (x1, y1), (x2, y2) in _sides(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _between(a: Corner, b: Corner, c: Corner, d: Corner) -> float:
    if _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0:
        return 0.0
    return min(_to_side(a, c, d), _to_side(b, c, d), _to_side(c, a, b), _to_side(d, a, b))


def _turn(a: Corner, b: Corner, c: Corner) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _to_side(point: Corner, start: Corner, end: Corner) -> float:
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0
    if length:
        share = ((point[0] - start[0]) * along[0] + (point[1] - start[1]) * along[1]) / length
        share = min(1.0, max(0.0, share))
    return hypot(point[0] - start[0] - share * along[0], point[1] - start[1] - share * along[1])
