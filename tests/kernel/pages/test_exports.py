"""Exports: at once while they are short, in the background where they are long; the same rows either way."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from tests.factories import District, make_district
from tests.support.signing import signed_in
from tests.support.work import do_long_work

from quancheng.kernel.exchange.sheets import SheetColumn, stream_xlsx, write
from quancheng.kernel.house.models import House
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.notices.services import notify
from quancheng.kernel.people.models import Role

pytestmark = pytest.mark.django_db
QUERY = "kind=work.urged&sort=-created_at&cols=text,created_at"


@pytest.fixture
def district(monkeypatch: pytest.MonkeyPatch) -> District:
    """Three notices of the officer's and one of somebody else's; two rows are as many as one may wait for."""
    monkeypatch.setattr("quancheng.kernel.pages.lists.EXPORT_ROWS", 2)
    district = make_district()
    for number in range(3):
        tell(district.officer.user_id, f"T-000{number}")
    tell(district.director.user_id, "T-0009")
    return district


def tell(user: Any, title: str) -> None:
    notify(users=[user], kind="work.urged", data={"title": title, "from": "甲"}, now=timezone.now())


def rows_of(content: bytes) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]


def export(client: Any, query: str = QUERY) -> Any:
    return client.post(reverse("notices:list"), {"act": "export", "query": query})


def fetched(client: Any, work: LongWork) -> bytes:
    return b"".join(client.get(reverse("api:read_long_work_file", args=[work.pk])).streaming_content)


def test_a_short_list_is_answered_at_once(district: District) -> None:
    Notice.objects.filter(user=district.officer.user_id).first().delete()  # type: ignore[union-attr]
    answer = export(signed_in(district.officer))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(rows_of(answer.content)) == 2 + 2 + 1
    assert not LongWork.objects.exists()


def test_a_long_list_is_exported_in_the_background_as_it_is_shown(district: District) -> None:
    client = signed_in(district.officer)
    answer = export(client)
    work = LongWork.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, work.get_absolute_url())
    assert export(client).headers["Location"] == work.get_absolute_url(), "asked for twice it is begun once"
    work = do_long_work()
    assert (work.state, work.done, work.total) == ("done", 3, 3)
    rows = rows_of(fetched(client, work))
    assert [row[0] for row in rows] == [
        "消息",
        "类别：催办",
        "内容",
        *(f"甲催办：T-000{number}" for number in (2, 1, 0)),
    ]
    entry = JournalEntry.objects.get(act="notices.inbox.export")
    assert entry.user_id == district.officer.user_id
    assert entry.facts == {"rows": 3, "filters": "类别：催办", "columns": ["text", "created_at"]}


def test_a_demo_is_marked_in_the_background_too(district: District) -> None:
    House.objects.create(kind="demo", district_code="990001", district_name="示范区", born_at=timezone.now())
    client = signed_in(district.officer)
    export(client)
    assert rows_of(fetched(client, do_long_work()))[0][0] == "消息（演示数据）"


def test_it_reads_english_where_it_was_asked_for_in_english(district: District) -> None:
    client = signed_in(district.officer)
    client.cookies["django_language"] = "en"
    export(client)
    work = do_long_work()
    assert (work.title, rows_of(fetched(client, work))[0][0]) == ("Export: Notices", "Notices")


def test_whose_duty_was_taken_away_meanwhile_gets_nothing(district: District) -> None:
    client = signed_in(district.director)
    asked = json.dumps({"list": "schedule.rules"})
    assert client.post(reverse("api:start_export"), asked, content_type="application/json").status_code == 202
    for role in Role.objects.filter(duties__contains=["schedule.manage"]):
        Role.objects.filter(pk=role.pk).update(duties=[duty for duty in role.duties if duty != "schedule.manage"])
    work = do_long_work()
    assert work.state == "failed"
    assert "职责" in work.message


def test_programs_find_begin_and_fetch_an_export(district: District) -> None:
    client = signed_in(district.officer)
    listed = {each["code"]: each for each in client.get(reverse("api:list_exportable")).json()}
    assert "kind" in listed["notices.inbox"]["parameters"]
    assert "people.users" not in listed, "a list that is not for him"

    def ask(**given: str) -> Any:
        return client.post(reverse("api:start_export"), json.dumps(given), content_type="application/json")

    answer = ask(list="notices.inbox", query=QUERY)
    assert answer.status_code == 202
    assert rows_of(fetched(client, do_long_work()))[3][0] == "甲催办：T-0002"
    assert ask(list="no.such").status_code == 422
    assert ask(list="people.users").status_code == 403
    assert ask(list="notices.inbox", query="colour=red").status_code == 422


def test_more_rows_than_a_sheet_holds_go_on_in_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MAX_ROWS", 5)
    rows = [[number] for number in range(7)]
    content = b"".join(stream_xlsx([SheetColumn("n", "数")], rows, title="清单", demo=True))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["清单", "清单 2", "清单 3"]
    read = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
    assert read == [
        ["清单（演示数据）", "数", 0, 1, 2],
        ["清单（演示数据）", "数", 3, 4, 5],
        ["清单（演示数据）", "数", 6],
    ]
    assert [sheet.print_title_rows for sheet in book.worksheets] == ["$2:$2"] * 3


def test_exactly_as_many_rows_as_a_sheet_holds_stay_on_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MAX_ROWS", 5)
    content = b"".join(stream_xlsx([SheetColumn("n", "数")], [[1], [2], [3]], title="清单", demo=False))
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["清单"]
