"""What the modules of this package share: reading their tables, refusing what is no input, a line of an explanation."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.wording import Text

_DATA = Path(__file__).parent / "data"
#: No count, amount or score of ours reaches this.
LARGEST = 10**12


class BadInput(ValueError):
    """What was given cannot be an input at all: ``field``, and ``reason`` in both languages."""

    def __init__(self, field: str, reason: Text) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason.en}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of an explanation; ``value`` is what it brought, where that is a number."""

    code: str
    text: Text
    value: Decimal | None = None
    mark: str = ""


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a data file, in order."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def text_of(row: Mapping[str, str], name: str = "") -> Text:
    """The columns ``zh`` and ``en`` of a row, or ``name_zh`` and ``name_en``."""
    prefix = f"{name}_" if name else ""
    return Text(row[f"{prefix}zh"], row[f"{prefix}en"])


def whole(field: str, value: object, *, low: int = 0, high: int = LARGEST) -> int:
    """A whole number within limits, both included. BadInput for anything else, truth values included."""
    if isinstance(value, Decimal) and value.is_finite() and value == int(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(field, Text("应为整数", "must be a whole number"))
    if not low <= value <= high:
        raise BadInput(field, Text(f"应在{low}到{high}之间", f"must lie between {low} and {high}"))
    return value


def number(
    field: str, value: object, *, low: Decimal | int = 0, high: Decimal | int = LARGEST, above: bool = False
) -> Decimal:
    """A finite number within limits, both included (``above``: not the lower). BadInput for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise BadInput(field, Text("应为数字", "must be a number"))
    found = Decimal(value)
    if not found.is_finite():
        raise BadInput(field, Text("应为有限的数字", "must be a finite number"))
    if found > high or found < low or (above and found == low):
        more = Text(
            f"应大于{plain(Decimal(low))}，不超过{plain(Decimal(high))}",
            f"must be above {plain(Decimal(low))} and at most {plain(Decimal(high))}",
        )
        within = Text(
            f"应在{plain(Decimal(low))}到{plain(Decimal(high))}之间",
            f"must lie between {plain(Decimal(low))} and {plain(Decimal(high))}",
        )
        raise BadInput(field, more if above else within)
    return found


def choice(field: str, value: str, known: Mapping[str, object]) -> str:
    """A code of a list. BadInput, naming the known ones, for another."""
    if value not in known:
        listed = tuple(known)
        raise BadInput(
            field,
            Text(f"应为{'、'.join(listed)}之一，不是“{value}”", f"must be one of {', '.join(listed)}, not {value!r}"),
        )
    return value


def rounded(value: Fraction, places: int = 1) -> Decimal:
    """A ratio as it is shown, cut towards zero, so that nothing below a limit reads as reaching it."""
    scale = 10**places
    return Decimal(int(value * scale)).scaleb(-places)


def percent(value: Fraction) -> str:
    """A share in per cent with one decimal, cut."""
    return f"{plain(rounded(value * 100))}%"


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months on, or the last one of that month."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))
