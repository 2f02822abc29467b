"""The pages: import, review, commit; accept, report, submit; verify. Entered as people do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.factories import make_assignment
from tests.domains.duty.test_review import TEXT, dress, register, settle
from tests.factories import District, client_of, make_district

from quancheng.domains.duty.models import Assignment, Extension, Plan, Receipt, Task
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.domains.duty.views.lists import AssignmentList
from quancheng.kernel.ids import uuid7
from quancheng.kernel.pages.export import once_each

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return dress(make_district())


def upload(text: str = TEXT, name: str = "要点.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_the_office_imports_a_file_reviews_it_and_issues_every_task(district: District) -> None:
    client = client_of(district.director)
    answer = client.post(reverse("duty:import"), {"file": upload(), "kind": "key_points"})
    plan = Plan.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == reverse("duty:review", args=[plan.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "没有找到该单位" in page
    assert page.index("信息共享") < page.index("健全机制", page.index("duty-draft"))
    refused = client.post(answer["Location"], {"act": "commit"})
    assert refused.status_code == 422
    assert not Task.objects.exists()
    for draft in plan.drafts.all():
        done = client.post(answer["Location"], {"act": "confirm", "draft": draft.pk, "version": draft.version})
        assert done.status_code == 303
    draft = next(one for one in plan.drafts.all() if "信息共享" in one.content["text"])
    match = {
        "act": "match",
        "draft": draft.pk,
        "version": draft.version,
        "unit": 0,
        "organisations": "示例区应急管理局",
    }
    assert client.post(answer["Location"], match).status_code == 303
    committed = client.post(answer["Location"], {"act": "commit", "client_id": str(uuid7())})
    assert committed["Location"] == reverse("duty:plan", args=[plan.pk])
    assert Task.objects.filter(plan=plan).count() == 3
    assert "开展专项检查" in client.get(committed["Location"]).content.decode()


def test_what_was_typed_stays_when_a_date_is_wrong(district: District) -> None:
    plan = register(district)
    draft = plan.drafts.order_by("order").first()
    assert draft is not None
    client = client_of(district.director)
    data = {
        "act": "save", "draft": draft.pk, "version": draft.version, "title": "我改的标题", "text": "内容",
        "kind": "dated", "leads": "区应急局", "start_date": "2026-03-10", "due_date": "2020-01-01",
    }  # fmt: skip
    answer = client.post(reverse("duty:review", args=[plan.pk]), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "我改的标题" in page
    assert "完成时限早于计划起始日期" in page
    draft.refresh_from_db()
    assert draft.content["title"] != "我改的标题"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("空.txt", b"", "空"), ("图.docx", b"\x89PNG\r\n\x1a\n" + b"0" * 100, ""), ("坏.pdf", b"%PDF-1.7 nonsense", "")],
)
def test_a_document_that_cannot_be_read_is_refused_beside_the_field(
    district: District, name: str, content: bytes, says: str
) -> None:
    answer = client_of(district.director).post(
        reverse("duty:import"), {"file": SimpleUploadedFile(name, content), "kind": "key_points"}
    )
    assert answer.status_code in (413, 415, 422)
    assert re.search(r'class="qc-error"', answer.content.decode())
    assert says in answer.content.decode()
    assert not Plan.objects.exists()


def test_script_in_a_document_is_shown_as_text(district: District) -> None:
    text = TEXT.replace("推进信息共享", "推进<script>alert(1)</script>信息共享")
    plan = register(district, text)
    page = client_of(district.director).get(reverse("duty:review", args=[plan.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_department_accepts_reports_with_a_photo_and_the_office_verifies(district: District) -> None:
    assignment = make_assignment(district, due_date=timezone.now().date() + timedelta(days=30))
    url = reverse("duty:assignment", args=[assignment.pk])
    unit, office = client_of(district.department), client_of(district.officer)
    assert unit.post(url, {"act": "accept"}).status_code == 303
    report = {"act": "report", "percent": 40, "text": "已检查5家。", "problems": "", "next_steps": ""}
    assert unit.post(url, report).status_code == 303
    final = {"act": "submit", "text": "全部完成。", "problems": "", "next_steps": ""}
    bare = unit.post(url, final)
    assert bare.status_code == 422
    assert "请至少上传一份佐证材料" in bare.content.decode()
    assert unit.post(url, {**final, "evidence": upload("报告正文", "报告.txt")}).status_code == 303
    page = office.get(url).content.decode()
    assert "报告.txt" in page
    assert office.post(url, {"act": "verify", "opinion": "同意"}).status_code == 303
    assignment.refresh_from_db()
    assert assignment.status == "DONE"


def test_another_unit_gets_the_answer_of_what_does_not_exist(district: District) -> None:
    assignment = make_assignment(district)
    for name, pk in (("duty:assignment", assignment.pk), ("duty:task", assignment.task_id)):
        absent = client_of(district.enterprise).get(reverse(name, args=[uuid7()]))
        hidden = client_of(district.enterprise).get(reverse(name, args=[pk]))
        assert absent.status_code == hidden.status_code == 404
        assert client_of(district.department).get(reverse(name, args=[pk])).status_code == 200


def test_nobody_signed_in_is_led_to_the_sign_in_page(district: District, client: object) -> None:
    answer = client.get(reverse("duty:tasks"))  # type: ignore[attr-defined]
    assert answer.status_code == 302
    assert "/login" in answer["Location"]


def test_an_extension_is_asked_for_and_granted_on_its_page(district: District) -> None:
    due = timezone.now().date() + timedelta(days=10)
    assignment = make_assignment(district, due_date=due)
    url = reverse("duty:assignment", args=[assignment.pk])
    unit = client_of(district.department)
    unit.post(url, {"act": "accept"})
    early = unit.post(url, {"act": "ask_extension", "to_date": due.isoformat(), "reason": "需要时间"})
    assert early.status_code == 422
    assert "需要时间" in early.content.decode()
    later = due + timedelta(days=20)
    assert (
        unit.post(url, {"act": "ask_extension", "to_date": later.isoformat(), "reason": "需要时间"}).status_code == 303
    )
    extension = Extension.objects.get()
    page = reverse("duty:extension", args=[extension.pk])
    assert client_of(district.officer).post(page, {"act": "grant", "reason": ""}).status_code == 303
    assignment.refresh_from_db()
    assert assignment.due_date == later


def test_a_town_receives_a_plan_on_its_page(district: District) -> None:
    plan = register(district)
    settle(district, plan)
    commit_plan(actor=district.director, plan=plan, now=timezone.now())
    client = client_of(district.town)
    receipt = Receipt.objects.visible_to(district.town).get()
    assert client.post(reverse("duty:receipt", args=[receipt.pk]), {"act": "receive"}).status_code == 303
    receipt.refresh_from_db()
    assert receipt.status == "RECEIVED"
    assert client.get(reverse("duty:plan", args=[plan.pk])).status_code == 200


@pytest.mark.parametrize("name", ["plans", "tasks", "assignments", "own", "receipts"])
def test_every_list_answers_counts_sorts_and_exports(district: District, name: str) -> None:
    make_assignment(district)
    client = client_of(district.director)
    url = reverse(f"duty:{name}")
    assert client.get(url).status_code == 200
    assert client.get(url, {"part": "count"}).status_code == 200
    assert client.get(url, {"nonsense": "1"}).status_code == 422
    export = client.get(url, {"export": "xlsx"})
    assert export.status_code == 200
    assert b"".join(export.streaming_content if export.streaming else [export.content])[:2] == b"PK"


def test_an_export_gives_the_values_of_the_page_and_asks_once_for_what_rows_share(
    district: District, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        make_assignment(district, title=f"任务{number}")
    page = AssignmentList()
    rows = page.read(QueryDict(""), district.director).rows
    shown = [[column.plain(row) for column in page.columns] for row in rows]
    # The rows; their tasks, units and owners (they come from no plan, and nobody is named for them).
    with django_assert_num_queries(4):
        exported = [[column.plain(row) for column in page.columns] for row in once_each(rows).iterator(chunk_size=2000)]
    assert exported == shown
    assert len(shown) == 3


def test_lights_follow_from_dates_and_reports_alone(district: District) -> None:
    today = timezone.now().date()
    start = today - timedelta(days=200)
    for number, (due, status, light) in enumerate(
        [
            (today - timedelta(days=1), "IN_PROGRESS", "red"),
            (today + timedelta(days=3), "IN_PROGRESS", "yellow"),
            (today + timedelta(days=100), "IN_PROGRESS", "yellow"),
            (today - timedelta(days=1), "DONE", "green"),
        ]
    ):
        row = make_assignment(district, start_date=start, due_date=due, title=f"任务{number}")
        Assignment.objects.filter(pk=row.pk).update(
            status=status, last_report_at=timezone.now(), closed_at=timezone.now()
        )
        from quancheng.domains.duty.queries.tasks import list_assignments

        found = list_assignments(actor=district.director, now=timezone.now()).get(pk=row.pk)
        assert found.light == light, number  # type: ignore[attr-defined]
    row = make_assignment(district, start_date=today - timedelta(days=5), due_date=today + timedelta(days=100))
    assert list_assignments(actor=district.director, now=timezone.now()).get(pk=row.pk).light == "green"  # type: ignore[attr-defined]
