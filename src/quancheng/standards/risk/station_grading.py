"""Grading of petrol stations, and of traders without storage (票据经营), by points from 100 [D]: no national table
covers them, and several cities use their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from quancheng.standards.risk.basis import choice
from quancheng.standards.risk.points import Answer, Item, load, score
from quancheng.standards.risk.verdict import GradingResult, conclude
from quancheng.standards.wording import Text

#: The two tables.
TABLES: dict[str, Text] = {
    "station": Text("加油站", "Petrol station"),
    "paper": Text("票据经营", "Trade without storage"),
}


@cache
def _items() -> tuple[Item, ...]:
    return load("station_grading")


def items(scheme: str) -> tuple[Item, ...]:
    """The items of a table. BadInput for another one."""
    choice("scheme", scheme, TABLES)
    return tuple(item for item in _items() if item.class_code == scheme)


def grade(
    scheme: str, *, answers: Mapping[str, Answer], forced: Mapping[str, Answer] | None = None, on: date
) -> GradingResult:
    """The grading on a day: 100 less what the answers take away, not below 0. What is not answered takes nothing away
    and is a doubt. Any open major hidden danger is red, and so is a trader without storage who stores goods.

    :raises BadInput: as :func:`~quancheng.standards.risk.points.score` and
        :func:`~quancheng.standards.risk.verdict.conclude`.
    """
    return conclude(scheme, score(items(scheme), answers), red_answers={}, forced_answers=forced or {}, on=on)
