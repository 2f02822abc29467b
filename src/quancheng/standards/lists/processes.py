"""The 18 key regulated hazardous chemical processes (重点监管的危险化工工艺), 安监总管三〔2009〕116号 and
〔2013〕3号.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from quancheng.standards.lists.model import DATA
from quancheng.standards.lists.names import normalise
from quancheng.standards.wording import Text

_METAL_ORGANIC = ("格氏", "格利雅", "格林尼亚", "金属有机物合成", "grignard")


@dataclass(frozen=True, slots=True)
class KeyProcess:
    """One process: typical reactions and the parameters to be watched. ``mark`` is that of name and order,
    ``detail_mark`` that of batch, reactions and parameters."""

    code: str
    name: Text
    batch: int
    reactions: tuple[str, ...]
    reactions_en: tuple[str, ...]
    parameters: tuple[str, ...]
    parameters_en: tuple[str, ...]
    mark: str
    detail_mark: str
    valid_from: date


@cache
def key_processes() -> dict[str, KeyProcess]:
    """The processes by code, P01 to P18, in the order of the two notices."""
    with (DATA / "key_processes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _process(row) for row in csv.DictReader(file)}


def find_process(text: str) -> KeyProcess | None:
    """The process that a code or a name means: ``P04``, ``硝化``, ``硝化工艺``; None when it means none of the 18."""
    wanted = normalise(text)
    if not wanted:
        return None
    for process in key_processes().values():
        name = normalise(process.name.zh)
        short = name.split("(")[0].removesuffix("工艺")
        inside = re.findall(r"\((.+)\)", name)
        names = {process.code.casefold(), name, name.split("(")[0], short, *inside, normalise(process.name.en)}
        if wanted in names:
            return process
    return None


def is_watched_like_a_key_process(text: str) -> bool:
    """Whether a reaction is none of the 18 but often supervised like one: metal-organic synthesis, Grignard
    reactions.
    """
    return any(word in normalise(text) for word in _METAL_ORGANIC)


def _process(row: dict[str, str]) -> KeyProcess:
    def many(column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in row[column].split(";"))

    return KeyProcess(
        code=row["code"],
        name=Text(row["name"], row["name_en"]),
        batch=int(row["batch"]),
        reactions=many("reactions"),
        reactions_en=many("reactions_en"),
        parameters=many("parameters"),
        parameters_en=many("parameters_en"),
        mark=row["mark"],
        detail_mark=row["detail_mark"],
        valid_from=date.fromisoformat(row["valid_from"]),
    )
