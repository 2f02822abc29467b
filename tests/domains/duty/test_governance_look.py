"""The pages of meetings, campaigns, problems and governance in a real browser, at a desk and on a phone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.duty.factories import make_assignment
from tests.domains.duty.test_campaigns import running
from tests.domains.duty.test_meetings import held
from tests.domains.duty.test_problems import verified
from tests.factories import client_of, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.duty.services import governance
from quancheng.domains.duty.services import meetings as services

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_every_page_of_governance_fits_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    district = make_district()
    make_assignment(district, due_date=date(2026, 9, 10), title="开展危险化学品储罐区可燃气体报警和紧急切断专项检查")
    meeting = held(district)
    now = timezone.now()
    given: dict[str, Any] = {"actor": district.director, "meeting": meeting, "now": now}
    services.decide(**given, text="限期完成整改。", leads=[district.town_org], due_date=date(2030, 1, 1))
    services.write_minutes(**given, minutes="会议通报了任务进展。")
    services.circulate(**given)
    campaign = running(district)
    problem = verified(district)
    veto = governance.veto(
        actor=district.director, org=district.town_org, event_date=date(2026, 5, 1), reason="事故", now=now
    )
    meeting_url = reverse("duty:meeting", args=[meeting.pk])
    paths = [
        reverse("duty:meetings"),
        meeting_url,
        f"{meeting_url}?tab=decisions",
        f"{meeting_url}?tab=minutes",
        reverse("duty:meeting_new"),
        reverse("duty:campaign", args=[campaign.pk]),
        reverse("duty:problems"),
        reverse("duty:problem", args=[problem.pk]),
        reverse("duty:problem", args=[problem.pk]) + "?act=compare",
        reverse("duty:duty_lists"),
        reverse("duty:results") + "?year=2026",
        reverse("duty:veto", args=[veto.pk]),
    ]
    session = client_of(district.director).cookies[settings.SESSION_COOKIE_NAME].value
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as page:
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
            for number, path in enumerate(paths):
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"governance-{size[0]}-{number:02}")
            assert page.complaints == []
