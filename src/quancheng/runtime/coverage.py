"""``quancheng dev coverage``: ``docs/coverage.md`` from the clauses and the tests that passed in the last full run."""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

from quancheng.runtime.place import ROOT

CLAUSES = ROOT / "docs" / "clauses.csv"
PAGE = ROOT / "docs" / "coverage.md"
PASSED = ROOT / "var" / "test" / "clauses.json"


def read_clauses(path: Path = CLAUSES) -> list[dict[str, str]]:
    """The rows of the clause list, in its order."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def render(clauses: list[dict[str, str]], passed: dict[str, list[dict[str, str]]]) -> str:
    """The page: a count for each module, then a table of each module's clauses with their tests.

    :raises ValueError: a test claims a clause that is not in the list.
    """
    key, module, words = "clause", "module", "capability"
    unknown = sorted(set(passed) - {row[key] for row in clauses})
    if unknown:
        raise ValueError(f"no such clause: {', '.join(unknown)}")
    standing = Counter(row[module] for row in clauses if row[key] in passed)
    total = Counter(row[module] for row in clauses)
    lines = [
        "# Clause coverage",
        "",
        "Made by `bin/quancheng dev coverage` from `docs/clauses.csv` and the tests that passed in a full run.",
        "A clause stands when a test enters by page, API or command and asserts what the clause demands.",
        "",
        f"**{sum(standing.values())} of {len(clauses)} clauses stand.**",
        "",
        "| module | stand | of |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {standing[name]} | {total[name]} |" for name in sorted(total)),
    ]
    for name in sorted(total):
        lines += ["", f"## {name}", "", "| clause | demand | tests |", "| --- | --- | --- |"]
        for row in clauses:
            if row[module] == name:
                tests = "<br>".join(
                    f"`{_short(one['test'])}`: {_cell(one['claim'])}" for one in _sorted(passed.get(row[key], []))
                )
                lines.append(f"| {row[key]} | {_cell(row[words])} | {tests or '–'} |")
    return "\n".join(lines) + "\n"


def _sorted(tests: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each test once, whatever its parameters, by name."""
    by_name = {_short(one["test"]): one for one in tests}
    return [by_name[name] for name in sorted(by_name)]


def _short(test: str) -> str:
    return test.split("[")[0].removeprefix("tests/")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def coverage_command(arguments: list[str]) -> int:
    """``quancheng dev coverage``: write the page; ``--check``: status 1 where it would change."""
    parser = argparse.ArgumentParser(prog="quancheng dev coverage", description="Write docs/coverage.md.")
    parser.add_argument("--check", action="store_true", help="change nothing; status 1 where the page is out of date")
    given = parser.parse_args(arguments)
    if not PASSED.exists():
        print("no test run is on record: run bin/test first")
        return 1
    page = render(read_clauses(), json.loads(PASSED.read_text()))
    if given.check:
        same = PAGE.exists() and PAGE.read_text() == page
        print("docs/coverage.md is true" if same else "docs/coverage.md is out of date: bin/quancheng dev coverage")
        return 0 if same else 1
    PAGE.write_text(page)
    print(next(line for line in page.splitlines() if line.startswith("**")).strip("*"))
    return 0
