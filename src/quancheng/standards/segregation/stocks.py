"""A stock as the segregation rules see it: labels from its UN number, else from its hazard classes; traits from the
UN number, the regulated lists and the name [G].

A store holds goods by their classification under GB 30000, and the tables of segregation speak in labels of
transport. Which class bears which label is taken from how both systems are built on the same criteria; it is no copy
of a table of law, so what rests on it has the mark G.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from quancheng.standards import ghs
from quancheng.standards.segregation.goods import Good, known_goods
from quancheng.standards.wording import Text

#: Hazard class to label, with the categories for which it holds; empty for all of them.
_LABELS: dict[str, tuple[str, frozenset[str]]] = {
    "flammable_gas": ("2.1", frozenset()),
    "aerosol": ("2.1", frozenset({"1", "2"})),
    "oxidising_gas": ("5.1", frozenset()),
    "pressure_gas": ("2.2", frozenset()),
    "flammable_liquid": ("3", frozenset({"1", "2", "3"})),
    "flammable_solid": ("4.1", frozenset()),
    "self_reactive": ("4.1", frozenset("BCDEF")),
    "desensitised": ("4.1", frozenset()),
    "pyrophoric_liquid": ("4.2", frozenset()),
    "pyrophoric_solid": ("4.2", frozenset()),
    "self_heating": ("4.2", frozenset()),
    "water_reactive": ("4.3", frozenset()),
    "oxidising_liquid": ("5.1", frozenset()),
    "oxidising_solid": ("5.1", frozenset()),
    "organic_peroxide": ("5.2", frozenset("BCDEF")),
    "acute_oral": ("6.1", frozenset({"1", "2", "3"})),
    "acute_dermal": ("6.1", frozenset({"1", "2", "3"})),
    "acute_inhalation": ("6.1", frozenset({"1", "2", "3"})),
    "skin": ("8", frozenset({"1", "1A", "1B", "1C"})),
    "metal_corrosive": ("8", frozenset()),
    "aquatic_acute": ("9", frozenset({"1"})),
    "aquatic_chronic": ("9", frozenset({"1", "2"})),
}
#: The primary hazard first, as the label of a good with several has it.
_ORDER = ("1", "2.1", "2.2", "2.3", "5.2", "4.2", "4.3", "4.1", "3", "5.1", "6.1", "8", "9")
_GAS_CLASSES = frozenset({"flammable_gas", "oxidising_gas", "pressure_gas"})
#: What a name tells of a substance whose number is not among the known ones.
_NAMED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cyanide", re.compile(r"氰化(?!氢)|氰酸盐|cyanide", re.I)),
    ("hypochlorite", re.compile(r"次氯酸|hypochlorite", re.I)),
    ("chlorate", re.compile(r"(?<!次)(?<!高)(?<!亚)氯酸[钠钾钡钙镁铵锶]|(?<!per)chlorate", re.I)),
    ("nitrite", re.compile(r"亚硝酸[钠钾钙铵]|nitrite", re.I)),
    ("nitrate", re.compile(r"(?<!亚)硝酸[钠钾钙铵钡镁锶铅银]|nitrate", re.I)),
    ("ammonium", re.compile(r"[酸硝氯硫]铵|ammonium", re.I)),
)
_ACID = re.compile(r"酸(?:溶液|[\[(（]|$)|氯化氢|氟化氢|\bacid\b", re.I)
_BASE = re.compile(r"氢氧化|碱$|氨溶液|氨水|hydroxide", re.I)
_WATERY = re.compile(r"溶液|水合|水溶|[\[(（]含|solution", re.I)


@dataclass(frozen=True, slots=True)
class StockGood:
    """A stock for the rules; ``good`` None where nothing tells what it is, and then ``doubts`` says so."""

    good: Good | None
    doubts: tuple[Text, ...] = ()


def stock_good(
    name: str, *, un: str = "", hazard_classes: Sequence[str] = (), mixture_classes: Sequence[str] = (),
    english: str = "", is_highly_toxic: bool = False,
) -> StockGood:  # fmt: skip
    """What a stock is to the rules.

    :param hazard_classes: of the substance as its register has it, e.g. ``易燃液体,类别2``.
    :param mixture_classes: of the goods as kept, where they differ; they alone then give the labels.
    """
    return _stock_good(
        name, un, tuple(hazard_classes), tuple(mixture_classes), english, is_highly_toxic
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _stock_good(
    name: str, un: str, hazard_classes: tuple[str, ...], mixture_classes: tuple[str, ...], english: str,
    is_highly_toxic: bool,
) -> StockGood:  # fmt: skip
    known = known_goods().get(un)
    doubts: list[Text] = []
    if known is not None and not mixture_classes:
        labels = known.labels
    else:
        given = mixture_classes or hazard_classes
        parsed = ghs.parse("；".join(given))
        labels = _labels(parsed.hazards)
        if given and not labels and (said := _unclear(name, parsed.hazards, bool(parsed.problems))) is not None:
            doubts.append(said)
        if "1" in labels:
            labels = ("1.1", *(label for label in labels if label != "1"))
            doubts.append(
                Text(
                    f"{name}：爆炸物未写配装组，按不得与其他货物同存处理。",
                    f"{name}: an explosive without its compatibility group counts as one that stands alone.",
                )
            )
    traits = set(known.traits if known is not None else ())
    traits |= {trait for trait, shape in _NAMED if shape.search(name) or shape.search(english)}
    if "8" in labels:
        is_base = bool(_BASE.search(name) or _BASE.search(english))
        if not is_base and "hypochlorite" not in traits and (_ACID.search(name) or _ACID.search(english)):
            traits.add("acid")
        if is_base:
            traits.add("base")
    if labels and _WATERY.search(name) and not labels[0].startswith("2."):
        traits.add("aqueous")
    if "5.1" in labels and any(label.startswith("2.") for label in labels):
        traits.add("oxidising_gas")
    if is_highly_toxic:
        traits.add("highly_toxic")
    if not labels and not traits:
        if not mixture_classes and not hazard_classes:
            doubts.append(
                Text(
                    f"{name}：没有危险性类别，也没有可识别的联合国编号，不能判断与什么相忌。",
                    f"{name}: it has neither hazard classes nor a known UN number, so nothing tells what it may stand "
                    "beside.",
                )
            )
        return StockGood(None, tuple(doubts))
    return StockGood(Good(labels, un, frozenset(traits)), tuple(doubts))


def _labels(hazards: Iterable[ghs.Hazard]) -> tuple[str, ...]:
    found: set[str] = set()
    known = list(hazards)
    is_gas = any(one.key in _GAS_CLASSES for one in known)
    for one in known:
        if one.key == "explosive":
            found.add("1")
            continue
        label, categories = _LABELS.get(one.key, ("", frozenset()))
        if label and (not categories or one.category in categories):
            found.add("2.3" if is_gas and label == "6.1" else label)
    if found & {"2.1", "2.3"}:
        found.discard("2.2")
    if len(found) > 1:
        found.discard("9")
    return tuple(sorted(found, key=_ORDER.index))


def _unclear(name: str, hazards: Sequence[ghs.Hazard], has_problems: bool) -> Text | None:
    """Said where classes are given and none of them could be read; harmless ones say nothing."""
    if not has_problems or hazards:
        return None
    return Text(
        f"{name}：危险性类别无法识别，不能判断与什么相忌。",
        f"{name}: its hazard classes cannot be read, so nothing tells what it may stand beside.",
    )
