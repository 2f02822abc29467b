"""One cell of an import: what stands there, or the reason why it cannot be taken."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.exchange.sheets.columns import SheetColumn, plain_word, unescape_formula
from quancheng.kernel.pages.words import listed

_DAY = re.compile(r"(\d{4})\s*(?:[-/.]|年)\s*(\d{1,2})\s*(?:[-/.]|月)\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"\s*T?\s*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?")
_BETWEEN = re.compile(r"[、；;，,\n\r]+")
_EXACT = 10**15
_TRUE = {"是", "有", "对", "y", "yes", "true", "1", "√", "✓"}
_FALSE = {"否", "无", "错", "n", "no", "false", "0", "×", "✗"}


class BadCell(ValueError):
    """The reason, for who filled the sheet."""

    def __init__(self, code: str, reason: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


def as_typed(text: str) -> str:
    """A text as the person typed it who filled the cell."""
    return unescape_formula(text).strip()


def read_cell(column: SheetColumn, value: Any) -> Any:
    """The value in the column's type, or None for an empty cell.

    Dates come back as ``date``, times aware in the district's zone, numbers as ``int`` or ``Decimal``.

    :raises BadCell: it is not what the column holds.
    """
    if isinstance(value, str):
        value = as_typed(value)
    if value is None or value == "":
        if column.required:
            raise BadCell("required", _("必填项为空。"))
        return None
    if column.many:
        return _many(column, value)
    return _one(column, value)


def _one(column: SheetColumn, value: Any) -> Any:
    found = _READERS[column.kind](column, value)
    return column.parse(found) if column.parse is not None else found


def _many(column: SheetColumn, value: Any) -> list[Any]:
    """A list of a cell, each entry once."""
    if not isinstance(value, str):
        value = _text(column, value)
    found: list[Any] = []
    for part in _BETWEEN.split(value):
        if part.strip() and (one := _one(column, part.strip())) not in found:
            found.append(one)
    if column.required and not found:
        raise BadCell("required", _("必填项为空。"))
    return found


def _text(column: SheetColumn, value: Any) -> str:
    if isinstance(value, bool):
        text = "是" if value else "否"
    elif isinstance(value, int | float):
        if abs(value) >= _EXACT:
            raise BadCell(
                "digits_lost", _("数字超过 15 位，表格软件已改变末尾数字；请将单元格设为文本格式后重新填写。")
            )
        text = str(int(value)) if float(value).is_integer() else repr(value)
    elif isinstance(value, dt.datetime):
        text = value.date().isoformat() if value.time() == dt.time.min else value.isoformat(" ", "minutes")
    else:
        text = unicodedata.normalize("NFC", str(value))
    if len(text) > column.max_length:
        raise BadCell("too_long", _("超过 %(limit)s 个字。") % {"limit": column.max_length})
    return text


def _decimal(column: SheetColumn, value: Any) -> Decimal:
    if isinstance(value, bool | dt.date | dt.time | dt.timedelta):
        raise BadCell("not_a_number", _("应填写数字。"))
    try:
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidOperation
        text = repr(value) if isinstance(value, float) else unicodedata.normalize("NFKC", str(value))
        number = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation as bad:
        raise BadCell("not_a_number", _("应填写数字，不带单位和文字。")) from bad
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise BadCell("not_a_number", _("应填写数字，不带单位和文字。"))
    if column.minimum is not None and number < Decimal(repr(column.minimum)):
        raise BadCell("too_small", _("不能小于 %(limit)s。") % {"limit": f"{column.minimum:g}"})
    if column.maximum is not None and number > Decimal(repr(column.maximum)):
        raise BadCell("too_large", _("不能大于 %(limit)s。") % {"limit": f"{column.maximum:g}"})
    return number


def _integer(column: SheetColumn, value: Any) -> int:
    number = _decimal(column, value)
    if number != number.to_integral_value():
        raise BadCell("not_an_integer", _("应填写整数。"))
    return int(number)


def _moment(column: SheetColumn, value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        found = value
    elif isinstance(value, dt.date):
        found = dt.datetime.combine(value, dt.time.min)
    else:
        found = _moment_of_text(_digits(value))
    if not 1900 <= found.year <= 2200:
        raise BadCell("bad_date", _("年份不合理，请检查。"))
    return found if found.tzinfo else timezone.make_aware(found)


def _digits(value: Any) -> str:
    if isinstance(value, bool | dt.time | dt.timedelta):
        raise BadCell("bad_date", _("日期无法识别，请写成 2026-01-31 的形式。"))
    if isinstance(value, int | float):
        if float(value).is_integer() and 19_000_101 <= value <= 22_001_231:
            return str(int(value))
        # A bare number may count days from 1900 or from 1904: we do not guess.
        raise BadCell("bad_date", _("单元格是数字而不是日期，请将其设为日期格式，或写成 2026-01-31 的形式。"))
    return unicodedata.normalize("NFKC", str(value)).strip()


def _moment_of_text(text: str) -> dt.datetime:
    bad = BadCell("bad_date", _("日期无法识别，请写成 2026-01-31 的形式。"))
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    day = _DAY.match(text)
    rest = text[day.end() :] if day else ""
    time = _TIME.fullmatch(rest) if rest else None
    if day is None or (rest and time is None):
        raise bad
    hour, minute, second = (int(part or 0) for part in time.groups()) if time else (0, 0, 0)
    try:
        local = dt.datetime.combine(dt.date(*(int(part) for part in day.groups())), dt.time(hour, minute, second))
    except ValueError as impossible:
        raise BadCell("bad_date", _("没有这一天或这个时刻，请检查。")) from impossible
    return local


def _date(column: SheetColumn, value: Any) -> dt.date:
    return timezone.localtime(_moment(column, value)).date()


def _boolean(column: SheetColumn, value: Any) -> bool:
    word = plain_word(_text(column, value))
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadCell("not_a_choice", _("应填写“是”或“否”。"))


def _choice(column: SheetColumn, value: Any) -> str:
    code = column.code_of(_text(column, value))
    if code is None:
        offered = [str(label) for label in column.choices.values()]
        words = listed(offered[:8]) + ("……" if len(offered) > 8 else "")
        raise BadCell("not_a_choice", _("没有这个选项，可填：%(words)s。") % {"words": words})
    return code


_READERS: dict[str, Callable[[SheetColumn, Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "datetime": _moment,
    "boolean": _boolean,
    "choice": _choice,
}
