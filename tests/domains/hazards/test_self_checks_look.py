"""A check led by the main person on a phone, and a yearly assessment at a desk, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.domains.hazards.factories import own_file
from tests.factories import client_of, make_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.hazards.models import SelfCheck, SiteAssessment
from quancheng.domains.hazards.services import self_checks, site_assessments
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.schedule.services import generate
from quancheng.standards.risk.running_assessment import elements

pytestmark = pytest.mark.django_db(transaction=True)


def _cookies(actor: Actor, url: str, language: str = "zh-hans") -> list[dict[str, str]]:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    return [
        {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url},
        {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url},
    ]


def test_the_main_person_records_and_signs_a_check_on_a_phone(browser: Browser, live_server: Any) -> None:
    district, now = make_district(), timezone.now()
    own_file(district)
    head = make_actor(district.enterprise_org, "enterprise.head", name="示例负责人", now=now)
    self_checks.keep_rhythm(now=now)
    generate(now=now)
    row = SelfCheck.objects.get()
    with watched_page(browser, size=PHONE) as page:
        page.context.add_cookies(_cookies(head, live_server.url))  # type: ignore[arg-type]
        page.goto(live_server.url + reverse("hazards:self_check", args=[row.pk]))
        assert not page.overflows()
        page.page.get_by_role("link", name="登记排查并签字").first.click()
        page.page.wait_for_url("**/record")
        assert not page.overflows()
        page.page.locator("label[for=id_item_CH-01_0]").click()
        page.page.get_by_label("声明：未发现重大事故隐患").check()
        page.page.get_by_label("排查部位").fill("罐区")
        page.page.get_by_label("本人签名").fill("别人")
        page.expected.add(422)
        page.page.get_by_role("button", name="签字并提交").click()
        page.page.get_by_text("请填写您本人的姓名作为签名。").first.wait_for()
        expect(page.page.get_by_label("排查部位")).to_have_value("罐区")
        page.picture("self-check-phone")
        page.page.get_by_label("本人签名").fill(head.name)
        page.page.get_by_role("button", name="签字并提交").click()
        page.page.get_by_text("已排查并签字").first.wait_for()
        assert not page.overflows()
        page.picture("self-check-done-phone")
        assert page.complaints == []
    row.refresh_from_db()
    assert (row.status, row.signed_name, row.gone_through) == ("DONE", head.name, 1)


def test_an_office_assesses_on_site_at_a_desk(browser: Browser, live_server: Any) -> None:
    district, now = make_district(), timezone.now()
    row = site_assessments.open_assessment(actor=district.department, file=own_file(district), year=now.year, now=now)
    site_assessments.act(actor=district.department, row=row, name="skip_self", reason="直接评估", now=now)
    with watched_page(browser, size=DESK) as page:
        page.context.add_cookies(_cookies(district.department, live_server.url))  # type: ignore[arg-type]
        page.goto(live_server.url + reverse("hazards:site_assessment", args=[row.pk]))
        page.page.get_by_role("link", name="填写现场评估").first.click()
        page.page.wait_for_url("**/site")
        for one in elements():
            page.page.locator(f"#id_points_{one.code}").fill(str(one.full))
        page.page.locator("#id_points_B11").fill("9")
        page.expected.add(422)
        page.page.get_by_role("button", name="提交", exact=True).click()
        page.page.get_by_text("未得满分，请写明扣分原因").first.wait_for()
        page.picture("site-assessment-desk")
        page.page.locator("#id_reason_B11").fill("抽查三次未按时")
        page.page.get_by_role("button", name="提交", exact=True).click()
        page.page.get_by_text("待复核").first.wait_for()
        assert not page.overflows()
        page.picture("site-assessment-scored-desk")
        assert page.complaints == []
    row.refresh_from_db()
    assert (row.status, str(row.total)) == ("REVIEW", "105.0")
    assert SiteAssessment.objects.count() == 1


def test_the_other_pages_fit_desk_and_phone_in_both_languages(browser: Browser, live_server: Any) -> None:
    district, now = make_district(), timezone.now()
    file = own_file(district)
    self_checks.keep_rhythm(now=now)
    generate(now=now)
    paths = [
        reverse("hazards:self_checks"), reverse("hazards:self_check_towns"), reverse("hazards:self_check_rules"),
        reverse("hazards:mechanisms"), reverse("hazards:mechanism", args=[file.pk]),
        reverse("hazards:statistics_reports"), reverse("hazards:site_assessments"),
        reverse("hazards:site_assessment_progress"), reverse("hazards:building"), reverse("hazards:building_steps"),
        reverse("hazards:building_of", args=[file.pk]),
    ]  # fmt: skip
    for size, language in ((DESK, "zh-hans"), (PHONE, "en")):
        with watched_page(browser, size=size) as page:
            page.context.add_cookies(_cookies(district.officer, live_server.url, language))  # type: ignore[arg-type]
            for number, path in enumerate(paths):
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"self-checks-{size[0]}-{language}-{number:02}")
            assert page.complaints == []
