"""In a real browser: an office issues a round at a desk, a unit answers on a phone, the office looks on site."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, expect
from tests.domains.hazards.factories import own_file
from tests.factories import client_of, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page

from quancheng.domains.hazards.models import Finding, InspectionRound, RoundTarget
from quancheng.kernel.access.actor import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (150, 110, 60)).save(out, "JPEG")
    return out.getvalue()


def enter(seen: Watched, server: Any, actor: Actor) -> None:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    seen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])


def look(seen: Watched, name: str) -> None:
    seen.picture(f"rounds-{name}")
    assert seen.complaints == []
    assert not seen.overflows(), name


def test_a_round_is_issued_at_a_desk_answered_on_a_phone_and_looked_at_on_site(
    browser: Browser, live_server: Any
) -> None:
    district = make_district()
    own_file(district)
    today = timezone.localdate()
    with watched_page(browser, size=DESK) as desk:
        enter(desk, live_server, district.department)
        page = desk.page
        desk.goto(live_server.url + reverse("hazards:round_new"))
        page.get_by_label("任务名称").fill("汛期仓库专项检查")
        page.get_by_label("检查内容和要求").fill("对照检查表逐项自查，重点看排水和防潮。")
        page.get_by_label("检查表").select_option("CL-WH")
        page.get_by_label("仓储企业（油库、危化品仓库）").check()
        page.get_by_label("现场核查比例（%）").fill("100")
        look(desk, "form")
        page.get_by_role("button", name="保存草稿").click()
        expect(page.get_by_text("下发时将发给符合条件的企业 1 家")).to_be_visible()
        look(desk, "draft")
        page.get_by_role("button", name="下发", exact=True).click()
        expect(page.locator(".qc-object > header .qc-badge", has_text="企业自查中")).to_be_visible()
        look(desk, "issued")
        row = InspectionRound.objects.get()
        target = RoundTarget.objects.get()
        with watched_page(browser, size=PHONE) as phone:
            enter(phone, live_server, district.enterprise)
            hand = phone.page
            phone.goto(live_server.url + "/")
            hand.get_by_role("link", name="汛期仓库专项检查").first.click()
            look(phone, "phone-task")
            hand.get_by_role("button", name="签收", exact=True).first.click()
            expect(hand.locator(".qc-object > header .qc-badge", has_text="自查填报中")).to_be_visible()
            hand.get_by_role("link", name="提交自查结果").first.click()
            groups = hand.locator(".haz-item")
            expect(groups).to_have_count(35)
            for number in range(35):
                groups.nth(number).get_by_text("异常" if number == 0 else "正常", exact=True).click()
            look(phone, "phone-answer")
            first = groups.nth(0)
            first.get_by_text("说明和佐证").click()
            first.get_by_label("说明（WH-01）").fill("库房屋面漏雨")
            first.get_by_label("照片或佐证（WH-01）").set_input_files(
                {"name": "漏雨.jpg", "mimeType": "image/jpeg", "buffer": photo()}
            )
            hand.get_by_role("button", name="提交自查结果").click()
            expect(hand.locator(".qc-object > header .qc-badge", has_text="已填报")).to_be_visible()
            look(phone, "phone-answered")
        assert Finding.objects.get().name == "库房屋面漏雨"
        desk.goto(live_server.url + reverse("hazards:round", args=[row.pk]))
        page.get_by_role("link", name="抽取核查对象").first.click()
        page.get_by_role("button", name="抽取核查对象").last.click()
        expect(page.locator(".qc-object > header .qc-badge", has_text="现场核查中")).to_be_visible()
        check = row.checks.get()
        with watched_page(browser, size=PHONE) as phone:
            enter(phone, live_server, district.department)
            hand = phone.page
            phone.goto(live_server.url + reverse("hazards:round_check", args=[check.pk]))
            look(phone, "phone-check")
            hand.get_by_role("link", name="记录现场核查").first.click()
            groups = hand.locator(".haz-item")
            expect(groups).not_to_have_count(0)
            for number in range(groups.count()):
                groups.nth(number).get_by_text("相符", exact=True).click()
            hand.get_by_label("核查情况").fill("逐库看过，与填报一致。")
            look(phone, "phone-look")
            hand.get_by_role("button", name="提交核查结果").click()
            expect(hand.locator(".qc-object > header .qc-badge", has_text="核查相符")).to_be_visible()
        desk.goto(live_server.url + reverse("hazards:round", args=[row.pk]))
        look(desk, "numbers")
        for name in ("rounds", "round_targets", "round_answers", "round_checks", "sub_fields", "sub_field_new"):
            desk.goto(live_server.url + reverse(f"hazards:{name}"))
            look(desk, f"list-{name}")
        desk.goto(live_server.url + reverse("hazards:round_target", args=[target.pk]))
        look(desk, "target")
    assert row.due_date == today + timedelta(days=15)
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as seen:
            enter(seen, live_server, district.department)
            language = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}
            seen.context.add_cookies([language])  # type: ignore[list-item]
            for name, args in (("rounds", []), ("round", [row.pk]), ("round_target", [target.pk]), ("round_new", [])):
                seen.goto(live_server.url + reverse(f"hazards:{name}", args=args))
                look(seen, f"en-{size[0]}-{name}")
