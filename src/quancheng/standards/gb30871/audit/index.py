"""The index of an enterprise's special work (特殊作业指数), 0 to 100, from six shares [D].

A share of which nothing is known is left out, and the others count by their weights: it neither helps nor harms, and
is told as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import table, text_of
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Share:
    """One part of the index: how many of how many, None of none, and its weight."""

    code: str
    weight: int
    mark: str
    text: Text
    good: int = 0
    total: int = 0

    @property
    def percent(self) -> float | None:
        return None if not self.total else 100 * self.good / self.total


@cache
def parts() -> tuple[Share, ...]:
    """The six parts with their weights."""
    return tuple(Share(row["code"], int(row["weight"]), row["mark"], text_of(row)) for row in table("audit_index"))


def index(counts: Mapping[str, tuple[int, int]]) -> tuple[int | None, tuple[Share, ...]]:
    """The index, rounded down, and its parts; None where no share is known.

    :param counts: good ones and all, by the code of a part.
    """
    told = tuple(
        Share(one.code, one.weight, one.mark, one.text, *counts.get(one.code, (0, 0))) for one in parts()
    )
    known = [one for one in told if one.total]
    if not known:
        return None, told
    # In whole numbers, so that no rounding on the way moves the last point.
    weight = sum(one.weight for one in known)
    total = sum(one.weight * one.good / one.total for one in known)
    return int(100 * total / weight + 1e-9), told
