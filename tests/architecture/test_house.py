"""Rules about models and where they are reached; what a machine can check besides stands in ``test_house_rules``."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
from pathlib import Path

from django.apps import apps
from django.conf import settings

from quancheng.runtime.place import ROOT

PACKAGE = ROOT / "src" / "quancheng"
LONGEST_FILE = 600
#: Where query sets may be begun: what a domain reads and writes passes through these, and the kernel through itself.
OBJECTS_ALLOWED = re.compile(
    r"/(?:kernel|runtime)/|/(?:queries|services|models|migrations)(?:/|\.py$)|/demo(?:_\w+)?(?:/|\.py$)|/scale\.py$|/command\.py$"
)
#: Files that begin them elsewhere, with how often. May only shrink.
OBJECTS_OWED = {
    "web/context.py": 1,
}


def tracked(*patterns: str) -> list[Path]:
    """Files under version control."""
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def test_every_model_says_how_long_its_rows_are_kept() -> None:
    silent = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("quancheng.") and "Retention class:" not in (model.__doc__ or "")
    ]
    assert silent == [], "the docstring of each model says its retention class"


def test_query_sets_are_begun_where_they_belong() -> None:
    found: dict[str, int] = {}
    for path in tracked("src/*.py"):
        if OBJECTS_ALLOWED.search("/" + str(path.relative_to(PACKAGE.parent))):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        begun = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        # An empty set, which a form's field begins with, reads nothing.
        empty = {id(node.value) for node in begun if node.attr == "none"}
        uses = sum(node.attr == "objects" and id(node) not in empty for node in begun)
        if uses:
            found[str(path.relative_to(PACKAGE))] = uses
    assert {path: uses for path, uses in found.items() if uses > OBJECTS_OWED.get(path, 0)} == {}, (
        "only queries, services, models and the kernel touch .objects"
    )


def test_no_test_or_benchmark_is_longer_than_the_limit() -> None:
    lengths = {str(path.relative_to(ROOT)): _lines(path) for path in tracked("tests/*.py", "benchmarks/*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_browser_test_asserts_what_it_did_not_wait_for() -> None:
    """A page answers after the click: what is read of it at once is there on a fast machine and not on a slow one."""
    at_once = re.compile(
        r"^\s*assert (?!.*json\.loads).*\.(?:is_visible|is_hidden|is_checked|is_enabled|is_disabled|input_value)\("
        r"|^\s*assert (?!.*(?:objects|filter\(|files_of)).*\.count\(\)"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked("tests/*.py")
        if "playwright" in (text := path.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1)
        if at_once.search(line)
    ]
    assert found == [], "let expect() wait for it"


def test_every_app_of_ours_stands_in_the_settings() -> None:
    there = {
        ".".join(path.parent.relative_to(PACKAGE.parent).parts)
        for path in [*PACKAGE.glob("kernel/*/apps.py"), *PACKAGE.glob("domains/*/apps.py")]
    }
    assert sorted(there - set(settings.OUR_APPS)) == []


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_every_name_that_a_benchmark_takes_from_the_house_exists() -> None:
    """Nothing else runs a benchmark between two measurements, and half an hour of filling is lost when it breaks."""
    taken = [
        (path.name, node.module or "", one.name)
        for path in sorted((ROOT / "benchmarks").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("quancheng", "benchmarks")
        for one in node.names
    ]
    missing = [
        f"{path}: {module}.{name}"
        for path, module, name in taken
        if not hasattr(importlib.import_module(module), name) and not _is_module(f"{module}.{name}")
    ]
    assert missing == []


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
