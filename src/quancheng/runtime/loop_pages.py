"""``quancheng dev loops``: one page and one picture per declared loop, in ``docs/loops``."""

from __future__ import annotations

import argparse
from pathlib import Path

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.place import ROOT

FOLDER = ROOT / "docs" / "loops"


def render() -> dict[str, str]:
    """Every file of the folder by its name. Needs the apps loaded."""
    from django.utils import translation

    from quancheng.kernel.loops import diagram
    from quancheng.kernel.loops.declare import all_loops, loop_of

    files: dict[str, str] = {}
    rows = []
    for loop in all_loops():
        is_newest = loop_of(loop.code) is loop
        name = loop.code if is_newest else f"{loop.code}.v{loop.version}"
        files[f"{name}.svg"] = diagram.svg(loop)
        files[f"{name}.md"] = diagram.page(loop, picture=f"{name}.svg")
        with translation.override(None):
            rows.append(
                f"| [{loop.name}]({name}.md) | `{loop.code}` | {loop.version} | {len(loop.states)} | {len(loop.moves)} "
                f"| {f'`{loop.ladder}`' if loop.ladder else '–'} |"
            )
    files["README.md"] = (
        "\n".join(
            [
                "# Closed loops",
                "",
                "Every loop that the code declares, drawn by `bin/quancheng dev loops`; do not edit. A bold frame is",
                "the start, a tinted box an end; the numbers on the arrows are those of the table of moves.",
                "",
                "| loop | code | version | states | moves | ladder |",
                "| --- | --- | ---: | ---: | ---: | --- |",
                *rows,
            ]
        )
        + "\n"
    )
    return files


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of files that are missing, differ from what the code draws, or draw a loop that is gone."""
    drawn = render()
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*") if path.is_file()}
    return sorted(name for name in drawn.keys() | kept.keys() if drawn.get(name) != kept.get(name))


def loops_command(arguments: list[str]) -> int:
    """Write the pages; with ``--check`` only say which are stale (status 1)."""
    parser = argparse.ArgumentParser(prog="quancheng dev loops", description="Draw every declared loop.")
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 where pages are stale")
    given = parser.parse_args(arguments)
    set_up_django()
    names = stale()
    if not given.check:
        FOLDER.mkdir(parents=True, exist_ok=True)
        drawn = render()
        for name in names:
            if name in drawn:
                (FOLDER / name).write_text(drawn[name], encoding="utf-8")
            else:
                (FOLDER / name).unlink()
    for name in names:
        print(f"docs/loops/{name}")
    return 1 if given.check and names else 0
