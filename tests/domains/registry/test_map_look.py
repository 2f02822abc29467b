"""The map in a real browser: it draws, its layers switch, a point opens its file; at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.domains.registry.test_map import firm
from tests.domains.registry.test_places import place
from tests.factories import client_of, house_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_the_map_draws_and_a_point_opens_its_file(browser: Browser, live_server: Any) -> None:
    district = make_district()
    for number in range(1, 5):
        file = firm(district, number * 4)
        unit = make_unit(house_actor(), file)
        make_holding(house_actor(), make_facility(house_actor(), unit), "氯", design_t=str(number * 6))
    only = firm(district, 40)
    place(district, "近处小学", 3000)
    session = client_of(district.director).cookies[settings.SESSION_COOKIE_NAME].value
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as page:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
            page.context.add_cookies([cookie])
            page.goto(f"{live_server.url}/registry/map")
            assert not page.overflows()
            page.page.wait_for_selector("[data-registry-map][data-ready]", timeout=60_000)
            page.picture(f"registry-map-{size[0]}")
            page.page.uncheck('[data-map-layer="places"]')
            page.goto(f"{live_server.url}/registry/map?q=示例企业40")
            page.page.wait_for_selector("[data-registry-map][data-ready]", timeout=60_000)
            canvas = page.page.locator("[data-registry-map] canvas")
            canvas.scroll_into_view_if_needed()
            box = canvas.bounding_box()
            assert box is not None
            page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.page.wait_for_url(f"**/registry/enterprises/{only.pk}", timeout=30_000)
            assert page.complaints == []
