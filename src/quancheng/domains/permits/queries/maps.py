"""Permits on the district's map and on the plan of a site, at a moment: those that run, and those planned for it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, pi, radians, sin
from typing import Any

from django.db.models import Q, QuerySet

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import OutsidePermit, Permit
from quancheng.domains.permits.queries.open_pages import tone_of
from quancheng.domains.permits.queries.outside_points import is_misplaced
from quancheng.domains.permits.queries.papers import level_colour, place_of
from quancheng.domains.registry.geometry import read_ring
from quancheng.domains.risk.queries.maps import list_outlines
from quancheng.domains.risk.queries.plans import Place, PlanView
from quancheng.standards.gb30871.kinds import levels as levels_of

#: Asked for and not ended: what may be worked at a moment to come.
PLANNED = ("REQUESTED", "PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED")
#: Permits drawn at most; the list below has as many.
MOST = 300
#: Colours of permits of other systems by TICKET_STATUS, as those of ours.
OUTSIDE_TONES = {"1": "blue", "2": "green", "6": "amber"}
#: Units of the drawing: its longer side, and the radius of one permit.
SIDE, DOT = 1000, 13
#: The side of the square of a permit of another system.
OUTSIDE_SIDE = 22


@dataclass(frozen=True, slots=True)
class Spot:
    """One permit on a drawing. ``colour`` follows what the reader chose; beside it stand the kind's letters."""

    permit: Permit
    x: float
    y: float
    tone: str
    meaning: str
    level_colour: str
    place: str
    #: Known to the list alone: nothing tells where to draw it.
    is_unplaced: bool = False


@dataclass(frozen=True, slots=True)
class OutsideSpot:
    """One permit of another system on a drawing, at the point that its record told; at that of its enterprise where
    that cannot be right (``is_doubtful``)."""

    permit: OutsidePermit
    x: float
    y: float
    tone: str
    level_colour: str
    is_doubtful: bool

    @property
    def left(self) -> float:
        return round(self.x - OUTSIDE_SIDE / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - OUTSIDE_SIDE / 2, 1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The district as a drawing without a base map: outlines of towns, spots, and those without a point."""

    width: float
    height: float
    outlines: Sequence[tuple[str, str]]
    spots: Sequence[Spot]
    unplaced: Sequence[Spot]
    sources: Sequence[str]
    is_cut: bool
    outside: Sequence[OutsideSpot] = ()

    @property
    def all(self) -> list[Spot]:
        return sorted((*self.spots, *self.unplaced), key=lambda one: (one.permit.window_end, str(one.permit.pk)))


def at_moment(rows: QuerySet[Permit], moment: datetime, *, is_now: bool) -> list[Permit]:
    """Of permits that a query gave to the actor those that are worked, or planned, at a moment: inside their window,
    and inside a slot where slots are planned. Up to one more than is drawn."""
    inside = Q(status__in=PLANNED, window_start__lte=moment, window_end__gt=moment)
    asked = inside | Q(status__in=BEGUN) if is_now else inside
    wanted = rows.filter(asked).order_by("window_end", "pk")

    def stand(some: QuerySet[Permit]) -> list[Permit]:
        return [one for one in some if (one.status in BEGUN and is_now) or _in_slot(one, moment)]

    first = wanted[: MOST + 1]
    kept = stand(first)
    if len(kept) < len(first) > MOST:
        # Slots took some out: those behind them come up.
        kept += stand(wanted[MOST + 1 : MOST * 2])
    return kept[: MOST + 1]


def _in_slot(permit: Permit, moment: datetime) -> bool:
    if not permit.slots:
        return True
    spans = [tuple(datetime.fromisoformat(each) for each in slot) for slot in permit.slots]
    return any(begin <= moment < end for begin, end in spans)


def draw(permits: Sequence[Permit], moment: datetime, outside: Sequence[OutsidePermit] = ()) -> Drawing:
    """Permits at the points of their enterprises, beside each other where an enterprise has several; those of other
    systems at their own points."""
    outlines = [(one.area.name, read_ring(one.ring)) for one in list_outlines()]
    rings = [(name, ring) for name, ring in outlines if ring is not None]
    shown = permits[:MOST]
    points = {one.file_id: (float(one.file.lon), float(one.file.lat)) for one in shown
              if one.file.lon is not None and one.file.lat is not None}  # fmt: skip
    told = [(one, is_misplaced(one), _point_of(one)) for one in outside]
    corners = [
        *points.values(), *(at for _one, _doubtful, at in told if at),
        *(corner for _name, ring in rings for corner in ring),
    ]  # fmt: skip
    project, width, height = _projection(corners)
    by_file: dict[uuid.UUID, list[Permit]] = {}
    for one in shown:
        by_file.setdefault(one.file_id, []).append(one)
    spots: list[Spot] = []
    unplaced: list[Spot] = []
    for file_id, held in by_file.items():
        at = points.get(file_id)
        for place, one in enumerate(held):
            x, y = project(at) if at else (0.0, 0.0)
            dx, dy = around(place)
            spot = spot_of(one, moment, x + dx * DOT, y + dy * DOT)
            (spots if at else unplaced).append(spot if at else replace(spot, is_unplaced=True))
    drawn = [(name, " ".join(f"{x},{y}" for x, y in map(project, ring))) for name, ring in rings]
    sources = sorted({one.source for one in list_outlines()})
    apart: list[OutsideSpot] = []
    ours = [(project(points[file_id]), len(held)) for file_id, held in by_file.items() if file_id in points]
    taken: dict[tuple[float, float], int] = {}
    for row, is_doubtful, where in told:
        if where is None:
            continue
        x, y = project(where)
        # Outside the ring of our own permits where it lies at an enterprise that has some.
        own = sum(number for (left, top), number in ours if abs(left - x) <= DOT * 2 and abs(top - y) <= DOT * 2)
        dx, dy = around(taken.get((x, y), 0) + own)
        taken[x, y] = taken.get((x, y), 0) + 1
        found = levels_of(row.kind).get(row.level)
        apart.append(OutsideSpot(
            row, round(x + dx * DOT, 1), round(y + dy * DOT, 1), OUTSIDE_TONES.get(row.state, "grey"),
            found.colour if found is not None else "", is_doubtful,
        ))  # fmt: skip
    return Drawing(width, height, drawn, spots, unplaced, sources, len(permits) > MOST, apart)


def _point_of(one: OutsidePermit) -> tuple[float, float] | None:
    """Where a permit of another system is drawn, in degrees; None where neither it nor its enterprise has a point."""
    if not is_misplaced(one):
        return float(one.lon), float(one.lat)
    file = one.file
    return None if file.lon is None or file.lat is None else (float(file.lon), float(file.lat))


def _projection(corners: Sequence[tuple[float, float]]) -> tuple[Any, float, float]:
    """From degrees to units of the drawing, north above; its width and height."""
    edge = DOT * 5
    if not corners:
        return (lambda at: (edge, edge)), SIDE, SIDE / 3
    west, east = min(one[0] for one in corners), max(one[0] for one in corners)
    south, north = min(one[1] for one in corners), max(one[1] for one in corners)
    squeeze = cos(radians((south + north) / 2))
    across, up = (east - west) * squeeze, north - south
    scale = (SIDE - 2 * edge) / max(across, up, 1e-4)
    # A single enterprise, or a row of them, stands in the middle of a sheet, not on a strip.
    height = max(2 * edge + up * scale, SIDE / 3)
    left, top = (SIDE - across * scale) / 2, (height - up * scale) / 2

    def project(at: tuple[float, float]) -> tuple[float, float]:
        return round(left + (at[0] - west) * squeeze * scale, 1), round(top + (north - at[1]) * scale, 1)

    return project, SIDE, round(height, 1)


def around(place: int) -> tuple[float, float]:
    """Where the n-th of several stands about a point, in radii: the first upon it, six in the ring about it, twelve
    in the next."""
    ring, before = 0, 0
    while place >= before + max(1, 6 * ring):
        before += max(1, 6 * ring)
        ring += 1
    if ring == 0:
        return 0.0, 0.0
    angle = 2 * pi * (place - before) / (6 * ring)
    return round(2.2 * ring * cos(angle), 2), round(2.2 * ring * sin(angle), 2)


def spot_of(one: Permit, moment: datetime, x: float, y: float) -> Spot:
    tone, meaning = tone_of(one, moment)
    return Spot(one, round(x, 1), round(y, 1), tone, meaning, level_colour(one), place_of(one))


def spots_on_plan(
    permits: Sequence[Permit], view: PlanView | None, places: Sequence[Place], moment: datetime
) -> tuple[list[Spot], list[Spot]]:  # fmt: skip
    """Permits on the plan of a site, at the drawing of their facility, else of their unit; and those that it does not
    show. ``places``: the objects of the risk list, which know the registered units."""
    at = points_on_plan(view, places)
    em = view.em if view is not None else 1.0
    taken: dict[tuple[float, float], int] = {}
    drawn, missing = [], []
    for one in permits:
        point = at.get(one.facility_id) or at.get(one.unit_id)
        if point is None:
            missing.append(replace(spot_of(one, moment, 0, 0), is_unplaced=True))
            continue
        dx, dy = around(taken.get(point, 0))
        taken[point] = taken.get(point, 0) + 1
        # Below the name of what is drawn there.
        drawn.append(spot_of(one, moment, point[0] + dx * em, point[1] + em * 3 + dy * em))
    return drawn, missing


def points_on_plan(view: PlanView | None, places: Sequence[Place]) -> Mapping[Any, tuple[float, float]]:
    """Where registered units and facilities lie on a plan, by their keys: a unit at its own drawing, else at that of
    the first of its parts that is drawn. ``places``: the objects of the risk list, which know the registered units."""
    units = {one.row.pk: one.row.place_id for one in places}  # type: ignore[union-attr]
    own: dict[Any, tuple[float, float]] = {}
    parts: dict[Any, tuple[float, float]] = {}
    for one in view.drawings if view is not None else ():
        row: Any = one.place.row
        if one.place.is_unit:
            own[row.facility_id] = (one.x, one.y)
            parts.setdefault(units.get(row.object_id), (one.x, one.y))
        else:
            own[row.place_id] = (one.x, one.y)
    found = {**parts, **own}
    found.pop(None, None)
    return found
