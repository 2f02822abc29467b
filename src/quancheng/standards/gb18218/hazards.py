"""Hazards as papers write them, read as far as an assessment needs them.

Names are read by :mod:`quancheng.standards.ghs`. Here stands what is peculiar to an assessment: H-codes, several routes
in one, and that a hazard without a readable category or route is every one that it may be.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from quancheng.standards import ghs
from quancheng.standards.wording import Text

#: Routes of acute toxicity: class to the words that tell it.
_ROUTES = {
    "acute_oral": re.compile(r"经口|口服|食入|oral"),
    "acute_dermal": re.compile(r"经皮|皮肤|dermal"),
    "acute_inhalation": re.compile(r"吸入|inhalation|inhal\.?"),
}
_ACUTE = re.compile(r"^(?:急性毒性|acute\s*tox(?:icity)?\.?)(?P<rest>.*)$")
_NOTHING = re.compile(r"^(?:无|不分类|未分类|未划分|非危险化学品|none|not\s*classified|no\s*classification)$")
_H_CODES = re.compile(r"^h\d{3}[a-z]*(?:\+h\d{3}[a-z]*)*$")
_CLASS_ONLY = re.compile(r"^[^,:0-9]+")
_LETTER = re.compile(r"(?<=[1-5])[a-c](?![a-z])")


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard as read: every class and category of :func:`quancheng.standards.ghs.categories` that it may be.

    ``choices`` is empty where nothing was understood. A category is empty in a class that has no row in table 2.
    """

    text: Text
    choices: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> frozenset[str]:
        """The classes that it may be."""
        return frozenset(key for key, _category in self.choices)

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(category for _key, category in self.choices)


@lru_cache(maxsize=8192)
def read(text: str) -> tuple[Hazard, ...]:
    """The hazards that one string tells: one as a rule, several where it joins them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = [hazard for part in re.split(r"[;\n\r|。]", plain) if part.strip() for hazard in _part(part.strip())]
    return tuple(dict.fromkeys(found))


def _part(part: str) -> list[Hazard]:
    if _H_CODES.match("".join(part.split())):
        return [_of_code(code[:4].upper()) for code in "".join(part.split()).split("+")]
    if _NOTHING.match(part):
        return [Hazard(Text(part, part), (("none", ""),))]
    parsed = ghs.parse(part)
    found = [Hazard(hazard.label, _every(hazard.key, hazard.category)) for hazard in parsed.hazards]
    for problem in parsed.problems:
        found += _repaired(problem.piece)
    return found or [Hazard(Text(part, part), ())]


def _every(key: str, category: str) -> tuple[tuple[str, str], ...]:
    """The one category told, or all of the class."""
    if category:
        return ((key, category),)
    return tuple(pair for pair in ghs.categories() if pair[0] == key)


def _of_code(code: str) -> Hazard:
    return Hazard(Text(code, code), _codes().get(code, ()))


@cache
def _codes() -> dict[str, tuple[tuple[str, str], ...]]:
    """H-code to the classes and categories whose first statement it is; every other code is of none with a row."""
    found: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(ghs.statements(), (("none", ""),))
    for pair, category in ghs.categories().items():
        if category.statements:
            code = category.statements[0]
            known = found[code]
            found[code] = (pair,) if known == (("none", ""),) else (*known, pair)
    return found


def _repaired(piece: str) -> list[Hazard]:
    """What the names alone do not give: several routes or none, a letter behind the category, no readable category."""
    told = Text(piece, piece)
    if found := _ACUTE.match(piece):
        return _acute(told, found["rest"])
    for shorter in (_LETTER.sub("", piece), *_CLASS_ONLY.findall(piece)):
        parsed = ghs.parse(shorter)
        if len(parsed.hazards) == 1 and not parsed.problems:
            return [Hazard(told, _every(parsed.hazards[0].key, parsed.hazards[0].category))]
    return [Hazard(told, ())]


def _acute(told: Text, rest: str) -> list[Hazard]:
    routes = [key for key, words in _ROUTES.items() if words.search(rest)]
    for words in _ROUTES.values():
        rest = words.sub("", rest)
    category = re.sub(r"^[\s/、,和及与()\[\]:-]+", "", rest).rstrip(" )*")
    parsed = ghs.parse(f"急性毒性-经口,{category}" if category else "急性毒性-经口")
    known = parsed.hazards[0].category if len(parsed.hazards) == 1 and not parsed.problems else ""
    if routes:
        return [Hazard(told, _every(key, known)) for key in routes]
    return [Hazard(told, tuple(pair for key in _ROUTES for pair in _every(key, known)))]
