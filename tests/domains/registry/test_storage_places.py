"""Storage places: the list with capacity and licence, merges, and the clue where a place is in no licence."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.domains.registry.test_api import call
from tests.factories import NOW, District, client_of, make_district
from tests.kernel.exchange.importing import exported

from quancheng.domains.registry.models import Clue, Enterprise, Licence, StorageMerge, StoragePlace, Unit
from quancheng.domains.registry.services import census as censuses
from quancheng.domains.registry.services.census import CensusSpec
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.registry.services.licences import LicenceSpec, enter_licence
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def file(district: District) -> Enterprise:
    known = {"address": "示例路1号"}
    return open_own_file(actor=district.enterprise, kind="depot", known=known, now=NOW)


def day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def a_place(district: District, file: Enterprise, code: str = "U1", *, kind: str = "tank", **held: Any) -> Unit:
    unit = make_unit(district.enterprise, file, code=code, name=f"示例场所{code}")
    room = make_facility(district.enterprise, unit, kind=kind, code=f"V-{code}")
    make_holding(district.enterprise, room, "甲醇", **{"licensed_t": 30, "design_t": 40, "present_t": 10, **held})
    return unit


def a_licence(district: District, file: Enterprise, *, until: int, number: str = "示经〔2024〕1号") -> Licence:
    known = {"number": number, "valid_from": NOW.date() - timedelta(days=900),
             "valid_to": timezone.localdate() + timedelta(days=until)}  # fmt: skip
    return enter_licence(actor=district.enterprise, file=file, spec=LicenceSpec("OPERATING", known), now=NOW)


@pytest.mark.clause("S3-4.5b")
def test_the_district_lists_every_place_with_capacity_and_licence_and_exports_it(
    district: District, file: Enterprise
) -> None:
    bureau = client_of(district.department)
    a_place(district, file)
    a_place(district, file, "U2", kind="bay", present_t=35)
    make_facility(district.enterprise, make_unit(district.enterprise, file, code="U3", name="无储存"), kind="reactor")
    page = bureau.get("/registry/storage-places").content.decode()
    assert "示例场所U1" in page
    assert "无储存" not in page
    assert "无证照" in page
    assert "示例场所U1" in bureau.get("/registry/storage-places?unlicensed=1").content.decode()
    over = bureau.get("/registry/storage-places?over=1").content.decode()
    assert "示例场所U2" in over
    assert "示例场所U1" not in over
    licence = a_licence(district, file, until=200)
    page = bureau.get("/registry/storage-places").content.decode()
    assert "示经〔2024〕1号" in page
    assert "25" in page
    assert "示例场所U1" not in bureau.get("/registry/storage-places?unlicensed=1").content.decode()
    Licence.objects.filter(pk=licence.pk).update(valid_to=timezone.localdate() - timedelta(days=2))
    assert "示例场所U1" in bureau.get("/registry/storage-places?expired=1").content.decode()
    rows = exported(bureau, "/registry/storage-places?export=xlsx")
    assert "示经〔2024〕1号" in {str(cell) for row in rows for cell in row} or "示经" in str(rows)
    for other in (district.other_enterprise, district.other_town):
        assert "示例场所U1" not in client_of(other).get("/registry/storage-places").content.decode()


def test_who_keeps_the_file_names_the_licence_and_who_shares_the_place(district: District, file: Enterprise) -> None:
    own = client_of(district.enterprise)
    unit, licence = a_place(district, file), a_licence(district, file, until=200)
    second = a_licence(district, file, until=90, number="示经〔2023〕9号")
    page = f"/registry/units/{unit.pk}"
    assert "按企业的证照认定" in own.get(page).content.decode()
    given = {"act": "place", "version": 0, "licence": str(second.pk), "shared_with": "示例丙公司\n示例丁公司"}
    both = own.post(page, {**given, "is_unlicensed": "on"})
    assert both.status_code == 422
    assert own.post(page, given).status_code == 303
    assert own.post(page, given).status_code == 409
    shown = own.get(page).content.decode()
    assert "示经〔2023〕9号" in shown
    assert "示例丙公司" in shown
    listed = client_of(district.department).get("/registry/storage-places?shared=1").content.decode()
    assert "示例丁公司" in listed
    assert client_of(district.other_town).post(page, given).status_code == 404
    assert licence.pk != second.pk


@pytest.mark.clause("S3-4.5b")
def test_a_place_in_no_licence_gives_a_clue_by_one_act_and_only_one(district: District, file: Enterprise) -> None:
    town, own = client_of(district.town), client_of(district.enterprise)
    unit = a_place(district, file)
    a_licence(district, file, until=200)
    page = f"/registry/units/{unit.pk}"
    assert "报告无证线索" in town.get(page).content.decode()
    assert "报告无证线索" not in own.get(page).content.decode()
    assert town.post(page, {"act": "clue", "text": ""}).status_code == 422
    assert town.post(page, {"act": "clue", "text": "加建棚，四只桶"}).status_code == 303
    clue = Clue.objects.get()
    assert (clue.unit_id, clue.file_id, clue.owner_org_id) == (unit.pk, file.pk, district.department_org.pk)
    assert WorkItem.objects.filter(subject_id=clue.pk, done_at__isnull=True).exists()
    assert "act=clue" not in town.get(page).content.decode()
    assert town.post(page, {"act": "clue", "text": "又一次"}).status_code == 422
    assert Clue.objects.count() == 1
    listed = client_of(district.department).get("/registry/storage-places?unlicensed=1&clue=1").content.decode()
    assert "示例场所U1" in listed
    assert "不在许可范围内" in listed
    assert clue.code in town.get(page).content.decode()
    # The enterprise concerned reads that it stands in no licence, and nothing of the clue.
    assert clue.code not in own.get(page).content.decode()
    assert "示例场所U1" not in own.get("/registry/storage-places?clue=1").content.decode()


@pytest.mark.clause("S3-4.5b")
def test_a_round_tells_of_an_unlisted_store_of_somebody_known(district: District, file: Enterprise) -> None:
    today = timezone.localdate()
    spec = CensusSpec("示例摸底", "示例文件", today, today + timedelta(days=30))
    census = censuses.open_census(actor=district.officer, spec=spec, now=timezone.now())
    place = censuses.assign_areas(
        actor=district.officer, census=census, orgs=[district.town_org], due_date=today, now=timezone.now()
    )[0]
    censuses.start_census(actor=district.officer, census=census, now=timezone.now())
    town = client_of(district.town)
    path = f"/registry/censuses/areas/{place.pk}/visits/{file.pk}"
    given = {"result": "changed", "note": "院后另有一间库", "unlisted": "后院铁皮棚，油漆稀料约20桶"}
    assert town.post(path, given).status_code == 303
    clue = Clue.objects.get()
    assert (clue.file_id, clue.source) == (file.pk, "census")
    assert "后院铁皮棚" in clue.text
    assert clue.visit is not None


@pytest.mark.clause("S3-4.5b")
def test_a_place_that_is_merged_stands_still_until_it_resumes(district: District, file: Enterprise) -> None:
    own = client_of(district.enterprise)
    small, large = a_place(district, file, "U1"), a_place(district, file, "U2")
    page = f"/registry/units/{small.pk}"
    given = {"act": "merge", "target": str(large.pk), "on": day(-1), "reason": "减少储存点"}
    refused = own.post(page, given)
    assert refused.status_code == 422
    assert "仍有存量" in refused.content.decode()
    holding = small.facilities.get().holdings.get()
    out = {"act": "move", "kind": "out", "quantity": "10 t", "at": "2026-09-01T10:00", "remark": "", "aware": "on"}
    assert own.post(f"/registry/stock/{holding.pk}", out).status_code == 303
    assert own.post(page, {**given, "reason": ""}).status_code == 422
    assert own.post(page, given).status_code == 303
    merge = StorageMerge.objects.get()
    assert (merge.source_id, merge.target_id, merge.merged_date.isoformat()) == (small.pk, large.pk, day(-1))
    assert "减少储存点" in own.get(page).content.decode()
    assert "示例场所U1" in own.get(f"/registry/units/{large.pk}").content.decode()
    into = {**out, "kind": "in", "quantity": "1 t"}
    stopped = own.post(f"/registry/stock/{holding.pk}", into)
    assert stopped.status_code == 422
    assert "已归并停用" in stopped.content.decode()
    listed = client_of(district.department).get("/registry/storage-places?merged=1").content.decode()
    assert "示例场所U1" in listed
    # What was merged is no place to merge into.
    assert own.post(f"/registry/units/{large.pk}", {**given, "target": str(small.pk)}).status_code == 422
    assert own.post(page, {"act": "resume", "reason": "恢复租用"}).status_code == 303
    assert own.post(f"/registry/stock/{holding.pk}", into).status_code == 303


def test_a_program_lists_sets_reports_merges_and_resumes(district: District, file: Enterprise) -> None:
    bureau, own = client_of(district.department), client_of(district.enterprise)
    small, large = a_place(district, file, "U1", present_t=0), a_place(district, file, "U2")
    licence = a_licence(district, file, until=200)
    listed = call(bureau, "GET", "/storage-places?licence_state=valid")["items"]
    assert [(one["code"], one["licence_chosen"], float(one["percent"])) for one in listed] == [
        ("U1", False, 0), ("U2", False, 25)
    ]  # fmt: skip
    one = f"/storage-places/{small.pk}"
    wrong = call(own, "PATCH", one, {"version": 0, "licence_id": str(uuid.uuid4())}, status=422)
    assert "licence_id" in wrong["fields"]
    told = call(own, "PATCH", one, {"version": 0, "licence_id": str(licence.pk), "shared_with": ["示例丙公司"]})
    assert (told["licence_chosen"], told["shared_with"], told["version"]) == (True, ["示例丙公司"], 1)
    call(own, "PATCH", one, {"version": 0, "shared_with": []}, status=409)
    key = str(uuid.uuid4())
    body = {"target_id": str(large.pk), "on": day(), "reason": "归并"}
    assert "target_id" in call(own, "POST", f"{one}/merge", {**body, "target_id": str(small.pk)}, status=422)["fields"]
    merged = call(own, "POST", f"{one}/merge", body, key=key)
    assert merged["merged_into"] == str(large.pk)
    assert call(own, "POST", f"{one}/merge", body, key=key)["merged_into"] == str(large.pk)
    call(own, "POST", f"{one}/merge", body, status=409)
    assert call(own, "POST", f"{one}/resume", {"reason": "恢复"})["merged_into"] is None
    call(own, "POST", f"{one}/resume", {"reason": "恢复"}, status=409)
    call(own, "POST", f"{one}/clue", {"text": "x"}, status=403)
    clue = call(bureau, "POST", f"{one}/clue", {"text": "不在许可范围内"}, status=201)
    assert clue["enterprise_id"] == str(file.pk)
    call(bureau, "POST", f"{one}/clue", {"text": "再报"}, status=409)
    assert StoragePlace.objects.get(unit=small).is_unlicensed
    assert [row["code"] for row in call(bureau, "GET", "/storage-places?unlicensed=true")["items"]] == ["U1"]
    call(client_of(district.other_enterprise), "GET", one, status=404)
