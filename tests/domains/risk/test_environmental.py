"""Key environmental facilities are registered, assessed and screened; office and ecology see what is missing."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.registry.factories import make_facility, make_unit
from tests.domains.risk.factories import make_environmental, make_object
from tests.domains.risk.factories import make_unit as make_risk_unit
from tests.domains.risk.test_gradings import own_file
from tests.factories import NOW, client_of, make_actor, make_district, make_file, make_org

from quancheng.domains.risk.models import EnvironmentalFacility
from quancheng.domains.risk.services import environmental
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.standards.risk.basis import months_later

pytestmark = pytest.mark.django_db
DAY = NOW.date()
ASSESSED: dict[str, Any] = {
    "assessed_date": DAY, "assessed_by": "示例安全技术公司", "report_no": "HB-1", "screening": "general",
    "screening_text": "阻火器未检验，已列入整改", "review_date": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    times = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: times[-1])
    return times


@pytest.mark.clause("S3-4.8e")
def test_a_facility_is_registered_assessed_and_seen_by_office_and_ecology_until_nothing_is_missing() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    told = make_facility(district.enterprise, unit, code="E-1", kind="environmental", name="废气焚烧炉")
    ecology = make_org("示例区生态环境局", area=district.area, links=("storage", "disposal"), code="EEB")
    offices = [client_of(district.department), client_of(make_actor(ecology, "department.officer"))]
    files, register = reverse("risk:environmental_files"), reverse("risk:environmental_facilities")
    # The file tells a facility that is not in the register: both see whom to ask.
    for office in offices:
        assert district.enterprise_org.name in office.get(files + "?gaps=1").content.decode()
    own = client_of(district.enterprise)
    sent = {"title": "一号RTO", "kind": "rto", "facility": told.pk, "media": "甲醇"}
    new = reverse("risk:environmental_facility_new", args=[file.pk])
    assert own.post(new, {**sent, "title": ""}).status_code == 422
    assert own.post(new, sent).status_code == 303
    row = EnvironmentalFacility.objects.get()
    page = reverse("risk:environmental_facility", args=[row.pk])
    assert row.status == "OPEN"
    reader = client_of(district.enterprise)
    reader.cookies["django_language"] = "en"
    shown = reader.get(register).content.decode()
    assert all(word in shown for word in ("Screening result", "Not screened", "Not assessed"))
    assert "未列入" in own.get(page).content.decode()
    for office in offices:
        assert row.title in office.get(register + "?missing=1").content.decode()
    assert offices[0].post(page, {"act": "assess"}).status_code in (403, 422)
    # What was found is told; then it counts for three years.
    said = {**ASSESSED, "act": "assess", "assessed_date": DAY.isoformat(), "review_date": ""}
    bare = own.post(page, {**said, "screening_text": ""})
    assert bare.status_code == 422
    assert "请写明发现的问题和处置" in bare.content.decode()
    assert own.post(page, said).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.screening, row.review_date) == ("ASSESSED", "general", months_later(DAY, 36))
    assert row.assessments.get().assessed_by == "示例安全技术公司"
    for office in offices:
        assert row.title not in office.get(register + "?missing=1").content.decode()
        assert district.enterprise_org.name not in office.get(files + "?gaps=1").content.decode()
        assert "阻火器未检验" in office.get(page).content.decode()
    make_risk_unit(district.enterprise, make_object(district.enterprise, file), facility=told, name="焚烧炉单元")
    assert "焚烧炉单元" in own.get(page).content.decode()
    assert client_of(district.other_enterprise).get(page).status_code == 404


def test_an_assessment_ends_by_its_time_by_the_office_and_with_the_facility() -> None:
    district = make_district()
    file = own_file(district)
    who = district.enterprise
    row = make_environmental(who, file)
    with pytest.raises(Conflict):
        make_environmental(who, file)
    wrong = {
        "assessed_date": DAY + timedelta(days=1), "assessed_by": " ", "screening": "x", "review_date": None,
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        environmental.assess_facility(actor=who, row=row, known=wrong, evidence=[], now=NOW)
    assert set(refused.value.fields) == {"assessed_date", "assessed_by", "screening"}
    old = {**ASSESSED, "assessed_date": date(2020, 1, 1)}
    with pytest.raises(Invalid):
        environmental.assess_facility(actor=who, row=row, known=old, evidence=[], now=NOW)
    environmental.assess_facility(actor=who, row=row, known=ASSESSED, evidence=[], now=NOW)
    with pytest.raises(NotPermitted):
        environmental.answer_facility(actor=who, row=row, name="order", reason="有投诉", now=NOW)
    office = district.department
    environmental.answer_facility(actor=office, row=row, name="order", reason="有投诉", now=NOW)
    assert row.status == "DUE"
    environmental.assess_facility(actor=who, row=row, known=ASSESSED, evidence=[], now=NOW)
    assert row.assessments.count() == 2
    assert environmental.look_at_facilities(now=NOW + timedelta(days=30)) == 0
    assert environmental.look_at_facilities(now=NOW + timedelta(days=3 * 366)) == 1
    row.refresh_from_db()
    assert row.status == "DUE"
    environmental.answer_facility(actor=who, row=row, name="end", reason="已拆除", now=NOW)
    # What was taken out of use is found by its state, on the page and by programs, and lacks nothing.
    reader, register = client_of(office), reverse("risk:environmental_facilities")
    assert str(row.pk) in reader.get(register, {"status": "ENDED"}).content.decode()
    assert str(row.pk) not in reader.get(register, {"missing": "1"}).content.decode()
    told = reader.get("/api/v1/risk/environmental-facilities", {"status": "ENDED"}).json()["items"]
    assert [item["code"] for item in told] == [row.code]
    assert make_environmental(who, file).status == "OPEN"


def test_programs_register_assess_and_read_facilities() -> None:
    district = make_district()
    file = own_file(district)
    own = client_of(district.enterprise)
    base = f"/api/v1/risk/enterprises/{file.pk}/environmental-facilities"
    assert own.post(base, {"title": "塔", "kind": "x"}, content_type="application/json").status_code == 422
    made = own.post(base, {"title": "一号塔", "kind": "absorption"}, content_type="application/json")
    assert made.status_code == 201
    one = f"/api/v1/risk/environmental-facilities/{made.json()['id']}"
    body = {"assessed_date": DAY.isoformat(), "assessed_by": "本单位评估组", "screening": "none"}
    done = own.post(f"{one}/assessments", body, content_type="application/json")
    assert (done.status_code, done.json()["status"]) == (200, "ASSESSED")
    office = client_of(district.department)
    listed = office.get("/api/v1/risk/environmental-facilities", {"status": "ASSESSED"}).json()["items"]
    assert [item["title"] for item in listed] == ["一号塔"]
    assert client_of(district.other_enterprise).get(one).status_code == 404


def test_an_assessment_sent_again_after_a_newer_one_is_the_one_that_was_recorded() -> None:
    district = make_district()
    who = district.enterprise
    row, key = make_environmental(who, own_file(district)), uuid.uuid4()
    first = {**ASSESSED, "assessed_date": DAY - timedelta(days=9)}
    for known, sent in ((first, key), (ASSESSED, None), (first, key)):
        environmental.assess_facility(
            actor=who, row=row, known=known, evidence=[make_file(who)], now=NOW, client_id=sent
        )
    assert (row.assessed_date, row.assessments.count()) == (DAY, 2)
    assert len(files_of_many(EnvironmentalFacility, [row.pk])[row.pk]) == 2
