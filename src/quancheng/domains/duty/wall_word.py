"""The wall chart in the form of an annexed responsibility table (挂图作战责任表), as a Word document with merged cells.

The document is Chinese whatever the reader's language. What it prints, the import of plans reads again.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell

from quancheng.domains.duty.queries.wall import WallRow

HEADINGS = ("序号", "重点任务（一级）", "重点任务（二级）", "工作措施", "责任人", "分管领导")
_WIDTHS = (12, 36, 44, 110, 32, 28)


def render_chart(rows: Sequence[WallRow], *, title: str, is_demo: bool = False) -> bytes:
    """The chart: one line a measure, the cells of a level over the lines that they cover."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "FangSong_GB2312", Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋_GB2312")
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run(f"{title}（演示数据）" if is_demo else title)
    run.bold, run.font.size = True, Pt(16)
    table = document.add_table(rows=1, cols=len(HEADINGS), style="Table Grid")
    for cell, heading, width in zip(table.rows[0].cells, HEADINGS, _WIDTHS, strict=True):
        cell.text, cell.width = heading, Mm(width)
        cell.paragraphs[0].runs[0].bold = True
    for row in rows:
        cells = _cells(table, table.add_row()._tr)
        for cell, width in zip(cells, _WIDTHS, strict=True):
            cell.width = Mm(width)
        cells[3].text = f"{row.number}.{row.measure}"
    # The library finds a cell by walking over the whole table, so each line is taken once.
    lines = [_cells(table, line) for line in table._tbl.tr_lst[1:]]
    top = 0
    for number, (level1, first) in enumerate(groupby(rows, key=lambda row: row.level1), 1):
        start = top
        for level2, second in groupby(list(first), key=lambda row: row.level2):
            top = _fill_group(lines, top, level2, list(second))
        _merge(lines[start:top], 0, str(number))
        _merge(lines[start:top], 1, level1)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def _cells(table: Table, line: Any) -> list[_Cell]:
    return [_Cell(cell, table) for cell in line.tc_lst]


def _fill_group(lines: Sequence[Sequence[_Cell]], top: int, level2: str, rows: Sequence[WallRow]) -> int:
    """Write what the lines of one level from ``top`` on have in common; returns the line after them."""
    end = top + len(rows)
    _merge(lines[top:end], 2, level2)
    for column, of in ((4, lambda row: row.persons or row.units), (5, lambda row: row.official)):
        at = top
        for text, same in groupby(rows, key=of):
            following = at + len(list(same))
            _merge(lines[at:following], column, text)
            at = following
    return end


def _merge(lines: Sequence[Sequence[_Cell]], column: int, text: str) -> None:
    """One cell of a column over some lines."""
    lines[0][column].text = text
    if len(lines) > 1:
        for number, cells in enumerate(lines):
            cells[column]._tc.vMerge = "continue" if number else "restart"
