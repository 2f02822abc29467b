"""The sentences of the assessment in Chinese and English, by code; they stand in ``data/sentences.toml``."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from quancheng.standards.gb18218.numbers import Quotient, plain
from quancheng.standards.wording import Text

_FILE = Path(__file__).parent / "data" / "sentences.toml"


@cache
def _file() -> dict[str, dict[str, list[str]]]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


@cache
def sentences() -> dict[str, Text]:
    """Code (``why.item``) to sentence, with the names of its values in braces."""
    return {
        f"{kind}.{name}": Text(*both)
        for kind, part in _file().items()
        if kind != "words"
        for name, both in part.items()
    }


@cache
def words() -> dict[str, Text]:
    """Words that stand as values of a sentence, by code (``state.gas``)."""
    return {code: Text(*both) for code, both in _file()["words"].items()}


def in_words(value: object, language: str) -> str:
    """A value of a note as text: numbers exact, known words in the language, several joined."""
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, Quotient):
        return plain(value.exact())
    if isinstance(value, (Decimal, Fraction)):
        return plain(value)
    if isinstance(value, tuple):
        mark = ", " if language.lower().startswith("en") else "、"
        return mark.join(in_words(one or "none", language) for one in value)
    if isinstance(value, str) and value in words():
        return words()[value].in_language(language)
    return str(value)
