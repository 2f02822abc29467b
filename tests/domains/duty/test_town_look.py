"""A town's plan with charts in a real browser: its review, its tree, its links, its chart, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import Browser
from tests.domains.duty.town import PLAN, import_plan, make_town, split_and_commit
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.duty.models import Campaign

pytestmark = pytest.mark.django_db(transaction=True)


def part_of(text: str) -> str:
    """The document with its first and second part alone: what a page must fit is all in them."""
    return text[: text.index("云溪镇2026年危险化学品和烟花爆竹安全监管工作要点")]


@pytest.mark.slow
def test_the_pages_of_a_plan_with_charts_fit_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    town = make_town()
    import_plan(town, part_of(PLAN.read_text()))
    session = town.client.cookies[settings.SESSION_COOKIE_NAME].value

    def visit(paths: list[str], first: int) -> None:
        for size in (DESK, PHONE):
            with watched_page(browser, size=size) as page:
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
                page.context.add_cookies([cookie])
                for number, path in enumerate(paths, first):
                    answer = page.goto(live_server.url + path)
                    assert answer is not None
                    assert answer.status == 200, path
                    assert not page.overflows(), f"{path} at {size}"
                    page.picture(f"town-{size[0]}-{number:02}")
                assert page.complaints == []

    visit([town.url, f"{town.url}?order=document"], 0)
    split_and_commit(town)
    plan = reverse("duty:plan", args=[town.plan.pk])
    row, text = town.task("协助组建", in_chart=True), town.task("1.建立小微企业", in_chart=False)
    campaign = reverse("duty:campaign", args=[Campaign.objects.order_by("code")[0].pk])
    with override("zh-hans"):
        visit(
            [
                f"{plan}?tab=tree",
                plan,
                f"{reverse('duty:task', args=[row.pk])}?tab=serves",
                reverse("duty:task", args=[text.pk]),
                f"{reverse('duty:wall')}?plan={town.plan.pk}",
                reverse("duty:library"),
                campaign,
                f"{campaign}?act=revise",
            ],
            2,
        )
