"""The phone's page as it looks: narrow and wide phones, both languages, outdoors; large targets; axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.support.browser import PICTURES
from tests.web.phone.conftest import Scene, photo, report, started
from tests.web.test_axe import AXE, RUN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Controls less than 48 px high or wide, as far as they are shown.
SMALL = """() => [...document.querySelectorAll("a, button, input:not(.ph-hidden), select, textarea, summary")]
  .filter((each) => each.checkVisibility() && !each.closest("label.ph-tick, .ph-choices"))
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 47.5 || box.width < 47.5).map(([text]) => text)"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(PICTURES) / f"phone-{name}.png"), full_page=True)


@pytest.mark.parametrize(("width", "english", "outdoor"), [(320, False, True), (430, True, False)])
def test_every_screen_fits_has_large_targets_and_reads_well(
    scene: Scene, tmp_path: Path, width: int, english: bool, outdoor: bool
) -> None:
    row = scene.fixing("防火堤西侧有两处孔洞未封堵" * 2)
    with scene.phone(scene.worker) as (context, page):
        page.set_viewport_size({"width": width, "height": 844})
        if outdoor:
            page.click("[data-act=outdoor]")
        if english:
            page.click("[data-act=language]")
            page.wait_for_selector("html[lang=en]")
            started(page)
        context.set_offline(True)
        report(page, "装车台静电接地夹锈蚀", photo(tmp_path, 1))
        code = page.evaluate("document.documentElement.lang")
        page.goto(f"{scene.url}/phone/#/lists")
        page.locator(".ph-row a").first.click()
        page.click("[data-slot=record]")
        page.wait_for_selector(".ph-sign-pad")
        check = page.url.partition("#/")[2]
        page.fill("#c-note", "液位计读数与远传不一致")  # a draft, which the first page lists
        page.wait_for_timeout(900)
        for name in ("", "report", f"fix/{row.pk}", "lists", check, "queue", "ready"):
            page.goto(f"{scene.url}/phone/#/{name}")
            page.wait_for_selector("#main h1")
            page.wait_for_timeout(200)
            picture(page, f"{name.split('/')[0] or 'home'}-{width}-{code}")
            assert page.evaluate(WIDE) <= 1, f"{name} scrolls sideways"
            assert page.evaluate(SMALL) == [], name
            page.evaluate(AXE.read_text())
            assert page.evaluate(RUN) == [], name
