"""Clauses of GB 18218-2018 as they are cited in steps [G]."""

from __future__ import annotations

from functools import cache

from quancheng.standards.wording import Text

NO_ROW = Text("GB 18218-2018 4.1.2", "GB 18218-2018, 4.1.2")
MIXTURE = Text("GB 18218-2018 4.2.3", "GB 18218-2018, 4.2.3")


@cache
def of_item(number: int) -> Text:
    """Table 1."""
    return Text(f"GB 18218-2018 4.1.2 a) 表1第{number}项", f"GB 18218-2018, 4.1.2 a), table 1 item {number}")


@cache
def of_category(symbol: str) -> Text:
    """Table 2."""
    return Text(f"GB 18218-2018 4.1.2 b) 表2 {symbol}", f"GB 18218-2018, 4.1.2 b), table 2 {symbol}")
