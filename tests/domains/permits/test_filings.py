"""Filing of work: from a permit in one act, by hand, asked about, followed, and what differs from the permit."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.permits.models import AuditFinding, Permit, WorkFiling
from quancheng.domains.permits.queries import filings as queries
from quancheng.domains.permits.services import auditing, filings, working
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotPermitted

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=40)
JOB = {
    "code": "F4", "content": "年度停车检修", "place": "一车间", "apply_unit": "设备部", "work_unit": "检修公司",
    "starts_at": "2030-06-01T08:00", "ends_at": "2030-06-20T18:00", "people_count": "60", "leader": "某带班领导",
}  # fmt: skip


@pytest.fixture
def district() -> District:
    return make_district()


def office_of(permit: Permit) -> Actor:
    return make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer")


def test_a_permit_is_filed_in_one_act_and_followed_to_its_end(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    own = client_of(crew.safety)
    page = own.get(reverse("permits:permit", args=[permit.pk])).content.decode()
    url = reverse("permits:file_permit", args=[permit.pk])
    assert url in page
    answer = own.post(url, {"cameras": "3号球机"})
    assert answer.status_code == 303
    row = WorkFiling.objects.get(permit=permit)
    # A space that held toxic or flammable matter is of class 1.
    assert (row.code, row.people_count, row.leader, row.kind) == ("F1", 1, crew.leader.name, "CS")
    assert row.due_at == permit.window_start - timedelta(hours=24)
    assert row.doubts == ["LATE"]
    assert own.post(url, {"cameras": ""}).status_code == 409, "filed once"
    shown = own.get(reverse("permits:filing", args=[row.pk])).content.decode()
    assert "报备是信息告知，不是审批" in shown
    office = client_of(office_of(permit))
    page_of = reverse("permits:filing", args=[row.pk])
    assert office.post(page_of, {"act": "question", "text": "监护人几名？"}).status_code == 303
    assert own.post(page_of, {"act": "answer", "text": "两名"}).status_code == 303
    assert office.post(page_of, {"act": "accept"}).status_code == 303
    permit.refresh_from_db()
    assert permit.status == "ISSUED", "filing moves no permit"
    working.start_work(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=20))
    filings.keep_filings(now=LATER)
    row.refresh_from_db()
    assert row.status == "TRACKED"
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="重办", now=LATER)
    filings.keep_filings(now=LATER)
    row.refresh_from_db()
    assert (row.status, row.ended_at) == ("CLOSED", LATER)


def test_a_permit_that_should_have_been_filed_and_was_not_is_found_by_the_audit(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    auditing.audit_permit(permit=permit, moment="ISSUE", now=LATER)
    assert AuditFinding.objects.filter(permit=permit, rule="A-048").exists()
    # Two jobs at one place at once would have to be coordinated.
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="重办", now=LATER)
    other = make_permit(district, "WH", crew=crew_of(district, "WH", order=740))
    auditing.audit_permit(permit=other, moment="ISSUE", now=LATER)
    assert not AuditFinding.objects.filter(permit=other, rule="A-048").exists(), "class 3 goes with the booking"


def test_a_shutdown_and_an_emergency_are_filed_by_hand(district: District) -> None:
    crew = crew_of(district, "CS")
    client, url = client_of(crew.safety), reverse("permits:filing_new")
    assert client.post(url, {**JOB, "ends_at": "2030-05-01T08:00"}).status_code == 422
    assert client.post(url, {**JOB, "level": "II"}).status_code == 422, "a level needs its kind"
    assert client.post(url, {**JOB, "starts_at": "0001-01-01T00:00"}).status_code == 422
    assert client.post(url, {**JOB, "code": "F6", "phoned_at": "0001-01-01T00:00"}).status_code == 422
    kept = client.post(url, {**JOB, "code": "F6"})
    assert kept.status_code == 422
    assert "抢修须先电话报告" in kept.content.decode()
    assert "年度停车检修" in kept.content.decode()
    assert client.post(url, JOB).status_code == 303
    row = WorkFiling.objects.get()
    assert (row.code, row.permit, row.doubts) == ("F4", None, [])
    assert client.post(url, {**JOB, "code": "F6", "phoned_at": "2026-09-01T08:00"}).status_code == 422, "to whom?"
    phoned = {"phoned_at": "2026-09-01T08:00", "phoned_to": "区应急管理局值班室"}
    assert client.post(url, {**JOB, "code": "F6", **phoned}).status_code == 303
    # An emergency is filed within two hours of its start.
    emergency = WorkFiling.objects.get(code="F6")
    assert emergency.due_at == emergency.starts_at + timedelta(hours=2)


def test_what_differs_from_the_permit_is_told(district: District) -> None:
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew)
    row = filings.file_permit(actor=crew.safety, permit=permit, now=NOW - timedelta(days=3))
    WorkFiling.objects.filter(pk=row.pk).update(level="I", status="ACCEPTED", people_count=1)
    filings.keep_filings(now=LATER)
    row.refresh_from_db()
    assert row.doubts == ["LEVEL"]
    client = client_of(district.director)
    listed = client.get(reverse("permits:filings"), {"differs": "1"}).content.decode()
    assert "作业票级别低于报备级别" in listed
    lone = filings.file_by_hand(actor=crew.safety, file=permit.file, now=NOW - timedelta(days=3), told=filings.Told(
        code="F1", kind="HW", level="S", apply_unit="设备部", work_unit="检修班", place="罐区", content="带压动火",
        starts_at=NOW, ends_at=NOW + timedelta(hours=6), leader="某领导"))  # fmt: skip
    WorkFiling.objects.filter(pk=lone.pk).update(status="ACCEPTED")
    filings.keep_filings(now=LATER)
    lone.refresh_from_db()
    assert lone.doubts == ["NO_PERMIT"]
    with pytest.raises(Conflict):
        filings.link_permit(actor=crew.safety, row=lone, permit=permit, now=LATER)


def test_the_district_sets_lead_times_and_what_was_filed_keeps_its_own(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    row = filings.file_permit(actor=crew.safety, permit=permit, now=NOW)
    client, url = client_of(district.director), reverse("permits:filing_lead")
    given = {"code": "F1", "lead_h": "48", "reason": "本区规定"}
    assert client_of(crew.safety).get(url).status_code == 403
    assert client.post(url, {**given, "lead_h": "9999"}).status_code == 422
    assert client.post(url, given).status_code == 303
    assert queries.filing_due(permit, "F1") == permit.window_start - timedelta(hours=48)
    row.refresh_from_db()
    assert row.due_at == permit.window_start - timedelta(hours=24)


def test_nobody_files_for_another_enterprise(district: District) -> None:
    permit = make_permit(district, "CS")
    with pytest.raises(NotPermitted):
        filings.file_permit(actor=district.other_enterprise, permit=permit, now=NOW)
    row = filings.file_permit(actor=district.enterprise, permit=permit, now=NOW)
    assert client_of(district.other_enterprise).get(reverse("permits:filing", args=[row.pk])).status_code == 404


def told_of(permit: Permit, code: str, **known: object) -> filings.Told:
    given = {
        "code": code, "kind": permit.kind, "apply_unit": "设备部", "work_unit": "检修班", "place": "空压站",
        "content": "更换支架", "starts_at": permit.window_start, "ends_at": permit.window_end, "leader": "某领导",
    }  # fmt: skip
    return filings.Told(**{**given, **known})


def test_filing_by_hand_as_a_lesser_class_evades_neither_audit_nor_doubt(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    told = told_of(permit, "F3", starts_at=permit.window_start + timedelta(hours=2))
    row = filings.file_by_hand(
        actor=crew.safety, file=permit.file, now=permit.window_start - timedelta(hours=20), told=told
    )
    filings.link_permit(actor=crew.safety, row=row, permit=permit, now=LATER)
    filings.keep_filings(now=LATER)
    row.refresh_from_db()
    assert {"CLASS", "START"} <= set(row.doubts), "told while nobody received it yet"
    assert row.status == "SUBMITTED"
    auditing.audit_permit(permit=permit, moment="ISSUE", now=LATER)
    assert AuditFinding.objects.filter(permit=permit, rule="A-048").exists(), "class 1 has a lead of a day"


def test_a_shutdown_is_many_jobs_and_takes_no_single_permit(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    given = {"actor": crew.safety, "file": permit.file, "told": told_of(permit, "F4"), "client_id": uuid.uuid4()}
    made = [filings.file_by_hand(**given, now=NOW).pk for _n in range(2)]
    assert made[0] == made[1]
    row = WorkFiling.objects.get()
    with pytest.raises(Conflict):
        filings.link_permit(actor=crew.safety, row=row, permit=permit, now=LATER)
    page = client_of(crew.safety).get(reverse("permits:filing", args=[row.pk])).content.decode()
    assert "关联作业票" not in page
