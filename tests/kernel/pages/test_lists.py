"""Ledgers through the test client: filters, sorting, columns, views, counting, refusals."""

from __future__ import annotations

import io
import uuid
from typing import Any

import openpyxl
import pytest
from django.forms import ChoiceField, Form
from django.template import Context, Template
from django.test import Client
from django.utils.translation import override
from tests.support.pages import SOMEONE, Someone, organisation, sign_in

from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.pages import words
from quancheng.kernel.pages.models import SavedView

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def names(answer: Any) -> list[str]:
    return [line.cells[0].html for line in answer.context["lines"]]


def test_a_ledger_answers_a_browser_with_a_page_and_htmx_with_the_part(demo_pages: Someone, client: Client) -> None:
    sign_in()
    whole = client.get("/demo/")
    part = client.get("/demo/", headers=HTMX)
    assert whole.status_code == part.status_code == 200
    assert b"<!doctype html>" in whole.content
    assert b"<!doctype" not in part.content
    assert b'id="qc-list"' in part.content
    assert "HX-Request" in whole.headers["Vary"]


def test_when_htmx_restores_history_the_whole_page_is_sent(demo_pages: Someone, client: Client) -> None:
    sign_in()
    answer = client.get("/demo/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<!doctype html>" in answer.content


def test_nobody_signed_in_is_led_to_sign_in_and_back(demo_pages: Someone, client: Client) -> None:
    answer = client.get("/demo/?q=a")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("?next=%2Fdemo%2F%3Fq%3Da")


def test_a_ledger_behind_a_duty_is_refused_without_it(demo_pages: Someone, client: Client) -> None:
    sign_in()
    refused = client.get("/demo/fast")
    sign_in("demo.fast.open", organisation_row=organisation(7))
    allowed = client.get("/demo/fast")
    assert (refused.status_code, allowed.status_code) == (403, 200)
    assert "demo.fast.open" in refused.content.decode()


@pytest.mark.parametrize("query", ["colour=red", "sort=secret", "sort=light", "cols=name,secret", "page=0", "page=x"])
def test_an_unknown_filter_sort_column_or_page_is_refused_and_never_the_whole_list(
    demo_pages: Someone, client: Client, query: str
) -> None:
    sign_in()
    organisation(1)
    answer = client.get(f"/demo/?{query}")
    assert answer.status_code == 422
    assert "示范区第001工作局" not in answer.content.decode()


@pytest.mark.parametrize("query", ["kind=castle", "created_from=2026-02-30", "created_from=x", "parent=1", "open=2"])
def test_a_filter_that_cannot_be_read_is_told_beside_it_and_shows_no_rows(
    demo_pages: Someone, client: Client, query: str
) -> None:
    sign_in()
    organisation(1)
    answer = client.get(f"/demo/?{query}")
    assert answer.status_code == 422
    assert answer.context["lines"] == []
    text = answer.content.decode()
    assert "qc-filter-wrong" in text
    assert query.split("=")[1] in text or query.startswith(("kind", "parent", "open"))


def test_an_end_before_its_beginning_is_refused(demo_pages: Someone, client: Client) -> None:
    sign_in()
    answer = client.get("/demo/?created_from=2026-02-02&created_to=2026-02-01")
    assert answer.status_code == 422
    assert "起始日期不能晚于截止日期" in answer.content.decode()


def test_days_count_from_local_midnight_to_the_next_at_both_ends(demo_pages: Someone, client: Client) -> None:
    sign_in()  # created at 2026-11-23 06:05 UTC, which is the 23rd in Shanghai
    assert len(names(client.get("/demo/?created_from=2026-11-23&created_to=2026-11-23"))) == 1
    assert names(client.get("/demo/?created_to=2026-11-22")) == []
    assert names(client.get("/demo/?created_from=2026-11-24")) == []


def test_words_and_pinyin_initials_find_the_same_row(demo_pages: Someone, client: Client) -> None:
    sign_in()
    organisation(1)
    organisation(2, name="示范区消防大队", pinyin="shifanquxiaofangdadui", initials="sfqxfdd")
    for typed in ("消防", "sfqxf", "SFQXF", "shifanquxiao", "示范 消防"):
        found = names(client.get("/demo/", {"q": typed}))
        assert len(found) == 1, typed
        assert "消防大队" in found[0]
    assert names(client.get("/demo/?q=%25")) == [], "a per cent sign is a character, no wildcard"


def test_sorting_turns_with_the_second_click_and_keeps_the_filter(demo_pages: Someone, client: Client) -> None:
    sign_in()
    organisation(1)
    organisation(2)
    up = client.get("/demo/?q=工作局&sort=name")
    head = next(head for head in up.context["heads"] if head.key == "name")
    down = client.get(head.sort_url)
    assert head.sorted == "ascending"
    assert names(down) == list(reversed(names(up)))
    assert len(names(down)) == 2


def test_pages_follow_each_other_without_gap_or_repetition(demo_pages: Someone, client: Client) -> None:
    sign_in()
    for number in range(1, 45):
        organisation(number)
    seen: list[str] = []
    url = "/demo/"
    while url:
        answer = client.get(url)
        seen += [line.pk for line in answer.context["lines"]]
        url = answer.context["next_url"]
    assert len(seen) == len(set(seen)) == 45


def test_pages_beyond_the_ten_thousandth_row_are_refused_with_advice(demo_pages: Someone, client: Client) -> None:
    sign_in()
    assert client.get("/demo/?page=500").status_code == 200
    answer = client.get("/demo/?page=501")
    assert answer.status_code == 422
    assert "导出后查看" in answer.content.decode()


def test_the_count_comes_in_a_second_request(demo_pages: Someone, client: Client) -> None:
    sign_in()
    for number in range(1, 30):
        organisation(number)
    first = client.get("/demo/?kind=department")
    second = client.get(first.context["count_url"], headers=HTMX)
    assert first.context["count"] is None
    assert "共 30 条" in second.content.decode()
    assert b"<tr" not in second.content
    without_script = client.get(first.context["count_url"])
    assert "共 30 条" in without_script.content.decode()
    assert b"<!doctype html>" in without_script.content


def test_beyond_the_exact_limit_the_count_is_marked_as_about(
    demo_pages: Someone, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in()
    for number in range(1, 6):
        organisation(number)
    monkeypatch.setattr("quancheng.kernel.pages.lists.EXACT_COUNT", 6)
    assert "共 6 条" in client.get("/demo/?part=count", headers=HTMX).content.decode()
    monkeypatch.setattr("quancheng.kernel.pages.lists.EXACT_COUNT", 5)
    assert "约 5 条以上" in client.get("/demo/?part=count", headers=HTMX).content.decode()


def test_chosen_columns_are_shown_in_the_order_of_the_list(demo_pages: Someone, client: Client) -> None:
    sign_in()
    answer = client.get("/demo/?cols=credit_code&cols=name")
    assert [head.key for head in answer.context["heads"]] == ["name", "credit_code"]


def test_a_view_is_saved_shown_as_a_tab_and_deleted_again(demo_pages: Someone, client: Client) -> None:
    sign_in()
    saved = client.post("/demo/", {"act": "save_view", "name": "部门", "query": "page=3&kind=department&q="})
    assert saved.status_code == 303
    assert saved.headers["Location"] == "/demo/?kind=department"
    tabs = client.get("/demo/?q=&kind=department").context["tabs"]
    assert [(tab.name, tab.current) for tab in tabs] == [("全部", False), ("部门", True)]
    assert client.post("/demo/", {"act": "delete_view", "view": tabs[1].view_id}).status_code == 303
    assert SavedView.objects.count() == 0


def test_a_view_of_the_same_name_is_replaced_not_doubled(demo_pages: Someone, client: Client) -> None:
    sign_in()
    for query in ("kind=department", "open=1"):
        client.post("/demo/", {"act": "save_view", "name": "常用", "query": query})
    assert SavedView.objects.get().query == "open=1"


def test_another_persons_view_is_neither_seen_nor_deleted(demo_pages: Someone, client: Client) -> None:
    sign_in()
    client.post("/demo/", {"act": "save_view", "name": "我的", "query": "open=1"})
    view = SavedView.objects.get()
    sign_in(organisation_row=organisation(9))
    assert [tab.name for tab in client.get("/demo/").context["tabs"]] == ["全部"]
    assert client.post("/demo/", {"act": "delete_view", "view": str(view.pk)}).status_code == 404
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(("name", "said"), [("  ", "请填写视图名称"), ("长" * 31, "最多 30 个字")])
def test_a_view_without_a_proper_name_is_refused_and_what_was_typed_stays(
    demo_pages: Someone, client: Client, name: str, said: str
) -> None:
    sign_in()
    answer = client.post("/demo/", {"act": "save_view", "name": name, "query": "open=1"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert answer.context["view_name"] == name
    assert SavedView.objects.count() == 0


def test_the_twenty_first_view_is_refused(demo_pages: Someone, client: Client) -> None:
    sign_in()
    for number in range(20):
        client.post("/demo/", {"act": "save_view", "name": f"视图{number}", "query": "open=1"})
    assert client.post("/demo/", {"act": "save_view", "name": "再一个", "query": "open=1"}).status_code == 422
    assert SavedView.objects.count() == 20


def test_an_unknown_view_or_act_is_refused(demo_pages: Someone, client: Client) -> None:
    sign_in()
    assert client.post("/demo/", {"act": "delete_view", "view": str(uuid.uuid4())}).status_code == 404
    assert client.post("/demo/", {"act": "delete_view", "view": "x"}).status_code == 400
    assert client.post("/demo/", {"act": "drop"}).status_code == 422
    assert client.post("/demo/", {"act": "save_view", "name": "a", "query": "colour=1"}).status_code == 422


def test_markup_in_a_name_is_shown_as_text(demo_pages: Someone, client: Client) -> None:
    sign_in()
    organisation(1, name='<script>alert("x")</script>')
    text = client.get("/demo/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("rows", [1, 20])
def test_a_ledger_costs_the_same_queries_whatever_its_length(
    demo_pages: Someone, client: Client, django_assert_num_queries: Any, rows: int
) -> None:
    sign_in()
    for number in range(1, rows):
        organisation(number)
    # House, rows, organisations of the filter, saved views, memberships of the person, the menu's counts.
    with django_assert_num_queries(6):
        client.get("/demo/")
    with django_assert_num_queries(3):
        client.get("/demo/", headers=HTMX)


def test_the_menu_shows_only_entries_whose_duty_the_actor_holds(demo_pages: Someone, client: Client) -> None:
    actor = sign_in()
    assert "快办" not in client.get("/demo/").content.decode()
    SOMEONE.actor = type(actor)(**{name: getattr(actor, name) for name in actor.__slots__} | {"duties": frozenset({"demo.fast.open"})})  # fmt: skip # noqa: E501
    assert "快办" in client.get("/demo/").content.decode()


def test_the_export_holds_the_rows_columns_and_order_on_the_page_and_is_journaled(
    demo_pages: Someone, client: Client
) -> None:
    sign_in()
    organisation(1, name="=1+1", short_name="甲")
    organisation(2)
    answer = client.get("/demo/?kind=department&sort=-name&cols=name,short_name&export=xlsx")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = [[str(cell) for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    flat = [cell for row in cells for cell in row]
    assert ["单位全称", "简称"] in cells
    assert any("类别：部门" in cell for cell in flat), "the conditions stand on the sheet"
    shown = [line.cells[0].html for line in client.get("/demo/?kind=department&sort=-name").context["lines"]]
    order = [row[0] for row in cells if row and any(row[0].lstrip("'") in name for name in shown)]
    assert [name.lstrip("'") in here for name, here in zip(order, shown, strict=True)] == [True] * 3
    assert "=1+1" not in flat or sheet.cell(1, 1).data_type != "f"
    entry = JournalEntry.objects.get(act="demo.organisations.export")
    assert entry.facts["rows"] == 3


def test_an_address_that_exports_more_rows_than_one_may_wait_for_is_refused_with_advice(
    demo_pages: Someone, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in()
    organisation(1)
    monkeypatch.setattr("quancheng.kernel.pages.lists.EXPORT_ROWS", 2)
    assert client.get("/demo/?export=xlsx").status_code == 200
    organisation(2)
    answer = client.get("/demo/?export=xlsx")
    assert answer.status_code == 413
    assert "缩小范围" in answer.content.decode()


def test_words_stand_one_after_another_and_figures_in_groups_as_the_language_writes_them() -> None:
    assert (words.listed(["甲", "乙"]), words.grouped(9999), words.grouped(12345)) == ("甲、乙", "9999", "12\u2009345")
    with override("en"):
        assert words.listed(iter(["A", "B", "C"])) == "A, B, C"
    page = Template("{% load pages %}{{ number|grouped }}{{ word|grouped }}").render(Context({"number": 1_234_567}))
    assert "1\u2009234\u2009567" in page


def test_the_empty_choice_of_a_select_is_a_word() -> None:
    class Asked(Form):
        kind = ChoiceField(choices=[("", "—"), ("a", "甲")], required=False)
        other = ChoiceField(choices=[("", "---------"), ("b", "乙")])

    page = str(Asked())
    assert page.count(">请选择</option>") == 2
    assert ">甲</option>" in page
    assert "---" not in page
