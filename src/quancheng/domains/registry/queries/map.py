"""What the map draws: points of enterprises by class and grade, or squares of them with counts; places; boundaries.

Ten thousand points are one flat list of whole numbers, not ten thousand objects: that is what keeps the answer small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, IntegerField, QuerySet
from django.db.models.functions import Cast

from quancheng.domains.registry.geometry import read_ring
from quancheng.domains.registry.kinds import Kind, PlaceKind
from quancheng.domains.registry.models import Enterprise, SensitivePlace
from quancheng.domains.registry.models.enterprises import IN_DEGREE
from quancheng.domains.registry.queries.places import list_places
from quancheng.kernel.access.actor import Actor

#: Points sent at most; where there are more, squares with counts are sent, and points when one looks closer. [D]
MOST_POINTS = 10_000
MOST_PLACES = 2_000
MOST_BOUNDARIES = 500
#: Squares on the longer side of what is looked at.
_SQUARES = 48


@dataclass(frozen=True, slots=True)
class Window:
    """What one looks at, in degrees."""

    west: Decimal
    south: Decimal
    east: Decimal
    north: Decimal

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(lon__range=(self.west, self.east), lat__range=(self.south, self.north))


def drawing(
    *, actor: Actor, rows: QuerySet[Enterprise], window: Window | None, grade: str = "legal_grade"
) -> dict[str, Any]:
    """Everything the map draws of ``rows`` (scoped, as a list narrowed them), as JSON.

    :param grade: a column or annotation of ``rows``, 1 (the gravest) to 4 or none, which gives a point its colour.

    ``points`` is x, y, class, grade, again and again; ``squares`` is x, y, number, gravest grade; x and y are whole
    hundred-thousandths of a degree beyond ``from``, the class is a place in ``kinds``, grade 0 stands for none.
    """
    known = rows.order_by().filter(lon__isnull=False)
    if window is not None:
        known = window.of(known)
    # Read at once instead of counted first: who may see few of many rows would have all of them looked through twice.
    points = list(known.values_list("x", "y", "kind", grade)[: MOST_POINTS + 1])
    squares: list[int] = []
    if len(points) > MOST_POINTS:
        points, squares = [], _squares(known, grade)
    west = south = 0
    if points:
        west, south = min(one[0] for one in points), min(one[1] for one in points)
    place_of = {code: place for place, code in enumerate(Kind.values)}
    flat = [each for x, y, kind, level in points for each in (x - west, y - south, place_of[kind], level or 0)]
    return {
        "from": [west, south], "kinds": list(Kind.values), "points": flat, "squares": squares,
        "places": _places(actor, window), "boundaries": [] if squares else _boundaries(known),
    }  # fmt: skip


def files_at(*, actor: Actor, lon: Decimal, lat: Decimal) -> Sequence[Enterprise]:
    """The enterprises that stand at a point of the map, as it tells points: to a hundred-thousandth of a degree."""
    half = Decimal(1) / IN_DEGREE / 2
    return list(
        Enterprise.objects.visible_to(actor)
        .filter(lon__range=(lon - half, lon + half), lat__range=(lat - half, lat + half))
        .select_related("enterprise", "area")
        .order_by("enterprise__pinyin", "pk")[:100]
    )


def _whole(name: str) -> Cast:
    # Floats, which the machine itself counts in; what they round otherwise lies on the edge between two metres.
    return Cast(Cast(name, FloatField()) * IN_DEGREE, IntegerField())


#: The rows are read once, since each is held against the rule of scope; ends and counts come of what was kept.
_COUNTED = """
WITH seen AS MATERIALIZED ({rows}),
ends AS (SELECT min(x) AS west, min(y) AS south, greatest(max(x) - min(x), max(y) - min(y), {least}) AS side FROM seen),
grid AS (SELECT west, south, (side + {squares} - 1) / {squares} AS step FROM ends)
SELECT (x - west) / step AS across, (y - south) / step AS up, count(*), min(gravest), west, south, step
FROM seen, grid GROUP BY across, up, west, south, step ORDER BY up, across
"""


def _squares(rows: QuerySet[Enterprise], grade: str) -> list[int]:
    """Middles of squares of a grid with how many stand in each, and the gravest grade among them."""
    asked, values = rows.values("x", "y", gravest=F(grade)).query.sql_with_params()
    found: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(rows=asked, least=IN_DEGREE // 1000, squares=_SQUARES), values)
        for across, up, number, gravest, west, south, step in cursor.fetchall():
            found += [west + across * step + step // 2, south + up * step + step // 2, number, gravest or 0]
    return found


def _places(actor: Actor, window: Window | None) -> list[list[Any]]:
    """x, y, place in the kinds of places, identifier, name."""
    rows: QuerySet[SensitivePlace] = list_places(actor=actor).select_related(None).order_by()
    if window is not None:
        rows = window.of(rows)
    kinds = list(PlaceKind.values)
    asked = rows.values_list(_whole("lon"), _whole("lat"), "kind", "pk", "name")[:MOST_PLACES]
    return [[x, y, kinds.index(kind), str(pk), name] for x, y, kind, pk, name in asked]


def _boundaries(rows: QuerySet[Enterprise]) -> list[list[int]]:
    """Rings, x and y by turns."""
    drawn = rows.filter(boundary__isnull=False).values_list("boundary", flat=True)[:MOST_BOUNDARIES]
    rings = (read_ring(one) for one in drawn)
    return [
        [round(each * IN_DEGREE) for corner in ring for each in corner] for ring in rings if ring is not None
    ]  # fmt: skip
