"""The ledger of warehouses: status, class, stock month by month, risk points; which of them are key."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_district
from tests.kernel.exchange.importing import exported

from quancheng.domains.registry.models import Enterprise, Facility, Holding
from quancheng.domains.registry.services.enterprises import open_own_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = "117.0,39.0,117.4,39.3"
    return make_district()


@pytest.fixture
def room(district: District) -> Facility:
    """A chlorine store that is a major hazard, and beside it a small one that is none."""
    file = open_own_file(actor=district.enterprise, kind="depot", known={"address": "示例路1号"}, now=NOW)
    unit = make_unit(district.enterprise, file, code="K1", name="液氯库", boundary="building")
    found = make_facility(district.enterprise, unit, code="K-1", name="标记液氯仓间", kind="bay", alarm="no")
    make_holding(district.enterprise, found, "氯", design_t=Decimal(65), present_t=Decimal(20))
    small = make_unit(district.enterprise, file, code="K2", name="杂品库", boundary="building")
    other = make_facility(district.enterprise, small, code="K-2", name="标记杂品间", kind="bay")
    make_holding(district.enterprise, other, "甲醇", design_t=Decimal(1), present_t=Decimal(1))
    return found


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


@pytest.mark.clause("S4-C3.4c")
def test_the_ledger_of_a_key_warehouse_shows_status_class_stock_and_risk_points(
    district: District, room: Facility
) -> None:
    """The town screens the warehouses that form major hazards, and opens of one its status, the classes of its goods,
    the stock and the risk points.
    """
    town = client_of(district.town)
    listed = text_of(town, "/registry/warehouses?key=1")
    assert "标记液氯仓间" in listed
    assert "标记杂品间" not in listed
    page = text_of(town, f"/registry/warehouses/{room.pk}")
    for wanted in ("三级重大危险源", "待备案", "正常生产经营"):
        assert wanted in page, f"status: {wanted}"
    assert "氧化性气体" in page, "class"
    assert "7782-50-5" in page, "stock"
    assert "报警：未设置或未投用" in page, "risk point"
    assert "构成重大危险源，尚未备案" in page, "risk point"


def test_movements_stand_month_by_month_with_what_was_there_before_and_after(
    district: District, room: Facility
) -> None:
    own = client_of(district.enterprise)
    holding = room.holdings.get()
    for kind, quantity, at in (("in", "10 t", "2026-09-03T08:00"), ("out", "4 t", "2026-09-20T08:00"),
                               ("out", "6 t", "2026-10-02T08:00")):  # fmt: skip
        answer = own.post(f"/registry/stock/{holding.pk}", {
            "act": "move", "kind": kind, "quantity": quantity, "at": at, "remark": "", "aware": "on",
        })  # fmt: skip
        assert answer.status_code == 303, answer.content.decode()[:2000]
    rows = exported(own, f"/registry/warehouses/{room.pk}?export=xlsx")
    heads = next(row for row in rows if row[0] == "月份")
    told = {row[0]: dict(zip(heads, row, strict=False)) for row in rows[rows.index(heads) + 1 :] if row[0]}
    september = told["2026-09"]
    assert (float(september["入库（吨）"]), float(september["出库（吨）"])) == (10, 4)
    assert float(told["2026-10"]["期末（吨）"]) == float(told["2026-10"]["期初（吨）"]) - 6 + float(
        told["2026-10"]["盘点增减（吨）"]
    )
    newest = max(told)
    assert float(told[newest]["期末（吨）"]) == 20


def test_the_list_is_narrowed_by_class_problems_and_protections(district: District, room: Facility) -> None:
    bureau = client_of(district.department)
    assert "标记液氯仓间" not in text_of(bureau, "/registry/warehouses?holds=flammable_liquid")
    assert "标记杂品间" in text_of(bureau, "/registry/warehouses?holds=flammable_liquid")
    Holding.objects.filter(facility__code="K-2").update(hazard_classes=["退敏爆炸物,类别1"])
    assert "标记杂品间" in text_of(bureau, "/registry/warehouses?holds=desensitised")
    assert "标记杂品间" not in text_of(bureau, "/registry/warehouses?holds=explosive")
    assert "标记杂品间" not in text_of(bureau, "/registry/warehouses?unfiled=1")
    assert "标记杂品间" in text_of(bureau, "/registry/warehouses?lacks=1")
    assert "标记液氯仓间" not in text_of(bureau, "/registry/warehouses?wrong=1")
    sheet = bureau.get("/registry/warehouses?sort=-present_t&export=xlsx")
    cells = [cell.value for line in openpyxl.load_workbook(io.BytesIO(sheet.content)).worksheets[0] for cell in line]
    assert "K-1 标记液氯仓间" in cells


def test_others_do_not_see_it_and_a_tank_has_no_such_ledger(district: District, room: Facility) -> None:
    other = client_of(district.other_enterprise)
    assert other.get(f"/registry/warehouses/{room.pk}").status_code == 404
    assert "标记液氯仓间" not in text_of(other, "/registry/warehouses")
    unit = make_unit(district.enterprise, Enterprise.objects.get(), code="T1", name="罐区")
    tank = make_facility(district.enterprise, unit, code="T-1", kind="tank")
    assert client_of(district.enterprise).get(f"/registry/warehouses/{tank.pk}").status_code == 404
