"""Sensitive places, products and projects from spreadsheets: what comes in, what is refused where, what is undone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from tests.domains.registry.factories import CODES, make_file
from tests.factories import District, client_of, make_district
from tests.kernel.exchange.importing import book, checked, exported, imported, undo, upload

from quancheng.domains.registry.models import Enterprise, Product, Project, SafetyCode, SensitivePlace
from quancheng.domains.registry.points import converted

pytestmark = pytest.mark.django_db
BOX = "117.0,39.0,117.4,39.3"
PLACE = ["名称", "类别", "所在镇街", "坐标系", "经度", "纬度", "人数", "数据来源", "数据日期"]
PRODUCT = ["企业名称", "产品名称", "成分和含量", "24小时应急咨询电话", "包装规格", "危险性类别", "联合国编号"]
PROJECT = ["项目名称", "建设性质", "项目类别", "建设地点", "建设内容", "涉及的化学品和设计最大量"]


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = BOX
    return make_district()


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


@pytest.fixture
def own(district: District) -> Client:
    client = client_of(district.enterprise)
    assert client.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路2号"}).status_code == 303
    return client


def told(client: Client, code: str, *rows: Any) -> dict[str, str]:
    return {one["cell"]: one["reason"] for one in checked(client, code, book(*rows)).errors}


def place(**changed: Any) -> list[Any]:
    good = ["示例小学", "学校、幼儿园", "甲街道", "CGCS2000", 117.2, 39.1, 800, "学校学籍", "2026-01-05"]
    return list({**dict(zip(PLACE, good, strict=True)), **changed}.values())


def product(**changed: Any) -> list[Any]:
    good = ["示例储运有限公司", "示例酒精", "64-17-5 95%；甲醇 5%", "0999-1234567", "塑料桶 25 L", "易燃液体,类别2",
            "1170"]  # fmt: skip
    return list({**dict(zip(PRODUCT, good, strict=True)), **changed}.values())


def project(**changed: Any) -> list[Any]:
    good = ["示例罐区扩建", "扩建", "储存", "甲街道示例路", "", "甲醇 260 t；67-64-1 30 m³"]
    return list({**dict(zip(PROJECT, good, strict=True)), **changed}.values())


# Sensitive places ------------------------------------------------------------------------------------------------


def test_places_come_in_are_changed_by_a_second_sheet_and_taken_back(bureau: Client) -> None:
    village = place(名称="示例村", 类别="住宅小区、村庄", 坐标系="百度", 人数="")
    run = imported(bureau, "registry.places", book(PLACE, place(), village))
    school, housing = SensitivePlace.objects.order_by("kind", "name").reverse()
    assert (school.name, school.population, school.source_date.isoformat()) == ("示例小学", 800, "2026-01-05")
    assert (housing.lon, housing.lat) == converted(Decimal("117.2"), Decimal("39.1"), "bd09")
    assert housing.population is None
    keys = "name,kind,area,address,system,lon,lat,population,source,source_date,point"
    again = checked(bureau, "registry.places", book(*exported(bureau, f"/registry/places?cols={keys}&export=xlsx")))
    assert (again.state, again.counts["unchanged"]) == ("checked", 2), again.errors
    assert undo(bureau, run).status_code == 303
    assert not SensitivePlace.objects.filter(ended_date__isnull=True).exists()
    imported(bureau, "registry.places", book(PLACE, place()))
    second = imported(bureau, "registry.places", book(["名称", "类别", "所在镇街", "人数", "数据来源", "数据日期"],
                      ["示例小学", "学校、幼儿园", "甲街道", 900, "学校学籍", "2026-01-06"]))  # fmt: skip
    standing = SensitivePlace.objects.get(ended_date__isnull=True)
    assert (standing.population, standing.lon) == (900, Decimal("117.200000"))
    assert undo(bureau, second).status_code == 303
    standing.refresh_from_db()
    assert standing.population == 800


def test_each_wrong_cell_of_a_place_is_told_and_nothing_is_half_imported(bureau: Client) -> None:
    found = told(
        bureau, "registry.places", PLACE,
        place(),
        place(名称="二", 类别="工厂"),
        place(名称="三", 所在镇街="没有的街道"),
        place(名称="四", 坐标系=""),
        place(名称="五", 经度=39.1, 纬度=117.2),
        place(名称="六", 经度="", 纬度=""),
        place(名称="七", 人数=-3),
        place(名称="八", 数据来源=""),
        place(名称="九", 数据日期="2099-01-01"),
        place(),
    )  # fmt: skip
    assert "没有这个选项" in found["B3"]
    assert "没有找到区划" in found["C4"]
    assert "请写明坐标系" in found["D5"]
    assert "填反了" in found["F6"]
    assert "请填写经纬度" in found["E7"]
    assert {"G8", "H9", "I10", "A11"} <= set(found)
    assert not SensitivePlace.objects.exists()


def test_a_town_enters_places_of_its_own_and_an_enterprise_none(district: District) -> None:
    assert "本辖区" in told(client_of(district.other_town), "registry.places", PLACE, place())["C2"]
    assert upload(client_of(district.enterprise), "registry.places", book(PLACE, place())).status_code == 403


# Products --------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(district: District) -> Enterprise:
    return make_file(district.department, area=district.enterprise_org.area, credit_code=CODES[0])


def test_products_come_in_with_their_codes_and_keep_them_when_changed(bureau: Client, file: Enterprise) -> None:
    imported(bureau, "registry.products", book(PRODUCT, product(), product(
        产品名称="示例甲醇", 成分和含量="甲醇", 危险性类别="", 联合国编号="")))  # fmt: skip
    made = Product.objects.get(name="示例酒精")
    assert sorted((one.chemical.name, one.high) for one in made.parts.all()) == [
        ("乙醇", Decimal(95)), ("甲醇", Decimal(5))
    ]  # fmt: skip
    assert (made.packages, made.hazard_classes, made.un_no) == (["塑料桶 25 L"], ["易燃液体,类别2"], "1170")
    pure = Product.objects.get(name="示例甲醇")
    assert (pure.un_no, bool(pure.hazard_classes)) == ("1230", True)
    code = SafetyCode.objects.get(product=made).code
    export = exported(bureau, "/registry/products?export=xlsx")
    again = checked(bureau, "registry.products", book(*export))
    assert (again.state, again.counts["unchanged"]) == ("checked", 2), again.errors
    run = imported(bureau, "registry.products", book(["企业名称", "产品名称", "主要用途"],
                   ["示例储运有限公司", "示例酒精", "溶剂"]))  # fmt: skip
    made.refresh_from_db()
    assert (made.uses, made.phone, made.parts.count(), made.code.code) == ("溶剂", "0999-1234567", 2, code)
    assert undo(bureau, run).status_code == 303
    made.refresh_from_db()
    assert (made.uses, made.code.code) == ("", code)


@pytest.mark.parametrize(
    ("changed", "cell", "said"),
    [
        ({"企业名称": "没有这家企业"}, "A2", "请先登记该企业"),
        ({"成分和含量": ""}, "C2", "至少写一种成分"),
        ({"成分和含量": "没有这种东西 5%"}, "C2", "化学品目录中没有"),
        ({"成分和含量": "乙醇 50%；64-17-5 40%"}, "C2", "写了两次"),
        ({"成分和含量": "乙醇 120%"}, "C2", "0到100%之间"),
        ({"24小时应急咨询电话": ""}, "D2", "请填写此项"),
        ({"24小时应急咨询电话": "请看网站"}, "D2", "电话号码有误"),
        ({"包装规格": "大桶"}, "E2", "没有写容积"),
        ({"危险性类别": "易燃气体,类别1；易燃液体,类别2"}, "F2", ""),
        ({"联合国编号": "12"}, "G2", "四位数字"),
    ],
)
def test_what_a_product_cannot_be_is_told_in_its_cell(
    bureau: Client, file: Enterprise, changed: dict[str, Any], cell: str, said: str
) -> None:
    assert said in told(bureau, "registry.products", PRODUCT, product(**changed))[cell]
    assert not Product.objects.exists()


def test_an_undo_takes_products_back_until_a_code_was_opened(bureau: Client, file: Enterprise) -> None:
    run = imported(bureau, "registry.products", book(PRODUCT, product()))
    assert undo(bureau, run).status_code == 303
    assert not Product.objects.exists()
    run = imported(bureau, "registry.products", book(PRODUCT, product()))
    code = SafetyCode.objects.get(product__isnull=False).code
    assert Client().get(f"/c/{code}").status_code == 200
    assert undo(bureau, run).status_code == 409
    assert Product.objects.count() == 1


def test_an_own_sheet_of_products_needs_no_enterprise_and_reaches_no_other(
    district: District, own: Client, file: Enterprise
) -> None:
    imported(own, "registry.own_products", book(PRODUCT[1:], product()[1:]))
    assert Product.objects.get().file_id == district.enterprise_org.pk
    assert upload(own, "registry.products", book(PRODUCT, product())).status_code == 403


# Projects --------------------------------------------------------------------------------------------------------


def test_projects_come_in_are_changed_before_their_review_and_withdrawn_by_an_undo(own: Client) -> None:
    run = imported(own, "registry.own_projects", book(PROJECT, project()))
    made = Project.objects.get()
    amounts = {one.chemical.name: one.design_t for one in made.chemicals.all()}
    assert (made.status, set(amounts), amounts["甲醇"]) == ("PREPARING", {"甲醇", "丙酮"}, Decimal(260))
    again = checked(own, "registry.own_projects", book(PROJECT, project()))
    assert again.counts["unchanged"] == 1, again.errors
    second = imported(own, "registry.own_projects", book(PROJECT, project(建设地点="甲街道另一条路")))
    made.refresh_from_db()
    assert made.place == "甲街道另一条路"
    assert undo(own, second).status_code == 303
    made.refresh_from_db()
    assert made.place == "甲街道示例路"
    assert undo(own, run).status_code == 303
    made.refresh_from_db()
    assert made.status == "WITHDRAWN"
    imported(own, "registry.own_projects", book(PROJECT, project()))
    assert Project.objects.filter(status="PREPARING").count() == 1


def test_a_project_under_review_is_neither_changed_nor_taken_back_by_a_sheet(own: Client) -> None:
    run = imported(own, "registry.own_projects", book(PROJECT, project()))
    made = Project.objects.get()
    own.post(f"/registry/projects/{made.pk}", {"act": "apply", "text": "申请审查"})
    found = told(own, "registry.own_projects", PROJECT, project(建设地点="甲街道另一条路"))
    assert "已申请审查" in found["A2"]
    assert undo(own, run).status_code == 409
    made.refresh_from_db()
    assert made.status == "CONDITION"


@pytest.mark.parametrize(
    ("changed", "cell", "said"),
    [
        ({"建设性质": "修理"}, "B2", "没有这个选项"),
        ({"建设地点": ""}, "D2", "请填写此项"),
        ({"涉及的化学品和设计最大量": ""}, "F2", "至少填写一种化学品"),
        ({"涉及的化学品和设计最大量": "甲醇 260"}, "F2", "第1行"),
        ({"涉及的化学品和设计最大量": "甲醇 260 t；没有的东西 1 t"}, "F2", "第2行"),
        ({"涉及的化学品和设计最大量": "甲醇 260 箱"}, "F2", "不认识的单位"),
        ({"涉及的化学品和设计最大量": "甲醇 1 t；67-56-1 2 t"}, "F2", "只写一行"),
    ],
)
def test_what_a_project_cannot_be_is_told_in_its_cell(
    own: Client, changed: dict[str, Any], cell: str, said: str
) -> None:
    assert said in told(own, "registry.own_projects", PROJECT, project(**changed))[cell]
    assert not Project.objects.exists()


def test_only_an_enterprise_with_a_file_enters_projects_by_sheet(district: District, bureau: Client) -> None:
    assert upload(bureau, "registry.own_projects", book(PROJECT, project())).status_code == 403
    found = told(client_of(district.enterprise), "registry.own_projects", PROJECT, project())
    assert "先建立本单位档案" in found["A2"]
