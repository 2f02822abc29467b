"""A worker checks on a phone, the safety officer arranges and watches, the regulator looks: all by their pages."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.check_factories import first_due, make_plant, make_task
from tests.domains.hazards.test_checks import sheet_of
from tests.domains.hazards.test_findings import picture
from tests.domains.risk.factories import make_post
from tests.factories import NOW, client_of, make_district
from tests.kernel.exchange.importing import book, imported, undo

from quancheng.domains.hazards.models import (
    CheckDue,
    CheckRecord,
    CheckTask,
    Finding,
    RecordFlag,
    SpecialPeriod,
    UnitStop,
)
from quancheng.domains.hazards.queries import checks as queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def text_of(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(f"hazards:{name}", args=args) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


@pytest.mark.clause("S1-2f")
@pytest.mark.clause("S4-A2.3.3c")
def test_a_worker_sees_what_is_due_today_and_records_it_with_what_fails() -> None:
    plant = make_plant(make_district())
    text, edition, items = sheet_of()
    task = make_task(plant, checklist=text, content="加油站日检")
    due = first_due(task)
    for every, unit, content in ((7, "day", "每周检查"), (1, "month", "每月检查")):
        make_task(plant, measure=None, unit=plant.unit, every=Decimal(every), cycle_unit=unit, content=content)
    worker = client_of(plant.worker)
    page = text_of(worker, "checks_today")
    for content in ("加油站日检", "每周检查", "每月检查"):
        assert content in page
    assert plant.unit.name in page
    assert "待排查 <strong>3</strong>项" in worker.get("/").content.decode()
    address = reverse("hazards:check_due_record", args=[due.pk])
    assert items[0].summary in worker.get(address).content.decode()
    sent: dict[str, Any] = {f"item_{one.place}": "0" for one in items} | {"type": "safety", "edition": str(edition.pk)}
    lacking = {key: value for key, value in sent.items() if key != f"item_{items[0].place}"}
    lacking[f"note_{items[1].place}"] = "写好的话"
    refused = worker.post(address, lacking)
    assert refused.status_code == 422
    assert "写好的话" in refused.content.decode()
    sent |= {f"item_{items[0].place}": "1", f"note_{items[0].place}": "防溢阀拆除", "photos": picture(3)}
    answer = worker.post(address, sent)
    assert answer.status_code in (302, 303), re.findall(r'qc-error"[^<]*<[^>]*>[^<]*', answer.content.decode())
    row = CheckRecord.objects.get()
    found = Finding.objects.get()
    assert (found.name, found.check_record_id, found.measure_id) == ("防溢阀拆除", row.pk, plant.measure.pk)
    page = text_of(worker, "check_record", row.pk)
    assert "防溢阀拆除" in page
    due.refresh_from_db()
    assert due.done_at == NOW
    who = {"act": "confirm", "rectifier": str(plant.worker.user_id), "grade": "general"}
    confirmed = client_of(plant.safety).post(reverse("hazards:finding", args=[found.pk]), who)
    assert confirmed.status_code in (302, 303)
    found.refresh_from_db()
    assert (found.rectifier_id, found.deadline is not None) == (plant.worker.user_id, True)
    sent.pop("photos")
    free = reverse("hazards:check_free_record", args=[text.pk])
    answer = worker.post(free + "?form=professional", sent | {f"item_{items[0].place}": "0"})
    assert answer.status_code in (302, 303)
    assert CheckRecord.objects.filter(task=None, form="professional").count() == 1


@pytest.mark.clause("S4-B3.1.2c")
@pytest.mark.clause("S2-2a")
def test_the_safety_officer_arranges_on_each_level_and_sees_who_does_it() -> None:
    district = make_district()
    plant = make_plant(district)
    safety = client_of(plant.safety)
    assert "安排排查" in safety.get(reverse("risk:measure", args=[plant.measure.pk])).content.decode()
    assert plant.measure.text in text_of(safety, "uncovered_measures")
    address = reverse("hazards:check_task_new", args=[plant.file.pk]) + f"?measure={plant.measure.pk}"
    assert plant.measure.check_text in safety.get(address).content.decode()
    given = {"measure": str(plant.measure.pk), "content": "", "every": "1", "cycle_unit": "day", "days": "every",
             "form": "daily", "starts_at": "2026-09-08T08:00", "post": str(plant.post.pk)}  # fmt: skip
    refused = safety.post(address, given | {"cycle_unit": "hour", "content": "写好的内容"})
    assert refused.status_code == 422
    assert "写好的内容" in refused.content.decode()
    assert safety.post(address, given).status_code in (302, 303)
    task = CheckTask.objects.get()
    assert task.content == plant.measure.check_text
    levels = (("workshop", "车间主任", 7, "day", "周检"), ("plant", "厂长", 1, "month", "月检"),
              ("company", "总经理", 3, "month", "季检"))  # fmt: skip
    for layer, name, every, unit, content in levels:
        post = make_post(plant.safety, plant.file, name=name, layer=layer)
        answer = safety.post(address, given | {
            "measure": "", "unit": str(plant.unit.pk), "every": str(every), "cycle_unit": unit, "content": content,
            "post": str(post.pk),
        })  # fmt: skip
        assert answer.status_code in (302, 303)
    assert CheckTask.objects.count() == 4
    assert set(CheckDue.objects.values_list("task__post__layer", flat=True)) == {"team", "workshop", "plant", "company"}
    page = text_of(safety, "check_levels", plant.file.pk)
    for told in ("班组", "车间", "厂长", "总经理", "示例班长"):
        assert told in page
    act = {"act": "end", "reason": ""}
    page = reverse("hazards:check_task", args=[task.pk])
    assert safety.post(page, act).status_code == 422
    assert safety.post(page, act | {"reason": "拆除"}).status_code in (302, 303)
    worker = client_of(plant.worker)
    assert worker.post(address, given).status_code == 403
    assert "周检" in text_of(client_of(district.town), "check_tasks")
    assert plant.file.enterprise.name in text_of(client_of(district.town), "check_completion")
    assert "周检" not in text_of(client_of(district.other_enterprise), "check_tasks")
    assert "周检" not in text_of(client_of(district.other_town), "check_dues")


def test_a_stoppage_is_entered_looked_at_and_ended_by_its_pages() -> None:
    district = make_district()
    plant = make_plant(district)
    make_task(plant)
    safety, office = client_of(plant.safety), client_of(district.department)
    address = reverse("hazards:unit_stop_new", args=[plant.file.pk])
    given = {"unit": str(plant.unit.pk), "begins_at": "2026-07-01T08:00", "reason": "大修"}
    assert safety.post(address, given | {"ends_at": "2026-06-01T08:00"}).status_code == 422
    assert safety.post(address, given).status_code in (302, 303)
    stop = UnitStop.objects.get()
    assert plant.unit.name in text_of(office, "stop_reviews")
    review = stop.reviews.get()
    page = reverse("hazards:stop_review", args=[review.pk])
    assert office.post(page, {"act": "accept", "comment": ""}).status_code == 422
    assert office.post(page, {"act": "accept", "comment": "计划内大修"}).status_code in (302, 303)
    review.refresh_from_db()
    assert review.status == "ACCEPTED"
    ended = {"act": "change", "version": "1", "ends_at": "2026-09-08T10:00"}
    assert safety.post(reverse("hazards:unit_stop", args=[stop.pk]), ended).status_code in (302, 303)
    stop.refresh_from_db()
    assert stop.ends_at is not None
    assert queries.list_stops(actor=district.department).count() == 1


def test_signs_and_periods_are_the_regulators() -> None:
    district = make_district()
    plant = make_plant(district)
    flag = RecordFlag.objects.create(
        file=plant.file, code="FAR", text={"zh": "300米", "en": "300 m"}, digest="x", last_at=NOW, found_at=NOW
    )
    office, safety = client_of(district.department), client_of(plant.safety)
    page = reverse("hazards:record_flag", args=[flag.pk])
    assert safety.get(page).status_code == 404
    assert office.post(page, {"act": "confirm", "comment": ""}).status_code == 422
    assert office.post(page, {"act": "confirm", "comment": "人不在现场"}).status_code in (302, 303)
    assert "人不在现场" in safety.get(page).content.decode()
    address = reverse("hazards:special_period_new")
    given = {"code": "EVENT", "name": "示例大会", "first_date": "2026-09-10", "last_date": "2026-09-01"}
    officer = client_of(district.officer)
    assert officer.post(address, given).status_code == 422
    assert officer.post(address, given | {"last_date": "2026-09-20", "doubles": "on"}).status_code in (302, 303)
    period = SpecialPeriod.objects.get()
    assert "示例大会" in text_of(safety, "special_periods")
    assert client_of(plant.worker).get(address).status_code == 403
    off = officer.post(reverse("hazards:special_period", args=[period.pk]), {"act": "off"})
    assert off.status_code in (302, 303)


def test_tasks_come_in_from_a_sheet_and_go_out_again() -> None:
    plant = make_plant(make_district())
    safety = client_of(plant.safety)
    unit = plant.unit
    head = ("对象编码", "单元编码", "排查内容", "周期", "周期单位", "首次执行时间", "每日开始时间", "每日结束时间",
            "责任岗位")  # fmt: skip
    sheet = book(
        head,
        (unit.object.code, unit.code, plant.measure.check_text, 2, "小时", "2026-09-08 08:00", "8:00", "16:00",
         plant.post.name),
        (unit.object.code, unit.code, "月度检查", 1, "月", "2026-09-08 08:00", "", "", plant.post.name),
    )  # fmt: skip
    run = imported(safety, "hazards.own_tasks", sheet)
    tasks = {one.content: one for one in CheckTask.objects.all()}
    assert set(tasks) == {plant.measure.check_text, "月度检查"}
    assert tasks[plant.measure.check_text].measure_id == plant.measure.pk
    assert undo(safety, run).status_code in (200, 303)
    assert not CheckTask.objects.exists()
