"""In a real browser: a permit is placed, signed by finger, guarded, counted and accepted on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect
from tests.domains.permits.factories import FOUND, NOW, Crew, crew_of, make_draft, make_permit, prepare
from tests.factories import client_of, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page

from quancheng.domains.permits.models import Permit, PermitSignature, SpaceEntry
from quancheng.domains.permits.services import preparing
from quancheng.kernel.access.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER = NOW + timedelta(minutes=6)
PLACE = {"latitude": 37.4, "longitude": 118.50002, "accuracy": 8}


def enter(seen: Watched, server: Any, actor: Actor) -> None:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    seen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])


def look(seen: Watched, name: str) -> None:
    seen.picture(f"permits-{name}")
    assert seen.complaints == []
    assert not seen.overflows(), name


def write_name(seen: Watched, number: int) -> None:
    """A name written by finger: a zigzag over the canvas, each time another, for a copied one is refused."""
    box = seen.page.locator("canvas[data-signature]").bounding_box()
    assert box is not None
    mouse = seen.page.mouse
    mouse.move(box["x"] + 10, box["y"] + 10)
    mouse.down()
    for n in range(16):
        mouse.move(box["x"] + 10 + n * 12, box["y"] + (20 if n % 2 else 60 + number), steps=2)
    mouse.up()


def sign(seen: Watched, number: int) -> None:
    page = seen.page
    page.get_by_role("link", name="签字").or_(page.get_by_role("button", name="签字")).first.click()
    page.get_by_role("button", name="获取当前位置").click()
    expect(page.get_by_text("已定位")).to_be_visible()
    write_name(seen, number)
    page.locator("#qc-panel .qc-form-actions button").click()


def test_a_confined_space_is_signed_guarded_and_counted_on_a_phone(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [LATER]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at[0])
    district = make_district()
    crew: Crew = crew_of(district, "CS")
    permit = make_draft(district, "CS", crew)
    prepare(crew, permit)
    Permit.objects.filter(pk=permit.pk).update(lon=None, lat=None)
    url = f"{live_server.url}/permits/{permit.pk}"
    with watched_page(browser, size=PHONE) as phone:
        phone.context.grant_permissions(["geolocation"])
        phone.context.set_geolocation(PLACE)
        phone.page.clock.set_fixed_time(at[0])
        enter(phone, live_server, crew.head)
        page = phone.page
        phone.goto(f"{url}/place")
        page.get_by_role("button", name="获取当前位置").click()
        expect(page.get_by_label("作业点经度")).to_have_value("118.500020")
        page.get_by_label("作业范围半径，m").fill("3")
        look(phone, "phone-place")
        page.get_by_role("button", name="保存").click()
        permit.refresh_from_db()
        preparing.present_permit(actor=crew.safety, permit=permit, now=at[0])
        for number in range(12):
            permit.refresh_from_db()
            if permit.status != "APPROVING":
                break
            at[0] += timedelta(minutes=1)
            page.clock.set_fixed_time(at[0])
            phone.goto(url)
            if number == 0:
                page.get_by_role("link", name="签字").or_(page.get_by_role("button", name="签字")).first.click()
                look(phone, "phone-sign")
                phone.goto(url)
                # Too far away: refused, and the name need not be written again.
                phone.expected.add(409)
                phone.context.set_geolocation({**PLACE, "latitude": 37.41})
                sign(phone, number)
                expect(page.locator("#qc-panel")).to_contain_text("C-14")
                written = page.locator("#qc-panel [data-signature-value]")
                expect(written).to_have_value(re.compile(r"^data:image/png;base64,\S{400}"))
                look(phone, "phone-sign-refused")
                phone.context.set_geolocation(PLACE)
                page.get_by_role("button", name="获取当前位置").click()
                expect(page.get_by_text("已定位")).to_be_visible()
                page.locator("#qc-panel .qc-form-actions button").click()
            else:
                sign(phone, number)
            expect(page.locator("#qc-panel")).to_have_count(0)
        permit.refresh_from_db()
        assert permit.status == "ISSUED"
        assert PermitSignature.objects.filter(image="").exclude(step__in=("BRIEFER", "BRIEFED")).count() == 0
        at[0] += timedelta(minutes=1)
        phone.goto(url)
        page.get_by_role("button", name="开始作业").first.click()
        expect(page.locator(".qc-object > header .qc-badge", has_text="作业中")).to_be_visible()
        phone.goto(f"{url}/look")
        for group in page.locator("fieldset").all():
            group.get_by_text("符合", exact=True).click()
        look(phone, "phone-look")
        page.get_by_role("button", name="提交检查").click()
        expect(page.get_by_text("某监护人").first).to_be_visible()
        phone.goto(f"{url}/space/new")
        page.get_by_label("进入人员").select_option(label="某作业人 作业人")
        page.get_by_label("带入工器具件数").fill("2")
        look(phone, "phone-enter")
        page.get_by_role("button", name="登记进入").click()
        expect(page.get_by_text("在内")).to_be_visible()
        look(phone, "phone-guarding")
        entry = SpaceEntry.objects.get()
        at[0] += timedelta(minutes=5)
        phone.goto(f"{url}/space/{entry.pk}/leave")
        page.get_by_label("带出工器具件数").fill("2")
        page.get_by_role("button", name="登记离开").click()
        phone.goto(f"{url}?act=finish")
        page.locator("#qc-panel textarea").fill("人员、工具已清点")
        page.locator("#qc-panel .qc-form-actions button").click()
        expect(page.locator(".qc-object > header .qc-badge", has_text="完工待验收")).to_be_visible()
        phone.goto(f"{url}?act=accept")
        expect(page.locator("#qc-panel fieldset")).not_to_have_count(0)
        for group in page.locator("#qc-panel fieldset").all():
            group.get_by_text("满足", exact=True).click()
        page.locator("#qc-panel textarea").fill("合格")
        look(phone, "phone-accept")
        page.locator("#qc-panel .qc-form-actions button").click()
        expect(page.locator(".qc-object > header .qc-badge", has_text="已验收")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_of_other_work_and_stop_orders_look_right(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    crew = crew_of(district)
    hot = make_permit(district, "HW", crew=crew, to="WORKING")
    second = crew_of(district, "TE", order=740)
    permit = make_draft(district, "TE", second, place="配电箱")
    prepare(second, permit)
    preparing.check_site(actor=crew.safety, permit=hot, found=FOUND, now=LATER)
    other = f"/permits/{permit.pk}/meetings/{hot.pk}/M-HW-TE"
    for size in (DESK, PHONE):
        for actor, paths in (
            (crew.head, [f"/permits/{hot.pk}?tab={tab}" for tab in (
                "people", "blocks", "guarding", "simops", "measures", "papers", "signatures")]),
            (crew.head, [other, f"/permits/{permit.pk}/place", "/permits/figures/new", "/permits/operations/new",
                         "/permits/orders/new", f"/permits/{permit.pk}?tab=simops", f"/permits/{hot.pk}?act=suspend"]),
            (district.department, ["/permits/orders", "/permits/orders/new", "/permits/operations", "/permits/figures",
                                   f"/permits/{hot.pk}/order", f"/permits/{hot.pk}/observers/new"]),
        ):  # fmt: skip
            with watched_page(browser, size=size) as seen:
                enter(seen, live_server, actor)
                cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
                seen.context.add_cookies([cookie])  # type: ignore[list-item]
                for number, path in enumerate(paths):
                    seen.goto(live_server.url + path)
                    look(seen, f"{language}-{size[0]}-{actor.name}-{number}-{len(paths)}")
