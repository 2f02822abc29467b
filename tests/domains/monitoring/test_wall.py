"""The live wall of an enterprise: what it draws at load, how it goes live, and what it says when it cannot."""

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

from quancheng.domains.monitoring.queries.wall import share, state_of
from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_MS = 15_000
WALL = (1920, 1080)


@pytest.fixture
def site(nats_url: str, telemetry_url: str, settings: Any) -> Site:
    settings.TELEMETRY_URL = telemetry_url
    return make_site(nats_url, telemetry_url)


def sign_in(watched: Watched, actor: Actor, address: str) -> None:
    cookie = client_of(actor).cookies[django_settings.SESSION_COOKIE_NAME].value
    watched.context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


def test_at_load_the_wall_shows_last_values_with_their_age_and_limits_that_stand(site: Site, settings: Any) -> None:
    district, path = site.scene.district, reverse("monitoring:wall", args=[site.scene.file.pk])
    site.write((site.level, 600_000, 1260.0), (site.gas, 1_000, 60.0))
    site.stand(site.gas, "HH", value=60, limit_value=50)
    answer = client_of(district.enterprise).get(path)
    page = answer.content.decode()
    level = re.search(rf'<li[^>]*data-tag="{site.level.number}"[^>]*>.*?</li>', page)
    gas = re.search(rf'<li[^>]*data-tag="{site.gas.number}"[^>]*>.*?</li>', page)
    assert level is not None
    assert gas is not None
    assert 'data-state="stale"' in level[0]
    assert "10 分钟前的数据" in level[0]
    assert "1260" in level[0]
    assert 'data-limit="HH"' in gas[0]
    assert "高高报" in gas[0]
    (drawn,) = re.findall(r'data-fill x="0" y="([\d.]+)" width="120" height="([\d.]+)"', page)
    assert drawn == ("60.0", "50.0")
    assert "Ⅱ级预警" in page
    assert client_of(district.town).get(path).status_code == 200
    assert client_of(district.other_enterprise).get(path).status_code == 404
    settings.TELEMETRY_URL = ""
    away = client_of(district.enterprise).get(path).content.decode()
    assert "监测数据暂时读不到" in away
    assert client_of(district.enterprise).get(reverse("monitoring:own_wall"))["Location"] == path


def test_the_wall_goes_live_and_a_strangers_tags_never_reach_another_browser(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    district, path = site.scene.district, reverse("monitoring:wall", args=[site.scene.file.pk])
    site.write((site.level, 1_000, 1260.0), (site.gas, 1_000, 1.0))
    with (
        site.serve(tmp_path) as address,
        watched_page(browser, size=WALL) as watched,
        watched_page(browser) as stranger,
    ):
        sign_in(watched, district.town, address)
        watched.goto(address + path)
        level = watched.page.locator(f'[data-tag="{site.level.number}"]')
        expect(level.locator("[data-number]")).to_have_text("1260")
        watched.page.wait_for_timeout(1_500)
        sign_in(stranger, district.other_enterprise, address)
        stranger.goto(address + "/")
        stranger.page.evaluate(
            """(key) => { window.told = [];
              document.addEventListener("qc:watch:values", (event) => window.told.push(event.detail));
              document.getElementById("main").dataset.watch = `values:${key}`;
              document.dispatchEvent(new CustomEvent("htmx:after:swap")); }""",
            site.level.number,
        )
        stranger.page.wait_for_timeout(1_500)
        # A second tab has no stream of its own: it hears through the first.
        second = watched.context.new_page()
        second.goto(address + path)
        second.wait_for_timeout(1_500)
        site.tell((site.level, 2280.0, 4), (site.gas, 12.0, 0))
        expect(second.locator(f'[data-tag="{site.gas.number}"] [data-number]')).to_have_text("12", timeout=WAIT_MS)
        second.close()
        watched.page.bring_to_front()
        expect(level.locator("[data-number]")).to_have_text("2280", timeout=WAIT_MS)
        expect(level.locator("[data-said]")).to_have_text("高高报")
        expect(level.locator("svg")).to_be_visible()
        expect(watched.page.locator('[data-count="second"]')).to_have_text("1")
        expect(watched.page.locator("[data-share]")).to_have_text("90%")
        site.tell((site.level, 2000.0, 0))
        expect(level.locator("[data-said]")).to_have_text("", timeout=WAIT_MS)
        expect(watched.page.locator('[data-count="second"]')).to_have_text("0")
        watched.picture("wall-1920")
        assert stranger.page.evaluate("window.told") == []
        assert not watched.overflows()
        watched.page.click("[data-full]")
        expect(watched.page.locator(".qc-main.mon-whole")).to_be_visible(timeout=WAIT_MS)
        watched.picture("wall-whole")
        assert [*watched.complaints, *stranger.complaints] == []


def test_a_lost_connection_is_said_and_the_wall_recovers_with_what_stands_then(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    path = reverse("monitoring:wall", args=[site.scene.file.pk])
    site.write((site.level, 1_000, 1260.0))
    with watched_page(browser, size=PHONE) as watched:
        bar, number = watched.page.locator("#qc-offline"), watched.page.locator("[data-number]").first
        with site.serve(tmp_path) as address:
            sign_in(watched, site.scene.district.enterprise, address)
            watched.goto(address + path)
            expect(number).to_have_text("1260")
            watched.page.wait_for_timeout(1_000)
        expect(bar).to_be_visible(timeout=WAIT_MS)
        site.write((site.level, 500, 1300.0))
        with site.serve(tmp_path, port=int(address.rpartition(":")[2])):
            expect(bar).to_be_hidden(timeout=2 * WAIT_MS)
            expect(number).to_have_text("1300", timeout=WAIT_MS)
        assert not watched.overflows()
        watched.picture("wall-phone")


def test_thousands_of_updates_leave_the_page_as_it_was(browser: Browser, site: Site, tmp_path: Path) -> None:
    path = reverse("monitoring:wall", args=[site.scene.file.pk])
    site.write((site.level, 1_000, 1260.0))
    with site.serve(tmp_path) as address, watched_page(browser) as watched:
        sign_in(watched, site.scene.district.enterprise, address)
        watched.goto(address + path)
        tools = watched.context.new_cdp_session(watched.page)

        def play(rounds: int) -> tuple[int, float]:
            watched.page.evaluate(
                """([key, rounds]) => { for (let at = 0; at < rounds; at += 1) {
                  const detail = { [key]: [Date.now() + at, 1000 + at % 1000, 192, at % 5] };
                  document.dispatchEvent(new CustomEvent("qc:watch:values", { detail })); } }""",
                [site.level.number, rounds],
            )
            tools.send("HeapProfiler.collectGarbage")
            heap = tools.send("Runtime.getHeapUsage")["usedSize"]
            return watched.page.evaluate("document.querySelectorAll('*').length"), heap

        elements, heap = play(1_000)
        again, later = play(20_000)
        assert again == elements
        assert later < heap + 1_000_000


def test_states_and_shares_of_values(site: Site) -> None:
    from datetime import UTC, datetime, timedelta

    from quancheng.domains.monitoring.queries.readings import Last

    now = datetime(2026, 9, 1, tzinfo=UTC)
    tag = site.level
    at = now - timedelta(seconds=tag.stale_after_s)
    assert state_of(tag, Last(at, 1, 192, 0), now, False) == "live"
    assert state_of(tag, Last(at - timedelta(seconds=1), 1, 192, 0), now, False) == "stale"
    assert state_of(tag, Last(now, 1, 68, 0), now, False) == "bad"
    assert state_of(tag, Last(now, 1, 16, 0), now, False) == "bad"
    assert state_of(tag, None, now, False) == "none"
    assert state_of(tag, None, now, True) == "away"
    assert (share(tag, -5), share(tag, 630), share(tag, 9_999), share(tag, None)) == (0, 0.25, 1, None)
