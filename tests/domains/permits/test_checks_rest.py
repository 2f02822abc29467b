"""Filings, spot checks, violations and findings over REST: lists with filters, and the acts of the pages."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.permits.models import AuditFinding, Permit, PermitViolation, SpotCheck, WorkFiling
from quancheng.domains.permits.services import spot
from quancheng.domains.permits.services.auditing import audit_permit
from quancheng.standards.gb30871.audit.spot import questions

pytestmark = pytest.mark.django_db
API = "/api/v1/permits"
LATER = NOW + timedelta(minutes=90)


@pytest.fixture
def district(monkeypatch: Any) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    return make_district()


def office_of(permit: Permit) -> Any:
    return client_of(make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer"))


def post(client: Any, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> Any:
    return client.post(
        f"{API}/{path}", json.dumps(body or {}), content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=key or str(uuid.uuid4()),
    )  # fmt: skip


@pytest.mark.clause("S1-4d")
def test_a_finding_is_answered_and_closed_by_programs_of_both_sides(district: District) -> None:
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew)
    audit_permit(permit=permit, moment="NIGHT", now=LATER)
    row = AuditFinding.objects.get(permit=permit, rule="A-025")
    own, office, path = client_of(crew.safety), office_of(permit), f"findings/{row.pk}"
    whole = own.get(f"{API}/{path}").json()
    assert (whole["rule"], whole["permit_number"], whole["status"]) == ("A-025", permit.number, "PUSHED")
    assert post(office, f"{path}/act", {"act": "receive"}).status_code == 403
    assert post(own, f"{path}/act", {"act": "receive", "text": "x"}).json()["fields"]["text"]
    assert post(own, f"{path}/act", {"act": "send"}).status_code == 422, "the house's own moves are nobody's"
    key = str(uuid.uuid4())
    assert post(own, f"{path}/act", {"act": "receive"}, key=key).json()["status"] == "RECEIVED"
    assert post(own, f"{path}/act", {"act": "receive"}, key=key).status_code == 200
    assert post(own, f"{path}/act", {"act": "receive"}).status_code == 409
    assert post(own, f"{path}/act", {"act": "answer"}).status_code == 422
    answered = post(own, f"{path}/act", {"act": "answer", "text": "已重新确认"}).json()
    assert (answered["status"], answered["answer"]) == ("RECHECK", "已重新确认")
    assert post(office, f"{path}/act", {"act": "close", "text": "属" * 501}).status_code == 422
    closed = post(office, f"{path}/act", {"act": "close", "text": "属实"}).json()
    assert (closed["status"], closed["comment"]) == ("CLOSED", "属实")
    # Whose it was: by the number on the permit, which is all that a program learns.
    assert post(office, f"{path}/violation", {"person_number": 99}).json()["fields"]["person_number"]
    number = permit.people.get(part="WORKER").number
    key = str(uuid.uuid4())
    assert post(office, f"{path}/violation", {"person_number": number, "note": "教育"}, key=key).status_code == 200
    # The same request again undoes no later correction.
    assert post(office, f"{path}/violation", {"note": "更正"}).status_code == 200
    assert post(office, f"{path}/violation", {"person_number": number, "note": "教育"}, key=key).status_code == 200
    assert PermitViolation.objects.get(finding=row).note == "更正"
    assert post(office, f"{path}/violation", {"person_number": number, "note": "教育"}).status_code == 200
    held = PermitViolation.objects.get(finding=row)
    assert held.person_id == crew.worker.pk
    listed = office.get(f"{API}/violations", {"permit_id": str(permit.pk)}).json()
    one = next(each for each in listed["items"] if each["finding_id"] == str(row.pk))
    assert (one["has_person"], one["by_person"], one["note"]) == (True, 1, "教育")
    # His second, on a contractor's permit: it stands against permit, person and contractor, and is told as a repeat.
    Permit.objects.filter(pk=permit.pk).update(work={**permit.work, "is_contractor": True}, work_unit="外来检修公司")
    second = AuditFinding.objects.filter(permit=permit).exclude(rule="A-025").order_by("pk")[0]
    assert post(office, f"findings/{second.pk}/violation", {"person_number": number}).status_code == 200
    repeat = office.get(f"{API}/violations", {"contractor": "外来检修公司"}).json()["items"]
    (told,) = [each for each in repeat if each["finding_id"] == str(second.pk)]
    assert (told["permit_id"], told["contractor"], told["by_person"]) == (str(permit.pk), "外来检修公司", 2)
    assert crew.worker.name not in json.dumps(listed, ensure_ascii=False)
    assert office.get(f"{API}/violations", {"severity": "I"}).json()["items"] == []
    assert office.get(f"{API}/violations", {"severty": "I"}).status_code == 422
    stranger = client_of(district.other_enterprise)
    assert stranger.get(f"{API}/{path}").status_code == 404
    assert stranger.get(f"{API}/violations").json()["items"] == []
    assert post(stranger, f"{path}/act", {"act": "receive"}).status_code == 404


def test_work_is_filed_read_and_questioned_over_rest(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    own, office = client_of(crew.safety), office_of(permit)
    assert post(office, f"permits/{permit.pk}/filing").status_code == 403
    made = post(own, f"permits/{permit.pk}/filing", {"cameras": "3号球机"})
    assert made.status_code == 201, made.content.decode()
    assert (made.json()["code"], made.json()["is_late"], made.json()["doubts"]) == ("F1", True, ["LATE"])
    assert post(own, f"permits/{permit.pk}/filing").status_code == 409
    job = {
        "code": "F4", "apply_unit": "设备部", "work_unit": "检修公司", "place": "全厂", "content": "年度停车检修",
        "leader": "某负责人", "starts_at": "2026-10-08T00:00:00Z", "ends_at": "2026-10-18T00:00:00Z",
    }  # fmt: skip
    assert post(office, "filings", job).status_code == 403
    assert post(own, "filings", {**job, "ends_at": "2026-10-07T00:00:00Z"}).json()["fields"]["ends_at"]
    key = str(uuid.uuid4())
    first = post(own, "filings", job, key=key)
    assert first.status_code == 201, first.content.decode()
    assert post(own, "filings", job, key=key).json()["id"] == first.json()["id"]
    assert WorkFiling.objects.count() == 2
    assert [one["code"] for one in office.get(f"{API}/filings", {"late": "true"}).json()["items"]] == ["F1"]
    assert [one["code"] for one in office.get(f"{API}/filings", {"code": "F4"}).json()["items"]] == ["F4"]
    assert len(office.get(f"{API}/filings", {"limit": 1}).json()["items"]) == 1
    path = f"filings/{first.json()['id']}"
    assert post(office, f"{path}/act", {"act": "question"}).status_code == 422
    asked = post(office, f"{path}/act", {"act": "question", "text": "有无大型吊装？"}).json()
    assert (asked["status"], asked["question"]) == ("QUESTIONED", "有无大型吊装？")
    assert post(office, f"{path}/act", {"act": "answer", "text": "无"}).status_code == 403
    assert post(own, f"{path}/act", {"act": "answer", "text": "无"}).json()["answer"] == "无"
    assert post(office, f"{path}/act", {"act": "accept"}).json()["status"] == "ACCEPTED"
    assert own.get(f"{API}/{path}").json()["status"] == "ACCEPTED"
    assert client_of(district.other_enterprise).get(f"{API}/{path}").status_code == 404


def test_a_spot_check_is_recorded_by_a_program_and_hidden_from_the_enterprise_until_then(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    inspector = make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer")
    check = spot.choose(actor=inspector, permit=permit, now=LATER)
    own, office, path = client_of(crew.safety), client_of(inspector), f"spot-checks/{check.pk}"
    assert own.get(f"{API}/{path}").status_code == 404
    assert own.get(f"{API}/spot-checks").json()["items"] == []
    assert [one["status"] for one in office.get(f"{API}/spot-checks").json()["items"]] == ["DUE"]
    answers = {one.code: {"answer": "YES"} for one in questions("CS")}
    body = {"mode": "on_site", "answers": {**answers, "Q-04": {"answer": "NO"}}}
    assert post(office, f"{path}/record", body).status_code == 422, "a no says what is wrong"
    assert post(own, f"{path}/drop", {"reason": "停电"}).status_code == 404
    # Nothing that is told is lost: what this mode does not read, and questions of no kind, are refused by field.
    whole = {"mode": "on_site", "answers": answers}
    lost = post(office, f"{path}/record", {**whole, "problem": "监护人不在场", "severity": "C"}).json()["fields"]
    assert set(lost) == {"problem", "severity"}
    none = post(office, f"{path}/record", {**whole, "answers": {**answers, "Q-99": {"answer": "YES"}}})
    assert none.json()["fields"]["answer_Q-99"]
    online = {"mode": "online", "camera": "1", "seen": "看", "seen_at": LATER.isoformat()}
    asked = post(office, f"{path}/record", {**online, "answers": {"Q-04": {"answer": "NO", "note": "无"}}})
    assert asked.json()["fields"]["answer_Q-04"]
    assert SpotCheck.objects.get().status == "DUE"
    body["answers"]["Q-04"] = {"answer": "NO", "note": "监护人未戴标识"}
    done = post(office, f"{path}/record", body)
    assert done.status_code == 200, done.content.decode()
    assert (done.json()["passed"], done.json()["answers"]["Q-04"]) == (False, ["NO", "监护人未戴标识"])
    assert Permit.objects.get(pk=permit.pk).status == "SUSPENDED", "a critical one stops the work"
    assert own.get(f"{API}/{path}").json()["passed"] is False
    assert [one["id"] for one in own.get(f"{API}/spot-checks", {"passed": "false"}).json()["items"]] == [str(check.pk)]
    assert post(office, f"{path}/record", body).status_code == 409
    assert post(office, f"{path}/drop", {"reason": "停电"}).status_code == 409
    assert SpotCheck.objects.get().status == "DONE"
