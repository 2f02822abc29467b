"""Columns of imports: a value's text is taken back as the same value, whatever people vary in writing it."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell, read_cell

WORDS = st.text("甲乙丙丁戊abc12（）", min_size=1, max_size=8)
CHOICES = {"production": "生产", "storage": "储存", "use": "使用"}
LINKS = SheetColumn("links", "环节", kind="choice", choices=CHOICES, words={"仓储": "storage"}, many=True)


def again(column: SheetColumn, value: Any) -> Any:
    return read_cell(column, column.text_of(value))


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)))
def test_a_day_goes_round(day: dt.date) -> None:
    assert again(SheetColumn("d", "日期", kind="date"), day) == day


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)),
    st.sampled_from(["{y}年{m}月{d}日", "{y}/{m}/{d}", "{y}.{m}.{d}"]),
)
def test_a_day_is_read_as_people_write_it(day: dt.date, form: str) -> None:
    text = form.format(y=day.year, m=day.month, d=day.day)
    assert read_cell(SheetColumn("d", "日期", kind="date"), text) == day


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=4))
def test_a_number_goes_round(number: Decimal) -> None:
    assert again(SheetColumn("n", "数量", kind="decimal"), number) == number


@given(st.booleans())
def test_yes_and_no_go_round(value: bool) -> None:
    assert again(SheetColumn("b", "是否", kind="boolean"), value) is value


@given(st.lists(WORDS, max_size=8, unique=True), st.sampled_from(["、", "；", ";", "，", "\n"]))
def test_a_list_is_read_by_any_separator_and_its_text_has_one_order(words: list[str], mark: str) -> None:
    column = SheetColumn("a", "别名", many=True)
    read = read_cell(column, mark.join(words)) or []
    assert read == words
    assert column.text_of(read) == column.text_of(list(reversed(read)))
    assert sorted(again(column, read) or []) == sorted(words)


@given(st.lists(st.sampled_from(sorted(CHOICES)), max_size=5))
def test_choices_go_round_by_code_word_and_alias(codes: list[str]) -> None:
    by_word = "、".join(CHOICES[code] for code in codes)
    assert (read_cell(LINKS, by_word) or []) == list(dict.fromkeys(codes))
    assert LINKS.text_of(again(LINKS, codes)) == LINKS.text_of(list(dict.fromkeys(codes)))
    assert read_cell(LINKS, "仓储") == ["storage"]
    assert LINKS.shown("production、use") == "生产、使用"


@given(st.text(max_size=40))
def test_no_text_breaks_a_column(text: str) -> None:
    """Whatever is typed is taken or refused with a reason, never an error of ours."""
    for kind in ("text", "integer", "decimal", "date", "datetime", "boolean", "choice"):
        column = SheetColumn("x", "列", kind=kind, choices=CHOICES, many=kind == "choice")  # type: ignore[arg-type]
        with contextlib.suppress(BadCell):
            read_cell(column, text)


def test_an_order_that_means_something_is_kept() -> None:
    parts = SheetColumn("p", "各项", many=True, ordered=True)
    assert parts.text_of(["乙", "甲"]) == "乙、甲"
    assert SheetColumn("p", "各项", many=True).text_of(["乙", "甲"]) == "乙、甲"
    assert SheetColumn("p", "各项", many=True).text_of(["甲", "乙"]) == "乙、甲"


def test_a_required_list_is_not_empty() -> None:
    with pytest.raises(BadCell):
        read_cell(SheetColumn("p", "各项", many=True, required=True), "、；")
