"""The calendar's pages: what is missing is said on top, and a year is entered from a sheet."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import District, make_district, make_member
from tests.kernel.calendar.test_calendar import SOURCE, sheet, week_off
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.calendar.models import HolidayDay, HolidayYear

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


def rows() -> list[list[object]]:
    return [[one.day, "放假", one.name] for one in week_off()]


def given(content: bytes, **more: object) -> dict[str, object]:
    return {"year": "2027", "source": SOURCE, "sheet": SimpleUploadedFile("2027.xlsx", content), **more}


def test_the_list_shows_the_years_and_everybody_may_read_them(district: District) -> None:
    text = signed_in(district.enterprise).get("/calendar/").content.decode()
    assert "2026" in text
    assert "已核对" in text
    assert "/calendar/enter" not in text
    one = signed_in(district.enterprise).get("/calendar/2026")
    assert "2026-02-14" in one.content.decode()
    assert signed_in(district.enterprise).get("/calendar/1999").status_code == 404


def test_a_missing_year_is_said_on_top(district: District) -> None:
    HolidayDay.objects.all().delete()
    HolidayYear.objects.all().delete()
    assert "尚未录入放假安排的年度" in signed_in(district.director).get("/calendar/").content.decode()


def test_the_template_is_filled_and_entered(district: District) -> None:
    client = signed_in(make_member(district.office_org, "admin.system"))
    blank = client.get("/calendar/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(blank.content))
    for row in rows():
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    answer = client.post("/calendar/enter", given(out.getvalue()))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calendar/2027")
    assert "国庆节" in client.get("/calendar/2027").content.decode()
    assert HolidayYear.objects.get(year=2027).source == SOURCE


def test_bad_cells_are_told_beside_the_sheet_and_what_was_typed_stays(district: District) -> None:
    client = signed_in(district.director)
    bad = rows()
    bad[2][1] = "也许"
    answer = client.post("/calendar/enter", given(sheet(bad)))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "B4" in text
    assert f'value="{SOURCE}"' in text
    assert client.post("/calendar/enter", given(b"%PDF-1.7")).status_code == 415
    assert client.post("/calendar/enter", given(sheet(rows()), source="")).status_code == 422
    assert not HolidayYear.objects.filter(year=2027).exists()


def test_who_lacks_the_duty_enters_nothing(district: District) -> None:
    client = signed_in(district.officer)
    assert client.get("/calendar/enter").status_code == 403
    assert client.post("/calendar/enter", given(sheet(rows()))).status_code == 403
    assert client.get("/calendar/template.xlsx").status_code == 403
    assert not HolidayDay.objects.filter(day=date(2027, 10, 1)).exists()
