"""Spreadsheets in: every row that can be taken, and for every cell that cannot its address and the reason."""

from __future__ import annotations

import difflib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.cell import range_boundaries

from quancheng.kernel.errors import Invalid, TooLarge
from quancheng.kernel.exchange.sheets.cells import BadCell, as_typed, read_cell
from quancheng.kernel.exchange.sheets.columns import SheetColumn, plain_word
from quancheng.kernel.exchange.sheets.guard import ReadLimits, checked_bytes
from quancheng.kernel.exchange.sheets.write import letter

_HEADING_WITHIN = 20
_EMPTY_RUN = 1_000
#: Lines whose references are looked up together.
_AHEAD = 500
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")


@dataclass(frozen=True)
class CellError:
    """Why a cell cannot be taken: ``cell`` is its address (``B7``), ``row`` its line in the sheet."""

    sheet: str
    cell: str
    row: int
    key: str
    code: str
    reason: str | Promise
    value: str = ""


@dataclass(frozen=True)
class SheetRow:
    """A line that held something: its number in the sheet and its values by column key."""

    number: int
    values: dict[str, Any]


@dataclass
class SheetRead:
    """What a sheet held.

    ``rows`` has every line, ``errors`` what is wrong, at most as many as the limit; ``error_count`` counts all.
    """

    sheet: str = ""
    heading_row: int = 0
    rows: list[SheetRow] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    error_count: int = 0
    ignored_headings: list[str] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)
    #: Column key to its place in the sheet, from 0.
    places: dict[str, int] = field(default_factory=dict)

    def refuse(self, row: int, key: str, code: str, reason: str | Promise, *, value: str = "", most: int = 500) -> None:
        """Say what is wrong with a cell that could be read: a rule of the register, a reference."""
        self.error_count += 1
        self.bad_rows.add(row)
        if len(self.errors) < most:
            place = f"{letter(self.places.get(key, 0) + 1)}{row}"
            self.errors.append(CellError(self.sheet, place, row, key, code, reason, value[:200]))

    @property
    def is_good(self) -> bool:
        return self.error_count == 0

    @property
    def good_rows(self) -> list[SheetRow]:
        return [row for row in self.rows if row.number not in self.bad_rows]


@dataclass(frozen=True)
class _Cell:
    value: Any
    kind: str  # of the library: f formula, e error, others plain


def read_xlsx(
    source: bytes | Path,
    columns: Sequence[SheetColumn],
    *,
    limits: ReadLimits | None = None,
    unique_together: Sequence[str] = (),
) -> SheetRead:
    """Read the first visible sheet that has the columns' headings; nothing is guessed in silence.

    Headings may stand in any order within the first 20 lines, under a title. A merged cell counts for every cell it
    covers. Formulas are refused, since their value depends on who opened the file last. Empty lines are skipped.

    :param unique_together: keys whose values together may occur once.
    :raises DomainError: the file itself cannot be read: see :func:`checked_bytes`; or it has too many rows.
    """
    limits = limits or ReadLimits()
    content = checked_bytes(source, limits=limits)
    book = _opened(content)
    try:
        chosen = _choose_sheet(book, columns, limits=limits)
        if chosen is None:
            return _without_headings(book, columns)
        sheet, heading_row, headings = chosen
        reader = _Reader(sheet.title, heading_row, columns, limits=limits, unique_together=unique_together)
        reader.match_headings(headings)
        merges = _merged_ranges(content, sheet, limits=limits)
        lines = _lines(sheet, merges, width=max(reader.places.values()) + 1)
        below = (line for line in lines if line[0] > heading_row)
        while ahead := list(islice(below, _AHEAD)):
            reader.look_ahead(ahead)
            for number, cells in ahead:
                reader.take(number, cells)
    finally:
        book.close()
    return reader.found


def _opened(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that we do not need
        try:
            return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        except Exception as damage:  # the library raises whatever a damaged part makes it stumble over
            raise Invalid(_("文件已损坏，无法读取，请重新保存后再导入。"), code="damaged") from damage


def _choose_sheet(
    book: Any, columns: Sequence[SheetColumn], *, limits: ReadLimits
) -> tuple[Any, int, list[str]] | None:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        best: tuple[int, int, list[str]] | None = None
        for number, cells in _lines(sheet, [], width=limits.columns, until=_HEADING_WITHIN):
            headings = ["" if cell.value is None else str(cell.value) for cell in cells]
            known = sum(1 for heading in headings if _column_of(heading, columns))
            if known and (best is None or known > best[0]):
                best = (known, number, headings)
        if best and best[0] * 2 >= sum(1 for column in columns if column.required):
            return sheet, best[1], best[2]
    return None


def _without_headings(book: Any, columns: Sequence[SheetColumn]) -> SheetRead:
    name = book.worksheets[0].title if book.worksheets else ""
    words = "、".join(str(column.heading) for column in columns if column.required)
    reason = _("前 20 行中没有找到表头，请使用下载的模板；必需的列：%(words)s。") % {"words": words}
    return SheetRead(sheet=name, errors=[CellError(name, "A1", 1, "", "no_headings", reason)], error_count=1)


def _column_of(heading: str, columns: Sequence[SheetColumn]) -> SheetColumn | None:
    wanted = plain_word(heading)
    return next((column for column in columns if wanted in column.headings), None) if wanted else None


class _Reader:
    def __init__(
        self,
        sheet: str,
        heading_row: int,
        columns: Sequence[SheetColumn],
        *,
        limits: ReadLimits,
        unique_together: Sequence[str],
    ) -> None:
        self.found = SheetRead(sheet=sheet, heading_row=heading_row)
        self.columns = columns
        self.limits = limits
        self.places = self.found.places
        keys = [(column.key,) for column in columns if column.unique]
        self.uniques = [*keys, *([tuple(unique_together)] if unique_together else [])]
        self.seen: dict[tuple[str, ...], dict[Any, int]] = {keys: {} for keys in self.uniques}

    def match_headings(self, headings: Sequence[str]) -> None:
        absent = [column for column in self.columns if not any(_column_of(h, [column]) for h in headings)]
        missing = [column for column in absent if column.is_read]
        for index, heading in enumerate(headings):
            column = _column_of(heading, self.columns)
            if column is None:
                if heading.strip():
                    self._unknown_heading(index, heading, missing)
            elif column.key in self.places:
                self._error(
                    index, self.found.heading_row, column.key, "duplicate_heading", _("该列出现了两次。"), heading
                )
            else:
                self.places[column.key] = index
        for column in missing:
            if column.required:
                reason = _("缺少列“%(heading)s”。") % {"heading": column.heading}
                self._error(0, self.found.heading_row, column.key, "missing_heading", reason)

    def _unknown_heading(self, index: int, heading: str, missing: Sequence[SheetColumn]) -> None:
        self.found.ignored_headings.append(heading.strip())
        near = difflib.get_close_matches(heading.strip(), [str(column.heading) for column in missing], n=1, cutoff=0.5)
        if near:
            reason = _("模板中没有这一列，是否应为“%(heading)s”？") % {"heading": near[0]}
            self._error(index, self.found.heading_row, "", "unknown_heading", reason, heading)

    def look_ahead(self, lines: Sequence[tuple[int, Sequence[_Cell]]]) -> None:
        for column in self.columns:
            if column.look is not None and (place := self.places.get(column.key)) is not None:
                told = (cells[place].value for _number, cells in lines if place < len(cells))
                column.look({text for value in told if isinstance(value, str) and (text := as_typed(value))})

    def take(self, number: int, cells: Sequence[_Cell]) -> None:
        held = {
            column.key: cells[self.places[column.key]]
            for column in self.columns
            if column.key in self.places and self.places[column.key] < len(cells)
        }
        if all(cell.value is None or str(cell.value).strip() == "" for cell in held.values()):
            return
        if len(self.found.rows) >= self.limits.rows:
            raise TooLarge(_("超过 %(limit)s 行，请拆分后分批导入。") % {"limit": self.limits.rows})
        values = {
            column.key: self._value(column, number, held.get(column.key))
            for column in self.columns
            if column.key in self.places and column.is_read
        }
        self.found.rows.append(SheetRow(number, values))
        if number not in self.found.bad_rows:
            self._check_uniqueness(number, values)

    def _value(self, column: SheetColumn, number: int, cell: _Cell | None) -> Any:
        place = self.places[column.key]
        value = cell.value if cell else None
        if cell and cell.kind == "f":
            reason = _("单元格是公式，请粘贴为数值后再导入。")
            self._error(place, number, column.key, "formula", reason, str(getattr(value, "text", value)))
            return None
        if cell and cell.kind == "e":
            self._error(place, number, column.key, "cell_error", _("单元格是错误值，请改正。"), str(value))
            return None
        try:
            return read_cell(column, value)
        except BadCell as bad:
            self._error(place, number, column.key, bad.code, bad.reason, "" if value is None else str(value))
            return None

    def _check_uniqueness(self, number: int, values: dict[str, Any]) -> None:
        for keys in self.uniques:
            together = tuple(values.get(key) for key in keys)
            if all(value is None for value in together):
                continue
            first = self.seen[keys].setdefault(together, number)
            if first != number:
                shown = "、".join(str(value) for value in together)
                reason = _("与第 %(row)s 行重复。") % {"row": first}
                self._error(self.places.get(keys[0], 0), number, keys[0], "duplicate", reason, shown)

    def _error(self, index: int, row: int, key: str, code: str, reason: str | Promise, value: str = "") -> None:
        self.found.error_count += 1
        self.found.bad_rows.add(row)
        if len(self.found.errors) < self.limits.errors:
            place = f"{letter(index + 1)}{row}"
            self.found.errors.append(CellError(self.found.sheet, place, row, key, code, reason, value[:200]))


def _lines(
    sheet: Any, merges: Sequence[tuple[int, int, int, int]], *, width: int, until: int | None = None
) -> Iterator[tuple[int, list[_Cell]]]:
    """Lines with their numbers; each merged cell's value repeated over what it covers."""
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    waiting = sorted(merges, reverse=True)
    active: list[tuple[tuple[int, int, int, int], _Cell]] = []
    empty_run = 0
    number = 0
    for number, row in enumerate(_guarded(sheet.iter_rows(max_row=until, max_col=width)), start=1):
        cells = [_Cell(cell.value, getattr(cell, "data_type", "n")) for cell in row]
        empty_run = 0 if any(cell.value is not None for cell in cells) or active else empty_run + 1
        if empty_run > _EMPTY_RUN:
            return
        while waiting and waiting[-1][0] <= number:
            area = waiting.pop()
            if area[0] == number and area[1] <= len(cells):
                active.append((area, cells[area[1] - 1]))
        active = [entry for entry in active if entry[0][2] >= number]
        for (_top, left, _bottom, right), corner in active:
            cells.extend([_Cell(None, "n")] * (min(right, width) - len(cells)))
            for index in range(left - 1, min(right, width)):
                cells[index] = corner
        yield number, cells


def _guarded(rows: Iterator[Any]) -> Iterator[Any]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as damage:  # see _opened
            raise Invalid(_("文件已损坏，无法读取，请重新保存后再导入。"), code="damaged") from damage
        yield row


def _merged_ranges(content: bytes, sheet: Any, *, limits: ReadLimits) -> list[tuple[int, int, int, int]]:
    """(top, left, bottom, right) of each merged range; the streaming reader of the library leaves them out."""
    found: list[tuple[int, int, int, int]] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(sheet._worksheet_path) as part:
        rest = b""
        while chunk := part.read(1 << 18):
            text = rest + chunk
            last = 0
            for match in _MERGED.finditer(text):
                left, top, right, bottom = range_boundaries(match[1].decode())
                found.append((top or 1, left or 1, bottom or 1, right or 1))
                last = match.end()
            rest = text[max(last, len(text) - 200) :]
    if len(found) > limits.rows * 10:
        raise TooLarge(_("文件中合并的单元格过多，请取消合并后再导入。"))
    return found
