"""JSON to the facts of a permit: every value is read by the type of its field, and what cannot be one is refused by its
place (``gas[1].value``). A key that is not known is refused too, for a misspelt one would be silence."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.wording import Text

_LONGEST_TEXT, _MOST = 500, 2000
_MOST_DIGITS, _MOST_EXPONENT = 28, 12


def load(data: bytes) -> dict[str, Any]:
    """One JSON object with decimals for numbers. BadInput for what is none, and for a key that stands twice."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("", Text("不是UTF-8", "not UTF-8")) from None
    try:
        given = json.loads(
            text, parse_float=_decimal, parse_int=_decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as bad:
        at = f"{bad.lineno}:{bad.colno}"
        raise BadInput("", Text(f"不是JSON（{at}）", f"not JSON ({at})")) from None
    except RecursionError:
        raise BadInput("", Text("嵌套过深", "nested too deeply")) from None
    return _object(given, "")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent that no decimal holds
        return Decimal("nan")


def _no_number(text: str) -> Decimal:
    return Decimal(text.replace("Infinity", "inf"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadInput(_shown(key), Text("重复", "stands twice"))
        found[key] = value
    return found


def _shown(key: str) -> str:
    """A key as part of a place: one line, not too long, writable."""
    return " ".join(key.split())[:60].encode("utf-8", "replace").decode("utf-8")


def _object(given: object, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadInput(place, Text("应为对象", "must be an object"))
    return given


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def read(cls: Any, given: object, place: str = "") -> Any:
    """An instance of a frozen dataclass from a JSON object. BadInput by place."""
    values = _object(given, place)
    known = {field.name: field for field in fields(cls)}
    for key in values:
        if key not in known:
            said = ", ".join(known)
            where = at(place, _shown(key))
            raise BadInput(where, Text(f"没有这一项；有：{said}", f"there is no such key; there are {said}"))
    found = {}
    for name, field in known.items():
        if name in values and values[name] is not None:
            found[name] = _value(_hints(cls)[name], values[name], at(place, name))
        elif name in values and type(None) in get_args(_hints(cls)[name]):
            found[name] = None  # said to be not known, which a default might not be
        elif field.default is MISSING and field.default_factory is MISSING:
            raise BadInput(at(place, name), Text("缺少这一项", "is missing"))
    try:
        return cls(**found)
    except BadInput as bad:
        raise BadInput(at(place, bad.place), bad.reason) from None


def at(place: str, name: str) -> str:
    """A key within a place."""
    return f"{place}.{name}" if place and name else place or name


def _value(wanted: Any, given: object, place: str) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        (inner,) = [one for one in get_args(wanted) if one is not type(None)]
        return _value(inner, given, place)
    if origin is tuple:
        return tuple(_value(get_args(wanted)[0], one, f"{place}[{n}]") for n, one in enumerate(_list(given, place)))
    if origin is frozenset:
        return frozenset(_text(one, f"{place}[{n}]") for n, one in enumerate(_list(given, place)))
    if origin is not None and issubclass(origin, Mapping):
        inner = get_args(wanted)[1]
        return {
            key: None if one is None else _value(inner, one, at(place, _shown(key)))
            for key, one in _object(given, place).items()
        }
    if is_dataclass(wanted):
        return read(wanted, given, place)
    return _READERS[wanted](given, place)


def _list(given: object, place: str) -> list[Any]:
    if not isinstance(given, list):
        raise BadInput(place, Text("应为列表", "must be a list"))
    if len(given) > _MOST:
        raise BadInput(place, Text(f"最多{_MOST}项", f"at most {_MOST} items"))
    return given


def _text(given: object, place: str) -> str:
    if not isinstance(given, str):
        raise BadInput(place, Text("应为文字", "must be text"))
    if len(given) > _LONGEST_TEXT:
        raise BadInput(place, Text(f"最多{_LONGEST_TEXT}字", f"at most {_LONGEST_TEXT} characters"))
    return given.encode("utf-8", "replace").decode("utf-8")


def _flag(given: object, place: str) -> bool:
    if not isinstance(given, bool):
        raise BadInput(place, Text("应为true或false", "must be true or false"))
    return given


def number(given: object, place: str) -> Decimal:
    """A finite decimal of a size that anything real has. BadInput for all else."""
    if not isinstance(given, Decimal) or not given.is_finite():
        raise BadInput(place, Text("应为有限的数", "must be a finite number"))
    if len(given.as_tuple().digits) > _MOST_DIGITS or (given and abs(given.adjusted()) > _MOST_EXPONENT):
        raise BadInput(place, Text("数字过长或过大", "has too many digits or is too large"))
    return given


def _whole(given: object, place: str) -> int:
    value = number(given, place)
    if value != value.to_integral_value() or not 0 <= value <= 10**6:
        raise BadInput(place, Text("应为0到1000000的整数", "must be a whole number from 0 to 1000000"))
    return int(value)


def _float(given: object, place: str) -> float:
    return float(number(given, place))


def moment(given: object, place: str) -> datetime:
    """``2026-03-03T10:00+08:00``; the offset is not guessed."""
    try:
        found = datetime.fromisoformat(_text(given, place))
    except ValueError:
        said = Text("应为时间，如2026-03-03T10:00+08:00", "must be a time, 2026-03-03T10:00+08:00")
        raise BadInput(place, said) from None
    if found.utcoffset() is None:
        raise BadInput(place, Text("时间须带时区，如+08:00", "a time must tell its offset, such as +08:00"))
    if not 2000 <= found.year <= 2200:
        raise BadInput(place, Text("年份应在2000到2200之间", "the year must lie between 2000 and 2200"))
    return found


def day(given: object, place: str) -> date:
    """``2026-03-03``."""
    try:
        found = date.fromisoformat(_text(given, place))
    except ValueError:
        raise BadInput(place, Text("应为日期，如2026-03-03", "must be a date, 2026-03-03")) from None
    if not 1900 <= found.year <= 2200:
        raise BadInput(place, Text("年份应在1900到2200之间", "the year must lie between 1900 and 2200"))
    return found


def figure(given: object, place: str) -> Decimal | time:
    """A number, or a clock time as ``20:00``."""
    if not isinstance(given, str):
        return number(given, place)
    try:
        found = time.fromisoformat(given)
    except ValueError:
        raise BadInput(place, Text("应为数，或时刻如20:00", "must be a number, or a clock time as 20:00")) from None
    if found.tzinfo is not None:
        raise BadInput(place, Text("时刻不带时区", "a clock time tells no offset"))
    return found


_READERS: dict[Any, Callable[[object, str], Any]] = {
    str: _text,
    bool: _flag,
    Decimal: number,
    int: _whole,
    float: _float,
    datetime: moment,
    date: day,
}
