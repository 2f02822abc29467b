"""What the modules of this package share: their data files, a line of an explanation, a refusal with its code."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quancheng.standards.wording import Text

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with what was given: ``field``, a machine's ``code`` and the sentence."""

    field: str
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation with the mark of what it rests on."""

    code: str
    text: Text
    mark: str


class Refused(ValueError):
    """What was given cannot be used at all: ``code`` for machines, ``text`` for people."""

    def __init__(self, code: str, text: Text) -> None:
        self.code, self.text = code, text
        super().__init__(f"{code}: {text.en}")


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a data file, in order."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def text_of(row: Mapping[str, str], name: str = "") -> Text:
    """The columns ``zh`` and ``en`` of a row, or ``name_zh`` and ``name_en``."""
    prefix = f"{name}_" if name else ""
    return Text(row[f"{prefix}zh"], row[f"{prefix}en"])


def number_of(cell: str) -> float | None:
    """A cell as a number; None where it is empty."""
    return float(cell) if cell else None
