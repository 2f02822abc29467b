"""Outages begin and end by what comes in, are explained by the enterprise, and told to the office that supervises."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.watch_scene import Watched, make_watched, seen, told
from tests.factories import client_of, make_actor, make_member

from quancheng.domains.monitoring.models import HouseTrouble, OfflineNotice, Outage, WatchRule
from quancheng.domains.monitoring.services.outages import keep_outages, state_cause
from quancheng.domains.monitoring.services.sources import block_source
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)


@pytest.fixture
def scene(settings: Any, telemetry_url: str) -> Watched:
    return make_watched(telemetry_url, settings, timezone.now().replace(second=0, microsecond=0))


def offline(scene: Watched, minutes: int) -> None:
    at = scene.now - minutes * MIN
    seen(scene.source, is_online=False, last_at=at, since_at=at)


def online(scene: Watched) -> None:
    seen(scene.source, is_online=True, last_at=scene.now, since_at=scene.now - timedelta(hours=5))


@pytest.mark.parametrize(("minutes", "opened"), [(14, 0), (15, 0), (16, 1)])
def test_a_source_is_out_after_a_quarter_of_an_hour_without_a_sign(scene: Watched, minutes: int, opened: int) -> None:
    offline(scene, minutes)
    assert keep_outages(now=scene.now) == (opened, 0)
    assert keep_outages(now=scene.now) == (0, 0)
    assert Outage.objects.count() == opened
    if opened:
        row = Outage.objects.get()
        assert row.began_at == scene.now - 16 * MIN
        assert WorkItem.objects.open().get(subject_id=row.pk).owner_org_id == scene.file.pk


def test_a_source_that_never_told_anything_is_not_connected_and_not_out(scene: Watched) -> None:
    assert keep_outages(now=scene.now) == (0, 0)


def test_it_ends_when_data_come_again_and_is_closed_by_the_enterprises_word(scene: Watched) -> None:
    offline(scene, 30)
    keep_outages(now=scene.now)
    back = scene.now + 20 * MIN
    seen(scene.source, is_online=True, last_at=back, since_at=back)
    told(scene, [scene.level, scene.heat, scene.climate], scene.now + 15 * MIN, 6)
    assert keep_outages(now=back + MIN) == (0, 1)
    row = Outage.objects.get()
    assert (row.status, row.ended_at) == ("RESTORED", back)
    browser = client_of(scene.district.enterprise)
    address = reverse("monitoring:outage", args=[row.pk])
    wrong = browser.post(address, {"act": "explain", "cause": "power", "measures": ""})
    assert wrong.status_code == 422
    assert browser.post(address, {"act": "explain", "cause": "power", "measures": "启用备用电源"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.cause, row.measures) == ("CLOSED", "power", "启用备用电源")


def test_what_was_stated_while_it_lasted_closes_by_itself(scene: Watched) -> None:
    offline(scene, 30)
    keep_outages(now=scene.now)
    row = Outage.objects.get()
    answer = client_of(scene.district.enterprise).post(
        f"/api/v1/monitoring/outages/{row.pk}/cause", {"cause": "network", "measures": "人工巡检，每小时一次"},
        content_type="application/json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["status"]) == (200, "STATED")
    online(scene)
    keep_outages(now=scene.now + MIN)
    row.refresh_from_db()
    assert row.status == "CLOSED"
    assert not WorkItem.objects.open().filter(subject_id=row.pk).exists()


def test_what_nobody_explains_lapses_after_its_days(scene: Watched) -> None:
    offline(scene, 30)
    keep_outages(now=scene.now)
    online(scene)
    keep_outages(now=scene.now + MIN)
    assert Outage.objects.get().status == "RESTORED"
    keep_outages(now=scene.now + timedelta(days=6))
    assert Outage.objects.get().status == "RESTORED"
    keep_outages(now=scene.now + timedelta(days=7, minutes=2))
    assert Outage.objects.get().status == "LAPSED"


def test_only_the_enterprise_states_a_cause_and_strangers_see_nothing(scene: Watched) -> None:
    offline(scene, 30)
    keep_outages(now=scene.now)
    address = reverse("monitoring:outage", args=[Outage.objects.get().pk])
    given = {"act": "state", "cause": "power", "measures": "x"}
    assert client_of(scene.district.town).post(address, given).status_code == 403
    assert client_of(scene.district.other_enterprise).get(address).status_code == 404
    assert "接入源离线" in client_of(scene.district.town).get(address).content.decode()


def test_an_hour_without_a_notice_is_told_to_the_supervising_office_once(scene: Watched) -> None:
    watcher = make_member(scene.file.supervisor, "department.officer")
    offline(scene, 59)
    keep_outages(now=scene.now)
    mine = Notice.objects.filter(kind="monitoring.outage_lasts", user=watcher.user_id)
    assert not mine.exists()
    for _again in range(2):
        keep_outages(now=scene.now + 2 * MIN)
    assert mine.count() == 1
    assert Outage.objects.get().told_at == scene.now + 2 * MIN


def test_tags_without_usable_values_are_one_outage_for_each_facility(scene: Watched) -> None:
    online(scene)
    told(scene, [scene.level, scene.heat], scene.now - 60 * MIN, 30)
    told(scene, [scene.climate], scene.now - 60 * MIN, 59)
    assert keep_outages(now=scene.now) == (1, 0)
    row = Outage.objects.get()
    assert (row.kind, row.facility_id, row.tags) == ("tags", scene.tank.pk, sorted([scene.level.number,
            scene.heat.number]))  # fmt: skip
    assert row.began_at == scene.now - 30 * MIN
    told(scene, [scene.level], scene.now, 10)
    told(scene, [scene.climate], scene.now - MIN, 11)
    later = scene.now + 10 * MIN
    keep_outages(now=later)
    row.refresh_from_db()
    assert (row.tags, row.ended_at) == ([scene.heat.number], None)
    told(scene, [scene.level, scene.heat, scene.climate], later, 5)
    assert keep_outages(now=later + 5 * MIN) == (0, 1)


def test_tags_of_a_silent_source_are_no_outage_of_their_own(scene: Watched) -> None:
    told(scene, [scene.level], scene.now - 60 * MIN, 30)
    offline(scene, 30)
    assert keep_outages(now=scene.now) == (1, 0)
    assert Outage.objects.get().kind == "source"


def test_while_the_platform_itself_does_not_work_nobody_is_silent(scene: Watched) -> None:
    offline(scene, 120)
    trouble = HouseTrouble.objects.create(code="gateway", began_at=scene.now - 90 * MIN)
    assert keep_outages(now=scene.now) == (0, 0)
    HouseTrouble.objects.filter(pk=trouble.pk).update(ended_at=scene.now)
    assert keep_outages(now=scene.now + 14 * MIN) == (0, 0)
    assert keep_outages(now=scene.now + 16 * MIN) == (1, 0)
    assert Outage.objects.get().began_at == scene.now


def test_a_full_stream_is_no_excuse(scene: Watched) -> None:
    offline(scene, 30)
    HouseTrouble.objects.create(code="fill", began_at=scene.now - 90 * MIN)
    assert keep_outages(now=scene.now) == (1, 0)


def test_a_source_that_is_shut_out_and_has_no_tags_left_is_dropped(scene: Watched) -> None:
    offline(scene, 30)
    keep_outages(now=scene.now)
    block_source(actor=scene.district.enterprise, row=scene.source, reason="拆除", now=scene.now)
    keep_outages(now=scene.now + MIN)
    assert Outage.objects.get().status == "OPEN"
    scene.source.tags.update(status="ended")
    keep_outages(now=scene.now + 2 * MIN)
    assert Outage.objects.get().status == "DROPPED"


def post_notice(scene: Watched, begins: datetime, ends: datetime, **more: Any) -> Any:
    given = {
        "begins_at": timezone.localtime(begins).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(ends).strftime("%Y-%m-%dT%H:%M"), "reason": "repair", "detail": "更换网关",
        "measures": "每小时人工检尺", **more,
    }  # fmt: skip
    return client_of(scene.district.enterprise).post(reverse("monitoring:notice_new", args=[scene.source.pk]), given)


def test_what_was_filed_beforehand_is_no_outage_until_its_end(scene: Watched) -> None:
    assert post_notice(scene, scene.now, scene.now + timedelta(hours=2)).status_code == 303
    row = OfflineNotice.objects.get()
    offline(scene, 0)
    assert keep_outages(now=scene.now + 90 * MIN) == (0, 0)
    assert keep_outages(now=scene.now + 130 * MIN) == (0, 0)
    assert keep_outages(now=scene.now + 136 * MIN) == (1, 0)
    assert Outage.objects.get().began_at == row.ends_at
    page = client_of(scene.district.town).get(reverse("monitoring:notice", args=[row.pk]))
    assert "更换网关" in page.content.decode()


def test_a_notice_of_one_tag_covers_no_other(scene: Watched) -> None:
    post_notice(scene, scene.now, scene.now + timedelta(hours=2), tags=[scene.level.number])
    told(scene, [scene.level, scene.heat, scene.climate], scene.now - 60 * MIN, 60)
    online(scene)
    told(scene, [scene.climate], scene.now, 60)
    keep_outages(now=scene.now + 60 * MIN)
    assert Outage.objects.get().tags == [scene.heat.number]


@pytest.mark.parametrize(
    ("begin", "hours", "more", "field"),
    [(-60, 2, {}, "begins_at"), (5, 0, {}, "ends_at"), (5, 24 * 400, {}, "ends_at"),
     (5, 2, {"measures": " "}, "measures"),
     (5, 2, {"tags": ["999999"]}, "tags"), (5, 2, {"reason": "x"}, "reason")],
)  # fmt: skip
def test_a_notice_that_cannot_be_says_where(scene: Watched, begin: int, hours: int, more: Any, field: str) -> None:
    at = scene.now + begin * MIN
    answer = post_notice(scene, at, at + timedelta(hours=hours), **more)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not OfflineNotice.objects.exists()


def test_too_long_and_too_many_are_marked_for_all_who_see_them(scene: Watched) -> None:
    for number in range(4):
        at = scene.now + timedelta(hours=10 * number)
        post_notice(scene, at, at + (timedelta(days=8) if number == 0 else timedelta(hours=1)))
    assert [(one.is_long, one.is_often) for one in OfflineNotice.objects.order_by("created_at")] == [
        (True, False), (False, False), (False, False), (False, True),
    ]  # fmt: skip
    browser = client_of(scene.district.town)
    for name, count in (("long", 1), ("often", 1)):
        assert len(browser.get(reverse("monitoring:notices"), {name: "1"}).context["lines"]) == count


def test_a_period_is_ended_early_once(scene: Watched) -> None:
    post_notice(scene, scene.now, scene.now + timedelta(hours=2))
    row = OfflineNotice.objects.get()
    address = f"/api/v1/monitoring/offline-notices/{row.pk}/end"
    answers = [
        client_of(who).post(address, {}, content_type="application/json").status_code
        for who in (scene.district.town, scene.district.enterprise, scene.district.enterprise)
    ]
    assert answers == [403, 200, 409]


def test_the_district_sets_its_figures_and_they_count_from_then_on(scene: Watched) -> None:
    offline(scene, 10)
    assert keep_outages(now=scene.now) == (0, 0)
    browser = client_of(make_actor(scene.file.supervisor, "department.head"))
    address = reverse("monitoring:watch_rule_new")
    page = browser.get(address)
    given = {**page.context["form"].initial, "source_offline_min": 5, "reason": "夜间值守"}
    assert browser.post(address, {**given, "target_e4": 100}).status_code == 422
    assert browser.post(address, given).status_code == 303
    assert WatchRule.objects.get().figures["source_offline_min"] == 5
    assert keep_outages(now=scene.now) == (1, 0)
    assert client_of(scene.district.enterprise).get(address).status_code == 403


def test_refusals_are_those_of_the_house(scene: Watched) -> None:
    offline(scene, 30)
    keep_outages(now=scene.now)
    row = Outage.objects.get()
    with pytest.raises(Invalid):
        state_cause(actor=scene.district.enterprise, row=row, cause="x", measures="", now=scene.now)
    with pytest.raises(NotPermitted):
        state_cause(actor=scene.district.town, row=row, cause="power", measures="x", now=scene.now)
    old = Outage.objects.get()
    state_cause(actor=scene.district.enterprise, row=row, cause="power", measures="x", now=scene.now)
    with pytest.raises(StaleState):
        state_cause(actor=scene.district.enterprise, row=old, cause="power", measures="x", now=scene.now)
