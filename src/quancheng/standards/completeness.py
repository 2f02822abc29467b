"""What a complete enterprise file (一企一档) holds: which data each class must give, who gives them, what asks for it;
and the score of a file as a weighted share.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from quancheng.standards.enterprise_classes import DATA, enterprise_classes, holds
from quancheng.standards.licences import licence_kinds
from quancheng.standards.posts import posts
from quancheng.standards.wording import Text

#: Parts of a file, in the order in which it is read.
BLOCKS: dict[str, Text] = {
    "base": Text("基本情况", "Basic data"),
    "people": Text("责任人员", "People in charge"),
    "places": Text("单元和设施", "Units and facilities"),
    "stock": Text("存量", "Stock"),
    "licences": Text("证照", "Licences"),
    "posts": Text("法定岗位", "Posts by law"),
    "expense": Text("安全费用", "Safety expenses"),
    "environment": Text("环境管理", "Environment"),
    "products": Text("产品", "Products"),
    "hazards": Text("重大危险源", "Major hazards"),
}
#: Who must give a datum.
GIVERS: dict[str, Text] = {
    "enterprise": Text("企业", "enterprise"),
    "town": Text("镇街", "town or street"),
    "lead": Text("监管牵头部门", "lead department"),
}
#: Every class, and the classes that store.
_ALL, _STORES = "*", "stores"


@dataclass(frozen=True, slots=True)
class Rule:
    """One datum that a complete file holds. ``classes`` ask for it but for those of ``excepted``; ``needs`` is a fact
    of :data:`~quancheng.standards.enterprise_classes.FACTS` or empty. ``weight`` is ours [D], ``mark`` that of the
    demand.
    """

    code: str
    block: str
    name: Text
    classes: tuple[str, ...]
    excepted: tuple[str, ...]
    needs: str
    weight: int
    giver: str
    basis: str
    clause: str
    mark: str
    note: Text


@dataclass(frozen=True, slots=True)
class Line:
    """How much of one datum a file has: ``have`` of ``of`` pieces, of which ``missing`` names some that lack it."""

    code: str
    weight: int
    have: int
    of: int
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.weight < 0 or not 0 <= self.have <= self.of:
            raise ValueError(f"{self.code}: {self.have} of {self.of}, weight {self.weight}")

    @property
    def is_gap(self) -> bool:
        """Whether something of it is missing."""
        return self.have < self.of

    @property
    def points(self) -> Fraction:
        """What it adds to the sum of weights that the file has."""
        return Fraction(self.weight * self.have, self.of) if self.of else Fraction(0)


@cache
def completeness_rules() -> tuple[Rule, ...]:
    """All rules in their order; one code may stand more than once, for different classes."""
    with (DATA / "completeness.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_rule(row) for row in csv.DictReader(file))


@cache
def rules_by_code() -> dict[str, Rule]:
    """Each code once, as it stands first."""
    found: dict[str, Rule] = {}
    for one in completeness_rules():
        found.setdefault(one.code, one)
    return found


def rules_for(kinds: Sequence[str], facts: Mapping[str, bool | None]) -> tuple[Rule, ...]:
    """What a file of these classes must hold for sure: any of its classes asks for it. A fact that nobody told asks
    for nothing. ValueError for an unknown class or fact.
    """
    found: dict[str, Rule] = {}
    for one in completeness_rules():
        wanted, doubts = holds(one.needs, "", facts)
        if one.code not in found and wanted and not doubts and any(_asks(one, kind) for kind in kinds):
            found[one.code] = one
    return tuple(found.values())


def facts_asked(kinds: Sequence[str]) -> tuple[str, ...]:
    """The facts on which licences, posts or data of these classes turn, in order."""
    wanted: set[str] = set()
    for licence in licence_kinds():
        if set(kinds) & set(licence.classes):
            wanted |= {licence.needs, licence.unless}
    for post in posts():
        if post.classes == (_ALL,) or set(kinds) & set(post.classes):
            wanted.add(post.needs)
    for rule in completeness_rules():
        if any(_asks(rule, kind) for kind in kinds):
            wanted.add(rule.needs)
    return tuple(sorted(wanted - {""}))


def score(lines: Iterable[Line]) -> int | None:
    """The weighted share of what is there, in whole per cent, rounded down, so that 100 means nothing is missing.
    None where nothing is asked for.
    """
    rows = [one for one in lines if one.of and one.weight]
    whole = sum(one.weight for one in rows)
    return None if not whole else int(100 * sum((one.points for one in rows), Fraction(0)) / whole)


def _asks(rule: Rule, kind: str) -> bool:
    known = enterprise_classes()
    if kind not in known:
        raise ValueError(f"no enterprise class {kind!r}; there are {', '.join(known)}")
    if kind in rule.excepted:
        return False
    return rule.classes == (_ALL,) or kind in rule.classes or (rule.classes == (_STORES,) and known[kind].stores)


def _rule(row: Mapping[str, str]) -> Rule:
    return Rule(
        code=row["code"],
        block=row["block"],
        name=Text(row["zh"], row["en"]),
        classes=tuple(row["classes"].split("|")),
        excepted=tuple(one for one in row["except"].split("|") if one),
        needs=row["needs"],
        weight=int(row["weight"]),
        giver=row["giver"],
        basis=row["basis"],
        clause=row["clause"],
        mark=row["mark"],
        note=Text(row["note"], row["note_en"]),
    )
