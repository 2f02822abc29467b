"""The live stream from one browser to the next, through a real web process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, expect
from tests.domains.duty.factories import make_assignment
from tests.factories import District, client_of, make_district
from tests.support.browser import Watched, watched_page
from tests.support.webserver import web_server

from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db(transaction=True)
#: A page that heard of something waits this long at most before it asks.
WAIT_MS = 15_000


@pytest.fixture
def district(transactional_db: None) -> District:
    return make_district()


@pytest.fixture
def address(district: District, tmp_path: Path) -> Iterator[str]:
    with web_server(tmp_path) as found:
        yield found


def open_page(watched: Watched, actor: Actor, address: str, path: str) -> list[str]:
    """Sign in and open the page, its stream open; returns the addresses asked for from then on."""
    cookie = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    watched.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    with watched.page.expect_response("**/stream"):
        watched.goto(address + path)
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    return asked


def test_what_one_does_appears_before_the_other_without_reload_and_not_before_a_stranger(
    browser: Browser, district: District, address: str
) -> None:
    row = make_assignment(district, title="核查储罐区紧急切断装置")
    with ExitStack() as stack:
        doer, office, stranger = (stack.enter_context(watched_page(browser)) for _number in range(3))
        open_page(doer, district.department, address, reverse("duty:assignment", args=[row.pk]) + "?act=decline")
        open_page(office, district.officer, address, "/")
        asked = open_page(stranger, district.other_town, address, "/")
        rows = office.page.locator(".qc-waiting > li")
        expect(rows).to_have_count(1)
        office.page.evaluate("window.stillHere = true")

        doer.page.fill("#qc-panel textarea", "不属于本部门职责")
        doer.page.click("#qc-panel button.btn-primary")
        expect(rows).to_have_count(2, timeout=WAIT_MS)
        expect(rows.filter(has_text=row.task.title)).to_have_count(2)
        expect(office.page.locator("#qc-inbox-count")).to_have_text("2")
        expect(office.page.locator("#qc-nav-web-inbox")).to_have_text("2")
        assert office.page.evaluate("window.stillHere"), "it was not loaded anew"
        assert asked == [], "a stranger's page hears nothing, so it asks for nothing"

        # The stranger's stream was open all the time: what concerns him comes.
        own = make_assignment(district, title="核查加油站双层罐改造", leads=[(district.other_town_org, "乙街道")])
        his = stranger.page.locator(".qc-waiting > li")
        expect(his).to_have_count(1, timeout=WAIT_MS)
        expect(his).to_contain_text(own.task.title)
        assert [*doer.complaints, *office.complaints, *stranger.complaints] == []


@pytest.mark.slow
def test_a_lost_connection_is_said_with_its_time_and_no_longer_once_it_is_back(
    browser: Browser, district: District, tmp_path: Path
) -> None:
    with watched_page(browser) as watched:
        bar = watched.page.locator("#qc-offline")
        with web_server(tmp_path) as address:
            open_page(watched, district.department, address, "/")
            expect(bar).to_be_hidden()
        expect(bar).to_be_visible(timeout=WAIT_MS)
        expect(bar).to_have_text(re.compile(r"\d\d:\d\d"))
        make_assignment(district, title="核查储罐区紧急切断装置")
        with web_server(tmp_path, port=int(address.rpartition(":")[2])):
            expect(bar).to_be_hidden(timeout=2 * WAIT_MS)
            expect(watched.page.locator(".qc-waiting > li")).to_have_count(1, timeout=WAIT_MS)
