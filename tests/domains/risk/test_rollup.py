"""What changed and why, levels side by side, the roll-up by town, the briefing, the list of targeted inspections."""

from __future__ import annotations

import io
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook
from tests.domains.hazards.factories import make_finding
from tests.domains.registry.factories import make_unit as make_place
from tests.domains.risk.factories import make_grading, make_object
from tests.domains.risk.test_maps import firm, risky
from tests.domains.risk.test_plans import add, own_file
from tests.factories import District, client_of, house_actor, make_actor, make_district

from quancheng.domains.registry.models import Unit
from quancheng.domains.risk.models import PlanMark, RiskObject, TownOutline
from quancheng.domains.risk.services import risks
from quancheng.domains.risk.views.changes import ChangeList
from quancheng.kernel.calendar import Calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def days_ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content))
    return [row for one in book.worksheets for row in one.iter_rows(values_only=True)]


def test_what_went_up_and_down_between_two_days_is_told_with_its_reasons(district: District) -> None:
    measure = risky(firm(district, 1), days=20)
    risky(firm(district, 2), 5, 5, days=20)
    risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now() - timedelta(days=2))
    office = client_of(district.director)
    url = reverse("risk:changes")
    page = office.get(url, {"on_from": days_ago(5), "subject": "object"}).content.decode()
    assert "示例企业1" in page
    assert "示例企业2" not in page
    assert "升高" in page
    assert f"管控措施失效：{measure.text}" in page
    # Before that only their first assessment changed anything.
    first = office.get(url, {"on_from": days_ago(25), "on_to": days_ago(5), "subject": "object"}).content.decode()
    assert "示例企业1" in first
    assert "示例企业2" in first
    assert "新评估" in first
    # What went up and came back within the period did not change.
    risks.mark_verified(actor=house_actor(), row=measure, now=timezone.now())
    assert "示例企业1" not in office.get(url, {"on_from": days_ago(5), "subject": "object"}).content.decode()
    assert "降低" in office.get(url, {"on_from": days_ago(0), "subject": "object"}).content.decode()
    assert "示例企业1" not in client_of(district.other_town).get(url).content.decode()
    assert office.get(url, {"on_from": days_ago(-3)}).status_code == 422
    assert ChangeList.code == "risk.changes"


@pytest.mark.parametrize(("name", "address"), [("objects", "object"), ("units", "unit"), ("events", "event")])
def test_inherent_residual_and_present_stand_side_by_side_with_what_failed(
    district: District, name: str, address: str
) -> None:
    measure = risky(firm(district, 1))
    risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now())
    office = client_of(district.director)
    url = reverse(f"risk:compare_{name}")
    page = office.get(url, {"raised": "1", "lowered": "1", "inherent": "1"}).content.decode()
    for word in ("重大风险", "低风险", "一般风险", "已升高", measure.text):
        assert word in page
    assert reverse(f"risk:{address}", args=[getattr(measure.event, "pk" if address == "event" else "unit_id")
                   if address != "object" else measure.event.unit.object_id]) in page  # fmt: skip
    rows = sheet(office.post(url, {"act": "export", "query": ""}))
    assert any(measure.text in str(row) for row in rows)
    assert measure.text not in client_of(district.other_enterprise).get(url).content.decode()


def test_towns_are_rolled_up_with_shares_and_worst_and_exported(district: District) -> None:
    risky(firm(district, 1), 5, 5)
    risky(firm(district, 2))
    firm(district, 3)
    office = client_of(district.director)
    page = office.get(reverse("risk:rollup")).content.decode()
    assert district.street_area.name in page
    assert "50.0" in page
    assert "示例企业1" in page
    rows = sheet(office.get(reverse("risk:rollup"), {"export": "xlsx"}))
    line = next(row for row in rows if row[0] == district.street_area.name)
    assert [str(one) for one in line[1:3]] == ["1", "50.0"]
    assert line[-1] == "示例企业1"
    before = office.get(reverse("risk:rollup"), {"day": days_ago(60)}).content.decode()
    assert "50.0" not in before
    assert "示例企业1" not in client_of(district.other_town).get(reverse("risk:rollup")).content.decode()


@pytest.mark.clause("S5-3.1a")
def test_the_briefing_of_an_area_says_what_stands_what_changed_and_what_is_worst(district: District) -> None:
    measure = risky(firm(district, 1), 4, 4, days=60)
    risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now() - timedelta(days=1))
    office = client_of(district.director)
    page = office.get(reverse("risk:briefing")).content.decode()
    for text in ("总体情况", "升高1个", "示例企业1", measure.text, "没有未销号的重大隐患"):
        assert text in page
    whole = {"town": district.street_area.path, "on_from": days_ago(9)}
    docx = office.get(reverse("risk:briefing_paper", args=["docx"]), whole)
    said = Document(io.BytesIO(docx.content))
    cells = [cell.text for table in said.tables for row in table.rows for cell in row.cells]
    assert "示例企业1" in cells
    pdf = office.get(reverse("risk:briefing_paper", args=["pdf"]), whole)
    assert pdf.content.startswith(b"%PDF")
    assert "示例企业1" not in client_of(district.other_town).get(reverse("risk:briefing")).content.decode()
    assert office.get(reverse("risk:briefing"), {"town": "/x/"}).status_code in (400, 422)
    assert office.get(reverse("risk:briefing_paper", args=["exe"])).status_code == 404


def test_the_briefing_counts_all_names_major_hazards_first_and_tells_local_days(district: District) -> None:
    file = firm(district, 1)
    house, day = house_actor(), Calendar().start_of(timezone.localdate())
    for number in range(31):
        make_object(house, file, code=f"O{number}", name=f"对象{number}")
    place = make_place(house, file)
    Unit.objects.filter(pk=place.pk).update(legal_grade=2)
    place.refresh_from_db()
    make_object(house, file, code="O31", name="对象31", kind="hazard", place=place)
    # All came in at one moment, the major hazard last.
    RiskObject.objects.all().update(created_at=timezone.now())
    # Half past midnight of today here is yesterday in Greenwich.
    at = day + timedelta(minutes=30)
    made = make_grading(house, own_file(district))
    for made.round_no in range(2, 33):
        made.pk, made.code, made.title, made.level, made.result = uuid.uuid4(), f"FJ{made.round_no}", "甲", 3, {}
        made.status, made.published_at, made.valid_to = "SUPERSEDED", at, timezone.localdate()
        made.save(force_insert=True)
    page = client_of(district.director).get(reverse("risk:briefing")).content.decode()
    assert "新增风险分析对象32个" in page
    assert "对象31" in page
    assert "对象30" not in page
    assert "安全风险分级31家" in page
    assert page.count(f"<td>{timezone.localdate()}</td>") == 30


@pytest.mark.clause("S1-14a")
def test_a_list_of_targeted_inspections_names_the_red_the_changed_and_the_open(district: District) -> None:
    risky(firm(district, 1), 5, 5, days=90)
    risky(firm(district, 2), days=90)
    changed = risky(firm(district, 3), days=90)
    risks.mark_failed(actor=house_actor(), row=changed, because="报警不响", now=timezone.now() - timedelta(days=1))
    office = client_of(district.director)
    url = reverse("risk:inspections")
    page = office.get(url, {"picked": "1", "on_from": days_ago(7)}).content.decode()
    assert "示例企业1" in page
    assert "示例企业2" not in page
    assert "示例企业3" in page
    assert page.index("示例企业1") < page.index("示例企业3")
    rows = sheet(office.post(url, {"act": "export", "query": f"picked=1&on_from={days_ago(7)}"}))
    assert [row[0] for row in rows if str(row[0]).startswith("示例企业")] == ["示例企业1", "示例企业3"]
    assert "每月检查" in str(rows)
    assert "示例企业1" not in client_of(district.other_town).get(url).content.decode()


def test_open_dangers_of_the_room_above_are_counted(district: District) -> None:
    file = own_file(district)
    row = make_finding(district.enterprise, file, name="罐区高液位报警失效")
    office = client_of(district.director)
    page = office.get(reverse("risk:inspections")).content.decode()
    assert file.enterprise is not None
    assert file.enterprise.name in page
    rows = sheet(office.post(reverse("risk:inspections"), {"act": "export", "query": ""}))
    line = next(one for one in rows if one[0] == file.enterprise.name)
    assert 1 in line
    assert row.closed_at is None


def test_programs_read_points_and_towns_of_a_day_and_draw_on_a_plan(district: District) -> None:
    file = own_file(district)
    measure = risky(file)
    office, own = client_of(district.director), client_of(district.enterprise)
    told = office.get("/api/v1/risk/map", {"level": 4}).json()["items"]
    assert [one["enterprise_id"] for one in told] == [str(file.pk)]
    assert office.get("/api/v1/risk/map", {"level": 4, "day": days_ago(60)}).json()["items"] == []
    assert office.get("/api/v1/risk/map", {"day": days_ago(-1)}).status_code == 422
    towns = office.get("/api/v1/risk/towns").json()
    assert [one["numbers"]["4"] for one in towns] == [1]
    assert client_of(district.other_town).get("/api/v1/risk/towns").json() == []
    plan = add(district, file)
    assert [one["id"] for one in office.get(f"/api/v1/risk/enterprises/{file.pk}/plans").json()] == [str(plan.pk)]
    address = f"/api/v1/risk/plans/{plan.pk}/marks/{measure.event.unit_id}"
    crossing = {"points": [[0, 0], [9, 9], [9, 0], [0, 9]]}
    assert own.put(address, json.dumps(crossing), content_type="application/json").status_code == 422
    square = {"points": [[0, 0], [90, 0], [90, 90], [0, 90]]}
    assert own.put(address, json.dumps(square), content_type="application/json").status_code == 200
    assert office.put(address, json.dumps(square), content_type="application/json").status_code in (200, 403)
    assert [one["points"] for one in office.get(f"/api/v1/risk/plans/{plan.pk}/marks").json()] == [square["points"]]
    assert PlanMark.objects.count() == 1


def test_outlines_of_towns_come_from_a_file_whole_or_not_at_all(district: District) -> None:
    chief = client_of(make_actor(district.office_org, "office.officer"))
    address = reverse("risk:outlines_new")

    def sent(*features: Any, name: str = "towns.geojson") -> Any:
        content = json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()
        return {"geojson": SimpleUploadedFile(name, content), "source": "示意"}

    def feature(name: str, corners: list[list[float]]) -> Any:
        return {"properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [corners]}}

    ring = [[122.5, 35.5], [122.7, 35.5], [122.7, 35.7], [122.5, 35.5]]
    good = feature(district.street_area.name, ring)
    answer = chief.post(address, sent(good, feature("别处镇", ring)))
    assert answer.status_code == 422
    assert "别处镇" in answer.content.decode()
    assert not TownOutline.objects.exists()
    assert chief.post(address, sent(good, feature(district.other_street_area.name, ring[:2]))).status_code == 422
    broken = {"geojson": SimpleUploadedFile("x.geojson", b"{"), "source": "示意"}
    assert "读不出" in chief.post(address, broken).content.decode()
    assert chief.post(address, sent(good)).status_code in (302, 303)
    assert TownOutline.objects.get().area == district.street_area
    assert district.street_area.name in chief.get(reverse("risk:outlines")).content.decode()
    assert client_of(district.enterprise).get(address).status_code == 403
