"""What kinds of enterprises and places deal with hazardous chemicals, and the facts on which duties of a kind turn."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quancheng.standards.wording import Text

DATA = Path(__file__).parent / "data"

#: Facts that decide whether a duty of the kind holds; a fact that is not told leaves the duty in doubt.
FACTS: dict[str, Text] = {
    "buys_highly_toxic": Text("购买剧毒化学品", "buys highly toxic chemicals"),
    "collects_waste_only": Text("只收集危险废物", "only collects hazardous waste"),
    "has_hazardous_licence": Text("持有生产、使用或经营许可证", "holds a production, use or operating licence"),
    "imports": Text("进口危险化学品", "imports hazardous chemicals"),
    "key_user": Text("是重点使用单位", "is a key user"),
    "loads_or_stores_hazardous": Text("储存或装卸危险物品", "stores or loads dangerous goods"),
    "makes_listed_product": Text(
        "生产列入工业产品生产许可证目录的危险化学品、包装物或容器",
        "makes chemicals, packages or containers that need an industrial product production licence",
    ),
    "major_hazard": Text("有重大危险源", "has a major hazard"),
    "produces_hazardous": Text("产品列入危险化学品目录", "makes a product of the catalogue"),
    "sells_highly_toxic_or_precursor": Text(
        "经营剧毒或易制爆化学品", "sells highly toxic chemicals or explosive precursors"
    ),
    "two_key_one_major": Text("涉及两重点一重大", "has a key process, key chemical or major hazard"),
    "uses_above_limit": Text("使用量达到规定数量", "uses the set amounts"),
}


@dataclass(frozen=True, slots=True)
class EnterpriseClass:
    """One kind of enterprise; ``links`` are those of the chain in which it usually takes part."""

    code: str
    name: Text
    links: tuple[str, ...]
    stores: bool


@cache
def enterprise_classes() -> dict[str, EnterpriseClass]:
    """All kinds by code."""
    with (DATA / "enterprise_classes.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: EnterpriseClass(
                row["code"],
                Text(row["zh"], row["en"]),
                tuple(link for link in row["links"].split("|") if link),
                row["stores"] == "1",
            )
            for row in csv.DictReader(file)
        }


def known_class(code: str) -> EnterpriseClass:
    """The kind of a code. ValueError, naming the known codes, for another."""
    found = enterprise_classes().get(code)
    if found is None:
        raise ValueError(f"no enterprise class {code!r}; there are {', '.join(enterprise_classes())}")
    return found


def holds(needs: str, unless: str, facts: Mapping[str, bool | None]) -> tuple[bool, tuple[Text, ...]]:
    """Whether a duty holds that needs one fact and falls away by another (either may be empty), and what is doubtful.

    A fact that is not told leaves the duty standing, with a doubt. ValueError for a fact that is none of
    :data:`FACTS`.
    """
    if unknown := sorted(set(facts) - set(FACTS)):
        raise ValueError(f"no fact: {', '.join(unknown)}; there are {', '.join(FACTS)}")
    doubts = []
    for fact, wanted in ((needs, True), (unless, False)):
        if not fact:
            continue
        told = facts.get(fact)
        if told is None:
            zh, en = FACTS[fact]
            doubts.append(Text(f"未填写是否{zh}", f"Not told whether it {en}"))
        elif told != wanted:
            return False, ()
    return True, tuple(doubts)
