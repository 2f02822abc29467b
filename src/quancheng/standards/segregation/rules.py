"""Rules of chemical incompatibility beside the label matrix: data with a level, a reason and a mark, which a caller
may replace with those of its district.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from quancheng.standards.segregation.goods import DATA, Good
from quancheng.standards.wording import Text


class Level(IntEnum):
    """How a pair is judged, from harmless to forbidden. BLOCK is the advisory layer's no, FORBIDDEN that of the label
    matrix or the compatibility groups."""

    ALLOWED = 0
    WARN = 1
    SEPARATE = 2
    CONDITIONAL = 3
    BLOCK = 4
    FORBIDDEN = 5


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two goods must be; each condition that is not empty must hold, and of its values one is
    enough.
    """

    labels: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    uns: frozenset[str] = frozenset()
    not_traits: frozenset[str] = frozenset()
    not_uns: frozenset[str] = frozenset()

    def fits(self, good: Good) -> bool:
        """Whether a good is what this side speaks of. A division (1.1) fits with every group (1.1D)."""
        if self.labels and not any(
            label in self.labels or (label[:2] == "1." and label[:3] in self.labels) for label in good.labels
        ):
            return False
        if self.traits and not self.traits & good.traits:
            return False
        if self.uns and good.un not in self.uns:
            return False
        return not (self.not_traits & good.traits) and good.un not in self.not_uns


@dataclass(frozen=True, slots=True)
class Rule:
    """Two sides that do not go together, whichever stands first. ``other_class`` asks besides that their primary
    classes differ."""

    id: str
    a: Side
    b: Side
    level: Level
    reason: Text
    mark: str
    other_class: bool = False

    def applies(self, first: Good, second: Good) -> bool:
        """Whether the pair is one that the rule speaks of."""
        if self.other_class and first.primary_class == second.primary_class:
            return False
        return (self.a.fits(first) and self.b.fits(second)) or (self.a.fits(second) and self.b.fits(first))


@cache
def default_rules() -> tuple[Rule, ...]:
    """The rules that ship; all but the two about food and that about limited quantities are general knowledge [G]."""
    with (DATA / "rules.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_rule(row) for row in csv.DictReader(file))


def _rule(row: dict[str, str]) -> Rule:
    def many(column: str) -> frozenset[str]:
        return frozenset(part for part in row[column].split("|") if part)

    return Rule(
        id=row["id"],
        a=Side(many("a_labels"), many("a_traits"), many("a_uns")),
        b=Side(many("b_labels"), many("b_traits"), not_traits=many("b_not_traits"), not_uns=many("b_not_uns")),
        level=Level[row["level"].upper()],
        reason=Text(row["reason"], row["reason_en"]),
        mark=row["mark"],
        other_class=row["other_class"] == "1",
    )
