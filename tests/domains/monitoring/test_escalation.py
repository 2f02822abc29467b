"""Who is told of an alarm that nobody answers, and what organisations' own rules make of it."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.domains.monitoring.alarm_scene import raised, tell
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag
from tests.factories import NOW, make_actor

from quancheng.domains.monitoring.models import Alarm, AlarmTold, EscalationTable, TellingRule
from quancheng.domains.monitoring.queries.escalation import shipped, waiting_alarms
from quancheng.domains.monitoring.services import alarm_clock, alarms, escalation, telling_rules, telling_windows
from quancheng.domains.monitoring.services.escalation import escalate
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.notices import channels
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
#: 09:00 and 22:00 local on the day of the tests.
NIGHT = NOW + 13 * HOUR


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def told(step: int | None = None, outcome: str = "told") -> set[str]:
    rows = AlarmTold.objects.filter(outcome=outcome, person__isnull=False)
    if step is not None:
        rows = rows.filter(step=step)
    return set(rows.values_list("person__name", flat=True))


def shelfless(**known: object) -> telling_rules.RuleSpec:
    return telling_rules.RuleSpec(**{"name": "夜间", **known})  # type: ignore[arg-type]


def window(begins: str, ends: str, *, weekdays: tuple[int, ...] = (), days: str = "any") -> dict[str, object]:
    return {"weekdays": list(weekdays), "days": days, "begins": begins, "ends": ends}


def test_an_alarm_climbs_until_somebody_does_something(scene: Scene) -> None:
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker", name="操作工")
    safety = make_actor(scene.district.enterprise_org, "enterprise.safety", name="安全员")
    keeper = scene.district.enterprise
    head = make_actor(scene.district.enterprise_org, "enterprise.head", name="厂长")
    row = raised(make_tag(scene, priority=1), at=NOW)
    alarm_clock.tick(now=NOW)
    assert told(0) == {worker.name, safety.name, head.name, keeper.name}
    alarm_clock.tick(now=NOW + 59 * SECOND)
    assert AlarmTold.objects.filter(step__gt=0).count() == 0
    alarm_clock.tick(now=NOW + 60 * SECOND)
    assert told(1) == {safety.name, head.name, keeper.name}
    alarms.acknowledge(actor=worker, row=row, action="none", now=NOW + 90 * SECOND)
    alarm_clock.tick(now=NOW + 5 * MINUTE)
    assert told(3) == {head.name}
    alarm_clock.tick(now=NOW + 10 * MINUTE)
    assert told(4) >= {scene.district.department.name}
    alarm_clock.tick(now=NOW + 20 * MINUTE)
    assert told(5) == {scene.district.department_head.name, scene.district.town.name}
    alarm_clock.tick(now=NOW + 30 * MINUTE)
    last = AlarmTold.objects.get(step=6)
    assert (last.channel, last.outcome, last.person_id) == ("city", "channel", None)
    row.refresh_from_db()
    assert row.step == 6


def test_a_measure_ends_it(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=1), at=NOW)
    escalate(now=NOW)
    alarms.acknowledge(actor=scene.district.enterprise, row=row, action="stop", now=NOW + 30 * SECOND)
    assert escalate(now=NOW + HOUR) == 0
    assert not AlarmTold.objects.filter(step__gt=0).exists()


def test_after_an_outage_every_step_that_is_due_is_told_once(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=1), at=NOW)
    assert escalate(now=NOW + 12 * MINUTE) == 1
    assert set(AlarmTold.objects.values_list("step", flat=True)) == {0, 1, 2, 3, 4}
    count = Notice.objects.count()
    assert escalate(now=NOW + 12 * MINUTE) == 0
    assert Notice.objects.count() == count
    row.refresh_from_db()
    assert row.step == 4


def test_a_repetition_begins_with_the_shift_leader(scene: Scene) -> None:
    tag = make_tag(scene, priority=2)
    row = raised(tag, at=NOW)
    escalate(now=NOW)
    alarms.acknowledge(actor=scene.district.enterprise, row=row, action="check", now=NOW + SECOND)
    tell(tag, "HH", is_raised=False, at=NOW + MINUTE, value=2000)
    raised(tag, at=NOW + 2 * MINUTE)
    escalate(now=NOW + 2 * MINUTE)
    assert set(AlarmTold.objects.values_list("step", flat=True)) == {0, 1}


def test_the_lowest_priority_is_told_to_operators_alone(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=4), "H", at=NOW, value=2130)
    escalate(now=NOW)
    escalate(now=NOW + timedelta(days=2))
    row.refresh_from_db()
    assert row.step == 0


def test_a_quiet_house_costs_two_queries(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    escalate(now=NOW)
    with CaptureQueriesContext(connection) as asked:
        assert escalate(now=NOW + SECOND) == 0
    assert len(asked) == 2
    assert row.pk


@pytest.mark.django_db(transaction=True)
def test_two_processes_tell_once() -> None:
    scene = make_scene()
    raised(make_tag(scene, priority=1), at=NOW)
    gate = threading.Barrier(2)

    def run() -> None:
        gate.wait()
        try:
            escalate(now=NOW)
        finally:
            connection.close()

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    people = list(AlarmTold.objects.values_list("person", flat=True))
    assert len(people) == len(set(people)) > 0


def test_the_office_sets_other_times_from_a_day_on(scene: Scene) -> None:
    after = {step: dict(by) for step, by in shipped().after_s.items()}
    after[1][1] = 30
    today = date(2026, 9, 8)
    with pytest.raises(NotPermitted):
        escalation.set_steps(actor=scene.district.enterprise, after_s=after, reason="x", from_date=today, now=NOW)
    bad = {**after, 2: {**after[2], 1: 20}}
    with pytest.raises(Invalid) as wrong:
        escalation.set_steps(actor=scene.district.officer, after_s=bad, reason="演练", from_date=today, now=NOW)
    assert set(wrong.value.fields) == {"s2_p1"}
    escalation.set_steps(actor=scene.district.officer, after_s=after, reason="省级文件", from_date=today, now=NOW)
    assert EscalationTable.objects.get().after_s["1"]["1"] == 30
    row = raised(make_tag(scene, priority=1), at=NOW)
    escalate(now=NOW + 30 * SECOND)
    row.refresh_from_db()
    assert row.step == 1


# Rules of organisations -------------------------------------------------------------------------------------------


def enter(actor: Actor, **known: object) -> TellingRule:
    return telling_rules.enter_rule(actor=actor, spec=shelfless(**known), now=NOW)


def test_outside_its_hours_a_rule_tells_nobody_and_it_is_written_down(scene: Scene) -> None:
    who = scene.district.enterprise
    enter(who, windows=[window("08:00", "18:00")], duty="monitoring.answer")
    raised(make_tag(scene, priority=3), "H", at=NIGHT, value=2130)
    escalate(now=NIGHT)
    assert told(0) == set()
    assert told(0, "hours") == {who.name}
    raised(make_tag(scene, "JYZ001.G1.LT102.PV", priority=3), "H", at=NOW + timedelta(days=1), value=2130)
    escalate(now=NOW + timedelta(days=1))
    assert told(0) == {who.name}


def test_what_still_stands_is_told_when_the_window_opens_once_and_the_gravest_first(scene: Scene) -> None:
    who, morning = scene.district.enterprise, NIGHT + 10 * HOUR
    enter(who, windows=[window("08:00", "18:00")], duty="monitoring.answer")
    minor = raised(make_tag(scene, priority=4), "H", at=NIGHT, value=2130)
    grave = raised(make_tag(scene, "JYZ001.G1.LT102.PV", priority=3), "H", at=NIGHT + MINUTE, value=2130)
    gone = make_tag(scene, "JYZ001.G1.LT103.PV", priority=3)
    raised(gone, "H", at=NIGHT, value=2130)
    held = raised(make_tag(scene, "JYZ001.G1.LT104.PV", priority=3), "H", at=NIGHT, value=2130)
    for minutes in (1, 60):
        escalate(now=NIGHT + minutes * MINUTE)
    tell(gone, "H", is_raised=False, at=NIGHT + HOUR, value=2000.0)
    Alarm.objects.filter(pk=held.pk).update(status="SHELVED")
    assert telling_windows.tell_opened(now=morning - MINUTE) == 0
    assert told() == set()
    Notice.objects.all().delete()
    assert telling_windows.tell_opened(now=morning) == 2
    lines = AlarmTold.objects.filter(outcome="told").order_by("pk")
    assert [(line.alarm_id, line.person_id) for line in lines] == [(grave.pk, who.user_id), (minor.pk, who.user_id)]
    # Of the highest step of which he was not told, and of no other.
    kept = AlarmTold.objects.filter(outcome="hours", alarm=grave)
    assert lines[0].step == max(kept.values_list("step", flat=True)) > 0
    assert Notice.objects.filter(user=who.user_id).count() == 2
    for minutes in (1, 2, 24 * 60):
        assert telling_windows.tell_opened(now=morning + minutes * MINUTE) == 0


def test_the_limit_of_an_hour_holds_when_a_window_opens_and_a_rule_that_ended_opens_it(scene: Scene) -> None:
    who, morning = scene.district.enterprise, NIGHT + 10 * HOUR
    enter(who, windows=[window("08:00", "18:00")], duty="monitoring.answer", limit_per_hour=1)
    for number in range(3):
        raised(make_tag(scene, f"JYZ001.G1.LT10{number}.PV", priority=4), "H", at=NIGHT, value=2130)
    escalate(now=NIGHT)
    assert telling_windows.tell_opened(now=morning) == 3
    assert list(AlarmTold.objects.filter(at=morning).order_by("pk").values_list("outcome", flat=True)) == [
        "told", "gathered", "gathered"
    ]  # fmt: skip
    tag = make_tag(scene, "JYZ001.G1.LT109.PV", priority=4)
    row = raised(tag, "H", at=NIGHT + 24 * HOUR, value=2130)
    escalate(now=NIGHT + 24 * HOUR)
    rule = TellingRule.objects.get()
    telling_rules.end_rule(actor=who, row=rule, now=NIGHT + 25 * HOUR)
    assert telling_windows.tell_opened(now=NIGHT + 25 * HOUR) > 0
    assert AlarmTold.objects.filter(alarm=row, outcome="told", person=who.user_id).count() == 1


def test_who_waits_on_keeps_nobody_behind_him_waiting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling_windows, "MOST", 1)
    who, morning = scene.district.enterprise, NIGHT + 10 * HOUR
    enter(who, windows=[window("08:00", "18:00")], duty="monitoring.answer", priorities=[3])
    enter(who, windows=[window("12:00", "18:00")], duty="monitoring.answer", priorities=[2])
    for number, priority in enumerate((2, 3, 3)):
        limit, value = ("HH", 2300) if priority == 2 else ("H", 2130)
        raised(make_tag(scene, f"JYZ001.G1.LT10{number}.PV", priority=priority), limit, at=NIGHT, value=value)
    escalate(now=NIGHT)
    assert telling_windows.tell_opened(now=morning) == 2
    assert list(AlarmTold.objects.filter(outcome="told").values_list("alarm__priority", flat=True)) == [3, 3]
    # Whoever was told waits no more; whose window is closed is not locked, and costs no query of his own.
    assert [row.priority for row in waiting_alarms(most=9)] == [2]
    with CaptureQueriesContext(connection) as asked:
        assert telling_windows.tell_opened(now=morning + MINUTE) == 0
    assert not any("FOR " in one["sql"] for one in asked.captured_queries)
    assert telling_windows.tell_opened(now=morning + 4 * HOUR) == 1


def test_what_was_handled_in_the_night_is_not_told_as_unhandled(scene: Scene) -> None:
    who, morning = scene.district.enterprise, NIGHT + 10 * HOUR
    enter(who, windows=[window("08:00", "18:00")], duty="monitoring.answer")
    row = raised(make_tag(scene, priority=3), "H", at=NIGHT, value=2130)
    escalate(now=NIGHT + 2 * HOUR)
    alarms.acknowledge(actor=who, row=row, action="stop", now=NIGHT + 2 * HOUR)
    Notice.objects.all().delete()
    assert telling_windows.tell_opened(now=morning) == 1
    notice = Notice.objects.get(user=who.user_id)
    assert (notice.kind, notice.data["minutes"]) == ("monitoring.alarm_opened", 600)


def test_two_looks_for_opened_windows_tell_once_and_a_quiet_house_costs_one_query(scene: Scene) -> None:
    with CaptureQueriesContext(connection) as queries:
        telling_windows.tell_opened(now=NOW)
    assert len(queries) == 1
    who, morning = scene.district.enterprise, NIGHT + 10 * HOUR
    enter(who, windows=[window("08:00", "18:00")], duty="monitoring.answer")
    raised(make_tag(scene, priority=4), "H", at=NIGHT, value=2130)
    escalate(now=NIGHT)
    (stood,) = waiting_alarms(most=9)
    assert telling_windows.tell_opened(now=morning) == 1
    # Another process that had read the same alarm before finds what was told.
    assert telling_windows._tell(stood, {}, now=morning) == 0


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_began(scene: Scene) -> None:
    # 2026-09-08 is a Tuesday: its night window is open at 02:00 on Wednesday, and not at 02:00 on Tuesday.
    who = scene.district.enterprise
    enter(who, windows=[window("20:00", "06:00", weekdays=(1,))], duty="monitoring.answer")
    for hours, expected in ((-7, "hours"), (17, "told")):
        tag = make_tag(scene, f"JYZ001.G1.LT1{hours + 50}.PV", priority=3)
        at = NOW + hours * HOUR
        row = raised(tag, "H", at=at, value=2130)
        escalate(now=at)
        assert AlarmTold.objects.get(alarm=row).outcome == expected


def test_holidays_are_those_of_the_calendar(scene: Scene) -> None:
    who = scene.district.enterprise
    enter(who, windows=[window("00:00", "00:00", days="working")], duty="monitoring.answer")
    saturday = NOW + timedelta(days=4)
    row = raised(make_tag(scene, priority=3), "H", at=saturday, value=2130)
    escalate(now=saturday)
    assert AlarmTold.objects.get(alarm=row).outcome == "hours"


def test_the_first_priority_is_never_silenced(scene: Scene) -> None:
    who = scene.district.enterprise
    enter(who, windows=[window("08:00", "08:01")], duty="monitoring.answer", limit_per_hour=1, priorities=[3])
    for number in range(3):
        raised(make_tag(scene, f"JYZ001.G1.LT10{number}.PV", priority=1), at=NIGHT)
    escalate(now=NIGHT)
    assert AlarmTold.objects.filter(outcome="told", step=0).count() == 3
    assert Notice.objects.filter(user=who.user_id, kind="monitoring.alarm").count() == 3


def test_beyond_the_limit_of_an_hour_alarms_come_in_one_notice(scene: Scene) -> None:
    who = scene.district.enterprise
    enter(who, limit_per_hour=2, duty="monitoring.answer")
    for number in range(4):
        raised(make_tag(scene, f"JYZ001.G1.LT10{number}.PV", priority=2), at=NOW)
    escalate(now=NOW)
    assert Notice.objects.filter(kind="monitoring.alarm").count() == 2
    assert Notice.objects.get(kind="monitoring.alarms_gathered").data["count"] == 2
    assert AlarmTold.objects.filter(outcome="gathered").count() == 2


def test_a_flood_of_lesser_alarms_is_one_notice(scene: Scene) -> None:
    for number in range(12):
        raised(make_tag(scene, f"JYZ001.G1.LT1{number:02}.PV", priority=3), "H", at=NOW, value=2130)
    raised(make_tag(scene, "JYZ001.G1.LT200.PV", priority=2), at=NOW)
    escalate(now=NOW)
    assert Notice.objects.get(kind="monitoring.alarms_gathered").data["count"] == 12
    assert Notice.objects.filter(kind="monitoring.alarm").count() == 1
    assert Alarm.objects.filter(step=0).count() == 13


def test_named_persons_are_told_as_long_as_they_stand_there(scene: Scene) -> None:
    who = scene.district.enterprise
    other = make_actor(scene.district.enterprise_org, "enterprise.viewer", name="值班长")
    enter(who, persons=[other.user_id])
    raised(make_tag(scene, priority=2), at=NOW)
    escalate(now=NOW)
    assert told(0) == {"值班长"}
    with pytest.raises(Invalid) as stranger:
        enter(who, persons=[scene.district.town.user_id])
    assert "persons" in stranger.value.fields


def test_what_no_rule_speaks_of_is_told_as_if_there_were_none(scene: Scene) -> None:
    enter(scene.district.enterprise, priorities=[1, 2], duty="monitoring.answer")
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    escalate(now=NOW)
    assert {line.outcome for line in AlarmTold.objects.all()} == {"told"}


def test_a_channel_that_is_chosen_is_the_one_that_is_used(scene: Scene) -> None:
    sent: list[str] = []

    class Text:
        name = "text"

        def send(self, notice: Notice) -> None:
            sent.append(notice.kind)

    who = scene.district.enterprise
    with pytest.raises(Invalid):
        enter(who, channels=["text"], duty="monitoring.answer")
    channels.register_channel(Text())
    try:
        rule = enter(who, channels=["text"], duty="monitoring.answer")
        raised(make_tag(scene, priority=2), at=NOW)
        escalate(now=NOW)
        assert set(AlarmTold.objects.values_list("channel", "outcome")) == {("inbox", "told"), ("text", "told")}
    finally:
        channels.unregister_channel("text")
    raised(make_tag(scene, "JYZ001.G1.LT102.PV", priority=2), at=NOW)
    escalate(now=NOW)
    assert ("text", "channel") in set(AlarmTold.objects.filter(rule=rule).values_list("channel", "outcome"))


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"name": " "}, "name"),
        ({"windows": [window("25:00", "18:00")]}, "windows"),
        ({"windows": [window("08:00", "18:00", weekdays=(7,))]}, "windows"),
        ({"windows": [window("08:00", "18:00", days="moon")]}, "windows"),
        ({"limit_per_hour": 0}, "limit_per_hour"),
        ({"priorities": [5]}, "priorities"),
        ({"types": ["XX"]}, "types"),
        ({"steps": [9]}, "steps"),
        ({"duty": "people.manage"}, "duty"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_where_it_is_wrong(scene: Scene, known: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        enter(scene.district.enterprise, **known)
    assert set(wrong.value.fields) == {field}


def test_who_has_not_the_duty_sets_no_rule(scene: Scene) -> None:
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker")
    with pytest.raises(NotPermitted):
        enter(worker)
