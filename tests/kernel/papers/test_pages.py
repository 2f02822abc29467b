"""Papers through the browser's door: each person does his part on the pages alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import NOW, District, make_actor, make_district
from tests.kernel.papers.factories import make_draft, make_served, make_signed
from tests.support.signing import signed_in

from quancheng.kernel.papers.models import Paper, PaperTemplate, Service
from quancheng.kernel.papers.services import serving
from quancheng.kernel.papers.services.signing import void_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def act(client: Client, name: str, row: Paper | Service, **given: Any) -> Any:
    address = "papers:paper" if isinstance(row, Paper) else "papers:service"
    return client.post(reverse(address, args=[row.pk]), {"act": name, **given})


def test_a_letter_goes_from_draft_to_closed_on_the_pages(district: District) -> None:
    officer, director = signed_in(district.officer), signed_in(district.director)
    unit = signed_in(district.department)
    assert "督促函" in officer.get(reverse("papers:new")).content.decode()
    form = officer.get(reverse("papers:new"), {"template": "urging"}).content.decode()
    assert "待补：事项" in form
    given = {
        "template": "urging", "issuer": str(district.office_org.pk), "title": "关于报送自查情况的督促函",
        "addressees": "区应急局", "body": "请于月底前报送。", "reply_working_days": "5", "openness": "closed",
    }  # fmt: skip
    made = officer.post(reverse("papers:new"), given)
    assert made.status_code == 303
    paper = Paper.objects.get()
    assert made.headers["Location"] == reverse("papers:paper", args=[paper.pk])
    assert [one.org for one in paper.addressees.all()] == [district.department_org]
    assert act(officer, "submit", paper).status_code == 303
    assert act(director, "check", paper).status_code == 303
    assert act(director, "sign", paper).status_code == 303
    assert unit.get(reverse("papers:paper", args=[paper.pk])).status_code == 404
    assert act(officer, "send_all", paper).status_code == 303
    service = Service.objects.get()
    page = unit.get(reverse("papers:service", args=[service.pk])).content.decode()
    assert "示安办督〔2026〕1号" in page
    assert act(unit, "acknowledge", service).status_code == 303
    assert act(unit, "reply", service, reply="").status_code == 422
    evidence = SimpleUploadedFile("说明.txt", "办理情况".encode())
    assert act(unit, "reply", service, reply="已部署自查。", evidence=evidence).status_code == 303
    files = officer.get(reverse("papers:service", args=[service.pk]) + "?tab=files").content.decode()
    assert "说明.txt" in files
    assert act(officer, "accept", service).status_code == 303
    paper.refresh_from_db()
    assert paper.status == "CLOSED"


def test_an_unknown_addressee_is_told_beside_the_field_and_nothing_typed_is_lost(district: District) -> None:
    officer = signed_in(district.officer)
    given = {
        "template": "letter", "issuer": str(district.office_org.pk), "title": "关于自查的函",
        "addressees": "区应急局、火星办事处", "body": "<script>正文</script>",
    }  # fmt: skip
    answer = officer.post(reverse("papers:new"), given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "没有找到该单位" in text
    assert "关于自查的函" in text
    assert "&lt;script&gt;正文" in text
    assert not Paper.objects.exists()


def test_of_two_editors_the_second_keeps_what_he_typed(district: District) -> None:
    paper = make_draft(district)
    officer = signed_in(district.officer)
    url = reverse("papers:edit", args=[paper.pk])
    seen = re.search(r'name="seen" value="([^"]+)"', officer.get(url).content.decode())
    assert seen is not None
    given = {"title": "甲", "addressees": "区应急局", "body": "正文", "seen": seen[1]}
    assert officer.post(url, given).status_code == 303
    answer = officer.post(url, {**given, "title": "乙的标题"})
    assert answer.status_code == 409
    assert "乙的标题" in answer.content.decode()
    paper.refresh_from_db()
    assert paper.title == "甲"


def test_pages_pictures_and_copies_are_shown_to_those_who_see_the_paper(district: District) -> None:
    paper = make_signed(district)
    officer, stranger = signed_in(district.officer), signed_in(district.town)
    text = officer.get(reverse("papers:paper", args=[paper.pk])).content.decode()
    picture = reverse("papers:page", args=[paper.pk, 1])
    assert picture in text
    answer = officer.get(picture)
    assert (answer.status_code, answer.content[:8]) == (200, b"\x89PNG\r\n\x1a\n")
    assert officer.get(reverse("papers:page", args=[paper.pk, 99])).status_code == 404
    for form, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = officer.get(reverse("papers:copy", args=[paper.pk, form]))
        assert (answer.status_code, answer.content[: len(start)]) == (200, start)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert stranger.get(reverse("papers:copy", args=[paper.pk, form])).status_code == 404
    assert officer.get(reverse("papers:copy", args=[paper.pk, "exe"])).status_code == 404
    assert stranger.get(picture).status_code == 404


def test_a_receipt_is_registered_with_its_scan(district: District) -> None:
    service = Service.objects.get(paper=make_signed(district))
    officer = signed_in(district.officer)
    assert act(officer, "deliver", service, receiver="某甲", served_on="2026-09-08").status_code == 422
    assert Service.objects.get(pk=service.pk).status == "TO_SERVE"


def test_lists_filter_and_export(district: District) -> None:
    paper = make_signed(district)
    make_draft(district, title="尚在拟稿")
    officer = signed_in(district.officer)
    text = officer.get(reverse("papers:list"), {"status": "SIGNED"}).content.decode()
    assert paper.number_text in text
    assert "尚在拟稿" not in text
    assert officer.get(reverse("papers:list"), {"nonsense": "1"}).status_code == 422
    assert officer.get(reverse("papers:list"), {"export": "xlsx"}).status_code == 200
    late = officer.get(reverse("papers:services"), {"late": "1"})
    assert late.status_code == 200


@pytest.mark.parametrize("count", [1, 12])
def test_the_lists_cost_the_same_whatever_their_length(
    district: District, count: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(count):
        make_signed(district)
    officer = signed_in(district.officer)
    officer.get(reverse("papers:list"))
    with django_assert_max_num_queries(40):
        officer.get(reverse("papers:list"))
    with django_assert_max_num_queries(40):
        officer.get(reverse("papers:services"))


def test_a_void_paper_says_so_on_page_and_copy(district: District) -> None:
    service = make_served(district)
    paper = Paper.objects.get(pk=service.paper_id)
    void_paper(actor=district.director, paper=paper, reason="事实有误", now=NOW)
    page = signed_in(district.officer).get(reverse("papers:paper", args=[paper.pk])).content.decode()
    assert "已作废" in page
    assert "事实有误" in page


def test_form_letters_are_changed_by_the_director_alone(district: District) -> None:
    director = signed_in(district.director)
    assert signed_in(district.officer).get(reverse("papers:templates")).status_code == 403
    url = reverse("papers:template", args=["urging"])
    assert "{单位}" in director.get(url).content.decode()
    given = {"title": "关于“{事项}”的督促函", "body": "请{单位}速办。", "reply_working_days": "3", "version": "1"}
    assert director.post(url, {**given, "body": "{什么}"}).status_code == 422
    assert director.post(url, given).status_code == 303
    assert director.post(url, given).status_code == 409
    assert PaperTemplate.objects.filter(code="urging").count() == 2


def test_an_enterprise_answers_what_it_was_served(district: District) -> None:
    paper = make_signed(district, district.enterprise_org.pk)
    enterprise, other = signed_in(district.enterprise), signed_in(district.other_enterprise)
    service = Service.objects.get(paper=paper)
    for client in (enterprise, other):
        assert client.get(reverse("papers:service", args=[service.pk])).status_code == 404
    serving.send_service(actor=district.officer, service=service, now=NOW)
    assert other.get(reverse("papers:service", args=[service.pk])).status_code == 404
    assert act(enterprise, "acknowledge", service).status_code == 303
    assert act(enterprise, "reply", service, reply="已整改。").status_code == 303
    service.refresh_from_db()
    assert service.status == "REPLIED"


def test_a_colleague_of_another_duty_sees_no_button_and_is_refused(district: District) -> None:
    paper = make_draft(district)
    analyst = signed_in(make_actor(district.office_org, "analyst"))
    page = analyst.get(reverse("papers:paper", args=[paper.pk]))
    assert page.status_code == 200
    assert 'value="submit"' not in page.content.decode()
    assert act(analyst, "submit", paper).status_code == 403
