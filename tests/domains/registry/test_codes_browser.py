"""In a real browser: a passer-by on a phone without JavaScript, the duty room and the fire brigade, paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.domains.registry.codes_scene import enter_product, paste_sheet
from tests.factories import PASSWORD, District, client_of, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page

from quancheng.domains.registry.models import Product
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import User

pytestmark = pytest.mark.browser


@pytest.fixture
def district(transactional_db: None) -> District:
    return make_district()


@pytest.fixture
def product(district: District) -> Product:
    own = client_of(district.enterprise)
    own.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号", "emergency_phone": "0999-7654321"})
    made = enter_product(
        own, name="工业乙酸乙酯", english="Ethyl acetate, technical grade", parts="乙酸乙酯 99.5%", hazard_classes="",
        packages="铁桶 200 L\n试剂瓶 100 mL\n塑料瓶 1 L", registration_no="990110001", transport_class="3",
        prevention="远离热源、火花、明火。禁止吸烟。", response="皮肤接触：立即脱去污染的衣着，用水清洗。",
        storage="存放在通风良好处。", disposal="按当地规定处置。",
    )  # fmt: skip
    paste_sheet(own, made)
    own.post(f"/registry/products/{made.pk}", {"act": "extend", "kind": "batch", "text": "B2026-08"})
    return made


def sign_in(page: Page, server: LiveServer, actor: Actor) -> None:
    user = User.objects.get(pk=actor.user_id)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    page.goto(f"{server.url}/login")
    page.get_by_label("用户名或手机号码").fill(user.username)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今日待办")).to_be_visible()


def fits(watched: Watched, name: str) -> None:
    watched.picture(name)
    assert not watched.overflows(), name


@pytest.mark.slow
def test_a_passer_by_reads_and_the_fire_brigade_sees_more_by_the_duty_room_s_code(
    district: District, product: Product, live_server: LiveServer, browser: Browser
) -> None:
    url = f"{live_server.url}/c/{product.code.code}/B2026-08"
    with watched_page(browser, size=PHONE, javascript=False) as phone, watched_page(browser, size=DESK) as desk:
        phone.expected |= {404, 422}
        phone.goto(url)
        expect(phone.page.get_by_role("heading", name="工业乙酸乙酯")).to_be_visible()
        fits(phone, "code-phone")
        phone.page.get_by_role("link", name="大字版").click()
        fits(phone, "code-phone-large")
        phone.page.get_by_role("link", name="English").click()
        expect(phone.page.get_by_text("Highly flammable liquid")).to_be_visible()
        fits(phone, "code-phone-english")
        phone.page.get_by_role("link", name="中文").click()
        phone.page.get_by_role("link", name="标准字号").click()

        sign_in(desk.page, live_server, district.department)
        desk.goto(f"{live_server.url}/registry/passes/new")
        desk.page.get_by_label("企业或产品").fill(product.code.code)
        desk.page.get_by_label("查看身份").select_option("firefighter")
        desk.page.get_by_label("告知对象").fill("示例消防站一车")
        desk.page.get_by_label("事由").fill("示例路口泄漏救援")
        desk.picture("pass-new")
        desk.page.get_by_role("button", name="发出").click()
        secret = desk.page.locator("#secret").inner_text()
        fits(desk, "pass-made")

        phone.page.get_by_role("link", name="驾驶员、消防救援、检查人员查看更多").click()
        phone.page.get_by_label("临时查看码").fill("0000-0000")
        phone.page.get_by_role("button", name="查看").click()
        expect(phone.page.get_by_text("不正确、已失效")).to_be_visible()
        fits(phone, "code-who-phone")
        phone.page.get_by_label("临时查看码").fill(secret.lower())
        phone.page.get_by_role("button", name="查看").click()
        expect(phone.page.get_by_role("heading", name="运输卡")).to_be_visible()
        fits(phone, "code-more-phone")
        phone.goto(f"{live_server.url}/c/0000000000000000")
        fits(phone, "code-none-phone")
        assert phone.complaints == []

        for path, name in ((f"products/{product.pk}", "product"), (f"products/{product.pk}?tab=code", "product-code"),
                           (f"products/{product.pk}?tab=scans", "product-scans"), ("products", "products"),
                           (f"sheets/{product.sheets.get().pk}", "sheet"), ("passes", "passes"),
                           (f"enterprises/{product.file_id}?tab=codes", "enterprise-codes"),
                           (f"products/{product.pk}/label", "label"), (f"products/{product.pk}/poster", "poster"),
                           (f"products/{product.pk}/label?package=0.1+L&copies=3", "label-small"),
                           (f"enterprises/{product.file_id}/poster", "site-poster")):  # fmt: skip
            desk.goto(f"{live_server.url}/registry/{path}")
            fits(desk, f"{name}-desk")
            desk.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            # What is printed has its size in millimetres; on a phone it may be wider than the screen.
            if "label" in name or "poster" in name:
                desk.picture(f"{name}-phone")
            else:
                fits(desk, f"{name}-phone")
            desk.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        assert desk.complaints == []
