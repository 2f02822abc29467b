"""The trend of a tag and what limits did, as pages show them to who may see."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.urls import reverse
from tests.domains.monitoring.factories import make_source
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.monitoring.models import LimitEvent, Tag
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.stream.store import client as store

pytestmark = pytest.mark.django_db


def make_tag(district: District, **known: Any) -> Tag:
    source = make_source(district)
    row = Tag.objects.create(
        **source.file.row_scope(), file=source.file, source=source, code="SL001.T1.LT101.PV", key="LT101",
        name="一号罐液位", kind="level", unit="mm", h=2126, created_at=NOW, **known,
    )  # fmt: skip
    row.refresh_from_db()
    return row


def fill(telemetry_url: str, *rows: tuple[Tag, int, float], quality: int = 192) -> None:
    """Tag, seconds ago, value."""
    client, now = store.connect(telemetry_url), int(time.time() * 1000)
    store.ensure_tables(client)
    told = [(tag.number, now - 1_000 * ago, value, quality, 0, quality >> 6) for tag, ago, value in rows]
    store.write(client, "readings", np.array(told, store.READING))


def test_the_trend_of_a_tag_is_drawn_from_its_readings(settings: Any, telemetry_url: str) -> None:
    settings.TELEMETRY_URL = telemetry_url
    district = make_district()
    tag = make_tag(district)
    address = reverse("monitoring:trend", args=[tag.pk])
    browser = client_of(district.enterprise)
    fill(telemetry_url)
    assert "这段时间没有数据" in browser.get(address).content.decode()
    # A minute apart, and nothing between the tenth and the twentieth minute ago: there the line is broken.
    fill(telemetry_url, *[(tag, 60 * one, 1800 + one) for one in range(30) if not 10 < one < 20])
    fill(telemetry_url, (tag, 5, 9_999), quality=4)
    page = browser.get(address)
    assert "每个点是一次采样" in page.content.decode()
    assert page.context["count"] == 21
    (line,) = page.context["option"]["series"]
    assert [mark["yAxis"] for mark in line["markLine"]["data"]] == [2126]
    empty = [place for place, (_at, value) in enumerate(line["data"]) if value is None]
    assert empty == [10]
    assert page.context["rows"][0].last == 1800
    assert browser.get(address + "?range=365d").status_code == 200
    assert browser.get(address + "?range=aeon").status_code == 422
    assert client_of(district.other_enterprise).get(address).status_code == 404
    assert client_of(district.town).get(address).status_code == 200


def test_several_tags_share_a_chart_with_an_axis_a_unit_and_none_that_one_may_not_see(
    settings: Any, telemetry_url: str
) -> None:
    settings.TELEMETRY_URL = telemetry_url
    district = make_district()
    tag = make_tag(district)
    more = [
        Tag.objects.create(
            **tag.file.row_scope(), file=tag.file, source=tag.source, code=f"SL001.T1.X{number}", key=f"X{number}",
            name=f"点位{number}", kind="temperature", unit="Cel", created_at=NOW,
        )
        for number in range(8)
    ]  # fmt: skip
    for row in more:
        row.refresh_from_db()
    other_file = open_own_file(actor=district.other_enterprise, kind="depot", known={}, now=NOW)
    strange = Tag.objects.create(
        **other_file.row_scope(), file=other_file, code="SL002.T1.X", name="他", kind="level", unit="mm", created_at=NOW
    )
    strange.refresh_from_db()
    fill(telemetry_url, (tag, 60, 1800), (more[0], 60, 20.5), (more[1], 30, 21.5))
    browser, address = client_of(district.enterprise), reverse("monitoring:trend", args=[tag.pk])
    page = browser.get(address, {"with": [more[0].number, more[1].number]})
    option = page.context["option"]
    assert [axis["name"] for axis in option["yAxis"]] == ["mm", "℃"]
    assert [line["yAxisIndex"] for line in option["series"]] == [0, 1, 1]
    assert [(row.tag.pk, row.last) for row in page.context["rows"]] == [
        (more[1].pk, 21.5), (tag.pk, 1800), (more[0].pk, 20.5),
    ]  # fmt: skip
    left = browser.get(address, {"with": [more[0].number, more[1].number], "without": more[0].number})
    assert [one.pk for one in left.context["asked"].tags] == [tag.pk, more[1].pk]
    added = browser.get(address, {"add": more[2].code})
    assert [one.pk for one in added.context["asked"].tags] == [tag.pk, more[2].pk]
    refused = browser.get(address, {"add": strange.code})
    assert refused.status_code == 422
    assert "没有编码为" in refused.content.decode()
    assert browser.get(address, {"with": strange.number}).status_code == 404
    full = browser.get(address, {"with": [row.number for row in more]})
    assert (full.status_code, len(full.context["asked"].tags)) == (422, 8)
    sheet = browser.get(address, {"with": more[0].number, "export": "xlsx"})
    assert sheet["Content-Type"].endswith("spreadsheetml.sheet")
    for wrong in (
        {"from": "soon"},
        {"from": "2026-09-02T00:00", "to": "2026-09-01T00:00"},
        {"with": "x"},
        {"day": "1"},
    ):
        assert browser.get(address, wrong).status_code == 422
    fixed = browser.get(address, {"from": "2026-09-01T00:00", "to": "2026-09-01T08:00"})
    assert not fixed.context["asked"].is_live
    assert "2026-09-01 00:00:00 – 2026-09-01 08:00:00" in fixed.content.decode()


def test_a_roll_up_is_drawn_with_its_band(settings: Any, telemetry_url: str) -> None:
    settings.TELEMETRY_URL = telemetry_url
    district = make_district()
    tag = make_tag(district)
    fill(telemetry_url)
    hour = int(time.time()) // 3600 * 3600
    for before, low, high in ((3, 1.0, 5.0), (2, 2.0, 4.0)):
        store.connect(telemetry_url).command(
            f"INSERT INTO rollup_1h VALUES ({tag.number}, {hour - before * 3600}, {low}, {high}, 3, 3, 60, 1, now64(3))"
        )
    page = client_of(district.enterprise).get(reverse("monitoring:trend", args=[tag.pk]) + "?range=30d")
    assert "1小时的汇总" in page.content.decode()
    mean, low, band = page.context["option"]["series"]
    assert [value for _at, value in mean["data"]] == [3, 3]
    assert [value for _at, value in low["data"]] == [1, 2]
    assert [value for _at, value in band["data"]] == [4, 2]
    assert [(row.low, row.high) for row in page.context["rows"]] == [(2, 4), (1, 5)]


def test_programs_read_page_by_page_what_they_may_see(settings: Any, telemetry_url: str) -> None:
    settings.TELEMETRY_URL = telemetry_url
    district = make_district()
    tag = make_tag(district)
    fill(telemetry_url, *[(tag, 60 * one, 100 + one) for one in range(1, 6)])
    browser, address = client_of(district.enterprise), "/api/v1/monitoring/readings"
    asked = {"tags": tag.code, "from": "2020-01-01T00:00:00Z", "to": "2029-01-01T00:00:00Z", "resolution": "raw"}
    found: list[float] = []
    after = ""
    for _page in range(5):
        answer = browser.get(address, {**asked, "limit": 2, "after": after}).json()
        assert answer["resolution"] == "raw"
        found += [item["value"] for item in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert found == [105, 104, 103, 102, 101]
    assert browser.get(address, {**asked, "resolution": "auto"}).json()["resolution"] == "1d"
    assert client_of(district.other_enterprise).get(address, asked).status_code == 422
    for wrong in ({"tags": ""}, {"to": "2019-01-01T00:00:00Z"}, {"from": "2020-01-01T00:00:00"}, {"resolution": "2m"},
                  {"after": "x"}, {"limit": 10_001}, {"resolution": "auto", "after": "1.1"}):  # fmt: skip
        assert browser.get(address, {**asked, **wrong}).status_code == 422
    settings.TELEMETRY_URL = ""
    assert browser.get(address, asked).status_code == 503


def test_without_the_store_the_page_says_so(settings: Any) -> None:
    settings.TELEMETRY_URL = ""
    district = make_district()
    tag = make_tag(district)
    answer = client_of(district.enterprise).get(reverse("monitoring:trend", args=[tag.pk]))
    assert answer.status_code == 200
    assert "暂时读不到" in answer.content.decode()


def test_events_are_listed_for_who_may_see_the_tag() -> None:
    district = make_district()
    tag = make_tag(district)
    at = datetime(2026, 9, 1, 8, tzinfo=UTC)
    for is_raised in (True, False):
        LimitEvent.objects.create(tag=tag, limit="HH", is_raised=is_raised, at=at, value=2300, limit_value=2275,
                                  noted_at=at)  # fmt: skip
    address = reverse("monitoring:events")
    page = client_of(district.town).get(address).content.decode()
    assert "高高报恢复" in page
    assert "2300 mm" in page
    raised = client_of(district.enterprise).get(address + "?raised=1").content.decode()
    assert "高高报恢复" not in raised.split("<tbody")[1]
    assert "一号罐液位" not in client_of(district.other_town).get(address).content.decode()
