"""The wall chart in the form of an annexed responsibility table (挂图作战责任表), as a Word document with merged cells.

The document is Chinese whatever the reader's language. What it prints, the import of plans reads again.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table

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
    for number, (level1, first) in enumerate(groupby(rows, key=lambda row: row.level1), 1):
        top = len(table.rows)
        for level2, second in groupby(list(first), key=lambda row: row.level2):
            _add_group(table, level2, list(second))
        _merge(table, 0, top, str(number))
        _merge(table, 1, top, level1)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add_group(table: Table, level2: str, rows: Sequence[WallRow]) -> None:
    top = len(table.rows)
    for row in rows:
        cells = table.add_row().cells
        for cell, width in zip(cells, _WIDTHS, strict=True):
            cell.width = Mm(width)
        cells[3].text = f"{row.number}.{row.measure}"
    _merge(table, 2, top, level2)
    for column, of in ((4, lambda row: row.persons or row.units), (5, lambda row: row.official)):
        at = top
        for text, same in groupby(rows, key=of):
            count = len(list(same))
            _merge(table, column, at, text, count=count)
            at += count


def _merge(table: Table, column: int, top: int, text: str, *, count: int | None = None) -> None:
    """One cell over the lines from ``top`` on, or over so many of them."""
    last = len(table.rows) - 1 if count is None else top + count - 1
    cell = table.cell(top, column)
    if last > top:
        cell = cell.merge(table.cell(last, column))
    cell.text = text
