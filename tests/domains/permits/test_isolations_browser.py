"""In a real browser, on a phone: a point is planned, applied and verified; work starts with it and not without."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from tests.domains.permits.factories import Crew, crew_of, make_permit
from tests.domains.permits.isolation_factories import PLATE, link, planned, verified
from tests.domains.permits.test_site_browser import enter, look
from tests.domains.registry.factories import make_unit
from tests.domains.risk.factories import make_object
from tests.domains.risk.test_plans import upload
from tests.factories import NOW, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.permits.models import IsolationPoint
from quancheng.domains.permits.services import isolations, working
from quancheng.domains.risk.services.plans import add_plan, draw_mark

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def send(page: Page) -> None:
    page.locator("#qc-panel .qc-form-actions button").click()


def state(page: Page, word: str) -> None:
    expect(page.locator(".qc-object > header .qc-badge", has_text=word)).to_be_visible()


def test_a_breaker_is_locked_verified_relied_on_and_opened_again_on_a_phone(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at[0])
    district = make_district()
    crew: Crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew)
    at[0] += timedelta(minutes=20)
    with watched_page(browser, size=PHONE) as first, watched_page(browser, size=PHONE) as second:
        enter(first, live_server, crew.safety)
        enter(second, live_server, crew.head)
        page = first.page
        first.goto(f"{live_server.url}/permits/isolations/new")
        page.get_by_label("隔离点（盲板）编号").fill("DL-07")
        page.get_by_label("隔离方式").select_option("ELEC_LOTO")
        page.get_by_label("能量类别").select_option("ELECTRIC")
        page.get_by_label("隔离位置").fill("配电室07柜")
        page.get_by_label("责任人").fill("电气班")
        page.get_by_label("锁号").fill("S-07")
        page.get_by_label("钥匙保管人").fill("当班班长")
        look(first, "isolation-new")
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.get_by_role("heading", name="配电室07柜")).to_be_visible()
        point = IsolationPoint.objects.get()
        card = f"{live_server.url}/permits/isolations/{point.pk}"
        first.goto(f"{card}?act=apply")
        page.get_by_label("隔离实施人").select_option(str(crew.worker.pk))
        look(first, "isolation-apply")
        send(page)
        state(page, "已隔离，待验证")
        second.goto(f"{card}?act=verify")
        second.page.get_by_label("验证人").select_option(str(crew.guardian.pk))
        second.page.get_by_label("验证情况").fill("试启动不动作")
        look(second, "isolation-verify")
        send(second.page)
        state(second.page, "已验证")
        first.goto(f"{live_server.url}/permits/{permit.pk}?act=isolation")
        page.get_by_label("隔离点", exact=True).select_option(str(point.pk))
        send(page)
        expect(page.locator("#qc-panel")).to_have_count(0)
        # Found open: no start, until it is locked and verified anew.
        point.refresh_from_db()
        isolations.lift_point(actor=crew.head, point=point, reason="挂牌丢失", now=at[0])
        first.goto(f"{live_server.url}/permits/{permit.pk}?tab=isolations")
        look(first, "isolation-permit")
        page.get_by_role("button", name="开始作业").first.click()
        expect(page.get_by_text("C-34").first).to_be_visible()
        isolations.apply_point(actor=crew.safety, point=point, person=crew.worker, now=at[0])
        isolations.verify_point(
            actor=crew.head, point=point, person=crew.guardian, proof="TRY_START", result="不动作", now=at[0]
        )
        # A refusal stands in the browser's log as the answer that it is.
        first.complaints.clear()
        first.goto(f"{live_server.url}/permits/{permit.pk}")
        page.get_by_role("button", name="开始作业").first.click()
        state(page, "作业中")
        first.goto(f"{card}?act=hang")
        page.get_by_label("锁主").select_option(label="某作业人 作业人")
        page.get_by_label("个人锁号").fill("P-01")
        send(page)
        expect(page.locator("#qc-panel")).to_have_count(0)
        first.goto(f"{card}?tab=locks")
        expect(page.get_by_text("在挂").first).to_be_visible()
        look(first, "isolation-locks")
        permit.refresh_from_db()
        working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
        first.goto(f"{card}?act=take")
        page.get_by_label("个人锁号").select_option(label="P-01 某作业人")
        page.get_by_label("取锁人").select_option(str(crew.worker.pk))
        send(page)
        expect(page.locator("#qc-panel")).to_have_count(0)
        first.goto(f"{card}?act=remove")
        page.get_by_label("解除人", exact=True).select_option(str(crew.worker.pk))
        send(page)
        state(page, "已解除")
        look(first, "isolation-removed")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_register_and_the_plan_look_right(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=20))
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew)
    file = crew.leader.file
    unit = make_unit(district.enterprise, file, name="罐组一")
    parent = make_object(district.enterprise, file, place=unit)
    plan = add_plan(
        actor=district.enterprise, file=file, name="总平面图", upload=upload(), edition=NOW.date() - timedelta(days=10),
        now=NOW,
    )  # fmt: skip
    draw_mark(actor=district.enterprise, plan=plan, subject_id=parent.pk, points=[(400, 300)], now=NOW)
    plate = planned(crew, unit=unit, **PLATE)
    point = verified(crew, unit=unit)
    link(crew, permit, point)
    valve = planned(crew, tag="FM-12", unit=unit, device="VALVE_LOCK", energy="PRESSURE", needs_blind=False)
    isolations.apply_point(actor=crew.safety, point=valve, person=crew.worker, now=NOW)
    isolations.fail_point(actor=crew.head, point=valve, reason="阀门内漏", now=NOW)
    paths = [
        "/permits/isolations", f"/permits/isolations/{plate.pk}", f"/permits/isolations/{point.pk}?act=force",
        f"/permits/sites/{file.pk}", f"/permits/{permit.pk}?tab=isolations",
    ]  # fmt: skip
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as seen:
            enter(seen, live_server, crew.head)
            cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
            seen.context.add_cookies([cookie])  # type: ignore[list-item]
            for number, path in enumerate(paths):
                seen.goto(live_server.url + path)
                look(seen, f"isolation-{language}-{size[0]}-{number}")
