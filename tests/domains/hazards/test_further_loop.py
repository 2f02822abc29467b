"""Further parts of a danger's loop: handed to the competent body, reported on, running again, longest terms."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file, paper, report_spec, told_report
from tests.domains.hazards.test_findings import act, fixing, people, picture, status, upload
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org

from quancheng.domains.hazards.models import (
    ExpiryReview,
    Finding,
    HandOver,
    MajorReport,
    Resumption,
    ReviewReport,
    TermRule,
)
from quancheng.domains.hazards.queries.announced import announced_facts
from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.domains.hazards.queries.majors import list_majors, missing_parts
from quancheng.domains.hazards.queries.terms import terms_on
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.expiry_reviews import owe_expiry_reviews
from quancheng.domains.hazards.services.hand_overs import hand_over, receive, send_back
from quancheng.domains.hazards.services.learning import LessonSpec
from quancheng.domains.hazards.services.majors import call_for_reports
from quancheng.domains.hazards.services.resumptions import ResumptionSpec, apply_resumption, decide_resumption
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LESSON = LessonSpec(whys=("图便宜", "制度没有规定"), places=(("2号口", "未见同类问题"),), training="培训一次")


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def ok(answer: Any) -> None:
    found = re.findall(r"(?:invalid|error|danger|notice)[^>]*>(.{0,200})", answer.content.decode())
    assert answer.status_code in (302, 303), (answer.status_code, found)


def do(client: Client, address: str, row: Any, name: str, **given: Any) -> Any:
    return client.post(reverse(f"hazards:{address}", args=[row.pk]), {"act": name, **given})


def fire_office(district: District) -> Actor:
    """A body that supervises another link of the chain: scope alone shows it nothing of the first enterprise."""
    office = make_org("示例区消防救援大队", area=district.area, links=("transport",), code="FRB")
    return make_actor(office, "department.officer")


def ended(district: District, *, stop: str = "none", name: str = "液氨用软管", **known: Any) -> Finding:
    """A major danger that was put right and waits for acceptance inside."""
    row = make_finding(district.enterprise, own_file(district), name=name, is_major=True, criterion="CH-07", **known)
    fields: dict[str, Any] = {
        "status": "FIXING", "is_planned": True, "deadline": TODAY + timedelta(days=9), "grade": "major", "stop": stop,
    }  # fmt: skip
    Finding.objects.filter(pk=row.pk).update(**fields)
    done = {"result": "已更换", "whys": "图便宜\n制度没有规定", "places": "2号口：未见同类问题", "training": "培训一次"}
    ok(act(client_of(make_actor(district.enterprise_org, "enterprise.worker")), row, "finish", **done,
           evidence=picture(61 + len(name))))  # fmt: skip
    row.refresh_from_db()
    return row


# Handing over ------------------------------------------------------------------------------------------------------


def test_a_danger_goes_to_the_competent_body_which_supervises_it_from_its_acceptance_on() -> None:
    district = make_district()
    fire = fire_office(district)
    row = make_finding(district.department, own_file(district), name="疏散通道堵塞")
    office, theirs, own = client_of(district.department), client_of(fire), client_of(district.enterprise)
    page = reverse("hazards:finding", args=[row.pk])
    assert theirs.get(page).status_code == 404
    new = reverse("hazards:hand_over_new", args=[row.pk])
    assert own.get(new).status_code == 403
    assert client_of(district.town).get(new).status_code == 403  # it sees it, and does not supervise it
    sent = {"receiver": str(fire.organisation_id), "reason": "属消防监督管理范围", "basis": "消防法第五十三条"}
    kept = office.post(new, {**sent, "basis": ""})
    assert kept.status_code == 422
    assert "属消防监督管理范围" in kept.content.decode()
    assert office.post(new, {**sent, "receiver": str(district.enterprise_org.pk)}).status_code == 422
    ok(office.post(new, sent))
    made = HandOver.objects.get()
    assert office.post(new, sent).status_code == 409
    assert made.term_date == TODAY + timedelta(days=3)
    # Until it accepts the danger is the first office's, and the receiver owes its answer.
    row.refresh_from_db()
    assert row.supervisor_id == district.department_org.pk
    owed = WorkItem.objects.get(subject_id=made.pk, done_at__isnull=True)
    assert (owed.owner_org_id, owed.duty) == (fire.organisation_id, "hazards.findings.supervise")
    assert theirs.get(page).status_code == 200
    assert do(office, "hand_over", made, "accept").status_code in (403, 404, 409, 422)
    assert do(theirs, "hand_over", made, "return", reason="").status_code == 422
    ok(do(theirs, "hand_over", made, "accept", text="已列入本队台账"))
    row.refresh_from_db()
    assert row.supervisor_id == fire.organisation_id
    step = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert step.owner_org_id == district.enterprise_org.pk  # what the enterprise owes stays with it
    assert office.get(page).status_code == 200
    tab = office.get(page + "?tab=hand_overs").content.decode()
    assert "已列入本队台账" in tab
    assert "属消防监督管理范围" in own.get(reverse("hazards:hand_over", args=[made.pk])).content.decode()
    assert client_of(district.other_enterprise).get(reverse("hazards:hand_over", args=[made.pk])).status_code == 404
    assert act(office, row, "order", grade="general").status_code in (403, 404, 409, 422)
    ok(act(theirs, row, "order", grade="general"))
    for who in (office, theirs):
        assert row.name in who.get(reverse("hazards:findings") + "?handed_over=1").content.decode()
        assert row.code in who.get(reverse("hazards:hand_overs")).content.decode()
    other = make_finding(district.enterprise, row.file, name="标牌褪色")
    assert other.name not in office.get(reverse("hazards:findings") + "?handed_over=1").content.decode()


def test_what_is_sent_back_with_the_reason_stays_where_it_was_and_is_read_no_longer() -> None:
    district = make_district()
    fire = fire_office(district)
    row = make_finding(district.enterprise, own_file(district))
    receiver = fire.organisation_id
    body = Organisation.objects.get(pk=receiver)
    made = hand_over(actor=district.department, row=row, receiver=body, reason="属消防", basis="分工文件", now=NOW)
    ok(do(client_of(fire), "hand_over", made, "return", reason="属危化品储存安全，由应急局监管"))
    made.refresh_from_db()
    row.refresh_from_db()
    assert (made.status, row.supervisor_id) == ("RETURNED", district.department_org.pk)
    with pytest.raises(NotFound):
        get_finding(actor=fire, finding_id=row.pk)
    page = client_of(fire).get(reverse("hazards:hand_over", args=[made.pk])).content.decode()
    assert "由应急局监管" in page  # its own answer it goes on reading
    late = NOW + timedelta(days=20)
    again = hand_over(actor=district.department, row=row, receiver=body, reason="属消防", basis="批复", now=late)
    assert again.term_date < late.date()
    assert "超过移送时限" in client_of(district.department).get(
        reverse("hazards:hand_over", args=[again.pk])
    ).content.decode()  # fmt: skip
    # The danger ends while it waits: nobody owes an answer any more.
    services.discard_finding(actor=district.enterprise, row=row, name="discard", reason="不是隐患", now=late)
    again.refresh_from_db()
    assert again.status == "ENDED"


def test_what_the_first_office_owed_is_the_receivers_with_its_reports_and_applications() -> None:
    district = make_district()
    fire = fire_office(district)
    body = Organisation.objects.get(pk=fire.organisation_id)
    row = ended(district, stop="part")
    call_for_reports(row=row, now=NOW)
    head = people(district)["head"]
    report = report_spec(head)
    services.accept_finding(actor=head, row=row, comment="合格", report=report, now=NOW)
    spec = ResumptionSpec("申请恢复", "agency", "示例公司", "具备条件", (upload(district.enterprise, 71),))
    applied = apply_resumption(actor=district.enterprise, row=row, spec=spec, now=NOW)
    before = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    made = hand_over(actor=district.department, row=row, receiver=body, reason="属消防", basis="分工", now=NOW)
    receive(actor=fire, row=made, text="", now=NOW)
    items = WorkItem.objects.filter(subject_id__in=[row.pk, applied.pk], done_at__isnull=True)
    assert {one.owner_org_id for one in items} == {fire.organisation_id}
    assert items.get(subject_id=row.pk).due_at == before.due_at
    theirs = client_of(fire)
    for one in MajorReport.objects.filter(finding=row):
        assert theirs.get(reverse("hazards:report", args=[one.pk])).status_code == 200
    ok(act(theirs, row, "cancel", comment="复核合格"))
    ok(do(theirs, "resumption", applied, "allow", visited=TODAY.isoformat(), text="可以恢复"))
    # Handing a danger over is not one of the two transfers that its mechanism counts: those are still missing.
    line = list_majors(actor=district.department).get(pk=row.pk)
    assert {part.value for part in missing_parts(line)["transfer"]} == {"discipline", "justice"}


def test_an_answer_to_a_hand_over_told_again_does_nothing_whatever_came_since() -> None:
    district = make_district()
    fire, office = fire_office(district), district.department
    there, back = (Organisation.objects.get(pk=one.organisation_id) for one in (fire, office))
    row = make_finding(district.enterprise, own_file(district))
    sent, taken, returned = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()

    def send(receiver: Organisation, key: uuid.UUID | None, *, row: Finding = row) -> HandOver:
        by = office if receiver == there else fire
        return hand_over(actor=by, row=row, receiver=receiver, reason="属你单位", basis="分工", now=NOW, client_id=key)

    made, stale = send(there, sent), Finding.objects.get(pk=row.pk)
    receive(actor=fire, row=made, text="", now=NOW, client_id=taken)
    assert send(there, sent).pk == made.pk  # the office holds it no more, and is told of the first again
    with pytest.raises(NotPermitted):
        send(there, None, row=stale)
    row.refresh_from_db()
    receive(actor=office, row=send(back, None), text="", now=NOW)
    receive(actor=fire, row=made, text="", now=NOW, client_id=taken)
    row.refresh_from_db()
    assert (made.status, row.supervisor_id) == ("ACCEPTED", back.pk)
    # Sent back, handed over again: the same return, told again, closes the door to nobody who waits to answer.
    other = make_finding(district.enterprise, row.file, name="标牌褪色", place="门口")
    for _turn in range(2):
        send(there, None, row=other)
        first = HandOver.objects.filter(finding=other).order_by("pk")[0]
        send_back(actor=fire, row=first, name="return", reason="不属本队", now=NOW, client_id=returned)
    assert get_finding(actor=fire, finding_id=other.pk).pk == other.pk


# Review reports and running again ----------------------------------------------------------------------------------


def test_nobody_takes_a_major_danger_off_the_list_without_the_report_of_an_expert_or_an_agency() -> None:
    district = make_district()
    row = ended(district)
    safety, office = client_of(district.enterprise), client_of(district.department)
    assert "专家或机构名称" in safety.get(reverse("hazards:finding", args=[row.pk]) + "?act=pass").content.decode()
    for lacking in ("maker", "conclusion", "report_files", "verdict"):
        sent = {"comment": "现场看过", **told_report()}
        sent.pop(lacking)
        answer = act(safety, row, "pass", **sent)
        assert answer.status_code == 422, lacking
        assert "现场看过" in answer.content.decode()
    bad = act(safety, row, "pass", comment="合格", **told_report(made_date=(TODAY + timedelta(days=1)).isoformat()))
    assert bad.status_code == 422
    assert status(row) == "ACCEPTING"
    assert act(safety, row, "pass", comment="合格", **told_report(verdict="stands")).status_code == 422
    # One that got before the regulator by another way: it says why it cannot cancel, and the enterprise hands one in.
    accepted = {"accepted_at": NOW, "accepted_by": people(district)["head"].user_id}
    Finding.objects.filter(pk=row.pk).update(status="CANCELLING", **accepted)
    refused = act(office, row, "cancel", comment="复核合格")
    assert refused.status_code == 409
    assert "审查报告" in refused.content.decode()
    new = reverse("hazards:review_report_new", args=[row.pk])
    assert office.get(new).status_code == 403
    assert client_of(district.other_enterprise).get(new).status_code in (403, 404)
    ok(safety.post(new, told_report(verdict="stands", conclusion="仍有泄漏")))
    assert "未消除" in act(office, row, "cancel", comment="复核合格").content.decode()
    key = str(uuid.uuid4())
    for _again in range(2):
        ok(safety.post(new, told_report(maker="示例检测公司", client_id=key)))
    page = office.get(reverse("hazards:finding", args=[row.pk]) + "?tab=review_reports").content.decode()
    assert "示例检测公司" in page
    assert "审查报告.txt" in page
    ok(act(office, row, "cancel", comment="复核合格"))
    assert status(row) == "CLOSED"
    assert ReviewReport.objects.count() == 2


def test_an_application_with_its_report_told_again_brings_one_report() -> None:
    district = make_district()
    row, head, key = ended(district), people(district)["head"], uuid.uuid4()
    for _again in range(2):
        services.accept_finding(actor=head, row=row, comment="合格", report=report_spec(head), now=NOW, client_id=key)
    sent = {"comment": "合格", "client_id": str(key)}
    ok(act(client_of(head), row, "pass", **sent))  # the page asks for no report any more
    assert (status(row), ReviewReport.objects.count()) == ("CANCELLING", 1)


def test_a_report_of_before_a_rework_proves_nothing_of_it() -> None:
    district = make_district()
    row, head = ended(district), people(district)["head"]
    services.accept_finding(actor=head, row=row, comment="合格", report=report_spec(head), now=NOW)
    services.reject_finding(actor=district.department, row=row, reason="仍有泄漏", now=NOW)
    later = NOW + timedelta(hours=2)
    services.finish_finding(actor=district.enterprise, row=row, result="又好了", lesson=LESSON, now=later,
                            photos=[upload(district.enterprise, 88)])  # fmt: skip
    with pytest.raises(Invalid) as refused:
        services.accept_finding(actor=head, row=row, comment="合格", now=later)
    assert set(refused.value.fields) == {"maker"}


def test_work_that_stopped_goes_on_only_when_the_regulator_allowed_it_after_a_visit() -> None:
    district = make_district()
    row = ended(district, stop="all")
    own, office = client_of(district.enterprise), client_of(district.department)
    new = reverse("hazards:resumption_new", args=[row.pk])
    sent = {"text": "已整改，申请恢复", "assessor_kind": "agency", "assessor": "示例评估公司", "assessment": "具备条件"}
    assert own.post(new, {**sent, "report": paper("评估报告.txt")}).status_code == 409  # not accepted inside yet
    head = people(district)["head"]
    services.accept_finding(actor=head, row=row, comment="合格", report=report_spec(head), now=NOW)
    kept = own.post(new, sent)
    assert kept.status_code == 422
    assert "示例评估公司" in kept.content.decode()
    assert office.post(new, {**sent, "report": paper("评估报告.txt")}).status_code == 403
    ok(own.post(new, {**sent, "report": paper("评估报告.txt")}))
    made = Resumption.objects.get()
    assert own.post(new, {**sent, "report": paper("评估报告2.txt")}).status_code == 409
    item = WorkItem.objects.get(subject_id=made.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.due_at.date()) == (district.department_org.pk, TODAY + timedelta(days=10))  # type: ignore[union-attr]
    visited = {"visited": TODAY.isoformat()}
    assert do(own, "resumption", made, "allow", text="可以", **visited).status_code in (403, 404, 409, 422)
    assert do(office, "resumption", made, "allow", text="可以", **visited).status_code == 409  # the danger still stands
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    early = do(office, "resumption", made, "refuse", reason="联锁未投用", visited=yesterday)
    assert early.status_code == 422
    assert "联锁未投用" in early.content.decode()
    ok(do(office, "resumption", made, "refuse", reason="联锁未投用", **visited))
    row.refresh_from_db()
    assert row.is_stopped
    ok(act(office, row, "cancel", comment="复核合格"))
    row.refresh_from_db()
    # It is closed, and nothing may run all the same: an announcement that says so is contradicted.
    assert announced_facts([row.file_id], TODAY)[row.file_id]["running"].value == 0
    assert "停产中" in own.get(reverse("hazards:finding", args=[row.pk])).content.decode()
    assert row.name in office.get(reverse("hazards:findings") + "?stopped=1").content.decode()
    ok(own.post(new, {**sent, "report": paper("评估报告3.txt")}))
    again = Resumption.objects.get(status="APPLIED")
    ok(do(office, "resumption", again, "allow", text="现场审查合格", **visited))
    row.refresh_from_db()
    assert (row.is_stopped, row.resumed_at) == (False, NOW)
    assert "running" not in announced_facts([row.file_id], TODAY)[row.file_id]
    assert own.post(new, {**sent, "report": paper("评估报告4.txt")}).status_code == 409
    assert client_of(district.other_enterprise).get(reverse("hazards:resumption", args=[made.pk])).status_code == 404
    assert row.code in client_of(district.town).get(reverse("hazards:resumptions")).content.decode()


def test_a_plan_says_how_far_work_stops_and_does_not_undo_what_was_ordered() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), is_major=True, criterion="CH-07")
    Finding.objects.filter(pk=row.pk).update(status="PLANNING")
    row.refresh_from_db()
    own = client_of(district.enterprise)
    whole = {
        "goal": "改造", "measures": "更换", "person": "示例甲", "body": "储运部", "money": "10", "materials": "管道",
        "due_date": (TODAY + timedelta(days=20)).isoformat(), "requirements": "按期", "safety_measures": "监护",
        "emergency_plan": "专项预案",
    }  # fmt: skip
    assert act(own, row, "propose", **whole, interim=["watch"], stop="all").status_code == 422
    assert act(own, row, "propose", **whole, interim=["stop"], stop="none").status_code == 422
    ok(act(own, row, "propose", **whole, interim=["stop", "watch"], stop="all"))
    row.refresh_from_db()
    assert (row.stop, row.plan["interim"]) == ("all", ["stop", "watch"])
    assert "全部停产停业" in own.get(reverse("hazards:finding", args=[row.pk]) + "?tab=plan").content.decode()
    services.judge_plan(actor=people(district)["head"], row=row, approved=False, reason="重做", now=NOW)
    ok(act(own, row, "propose", **whole, interim=["watch"]))  # the enterprise's own stop is its to change
    assert (status(row), row.stop) == ("PLANNED", "none")
    services.judge_plan(actor=people(district)["head"], row=row, approved=False, reason="重做", now=NOW)
    Finding.objects.filter(pk=row.pk).update(stop="part", is_stop_ordered=True)
    assert "不能降低停产范围" in act(own, row, "propose", **whole, interim=["watch"]).content.decode()


def test_an_application_and_its_answer_told_again_change_nothing_that_came_since() -> None:
    district = make_district()
    row, head = ended(district, stop="part"), people(district)["head"]
    services.accept_finding(actor=head, row=row, comment="合格", report=report_spec(head), now=NOW)
    services.cancel_finding(actor=district.department, row=row, comment="复核合格", now=NOW)
    spec = ResumptionSpec("申请恢复", "agency", "示例公司", "具备条件", (upload(district.enterprise, 71),))
    asked, said = uuid.uuid4(), uuid.uuid4()

    def ask() -> Resumption:
        return apply_resumption(actor=district.enterprise, row=row, spec=spec, now=NOW, client_id=asked)

    made = ask()
    allow: dict[str, Any] = {"allowed": True, "visited": TODAY, "text": "可以", "evidence": (), "now": NOW}
    decide_resumption(actor=district.department, row=made, client_id=said, **allow)
    assert ask().pk == made.pk  # nothing stands still any more, and it is no new application
    Finding.objects.filter(pk=row.pk).update(resumed_at=None)  # stopped anew
    decide_resumption(actor=district.department, row=made, client_id=said, **allow)
    row.refresh_from_db()
    assert (made.status, row.is_stopped) == ("ALLOWED", True)


def test_what_the_enterprise_stopped_by_itself_goes_on_with_its_own_acceptance_what_was_ordered_does_not() -> None:
    district = make_district()
    file, head = own_file(district), people(district)["head"]
    for number, ordered in enumerate((False, True)):
        row = fixing(district, make_finding(district.enterprise, file, name=f"法兰渗漏{number}", place=f"{number}号"))
        Finding.objects.filter(pk=row.pk).update(stop="part", is_stop_ordered=ordered)
        row.refresh_from_db()
        photo = upload(district.enterprise, 30 + 50 * number)
        services.finish_finding(actor=district.enterprise, row=row, result="好了", lesson=None, photos=[photo], now=NOW)
        services.accept_finding(actor=head, row=row, comment="合格", now=NOW)
        row.refresh_from_db()
        assert (row.status, row.is_stopped) == ("CLOSED", ordered)
    spec = ResumptionSpec("申请恢复", "expert", "示例专家", "具备条件", (upload(district.enterprise, 200),))
    assert apply_resumption(actor=district.enterprise, row=row, spec=spec, now=NOW).status == "APPLIED"
    listed = client_of(district.department).get("/api/v1/hazards/findings?stopped=true").json()["items"]
    assert [one["id"] for one in listed] == [str(row.pk)]


# Terms -------------------------------------------------------------------------------------------------------------


def test_a_term_beyond_the_longest_is_refused_with_the_rule_and_only_the_regulator_grants_it() -> None:
    district = make_district()
    file, own = own_file(district), client_of(district.enterprise)
    row = make_finding(district.enterprise, file)
    beyond = (TODAY + timedelta(days=61)).isoformat()
    who = {"rectifier": str(district.enterprise.user_id), "grade": "general", "cause": "日常维护不到位"}
    refused = act(own, row, "confirm", **who, deadline=beyond)
    assert refused.status_code == 422
    assert "最长整改期限60天" in refused.content.decode()
    assert "日常维护不到位" in refused.content.decode()
    row = fixing(district, row, days=7)
    assert row.deadline == TODAY + timedelta(days=7)
    answer = act(own, row, "ask_extension", until=beyond, reason="等备件")
    assert answer.status_code == 422
    assert "向监管部门申请延期" in answer.content.decode()
    ok(act(own, row, "ask_regulator", until=beyond, reason="等备件"))
    assert status(row) == "EXTENDING_MAJOR"
    head = client_of(make_actor(district.enterprise_org, "enterprise.head"))
    assert act(head, row, "grant_major", until=beyond).status_code in (403, 404, 409, 422)
    ok(act(client_of(district.department), row, "grant_major", until=beyond))
    row.refresh_from_db()
    assert row.deadline == TODAY + timedelta(days=61)
    # An office that orders a longer term has approved it by that.
    plan = {"measures": "更换", "person": "示例", "money": "100", "due_date": beyond, "emergency_plan": "处置卡"}
    for finder, name in ((district.department, "安全阀根部阀关闭"), (district.enterprise, "围堰开裂")):
        theirs = make_finding(finder, file, name=name, place=name)
        ok(act(client_of(district.department), theirs, "order", grade="general", deadline=beyond))
        ok(act(own, theirs, "plan", **plan))
    major = make_finding(district.enterprise, file, name="液氨用软管", is_major=True, criterion="CH-07")
    Finding.objects.filter(pk=major.pk).update(status="PLANNING")
    major.refresh_from_db()
    far = TODAY + timedelta(days=366)
    with pytest.raises(Invalid) as over:
        services.plan_finding(actor=district.enterprise, row=major, now=NOW, plan={"due_date": far, "money": 1})
    assert "365天" in str(over.value.fields["due_date"])


def test_the_district_changes_the_table_from_a_day_on() -> None:
    district = make_district()
    own, head = client_of(district.enterprise), client_of(district.department_head)
    assert "60" in own.get(reverse("hazards:terms")).content.decode()
    new = reverse("hazards:terms_new")
    assert own.get(new).status_code == 403
    told = {
        "usual_blue_h": 120, "usual_yellow_h": 96, "usual_orange_h": 48, "usual_red_h": 12, "longest_blue_d": 20,
        "longest_yellow_d": 20, "longest_orange_d": 10, "longest_red_d": 3, "longest_major_d": 180,
        "from_date": TODAY.isoformat(), "reason": "区安委会文件",
    }  # fmt: skip
    graver = head.post(new, {**told, "usual_red_h": 60})
    assert graver.status_code == 422
    assert "区安委会文件" in graver.content.decode()
    assert head.post(new, {**told, "from_date": (TODAY - timedelta(days=1)).isoformat()}).status_code == 422
    assert TermRule.objects.count() == 0
    for _again in range(2):
        ok(head.post(new, {**told, "client_id": str(uuid.UUID(int=7))}))
    assert TermRule.objects.count() == 1
    assert terms_on(TODAY).longest_blue_d == 20
    assert terms_on(TODAY - timedelta(days=1)).longest_blue_d == 60
    row = make_finding(district.enterprise, own_file(district))
    services.grade_finding(
        actor=district.enterprise, row=row, criterion="", grade="general", rectifier=district.enterprise.user_id,
        deadline=None, cause="", now=NOW,
    )  # fmt: skip
    assert row.deadline == TODAY + timedelta(days=5)
    listed = own.get("/api/v1/hazards/danger-terms").json()
    assert (listed["usual_blue_h"], listed["longest_major_d"]) == (120, 180)
    assert own.get("/api/v1/hazards/danger-terms?day=2020-01-01").json()["longest_major_d"] == 365


def test_a_full_report_says_each_of_its_three_parts_and_the_ledger_tells_when_both_were_told() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), name="液氨用软管", is_major=True, criterion="CH-07")
    Finding.objects.filter(pk=row.pk).update(status="PLANNING")
    call_for_reports(row=row, now=NOW)
    own = client_of(district.enterprise)
    full, workers = MajorReport.objects.get(kind="full"), MajorReport.objects.get(kind="workers")
    told = {"state": "软管代替万向管道", "harm": "泄漏后危害大，整改不难", "treatment": "更换为万向管道"}
    lacking = do(own, "report", full, "send", **{**told, "harm": ""})
    assert lacking.status_code == 422
    assert "软管代替万向管道" in lacking.content.decode()
    ok(do(own, "report", full, "send", **told))
    ok(do(own, "report", workers, "send", text="已向职工代表大会报告"))
    full.refresh_from_db()
    assert "危害程度和整改难易：泄漏后危害大" in full.text
    line = list_majors(actor=district.department).get(pk=row.pk)
    assert (line.report_regulator_at, line.notify_workers_at) == (NOW, NOW)
    page = client_of(district.department).get(
        reverse("hazards:majors") + "?cols=name&cols=report_regulator_at&cols=notify_workers_at"
    )
    assert "首次报告监管部门时间" in page.content.decode()


def test_a_refused_move_leaves_no_report_behind() -> None:
    district = make_district()
    row = ended(district)
    row.learned.delete()
    head = people(district)["head"]
    with pytest.raises(StaleState):
        services.accept_finding(actor=head, row=Finding.objects.get(pk=row.pk), comment="合格", now=NOW,
                                report=report_spec(head))  # fmt: skip
    assert not ReviewReport.objects.exists()


def test_when_the_term_of_a_major_danger_ended_the_regulator_owes_a_look_on_site_within_ten_days() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), name="液氨用软管", is_major=True, criterion="CH-07")
    ended_on = TODAY - timedelta(days=3)
    Finding.objects.filter(pk=row.pk).update(status="FIXING", is_planned=True, deadline=TODAY)
    assert owe_expiry_reviews(now=NOW) == 0  # the last day counts
    Finding.objects.filter(pk=row.pk).update(deadline=ended_on)
    assert [owe_expiry_reviews(now=NOW), owe_expiry_reviews(now=NOW)] == [1, 0]
    made = ExpiryReview.objects.get()
    assert (made.due_date, made.owner_org_id) == (ended_on + timedelta(days=10), district.department_org.pk)
    own, office = client_of(district.enterprise), client_of(district.department)
    page = reverse("hazards:expiry_review", args=[made.pk])
    assert own.get(page).status_code == 404
    assert row.name in office.get(reverse("hazards:expiry_reviews")).content.decode()
    said = {"text": "仍未更换，责令局部停产", "visited": TODAY.isoformat()}
    assert do(office, "expiry_review", made, "review", **said).status_code == 422
    too_soon = {**said, "visited": ended_on.isoformat(), "evidence": picture(9)}
    early = do(office, "expiry_review", made, "review", **too_soon)
    assert early.status_code == 422
    assert "仍未更换" in early.content.decode()
    ok(do(office, "expiry_review", made, "review", **said, evidence=picture(19)))
    assert "仍未更换" in own.get(page).content.decode()
    assert owe_expiry_reviews(now=NOW) == 0  # one look a term
    tab = own.get(reverse("hazards:finding", args=[row.pk]) + "?tab=expiry_reviews").content.decode()
    assert "仍未更换" in tab
    # More time that ends as well calls for another; what is handed in meanwhile calls for none any more.
    Finding.objects.filter(pk=row.pk).update(deadline=TODAY - timedelta(days=1))
    assert owe_expiry_reviews(now=NOW) == 1
    Finding.objects.filter(pk=row.pk).update(status="ACCEPTING", finished_at=NOW)
    assert owe_expiry_reviews(now=NOW) == 0
    assert sorted(ExpiryReview.objects.values_list("status", flat=True)) == ["DONE", "ENDED"]


def test_a_look_that_was_recorded_meanwhile_keeps_no_other_from_being_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    district = make_district()
    file, known = own_file(district), {"is_major": True, "criterion": "CH-07"}
    long_ago = make_finding(district.enterprise, file, name="液氨用软管", **known)
    kept = {"status": "FIXING", "is_planned": True, "deadline": TODAY - timedelta(days=400)}
    Finding.objects.filter(pk=long_ago.pk).update(**kept)
    assert owe_expiry_reviews(now=NOW) == 1
    made = ExpiryReview.objects.get()
    # Nobody counted when its term ended: its days begin today.
    assert (made.expired_date, made.due_date) == (kept["deadline"], TODAY + timedelta(days=10))
    ExpiryReview.objects.filter(pk=made.pk).update(status="DONE", text="已看", visited_date=TODAY)
    monkeypatch.setattr("quancheng.domains.hazards.services.expiry_reviews.needless", lambda: [made])
    other = make_finding(district.enterprise, file, name="防爆墙开裂", **known)
    Finding.objects.filter(pk=other.pk).update(**{**kept, "deadline": TODAY - timedelta(days=1)})
    assert owe_expiry_reviews(now=NOW) == 1
    assert ExpiryReview.objects.get(finding=other).due_date == TODAY + timedelta(days=9)


def test_an_enterprise_ends_no_ordered_stop_by_merging_and_a_consent_told_again_is_not_refused() -> None:
    district = make_district()
    file = own_file(district)
    first = fixing(district, make_finding(district.enterprise, file, name="法兰渗漏", place="1号"))
    second = make_finding(district.enterprise, file, name="法兰又渗漏", place="1号")
    Finding.objects.filter(pk=second.pk).update(stop="part", is_stop_ordered=True)
    second.refresh_from_db()
    own = client_of(district.enterprise)
    for name, more in (("merge", {"into": str(first.pk)}), ("discard", {})):
        refused = act(own, second, name, reason="同一处", **more)
        assert refused.status_code == 409, name
    assert (status(second), second.is_stopped) == ("REPORTED", True)
    Finding.objects.filter(pk=second.pk).update(resumed_at=NOW)
    ok(act(own, second, "merge", reason="同一处", into=str(first.pk)))
    until, key = TODAY + timedelta(days=12), uuid.uuid4()
    services.ask_extension(actor=district.enterprise, row=first, until=until, reason="等备件", now=NOW)
    head = people(district)["head"]
    for _again in range(2):
        services.judge_extension(actor=head, row=first, granted=True, until=until, reason="", now=NOW, client_id=key)
    assert (first.status, first.deadline, first.extension_count) == ("FIXING", until, 1)
