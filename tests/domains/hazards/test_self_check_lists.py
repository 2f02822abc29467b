"""Lists of self-checks, statistics, assessments and building: every sort, filter and the export, and their cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.factories import own_file
from tests.domains.registry.factories import CODES, make_file
from tests.domains.risk.factories import make_object
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.hazards.queries import building as building_queries
from quancheng.domains.hazards.services import self_checks, signed_statistics, site_assessments
from quancheng.domains.hazards.views import building, mechanisms
from quancheng.domains.hazards.views import self_checks as check_views
from quancheng.domains.hazards.views import signed_statistics as report_views
from quancheng.domains.hazards.views import site_assessments as assessment_views
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.pages.lists import ListPage
from quancheng.kernel.schedule.services import generate

pytestmark = pytest.mark.django_db
LISTS: tuple[tuple[str, type[ListPage]], ...] = (
    ("self_checks", check_views.SelfCheckList), ("mechanisms", mechanisms.MechanismList),
    ("statistics_reports", report_views.ReportList), ("site_assessments", assessment_views.AssessmentList),
    ("site_assessment_progress", assessment_views.ProgressList), ("building", building.BuildingList),
)  # fmt: skip


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> District:
    """A row in every list."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    file = own_file(district)
    make_object(district.enterprise, file)
    self_checks.keep_rhythm(now=NOW)
    signed_statistics.keep_reports(now=NOW)
    generate(now=NOW + timedelta(days=30))
    site_assessments.open_assessment(actor=district.department, file=file, year=2026, now=NOW)
    return district


@pytest.mark.parametrize(("name", "page"), LISTS, ids=[name for name, _page in LISTS])
def test_every_column_sorts_every_flag_narrows_and_the_list_exports(
    name: str, page: type[ListPage], filled: District
) -> None:
    client, address = client_of(filled.officer), reverse(f"hazards:{name}")
    shown = client.get(address).content.decode()
    assert "示例甲化工有限公司" in shown
    for column in page.columns:
        if column.sort is not None:
            for sort in (column.key, f"-{column.key}"):
                assert client.get(address, {"sort": sort}).status_code == 200, sort
    for one in page.filters:
        if type(one).__name__ == "Flag":
            assert client.get(address, {one.name: "1"}).status_code == 200, one.name
    answer = client.get(address, {"export": "xlsx"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.openxml")
    assert client.get(address, {"nothing": "1"}).status_code == 422
    english = client_of(filled.officer)
    english.cookies["language"] = "en"
    assert english.get(address).status_code == 200


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "1899-12", "2026-13", "x"])
def test_a_month_that_no_calendar_has_is_refused(month: str, filled: District) -> None:
    assert client_of(filled.officer).get(reverse("hazards:self_check_towns"), {"month": month}).status_code == 422


def test_each_number_by_town_opens_the_rows_that_it_counts(filled: District, monkeypatch: pytest.MonkeyPatch) -> None:
    address = reverse("hazards:self_check_towns")
    for name, code, area in (("示例丁仓储有限公司", CODES[0], None), ("示例己仓储有限公司", CODES[1], "own")):
        file = make_file(filled.department, area=filled.street_area, kind="depot", name=name, code=code)
        Enterprise.objects.filter(pk=file.pk).update(area=filled.street_area if area else None)
    self_checks.keep_rhythm(now=NOW)
    generate(now=NOW)
    # One of the street ran out of work: its check is no longer needed, and counted nowhere.
    Enterprise.objects.filter(pk=file.pk).update(life="stopped")
    self_checks.keep_rhythm(now=NOW)
    running = client_of(filled.officer).get(address, {"month": "2026-09"})
    assert "open=1" not in running.content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=30))
    client = client_of(filled.officer)
    rows = client.get(address, {"month": "2026-09"}).context["rows"]
    assert [(line.name != "", line.owed, line.missing) for line, *_urls in rows] == [(True, 1, 1), (False, 1, 1)]
    for line, owed, done, late, missing in rows:
        opened = [len(client.get(url).context["lines"]) for url in (owed, done, late, missing)]
        assert opened == [line.owed, line.done, line.late, line.missing]


def test_the_steps_of_all_enterprises_cost_one_query(filled: District, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        list(building_queries.list_files(actor=filled.officer, today=NOW.date()))
    with django_assert_num_queries(1):
        building_queries.by_step(actor=filled.officer, today=NOW.date())
