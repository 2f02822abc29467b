"""What the text of a paper or report is made of (正文), as plain values that can be frozen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; the first line is indented by two characters unless ``indent`` is False or it is not at the left."""

    text: str
    indent: bool = True
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True)
class Heading:
    """A numbered heading; the renderers number it: level 1 一、, 2 （一）, 3 1., 4 （1）.

    ``run_in`` is text that goes on in the same paragraph, as levels 3 and 4 often have it.
    """

    level: int
    text: str
    run_in: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 4:
            raise ValueError(f"no such heading level: {self.level}")


@dataclass(frozen=True)
class Table:
    """A table whose headings repeat on each page; ``widths`` are shares, empty for equal ones."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.headings or any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError("each row of a table has one cell a heading")
        if self.widths and (len(self.widths) != len(self.headings) or min(self.widths) <= 0):
            raise ValueError("each column of a table has one positive width, or none has")


@dataclass(frozen=True)
class KeyValues:
    """Figures or facts, each with its name, in two columns of pairs."""

    pairs: tuple[tuple[str, str], ...]
    caption: str = ""


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Paragraph | Heading | Table | KeyValues | PageBreak
_KINDS: dict[str, type[Block]] = {
    "paragraph": Paragraph,
    "heading": Heading,
    "table": Table,
    "key_values": KeyValues,
    "page_break": PageBreak,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def block_to_dict(block: Block) -> dict[str, Any]:
    """JSON values; tuples become lists."""
    return {"kind": _NAMES[type(block)], **listed(dataclasses.asdict(block))}


def block_from_dict(data: Mapping[str, Any]) -> Block:
    """The block again.

    :raises ValueError: an unknown kind or field, or a missing one.
    """
    fields = {key: tupled(value) for key, value in data.items() if key != "kind"}
    try:
        return _KINDS[data["kind"]](**fields)
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"not a block of a paper: {data!r}") from wrong


def listed(value: Any) -> Any:
    """Tuples as lists, through and through."""
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return [listed(item) for item in value] if isinstance(value, tuple | list) else value


def tupled(value: Any) -> Any:
    """Lists as tuples, through and through."""
    return tuple(tupled(item) for item in value) if isinstance(value, list | tuple) else value


def numbered(blocks: Iterable[Block], *, decimal: bool = False) -> Iterator[tuple[Block, str]]:
    """Each block with its printed number, empty for all but headings. A level begins anew under the one above it.

    :param decimal: 1, 1.1 … as reports in English have it.
    """
    counts = [0, 0, 0, 0]
    for block in blocks:
        if not isinstance(block, Heading):
            yield block, ""
            continue
        counts[block.level - 1] += 1
        counts[block.level :] = [0] * (4 - block.level)
        if decimal:
            yield block, ".".join(str(count) for count in counts[: block.level]) + " "
        else:
            yield block, heading_number(block.level, counts[block.level - 1])


def heading_number(level: int, count: int) -> str:
    """一、 （一） 1. （1）. Source: GB/T 9704-2012, 7.3.3."""
    return {1: f"{chinese_number(count)}、", 2: f"（{chinese_number(count)}）", 3: f"{count}.", 4: f"（{count}）"}[
        level
    ]


def chinese_number(number: int) -> str:
    """1 to 99 in Chinese numerals, as headings are counted."""
    if not 1 <= number <= 99:
        raise ValueError(f"headings are counted from 1 to 99, not {number}")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")
