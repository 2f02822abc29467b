"""A start-up is confirmed, approved by another, told, received, monitored and ended; announcements know of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from tests.domains.registry.factories import make_facility, make_unit
from tests.domains.risk.factories import confirmed, in_force, make_analysis, make_object, make_row, make_start_stop
from tests.domains.risk.factories import make_unit as make_risk_unit
from tests.domains.risk.test_announcements import opened, publish
from tests.domains.risk.test_gradings import own_file
from tests.domains.risk.test_plans import picture
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.domains.risk.forms.start_stops import ConditionsForm
from quancheng.domains.risk.models import Announcement, Doubt, StartStop
from quancheng.domains.risk.queries.start_stops import announced
from quancheng.domains.risk.services import analyses, announcing, start_stops
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.loops.services import move
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.risk.start_stop import conditions

pytestmark = pytest.mark.django_db
DAY = NOW.date()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What pages take for now: the last of the list."""
    times = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: times[-1])
    return times


def typed(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def plant(district: District, code: str = "P1") -> tuple[Enterprise, Facility]:
    """The first enterprise with a production unit and a facility in it."""
    file = Enterprise.objects.filter(pk=district.enterprise_org.pk).first() or own_file(district)
    unit = make_unit(district.enterprise, file, kind="production", code=code, name=f"装置{code}", boundary="plant")
    return file, make_facility(district.enterprise, unit, code=f"R-{code}", kind="equipment", name=f"设备{code}")


def head_of(district: District) -> Actor:
    return make_actor(district.enterprise_org, "enterprise.head")


def told(district: District, file: Enterprise, facility: Facility, **known: Any) -> StartStop:
    """Confirmed, submitted by one and approved by another."""
    row = confirmed(district.enterprise, make_start_stop(district.enterprise, file, facilities=[facility], **known))
    own = client_of(district.enterprise)
    papers = SimpleUploadedFile("风险分析.png", picture(), content_type="image/png")
    sent = {
        "kind": row.kind, "title": row.title, "facilities": [facility.pk], "planned_from": typed(row.planned_from),
        "planned_to": typed(row.planned_to), "leader": row.leader, "risks": row.risks, "measures": row.measures,
        "papers": papers,
    }  # fmt: skip
    assert own.post(reverse("risk:start_stop_change", args=[row.pk]), sent).status_code == 303
    row.refresh_from_db()
    start_stops.submit_start_stop(actor=district.enterprise, row=row, now=NOW)
    return start_stops.approve_start_stop(actor=head_of(district), row=row, text="", now=NOW)


@pytest.mark.clause("S4-C3.3.1d")
def test_a_start_up_is_confirmed_approved_by_another_told_received_monitored_and_ended(clock: list[datetime]) -> None:
    district = make_district()
    file, facility = plant(district)
    parent = make_object(district.enterprise, file)
    unit = make_risk_unit(district.enterprise, parent, facility=facility)
    own = client_of(district.enterprise)
    head, office = client_of(head_of(district)), client_of(district.department)
    new = reverse("risk:start_stop_new", args=[file.pk])
    sent: dict[str, Any] = {
        "kind": "after_overhaul", "title": "一号装置检修后开车", "units": [unit.pk], "leader": "示例甲",
        "planned_from": typed(NOW + timedelta(hours=2)), "planned_to": typed(NOW + timedelta(hours=1)),
        "risks": "升温过快", "measures": "",
    }  # fmt: skip
    refused = own.post(new, sent)
    assert refused.status_code == 422
    assert "计划结束时间应晚于开始时间" in refused.content.decode()
    assert "一号装置检修后开车" in refused.content.decode()
    sent["planned_to"] = typed(NOW + timedelta(days=2))
    made = own.post(new, sent)
    assert made.status_code == 303
    row = StartStop.objects.get()
    assert (row.status, row.unmet, row.parts.get().plant_id) == ("DRAFT", 14, facility.unit_id)
    page = reverse("risk:start_stop", args=[row.pk])
    # Measures, an analysis and each condition are asked for, in turn.
    assert "请先填写控制措施" in own.post(page, {"act": "submit"}).content.decode()
    paper = SimpleUploadedFile("风险分析.png", picture(), content_type="image/png")
    change = reverse("risk:start_stop_change", args=[row.pk])
    assert own.post(change, {**sent, "measures": "按速率升温，专人监护"}).status_code == 303
    assert "请先选择有效的风险分析" in own.post(page, {"act": "submit"}).content.decode()
    assert own.post(change, {**sent, "measures": "按速率升温，专人监护", "papers": paper}).status_code == 303
    assert "还有14项开停车条件没有确认" in own.post(page, {"act": "submit"}).content.decode()
    confirm = reverse("risk:start_stop_conditions", args=[row.pk])
    answers = {f"answer_S{number:02}": "yes" for number in range(1, 15)}
    unsaid = own.post(confirm, {**answers, "answer_S03": "na"})
    assert unsaid.status_code == 422
    assert "请写明不适用的理由" in unsaid.content.decode()
    assert own.post(confirm, {**answers, "answer_S03": "na", "text_S03": "没有抽堵盲板"}).status_code == 303
    assert "没有抽堵盲板" in own.get(page).content.decode()
    assert own.post(page, {"act": "submit"}).status_code == 303
    # Four eyes; then the office is told and receives it.
    assert own.post(page, {"act": "approve", "text": ""}).status_code == 403
    assert head.post(page, {"act": "approve", "text": "同意"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, bool(row.approved_by)) == ("NOTICED", True)
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert item.owner_org_id == district.department_org.pk
    assert row.title in office.get(reverse("risk:start_stops")).content.decode()
    assert office.post(page, {"act": "receive"}).status_code == 303
    # It starts, is watched at least every twelve hours, and ends.
    clock.append(NOW + timedelta(hours=3))
    own = client_of(district.enterprise)
    late = own.post(page, {"act": "start", "at": typed(NOW + timedelta(hours=4))})
    assert late.status_code == 422
    assert "不能晚于现在" in late.content.decode()
    assert own.post(page, {"act": "start", "at": typed(NOW + timedelta(hours=3))}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.watch_due_at) == ("RUNNING", NOW + timedelta(hours=15))
    clock.append(NOW + timedelta(hours=16))
    worker = client_of(make_actor(district.enterprise_org, "enterprise.worker"))
    own, office = client_of(district.enterprise), client_of(district.department)
    assert "监护记录超期" in worker.get(page).content.decode()
    watch = {"act": "watch", "at": typed(NOW + timedelta(hours=16)), "step": "升温至120℃", "is_normal": "no"}
    assert worker.post(page, {**watch, "text": ""}).status_code == 422
    assert worker.post(page, {**watch, "text": "法兰渗漏，降温紧固"}).status_code == 303
    row.refresh_from_db()
    assert (row.watches.count(), row.abnormal, row.watch_due_at) == (1, 1, NOW + timedelta(hours=28))
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert (item.due_at, item.owner_org_id) == (NOW + timedelta(hours=28), district.enterprise_org.pk)
    assert "法兰渗漏" in office.get(page + "?tab=watches").content.decode()
    ended = {"act": "finish", "at": typed(NOW + timedelta(hours=16)), "is_reached": "yes", "text": "运行平稳"}
    assert own.post(page, ended).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.is_reached) == ("DONE", True)
    assert client_of(district.other_enterprise).get(page).status_code == 404


def test_an_emergency_is_told_at_once_and_its_receipt_holds_nothing_up(clock: list[datetime]) -> None:
    district = make_district()
    file, facility = plant(district)
    who = district.enterprise
    with pytest.raises(Invalid) as wrong:
        make_start_stop(who, file, kind="emergency", facilities=[facility], planned_from=None)
    assert set(wrong.value.fields) == {"actual_from"}
    row = make_start_stop(
        who, file, kind="emergency", facilities=[facility], planned_from=None, measures="",
        actual_from=NOW - timedelta(minutes=20),
    )  # fmt: skip
    assert row.due_at == NOW + timedelta(minutes=40)
    with pytest.raises(Conflict):
        start_stops.submit_start_stop(actor=who, row=row, now=NOW)
    start_stops.report_emergency(actor=who, row=row, now=NOW)
    assert row.status == "NOTICED"
    later = NOW + timedelta(hours=1)
    start_stops.watch_start_stop(actor=who, row=row, at=later, step="泄压", is_normal=True, text="", now=later)
    start_stops.finish_start_stop(
        actor=who, row=row, at=later, is_reached=True, text="已停稳", evidence=[], now=later
    )  # fmt: skip
    assert row.status == "NOTICED"
    with pytest.raises(NotPermitted):
        start_stops.receive_start_stop(actor=who, row=row, now=later)
    start_stops.receive_start_stop(actor=district.department, row=row, now=later)
    assert (row.status, row.watches.count()) == ("DONE", 1)


def test_a_plan_that_changes_is_approved_anew_and_a_draft_alone_is_written(clock: list[datetime]) -> None:
    district = make_district()
    file, facility = plant(district)
    row = told(district, file, facility)
    who = district.enterprise
    with pytest.raises(StaleState):
        start_stops.confirm_conditions(actor=who, row=row, answers={"S01": "no"}, texts={"S01": "x"}, now=NOW)
    with pytest.raises(Invalid):
        start_stops.answer_start_stop(actor=who, row=row, name="revise", reason=" ", now=NOW)
    start_stops.answer_start_stop(actor=who, row=row, name="revise", reason="推迟一天", now=NOW)
    assert (row.status, row.approved_by) == ("DRAFT", "")
    start_stops.answer_start_stop(actor=who, row=row, name="cancel", reason="检修延期", now=NOW)
    assert row.status == "CANCELLED"


@pytest.mark.parametrize("kind", ["initial", "after_long", "after_emergency", "planned", "long"])
def test_each_kind_asks_for_its_own_conditions(kind: str) -> None:
    district = make_district()
    file, facility = plant(district)
    row = make_start_stop(district.enterprise, file, kind=kind, facilities=[facility])
    assert row.unmet == {"planned": 8, "long": 9}.get(kind, 15)
    wrong = {"S99": "yes"}
    with pytest.raises(Invalid):
        start_stops.confirm_conditions(actor=district.enterprise, row=row, answers=wrong, texts={}, now=NOW)
    with pytest.raises(NotPermitted):
        confirmed(district.department, row)


def test_an_announcement_is_proposed_the_running_notices_and_doubted_against_them(clock: list[datetime]) -> None:
    district = make_district()
    file, row = opened(district, kind="depot")
    facility = Facility.objects.get(unit__file=file)
    facts = announced([file.pk], DAY)[file.pk]
    assert (facts["starting"].value, facts["starting"].binds) == (0, True)
    # Planned for today: proposed, and no contradiction either way.
    notice = told(district, file, facility)
    facts = announced([file.pk], DAY)[file.pk]
    assert (facts["starting"].value, facts["starting"].binds) == (1, False)
    assert facts["starting"].source.zh == "开停车通知"
    # A plan whose days are over proposes nothing any more.
    assert announced([file.pk], DAY + timedelta(days=3))[file.pk]["starting"].value == 0
    start_stops.receive_start_stop(actor=district.department, row=notice, now=NOW)
    start_stops.start_start_stop(actor=district.enterprise, row=notice, at=NOW, now=NOW)
    assert announced([file.pk], DAY)[file.pk]["starting"].binds
    publish(district, row, values={"starting": 0}, reasons={"starting": "不统计"})
    doubt = Doubt.objects.get(announcement=row)
    assert doubt.reason == "START_STOP"
    assert "正在开车装置数：公告为0，系统为1" in doubt.said[0]["zh"]
    assert notice.code in doubt.said[0]["zh"]


def test_a_plant_that_was_shut_down_may_not_be_announced_running_without_a_notice(clock: list[datetime]) -> None:
    district = make_district()
    file, _row = opened(district)
    facility = Facility.objects.get(unit__file=file)
    notice = told(district, file, facility, kind="long", title="一号装置长期停车")
    start_stops.receive_start_stop(actor=district.department, row=notice, now=NOW)
    start_stops.start_start_stop(actor=district.enterprise, row=notice, at=NOW, now=NOW)
    start_stops.finish_start_stop(
        actor=district.enterprise, row=notice, at=NOW, is_reached=True, text="已停稳", evidence=[], now=NOW
    )  # fmt: skip
    tomorrow = NOW + timedelta(days=1)
    announcing.look_at_announcements(now=tomorrow)
    row = Announcement.objects.get(day=tomorrow.date())
    facts = announced([file.pk], tomorrow.date())[file.pk]
    assert (facts["running"].value, facts["stopped"].value) == (0, 1)
    values = {"running": 1, "stopped": 0, "starting": 0}
    why = {"running": "已复产", "stopped": "已复产"}
    publish(district, row, now=tomorrow, values=values, reasons=why)
    assert [one.reason for one in Doubt.objects.filter(announcement=row)] == ["RUNNING"]


def test_programs_enter_confirm_move_and_read_notices(clock: list[datetime]) -> None:
    district = make_district()
    file, facility = plant(district)
    own = client_of(district.enterprise)
    base = f"/api/v1/risk/enterprises/{file.pk}/start-stops"
    body: dict[str, Any] = {
        "kind": "planned", "title": "一号装置停车", "facility_ids": [str(facility.pk)], "leader": "示例甲",
        "planned_from": (NOW + timedelta(hours=2)).isoformat(), "planned_to": (NOW + timedelta(days=1)).isoformat(),
        "risks": "残液", "measures": "退净",
    }  # fmt: skip
    wrong = own.post(base, {**body, "facility_ids": [str(file.pk)]}, content_type="application/json")
    assert wrong.status_code == 422
    made = own.post(base, body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["parts"][0]["plant_id"] == str(facility.unit_id)
    one = f"/api/v1/risk/start-stops/{made.json()['id']}"
    answers = {f"T{number:02}": {"answer": "yes"} for number in range(1, 9)}
    said = own.post(f"{one}/conditions", {"conditions": answers}, content_type="application/json")
    assert (said.status_code, said.json()["unmet"]) == (200, 0)
    assert own.post(f"{one}/moves", {"move": "submit"}, content_type="application/json").status_code == 409
    gone = own.post(f"{one}/moves", {"move": "cancel", "text": "不停了"}, content_type="application/json")
    assert gone.json()["status"] == "CANCELLED"
    office = client_of(district.department)
    assert office.get("/api/v1/risk/start-stops").json()["items"][0]["title"] == "一号装置停车"
    assert client_of(district.other_enterprise).get(one).status_code == 404


def test_what_was_confirmed_and_the_analysis_hold_when_it_is_submitted_and_approved(clock: list[datetime]) -> None:
    district = make_district()
    file, facility = plant(district)
    who, head = district.enterprise, head_of(district)
    unit = make_risk_unit(who, make_object(who, file), facility=facility)
    analysis = make_analysis(who, unit)
    make_row(who, analysis)
    in_force(who, head, analysis)
    row = confirmed(who, make_start_stop(who, file, facilities=[facility], analysis=analysis))
    # Somebody else took a confirmation back since this copy was read.
    stale = StartStop.objects.get(pk=row.pk)
    start_stops.confirm_conditions(actor=who, row=row, answers={"S01": ""}, texts={}, now=NOW)
    assert stale.unmet == 0
    with pytest.raises(Conflict):
        start_stops.submit_start_stop(actor=who, row=stale, now=NOW)
    with pytest.raises(StaleState):
        move(actor=who, row=row, name="submit", now=NOW)
    start_stops.confirm_conditions(actor=who, row=row, answers={"S01": "yes"}, texts={}, now=NOW)
    start_stops.submit_start_stop(actor=who, row=row, now=NOW)
    analyses.answer_analysis(actor=who, row=analysis, name="change", reason="工艺变更", now=NOW)
    page = reverse("risk:start_stop", args=[row.pk])
    told = client_of(head).post(page, {"act": "approve", "text": "", "reason": "x"})
    assert told.status_code == 409
    assert "所选风险分析已不再有效" in told.content.decode()
    with pytest.raises(StaleState):
        start_stops.approve_start_stop(actor=head, row=row, text="", now=NOW)
    row.refresh_from_db()
    assert row.status == "REVIEW"


def test_the_same_request_again_acts_once_whatever_state_the_first_led_to(clock: list[datetime]) -> None:
    district = make_district()
    file, facility = plant(district)
    row = told(district, file, facility)
    own, office = client_of(district.enterprise), client_of(district.department)

    def twice(client: Any, path: str, body: dict[str, Any]) -> list[str]:
        """Sent, and five minutes later sent again with its key."""
        key = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
        found = []
        for _time in range(2):
            answer = client.post(
                f"/api/v1/risk/start-stops/{row.pk}/{path}", body, content_type="application/json", **key
            )
            assert answer.status_code == 200, answer.content.decode()
            found.append(answer.json()["status"])
            clock.append(clock[-1] + timedelta(minutes=5))
        return found

    # Each client tells no time; before its receipt the move has another name than after.
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
    path = f"/api/v1/risk/start-stops/{row.pk}/moves"
    first: Any = own.post(path, {"move": "start"}, content_type="application/json", **key)  # type: ignore[arg-type]
    assert (first.status_code, first.json()["status"]) == (200, "NOTICED")
    clock.append(NOW + timedelta(minutes=5))
    assert twice(office, "moves", {"move": "receive"}) == ["RUNNING", "RUNNING"]
    again: Any = own.post(path, {"move": "start"}, content_type="application/json", **key)  # type: ignore[arg-type]
    assert (again.status_code, again.json()["actual_from"]) == (200, first.json()["actual_from"])
    assert twice(own, "watches", {"step": "升温", "is_normal": True}) == ["RUNNING", "RUNNING"]
    assert twice(own, "moves", {"move": "finish", "text": "运行平稳"}) == ["DONE", "DONE"]
    row.refresh_from_db()
    assert (row.status, row.watches.count()) == ("DONE", 1)
    own.cookies["django_language"] = "en"
    page = reverse("risk:start_stop", args=[row.pk])
    assert ">Normal<" in own.get(page + "?tab=watches").content.decode()
    with translation.override("en"):
        asked = ConditionsForm(conditions=conditions(row.kind)).fields["answer_S01"]
        assert ("na", "Does not apply") in [(code, str(text)) for code, text in asked.choices]


def test_a_notice_entered_again_after_its_start_has_come_is_the_one_that_was_entered() -> None:
    district = make_district()
    file, facility = plant(district)
    known = {
        "kind": "planned", "title": "一号装置停车", "units": [], "facilities": [facility], "leader": "示例甲",
        "planned_from": NOW + timedelta(hours=1), "planned_to": NOW + timedelta(days=1), "actual_from": None,
        "analysis": None, "risks": "残液", "measures": "退净",
    }  # fmt: skip
    key = uuid.uuid4()
    made = [
        start_stops.enter_start_stop(
            actor=district.enterprise, file=file, known=known, evidence=[], now=NOW + timedelta(hours=later),
            client_id=key,
        )
        for later in (0, 2)
    ]  # fmt: skip
    assert made[0].pk == made[1].pk
