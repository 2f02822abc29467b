"""The template people fill, and their own sheet given back with what is wrong written beside each cell."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.sheets.columns import SheetColumn, escape_formula
from quancheng.kernel.exchange.sheets.guard import ReadLimits, checked_bytes
from quancheng.kernel.exchange.sheets.read import CellError

_PREPARED_ROWS = 2_000
_HEAD = PatternFill("solid", fgColor="E8F1F0")
_WRONG = PatternFill("solid", fgColor="FDE2E2")
_SIDE = Side(style="thin", color="BFBFBF")
_LINE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "integer": "0", "decimal": "General"}


def write_template(columns: Sequence[SheetColumn], *, title: str, demo: bool) -> bytes:
    """An empty sheet with the headings, choices as lists, and a second sheet that explains each column."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = _("填写")
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    for index, column in enumerate(columns, start=1):
        letters = get_column_letter(index)
        head = sheet.cell(1, index, f"{column.heading}*" if column.required else str(column.heading))
        _dress_head(head)
        sheet.column_dimensions[letters].width = column.shown_width
        sheet.column_dimensions[letters].number_format = _FORMATS.get(column.kind, "@")
        words = [str(label) for label in column.choices.values()]
        if column.kind == "boolean":
            words = [_("是"), _("否")]
        if words and not column.many:
            for row, word in enumerate(words, start=1):
                lists.cell(row, index, escape_formula(word))
            rule = DataValidation(
                type="list", formula1=f"lists!${letters}$1:${letters}${len(words)}", allow_blank=not column.required
            )
            rule.add(f"{letters}2:{letters}{_PREPARED_ROWS}")
            sheet.add_data_validation(rule)
    sheet.freeze_panes = "A2"
    _explain(book.create_sheet(_("填写说明"), 1), columns, title=title, demo=demo)
    return _saved(book)


def _explain(sheet: Worksheet, columns: Sequence[SheetColumn], *, title: str, demo: bool) -> None:
    sheet.append([f"{title}（{_('演示数据')}）" if demo else title])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([_("请在第一张表中填写，每行一条；带 * 的列必填；不要使用公式。")])
    sheet.append([_("列名"), _("是否必填"), _("填写要求"), _("示例")])
    for column in columns:
        sheet.append(
            [str(column.heading), _("是") if column.required else _("否"), column.demand, escape_formula(column.sample)]
        )
    for cell in sheet[3]:
        _dress_head(cell)
    for letters, width in zip("ABCD", (24, 10, 60, 24), strict=True):
        sheet.column_dimensions[letters].width = width
    for row in sheet.iter_rows(min_row=4):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = _LINE


def write_errors(source: bytes | Path, errors: Sequence[CellError], *, limits: ReadLimits | None = None) -> bytes:
    """The sheet as it came, each wrong cell coloured and commented, with a list of all errors at the front.

    :raises DomainError: the file cannot be read; see ``read_xlsx``.
    """
    content = checked_bytes(source, limits=limits or ReadLimits())
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except Exception as damage:
        # What reading values passes over (styles, drawings) can be damaged too.
        raise Invalid(_("文件已损坏，无法读取，请重新保存后再导入。"), code="damaged") from damage
    reasons: dict[tuple[str, str], list[str]] = {}
    for error in errors:
        reasons.setdefault((error.sheet, error.cell), []).append(str(error.reason))
    for (name, place), texts in reasons.items():
        if name in book.sheetnames:
            _mark(book[name], place, "\n".join(texts))
    summary = book.create_sheet(_("错误清单"), 0)
    summary.append([_("工作表"), _("单元格"), _("填写内容"), _("原因")])
    for error in errors:
        summary.append(
            [escape_formula(error.sheet), error.cell, escape_formula(error.value), escape_formula(str(error.reason))]
        )
    for cell in summary[1]:
        _dress_head(cell)
    for letters, width in zip("ABCD", (20, 10, 40, 70), strict=True):
        summary.column_dimensions[letters].width = width
    book.active = 0
    return _saved(book)


def _mark(sheet: Worksheet, place: str, reason: str) -> None:
    cell = sheet[place]
    for area in sheet.merged_cells.ranges:
        if place in area:  # only the first cell of a merged range can carry a comment
            cell = sheet.cell(area.min_row, area.min_col)
            break
    comment = Comment(reason, _("系统"), height=90, width=320)
    cell.comment = comment
    cell.fill = _WRONG


def _dress_head(cell: object) -> None:
    cell.font = Font(bold=True)  # type: ignore[attr-defined]
    cell.fill = _HEAD  # type: ignore[attr-defined]
    cell.border = _LINE  # type: ignore[attr-defined]
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)  # type: ignore[attr-defined]


def _saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
