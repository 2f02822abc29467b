"""The trend in a browser: dragged over, it zooms down to single readings; what is told now is drawn at its end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from playwright.sync_api import Browser, expect
from tests.domains.monitoring.live_scene import Site, make_site
from tests.factories import client_of
from tests.support.browser import PHONE, Watched, watched_page

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_MS = 20_000


@pytest.fixture
def site(nats_url: str, telemetry_url: str, settings: Any) -> Site:
    settings.TELEMETRY_URL = telemetry_url
    return make_site(nats_url, telemetry_url)


def open_trend(watched: Watched, site: Site, address: str, query: str = "") -> None:
    cookie = client_of(site.scene.district.enterprise).cookies[django_settings.SESSION_COOKIE_NAME].value
    watched.context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    watched.goto(address + reverse("monitoring:trend", args=[site.level.pk]) + query)
    expect(watched.page.locator("[data-chart] canvas")).to_be_visible(timeout=WAIT_MS)


def test_dragging_zooms_and_the_figures_below_are_those_of_the_chart(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    # Every ten seconds for six hours: more than a chart takes one by one, so that it begins with minutes.
    site.write(*[(site.level, 10_000 * one, 1200.0 + one % 50) for one in range(2_160)])
    site.roll()
    with site.serve(tmp_path) as address, watched_page(browser) as watched:
        open_trend(watched, site, address)
        part = watched.page.locator("#mon-trend")
        expect(part).to_contain_text("1分钟的汇总")
        box = watched.page.locator("[data-chart]").bounding_box()
        assert box is not None
        watched.picture("trend-minutes")
        middle = box["y"] + box["height"] / 2
        watched.page.mouse.move(box["x"] + box["width"] * 0.7, middle)
        watched.page.mouse.down()
        watched.page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=8)
        watched.page.mouse.up()
        expect(part).to_contain_text("每个点是一次采样", timeout=WAIT_MS)
        expect(watched.page).to_have_url(re.compile("from=.*to="))
        watched.page.click("#mon-trend summary")
        expect(part.locator("tbody tr").first).to_contain_text("mm")
        watched.picture("trend-raw")
        watched.page.get_by_role("link", name="缩小").click()
        expect(watched.page.locator("[data-chart] canvas")).to_be_visible(timeout=WAIT_MS)
        watched.page.get_by_role("link", name="回到现在").click()
        expect(part).to_contain_text("现在", timeout=WAIT_MS)
        assert not watched.overflows()
        assert watched.complaints == []


def test_what_is_told_now_is_drawn_at_the_end(browser: Browser, site: Site, tmp_path: Path) -> None:
    site.write(*[(site.level, 10_000 * one, 1200.0 + one) for one in range(1, 60)], (site.gas, 60_000, 1.0))
    with site.serve(tmp_path) as address, watched_page(browser, size=PHONE) as watched:
        open_trend(watched, site, address, f"?range=1h&with={site.gas.number}")
        watched.page.evaluate(
            """() => document.addEventListener("qc:watch:values", () => { window.heard = (window.heard ?? 0) + 1; })"""
        )
        watched.page.wait_for_timeout(1_500)
        site.tell((site.level, 1300.0, 0), (site.gas, 3.0, 0))
        watched.page.wait_for_function("window.heard > 0", timeout=WAIT_MS)
        watched.page.wait_for_timeout(1_500)
        watched.picture("trend-phone")
        assert not watched.overflows()
        assert watched.complaints == []
