"""Enterprises, stock and chemicals from spreadsheets: what comes in, what is refused in which cell, what is undone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, make_district
from tests.kernel.exchange.importing import book, checked, commit, exported, imported, undo, upload

from quancheng.domains.registry.models import (
    Assessment,
    Chemical,
    Enterprise,
    Facility,
    Filing,
    Holding,
    MajorHazard,
    Unit,
)
from quancheng.domains.registry.points import converted
from quancheng.domains.registry.services.refiling import call_for_filings
from quancheng.kernel.exchange.models import ImportRun
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db

#: A box in which no real district is looked for.
BOX = "117.0,39.0,117.4,39.3"
HEADS = ["企业名称", "统一社会信用代码", "企业类别", "兼营类别", "所在镇街", "实际经营地址", "坐标系", "经度", "纬度"]
GOOD = [
    "示例储运有限公司",
    CODES[0],
    "仓储企业（油库、危化品仓库）",
    "加油站",
    "甲街道",
    "甲街道示例路1号",
    "CGCS2000",
    117.2,
    39.1,
]
STOCK = ["企业名称", "单元编号", "单元名称", "单元类别", "设施编号", "设施类别", "容积（立方米）", "最大充装系数",
         "化学品", "许可量", "设计最大量", "实际存量"]  # fmt: skip


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = BOX
    return make_district()


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


def row(**changed: Any) -> list[Any]:
    return list({**dict(zip(HEADS, GOOD, strict=True)), **changed}.values())


def told(client: Client, code: str, *rows: Any) -> dict[str, str]:
    return {one["cell"]: one["reason"] for one in checked(client, code, book(*rows)).errors}


def test_enterprises_come_in_with_their_point_in_the_system_that_the_sheet_says(bureau: Client) -> None:
    other = row(企业名称="示例加油站", 统一社会信用代码=CODES[1], 坐标系="百度", 企业类别="加油站", 兼营类别="")
    imported(bureau, "registry.enterprises", book(HEADS, row(), other))
    first = Enterprise.objects.get(enterprise__credit_code=CODES[0])
    assert (first.kind, first.more_kinds, first.links) == ("depot", ["petrol_station"], ["storage"])
    assert (first.lon, first.lat) == (Decimal("117.200000"), Decimal("39.100000"))
    second = Enterprise.objects.get(enterprise__credit_code=CODES[1])
    assert (second.lon, second.lat) == converted(Decimal("117.2"), Decimal("39.1"), "bd09")
    assert second.lon != Decimal("117.200000")


def test_what_the_list_exports_comes_in_unchanged(bureau: Client) -> None:
    imported(bureau, "registry.enterprises", book(HEADS, row()))
    keys = "name,kind,more_kinds,links,area,life,credit_code,registered_address,address,system,lon,lat,grade,units"
    export = exported(bureau, f"/registry/enterprises?cols={keys}&export=xlsx")
    run = checked(bureau, "registry.enterprises", book(*export))
    assert (run.state, run.counts["unchanged"], run.counts["changed"]) == ("checked", 1, 0), run.errors


def test_each_wrong_cell_is_told_and_nothing_is_half_imported(bureau: Client) -> None:
    told_of = told(
        bureau, "registry.enterprises", HEADS,
        row(),
        row(统一社会信用代码=CODES[0][:-1] + "9"),
        row(企业名称="同码企业"),
        row(企业名称="三", 统一社会信用代码="", 企业类别="加油站"),
        row(企业名称="四", 统一社会信用代码=CODES[1], 经度=39.1, 纬度=117.2),
        row(企业名称="五", 统一社会信用代码="", 企业类别="无证场所（“小化工”等）", 经度=120.5, 纬度=36.1),
        row(企业名称="六", 统一社会信用代码="", 企业类别="无证场所（“小化工”等）", 坐标系=""),
        row(企业名称="七", 统一社会信用代码="", 企业类别="没有的类别"),
        row(企业名称="八", 统一社会信用代码="", 企业类别="无证场所（“小化工”等）", 所在镇街="丙街道"),
        row(企业名称="=A2", 统一社会信用代码="", 企业类别="无证场所（“小化工”等）"),
    )  # fmt: skip
    assert "校验码" in told_of["B3"]
    assert "与第 2 行重复" in told_of["B4"]
    assert "无证场所" in told_of["B5"]
    assert "填反了" in told_of["I6"]
    assert "不在本区范围内" in told_of["H7"]
    assert "请写明坐标系" in told_of["G8"]
    assert "没有这个选项" in told_of["C9"]
    assert "没有找到区划" in told_of["E10"]
    assert "公式" in told_of["A11"]
    assert not Enterprise.objects.exists()


@pytest.mark.parametrize(
    ("system", "lon", "said"), [("CGCS2000", 117.403, "似乎是GCJ-02"), ("GCJ-02", 117.001, "似乎是CGCS2000")]
)
def test_a_point_that_only_another_system_brings_into_the_district_is_told(
    bureau: Client, system: str, lon: float, said: str
) -> None:
    assert said in told(bureau, "registry.enterprises", HEADS, row(坐标系=system, 经度=lon))["H2"]


def test_a_town_enters_only_its_own_and_an_enterprise_nothing(district: District) -> None:
    client = client_of(district.other_town)
    assert "本辖区" in told(client, "registry.enterprises", HEADS, row())["E2"]
    own = client_of(district.enterprise)
    assert upload(own, "registry.enterprises", book(HEADS, row())).status_code == 403


def test_an_undo_takes_enterprises_back_until_somebody_worked_with_one(bureau: Client, district: District) -> None:
    run = imported(bureau, "registry.enterprises", book(HEADS, row()))
    assert undo(bureau, run).status_code == 303
    assert not Organisation.objects.filter(credit_code=CODES[0]).exists()
    run = imported(bureau, "registry.enterprises", book(HEADS, row(), ["", "", "", "", "", "", "", "", ""]))
    make_unit(district.department, Enterprise.objects.get())
    assert undo(bureau, run).status_code == 409
    assert Enterprise.objects.count() == 1


def test_an_undo_takes_enterprises_back_with_the_filing_that_the_clock_called_for(bureau: Client) -> None:
    run = imported(bureau, "registry.enterprises", book(HEADS, row()))
    assert call_for_filings(now=timezone.now()) == 1
    assert undo(bureau, run).status_code == 303
    assert not Organisation.objects.filter(credit_code=CODES[0]).exists()
    assert (Filing.objects.count(), WorkItem.objects.count()) == (0, 0)
    # Once somebody urged it, it is in use.
    run = imported(bureau, "registry.enterprises", book(HEADS, row()))
    assert call_for_filings(now=timezone.now()) == 1
    WorkItem.objects.update(urged_count=1)
    assert undo(bureau, run).status_code == 409
    assert (Enterprise.objects.count(), Filing.objects.count(), WorkItem.objects.count()) == (1, 1, 1)


def test_more_rows_than_a_sheet_may_have_are_refused_whole(bureau: Client) -> None:
    lines = [[f"示例{number}", "", "无证场所（“小化工”等）", "", "甲街道"] for number in range(5_001)]
    answer = upload(bureau, "registry.enterprises", book(HEADS[:5], *lines))
    assert answer.status_code == 413
    assert "5000" in answer.content.decode()


# Facilities and stock --------------------------------------------------------------------------------------------


@pytest.fixture
def file(district: District) -> Enterprise:
    actor = district.department
    return make_file(actor, area=district.enterprise_org.area, credit_code=CODES[0], exposed_population=0,
                     exposed_source="示例社区统计")  # fmt: skip


def held(**changed: Any) -> list[Any]:
    good = [
        "示例储运有限公司",
        "U1",
        "液氯库",
        "储存单元",
        "K-1",
        "库房、仓间",
        "",
        "",
        "7782-50-5",
        "65 t",
        "65000 kg",
        "60 t",
    ]
    return list({**dict(zip(STOCK, good, strict=True)), **changed}.values())


def test_stock_comes_in_with_unit_and_facility_and_each_unit_is_assessed_once(bureau: Client, file: Enterprise) -> None:
    second = held(设施编号="K-2", 化学品="氨", 许可量="10 t", 设计最大量="10 t", 实际存量="8000 kg")
    tank = held(单元编号="U2", 单元名称="汽油罐区", 设施编号="V-1", 设施类别="储罐", 化学品="汽油", 许可量="",
                设计最大量="30 m³", 实际存量="", **{"容积（立方米）": 30, "最大充装系数": 0.9})  # fmt: skip
    imported(bureau, "registry.stock", book(STOCK, held(), second, tank))
    unit = Unit.objects.get(code="U1")
    assert unit.legal_s == Decimal(14)
    assert Assessment.objects.filter(unit=unit, basis="legal").count() == 1
    assert MajorHazard.objects.filter(unit=unit).count() == 1
    petrol = Holding.objects.get(chemical__name="汽油")
    assert petrol.design_t == Decimal("22.5")
    assert petrol.facility.volume_m3 == 30
    keys = ("file,unit_code,unit_name,unit_kind,facility_code,facility_name,facility_kind,volume_m3,max_fill,chemical,"
            "product,concentration,hazard_classes,density,licensed,design,present,grade,area")  # fmt: skip
    export = exported(bureau, f"/registry/stock?cols={keys}&export=xlsx")
    run = checked(bureau, "registry.stock", book(*export))
    assert (run.state, run.counts["unchanged"], run.counts["changed"]) == ("checked", 3, 0), run.errors


def test_a_longer_sheet_about_more_enterprises_asks_the_database_no_more_often(
    bureau: Client, district: District, file: Enterprise
) -> None:
    make_file(district.department, area=district.street_area, name="示例乙储运有限公司", code=CODES[1])

    def asked(*lines: list[Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert upload(bureau, "registry.stock", book(STOCK, *lines)).status_code == 303
        return len(captured)

    one = asked(held())
    names = (CODES[1], "示例储运有限公司")
    several = [held(企业名称=name, 设施编号=f"K-{number}") for name in names for number in range(9)]
    assert asked(*several) == one
    assert ImportRun.objects.order_by("-created_at").first().counts["new"] == 18  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changed", "cell", "said"),
    [
        ({"设计最大量": 65}, "K2", "请写明单位"),
        ({"设计最大量": "-1 t"}, "K2", "不能为负数"),
        ({"设计最大量": "99999999 t"}, "K2", "超出合理范围"),
        ({"设计最大量": "65 箱"}, "K2", "不认识的单位"),
        ({"设计最大量": "5 m³", "化学品": "氢"}, "K2", "须有密度"),
        ({"化学品": "没有这种东西"}, "I2", "化学品目录中没有"),
        ({"化学品": ""}, "I2", "须写明化学品"),
        ({"企业名称": "没有这家企业"}, "A2", "请先登记该企业"),
        ({"单元类别": ""}, "D2", "新单元须填写"),
        ({"设施类别": ""}, "F2", "新设施须填写"),
        ({"最大充装系数": 85}, "H2", "不能大于 1"),
    ],
)
def test_what_cannot_be_held_is_told_in_its_cell(
    bureau: Client, file: Enterprise, changed: dict[str, Any], cell: str, said: str
) -> None:
    assert said in told(bureau, "registry.stock", STOCK, held(**changed))[cell]
    assert not Unit.objects.exists()


def test_contradictory_hazard_classes_and_lines_that_disagree_are_told(bureau: Client, file: Enterprise) -> None:
    heads = [*STOCK, "混合物危险性类别"]
    found = told(
        bureau, "registry.stock", heads,
        [*held(), "易燃气体,类别1；易燃液体,类别2"],
        [*held(设施编号="K-2", 单元名称="另一个名称"), ""],
    )  # fmt: skip
    assert "M2" in found
    good = told(bureau, "registry.stock", STOCK, held(), held(设施编号="K-2", 单元名称="另一个名称"))
    assert "第 2 行" in good["C3"]


def test_merged_cells_count_for_every_line_that_they_cover(bureau: Client, file: Enterprise) -> None:
    import io

    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(book(STOCK, held(), held(设施编号="K-2", 化学品="氨"))))
    page = sheet.active
    for column in "ABCD":
        page.merge_cells(f"{column}2:{column}3")
    target = io.BytesIO()
    sheet.save(target)
    imported(bureau, "registry.stock", target.getvalue())
    assert Facility.objects.filter(unit__code="U1").count() == 2


def test_an_own_sheet_needs_no_enterprise_and_reaches_no_other(district: District, file: Enterprise) -> None:
    own = client_of(district.enterprise)
    assert own.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路2号"}).status_code == 303
    imported(own, "registry.own_stock", book(STOCK[1:], held()[1:]))
    assert Holding.objects.get().file_id == district.enterprise_org.pk
    assert upload(own, "registry.stock", book(STOCK, held())).status_code == 403


def test_an_undo_takes_stock_back_with_its_places_and_it_may_come_in_again(bureau: Client, file: Enterprise) -> None:
    little = held(许可量="1 t", 设计最大量="1 t", 实际存量="1 t")
    run = imported(bureau, "registry.stock", book(STOCK, little))
    assert undo(bureau, run).status_code == 303
    unit = Unit.objects.get()
    assert unit.ended_date is not None
    assert not Holding.objects.filter(ended_date__isnull=True).exists()
    assert unit.legal_s in (None, Decimal(0))
    imported(bureau, "registry.stock", book(STOCK, held(许可量="2 t", 设计最大量="2 t", 实际存量="1 t")))
    unit.refresh_from_db()
    assert (unit.ended_date, unit.legal_s) == (None, Decimal("0.4"))


def test_an_undo_is_refused_once_stock_was_moved_or_the_unit_is_on_file(bureau: Client, file: Enterprise) -> None:
    run = imported(bureau, "registry.stock", book(STOCK, held()))
    refused = undo(bureau, run)
    assert refused.status_code == 409
    assert "核销程序" in refused.content.decode()
    assert Holding.objects.get().ended_date is None


def test_a_change_by_sheet_counts_the_stock_and_an_undo_writes_back(district: District, file: Enterprise) -> None:
    actor = district.department
    facility = make_facility(actor, make_unit(actor, file, name="液氯库"), code="K-1", name="K-1", kind="bay")
    holding = make_holding(actor, facility, "氯", licensed_t=4, design_t=4, present_t=3)
    bureau = client_of(district.department)
    run = imported(bureau, "registry.stock", book(STOCK, held(许可量="4 t", 设计最大量="4.5 t", 实际存量="2 t")))
    holding.refresh_from_db()
    assert (holding.design_t, holding.present_t, holding.movements.count()) == (Decimal("4.5"), Decimal(2), 2)
    assert undo(bureau, run).status_code == 303
    holding.refresh_from_db()
    assert (holding.design_t, holding.present_t) == (Decimal(4), Decimal(3))


# Chemicals -------------------------------------------------------------------------------------------------------


CATALOGUE = ["序号", "品名", "别名", "英文名", "CAS号", "危险性类别", "备注"]


def test_the_official_catalogue_comes_in_whole_with_its_quirks(district: District) -> None:
    bureau = client_of(district.department)
    before = Chemical.objects.get(name="氯")
    sheet = book(
        ["危险化学品分类信息表"],
        CATALOGUE,
        [1381, "氯", "液氯；氯气", "chlorine", "7782-50-5", "加压气体\n急性毒性-吸入,类别2", "剧毒"],
        [9001, "示例一氧化物[含量＞8%]", "—", "example oxide", "75-21-8", "易燃气体,类别1\n加压气体", ""],
        [9002, "示例溶液", "", "", "50-00-0\n67-56-1", "易燃液体,类别2", ""],
    )  # fmt: skip
    run = imported(bureau, "registry.chemicals", sheet)
    before.refresh_from_db()
    assert (before.catalogue_no, before.un_no) == ("1381", "1017")
    assert "急性毒性-吸入,类别2" in before.hazard_classes
    made = Chemical.objects.get(name="示例一氧化物[含量＞8%]")
    assert (made.catalogue_no, made.cas, made.aliases) == ("9001", "75-21-8", [])
    assert Chemical.objects.get(name="示例溶液").cas == ""
    keys = "name,cas,un_no,state,lists,english,aliases,hazard_classes,catalogue_no"
    export = exported(bureau, f"/registry/chemicals?cols={keys}&export=xlsx")
    again = checked(bureau, "registry.chemicals", book(*export))
    assert (again.state, again.counts["changed"], again.counts["new"]) == ("checked", 0, 0), [
        (e["value"], e["reason"]) for e in again.errors
    ]
    assert undo(bureau, run).status_code == 303
    assert not Chemical.objects.filter(catalogue_no__in=("9001", "9002")).exists()


def test_what_a_chemical_cannot_be_is_told_and_who_may_not_keep_them_is_refused(district: District) -> None:
    bureau = client_of(district.department)
    found = told(
        bureau, "registry.chemicals", CATALOGUE,
        ["1", "示例甲", "", "", "7782-50-6", "易燃液体,类别2", ""],
        ["2", "示例乙", "", "", "", "易燃气体,类别1；易燃液体,类别2", ""],
        ["3", "示例丙", "", "", "", "没有的类别", ""],
    )  # fmt: skip
    assert set(found) == {"E2", "F3", "F4"}
    own = client_of(district.enterprise)
    assert upload(own, "registry.chemicals", book(CATALOGUE)).status_code == 403


def test_a_chemical_in_use_is_not_undone(district: District, file: Enterprise) -> None:
    bureau = client_of(district.department)
    run = imported(bureau, "registry.chemicals", book(CATALOGUE, ["9", "示例物质", "", "", "", "易燃液体,类别2", ""]))
    actor = district.department
    make_holding(actor, make_facility(actor, make_unit(actor, file)), "示例物质", design_t=1)
    assert undo(bureau, run).status_code == 409
    assert commit(bureau, run).status_code == 409
    assert Chemical.objects.filter(name="示例物质").exists()
