"""Pages of people, contractors, exams and pools on a phone: nothing scrolls sideways; tables of people are cards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser
from tests.architecture import contractor_records, education_records, exam_records, pool_records, training_records
from tests.domains.training.factories import own_file
from tests.factories import client_of, make_district
from tests.support.browser import PHONE, watched_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Widths of frames whose table goes on beyond them.
_SCROLLS = """
() => [...document.querySelectorAll(".qc-table-wrap")].filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => (one.querySelector("thead") || one).innerText.replaceAll(/\\s+/g, " ").slice(0, 60))
"""
OBJECTS = {
    "person": training_records.person, "qualification": training_records.certificate,
    "record": education_records.record, "order": education_records.order, "session": education_records.session,
    "plan": education_records.plan, "course": education_records.course, "programme": education_records.programme,
    "document": education_records.document, "exam": exam_records.exam, "sitting": exam_records.sitting,
    "contractor": contractor_records.contractor, "admission": contractor_records.admission,
    "entry": contractor_records.outsider, "violation": contractor_records.violation,
    "contractor_incident": contractor_records.incident, "black_listing": contractor_records.black_listing,
    "pool_member": pool_records.member, "assignment": pool_records.assignment,
    "agency_report": pool_records.agency_report, "service": pool_records.service,
}  # fmt: skip
LISTS = (
    "persons", "qualifications", "orders", "records", "sessions", "plans", "courses", "programmes", "documents",
    "exams", "sittings", "contractors", "admissions", "contractor_findings", "entries", "on_site", "gate_passes",
    "violations", "contractor_incidents", "black_listings", "coverage", "standings", "staffing",
)  # fmt: skip


def test_no_page_of_people_and_contractors_is_wider_than_a_phone(browser: Browser, live_server: Any) -> None:
    district = make_district()
    own_file(district)
    made = {name: make(district) for name, make in OBJECTS.items()}
    contractor_records.entry_step(district)
    contractor_records.contract(district)
    training_records.post(district)
    education_records.seat(district)
    session = client_of(district.enterprise).cookies[settings.SESSION_COOKIE_NAME].value
    wide: dict[str, list[str]] = {}
    with watched_page(browser, size=PHONE) as seen:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        seen.context.add_cookies([cookie])  # type: ignore[list-item]

        def look(name: str, path: str) -> None:
            seen.goto(live_server.url + path)
            seen.picture(f"training-{name}")
            assert seen.complaints == [], name
            assert not seen.overflows(), name
            if found := seen.page.evaluate(_SCROLLS):
                wide[name] = found

        for name in LISTS:
            look(name, reverse(f"training:{name}"))
        look("coverage-of-one", f"{reverse('training:coverage')}?programme=entry-hazchem")
        look("matrix", reverse("training:own_matrix"))
        look("staff", reverse("training:own_staff"))
        for name, record in made.items():
            path = reverse(f"training:{name}", kwargs={"pk": record.arguments["pk"]})
            look(name, path)
            shown = client_of(district.enterprise).get(path).content.decode()
            for tab in sorted(set(re.findall(rf'href="(?:{path})?\?tab=(\w+)"', shown))):
                look(f"{name}-{tab}", f"{path}?tab={tab}")
    assert wide == {}
