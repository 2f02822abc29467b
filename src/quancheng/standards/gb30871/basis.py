"""What the modules of this package share: clauses, lines of an explanation, refusals of input, reading of tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.wording import Text

EDITION = "GB 30871-2022"
#: Nights, rest days and holidays are those of the legal time of China.
ZONE = ZoneInfo("Asia/Shanghai")
_DATA = Path(__file__).parent / "data"


class BadInput(ValueError):
    """What was given cannot be an input at all: ``place`` such as ``gas[1].value``, and why, in both languages."""

    def __init__(self, place: str, reason: Text) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{place}: {reason.en}")


@dataclass(frozen=True, slots=True)
class Why:
    """One line of an explanation: the rule's ``code``, its clause, how sure we are of it, and what decided."""

    code: str
    clause: str
    mark: str
    text: Text
    #: Name of the fact that decided; empty where the rule holds for all.
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A fact that is not known, and what was taken in its place: always the graver."""

    fact: str
    text: Text


def clause(cell: str) -> str:
    """A clause as it is cited. A bare number, annex or table is one of GB 30871-2022; anything else names its own
    document."""
    is_own = cell[:1].isdigit() or cell[1:2] == "." or cell.startswith("Table ")
    return f"{EDITION}, {cell}" if is_own else cell


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a data file, in order."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def text_of(row: Mapping[str, str], name: str = "") -> Text:
    """The columns ``zh`` and ``en`` of a row, or ``name_zh`` and ``name_en``."""
    prefix = f"{name}_" if name else ""
    return Text(row[f"{prefix}zh"], row[f"{prefix}en"])


def several(cell: str) -> tuple[str, ...]:
    """The parts of a cell that holds several, parted by ``|``."""
    return tuple(part for part in cell.split("|") if part)


def local(moment: datetime, place: str = "") -> datetime:
    """An aware time in the legal time of China. BadInput for a time without a zone."""
    if moment.tzinfo is ZONE:
        return moment
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise BadInput(place, Text("时间须带时区", "a time must tell its offset from UTC"))
    return moment.astimezone(ZONE)


def finite(value: Decimal, place: str, *, low: Decimal | int = 0, high: Decimal | int = 10**9) -> Decimal:
    """A number within limits, both included. BadInput for all else, NaN and infinity included."""
    if not value.is_finite():
        raise BadInput(place, Text("应为有限的数", "must be a finite number"))
    if not low <= value <= high:
        raise BadInput(place, Text(f"应在{low}到{high}之间", f"must lie between {low} and {high}"))
    return value


def all_finite(facts: Any, *, low: Decimal | int = 0) -> None:
    """BadInput, by its field, where a decimal of a dataclass is not finite, below ``low`` or beyond anything real:
    a NaN must not reach a comparison with a limit."""
    for field in fields(facts):
        value = getattr(facts, field.name)
        if isinstance(value, Decimal):
            finite(value, field.name, low=low)


_Facts = TypeVar("_Facts", bound=Any)


def restated(facts: _Facts, **changes: Any) -> _Facts:
    """A dataclass without slots with some fields other, not held against its limits again: for what was held against
    them before. An audit of many permits spent a quarter of its time on that.

    :raises TypeError: a field that is none.
    """
    if wrong := changes.keys() - vars(facts).keys():
        raise TypeError(", ".join(sorted(wrong)))
    made = object.__new__(type(facts))
    vars(made).update(vars(facts), **changes)
    return made


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of time, aware; ``end`` itself does not belong to it.

    :raises BadInput: a time without zone, or an end that does not lie after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        local(self.start, "start")
        local(self.end, "end")
        if self.end <= self.start:
            raise BadInput("end", Text("结束时间应晚于开始时间", "the end must lie after the start"))

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def holds(self, moment: datetime) -> bool:
        """Whether a time lies within; the last moment counts as within, for work may go on until it."""
        return self.start <= moment <= self.end

    def encloses(self, other: Slot) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Slot) -> bool:
        return self.start < other.end and other.start < self.end

    def days(self) -> tuple[date, ...]:
        """The local days that it touches."""
        first = local(self.start).date()
        last = (local(self.end) - timedelta(microseconds=1)).date()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def at(day: date, clock: time) -> datetime:
    """A local day and clock time as an aware time."""
    return datetime.combine(day, clock, ZONE)


def minutes(span: timedelta) -> Decimal:
    """A span in minutes, exact to the microsecond."""
    return Decimal(span // timedelta(microseconds=1)) / Decimal(60_000_000)


def hours(span: timedelta) -> Decimal:
    """A span in hours."""
    return minutes(span) / 60


def shown(value: Decimal | float | int) -> str:
    """A number as people write it: exact to six decimals, so that what is just above a limit does not read as equal."""
    return plain(round(Decimal(value), 6))


def stamp(moment: datetime) -> str:
    """A time as people read it, local, to the minute."""
    return f"{local(moment):%Y-%m-%d %H:%M}"
