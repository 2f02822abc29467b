"""Keys by which Chinese names sort and are found: full pinyin and initials, stored when a name is given."""

from __future__ import annotations

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

_SPACE = re.compile(r"\s+")


def pinyin_key(text: str, *, limit: int = 400) -> str:
    """Lower-case pinyin without tones, syllables separated by spaces; other characters stand as they are."""
    return " ".join(lazy_pinyin(clean(text).lower()))[:limit]


def initials(text: str, *, limit: int = 120) -> str:
    """First letters of the syllables: 应急管理局 gives ``yjglj``."""
    return "".join(lazy_pinyin(clean(text).lower(), style=Style.FIRST_LETTER))[:limit].replace(" ", "")


def clean(text: str) -> str:
    """NFC, without control and format characters, white space folded and trimmed."""
    kept = "".join(" " if mark in "\t\r\n" else mark for mark in unicodedata.normalize("NFC", text))
    kept = "".join(mark for mark in kept if unicodedata.category(mark) not in ("Cc", "Cf", "Co", "Cs"))
    return _SPACE.sub(" ", kept).strip()
