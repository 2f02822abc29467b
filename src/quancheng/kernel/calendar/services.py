"""Entering the arrangement of a year: what ships, or what the State Council has published since."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar.models import HolidayDay, HolidayYear
from quancheng.kernel.errors import Invalid

DATA = Path(__file__).parent / "data" / "years.json"
#: Public holidays of a year are between 11 and 13 days and never stand alone; less is a sheet cut short.
FEWEST_DAYS_OFF = 7
MOST_DAYS = 60


_listeners: list[Callable[[int], None]] = []


def on_year_changed(listener: Callable[[int], None]) -> None:
    """Have something called, with the year, in the transaction that changes what is known of it; from ``ready``."""
    _listeners.append(listener)


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day that differs from its weekday, or at least is named: off, or worked to make up."""

    day: date
    works: bool
    name: str


def import_year(
    *, actor: Actor, year: int, days: Sequence[DayOff], source: str, now: datetime, mark: str = "V"
) -> HolidayYear:
    """Enter the arrangement of a year, or replace it whole.

    Open deadlines that were counted over it, by a guess or by another arrangement, are set anew by a job.
    A day of the neighbouring year may be among them where that year is known (the new year's holiday).

    :param source: the notice that says so; needed, since legal time limits rest on it.
    :raises Invalid: no source, too few days, days of other years, or one day twice.
    """
    actor.require("calendar.manage")
    check_year(year, days, source)
    with transaction.atomic():
        row, created = HolidayYear.objects.update_or_create(
            year=year, defaults={"mark": mark, "source": source.strip()[:200], "entered_at": now}
        )
        before = (
            [] if created else list(HolidayDay.objects.filter(year=row).order_by("day").values_list("day", "works"))
        )
        HolidayDay.objects.filter(year=row).delete()
        _write(days)
        journal.record(
            actor=actor, act="workcalendar.year.import", subject_type="workcalendar.holidayyear", now=now,
            facts={
                "year": year, "mark": mark, "source": row.source,
                "days": [[one.day, one.works] for one in sorted(days, key=lambda one: one.day)],
                "before": [list(one) for one in before],
            },
        )  # fmt: skip
        _tell({year, *(one.day.year for one in days)})
    return row


def remove_year(*, actor: Actor, year: int, now: datetime) -> None:
    """Take back a year that was entered by mistake; a job sets open deadlines anew, which are guesses again."""
    actor.require("calendar.manage")
    with transaction.atomic():
        if HolidayYear.objects.filter(pk=year).delete()[0]:
            journal.record(
                actor=actor, act="workcalendar.year.remove", subject_type="workcalendar.holidayyear", now=now,
                facts={"year": year},
            )  # fmt: skip
            _tell({year})


def load_shipped(*, now: datetime) -> list[int]:
    """Enter the years that ship and are not there yet; what a district entered itself is never touched."""
    loaded = []
    for entry in json.loads(DATA.read_text(encoding="utf-8"))["years"]:
        year = HolidayYear(year=entry["year"], mark=entry["mark"], source=entry["source"], entered_at=now)
        with transaction.atomic():
            if not HolidayYear.objects.filter(pk=year.pk).exists():
                year.save(force_insert=True)
                _write(shipped_days(entry))
                loaded.append(year.year)
    return loaded


def shipped_days(entry: dict[str, Any]) -> list[DayOff]:
    """The days of one entry of the data file."""
    days = []
    for holiday in entry["holidays"]:
        first, last = (date.fromisoformat(f"{entry['year']}-{text}") for text in holiday["off"])
        days += [DayOff(first + timedelta(days=n), False, holiday["name"]) for n in range((last - first).days + 1)]
        days += [
            DayOff(date.fromisoformat(f"{entry['year']}-{text}"), True, holiday["name"]) for text in holiday["work"]
        ]
    return days


def check_year(year: int, days: Sequence[DayOff], source: str) -> None:
    """:raises Invalid: as :func:`import_year` says."""
    wrong: dict[str, Any] = {}
    if not source.strip():
        wrong["source"] = _("请写明依据（通知名称、文号）。")
    named = [one.day for one in days]
    if len(set(named)) != len(named):
        wrong["days"] = _("同一日期出现了两次。")
    known = set(HolidayYear.objects.filter(year__in={day.year for day in named}).values_list("year", flat=True))
    for day in named:
        if day.year != year and not (abs(day.year - year) == 1 and day.year in known):
            wrong["days"] = _("%(day)s 不在%(year)s年内。") % {"day": day, "year": year}
    off = sum(1 for one in days if not one.works and one.day.year == year)
    if not off >= FEWEST_DAYS_OFF or len(days) > MOST_DAYS:
        wrong["days"] = wrong.get("days") or _("放假日期不完整，请按全年安排填写。")
    if wrong:
        raise Invalid(fields=wrong)


def _tell(years: set[int]) -> None:
    for year in sorted(years):
        for listener in _listeners:
            listener(year)


def _write(days: Sequence[DayOff]) -> None:
    HolidayDay.objects.bulk_create(
        [HolidayDay(day=one.day, year_id=one.day.year, works=one.works, name=one.name) for one in days],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["works", "name"],
    )
