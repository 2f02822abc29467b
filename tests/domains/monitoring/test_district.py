"""The district now: levels by the limits that stand, on the map and as a list; and what happened, by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from tests.domains.monitoring.alarm_scene import tell
from tests.domains.monitoring.tag_scene import CHLORINE, GAS, Scene, make_scene, make_tag
from tests.factories import client_of

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.models.events import CONNECTED, CUT_OFF, LIMIT_PASSED
from quancheng.domains.monitoring.queries.levels import worst_levels
from quancheng.domains.monitoring.queries.timeline import Asked, timeline
from quancheng.domains.monitoring.services.sources import Seen, forget_presence, note_seen, renew_secret
from quancheng.kernel.events.models import Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 8, 1, tzinfo=UTC)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def limit(tag: Tag, name: str, minutes_ago: float, *, is_raised: bool = True) -> None:
    tell(tag, name, is_raised=is_raised, at=NOW - timedelta(minutes=minutes_ago), value=1)


def level(scene: Scene, now: datetime = NOW) -> int | None:
    return worst_levels(actor=scene.district.town, now=now).get(scene.file.pk)


def test_the_level_of_an_enterprise_follows_the_limits_that_stand(scene: Scene) -> None:
    gas, tank = make_tag(scene, "JYZ001.G1.GDS1", **GAS), make_tag(scene)
    assert level(scene) is None
    limit(tank, "H", 30)
    assert level(scene) == 4
    limit(gas, "H", 20)
    limit(gas, "HH", 19)
    assert level(scene) == 2
    limit(gas, "HH", 18, is_raised=False)
    # A detector of gas is critical: its first stage stands for more than ten minutes.
    assert level(scene) == 3
    limit(gas, "HH", 17)
    second = make_tag(scene, "JYZ001.G1.GDS2", **GAS)
    limit(second, "HH", 1)
    assert level(scene) == 1
    # A tag under repair speaks no more.
    Tag.objects.filter(pk=second.pk).update(status="service", service_until=NOW)
    assert level(scene) == 2
    limit(gas, "HH", 0.5, is_raised=False)
    assert level(scene) == 3
    for tag in (gas, tank):
        limit(tag, "H", 0, is_raised=False)
    assert level(scene) is None
    assert worst_levels(actor=scene.district.other_town, now=NOW) == {}


def test_toxic_gas_that_stands_for_five_minutes_is_red(scene: Scene) -> None:
    limit(make_tag(scene, "JYZ001.G1.CL1", **CHLORINE), "HH", 1)
    assert level(scene) == 2
    assert level(scene, NOW + timedelta(minutes=5)) == 1


def test_the_map_and_its_list_show_who_stands_how_to_who_may_see_it(scene: Scene) -> None:
    district, tank = scene.district, make_tag(scene)
    type(scene.file).objects.filter(pk=scene.file.pk).update(lon="119.5", lat="36.5")
    address, data = reverse("monitoring:map"), reverse("monitoring:map_data")
    browser = client_of(district.town)
    page = browser.get(address).content.decode()
    assert "没有在报限值" in page
    assert "未接入" in page
    renew_secret(actor=district.enterprise, row=scene.source, now=NOW)
    assert browser.get(data).json()["points"][3] == 5
    assert "离线" in browser.get(address).content.decode().split("<tbody")[1]
    note_seen([Seen(scene.source.number, True, NOW, 1, 1, {}, None)], now=NOW)
    assert browser.get(data).json()["points"][3] == 0
    limit(tank, "HH", 1)
    assert browser.get(data).json()["points"][3] == 2
    assert "Ⅱ级预警" in browser.get(address).content.decode().split("<tbody")[1]
    assert browser.get(data + "?level=4").json()["points"] == []
    assert client_of(district.other_town).get(data).json()["points"] == []
    at = browser.get(reverse("monitoring:map_at") + "?lon=119.5&lat=36.5")
    assert at["Location"] == reverse("monitoring:wall", args=[scene.file.pk])


def test_pages_are_told_of_limits_and_of_sources_that_come_and_go(scene: Scene) -> None:
    tag = make_tag(scene)
    tell(tag, "H", at=NOW, value=2200)
    tell(tag, "HH", at=NOW, value=2300, is_late=True)
    (told,) = Event.objects.filter(kind=LIMIT_PASSED)
    assert told.subject_id == scene.file.pk
    for is_online in (True, True, False, True):
        note_seen([Seen(scene.source.number, is_online, NOW, 1, 1, {}, None)], now=NOW)
    forget_presence()
    kinds = Event.objects.filter(subject_id=scene.source.pk, kind__in=(CONNECTED, CUT_OFF)).order_by("recorded_at")
    assert list(kinds.values_list("kind", flat=True)) == [CONNECTED, CUT_OFF, CONNECTED, CUT_OFF]


def test_the_timeline_tells_limits_and_sources_by_time_page_by_page(scene: Scene) -> None:
    tag = make_tag(scene)
    for minutes in range(60, 0, -1):
        limit(tag, "H", minutes, is_raised=minutes % 2 == 0)
    for seconds in range(4):
        at = NOW - timedelta(minutes=30)
        note_seen([Seen(scene.source.number, seconds % 2 == 0, at, 1, 1, {}, None)], now=at)
    town = scene.district.town
    found, asked = [], Asked()
    for _page in range(20):
        page, following = timeline(actor=town, asked=asked, size=7)
        found += page
        if following is None:
            break
        asked = Asked(until=following[0], passed=following[1])
    assert len(found) == 64
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    assert len({(one.limit.pk if one.limit else None, one.at, one.is_up) for one in found if one.limit}) == 60
    assert len(timeline(actor=town, asked=Asked(kind="sources"), size=50)[0]) == 4
    assert len(timeline(actor=town, asked=Asked(kind="raised"), size=50)[0]) == 30
    assert timeline(actor=town, asked=Asked(kind="gravest"), size=50)[0] == []
    assert timeline(actor=scene.district.other_town, asked=Asked(), size=50)[0] == []

    browser, address = client_of(town), reverse("monitoring:timeline")
    page = browser.get(address).content.decode()
    assert "data-live" in page
    link = page.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    older = browser.get(address + link.replace("&amp;", "&"))
    assert older.status_code == 200
    assert 'id="mon-timeline" data-live' not in older.content.decode()
    assert browser.get(address, {"file": scene.file.pk}).status_code == 200
    for wrong in ({"kind": "x"}, {"until": "x"}, {"until": "2026-01-01T00:00"}, {"passed": "-1"}, {"town": "x"}):
        assert browser.get(address, wrong).status_code == 422
    other = client_of(scene.district.other_enterprise)
    assert other.get(address, {"file": scene.file.pk}).status_code == 404
    assert "1号罐液位" not in other.get(address).content.decode()
