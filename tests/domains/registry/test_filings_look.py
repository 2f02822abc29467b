"""The pages of completeness, filings and reports in a real browser, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import client_of, house_actor, make_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.registry.models import Filing
from quancheng.domains.registry.services import enterprises, filings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_every_page_of_filings_and_reports_fits_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    district, house, now = make_district(), house_actor(), timezone.now()
    known = {"address": "甲街道示例路1号", "staff_count": 420}
    file = enterprises.open_own_file(actor=district.enterprise, kind="depot", known=known, now=now)
    make_holding(house, make_facility(house, make_unit(house, file)), "氯", design_t="65", present_t="60")
    make_file(house, area=district.street_area, name="示例旧货栈", kind="trader_paper", code=CODES[0], life="exiting")
    head = make_actor(district.enterprise_org, "enterprise.certifier")
    filing = filings.begin_filing(actor=district.enterprise, file=file, reason="示例事由", now=now)
    filings.prepare_filing(actor=district.enterprise, filing=filing, now=now)
    filings.certify_filing(actor=head, filing=filing, agreed=True, now=now)
    filings.receive_filing(actor=district.department, filing=filing, text="", now=now)
    file.refresh_from_db()
    enterprises.change_enterprise(
        actor=district.enterprise, file=file, version=file.version, changes={"staff_count": 421}, now=now
    )
    owed = Filing.objects.get(closed_at__isnull=True)
    filings.prepare_filing(actor=district.enterprise, filing=owed, now=now)
    page_of_file = reverse("registry:enterprise", args=[file.pk])
    page_of_owed = reverse("registry:filing", args=[owed.pk])
    paths = [
        page_of_file,
        f"{page_of_file}?tab=completeness",
        reverse("registry:enterprises"),
        reverse("registry:coverage"),
        reverse("registry:completeness_rules"),
        reverse("registry:filings"),
        page_of_owed,
        f"{page_of_owed}?tab=content",
        reverse("registry:filing_receipt", args=[filing.pk]),
        reverse("registry:filing_rules"),
        reverse("registry:class_report"),
        reverse("registry:totals"),
        reverse("registry:exited"),
    ]
    for who in (district.department, head):
        session = client_of(who).cookies[settings.SESSION_COOKIE_NAME].value
        for size in (DESK, PHONE) if who is district.department else (PHONE,):
            with watched_page(browser, size=size) as page:
                page.context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
                )
                for number, path in enumerate(paths):
                    answer = page.goto(live_server.url + path)
                    assert answer is not None
                    assert answer.status == 200, path
                    page.picture(f"filings-{number:02}-{who.name}-{size[0]}")
                    assert not page.overflows(), f"{path} scrolls sideways at {size}"
