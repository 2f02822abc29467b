"""Situation packs: figures filled in, frozen when made, handed out as Word and PDF."""

from __future__ import annotations

import time
from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from tests.domains.duty.plan_text import commit
from tests.factories import District, client_of, make_district
from tests.support.work import do_long_work

from quancheng.domains.duty.models import Assignment, Pack, Plan
from quancheng.domains.duty.queries import pack_content as packs
from quancheng.domains.duty.services import work
from quancheng.domains.duty.services.reports import make_pack
from quancheng.kernel.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def plan(district: District) -> Plan:
    """A plan of three tasks with one report of progress and one task cancelled."""
    now = timezone.now()
    plan = commit(district, now - timedelta(days=30), period_to=(now + timedelta(days=300)).date())
    one, two, _three = Assignment.objects.filter(org=district.department_org).order_by("task__order")
    work.accept(actor=district.department, assignment=one, now=now)
    spec = work.ProgressSpec(percent=60, text="已印发清单", problems="专业力量不足", next_steps="抓紧公示")
    work.report_progress(actor=district.department, assignment=one, spec=spec, now=now)
    work.close_by_office(actor=district.director, assignment=two, name="cancel", reason="合并办理", now=now)
    return plan


def form(plan: Plan, **given: str) -> dict[str, str]:
    today = timezone.localdate()
    days = {"first_date": str(today - timedelta(days=40)), "last_date": str(today)}
    return {"plans": str(plan.pk), **days, **given}


def text_of(body: bytes) -> str:
    document = Document(BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


@pytest.mark.clause("S2-G2b")
def test_the_office_draws_up_a_status_sheet_with_its_figures(district: District, plan: Plan) -> None:
    """The office produces a status sheet for dispatch as a Word document with the figures filled in."""
    client = client_of(district.director)
    made = client.post(reverse("duty:pack_new"), form(plan))
    pack = Pack.objects.get()
    assert made["Location"] == reverse("duty:pack", args=[pack.pk])
    page = client.get(made["Location"]).content.decode()
    # Department and two towns; one of the five assignments is cancelled.
    assert "共分解落实承办任务4项，涉及3个单位" in page
    body = client.get(reverse("duty:pack_document", args=[pack.pk, "docx"])).content
    text = text_of(body)
    assert "共分解落实承办任务4项" in text
    assert "专业力量不足" in text
    assert "抓紧公示" in text
    assert [text.index(one) for one in ("总体情况", "超期任务", "存在问题", "下步打算")]
    pdf = client.get(reverse("duty:pack_document", args=[pack.pk, "pdf"])).content
    assert pdf.startswith(b"%PDF")
    assert client.get(reverse("duty:pack_document", args=[pack.pk, "exe"])).status_code == 404


def test_a_pack_on_very_many_assignments_is_drawn_up_in_the_background(
    district: District, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(district.director)
    monkeypatch.setattr("quancheng.domains.duty.queries.packs.WAITED_FOR", 4)
    made = client.post(reverse("duty:pack_new"), form(plan))
    assert not Pack.objects.exists()
    assert client.post(reverse("duty:pack_new"), form(plan, last_date="2020-01-01")).status_code == 422
    work = do_long_work()
    pack = Pack.objects.get()
    assert (work.state, made["Location"]) == ("done", work.get_absolute_url())
    assert reverse("duty:pack", args=[pack.pk]) in client.get(made["Location"]).content.decode()
    page = client.get(reverse("duty:pack", args=[pack.pk])).content.decode()
    assert "共分解落实承办任务4项，涉及3个单位" in page


def test_a_pack_stands_as_it_was_made(district: District, plan: Plan) -> None:
    today = timezone.localdate()
    pack = make_pack(actor=district.director, plans=[plan], first=today, last=today, now=timezone.now())
    url = reverse("duty:pack_document", args=[pack.pk, "docx"])
    before = text_of(client_of(district.director).get(url).content)
    last = Assignment.objects.filter(org=district.department_org, status="ASSIGNED").order_by("pk")[0]
    work.close_by_office(actor=district.director, assignment=last, name="cancel", reason="不再需要", now=timezone.now())
    assert text_of(client_of(district.director).get(url).content) == before


def test_a_rate_of_nothing_is_a_dash_and_never_a_hundred() -> None:
    assert packs.rate(0, 0) == "—"
    assert packs.rate(1, 3) == "33.3%"


def test_days_in_the_wrong_order_and_no_plan_are_told_beside_their_fields(district: District, plan: Plan) -> None:
    client = client_of(district.director)
    today = str(timezone.localdate())
    wrong = client.post(reverse("duty:pack_new"), form(plan, first_date=today, last_date="2020-01-01"))
    assert wrong.status_code == 422
    assert "截止日期不能早于起始日期" in wrong.content.decode()
    assert client.post(reverse("duty:pack_new"), form(plan, plans="")).status_code == 422
    with pytest.raises(Invalid):
        make_pack(
            actor=district.director, plans=[], first=timezone.localdate(), last=timezone.localdate(), now=timezone.now()
        )
    assert not Pack.objects.exists()


def test_a_pack_is_its_makers_organisations_alone(district: District, plan: Plan) -> None:
    today = timezone.localdate()
    pack = make_pack(actor=district.director, plans=[plan], first=today, last=today, now=timezone.now())
    assert client_of(district.department).get(reverse("duty:pack", args=[pack.pk])).status_code == 404
    url = reverse("duty:pack_document", args=[pack.pk, "docx"])
    assert client_of(district.department).get(url).status_code == 404
    with pytest.raises(NotPermitted):
        make_pack(actor=district.town, plans=[plan], first=today, last=today, now=timezone.now())


def test_a_pack_is_made_while_one_waits(district: District, plan: Plan) -> None:
    today, began = timezone.localdate(), time.monotonic()
    make_pack(actor=district.director, plans=[plan], first=today, last=today, now=timezone.now())
    assert time.monotonic() - began < 2
