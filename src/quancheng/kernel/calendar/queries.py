"""Reads of the calendar for pages."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from quancheng.kernel.calendar.models import HolidayDay, HolidayYear
from quancheng.kernel.errors import NotFound


def list_years() -> QuerySet[HolidayYear]:
    """The years that are known, newest first, with their days."""
    return HolidayYear.objects.prefetch_related("days").order_by("-year")


def days_between(*, first: date, last: date) -> QuerySet[HolidayDay]:
    """Named days of a span, in order; for calendars that draw them."""
    return HolidayDay.objects.filter(day__range=(first, last)).order_by("day")


def missing_years(*, today: date) -> list[int]:
    """Years whose arrangement should be known and is not: this one; from November on the next too."""
    wanted = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    known = set(HolidayYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    return [year for year in wanted if year not in known]


def get_year(year: int) -> HolidayYear:
    """:raises NotFound: its arrangement is not known."""
    found = list_years().filter(year=year).first()
    if found is None:
        raise NotFound
    return found
