"""What axe finds on the main pages of each kind, light and dark: nothing serious."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from tests.domains.duty.factories import make_assignment
from tests.domains.duty.plan_text import commit, text_of
from tests.factories import client_of, make_district, make_member
from tests.support.browser import Watched, watched_page
from tests.support.signing import signed_in

from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services.review import register_plan
from quancheng.runtime.place import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a",
"wcag21aa", "best-practice"]})).violations.filter((found) => ["serious", "critical"].includes(found.impact))
.map((found) => `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)"""


def findings(watched: Watched) -> list[str]:
    """Injected past the content policy, which holds for what the page itself brings."""
    watched.page.evaluate(AXE.read_text())
    found: list[str] = watched.page.evaluate(RUN)
    return found


@pytest.mark.slow
def test_axe_finds_nothing_serious_on_pages_of_each_kind_in_light_and_dark(live_server: Any, browser: Browser) -> None:
    district, now = make_district(), timezone.now()
    commit(district, now)
    task = make_assignment(district, title="核查储罐区紧急切断装置")
    text = text_of(now.year).replace("〕", "〕1")
    plan = register_plan(
        actor=district.director,
        lines=text.split("\n"),
        parsed=parse_plan(text).to_json(),
        source_name="要点.txt",
        source_sha256="1" * 64,
        now=now,
    )
    system = signed_in(make_member(district.office_org, "admin.system"), now=now)
    cookies = {
        "": "",
        "office": client_of(district.director).cookies[settings.SESSION_COOKIE_NAME].value,
        "unit": client_of(district.department).cookies[settings.SESSION_COOKIE_NAME].value,
        "system": system.cookies[settings.SESSION_COOKIE_NAME].value,
    }
    pages = [
        ("", reverse("people:sign_in")),
        ("office", reverse("web:today")),
        ("office", reverse("duty:assignments")),
        ("office", reverse("duty:board")),
        ("office", reverse("duty:wall")),
        ("office", reverse("duty:wall") + "?view=matrix"),
        ("office", reverse("duty:review", args=[plan.pk])),
        ("office", reverse("duty:meeting_new")),
        ("office", reverse("people:delegations")),
        ("unit", reverse("web:inbox")),
        ("unit", reverse("duty:assignment", args=[task.pk])),
        ("unit", reverse("duty:assignment", args=[task.pk]) + "?act=decline"),
        ("system", reverse("exchange:import_new", args=["people.organisations"])),
        ("system", reverse("people:users")),
    ]
    found = {}
    for dark in (False, True):
        with watched_page(browser, dark=dark) as watched:
            for who, path in pages:
                watched.context.clear_cookies()
                if who:
                    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": cookies[who], "url": live_server.url}
                    watched.context.add_cookies([cookie])
                answer = watched.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                if told := findings(watched):
                    found[f"{path} {'dark' if dark else 'light'}"] = told
            watched.page.evaluate("document.body.append(document.createElement('img'))")
            assert [one.partition(":")[0] for one in findings(watched)] == ["image-alt"], "axe looks"
    assert found == {}
