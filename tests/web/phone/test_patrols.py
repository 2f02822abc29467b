"""A grid officer walks his route without signal: what he found arrives once, with its photo, when the line is back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.domains.hazards.patrol_scene import Village
from tests.factories import make_actor, make_area, make_org
from tests.web.phone.conftest import Scene, kept_offline, photo, started

from quancheng.domains.hazards.models import Patrol, PatrolClue
from quancheng.domains.hazards.services import patrol_places as services
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.schedule.services import generate_rule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.clause("S3-3.3")
def test_a_route_is_walked_without_signal_and_its_clue_reaches_the_town(scene: Scene, tmp_path: Path) -> None:
    now, district = timezone.now(), scene.district
    area = make_area("上柳村", level="village", parent=district.street_area)
    org = make_org("上柳村村民委员会", kind="village", area=area, parent=district.town_org)
    officer = make_actor(org, "village.officer", now=now)
    village = Village(district, org, officer)
    shop, house = village.place("五金店", type="small_shop"), village.place("老屋", type="old_house")
    assert officer.user_id is not None
    spec = services.RouteSpec("东线", [shop, house], [officer.user_id], "daily", timezone.localdate())
    route = services.enter_route(actor=officer, owner=org, spec=spec, now=now)
    assert route.rule_id is not None
    generate_rule(rule_id=route.rule_id, now=timezone.now())
    with scene.phone(officer) as (context, page):
        expect(page.locator(".ph-row", has_text="东线")).to_be_visible()
        kept_offline(page)
        context.set_offline(True)
        page.reload()
        started(page)
        page.click(".ph-row >> text=东线")
        expect(page.locator("[data-slot=looks]").first).to_contain_text("是否无证经营")
        first, second = (page.locator("[data-slot=stops] > li").nth(number) for number in (0, 1))
        first.locator("input[value=clue]").check()
        page.click("form .ph-button-main")
        expect(page.locator("form .ph-wrong")).to_have_count(2)
        first.locator("select").select_option("illegal")
        first.locator("[data-slot=note]").fill("售卖散装汽油")
        first.locator("[data-from=camera]").set_input_files(photo(tmp_path, 4))
        expect(first.locator(".ph-thumb")).to_have_count(1)
        expect(second.locator(".ph-thumb")).to_have_count(0)
        second.locator("input[value=fine]").check()
        page.click("form .ph-button-main")
        expect(page.locator(".ph-act[data-state=waiting]", has_text="东线")).to_be_visible()
        assert not Patrol.objects.exclude(status="DUE").exists()
        # Walked today; tomorrow's round is there, though no line brought it and nobody made it yet.
        page.click(".ph-nav a >> nth=0")
        expect(page.locator("[data-slot=routes-box]")).to_be_hidden()
        page.evaluate("Date.now = (now => () => now() + 86400000)(Date.now)")
        page.click(".ph-nav a[href='#/queue']")
        page.click(".ph-nav a >> nth=0")
        expect(page.locator("[data-slot=routes] .ph-row", has_text="东线")).to_be_visible()
        page.click(".ph-nav a[href='#/queue']")
        page.reload()
        started(page)
        context.set_offline(False)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.locator(".ph-act[data-state=done]")).to_be_visible(timeout=60_000)
    row = Patrol.objects.get()
    assert (row.status, row.visit_count, row.clue_count, row.walker_id) == ("WALKED", 2, 1, officer.user_id)
    clue = PatrolClue.objects.get()
    assert (clue.kind, clue.text, clue.handler_id) == ("illegal", "售卖散装汽油", district.town_org.pk)
    assert files_of(clue).count() == 1
    assert str(row.visits.get(position=1).lat) == "29.500000"
