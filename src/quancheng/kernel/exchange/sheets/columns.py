"""What a column of a spreadsheet holds: its heading, its kind, and the words it accepts."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Kind = Literal["text", "integer", "decimal", "date", "datetime", "boolean", "choice"]

_DEMANDS: dict[str, Promise] = {
    "text": _("文字"),
    "integer": _("整数"),
    "decimal": _("数字，不带单位"),
    "date": _("日期，如 2026-01-31"),
    "datetime": _("日期和时间，如 2026-01-31 14:05"),
    "boolean": _("是或否"),
    "choice": _("从下拉列表中选择"),
}

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
    :param many: a list, its entries separated by 、 ； or a line break; ``kind`` and ``parse`` go for each.
    :param ordered: the order of a list means something.
    :param parse: kind ``text``: from the text to what it stands for; raises ``BadCell``.
    :param text: the other way, for values that ``parse`` made; None where their ``str`` is their name.
    :param look: told the texts of many cells before ``parse`` is asked for each, so that it looks them up at once.
    :param is_read: False for a column of an export that an import passes over.
    :param keeps_empty: an empty cell leaves what stands, instead of emptying it.
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
    many: bool = False
    ordered: bool = False
    parse: Callable[[str], Any] | None = None
    text: Callable[[Any], str] | None = None
    look: Callable[[Collection[str]], None] | None = None
    is_read: bool = True
    keeps_empty: bool = False

    @property
    def shown_width(self) -> float:
        """Width in characters; a Chinese character counts two."""
        if self.width is not None:
            return self.width
        at_least = {"date": 12.0, "datetime": 18.0, "integer": 10.0, "decimal": 12.0, "boolean": 8.0}
        return min(60.0, max(at_least.get(self.kind, 14.0), text_width(str(self.heading)) + 4.0))

    @property
    def demand(self) -> str:
        """What is to be filled in, for who fills the template."""
        parts = [str(_DEMANDS[self.kind])]
        if self.many:
            words = "、".join(str(label) for label in self.choices.values())
            parts = [gettext("可填多项，用顿号分隔"), gettext("可填：%(words)s") % {"words": words} if words else ""]
        return "；".join(part for part in (*parts, str(self.help), gettext("不能重复") if self.unique else "") if part)

    @functools.cached_property
    def headings(self) -> frozenset[str]:
        """Every heading that an import takes for this column, whatever the language of who filled the sheet."""
        words = {self.key, *self.aliases, *in_each_language(self.heading)}
        return frozenset(plain_word(word) for word in words)

    @functools.cached_property
    def codes(self) -> dict[str, str]:
        """Plain word to stored code: code, label in each language, alias; the first that claims a word has it."""
        found: dict[str, str] = {}
        for code, label in self.choices.items():
            found.setdefault(plain_word(code), code)
            for word in in_each_language(label):
                found.setdefault(plain_word(word), code)
        for word, code in self.words.items():
            found.setdefault(plain_word(word), code)
        return found

    def code_of(self, word: str) -> str | None:
        """The stored code for what a person wrote (code, word or alias), or None."""
        return self.codes.get(plain_word(word))

    def text_of(self, value: Any) -> str:
        """The text that stands for a value in every language, which a cell takes back as the same value."""
        if value is None:
            return ""
        if self.many and isinstance(value, list):
            parts = [self.text_of(each) for each in value]
            if not self.ordered:
                order = list(self.choices)
                parts.sort(key=lambda part: (order.index(part) if part in order else len(order), part))
            return "、".join(parts)
        if self.text is not None:
            return self.text(value)
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, dt.datetime):
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        return str(value)

    def shown(self, text: str) -> str:
        """A text of :meth:`text_of` as the reader's language has it: codes become words."""
        if self.kind != "choice" or not text:
            return text
        parts = text.split("、") if self.many else [text]
        return "、".join(str(self.choices.get(part, part)) for part in parts)


def in_each_language(text: str | Promise) -> set[str]:
    """A translated text in every language that the house speaks; plain text as it is."""
    if isinstance(text, str):
        return {text}
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(str(text))
    return found


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
