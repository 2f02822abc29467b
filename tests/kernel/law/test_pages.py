"""The register's pages: everybody reads; a change of law is entered with its clauses from a sheet."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import District, make_district
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.law import queries
from quancheng.kernel.law.models import Edition, LegalText

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


def sheet(*rows: list[str]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in [["条款", "主题", "内容", "依据"], *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("clauses.xlsx", out.getvalue())


def edition(**more: object) -> dict[str, object]:
    return {
        "act": "edition", "number": "示例令第9号", "effective_from": "2027-01-01", "mark": "V", "dates_mark": "V",
        **more,
    }  # fmt: skip


def test_the_register_is_searched_by_name_and_number_without_doubling(district: District) -> None:
    client = signed_in(district.enterprise)
    text = client.get("/law/?q=GB 18218").content.decode()
    assert text.count("危险化学品重大危险源辨识") in (1, 2), "one row (and its card on a phone)"
    assert "国办发" in client.get("/law/?q=国办发〔2024〕54号").content.decode()
    assert "/law/new" not in text
    assert client.get("/law/t/NONE").status_code == 404


def test_a_text_says_which_edition_is_in_force_and_what_is_not_known(district: District) -> None:
    client = signed_in(district.enterprise)
    assert "从旧兼从轻" in client.get("/law/t/APL").content.decode()
    unknown = client.get("/law/t/PLAN").content.decode()
    assert "不明，见各版本" in unknown
    assert "待核对" in client.get("/law/t/PLAN?tab=editions").content.decode()


def test_a_new_edition_is_entered_with_its_clauses_and_ends_the_one_before(district: District) -> None:
    client = signed_in(district.director)
    rows = [["1", "适用范围", "适用于示例。", ""], ["2", "", "储罐须有液位报警。", "GB 18218-2018"]]
    assert client.post("/law/t/GB30871", edition(sheet=sheet(*rows))).status_code == 303
    clause = queries.clause_of("GB30871", "2", on=date(2027, 1, 1))
    assert clause is not None
    assert (clause.summary, clause.basis, clause.mark) == ("储罐须有液位报警。", "GB 18218-2018", "V")
    assert Edition.objects.get(number="GB 30871-2022").effective_to == date(2026, 12, 31)
    assert "2026-12-31" in client.get("/law/t/GB30871?tab=editions").content.decode()


def test_a_bad_sheet_or_a_repeated_edition_enters_nothing_and_keeps_what_was_typed(district: District) -> None:
    client = signed_in(district.director)
    twice = sheet(["1", "", "甲。", ""], ["1", "", "乙。", ""], ["3", "", "", ""])
    answer = client.post("/law/t/GB30871", edition(sheet=twice))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "C4" in text
    assert 'value="示例令第9号"' in text
    wrong = SimpleUploadedFile("clauses.xlsx", b"%PDF-1.7")
    assert client.post("/law/t/GB30871", edition(sheet=wrong)).status_code == 422
    assert client.post("/law/t/GB30871", edition(number="GB 30871-2022")).status_code == 409
    assert LegalText.objects.get(code="GB30871").editions.count() == 2


def test_a_missing_date_is_entered_with_its_source(district: District) -> None:
    client = signed_in(district.director)
    plan = Edition.objects.get(text="PLAN")
    given = {"act": "dates", "edition": str(plan.pk), "effective_from": "2018-01-01", "source": "原文第十条"}
    assert client.post("/law/t/PLAN", {**given, "source": ""}).status_code == 422
    other = Edition.objects.get(text="PEN", number="应急管理部令第18号")
    assert client.post("/law/t/PLAN", {**given, "edition": str(other.pk)}).status_code == 422
    assert client.post("/law/t/PLAN", given).status_code == 303
    assert queries.in_force("PLAN", on=date(2026, 1, 1)) == plan


def test_who_lacks_the_duty_enters_nothing(district: District) -> None:
    client = signed_in(district.officer)
    assert "?act=edition" not in client.get("/law/t/GB30871").content.decode()
    assert client.post("/law/t/GB30871", edition()).status_code == 403
    assert client.get("/law/new").status_code == 403
    assert not Edition.objects.filter(number="示例令第9号").exists()


def test_a_text_is_added_once(district: District) -> None:
    client = signed_in(district.director)
    given = {"code": "LOCAL-1", "kind": "checklist", "name": "示例区检查清单"}
    assert client.post("/law/new", given).headers["Location"] == "/law/t/LOCAL-1"
    assert client.get("/law/t/LOCAL-1").status_code == 200
    again = client.post("/law/new", given)
    assert again.status_code == 409
    assert "该代码已存在。" in again.content.decode()
