"""Kinds of numbers, declared by the code that numbers: what a number is called and how it reads at first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quancheng.kernel.errors import Text

#: 渝中安办督〔2026〕12号
PAPER = "{word}{kind}〔{year}〕{number}号"
_FIELDS = {"word", "kind", "year", "number"}
_PLACE = re.compile(r"\{([a-z]*)(?::0(\d))?\}")


@dataclass(frozen=True, slots=True)
class NumberKind:
    """One kind of number.

    :ivar word: what stands for the kind in the number, e.g. 督; may be empty.
    :ivar pattern: with ``{word}`` (the organisation's), ``{kind}``, ``{year}``, ``{number}`` or ``{number:04}``.
    """

    code: str
    label: Text
    word: str
    pattern: str = PAPER


_kinds: dict[str, NumberKind] = {}


def declare_kind(code: str, label: Text, *, word: str = "", pattern: str = PAPER) -> None:
    """Declare a kind of number; called from an app's ``ready``."""
    kind = NumberKind(code, label, word, pattern)
    if fault(pattern):
        raise ValueError(f"{code}: {fault(pattern)}")
    if _kinds.setdefault(code, kind) != kind:
        raise ValueError(f"kind of number declared twice: {code}")


def kind_of(code: str) -> NumberKind:
    """KeyError where nobody declared it."""
    return _kinds[code]


def all_kinds() -> list[NumberKind]:
    return [_kinds[code] for code in sorted(_kinds)]


def fault(pattern: str) -> str:
    """Why a pattern cannot be used; empty where it can. Two numbers of a counter must never read alike."""
    named = [match[1] for match in _PLACE.finditer(pattern)]
    if set(named) - _FIELDS or "{" in _PLACE.sub("", pattern) or "}" in _PLACE.sub("", pattern):
        return "unknown placeholder"
    if "number" not in named or "year" not in named:
        return "year or number missing"
    return ""


def write(pattern: str, *, word: str, kind: str, year: int, number: int) -> str:
    """The number as it reads."""
    values = {"word": word, "kind": kind, "year": str(year), "number": str(number)}
    return _PLACE.sub(lambda match: values[match[1]].zfill(int(match[2] or 0)), pattern)
