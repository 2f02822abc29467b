"""The map of users and planning zones in a real browser, at a desk and on a phone, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.domains.risk.layout_scene import block, make_site, make_zone, planner
from tests.domains.risk.test_maps_look import signed_in
from tests.factories import District, make_district
from tests.support.browser import DESK, PHONE, watched_page
from tests.support.webserver import web_server

from quancheng.domains.risk.models import LayoutCheck, PlanningZone
from quancheng.domains.risk.services.layout_checks import check_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def district(transactional_db: None) -> District:
    return make_district()


@pytest.fixture
def address(district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("FILES_URL", settings.FILES_URL)
    with web_server(tmp_path) as found:
        yield found


def test_zones_lie_under_users_say_their_population_and_can_be_switched_off(
    browser: Browser, district: District, address: str
) -> None:
    hub = planner(district)
    for number, kind in enumerate(("residential", "chemical_park", "education", "green")):
        ground = block(150 + 300 * number, 400 + 300 * number)
        make_zone(hub, code=f"A-{number}", kind=kind, name=f"示例片区{number}", polygon=ground)
    make_site(district)
    make_site(district, "示例仓库", kind="depot", plot=block(-200, -100))
    check_all(now=timezone.now())
    check = LayoutCheck.objects.get(is_conflict=True)
    # Where the third of four blocks lies, by what the map fits into its width.
    for size, language, across in ((DESK, "zh-hans", 0.56), (PHONE, "en", 0.66)):
        with watched_page(browser, size=size) as page:
            signed_in(page, district.officer, address)
            page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
            page.goto(address + reverse("risk:layout_map"))
            page.page.wait_for_selector("[data-registry-map][data-ready]", timeout=60_000)
            assert not page.overflows()
            page.page.locator('[data-map-layer="zone-green"]').uncheck()
            shown = page.page.locator("[data-registry-map]")
            shown.scroll_into_view_if_needed()
            box = shown.bounding_box()
            assert box is not None
            page.page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] / 2)
            card = page.page.locator(".reg-map-card")
            expect(card).to_contain_text("300")
            page.picture(f"layout-map-{size[0]}")
            for name, arguments in (
                ("layout_checks", []), ("layout_check", [check.pk]), ("zones", []), ("zone", [check.zone_id]),
                ("distance_rules", []), ("zone_new", []),
            ):  # fmt: skip
                if name == "zone_new":
                    signed_in(page, hub, address)
                page.goto(address + reverse(f"risk:{name}", args=arguments))
                assert not page.overflows(), name
                page.picture(f"{name}-{size[0]}")
            page.goto(address + reverse("risk:file", args=[check.file_id]) + "?tab=layout")
            assert not page.overflows()
            page.picture(f"layout-tab-{size[0]}")
            assert page.complaints == []


def test_a_zone_is_drawn_on_the_map_and_what_is_typed_is_drawn_too(
    browser: Browser, district: District, address: str
) -> None:
    hub = planner(district)
    make_site(district)
    make_zone(hub, code="A-0", name="示例片区", polygon=block(400, 700))
    with watched_page(browser, size=DESK) as watched:
        signed_in(watched, hub, address)
        watched.goto(address + reverse("risk:zone_new"))
        page = watched.page
        box = page.locator("[data-zone-draw]")
        page.wait_for_selector("[data-zone-draw][data-ready]", timeout=60_000)
        field = page.locator("textarea[name=polygon]")
        page.select_option("select[name=system]", "bd09")
        for across, down in ((0.3, 0.3), (0.5, 0.3), (0.5, 0.6)):
            size = box.bounding_box()
            assert size is not None
            page.mouse.click(size["x"] + size["width"] * across, size["y"] + size["height"] * down)
        expect(box).to_have_attribute("data-corners", "3")
        told = json.loads(field.input_value())
        ring = told["coordinates"][0]
        assert (told["type"], len(ring), ring[0] == ring[-1]) == ("Polygon", 4, True)
        expect(page.locator("select[name=system]")).to_have_value("cgcs2000")
        # A corner is moved, another set and taken back; typing draws.
        size = box.bounding_box()
        assert size is not None
        page.mouse.move(size["x"] + size["width"] * 0.5, size["y"] + size["height"] * 0.6)
        page.mouse.down()
        page.mouse.move(size["x"] + size["width"] * 0.5, size["y"] + size["height"] * 0.7, steps=4)
        page.mouse.up()
        moved = json.loads(field.input_value())["coordinates"][0]
        assert (len(moved), moved[1]) == (4, ring[1])
        assert moved[2][1] < ring[2][1]
        page.mouse.click(size["x"] + size["width"] * 0.3, size["y"] + size["height"] * 0.7)
        expect(box).to_have_attribute("data-corners", "4")
        page.click("[data-zone-undo]")
        assert json.loads(field.input_value())["coordinates"][0] == moved
        watched.picture("zone-drawn")
        page.click("[data-zone-clear]")
        expect(field).to_have_value("")
        field.fill(json.dumps(told))
        expect(box).to_have_attribute("data-corners", "3")
        for name, value in {"code": "B-1", "name": "画的片区", "document": "示例规划"}.items():
            page.fill(f"[name={name}]", value)
        page.select_option("select[name=kind]", "residential")
        page.click(".qc-form-actions .btn-primary")
        page.wait_for_url("**/risk/zones/*")
        assert watched.complaints == []
    assert PlanningZone.objects.get(code="B-1").polygon == told
