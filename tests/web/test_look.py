"""The shell in a real Chromium: at three widths, light and dark, in both languages, with and without a script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.support.browser import DESK, LAPTOP, PHONE, watched_page
from tests.support.pages import Someone, organisation, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"desk": DESK, "laptop": LAPTOP, "phone": PHONE}


@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_ledger_object_page_and_gallery_draw_without_complaint(
    live_server: Any, demo_pages: Someone, browser: Browser, size: str, dark: bool, english: bool
) -> None:
    for number in range(30):
        organisation(number, short_name=f"{number}局" if number % 3 else "")
    long = organisation(31, name="示范区" + "很长的名称" * 11 + "中心")
    sign_in("demo.fast.open")
    tail = f"{size}-{'dark' if dark else 'light'}-{'en' if english else 'zh'}"
    with watched_page(browser, size=SIZES[size], dark=dark, english=english) as seen:
        for name, path in (
            ("list", "/demo/"),
            ("narrowed", "/demo/?q=xyz&kind=department"),
            ("object", f"/demo/{long.pk}"),
            ("panel", f"/demo/{long.pk}?act=rename"),
            ("gallery", "/demo/gallery"),
        ):
            seen.goto(live_server.url + path)
            seen.picture(f"{name}-{tail}")
            assert seen.complaints == []
            assert not seen.overflows(), f"{name} scrolls sideways"
