"""Places, products, projects, expenses and exits over REST."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.test_api import call, new_enterprise
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import ExpenseUse, LicenceExit, Product, Project, SensitivePlace, TrialVisit
from quancheng.domains.registry.models.projects import CHECKLIST

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = "117.0,39.0,117.4,39.3"
    return make_district()


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


@pytest.fixture
def own(district: District) -> Client:
    client = client_of(district.enterprise)
    assert client.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路2号"}).status_code == 303
    return client


def new_place(district: District, **changed: Any) -> dict[str, Any]:
    given = {
        "kind": "school", "name": "示例小学", "area_id": str(district.street_area.pk), "lon": 117.2, "lat": 39.1,
        "system": "cgcs2000", "population": 800, "source": "学校学籍", "source_date": "2026-01-05",
    }  # fmt: skip
    return {**given, **changed}


# Sensitive places ------------------------------------------------------------------------------------------------


def test_a_program_keeps_places_and_accepts_who_lives_near(district: District, bureau: Client) -> None:
    key = str(uuid.uuid4())
    first = call(bureau, "POST", "/sensitive-places", new_place(district), key=key, status=201)
    assert call(bureau, "POST", "/sensitive-places", new_place(district), key=key, status=201)["id"] == first["id"]
    call(bureau, "POST", "/sensitive-places", new_place(district), status=409)
    path = f"/sensitive-places/{first['id']}"
    changed = call(bureau, "PATCH", path, {"version": 1, "population": 900})
    assert (changed["population"], changed["name"], changed["version"]) == (900, "示例小学", 2)
    call(bureau, "PATCH", path, {"version": 1, "population": 901}, status=409)
    for name in ("name", "source"):
        assert name in call(bureau, "PATCH", path, {"version": 2, name: None}, status=422)["fields"], name
    assert call(bureau, "PATCH", path, {"version": 2, "address": None})["address"] == ""
    file = call(bureau, "POST", "/enterprises", new_enterprise(district, system="cgcs2000", lon=117.201), status=201)
    near = call(bureau, "GET", f"/enterprises/{file['id']}/sensitive-places")
    assert (near["exposed_population"], [one["place"]["name"] for one in near["places"]]) == (900, ["示例小学"])
    accept = f"/enterprises/{file['id']}/exposed-population"
    call(bureau, "POST", accept, {"version": file["version"], "expected": 800}, status=409)
    taken = call(bureau, "POST", accept, {"version": file["version"], "expected": 900})
    assert taken["exposed_population"] == 900
    bureau.post(f"/api/v1/registry{path}/end", "{}", "application/json")
    call(bureau, "GET", path, status=404)
    assert SensitivePlace.objects.get().ended_date is not None


def test_a_place_is_refused_where_its_point_or_its_words_cannot_be(district: District, bureau: Client) -> None:
    def refused(**changed: Any) -> Any:
        return call(bureau, "POST", "/sensitive-places", new_place(district, **changed), status=422)["fields"]

    assert "lon" in refused(lon=120.0)
    assert "system" in str(refused(system="mars"))
    assert "source_date" in refused(source_date="2099-01-01")
    assert "boundary" in refused(boundary={"type": "Point", "coordinates": [117.2, 39.1]})
    assert "kind" in str(refused(kind="factory"))
    call(bureau, "POST", "/sensitive-places", {**new_place(district), "people": 3}, status=422)
    call(bureau, "GET", "/sensitive-places?kind=factory", status=422)
    call(bureau, "GET", "/sensitive-places?klass=school", status=422)
    assert not SensitivePlace.objects.exists()
    town = client_of(district.other_town)
    call(town, "POST", "/sensitive-places", new_place(district), status=403)
    call(client_of(district.enterprise), "POST", "/sensitive-places", new_place(district), status=403)


# Products --------------------------------------------------------------------------------------------------------


def test_a_program_keeps_products_and_issues_their_data_sheets(district: District, own: Client) -> None:
    pk, key = district.enterprise_org.pk, str(uuid.uuid4())
    body = {"name": "示例酒精", "phone": "0999-1234567", "packages": ["塑料桶 25 L"],
            "parts": [{"chemical": "64-17-5", "low": 95, "high": 96}]}  # fmt: skip
    made = call(own, "POST", f"/enterprises/{pk}/products", body, key=key, status=201)
    assert call(own, "POST", f"/enterprises/{pk}/products", body, key=key, status=201)["id"] == made["id"]
    assert (len(made["code"]), made["parts"][0]["cas"], made["un_no"]) == (16, "64-17-5", "1170")
    path = f"/products/{made['id']}"
    changed = call(own, "PATCH", path, {"version": made["version"], "uses": "溶剂"})
    assert (changed["uses"], changed["phone"], len(changed["parts"])) == ("溶剂", "0999-1234567", 1)
    call(own, "PATCH", path, {"version": made["version"], "uses": "另一用途"}, status=409)
    sheet = call(own, "POST", f"{path}/data-sheets", {}, status=201)
    text = [f"第{number}部分" for number in range(1, 17)]
    where = f"/data-sheets/{sheet['id']}"
    call(own, "PATCH", where, {"version": sheet["version"], "sections": text[:15]}, status=422)
    strange = {"version": sheet["version"], "sections": text, "evidence": [str(uuid.uuid4())]}
    assert "evidence" in call(own, "PATCH", where, strange, status=422)["fields"]
    given = {"version": sheet["version"], "sections": text, "revision_date": "2026-01-05"}
    written = call(own, "PATCH", where, given)
    assert call(own, "POST", f"{where}/issue", {"version": written["version"]})["issued_at"]
    call(own, "PATCH", where, given, status=409)
    assert [one["number"] for one in call(own, "GET", f"{path}/data-sheets")] == [1]
    assert call(own, "GET", f"/products?enterprise_id={pk}&un_no=1170")["items"][0]["id"] == made["id"]
    assert call(own, "POST", f"{path}/end", {})["ended_date"]


def test_a_product_is_refused_by_field_and_to_strangers(district: District, own: Client) -> None:
    pk = district.enterprise_org.pk
    good = {"name": "示例酒精", "phone": "0999-1234567", "parts": [{"chemical": "乙醇", "low": 95, "high": 95}]}

    def refused(status: int = 422, **changed: Any) -> str:
        answer = call(own, "POST", f"/enterprises/{pk}/products", {**good, **changed}, status=status)
        return str(answer.get("fields"))

    assert "parts.0.chemical" in refused(parts=[{"chemical": "没有这种东西"}])
    assert "parts" in refused(parts=[])
    assert "小的在前" in refused(parts=[{"chemical": "乙醇", "low": 50, "high": 40}])
    assert "写了两次" in refused(parts=[{"chemical": "乙醇"}, {"chemical": "64-17-5"}])
    assert "phone" in refused(phone="请看网站")
    assert "packages" in refused(packages=["大桶"])
    assert "national_url" in refused(national_url="https://example.com/x")
    assert "distance_source" in refused(isolation_m=50)
    assert "un_no" in refused(un_no="12345")
    assert "packing_group" in refused(packing_group="IV")
    assert not Product.objects.exists()
    call(client_of(district.other_enterprise), "POST", f"/enterprises/{pk}/products", good, status=404)
    call(own, "GET", "/products?name=x", status=422)


# Projects --------------------------------------------------------------------------------------------------------


def new_project(**changed: Any) -> dict[str, Any]:
    given = {"title": "示例罐区扩建", "kind": "extended", "purpose": "storage", "place": "甲街道示例路",
             "chemicals": [{"chemical": "甲醇", "design_t": 260}]}  # fmt: skip
    return {**given, **changed}


def test_a_program_takes_a_project_through_its_reviews(district: District, own: Client, bureau: Client) -> None:
    key = str(uuid.uuid4())
    project = call(own, "POST", "/projects", new_project(), key=key, status=201)
    assert call(own, "POST", "/projects", new_project(), key=key, status=201)["id"] == project["id"]
    path = f"/projects/{project['id']}"
    for method, where in (("POST", "/projects"), ("PATCH", path)):
        call(own, method, where, new_project(chemicals=[{"chemical": "甲醇", "design_t": 0.0000001}]), status=422)
    changed = call(own, "PATCH", path, new_project(chemicals=[{"chemical": "67-56-1", "design_t": 300}]))
    assert [(one["chemical"], float(one["design_t"])) for one in changed["chemicals"]] == [("甲醇", 300.0)]
    call(own, "POST", f"{path}/apply", {"text": "申请审查"})
    call(own, "PATCH", path, new_project(), status=409)
    answers = [{"item": code, "ok": True} for code, _label in CHECKLIST]
    call(own, "POST", f"{path}/checklist", {"answers": answers}, status=403)
    call(bureau, "POST", f"{path}/checklist", {"answers": [{"item": "place", "ok": False}]}, status=422)
    call(bureau, "POST", f"{path}/checklist", {"answers": answers})
    call(bureau, "POST", f"{path}/pass", {"text": "同意"}, status=409)
    consulted = {"on": "2026-01-05", "by": "示例专家组", "text": "可行"}
    call(own, "POST", f"{path}/consultation", consulted)
    assert call(bureau, "POST", f"{path}/pass", {"text": "同意"})["status"] == "DESIGNING"
    call(own, "POST", f"{path}/apply_design", {"text": "设计专篇"})
    call(bureau, "POST", f"{path}/pass_design", {"text": "同意"})
    call(own, "POST", f"{path}/trial", {"first": "2026-03-01", "last": "2028-03-01", "plan": "方案"}, status=422)
    call(own, "POST", f"{path}/trial", {"first": "2026-03-01", "last": "2026-09-01", "plan": "方案"})
    assert call(own, "POST", f"{path}/start_trial", {})["status"] == "TRIAL"
    visit, key = {"day": "2026-01-05", "inspectors": "示例人员", "text": "正常"}, str(uuid.uuid4())
    for _time in range(2):
        call(bureau, "POST", f"{path}/visits", visit, key=key, status=201)
    assert TrialVisit.objects.count() == 1
    assert [one["text"] for one in call(own, "GET", f"{path}/visits")] == ["正常"]
    call(own, "POST", f"{path}/finish", {"text": "验收报告"})
    assert call(bureau, "POST", f"{path}/complete", {"text": "核查通过"})["closed_at"]
    assert call(own, "GET", "/projects?status=DONE")["items"][0]["id"] == project["id"]


def test_a_project_is_refused_by_field_and_hidden_from_others(district: District, own: Client, bureau: Client) -> None:
    call(bureau, "POST", "/projects", new_project(), status=403)
    unknown = new_project(chemicals=[{"chemical": "没有这种东西", "design_t": 1}])
    assert "chemicals.0.chemical" in call(own, "POST", "/projects", unknown, status=422)["fields"]
    twice = new_project(chemicals=[{"chemical": "甲醇", "design_t": 1}, {"chemical": "67-56-1", "design_t": 2}])
    assert "chemicals" in call(own, "POST", "/projects", twice, status=422)["fields"]
    call(own, "POST", "/projects", new_project(kind="other"), status=422)
    call(own, "POST", "/projects", new_project(chemicals=[]), status=422)
    assert not Project.objects.exists()
    project = call(own, "POST", "/projects", new_project(), status=201)
    other = client_of(district.other_enterprise)
    call(other, "GET", f"/projects/{project['id']}", status=404)
    assert call(other, "GET", "/projects")["items"] == []
    call(own, "POST", f"/projects/{project['id']}/vanish", {}, status=422)
    call(own, "GET", "/projects?state=DONE", status=422)
    explosive = call(own, "POST", "/projects", new_project(title="示例二", chemicals=[
        {"chemical": "118-96-7", "design_t": 2}]), status=201)  # fmt: skip
    approved = call(bureau, "POST", f"/projects/{explosive['id']}/special-approval", {"document": "示例〔2026〕1号"})
    assert (approved["has_explosives"], approved["special_approval"]) == (True, "示例〔2026〕1号")


# Expenses and exits ----------------------------------------------------------------------------------------------


def test_a_program_keeps_a_year_of_safety_expenses(district: District, own: Client) -> None:
    pk, year = district.enterprise_org.pk, timezone.localdate().year
    body = {"year": year, "industry": "hazardous_goods", "revenue": "10000000.00", "drawn": 1000}
    made = call(own, "POST", f"/enterprises/{pk}/safety-expenses", body, status=201)
    assert float(made["due"]) > 0
    call(own, "POST", f"/enterprises/{pk}/safety-expenses", body, status=409)
    path = f"/safety-expenses/{made['id']}"
    changed = call(own, "PATCH", path, {"version": 1, "industry": "hazardous_goods", "revenue": 0, "drawn": 5})
    assert (float(changed["due"]), float(changed["drawn"])) == (0.0, 5.0)
    category = call(own, "POST", f"{path}/uses", {"category": "?", "amount": 1, "paid_date": f"{year}-01-01",
                                                  "text": "示例"}, status=422)  # fmt: skip
    assert "category" in str(category["fields"])
    from quancheng.standards.safety_expense import USES

    use, key = {"category": next(iter(USES)), "amount": "12.50", "paid_date": f"{year}-01-01", "text": "示例"}, "k"
    key = str(uuid.uuid4())
    for _time in range(2):
        used = call(own, "POST", f"{path}/uses", use, key=key, status=201)
    assert ExpenseUse.objects.count() == 1
    assert float(call(own, "GET", path)["used"]) == 12.5
    assert "paid_date" in call(own, "POST", f"{path}/uses", {**use, "paid_date": "2015-01-01"}, status=422)["fields"]
    call(own, "POST", f"{path}/uses", {**use, "amount": "0.001"}, status=422)
    assert call(own, "POST", f"{path}/uses/{used['id']}/void", {})["void_at"]
    call(own, "POST", f"{path}/uses/{used['id']}/void", {}, status=409)
    call(own, "POST", f"{path}/uses/{uuid.uuid4()}/void", {}, status=404)
    assert [bool(one["void_at"]) for one in call(own, "GET", f"{path}/uses")] == [True]
    assert float(call(own, "GET", f"/safety-expenses?year={year}")["items"][0]["used"]) == 0
    call(own, "GET", "/safety-expenses?anno=2026", status=422)
    call(client_of(district.other_enterprise), "GET", path, status=404)


def test_an_exit_is_opened_by_the_office_once_and_needs_its_papers(
    district: District, own: Client, bureau: Client
) -> None:
    pk = district.enterprise_org.pk
    call(own, "POST", f"/enterprises/{pk}/licence-exits", {"reason": "示例"}, status=403)
    body, key = {"reason": "不具备安全生产条件"}, str(uuid.uuid4())
    made = call(bureau, "POST", f"/enterprises/{pk}/licence-exits", body, key=key, status=201)
    assert call(bureau, "POST", f"/enterprises/{pk}/licence-exits", body, key=key, status=201)["id"] == made["id"]
    call(bureau, "POST", f"/enterprises/{pk}/licence-exits", body, status=409)
    path = f"/licence-exits/{made['id']}"
    assert "evidence" in call(bureau, "POST", f"{path}/order", {"text": "责令停止"}, status=422)["fields"]
    strange = {"text": "责令停止", "evidence": [str(uuid.uuid4())]}
    assert "evidence" in call(bureau, "POST", f"{path}/order", strange, status=422)["fields"]
    call(bureau, "POST", f"{path}/close", {"text": "关闭", "evidence": [str(uuid.uuid4())]}, status=422)
    assert call(bureau, "POST", f"{path}/drop", {"text": "已整改到位"})["status"] == "DROPPED"
    assert call(own, "GET", f"/licence-exits?enterprise_id={pk}&status=DROPPED")["items"][0]["code"] == made["code"]
    call(client_of(district.other_enterprise), "GET", path, status=404)
    call(bureau, "GET", "/licence-exits?status=GONE", status=422)
    assert LicenceExit.objects.get().closed_at > timezone.now() - timedelta(minutes=5)  # type: ignore[operator]
