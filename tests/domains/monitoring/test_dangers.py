"""From alarm to hidden danger: by conditions that stand, and by a person's judgement."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from tests.domains.monitoring.alarm_scene import raised, tell
from tests.domains.monitoring.tag_scene import GAS, Scene, make_scene, make_tag
from tests.factories import NOW

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services.findings import discard_finding
from quancheng.domains.monitoring.models import Alarm, Tag, TagFinding
from quancheng.domains.monitoring.services import alarms
from quancheng.domains.monitoring.services.dangers import DangerSpec, look_for_dangers, make_finding
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def cycle(tag: Tag, times: int, *, begin: object = NOW, every: timedelta = HOUR) -> None:
    """A limit passed and left again, so many times; each is answered and ended."""
    for number in range(times):
        at = begin + number * every  # type: ignore[operator]
        tell(tag, "H", at=at, value=2130)
        tell(tag, "H", is_raised=False, at=at + MINUTE, value=2000)


def test_five_times_within_a_day_is_a_danger_once(scene: Scene) -> None:
    tag = make_tag(scene, priority=3)
    cycle(tag, 4)
    assert look_for_dangers(now=NOW + 5 * HOUR) == 0
    cycle(tag, 1, begin=NOW + 5 * HOUR)
    assert look_for_dangers(now=NOW + 6 * HOUR) == 1
    assert look_for_dangers(now=NOW + 7 * HOUR) == 0
    found = Finding.objects.get()
    assert (found.channel, found.status, found.is_by_regulator) == ("alarm", "REPORTED", True)
    assert found.finder_org_id == scene.file.supervisor_id
    assert "5次" in found.description
    assert Alarm.objects.get().finding == found


def test_ten_within_a_week_is_one_too(scene: Scene) -> None:
    tag = make_tag(scene, priority=3)
    cycle(tag, 10, every=16 * HOUR)
    assert look_for_dangers(now=NOW + 9 * 16 * HOUR + HOUR) == 1
    assert TagFinding.objects.get().cause == "repeated"


def test_what_was_put_right_counts_for_nothing_any_more(scene: Scene) -> None:
    tag = make_tag(scene, priority=3)
    cycle(tag, 5)
    assert look_for_dangers(now=NOW + 5 * HOUR) == 1
    found, who = Finding.objects.get(), scene.district.department
    discard_finding(actor=who, row=found, name="drop", reason="标定后正常", now=NOW + 6 * HOUR)
    assert look_for_dangers(now=NOW + 7 * HOUR) == 0
    cycle(tag, 5, begin=NOW + 8 * HOUR)
    assert look_for_dangers(now=NOW + 13 * HOUR) == 1


def test_an_alarm_that_stands_for_a_day_is_one(scene: Scene) -> None:
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    assert look_for_dangers(now=NOW + DAY - MINUTE) == 0
    assert look_for_dangers(now=NOW + DAY) == 1
    assert TagFinding.objects.get().cause == "standing"


def test_a_fault_of_an_instrument_counts_where_it_guards_something(scene: Scene) -> None:
    raised(make_tag(scene, "GDS.1", **GAS, is_critical=True), "INSTR", at=NOW, value=0)
    assert look_for_dangers(now=NOW + DAY) == 1
    assert (TagFinding.objects.get().cause, Finding.objects.get().type) == ("instrument", "instrument")


def test_the_first_priority_seen_and_left_alone_is_one_when_escalation_ends(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=1), at=NOW)
    alarms.acknowledge(actor=scene.district.enterprise, row=row, action="none", now=NOW + MINUTE)
    assert look_for_dangers(now=NOW + 30 * MINUTE) == 0
    assert look_for_dangers(now=NOW + 31 * MINUTE) == 1
    assert TagFinding.objects.get().cause == "no_action"


def test_limits_beyond_what_is_allowed_are_one_without_any_alarm(scene: Scene) -> None:
    tag = make_tag(scene, "GDS.1", **GAS)
    Tag.objects.filter(pk=tag.pk).update(is_loosened=True, exempted_until=(NOW - DAY).date())
    assert look_for_dangers(now=NOW) == 1
    assert TagFinding.objects.get().cause == "loosened"


def test_what_is_shelved_makes_none(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    Alarm.objects.filter(pk=row.pk).update(status="SHELVED")
    assert look_for_dangers(now=NOW + DAY) == 0


@pytest.mark.django_db(transaction=True)
def test_two_processes_make_one() -> None:
    scene = make_scene()
    raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    gate = threading.Barrier(2)

    def run() -> None:
        gate.wait()
        try:
            look_for_dangers(now=NOW + DAY)
        finally:
            connection.close()

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert Finding.objects.count() == TagFinding.objects.count() == 1


def test_a_person_makes_one_of_an_alarm(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=3), "H", at=NOW, value=2130)
    spec = DangerSpec(name="液位计显示偏高")
    with pytest.raises(NotPermitted):
        make_finding(actor=scene.district.other_enterprise, row=row, spec=spec, now=NOW)
    with pytest.raises(Invalid):
        make_finding(actor=scene.district.enterprise, row=row, spec=DangerSpec(name=" "), now=NOW)
    made = make_finding(actor=scene.district.enterprise, row=row, spec=spec, now=NOW)
    row.refresh_from_db()
    assert (row.finding, made.channel, made.is_by_regulator) == (made, "alarm", False)
    with pytest.raises(Conflict):
        make_finding(actor=scene.district.department, row=row, spec=spec, now=NOW)
