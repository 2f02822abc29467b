"""Spreadsheets: what goes out is safe and complete, what comes in is taken wholly or told by cell and reason."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quancheng.kernel.errors import DomainError, Invalid, TooLarge, WrongType
from quancheng.kernel.exchange.sheets import (
    ReadLimits,
    SheetColumn,
    merge_equal,
    read_xlsx,
    write_errors,
    write_merged_xlsx,
    write_template,
    write_xlsx,
)

COLUMNS = [
    SheetColumn("code", "编号", required=True, unique=True),
    SheetColumn("name", "名称", required=True, max_length=20, aliases=("任务名称",)),
    SheetColumn("due", "完成期限", kind="date"),
    SheetColumn("count", "数量", kind="integer", minimum=0, maximum=100),
    SheetColumn(
        "kind",
        "类别",
        kind="choice",
        choices={"dated": "限期完成", "continuing": "长期坚持"},
        words={"长期": "continuing"},
    ),
]
GOOD = ["T-1", "排查隐患", dt.date(2026, 11, 20), 14, "限期完成"]


def book(*rows: list[Any], merge: str = "", second_sheet: bool = False) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


HEADINGS = [str(column.heading) for column in COLUMNS]


def errors_of(*rows: list[Any], **options: Any) -> list[tuple[str, str]]:
    return [(error.cell, error.code) for error in read_xlsx(book(HEADINGS, *rows), COLUMNS, **options).errors]


def test_what_is_exported_reads_back_as_the_same_values() -> None:
    content = write_xlsx(
        COLUMNS, [GOOD, {"code": "T-2", "name": "开展培训"}], title="任务台账", filters_text="全部", demo=False
    )
    found = read_xlsx(content, COLUMNS)
    assert found.is_good
    assert found.heading_row == 3
    assert [row.values for row in found.rows] == [
        {"code": "T-1", "name": "排查隐患", "due": dt.date(2026, 11, 20), "count": 14, "kind": "dated"},
        {"code": "T-2", "name": "开展培训", "due": None, "count": None, "kind": None},
    ]


def test_dates_numbers_and_times_are_stored_as_such_in_local_time() -> None:
    moment = dt.datetime(2026, 11, 23, 18, 5, tzinfo=dt.UTC)
    columns = [SheetColumn(key, key) for key in "abcd"]
    row = [moment, Decimal("12.50"), 1_234_567_890_123_456_789, True]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(columns, [row], title="t", demo=False))).active
    assert [cell.value for cell in sheet[3]] == [
        dt.datetime.fromisoformat("2026-11-24 02:05"),
        12.5,
        "1234567890123456789",
        "是",
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＠"])
def test_text_that_might_be_calculated_is_escaped_and_comes_back(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    content = write_xlsx(COLUMNS[:2], [["T-1", text[:18]]], title=text, filters_text=text, demo=False)
    for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True):
        assert not any(str(value or "").startswith(start) for value in row)
    assert read_xlsx(content, COLUMNS[:2]).rows[0].values["name"] == text[:18].strip()


def test_a_demo_sheet_says_so_beside_its_title_and_on_every_printed_page() -> None:
    shown = {}
    for demo in (True, False):
        sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(COLUMNS, [GOOD], title="台账", demo=demo))).active
        shown[demo] = ("演示数据" in sheet["A1"].value, "演示数据" in (sheet.oddHeader.right.text or ""))
    assert shown == {True: (True, True), False: (False, False)}


def test_printing_repeats_the_headings_and_fits_the_width() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(COLUMNS, [GOOD], title="台账", demo=False, paper="A3"))).active
    assert sheet.print_title_rows == "$2:$2"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_gives_a_file_that_opens(texts: list[str]) -> None:
    columns = [SheetColumn("a", "列")]
    content = write_xlsx(columns, [[text] for text in texts], title="".join(texts), filters_text=texts[0], demo=True)
    assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row >= 2


def test_equal_neighbours_become_one_cell_inside_what_the_column_before_joined() -> None:
    columns = [SheetColumn("link", "环节"), SheetColumn("unit", "单位"), SheetColumn("task", "任务")]
    rows = [
        {"link": "生产", "unit": "甲局", "task": "一"},
        {"link": "生产", "unit": "乙局", "task": "二"},
        {"link": "储存", "unit": "乙局", "task": "三"},
        {"link": "储存", "unit": "乙局", "task": "三"},
        {"link": "", "unit": "", "task": "四"},
        {"link": "", "unit": "", "task": "五"},
    ]
    table = merge_equal(columns, rows, by=("link", "unit"))
    assert [[cell.rowspan for cell in row] for row in table.rows] == [
        [2, 1, 1], [0, 1, 1], [2, 2, 1], [0, 0, 1], [1, 1, 1], [1, 1, 1],
    ]  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(write_merged_xlsx(table, title="挂图", demo=False))).active
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:C1", "A3:A4", "A5:A6", "B5:B6"}
    assert sheet["A5"].value == "储存"


def test_merged_cells_count_for_every_row_they_cover() -> None:
    columns = [SheetColumn("link", "环节"), SheetColumn("task", "任务")]
    content = book(["环节", "任务"], ["生产", "一"], [None, "二"], ["储存", "三"], merge="A2:A3")
    values = [row.values for row in read_xlsx(content, columns).rows]
    assert [value["link"] for value in values] == ["生产", "生产", "储存"]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20",
        "2026/11/20",
        "2026.11.20",
        "2026年11月20日",
        "２０２６－１１－２０",
        "20261120",
        20261120,
        dt.datetime.fromisoformat("2026-11-20 09:00"),
    ],
)
def test_dates_are_read_in_every_common_form(written: Any) -> None:
    found = read_xlsx(book(HEADINGS, ["T-1", "名", written]), COLUMNS)
    assert found.errors == []
    assert found.rows[0].values["due"] == dt.date(2026, 11, 20)


@pytest.mark.parametrize("written", ["2026-02-30", "下月底", 46000, "2026-13-01", "11月中旬", True, "0026-01-01"])
def test_a_date_that_is_none_is_told_with_its_cell(written: Any) -> None:
    assert errors_of(["T-1", "名", written]) == [("C2", "bad_date")]


def test_every_bad_cell_is_told_with_its_address_and_the_good_rows_stand() -> None:
    found = read_xlsx(
        book(
            HEADINGS,
            GOOD,
            ["T-1", "重复"],
            [None, "缺编号"],
            ["T-4", "名", "", 101, "临时"],
            ["T-5", "名", "", 1.5, "长期"],
        ),
        COLUMNS,
    )
    assert [(error.cell, error.code) for error in found.errors] == [
        ("A3", "duplicate"),
        ("A4", "required"),
        ("D5", "too_large"),
        ("E5", "not_a_choice"),
        ("D6", "not_an_integer"),
    ]
    assert "第 2 行" in str(found.errors[0].reason)
    assert "限期完成" in str(found.errors[3].reason)
    assert [row.number for row in found.good_rows] == [2]


def test_formulas_and_error_values_are_refused_whatever_they_give() -> None:
    assert errors_of(["T-1", "=1+1", "=TODAY()"], ["T-2", "#REF!"]) == [
        ("B2", "formula"),
        ("C2", "formula"),
        ("B3", "cell_error"),
    ]


def test_a_long_number_typed_as_a_number_is_not_taken_for_a_code() -> None:
    assert errors_of([500103199001011234, "名"]) == [("A2", "digits_lost")]
    assert read_xlsx(book(HEADINGS, [1001, "名"]), COLUMNS).rows[0].values["code"] == "1001"


def test_wrong_headings_are_told_and_near_ones_suggested() -> None:
    found = read_xlsx(book(["编号", "名字", "完成限期", "备注"], ["T-1", "名", "", ""]), COLUMNS)
    assert [(error.code, error.cell) for error in found.errors] == [
        ("unknown_heading", "B1"),
        ("unknown_heading", "C1"),
        ("missing_heading", "A1"),
    ]
    assert found.ignored_headings == ["名字", "完成限期", "备注"]
    nothing = read_xlsx(book(["甲", "乙"], ["1", "2"]), COLUMNS)
    assert [error.code for error in nothing.errors] == ["no_headings"]


def test_headings_are_found_under_a_title_in_any_order_and_by_alias() -> None:
    found = read_xlsx(book(["任务表"], [], ["任务名称", " 编 号* "], ["名", "T-1"]), COLUMNS)
    assert found.is_good
    assert found.rows[0].values == {"code": "T-1", "name": "名"}


def test_values_that_must_be_unique_together_are_checked_together() -> None:
    columns = [SheetColumn("a", "甲"), SheetColumn("b", "乙")]
    content = book(["甲", "乙"], ["1", "1"], ["1", "2"], ["1", "1"])
    assert [e.cell for e in read_xlsx(content, columns, unique_together=("a", "b")).errors] == ["A4"]


def test_the_template_reads_as_an_empty_sheet_and_offers_the_choices() -> None:
    content = write_template(COLUMNS, title="任务导入模板", demo=True)
    assert read_xlsx(content, COLUMNS).is_good
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    assert workbook.worksheets[0].data_validations.dataValidation[0].sqref.ranges
    assert any("演示数据" in str(row[0]) for row in workbook.worksheets[1].iter_rows(values_only=True))
    workbook.worksheets[0].append(GOOD)
    target = io.BytesIO()
    workbook.save(target)
    assert read_xlsx(target.getvalue(), COLUMNS).rows[0].values["kind"] == "dated"


def test_the_sheet_comes_back_with_each_error_beside_its_cell() -> None:
    content = book(HEADINGS, ["T-1", "名", "下月底"])
    marked = openpyxl.load_workbook(io.BytesIO(write_errors(content, read_xlsx(content, COLUMNS).errors)))
    assert marked.sheetnames[0] == "错误清单"
    assert "2026-01-31" in marked["Sheet"]["C2"].comment.text
    assert marked["Sheet"]["C2"].value == "下月底"
    assert [cell.value for cell in marked["错误清单"][2]][:3] == ["Sheet", "C2", "下月底"]


def test_a_sheet_whose_looks_are_damaged_is_refused_when_it_is_to_be_marked() -> None:
    content = repacked(book(HEADINGS), "xl/styles.xml", b"<styleSheet")
    with pytest.raises(Invalid):
        write_errors(content, [])


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 30_000_000)
    return target.getvalue()


def repacked(content: bytes, name: str, replacement: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        for part in source.namelist():
            archive.writestr(part, replacement if part == name else source.read(part))
        if name not in source.namelist():
            archive.writestr(name, replacement)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "refusal", "code"),
    [
        (b"", Invalid, "empty_file"),
        (b"%PDF-1.7 not a sheet", WrongType, "wrong_type"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, WrongType, "old_format"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), Invalid, "password"),
        (book(HEADINGS)[:-300], WrongType, "wrong_type"),
        (bomb(), TooLarge, "zip_bomb"),
        (repacked(book(HEADINGS), "xl/vbaProject.bin", b"x"), WrongType, "macros"),
        (repacked(book(HEADINGS), "xl/workbook.xml", b"<workbook"), Invalid, "damaged"),
        (repacked(book(HEADINGS), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), Invalid, "damaged"),
        (repacked(book(HEADINGS), "xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), Invalid, "damaged"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_its_reason(
    content: bytes, refusal: type[DomainError], code: str
) -> None:
    with pytest.raises(refusal) as told:
        read_xlsx(content, COLUMNS)
    assert told.value.code == code


def test_too_large_a_file_and_too_many_rows_are_refused_at_the_limit() -> None:
    rows = [[f"T-{number}", "名"] for number in range(11)]
    limits = ReadLimits(rows=11)
    assert len(read_xlsx(book(HEADINGS, *rows), COLUMNS, limits=limits).rows) == 11
    with pytest.raises(TooLarge):
        read_xlsx(book(HEADINGS, *rows), COLUMNS, limits=ReadLimits(rows=10))
    with pytest.raises(TooLarge):
        read_xlsx(book(HEADINGS), COLUMNS, limits=ReadLimits(file_bytes=1000))


def test_errors_are_counted_beyond_the_number_that_is_told() -> None:
    found = read_xlsx(book(HEADINGS, *([None, "名"] for _ in range(9))), COLUMNS, limits=ReadLimits(errors=4))
    assert (len(found.errors), found.error_count) == (4, 9)
