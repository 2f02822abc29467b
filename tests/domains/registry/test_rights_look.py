"""The pages of licences, posts and safety expenses in a real browser, at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.registry.factories import chemical, make_facility, make_holding, make_unit
from tests.factories import client_of, house_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.registry.models import LicenceExit, LicenceRenewal
from quancheng.domains.registry.services import enterprises, expenses, expiry, licences, posts
from quancheng.domains.registry.services.licences import LicenceSpec, ScopeItem

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_every_page_of_rights_fits_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    district, house, now = make_district(), house_actor(), timezone.now()
    known = {"address": "甲街道示例路1号", "staff_count": 420}
    file = enterprises.open_own_file(actor=district.enterprise, kind="depot", known=known, now=now)
    tank = make_facility(house, make_unit(house, file), processes=["P04"])
    make_holding(house, tank, "氯", design_t="65", present_t="60")
    make_holding(house, tank, "甲醇", present_t="3")
    today = timezone.localdate()
    scope = [ScopeItem(chemical("氯"), Decimal(50)), ScopeItem(chemical("氨"))]
    for kind, number, days in (
        ("OPERATING", "示经字〔2023〕001号", 20), ("BUSINESS", "91990102MA00A001XJ", None),
        ("EMERGENCY_PLAN", "示例备字001", 200), ("REGISTRATION", "示例登001", -3), ("SAFETY_USE", "示例用字001", -1),
    ):  # fmt: skip
        printed = {
            "number": number, "valid_to": None if days is None else today + timedelta(days=days),
            "trading_address": "示例市示例区乙街道别处路9号", "issuer": "示例市应急管理局",
        }  # fmt: skip
        spec = LicenceSpec(kind=kind, known=printed, items=scope if kind == "OPERATING" else ())
        row = licences.enter_licence(actor=district.enterprise, file=file, spec=spec, now=now)
        if kind == "OPERATING":
            licence = row
    expiry.look_at_licences(now=now)
    for post, name in (("DEPUTY_SAFETY", "示例甲"), ("SAFETY_MANAGER", "示例乙")):
        posts.name_holder(actor=district.enterprise, file=file, post=post, name=name, certificate_no="证001", now=now)
    expense = expenses.enter_expense(
        actor=district.enterprise, file=file, year=today.year, industry="hazardous_goods",
        revenue=Decimal(260_000_000), drawn=Decimal(3_000_000), now=now,
    )  # fmt: skip
    expenses.use_expense(
        actor=district.enterprise, expense=expense, category="training", amount=Decimal(50_000), paid_date=today,
        text="全员安全培训", now=now,
    )  # fmt: skip
    page_of_file = reverse("registry:enterprise", args=[file.pk])
    paths = [
        f"{page_of_file}?tab=licences",
        f"{page_of_file}?tab=posts",
        f"{page_of_file}?tab=expenses",
        reverse("registry:licences"),
        reverse("registry:licence", args=[licence.pk]),
        reverse("registry:licence", args=[licence.pk]) + "?act=decide",
        reverse("registry:licence_new", args=[file.pk]),
        reverse("registry:licence_calendar"),
        reverse("registry:licence_exits"),
        reverse("registry:licence_exit", args=[LicenceExit.objects.get().pk]) + "?act=order",
        reverse("registry:licence_renewal", args=[LicenceRenewal.objects.get(licence=licence).pk]),
        reverse("registry:post_gaps"),
        reverse("registry:expenses"),
        reverse("registry:expense", args=[expense.pk]),
        reverse("registry:expense", args=[expense.pk]) + "?tab=uses",
    ]
    for who in (district.department, district.enterprise):
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
                    page.picture(f"rights-{number:02}-{who.name}-{size[0]}")
                    assert not page.overflows(), f"{path} scrolls sideways at {size}"
