"""Recurrence as data, and the periods that follow from it: pure, no clock, no database.

A recurrence is a kind with its figures:

- ``monthly`` ``{"day": 20}``
- ``quarterly`` ``{"day": 20, "months": [3, 6, 9, 12]}``
- ``yearly`` ``{"month": 11, "day": 15}``
- ``weekly`` ``{"weekday": 1}``, Monday is 1
- ``daily`` ``{"days": 1, "anchor": "2026-01-01"}``: the anchor and every so many days after it
- ``every_months`` ``{"months": 2, "anchor": "2026-01", "day": 20}``: the anchor's month and every so many after it
- ``dates`` ``{"dates": ["2026-06-30", "2026-11-15"]}``

A day that a month has not got means its last day.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

KINDS = ("monthly", "quarterly", "yearly", "weekly", "daily", "every_months", "dates")
#: More dates than that are no list of single dates.
MOST_DATES = 400


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period: the day that is due, its key, and the days it covers (both inclusive)."""

    due: date
    key: str
    first: date
    last: date


def faults(kind: str, data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a recurrence, as names of figures; empty where it can be used."""
    if kind not in KINDS:
        return ["kind"]
    expected = {
        "monthly": {"day"},
        "quarterly": {"day", "months"},
        "yearly": {"month", "day"},
        "weekly": {"weekday"},
        "daily": {"days", "anchor"},
        "every_months": {"months", "anchor", "day"},
        "dates": {"dates"},
    }[kind]
    wrong = sorted(set(data) ^ expected)
    return wrong or [name for name in sorted(expected) if not _is_sound(kind, name, data[name])]


def periods(kind: str, data: Mapping[str, Any], *, first: date, last: date) -> list[Period]:
    """Periods whose due day lies between two days, both inclusive, in order; each key once.

    :raises ValueError: an unknown kind or unsound figures.
    """
    wrong = faults(kind, data)
    if wrong:
        raise ValueError(f"unsound recurrence {kind}: {wrong}")
    if last < first:
        return []
    found = {
        "monthly": _monthly,
        "quarterly": _quarterly,
        "yearly": _yearly,
        "weekly": _weekly,
        "daily": _daily,
        "every_months": _every_months,
        "dates": _dates,
    }[kind](data, first, last)
    return sorted(period for period in found if first <= period.due <= last)


def clamped(year: int, month: int, day: int) -> date:
    """The day of a month, or the month's last where it has not got it."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _is_sound(kind: str, name: str, value: Any) -> bool:
    if name == "day":
        return _whole(value, 1, 31)
    if name == "month":
        return _whole(value, 1, 12)
    if name == "weekday":
        return _whole(value, 1, 7)
    if name == "months" and kind == "every_months":
        return _whole(value, 1, 60)
    if name == "days":
        return _whole(value, 1, 31)
    if kind == "daily":
        return isinstance(value, str) and _day(value) is not None
    if name == "months":
        whole = isinstance(value, list) and bool(value) and all(_whole(month, 1, 12) for month in value)
        # Two of one quarter would share a key.
        return whole and len({(month - 1) // 3 for month in value}) == len(value)
    if name == "anchor":
        return isinstance(value, str) and _day(f"{value}-01") is not None
    days = value if isinstance(value, list) and 0 < len(value) <= MOST_DATES else [None]
    return all(isinstance(day, str) and _day(day) is not None for day in days) and len(set(days)) == len(days)


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield number // 12, number % 12 + 1


def _monthly(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    for year, month in _months(first, last):
        due = clamped(year, month, data["day"])
        yield Period(due, f"{year:04}-{month:02}", date(year, month, 1), clamped(year, month, 31))


def _quarterly(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    for year, month in _months(first, last):
        if month in data["months"]:
            quarter = (month - 1) // 3 + 1
            begin, end = quarter * 3 - 2, quarter * 3
            due = clamped(year, month, data["day"])
            yield Period(due, f"{year:04}-Q{quarter}", date(year, begin, 1), clamped(year, end, 31))


def _yearly(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    for year in range(first.year, last.year + 1):
        due = clamped(year, data["month"], data["day"])
        yield Period(due, f"{year:04}", date(year, 1, 1), date(year, 12, 31))


def _weekly(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        year, week, _weekday = monday.isocalendar()
        due = monday + timedelta(days=data["weekday"] - 1)
        yield Period(due, f"{year:04}-W{week:02}", monday, monday + timedelta(days=6))
        if monday > date.max - timedelta(days=14):
            return
        monday += timedelta(days=7)


def _daily(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    anchor, step = date.fromisoformat(data["anchor"]), data["days"]
    begun = max((first - anchor).days, 0)
    for number in range(-(-begun // step), (last - anchor).days // step + 1):
        due = anchor + timedelta(days=number * step)
        yield Period(due, due.isoformat(), due, due)


def _every_months(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    anchor = date.fromisoformat(f"{data['anchor']}-01")
    start, step = anchor.year * 12 + anchor.month - 1, data["months"]
    for year, month in _months(first, last):
        number = year * 12 + month - 1
        if number >= start and (number - start) % step == 0:
            begin = max(number - step + 1, 12)
            due = clamped(year, month, data["day"])
            yield Period(due, f"{year:04}-{month:02}", date(begin // 12, begin % 12 + 1, 1), clamped(year, month, 31))


def _dates(data: Mapping[str, Any], first: date, last: date) -> Iterator[Period]:
    for text in data["dates"]:
        due = date.fromisoformat(text)
        yield Period(due, text, due, due)
