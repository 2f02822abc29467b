"""Shapes on a plan, in pixels of its picture: what is no shape is told by a code (no Django, no rows)."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, hypot, log10

Point = tuple[int, int]
#: Corners of one area; more are no drawing of a unit.
MOST_CORNERS = 200
#: An area smaller than this many square pixels cannot be seen.
LEAST_AREA = 16


class BadShape(ValueError):
    """What is given is no shape; ``code`` says why: ``unreadable``, ``outside``, ``corners``, ``many``, ``crosses``,
    ``flat``."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def read_points(text: str) -> list[Point]:
    """``x,y`` by ``x,y`` with blanks, lines or semicolons between. :raises BadShape: unreadable, or too many."""
    found: list[Point] = []
    for part in text.replace(";", " ").replace("；", " ").replace("，", ",").split():
        x, comma, y = part.partition(",")
        if not comma or not all(one.isascii() and one.isdigit() and len(one) <= 6 for one in (x, y)):
            raise BadShape("unreadable")
        found.append((int(x), int(y)))
        if len(found) > MOST_CORNERS:
            raise BadShape("many")
    return found


def written(points: Sequence[Sequence[int]]) -> str:
    """Points as :func:`read_points` reads them."""
    return " ".join(f"{x},{y}" for x, y in points)


def check_shape(points: Sequence[Point], *, width: int, height: int) -> list[Point]:
    """One point, or the corners of an area in their order, which is closed by itself.

    :returns: the points without a repeated last corner. :raises BadShape: see there.
    """
    ring = list(points)
    if not ring:
        raise BadShape("unreadable")
    if any(not (0 <= x <= width and 0 <= y <= height) for x, y in ring):
        raise BadShape("outside")
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    if len(ring) == 1:
        return ring
    if len(ring) < 3:
        raise BadShape("corners")
    if len(ring) > MOST_CORNERS:
        raise BadShape("many")
    if crosses_itself(ring):
        raise BadShape("crosses")
    if abs(_area(ring)) < LEAST_AREA:
        raise BadShape("flat")
    return ring


def crosses_itself(ring: Sequence[Point]) -> bool:
    """Whether two sides of a ring meet anywhere but at the corner that neighbours share."""
    count = len(ring)
    sides = [(ring[place], ring[(place + 1) % count]) for place in range(count)]
    if any(start == end for start, end in sides):
        return True
    for first in range(count):
        for second in range(first + 1, count):
            (a, b), (c, d) = sides[first], sides[second]
            if second == first + 1 or (first == 0 and second == count - 1):
                shared, one, other = (b, a, d) if second == first + 1 else (a, b, c)
                # Neighbours may only meet in their corner: one that turns back lies upon the other.
                if _turn(one, shared, other) == 0 and _ahead(shared, one, other):
                    return True
            elif _meet(a, b, c, d):
                return True
    return False


def middle(points: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Where the name of a shape is written: its point, or the middle of its area (a corner where that lies outside)."""
    ring = [(x, y) for x, y in points]
    if len(ring) == 1:
        return float(ring[0][0]), float(ring[0][1])
    area = _area(ring)
    x = y = 0.0
    for place, (x1, y1) in enumerate(ring):
        x2, y2 = ring[(place + 1) % len(ring)]
        part = x1 * y2 - x2 * y1
        x += (x1 + x2) * part
        y += (y1 + y2) * part
    found = (x / (6 * area), y / (6 * area))
    return found if _holds(ring, found) else (float(ring[0][0]), float(ring[0][1]))


def bar_of(points: Sequence[Sequence[int]], metres: float, width: int) -> tuple[int, float]:
    """The bar of scale: metres of a round number (1, 2 or 5 by a power of ten), and how many pixels they are.

    About a fifth of the plan's width. :param points: the two known ones, which differ.
    """
    (x1, y1), (x2, y2) = points
    per_metre = hypot(x2 - x1, y2 - y1) / metres
    wanted = max(1.0, width / 5 / per_metre)
    power = 10 ** floor(log10(wanted))
    length = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    return int(length), length * per_metre


def _area(ring: Sequence[Point]) -> float:
    count = len(ring)
    return sum(
        ring[place][0] * ring[(place + 1) % count][1] - ring[(place + 1) % count][0] * ring[place][1]
        for place in range(count)
    ) / 2  # fmt: skip


def _turn(a: Point, b: Point, c: Point) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _ahead(corner: Point, one: Point, other: Point) -> bool:
    """Whether two points lie on the same side of a corner on one line."""
    return (one[0] - corner[0]) * (other[0] - corner[0]) + (one[1] - corner[1]) * (other[1] - corner[1]) > 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    def sign(number: int) -> int:
        return (number > 0) - (number < 0)

    turns = (sign(_turn(a, b, c)), sign(_turn(a, b, d)), sign(_turn(c, d, a)), sign(_turn(c, d, b)))
    if turns[0] != turns[1] and turns[2] != turns[3]:
        return True
    on = ((a, b, c, turns[0]), (a, b, d, turns[1]), (c, d, a, turns[2]), (c, d, b, turns[3]))
    return any(
        turn == 0
        and min(start[0], end[0]) <= point[0] <= max(start[0], end[0])
        and min(start[1], end[1]) <= point[1] <= max(start[1], end[1])
        for start, end, point, turn in on
    )


def _holds(ring: Sequence[Point], point: tuple[float, float]) -> bool:
    inside, (x, y) = False, point
    for place, (x1, y1) in enumerate(ring):
        x2, y2 = ring[(place + 1) % len(ring)]
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
