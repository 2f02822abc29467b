"""An enterprise enters a product with its data sheet; checks stand beside it; versions stay and are compared."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.domains.registry.codes_scene import SHEET, enter_product, issue_sheet
from tests.domains.registry.factories import make_file
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.models import DataSheet, Enterprise, Product
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    client = client_of(district.enterprise)
    answer = client.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号"})
    assert answer.status_code == 303
    return client


def test_a_product_of_one_chemical_takes_its_classes_and_gets_its_code_and_the_enterprises(own: Client) -> None:
    product = enter_product(own, name="工业乙酸乙酯", parts="乙酸乙酯 99.5%")
    assert "易燃液体,类别2" in product.hazard_classes
    assert product.un_no == "1173"
    assert len(product.code.code) == 16
    codes = list(product.file.codes.order_by("made_at", "pk"))
    assert {one.product_id for one in codes} == {None, product.pk}
    page = own.get(f"/registry/enterprises/{product.file_id}?tab=products").content.decode()
    assert product.code.code in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"parts": "没有这种东西 5%"}, "化学品目录中没有"),
        ({"parts": "甲醇 60-40%"}, "小的在前"),
        ({"parts": "甲醇 40%\n67-56-1 50%"}, "写了两次"),
        ({"parts": ""}, "至少写一种成分"),
        ({"phone": "某先生"}, "电话号码有误"),
        ({"packages": "塑料桶"}, "没有写容积"),
        ({"un_no": "12"}, "四位数字"),
        ({"national_url": "https://gov.cn.example.com/x"}, "国家登记系统"),
        ({"isolation_m": "100"}, "距离依据"),
        ({"hazard_classes": "会爆炸"}, "看不懂的危险性类别"),
    ],
)
def test_what_cannot_be_is_told_and_stays_typed(own: Client, given: dict[str, str], said: str) -> None:
    file = Enterprise.objects.get()
    whole = {"name": "示例产品", "parts": "甲醇 99%", "phone": "0999-1234567", **given}
    answer = own.post(f"/registry/enterprises/{file.pk}/products/new", whole)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert "示例产品" in text
    assert not Product.objects.exists()


def test_the_code_stays_when_everything_else_changes(own: Client) -> None:
    product = enter_product(own)
    before = product.code.code
    answer = own.post(
        f"/registry/products/{product.pk}",
        {"act": "change", "version": product.version, "name": "改名产品", "parts": "乙酸乙酯 10-30%",
         "phone": "0999-7654321", "hazard_classes": "易燃液体,类别3"},
    )  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[:3000]
    product.refresh_from_db()
    assert (product.name, product.code.code) == ("改名产品", before)
    assert "修改产品" in own.get(f"/registry/products/{product.pk}").content.decode()
    stale = own.post(
        f"/registry/products/{product.pk}",
        {"act": "change", "version": 1, "name": "旧页面", "parts": "甲醇 9%", "phone": "0999-7654321"},
    )
    assert stale.status_code == 409
    assert Product.objects.get().name == "改名产品"


def test_a_sheet_is_pasted_whole_checked_section_by_section_and_issued(own: Client) -> None:
    product = enter_product(own, name="工业乙酸乙酯", parts="乙酸乙酯 99.5%")
    own.post(f"/registry/products/{product.pk}", {"act": "sheet"})
    sheet = DataSheet.objects.get()
    path = f"/registry/sheets/{sheet.pk}"
    original = SimpleUploadedFile("原件.txt", "说明书原件".encode(), content_type="text/plain")
    answer = own.post(path, {"version": 1, "whole": SHEET, "revision_date": "2026-08-01", "evidence": original})
    assert answer.status_code == 303, answer.content.decode()[:3000]
    sheet.refresh_from_db()
    assert "移至空气新鲜处" in sheet.sections[3]
    page = own.get(path).content.decode()
    assert "未写运输危险性类别" in page
    assert "本部分没有" in page  # the label has classes that section 2 does not tell
    assert "原件.txt" in page
    issued = own.post(path, {"version": 2, "act": "issue", "revision_date": "2026-08-01",
                             **{f"section_{n}": text for n, text in enumerate(sheet.sections, 1)}})  # fmt: skip
    assert issued.status_code == 303, issued.content.decode()[:3000]
    sheet.refresh_from_db()
    assert sheet.issued_at is not None
    assert JournalEntry.objects.filter(act="registry.sheet.issue").exists()


def test_an_issued_version_cannot_be_changed_and_an_empty_section_cannot_be_issued(own: Client) -> None:
    product = enter_product(own)
    own.post(f"/registry/products/{product.pk}", {"act": "sheet"})
    sheet = DataSheet.objects.get()
    path = f"/registry/sheets/{sheet.pk}"
    refused = own.post(path, {"version": 1, "act": "issue", "revision_date": "2026-08-01", "section_1": "只有一部分"})
    assert refused.status_code == 422
    assert "第2、3、4" in refused.content.decode()
    sheet.refresh_from_db()
    assert (sheet.issued_at, sheet.sections[0]) == (None, "只有一部分")
    full = {f"section_{n}": f"第{n}段" for n in range(1, 17)}
    given = {"act": "issue", "revision_date": "2026-08-01", **full}
    assert own.post(path, {"version": sheet.version, **given}).status_code == 303
    sheet.refresh_from_db()
    late = own.post(path, {"version": sheet.version, **full, "section_1": "改写", "revision_date": "2026-08-01"})
    assert late.status_code == 409
    sheet.refresh_from_db()
    assert sheet.sections[0] == "第1段"


def test_two_versions_are_compared_section_by_section(own: Client) -> None:
    product = enter_product(own)
    first = issue_sheet(own, product, section_4="用清水冲洗。\n就医。")
    second = issue_sheet(own, product, section_4="用清水冲洗15分钟。\n就医。")
    assert (first.number, second.number) == (1, 2)
    page = own.get(f"/registry/sheets/{first.pk}/against/{second.pk}").content.decode()
    assert "<del>用清水冲洗。</del>" in page
    assert "<ins>用清水冲洗15分钟。</ins>" in page
    assert "1 个部分有变化" in page


def test_the_label_says_what_it_lacks_and_prints_in_the_size_of_the_package(own: Client) -> None:
    product = enter_product(own, name="工业乙酸乙酯", parts="乙酸乙酯 99.5%", packages="铁桶 200 L\n试剂瓶 100 mL")
    page = own.get(f"/registry/products/{product.pk}?tab=label").content.decode()
    assert "标签还缺" in page
    large = own.get(f"/registry/products/{product.pk}/label").content.decode()
    assert "lab-100" in large
    assert "100 × 150" in large
    assert "供应商：示例甲化工有限公司" in large
    small = own.get(f"/registry/products/{product.pk}/label", {"package": "试剂瓶 100 mL"}).content.decode()
    assert "lab-simple" in small
    assert "【" not in small
    poster = own.get(f"/registry/products/{product.pk}/poster").content.decode()
    assert "Scan for hazards" in poster
    assert "<svg" in poster


def test_others_neither_see_a_product_nor_write_in_it(district: District, own: Client) -> None:
    product = enter_product(own)
    sheet = issue_sheet(own, product)
    other = client_of(district.other_enterprise)
    paths = [f"/registry/products/{product.pk}", f"/registry/products/{product.pk}/label",
             f"/registry/products/{product.pk}/poster", f"/registry/enterprises/{product.file_id}/poster",
             f"/registry/sheets/{sheet.pk}", f"/registry/sheets/{sheet.pk}/against/{sheet.pk}"]  # fmt: skip
    for path in paths:
        assert other.get(path).status_code == 404, path
        assert client_of(district.department).get(path).status_code == 200, path
    assert other.post(paths[0], {"act": "end"}).status_code == 404
    product.refresh_from_db()
    assert product.ended_date is None


def test_a_sheet_of_another_product_is_not_compared(own: Client, district: District) -> None:
    one, two = enter_product(own, name="甲产品"), enter_product(own, name="乙产品")
    first, second = issue_sheet(own, one), issue_sheet(own, two)
    assert own.get(f"/registry/sheets/{first.pk}/against/{second.pk}").status_code == 404


def test_a_file_entered_by_an_office_has_products_too(district: District) -> None:
    file = make_file(house_actor(), area=district.street_area, kind="unlicensed")
    town: Any = client_of(district.town)
    answer = town.post(f"/registry/enterprises/{file.pk}/products/new",
                       {"name": "示例产品", "parts": "甲醇 99%", "phone": "0999-1234567"})  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[:2000]


@pytest.mark.clause("S3-3.1.1c")
def test_the_bureau_finds_certificate_expiry_chemicals_label_and_sheet_of_each_registered_product(
    district: District, own: Client
) -> None:
    late = enter_product(own, name="甲产品", registration_no="990110001", certificate_no="99-登-1",
                         certificate_until="2027-03-01")  # fmt: skip
    enter_product(own, name="乙产品", registration_no="990110002", certificate_until="2026-10-01")
    issue_sheet(own, late)
    bureau = client_of(district.department)
    listed = bureau.get("/registry/products?sort=certificate_until").content.decode()
    assert listed.index("乙产品") < listed.index("甲产品")
    assert "2026-10-01" in listed
    page = bureau.get(f"/registry/products/{late.pk}").content.decode()
    for said in ("990110001", "99-登-1", "2027-03-01", "乙酸乙酯 30%", "易燃液体,类别2", "GHS02.svg"):
        assert said in page, said
    assert "第1版" in bureau.get(f"/registry/products/{late.pk}?tab=sheets").content.decode()
