"""Reading hazard classes as people write them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from quancheng.standards.ghs.model import Hazard, categories, classes
from quancheng.standards.wording import Text

#: More pieces or characters than this in one text are no classification.
_MOST_PIECES = 200
_LONGEST = 20_000
_SEPARATORS = ";、\n\r。|"
_EFFECT_PARTS = re.compile("[、,;和及/]")
_CATEGORY = re.compile(
    r"^(?:第)?(?:类别|类|category|cat\.?|division|div\.?|type|型别?)?"
    r"(?P<category>1\.[1-6]|[1-5][abc]?|iii|ii|iv|i|[a-g])(?:项|类|型|级|类别)?(?P<group>[a-hjklns]?)$"
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_WORDS = {
    "不稳定爆炸物": "unstable",
    "不稳定": "unstable",
    "unstable": "unstable",
    "unstableexplosive": "unstable",
    "压缩气体": "compressed",
    "compressed": "compressed",
    "compressedgas": "compressed",
    "冷冻液化气体": "refrigerated",
    "refrigerated": "refrigerated",
    "refrigeratedliquefiedgas": "refrigerated",
    "液化气体": "liquefied",
    "liquefied": "liquefied",
    "liquefiedgas": "liquefied",
    "溶解气体": "dissolved",
    "dissolved": "dissolved",
    "dissolvedgas": "dissolved",
    "附加类别": "lactation",
    "影响哺乳": "lactation",
    "哺乳效应": "lactation",
    "lactation": "lactation",
    "effectsonlactation": "lactation",
}
_EFFECTS = {
    "麻醉效应": "narcotic",
    "麻醉": "narcotic",
    "麻醉作用": "narcotic",
    "narcotic": "narcotic",
    "呼吸道刺激": "respiratory",
    "呼吸刺激": "respiratory",
    "respiratoryirritation": "respiratory",
}
#: Names that leave open which of several classes is meant.
_INCOMPLETE = {
    "急性毒性": Text(
        "急性毒性要写途径：经口、经皮或吸入", "Acute toxicity needs its route: oral, dermal or inhalation"
    ),
    "特异性靶器官": Text("靶器官毒性要写一次接触或反复接触", "Target organ toxicity needs single or repeated exposure"),
    "危害水生环境": Text("水生危害要写急性或长期", "Hazards to water need acute or long-term"),
    "对水生环境的危害": Text("水生危害要写急性或长期", "Hazards to water need acute or long-term"),
    "致敏": Text("致敏要写呼吸道或皮肤", "Sensitisation needs respiratory or skin"),
}
_BRACKET = re.compile(r"\(([^()]*)\)")


class Problem(NamedTuple):
    """A piece of the text that could not be read, and why."""

    piece: str
    reason: Text


class Parsed(NamedTuple):
    """What was read, each hazard once and in the order written, and what could not be."""

    hazards: tuple[Hazard, ...]
    problems: tuple[Problem, ...]


def parse(text: str) -> Parsed:
    """The hazards in a text such as ``易燃液体,类别2; 急性毒性-吸入,类别3*``.

    Full or half width, with or without spaces and commas, ``类别1A``, ``(1.1项)``, ``A型``, Roman numerals, English
    names and abbreviations; pieces stand apart by ; 、 or line breaks, and a comma may do both. Never raises: what
    it cannot read stands in ``problems`` with its reason.
    """
    hazards: dict[Hazard, None] = {}
    problems: list[Problem] = []
    words = unicodedata.normalize("NFKC", text[: _LONGEST + 1])
    pieces = [piece for piece in _split(words, _SEPARATORS) if piece.strip(" ,*")]
    if len(pieces) > _MOST_PIECES or len(text) > _LONGEST:
        reason = Text(
            f"多于{_MOST_PIECES}段或{_LONGEST}字，不是危险性类别",
            f"More than {_MOST_PIECES} pieces or {_LONGEST} characters: no classification",
        )
        return Parsed((), (Problem(text[:40], reason),))
    for piece in pieces:
        for part in _split_at_commas(piece):
            read = _read(part)
            if isinstance(read, Text):
                problems.append(Problem(part.strip(), read))
            else:
                hazards.update(dict.fromkeys(read))
    return Parsed(tuple(hazards), tuple(problems))


def _split(text: str, separators: str) -> list[str]:
    """Split outside brackets: 类别3(呼吸道刺激、麻醉效应) stays one piece. A line end closes a bracket left open."""
    pieces, start, depth = [], 0, 0
    for at, mark in enumerate(text):
        if mark in "([【":
            depth += 1
        elif mark in ")]】":
            depth = max(depth - 1, 0)
        elif mark in separators and (not depth or mark in "\n\r"):
            pieces.append(text[start:at])
            start, depth = at + 1, 0
    return [*pieces, text[start:]]


def _split_at_commas(piece: str) -> list[str]:
    """Commas part a class from its category; where a class follows, they part hazards."""
    parts: list[str] = []
    for token in _split(piece, ","):
        if not token.strip(" *"):
            continue
        if parts and not _names_a_class(token):
            parts[-1] += "," + token
        else:
            parts.append(token)
    return parts


def _names_a_class(token: str) -> bool:
    words = _key(token)
    if _category(words) is not None:
        return False
    return _longest_class(words) is not None


def _read(part: str) -> tuple[Hazard, ...] | Text:
    """The hazard of one piece, two when it names two effects; or why it cannot be read."""
    words = _key(part)
    is_minimum = "*" in words
    words = words.replace("*", "")
    found = _longest_class(words)
    if found is None:
        return _why_no_class(words)
    key, spelling = found
    rest = words[len(spelling) :].strip(",:-")
    effects: list[str] = []
    for inside in _BRACKET.findall(rest):
        told = [_EFFECTS.get(each) for each in _EFFECT_PARTS.split(inside)]
        if all(told):
            effects += [effect for effect in told if effect]
        elif _category(inside.strip(",")) is None:
            return Text(f"括号内“{inside}”看不懂", f"The words in brackets, {inside!r}, are not understood")
        else:
            rest = rest.replace(f"({inside})", inside)
    rest = _BRACKET.sub("", rest).strip(",:-")
    if not rest:
        only = [category for name, category in categories() if name == key]
        return (Hazard(key, only[0] if len(only) == 1 else "", "", is_minimum),)
    category = _category(rest)
    if category is None:
        return Text(f"类别“{rest}”看不懂", f"The category {rest!r} is not understood")
    if (key, category) not in categories():
        name = classes()[key].name
        return Text(f"{name.zh}没有类别{category}", f"{name.en}: there is no category {category}")
    if (key, category) != ("stot_single", "3") or not effects:
        effects = [""]
    return tuple(Hazard(key, category, effect, is_minimum) for effect in effects)


def _why_no_class(words: str) -> Text:
    for start, reason in _INCOMPLETE.items():
        if words.startswith(start):
            return reason
    return Text("不认识这个危险性类别名称", "This is no name of a hazard class")


def _category(words: str) -> str | None:
    if words in _WORDS:
        return _WORDS[words]
    found = _CATEGORY.match(words)
    if found is None:
        return None
    category = found["category"]
    return _ROMAN.get(category, category.upper())


def _longest_class(words: str) -> tuple[str, str] | None:
    for spelling, key in _spellings():
        if words.startswith(spelling):
            return key, spelling
    return None


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    """Every spelling of every class, longest first."""
    told = {}
    for each in classes().values():
        for spelling in (each.name.zh, each.name.en, *each.aliases):
            told[_key(spelling)] = each.key
    told["急性毒性,经口"], told["急性毒性,经皮"], told["急性毒性,吸入"] = (
        "acute_oral",
        "acute_dermal",
        "acute_inhalation",
    )
    return tuple(sorted(told.items(), key=lambda row: -len(row[0])))


def _key(text: str) -> str:
    words = unicodedata.normalize("NFKC", text).casefold()
    words = (
        re.sub(r"[\s\u200b-\u200f\ufeff]+", "", words)
        .replace("【", "(")
        .replace("】", ")")
        .replace("[", "(")
        .replace("]", ")")
    )
    return re.sub(r"[–—−‐‑]|--+", "-", words).strip(",:-")
