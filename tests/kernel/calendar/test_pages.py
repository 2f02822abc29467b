"""The calendar's pages: what is missing is said on top, and a year is entered from a sheet."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from tests.factories import District, make_district, make_member
from tests.kernel.calendar.test_calendar import SOURCE, week_off
from tests.kernel.exchange.importing import book, checked, commit, imported, reasons, undo, upload
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.calendar.models import HolidayDay, HolidayYear

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


def rows() -> list[list[object]]:
    return [[one.day, "放假", one.name] for one in week_off()]


HEADS = ["日期", "安排", "节日名称"]
GIVEN = {"year": "2027", "source": SOURCE}


def test_the_list_shows_the_years_and_everybody_may_read_them(district: District) -> None:
    text = signed_in(district.enterprise).get("/calendar/").content.decode()
    assert "2026" in text
    assert "已核对" in text
    assert "/exchange/imports/of/" not in text
    one = signed_in(district.enterprise).get("/calendar/2026")
    assert "2026-02-14" in one.content.decode()
    assert signed_in(district.enterprise).get("/calendar/1999").status_code == 404


def test_a_missing_year_is_said_on_top(district: District) -> None:
    HolidayDay.objects.all().delete()
    HolidayYear.objects.all().delete()
    assert "尚未录入放假安排的年度" in signed_in(district.director).get("/calendar/").content.decode()


def test_the_template_is_filled_entered_replaced_and_taken_back(district: District) -> None:
    client = signed_in(make_member(district.office_org, "admin.system"))
    assert "/exchange/imports/of/workcalendar.years" in client.get("/calendar/").content.decode()
    blank = client.get("/exchange/imports/of/workcalendar.years/template.xlsx")
    book_ = openpyxl.load_workbook(io.BytesIO(blank.content))
    for row in rows():
        book_.worksheets[0].append(row)
    out = io.BytesIO()
    book_.save(out)
    imported(client, "workcalendar.years", out.getvalue(), **GIVEN)
    assert "国庆节" in client.get("/calendar/2027").content.decode()
    assert HolidayYear.objects.get(year=2027).source == SOURCE

    again = [*rows()[1:], [date(2027, 1, 1), "放假", "元旦"], [date(2027, 10, 9), "班", "国庆节"]]
    run = checked(client, "workcalendar.years", book(HEADS, *again), year="2027", source="更正通知")
    assert (run.counts["new"], run.counts["gone"]) == (2, 1)
    assert commit(client, run).status_code == 303
    assert HolidayDay.objects.get(day=date(2027, 10, 9)).works
    assert not HolidayDay.objects.filter(day=rows()[0][0]).exists()
    assert undo(client, run).status_code == 303
    assert not HolidayDay.objects.filter(day=date(2027, 10, 9)).exists()
    assert HolidayDay.objects.filter(day=rows()[0][0]).exists()
    assert HolidayYear.objects.get(year=2027).source == SOURCE


def test_a_new_year_is_taken_back_whole(district: District) -> None:
    client = signed_in(district.director)
    run = imported(client, "workcalendar.years", book(HEADS, *rows()), **GIVEN)
    assert undo(client, run).status_code == 303
    assert not HolidayYear.objects.filter(year=2027).exists()


def test_bad_cells_and_a_year_cut_short_are_told_and_nothing_is_entered(district: District) -> None:
    client = signed_in(district.director)
    bad = rows()
    bad[1][0], bad[2][1], bad[3][0] = "十月二日", "也许", bad[4][0]
    told = checked(client, "workcalendar.years", book(HEADS, *bad), **GIVEN)
    assert reasons(told) == [("A3", "bad_date"), ("B4", "not_a_choice"), ("A6", "duplicate")]
    short = checked(client, "workcalendar.years", book(HEADS, *rows()[:3]), **GIVEN)
    assert [code for _cell, code in reasons(short)] == ["rule"]
    answer = upload(client, "workcalendar.years", book(HEADS, *rows()), year="2027", source="")
    assert answer.status_code == 422
    assert 'value="2027"' in answer.content.decode()
    assert not HolidayYear.objects.filter(year=2027).exists()


def test_who_lacks_the_duty_enters_nothing(district: District) -> None:
    client = signed_in(district.officer)
    assert upload(client, "workcalendar.years", book(HEADS, *rows()), **GIVEN).status_code == 403
    assert not HolidayYear.objects.filter(year=2027).exists()
