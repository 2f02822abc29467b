"""What a director and a slow unit see: a late matter becomes a letter, is served and answered, in a real browser."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.factories import District, make_district
from tests.kernel.ladder.factories import make_item
from tests.support.browser import DESK, PHONE, Watched, watched_page
from tests.support.signing import signed_in

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.papers.models import Paper, Service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(seen: Watched, live_server: Any, actor: Actor) -> None:
    """Take over a session of the test client."""
    host = urlsplit(live_server.url).hostname
    cookies = signed_in(actor).cookies
    seen.context.add_cookies(
        [{"name": name, "value": morsel.value, "domain": host, "path": "/"} for name, morsel in cookies.items()]
    )


def click(seen: Watched, words: str, *, inside: str = "main", posts: bool = False) -> None:
    """Press a button or follow a link; with ``posts`` wait for the answer to what it sends."""
    part = seen.page.locator(inside)
    button = part.get_by_role("button", name=words, exact=True)
    target = button.or_(part.get_by_role("link", name=words, exact=True)).first
    if not posts:
        target.click()
    else:
        with seen.page.expect_response(lambda answer: answer.request.method == "POST"):
            target.click()
    seen.page.wait_for_load_state("networkidle")


def deliver_all() -> None:
    for delivery in Delivery.objects.filter(done_at=None):
        deliver(event_id=delivery.event_id, subscriber=delivery.subscriber, now=timezone.now())


def test_a_late_matter_becomes_a_letter_that_is_served_and_answered(live_server: Any, browser: Browser) -> None:
    district: District = make_district()
    make_item(district, due_in_days=-9, now=timezone.now())
    climb(now=timezone.now())
    row = Escalation.objects.get()
    with watched_page(browser, size=DESK) as seen:
        sign_in(seen, live_server, district.director)
        seen.goto(live_server.url + reverse("ladder:list"))
        seen.picture("ladder-list")
        seen.page.get_by_role("link", name="T-0001 开展储存场所专项检查").first.click()
        seen.picture("ladder-proposal")
        click(seen, "签发")
        body = seen.page.locator("textarea[name=body]")
        expect(body).to_have_value(re.compile("超期9天"))
        expect(body).not_to_have_value(re.compile("超期9天.*超期9天", re.DOTALL))
        seen.picture("ladder-signing")
        click(seen, "签发", inside="#qc-panel", posts=True)
        row.refresh_from_db()
        assert row.status == "SIGNED"
        seen.goto(live_server.url + reverse("papers:paper", args=[row.paper_id]))
        sheet = seen.page.locator("img.qc-sheet").first
        sheet.scroll_into_view_if_needed()
        seen.page.wait_for_load_state("networkidle")
        assert sheet.evaluate("picture => picture.naturalWidth") == 893
        seen.picture("paper-signed")
        click(seen, "全部平台送达")
        with seen.page.expect_response(lambda answer: answer.request.method == "POST"):
            seen.page.locator("dialog[open] button").first.click()
        seen.page.wait_for_load_state("networkidle")
        assert not seen.overflows()
        assert seen.complaints == []
    deliver_all()
    service = Service.objects.get()
    assert service.status == "SENT"
    with watched_page(browser, size=PHONE) as seen:
        sign_in(seen, live_server, district.department)
        seen.goto(live_server.url + reverse("notices:list"))
        seen.picture("notices-phone")
        seen.page.get_by_text("送达文书，请签收").first.click()
        seen.page.wait_for_load_state("networkidle")
        seen.picture("service-phone")
        click(seen, "签收", posts=True)
        click(seen, "回复")
        seen.page.locator("textarea[name=reply]").fill("已安排专人办理，预计下周完成。")
        seen.picture("reply-phone")
        click(seen, "回复", inside="#qc-panel", posts=True)
        assert not seen.overflows()
        assert seen.complaints == []
    service.refresh_from_db()
    assert service.status == "REPLIED"
    assert Paper.objects.get().status == "SERVED"


@pytest.mark.slow
@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_papers_and_ladder_draws_without_complaint(
    live_server: Any, browser: Browser, size: tuple[int, int], english: bool
) -> None:
    from tests.kernel.papers.factories import make_draft

    district = make_district()
    paper = make_draft(district)
    item = make_item(district, due_in_days=-9, now=timezone.now())
    tail = f"{size[0]}-{'en' if english else 'zh'}"
    with watched_page(browser, size=size, english=english) as seen:
        sign_in(seen, live_server, district.director)
        for name, path in (
            ("papers", reverse("papers:list")),
            ("choose", reverse("papers:new")),
            ("draft", reverse("papers:new") + "?template=urging"),
            ("edit", reverse("papers:edit", args=[paper.pk])),
            ("services", reverse("papers:services")),
            ("templates", reverse("papers:templates")),
            ("template", reverse("papers:template", args=["talk"])),
            ("rungs", reverse("ladder:rungs")),
            ("propose", reverse("ladder:propose", args=[item.pk])),
            ("notices", reverse("notices:list")),
        ):
            seen.goto(live_server.url + path)
            seen.picture(f"{name}-{tail}")
            assert seen.complaints == [], name
            assert not seen.overflows(), f"{name} scrolls sideways"
