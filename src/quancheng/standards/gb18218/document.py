"""A unit as JSON, and a result as JSON: what the command and the API speak.

Every number is read and written as the decimal that it is. Whatever cannot be an input is refused, named by its place
(``stocks[2].quantity_t``); a key that is not known is refused too, for a misspelt one would be silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from quancheng.standards.gb18218.model import BadInput, Result, Step, Stock, Unit, check_number
from quancheng.standards.gb18218.numbers import plain, shown

_LONGEST_TEXT, _MOST_STOCKS, _MOST_CLASSES = 500, 20000, 100
_TOP_KEYS = (
    "name", "kind", "exposed_population", "stocks", "scope_excluded", "exclusion", "exclusion_reason",
    "boundary", "boundary_count", "is_partial", "valve_tags",
)  # fmt: skip
_STATES = {"气体": "gas", "液体": "liquid", "固体": "solid"}


def load(data: bytes) -> Unit:
    """Read one unit.

    :raises BadInput: not UTF-8, not JSON, or whatever :func:`unit_of` refuses.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("", "bad.encoding") from None
    try:
        given = json.loads(
            text, parse_float=_decimal, parse_int=_decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as bad:
        raise BadInput("", "bad.json", why=f"{bad.msg} ({bad.lineno}:{bad.colno})") from None
    except RecursionError:
        raise BadInput("", "bad.json", why="…") from None
    return unit_of(given)


def _no_number(text: str) -> Decimal:
    return Decimal(text.replace("Infinity", "inf"))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent that no decimal holds
        return Decimal("nan")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadInput("", "bad.twice", key=key)
        found[key] = value
    return found


def unit_of(given: object) -> Unit:
    """A unit from decoded JSON whose numbers are decimals.

    :raises BadInput: a wrong type, a missing or unknown key, a number out of range; by place.
    """
    top = _Reader(given, "", _TOP_KEYS)
    top.text("name")
    exclusion, is_excluded = top.text("exclusion"), top.flag("scope_excluded")
    if is_excluded is not None:
        exclusion = (exclusion or "other") if is_excluded else ""
    count = top.whole("boundary_count")
    # Kind and choices first: a unit of no kind is no place for stocks.
    unit = Unit(
        kind=top.text("kind", needed=True),
        stocks=(),
        exposed_population=top.whole("exposed_population"),
        exclusion=exclusion,
        exclusion_reason=top.text("exclusion_reason"),
        boundary=top.text("boundary"),
        boundary_count=1 if count is None else count,
        is_partial=top.flag("is_partial") or False,
        valve_tags=top.texts("valve_tags"),
    )
    stocks = top.many("stocks", _MOST_STOCKS)
    return replace(unit, stocks=tuple(_stock(one, f"stocks[{place}]") for place, one in enumerate(stocks)))


def _stock(given: object, place: str) -> Stock:
    reader = _Reader(given, place, tuple(field.name for field in fields(Stock)))
    readers: dict[str, Callable[[str], Any]] = {
        "str": reader.text,
        "bool": lambda key: reader.flag(key) or False,
        "bool | None": reader.flag,
        "Decimal | None": reader.number,
        "tuple[str, ...]": reader.texts,
    }
    values = {field.name: readers[str(field.type)](field.name) for field in fields(Stock) if field.name != "grade"}
    grade = reader.grade("grade")
    values["state"] = _STATES.get(values["state"], values["state"])
    try:
        return Stock(grade=grade, **values)
    except BadInput as bad:
        bad.place = f"{place}.{bad.place}"
        raise


class _Reader:
    """Typed reading of one JSON object; refuses by place."""

    def __init__(self, given: object, place: str, known: tuple[str, ...]) -> None:
        if not isinstance(given, Mapping):
            raise BadInput(place, "bad.object")
        self.given, self.place = given, place
        for key in given:
            if key not in known:
                raise BadInput(self.at(" ".join(key.split())[:60]), "bad.unknown_key", known=known)

    def at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def text(self, key: str, *, needed: bool = False) -> str:
        value = self.given.get(key)
        if value is None:
            if needed:
                raise BadInput(self.at(key), "bad.missing")
            return ""
        return self._text(value, self.at(key))

    @staticmethod
    def _text(value: object, place: str) -> str:
        if not isinstance(value, str):
            raise BadInput(place, "bad.text")
        if len(value) > _LONGEST_TEXT:
            raise BadInput(place, "bad.long", most=Decimal(_LONGEST_TEXT))
        # Half of a surrogate pair cannot be written out again.
        return value.encode("utf-8", "replace").decode("utf-8")

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.given.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise BadInput(self.at(key), "bad.list")
        if len(value) > _MOST_CLASSES:
            raise BadInput(self.at(key), "bad.long", most=Decimal(_MOST_CLASSES))
        return tuple(self._text(one, f"{self.at(key)}[{place}]") for place, one in enumerate(value))

    def many(self, key: str, most: int) -> list[object]:
        value = self.given.get(key)
        if value is None:
            raise BadInput(self.at(key), "bad.missing")
        if not isinstance(value, list):
            raise BadInput(self.at(key), "bad.list")
        if len(value) > most:
            raise BadInput(self.at(key), "bad.long", most=Decimal(most))
        return value

    def flag(self, key: str) -> bool | None:
        value = self.given.get(key)
        if value is not None and not isinstance(value, bool):
            raise BadInput(self.at(key), "bad.boolean")
        return value

    def number(self, key: str) -> Decimal | None:
        value = self.given.get(key)
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise BadInput(self.at(key), "bad.number")
        check_number(self.at(key), value, low=Decimal("-1e9"))
        return value

    def whole(self, key: str) -> int | None:
        value = self.number(key)
        if value is not None and value != value.to_integral_value():
            raise BadInput(self.at(key), "bad.integer")
        return None if value is None else int(value)

    def grade(self, key: str) -> str:
        if isinstance(self.given.get(key), Decimal):
            return str(self.whole(key))
        return self.text(key).strip()


def to_json(result: Result, *, language: str = "zh") -> dict[str, Any]:
    """A result as JSON values with decimals for numbers; sentences in a language, ``zh`` or ``en``."""
    return {
        "S": result.s,
        "is_major_hazard": result.is_major_hazard,
        "R": result.r,
        "grade": result.grade,
        "alpha": result.alpha,
        "steps": [_step(step, language) for step in result.steps],
        "doubts": [doubt.text(language) for doubt in result.doubts],
        "calculation": [note.text(language) for note in result.why],
        "edition": result.edition,
        "table_version": result.table_version,
    }


def _step(step: Step, language: str) -> dict[str, Any]:
    end, mark = (".", "; ") if language.lower().startswith("en") else ("。", "；")
    return {
        "name": step.name,
        "cas": step.cas or None,
        "q_t": step.q_t,
        "Q_t": step.threshold_t,
        "ratio": None if step.ratio is None else shown(step.ratio),
        "beta": step.beta,
        "symbol": step.symbol or None,
        "clause": step.clause.in_language(language),
        "why": mark.join(note.text(language) for note in step.why) + end,
    }


def dump(value: object, *, indent: str = "") -> str:
    """JSON with decimals written out exactly, which :mod:`json` cannot; two blanks a level."""
    deeper = indent + "  "
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        lines = [f"{deeper}{json.dumps(key)}: {dump(one, indent=deeper)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else "{}"
    if isinstance(value, list):
        lines = [deeper + dump(one, indent=deeper) for one in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]" if lines else "[]"
    return json.dumps(value, ensure_ascii=False)
