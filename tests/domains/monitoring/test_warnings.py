"""Warnings by the four colours: raised by the clock, answered, checked, escalated, ended."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from tests.domains.monitoring.alarm_scene import raised, tell
from tests.domains.monitoring.factories import make_source
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.monitoring.models import (
    Alarm,
    FileDay,
    HouseTrouble,
    OfflineNotice,
    Outage,
    OutageKind,
    RiskWarning,
    Source,
    WarningCheck,
)
from quancheng.domains.monitoring.queries.offline import dead_gateways, index_signs, just_passed
from quancheng.domains.monitoring.queries.warning_terms import NAMES, shipped
from quancheng.domains.monitoring.services import alarm_clock, alarms, warnings
from quancheng.domains.monitoring.services.offline_notices import end_notice, file_notice
from quancheng.domains.monitoring.services.outages import CLOCK
from quancheng.domains.monitoring.services.warning_clock import escalate_warnings, watch_all
from quancheng.domains.risk.models import EnterpriseIndex
from quancheng.domains.risk.services.index import work_out
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
RED, ORANGE, YELLOW, BLUE = 1, 2, 3, 4


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def at_hazard(scene: Scene, code: str, grade: int = 1, *, now: object = NOW) -> Alarm:
    row = raised(make_tag(scene, code, priority=2, facility=scene.tank), at=now)  # type: ignore[arg-type]
    Alarm.objects.filter(pk=row.pk).update(hazard_grade=grade)
    return row


def the_warning() -> RiskWarning:
    return RiskWarning.objects.get()


def test_a_first_stage_alarm_is_blue_and_a_late_one_yellow(scene: Scene) -> None:
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    alarm_clock.tick(now=NOW)
    row = the_warning()
    assert (row.colour, row.reasons, row.status) == (BLUE, ["first_stage"], "RAISED")
    assert row.respond_by == NOW + HOUR
    assert not WarningCheck.objects.exists()
    watch_all(now=NOW + 31 * MINUTE)
    row = the_warning()
    assert (row.colour, row.facts_colour) == (YELLOW, YELLOW)
    assert set(row.reasons) == {"first_stage", "late"}
    assert row.respond_by == NOW + 31 * MINUTE + 30 * MINUTE


def test_several_second_stages_at_a_great_hazard_are_red_at_once(scene: Scene) -> None:
    at_hazard(scene, "JYZ001.G1.LT101.PV")
    at_hazard(scene, "JYZ001.G1.LT102.PV")
    alarm_clock.tick(now=NOW)
    row = the_warning()
    assert (row.colour, row.hazard, row.supervisor_id) == (RED, scene.unit, scene.file.supervisor_id)
    check = WarningCheck.objects.get()
    assert (check.due_at, check.needs_call, check.owner_org_id) == (NOW + 3 * MINUTE, True, row.supervisor_id)
    assert WorkItem.objects.filter(subject_id=check.pk, done_at=None).exists()
    assert Notice.objects.filter(user=scene.district.department_head.user_id, kind="monitoring.warning").exists()


def test_the_same_again_raises_no_second_one(scene: Scene) -> None:
    at_hazard(scene, "JYZ001.G1.LT101.PV")
    alarm_clock.tick(now=NOW)
    count = Notice.objects.count()
    alarm_clock.tick(now=NOW)
    watch_all(now=NOW)
    assert the_warning().colour == ORANGE
    assert Notice.objects.count() == count


def test_what_nobody_answers_rises_by_a_colour_each_time(scene: Scene) -> None:
    raised(make_tag(scene, priority=4), "H", at=NOW, value=2130)
    Alarm.objects.update(status="ACKED", action="check")
    watch_all(now=NOW)
    assert escalate_warnings(now=NOW + HOUR) == 0
    assert escalate_warnings(now=NOW + HOUR + SECOND) == 1
    row = the_warning()
    assert (row.colour, row.facts_colour, row.escalated_count) == (YELLOW, BLUE, 1)
    assert WarningCheck.objects.get().needs_call is False
    assert escalate_warnings(now=NOW + HOUR + 2 * SECOND) == 0
    assert escalate_warnings(now=NOW + 2 * HOUR) == 1
    assert (the_warning().colour, WarningCheck.objects.get().needs_call) == (ORANGE, True)
    # The facts alone would be blue: what was not answered does not make it milder.
    watch_all(now=NOW + 2 * HOUR)
    assert the_warning().colour == ORANGE
    assert escalate_warnings(now=NOW + 3 * HOUR) == 1
    assert escalate_warnings(now=NOW + 4 * HOUR) == 1
    assert (the_warning().colour, the_warning().is_unanswered) == (RED, True)
    assert escalate_warnings(now=NOW + 5 * HOUR) == 0


def test_an_orange_warning_from_its_answer_to_its_end(scene: Scene) -> None:
    alarm = at_hazard(scene, "JYZ001.G1.LT101.PV", 3)
    alarm_clock.tick(now=NOW)
    row, who, office = the_warning(), scene.district.enterprise, scene.district.department
    with pytest.raises(NotPermitted):
        warnings.respond(actor=office, row=row, response="收到", now=NOW)
    with pytest.raises(Invalid):
        warnings.respond(actor=who, row=row, response=" ", now=NOW)
    warnings.respond(actor=who, row=row, response="停止卸料，班长到场。", now=NOW + MINUTE)
    assert escalate_warnings(now=NOW + HOUR) == 0
    check = WarningCheck.objects.get()
    warnings.verify(actor=office, row=check, verdict="true", note="电话核实，已停止卸料。", now=NOW + 2 * MINUTE)
    alarm.refresh_from_db()
    alarms.acknowledge(actor=who, row=alarm, action="stop", now=NOW + MINUTE)
    alarms.answer(actor=who, row=alarm, reason="R03", measures="卸料过快，已停止。", now=NOW + 3 * MINUTE)
    warnings.report(actor=who, row=row, text="卸料过快，已修订操作卡。", now=NOW + 5 * MINUTE)
    with pytest.raises(Conflict):
        warnings.accept(actor=office, row=row, note="", now=NOW + 6 * MINUTE)
    tell(alarm.tag, "HH", is_raised=False, at=NOW + 10 * MINUTE, value=2000)
    watch_all(now=NOW + 11 * MINUTE)
    with pytest.raises(Conflict):
        warnings.accept(actor=office, row=row, note="", now=NOW + 70 * MINUTE)
    warnings.accept(actor=office, row=row, note="报告属实", now=NOW + 71 * MINUTE)
    assert (row.status, row.closed_at) == ("CLOSED", NOW + 71 * MINUTE)


def test_red_ends_by_its_leader_after_a_call(scene: Scene) -> None:
    tags = [at_hazard(scene, f"JYZ001.G1.LT10{number}.PV").tag for number in (1, 2)]
    alarm_clock.tick(now=NOW)
    row, who, office = the_warning(), scene.district.enterprise, scene.district.department
    warnings.respond(actor=who, row=row, response="启动应急预案。", now=NOW)
    warnings.report(actor=who, row=row, text="已切断。", now=NOW + MINUTE)
    for tag in tags:
        tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    for alarm in Alarm.objects.all():
        alarms.acknowledge(actor=who, row=alarm, action="isolate", now=NOW + 2 * MINUTE)
    watch_all(now=NOW + 2 * MINUTE)
    later = NOW + 3 * HOUR
    with pytest.raises(Conflict):
        warnings.accept(actor=office, row=row, note="", now=later)
    check = WarningCheck.objects.get(status="DUE")
    with pytest.raises(Invalid) as missing:
        warnings.verify(actor=office, row=check, verdict="true", note="到场核实。", now=later)
    assert set(missing.value.fields) == {"call"}
    warnings.verify(actor=office, row=check, verdict="true", note="到场核实。", call="与值班长通话。", now=later)
    warnings.accept(actor=office, row=row, note="", now=later)
    assert row.status == "APPROVING"
    with pytest.raises(NotPermitted):
        warnings.approve(actor=office, row=row, now=later)
    warnings.approve(actor=scene.district.department_head, row=row, now=later)
    assert row.status == "CLOSED"


def test_a_blue_one_is_ended_by_the_enterprise_when_it_is_calm(scene: Scene) -> None:
    tag, who = make_tag(scene, priority=3), scene.district.enterprise
    alarm = raised(tag, "H", at=NOW, value=2130)
    alarm_clock.tick(now=NOW)
    row = the_warning()
    warnings.respond(actor=who, row=row, response="现场核查。", now=NOW)
    with pytest.raises(Conflict):
        warnings.report(actor=who, row=row, text="已处理。", now=NOW)
    alarms.acknowledge(actor=who, row=alarm, action="check", now=NOW)
    tell(tag, "H", is_raised=False, at=NOW + MINUTE, value=2000)
    watch_all(now=NOW + MINUTE)
    warnings.report(actor=who, row=row, text="已处理。", now=NOW + 2 * MINUTE)
    assert row.status == "CLOSED"


def test_graver_facts_begin_it_anew(scene: Scene) -> None:
    at_hazard(scene, "JYZ001.G1.LT101.PV", 2)
    alarm_clock.tick(now=NOW)
    row = the_warning()
    warnings.respond(actor=scene.district.enterprise, row=row, response="停止卸料。", now=NOW)
    at_hazard(scene, "JYZ001.G1.LT102.PV", 2, now=NOW + MINUTE)
    alarm_clock.tick(now=NOW + MINUTE)
    row.refresh_from_db()
    assert (row.colour, row.status, row.turned_at) == (RED, "RAISED", NOW + MINUTE)
    assert row.title.count("预警") == 1
    assert "红色" in row.title


@pytest.mark.django_db(transaction=True)
def test_two_processes_raise_one() -> None:
    scene = make_scene()
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    gate = threading.Barrier(2)

    def run() -> None:
        gate.wait()
        try:
            watch_all(now=NOW)
            escalate_warnings(now=NOW + 2 * HOUR)
        finally:
            connection.close()

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert the_warning().escalated_count == 1


def test_a_district_sets_its_own_times_from_a_day_on(scene: Scene) -> None:
    figures = dict(shipped().figures)
    assert set(figures) == set(NAMES)
    today = date(2026, 9, 8)
    with pytest.raises(NotPermitted):
        warnings.set_table(actor=scene.district.enterprise, figures=figures, reason="x", from_date=today, now=NOW)
    with pytest.raises(Invalid) as wrong:
        warnings.set_table(actor=scene.district.officer, figures={**figures, "blue_respond_s": 10}, reason="省级文件",
                           from_date=today, now=NOW)  # fmt: skip
    assert set(wrong.value.fields) == {"blue_respond_s"}
    warnings.set_table(actor=scene.district.officer, figures={**figures, "blue_respond_s": 7200}, reason="省级文件",
                       from_date=today, now=NOW)  # fmt: skip
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    watch_all(now=NOW)
    assert the_warning().respond_by == NOW + 2 * HOUR


def test_neighbours_and_strangers_answer_nothing(scene: Scene) -> None:
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    watch_all(now=NOW)
    worker = make_actor(scene.district.other_enterprise_org, "enterprise.worker")
    for actor in (worker, scene.district.other_enterprise, scene.district.town):
        with pytest.raises(NotPermitted):
            warnings.respond(actor=actor, row=the_warning(), response="x", now=NOW)


# Sources that are silent ----------------------------------------------------------------------------------------------


def silent(scene: Scene, *, since: object = NOW) -> Outage:
    """A source of the enterprise is silent, as the clock of outages says it."""
    scene.source.state.last_at = NOW
    scene.source.state.save()
    return enter(
        actor=CLOCK, now=NOW, row=Outage(
            **scene.file.row_scope(), file=scene.file, source=scene.source, kind=OutageKind.SOURCE, title="网关离线",
            began_at=since, due_at=NOW + 24 * HOUR, created_at=NOW,
        ),
    )  # fmt: skip


def test_a_source_that_is_silent_warns_its_enterprise_yellow_and_after_an_hour_orange(scene: Scene) -> None:
    row = silent(scene)
    watch_all(now=NOW + 29 * MINUTE)
    assert not RiskWarning.objects.exists()
    watch_all(now=NOW + 31 * MINUTE)
    warning = the_warning()
    assert (warning.colour, warning.reasons, warning.hazard) == (YELLOW, ["offline"], None)
    watch_all(now=NOW + 61 * MINUTE)
    warning = the_warning()
    assert (warning.colour, set(warning.reasons)) == (ORANGE, {"offline", "offline_long"})
    page = client_of(scene.district.town).get(f"/monitoring/warnings/{warning.pk}?tab=silent").content.decode()
    assert "网关离线" in page
    assert "未报备离线超过1小时" in page
    move(actor=CLOCK, row=row, name="restore", now=NOW + 70 * MINUTE, changes={"ended_at": NOW + 70 * MINUTE})
    watch_all(now=NOW + 71 * MINUTE)
    assert the_warning().calm_from == NOW + 71 * MINUTE


def test_what_was_filed_and_what_was_our_fault_makes_no_silence_longer(scene: Scene) -> None:
    """Silence of two hours, of which one and three quarters were the platform's own trouble or filed."""
    silent(scene)
    HouseTrouble.objects.create(code="clock", began_at=NOW + 10 * MINUTE, ended_at=NOW + HOUR)
    file_notice(
        actor=scene.district.enterprise, source=scene.source, tags=[], now=NOW,
        known={"begins_at": NOW + HOUR, "ends_at": NOW + 115 * MINUTE, "reason": "repair", "detail": "更换交换机",
               "measures": "人工巡检"},
    )  # fmt: skip
    watch_all(now=NOW + 90 * MINUTE)
    watch_all(now=NOW + 2 * HOUR)
    assert not RiskWarning.objects.exists()
    watch_all(now=NOW + 2 * HOUR + 16 * MINUTE)
    assert the_warning().reasons == ["offline"]


def test_the_index_knows_silence_bad_critical_tags_and_a_low_rate(scene: Scene) -> None:
    """Of an enterprise that was never connected nothing is known; at a great hazard four hours are a floor."""
    file = scene.file.pk
    assert index_signs([file], NOW) == {}
    silent(scene)
    assert index_signs([file], NOW + 30 * MINUTE)[file].seen == ()
    (sign,) = index_signs([file], NOW + 31 * MINUTE)[file].seen
    assert sign.sign == "data.GATEWAY"
    FileDay.objects.create(
        file=scene.file, day=(NOW - timedelta(days=1)).date(), tags=1, due_min=100, valid_min=89, planned_min=0
    )
    found = index_signs([file], NOW + 31 * MINUTE)[file]
    assert [one.sign for one in found.seen] == ["data.GATEWAY", "data.ONLINE_RATE"]
    assert dead_gateways([file], NOW + 5 * HOUR) == {}
    type(scene.unit).objects.filter(pk=scene.unit.pk).update(legal_grade=2)
    assert dead_gateways([file], NOW + 3 * HOUR) == {}
    assert len(dead_gateways([file], NOW + 5 * HOUR)[file]) == 1
    assert just_passed(now=NOW + 31 * MINUTE, within=2 * MINUTE) == {file}
    assert just_passed(now=NOW + 40 * MINUTE, within=2 * MINUTE) == set()
    assert just_passed(now=NOW + 4 * HOUR + MINUTE, within=2 * MINUTE) == {file}


def test_the_index_is_worked_out_again_once_silence_is_no_longer_filed(scene: Scene) -> None:
    """A filing that ran out, and one that was ended before its time; of another source it says nothing."""
    silent(scene)
    other = make_source(scene.district, code="GW-OTHER")

    def filed(source: Source, end: datetime) -> OfflineNotice:
        known = {"begins_at": NOW, "ends_at": end, "reason": "repair", "detail": "更换", "measures": "人工巡检"}
        return file_notice(actor=scene.district.enterprise, source=source, tags=[], now=NOW, known=known)

    filed(other, NOW + HOUR)
    assert just_passed(now=NOW + HOUR, within=2 * MINUTE) == set()
    first = filed(scene.source, NOW + 3 * HOUR)
    assert just_passed(now=NOW + 3 * HOUR, within=2 * MINUTE) == set(), "what was filed does not count"
    OfflineNotice.objects.filter(pk=first.pk).update(begins_at=NOW + 2 * HOUR)
    assert just_passed(now=NOW + 3 * HOUR, within=2 * MINUTE) == {scene.file.pk}
    assert just_passed(now=NOW + 3 * HOUR + 2 * MINUTE, within=2 * MINUTE) == set()
    end_notice(actor=scene.district.enterprise, row=first, now=NOW + 150 * MINUTE)
    assert just_passed(now=NOW + 151 * MINUTE, within=2 * MINUTE) == {scene.file.pk}


def test_a_bad_critical_tag_that_is_lawfully_kept_silent_is_no_sign_of_the_index(scene: Scene) -> None:
    silent(scene, since=NOW + 2 * HOUR)
    alarm = raised(make_tag(scene, is_critical=True), "STALE", at=NOW)
    assert [one.sign for one in index_signs([scene.file.pk], NOW + 2 * HOUR)[scene.file.pk].seen] == ["data.TAG_BAD"]
    for status in ("SHELVED", "SUPDES", "OOS"):
        Alarm.objects.filter(pk=alarm.pk).update(status=status)
        assert index_signs([scene.file.pk], NOW + 2 * HOUR)[scene.file.pk].seen == ()


def test_the_index_of_an_enterprise_rises_with_its_silence(scene: Scene) -> None:
    work_out(ids=[scene.file.pk], because="test", now=NOW)
    before = EnterpriseIndex.objects.get(file=scene.file)
    silent(scene)
    work_out(ids=[scene.file.pk], because="test", now=NOW + HOUR)
    after = EnterpriseIndex.objects.get(file=scene.file)
    parts = {f"{one['group']}.{one['code']}": one for one in after.parts}
    assert after.r > before.r
    assert parts["dynamic.data"]["is_known"]
    assert "离线60分钟" in parts["dynamic.data"]["rows"][0]
