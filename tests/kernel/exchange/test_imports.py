"""Imports: checked without writing, told cell by cell, committed whole or not at all, taken back while untouched."""

from __future__ import annotations

import io
import threading
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import translation
from tests.factories import NOW, District, make_actor, make_district, make_member, make_org
from tests.kernel.exchange.importing import book, checked, commit, imported, reasons, undo, upload
from tests.support.signing import CHEAP_HASHERS, signed_in
from tests.support.work import do_long_work

from quancheng.kernel.errors import DomainError, Invalid
from quancheng.kernel.exchange.imports import services
from quancheng.kernel.exchange.imports.declare import get_register
from quancheng.kernel.exchange.models import ImportLine, ImportRun
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import services as people
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.retention.declare import rule_of

pytestmark = pytest.mark.django_db
CODE = "people.organisations"
JSON = "application/json"
HEADS = ["单位全称", "简称", "单位类别", "上级单位", "所在区划", "链条环节", "统一社会信用代码", "别名"]
GOOD = ["示例区水务局", "区水务局", "部门", "", "示例区", "", "", "水务局、区水利局"]


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


@pytest.fixture
def admin(district: District) -> Client:
    return signed_in(make_member(district.office_org, "admin.system"))


def test_a_dry_run_writes_nothing_and_shows_what_would_change(district: District, admin: Client) -> None:
    rows = [
        GOOD,
        ["示例区应急管理局", "应急局", "部门", "", "示例区", "生产、储存、经营", "", "区应急局"],
        ["甲街道办事处", "", "镇街", "", "甲街道", "", "", ""],
    ]
    run = checked(admin, CODE, book(HEADS, *rows))
    assert run.counts == {"new": 1, "changed": 1, "unchanged": 1, "gone": 0, "bad": 0}
    assert not Organisation.objects.filter(name="示例区水务局").exists()
    page = admin.get(f"/exchange/imports/{run.pk}").content.decode()
    assert "<del>（空）</del>" in page
    assert "<ins>应急局</ins>" in page
    assert "示例区水务局" in page
    assert "甲街道办事处" not in page, "what does not change is one click away"
    assert "甲街道办事处" in admin.get(f"/exchange/imports/{run.pk}?mark=unchanged").content.decode()


def test_a_commit_writes_all_and_stands_in_the_journal_with_hash_and_rows(district: District, admin: Client) -> None:
    run = imported(admin, CODE, book(HEADS, GOOD))
    row = Organisation.objects.get(name="示例区水务局")
    assert sorted(row.aliases.values_list("name", flat=True)) == ["区水利局", "水务局"]
    assert row.area == district.area
    entry = JournalEntry.objects.get(act="exchange.import.commit")
    assert entry.facts["sha256"] == run.sha256
    assert len(entry.facts["rows"]) == 1
    assert FileLink.objects.filter(subject_id=run.pk, role="source").count() == 1
    assert admin.get(f"/exchange/imports/{run.pk}/source.xlsx").content == services.read_source(run)
    listed = admin.get("/exchange/imports/records").content.decode()
    assert "已导入" in listed


def test_columns_that_the_sheet_lacks_keep_what_stands(district: District, admin: Client) -> None:
    imported(admin, CODE, book(HEADS, GOOD))
    imported(admin, CODE, book(["单位全称", "单位类别", "机关代字"], ["示例区水务局", "部门", "示水"]))
    row = Organisation.objects.get(name="示例区水务局")
    assert (row.short_name, row.document_word, row.area) == ("区水务局", "示水", district.area)
    assert row.aliases.count() == 2


def test_a_parent_may_stand_in_the_same_sheet_even_below_its_child(district: District, admin: Client) -> None:
    child = ["示例区水务局河道管理所", "", "部门", "示例区水务局", "", "", "", ""]
    imported(admin, CODE, book(HEADS, child, GOOD))
    assert Organisation.objects.get(name="示例区水务局河道管理所").parent.name == "示例区水务局"  # type: ignore[union-attr]
    lost = checked(admin, CODE, book(HEADS, ["示例区林业局", "", "部门", "没有的局", "", "", "", ""]))
    assert reasons(lost) == [("D2", "rule")]


@pytest.mark.parametrize(
    ("place", "value", "cell", "code"),
    [
        (0, "", "A2", "required"),
        (0, "长" * 121, "A2", "too_long"),
        (2, "不知道", "C2", "not_a_choice"),
        (2, "=1+1", "C2", "formula"),
        (4, "没有的街道", "E2", "unknown_area"),
        (5, "生产、飞行", "F2", "not_a_choice"),
        (6, "91330000000000000X", "G2", "rule"),
    ],
)
def test_each_bad_cell_is_told_with_its_address(
    admin: Client, place: int, value: str, cell: str, code: str
) -> None:  # fmt: skip
    row = list(GOOD)
    row[place] = value
    run = checked(admin, CODE, book(HEADS, row))
    assert run.state == "bad"
    assert (cell, code) in reasons(run)
    assert commit(admin, run).status_code == 409
    assert not Organisation.objects.filter(short_name="区水务局").exists()


def test_headings_duplicates_and_an_empty_sheet_are_told(admin: Client) -> None:
    assert reasons(checked(admin, CODE, book(["完全", "不对"], ["甲", "乙"])))[0][1] == "no_headings"
    assert ("A1", "missing_heading") in reasons(checked(admin, CODE, book(["单位全称", "简称"], ["甲局", ""])))
    twice = checked(admin, CODE, book(HEADS, GOOD, GOOD))
    assert reasons(twice) == [("A3", "duplicate")]
    assert reasons(checked(admin, CODE, book(HEADS)))[0][1] == "empty"
    near = checked(admin, CODE, book([*HEADS, "机关代号"], [*GOOD, "甲"]))
    assert ("I1", "unknown_heading") in reasons(near)


@pytest.mark.parametrize(
    ("content", "name", "status", "said"),
    [
        (b"", "表.xlsx", 422, "空"),
        (b"%PDF-1.7 x", "表.xlsx", 415, "不是电子表格"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"0" * 600, "表.xls", 415, "旧版格式"),
        (b"PK\x03\x04broken", "表.xlsx", 415, "不是电子表格"),
        (b"0" * (20 * 2**20 + 1), "表.xlsx", 413, "超过 20 MB"),
    ],
    ids=["empty", "pdf", "old", "broken", "large"],
)
def test_a_file_that_is_no_sheet_is_refused_before_it_is_kept(
    admin: Client, content: bytes, name: str, status: int, said: str
) -> None:
    answer = upload(admin, CODE, content, name=name)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_false_extension_and_a_bomb_are_refused(admin: Client) -> None:
    answer = upload(admin, CODE, book(HEADS, GOOD), name="表.csv")
    assert (answer.status_code, "扩展名" in answer.content.decode()) == (415, True)
    target = io.BytesIO(book(HEADS, GOOD))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", b"\0" * (301 * 2**20))
    answer = upload(admin, CODE, target.getvalue())
    assert (answer.status_code, "炸弹" in answer.content.decode()) == (413, True)


def test_the_same_sheet_comes_back_with_the_errors_beside_the_cells(admin: Client) -> None:
    run = checked(admin, CODE, book(HEADS, GOOD, ["某局", "", "不知道", "", "没有的街道", "", "", ""]))
    answer = admin.get(f"/exchange/imports/{run.pk}/errors.xlsx")
    marked = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert marked.worksheets[0].title == "错误清单"
    cell = marked.worksheets[1]["C3"]
    assert cell.comment is not None
    assert "没有这个选项" in cell.comment.text
    assert cell.fill.fgColor.rgb.endswith("FDE2E2")
    # Corrected in place, it is taken as it is: marks, list of errors and all.
    marked.worksheets[1]["C3"], marked.worksheets[1]["E3"] = "部门", "甲街道"
    out = io.BytesIO()
    marked.save(out)
    imported(admin, CODE, out.getvalue())
    assert Organisation.objects.filter(name="某局").exists()


def test_the_template_has_the_headings_and_lists_and_is_taken_back(admin: Client) -> None:
    blank = openpyxl.load_workbook(io.BytesIO(admin.get(f"/exchange/imports/of/{CODE}/template.xlsx").content))
    heads = [cell.value for cell in blank.worksheets[0][1]]
    assert heads[0] == "单位全称*"
    assert blank.worksheets[1].title == "填写说明"
    row = dict.fromkeys(heads) | {"单位全称*": "模板局", "单位类别*": "部门"}
    blank.worksheets[0].append(list(row.values()))
    out = io.BytesIO()
    blank.save(out)
    imported(admin, CODE, out.getvalue())
    assert Organisation.objects.filter(name="模板局").exists()


def test_a_page_in_english_takes_a_sheet_in_chinese_and_the_other_way_round(district: District, admin: Client) -> None:
    with translation.override("en"):
        columns = get_register(CODE).session(actor=district.director, given={}, now=NOW).columns()  # type: ignore[union-attr]
        english = [str(column.heading) for column in columns if column.key in ("name", "kind")]
        kind = next(column for column in columns if column.key == "kind")
        assert kind.code_of("部门") == "department"
        word = str(kind.choices["department"])
    assert word != "部门"
    imported(admin, CODE, book(english, ["英文表头局", word]))
    assert Organisation.objects.get(name="英文表头局").kind == "department"


def test_an_undo_takes_back_what_was_new_and_restores_what_was_changed(district: District, admin: Client) -> None:
    changed = ["示例区应急管理局", "应急局", "部门", "", "甲街道", "运输", "", "换了别名"]
    run = imported(admin, CODE, book(HEADS, GOOD, changed))
    department = Organisation.objects.get(pk=district.department_org.pk)
    assert department.links == ["transport"]
    assert undo(admin, run).status_code == 303
    department.refresh_from_db()
    assert (department.short_name, department.links) == ("", ["production", "storage", "trade"])
    assert list(department.aliases.values_list("name", flat=True)) == ["区应急局"]
    assert department.area == district.area
    assert not Organisation.objects.filter(name="示例区水务局").exists()
    run.refresh_from_db()
    assert run.state == "undone"
    assert undo(admin, run).status_code == 409
    assert JournalEntry.objects.filter(act="exchange.import.undo").count() == 1


def test_an_undo_is_refused_once_a_row_was_touched_or_used_and_after_its_time(
    district: District, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = imported(admin, CODE, book(HEADS, GOOD))
    row = Organisation.objects.get(name="示例区水务局")
    Organisation.objects.filter(pk=row.pk).update(short_name="水局")
    answer = undo(admin, run)
    assert (answer.status_code, "第 2 行" in answer.content.decode()) == (409, True)
    Organisation.objects.filter(pk=row.pk).update(short_name="区水务局")
    member = make_member(row, "department.officer")
    answer = undo(admin, run)
    assert (answer.status_code, "引用" in answer.content.decode()) == (409, True)
    member.delete()
    ImportRun.objects.filter(pk=run.pk).update(committed_at=run.committed_at - timedelta(days=8))  # type: ignore[operator]
    answer = undo(admin, run)
    assert (answer.status_code, "不能撤销" in answer.content.decode()) == (409, True)
    assert Organisation.objects.filter(pk=row.pk).exists()


def test_a_second_commit_is_told_who_committed_and_a_repeated_request_acts_once(admin: Client) -> None:
    run = checked(admin, CODE, book(HEADS, GOOD))
    same = {"client_id": "6a7e7a3e-9f0b-4a55-9f39-5d8f2f2c5a10"}
    assert commit(admin, run, **same).status_code == 303
    assert commit(admin, run, **same).status_code == 303, "the same request again is the same act"
    again = commit(admin, run)
    assert again.status_code == 409
    assert "无需重复提交" in again.content.decode()
    assert JournalEntry.objects.filter(act="exchange.import.commit").count() == 1


def test_two_who_upload_the_same_sheet_are_told_of_each_other(district: District, admin: Client) -> None:
    other = signed_in(make_member(district.office_org, "admin.system", name="乙某"))
    mine, theirs = checked(admin, CODE, book(HEADS, GOOD)), checked(other, CODE, book(HEADS, GOOD))
    assert commit(other, theirs).status_code == 303
    answer = commit(admin, mine)
    assert (answer.status_code, "乙某" in answer.content.decode()) == (409, True)


def test_a_register_that_changed_since_the_preview_is_looked_at_again(district: District, admin: Client) -> None:
    row = ["示例区应急管理局", "应急局", "部门", "", "示例区", "生产、储存、经营", "", "区应急局"]
    run = checked(admin, CODE, book(HEADS, row))
    Organisation.objects.filter(pk=district.department_org.pk).update(document_word="示应急")
    answer = commit(admin, run)
    assert (answer.status_code, "重新上传" in answer.content.decode()) == (409, True)


def test_one_refused_row_keeps_all_out(district: District, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    run = checked(admin, CODE, book(HEADS, GOOD, ["另一个局", "", "部门", "", "", "", "", ""]))
    real = people.create_organisation

    def refuse_the_second(**given: Any) -> Organisation:
        if given["name"] == "另一个局":
            raise Invalid(fields={"name": "不行。"})
        return real(**given)

    monkeypatch.setattr(people, "create_organisation", refuse_the_second)
    answer = commit(admin, run)
    assert (answer.status_code, "第 3 行未能导入" in answer.content.decode()) == (409, True)
    assert not Organisation.objects.filter(name="示例区水务局").exists()


def test_who_lacks_the_duty_neither_imports_nor_sees_it(district: District, admin: Client) -> None:
    run = imported(admin, CODE, book(HEADS, GOOD))
    officer = signed_in(district.officer)
    assert officer.get(f"/exchange/imports/of/{CODE}").status_code == 403
    assert upload(officer, CODE, book(HEADS, GOOD)).status_code == 403
    for part in ("", "/errors.xlsx", "/source.xlsx"):
        assert officer.get(f"/exchange/imports/{run.pk}{part}").status_code == 404
    assert undo(officer, run).status_code == 404
    elsewhere = signed_in(make_member(district.town_org, "admin.system"))
    assert elsewhere.get(f"/exchange/imports/{run.pk}").status_code == 404
    assert CODE not in officer.get("/exchange/imports").content.decode()
    assert admin.get("/exchange/imports/of/no.such").status_code == 404


def test_uploads_that_nobody_committed_go_after_a_week(district: District, admin: Client) -> None:
    left, kept = checked(admin, CODE, book(HEADS, GOOD)), imported(admin, CODE, book(HEADS, ["留局", "", "部门"]))
    rule = rule_of("exchange.import_left")
    assert rule is not None
    later = left.created_at + timedelta(days=8)
    services.remove_runs(list(rule.due(rule.cutoff(later))), later)
    assert list(ImportRun.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not FileLink.objects.filter(subject_id=left.pk).exists()
    assert ImportLine.objects.filter(run=kept).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_commits_at_once_one_wins_and_the_other_is_told(settings: Any) -> None:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    actor = make_actor(make_org("示例区办公室", kind="office"), "admin.system")
    run = services.check_upload(
        actor=actor, code=CODE, name="表.xlsx", content=book(HEADS, [*GOOD[:4], "", *GOOD[5:]]), given={}, now=NOW
    )
    said: list[str] = []
    gate = threading.Barrier(2)

    def attempt() -> None:
        gate.wait()
        try:
            services.commit(actor=actor, run_id=run.pk, now=NOW)
            said.append("done")
        except DomainError as refused:
            said.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "import_done"]
    assert Organisation.objects.filter(name="示例区水务局").count() == 1


def test_many_rows_are_written_in_the_background_whole_or_not_at_all(
    district: District, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_AT_ONCE", 2)
    rows = [[f"示例区第{number}工作局", "", "部门"] for number in range(1, 5)]
    run = checked(admin, CODE, book(HEADS[:3], *rows))
    answer = commit(admin, run)
    assert answer.status_code == 303
    assert "/work-in-background/" in answer.headers["Location"]
    assert not Organisation.objects.filter(name="示例区第1工作局").exists()
    done = do_long_work()
    assert (done.state, done.done) == ("done", 4)
    assert f"/exchange/imports/{run.pk}" in admin.get(answer.headers["Location"]).content.decode()
    assert Organisation.objects.filter(name__startswith="示例区第").count() == 4
    assert undo(admin, run).status_code == 303


def test_programs_check_commit_and_take_back(district: District, admin: Client) -> None:
    codes = [one["code"] for one in admin.get("/api/v1/imports/registers").json()]
    assert CODE in codes
    sheet = SimpleUploadedFile("表.xlsx", book(HEADS, GOOD, ["某局", "", "不知道", "", "", "", "", ""]))
    answer = admin.post(f"/api/v1/imports/registers/{CODE}", {"file": sheet})
    told = answer.json()
    assert (answer.status_code, told["state"], told["errors"][0]["cell"]) == (201, "bad", "C3")
    assert admin.post(f"/api/v1/imports/{told['id']}/commit", content_type=JSON).status_code == 409
    answer = admin.post(
        f"/api/v1/imports/registers/{CODE}", {"file": SimpleUploadedFile("表.xlsx", book(HEADS, GOOD)), "values": "{}"}
    )
    pk = answer.json()["id"]
    committed = admin.post(f"/api/v1/imports/{pk}/commit", content_type=JSON).json()
    assert (committed["run"]["state"], committed["secrets"], committed["work_id"]) == ("committed", [], None)
    assert Organisation.objects.filter(name="示例区水务局").exists()
    assert admin.post(f"/api/v1/imports/{pk}/undo", content_type=JSON).json()["state"] == "undone"
    sheet.seek(0)
    assert admin.post(f"/api/v1/imports/registers/{CODE}", {"file": sheet, "values": "[1]"}).status_code == 422
    assert admin.post(f"/api/v1/imports/registers/{CODE}", {}).status_code == 422
    assert [one["state"] for one in admin.get("/api/v1/imports").json()["items"]] == ["undone", "bad"]
    officer = signed_in(district.officer)
    assert officer.post(f"/api/v1/imports/registers/{CODE}", {}).status_code == 403
    assert officer.get(f"/api/v1/imports/{pk}").status_code == 404
