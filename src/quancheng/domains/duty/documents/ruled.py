"""Ruled tables of a PDF page, from its drawn lines and its characters; a cell is what four lines close in.

Points count from the top left of the page as it is shown. Everything that lies within ``_NEAR`` points is one line.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from quancheng.domains.duty.documents.limits import Refused

_NEAR = 3.0
#: Drawn lines of one page, and crossings of them; a plan's page has some hundreds.
_MANY_LINES = 20_000
_MANY_CROSSINGS = 20_000

Box = tuple[float, float, float, float]
#: Where a line stands, from where to where it runs.
Run = tuple[float, float, float]
Point = tuple[float, float]


class Char(NamedTuple):
    """One printed character and its box."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Grid(NamedTuple):
    """A table: its box, and row by row the boxes of its cells; None where a merged cell covers the place."""

    box: Box
    rows: list[list[Box | None]]


def grids_of(strokes: Iterable[tuple[float, float, float, float]]) -> list[Grid]:
    """Tables of two or more cells among drawn lines ``(x0, y0, x1, y1)``, from the top down."""
    upright: list[Run] = []
    level: list[Run] = []
    for x0, y0, x1, y1 in strokes:
        if x0 == x1 and abs(y1 - y0) >= 1:
            upright.append((x0, min(y0, y1), max(y0, y1)))
        elif y0 == y1 and abs(x1 - x0) >= 1:
            level.append((y0, min(x0, x1), max(x0, x1)))
    if len(upright) + len(level) > _MANY_LINES:
        raise Refused("document_too_complex")
    grids = [_grid(cells) for cells in _connected(_cells(_joined(upright), _joined(level))) if len(cells) > 1]
    return sorted(grids, key=lambda grid: (grid.box[1], grid.box[0]))


def cell_texts(grid: Grid, chars: list[Char]) -> list[list[str | None]]:
    """The text of each cell: the characters whose middle lies in it, line by line; None for no cell."""
    held = sorted(((char.top + char.bottom) / 2, index) for index, char in enumerate(chars))
    heights = [middle for middle, _ in held]

    def inside(box: Box) -> list[Char]:
        among = held[bisect_left(heights, box[1]) : bisect_left(heights, box[3])]
        found = (chars[index] for _, index in among)
        return [char for char in found if box[0] <= (char.left + char.right) / 2 < box[2]]

    return [[None if box is None else _text(inside(box)) for box in row] for row in grid.rows]


def _joined(runs: list[Run]) -> list[Run]:
    """Lines that stand close to each other become one at their mean; pieces that touch become one piece."""
    joined: list[Run] = []
    for group in _close(sorted(runs)):
        mean = sum(run[0] for run in group) / len(group)
        pieces: list[Run] = []
        for _, begin, end in sorted(group, key=itemgetter(1, 2)):
            if pieces and begin <= pieces[-1][2] + _NEAR:
                pieces[-1] = (mean, pieces[-1][1], max(end, pieces[-1][2]))
            else:
                pieces.append((mean, begin, end))
        joined += [piece for piece in pieces if piece[2] - piece[1] >= _NEAR]
    return joined


def _close(ordered: Iterable[Any]) -> Iterator[list[Any]]:
    """Groups of things of which each stands (its first value) within ``_NEAR`` of the one before."""
    group: list[Any] = []
    for thing in ordered:
        if group and thing[0] > group[-1][0] + _NEAR:
            yield group
            group = []
        group.append(thing)
    if group:
        yield group


def _cells(upright: list[Run], level: list[Run]) -> list[Box]:
    """The smallest box right and below of each crossing whose four sides are drawn throughout."""
    crossings: dict[Point, tuple[int, int]] = {}
    heights = [run[0] for run in level]
    for one, (x, top, bottom) in enumerate(upright):
        for other in range(bisect_left(heights, top - _NEAR), bisect_right(heights, bottom + _NEAR)):
            y, left, right = level[other]
            if left - _NEAR <= x <= right + _NEAR:
                crossings[(x, y)] = (one, other)
        if len(crossings) > _MANY_CROSSINGS:
            raise Refused("document_too_complex")
    downwards: dict[int, list[Point]] = defaultdict(list)
    rightwards: dict[int, list[Point]] = defaultdict(list)
    for point in sorted(crossings):
        one, other = crossings[point]
        downwards[one].append(point)
        rightwards[other].append(point)
    cells = []
    for (x, y), (one, other) in sorted(crossings.items()):
        cell = next(
            (
                (x, y, right, bottom)
                for _, bottom in downwards[one]
                if bottom > y
                for right, _ in rightwards[other]
                if right > x
                and (corner := crossings.get((right, bottom)))
                and corner == (crossings[(right, y)][0], crossings[(x, bottom)][1])
            ),
            None,
        )
        if cell:
            cells.append(cell)
    return cells


def _connected(cells: list[Box]) -> list[list[Box]]:
    """Cells that share corners, directly or through others, are one table."""
    at: dict[Point, list[int]] = defaultdict(list)
    for index, (x0, y0, x1, y1) in enumerate(cells):
        for corner in ((x0, y0), (x1, y0), (x0, y1), (x1, y1)):
            at[corner].append(index)
    left = set(range(len(cells)))
    tables = []
    while left:
        table, todo = [], [left.pop()]
        while todo:
            index = todo.pop()
            table.append(cells[index])
            x0, y0, x1, y1 = cells[index]
            near = {each for corner in ((x0, y0), (x1, y0), (x0, y1), (x1, y1)) for each in at[corner]} & left
            left -= near
            todo += near
        tables.append(table)
    return tables


def _grid(cells: list[Box]) -> Grid:
    columns = sorted({cell[0] for cell in cells})
    starts: dict[float, dict[float, Box]] = defaultdict(dict)
    for cell in cells:
        starts[cell[1]][cell[0]] = cell
    box = (columns[0], min(starts), max(cell[2] for cell in cells), max(cell[3] for cell in cells))
    return Grid(box, [[starts[top].get(column) for column in columns] for top in sorted(starts)])


def _text(chars: list[Char]) -> str:
    """Characters as lines from the top, each from the left; a gap in print is a space."""
    lines = []
    for group in _close(sorted((char.top, char.left, char) for char in chars)):
        line, end, blank = "", float("inf"), False
        for _, left, char in sorted(group, key=itemgetter(1)):
            if char.text.isspace():
                blank = True
                continue
            if line and (blank or left > end + _NEAR):
                line += " "
            line, end, blank = line + char.text, char.right, False
        lines.append(line)
    return "".join(lines)
