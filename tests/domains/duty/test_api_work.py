"""Problems, campaigns and meetings by REST, and the evidence of work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.domains.duty.factories import make_assignment, make_task
from tests.domains.duty.rest import Program
from tests.factories import District, make_actor, make_district, make_file

from quancheng.domains.duty.models import Campaign, Decision, Meeting, Problem, Task
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def office(district: District) -> Program:
    return Program(district.director)


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


# Problems --------------------------------------------------------------------------------------------------------


def problem_of(district: District, **given: Any) -> dict[str, Any]:
    return {
        "title": "储罐区未设防火堤", "text": "北侧防火堤有缺口。", "unit_id": district.enterprise_org.pk,
        "source": "联合检查", "found_date": day(0), **given,
    }  # fmt: skip


@pytest.mark.clause("S4-A2.2.2a")
def test_a_problem_goes_through_its_seven_mechanisms_by_rest(district: District, office: Program) -> None:
    """A program lists a problem, gives it an owner, sees it rectified with evidence, learned from, and closed."""
    key = uuid7()
    row = office.done("/problems", problem_of(district), key=key)
    assert office.done("/problems", problem_of(district), key=key)["id"] == row["id"]
    assert office.post("/problems", problem_of(district, title="别的"), key=key).status_code == 409
    path, unit = f"/problems/{row['id']}", Program(district.enterprise)
    assert unit.get(path).status_code == 404
    assert office.post(f"{path}/close").status_code == 409
    assert office.done(f"{path}/enlist")["status"] == "LISTED"
    office.done(f"{path}/sections/state_cause", {"text": "设计缺陷"})
    assert office.done(f"{path}/sections/plan_measure", {"text": "补砌"})["cause"] == "设计缺陷"
    owed = {"org_id": district.enterprise_org.pk, "due_date": day(20), "person": "某甲"}
    assert office.post(f"{path}/assign", {**owed, "due_date": day(-1)}).json()["fields"].keys() == {"due_date"}
    assert office.done(f"{path}/assign", owed)["org_id"] == str(district.enterprise_org.pk)
    result = {"result": "已补砌", "evidence": [make_file(district.enterprise)]}
    assert unit.post(f"{path}/rectify", {**result, "evidence": []}).status_code == 422
    assert unit.done(f"{path}/rectify", result)["status"] == "RECTIFIED"
    assert office.post(f"{path}/return").status_code == 422
    assert office.done(f"{path}/verify")["status"] == "VERIFIED"
    other = {"text": "同类罐区", "org_ids": [district.other_enterprise_org.pk]}
    assert office.done(f"{path}/compare", other)["status"] == "CHECKED"
    office.done(f"{path}/sections/root", {"text": "修订设计标准"})
    assert office.done(f"{path}/sections/analyse", {"text": "老旧罐区多发"})["status"] == "ANALYSED"
    assert office.post(f"{path}/close").status_code == 409
    (opened,) = office.ids("/problems", parent_id=row["id"])
    office.done(f"/problems/{opened}/discard", {"reason": "经查没有"})
    assert office.done(f"{path}/close")["status"] == "CLOSED"
    assert office.ids("/problems", open="true") == []


def test_problems_are_listed_by_what_they_are_and_shown_to_nobody_else(district: District, office: Program) -> None:
    row = office.done("/problems", problem_of(district, industry="gas", list="disaster"))
    assert office.ids("/problems", industry="gas", unit_id=district.enterprise_org.pk) == [row["id"]]
    assert office.ids("/problems", industry="fire") == []
    assert office.get("/problems", industry="GAS").json()["fields"].keys() == {"query.industry"}
    for stranger in (district.other_town, district.other_enterprise):
        program = Program(stranger)
        assert program.ids("/problems") == []
        assert program.get(f"/problems/{row['id']}").status_code == 404
        assert program.post(f"/problems/{row['id']}/enlist").status_code == 404


def test_without_the_duty_no_problem_is_entered_or_moved(district: District, office: Program) -> None:
    row = office.done("/problems", problem_of(district))
    bare = Program(district.director, duties=[])
    for path, body in (("/problems", problem_of(district)), (f"/problems/{row['id']}/enlist", {})):
        answer = bare.post(path, body)
        assert (answer.status_code, answer.json()["facts"]) == (403, {"duty": "duty.problems.manage"}), path
    assert bare.get(f"/problems/{row['id']}").status_code == 200
    assert Problem.objects.get().status == "FOUND"
    absent = office.post("/problems", problem_of(district, unit_id=uuid7()))
    assert (absent.status_code, list(absent.json()["fields"])) == (422, ["unit_id"])


# Campaigns -------------------------------------------------------------------------------------------------------


def campaign_of(district: District, **given: Any) -> dict[str, Any]:
    return {
        "title": "百日行动", "leader": "某甲", "target": "零事故", "period_from": day(0), "period_to": day(100),
        "org_ids": [district.town_org.pk], "items": ["是否排查到位", "是否建立台账"], "rounds": 2, **given,
    }  # fmt: skip


@pytest.mark.clause("S4-A2.3.5d", "S5-3.0", "S5-1a")
def test_a_campaign_runs_by_rest_from_its_preparation_to_its_end(district: District, office: Program) -> None:
    """Period, target and checklist by a program; each unit answers with evidence; what is wrong becomes a problem."""
    row = office.done("/campaigns", campaign_of(district))
    path, key = f"/campaigns/{row['id']}", uuid7()
    changed = campaign_of(district, title="百日整治", version=row["version"])
    for _time in range(2):
        assert office.done(f"{path}/revise", changed, key=key)["title"] == "百日整治"
    assert [one["text"] for one in office.get(path).json()["items"]] == changed["items"]
    assert office.post(f"{path}/revise", changed).status_code == 409  # read before the last change
    assert office.done(f"{path}/start")["status"] == "RUNNING"
    assert office.post(f"{path}/revise", changed).status_code == 409
    unit = Program(district.town)
    (owed,) = unit.ids(f"{path}/units", status="DUE")
    first, second = [one["id"] for one in unit.get(path).json()["items"]]
    said = {
        "answers": [{"item_id": first, "answer": "no", "text": "两处未排查"}, {"item_id": second, "answer": "yes"}],
        "evidence": [make_file(district.town)],
    }
    half = {**said, "answers": said["answers"][:1]}
    assert list(unit.post(f"/campaign-units/{owed}/answer", half).json()["fields"]) == [f"answer_{second}"]
    assert unit.done(f"/campaign-units/{owed}/answer", said)["status"] == "SUBMITTED"
    assert unit.post(f"/campaign-units/{owed}/accept").status_code == 403
    judged = office.done(f"/campaign-units/{owed}/accept")
    assert [one["answer"] for one in judged["answers"]] == ["no", "yes"]
    assert Problem.objects.get().text == "两处未排查"
    opening = uuid7()
    for _time in range(2):
        assert office.done(f"{path}/rounds", key=opening)["round_open"] == 2
    (again,) = office.ids(f"{path}/units", round=2)
    office.done(f"/campaign-units/{again}/release", {"reason": "已撤并"})
    assert office.done(f"{path}/report", {"report": "完成"})["figures"]["coverage"] == 100
    assert office.done(f"{path}/close")["status"] == "CLOSED"


def test_a_campaign_is_for_whom_it_covers_and_for_who_may_run_it(district: District, office: Program) -> None:
    row = office.done("/campaigns", campaign_of(district))
    path = f"/campaigns/{row['id']}"
    office.done(f"{path}/start")
    stranger, bare = Program(district.other_town), Program(district.director, duties=[])
    (unit,) = office.ids(f"{path}/units")
    for address in (path, f"{path}/units", f"/campaign-units/{unit}"):
        assert stranger.get(address).status_code == 404
        assert bare.get(address).status_code == 200
    assert stranger.ids("/campaigns") == []
    for address, body in (("/campaigns", campaign_of(district)), (f"{path}/cancel", {"reason": "x"}),
                          (f"{path}/rounds", {})):  # fmt: skip
        assert bare.post(address, body).status_code == 403
    assert Campaign.objects.get().status == "RUNNING"
    assert office.post("/campaigns", campaign_of(district, items=[])).status_code == 422
    task, key = {"text": "补充排查", "org_ids": [district.town_org.pk], "due_date": day(30)}, uuid7()
    made = [office.done(f"{path}/tasks", task, key=key)["id"] for _time in range(2)]
    assert made[0] == made[1]
    assert Task.objects.filter(origin="campaign").count() == 1


# Meetings --------------------------------------------------------------------------------------------------------


def meeting_of(district: District, **given: Any) -> dict[str, Any]:
    return {
        "title": "危化品联席会议", "kind": "joint", "due_date": day(10), "org_ids": [district.town_org.pk], **given
    }  # fmt: skip


@pytest.mark.clause("S1-1a")
def test_a_meeting_is_held_by_rest_and_its_decisions_become_tasks(district: District, office: Program) -> None:
    """A joint conference is planned, its attendance and minutes recorded, each resolution becomes a tracked task."""
    row = office.done("/meetings", meeting_of(district))
    path = f"/meetings/{row['id']}"
    office.done(f"{path}/invite", {"org_ids": [district.department_org.pk]})
    held = {"held_at": timezone.now().isoformat(), "chair": "某甲", "place": "三楼"}
    assert office.post(f"{path}/hold", {**held, "held_at": day(0) + "T10:00:00"}).status_code == 422  # no time zone
    attendees = office.done(f"{path}/hold", held)["attendees"]
    assert office.post(f"{path}/minutes", {"minutes": "纪要"}).status_code == 409
    assert office.get(f"{path}/minutes.docx").status_code == 404
    entries = [{"attendee_id": one["id"], "attendance": "present"} for one in attendees]
    bad = [{**entries[0], "attendance": "substitute"}]
    assert office.post(f"{path}/attendance", {"entries": bad}).status_code == 422
    office.done(f"{path}/attendance", {"entries": entries})
    decision, key = {"text": "开展排查", "org_ids": [district.town_org.pk], "due_date": day(30)}, uuid7()
    for _time in range(2):
        assert len(office.done(f"{path}/decisions", decision, key=key)["decisions"]) == 1
    struck = office.done(f"{path}/decisions", {**decision, "text": "多余"})["decisions"][1]
    office.done(f"{path}/decisions/{struck['id']}/strike")
    assert office.done(f"{path}/minutes", {"minutes": "会议研究了重点工作。"})["number"]
    assert office.get(f"{path}/minutes.docx").content[:2] == b"PK"
    sent = office.done(f"{path}/circulate")
    assert [one["task_id"] for one in sent["decisions"]] == [str(Task.objects.get().pk)]
    assert Decision.objects.get().task is not None
    unit = Program(district.town)
    (receipt,) = unit.ids("/meeting-receipts", own="true")
    assert unit.done(f"/meeting-receipts/{receipt}/receive")["status"] == "RECEIVED"
    assert office.ids("/meeting-receipts", meeting_id=row["id"], status="RECEIVED") == [receipt]


def test_a_meeting_is_for_whom_it_invites_and_for_who_may_call_it(district: District, office: Program) -> None:
    row = office.done("/meetings", meeting_of(district))
    path, stranger = f"/meetings/{row['id']}", Program(district.other_town)
    assert Program(district.town).ids("/meetings") == [row["id"]]
    assert stranger.ids("/meetings") == []
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/cancel", {"reason": "x"}).status_code == 404
    bare = Program(district.director, duties=[])
    for address, body in (("/meetings", meeting_of(district)), (f"{path}/cancel", {"reason": "x"}),
                          (f"{path}/reschedule", {"due_date": day(20), "reason": "x"})):  # fmt: skip
        assert bare.post(address, body).status_code == 403
    assert office.done(f"{path}/reschedule", {"due_date": day(20), "reason": "有事"})["due_date"] == day(20)
    assert Meeting.objects.get().status == "PLANNED"
    urgent = office.post("/meetings", meeting_of(district, kind="adhoc"))
    assert list(urgent.json()["fields"]) == ["trigger"]


# Evidence --------------------------------------------------------------------------------------------------------


def test_the_evidence_of_an_assignment_is_listed_and_fetched_by_rest(district: District, office: Program) -> None:
    row = make_assignment(district)
    unit = Program(district.department)
    path = f"/assignments/{row.pk}"
    unit.done(f"{path}/accept")
    sent = {"percent": 100, "text": "完成", "evidence": [make_file(district.department, "台账", name="台账.txt")]}
    unit.done(f"{path}/submit", sent)
    (report,) = office.get(f"{path}/reports").json()["items"]
    (file,) = report["files"]
    assert (report["percent"], file["name"], file["media_type"], file["size"]) == (100, "台账.txt", "text/plain", 6)
    assert file["digest"].startswith("sha256:")
    answer = office.get(f"/files/{file['id']}", base="/api/v1")
    assert b"".join(answer.streaming_content).decode() == "台账"
    held = {"subject_type": "duty.progress", "subject_id": report["id"]}
    assert office.get("/files", base="/api/v1", **held).json()["items"] == [file]
    stranger = Program(district.other_town)
    assert stranger.get(f"{path}/reports").status_code == 404
    assert stranger.get("/files", base="/api/v1", **held).status_code == 404
    assert stranger.get(f"/files/{file['id']}", base="/api/v1").status_code == 404


def test_the_files_of_any_record_are_listed_by_its_kind(district: District, office: Program) -> None:
    row = office.done("/problems", problem_of(district))
    held = {"subject_type": "duty.problem", "subject_id": row["id"]}
    assert office.get("/files", base="/api/v1", **held).json()["items"] == []
    assert Program(district.enterprise).get("/files", base="/api/v1", **held).status_code == 404
    for kind, status in (("duty.nothing", 404), ("people.user", 404), ("Problem", 422)):
        answer = office.get("/files", base="/api/v1", subject_type=kind, subject_id=row["id"])
        assert answer.status_code == status


# Key periods -----------------------------------------------------------------------------------------------------


@pytest.mark.clause("S4-C3.1.3c")
def test_a_key_period_is_opened_by_rest_and_its_days_and_weeks_are_owed(district: District, office: Program) -> None:
    """Ten days of a task done in key periods alone: ten days and two weeks are owed, once, and nothing before."""
    rule = {"rrules": ["FREQ=DAILY", "FREQ=WEEKLY"]}
    task = make_task(district, kind="event", due_date=None, review_date=date(2099, 1, 1), rule=rule)
    assignment = task.assignments.get()
    assert office.ids(f"/assignments/{assignment.pk}/instalments") == []
    period, key = {"label": "国庆节", "first": day(1), "last": day(10)}, uuid7()
    for _time in range(2):
        made = office.done(f"/tasks/{task.pk}/key-periods", period, key=key)
        assert sorted(one["key"][0] for one in made) == ["d"] * 10 + ["w"] * 2
    unit = Program(district.department)
    owed = unit.ids(f"/assignments/{assignment.pk}/instalments")
    assert len(owed) == 12
    assert unit.get(f"/instalments/{owed[0]}").json()["label"].startswith("国庆节")
    upside = office.post(f"/tasks/{task.pk}/key-periods", {**period, "last": day(0)})
    assert list(upside.json()["fields"]) == ["last"]
    assert Program(district.director, duties=[]).post(f"/tasks/{task.pk}/key-periods", period).status_code == 403
    stranger = Program(make_actor(district.other_town_org, "town.head"))
    assert stranger.post(f"/tasks/{task.pk}/key-periods", period).status_code == 404
    assert stranger.get(f"/instalments/{owed[0]}").status_code == 404
