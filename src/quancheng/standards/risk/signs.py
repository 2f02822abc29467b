"""Safety signs (安全标志) that belong to a type of accident.

Names after GB 2894; which sign belongs to which type of accident is general knowledge [G], to be checked on the spot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from quancheng.standards.risk.basis import table, text_of
from quancheng.standards.wording import Text

#: Kinds of signs, in the order in which they hang.
KINDS: dict[str, Text] = {
    "warning": Text("警告标志", "Warning sign"),
    "prohibition": Text("禁止标志", "Prohibition sign"),
    "mandatory": Text("指令标志", "Mandatory sign"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: ``kind`` is a key of :data:`KINDS`."""

    kind: str
    name: Text
    mark: str


@cache
def _signs() -> tuple[tuple[str, Sign], ...]:
    return tuple((row["accident"], Sign(row["kind"], text_of(row), row["mark"])) for row in table("accident_signs"))


def signs_of(accidents: Iterable[str]) -> tuple[Sign, ...]:
    """The signs that belong to types of accident (codes of GB 6441), each once, warnings first; none for others."""
    wanted = set(accidents)
    found = {one.name.zh: one for accident, one in _signs() if accident in wanted}
    order = list(KINDS)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.kind)))
