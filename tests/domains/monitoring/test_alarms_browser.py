"""In a real browser: an alarm comes while the list is open, is acknowledged from the keyboard, and others are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.tag_scene import GAS, Scene, make_scene, make_tag
from tests.factories import client_of, make_actor
from tests.support.browser import DESK, PHONE, Watched, watched_page
from tests.support.webserver import web_server

from quancheng.domains.monitoring.services import alarms
from quancheng.kernel.access.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()


@pytest.fixture
def address(scene: Scene, tmp_path: Path) -> Iterator[str]:
    with web_server(tmp_path) as found:
        yield found


def enter(seen: Watched, address: str, actor: Actor, *, english: bool = False) -> None:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    cookies = [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
    if english:
        cookies.append({"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": address})
    seen.context.add_cookies(cookies)  # type: ignore[arg-type]


def look(seen: Watched, name: str) -> None:
    seen.picture(f"alarms-{name}")
    assert seen.complaints == []
    assert not seen.overflows(), name


def test_an_alarm_comes_while_the_list_is_open_and_is_acknowledged_from_the_keyboard(
    browser: Browser, scene: Scene, address: str
) -> None:
    first, second = make_tag(scene), make_tag(scene, "JYZ001.G1.GDS1", **GAS)
    other = make_actor(scene.district.enterprise_org, "enterprise.worker", name="乙")
    url = address + reverse("monitoring:alarms")
    with watched_page(browser, size=DESK) as desk:
        enter(desk, address, scene.district.enterprise)
        page = desk.page
        with page.expect_request(lambda one: one.url.endswith("/stream")):
            desk.goto(url)
        expect(page.get_by_text("没有报警", exact=True)).to_be_visible()
        expect(page.locator("#mon-sound")).to_have_text("声音：关")
        page.wait_for_timeout(1500)
        one = raised(first, at=timezone.now())
        line = page.locator("#qc-list tbody tr", has_text=one.title)
        expect(line).to_be_visible(timeout=20_000)
        expect(line.locator(".mon-calls")).to_contain_text("未确认")
        expect(page).to_have_title("(1) 报警 · 全程")
        look(desk, "arrived")
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.locator("#mon-ack")).to_be_visible()
        expect(page.locator("#mon-ack-what")).to_have_text(one.title)
        look(desk, "dialog")
        page.keyboard.press("ArrowDown")
        page.locator("#mon-ack").get_by_role("button", name="确认", exact=True).press("Enter")
        expect(line.locator(".mon-seen")).to_contain_text("已确认", timeout=20_000)
        # A colleague is faster with the next one.
        two = raised(second, "H", at=timezone.now(), value=30)
        line = page.locator("#qc-list tbody tr", has_text=two.title)
        expect(line).to_be_visible(timeout=20_000)
        alarms.acknowledge(actor=other, row=two, action="isolate", now=timezone.now())
        expect(page.locator("#qc-toasts")).to_contain_text(f"乙已确认：{two.title}", timeout=20_000)
        expect(line.locator(".mon-seen")).to_contain_text("已确认")
        page.locator("#mon-sound").click()
        expect(page.locator("#mon-sound")).to_have_text("声音：开")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.locator("#qc-keys")).to_contain_text("确认所在行或勾选的报警")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator(".qc-object")).to_be_visible()
        look(desk, "page")
    one.refresh_from_db()
    assert (one.status, one.action) == ("ACKED", "check")
    raised(
        make_tag(scene, "JYZ001.G1.LT9", priority=1, first_out_group="联锁一"), at=timezone.now() - timedelta(minutes=2)
    )
    places = [url] + [
        address + reverse(f"monitoring:{name}", args=args)
        for name, args in (
            ("alarm", [one.pk]), ("holds", []), ("hold_new", [first.pk]), ("rules", []), ("floods", []),
            ("first_outs", []), ("alarm_terms", []), ("tag", [first.pk]),
        )
    ]  # fmt: skip
    for size in (PHONE, DESK):
        for english in (False, True):
            with watched_page(browser, size=size, english=english) as seen:
                enter(seen, address, scene.district.enterprise, english=english)
                for place, where in enumerate(places):
                    seen.goto(where)
                    look(seen, f"{size[0]}-{'en' if english else 'zh'}-{place}")


def test_without_script_buttons_do_the_same(browser: Browser, scene: Scene, address: str) -> None:
    row = raised(make_tag(scene), at=timezone.now())
    with watched_page(browser, size=PHONE, javascript=False) as hand:
        enter(hand, address, scene.district.enterprise)
        hand.goto(address + reverse("monitoring:alarms"))
        hand.page.locator("[data-ack]").click()
        hand.page.get_by_label("派人现场核查").check()
        hand.picture("alarms-noscript")
        hand.page.locator("#qc-panel").get_by_role("button", name="确认").click()
        expect(hand.page.locator(".qc-object > header .qc-badge", has_text="已确认")).to_be_visible()
    row.refresh_from_db()
    assert row.status == "ACKED"
