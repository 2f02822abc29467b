"""Regulators: what they learned, how many are trained this year, and the education that they work for."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.factories import District, client_of, make_district

from quancheng.domains.training.models import StudyRecord
from quancheng.domains.training.queries.programmes import programme_of
from quancheng.kernel.access.actor import Actor


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def study(client: Client, who: Actor, programme: str = "regulator-yearly", **given: Any) -> Any:
    body = {
        "act": "study", "programme": programme_of(programme).pk, "way": "online", "title": "化工安全网络课程",
        "given_by": "应急管理干部网络学院", "held_date": timezone.localdate(), "hours": "8", "score": 90,
        "proof_number": "", **given,
    }  # fmt: skip
    return client.post(f"/training/regulators/{who.user_id}", body)


@pytest.mark.clause("S1-5g")
@pytest.mark.clause("S3-7.5a")
def test_an_online_course_that_a_regulator_finished_stands_in_his_study_record_once(district: District) -> None:
    office = client_of(district.town)
    assert study(office, district.town, proof_number="网课2026-17").status_code == 303
    twice = study(office, district.town, proof_number="网课2026-17", title="再次登记")
    assert twice.status_code == 409
    assert "再次登记" in twice.content.decode()
    late = timezone.localdate() + timedelta(days=1)
    assert study(office, district.town, held_date=late).status_code == 422
    assert study(office, district.town, "retraining").status_code == 422
    page = office.get(f"/training/regulators/{district.town.user_id}").content.decode()
    assert "化工安全网络课程" in page
    assert "应急管理干部网络学院" in page
    told = office.get("/api/v1/training/regulator-studies?way=online").json()["items"]
    assert [(one["proof_number"], one["hours"]) for one in told] == [("网课2026-17", "8.0")]
    row = StudyRecord.objects.get()
    assert office.post(f"/training/studies/{row.pk}/strike", {"reason": "重复"}).status_code == 303
    assert office.post(f"/training/studies/{row.pk}/strike", {"reason": "重复"}).status_code == 409
    assert "已作废" in office.get(f"/training/regulators/{district.town.user_id}").content.decode()
    assert study(office, district.town, proof_number="网课2026-17").status_code == 303, "struck out ones do not count"


def test_what_is_sent_twice_is_entered_once(district: District) -> None:
    office, sent = client_of(district.town), {"client_id": str(uuid.uuid4())}
    assert [study(office, district.town, **sent).status_code for _ in range(2)] == [303, 303]
    assert StudyRecord.objects.count() == 1


@pytest.mark.clause("S1-5f")
def test_a_new_regulator_owes_induction_until_its_hours_are_there(district: District) -> None:
    office = client_of(district.town)
    at = f"/training/regulators/{district.town.user_id}"
    body = {
        "act": "keep", "appointed_date": timezone.localdate(), "education": "college", "major": "法学",
        "major_field": "other", "studying": "", "studying_until": "",
    }  # fmt: skip
    assert office.post(at, body).status_code == 303
    name = district.town.name
    assert name in office.get("/training/regulators?new=1").content.decode()
    for number in range(5):
        answer = study(office, district.town, "regulator-induction", way="class", title=f"第{number}课")
        assert answer.status_code == 303
    assert "没有符合条件的内容" in office.get("/training/regulators?new=1").content.decode()
    assert "已达标" in office.get(at).content.decode()


@pytest.mark.clause("S2-17")
def test_coverage_of_regulators_is_told_office_by_office(district: District) -> None:
    town, office = client_of(district.town), client_of(district.director)
    page = town.get("/training/regulators/coverage").content.decode()
    assert "0%" in page
    for number in range(5):
        assert study(town, district.town, title=f"第{number}课").status_code == 303
    assert "100%" in town.get("/training/regulators/coverage").content.decode()
    whole = office.get("/training/regulators/coverage").content.decode()
    assert str(district.town_org.label) in whole
    assert str(district.department_org.label) in whole
    assert str(district.department_org.label) not in town.get("/training/regulators/coverage").content.decode()
    assert client_of(district.enterprise).get("/training/regulators").status_code == 403


@pytest.mark.clause("S4-B3.4.3b")
def test_classes_and_practice_on_site_are_told_apart(district: District) -> None:
    town = client_of(district.town)
    study(town, district.town, "regulator-practice", way="site", title="加油站现场执法实训", given_by="区执法队")
    study(town, district.town, "regulator-practice", way="class", title="检查文书制作", given_by="区局讲师")
    page = town.get(f"/training/regulators/{district.town.user_id}").content.decode()
    assert "现场执法实训" in page
    assert "集中授课" in page
    told = town.get("/api/v1/training/regulator-studies?way=site").json()["items"]
    assert [one["title"] for one in told] == ["加油站现场执法实训"]
    other = client_of(district.other_town)
    assert other.get(f"/training/regulators/{district.town.user_id}").status_code == 404
    assert other.get("/api/v1/training/regulator-studies").json()["items"] == []
    row = StudyRecord.objects.first()
    assert other.post(f"/training/studies/{row.pk}/strike", {"reason": "x"}).status_code == 404  # type: ignore[union-attr]


@pytest.mark.clause("S5-T18")
def test_who_studies_for_a_higher_education_is_listed_with_it(district: District) -> None:
    town = client_of(district.town)
    at = f"/training/regulators/{district.town.user_id}"
    body = {
        "act": "keep", "appointed_date": timezone.localdate() - timedelta(days=900), "education": "college",
        "major": "安全技术", "major_field": "safety", "studying": "college", "studying_until": "",
    }  # fmt: skip
    refused = town.post(at, body)
    assert refused.status_code == 422
    assert "安全技术" in refused.content.decode()
    until = timezone.localdate() + timedelta(days=300)
    assert town.post(at, {**body, "studying_until": until}).status_code == 422, "not higher"
    assert town.post(at, {**body, "studying": "bachelor", "studying_until": until}).status_code == 303
    page = town.get("/training/regulators?studying=1").content.decode()
    assert district.town.name in page
    assert "大专" in page
    assert "本科" in page
