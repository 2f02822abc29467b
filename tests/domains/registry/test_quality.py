"""Inspected products: recorded by market supervision, answered by the enterprise, inspected anew, closed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.domains.registry.test_api import call
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org
from tests.kernel.exchange.importing import book, checked, exported, imported, undo

from quancheng.domains.registry.models import Enterprise, Inspection, Product
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.registry.services.products import enter_product, read_parts
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
HEADS = ["企业名称", "样品名称", "检验类别", "批号", "抽样日期", "检验机构", "检验依据", "报告编号", "出具单位",
         "检验结论", "不合格项目"]  # fmt: skip


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def file(district: District) -> Enterprise:
    return open_own_file(actor=district.enterprise, kind="depot", known={"address": "示例路1号"}, now=NOW)


def market(district: District, code: str = "MSB", name: str = "示例区市场监督管理局") -> Actor:
    org = make_org(name, area=district.area, links=("production", "trade", "storage"), code=code)
    return make_actor(org, "department.officer")


def a_product(district: District, file: Enterprise) -> Product:
    known, parts = {"name": "示例甲醇", "phone": "0999-1234567"}, read_parts(["甲醇 99.9%"])
    return enter_product(actor=district.enterprise, file=file, known=known, parts=parts, now=NOW)


def ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def report(**changed: Any) -> dict[str, Any]:
    return {
        "product_name": "示例甲醇", "kind": "sampling", "batch": "B1", "sampled_date": ago(20),
        "institute": "示例检验院", "standard": "GB/T 338-2011", "report_no": "示检1号", "result": "passed", **changed,
    }  # fmt: skip


def failed(**changed: Any) -> dict[str, Any]:
    return report(**{"result": "failed", "failed_items": "水分 0.3%", "due_date": ago(-30), **changed})


@pytest.mark.clause("S3-3.1.3a")
def test_a_failed_product_is_mended_inspected_anew_and_closed(district: District, file: Enterprise) -> None:
    bureau, own = client_of(market(district)), client_of(district.enterprise)
    product = a_product(district, file)
    path = f"/registry/enterprises/{file.pk}/inspections/new"
    assert "登记质量检验" in bureau.get(f"/registry/enterprises/{file.pk}").content.decode()
    assert "示例甲醇" in bureau.get(f"{path}?product={product.pk}").content.decode()
    refused = bureau.post(path, failed(failed_items="", product=str(product.pk)))
    assert refused.status_code == 422
    assert "请写明不合格项目" in refused.content.decode()
    assert "示检1号" in refused.content.decode()
    evidence = SimpleUploadedFile("检验报告.txt", "报告".encode(), content_type="text/plain")
    assert bureau.post(path, failed(product=str(product.pk), evidence=evidence)).status_code == 303
    assert bureau.post(path, failed()).status_code == 409
    row = Inspection.objects.get()
    assert (row.status, row.issuer, row.product_id) == ("MENDING", "示例区市场监督管理局", product.pk)
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.duty) == (file.pk, "registry.files.keep")
    # Both its own page, the enterprise's and the product's tell of it; the findings do too, until it is over.
    page = f"/registry/inspections/{row.pk}"
    assert "水分 0.3%" in own.get(page).content.decode()
    assert "检验报告.txt" in own.get(page).content.decode()
    assert "1个批次产品检验不合格" in own.get(f"/registry/enterprises/{file.pk}").content.decode()
    for address in (f"/registry/enterprises/{file.pk}?tab=quality", f"/registry/products/{product.pk}?tab=quality"):
        assert "示检1号" in own.get(address).content.decode(), address
    assert own.post(page, {"act": "answer", "text": ""}).status_code == 422
    assert own.post(page, {"act": "answer", "text": "返工，停售"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.measures) == ("ANSWERED", "返工，停售")
    again = {"day": ago(0), "institute": "示例检验院", "report_no": "示检2号"}
    worse = {"act": "fail", **again, "reason": "水分 0.2%", "due_date": ago(-20)}
    assert bureau.post(page, {**worse, "reason": ""}).status_code == 422
    assert bureau.post(page, worse).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.failed_items, row.due_date.isoformat()) == ("MENDING", "水分 0.2%", ago(-20))
    assert own.post(page, {"act": "answer", "text": "更换填料"}).status_code == 303
    assert bureau.post(page, {"act": "close", **again, "report_no": "示检3号"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.retest_no) == ("CLOSED", "示检3号")
    assert not WorkItem.objects.filter(subject_id=row.pk, done_at__isnull=True).exists()
    assert "个批次产品检验不合格" not in own.get(f"/registry/enterprises/{file.pk}").content.decode()
    told = own.get(f"/registry/enterprises/{file.pk}/timeline?group=quality").content.decode()
    assert "更换填料" in told


@pytest.mark.clause("S3-3.1.3a")
def test_a_passed_one_is_filed_at_once_and_the_district_lists_filters_and_exports(
    district: District, file: Enterprise
) -> None:
    bureau = client_of(market(district))
    path = f"/registry/enterprises/{file.pk}/inspections/new"
    abroad = report(kind="import", issuer="示例海关", report_no="关检1号", due_date="")
    assert bureau.post(path, abroad).status_code == 303
    package = failed(kind="package", product_name="铁桶 200 L", report_no="示检9号")
    assert bureau.post(path, package).status_code == 303
    first = Inspection.objects.get(report_no="关检1号")
    assert (first.status, first.issuer, first.due_date) == ("PASSED", "示例海关", None)
    page = bureau.get("/registry/inspections").content.decode()
    assert "关检1号" in page
    assert "示检9号" in page
    only = bureau.get("/registry/inspections?result=failed&open=1").content.decode()
    assert "关检1号" not in only
    assert "示检9号" in only
    Inspection.objects.filter(report_no="示检9号").update(due_date=ago(3), retest_due_date=ago(1))
    assert "示检9号" in bureau.get("/registry/inspections?late=1").content.decode()
    rows = exported(bureau, "/registry/inspections?export=xlsx")
    assert {"关检1号", "示检9号"} <= {str(cell) for row in rows for cell in row}
    for other in (district.other_enterprise, district.other_town):
        assert "关检1号" not in client_of(other).get("/registry/inspections").content.decode()
        assert client_of(other).get(f"/registry/inspections/{first.pk}").status_code == 404


def test_only_the_office_whose_matter_it_is_records_and_voids(district: District, file: Enterprise) -> None:
    actor = market(district)
    bureau, other = client_of(actor), client_of(district.department)
    path = f"/registry/enterprises/{file.pk}/inspections/new"
    assert other.post(path, report()).status_code == 403
    assert client_of(district.town).post(path, report()).status_code == 403
    assert "登记质量检验" not in other.get(f"/registry/enterprises/{file.pk}").content.decode()
    assert bureau.post(path, report()).status_code == 303
    assert bureau.post(path, failed(report_no="示检2号")).status_code == 303
    passed, open_still = Inspection.objects.order_by("report_no")
    for row in (passed, open_still):
        page = f"/registry/inspections/{row.pk}"
        assert bureau.post(page, {"act": "void", "reason": ""}).status_code == 422
        assert other.post(page, {"act": "void", "reason": "错录"}).status_code == 403
        assert bureau.post(page, {"act": "void", "reason": "错录"}).status_code == 303
        assert "已作废" in bureau.get(page).content.decode()
        assert bureau.post(page, {"act": "void", "reason": "错录"}).status_code == 409
    assert not WorkItem.objects.filter(subject_id=open_still.pk, done_at__isnull=True).exists()
    # A report that was recorded wrongly may be recorded anew.
    assert bureau.post(path, report()).status_code == 303


def test_a_case_ends_what_is_not_mended_and_an_answer_may_be_returned(district: District, file: Enterprise) -> None:
    bureau, own = client_of(market(district)), client_of(district.enterprise)
    bureau.post(f"/registry/enterprises/{file.pk}/inspections/new", failed())
    row = Inspection.objects.get()
    page = f"/registry/inspections/{row.pk}"
    own.post(page, {"act": "answer", "text": "已整改"})
    assert bureau.post(page, {"act": "return", "reason": ""}).status_code == 422
    assert bureau.post(page, {"act": "return", "reason": "没有说明已售产品"}).status_code == 303
    assert bureau.post(page, {"act": "punish", "case": "示市监立〔2026〕3号"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.case) == ("PUNISHED", "示市监立〔2026〕3号")
    assert own.post(page, {"act": "answer", "text": "已整改"}).status_code == 409


def line(**changed: Any) -> list[Any]:
    good = ["示例甲化工有限公司", "示例甲醇", "监督抽查", "B1", ago(20), "示例检验院", "GB/T 338-2011", "示检7号",
            "示例区市场监督管理局", "不合格", "水分"]  # fmt: skip
    return list({**dict(zip(HEADS, good, strict=True)), **changed}.values())


def test_a_list_of_reports_comes_in_is_not_changed_by_a_second_sheet_and_taken_back(
    district: District, file: Enterprise
) -> None:
    bureau = client_of(market(district))
    product = a_product(district, file)
    bad = checked(bureau, "registry.inspections", book(HEADS, line(), line(报告编号="示检8号", 不合格项目="")))
    assert bad.state != "checked" or bad.errors
    run = imported(bureau, "registry.inspections", book(HEADS, line(), line(报告编号="示检8号", 检验结论="合格",
                                                                          不合格项目="")))  # fmt: skip
    first = Inspection.objects.get(report_no="示检7号")
    assert (first.status, first.product_id) == ("MENDING", product.pk)
    keys = (
        "file,product_name,kind,batch,sampled_date,institute,standard,report_no,reported_date,issuer,result,"
        "failed_items,disposal,due_date"
    )
    sheet = book(*exported(bureau, f"/registry/inspections?cols={keys}&export=xlsx"))
    again = checked(bureau, "registry.inspections", sheet)
    assert (again.state, again.counts["unchanged"]) == ("checked", 2), again.errors
    other = checked(bureau, "registry.inspections", book(HEADS, line(批号="B2")))
    assert "不能用表格修改" in str(other.errors)
    assert undo(bureau, run).status_code == 303
    assert not Inspection.objects.filter(voided_at__isnull=True).exists()
    imported(bureau, "registry.inspections", book(HEADS, line()))


def test_a_program_records_answers_and_retests(district: District, file: Enterprise) -> None:
    bureau, own = client_of(market(district)), client_of(district.enterprise)
    product, key = a_product(district, file), str(uuid.uuid4())
    body = {**failed(), "product_id": str(product.pk)}
    path = f"/enterprises/{file.pk}/inspections"
    first = call(bureau, "POST", path, body, key=key, status=201)
    assert call(bureau, "POST", path, body, key=key, status=201)["id"] == first["id"]
    call(bureau, "POST", path, body, status=409)
    wrong = call(bureau, "POST", path, {**body, "report_no": "示检5号", "product_id": str(uuid.uuid4())}, status=422)
    assert "product_id" in wrong["fields"]
    call(own, "POST", path, body, status=403)
    one = f"/inspections/{first['id']}"
    assert call(own, "POST", f"{one}/answer", {"text": "返工"})["status"] == "ANSWERED"
    again = {"result": "failed", "day": ago(0), "institute": "示例检验院", "report_no": "示检6号", "due_date": ago(-9)}
    assert "failed_items" in call(bureau, "POST", f"{one}/retest", again, status=422)["fields"]
    assert call(bureau, "POST", f"{one}/retest", {**again, "failed_items": "水分"})["status"] == "MENDING"
    assert call(own, "POST", f"{one}/answer", {"text": "再返工"})["status"] == "ANSWERED"
    passed = {**again, "result": "passed", "due_date": None}
    assert call(bureau, "POST", f"{one}/retest", passed)["status"] == "CLOSED"
    call(bureau, "POST", f"{one}/return", {"text": "x"}, status=409)
    assert call(bureau, "POST", f"{one}/void", {"text": "错录"})["voided_at"]
    listed = call(own, "GET", f"/inspections?product_id={product.pk}&result=failed")
    assert [row["id"] for row in listed["items"]] == [first["id"]]
    call(client_of(district.other_enterprise), "GET", one, status=404)


def test_without_an_office_for_quality_any_supervisor_with_the_duty_records(
    district: District, file: Enterprise
) -> None:
    client: Client = client_of(district.department)
    assert client.post(f"/registry/enterprises/{file.pk}/inspections/new", report()).status_code == 303
