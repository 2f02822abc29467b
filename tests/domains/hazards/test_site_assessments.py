"""Yearly assessment of dual prevention: by itself, on site, confirmed by another; vetoes; who is not assessed yet."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.domains.hazards.factories import own_file
from tests.domains.risk.factories import make_object
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.hazards.models import SiteAssessment
from quancheng.domains.hazards.queries import site_assessments as queries
from quancheng.domains.hazards.services import site_assessments as services
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.files.models import FileLink
from quancheng.standards.risk.running_assessment import elements

pytestmark = pytest.mark.django_db
FULL = {one.code: one.full for one in elements()}


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def opened(district: District, year: int = 2026) -> SiteAssessment:
    return services.open_assessment(actor=district.department, file=own_file(district), year=year, now=NOW)


def points(**changes: services.Points) -> dict[str, services.Points]:
    return {code: services.Points(Decimal(full)) for code, full in FULL.items()} | changes


def visit(**given: Any) -> services.Visit:
    return services.Visit(**{"visited": NOW.date(), "assessors": "示例评估组", **given})


def typed(**changes: str) -> dict[str, str]:
    return {f"points_{code}": str(full) for code, full in FULL.items()} | changes


@pytest.mark.usefixtures("at_now")
def test_both_sides_score_the_same_form_and_a_second_person_confirms_it() -> None:
    district = make_district()
    file = own_file(district)
    make_object(district.enterprise, file)
    progress = reverse("hazards:site_assessment_progress")
    people = (district.department, district.enterprise, district.department_head)
    office, own, chief = (client_of(one) for one in people)
    name = str(file.enterprise.name) if file.enterprise else ""
    assert name in office.get(progress, {"unassessed": "1"}).content.decode()
    begun = office.post(reverse("hazards:site_assessment_new", args=[file.pk]), {"year": "2026"})
    assert begun.status_code == 303
    row = SiteAssessment.objects.get()
    page, mine, site = (reverse(f"hazards:site_assessment{part}", args=[row.pk]) for part in ("", "_self", "_site"))
    assert "满分30" in own.get(mine).content.decode()
    assert office.get(mine).status_code == 403
    assert office.get(site).status_code == 409
    wrong = own.post(mine, typed(points_B1="3", points_B2="1", points_B3=""))
    assert wrong.status_code == 422
    assert {"points_B1", "points_B3", "reason_B2"} <= set(wrong.context["form"].errors)
    saved = own.post(mine, {"save": "1", "points_B1": "2", "evidence_B1": "领导小组文件"})
    assert saved.status_code == 303
    assert "领导小组文件" in own.get(mine).content.decode()
    paper = SimpleUploadedFile("文件.txt", "成立领导小组".encode(), content_type="text/plain")
    assert own.post(mine, {**typed(), "files_B1": paper}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.self_total) == ("SITE", Decimal("110.0"))
    assert "文件.txt" in office.get(page).content.decode()
    given = typed(points_B11="4.5", reason_B11="抽查三次未按时", visited="2026-09-07", assessors="示例评估组")
    assert office.post(site, given).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.base, row.extra, row.total, row.grade) == (
        "REVIEW", Decimal("90.5"), Decimal("10.0"), Decimal("100.5"), "excellent",
    )  # fmt: skip
    # Not the enterprise's to read yet, and not his to confirm who gave the points.
    assert "抽查三次未按时" not in own.get(page).content.decode()
    assert office.post(page, {"act": "confirm"}).status_code == 403
    chief.cookies["django_language"] = "en"
    assert re.search(r">\s*Confirm\s*<", chief.get(page).content.decode())
    assert chief.post(page, {"act": "confirm"}).status_code == 303
    row.refresh_from_db()
    assert row.status == "DONE"
    shown = own.get(page).content.decode()
    assert "抽查三次未按时" in shown
    tab = reverse("registry:enterprise", args=[file.pk]) + "?tab=assessments"
    assert "100.5" in client_of(district.town).get(tab).content.decode()
    assert name not in office.get(progress, {"unassessed": "1"}).content.decode()
    assert client_of(district.other_town).get(page).status_code == 404
    assert client_of(district.other_enterprise).get(page).status_code == 404


def test_a_veto_on_site_makes_the_total_nought_and_needs_its_facts() -> None:
    district = make_district()
    row = opened(district)
    services.act(actor=district.department, row=row, name="skip_self", reason="企业逾期未自评", now=NOW)
    with pytest.raises(Invalid) as wrong:
        services.submit_site(actor=district.department, row=row, points=points(), now=NOW,
                             visit=visit(vetoes=["V3"], assessors=""))  # fmt: skip
    assert set(wrong.value.fields) == {"veto_reason", "assessors"}
    told = visit(vetoes=["V3"], veto_reason="三条排查记录系补造")
    services.submit_site(actor=district.department, row=row, points=points(), visit=told, now=NOW)
    assert (row.base, row.total, row.grade) == (Decimal("100.0"), Decimal("0.0"), "poor")
    with pytest.raises(NotPermitted):
        services.act(actor=district.department, row=row, name="return", reason="重评", now=NOW)
    services.act(actor=district.department_head, row=row, name="return", reason="事实不清", now=NOW)
    assert row.status == "SITE"
    services.submit_site(actor=district.department, row=row, points=points(), visit=visit(), now=NOW)
    services.act(actor=district.department_head, row=row, name="confirm", reason="", now=NOW)
    assert (row.status, row.total, row.vetoes) == ("DONE", Decimal("110.0"), [])


def test_the_year_before_stands_beside_this_one_and_a_year_is_assessed_once() -> None:
    district = make_district()
    last = opened(district, 2025)
    services.act(actor=district.department, row=last, name="skip_self", reason="补评", now=NOW)
    less = services.Points(Decimal(3), "培训记录不全")
    services.submit_site(actor=district.department, row=last, points=points(B3=less), visit=visit(), now=NOW)
    services.act(actor=district.department_head, row=last, name="confirm", reason="", now=NOW)
    row = services.open_assessment(actor=district.enterprise, file=own_file(district), year=2026, now=NOW)
    past = {one.element.code: one.before for one in queries.lines_of(row, actor=district.enterprise)}
    assert past["B3"] == Decimal("3.0")
    with pytest.raises(Conflict):
        opened(district)
    with pytest.raises(Invalid):
        opened(district, 2024)
    with pytest.raises(NotPermitted):
        services.open_assessment(actor=district.town, file=own_file(district), year=2026, now=NOW)
    with pytest.raises(NotPermitted):
        services.save_scores(actor=make_actor(district.enterprise_org, "enterprise.viewer"), row=row, side="self",
                             points=points(), now=NOW)  # fmt: skip
    with pytest.raises(StaleState):
        services.save_scores(actor=district.department, row=row, side="site", points=points(), now=NOW)
    too_many = {"B1": services.Points(Decimal(3))}
    with pytest.raises(Invalid):
        services.save_scores(actor=district.enterprise, row=row, side="self", points=too_many, now=NOW)


@pytest.mark.usefixtures("at_now")
def test_a_year_that_is_begun_already_is_said_so_on_the_page() -> None:
    district = make_district()
    file = own_file(district)
    new, client = reverse("hazards:site_assessment_new", args=[file.pk]), client_of(district.department)
    assert client.post(new, {"year": "2026", "client_id": str(uuid.uuid4())}).status_code == 303
    again = client.post(new, {"year": "2026", "client_id": str(uuid.uuid4())})
    assert again.status_code == 409
    assert "已经开始" in again.content.decode()


@pytest.mark.usefixtures("at_now")
def test_the_enterprise_reads_no_evidence_and_no_return_of_the_office_before_it_is_confirmed() -> None:
    district = make_district()
    row, chief = opened(district), district.department_head
    own, office = client_of(district.enterprise), client_of(district.department)
    shown = services.Points(Decimal(2), files=(make_file(district.enterprise),))
    services.submit_self(actor=district.enterprise, row=row, points=points(B1=shown), now=NOW)
    seen = services.Points(Decimal(2), files=(make_file(district.department),))
    services.submit_site(actor=district.department, row=row, points=points(B1=seen), visit=visit(), now=NOW)
    services.act(actor=chief, row=row, name="return", reason="扣分依据不足", now=NOW)
    page, held = reverse("hazards:site_assessment", args=[row.pk]), "/api/v1/files"
    asked = {"subject_type": "hazards.siteassessment", "subject_id": str(row.pk)}

    def roles(client: Any) -> set[str]:
        return {one["role"] for one in client.get(held, asked).json()["items"]}

    inner = FileLink.objects.get(role="site.B1")
    assert (roles(own), roles(office)) == ({"self.B1"}, {"self.B1", "site.B1"})
    download = reverse("files:download", args=[inner.pk])
    assert (own.get(download).status_code, office.get(download).status_code) == (404, 200)
    assert "扣分依据不足" not in own.get(page).content.decode()
    assert "扣分依据不足" in office.get(page).content.decode()
    services.submit_site(actor=district.department, row=row, points=points(), visit=visit(), now=NOW)
    services.act(actor=chief, row=row, name="confirm", reason="", now=NOW)
    assert roles(own) == {"self.B1", "site.B1"}
    assert "扣分依据不足" in own.get(page).content.decode()


def test_points_that_are_taken_back_are_gone_and_a_step_that_is_over_keeps_nothing() -> None:
    district = make_district()
    row = opened(district)
    early = SiteAssessment.objects.get(pk=row.pk)
    both = {code: services.Points(Decimal(1)) for code in ("B1", "B2")}
    services.save_scores(actor=district.enterprise, row=row, side="self", points=both, now=NOW)
    services.save_scores(actor=district.enterprise, row=row, side="self", points={"B1": both["B1"]}, now=NOW)
    assert set(queries.scores_of(row, "self")) == {"B1"}
    services.submit_self(actor=district.enterprise, row=row, points=points(), now=NOW)
    with pytest.raises(StaleState):
        services.save_scores(actor=district.enterprise, row=early, side="self", points=both, now=NOW)
    assert set(queries.scores_of(row, "self")) == set(FULL)
