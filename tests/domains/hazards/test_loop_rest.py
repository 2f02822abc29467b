"""Listings, looks back, stoppages, flags and the further parts of the loop for programs: each act as on its page."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.architecture.check_task_records import record_flag
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.hazards.test_findings import people, upload
from tests.domains.hazards.test_further_loop import ended, fire_office
from tests.domains.hazards.test_listings import late_major
from tests.domains.hazards.test_lookbacks import missed
from tests.domains.risk.factories import make_object, make_unit
from tests.factories import NOW, client_of, make_actor, make_district, make_file, make_org

from quancheng.domains.hazards.models import (
    Conclusion,
    Finding,
    HandOver,
    Listing,
    Lookback,
    RecordFlag,
    StopReview,
    UnitStop,
)
from quancheng.domains.hazards.services import findings as services
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
BASE = "/api/v1/hazards"


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operations read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def send(client: Client, path: str, body: dict[str, Any], *, expect: int = 200, key: str = "") -> Any:
    headers: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    answer = client.post(f"{BASE}{path}", body, content_type="application/json", **headers)
    assert answer.status_code == expect, (answer.status_code, answer.content.decode()[:600])
    return answer.json()


def read(client: Client, path: str, *, expect: int = 200) -> Any:
    answer = client.get(f"{BASE}{path}")
    assert answer.status_code == expect, answer.content.decode()[:600]
    return answer.json()


def test_a_program_takes_a_listing_from_the_candidate_to_the_archive() -> None:
    district = make_district()
    Organisation.objects.filter(pk=district.office_org.pk).update(document_word="示安")
    leader = client_of(make_actor(make_org("示例区人民政府", kind="government"), "leader"))
    row = late_major(district)
    department, office, own = (client_of(one) for one in (district.department, district.director, district.enterprise))
    named = read(department, "/listings/candidates")["items"]
    assert [(one["code"], one["because"][0]["zh"]) for one in named] == [(row.code, "超期40天")]
    read(own, "/listings/candidates", expect=403)
    term = (TODAY + timedelta(days=60)).isoformat()
    told = {"reason": "超期", "requirement": "停用并改造", "inspector": "示例甲", "term_date": term}
    far = {**told, "term_date": (TODAY + timedelta(days=370)).isoformat()}
    assert "term_date" in send(department, f"/findings/{row.pk}/listing", far, expect=422)["fields"]
    send(department, f"/findings/{row.pk}/listing", {**told, "wish": "x"}, expect=422)
    key = str(uuid.uuid4())
    made = send(department, f"/findings/{row.pk}/listing", told, expect=201, key=key)
    assert send(department, f"/findings/{row.pk}/listing", told, expect=201, key=key)["id"] == made["id"]
    at = f"/listings/{made['id']}"
    read(own, at, expect=404)
    send(department, f"{at}/acts", {"act": "agree"}, expect=403)
    send(office, f"{at}/acts", {"act": "agree"})
    assert send(leader, f"{at}/acts", {"act": "sign"})["number_text"] == "示安督〔2026〕1号"
    assert send(office, f"{at}/acts", {"act": "serve"})["status"] == "RUNNING"
    assert read(own, at)["requirement"] == "停用并改造"
    assert send(office, f"{at}/acts", {"act": "record", "text": "已报市安委办"})["recorded_at"]
    visit = read(department, f"/listing-visits?listing_id={made['id']}")["items"][0]
    assert read(own, "/listing-visits")["items"] == []
    send(department, f"/listing-visits/{visit['id']}/record", {"progress": 50, "text": "x", "file_ids": []}, expect=422)
    photo = {"progress": 50, "text": "已停用", "file_ids": [str(make_file(district.department))]}
    assert send(department, f"/listing-visits/{visit['id']}/record", photo)["progress"] == 50
    until = (TODAY + timedelta(days=90)).isoformat()
    send(own, f"{at}/longer", {"until": until, "reason": "等设备"})
    assert send(department, f"{at}/judge-longer", {"granted": True, "until": until})["term_date"] == until
    send(own, f"{at}/apply", {"text": "已整改"}, expect=409)
    Finding.objects.filter(pk=row.pk).update(status="CANCELLING")
    send(own, f"{at}/apply", {"text": "已整改"})
    failed = {"result": "fail", "text": "仍有泄漏", "until": until, "stop": "all"}
    assert send(department, f"{at}/review", failed)["failed_terms"] == 1
    assert read(own, f"/findings/{row.pk}")["is_stopped"] is True
    send(own, f"{at}/apply", {"text": "再次整改"})
    accepted = {"accepted_at": NOW, "accepted_by": district.enterprise.user_id, "closed_at": NOW}
    Finding.objects.filter(pk=row.pk).update(status="CLOSED", **accepted)
    send(department, f"{at}/review", {"result": "pass", "text": "合格"})
    assert send(office, f"{at}/acts", {"act": "lift"})["status"] == "LIFTED"
    assert [one["id"] for one in read(own, "/listings?status=LIFTED")["items"]] == [made["id"]]
    assert Listing.objects.count() == 1


def test_a_program_reads_of_a_look_back_what_its_page_tells_that_reader() -> None:
    district = make_district()
    row, _record = missed(district)
    office, own = client_of(district.department), client_of(district.enterprise)
    told = {"reason": "检查记录正常，三日后查出"}
    send(own, f"/findings/{row.pk}/lookback", told, expect=403)
    key = str(uuid.uuid4())
    made = send(office, f"/findings/{row.pk}/lookback", told, expect=201, key=key)
    assert send(office, f"/findings/{row.pk}/lookback", told, expect=201, key=key)["id"] == made["id"]
    assert made["causes"] == ["missed"]
    assert made["frozen"][0]["changed"] is False
    at = f"/lookbacks/{made['id']}"
    read(own, at, expect=404)
    said = {"link": "post", "fault": "faked", "level": "unit", "org_id": str(row.owner_org_id), "who": "装卸班",
            "suggestion": "talk", "evidence": "当日记录为正常"}  # fmt: skip
    send(office, f"{at}/acts", {"act": "submit", "text": "完"}, expect=409)
    assert "org" in str(send(office, f"{at}/conclusions", {**said, "org_id": None}, expect=422)["fields"])
    one = send(office, f"{at}/conclusions", said, expect=201, key=str(uuid.uuid4()))
    assert one["who"] == "装卸班"
    gone = str(uuid.uuid4())
    taken = send(office, f"{at}/conclusions", {**said, "who": "保卫班"}, expect=201, key=gone)
    Conclusion.objects.filter(pk=taken["id"]).delete()
    again = send(office, f"{at}/conclusions", {**said, "who": "保卫班"}, expect=409, key=gone)
    assert again["code"] == "taken_back"
    send(office, f"{at}/acts", {"act": "submit", "text": "岗位假查"})
    send(office, f"{at}/acts", {"act": "approve"}, expect=403)
    send(client_of(district.department_head), f"{at}/acts", {"act": "approve"})
    theirs = read(own, at)
    assert [one["who"] for one in theirs["conclusions"]] == ["装卸班"]
    assert (theirs["reason"], theirs["text"], theirs["frozen"]) == ("", "", [])
    assert read(office, at)["text"] == "岗位假查"
    assert read(own, "/lookbacks")["items"][0]["status"] == "APPROVED"
    assert Lookback.objects.count() == 1


def test_a_program_enters_stoppages_once_ends_them_by_version_and_the_office_judges() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    own, office = client_of(district.enterprise), client_of(district.department)
    told = {"unit_id": str(unit.pk), "begins_at": NOW.isoformat(), "reason": "年度检修",
            "ends_at": (NOW + timedelta(days=40)).isoformat()}  # fmt: skip
    send(office, f"/enterprises/{file.pk}/unit-stops", told, expect=403)
    send(client_of(district.other_enterprise), f"/enterprises/{file.pk}/unit-stops", told, expect=404)
    key = str(uuid.uuid4())
    made = send(own, f"/enterprises/{file.pk}/unit-stops", told, expect=201, key=key)
    assert send(own, f"/enterprises/{file.pk}/unit-stops", told, expect=201, key=key)["id"] == made["id"]
    assert UnitStop.objects.count() == 1
    review = read(office, "/stop-reviews?status=WAITING")["items"][0]
    assert (review["stop_id"], review["code"]) == (made["id"], "LONG")
    at = f"/stop-reviews/{review['id']}"
    send(own, f"{at}/judge", {"accepted": True, "text": "同意"}, expect=403)
    assert send(office, f"{at}/judge", {"accepted": False, "text": "说明原因"})["status"] == "OBJECTED"
    assert send(own, f"{at}/answer", {"text": "塔器更换"})["answer"] == "塔器更换"
    assert send(office, f"{at}/judge", {"accepted": True, "text": "同意"})["status"] == "ACCEPTED"
    assert StopReview.objects.get().comment == "同意"
    sooner = {"ends_at": (NOW + timedelta(days=5)).isoformat(), "version": made["version"]}
    assert send(own, f"/unit-stops/{made['id']}/end", sooner)["version"] == made["version"] + 1
    send(own, f"/unit-stops/{made['id']}/end", {**sooner, "ends_at": None}, expect=409)
    read(client_of(district.other_enterprise), f"/unit-stops/{made['id']}", expect=404)
    assert read(office, f"/unit-stops?enterprise_id={file.pk}")["items"][0]["id"] == made["id"]


def test_a_program_judges_a_sign_once_and_the_enterprise_reads_what_was_confirmed() -> None:
    district = make_district()
    pk = record_flag(district).arguments["pk"]
    office, own = client_of(district.department), client_of(district.enterprise)
    assert [one["id"] for one in read(office, "/record-flags?verdict=open")["items"]] == [str(pk)]
    read(own, f"/record-flags/{pk}", expect=404)
    send(own, f"/record-flags/{pk}/judge", {"confirmed": False, "comment": "没有"}, expect=404)
    told, key = {"confirmed": True, "comment": "现场核对，记录系补录"}, str(uuid.uuid4())
    assert send(office, f"/record-flags/{pk}/judge", told, key=key)["verdict"] == "confirmed"
    assert send(office, f"/record-flags/{pk}/judge", told, key=key)["verdict"] == "confirmed"
    send(office, f"/record-flags/{pk}/judge", {**told, "confirmed": False}, expect=409)
    assert read(own, f"/record-flags/{pk}")["comment"] == "现场核对，记录系补录"
    assert RecordFlag.objects.get(pk=pk).verdict == "confirmed"


def test_a_program_hands_over_reports_and_lets_work_go_on() -> None:
    district = make_district()
    fire = fire_office(district)
    row = make_finding(district.enterprise, own_file(district))
    office, theirs, own = client_of(district.department), client_of(fire), client_of(district.enterprise)
    told = {"receiver_id": str(fire.organisation_id), "reason": "属消防", "basis": "消防法"}
    send(own, f"/findings/{row.pk}/hand-over", told, expect=403)
    wrong = {**told, "receiver_id": str(district.other_enterprise_org.pk)}
    assert "receiver_id" in send(office, f"/findings/{row.pk}/hand-over", wrong, expect=422)["fields"]
    key = str(uuid.uuid4())
    made = send(office, f"/findings/{row.pk}/hand-over", told, expect=201, key=key)
    assert send(office, f"/findings/{row.pk}/hand-over", told, expect=201, key=key)["id"] == made["id"]
    send(office, f"/findings/{row.pk}/hand-over", told, expect=409, key=str(uuid.uuid4()))
    assert send(theirs, f"/hand-overs/{made['id']}/return", {"reason": "不属本队"})["status"] == "RETURNED"
    again = send(office, f"/findings/{row.pk}/hand-over", told, expect=201)
    assert send(office, f"/hand-overs/{again['id']}/recall", {"reason": "误送"})["status"] == "RECALLED"
    third = send(office, f"/findings/{row.pk}/hand-over", told, expect=201)
    assert send(theirs, f"/hand-overs/{third['id']}/accept", {})["status"] == "ACCEPTED"
    assert read(theirs, f"/findings/{row.pk}")["supervisor_id"] == str(fire.organisation_id)
    assert [one["id"] for one in read(office, "/findings?handed_over=true")["items"]] == [str(row.pk)]
    assert len(read(own, f"/hand-overs?finding_id={row.pk}")["items"]) == HandOver.objects.count() == 3
    stopped = ended(district, stop="part", name="储罐区泄漏")
    head = people(district)["head"]
    sent = {"maker_kind": "agency", "maker": "示例公司", "made_date": TODAY.isoformat(), "verdict": "removed",
            "conclusion": "已消除", "file_ids": [str(make_file(district.enterprise))]}  # fmt: skip
    assert "report_files" in str(
        send(own, f"/findings/{stopped.pk}/review-reports", {**sent, "file_ids": []}, expect=422)["fields"]
    )
    send(own, f"/findings/{stopped.pk}/review-reports", sent, expect=201)
    assert [one["maker"] for one in read(office, f"/findings/{stopped.pk}/review-reports")] == ["示例公司"]
    services.accept_finding(actor=head, row=stopped, comment="合格", now=NOW)  # the report stands already
    apply = {"text": "申请恢复", "assessor_kind": "expert", "assessor": "示例专家", "assessment": "具备条件",
             "file_ids": [str(upload(district.enterprise, 99))]}  # fmt: skip
    applied = send(own, f"/findings/{stopped.pk}/resumption", apply, expect=201)
    assert send(own, f"/resumptions/{applied['id']}/withdraw", {"reason": "补充材料"})["status"] == "WITHDRAWN"
    applied = send(own, f"/findings/{stopped.pk}/resumption", apply, expect=201)
    decide = {"allowed": True, "visited": TODAY.isoformat(), "text": "可以恢复"}
    send(office, f"/resumptions/{applied['id']}/decide", decide, expect=409)
    services.cancel_finding(actor=district.department, row=stopped, comment="复核合格", now=NOW)
    assert send(office, f"/resumptions/{applied['id']}/decide", decide)["status"] == "ALLOWED"
    assert read(own, f"/findings/{stopped.pk}")["is_stopped"] is False
    assert read(own, "/resumptions?status=ALLOWED")["items"][0]["id"] == applied["id"]


def test_a_time_without_its_zone_is_refused_at_its_field() -> None:
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    own = client_of(district.enterprise)
    base, naive = f"/enterprises/{file.pk}", "2026-10-01T08:00:00"
    stop = {"unit_id": str(unit.pk), "begins_at": NOW.isoformat(), "reason": "检修"}
    made = send(own, f"{base}/unit-stops", stop, expect=201)
    end = {"ends_at": naive, "version": made["version"]}
    free: dict[str, Any] = {"checklist": "none"}
    cases: tuple[tuple[str, dict[str, Any], str], ...] = (
        (f"{base}/unit-stops", {**stop, "begins_at": naive}, "begins_at"),
        (f"{base}/unit-stops", {**stop, "ends_at": naive}, "ends_at"),
        (f"/unit-stops/{made['id']}/end", end, "ends_at"),
        (f"{base}/check-tasks", {"every": 1, "cycle_unit": "day", "starts_at": naive}, "starts_at"),
        (f"{base}/check-records", {**free, "at": naive}, "at"),
        (f"{base}/check-records", {**free, "sent_at": naive}, "sent_at"),
        (f"{base}/findings", {"name": "阀门渗漏", "found_at": naive}, "found_at"),
    )  # fmt: skip
    for path, body, field in cases:
        assert f"body.{field}" in send(own, path, body, expect=422)["fields"], (path, field)
    for query in ("check-dues?due_from=", "check-dues?due_before=", "check-records?made_from="):
        read(own, f"/{query}{naive}", expect=422)
    assert own.get(f"/api/v1/risk/objects/{unit.object_id}/colours?at={naive}").status_code == 422
