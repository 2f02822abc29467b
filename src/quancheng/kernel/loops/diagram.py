"""Loops drawn from their declaration (闭环图): as Mermaid text, as SVG, and as a page with both tables.

What is drawn is what runs: states, owners, deadlines and moves are read off the loop, never typed a second time.
Labels stand in the source language, so that the same declaration gives the same bytes on every machine.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from django.utils import translation

from quancheng.kernel.access import duties
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import ANYBODY, SYSTEM, Holder, Loop, Move, State

#: Sizes of the drawing, in pixels.
_WIDE, _HIGH, _GAP, _ROW, _EDGE, _DIP = 132, 48, 84, 110, 24, 72
_INK, _FAINT, _FINAL = "#1b2a2f", "#5c6b70", "#e3f1ee"


def mermaid(loop: Loop) -> str:
    """The loop as a Mermaid state diagram; needs nothing but a viewer that knows Mermaid."""
    with translation.override(None):
        lines = ["stateDiagram-v2", "    direction LR"]
        lines += [f"    {code}: {_plain(state.label)}" for code, state in loop.states.items()]
        lines.append(f"    [*] --> {loop.start}")
        for name, step in loop.moves.items():
            lines += [f"    {source} --> {step.target}: {_plain(step.label)} ({name})" for source in step.froms]
        lines += [f"    {code} --> [*]" for code in loop.finals]
    return "\n".join(lines) + "\n"


def svg(loop: Loop) -> str:
    """The loop as one SVG picture: its main line in a row, side states below; moves carry the numbers of the table.

    No style attribute and no script, so that it may also be shown under the content security policy.
    """
    places = _places(loop)
    right = max(x for x, _y in places.values()) + _WIDE + _EDGE
    side = {code for code, (_x, y) in places.items() if y > 0}
    dips = any(step.target in side and side.intersection(step.froms) for step in loop.moves.values())
    bottom = max(y for _x, y in places.values()) + _HIGH + (_DIP if dips else _EDGE)
    with translation.override(None):
        shapes = _edges(loop, places)
        for code, (x, y) in places.items():
            shapes += _box(loop, code, loop.states[code], x, y)
        name = escape(str(loop.name))
    # Arcs above the main line need room: the picture grows upwards.
    top = round(min(height for _shape, height in shapes)) - _EDGE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {right} {bottom - top}" width="{right}" '
        f'height="{bottom - top}" font-family="sans-serif" font-size="14" role="img" aria-label="{name}">'
    )
    marker = (
        f'<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="{_FAINT}"/></marker></defs>'
    )
    ground = f'<rect x="0" y="{top}" width="{right}" height="{bottom - top}" fill="#ffffff"/>'
    return "\n".join([head, marker, ground, *(shape for shape, _y in shapes), "</svg>"]) + "\n"


def page(loop: Loop, *, picture: str) -> str:
    """The loop as a Markdown page with its picture, states and moves.

    :param picture: name of the SVG file beside the page.
    """
    with translation.override(None):
        lines = [
            f"# {loop.name} `{loop.code}`",
            "",
            f"Version {loop.version}. Drawn by `bin/quancheng dev loops`; do not edit.",
            "",
            f"![{loop.name}]({picture})",
            "",
            "## States",
            "",
            "| state | label | who owes the next step | deadline | next review |",
            "| --- | --- | --- | --- | --- |",
            *(
                f"| `{code}` | {state.label} | {_owner(state)} | {says(state.due)} | {says(state.review)} |"
                for code, state in loop.states.items()
            ),
            "",
            "## Moves",
            "",
            "| no. | move | label | from | to | who | needs | four eyes | only when |",
            "| ---: | --- | --- | --- | --- | --- | --- | --- | --- |",
            *(_move_row(number, name, step) for number, (name, step) in enumerate(loop.moves.items(), 1)),
            "",
            f"Starts in `{loop.start}`. {_ladder(loop)}",
            "",
            "```mermaid",
            mermaid(loop).rstrip("\n"),
            "```",
        ]
    return "\n".join(lines) + "\n"


def says(rule: Callable[..., Any] | None) -> str:
    """What a deadline or a condition is, in words: from what it was made with, else from its docstring or name."""
    if rule is None:
        return "–"
    maker, _, inner = rule.__qualname__.partition(".<locals>.")
    made_with = inspect.getclosurevars(rule).nonlocals if inner else {}
    if maker == "within":
        unit, count = next((unit, count) for unit, count in made_with.items() if count)
        return f"within {count} {unit.replace('_', ' ') if count != 1 else unit.replace('_', ' ').rstrip('s')}"
    if maker == "on":
        otherwise = made_with["otherwise"]
        return f"end of `{made_with['name']}`" + (f", else {says(otherwise)}" if otherwise else "")
    if maker == "all_closed":
        return f"all `{made_with['relation']}` are closed"
    if rule.__doc__:
        return rule.__doc__.strip().splitlines()[0].rstrip(".").replace("|", "/")
    words = maker.strip("_").replace("_", " ")
    details = [item for value in made_with.values() for item in (value if isinstance(value, tuple) else (value,))]
    return f"{words} {', '.join(str(item) for item in details)}".strip()


def holder_says(holder: Holder) -> str:
    """Whose step it is, in words: the duty with its code, and where the organisation stands on the row."""
    known = duties.is_declared(holder.duty)
    duty = f"{duties.label_of(holder.duty)} (`{holder.duty}`)" if known else f"`{holder.duty}`"
    if holder.field == SYSTEM:
        return "the system itself"
    return f"{duty}, any organisation that sees it" if holder.field == ANYBODY else f"{duty} of `{holder.field}`"


def _owner(state: State) -> str:
    return "–, final" if state.holder is None else holder_says(state.holder)


def _move_row(number: int, name: str, step: Move) -> str:
    sources = ", ".join(f"`{source}`" for source in step.froms)
    needs = ", ".join(f"`{need}`" for need in step.needs) or "–"
    others = ", ".join(f"`{other}`" if other else "the entry" for other in step.not_by)
    eyes = f"not who made {others}" if others else "–"
    return (
        f"| {number} | `{name}` | {step.label} | {sources} | `{step.target}` | {holder_says(step.holder)} | {needs} "
        f"| {eyes} | {says(step.when)} |"
    )


def _ladder(loop: Loop) -> str:
    if not loop.ladder:
        return "What is late is reminded of and climbs no ladder."
    return f"What is late climbs the ladder `{loop.ladder}`: reminders by themselves, every paper by a person."


def _plain(text: Text) -> str:
    return str(text).replace("|", "/").replace(":", "：").strip()


# The drawing -----------------------------------------------------------------------------------------------------

Place = tuple[int, int]
Shape = tuple[str, float]  # the element, and the highest point it reaches


def _places(loop: Loop) -> dict[str, Place]:
    main = list(loop.main_line)
    found = {code: (_EDGE + number * (_WIDE + _GAP), 0) for number, code in enumerate(main)}
    taken: set[int] = set()
    for code in (code for code in loop.states if code not in found):
        before = [found[source][0] for step in loop.moves.values() if step.target == code for source in step.froms
                  if source in found]  # fmt: skip
        x = before[0] if before else _EDGE
        while x in taken:
            x += _WIDE + _GAP
        taken.add(x)
        found[code] = (x, _ROW + _HIGH)
    return found


def _box(loop: Loop, code: str, state: State, x: int, y: int) -> list[Shape]:
    fill = _FINAL if state.is_final else "#ffffff"
    width = 3 if code == loop.start else 1.5
    middle = x + _WIDE / 2
    return [
        (f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="6" fill="{fill}" stroke="{_INK}" '
         f'stroke-width="{width}"/>', y),
        (f'<text x="{middle:g}" y="{y + 21}" text-anchor="middle" fill="{_INK}">{escape(str(state.label))}</text>', y),
        (f'<text x="{middle:g}" y="{y + 38}" text-anchor="middle" fill="{_FAINT}" font-size="11">{code}</text>', y),
    ]  # fmt: skip


def _edges(loop: Loop, places: dict[str, Place]) -> list[Shape]:
    """Moves between the same two states share a line: their numbers stand on it together."""
    shared: dict[tuple[str, str], list[int]] = {}
    for number, step in enumerate(loop.moves.values(), 1):
        for source in step.froms:
            shared.setdefault((source, step.target), []).append(number)
    order = list(loop.main_line)
    shapes: list[Shape] = []
    for level, ((source, target), numbers) in enumerate(shared.items()):
        shapes += _edge(places[source], places[target], ", ".join(map(str, numbers)), level, order, source, target)
    return shapes


def _edge(start: Place, end: Place, words: str, level: int, order: list[str], source: str, target: str) -> list[Shape]:
    x1, y1, x2, y2 = start[0], start[1], end[0], end[1]
    if source == target:
        middle = x1 + _WIDE / 2
        path = f"M{middle - 16:g} {y1} C{middle - 30:g} {y1 - 40} {middle + 30:g} {y1 - 40} {middle + 16:g} {y1}"
        return _line(path, words, middle, y1 - 32)
    if source in order and target in order and order.index(target) == order.index(source) + 1:
        height = y1 + _HIGH / 2
        return _line(f"M{x1 + _WIDE} {height:g} H{x2 - 1}", words, x1 + _WIDE + _GAP / 2, height)
    if y1 == y2 > 0:
        # Between side states: below them, away from the main line.
        foot = y1 + _HIGH
        left, right = x1 + _WIDE / 2 + 8, x2 + _WIDE / 2 - 8
        low = foot + _DIP - (level % 4) * 8
        path = f"M{left:g} {foot} C{left:g} {low:g} {right:g} {low:g} {right:g} {foot}"
        return _line(path, words, (left + right) / 2, foot + (low - foot) * 0.75)
    if y1 == y2:
        high = y1 - 34 - abs(x2 - x1) * 0.16 - (level % 4) * 6
        left, right = x1 + _WIDE / 2 + 8, x2 + _WIDE / 2 - 8
        path = f"M{left:g} {y1} C{left:g} {high:g} {right:g} {high:g} {right:g} {y1}"
        return _line(path, words, (left + right) / 2, y1 + (high - y1) * 0.75)
    down = y2 > y1
    from_y, to_y = (y1 + _HIGH, y2) if down else (y1, y2 + _HIGH)
    shift = 12 if down else -12
    left, right = x1 + _WIDE / 2 + shift, x2 + _WIDE / 2 + shift
    # Where on the line the number stands: not always in the middle, or those of crossing lines would meet.
    share = 0.3 + (level % 4) * 0.12
    return _line(
        f"M{left:g} {from_y} L{right:g} {to_y}", words, left + (right - left) * share, from_y + (to_y - from_y) * share
    )


def _line(path: str, words: str, x: float, y: float) -> list[Shape]:
    half = 8 + 3.4 * len(words)
    return [
        (f'<path d="{path}" fill="none" stroke="{_FAINT}" stroke-width="1.5" marker-end="url(#arrow)"/>', y),
        (f'<rect x="{x - half:g}" y="{y - 9:g}" width="{2 * half:g}" height="18" rx="9" fill="#ffffff" '
         f'stroke="{_FAINT}"/>', y - 9),
        (f'<text x="{x:g}" y="{y + 4:g}" text-anchor="middle" font-size="11" fill="{_INK}">{words}</text>', y),
    ]  # fmt: skip
