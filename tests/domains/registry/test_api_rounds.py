"""Censuses, clues, checks and merges over REST: what a program moves on, by the services of the pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_unit
from tests.domains.registry.test_api import call
from tests.factories import NOW, District, client_of, make_district
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.checks import items_of
from quancheng.domains.registry.services.enterprises import open_own_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@replayed
def own_file(district: District, kind: str = "user") -> Enterprise:
    return open_own_file(actor=district.enterprise, kind=kind, known={"address": "示例路1号"}, now=NOW)


def checklist(kind: str, *wrong: str, **more: Any) -> dict[str, Any]:
    items = items_of(kind, census=None, on=timezone.localdate())[1]
    answers = [
        {"place": one.place, "answer": "no" if one.place in wrong else "yes",
         "note": "没有" if one.place in wrong else ""}
        for one in items
    ]  # fmt: skip
    return {"answers": answers, "day": day(), **more}


def test_a_census_is_opened_assigned_gone_round_judged_and_closed(district: District) -> None:
    own_file(district)
    office, town = client_of(district.officer), client_of(district.town)
    body = {"title": "示例摸底", "basis": "示例文件", "period_from": day(), "period_to": day(30), "kinds": ["user"]}
    assert "kinds" in call(office, "POST", "/censuses", {**body, "kinds": ["x"]}, status=422)["fields"]
    call(town, "POST", "/censuses", body, status=403)
    key = str(uuid.uuid4())
    census = call(office, "POST", "/censuses", body, key=key, status=201)
    assert call(office, "POST", "/censuses", body, key=key, status=201)["id"] == census["id"]
    path = f"/censuses/{census['id']}"
    call(office, "POST", f"{path}/start", {}, status=409)
    given = {"org_ids": [str(district.town_org.pk)], "due_date": day(20)}
    wrong = call(office, "POST", f"{path}/areas", {**given, "org_ids": [str(uuid.uuid4())]}, status=422)
    assert "org_ids" in wrong["fields"]
    key = str(uuid.uuid4())
    area = call(office, "POST", f"{path}/areas", given, key=key, status=201)[0]
    assert [one["id"] for one in call(office, "POST", f"{path}/areas", given, key=key, status=201)] == [area["id"]]
    assert "org_ids" in call(office, "POST", f"{path}/areas", given, status=409)["fields"]
    assert call(office, "POST", f"{path}/start", {})["status"] == "RUNNING"
    place = f"/census-areas/{area['id']}"
    unseen = call(town, "GET", f"{place}/unseen")["items"][0]
    call(town, "POST", f"{place}/visits", {"enterprise_id": unseen["id"], "result": "met"}, status=201)
    call(town, "POST", f"{place}/submit", {"text": "走访完毕"})
    assert "reason" in call(office, "POST", f"{place}/return", {}, status=422)["fields"]
    call(town, "POST", f"{place}/accept", {}, status=403)
    assert call(office, "POST", f"{place}/accept", {})["status"] == "DONE"
    assert "report" in call(office, "POST", f"{path}/close", {}, status=422)["fields"]
    closed = call(office, "POST", f"{path}/close", {"report": "全部走访", "gaps": "无"})
    assert (closed["status"], closed["figures"]["seen"]) == ("CLOSED", 1)
    second = call(office, "POST", "/censuses", body, status=201)
    cancelled = call(office, "POST", f"/censuses/{second['id']}/cancel", {"reason": "并入下季度"})
    assert cancelled["status"] == "CANCELLED"


def test_a_clue_is_verified_filed_given_time_and_handed_over(district: District) -> None:
    bureau, town = client_of(district.department), client_of(district.town)
    found = {"title": "示例储油点", "source": "patrol", "area_id": str(district.street_area.pk),
             "address": "示例路9号", "text": "地面油罐一只"}  # fmt: skip
    clue = call(town, "POST", "/clues", found, status=201)
    path = f"/clues/{clue['id']}"
    call(town, "POST", f"{path}/verify", {"text": "属实"}, status=403)
    assert "text" in call(bureau, "POST", f"{path}/dismiss", {}, status=422)["fields"]
    assert call(bureau, "POST", f"{path}/verify", {"text": "属实"})["status"] == "VERIFIED"
    filed = call(bureau, "POST", f"{path}/file", {"name": "示例储油点", "kind": "unlicensed"})
    assert filed["enterprise_id"]
    call(bureau, "POST", f"{path}/file", {"name": "示例储油点", "kind": "unlicensed"}, status=409)
    assert "due_date" in call(bureau, "POST", f"{path}/legalize", {"text": "限期"}, status=422)["fields"]
    assert call(bureau, "POST", f"{path}/legalize", {"text": "限期", "due_date": day(30)})["status"] == "LEGALIZING"
    call(bureau, "POST", f"{path}/settle", {"text": "已办"}, status=409)
    assert call(bureau, "POST", f"{path}/strike", {"text": "逾期取缔"})["status"] == "STRUCK"
    other = call(town, "POST", "/clues", {**found, "title": "示例换罐点"}, status=201)
    path = f"/clues/{other['id']}"
    wrong = call(bureau, "POST", f"{path}/hand_over", {"text": "归镇街"}, status=422)
    assert "to_org_id" in wrong["fields"]
    over = {"text": "归镇街", "to_org_id": str(district.town_org.pk)}
    assert call(bureau, "POST", f"{path}/hand_over", over)["status"] == "OFFERED"
    assert call(town, "POST", f"{path}/take_on", {})["status"] == "HANDED_OVER"


def test_a_reverification_is_opened_demanded_mended_and_passed(district: District) -> None:
    file = own_file(district)
    bureau, own = client_of(district.department), client_of(district.enterprise)
    path = f"/enterprises/{file.pk}/reverifications"
    call(own, "POST", path, {"due_date": day(30)}, status=403)
    row = call(bureau, "POST", path, {"due_date": day(30)}, status=201)
    call(bureau, "POST", path, {"due_date": day(30)}, status=409)
    one = f"/reverifications/{row['id']}"
    call(bureau, "POST", f"{one}/pass", checklist("design", "2"), status=422)
    wrong = call(bureau, "POST", f"{one}/demand", checklist("design", "2"), status=422)
    assert "mend_date" in wrong["fields"]
    lost = checklist("design", "2", mend_date=day(9), evidence=[str(uuid.uuid4())])
    assert "evidence" in call(bureau, "POST", f"{one}/demand", lost, status=422)["fields"]
    assert call(bureau, "POST", f"{one}/demand", checklist("design", "2", mend_date=day(9)))["status"] == "MENDING"
    call(bureau, "POST", f"{one}/mended", {"text": "x"}, status=403)
    assert call(own, "POST", f"{one}/mended", {"text": "已加装联锁"})["mended"] == "已加装联锁"
    assert call(bureau, "POST", f"{one}/pass", checklist("design"))["status"] == "PASSED"
    again = call(bureau, "POST", path, {"due_date": day(30)}, status=201)
    punished = call(bureau, "POST", f"/reverifications/{again['id']}/punish", {"case": "示应急立〔2026〕7号"})
    assert (punished["status"], punished["case"]) == ("PUNISHED", "示应急立〔2026〕7号")


def test_a_laboratory_is_entered_changed_and_checked(district: District) -> None:
    file = own_file(district, "laboratory")
    unit = make_unit(district.enterprise, file, boundary="building")
    room = make_facility(district.enterprise, unit, kind="laboratory", code="L-1")
    own, path = client_of(district.enterprise), f"/facilities/{room.pk}/laboratory"
    body = {"kind": "teaching", "room": "化学楼305", "head": "示例甲", "people_count": 12, "trained_count": 13}
    assert "trained_count" in call(own, "POST", path, body, status=422)["fields"]
    lab = call(own, "POST", path, {**body, "trained_count": 9}, status=201)
    call(own, "POST", path, {**body, "trained_count": 9}, status=409)
    one = f"/laboratories/{lab['id']}"
    changed = call(own, "PATCH", one, {"version": lab["version"], "safety_officer": "示例乙"})
    assert (changed["safety_officer"], changed["room"]) == ("示例乙", "化学楼305")
    call(own, "PATCH", one, {"version": lab["version"], "section": "有机"}, status=409)
    assert "room" in call(own, "PATCH", one, {"version": changed["version"], "room": ""}, status=422)["fields"]
    made = call(own, "POST", f"{one}/checks", checklist("laboratory", "4"), status=201)
    assert (made["laboratory_id"], made["wrong_count"]) == (lab["id"], 1)
    assert call(own, "GET", one)["last_check"] == day()
    call(client_of(district.other_enterprise), "POST", f"{one}/checks", checklist("laboratory"), status=404)


def test_what_stands_still_is_entered_and_resumes(district: District) -> None:
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    own, path = client_of(district.enterprise), f"/enterprises/{file.pk}/stoppages"
    body = {"unit_id": str(unit.pk), "since_date": day(-9), "reason": "市场原因"}
    assert "unit_id" in call(own, "POST", path, {**body, "unit_id": str(uuid.uuid4())}, status=422)["fields"]
    row = call(own, "POST", path, body, status=201)
    call(own, "POST", path, body, status=409)
    assert call(own, "POST", f"/stoppages/{row['id']}/resume", {"text": "恢复"})["status"] == "RESUMED"


def test_two_files_are_merged_and_taken_apart(district: District) -> None:
    town = client_of(district.town)
    kept = make_file(district.department, area=district.street_area, code=CODES[0])
    double = make_file(district.town, area=district.street_area, name="示例旧字号", kind="unlicensed", code="")
    body, key = {"double_id": str(double.pk), "reason": "同址"}, str(uuid.uuid4())
    path = f"/enterprises/{kept.pk}/merge"
    assert "double_id" in call(town, "POST", path, {**body, "double_id": str(kept.pk)}, status=422)["fields"]
    assert "double_id" in call(town, "POST", path, {**body, "double_id": str(uuid.uuid4())}, status=422)["fields"]
    merge = call(town, "POST", path, body, key=key, status=201)
    assert call(town, "POST", path, body, key=key, status=201)["id"] == merge["id"]
    double.refresh_from_db()
    assert double.merged_into_id == kept.pk
    one = f"/merges/{merge['id']}"
    call(client_of(district.other_town), "GET", one, status=404)
    call(client_of(district.other_town), "POST", f"{one}/undo", {"reason": "x"}, status=404)
    assert call(town, "POST", f"{one}/undo", {"reason": "并非同一家"})["undone_reason"] == "并非同一家"
    call(town, "POST", f"{one}/undo", {"reason": "并非同一家"}, status=409)
