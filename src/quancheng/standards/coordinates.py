"""Coordinate systems that meet in a Chinese register, and what system a point was probably given in.

``wgs84``: GPS, and CGCS2000 (国家大地坐标系) as well: the two differ by centimetres to a few decimetres and are taken
as equal, within a metre. ``gcj02``: the shifted system (火星坐标) of maps published in China, 300 to 700 m off.
``bd09``: Baidu's, shifted once more.

The shift has no published standard; the formulas here are the ones everybody uses [G]. Trigonometry needs floats, so
these are the only standards that compute with them; inverses are iterated to within a millimetre, and
tests hold every way there and back to 0.1 m. Longitude and latitude are in degrees, longitude first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

SYSTEMS = ("wgs84", "gcj02", "bd09")
#: The ellipsoid that the shift is computed on (Krasovsky 1940): half axis in metres, squared eccentricity.
_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
_BD = math.pi * 3000.0 / 180.0
#: Outside this box the shift is nought: (west, south, east, north).
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
#: Mean radius of the earth (IUGG), in metres.
EARTH_M = 6_371_008.8
#: Degrees; about a tenth of a millimetre.
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """Longitude (-180 to 180) and latitude (-90 to 90) in degrees.

    :raises ValueError: outside those ranges, or not finite.
    """

    longitude: float
    latitude: float

    def __post_init__(self) -> None:
        if not (-180 <= self.longitude <= 180 and -90 <= self.latitude <= 90):
            raise ValueError(f"no point of the earth: {self.longitude}, {self.latitude}")


@dataclass(frozen=True, slots=True)
class Box:
    """A box in WGS-84 degrees, edges included. It may not cross the date line."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (-180 <= self.west <= self.east <= 180 and -90 <= self.south <= self.north <= 90):
            raise ValueError("west to east and south to north, in degrees")

    def holds(self, point: Point) -> bool:
        return self.west <= point.longitude <= self.east and self.south <= point.latitude <= self.north


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read two numbers: in a system, perhaps with longitude and latitude swapped; and the point then."""

    system: str
    is_swapped: bool
    point: Point


@dataclass(frozen=True, slots=True)
class Looks:
    """Which readings of two numbers lie in a box, the simplest first.

    ``verdict``: ``inside`` (as it is; a point well inside may still be in a shifted system), ``gcj02`` or ``bd09``
    (only when read so), ``swapped`` (longitude and latitude changed places, in whatever system), ``outside``.
    """

    verdict: str
    readings: tuple[Reading, ...]


def wgs84_to_gcj02(point: Point) -> Point:
    west, south, east, north = _SHIFTED
    if not (west <= point.longitude <= east and south <= point.latitude <= north):
        return point
    x, y = point.longitude - 105.0, point.latitude - 35.0
    common = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    north_m += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north_m += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    east_m += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east_m += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    angle = math.radians(point.latitude)
    bend = 1.0 - _ECCENTRICITY * math.sin(angle) ** 2
    along = _AXIS * (1.0 - _ECCENTRICITY) / (bend * math.sqrt(bend))
    across = _AXIS / math.sqrt(bend) * math.cos(angle)
    return _point(point.longitude + math.degrees(east_m / across), point.latitude + math.degrees(north_m / along))


def gcj02_to_wgs84(point: Point) -> Point:
    return _undone(wgs84_to_gcj02, point)


def gcj02_to_bd09(point: Point) -> Point:
    x, y = point.longitude, point.latitude
    length = math.hypot(x, y) + 0.00002 * math.sin(y * _BD)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BD)
    return _point(length * math.cos(angle) + 0.0065, length * math.sin(angle) + 0.006)


def bd09_to_gcj02(point: Point) -> Point:
    return _undone(gcj02_to_bd09, point)


def wgs84_to_bd09(point: Point) -> Point:
    return gcj02_to_bd09(wgs84_to_gcj02(point))


def bd09_to_wgs84(point: Point) -> Point:
    return gcj02_to_wgs84(bd09_to_gcj02(point))


def to_wgs84(point: Point, *, system: str) -> Point:
    """A point of one of :data:`SYSTEMS` in WGS-84.

    :raises ValueError: no such system.
    """
    if system not in SYSTEMS:
        raise ValueError(f"no coordinate system {system}")
    if system == "wgs84":
        return point
    return gcj02_to_wgs84(point) if system == "gcj02" else bd09_to_wgs84(point)


def distance_m(first: Point, second: Point) -> float:
    """Metres along the great circle of a sphere of 6,371,008.8 m; off by half a per cent at most."""
    one, two = math.radians(first.latitude), math.radians(second.latitude)
    half = math.sin((two - one) / 2) ** 2
    half += math.cos(one) * math.cos(two) * math.sin(math.radians(second.longitude - first.longitude) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def looks_like(longitude: float, latitude: float, box: Box) -> Looks:
    """How two numbers, said to be longitude and latitude, must be read to lie in a district's box (WGS-84).

    A shift is told only near the box's edge: inside, every system gives a point inside.

    :raises ValueError: a number is not finite.
    """
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise ValueError("not finite")
    readings = []
    for is_swapped, (east, north) in ((False, (longitude, latitude)), (True, (latitude, longitude))):
        for system in SYSTEMS:
            try:
                point = to_wgs84(Point(east, north), system=system)
            except ValueError:
                continue
            if box.holds(point):
                readings.append(Reading(system, is_swapped, point))
    if not readings:
        return Looks("outside", ())
    first = readings[0]
    verdict = "swapped" if first.is_swapped else "inside" if first.system == "wgs84" else first.system
    return Looks(verdict, tuple(readings))


def _point(longitude: float, latitude: float) -> Point:
    """A shifted point, kept on the earth where a shift leads over its edge."""
    return Point(min(180.0, max(-180.0, longitude)), min(90.0, max(-90.0, latitude)))


def _undone(shift: Callable[[Point], Point], point: Point) -> Point:
    """Where ``shift`` leads to ``point`` from; the shift changes so slowly that each round gains two digits or more."""
    longitude, latitude = point.longitude, point.latitude
    for _round in range(30):
        there = shift(_point(longitude, latitude))
        east, north = there.longitude - point.longitude, there.latitude - point.latitude
        longitude, latitude = longitude - east, latitude - north
        if abs(east) < _CLOSE and abs(north) < _CLOSE:
            break
    return _point(longitude, latitude)
