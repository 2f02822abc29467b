"""Figures by class, totals by substance against the city's total, and who has left the trade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, client_of, house_actor, make_district

from quancheng.domains.registry.models import Chemical, Enterprise, LicenceExit, Restriction
from quancheng.domains.registry.services.expiry import move_exit, open_exit
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def files(district: District) -> tuple[Enterprise, Enterprise]:
    """A depot with a major hazard in one street, a pharmaceutical plant that trades besides in the other."""
    actor = house_actor()
    depot = make_file(actor, area=district.street_area)
    make_holding(actor, make_facility(actor, make_unit(actor, depot)), "氯", design_t="65", present_t="40")
    plant = make_file(
        actor, area=district.other_street_area, name="示例制药有限公司", kind="pharmaceutical", code=CODES[1],
        more_kinds=["trader_storage"],
    )  # fmt: skip
    tank = make_facility(actor, make_unit(actor, plant))
    make_holding(actor, tank, "氯", design_t="1", present_t="0.5", licensed_t="1")
    return depot, plant


def sheet(client: Client, path: str) -> list[list[Any]]:
    answer = client.get(path)
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    book = openpyxl.load_workbook(BytesIO(body))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def line(rows: list[list[Any]], first: str) -> list[Any]:
    return next(row for row in rows if row and row[0] == first)


@pytest.mark.clause("S2-0b")
def test_each_class_has_its_figures_on_the_page_and_in_the_sheet(
    district: District, files: tuple[Enterprise, Enterprise]
) -> None:
    client = client_of(district.department)
    shown = client.get("/registry/classes").content.decode()
    assert "仓储企业" in shown
    assert "医药生产企业" in shown
    assert "kind=depot&amp;standing=1" in shown
    rows = sheet(client, "/registry/classes?export=xlsx")
    heads = next(row for row in rows if row and row[0] == "企业类别")

    def figure(kind: str, head: str) -> Any:
        return line(rows, kind)[heads.index(head)]

    depot, plant, trader = "仓储企业（油库、危化品仓库）", "医药生产企业", "带储存设施经营企业"
    assert (figure(depot, "企业数"), figure(depot, "单元"), figure(depot, "设施")) == (1, 1, 1)
    assert (figure(depot, "一、二级重大危险源"), figure(depot, "三、四级重大危险源")) == (1, 0)
    assert (figure(plant, "一、二级重大危险源"), figure(plant, "三、四级重大危险源")) == (0, 0)
    # Who is of a class besides is tagged with it, and counted once.
    assert (figure(trader, "企业数"), figure(trader, "兼营本类的企业")) == (0, 1)
    assert figure("合计", "企业数") == 2
    assert JournalEntry.objects.filter(act__contains="export").count() == 1
    # A town sees and takes along its own alone.
    of_town = sheet(client_of(district.town), "/registry/classes?export=xlsx")
    assert not any(row and row[0] == plant for row in of_town)
    assert line(of_town, "合计")[1] == 1
    narrowed = client.get(f"/registry/classes?town={district.other_street_area.path}").content.decode()
    assert "仓储企业" not in narrowed
    assert client.get("/registry/classes?town=nowhere").status_code == 422


def test_totals_by_substance_add_up_within_the_scope_and_stand_against_the_city_s_total(
    district: District, files: tuple[Enterprise, Enterprise]
) -> None:
    Restriction.objects.create(
        chemical=Chemical.objects.get(name="氯"), kind="controlled", reason="总量控制", source="示例目录",
        from_date=date(2026, 1, 1), cap_t=Decimal(50), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    client = client_of(district.department)
    rows = sheet(client, "/registry/totals?export=xlsx")
    heads = next(row for row in rows if row and row[0] == "化学品")
    found = dict(zip(heads, line(rows, "氯"), strict=True))
    assert (found["企业数"], found["储存点"]) == (2, 2)
    assert Decimal(str(found["设计最大量合计（吨）"])) == 66
    assert Decimal(str(found["实际存量合计（吨）"])) == Decimal("40.5")
    assert Decimal(str(found["总量控制指标（吨）"])) == 50
    assert Decimal(str(found["剩余（吨）"])) == -16
    assert "超出 16" in client.get("/registry/totals").content.decode()
    assert "氯" in client.get("/registry/totals?over=1").content.decode()
    # The town adds up what is its own, and is told nothing of what is left for the district.
    of_town = sheet(client_of(district.other_town), "/registry/totals?export=xlsx")
    own = dict(zip(heads, line(of_town, "氯"), strict=True))
    assert (own["企业数"], Decimal(str(own["设计最大量合计（吨）"]))) == (1, 1)
    assert own["剩余（吨）"] in (None, "")


def test_the_city_s_total_is_entered_with_its_entry_in_the_catalogue(district: District) -> None:
    client = client_of(district.department)
    given = {"chemical": "氯", "kind": "controlled", "reason": "总量控制", "source": "示例目录",
             "from_date": "2026-01-01", "mark": "V"}  # fmt: skip
    assert client.post("/registry/restrictions/new", {**given, "cap_t": "-1"}).status_code == 422
    assert client.post("/registry/restrictions/new", {**given, "cap_t": "120.5"}).status_code == 303
    assert Restriction.objects.get().cap_t == Decimal("120.5")
    assert "120.5" in client.get(f"/registry/restrictions/{Restriction.objects.get().pk}").content.decode()


@pytest.mark.clause("S3-4.2b")
def test_who_has_left_stands_on_a_list_with_reason_and_date_and_counts_in_the_totals_as_gone(
    district: District, files: tuple[Enterprise, Enterprise]
) -> None:
    _depot, plant = files
    actor, now = district.department, timezone.now()
    row = open_exit(actor=actor, file=plant, reason="不符合安全生产条件：未经正规设计", evidence=[], now=now)
    client = client_of(actor)
    assert "示例制药有限公司" not in client.get("/registry/exited").content.decode()
    for step in ("order", "check", "close"):
        row = LicenceExit.objects.select_related("file").get(pk=row.pk)
        paper = receive_file(actor=actor, content=BytesIO(f"示例文书{step}".encode()), name="文书.txt", now=now)
        move_exit(actor=actor, row=row, name=step, text="示例处理情况", evidence=[paper.pk], now=now)
    today = timezone.localdate()
    rows = sheet(client, "/registry/exited?export=xlsx")
    heads = next(one for one in rows if one and one[0] == "企业名称")
    found = dict(zip(heads, line(rows, "示例制药有限公司"), strict=True))
    assert found["退出原因"] == "不符合安全生产条件：未经正规设计"
    assert today.isoformat() in str(found["状态起始日期"])
    assert found["退出程序编号"] == row.code
    assert Decimal(str(found["原设计量（吨）"])) == 1
    assert "示例制药有限公司" in client.get("/registry/exited?stocked=1").content.decode()
    totals = sheet(client, "/registry/totals?export=xlsx")
    heads = next(one for one in totals if one and one[0] == "化学品")
    chlorine = dict(zip(heads, line(totals, "氯"), strict=True))
    assert Decimal(str(chlorine["设计最大量合计（吨）"])) == 65
    assert Decimal(str(chlorine["已退出设计量（吨）"])) == 1
    # It lies in the other street: its town sees it, the first one does not.
    assert "示例制药有限公司" in client_of(district.other_town).get("/registry/exited").content.decode()
    assert "示例制药有限公司" not in client_of(district.town).get("/registry/exited").content.decode()
