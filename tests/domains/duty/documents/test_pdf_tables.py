"""Ruled tables of PDF pages: which boxes are cells, what stands in them, however the page is turned."""

from __future__ import annotations

import io

import pdfplumber
import pypdfium2
import pytest
import typst

from quancheng.domains.duty.documents.limits import Refused
from quancheng.domains.duty.documents.read import read_document
from quancheng.domains.duty.documents.ruled import Char, cell_texts, grids_of

TABLE = """
#table(columns: (1fr, 2fr, 3fr, 2fr, 2fr),
  table.cell(rowspan: 2)[序号], table.cell(rowspan: 2)[任务], table.cell(rowspan: 2)[措施],
  table.cell(colspan: 2)[责任单位], [牵头], [配合],
  [1], table.cell(rowspan: 2)[压实 责任], [编制责任清单，召开 4 次会议并印发纪要], [应急局], [各村],
  [2], [每月18日前报送], table.cell(colspan: 2)[镇应急办],
)
"""
ROWS = [
    ("序号", "任务", "措施", "责任单位", None),
    (None, None, None, "牵头", "配合"),
    ("1", "压实 责任", "编制责任清单，召开 4 次会议并印发纪要", "应急局", "各村"),
    ("2", None, "每月18日前报送", "镇应急办", None),
]


def _set(body: str) -> bytes:
    return typst.compile(f'#set text(font: "Noto Serif CJK SC", size: 9pt)\n{body}'.encode())


def _cells(content: bytes) -> list[tuple[str | None, ...]]:
    return [line.cells for line in read_document(name="plan.pdf", data=content).lines if line.cells]


def test_merged_cells_are_read_as_another_reader_of_pdf_reads_them():
    content = _set(f"前言一段。\n{TABLE}\n中间一段。\n{TABLE}\n后面一段。")
    with pdfplumber.open(io.BytesIO(content)) as document:
        tables = [table.extract() for table in document.pages[0].find_tables()]
    theirs = [tuple(cell and cell.replace("\n", "") for cell in row) for table in tables for row in table]
    assert _cells(content) == theirs == ROWS * 2
    texts = [line.text for line in read_document(name="plan.pdf", data=content).lines if not line.cells]
    assert texts == ["前言一段。", "中间一段。", "后面一段。"]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_is_shown_turned_is_read_as_it_is_shown(degrees: int):
    upright = _set(f"#rotate({degrees}deg, reflow: true)[#block(width: 22cm)[前言一段。\n{TABLE}\n后面一段。]]")
    document = pypdfium2.PdfDocument(upright)
    document[0].set_rotation(360 - degrees)
    turned = io.BytesIO()
    document.save(turned)
    lines = read_document(name="plan.pdf", data=turned.getvalue()).lines
    assert [line.cells or line.text for line in lines] == ["前言一段。", *ROWS, "后面一段。"]


def test_lines_that_close_nothing_in_are_no_table():
    assert grids_of([(0, 10, 500, 10), (0, 40, 500, 40), (0, 10, 0, 40), (250, 10, 250, 30), (9, 9, 80, 70)]) == []


def test_double_and_broken_lines_count_as_one():
    across = [(x, y, x + 100, y) for y in (0, 50, 100) for x in (0, 101)]
    down = [(x + shift, 0, x + shift, 100) for x in (0, 100, 200) for shift in (0, 1.5)]
    (grid,) = grids_of([*across, *down])
    assert [len(row) for row in grid.rows] == [2, 2]
    texts = cell_texts(grid, [Char("乙", 130, 60, 140, 70), Char("甲", 10, 10, 20, 20), Char("2", 30, 10, 35, 20)])
    assert texts == [["甲 2", ""], ["", "乙"]]


def test_a_page_of_countless_lines_is_refused():
    net = [(float(x), 0.0, float(x), 1000.0) for x in range(0, 1000, 4)]
    with pytest.raises(Refused):
        grids_of([*net, *((y0, x0, y1, x1) for x0, y0, x1, y1 in net)])
    with pytest.raises(Refused):
        grids_of([(0.0, 0.0, 9.0, 0.0)] * 20_001)
