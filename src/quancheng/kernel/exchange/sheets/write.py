"""Spreadsheets out, as a stream: the bytes leave while the rows still come, so memory does not grow with them.

We write the few parts of the format ourselves: the general library needs several times as long for 100,000 rows.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.kernel.exchange.sheets.columns import SheetColumn, escape_formula
from quancheng.kernel.exchange.sheets.merged import MergedTable

Paper = Literal["A4", "A3", "A1"]
#: Rows of one sheet; further ones go to a second sheet with the same head.
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767

#: Of the archive: more takes twice as long for a tenth of the size.
_LEVEL = 2
#: Texts below so many characters are remembered.
_SHORT = 60
_SPECIAL = re.compile("[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EPOCH = dt.date(1899, 12, 30)
_FIRST_DAY = dt.date(1900, 3, 1)  # before it the format counts a day that never was
_DATE, _MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
_PLAIN, _TITLE, _NOTE, _HEADING, _TEXT, _GENERAL = range(6)  # positions in cellXfs; number formats follow
_BATCH = 400
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write_xlsx(
    columns: Sequence[SheetColumn],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    title: str,
    filters_text: str = "",
    demo: bool,
    paper: Paper = "A4",
    landscape: bool = True,
) -> bytes:
    """The whole file; parameters as for :func:`stream_xlsx`."""
    return b"".join(
        stream_xlsx(columns, rows, title=title, filters_text=filters_text, demo=demo, paper=paper, landscape=landscape)
    )


def stream_xlsx(
    columns: Sequence[SheetColumn],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    title: str,
    filters_text: str = "",
    demo: bool,
    paper: Paper = "A4",
    landscape: bool = True,
) -> Iterator[bytes]:
    """Title, conditions, headings, rows; printed to the paper's width with the headings on each page.

    More rows than a sheet holds go on in further sheets.

    :param rows: mappings by column key, or sequences in the columns' order. Dates become dates, aware times local
        times, numbers numbers, everything else text; text that might be calculated gets an apostrophe.
    :param filters_text: what the list was limited to, as shown on the page.
    :param demo: says 演示数据 beside the title and on every printed page.
    """
    keys = [column.key for column in columns]
    lines = ([row.get(key) for key in keys] if isinstance(row, Mapping) else list(row) for row in rows)
    sheet = _Sheet(columns, title=title, filters_text=filters_text, demo=demo, paper=paper, landscape=landscape)
    return sheet.stream(lines, merges=[])


def write_merged_xlsx(
    table: MergedTable, *, title: str, filters_text: str = "", demo: bool, paper: Paper = "A3"
) -> bytes:
    """A wall chart: equal neighbours are merged cells; A3 or A1, landscape, one page wide."""
    sheet = _Sheet(table.columns, title=title, filters_text=filters_text, demo=demo, paper=paper, landscape=True)
    merges = [
        f"{letter(column)}{row}:{letter(column)}{row + cell.rowspan - 1}"
        for row, cells in enumerate(table.rows, start=sheet.heading_row + 1)
        for column, cell in enumerate(cells, start=1)
        if cell.rowspan > 1
    ]
    lines = ([cell.value if cell.is_shown else None for cell in cells] for cells in table.rows)
    return b"".join(sheet.stream(lines, merges=merges))


def letter(column: int) -> str:
    """Column number from 1 to its letters: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Outlet(io.RawIOBase):
    """What the archive writes into and the stream takes from."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class _Sheet:
    def __init__(
        self,
        columns: Sequence[SheetColumn],
        *,
        title: str,
        filters_text: str,
        demo: bool,
        paper: Paper,
        landscape: bool,
    ) -> None:
        self.columns = columns
        self.title = " ".join(_FORBIDDEN.sub(" ", title).split())
        self.heads = [(_TITLE, f"{self.title}（{_('演示数据')}）" if demo else self.title)]
        if filters_text:
            self.heads.append((_NOTE, filters_text))
        self.heading_row = len(self.heads) + 1
        self.demo = demo
        self.paper = paper
        self.landscape = landscape
        self.letters = [letter(index) for index in range(1, len(columns) + 1)]
        self.formats = [_DATE, _MOMENT]
        for column in columns:
            if column.number_format and column.number_format not in self.formats:
                self.formats.append(column.number_format)
        self.number_styles = [
            _GENERAL + 1 + self.formats.index(column.number_format) if column.number_format else _GENERAL
            for column in columns
        ]

    def stream(self, lines: Iterable[Sequence[Any]], *, merges: Sequence[str]) -> Iterator[bytes]:
        outlet = _Outlet()
        source, sheets = iter(lines), 0
        with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            batch: list[Sequence[Any]] = []
            while batch or not sheets:
                sheets += 1
                with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as part:
                    part.write((_XML + self._opening()).encode())
                    row_number = self.heading_row
                    batch = batch or list(itertools.islice(source, _BATCH))
                    while batch and row_number < MAX_ROWS:
                        here, batch = batch[: MAX_ROWS - row_number], batch[MAX_ROWS - row_number :]
                        part.write("".join(map(self._row, itertools.count(row_number + 1), here)).encode())
                        row_number += len(here)
                        if ready := outlet.take():
                            yield ready
                        batch = batch or list(itertools.islice(source, _BATCH))
                    part.write(self._closing(row_number, merges).encode())
            for name, content in self._small_parts(sheets).items():
                archive.writestr(name, _XML + content)
        yield outlet.take()

    def _row(self, number: int, line: Sequence[Any]) -> str:
        cells = [
            f'<c r="{letters}{number}{_cell(value, style)}'
            for letters, value, style in zip(self.letters, line, self.number_styles, strict=True)
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _opening(self) -> str:
        widths = "".join(
            f'<col min="{index}" max="{index}" width="{column.shown_width}" customWidth="1"/>'
            for index, column in enumerate(self.columns, start=1)
        )
        below = self.heading_row + 1
        rows = "".join(
            f'<row r="{number}"{_height(text) if style == _TITLE else ""}><c r="A{number}{_text(text, style)}</row>'
            for number, (style, text) in enumerate(self.heads, start=1)
        )
        headings = "".join(
            f'<c r="{letters}{self.heading_row}{_text(str(column.heading), _HEADING)}'
            for letters, column in zip(self.letters, self.columns, strict=True)
        )
        return (
            f'<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView workbookViewId="0" showGridLines="0">'
            f'<pane xSplit="1" ySplit="{self.heading_row}" topLeftCell="B{below}" activePane="bottomRight" '
            f'state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="18"/>'
            f'<cols>{widths}</cols><sheetData>{rows}<row r="{self.heading_row}">{headings}</row>'
        )

    def _closing(self, last_row: int, merges: Sequence[str]) -> str:
        last = self.letters[-1]
        joined = [f"A{number}:{last}{number}" for number in range(1, self.heading_row)] if len(self.columns) > 1 else []
        joined += merges
        merge_part = "".join(f'<mergeCell ref="{area}"/>' for area in joined)
        # A filter over merged cells hides the rows that a merged cell covers.
        filters = "" if merges else f'<autoFilter ref="A{self.heading_row}:{last}{last_row}"/>'
        size = {
            "A4": 'paperSize="9"',
            "A3": 'paperSize="8"',
            # The format has no number for A1; its measures say the same.
            "A1": 'paperHeight="841mm" paperWidth="594mm"',
        }[self.paper]
        demo = f"&amp;R{escape(_('演示数据'))}" if self.demo else ""
        return (
            f"</sheetData>{filters}"
            + (f'<mergeCells count="{len(joined)}">{merge_part}</mergeCells>' if joined else "")
            + '<printOptions horizontalCentered="1"/>'
            '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            f'<pageSetup {size} orientation="{"landscape" if self.landscape else "portrait"}" '
            'fitToWidth="1" fitToHeight="0"/>'
            f"<headerFooter><oddHeader>&amp;L{escape(self.title[:80].replace('&', '&&'))}{demo}</oddHeader>"
            "<oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
        )

    def _small_parts(self, sheets: int) -> dict[str, str]:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        base = re.sub(r"[\[\]:*?/\\']", " ", self.title).strip()[:31] or "Sheet1"
        names = [base, *(f"{base[:26].strip()} {number}" for number in range(2, sheets + 1))]
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}.worksheet+xml"/>'
            for number in range(1, sheets + 1)
        )
        relations = "".join(
            f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, sheets + 1)
        )
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
            for number, name in enumerate(names, start=1)
        )
        titles = "".join(
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">'
            f"{escape(chr(39) + name + chr(39))}!${self.heading_row}:${self.heading_row}</definedName>"
            for place, name in enumerate(names)
        )
        return {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types">'
                f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
                f"{parts}"
                f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>'
            ),
            "_rels/.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
                f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ),
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">'
                f'{relations}<Relationship Id="rId{sheets + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
                f"</Relationships>"
            ),
            "xl/workbook.xml": (
                f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
                f"<sheets>{listed}</sheets><definedNames>{titles}</definedNames></workbook>"
            ),
            "xl/styles.xml": self._styles(),
        }

    def _styles(self) -> str:
        font = '<name val="宋体"/><family val="3"/><charset val="134"/>'
        line = "".join(f'<{side} style="thin"><color rgb="FFBFBFBF"/></{side}>' for side in _SIDES)
        top = '<alignment vertical="top" wrapText="1"/>'
        body = 'fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1" applyAlignment="1" applyNumberFormat="1"'
        numbers = "".join(
            f'<numFmt numFmtId="{164 + index}" formatCode={quoteattr(code)}/>'
            for index, code in enumerate(self.formats)
        )
        cells = [
            '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
            '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
            '<alignment horizontal="center" vertical="center"/></xf>',
            '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
            '<alignment vertical="center"/></xf>',
            '<xf numFmtId="0" fontId="3" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" '
            'applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>',
            f'<xf numFmtId="49" {body}>{top}</xf>',
            f'<xf numFmtId="0" {body}><alignment vertical="top"/></xf>',
            *(f'<xf numFmtId="{164 + i}" {body}><alignment vertical="top"/></xf>' for i in range(len(self.formats))),
        ]
        return (
            f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(self.formats)}">{numbers}</numFmts>'
            f'<fonts count="4"><font><sz val="11"/>{font}</font><font><b/><sz val="16"/>{font}</font>'
            f'<font><sz val="10"/><color rgb="FF595959"/>{font}</font><font><b/><sz val="11"/>{font}</font></fonts>'
            '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
            '</fill><fill><patternFill patternType="solid"><fgColor rgb="FFE8F1F0"/></patternFill></fill></fills>'
            f'<borders count="2"><border/><border>{line}</border></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            f'<cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        )


_SIDES = ("left", "right", "top", "bottom")


def _height(text: str) -> str:
    return ' ht="30" customHeight="1"' if text else ""


def _cell(value: Any, number_style: int) -> str:
    """What follows a cell's place."""
    if value is None or value == "":
        return f'" s="{_TEXT}"/>'
    if isinstance(value, str):
        return _known_text(value) if len(value) < _SHORT else _text(value, _TEXT)
    if isinstance(value, bool):
        return _text(_("是") if value else _("否"), _TEXT)
    if isinstance(value, int | float | Decimal):
        shown = _number(value)
        if shown is None:
            return _text(str(value), _TEXT)
        return f'" s="{number_style}"><v>{shown}</v></c>'
    if isinstance(value, dt.datetime):
        return _moment(value)
    if isinstance(value, dt.date) and value >= _FIRST_DAY:
        return f'" s="{_GENERAL + 1}"><v>{(value - _EPOCH).days}</v></c>'
    return _text(str(value), _TEXT)


def _number(value: float | Decimal) -> str | None:
    """None where the format, which keeps 15 digits, would change the number."""
    if isinstance(value, int) and -(10**15) < value < 10**15:
        return str(value)
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or len(number.as_tuple().digits) > (17 if isinstance(value, float) else 15):
        return None
    return format(number, "f") if abs(number.adjusted()) < 20 else str(number)


def _moment(value: dt.datetime) -> str:
    local = timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value
    if local.date() < _FIRST_DAY:
        return _text(local.isoformat(" ", "minutes"), _TEXT)
    past = local - dt.datetime.combine(_EPOCH, dt.time.min)
    return f'" s="{_GENERAL + 2}"><v>{past / dt.timedelta(days=1):.8f}</v></c>'


def _text(text: str, style: int) -> str:
    text = escape_formula(text)[:MAX_TEXT]
    if _SPECIAL.search(text):
        text = escape(_FORBIDDEN.sub("\ufffd", text))
    return f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


@lru_cache(maxsize=4096)
def _known_text(text: str) -> str:
    """Names and states come again and again."""
    return _text(text, _TEXT)
