"""What may stand beside what (混装与隔离, 禁忌物配存): in one vehicle or container, and in one room of a store.

Two layers: the label matrix with the compatibility groups of explosives (JT/T 617.6 after the international table)
[V~], and rules of chemical incompatibility which the matrix does not know, for it lets acids travel with cyanides
[G, to be set by the district].

For stores GB 15603-2022 asks that hazardous chemicals be kept by their nature in three ways: isolated (隔离) in one
room with a passage between, partitioned (隔开) in one building with a wall between, or separated (分离) in
different buildings; that goods which react together, need different extinguishing agents or fall under 剧毒 or
易制爆 control stand by themselves. Which pair needs which way is taken here from the same matrix and rules [G]: it
is no copy of that standard's own table, which we do not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from quancheng.standards.segregation.goods import TRAITS, Good, good, known_goods
from quancheng.standards.segregation.matrix import (
    DANGER_ORDER,
    compatibility,
    judge_labels,
    load_division,
    net_mass_limit,
)
from quancheng.standards.segregation.rules import Level, Rule, Side, default_rules
from quancheng.standards.wording import Text

__all__ = [
    "DANGER_ORDER",
    "TRAITS",
    "Good",
    "Level",
    "Pair",
    "Reason",
    "Rule",
    "Side",
    "compatibility",
    "default_rules",
    "good",
    "judge_labels",
    "known_goods",
    "load_division",
    "net_mass_limit",
    "pairs",
    "storage_way",
]

_WAYS = {
    Level.ALLOWED: None,
    Level.WARN: Text("隔离储存：同一房间内留出通道", "Isolate: one room, a passage between"),
    Level.SEPARATE: Text("隔开储存：同一建筑内用隔墙分开", "Partition: one building, a wall between"),
    Level.CONDITIONAL: Text("隔开储存：同一建筑内用隔墙分开", "Partition: one building, a wall between"),
    Level.BLOCK: Text("分离储存：放在不同建筑物", "Separate: different buildings"),
    Level.FORBIDDEN: Text("分离储存：放在不同建筑物", "Separate: different buildings"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for the level of a pair: the matrix (``source`` is ``matrix``) or a rule by its id."""

    source: str
    level: Level
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two goods by their places in the list given, the levels of both layers, and the grounds, worst first."""

    first: int
    second: int
    matrix: Level
    advisory: Level
    reasons: tuple[Reason, ...]

    @property
    def level(self) -> Level:
        """The worse of the two layers."""
        return max(self.matrix, self.advisory)


def pairs(goods: Sequence[Good], *, rules: Iterable[Rule] | None = None) -> tuple[Pair, ...]:
    """Every pair of goods in one vehicle, container or room, judged by matrix and rules.

    ``rules`` replaces those that ship. The same substance (one UN number, the same labels) always goes with itself.
    Goods in limited quantities bear no labels: the matrix and the rules about labels pass them by, only the rules
    about limited quantities hold. Several closed compartments of one vehicle are one; a closed full-wall container
    inside is left out by the caller, except for explosives.
    """
    known = default_rules() if rules is None else tuple(rules)
    return tuple(_judge(goods, first, second, known) for first, second in combinations(range(len(goods)), 2))


def storage_way(level: Level) -> Text | None:
    """The way of keeping two goods apart in a store that a level asks for [G]; None when they may stand together."""
    return _WAYS[level]


def _judge(goods: Sequence[Good], first: int, second: int, rules: tuple[Rule, ...]) -> Pair:
    one, other = goods[first], goods[second]
    if one.un and one.un == other.un and one.labels == other.labels:
        return Pair(first, second, Level.ALLOWED, Level.ALLOWED, ())
    reasons: list[Reason] = []
    matrix = Level.ALLOWED
    limited = "limited_quantity" in one.traits or "limited_quantity" in other.traits
    if not limited:
        matrix, text = judge_labels(one, other)
        if text is not None:
            reasons.append(Reason("matrix", matrix, text, "V~"))
    advisory = Level.ALLOWED
    for rule in rules:
        if limited and "limited_quantity" not in rule.a.traits | rule.b.traits:
            continue
        if rule.applies(one, other):
            advisory = max(advisory, rule.level)
            reasons.append(Reason(rule.id, rule.level, rule.reason, rule.mark))
    reasons.sort(key=lambda reason: -reason.level)
    return Pair(first, second, matrix, advisory, tuple(reasons))
