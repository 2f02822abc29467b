"""A census: opened, assigned, gone round with a phone, doubles merged, closed with its coverage."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, make_actor, make_area, make_district, make_org

from quancheng.domains.registry.models import Census, CensusArea, CensusVisit, Clue, Enterprise, EnterpriseMerge
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def opened(district: District, *orgs: Organisation, **more: Any) -> Census:
    """A census that runs, by the pages of the office."""
    office, today = client_of(district.officer), timezone.localdate()
    given = {
        "title": "醇基燃料专项摸底", "basis": "示例安办〔2026〕9号", "period_from": today.isoformat(),
        "period_to": (today + timedelta(days=30)).isoformat(), "questions": "是否使用醇基燃料\n存放在哪里", **more,
    }  # fmt: skip
    assert office.post("/registry/censuses/new", given).status_code == 303
    census = Census.objects.get()
    answer = assign(office, census, *(orgs or (district.town_org,)))
    assert answer.status_code == 303, answer.content.decode()
    assert office.post(f"/registry/censuses/{census.pk}", {"act": "start"}).status_code == 303
    census.refresh_from_db()
    assert census.status == "RUNNING"
    return census


def assign(client: Client, census: Census, *orgs: Organisation) -> Any:
    day = (timezone.localdate() + timedelta(days=20)).isoformat()
    given = {"act": "assign", "orgs": [str(one.pk) for one in orgs], "due_date": day}
    return client.post(f"/registry/censuses/{census.pk}", given)


def tick(client: Client, place: CensusArea, file: Enterprise, result: str, note: str = "") -> Any:
    return client.post(
        f"/registry/censuses/areas/{place.pk}/visits/{file.pk}", {"result": result, "note": note}
    )  # fmt: skip


def found(client: Client, place: CensusArea, name: str = "东街口无名换罐点", **more: Any) -> Any:
    given = {"name": name, "kind": "unlicensed", "area": place.area_id, "address": "东街口",
             "text": "甲醇三桶，约0.5吨", **more}  # fmt: skip
    return client.post(f"/registry/censuses/areas/{place.pk}/found", given)


@pytest.mark.clause("S3-6.2a")
def test_a_census_goes_from_its_opening_over_the_rounds_to_its_closing_report(district: District) -> None:
    right = make_file(district.department, area=district.street_area, credit_code=CODES[0])
    gone = make_file(district.department, area=district.street_area, name="示例旧仓库", kind="unlicensed", code="")
    unseen = make_file(district.department, area=district.street_area, name="示例关门店", kind="unlicensed", code="")
    elsewhere = make_file(
        district.department, area=district.other_street_area, name="示例乙街道仓库", kind="unlicensed", code=""
    )  # fmt: skip
    census = opened(district)
    place = CensusArea.objects.get(census=census)
    item = WorkItem.objects.get(subject_id=place.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.duty) == (district.town_org.pk, "registry.census.visit")
    town, office = client_of(district.town), client_of(district.officer)
    path = f"/registry/censuses/areas/{place.pk}"
    page = town.get(path).content.decode()
    assert all(name in page for name in ("示例储运有限公司", "示例旧仓库", "示例关门店"))
    assert "示例乙街道仓库" not in page
    assert tick(town, place, right, "met").status_code == 303
    assert tick(town, place, gone, "gone").status_code == 422
    assert tick(town, place, gone, "gone", "房屋已拆除").status_code == 303
    assert tick(town, place, elsewhere, "met").status_code == 404
    assert found(town, place).status_code == 303
    # Who was not seen is a hole, and is named.
    assert town.post(path, {"act": "submit", "text": "走访完毕"}).status_code == 422
    answer = town.post(path, {"act": "submit", "text": "走访完毕", "gap_reason": "示例关门店多次上门无人"})
    assert answer.status_code == 303
    assert tick(town, place, unseen, "met").status_code == 409
    early = {"act": "close", "report": "总结", "gaps": "以后再走"}
    assert office.post(f"/registry/censuses/{census.pk}", early).status_code == 409
    assert office.post(path, {"act": "accept"}).status_code == 303
    gone.refresh_from_db()
    assert gone.life == "closed"
    whole = office.get(f"/api/v1/registry/censuses/{census.pk}/coverage").json()
    figures = {name: whole[name] for name in ("known", "seen", "unseen", "met", "gone", "found", "outside", "percent")}
    assert figures == {
        "known": 4, "seen": 3, "unseen": 1, "met": 1, "gone": 1, "found": 1, "outside": 1, "percent": 75,
    }  # fmt: skip
    assert whole["kinds"]["unlicensed"]["unseen"] == 1
    refused = office.post(f"/registry/censuses/{census.pk}", {"act": "close", "report": "总结"})
    assert refused.status_code == 422
    assert "1家没有走访到，1家不在任何片区" in refused.content.decode()
    given = {"act": "close", "report": "总结", "gaps": "示例关门店无人；乙街道下一轮再走。"}
    assert office.post(f"/registry/censuses/{census.pk}", given).status_code == 303
    census.refresh_from_db()
    assert (census.status, census.figures["unseen"], census.figures["outside"]) == ("CLOSED", 1, 1)


def test_a_place_found_without_licence_gets_its_file_and_gives_a_clue(district: District) -> None:
    census = opened(district)
    place = CensusArea.objects.get(census=census)
    town = client_of(district.town)
    assert found(town, place, text="").status_code == 422
    assert not Enterprise.objects.exists()
    assert found(town, place).status_code == 303
    file, clue, visit = Enterprise.objects.get(), Clue.objects.get(), CensusVisit.objects.get()
    assert (file.kind, file.area_id, visit.result) == ("unlicensed", district.street_area.pk, "found")
    assert (clue.file_id, clue.visit_id, clue.source) == (file.pk, visit.pk, "census")
    item = WorkItem.objects.get(subject_id=clue.pk)
    assert (item.owner_org_id, item.duty) == (district.department_org.pk, "registry.clues.judge")
    # The finder follows what becomes of it, another town does not.
    assert town.get(f"/registry/clues/{clue.pk}").status_code == 200
    assert client_of(district.other_town).get(f"/registry/clues/{clue.pk}").status_code == 404
    # Somebody who shows his licences is registered, and is no clue.
    code = CODES[1]
    answer = found(town, place, "示例甲有证店", kind="trader_paper", credit_code=code, is_licensed="on", text="")
    assert answer.status_code == 303, answer.content.decode()
    assert Clue.objects.count() == 1


def test_a_grid_officer_goes_round_his_village_and_adds_what_he_finds(district: District) -> None:
    village = make_area("示例村", level="village", parent=district.street_area)
    committee = make_org("示例村民委员会", kind="village", area=village, supervises=False)
    officer = make_actor(committee, "village.officer")
    known = make_file(district.department, area=village, credit_code=CODES[0])
    census = opened(district, committee)
    place = CensusArea.objects.get(census=census)
    grid = client_of(officer)
    page = grid.get(f"/registry/censuses/areas/{place.pk}").content.decode()
    assert "示例储运有限公司" in page
    # He goes there, but its file is not his to read.
    assert grid.get(f"/registry/enterprises/{known.pk}").status_code == 404
    assert tick(grid, place, known, "changed", "换了经营者").status_code == 303
    assert found(grid, place).status_code == 303
    visit = CensusVisit.objects.get(result="found")
    assert visit.by_name == officer.name
    told = JournalEntry.objects.get(act="registry.census.visit", facts__visit=str(visit.pk))
    assert told.user_id == officer.user_id
    # His town sees the round, a neighbour does not; nobody ticks for another.
    assert client_of(district.town).get(f"/registry/censuses/areas/{place.pk}").status_code == 200
    assert client_of(district.other_town).get(f"/registry/censuses/areas/{place.pk}").status_code == 404
    assert tick(client_of(district.town), place, known, "met").status_code == 403


def test_nobody_opens_a_file_for_an_organisation_that_lies_elsewhere_or_is_no_enterprise(district: District) -> None:
    census = opened(district)
    place = CensusArea.objects.get(census=census)
    town = client_of(district.town)
    Organisation.objects.filter(pk=district.other_enterprise_org.pk).update(credit_code=CODES[0])
    Organisation.objects.filter(pk=district.town_org.pk).update(credit_code=CODES[1])
    known = {"kind": "depot", "is_licensed": "on"}
    village = make_area("示例村", level="village", parent=district.street_area)
    grid = make_actor(make_org("示例村民委员会", kind="village", area=village, supervises=False), "village.officer")
    elsewhere, office = district.other_enterprise_org.name, district.town_org.name
    for name, code, said in ((elsewhere, CODES[0], "不在本辖区"), (office, CODES[1], "不是企业")):
        given = {"name": name, "credit_code": code, "kind": "depot", "area": district.street_area.pk}
        for answer in (
            town.post("/registry/enterprises/new", given),
            found(town, place, name, credit_code=code, **known),
        ):
            assert answer.status_code in (409, 422)
            assert said in answer.content.decode()
    # The house enters for a grid officer, and yet only what lies in his village.
    office_client = client_of(district.officer)
    assert office_client.post(f"/registry/censuses/areas/{place.pk}", {"act": "release", "reason": "改由村走访"})
    assert assign(office_client, census, Organisation.objects.get(pk=grid.organisation_id)).status_code == 303
    round_ = CensusArea.objects.get(census=census, org=grid.organisation_id)
    answer = found(client_of(grid), round_, elsewhere, credit_code=CODES[0], **known)
    assert "不在本辖区" in answer.content.decode()
    assert not Enterprise.objects.exists()


def test_the_end_of_a_census_waits_for_who_gives_an_area_meanwhile(district: District) -> None:
    census = opened(district)
    place = CensusArea.objects.get(census=census)
    office, path = client_of(district.officer), f"/registry/censuses/{census.pk}"
    office.post(f"/registry/censuses/areas/{place.pk}", {"act": "release", "reason": "下一轮再走"})
    with CaptureQueriesContext(connection) as told:
        assert office.post(path, {"act": "close", "report": "总结", "gaps": "下一轮再走"}).status_code == 303
    asked = [one["sql"] for one in told.captured_queries]
    locked = next(number for number, sql in enumerate(asked) if 'FROM "registry_census"' in sql and " FOR " in sql)
    counted = [number for number, sql in enumerate(asked) if 'FROM "registry_censusvisit"' in sql]
    assert counted
    assert locked < counted[0]


def test_areas_do_not_overlap_and_one_without_ground_cannot_be_given_any(district: District) -> None:
    village = make_area("示例村", level="village", parent=district.street_area)
    committee = make_org("示例村民委员会", kind="village", area=village, supervises=False)
    census = opened(district)
    office = client_of(district.officer)
    answer = assign(office, census, committee)
    assert answer.status_code == 409
    assert "重叠" in answer.content.decode()
    assert assign(office, census, district.other_town_org).status_code == 303
    assert set(CensusArea.objects.values_list("status", flat=True)) == {"DUE"}
    town = client_of(district.town)
    assert assign(town, census, committee).status_code == 422
    assert CensusArea.objects.count() == 2


def test_a_census_looks_for_its_classes_alone_and_a_late_round_climbs_the_ladder(district: District) -> None:
    make_file(district.department, area=district.street_area, credit_code=CODES[0])
    census = opened(district, kinds=["alcohol_fuel"])
    place = CensusArea.objects.get(census=census)
    town = client_of(district.town)
    assert "示例储运有限公司" not in town.get(f"/registry/censuses/areas/{place.pk}").content.decode()
    late = timezone.now() + timedelta(days=40)
    climb(now=late)
    proposal = Escalation.objects.get(item__subject_id=place.pk)
    assert proposal.item.owner_org_id == district.town_org.pk


def test_a_program_ticks_a_round_once_and_hands_it_in(district: District) -> None:
    file = make_file(district.department, area=district.street_area, credit_code=CODES[0])
    census = opened(district)
    place = CensusArea.objects.get(census=census)
    town, path = client_of(district.town), "/api/v1/registry/census-areas"
    unseen = town.get(f"{path}/{place.pk}/unseen").json()["items"]
    assert [one["name"] for one in unseen] == ["示例储运有限公司"]
    body = {"enterprise_id": str(file.pk), "result": "met"}
    key = {"Idempotency-Key": "018f0000-0000-7000-8000-000000000001"}
    kept = {"content_type": "application/json"}
    for _time in range(2):
        answer = town.post(f"{path}/{place.pk}/visits", body, headers=key, **kept)
        assert answer.status_code == 201, answer.content
    assert CensusVisit.objects.count() == 1
    wrong = town.post(f"{path}/{place.pk}/visits", {**body, "result": "changed"}, **kept)
    assert wrong.status_code == 422
    assert "note" in wrong.json()["fields"]
    done = town.post(f"{path}/{place.pk}/submit", {"text": "走访完毕"}, **kept)
    assert done.json()["status"] == "SUBMITTED"


# Doubles ---------------------------------------------------------------------------------------------------------


def test_a_double_is_merged_with_a_reason_no_row_is_lost_and_it_can_be_undone(district: District) -> None:
    known = {"address": "东街口1号"}
    kept = make_file(district.department, area=district.street_area, credit_code=CODES[0], **known)
    double = make_file(
        district.department, area=district.street_area, name="东街口无名仓库", kind="unlicensed", code="", **known
    )  # fmt: skip
    units = [make_unit(district.department, file) for file in (kept, double)]
    holding = make_holding(district.department, make_facility(district.department, units[1]), "甲醇", design_t=1)
    bureau = client_of(district.department)
    path = f"/registry/enterprises/{kept.pk}"
    assert "东街口无名仓库" in bureau.get(f"{path}?act=merge").content.decode()
    given = {"act": "merge", "double": str(double.pk), "reason": ""}
    assert bureau.post(path, given).status_code == 422
    assert bureau.post(path, {**given, "reason": "同一地址、同一经营者"}).status_code == 303
    for row in (*units, holding, double):
        row.refresh_from_db()
    assert (units[0].code, units[1].code) == ("U1", "U1-2")
    assert {units[1].file_id, holding.file_id} == {kept.pk}
    assert (double.merged_into_id, double.life) == (kept.pk, "closed")
    # It is no longer in the register, but is read, and says where it went.
    listed = bureau.get("/registry/enterprises").content.decode()
    assert "东街口无名仓库" not in listed
    merge = EnterpriseMerge.objects.get()
    page = bureau.get(f"/registry/enterprises/{double.pk}").content.decode()
    assert f"/registry/merges/{merge.pk}" in page
    assert bureau.post(f"/registry/enterprises/{double.pk}", {"act": "change", "version": 2}).status_code >= 400
    undone = bureau.post(f"/registry/merges/{merge.pk}", {"act": "undo", "reason": "后来查明是两家"})
    assert undone.status_code == 303
    for row in (units[1], holding, double):
        row.refresh_from_db()
    assert (units[1].file_id, units[1].code, holding.file_id) == (double.pk, "U1", double.pk)
    assert (double.merged_into_id, double.life) == (None, "operating")
    assert bureau.post(f"/registry/merges/{merge.pk}", {"act": "undo", "reason": "再撤"}).status_code == 422


def test_what_is_under_way_or_not_ones_own_is_not_merged(district: District) -> None:
    kept = make_file(district.department, area=district.street_area, name="东街口无名仓库", kind="unlicensed", code="")
    busy = make_file(district.department, area=district.street_area, credit_code=CODES[0])
    unit = make_unit(district.department, busy)
    make_holding(district.department, make_facility(district.department, unit), "氯", design_t=65)
    bureau = client_of(district.department)
    given = {"act": "merge", "other": "示例储运有限公司", "reason": "同址"}
    answer = bureau.post(f"/registry/enterprises/{kept.pk}", given)
    assert answer.status_code == 409
    assert "重大危险源备案" in answer.content.decode()
    far = make_file(district.department, area=district.other_street_area, name="乙街仓库", kind="unlicensed", code="")
    town = client_of(district.town)
    refused = town.post(f"/registry/enterprises/{kept.pk}", {**given, "other": "乙街仓库"})
    assert refused.status_code == 422
    far.refresh_from_db()
    assert far.merged_into_id is None
    assert not EnterpriseMerge.objects.exists()
