"""Operating procedures and rules: editions, and who acknowledged the one in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.domains.training.factories import make_person, make_post, role
from tests.factories import District, client_of

from quancheng.domains.training.models import DocumentReading, Person, RuleDocument


@pytest.fixture
def loader(district: District) -> Person:
    person = make_person(district, name="装卸甲")
    make_post(district, person, "loader")
    return person


def issue(client: Client, **given: Any) -> Any:
    body = {
        "kind": "procedure", "role": role("loader").pk, "title": "装卸岗操作规程", "edition": "A/1",
        "in_force_date": timezone.localdate() - timedelta(days=30), "approved_by": "总经理",
        "text": SimpleUploadedFile("规程.txt", "静电接地后方可装卸".encode()), **given,
    }  # fmt: skip
    return client.post("/training/documents/new", body)


@pytest.mark.clause("S1-5e")
def test_a_post_has_its_procedure_in_one_edition_that_its_holders_acknowledge(
    district: District, own: Client, loader: Person
) -> None:
    other = make_person(district, order=2, name="不相干")
    answer = issue(own)
    assert answer.status_code == 303
    at = answer["Location"]
    assert "规程.txt" in own.get(at).content.decode()
    unread = own.get(f"{at}?tab=unread").content.decode()
    assert "装卸甲" in unread
    assert "不相干" not in unread
    body = {"act": "read", "read_date": timezone.localdate(), "signature": "纸质签字", "people": [loader.pk]}
    assert own.post(at, {**body, "people": [other.pk]}).status_code == 422, "it is not his post"
    assert own.post(at, {**body, "signature": ""}).status_code == 422
    assert own.post(at, body).status_code == 303
    assert DocumentReading.objects.get().person == loader
    told = client_of(district.town).get("/api/v1/training/documents?kind=procedure").json()["items"]
    assert [(one["role"], one["concerned"], one["acknowledged"]) for one in told] == [("loader", 1, 1)]
    new = {
        "act": "edition", "edition": "A/2", "in_force_date": timezone.localdate(), "approved_by": "总经理",
        "text": SimpleUploadedFile("规程2.txt", "新版正文".encode()),
    }  # fmt: skip
    assert own.post(at, new).status_code == 303
    former, present = RuleDocument.objects.get(edition="A/1"), RuleDocument.objects.get(edition="A/2")
    assert former.ended_date == timezone.localdate() - timedelta(days=1)
    assert own.post(at, body).status_code in (409, 422), "the former edition is acknowledged no more"
    assert "装卸甲" in own.get(f"/training/documents/{present.pk}?tab=unread").content.decode()


@pytest.mark.clause("S5-T7")
def test_rules_of_an_enterprise_are_listed_and_concern_everybody(
    district: District, own: Client, loader: Person
) -> None:
    assert issue(own, kind="rule", role="", title="安全教育培训制度").status_code == 303
    assert issue(own, kind="fire", role="", title="消防安全管理制度").status_code == 303
    nobody = issue(own, role="")
    assert nobody.status_code == 422
    assert "操作规程须选择适用的岗位。" in nobody.content.decode()
    assert issue(own, kind="rule", role="", title="安全教育培训制度").status_code == 409
    office = client_of(district.department)
    page = office.get("/training/documents?now=1").content.decode()
    assert "安全教育培训制度" in page
    assert "消防安全管理制度" in page
    assert "0/1" in page
    row = RuleDocument.objects.get(kind="fire")
    assert client_of(district.other_enterprise).get(f"/training/documents/{row.pk}").status_code == 404
    assert office.post(f"/training/documents/{row.pk}", {"act": "end", "reason": "x"}).status_code == 403
    assert own.post(f"/training/documents/{row.pk}", {"act": "end", "reason": "并入新制度"}).status_code == 303
    assert "消防安全管理制度" not in office.get("/training/documents?now=1").content.decode()
