"""The life of an alarm: from what limits did to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.monitoring.alarm_scene import PARTITION, raised, tell
from tests.domains.monitoring.tag_scene import CHLORINE, GAS, Scene, make_scene, make_tag
from tests.factories import NOW, make_actor

from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmCondition,
    AlarmFlood,
    AlarmHold,
    AlarmProgress,
    FirstOut,
    LimitEvent,
)
from quancheng.domains.monitoring.services import alarm_clock, alarms, holds, suppression
from quancheng.domains.monitoring.services.alarm_clerk import look_again, take_events
from quancheng.domains.monitoring.services.tags import end_tag, put_into_service
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def second_person(scene: Scene) -> Actor:
    """A colleague at the same enterprise, who may confirm."""
    return make_actor(scene.district.enterprise_org, "enterprise.safety", name="乙")


def test_a_passed_limit_is_an_alarm_that_its_enterprise_owes_at_once(scene: Scene) -> None:
    tag = make_tag(scene, priority=1)
    row = raised(tag, at=NOW)
    assert (row.status, row.priority, row.value, row.limit_value) == ("UNACK", 1, 2300.0, 2275.0)
    item = WorkItem.objects.get(subject_id=row.pk)
    assert item.owner_org_id == scene.district.enterprise_org.pk
    assert item.due_at == NOW + MINUTE
    assert tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000.0) == row
    row.refresh_from_db()
    assert (row.status, row.cleared_at) == ("RTNUN", NOW + MINUTE)


def test_the_same_events_again_make_no_second_alarm(scene: Scene) -> None:
    row = raised(make_tag(scene), at=NOW)
    AlarmProgress.objects.filter(partition=PARTITION).update(event_id=0)
    take_events(PARTITION, now=NOW)
    assert Alarm.objects.get() == row
    assert LimitEvent.objects.count() == 1


def test_acknowledged_answered_and_normal_again_it_ends(scene: Scene) -> None:
    tag, who = make_tag(scene, priority=3), scene.district.enterprise
    row = raised(tag, "H", at=NOW, value=2130)
    with pytest.raises(Invalid):
        alarms.acknowledge(actor=who, row=row, action="sleep", now=NOW)
    alarms.acknowledge(actor=who, row=row, action="check", comment="派班长核查", now=NOW + SECOND)
    assert row.status == "ACKED"
    with pytest.raises(StaleState):
        alarms.acknowledge(actor=who, row=row, action="check", now=NOW + SECOND)
    alarms.answer(actor=who, row=row, reason="R03", measures="卸油结束前降低流量。", now=NOW + MINUTE)
    assert row.status == "ACKED"
    tell(tag, "H", is_raised=False, at=NOW + 5 * MINUTE, value=2000)
    row.refresh_from_db()
    assert (row.status, row.closed_at) == ("CLOSED", NOW + 5 * MINUTE)


def test_what_comes_again_before_it_was_answered_is_the_same_alarm(scene: Scene) -> None:
    tag, who = make_tag(scene), scene.district.enterprise
    row = raised(tag, at=NOW)
    alarms.acknowledge(actor=who, row=row, action="check", now=NOW + SECOND)
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    row.refresh_from_db()
    assert row.status == "FEEDBACK"
    again = raised(tag, at=NOW + 2 * MINUTE)
    assert (again.pk, again.status, again.again_count, again.cleared_at) == (row.pk, "UNACK", 1, None)
    assert again.acknowledged_at is None


def test_a_leak_is_not_ended_by_the_one_who_answers_alone(scene: Scene) -> None:
    tag, who = make_tag(scene, "GDS.1", **GAS), scene.district.enterprise
    row = raised(tag, "H", at=NOW, value=30)
    alarms.acknowledge(actor=who, row=row, action="isolate", now=NOW)
    tell(tag, "H", is_raised=False, at=NOW + MINUTE, value=5)
    row.refresh_from_db()
    with pytest.raises(Invalid) as asked:
        alarms.answer(actor=who, row=row, reason="R02", measures="关闭阀门，更换垫片。", now=NOW + HOUR)
    assert "files" in asked.value.fields
    alarms.answer(actor=who, row=row, reason="R05", measures="标定中，已提前告知。", now=NOW + HOUR)
    assert row.status == "CLOSED"


def test_a_grave_alarm_of_a_great_hazard_needs_a_second_person(scene: Scene) -> None:
    tag, who = make_tag(scene), scene.district.enterprise
    row = raised(tag, at=NOW)
    Alarm.objects.filter(pk=row.pk).update(hazard_grade=1)
    row.refresh_from_db()
    alarms.acknowledge(actor=who, row=row, action="stop", now=NOW)
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    row.refresh_from_db()
    alarms.answer(actor=who, row=row, reason="R01", measures="停止进料，倒罐。", now=NOW + HOUR)
    assert row.status == "REVIEW"
    with pytest.raises(NotPermitted):
        alarms.confirm(actor=who, row=row, now=NOW + HOUR)
    other = second_person(scene)
    alarms.refuse(actor=other, row=row, reason="未说明倒罐去向。", now=NOW + HOUR)
    alarms.answer(actor=who, row=row, reason="R01", measures="停止进料，倒入2号罐。", now=NOW + 2 * HOUR)
    alarms.confirm(actor=other, row=row, now=NOW + 3 * HOUR)
    assert row.status == "CLOSED"


def test_who_may_acknowledge(scene: Scene) -> None:
    row = raised(make_tag(scene), at=NOW)
    for actor in (scene.district.town, scene.district.officer, scene.district.other_enterprise):
        with pytest.raises((NotPermitted, StaleState)):
            alarms.acknowledge(actor=actor, row=row, action="check", now=NOW)
    row.refresh_from_db()
    assert row.status == "UNACK"


def test_what_is_told_late_calls_nobody_until_it_is_known_to_stand(scene: Scene) -> None:
    tag, other = make_tag(scene), make_tag(scene, "JYZ001.G1.LT102.PV")
    tell(tag, "HH", at=NOW - HOUR, is_late=True, now=NOW)
    tell(tag, "HH", is_raised=False, at=NOW - HOUR / 2, is_late=True, now=NOW)
    tell(other, "HH", at=NOW - HOUR, is_late=True, now=NOW)
    assert not Alarm.objects.exists()
    assert look_again(PARTITION, now=NOW + SECOND) == 0
    assert look_again(PARTITION, now=NOW + MINUTE) == 1
    row = Alarm.objects.get()
    assert (row.tag, row.is_late, row.raised_at) == (other, True, NOW - HOUR)
    assert row.respond_by > NOW
    assert look_again(PARTITION, now=NOW + 2 * MINUTE) == 0


def test_a_latched_alarm_stays_until_it_is_reset(scene: Scene) -> None:
    tag, who = make_tag(scene, is_latched=True), scene.district.enterprise
    row = raised(tag, at=NOW)
    alarms.acknowledge(actor=who, row=row, action="check", now=NOW)
    with pytest.raises(Conflict):
        alarms.reset(actor=who, row=row, now=NOW)
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    row.refresh_from_db()
    assert (row.status, row.is_active) == ("ACKED", False)
    alarms.reset(actor=who, row=row, now=NOW + 2 * MINUTE)
    assert row.status == "FEEDBACK"


def test_a_latched_alarm_that_comes_again_calls_again(scene: Scene) -> None:
    tag, who = make_tag(scene, is_latched=True), scene.district.enterprise
    row = raised(tag, at=NOW)
    alarms.acknowledge(actor=who, row=row, action="check", now=NOW)
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    again = raised(tag, at=NOW + 2 * MINUTE)
    assert (again.pk, again.status, again.again_count, again.step) == (row.pk, "UNACK", 1, -1)


def test_what_was_answered_before_says_nothing_of_a_repetition(scene: Scene) -> None:
    tag, who = make_tag(scene, is_latched=True), scene.district.enterprise
    row = raised(tag, "H", at=NOW, value=2130)
    alarms.acknowledge(actor=who, row=row, action="check", now=NOW)
    alarms.answer(actor=who, row=row, reason="R03", measures="卸油结束前降低流量。", now=NOW)
    tell(tag, "H", is_raised=False, at=NOW + MINUTE, value=2000)
    again = raised(tag, "H", at=NOW + 2 * MINUTE, value=2140)
    assert (again.reason, again.measures, again.answered_at) == ("", "", None)


def test_a_backlog_reopens_nothing(scene: Scene) -> None:
    tag, who = make_tag(scene), scene.district.enterprise
    row = raised(tag, at=NOW - 2 * HOUR)
    alarms.acknowledge(actor=who, row=row, action="check", now=NOW - 2 * HOUR)
    tell(tag, "HH", is_raised=False, at=NOW - HOUR, value=2000)
    tell(tag, "HH", at=NOW - HOUR / 2, is_late=True, now=NOW)
    row.refresh_from_db()
    assert row.status == "FEEDBACK"
    # It still stands when the backlog is over: then it is the same alarm again.
    look_again(PARTITION, now=NOW + MINUTE)
    row.refresh_from_db()
    assert (row.status, row.again_count) == ("UNACK", 1)


def test_an_end_that_went_wrong_is_made_good(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = make_tag(scene)
    row = raised(tag, at=NOW)

    def fail(*_args: object, **_kwargs: object) -> None:
        raise StaleState

    with monkeypatch.context() as broken:
        broken.setattr("quancheng.domains.monitoring.services.alarm_clerk.clear", fail)
        tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    row.refresh_from_db()
    assert row.status == "UNACK"
    look_again(PARTITION, now=NOW + 2 * MINUTE)
    row.refresh_from_db()
    assert (row.status, row.cleared_at) == ("RTNUN", NOW + MINUTE)


def test_under_lasting_overload_somebody_is_told_all_the_same(scene: Scene) -> None:
    tell(make_tag(scene), "HH", at=NOW, is_late=True, now=NOW)
    assert look_again(PARTITION, is_behind=True, now=NOW + MINUTE) == 0
    assert look_again(PARTITION, is_behind=True, now=NOW + 3 * MINUTE) == 1


def test_repair_is_no_way_around_two_persons(scene: Scene) -> None:
    tag, who = make_tag(scene, "GDS.1", **GAS), scene.district.enterprise
    with pytest.raises(Conflict):
        put_into_service(actor=who, row=tag, reason="标定", until=NOW + HOUR, now=NOW)
    spec = holds.HoldSpec(kind="oos", reason="标定", until=NOW + HOUR, ticket="JX-0002", measure="便携式检测")
    hold = holds.ask_hold(actor=who, tag=tag, spec=spec, now=NOW)
    holds.allow_hold(actor=second_person(scene), row=hold, now=NOW)
    put_into_service(actor=who, row=tag, reason="标定", until=NOW + HOUR, now=NOW)


def test_two_rules_never_silence_each_other(scene: Scene) -> None:
    one, two, who = make_tag(scene), make_tag(scene, "JYZ001.G1.LT102.PV"), scene.district.enterprise
    suppression.enter_rule(actor=who, tag=one, by_tag=two, comparison="active", value=None, reason="同罐", now=NOW)
    with pytest.raises(Invalid) as refused:
        suppression.enter_rule(actor=who, tag=two, by_tag=one, comparison="active", value=None, reason="同罐", now=NOW)
    assert {"tag", "by_tag"} & set(refused.value.fields)


def test_a_minor_alarm_that_goes_by_itself_may_ask_nobody(scene: Scene) -> None:
    tag = make_tag(scene, priority=4, acks_itself=True)
    row = raised(tag, "L", at=NOW, value=200)
    tell(tag, "L", is_raised=False, at=NOW + MINUTE, value=400)
    row.refresh_from_db()
    assert row.status == "CLOSED"
    with pytest.raises(Invalid) as refused:
        make_tag(scene, "JYZ001.G1.LT103.PV", priority=1, acks_itself=True)
    assert "acks_itself" in refused.value.fields


def shelf(minutes: int, **given: object) -> holds.HoldSpec:
    return holds.HoldSpec(kind="shelf", reason="浮子卡涩，等待备件。", until=NOW + minutes * MINUTE, **given)  # type: ignore[arg-type]


def test_shelved_it_is_silent_and_speaks_again_at_its_end(scene: Scene) -> None:
    tag, who = make_tag(scene, priority=2), scene.district.enterprise
    row = raised(tag, at=NOW)
    with pytest.raises(Invalid) as refused:
        holds.ask_hold(actor=who, tag=tag, spec=shelf(180), now=NOW)
    assert "until" in refused.value.fields
    hold = holds.ask_hold(actor=who, tag=tag, spec=shelf(60, type="HH"), now=NOW)
    row.refresh_from_db()
    assert (hold.status, row.status, row.held_until) == ("STANDING", "SHELVED", hold.until)
    # Another limit of the tag speaks.
    assert raised(tag, "H", at=NOW, value=2200).status == "UNACK"
    alarm_clock.tick(now=NOW + 30 * MINUTE)
    row.refresh_from_db()
    assert row.status == "SHELVED"
    alarm_clock.tick(now=NOW + 61 * MINUTE)
    row.refresh_from_db()
    assert row.status == "UNACK"
    assert row.respond_by == NOW + 61 * MINUTE + 3 * MINUTE
    assert AlarmHold.objects.get().status == "ENDED"


def test_raised_while_shelved_it_is_told_when_the_shelf_ends_and_still_stands(scene: Scene) -> None:
    tag, other, who = make_tag(scene), make_tag(scene, "JYZ001.G1.LT102.PV"), scene.district.enterprise
    for one in (tag, other):
        holds.ask_hold(actor=who, tag=one, spec=shelf(60), now=NOW)
        tell(one, "HH", at=NOW + MINUTE)
    tell(other, "HH", is_raised=False, at=NOW + 2 * MINUTE, value=2000)
    assert not Alarm.objects.exists()
    look_again(PARTITION, now=NOW + 30 * MINUTE)
    assert not Alarm.objects.exists()
    alarm_clock.tick(now=NOW + 61 * MINUTE)
    look_again(PARTITION, now=NOW + 61 * MINUTE)
    assert Alarm.objects.get().tag == tag


def test_many_that_come_back_from_the_shelf_come_one_by_one(scene: Scene) -> None:
    who = scene.district.enterprise
    tags = [make_tag(scene, f"JYZ001.G1.LT20{number}.PV") for number in range(4)]
    for tag in tags:
        raised(tag, at=NOW)
        holds.ask_hold(actor=who, tag=tag, spec=shelf(60), now=NOW)
    end = NOW + 61 * MINUTE
    for number in range(4):
        alarm_clock.tick(now=end + number * 3 * SECOND)
        assert Alarm.objects.filter(status="UNACK").count() == number + 1


def test_a_site_shelves_ten_at_most(scene: Scene) -> None:
    who = scene.district.enterprise
    for number in range(10):
        tag = make_tag(scene, f"JYZ001.G1.LT2{number:02}.PV")
        holds.ask_hold(actor=who, tag=tag, spec=shelf(60), now=NOW)
    with pytest.raises(Conflict):
        holds.ask_hold(actor=who, tag=make_tag(scene), spec=shelf(60), now=NOW)


def test_a_safety_critical_one_is_shelved_by_two_with_a_measure(scene: Scene) -> None:
    tag, who = make_tag(scene, "GDS.1", priority=2, **GAS), scene.district.enterprise
    row = raised(tag, "H", at=NOW, value=30)
    with pytest.raises(Invalid) as refused:
        holds.ask_hold(actor=who, tag=tag, spec=shelf(60), now=NOW)
    assert "measure" in refused.value.fields
    hold = holds.ask_hold(actor=who, tag=tag, spec=shelf(60, measure="便携式检测仪每15分钟检测。"), now=NOW)
    row.refresh_from_db()
    assert (hold.status, row.status) == ("ASKED", "UNACK")
    with pytest.raises(NotPermitted):
        holds.allow_hold(actor=who, row=hold, now=NOW)
    holds.allow_hold(actor=second_person(scene), row=hold, now=NOW + MINUTE)
    row.refresh_from_db()
    assert row.status == "SHELVED"
    tell(tag, "H", is_raised=False, at=NOW + 2 * MINUTE, value=3)
    holds.end_hold(actor=who, row=hold, now=NOW + 3 * MINUTE)
    alarm_clock.tick(now=NOW + 3 * MINUTE)
    row.refresh_from_db()
    assert row.status == "FEEDBACK"


def test_out_of_service_has_a_ticket_a_measure_and_a_test_before_it_returns(scene: Scene) -> None:
    tag, who = make_tag(scene, "CL2.1", **CHLORINE), scene.district.enterprise
    spec = holds.HoldSpec(kind="oos", reason="更换传感器", until=NOW + 24 * HOUR)
    with pytest.raises(Invalid) as refused:
        holds.ask_hold(actor=who, tag=tag, spec=spec, now=NOW)
    assert {"measure", "ticket"} <= set(refused.value.fields)
    spec = holds.HoldSpec(kind="oos", reason="更换传感器", until=NOW + 24 * HOUR, ticket="JX-0001", measure="专人值守")
    hold = holds.ask_hold(actor=who, tag=tag, spec=spec, now=NOW)
    holds.allow_hold(actor=second_person(scene), row=hold, now=NOW)
    with pytest.raises(Invalid):
        holds.end_hold(actor=who, row=hold, now=NOW + HOUR)
    holds.end_hold(actor=who, row=hold, test_record="标准气2 ppm，示值2.0，动作正常。", now=NOW + HOUR)
    assert hold.status == "ENDED"


def test_one_shot_ends_with_the_next_return(scene: Scene) -> None:
    tag, who = make_tag(scene), scene.district.enterprise
    raised(tag, at=NOW)
    hold = holds.ask_hold(actor=who, tag=tag, spec=shelf(60, is_once=True), now=NOW)
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    hold.refresh_from_db()
    assert hold.status == "ENDED"


def test_a_rule_of_the_design_silences_and_never_a_gas_detector(scene: Scene) -> None:
    tag, by_tag, who = make_tag(scene), make_tag(scene, "JYZ001.G1.LT102.PV"), scene.district.enterprise
    gas = make_tag(scene, "GDS.1", **GAS)
    with pytest.raises(Invalid) as refused:
        suppression.enter_rule(
            actor=who, tag=gas, by_tag=by_tag, comparison="active", value=None, reason="随意", now=NOW
        )
    assert "tag" in refused.value.fields
    suppression.enter_rule(
        actor=who, tag=tag, by_tag=by_tag, comparison="active", value=None, reason="同罐两表", now=NOW
    )
    row = raised(tag, at=NOW)
    assert row.status == "UNACK"
    raised(by_tag, at=NOW + SECOND)
    alarm_clock.tick(now=NOW + SECOND)
    row.refresh_from_db()
    assert row.status == "SUPDES"
    tell(by_tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    alarm_clock.tick(now=NOW + MINUTE)
    row.refresh_from_db()
    assert row.status == "SUPDES"
    # What it comes back to by itself is no alarm: after its delays it speaks.
    alarm_clock.tick(now=NOW + 4 * MINUTE)
    row.refresh_from_db()
    assert row.status == "UNACK"


def test_what_a_rule_held_back_is_raised_when_it_still_stands_after_its_delays(scene: Scene) -> None:
    tag, by_tag, who = make_tag(scene), make_tag(scene, "JYZ001.G1.LT102.PV"), scene.district.enterprise
    suppression.enter_rule(
        actor=who, tag=tag, by_tag=by_tag, comparison="active", value=None, reason="同罐两表", now=NOW
    )
    raised(by_tag, at=NOW)
    assert tell(tag, "HH", at=NOW + SECOND) is None
    look_again(PARTITION, now=NOW + MINUTE)
    tell(by_tag, "HH", is_raised=False, at=NOW + 2 * MINUTE, value=2000)
    assert look_again(PARTITION, now=NOW + 2 * MINUTE) == 0
    assert look_again(PARTITION, now=NOW + 5 * MINUTE) == 1


def test_first_out_is_who_was_first_by_the_devices_clock(scene: Scene) -> None:
    one = make_tag(scene, first_out_group="R-101")
    two = make_tag(scene, "JYZ001.G1.LT102.PV", first_out_group="R-101")
    later = raised(one, at=NOW + 2 * SECOND)
    first = raised(two, at=NOW + SECOND, now=NOW + 3 * SECOND)
    later.refresh_from_db()
    assert (first.first_out_seq, later.first_out_seq) == (1, 2)
    for tag in (one, two):
        tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    who = scene.district.enterprise
    for row in (first, later):
        row.refresh_from_db()
        alarms.acknowledge(actor=who, row=row, action="check", now=NOW + MINUTE)
        alarms.answer(actor=who, row=row, reason="R12", measures="联锁试验。", now=NOW + MINUTE)
    assert raised(one, at=NOW + HOUR).first_out_seq == 1
    assert FirstOut.objects.count() == 2


def test_ten_in_ten_minutes_are_a_flood_that_ends_when_they_grow_few(scene: Scene) -> None:
    for number in range(12):
        raised(make_tag(scene, f"JYZ001.G1.LT2{number:02}.PV"), at=NOW + number * 10 * SECOND)
    flood = AlarmFlood.objects.get()
    assert (flood.began_at, flood.count, flood.most) == (NOW + 90 * SECOND, 12, 12)
    assert Alarm.objects.filter(flood=flood).count() == 12
    alarm_clock.tick(now=NOW + 5 * MINUTE)
    assert AlarmFlood.objects.get().ended_at is None
    alarm_clock.tick(now=NOW + 12 * MINUTE)
    assert AlarmFlood.objects.get().ended_at == NOW + 12 * MINUTE


def test_the_lesser_alarm_is_marked_as_what_came_before_the_graver(scene: Scene) -> None:
    tag = make_tag(scene)
    lesser = raised(tag, "H", at=NOW, value=2150)
    graver = raised(tag, "HH", at=NOW + MINUTE)
    lesser.refresh_from_db()
    assert lesser.consequence_of == graver


def test_alarms_end_with_their_tag(scene: Scene) -> None:
    tag = make_tag(scene)
    row = raised(tag, at=NOW)
    end_tag(actor=scene.district.enterprise, row=tag, reason="罐已拆除", now=NOW + HOUR)
    alarm_clock.tick(now=NOW + HOUR)
    row.refresh_from_db()
    assert row.status == "CLOSED"


def test_the_authority_looks_at_answers_again(scene: Scene) -> None:
    tag, who, office = make_tag(scene), scene.district.enterprise, scene.district.officer
    row = raised(tag, "H", at=NOW, value=2200)
    with pytest.raises(Conflict):
        alarms.review(actor=office, row=row, verdict="false", note="现场无作业", now=NOW)
    alarms.acknowledge(actor=who, row=row, action="check", now=NOW)
    alarms.answer(actor=who, row=row, reason="R12", measures="演练。", now=NOW)
    with pytest.raises(Invalid):
        alarms.review(actor=office, row=row, verdict="false", note="", now=NOW)
    alarms.review(actor=office, row=row, verdict="false", note="现场无演练记录", now=NOW)
    with pytest.raises(NotPermitted):
        alarms.review(actor=who, row=row, verdict="true", note="", now=NOW)
    assert row.reviews.count() == 1


def test_how_a_condition_stands_is_kept(scene: Scene) -> None:
    tag = make_tag(scene)
    raised(tag, at=NOW)
    assert AlarmCondition.objects.get(tag=tag, type="HH").is_active
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    assert not AlarmCondition.objects.get(tag=tag, type="HH").is_active
