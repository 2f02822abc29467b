"""An enterprise is labelled by its office, rectifies by a day, and is accepted; who has no label is found."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from tests.domains.risk.test_gradings import own_file
from tests.domains.risk.test_plans import picture
from tests.factories import NOW, client_of, make_actor, make_district, make_file, make_org

from quancheng.domains.registry.models import LeadDepartment
from quancheng.domains.registry.services.enterprises import change_enterprise
from quancheng.domains.risk.models import Classing
from quancheng.domains.risk.services import classings
from quancheng.domains.risk.services.following import follow_supervisors
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.loops.services import move
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
DUE = (NOW + timedelta(days=30)).date()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    times = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: times[-1])
    return times


@pytest.mark.clause("S5-3.1b")
def test_an_enterprise_is_labelled_shows_its_progress_and_is_accepted_by_its_office(clock: list[datetime]) -> None:
    district = make_district()
    file = own_file(district)
    name = district.enterprise_org.name
    office, own = client_of(district.department), client_of(district.enterprise)
    board = reverse("risk:classings")
    assert name in office.get(board, {"unclassed": "1"}).content.decode()
    new = reverse("risk:classing_new", args=[file.pk])
    assert own.get(new).status_code == 403
    sent = {"kind": "rectify", "grounds": "安全仪表不完善", "demands": "", "due": ""}
    refused = office.post(new, sent)
    assert refused.status_code == 422
    assert "请写明整治要求" in refused.content.decode()
    assert "安全仪表不完善" in refused.content.decode()
    assert office.post(new, {**sent, "demands": "完成联锁改造", "due": DUE.isoformat()}).status_code == 303
    row = Classing.objects.get()
    assert (row.status, row.kind) == ("OPEN", "rectify")
    assert name not in office.get(board, {"unclassed": "1"}).content.decode()
    # The enterprise tells how far it has come; the board shows it, and whoever is late.
    page = reverse("risk:classing", args=[row.pk])
    assert own.post(page, {"act": "progress", "percent": "101", "text": "x"}).status_code == 422
    assert own.post(page, {"act": "progress", "percent": "60", "text": "设备已到货"}).status_code == 303
    shown = office.get(board, {"class": "rectify"}).content.decode()
    assert name in shown
    assert ">60<" in shown
    assert name not in office.get(board, {"late": "1"}).content.decode()
    clock.append(NOW + timedelta(days=32))
    office, own = client_of(district.department), client_of(district.enterprise)
    assert name in office.get(board, {"late": "1"}).content.decode()
    # It is accepted by the office, with evidence.
    assert own.post(page, {"act": "report", "text": "已完成"}).status_code == 422
    paper = SimpleUploadedFile("验收.png", picture(), content_type="image/png")
    assert own.post(page, {"act": "report", "text": "已完成", "evidence": [paper]}).status_code == 303
    assert own.post(page, {"act": "accept", "text": "通过"}).status_code == 403
    assert office.post(page, {"act": "accept", "text": "现场核对，已完成"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.percent, row.accepted) == ("DONE", 100, "现场核对，已完成")
    assert client_of(district.other_enterprise).get(page).status_code == 404


def test_a_label_stands_until_it_is_replaced_and_is_given_by_the_office_in_charge_alone() -> None:
    district = make_district()
    file = own_file(district)
    given = {"kind": "good", "grounds": "规范", "demands": "", "due": None, "now": NOW}
    for other in (district.town, district.enterprise, district.officer):
        with pytest.raises(NotPermitted):
            classings.class_enterprise(actor=other, file=file, **given)
    office = district.department
    row = classings.class_enterprise(actor=office, file=file, **given)
    assert row.status == "CLASSED"
    with pytest.raises(Conflict):
        classings.class_enterprise(actor=office, file=file, **given)
    with pytest.raises(StaleState):
        move(actor=office, row=row, name="call", now=NOW)
    with pytest.raises(Invalid):
        classings.judge_classing(actor=office, row=row, name="replace", text=" ", now=NOW)
    classings.judge_classing(actor=office, row=row, name="replace", text="发生事故", now=NOW)
    with pytest.raises(Invalid) as wrong:
        classings.class_enterprise(actor=office, file=file, **{**given, "kind": "retire"})
    assert set(wrong.value.fields) == {"demands", "due"}


def test_programs_label_move_and_read() -> None:
    district = make_district()
    file = own_file(district)
    office, own = client_of(district.department), client_of(district.enterprise)
    body = {"kind": "retire", "grounds": "工艺淘汰", "demands": "退出生产", "due": DUE.isoformat()}
    made = office.post(
        f"/api/v1/risk/enterprises/{file.pk}/classings", body, content_type="application/json"
    )  # fmt: skip
    assert (made.status_code, made.json()["status"]) == (201, "OPEN")
    moves = f"/api/v1/risk/classings/{made.json()['id']}/moves"
    told = own.post(moves, {"move": "progress", "percent": 30, "text": "已停产"}, content_type="application/json")
    assert (told.status_code, told.json()["percent"]) == (200, 30)
    listed = office.get("/api/v1/risk/classings", {"kind": "retire"}).json()["items"]
    assert [one["progress"] for one in listed] == ["已停产"]


def test_a_label_goes_with_its_enterprise_to_the_office_that_leads_it_now() -> None:
    district = make_district()
    file = own_file(district)
    given: dict[str, Any] = {"kind": "rectify", "grounds": "联锁不全", "demands": "完成改造", "due": DUE, "now": NOW}
    with translation.override("en"):
        row = classings.class_enterprise(actor=district.department, file=file, **given)
    assert row.title.endswith("：整治提升")
    classings.tell_progress(
        actor=district.enterprise, row=row, name="report", percent=100, text="完成", now=NOW,
        evidence=[make_file(district.enterprise)],
    )  # fmt: skip
    other = make_org("示例区商务局", area=district.area, links=("storage",), code="SCO")
    lead = make_actor(other, "department.officer")
    with pytest.raises(NotPermitted):
        classings.judge_classing(actor=lead, row=row, name="replace", text="换了主管", now=NOW)
    LeadDepartment.objects.update_or_create(kind="gas_filling", defaults={"org": other, "updated_at": NOW})
    changed = change_enterprise(
        actor=district.enterprise, file=file, version=file.version, changes={"kind": "gas_filling"}, now=NOW
    )
    assert changed.supervisor_id == other.pk
    waiting = Delivery.objects.get(subscriber="risk.classings.files", done_at__isnull=True)
    assert deliver(event_id=waiting.event_id, subscriber=waiting.subscriber, now=NOW)
    row.refresh_from_db()
    assert row.supervisor_id == other.pk
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert item.owner_org_id == other.pk
    with pytest.raises(NotPermitted):
        classings.judge_classing(actor=district.department, row=row, name="accept", text="通过", now=NOW)
    classings.judge_classing(actor=lead, row=row, name="replace", text="换了主管", now=NOW)
    assert row.status == "REPLACED"
    assert follow_supervisors(now=NOW) == 0


def test_progress_told_twice_is_told_once_and_a_label_given_again_later_is_the_same() -> None:
    district = make_district()
    file = own_file(district)
    key = uuid.uuid4()
    due = NOW.date()
    given: dict[str, Any] = {"kind": "rectify", "grounds": "联锁不全", "demands": "完成改造", "due": due}
    made = [
        classings.class_enterprise(
            actor=district.department, file=file, now=NOW + timedelta(days=day), client_id=key, **given
        )
        for day in (0, 1)
    ]  # fmt: skip
    assert made[0].pk == made[1].pk
    own, told = district.enterprise, uuid.uuid4()
    for _time in range(2):
        # A browser that sends again uploads again.
        classings.tell_progress(
            actor=own, row=made[0], name="report", percent=100, text="完成", now=NOW, client_id=told,
            evidence=[make_file(own)],
        )  # fmt: skip
    assert len(files_of_many(Classing, [made[0].pk])[made[0].pk]) == 1
