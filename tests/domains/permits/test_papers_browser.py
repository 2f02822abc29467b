"""In a real browser: the placard's code on a phone, the board of a control room, the map with its slider."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import client_of, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.services import working
from quancheng.domains.permits.services.printing import note_print
from quancheng.domains.permits.services.screens import make_screen
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(seen: Watched, server: Any, actor: Actor) -> None:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    seen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])


def look(seen: Watched, name: str) -> None:
    seen.picture(f"permits-{name}")
    assert seen.complaints == []
    assert not seen.overflows(), name


def running(district: Any) -> tuple[Any, Permit]:
    """A permit that works now, whatever the clock says."""
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew, to="WORKING")
    now = timezone.now()
    Permit.objects.filter(pk=permit.pk).update(
        window_start=now - timedelta(hours=1), window_end=now + timedelta(minutes=50)
    )
    Enterprise.objects.filter(pk=permit.file_id).update(lon=Decimal("106.5"), lat=Decimal("29.5"))
    return crew, Permit.objects.get(pk=permit.pk)


def test_the_code_on_a_phone_shows_the_state_and_leads_to_the_stop_button_after_sign_in(
    browser: Browser, live_server: Any
) -> None:
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="ISSUED")
    code = note_print(actor=crew.safety, permit=permit, copies=(), medium="pdf", now=NOW)[0].code
    now = timezone.now()
    Permit.objects.filter(pk=permit.pk).update(started_at=now, status="WORKING")
    with watched_page(browser, size=PHONE) as passer:
        passer.goto(f"{live_server.url}/w/{code}")
        expect(passer.page.get_by_role("heading", name="盲板抽堵作业")).to_be_visible()
        look(passer, "mark-phone")
        passer.page.get_by_role("link", name="English").click()
        expect(passer.page.get_by_text("Sign in to stop the work")).to_be_visible()
        look(passer, "mark-phone-en")
    with watched_page(browser, size=PHONE) as own:
        enter(own, live_server, crew.safety)
        own.goto(f"{live_server.url}/w/{code}")
        expect(own.page).to_have_url(f"{live_server.url}/permits/{permit.pk}")


def test_a_screen_without_sign_in_follows_what_happens_within_five_seconds(browser: Browser, live_server: Any) -> None:
    district = make_district()
    crew, permit = running(district)
    screen = make_screen(actor=crew.head, file=permit.file, name="中控室", now=timezone.now())
    with watched_page(browser, size=(1920, 1080)) as wall:
        wall.goto(f"{live_server.url}/v/{screen.token}")
        expect(wall.page.locator(".pmt-card")).to_have_count(1)
        expect(wall.page.get_by_text("作业中").first).to_be_visible()
        look(wall, "screen")
        permit.refresh_from_db()
        working.suspend_work(actor=crew.safety, permit=permit, stop_reason="UNIT_UPSET", now=timezone.now())
        expect(wall.page.locator(".pmt-card.amber")).to_have_count(1, timeout=5_000)
        look(wall, "screen-suspended")
        wall.goto(f"{live_server.url}/v/{screen.token}?lang=en")
        look(wall, "screen-en")
    with watched_page(browser, size=PHONE) as phone:
        enter(phone, live_server, crew.head)
        phone.goto(f"{live_server.url}/permits/board")
        expect(phone.page.locator(".pmt-card")).to_have_count(1)
        look(phone, "board-phone")


def test_the_map_shows_live_permits_and_its_slider_those_of_later(browser: Browser, live_server: Any) -> None:
    district = make_district()
    _crew, permit = running(district)
    with watched_page(browser, size=DESK) as desk:
        enter(desk, live_server, district.town)
        desk.goto(f"{live_server.url}/permits/map")
        expect(desk.page.locator("svg.pmt-map a.pmt-pin")).to_have_count(1)
        look(desk, "map")
        slider = desk.page.get_by_label("看几小时以后（0为现在）")
        slider.fill("24")
        expect(desk.page.locator("output")).to_have_text("24 小时后")
        expect(desk.page.locator("svg.pmt-map a.pmt-pin")).to_have_count(0)
        expect(desk.page.get_by_text("这个时间没有作业票")).to_be_visible()
        look(desk, "map-later")
        slider.fill("0")
        desk.page.locator("svg.pmt-map a.pmt-pin").click()
        expect(desk.page).to_have_url(f"{live_server.url}/permits/{permit.pk}")
        desk.goto(f"{live_server.url}/permits/statistics")
        look(desk, "statistics")
        desk.goto(f"{live_server.url}/permits/{permit.pk}/paper")
        look(desk, "paper")
    with watched_page(browser, size=PHONE) as phone:
        enter(phone, live_server, district.town)
        for name in ("map", "statistics", "board"):
            phone.goto(f"{live_server.url}/permits/{name}")
            look(phone, f"{name}-phone")
        phone.goto(f"{live_server.url}/permits/{permit.pk}/paper")
        look(phone, "paper-phone")
