"""Names of chemicals brought into one form, and what they say about content.

Papers write one name in many ways: full-width digits, 【】 for [], a grade before it, a content in brackets behind
it. Two names are the same chemical's when :func:`normalise` or :func:`base` makes the same text of them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_MAPPED = str.maketrans(
    {
        "【": "[",
        "】": "]",
        "〔": "[",
        "〕": "]",
        "{": "[",
        "}": "]",
        "′": "'",
        "’": "'",
        "‘": "'",
        "`": "'",
        "–": "-",
        "—": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "≧": "≥",
        "≦": "≤",
    }
)
#: No name of a chemical on any list comes near this many characters.
LONGEST = 400

_SPACE = re.compile(r"[\s\u200b-\u200f\ufeff]+")
_BRACKET_AT_END = re.compile(r"[\[(]([^\[\]()]*)[\])]$")
_ABOUT_CONTENT = re.compile(
    r"^(?:按?(?:质量|体积)?(?:含量|浓度|质量分数|体积分数))?[<>≤≥=~\d.%含量浓度]+%[<>≤≥=~\d.%含量浓度]*$"
)
_GRADE = re.compile(
    r"^(?:工业级|工业用|工业|分析纯|化学纯|优级纯|电子级|食品级|试剂级|试剂)|(?:工业级|分析纯|化学纯|电子级)$"
)
_PERCENT_BEFORE = re.compile(r"^(\d{1,3}(?:\.\d+)?)%(?=\D)")
_PERCENT_BEHIND = re.compile(r"(?<=\D)(\d{1,3}(?:\.\d+)?)%$")
_BOUND = re.compile(r"(>=|<=|≥|≤|>|<)(\d+(?:\.\d+)?)%")
_BOUND_BEFORE = re.compile(r"(?<![<>≤≥=\d.])(\d+(?:\.\d+)?)%(>=|<=|≥|≤|>|<)")
_BETWEEN = re.compile(r"(\d+(?:\.\d+)?)%?[~-](\d+(?:\.\d+)?)%")
_EXACTLY = re.compile(r"^\D*?(\d+(?:\.\d+)?)%$")
_NUMERAL = "一二两三四五六七八九十半多\\d"
_HYDRATE = re.compile(rf"^(?:[{_NUMERAL}]+水合?|水合)(?P<a>.+)$|^(?P<b>.+?)[·.,]?[{_NUMERAL}]*(?:水合物|结晶水)$")


class Content(NamedTuple):
    """A range of content as fractions from 0 to 1; each end counts or not."""

    low: float = 0.0
    low_counts: bool = True
    high: float = 1.0
    high_counts: bool = True

    def holds(self, share: float) -> bool:
        """Whether one content lies in the range."""
        above = share > self.low or (self.low_counts and share == self.low)
        return above and (share < self.high or (self.high_counts and share == self.high))

    def inside(self, other: Content) -> bool:
        """Whether every content of this range lies in the other."""
        low = self.low > other.low or (self.low == other.low and (other.low_counts or not self.low_counts))
        high = self.high < other.high or (self.high == other.high and (other.high_counts or not self.high_counts))
        return low and high

    def meets(self, other: Content) -> bool:
        """Whether some content lies in both ranges."""
        low, low_counts = max((self.low, not self.low_counts), (other.low, not other.low_counts))
        high, high_counts = min((self.high, self.high_counts), (other.high, other.high_counts))
        return low < high or (low == high and not low_counts and high_counts)


def exactly(share: float) -> Content:
    """The range of one content."""
    return Content(share, True, share, True)


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """Half-width, without spaces, brackets and dashes of one kind, Latin letters small. Never raises; a text longer
    than any name (:data:`LONGEST`) is none and gives nothing."""
    if len(text) > LONGEST:
        return ""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text).translate(_MAPPED)).casefold()


@lru_cache(maxsize=8192)
def base(text: str) -> str:
    """The normalised name without grade, content and whatever stands in brackets at its end."""
    name = normalise(text)
    while (found := _BRACKET_AT_END.search(name)) and found.start():
        name = name[: found.start()]
    name = _PERCENT_BEHIND.sub("", _PERCENT_BEFORE.sub("", name))
    return _GRADE.sub("", name) or name


@lru_cache(maxsize=8192)
def without_content(text: str) -> str:
    """The normalised name without a bracket that tells its content; other brackets are part of the name."""
    name = normalise(text)
    found = _BRACKET_AT_END.search(name)
    if found and found.start() and _ABOUT_CONTENT.match(found.group(1)):
        return name[: found.start()]
    return name


@lru_cache(maxsize=8192)
def content_of(text: str) -> Content | None:
    """The content a name itself tells: ``30%双氧水``, ``高氯酸[浓度50%~72%]``. None when it tells none."""
    name = normalise(text)
    if found := _PERCENT_BEFORE.search(name) or _PERCENT_BEHIND.search(name):
        share = float(found.group(1)) / 100
        return exactly(share) if share <= 1 else None
    found = _BRACKET_AT_END.search(name)
    return parse_content(found.group(1)) if found and _ABOUT_CONTENT.match(found.group(1)) else None


def parse_content(text: str) -> Content | None:
    """A range such as ``>20%``, ``52%<含量≤100%``, ``2%~90%`` or ``30%``; None for what is no range from 0 to 100
    %.
    """
    words = normalise(text)
    low, low_counts, high, high_counts = 0.0, True, 1.0, True
    if between := _BETWEEN.search(words):
        low, high = float(between.group(1)) / 100, float(between.group(2)) / 100
    elif exact := _EXACTLY.match(words) if not re.search("[<>≤≥]", words) else None:
        low = high = float(exact.group(1)) / 100
    else:
        turned = {"<": ">", "≤": "≥", "<=": ">=", ">": "<", "≥": "≤", ">=": "<="}
        bounds = [(sign, figure) for sign, figure in _BOUND.findall(words)]
        bounds += [(turned[sign], figure) for figure, sign in _BOUND_BEFORE.findall(words)]
        if not bounds:
            return None
        for sign, figure in bounds:
            if sign in (">", "≥", ">="):
                low, low_counts = float(figure) / 100, sign != ">"
            else:
                high, high_counts = float(figure) / 100, sign != "<"
    return Content(low, low_counts, high, high_counts) if 0 <= low <= high <= 1 else None


@lru_cache(maxsize=8192)
def anhydrous(text: str) -> str | None:
    """The name of what a hydrate is the hydrate of: ``六水合硝酸镁`` and ``硝酸镁六水合物`` give ``硝酸镁``; else
    None.
    """
    found = _HYDRATE.match(base(text))
    return (found["a"] or found["b"]) if found else None
