"""The seven tables as spreadsheets: what goes out comes in again, bad cells are named, an undo takes back."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.exchange import Scene, make_scene
from tests.domains.hazards.factories import make_finding
from tests.factories import client_of
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.hazards.models import Finding
from quancheng.domains.risk.models import Measure, RiskUnit
from quancheng.standards import dual_prevention_exchange as standard

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def sheet(code: str, *rows: dict[str, Any]) -> bytes:
    """A sheet with official headings."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    heads = [standard.table(code).field(name).label.zh for name in names]
    return book(heads, *([row.get(name, "") for name in names] for row in rows))


def test_units_come_in_are_changed_by_their_key_and_taken_back(scene: Scene) -> None:
    safety, key = client_of(scene.district.enterprise), str(uuid.uuid4())
    told = {"id": key, "hazardCode1": "Q7", "hazardDep": "储运部", "hazardLiablePerson": "示例甲",
            "riskUnitName": "7号罐"}  # fmt: skip
    run = imported(safety, "hazards.exchange_unit", sheet("unit", told))
    made = RiskUnit.objects.get(name="7号罐")
    assert (made.object.code, made.object.file) == ("Q7", scene.file)
    imported(safety, "hazards.exchange_unit", sheet("unit", {**told, "riskUnitName": "7号成品罐"}))
    made.refresh_from_db()
    assert made.name == "7号成品罐"
    assert undo(safety, run).status_code in (303, 409, 422)
    bad = checked(safety, "hazards.exchange_unit", sheet("unit", {**told, "id": "x"}, {**told, "hazardDep": ""}))
    assert bad.state == "bad"
    assert {cell[0] for cell in reasons(bad)} == {"A2", "C3"}


def test_codes_are_words_and_parents_must_stand(scene: Scene) -> None:
    safety = client_of(scene.district.enterprise)
    told = {"id": str(uuid.uuid4()), "riskEventId": str(scene.event.pk), "dataSrc": "隐患排查",
            "riskMeasureDesc": "设围堰", "classify1": "工程技术", "classify2": "安全附件",
            "troubleshootContent": "查围堰"}  # fmt: skip
    lost = {**told, "id": str(uuid.uuid4()), "riskEventId": str(uuid.uuid4())}
    assert checked(safety, "hazards.exchange_measure", sheet("measure", told, lost)).state == "bad"
    run = imported(safety, "hazards.exchange_measure", sheet("measure", told))
    row = Measure.objects.get(text="设围堰")
    assert (row.mode, row.subcategory, row.event) == ("2", "1-3", scene.event)
    assert undo(safety, run).status_code == 303
    row.refresh_from_db()
    assert row.ended_date is not None


@pytest.mark.parametrize("code", list(standard.tables()))
def test_each_table_is_a_list_with_official_headings_in_words(scene: Scene, code: str) -> None:
    make_finding(scene.district.enterprise, scene.file, unit=scene.unit, measure=scene.measure)
    safety = client_of(scene.district.enterprise)
    page = reverse(f"hazards:exchange_table_{code}")
    assert safety.get(page).status_code == 200
    rows = exported(safety, f"{page}?export=xlsx")
    shown = {one.label.zh for one in standard.table(code).fields}
    assert any(shown.intersection(line) for line in rows)
    other = client_of(scene.district.other_enterprise).get(page).content.decode()
    assert scene.measure.text not in other


def test_what_goes_out_comes_in_again_unchanged(scene: Scene) -> None:
    safety = client_of(scene.district.enterprise)
    columns = [one.name for one in standard.table("measure").fields if one.name in (
        "id", "riskEventId", "dataSrc", "riskMeasureDesc", "classify1", "classify2", "classify3", "troubleshootContent",
    )]  # fmt: skip
    rows = exported(safety, reverse("hazards:exchange_table_measure") + f"?cols={','.join(columns)}&export=xlsx")
    at = next(number for number, line in enumerate(rows) if "主键" in line)
    run = checked(safety, "hazards.exchange_measure", book(*rows[at:]))
    assert (run.state, run.counts.get("unchanged")) == ("checked", 1), run.errors


def test_a_danger_of_a_sheet_enters_the_loop(scene: Scene) -> None:
    safety = client_of(scene.district.enterprise)
    told = {
        "id": str(uuid.uuid4()), "hazardCode": "O1", "dangerName": "围堰开裂", "dangerLevel": "一般",
        "registTime": "2026-09-07 09:00", "registrant": "示例丁", "dangerSrc": "日常排查",
        "dangerManageType": "限期整改", "hazardDangerType": "安全", "hazardCategory": "其他人员登记",
        "dangerDesc": "西侧开裂",
        "liablePerson": "示例乙",
        "dangerManageDeadline": "2027-09-20 00:00", "dangerState": "整改中",
    }  # fmt: skip
    imported(safety, "hazards.exchange_danger", sheet("danger", told))
    row = Finding.objects.get(name="围堰开裂")
    assert (row.status, row.plan["person"], row.outside) == ("FIXING", "示例乙", "")
