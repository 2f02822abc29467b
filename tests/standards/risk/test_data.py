"""The data files: both languages everywhere, known marks, no code twice."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from quancheng.standards import risk
from quancheng.standards.wording import MARKS

FILES = sorted((Path(risk.__file__).parent / "data").glob("*.csv"))
#: Files whose rows have no code of their own, or whose code needs the columns named.
KEYS = {
    "building_steps": ("number",),
    "accident_signs": ("accident", "kind", "zh"),
    "colour_effects": ("colour", "code"),
    "guarantor_duties": ("role", "zh"),
    "guarantor_rhythms": ("role", "code", "needs"),
    "guarantor_tasks": ("role", "number"),
    "hazop_fits": ("parameter",),
    "hazop_words": ("kind", "code"),
    "index_points": ("factor", "code"),
    "index_static": ("factor", "code"),
    "lec_factors": ("factor", "value"),
    "lopa_typical": ("kind", "code"),
    "ls_grades": ("colour",),
    "ls_likelihood": ("level",),
    "ls_severity": ("level", "column"),
    "grading_schemes": ("class",),
    "layout_distances": ("source", "target"),
    "reaction_controls": ("grade",),
}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_table_is_sound(path):
    found = rows(path)
    key = KEYS.get(path.stem, ("code",))
    assert max(Counter(tuple(row[name] for name in key) for row in found).values()) == 1
    for row in found:
        assert None not in row, row
        assert None not in row.values(), row
        assert all(row[name] in MARKS for name in row if name == "mark" or name.endswith("_mark")), row
        for name, value in row.items():
            if name == "zh" or name.endswith("_zh"):
                english = row[name.removesuffix("zh") + "en"]
                assert bool(value) == bool(english), row
                assert not any("一" <= letter <= "鿿" for letter in english), row
