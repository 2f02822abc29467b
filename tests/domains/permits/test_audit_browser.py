"""In a real browser: an office reads audits at a desk and answers the list for the place on a phone, twice worded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, expect
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import client_of, make_actor, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page

from quancheng.domains.permits.models import SpotCheck
from quancheng.domains.permits.services import auditing, filings, spot
from quancheng.kernel.access.actor import Actor
from quancheng.standards.gb30871.audit.spot import questions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(seen: Watched, server: Any, actor: Actor, language: str = "") -> None:
    session = client_of(actor).cookies[settings.SESSION_COOKIE_NAME].value
    seen.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
    if language:
        seen.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": server.url}])


def look(seen: Watched, name: str) -> None:
    seen.picture(f"permit-audit-{name}")
    assert seen.complaints == []
    assert not seen.overflows(), name


def test_an_audit_is_read_at_a_desk_and_work_looked_at_with_a_phone(browser: Browser, live_server: Any) -> None:
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    filing = filings.file_permit(actor=crew.safety, permit=permit, now=NOW)
    audit = auditing.audit_permit(permit=permit, moment="START", now=NOW + timedelta(minutes=40))
    office = make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer")
    check = spot.choose(actor=office, permit=permit, now=NOW)
    spot.draw_for(office_id=permit.file.supervisor_id, now=NOW, seed="browser")
    pages = {
        "audits": reverse("permits:audits"), "audit": reverse("permits:audit", args=[audit.pk if audit else ""]),
        "unknown": reverse("permits:audit", args=[audit.pk if audit else ""]) + "?tab=unknown",
        "rules": reverse("permits:audit_rules"), "rule": reverse("permits:audit_rule", args=["A-025"]),
        "statistics": reverse("permits:audit_statistics") + "?day=2026-09-08",
        "enterprise": reverse("permits:audit_enterprise", args=[permit.file_id]) + "?day=2026-09-08",
        "findings": reverse("permits:findings"), "violations": reverse("permits:violations"),
        "checks": reverse("permits:spot_checks"), "draws": reverse("permits:spot_draws"),
        "mechanisms": reverse("permits:mechanisms"), "filings": reverse("permits:filings"),
        "filing": reverse("permits:filing", args=[filing.pk]), "lead": reverse("permits:filing_lead"),
    }  # fmt: skip
    for size, place in ((DESK, "desk"), (PHONE, "phone")):
        for language in ("zh-hans", "en"):
            with watched_page(browser, size=size) as seen:
                enter(seen, live_server, district.director, language)
                for name, url in pages.items():
                    seen.goto(live_server.url + url)
                    look(seen, f"{name}-{place}-{language}")
    with watched_page(browser, size=PHONE) as phone:
        enter(phone, live_server, office)
        phone.goto(live_server.url + reverse("permits:spot_on_site", args=[check.pk]))
        look(phone, "on-site")
        page = phone.page
        for one in questions("CS"):
            page.locator(f'input[name="answer_{one.code}"][value="YES"]').check()
        page.get_by_role("button", name="提交抽查结果").click()
        expect(page.get_by_text("已抽查").first).to_be_visible()
        look(phone, "on-site-done")
    assert SpotCheck.objects.get(pk=check.pk).passed is True
