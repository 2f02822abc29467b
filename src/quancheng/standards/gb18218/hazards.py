"""Hazard classes as papers write them, read into class, category and route.

Source: the class and category names of the GB 30000 series as the official classification table prints them, their
English names, the abbreviations of the European list, and H-codes where they name a row of table 2 [G].
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

#: Class to the categories it has.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "acute": ("1", "2", "3", "4", "5"),
    "explosive": ("unstable", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"),
    "flammable_gas": ("1", "2"),
    "aerosol": ("1", "2", "3"),
    "oxidizing_gas": ("1",),
    "flammable_liquid": ("1", "2", "3", "4"),
    "self_reactive": ("A", "B", "C", "D", "E", "F", "G"),
    "organic_peroxide": ("A", "B", "C", "D", "E", "F", "G"),
    "pyrophoric_liquid": ("1",),
    "pyrophoric_solid": ("1",),
    "oxidizing_liquid": ("1", "2", "3"),
    "oxidizing_solid": ("1", "2", "3"),
    "flammable_solid": ("1", "2"),
    "water_reactive": ("1", "2", "3"),
}
#: What the class says of the state.
STATE_OF = {
    "flammable_gas": "gas",
    "oxidizing_gas": "gas",
    "pressure": "gas",
    "flammable_liquid": "liquid",
    "pyrophoric_liquid": "liquid",
    "oxidizing_liquid": "liquid",
    "flammable_solid": "solid",
    "pyrophoric_solid": "solid",
    "oxidizing_solid": "solid",
}
#: Tried in this order: a longer name holds a shorter one. ``other`` has no row in table 2, neither has ``pressure``.
_CLASSES = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        ("other", r"^(?:无|不分类|未分类|非危险化学品|none|notclassified|noclassification)$"),
        ("other", r"水生|臭氧|aquatic|ozone|退敏|desensiti[sz]ed|自热|self-?heat"),
        ("other", r"靶器官|targetorgan|stot|吸入危害|吸入危险|aspiration|asp\.tox"),
        ("water_reactive", r"遇水|contactwithwater|water-?react"),
        ("aerosol", r"气溶胶|气雾剂|aerosol"),
        ("flammable_gas", r"易燃气体|flammablegas|flam\.gas"),
        ("oxidizing_gas", r"氧化性气体|oxidi[sz]inggas|ox\.gas"),
        ("pressure", r"加压气体|高压气体|压力下气体|^(?:压缩|液化|冷冻液化|溶解)气体"),
        ("pressure", r"gas(?:es)?underpressure|press\.gas|(?:compressed|liquefied|dissolved)gas"),
        ("other", r"化学不稳定性?气体|化学不稳定的气体|chem(?:ically|\.)unst"),
        ("flammable_liquid", r"易燃液体|flammableliquid|flam\.liq"),
        ("flammable_solid", r"易燃固体|flammablesolid|flam\.sol"),
        ("self_reactive", r"自反应|self-?react"),
        ("organic_peroxide", r"有机过氧化物|organicperoxide|org\.perox"),
        ("pyrophoric_liquid", r"自燃液体|pyrophoricliquid|pyr\.liq"),
        ("pyrophoric_solid", r"自燃固体|pyrophoricsolid|pyr\.sol"),
        ("oxidizing_liquid", r"氧化性液体|oxidi[sz]ingliquid|ox\.liq"),
        ("oxidizing_solid", r"氧化性固体|oxidi[sz]ingsolid|ox\.sol"),
        ("explosive", r"爆炸物|爆炸品|explosive|(?:unst\.)?expl\."),
        ("acute", r"急性(?:经口|经皮|吸入)?毒性|acute(?:oral|dermal|inhalation)?tox"),
        ("other", r"腐蚀|皮肤|眼|致敏|突变|致癌|生殖|哺乳|corros|skin|eye|sensiti|mutagen|muta\.|carc|repro?"),
    )
)  # fmt: skip
_ROUTES = (
    ("oral", re.compile(r"经口|口服|食入|oral")),
    ("dermal", re.compile(r"经皮|皮肤|dermal|skin")),
    ("inhalation", re.compile(r"吸入|inhal")),
)
_NUMERALS = {
    "一": "1",
    "二": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "iii": "3",
    "ii": "2",
    "iv": "4",
    "i": "1",
    "v": "5",
}
_CATEGORY = re.compile(r"(?:类别|级别|category|cat\.?)[:.]?([1-5]|[一二三四五]|iii|iv|ii|i|v)[a-c]?(?![0-9.])")
_LAST = re.compile(r"(?<![0-9.])([1-5])[a-c]?$")
_DIVISION = re.compile(r"(?<![0-9.])(1\.[1-6])(?![0-9])")
_TYPE = re.compile(r"([a-g])型|(?:类型|类别|type|category|cat\.?)[:.]?([a-g])(?![a-z])|(?<![a-z])([a-g])$")
_UNSTABLE = re.compile(r"不稳定|unst")
#: H-code to class, the categories it may stand for, and the route.
_H_CODES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "H200": ("explosive", ("unstable",), ""),
    "H201": ("explosive", ("1.1",), ""),
    "H202": ("explosive", ("1.2",), ""),
    "H203": ("explosive", ("1.3",), ""),
    "H204": ("explosive", ("1.4",), ""),
    "H205": ("explosive", ("1.5",), ""),
    "H220": ("flammable_gas", ("1",), ""),
    "H221": ("flammable_gas", ("2",), ""),
    "H222": ("aerosol", ("1",), ""),
    "H223": ("aerosol", ("2",), ""),
    "H229": ("aerosol", ("3",), ""),
    "H224": ("flammable_liquid", ("1",), ""),
    "H225": ("flammable_liquid", ("2",), ""),
    "H226": ("flammable_liquid", ("3",), ""),
    "H227": ("flammable_liquid", ("4",), ""),
    "H228": ("flammable_solid", ("1", "2"), ""),
    "H260": ("water_reactive", ("1",), ""),
    "H261": ("water_reactive", ("2", "3"), ""),
    "H270": ("oxidizing_gas", ("1",), ""),
    "H280": ("pressure", (), ""),
    "H281": ("pressure", (), ""),
    "H300": ("acute", ("1", "2"), "oral"),
    "H301": ("acute", ("3",), "oral"),
    "H302": ("acute", ("4",), "oral"),
    "H303": ("acute", ("5",), "oral"),
    "H310": ("acute", ("1", "2"), "dermal"),
    "H311": ("acute", ("3",), "dermal"),
    "H312": ("acute", ("4",), "dermal"),
    "H313": ("acute", ("5",), "dermal"),
    "H330": ("acute", ("1", "2"), "inhalation"),
    "H331": ("acute", ("3",), "inhalation"),
    "H332": ("acute", ("4",), "inhalation"),
    "H333": ("acute", ("5",), "inhalation"),
}
#: H-codes that two classes share: whichever it is, table 2 gives one symbol for each category; the classes in turn.
_SHARED_H_CODES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "H240": (("self_reactive", ("A",)), ("organic_peroxide", ("A",))),
    "H241": (("self_reactive", ("B",)), ("organic_peroxide", ("B",))),
    "H242": (("self_reactive", ("C", "D", "E", "F")), ("organic_peroxide", ("C", "D", "E", "F"))),
    "H250": (("pyrophoric_liquid", ("1",)), ("pyrophoric_solid", ("1",))),
    "H271": (("oxidizing_liquid", ("1",)), ("oxidizing_solid", ("1",))),
    "H272": (("oxidizing_liquid", ("2", "3")), ("oxidizing_solid", ("2", "3"))),
}
_H_CODE = re.compile(r"^h(\d{3})[a-z]*$")


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard as read.

    ``kinds``: the class, several where an H-code is shared, empty where nothing was understood. ``categories``: the
    one told, or all that it may be. ``routes``: of acute toxicity; empty where none is told.
    """

    text: str
    kinds: tuple[str, ...]
    categories: tuple[str, ...] = ()
    routes: frozenset[str] = frozenset()

    @property
    def is_exact(self) -> bool:
        return len(self.categories) == 1


@lru_cache(maxsize=8192)
def read(text: str) -> tuple[Hazard, ...]:
    """The hazards that one string tells: one as a rule, several where it joins them by semicolons."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return tuple(_one(part) for part in re.split(r"[;\n]", plain) if part.strip())


def _one(part: str) -> Hazard:
    told = part.strip()
    words = re.sub(r"[‐‑‒–—―−]", "-", "".join(told.split())).strip(".。,、").rstrip("*")
    if found := _H_CODE.match(words):
        return _of_code(told, f"H{found.group(1)}")
    kind = next((code for code, pattern in _CLASSES if pattern.search(words)), "")
    if not kind:
        return Hazard(told, ())
    if kind not in CATEGORIES:
        return Hazard(told, (kind,))
    routes = frozenset(route for route, pattern in _ROUTES if pattern.search(words)) if kind == "acute" else frozenset()
    category = _category(kind, words)
    known = CATEGORIES[kind]
    return Hazard(told, (kind,), (category,) if category in known else known, routes)


def _category(kind: str, words: str) -> str:
    """The category told, empty where none is."""
    if kind == "explosive":
        if found := _DIVISION.search(words):
            return found.group(1)
        return "unstable" if _UNSTABLE.search(words) else ""
    if kind in ("self_reactive", "organic_peroxide"):
        found = _TYPE.search(words)
        return next(group for group in found.groups() if group).upper() if found else ""
    if found := _CATEGORY.search(words):
        return _NUMERALS.get(found.group(1), found.group(1))
    found = _LAST.search(words)
    return found.group(1) if found else ""


def _of_code(told: str, code: str) -> Hazard:
    if code in _H_CODES:
        kind, categories, route = _H_CODES[code]
        return Hazard(told, (kind,), categories, frozenset({route} if route else ()))
    if code in _SHARED_H_CODES:
        shared = _SHARED_H_CODES[code]
        return Hazard(told, tuple(kind for kind, _ in shared), shared[0][1])
    # Every other H-code is of a class without a row.
    return Hazard(told, ("other",))
