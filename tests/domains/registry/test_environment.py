"""Environmental management: attributes of chemicals, risk assessments with their reviews, where waste goes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.domains.registry.factories import CODES, chemical, make_facility, make_file, make_holding, make_unit
from tests.domains.registry.test_api import call
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org
from tests.kernel.exchange.importing import book, checked, exported, imported, undo

from quancheng.domains.registry.models import ChemicalEnvironment, Enterprise, EnvironmentRecord, WasteArrangement
from quancheng.domains.registry.services.chemicals import load_shipped
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def file(district: District) -> Enterprise:
    return open_own_file(actor=district.enterprise, kind="depot", known={"address": "示例路1号"}, now=NOW)


def ecology(district: District, *links: str) -> Actor:
    org = make_org("示例区生态环境分局", area=district.area, links=links or ("storage", "disposal"), code="EEB")
    return make_actor(org, "department.officer")


def ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def assessment(**changed: Any) -> dict[str, Any]:
    return {
        "assessed_date": ago(400), "institute": "示例环境科技公司", "grade": "larger", "plan_no": "990102-2025-001-M",
        "plan_date": ago(380), **changed,
    }  # fmt: skip


@pytest.mark.clause("S3-3.1.4a")
def test_an_enterprise_enters_its_assessment_and_the_ecology_office_verifies_it(
    district: District, file: Enterprise
) -> None:
    office, own = client_of(ecology(district)), client_of(district.enterprise)
    path = f"/registry/enterprises/{file.pk}/environments/new"
    page = f"/registry/enterprises/{file.pk}"
    assert "环境风险评估和应急预案备案" in own.get(f"{page}?tab=completeness").content.decode()
    wrong = own.post(path, assessment(grade=""))
    assert wrong.status_code == 422
    assert "示例环境科技公司" in wrong.content.decode()
    paper = SimpleUploadedFile("评估报告.txt", "报告".encode(), content_type="text/plain")
    assert own.post(path, assessment(evidence=paper)).status_code == 303
    assert own.post(path, assessment()).status_code == 409
    row = EnvironmentRecord.objects.get()
    assert row.review_date == date.fromisoformat(ago(400)).replace(year=date.fromisoformat(ago(400)).year + 3)
    one = f"/registry/environments/{row.pk}"
    shown = office.get(one).content.decode()
    assert all(said in shown for said in ("较大环境风险", "990102-2025-001-M", "评估报告.txt"))
    for client in (own, client_of(district.department)):
        # The act is not offered; whoever sends it all the same is asked for what nobody need give.
        assert client.post(one, {"act": "verify", "version": 1, "remark": ""}).status_code == 422
    row.refresh_from_db()
    assert row.verified_at is None
    assert office.post(one, {"act": "verify", "version": 1, "remark": "相符"}).status_code == 303
    row.refresh_from_db()
    assert row.verified_by_id is not None
    changed = {"act": "change", "version": 1, **assessment(review_date=row.review_date.isoformat(), remark="补充")}
    assert office.post(one, changed).status_code == 303
    assert own.post(one, {**changed, "remark": "另一句"}).status_code == 409
    row.refresh_from_db()
    assert (row.remark, row.verified_at, row.version) == ("补充", None, 2)
    tab = own.get(f"{page}?tab=environment").content.decode()
    assert "990102-2025-001-M" in tab
    assert "环境风险评估和应急预案备案" not in own.get(page).content.decode()


@pytest.mark.clause("S3-3.1.4a")
def test_an_overdue_review_is_a_gap_of_the_file_and_stands_in_the_list(district: District, file: Enterprise) -> None:
    office, own = client_of(ecology(district)), client_of(district.enterprise)
    late = assessment(assessed_date=ago(1200), plan_date=ago(1190), review_date=ago(5))
    assert own.post(f"/registry/enterprises/{file.pk}/environments/new", late).status_code == 303
    listed = office.get("/registry/environments?late=1").content.decode()
    assert "示例甲化工有限公司" in listed
    assert "应复核" in listed
    assert "示例甲化工有限公司" in office.get("/registry/enterprises?gap=ENVIRONMENT").content.decode()
    sheet = exported(office, "/registry/environments?export=xlsx")
    assert "较大环境风险" in {str(cell) for row in sheet for cell in row}
    row = EnvironmentRecord.objects.get()
    again = {"act": "change", "version": 1, **assessment(assessed_date=ago(1), plan_date=ago(1), review_date=ago(5))}
    assert own.post(f"/registry/environments/{row.pk}", again | {"review_date": ""}).status_code == 303
    assert "示例甲化工有限公司" not in office.get("/registry/environments?late=1").content.decode()
    assert "示例甲化工有限公司" not in office.get("/registry/enterprises?gap=ENVIRONMENT").content.decode()
    assert client_of(district.other_town).get(f"/registry/environments/{row.pk}").status_code == 404


def test_an_office_that_supervises_disposal_alone_sees_the_record_without_the_file(
    district: District, file: Enterprise
) -> None:
    client_of(district.enterprise).post(f"/registry/enterprises/{file.pk}/environments/new", assessment())
    office = client_of(ecology(district, "disposal"))
    row = EnvironmentRecord.objects.get()
    page = office.get(f"/registry/environments/{row.pk}").content.decode()
    assert "示例甲化工有限公司" in page
    assert f"/registry/enterprises/{file.pk}" not in page
    assert office.post(f"/registry/environments/{row.pk}", {"act": "verify", "version": 1}).status_code == 303


@pytest.mark.clause("S3-3.1.4a")
def test_what_is_thrown_away_goes_to_a_licensed_handler(district: District, file: Enterprise) -> None:
    office, own = client_of(ecology(district)), client_of(district.enterprise)
    path = f"/registry/enterprises/{file.pk}/wastes/new"
    given = {"name": "废甲醇", "way": "entrust", "how": "焚烧", "waste_code": "900-404-06", "year_t": "3.5"}
    refused = own.post(path, given)
    assert refused.status_code == 422
    assert refused.content.decode().count("请填写受托单位和许可证编号") >= 2
    whole = {**given, "handler_name": "示例处置公司", "handler_licence_no": "示危废1号", "until_date": ago(3)}
    assert own.post(path, whole).status_code == 303
    assert own.post(path, whole).status_code == 409
    row = WasteArrangement.objects.get()
    listed = office.get("/registry/wastes?lapsed=1").content.decode()
    assert "示例处置公司" in listed
    assert "委托已过期" in office.get(f"/registry/wastes/{row.pk}").content.decode()
    assert "废甲醇" in own.get(f"/registry/enterprises/{file.pk}?tab=environment").content.decode()
    assert client_of(district.town).post(f"/registry/wastes/{row.pk}", {"act": "end"}).status_code == 422
    assert "示例处置公司" in office.get("/registry/wastes?lapsed=1").content.decode()
    assert own.post(f"/registry/wastes/{row.pk}", {"act": "end"}).status_code == 303
    assert "示例处置公司" not in office.get("/registry/wastes?lapsed=1").content.decode()


@pytest.mark.clause("S3-3.1.4a")
def test_a_chemical_says_how_it_is_managed_how_surely_and_by_what(district: District, file: Enterprise) -> None:
    keeper, own = client_of(district.officer), client_of(district.enterprise)
    benzene, methanol = chemical("苯"), chemical("甲醇")
    page = f"/registry/chemicals/{benzene.pk}"
    shown = own.get(page).content.decode()
    assert "重点环境管理危险化学品" in shown
    assert "执法使用前须核对" in shown
    given = {"act": "environment", "version": 0, "new_substance": "simple", "new_substance_no": "示新1号",
             "source": "登记证", "mark": "V"}  # fmt: skip
    path = f"/registry/chemicals/{methanol.pk}"
    assert own.post(path, given).status_code == 422
    assert keeper.post(path, {**given, "source": ""}).status_code == 422
    assert keeper.post(path, given).status_code == 303
    assert keeper.post(path, given).status_code == 409
    assert "示新1号" in own.get(path).content.decode()
    assert "甲醇" in keeper.get("/registry/chemicals?environment=new").content.decode()
    changed = {"act": "environment", "version": 1, "is_new_pollutant": "on", "source": "本区复核", "mark": "V"}
    assert keeper.post(page, changed).status_code == 303
    # What a person changed stays, whatever ships.
    load_shipped(now=NOW)
    said = ChemicalEnvironment.objects.get(chemical=benzene)
    assert (said.is_key, said.is_new_pollutant, said.mark) == (False, True, "V")
    room = make_facility(district.enterprise, make_unit(district.enterprise, file))
    make_holding(district.enterprise, room, "苯", design_t=3, present_t=1)
    assert "重点管控新污染物" in own.get(f"/registry/enterprises/{file.pk}?tab=environment").content.decode()


RECORD = ["企业名称", "单元", "环境风险评估日期", "环境风险等级", "突发环境事件应急预案备案编号"]


def test_assessments_come_in_are_changed_by_a_second_sheet_and_taken_back(district: District, file: Enterprise) -> None:
    office = client_of(ecology(district))
    make_unit(district.enterprise, file)
    name = "示例甲化工有限公司"
    rows = (RECORD, [name, "", ago(9), "一般环境风险", "B1"], [name, "U1", ago(9), "较大环境风险", "B2"])
    bad = checked(office, "registry.environments", book(RECORD, [name, "U9", ago(9), "一般环境风险", "B1"]))
    assert "没有编号为“U9”的单元" in str(bad.errors)
    run = imported(office, "registry.environments", book(*rows))
    assert EnvironmentRecord.objects.count() == 2
    keys = (
        "file,unit,identified_date,assessed_date,institute,grade,plan_no,plan_date,review_date,registration_no,"
        "registration_until,remark"
    )
    sheet = book(*exported(office, f"/registry/environments?cols={keys}&export=xlsx"))
    again = checked(office, "registry.environments", sheet)
    assert (again.state, again.counts["unchanged"]) == ("checked", 2), again.errors
    second = imported(office, "registry.environments", book(RECORD[:2] + ["备注"], [name, "U1", "重评"]))
    assert EnvironmentRecord.objects.get(unit__code="U1").remark == "重评"
    assert undo(office, second).status_code == 303
    assert EnvironmentRecord.objects.get(unit__code="U1").remark == ""
    EnvironmentRecord.objects.update(version=1)
    assert undo(office, run).status_code == 303


def test_a_published_list_of_chemicals_comes_in_and_is_taken_back(district: District) -> None:
    keeper = client_of(district.officer)
    heads = ["化学品名称", "重点管控新污染物", "依据", "可信程度"]
    run = imported(keeper, "registry.chemical_environments", book(heads, ["67-56-1", "是", "示例名录", "V"]))
    assert ChemicalEnvironment.objects.get(chemical__name="甲醇").is_new_pollutant
    assert undo(keeper, run).status_code == 303
    assert not ChemicalEnvironment.objects.filter(chemical__name="甲醇").exists()


def test_a_program_enters_changes_verifies_and_arranges(district: District, file: Enterprise) -> None:
    office, own = client_of(ecology(district)), client_of(district.enterprise)
    path, key = f"/enterprises/{file.pk}/environments", str(uuid.uuid4())
    assert "grade" in call(own, "POST", path, assessment(grade=""), status=422)["fields"]
    wrong = call(own, "POST", path, assessment(unit_id=str(uuid.uuid4())), status=422)
    assert "unit_id" in wrong["fields"]
    row = call(own, "POST", path, assessment(), key=key, status=201)
    assert call(own, "POST", path, assessment(), key=key, status=201)["id"] == row["id"]
    one = f"/environments/{row['id']}"
    call(own, "POST", f"{one}/verify", {"version": 1}, status=403)
    assert call(office, "POST", f"{one}/verify", {"version": 1, "remark": "相符"})["verified_at"]
    assert call(own, "PATCH", one, {"version": 1, "remark": "补充"})["verified_at"] is None
    call(own, "PATCH", one, {"version": 1, "remark": "再补"}, status=409)
    assert [one["id"] for one in call(office, "GET", "/environments?grade=larger")["items"]] == [row["id"]]
    waste = {"name": "废液", "way": "reuse", "how": "蒸馏"}
    made = call(own, "POST", f"/enterprises/{file.pk}/wastes", waste, status=201)
    assert call(own, "POST", f"/wastes/{made['id']}/end")["ended_date"]
    call(own, "POST", f"/wastes/{made['id']}/end", status=409)
    methanol = f"/chemicals/{chemical('甲醇').pk}/environment"
    call(own, "GET", methanol, status=404)
    said = {"version": 0, "is_key": True, "source": "示例名录", "mark": "G"}
    call(own, "PUT", methanol, said, status=403)
    assert call(client_of(district.officer), "PUT", methanol, said)["is_key"]
    call(client_of(district.officer), "PUT", methanol, said, status=409)


def test_others_enter_nothing_into_what_an_enterprise_says_of_the_environment(district: District) -> None:
    ecology(district)
    other = make_file(district.department, area=district.street_area, code=CODES[1])
    for actor in (district.department, district.town):
        answer = client_of(actor).post(f"/registry/enterprises/{other.pk}/environments/new", assessment())
        assert answer.status_code == 403
