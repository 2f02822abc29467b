"""Working days as the State Council arranged them; what is not known is said."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import NOW, District, make_district

from quancheng.kernel.calendar import Calendar, queries, services
from quancheng.kernel.calendar.models import HolidayDay, HolidayYear
from quancheng.kernel.calendar.services import DayOff
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
DAYS = st.dates(date(2021, 1, 4), date(2026, 12, 31))
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知（测试用）"


def sheet(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in [["日期", "安排", "节日名称"], *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def week_off(year: int = 2027) -> list[DayOff]:
    return [DayOff(date(year, 10, 1) + timedelta(days=n), False, "国庆节") for n in range(7)]


def test_the_years_that_ship_are_there_after_set_up_and_loading_again_changes_nothing() -> None:
    assert list(HolidayYear.objects.order_by("year").values_list("year", flat=True)) == [*range(2021, 2027)]
    before = list(HolidayDay.objects.order_by("day").values_list("day", "works"))
    assert services.load_shipped(now=NOW) == []
    assert list(HolidayDay.objects.order_by("day").values_list("day", "works")) == before


def test_shipped_days_off_and_worked_make_sense() -> None:
    """Every day worked to make up lies on a weekend, near its holiday; legal holidays are off in every year."""
    for entry in json.loads(services.DATA.read_text(encoding="utf-8"))["years"]:
        days = services.shipped_days(entry)
        off = {one.day for one in days if not one.works}
        assert len({one.day for one in days}) == len(days)
        assert {date(entry["year"], month, day) for month, day in ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))} <= off
        for one in days:
            if one.works:
                assert one.day.weekday() >= 5, one
                assert min(abs((one.day - other).days) for other in off) <= 14
        # A year has 11 legal days off (13 from 2025): what else is off on weekdays is worked on weekends.
        weekdays_off = sum(day.weekday() < 5 for day in off)
        worked = sum(one.works for one in days)
        assert 8 <= weekdays_off - worked <= 13, entry["year"]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 4), True),  # a Sunday, worked
        (date(2026, 2, 16), False),  # a Monday of the Spring Festival
        (date(2026, 2, 28), True),
        (date(2026, 9, 20), True),
        (date(2026, 9, 25), False),
        (date(2026, 10, 8), True),
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2025, 10, 8), False),
        (date(2024, 2, 9), True),  # New Year's Eve of 2024 was no holiday
    ],
)
def test_days_of_the_published_arrangements(day: date, works: bool) -> None:
    calendar = Calendar()
    assert calendar.is_working_day(day) is works
    assert not calendar.unknown_years


def test_three_working_days_over_a_holiday_with_its_make_up_days() -> None:
    """From Wednesday 30 September 2026: the 8th, the 9th and the worked Saturday the 10th."""
    assert Calendar().add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_adding_working_days_adds_up_and_counts_back(day: date, some: int, more: int) -> None:
    calendar = Calendar()
    there = calendar.add_working_days(day, some)
    assert there >= day
    assert calendar.working_days_between(day, there) == some
    assert calendar.add_working_days(there, more) == calendar.add_working_days(day, some + more)
    assert some == 0 or calendar.is_working_day(there)
    assert calendar.working_day_on_or_before(there) <= there


def test_an_unknown_year_is_said_and_asking_for_it_assumes_nothing() -> None:
    calendar = Calendar()
    assert calendar.knows(2026)
    assert not calendar.knows(2031)
    assert not calendar.unknown_years
    assert calendar.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert calendar.unknown_years == {2027}
    assert queries.missing_years(today=date(2026, 10, 31)) == []
    assert queries.missing_years(today=date(2026, 11, 1)) == [2027]


def test_the_end_of_a_day_is_the_districts() -> None:
    calendar = Calendar()
    assert calendar.end_of(date(2026, 9, 8)) == datetime(2026, 9, 8, 15, 59, 59, tzinfo=UTC)
    assert calendar.local_date(datetime(2026, 9, 8, 16, 0, tzinfo=UTC)) == date(2026, 9, 9)


@pytest.fixture
def district() -> District:
    return make_district()


def test_a_year_that_is_entered_again_is_replaced_whole(district: District) -> None:
    days = [*week_off(), DayOff(date(2027, 10, 9), True, "国庆节")]
    services.import_year(actor=district.director, year=2027, days=days, source=SOURCE, now=NOW)
    calendar = Calendar()
    assert calendar.is_working_day(date(2027, 10, 9))
    assert not calendar.is_working_day(date(2027, 10, 7))
    assert not calendar.unknown_years
    services.import_year(actor=district.director, year=2027, days=week_off(), source=SOURCE, now=NOW)
    assert not Calendar().is_working_day(date(2027, 10, 9))
    last = JournalEntry.objects.filter(act="workcalendar.year.import").latest("seq")
    assert ["2027-10-09", True] in last.facts["before"]


def test_new_years_eve_may_come_with_the_new_years_notice(district: District) -> None:
    days = [DayOff(date(2026, 12, 31), False, "元旦"), *week_off()]
    services.import_year(actor=district.director, year=2027, days=days, source=SOURCE, now=NOW)
    assert not Calendar().is_working_day(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("days", "source"),
    [
        (week_off(), " "),
        (week_off()[:3], SOURCE),
        (week_off() + week_off()[:1], SOURCE),
        (week_off(2029), SOURCE),
        ([*week_off(), DayOff(date(2028, 1, 1), False, "元旦")], SOURCE),
    ],
)
def test_an_arrangement_without_source_or_cut_short_is_refused(
    district: District, days: list[DayOff], source: str
) -> None:
    with pytest.raises(Invalid):
        services.import_year(actor=district.director, year=2027, days=days, source=source, now=NOW)
    with pytest.raises(NotPermitted):
        services.import_year(actor=district.officer, year=2027, days=week_off(), source=SOURCE, now=NOW)
    assert not HolidayYear.objects.filter(year=2027).exists()
