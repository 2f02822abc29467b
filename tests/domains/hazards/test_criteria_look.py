"""Criteria and checklists in a real browser, at a desk, on a phone and on paper."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, expect
from tests.factories import client_of, make_district
from tests.support.browser import DESK, PHONE, watched_page

pytestmark = pytest.mark.django_db(transaction=True)


def test_criteria_and_checklists_fit_a_desk_and_a_phone_in_both_languages(browser: Browser, live_server: Any) -> None:
    district = make_district()
    session = client_of(district.town).cookies[settings.SESSION_COOKIE_NAME].value
    paths = [
        reverse("hazards:criteria"),
        reverse("hazards:criterion", args=["CH-12"]),
        reverse("hazards:criterion", args=["FIRE-6.3"]) + "?tab=editions",
        reverse("hazards:candidates") + "?text=焊接作业没办票，没测气",
        reverse("hazards:checklists"),
        reverse("hazards:checklist", args=["CL-PS"]),
    ]
    for size, language in ((DESK, "zh-hans"), (PHONE, "zh-hans"), (PHONE, "en")):
        with watched_page(browser, size=size) as page:
            page.context.add_cookies(
                [
                    {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url},
                    {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url},
                ]
            )
            for number, path in enumerate(paths):
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"hazards-{size[0]}-{language}-{number:02}")
            assert page.complaints == []


def test_a_checklist_is_a_form_on_paper(browser: Browser, live_server: Any) -> None:
    district = make_district()
    session = client_of(district.town).cookies[settings.SESSION_COOKIE_NAME].value
    with watched_page(browser, size=DESK) as page:
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto(live_server.url + reverse("hazards:checklist", args=["CL-FP"]))
        page.page.emulate_media(media="print")
        expect(page.page.get_by_text("被检查单位签字")).to_be_visible()
        expect(page.page.get_by_text("FP-32")).to_be_visible()
        expect(page.page.get_by_role("button", name="打印")).to_be_hidden()
        page.picture("hazards-paper")
        assert page.complaints == []
