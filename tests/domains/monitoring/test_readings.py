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


def test_the_trend_of_a_tag_is_drawn_from_its_readings(settings: Any, telemetry_url: str) -> None:
    settings.TELEMETRY_URL = telemetry_url
    district = make_district()
    tag = make_tag(district)
    client, now = store.connect(telemetry_url), int(time.time() * 1000)
    store.ensure_tables(client)
    address = reverse("monitoring:trend", args=[tag.pk])
    browser = client_of(district.enterprise)
    assert "这段时间没有数据" in browser.get(address).content.decode()
    rows = np.array([(tag.number, now - 60_000 * one, 1800 + one, 192, 0, 3) for one in range(30)], store.READING)
    store.write(client, "readings", rows)
    page = browser.get(address)
    assert "每个点是一次采样" in page.content.decode()
    assert page.context["count"] == 30
    (line,) = page.context["option"]["series"]
    assert [mark["yAxis"] for mark in line["markLine"]["data"]] == [2126]
    assert page.context["rows"][0][4] == 1800
    assert browser.get(address + "?range=365d").status_code == 200
    assert browser.get(address + "?range=aeon").status_code == 422
    assert client_of(district.other_enterprise).get(address).status_code == 404
    assert client_of(district.town).get(address).status_code == 200


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
