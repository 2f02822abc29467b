"""The maps of risks in a real browser: a colour that changes shows within seconds, and a plan is drawn on by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.domains.risk.test_maps import risky
from tests.domains.risk.test_plans import add, draw, own_file
from tests.factories import District, client_of, house_actor, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page
from tests.support.webserver import web_server

from quancheng.domains.risk.models import PlanMark
from quancheng.domains.risk.services import risks
from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db(transaction=True)
#: What the page promises (issue: a change of colour shows within five seconds).
SHOWN_MS = 5_000


@pytest.fixture
def district(transactional_db: None) -> District:
    return make_district()


@pytest.fixture
def address(district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("FILES_URL", settings.FILES_URL)
    with web_server(tmp_path) as found:
        yield found


def signed_in(watched: Watched, actor: Actor, address: str) -> None:
    cookie = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    watched.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


def test_a_measure_that_fails_reddens_the_open_plan_and_the_open_map_within_five_seconds(
    browser: Browser, district: District, address: str
) -> None:
    file = own_file(district)
    measure = risky(file, 4, 4)
    draw(district, add(district, file), measure.event.unit, "100,100 300,100 300,260 100,260")
    with watched_page(browser) as site, watched_page(browser) as overview:
        for page, path in ((site, reverse("risk:site", args=[file.pk])), (overview, reverse("risk:map"))):
            signed_in(page, district.director, address)
            with page.page.expect_response("**/stream"):
                page.goto(address + path)
            page.page.evaluate("window.stillHere = true")
        shape = site.page.locator("#risk-site svg.risk-plan polygon[fill='url(#plan-orange)']")
        expect(shape).to_have_count(1)
        reds = overview.page.locator("#qc-list td .qc-risk-red")
        expect(reds).to_have_count(0)
        risks.mark_failed(actor=house_actor(), row=measure, because="报警不响", now=timezone.now())
        red = site.page.locator("#risk-site svg.risk-plan polygon[fill='url(#plan-red)']")
        expect(red).to_have_count(1, timeout=SHOWN_MS)
        expect(reds).to_have_count(1, timeout=SHOWN_MS)
        assert site.page.evaluate("window.stillHere"), "it was not loaded anew"
        assert overview.page.evaluate("window.stillHere"), "it was not loaded anew"
        assert [*site.complaints, *overview.complaints] == []


@pytest.mark.slow
def test_a_unit_is_drawn_by_pointer_and_by_keys_and_the_days_are_slid_through(
    browser: Browser, district: District, address: str
) -> None:
    file = own_file(district)
    measure = risky(file)
    plan = add(district, file, scale=(((0, 0), (400, 0)), 100))
    unit = measure.event.unit
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as page:
            signed_in(page, district.enterprise, address)
            page.goto(address + reverse("risk:plan_draw", args=[plan.pk]))
            assert not page.overflows()
            svg = page.page.locator("[data-plan-draw]")
            svg.scroll_into_view_if_needed()
            box = svg.bounding_box()
            assert box is not None
            for x, y in ((0.2, 0.2), (0.5, 0.2), (0.5, 0.5)):
                page.page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            svg.focus()
            for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "Enter"):
                page.page.keyboard.press(key)
            typed = page.page.locator("textarea[name=points]").input_value()
            assert len(typed.split()) == 4
            page.picture(f"risk-draw-{size[0]}")
            page.page.keyboard.press("Backspace")
            page.page.select_option("select[name=subject]", str(unit.pk))
            page.page.click("form.qc-form button.btn-primary")
            expect(page.page.get_by_text("已画的对象和单元")).to_be_visible()
            assert len(PlanMark.objects.get(unit=unit).points) == 3
            page.goto(address + reverse("risk:site", args=[file.pk]))
            assert not page.overflows()
            expect(page.page.locator("svg.risk-plan polygon[fill='url(#plan-blue)']")).to_have_count(1)
            page.picture(f"risk-site-{size[0]}")
            # Slid to the first day, nothing was assessed yet.
            slider = page.page.locator("#risk-days")
            slider.focus()
            page.page.keyboard.press("Home")
            expect(page.page.locator("#risk-site figcaption")).to_contain_text("日终")
            page.goto(address + reverse("risk:map"))
            assert not page.overflows()
            page.page.wait_for_selector("[data-registry-map][data-ready]", timeout=60_000)
            page.picture(f"risk-map-{size[0]}")
            assert page.complaints == []
