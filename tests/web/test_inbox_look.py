"""Today, the four ledgers and the acts on items in a real browser, at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.duty.factories import make_assignment
from tests.factories import District, client_of, make_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.kernel.people.models import User
from quancheng.kernel.people.services import delegate
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.services import take_item

pytestmark = pytest.mark.django_db(transaction=True)


def busy(district: District) -> WorkItem:
    """Free, taken, late and guessed steps of the department, and a colleague who is away; returns a free one."""
    now = timezone.now()
    absent = make_actor(district.department_org, "department.officer", name="丙某")
    today = timezone.localdate()
    delegate(
        actor=absent, to_user=User.objects.get(pk=district.department.user_id), first_day=today,
        last_day=today + timedelta(days=5), reason="外出培训", now=now,
    )  # fmt: skip
    for number in range(6):
        row = make_assignment(
            district, title=f"督促第{number + 1}家危险化学品储存企业完成可燃气体报警和紧急切断装置整改并上报佐证材料",
            leads=[(district.department_org, "区应急局")], supports=[(district.town_org, "甲街道")],
        )  # fmt: skip
        items = WorkItem.objects.filter(subject_id=row.pk)
        items.update(due_at=now + timedelta(days=5 * number - 3), assumed_years=[now.year + 1] if number == 4 else [])
        if number < 2:
            take_item(actor=district.department if number else absent, item=items.get(), now=now)
    return WorkItem.objects.filter(person__isnull=True, owner_org=district.department_org).order_by("due_at")[0]


def test_today_inbox_and_acts_fit_a_desk_and_a_phone_and_an_item_is_taken_in_place(
    browser: Browser, live_server: Any
) -> None:
    district = make_district()
    item = busy(district)
    paths = [
        "/",
        reverse("web:inbox"),
        reverse("web:inbox") + "?whose=unit",
        reverse("web:done"),
        reverse("web:item_act", args=[item.pk, "hand_on"]),
        reverse("duty:assignment", args=[item.subject_id]) + "?act=item-hand_on",
        reverse("people:delegations"),
    ]
    sessions = {
        who: client_of(getattr(district, who)).cookies[settings.SESSION_COOKIE_NAME].value
        for who in ("department", "town")
    }
    for size, language in ((DESK, "zh-hans"), (PHONE, "en")):
        with watched_page(browser, size=size) as page:

            def sign_in(who: str, page: Any = page, language: str = language) -> None:
                page.context.add_cookies(
                    [
                        {"name": settings.SESSION_COOKIE_NAME, "value": sessions[who], "url": live_server.url},
                        {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url},
                    ]
                )

            sign_in("department")
            for number, path in enumerate(paths):
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"inbox-{size[0]}-{number:02}")
            page.goto(live_server.url + reverse("web:inbox"))
            page.page.check(f'input[name="ids"][value="{item.pk}"]')
            page.page.click('button[formaction$="act=hand_on"]')
            page.picture(f"inbox-{size[0]}-several")
            assert not page.overflows()
            sign_in("town")
            page.goto(live_server.url + reverse("web:copies"))
            page.picture(f"inbox-{size[0]}-copies")
            assert not page.overflows()
            assert page.complaints == []
    with watched_page(browser, size=DESK) as page:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sessions["department"], "url": live_server.url}
        page.context.add_cookies([cookie])
        page.goto(live_server.url)
        line = page.page.locator(".qc-waiting > li", has_text=item.title)
        line.locator("summary").click()
        page.picture("inbox-menu")
        line.get_by_role("button", name="领办").click()
        page.page.get_by_text("已完成：领办").wait_for()
        assert page.page.url.rstrip("/") == live_server.url
        page.picture("inbox-taken")
        assert page.complaints == []
    item.refresh_from_db()
    assert item.person_id == district.department.user_id
