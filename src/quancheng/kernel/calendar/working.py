"""The calendar as a value: counts working days, and says which years it does not know."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_END = time(23, 59, 59)


class Calendar:
    """Working days of the years it is asked for; loads each year once from the database.

    :ivar assumed: years that are not known: their days were counted by the week alone, and whoever shows the
        result says so.
    """

    def __init__(self) -> None:
        self.assumed: set[int] = set()
        self._years: dict[int, dict[date, bool] | None] = {}

    @property
    def asked_years(self) -> frozenset[int]:
        """Every year that was looked at so far: what was counted changes with these alone."""
        return frozenset(self._years)

    @property
    def unknown_years(self) -> frozenset[int]:
        """The same as ``assumed``, as a value to keep with a result."""
        return frozenset(self.assumed)

    def knows(self, year: int) -> bool:
        """Whether the arrangement of a year is known; asking alone assumes nothing."""
        return self._load(year) is not None

    def local_date(self, moment: datetime) -> date:
        """The local day of an aware time."""
        return moment.astimezone(ZONE).date()

    def end_of(self, day: date) -> datetime:
        """The last second of a local day, aware."""
        return datetime.combine(day, _END, ZONE)

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(0), ZONE)

    def is_working_day(self, day: date) -> bool:
        known = self._year(day.year)
        return known.get(day, day.weekday() < 5)

    def add_working_days(self, day: date, count: int) -> date:
        """The day that lies ``count`` working days after ``day``, which itself does not count (count >= 0)."""
        if count < 0:
            raise ValueError("count back with working_day_before")
        while count > 0:
            day += timedelta(days=1)
            if self.is_working_day(day):
                count -= 1
        return day

    def working_day_on_or_before(self, day: date) -> date:
        while not self.is_working_day(day):
            day -= timedelta(days=1)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after ``first`` up to and with ``last``; negative where ``last`` lies before."""
        if last < first:
            return -self.working_days_between(last, first)
        days = (last - first).days
        return sum(self.is_working_day(first + timedelta(days=n)) for n in range(1, days + 1))

    def _year(self, year: int) -> dict[date, bool]:
        days = self._load(year)
        if days is None:
            self.assumed.add(year)
        return days or {}

    def _load(self, year: int) -> dict[date, bool] | None:
        if year not in self._years:
            from quancheng.kernel.calendar.models import HolidayYear

            # One row where the year is known and names no day; none where nobody entered it.
            rows = list(HolidayYear.objects.filter(year=year).values_list("days__day", "days__works"))
            self._years[year] = {day: works for day, works in rows if day is not None} if rows else None
        return self._years[year]
