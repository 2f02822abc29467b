"""In a real browser: points are placed on a drawing of pipes by pointer and by keys, and its pins show their states."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect
from tests.domains.permits.factories import NOW, crew_of
from tests.domains.permits.isolation_factories import PLATE, apply, planned, verified
from tests.domains.permits.test_site_browser import enter, look
from tests.factories import make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.permits.demo_drawings import SPOTS, picture
from quancheng.domains.permits.models import DrawingSpot
from quancheng.domains.permits.services import drawings, isolations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scene(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=20))
    crew = crew_of(make_district(), "TE")
    drawing = drawings.add_drawing(
        actor=crew.safety, file=crew.leader.file, number="示例-PID-01", title="示例罐组进出料流程图",
        edition=NOW.date() - timedelta(days=10), upload=picture(), now=NOW,
    )  # fmt: skip
    return crew, drawing


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_points_are_placed_by_pointer_and_by_keys_and_show_their_states(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    crew, drawing = scene(monkeypatch)
    plate, breaker = planned(crew, **PLATE), planned(crew)
    url = f"{live_server.url}/permits/drawings/{drawing.pk}"
    with watched_page(browser, size=size) as seen:
        enter(seen, live_server, crew.safety)
        page = seen.page
        seen.goto(url)
        page.get_by_role("link", name="标到图上 MB-01").click()
        expect(page.get_by_label("隔离点", exact=True)).to_have_value(str(plate.pk))
        box = page.locator("svg.risk-plan").bounding_box()
        assert box is not None
        # Twice: a single point moves to wherever one points.
        for x in (120, 180):
            page.locator("svg.risk-plan").click(position={"x": x, "y": box["height"] / 4})
        expect(page.get_by_label("图上坐标")).to_have_value(re.compile(r"^\d+,\d+$"))
        page.get_by_role("button", name="保存位置").click()
        pin = page.get_by_role("link", name="MB-01 进料线法兰：计划")
        expect(pin).to_be_visible()
        spot = DrawingSpot.objects.get(point=plate)
        scale = drawing.width_px / box["width"]
        assert abs(spot.x - 180 * scale) < 3 * scale
        page.get_by_role("link", name="标到图上 DL-07").click()
        svg = page.locator("svg.risk-plan")
        svg.focus()
        for key in ("ArrowRight", "Shift+ArrowDown", "Enter"):
            svg.press(key)
        page.get_by_role("button", name="保存位置").click()
        expect(page.get_by_role("link", name="DL-07 配电室07柜：计划")).to_be_visible()
        moved = DrawingSpot.objects.get(point=breaker)
        assert moved.x > drawing.width_px // 2
        assert moved.y > drawing.height_px // 2
        apply(crew, breaker)
        seen.goto(url)
        expect(page.get_by_role("link", name="DL-07 配电室07柜：已隔离，待验证")).to_be_visible()
        page.get_by_role("button", name="取下 MB-01").click()
        expect(page.get_by_role("link", name="标到图上 MB-01")).to_be_visible()
        page.get_by_role("link", name="DL-07 配电室07柜：已隔离，待验证").click()
        expect(page.get_by_role("heading", name="配电室07柜")).to_be_visible()
        page.get_by_role("link", name="示例-PID-01 示例罐组进出料流程图").click()
        expect(svg).to_be_visible()
        assert seen.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_of_drawings_look_right(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch, language: str, theme: str
) -> None:
    crew, drawing = scene(monkeypatch)
    plate, point, pump = planned(crew, **PLATE), verified(crew), planned(crew, tag="DL-09", place="配电室09柜")
    valve = planned(crew, tag="FM-12", device="VALVE_LOCK", energy="PRESSURE", place="出料阀", needs_blind=False)
    apply(crew, pump)
    isolations.apply_point(actor=crew.safety, point=valve, person=crew.worker, now=NOW)
    isolations.fail_point(actor=crew.head, point=valve, reason="阀门内漏", now=NOW)
    spots = [*SPOTS["BLIND"][:1], *SPOTS["ELEC_LOTO"], *SPOTS["VALVE_LOCK"]]
    for one, (x, y) in zip((plate, point, valve, pump), spots, strict=True):
        drawings.place_point(actor=crew.safety, drawing=drawing, point_id=one.pk, x=x, y=y, now=NOW)
    planned(crew, tag="DL-11", place="配电室11柜")
    paths = [
        "/permits/drawings", "/permits/drawings/new", f"/permits/drawings/{drawing.pk}",
        f"/permits/drawings/{drawing.pk}/place?point={plate.pk}", f"/permits/drawings/{drawing.pk}/change",
    ]  # fmt: skip
    for size in ((1280, 800), PHONE):
        with watched_page(browser, size=size) as seen:
            seen.page.emulate_media(color_scheme=theme)
            enter(seen, live_server, crew.safety)
            cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
            seen.context.add_cookies([cookie])  # type: ignore[list-item]
            for number, path in enumerate(paths):
                seen.goto(live_server.url + path)
                look(seen, f"drawing-{language}-{theme}-{size[0]}-{number}")
