"""The seven tables as spreadsheets: what goes out comes in again, bad cells are named, an undo takes back."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.exchange import CODE, Scene, make_adapter, make_scene
from tests.domains.hazards.factories import make_finding
from tests.domains.risk.factories import make_post
from tests.factories import NOW, client_of, make_actor
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.hazards.models import CheckRecord, CheckTask, ExchangeRow, Finding
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.hazards.services.check_tasks import enter_task
from quancheng.domains.hazards.services.exchange_apply import Applier, Refused
from quancheng.domains.risk.models import Measure, RiskUnit
from quancheng.domains.risk.services import risks
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.people.models import User
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


def danger(**more: Any) -> dict[str, Any]:
    told = {
        "id": str(uuid.uuid4()), "hazardCode": "O1", "dangerName": "围堰开裂", "dangerLevel": "一般",
        "registTime": "2026-09-07 09:00", "registrant": "示例丁", "dangerSrc": "日常排查",
        "dangerManageType": "限期整改", "hazardDangerType": "安全", "hazardCategory": "其他人员登记",
        "dangerDesc": "西侧开裂", "liablePerson": "示例乙", "dangerManageDeadline": "2027-09-20 00:00",
        "dangerState": "整改中",
    }  # fmt: skip
    return {**told, **more}


def values_of(code: str, cells: dict[str, Any]) -> dict[str, Any]:
    """A line's values as the import hands them on: codes for words."""
    words = {one.name: {each.word.zh: each.code for each in standard.codes(one.codes)}
             for one in standard.table(code).fields if one.type == "code"}  # fmt: skip
    facts = {name: words.get(name, {}).get(str(value), value) for name, value in cells.items()}
    for name in ("registTime", "dangerManageDeadline"):
        if name in facts:
            facts[name] = datetime.fromisoformat(f"{facts[name]}+08:00")
    facts |= {"companyCode": CODE, "deleted": "0", "createDate": NOW, "updateDate": NOW, "updateBy": "示例甲"}
    facts.setdefault("createBy", "示例甲")
    read = standard.read_row(code, standard.write_row(code, facts, standard.Style(is_park=True)).row)
    assert not read.faults
    return dict(read.values)


def make_task(scene: Scene, *, person: User | None = None) -> CheckTask:
    known = {
        "measure": scene.measure, "content": "查围堰", "every": Decimal(1), "cycle_unit": "day",
        "starts_at": NOW - timedelta(days=2), "days": "every", "work_type": 0, "task_number": None,
        **({"person": person} if person else {"post": make_post(scene.district.enterprise, scene.file)}),
    }  # fmt: skip
    return enter_task(actor=scene.district.enterprise, file=scene.file, known=known, now=NOW)


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
    imported(safety, "hazards.exchange_danger", sheet("danger", danger()))
    row = Finding.objects.get(name="围堰开裂")
    assert (row.status, row.plan["person"], row.outside) == ("FIXING", "示例乙", "")


def test_a_danger_that_arose_here_is_not_handled_by_a_sheet(scene: Scene) -> None:
    native = make_finding(scene.district.enterprise, scene.file, unit=scene.unit, measure=scene.measure)
    safety = client_of(scene.district.enterprise)
    run = checked(safety, "hazards.exchange_danger", sheet("danger", danger(id=str(native.pk))))
    assert run.state == "bad"
    assert [one["key"] for one in run.errors] == ["id"]
    assert "本系统" in run.errors[0]["reason"]
    before = (native.status, native.name)
    applier = Applier(scene.district.enterprise, scene.file, NOW)
    values = values_of("danger", danger(id=str(native.pk)))
    with pytest.raises(Refused) as refused:
        applier.apply("danger", values, native.pk)
    assert refused.value.number == 4006
    native.refresh_from_db()
    assert (native.status, native.name) == before


def test_a_danger_that_arose_here_is_not_adopted_by_a_sheet_that_names_its_record(scene: Scene) -> None:
    task = make_task(scene)
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    spec = CheckSpec(status=1, at=NOW - timedelta(hours=1), note="阀门渗漏")
    record = record_check(actor=worker, spec=spec, task=task, now=NOW)
    native = Finding.objects.get(check_record=record)
    applier = Applier(scene.district.enterprise, scene.file, NOW)
    values = values_of("danger", danger(checkRecordId=str(record.pk), riskMeasureId=str(scene.measure.pk)))
    applied = applier.apply("danger", values, None)
    native.refresh_from_db()
    assert applied.subject_id != native.pk
    assert (native.status, native.name) == ("REPORTED", "阀门渗漏")


def test_who_imports_a_record_made_it_whatever_name_the_sheet_has(scene: Scene) -> None:
    make_actor(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    safety = make_actor(scene.district.enterprise_org, "enterprise.safety", name="示例安全员")
    task = make_task(scene)
    values = values_of("record", {
        "id": str(uuid.uuid4()), "checkTaskId": str(task.pk), "checkTime": NOW - timedelta(hours=1),
        "checkStatus": "0", "isDefend": "0", "mobileMe": "867000000000001", "createByMobile": "00055500001",
        "updateByMobile": "00055500001", "createBy": "示例工",
    })  # fmt: skip
    applied = Applier(safety, scene.file, NOW).apply("record", values, None)
    record = CheckRecord.objects.get(pk=applied.subject_id)
    assert (record.person_id, record.person_name) == (safety.user_id, "示例安全员")
    assert "示例工" in record.note


def test_a_record_of_somebody_elses_task_is_no_sheets(scene: Scene) -> None:
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker", name="示例工")
    safety = make_actor(scene.district.enterprise_org, "enterprise.safety", name="示例安全员")
    task = make_task(scene, person=User.objects.get(pk=worker.user_id))
    values = values_of("record", {
        "id": str(uuid.uuid4()), "checkTaskId": str(task.pk), "checkTime": NOW - timedelta(hours=1),
        "checkStatus": "0", "isDefend": "0", "mobileMe": "867000000000001", "createByMobile": "00055500001",
        "updateByMobile": "00055500001", "createBy": "示例工",
    })  # fmt: skip
    with pytest.raises(NotPermitted):
        Applier(safety, scene.file, NOW).apply("record", values, None)
    assert not CheckRecord.objects.exists()


def test_a_sheet_finishes_no_danger_without_a_photo(scene: Scene) -> None:
    safety = client_of(scene.district.enterprise)
    told = danger()
    run = checked(safety, "hazards.exchange_danger", sheet("danger", {**told, "dangerState": "待验收"}))
    assert (run.state, [one["key"] for one in run.errors]) == ("bad", ["dangerState"])
    imported(safety, "hazards.exchange_danger", sheet("danger", told))
    row = Finding.objects.get(name="围堰开裂")
    values = values_of("danger", {**told, "dangerState": "1"})
    with pytest.raises(Invalid) as refused:
        Applier(scene.district.enterprise, scene.file, NOW).apply("danger", values, row.pk)
    assert "evidence" in refused.value.fields
    row.refresh_from_db()
    assert row.status == "FIXING"


def test_a_row_of_a_sheet_goes_up_under_the_key_that_the_sheet_has(scene: Scene) -> None:
    make_adapter(scene, "https://192.0.2.1", on=False)
    safety, key = client_of(scene.district.enterprise), str(uuid.uuid4())
    told = {"id": key, "hazardCode1": "Q7", "hazardDep": "储运部", "hazardLiablePerson": "示例甲",
            "riskUnitName": "7号罐"}  # fmt: skip
    imported(safety, "hazards.exchange_unit", sheet("unit", told))
    made = RiskUnit.objects.get(name="7号罐")
    assert str(ExchangeRow.objects.get(subject_id=made.pk).external_id) == key
    # Its row went up; the unit ends, and the same key brings another: one row outside, for the new one.
    ExchangeRow.objects.filter(subject_id=made.pk).update(push_count=1, accepted_at=NOW, state="accepted")
    risks.end_unit(actor=scene.district.enterprise, row=made, reason="拆除", now=NOW)
    imported(safety, "hazards.exchange_unit", sheet("unit", {**told, "riskUnitName": "7号新罐"}))
    row = ExchangeRow.objects.get(external_id=key)
    assert (row.subject_id, row.state) == (RiskUnit.objects.get(name="7号新罐").pk, "waiting")
    assert ExchangeRow.objects.filter(table="unit").count() == 1
