"""Source lines of a plan and the canonical text the patterns are matched against.

Every character of the canonical text knows the source line and column it came from, so whatever is found can be
shown as printed and at its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_RESIDUE = re.compile(r"\[bookmark:[^\]\n]{0,40}\]|\*\*|__(?=\S)|(?<=\S)__|[\u200b-\u200f\u2060\ufeff\u00ad]")
_TO_FULL = {
    "(": "（",
    ")": "）",
    ";": "；",
    "!": "！",
    "?": "？",
    "﹙": "（",
    "﹚": "）",
    "【": "[",
    "】": "]",
    "［": "[",
    "］": "]",
}
_TO_PLAIN = {
    "．": ".",
    "－": "-",
    "―": "—",
    "–": "—",
    "─": "—",
    "━": "—",
    "〜": "~",
    "～": "~",
    "﹪": "%",
    "％": "%",
    "＜": "〈",
    "＞": "〉",
    "<": "〈",
    ">": "〉",
    "｡": "。",
    "､": "、",
    "＋": "+",
    "○": "〇",
}
_VARIANT_BRACKET = re.compile(r"[〈《（](街道办事处|街道|社区|园区|街|居|办)[〉》）]")
_STRAIGHT = '"＂'
_SQUARE_TAIL = re.compile(r"[\[〔]((?:责任|牵头|配合|主办|完成|承办|主责)[^\[\]〔〕]{2,260})[\]〕]")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source.

    :param number: counted from 1, blank lines included.
    :param text: as printed, without the line end; table cells are separated by tabs.
    :param start: offset of the first character in the whole text.
    :param page: page of the source counted from 1, where the source has pages.
    :param cells: the cells of a real table row; None marks a cell merged into the one above or to the left.
    """

    number: int
    text: str
    start: int = 0
    page: int | None = None
    cells: tuple[str | None, ...] | None = None


def lines_of(text: str) -> tuple[Line, ...]:
    """Split a text at LF, CR LF or CR; offsets are those of the text given."""
    found, start = [], 0
    for number, piece in enumerate(re.split(r"(\r\n|\r|\n|\f|\v|\x85|\u2028|\u2029)", text)):
        if number % 2 == 0:
            found.append(Line(number // 2 + 1, piece, start))
        start += len(piece)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Piece:
    """Canonical text with, for each character, the index of its source line and its column there."""

    text: str
    places: tuple[tuple[int, int], ...]
    lines: Sequence[Line]

    def __len__(self) -> int:
        return len(self.text)

    def cut(self, start: int, end: int | None = None) -> Piece:
        """The canonical characters ``start:end`` with their places, blanks trimmed."""
        end = len(self.text) if end is None else min(end, len(self.text))
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        return Piece(self.text[start:end], self.places[start:end], self.lines)

    def plus(self, other: Piece) -> Piece:
        """This text continued by another, as one text."""
        return Piece(self.text + other.text, self.places + other.places, self.lines)

    @property
    def line(self) -> int:
        """Number of the source line the text begins on (0 where it is empty)."""
        return self.lines[self.places[0][0]].number if self.places else 0

    @property
    def end_line(self) -> int:
        """Number of the source line the text ends on."""
        return self.lines[self.places[-1][0]].number if self.places else 0

    @property
    def span(self) -> tuple[int, int]:
        """Offsets of the first character and behind the last one in the source text."""
        if not self.places:
            return (0, 0)
        (first, column), (last, end) = self.places[0], self.places[-1]
        return (self.lines[first].start + column, self.lines[last].start + end + 1)

    def line_at(self, index: int) -> int:
        """Number of the source line of the canonical character ``index``."""
        if not self.places:
            return 0
        return self.lines[self.places[min(max(index, 0), len(self.places) - 1)][0]].number

    @property
    def printed(self) -> str:
        """The text as printed; lines broken by the page are joined, word-processor residue is left out."""
        if not self.places:
            return ""
        parts: list[str] = []
        index, total = 0, len(self.places)
        while index < total:
            row, first = self.places[index]
            last = first
            while index < total and self.places[index][0] == row and self.places[index][1] >= last:
                last = self.places[index][1]
                index += 1
            parts.append(_RESIDUE.sub("", self.lines[row].text[first : last + 1]))
        return "".join(parts).strip()


def _canonical_char(char: str, before: str, after: str) -> str:
    if char in _TO_FULL:
        return _TO_FULL[char]
    if char in _TO_PLAIN:
        return _TO_PLAIN[char]
    if char in "：:":
        return ":" if _ascii(before) and _ascii(after) else "："
    if char in ",，":
        return "," if before.isdigit() and after.isdigit() else "，"
    if "！" <= char <= "～" and char not in "（）：；，！？":
        return unicodedata.normalize("NFKC", char)
    return char


def _ascii(char: str) -> bool:
    return bool(char) and char.isascii() and char.isalnum()


def piece_of(lines: Sequence[Line], index: int, *, start: int = 0, end: int | None = None) -> Piece:
    """The canonical text of one source line, or of the columns ``start:end`` of it."""
    raw = lines[index].text
    end = len(raw) if end is None else end
    drop: set[int] = set()
    for match in _RESIDUE.finditer(raw):
        drop.update(range(*match.span()))
    kept = [column for column in range(start, end) if column not in drop and not _SPACE.match(raw[column])]
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    open_quote = False
    for position, column in enumerate(kept):
        before = raw[kept[position - 1]] if position else ""
        after = raw[kept[position + 1]] if position + 1 < len(kept) else ""
        if position and column != kept[position - 1] + 1 and _ascii(before) and _ascii(raw[column]):
            chars.append(" ")
            places.append((index, column - 1))
        if raw[column] in _STRAIGHT:
            # Typewriter quotes open and close in turn.
            chars.append("”" if open_quote else "“")
            open_quote = not open_quote
        else:
            chars.append(_canonical_char(raw[column], before, after))
        places.append((index, column))
    return Piece("".join(chars), tuple(places), lines)


def settle_brackets(piece: Piece) -> Piece:
    """Unify 〈街道〉, <街道> and 《街道》 to （街道）; done on whole paragraphs, since pages cut the name."""
    text = _SQUARE_TAIL.sub(r"（\1）", _VARIANT_BRACKET.sub(r"（\1）", piece.text))
    return piece if text == piece.text else Piece(text, piece.places, piece.lines)


def with_separators(piece: Piece) -> str:
    """Canonical text with 、 where the print has blanks between Chinese words: names in a table cell."""
    parts: list[str] = []
    for index, char in enumerate(piece.text):
        if index:
            (row, column), (last_row, last_column) = piece.places[index], piece.places[index - 1]
            apart = row == last_row and column > last_column + 1
            if (
                apart
                and not char.isascii()
                and not parts[-1].isascii()
                and char not in "、，；）"
                and parts[-1] not in "、，；（"
            ):
                parts.append("、")
        parts.append(char)
    return "".join(parts)


def width_of(text: str) -> float:
    """Printed width in Chinese characters: an ASCII character counts half."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)


_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}


def number_of(text: str) -> int | None:
    """Value of an Arabic or Chinese numeral up to 9999 (二〇二四, 三十, 一百二十, 两); None where it is none."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    if not set(text) <= set("〇零一二三四五六七八九两十百千"):
        return None
    if not set(text) & set("十百千"):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, current = 0, 0
    for char in text:
        if char in _DIGITS:
            current = _DIGITS[char]
        else:
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            current = 0
    return total + current


def bracket_groups(text: str, pairs: str = "（）") -> Iterable[tuple[int, int]]:
    """Outermost bracket groups as (index of the opening, index behind the closing); an open one ends with the text."""
    depth, start = 0, -1
    for index, char in enumerate(text):
        if char == pairs[0]:
            if depth == 0:
                start = index
            depth += 1
        elif char == pairs[1] and depth:
            depth -= 1
            if depth == 0:
                yield start, index + 1
    if depth:
        yield start, len(text)
