"""What a column of a spreadsheet holds: its heading, its kind, and the words it accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise

Kind = Literal["text", "integer", "decimal", "date", "datetime", "boolean", "choice"]

# What a spreadsheet program may take for a formula when the text is typed again or saved as CSV; the full-width
# marks count because Chinese and Japanese input methods produce them and the programs accept them.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class SheetColumn:
    """One column of an export, an import or a template.

    :param key: name of the value in the rows we read and write.
    :param heading: what stands above the column.
    :param kind: what an import expects; an export goes by the type of each value.
    :param width: in characters of the default font; None lets the heading and the kind decide.
    :param number_format: of the spreadsheet, for numbers, as ``#,##0.00``.
    :param choices: kind ``choice``: stored code to the word that people write.
    :param words: kind ``choice``: further words to stored code (aliases, former names).
    :param aliases: other headings an import takes for this column.
    :param minimum: of a number; inclusive.
    :param maximum: of a number; inclusive.
    :param help: one sentence for who fills the template.
    :param sample: example value for the template's explanation.
    """

    key: str
    heading: str | Promise
    kind: Kind = "text"
    required: bool = False
    unique: bool = False
    width: float | None = None
    number_format: str = ""
    choices: Mapping[str, str | Promise] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    max_length: int = 2000
    minimum: float | None = None
    maximum: float | None = None
    help: str | Promise = ""
    sample: str = ""

    @property
    def shown_width(self) -> float:
        """Width in characters; a Chinese character counts two."""
        if self.width is not None:
            return self.width
        at_least = {"date": 12.0, "datetime": 18.0, "integer": 10.0, "decimal": 12.0, "boolean": 8.0}
        return min(60.0, max(at_least.get(self.kind, 14.0), text_width(str(self.heading)) + 4.0))

    def code_of(self, word: str) -> str | None:
        """The stored code for what a person wrote (code, word or alias), or None."""
        wanted = plain_word(word)
        for code, label in self.choices.items():
            if wanted in (plain_word(code), plain_word(str(label))):
                return code
        return next((code for alias, code in self.words.items() if plain_word(alias) == wanted), None)


def text_width(text: str) -> int:
    """Width in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def plain_word(text: str) -> str:
    """A heading or word without what people vary: width of characters, case, spaces, the mark of a required column."""
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text)).casefold()


def escape_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program might calculate it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unescape_formula(text: str) -> str:
    """Undo :func:`escape_formula`, so that an exported sheet can be imported again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
