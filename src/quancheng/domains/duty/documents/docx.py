"""DOCX as lines: paragraphs with the numbers Word generates, tables with their merged cells.

Read from the XML itself: the libraries at hand give neither generated numbers nor vertical merges, and take longer.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from quancheng.domains.duty.documents.limits import MAX_LINES, MAX_MEMBER, Refused
from quancheng.domains.duty.documents.rows import Row

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_SKIP = {
    "del",
    "moveFrom",
    "fldData",
    "instrText",
    "delText",
    "footnoteReference",
    "pict",
    "object",
    "AlternateContent",
}
_CN = "零一二三四五六七八九"


@dataclass(slots=True)
class _Numbers:
    """Counters of the automatic numbering."""

    levels: dict[str, dict[int, tuple[str, str, int]]] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, number_id: str, level: int) -> str:
        formats = self.levels.get(number_id, {})
        if level not in formats:
            return ""
        counts = self.counts.setdefault(number_id, {})
        counts[level] = counts.get(level, formats[level][2] - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        pattern = formats[level][1]
        for at, (kind, _, start) in formats.items():
            pattern = pattern.replace(f"%{at + 1}", _number(counts.get(at, start), kind))
        return pattern


def _number(value: int, kind: str) -> str:
    if kind in (
        "chineseCounting",
        "chineseCountingThousand",
        "chineseLegalSimplified",
        "ideographTraditional",
        "japaneseCounting",
        "taiwaneseCountingThousand",
    ):
        return _chinese(value)
    if kind == "decimalEnclosedCircle" and 1 <= value <= 20:
        return chr(0x2460 + value - 1)
    if kind in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((97 if kind == "lowerLetter" else 65) + value - 1)
    if kind in ("bullet", "none"):
        return ""
    return str(value)


def _chinese(value: int) -> str:
    if value <= 0 or value > 99:
        return str(value)
    tens, ones = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_CN[tens]}十") + (_CN[ones] if ones else "")


def rows_of(path: str) -> list[Row]:
    """Lines of a DOCX in printed order.

    :raises Refused: damaged, too large, or without any text (then scanned, if it holds pictures).
    """
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        document = _parse(archive, "word/document.xml")
        numbers = _numbering(archive, names)
        body = next((child for child in document if _name(child) == "body"), None)
        if body is None:
            raise Refused("document_unreadable")
        rows: list[Row] = []
        for row in _blocks(body, numbers):
            rows.append(row)
            if len(rows) > MAX_LINES:
                raise Refused("document_too_complex")
        if not any(row.text.strip() for row in rows):
            raise Refused(
                "document_scanned" if any(name.startswith("word/media/") for name in names) else "document_empty"
            )
        return rows


def _parse(archive: zipfile.ZipFile, name: str) -> Any:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        info = archive.getinfo(name)
        if info.file_size > MAX_MEMBER:
            raise Refused("document_zip_bomb")
        with archive.open(info) as member:
            data = member.read(MAX_MEMBER + 1)
        if len(data) > MAX_MEMBER:
            raise Refused("document_zip_bomb")
        return fromstring(data, forbid_dtd=True)
    except (
        KeyError,
        ParseError,
        zipfile.BadZipFile,
        DefusedXmlException,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
    ) as problem:
        raise Refused("document_unreadable") from problem


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[1] if isinstance(tag, str) and tag.startswith((_W, _STRICT)) else ""


def _value(element: Any, name: str = "val") -> str:
    return element.get(f"{_W}{name}") or element.get(f"{_STRICT}{name}") or ""


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _name(child) == name), None)


def _numbering(archive: zipfile.ZipFile, names: set[str]) -> _Numbers:
    numbers = _Numbers()
    if "word/numbering.xml" in names:
        root = _parse(archive, "word/numbering.xml")
        abstract: dict[str, dict[int, tuple[str, str, int]]] = {}
        for element in root:
            if _name(element) == "abstractNum":
                abstract[_value(element, "abstractNumId")] = {
                    int(_value(level, "ilvl") or 0): _level(level) for level in element if _name(level) == "lvl"
                }
        for element in root:
            if _name(element) == "num":
                base = _child(element, "abstractNumId")
                levels = dict(abstract.get(_value(base) if base is not None else "", {}))
                for override in (child for child in element if _name(child) == "lvlOverride"):
                    at = int(_value(override, "ilvl") or 0)
                    replaced, start = _child(override, "lvl"), _child(override, "startOverride")
                    if replaced is not None:
                        levels[at] = _level(replaced)
                    if start is not None and at in levels:
                        levels[at] = (levels[at][0], levels[at][1], int(_value(start) or 1))
                numbers.levels[_value(element, "numId")] = levels
    if "word/styles.xml" in names:
        for style in _parse(archive, "word/styles.xml"):
            if _name(style) == "style":
                found = _number_of(_child(style, "pPr"))
                if found is not None:
                    numbers.styles[_value(style, "styleId")] = found
    return numbers


def _level(level: Any) -> tuple[str, str, int]:
    kind, text, start = _child(level, "numFmt"), _child(level, "lvlText"), _child(level, "start")
    begin = _value(start) if start is not None else "1"
    return (
        _value(kind) if kind is not None else "decimal",
        _value(text) if text is not None else "",
        int(begin) if begin.isdigit() else 1,
    )


def _number_of(properties: Any) -> tuple[str, int] | None:
    numbering = _child(properties, "numPr") if properties is not None else None
    if numbering is None:
        return None
    number_id, level = _child(numbering, "numId"), _child(numbering, "ilvl")
    if number_id is None or _value(number_id) == "0":
        return None
    at = _value(level) if level is not None else "0"
    return _value(number_id), int(at) if at.isdigit() else 0


def _blocks(container: Any, numbers: _Numbers) -> Iterator[Row]:
    for element in container:
        name = _name(element)
        if name == "p":
            for text in _paragraph(element, numbers).split("\n"):
                yield Row(text)
        elif name == "tbl":
            yield from _table(element, numbers)
        elif name in ("sdt", "sdtContent", "smartTag", "ins", "moveTo", "customXml"):
            yield from _blocks(element, numbers)


def _paragraph(paragraph: Any, numbers: _Numbers) -> str:
    properties = _child(paragraph, "pPr")
    number = _number_of(properties)
    if number is None and properties is not None:
        style = _child(properties, "pStyle")
        number = numbers.styles.get(_value(style)) if style is not None else None
    text = "".join(_runs(paragraph))
    if number is not None and text.strip():
        text = numbers.label(*number) + text
    return text


def _runs(element: Any) -> Iterator[str]:
    for child in element:
        name = _name(child)
        if name == "t":
            yield (child.text or "").replace("\n", " ").replace("\t", " ")
        elif name == "tab":
            yield "\u3000"
        elif name in ("br", "cr"):
            if _value(child, "type") not in ("page", "column"):
                yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name and name not in _SKIP and not name.endswith("Pr"):
            yield from _runs(child)


def _table(table: Any, numbers: _Numbers) -> Iterator[Row]:
    for row in _rows(table):
        cells: list[str | None] = []
        printed = list(_cells(row))
        for cell in printed:
            properties = _child(cell, "tcPr")
            merge = _child(properties, "vMerge") if properties is not None else None
            span = _child(properties, "gridSpan") if properties is not None else None
            width = int(_value(span)) if span is not None and _value(span).isdigit() else 1
            continued = merge is not None and _value(merge) != "restart"
            text = None if continued else "\n".join(row.text for row in _blocks(cell, numbers)).strip()
            cells.append(text)
            cells += [None] * (min(width, 64) - 1)
        if len(printed) == 1:
            # A row of one cell over the whole width is a heading or a note inside the table.
            for text in (cells[0] or "").split("\n"):
                yield Row(text)
            continue
        yield Row(
            "\t".join((cell or "").replace("\n", " ").replace("\t", " ") for cell in cells),
            tuple(None if cell is None else cell.replace("\n", " ").replace("\t", " ") for cell in cells),
        )


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if _name(child) == "tr":
            yield child
        elif _name(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(child)


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if _name(child) == "tc":
            yield child
        elif _name(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _cells(child)
