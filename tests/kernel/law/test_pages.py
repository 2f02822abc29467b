"""The register's pages: everybody reads; a change of law is entered, its clauses from a sheet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.factories import District, make_district
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo, upload
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.law import queries
from quancheng.kernel.law.models import Edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


HEADS = ["条款", "主题", "内容", "依据"]
TEXT_HEADS = ["代码", "类别", "名称", "文号", "施行日期", "条文确信程度"]


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


def test_a_new_edition_is_entered_and_then_its_clauses_which_can_be_taken_back(district: District) -> None:
    client = signed_in(district.director)
    assert client.post("/law/t/GB30871", edition()).status_code == 303
    row = Edition.objects.get(number="示例令第9号")
    given = {"edition": str(row.pk), "mark": "V"}
    rows = [["1", "适用范围", "适用于示例。", ""], ["2", "", "储罐须有液位报警。", "GB 18218-2018"]]
    run = imported(client, "law.clauses", book(HEADS, *rows), **given)
    clause = queries.clause_of("GB30871", "2", on=date(2027, 1, 1))
    assert clause is not None
    assert (clause.summary, clause.basis, clause.mark) == ("储罐须有液位报警。", "GB 18218-2018", "V")
    assert Edition.objects.get(number="GB 30871-2022").effective_to == date(2026, 12, 31)
    assert "2026-12-31" in client.get("/law/t/GB30871?tab=editions").content.decode()
    unsure = given | {"mark": "G"}
    again = imported(client, "law.clauses", book(HEADS, ["2", "", "改写。", ""], ["3", "", "新增。", ""]), **unsure)
    assert row.clauses.get(place="2").mark == "G"
    assert undo(client, run).status_code == 409, "one of its rows was changed since"
    assert undo(client, again).status_code == 303
    assert list(row.clauses.order_by("place").values_list("place", "summary", "mark")) == [
        ("1", "适用于示例。", "V"), ("2", "储罐须有液位报警。", "V"),
    ]  # fmt: skip


def test_a_bad_sheet_or_a_repeated_edition_enters_nothing(district: District) -> None:
    client = signed_in(district.director)
    row = Edition.objects.get(number="GB 30871-2022")
    before = row.clauses.count()
    rows = [["1", "", "甲。", ""], ["1", "", "乙。", ""], ["3", "", "", ""]]
    run = checked(client, "law.clauses", book(HEADS, *rows), edition=str(row.pk), mark="V")
    assert reasons(run) == [("C4", "required"), ("A3", "duplicate")]
    assert upload(client, "law.clauses", book(HEADS, *rows), mark="V").status_code == 422
    assert row.clauses.count() == before
    assert client.post("/law/t/GB30871", edition(number="GB 30871-2022")).status_code == 409


def test_texts_with_their_editions_come_from_a_sheet_and_go_out_and_in_unchanged(district: District) -> None:
    client = signed_in(district.director)
    rows = [
        ["LOCAL-9", "检查清单", "示例区检查清单", "2027版", "2027-01-01", "已核对原文"],
        ["LOCAL-9", "检查清单", "示例区检查清单", "2026版", "2026-01-01", "V"],
    ]
    run = imported(client, "law.texts", book(TEXT_HEADS, *rows), source="示例公报")
    assert Edition.objects.get(number="2026版").effective_to == date(2026, 12, 31)
    export = exported(client, "/law/?q=LOCAL-9&export=xlsx")
    same = checked(client, "law.texts", book(*export), source="示例公报")
    assert (same.state, same.counts["unchanged"], same.counts["changed"]) == ("checked", 1, 0)
    other = checked(client, "law.texts", book(TEXT_HEADS, ["LOCAL-9", "法律", "改名", "2027版", "", ""]), source="无")
    assert other.state == "bad"
    assert undo(client, run).status_code == 409, "the newer edition ended the older one"


def test_dates_that_an_import_corrected_are_as_unsure_as_before_when_it_is_undone(district: District) -> None:
    client = signed_in(district.director)
    plan = Edition.objects.select_related("text").get(text="PLAN")
    before = (plan.effective_from, plan.dates_mark)
    assert before[1] != "V"
    line = ["PLAN", plan.text.get_kind_display(), plan.text.name, plan.number, "2018-01-01", ""]
    run = imported(client, "law.texts", book(TEXT_HEADS[:5], line[:5]), source="原文第十条")
    plan.refresh_from_db()
    assert (plan.effective_from, plan.dates_mark) == (date(2018, 1, 1), "V")
    assert undo(client, run).status_code == 303
    plan.refresh_from_db()
    assert (plan.effective_from, plan.dates_mark) == before


def test_an_import_that_ended_one_edition_for_the_next_is_undone_whole(district: District) -> None:
    client = signed_in(district.director)
    heads = ["代码", "类别", "名称", "文号", "施行日期", "失效日期"]
    line = ["LOCAL-9", "检查清单", "示例区检查清单"]
    imported(client, "law.texts", book(heads, [*line, "2026版", "2026-01-01", ""]), source="示例公报")
    rows = [[*line, "2026版", "2026-01-01", "2026-12-31"], [*line, "2027版", "2027-01-01", ""]]
    run = imported(client, "law.texts", book(heads, *rows), source="示例公报")
    assert Edition.objects.get(number="2026版").effective_to == date(2026, 12, 31)
    assert undo(client, run).status_code == 303
    left = Edition.objects.get(text="LOCAL-9")
    assert (left.number, left.effective_from, left.effective_to) == ("2026版", date(2026, 1, 1), None)


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
