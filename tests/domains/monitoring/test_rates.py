"""Online rates by day and for today; the pages on which the connection of each hazard, place and sensor is seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.watch_scene import Watched, make_watched, seen, told
from tests.factories import client_of

from quancheng.domains.monitoring.models import FileDay, HouseTrouble, OfflineNotice, TagDay
from quancheng.domains.monitoring.queries.rates import today_of
from quancheng.domains.monitoring.services.outages import keep_outages
from quancheng.domains.monitoring.services.rates import count_day, keep_days
from quancheng.domains.registry.models import Unit
from quancheng.kernel.calendar import Calendar

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)


@pytest.fixture
def scene(settings: Any, telemetry_url: str) -> Watched:
    return make_watched(telemetry_url, settings, timezone.now().replace(second=0, microsecond=0))


def yesterday(scene: Watched) -> datetime:
    return Calendar().start_of(Calendar().local_date(scene.now) - timedelta(days=1))


def test_a_day_is_counted_minute_by_minute_and_again_without_change(scene: Watched) -> None:
    begin = yesterday(scene)
    told(scene, [scene.level], begin, 1440)
    told(scene, [scene.heat], begin, 720)
    for _again in range(2):
        assert keep_days(now=scene.now) == 9
        day = begin + timedelta(hours=12)
        counted = dict(TagDay.objects.filter(day=Calendar().local_date(day)).values_list("tag", "valid_min"))
        assert counted == {scene.level.pk: 1440, scene.heat.pk: 720, scene.climate.pk: 0}
    row = FileDay.objects.get(day=Calendar().local_date(begin))
    assert (row.tags, row.valid_min, row.due_min, row.planned_min) == (3, 2160, 4320, 0)
    told(scene, [scene.climate], begin, 1440)
    keep_days(now=scene.now)
    row.refresh_from_db()
    assert row.valid_min == 3600


def test_what_was_filed_and_what_was_our_fault_is_not_due(scene: Watched) -> None:
    begin = yesterday(scene)
    told(scene, [scene.level, scene.heat, scene.climate], begin + 60 * MIN, 1440 - 60)
    HouseTrouble.objects.create(code="store", began_at=begin + 600 * MIN, ended_at=begin + 660 * MIN)
    OfflineNotice.objects.create(
        **scene.file.row_scope(), file=scene.file, source=scene.source, tags=[scene.level.number],
        begins_at=begin - 60 * MIN, ends_at=begin + 120 * MIN, cancelled_at=begin + 60 * MIN, reason="repair",
        detail="x", measures="x", by_name="x", created_at=begin,
    )  # fmt: skip
    count_day(Calendar().local_date(begin), now=scene.now)
    rows = {row.tag_id: (row.valid_min, row.due_min) for row in TagDay.objects.all()}
    assert rows[scene.level.pk] == (1320, 1320)
    assert rows[scene.heat.pk] == (1320, 1380)
    assert FileDay.objects.get().planned_min == 60


def test_a_tag_counts_from_when_it_was_entered_and_today_as_far_as_it_is_over(scene: Watched) -> None:
    begin = Calendar().start_of(Calendar().local_date(scene.now))
    at = begin + 100 * MIN
    for tag in (scene.level, scene.heat, scene.climate):
        type(tag).objects.filter(pk=tag.pk).update(created_at=begin + 40 * MIN)
    told(scene, [scene.level], begin, 70)
    found = {one.tag.pk: (one.valid, one.due) for one in today_of([scene.file.pk], now=at)}
    assert found == {scene.level.pk: (30, 57), scene.heat.pk: (0, 57), scene.climate.pk: (0, 57)}


@pytest.mark.clause("S2-14a")
def test_connection_and_online_rate_of_each_major_hazard_and_sensor(scene: Watched) -> None:
    """Each major hazard and each of its sensors shows whether it is connected and its online rate."""
    Unit.objects.filter(pk=scene.unit.pk).update(legal_grade=3)
    begin = yesterday(scene)
    told(scene, [scene.level], begin, 1440)
    told(scene, [scene.heat], begin, 720)
    keep_days(now=scene.now)
    told(scene, [scene.level], scene.now - 60 * MIN, 60)
    told(scene, [scene.heat], scene.now - 60 * MIN, 20)
    seen(scene.source, is_online=True, last_at=scene.now, since_at=begin)
    keep_outages(now=scene.now)
    for who in (scene.district.enterprise, scene.district.town):
        page = client_of(who).get(reverse("monitoring:file_coverage", args=[scene.file.pk]), {"show": "hazards"})
        text = page.content.decode()
        (unit, grade, _met, rate, places), *_others = page.context["shown"]
        assert grade
        # Of the unit's three sensors one told all day, one half, one nothing.
        assert rate.startswith("50.00 % /")
        (tank,) = [one for one in places if one[0].pk == scene.tank.pk]
        links = {tag.code: (link, tag_rate.split(" / ")[0]) for _n, _t, _m, _is, tags, *_r in tank[2]
                 for tag, _state, link, tag_rate in tags}  # fmt: skip
        assert links == {"A.LT1": ("接入源在线", "100.00 %"), "A.TT1": ("无有效数据", "50.00 %")}
        assert "无有效数据" in text
        assert str(unit) in text
    assert (
        client_of(scene.district.other_enterprise)
        .get(reverse("monitoring:file_coverage", args=[scene.file.pk]))
        .status_code
        == 404
    )


@pytest.mark.clause("S3-4.5e")
def test_connection_and_online_rate_of_each_storage_place(scene: Watched) -> None:
    """Each storage place shows whether it is connected and its rate; those not connected are found by a filter."""
    browser = client_of(scene.district.town)
    lists, coverage = reverse("monitoring:connection"), reverse("monitoring:coverage")
    assert [line.pk for line in browser.get(lists, {"unconnected": "1"}).context["lines"]] == [str(scene.file.pk)]
    begin = yesterday(scene)
    told(scene, [scene.level, scene.heat, scene.climate], begin - timedelta(days=2), 3 * 1440)
    keep_days(now=scene.now)
    seen(scene.source, is_online=True, last_at=scene.now, since_at=begin)
    assert not browser.get(lists, {"unconnected": "1"}).context["lines"]
    page = browser.get(reverse("monitoring:file_coverage", args=[scene.file.pk]), {"show": "storage"})
    rates = {place[0].pk: place[3] for _unit, _grade, _met, _rate, places in page.context["shown"] for place in places}
    assert {pk: rate.split(" / ")[0] for pk, rate in rates.items()} == {
        scene.tank.pk: "100.00 %", scene.store.pk: "100.00 %",
    }  # fmt: skip
    assert "100.00 %" in browser.get(coverage).content.decode()
    assert not browser.get(lists, {"below": "1"}).context["lines"]
    days = browser.get(reverse("monitoring:file_rates", args=[scene.file.pk]))
    assert days.context["days"][0][5] == "100.00 %"
    assert days.context["option"]["series"][0]["data"][-1] == 100
    at = scene.now - 30 * MIN
    seen(scene.source, is_online=False, last_at=at, since_at=at)
    keep_outages(now=scene.now)
    assert len(browser.get(lists, {"offline": "1"}).context["lines"]) == 1
    assert "离线" in browser.get(coverage).content.decode()


def test_lists_and_programs_show_what_one_may_see(scene: Watched) -> None:
    begin = yesterday(scene)
    told(scene, [scene.level], begin, 144)
    keep_days(now=scene.now)
    town, stranger = client_of(scene.district.town), client_of(scene.district.other_town)
    export = town.get(reverse("monitoring:connection"), {"export": "xlsx"})
    assert export["Content-Type"].startswith("application/vnd.openxmlformats")
    (one,) = town.get("/api/v1/monitoring/connection").json()["items"]
    assert (one["rate_1"], one["sources"], one["is_off"]) == (pytest.approx(100 / 30), 0, False)
    assert stranger.get("/api/v1/monitoring/connection").json()["items"] == []
    address = f"/api/v1/monitoring/enterprises/{scene.file.pk}/rates"
    assert town.get(address).json()[0]["valid_min"] == 144
    assert town.get(address, {"first": "2020-01-01", "last": "2026-01-01"}).status_code == 422
    assert stranger.get(address).status_code == 404
    page = town.get(reverse("monitoring:connection"))
    assert page.context["areas"][0][3] == "1.11 %"
    assert not stranger.get(reverse("monitoring:connection")).context["areas"]


def test_pages_live_without_the_store(scene: Watched, settings: Any) -> None:
    settings.TELEMETRY_URL = ""
    browser = client_of(scene.district.enterprise)
    for name in ("file_rates", "file_coverage"):
        page = browser.get(reverse(f"monitoring:{name}", args=[scene.file.pk]))
        assert page.status_code == 200
        assert "暂时读不到" in page.content.decode()
