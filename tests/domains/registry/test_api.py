"""The registry over REST: an enterprise with its places and stock, the calculation, the filing of a major hazard."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from tests.domains.registry.factories import CODES
from tests.factories import District, client_of, make_actor, make_district, make_org

from quancheng.domains.registry.models import Enterprise, Holding, StockMovement, Unit

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/registry"


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = "117.0,39.0,117.4,39.3"
    return make_district()


def call(client: Client, method: str, path: str, body: Any = None, *, key: str = "", status: int = 200) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    data = "" if body is None else json.dumps(body)
    answer = client.generic(method, f"{ROOT}{path}", data, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.json()


def new_enterprise(district: District, **changed: Any) -> dict[str, Any]:
    given = {
        "name": "示例储运有限公司", "credit_code": CODES[0], "kind": "depot", "area_id": str(district.street_area.pk),
        "address": "甲街道示例路1号", "lon": 117.2, "lat": 39.1, "system": "gcj02", "exposed_population": 0,
        "exposed_source": "示例社区统计",
    }  # fmt: skip
    return {**given, **changed}


def held(client: Client, district: District) -> dict[str, Any]:
    file = call(client, "POST", "/enterprises", new_enterprise(district), status=201)
    unit = call(client, "POST", f"/enterprises/{file['id']}/units",
                {"code": "U1", "name": "液氯库", "kind": "storage", "boundary": "building"}, status=201)  # fmt: skip
    facility = call(client, "POST", f"/units/{unit['id']}/facilities",
                    {"code": "K-1", "name": "液氯仓间", "kind": "bay"}, status=201)  # fmt: skip
    stock = {"chemical": "7782-50-5", "licensed_t": 65, "design_t": 65, "present_t": 60}
    holding: dict[str, Any] = call(client, "POST", f"/facilities/{facility['id']}/holdings", stock, status=201)
    return holding


def test_a_program_enters_an_enterprise_and_what_it_holds_and_reads_the_calculation(district: District) -> None:
    client = client_of(district.department)
    holding = held(client, district)
    unit = call(client, "GET", f"/units/{holding['unit_id']}")
    assert (float(unit["legal_s"]), unit["legal_grade"]) == (13.0, 3)
    newest = call(client, "GET", f"/units/{unit['id']}/assessments?basis=legal")["items"][0]
    whole = call(client, "GET", f"/assessments/{newest['id']}")
    assert whole["steps"][0]["cas"] == "7782-50-5"
    assert whole["edition"].startswith("GB 18218-2018")
    assert isinstance(whole["doubts"], list)
    hazard = call(client, "GET", "/hazards?status=FOUND")["items"][0]
    assert (hazard["unit_id"], hazard["grade"]) == (unit["id"], 3)
    chlorine = call(client, "GET", "/chemicals?cas=7782-50-5")["items"][0]
    assert call(client, "GET", f"/chemicals/{chlorine['id']}/held")["enterprises"] == 1
    assert call(client, "GET", f"/chemicals/{chlorine['id']}/where")["items"][0]["id"] == holding["id"]
    assert call(client, "GET", "/holdings?cas=7782-50-5&total=true")["total"] == 1
    assert call(client, "GET", f"/facilities?unit_id={unit['id']}")["items"][0]["code"] == "K-1"
    assert call(client, "GET", f"/units?enterprise_id={holding['enterprise_id']}")["items"][0]["id"] == unit["id"]


def test_a_point_in_another_system_is_converted_and_one_without_a_system_refused(district: District) -> None:
    client = client_of(district.department)
    refused = call(client, "POST", "/enterprises", new_enterprise(district, system=""), status=422)
    assert "坐标系" in refused["fields"]["system"]
    outside = call(client, "POST", "/enterprises", new_enterprise(district, lon=120.0), status=422)
    assert "不在本区范围内" in outside["fields"]["lon"]
    file = call(client, "POST", "/enterprises", new_enterprise(district), status=201)
    assert float(file["lon"]) == pytest.approx(117.194, abs=0.004)
    assert float(file["lon"]) != 117.2


def test_the_same_request_twice_acts_once_and_another_under_its_identifier_is_refused(district: District) -> None:
    client = client_of(district.department)
    key = str(uuid.uuid4())
    first = call(client, "POST", "/enterprises", new_enterprise(district), key=key, status=201)
    again = call(client, "POST", "/enterprises", new_enterprise(district), key=key, status=201)
    assert first["id"] == again["id"]
    call(client, "POST", "/enterprises", new_enterprise(district, name="另一家"), key=key, status=409)
    assert Enterprise.objects.count() == 1
    unit = {"code": "U1", "name": "液氯库", "kind": "storage"}
    key = str(uuid.uuid4())
    for _time in range(2):
        call(client, "POST", f"/enterprises/{first['id']}/units", unit, key=key, status=201)
    assert Unit.objects.count() == 1
    call(client, "POST", f"/enterprises/{first['id']}/units", unit, status=409)


def test_stock_moves_once_and_never_below_nothing(district: District) -> None:
    client = client_of(district.department)
    holding = held(client, district)
    path, key = f"/holdings/{holding['id']}/movements", str(uuid.uuid4())
    out = {"kind": "out", "quantity_t": 20, "at": "2026-01-05T08:00:00+08:00"}
    for _time in range(2):
        call(client, "POST", path, out, key=key, status=201)
    assert float(call(client, "GET", f"/holdings/{holding['id']}")["present_t"]) == 40
    refused = call(client, "POST", path, {**out, "quantity_t": 41}, status=422)
    assert "quantity" in refused["fields"]
    call(client, "POST", path, {**out, "quantity": 1}, status=422)
    call(client, "POST", path, {**out, "at": "2026-01-05T08:00:00"}, status=422)
    assert StockMovement.objects.count() == 2
    assert len(call(client, "GET", path)["items"]) == 2


def test_a_file_is_changed_and_verified_by_its_version(district: District) -> None:
    client = client_of(district.department)
    file = call(client, "POST", "/enterprises", new_enterprise(district), status=201)
    path = f"/enterprises/{file['id']}"
    changed = call(client, "PATCH", path, {"version": 1, "staff_count": 30})
    assert (changed["version"], changed["staff_count"], changed["address"]) == (2, 30, "甲街道示例路1号")
    call(client, "PATCH", path, {"version": 1, "staff_count": 31}, status=409)
    call(client, "PATCH", path, {"version": 2, "nonsense": 1}, status=422)
    verified = call(client, "POST", f"{path}/verify", {"version": 2, "remark": "已现场核对"})
    assert verified["verified_at"]
    # Only the department that leads its supervision, though another sees the file.
    other = make_org("示例区交通运输局", area=district.area, general=True, code="TRB")
    client = client_of(make_actor(other, "department.officer"))
    assert call(client, "GET", path)["version"] == 2
    call(client, "POST", f"{path}/verify", {"version": 2, "remark": "已现场核对"}, status=403)


def test_what_is_not_ones_own_is_absent_and_what_is_not_known_refused(district: District) -> None:
    client = client_of(district.department)
    holding = held(client, district)
    other = client_of(district.other_enterprise)
    for path in (f"/holdings/{holding['id']}", f"/units/{holding['unit_id']}",
                 f"/enterprises/{holding['enterprise_id']}"):  # fmt: skip
        call(other, "GET", path, status=404)
    assert call(other, "GET", "/holdings")["items"] == []
    call(other, "POST", "/enterprises", new_enterprise(district), status=403)
    call(Client(), "GET", "/enterprises", status=401)
    place = f"/facilities/{holding['facility_id']}/holdings"
    assert "chemical" in call(client, "POST", place, {"chemical": "没有这种东西", "design_t": 1}, status=422)["fields"]
    classes = ["易燃气体,类别1", "易燃液体,类别2"]
    call(client, "POST", place, {"chemical": "氨", "design_t": 1, "hazard_classes": classes}, status=422)
    call(client, "POST", place, {"chemical": "氨", "design_t": -1}, status=422)
    assert Holding.objects.count() == 1


def test_a_filing_is_asked_for_returned_and_its_removal_refused(district: District) -> None:
    client = client_of(district.department)
    own = client_of(district.enterprise)
    assert own.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路2号"}).status_code == 303
    pk = district.enterprise_org.pk
    unit = call(own, "POST", f"/enterprises/{pk}/units", {"code": "U1", "name": "库", "kind": "storage"}, status=201)
    bay = call(own, "POST", f"/units/{unit['id']}/facilities", {"code": "K", "name": "间", "kind": "bay"}, status=201)
    call(own, "POST", f"/facilities/{bay['id']}/holdings", {"chemical": "氯", "design_t": 65}, status=201)
    hazard = call(own, "GET", "/hazards")["items"][0]
    path = f"/hazards/{hazard['id']}"
    assert call(own, "POST", f"{path}/delist", {"reason": "停止储存"})["status"] == "DELISTING"
    call(own, "POST", f"{path}/refuse", {"reason": "不能"}, status=403)
    assert call(client, "POST", f"{path}/refuse", {"reason": "设施仍在"})["status"] == "FOUND"
    call(client, "POST", f"{path}/accept", {"text": "同意"}, status=409)
