"""Experts are engaged, drawn by lot or named, stand back where they must, report, are scored and appraised; reports
of agencies are doubted by rules and checked; services under contract are counted."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.domains.training.factories import own_file
from tests.domains.training.outside_scene import TODAY, code
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org

from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.training.models import AgencyReport, Assignment, PoolMember
from quancheng.domains.training.services.pools import agencies, assignments, members
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict
from quancheng.kernel.people.models import User

pytestmark = pytest.mark.django_db
ITSELF = "某专家"


@pytest.fixture
def district(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    made = make_district()
    own_file(made)
    return made


def told(number: int, **known: Any) -> dict[str, Any]:
    return {
        "kind": "expert", "name": f"{ITSELF}{number}", "unit_name": "", "unit_code": "", "title": "高级工程师",
        "fields": ["process"], "letter": f"聘字{number:03d}", "term_from": TODAY - timedelta(days=10),
        "term_to": TODAY + timedelta(days=700), **known,
    }  # fmt: skip


def engage(district: District, number: int = 1, **known: Any) -> PoolMember:
    return members.engage_member(actor=district.department, known=told(number, **known), now=NOW)


def agency(district: District, number: int = 50, **known: Any) -> PoolMember:
    given = {"kind": "agency", "name": f"示例评价{number}有限公司", "unit_code": code(number), "certificate": "APJ-001",
             "scope": "石油加工、化学原料制造", **known}  # fmt: skip
    return engage(district, number, **given)


def expert_of(member: PoolMember) -> Actor:
    """An account of the member's own, at an agency."""
    actor = make_actor(make_org(kind="agency"), "expert")
    PoolMember.objects.filter(pk=member.pk).update(user=actor.user_id)
    member.refresh_from_db()
    return actor


@pytest.mark.clause("S5-2b")
def test_experts_and_inspectors_stand_in_the_pool_with_letter_term_and_certificate(district: District) -> None:
    office = client_of(district.department)
    new = reverse("training:pool_new")
    given = told(1)
    assert office.post(new, {**given, "fields": []}).status_code == 422
    assert client_of(district.enterprise).post(new, given).status_code == 403
    for place, kind in enumerate(("expert", "inspector", "supervisor", "steward"), start=1):
        body = told(place, kind=kind, certificate=f"证{place}", certificate_to=TODAY + timedelta(days=90))
        assert office.post(new, body).status_code == 303
    assert office.post(new, told(1)).status_code == 409
    for actor in (district.enterprise, district.town, district.other_enterprise):
        assert f"{ITSELF}2" in client_of(actor).get(reverse("training:pool"), {"kind": "inspector"}).content.decode()
    rest = client_of(district.town).get(reverse("api:list_pool"), {"kind": "supervisor"}).json()["items"]
    assert [(one["letter"], one["term_to"]) for one in rest] == [("聘字003", told(3)["term_to"].isoformat())]


def test_who_has_an_interest_stands_back_and_is_not_drawn(district: District) -> None:
    file = own_file(district)
    free, declared = engage(district), engage(district, 2)
    employed = engage(district, 3, unit_name="示例甲化工有限公司")
    engage(district, 4, fields=["electric"])
    engage(district, 5, term_to=TODAY + timedelta(days=1))
    members.declare_interest(
        actor=district.department, member=declared, file=file, kind="shares",
        until_date=TODAY - timedelta(days=1000), now=NOW,
    )  # fmt: skip
    day = TODAY + timedelta(days=3)
    want = {"file": file, "purpose": "screening", "field": "process", "visit_date": day, "now": NOW}
    for member, said in ((declared, "持股、投资"), (employed, "所在单位")):
        with pytest.raises(Conflict) as refused:
            assignments.assign_member(actor=district.department, member=member, **want)
        assert said in str(refused.value)
    with pytest.raises(Conflict):
        assignments.draw_members(actor=district.department, kinds=["expert"], number=2, **want)
    more = [engage(district, number) for number in (6, 7, 8)]
    drawn = assignments.draw_members(actor=district.department, kinds=["expert"], number=2, **want)
    page = {"file": file.pk, "purpose": "screening", "field": "process", "kinds": ["expert"], "number": 2,
            "visit_date": day, "client_id": str(uuid.uuid4())}  # fmt: skip
    before = Assignment.objects.count()
    office = client_of(district.department)
    assert [office.post(reverse("training:pool_draw"), page).status_code for _ in range(2)] == [303, 303]
    assert Assignment.objects.count() == before + 2, "sent twice, drawn once"
    pool = sorted([free, *more], key=lambda one: str(one.pk))
    again = random.Random(drawn[0].seed).sample(pool, 2)
    assert [one.member_id for one in drawn] == [one.pk for one in again]
    assert {one.drawn_from for one in drawn} == {4}


@pytest.mark.clause("S1-7d")
@pytest.mark.clause("S1-7e")
def test_an_expert_answers_reports_and_is_scored_paid_and_appraised(district: District) -> None:
    file, member = own_file(district), engage(district)
    expert = expert_of(member)
    office = client_of(district.department)
    body = {"file": file.pk, "purpose": "inspection", "field": "process", "visit_date": TODAY}
    assert office.post(reverse("training:pool_assign", args=[member.pk]), {**body, "field": "fire"}).status_code == 422
    assert office.post(reverse("training:pool_assign", args=[member.pk]), body).status_code == 303
    row = Assignment.objects.get()
    page = reverse("training:assignment", args=[row.pk])
    mine = client_of(expert)
    stranger = client_of(make_actor(make_org(kind="agency"), "expert"))
    assert stranger.get(page).status_code == 404
    assert mine.post(page, {"act": "accept"}).status_code == 303
    found = reverse("training:assignment_finding", args=[row.pk])
    given = {"part": "design", "field": "process", "place": "反应釜", "text": "无紧急切断", "advice": "增设切断阀"}
    assert mine.post(found, {**given, "advice": ""}).status_code == 422
    assert mine.post(found, {**given, "is_major": "on"}).status_code == 303
    assert mine.post(found, {**given, "part": "operation", "text": "报警未确认"}).status_code == 303
    report = mine.get(reverse("training:assignment_report", args=[row.pk, "docx"]))
    assert report.content[:2] == b"PK"
    told_parts = client_of(district.enterprise).get(page).context["parts"]
    assert [(str(label), len(rows)) for label, rows in told_parts] == [("设计", 1), ("运行", 1)]
    assert mine.post(page, {"act": "finish", "text": "已诊断", "hours": "6"}).status_code == 303
    assert mine.post(page, {"act": "score", "score": "100", "text": "自评"}).status_code == 403
    assert office.post(page, {"act": "score", "score": "55", "text": "报告粗略"}).status_code == 303
    assert office.post(page, {"act": "pay", "fee_yuan": "1200", "cost_yuan": "80", "text": "凭证1"}).status_code == 303
    assert mine.post(found, given).status_code == 409
    row.refresh_from_db()
    assert (row.status, row.fee_yuan, row.cost_yuan) == ("PAID", 1200, 80)
    own = reverse("training:pool_member", args=[member.pk])
    assert "1200" in office.get(own, {"tab": "duty"}).content.decode()
    assert client_of(district.enterprise).get(own, {"tab": "duty"}).status_code == 422
    appraisal = {"act": "appraise", "year": TODAY.year, "result": "good", "reward": "续聘"}
    refused = office.post(own, appraisal)
    assert (refused.status_code, "应为不合格" in refused.content.decode()) == (422, True)
    assert office.post(own, {**appraisal, "result": "poor", "reward": "移出专家库"}).status_code == 303
    member.refresh_from_db()
    assert member.excluded_at is not None
    with pytest.raises(Conflict):
        assignments.assign_member(
            actor=district.department, file=file, member=member, purpose="screening", field="process",
            visit_date=TODAY, now=NOW,
        )  # fmt: skip
    assert User.objects.filter(pk=expert.user_id).exists()


def body_of(agent: PoolMember, **known: Any) -> dict[str, Any]:
    return {
        "agency": agent.pk, "number": "PJ-01", "kind": "current", "field": "process",
        "contract_date": TODAY - timedelta(days=40), "site_date": TODAY - timedelta(days=20),
        "report_date": TODAY - timedelta(days=10), "team": "某评，P001，2030-01-01，化工工艺", "conclusion": "可接受",
        "problem_count": "2", "rectified_count": "1", "hazard_count": "0", "text": "本装置工艺为连续精馏" * 20,
        "files": SimpleUploadedFile("报告.txt", b"report", content_type="text/plain"), **known,
    }  # fmt: skip


@pytest.mark.clause("S2-G2f")
@pytest.mark.clause("S3-4.7c")
def test_reports_are_kept_by_user_doubted_by_rules_and_a_false_one_is_punished(district: District) -> None:
    agent = agency(district)
    new = reverse("training:agency_report_new")
    own, other = client_of(district.enterprise), client_of(district.other_enterprise)
    open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=NOW)
    bad = own.post(new, body_of(agent, team="某评"))
    assert (bad.status_code, "可接受" in bad.content.decode()) == (422, True)
    assert own.post(new, body_of(agent)).status_code == 303
    first = AgencyReport.objects.get()
    assert [one["code"] for one in first.doubts] == ["no_photo"]
    assert first.next_due == first.report_date.replace(year=first.report_date.year + 3)
    hasty = body_of(
        agent, number="PJ-02", field="fire", contract_date=TODAY - timedelta(days=12), hazard_count="2",
        team="某评，P001，2026-01-01，化工工艺",
    )  # fmt: skip
    assert other.post(new, hasty).status_code == 303
    second = AgencyReport.objects.get(number="PJ-02")
    assert {one["code"] for one in second.doubts} == {
        "certificate", "scope", "two_sites", "no_photo", "similar", "fast", "registry"
    }  # fmt: skip
    office = client_of(district.officer)
    spot = office.get(reverse("training:agency_reports"), {"spot": "1"}).content.decode()
    assert ("PJ-02" in spot, "PJ-01" in spot) == (True, False)
    page = reverse("training:agency_report", args=[second.pk])
    assert "P001" in office.get(page, {"tab": "doubts"}).content.decode()
    assert other.get(page, {"tab": "doubts"}).status_code == 422
    assert own.get(page).status_code == 404
    check = reverse("training:agency_check", args=[second.pk])
    verdict = {"checked_date": TODAY, "result": "false", "text": "现场未到"}
    assert other.post(check, verdict).status_code == 403
    assert office.post(check, verdict).status_code == 422
    verdict |= {"penalty": "罚款并移送", "decision": "示应急罚〔2026〕1号", "fine_yuan": "100000"}
    assert office.post(check, verdict).status_code == 303
    assert "示应急罚" in office.get(page, {"tab": "checks"}).content.decode()
    assert "PJ-02" not in office.get(reverse("training:agency_reports"), {"spot": "1"}).content.decode()


def test_what_a_diagnosis_finds_later_casts_doubt_on_a_report_without_problems(district: District) -> None:
    file, agent, member = own_file(district), agency(district), engage(district)
    made = client_of(district.enterprise).post(
        reverse("training:agency_report_new"), body_of(agent, problem_count="0", rectified_count="0")
    )
    assert made.status_code == 303
    row = assignments.assign_member(
        actor=district.department, file=file, member=member, purpose="guidance", field="process", visit_date=TODAY,
        now=NOW,
    )  # fmt: skip
    assignments.move_assignment(actor=district.department, row=row, name="accept", given={}, now=NOW)
    assignments.add_finding(
        actor=district.department, row=row, part="design", field="process", place="釜", text="缺联锁", basis="",
        advice="增设", is_major=True, now=NOW,
    )  # fmt: skip
    assert agencies.look_at_reports() == 1
    assert "no_problem" in {one["code"] for one in AgencyReport.objects.get().doubts}


@pytest.mark.clause("S3-5.2d")
@pytest.mark.clause("S4-B3.5.2b")
def test_services_bought_are_kept_with_each_visit_by_kind_and_bar_the_provider(district: District) -> None:
    agent = agency(district, fields=["management"])
    own, file = client_of(district.enterprise), own_file(district)
    body = {
        "provider": agent.pk, "number": "GJ-01", "kinds": ["training", "screening"], "from_date": TODAY,
        "to_date": TODAY + timedelta(days=365), "amount_yuan": "36000", "visits_a_year": "12",
    }  # fmt: skip
    assert own.post(reverse("training:service_new"), {**body, "kinds": []}).status_code == 422
    assert own.post(reverse("training:service_new"), body).status_code == 303
    rest = own.get(reverse("api:list_service_contracts")).json()["items"][0]
    visit = reverse("training:service_visit", args=[rest["id"]])
    came = {"kind": "training", "visited_date": TODAY, "people": "某师", "text": "全员培训", "found": "0"}
    assert own.post(visit, {**came, "kind": "drill"}).status_code == 422
    for kind in ("training", "screening"):
        assert own.post(visit, {**came, "kind": kind}).status_code == 303
    page = client_of(district.town).get(reverse("training:service", args=[rest["id"]])).content.decode()
    assert "全员培训" in page
    listed = client_of(district.officer).get(reverse("api:list_service_contracts")).json()["items"]
    assert listed[0]["visit_count"] == 2
    assert client_of(district.other_enterprise).get(reverse("api:list_service_contracts")).json()["items"] == []
    with pytest.raises(Conflict):
        assignments.assign_member(
            actor=district.department, file=file, member=agent, purpose="screening", field="management",
            visit_date=TODAY, now=NOW,
        )  # fmt: skip
