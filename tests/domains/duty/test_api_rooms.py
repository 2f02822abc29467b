"""Smaller rooms of ``duty`` by REST: packs, the library, groups, visits, duty lists, the force, outside receipts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.domains.duty.plan_text import commit
from tests.domains.duty.rest import Program
from tests.factories import District, make_actor, make_district, make_file

from quancheng.domains.duty.models import DutyRecord, OutsideReceipt, Pack, Plan, StaffMember, Task, Visit
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def office(district: District) -> Program:
    return Program(district.director)


@pytest.fixture
def plan(district: District) -> Plan:
    now = timezone.now()
    return commit(district, now - timedelta(days=40), period_to=(now + timedelta(days=300)).date())


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


# Packs and the library ---------------------------------------------------------------------------------------------


def test_a_situation_pack_is_made_once_and_fetched_by_rest(district: District, office: Program, plan: Plan) -> None:
    asked, key = {"plan_ids": [plan.pk], "first_date": day(-30), "last_date": day(0)}, uuid7()
    made = [office.done("/packs", asked, key=key)["id"] for _time in range(2)]
    assert made[0] == made[1]
    assert Pack.objects.count() == 1
    assert office.ids("/packs") == made[:1]
    path = f"/packs/{made[0]}"
    assert office.get(path).json()["blocks"]
    assert office.get(f"{path}/document.docx").content[:2] == b"PK"
    assert office.get(f"{path}/document.pdf").content[:4] == b"%PDF"
    assert office.get(f"{path}/document.exe").status_code == 422
    stranger = Program(district.department)
    assert stranger.ids("/packs") == []
    for address in (path, f"{path}/document.docx"):
        assert stranger.get(address).status_code == 404
    assert Program(district.director, duties=[]).post("/packs", asked).status_code == 403
    upside = office.post("/packs", {**asked, "last_date": day(-60)})
    assert list(upside.json()["fields"]) == ["last_date"]
    assert list(office.post("/packs", {**asked, "plan_ids": [uuid7()]}).json()["fields"]) == ["plan_ids"]


@pytest.mark.clause("S4-A2.1.1a")
def test_the_years_library_says_what_is_in_force_and_whose_points_are_missing(
    district: District, office: Program, plan: Plan
) -> None:
    """The plans of a year by unit with what each is worth; a town without its yearly points stands first, missing."""
    assert plan.period_to is not None
    shelves = office.get("/library", year=plan.period_to.year).json()
    missing = {shelf["org_id"] for shelf in shelves if shelf["is_missing"]}
    assert missing == {str(district.town_org.pk), str(district.other_town_org.pk)}
    (own,) = [shelf for shelf in shelves if shelf["org_id"] == str(district.office_org.pk)]
    assert [(one["plan"]["id"], one["validity"]) for one in own["plans"]] == [(str(plan.pk), "in_force")]
    assert office.get("/library", year=plan.period_to.year, validity="expired").json() == []
    assert office.get("/library", validity="rotten").json()["fields"].keys() == {"query.validity"}
    seen = Program(district.enterprise).get("/library", year=plan.period_to.year).json()
    assert str(plan.pk) not in str(seen)


# Groups and visits -------------------------------------------------------------------------------------------------


def test_a_group_is_founded_and_its_members_named_by_rest(district: District, office: Program) -> None:
    asked = {"kind": "work", "title": "督导组", "office_id": district.office_org.pk, "founded_date": day(0)}
    row = office.done("/groups", asked)
    path, key = f"/groups/{row['id']}", uuid7()
    member = {"role": "3member", "org_id": district.town_org.pk, "name": "某乙"}
    for _time in range(2):
        members = office.done(f"{path}/members", member, key=key)["members"]
    assert [one["name"] for one in members] == ["某乙"]
    assert office.post(f"{path}/members", member).status_code == 409
    assert Program(district.town).ids("/groups", standing="true") == [row["id"]]
    stranger, bare = Program(district.other_town), Program(district.director, duties=[])
    assert stranger.get(path).status_code == 404
    assert stranger.ids("/groups") == []
    assert bare.post("/groups", asked).status_code == 403
    assert bare.post(f"{path}/members", member).status_code == 403
    assert office.done(f"{path}/members/{members[0]['id']}/leave")["members"] == []
    assert office.post(f"{path}/members/{uuid7()}/leave").status_code == 404
    absent = office.post("/groups", {**asked, "campaign_id": uuid7()})
    assert (absent.status_code, list(absent.json()["fields"])) == (422, ["campaign_id"])


def test_a_visit_is_made_and_its_findings_settled_by_rest(district: District, office: Program) -> None:
    asked = {"org_id": district.town_org.pk, "subject": "暗访储罐区", "planned_date": day(0), "kind": "secret"}
    row = office.done("/visits", asked)
    path, unit = f"/visits/{row['id']}", Program(district.town)
    assert unit.get(path).status_code == 404  # a secret visit is not announced
    seen = {
        "visited_date": day(0), "inspectors": "某甲", "text": "情况", "findings": ["无台账", "无标志"],
        "evidence": [make_file(district.director)],
    }  # fmt: skip
    assert Program(district.director, duties=[]).post(f"{path}/record", seen).status_code == 403
    first, second = office.done(f"{path}/record", seen)["findings"]
    assert unit.get(path).json()["text"] == "情况"
    held = {"subject_type": "duty.visit", "subject_id": row["id"]}
    assert len(unit.get("/files", base="/api/v1", **held).json()["items"]) == 1
    settle = f"{path}/findings/{first['id']}/settle"
    assert list(office.post(settle, {"outcome": "task"}).json()["fields"]) == ["due_date"]
    key = uuid7()
    for _time in range(2):
        office.done(settle, {"outcome": "task", "due_date": day(20)}, key=key)
    assert Task.objects.filter(origin="visit").count() == 1
    assert office.post(f"{path}/close").status_code == 409
    office.done(f"{path}/findings/{second['id']}/settle", {"outcome": "settled"})
    assert office.done(f"{path}/close")["status"] == "CLOSED"
    assert office.ids("/visits", kind="secret", org_id=district.town_org.pk) == [row["id"]]
    assert Program(district.other_town).get(path).status_code == 404
    assert Program(district.director, duties=[]).post("/visits", asked).status_code == 403
    assert Visit.objects.get().findings.count() == 2


# Duty lists ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S5-3.2b")
def test_a_department_files_its_list_and_records_acts_by_rest(district: District, office: Program) -> None:
    """A department's duty list is filed by a program, what was done against an entry recorded with its evidence."""
    unit, year = Program(district.department), timezone.localdate().year
    row = unit.done("/duty-lists", {"year": year, "kind": "duties", "entries": ["检查企业", "培训人员"]})
    path, key = f"/duty-lists/{row['id']}", uuid7()
    act = {
        "entry": "检查企业", "kind": "inspect", "done_date": day(0), "text": "检查甲企业。", "found_count": 2,
        "evidence": [make_file(district.department)],
    }  # fmt: skip
    assert unit.post(f"{path}/acts", {**act, "evidence": []}).status_code == 422
    assert list(unit.post(f"{path}/acts", {**act, "entry": "别的"}).json()["fields"]) == ["entry"]
    for _time in range(2):
        unit.done(f"{path}/acts", act, key=key)
    assert DutyRecord.objects.count() == 1
    (told,) = office.get(f"{path}/acts").json()
    assert (told["found_count"], [file["name"] for file in told["files"]]) == (2, ["记录.txt"])
    lines = {line["org_id"]: line for line in office.get("/duty-lists", year=year).json()}
    line = lines[str(district.department_org.pk)]
    assert (line["duties"]["id"], line["tasks"]) == (row["id"], None)
    for address in (path, f"{path}/acts"):
        assert Program(district.other_town).get(address).status_code == 404
    bare = Program(district.department, duties=[])
    assert bare.post(f"{path}/acts", act).status_code == 403
    assert bare.post("/duty-lists", {"year": year, "kind": "tasks", "entries": ["x"]}).status_code == 403
    assert office.post(f"{path}/acts", act).json()["code"] in ("other_organisation", "not_permitted")


@pytest.mark.clause("S5-T2")
def test_a_leaders_list_and_how_far_it_is_by_rest(district: District, office: Program) -> None:
    """An enterprise head's list, what was recorded against it, and the units whose leaders have none."""
    head, year = make_actor(district.enterprise_org, "enterprise.head"), timezone.localdate().year
    unit = Program(head)
    asked = {"year": year, "kind": "leader", "entries": ["组织应急演练", "保证投入"], "person_id": head.user_id}
    assert list(unit.post("/duty-lists", {**asked, "person_id": None}).json()["fields"]) == ["person"]
    assert list(unit.post("/duty-lists", {**asked, "person_id": uuid7()}).json()["fields"]) == ["person_id"]
    row = unit.done("/duty-lists", asked)
    act = {"entry": "组织应急演练", "kind": "drill", "done_date": day(0), "text": "演练。"}
    act["evidence"] = [make_file(head)]
    unit.done(f"/duty-lists/{row['id']}/acts", act)
    found = office.get("/leader-lists", year=year).json()
    assert [(one["duty_list"]["id"], one["done"], one["percent"]) for one in found["lines"]] == [(row["id"], 1, 50)]
    assert str(district.other_enterprise_org.pk) in found["missing"]
    assert Program(district.other_enterprise).get("/leader-lists", year=year).json() == {"lines": [], "missing": []}


# The force -----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S3-6.1a", "S5-T16")
def test_the_force_is_kept_and_counted_by_rest(district: District, office: Program) -> None:
    """People of a department with schooling and practice make its professional share; plan and hires of the year."""
    unit = Program(district.department_head)
    member = {"name": "某乙", "joined_by": "recruited", "joined_date": day(0), "has_practice": True}
    member["has_schooling"] = True
    assert list(unit.post("/staff", member).json()["fields"]) == ["schooling"]
    key = uuid7()
    for _time in range(2):
        row = unit.done("/staff", {**member, "schooling": "安全工程"}, key=key)
    assert StaffMember.objects.count() == 1
    unit.done("/staff", {**member, "name": "某丙", "has_schooling": False})
    unit.done("/staff-plans", {"year": timezone.localdate().year, "posts": 4, "hires": 2})
    lines = {line["org_id"]: line for line in office.get("/force").json()}
    line = lines[str(district.department_org.pk)]
    assert (line["in_post"], line["professional"], line["share"], line["reaches"]) == (2, 1, 50, False)
    assert (line["posts"], line["gap"], line["planned_hires"], line["hired"]) == (4, 2, 2, {"recruited": 2})
    path = f"/staff/{row['id']}"
    assert Program(district.town).get(path).status_code == 404
    assert Program(district.enterprise).ids("/staff") == []
    bare = Program(district.department_head, duties=[])
    for address, body in (("/staff", member), (f"{path}/leave", {"left_date": day(0)}),
                          ("/staff-plans", {"year": 2026, "posts": 1})):  # fmt: skip
        assert bare.post(address, body).status_code == 403
    assert office.post(f"{path}/leave", {"left_date": day(0)}).status_code == 403
    assert unit.done(f"{path}/leave", {"left_date": day(0)})["left_date"] == day(0)
    assert row["id"] not in office.ids("/staff", here="true")
    assert row["id"] in office.ids("/staff", joined_by="recruited", org_id=district.department_org.pk)


# Outside receipts ----------------------------------------------------------------------------------------------------


def test_an_outside_receipt_is_entered_by_rest(district: District, office: Program, plan: Plan) -> None:
    asked, key = {"capacity": "copy", "name": "示例区人民法院"}, uuid7()
    made = [office.done(f"/plans/{plan.pk}/send", asked, key=key) for _time in range(2)]
    assert made[0] == made[1]
    receipt = OutsideReceipt.objects.get(name="示例区人民法院")
    assert made[0] == {"receipt_id": None, "outside_receipt_id": str(receipt.pk)}
    assert office.post(f"/plans/{plan.pk}/send", asked).status_code == 409
    assert office.post(f"/plans/{plan.pk}/send", {"capacity": "copy"}).status_code == 422
    path = f"/outside-receipts/{receipt.pk}"
    assert office.ids("/outside-receipts", plan_id=plan.pk, capacity="copy") == [str(receipt.pk)]
    got = {"received_by": "某丙", "received_date": day(0)}
    assert list(office.post(f"{path}/register", {**got, "received_date": day(1)}).json()["fields"]) == ["received_date"]
    bare = Program(district.director, duties=[])
    assert bare.post(f"{path}/register", got).status_code == 403
    assert bare.post(f"/plans/{plan.pk}/send", asked).status_code == 403
    stranger = Program(district.department)
    assert stranger.ids("/outside-receipts") == []
    assert stranger.post(f"{path}/register", got).status_code == 404
    assert office.done(f"{path}/register", got)["status"] == "RECEIVED"
    inside = office.done(f"/plans/{plan.pk}/send", {"capacity": "copy", "org_id": district.enterprise_org.pk})
    assert Program(district.enterprise).ids("/receipts") == [inside["receipt_id"]]
