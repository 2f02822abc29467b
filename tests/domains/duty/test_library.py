"""The plan library: a year's plans by unit, what is in force, whose yearly points are missing."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.plan_text import commit
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.duty.models import Plan
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
#: The line of a unit without its points.
MISSING = 'colspan="5"'


@pytest.fixture
def district() -> District:
    return make_district()


def library(district: District, **given: Any) -> str:
    return unescape(client_of(district.director).get(reverse("duty:library"), given).content.decode())


@pytest.mark.clause("S4-A2.1.1a")
def test_the_year_s_points_stand_in_the_library_and_whose_are_missing_is_flagged(district: District) -> None:
    """A unit without its points of the year is flagged as missing; once issued they stand there, by year and kind."""
    year = timezone.localdate().year
    empty = library(district)
    assert empty.count(MISSING) == 3  # the office and two streets; the department owes none
    assert "有 3 个单位没有当年的工作要点" in empty
    plan = commit(district, timezone.now(), period_to=date(year, 12, 31))
    shown = library(district, year=year, kind="key_points", level="district", validity="in_force")
    assert plan.title in shown
    assert library(district).count(MISSING) == 2
    assert plan.title not in library(district, year=year - 1)
    assert plan.title not in library(district, kind="scheme")
    assert plan.title not in library(district, level="town")
    assert "没有当年的工作要点" in library(district, level="town", year=year - 1)
    town_head = client_of(make_actor(district.town_org, "town.head"))
    own = unescape(town_head.get(reverse("duty:library")).content.decode())
    assert own.count(MISSING) == 1
    assert "乙街道办事处" not in own


@pytest.mark.clause("S4-A2.1.1a")
def test_a_superseded_plan_says_by_which_and_an_old_one_that_it_is_over(district: District) -> None:
    """Of two plans of one office the earlier is marked as superseded by the later, on its page and in the library."""
    now = timezone.now()
    first = commit(district, now, period_to=date(now.year, 12, 31))
    second = commit(district, now, period_to=date(now.year, 12, 31))
    url = reverse("duty:plan", args=[first.pk])
    client = client_of(district.director)
    given = {"act": "supersede", "client_id": str(uuid7())}
    assert client.post(url, {**given, "plan": str(first.pk)}).status_code == 422
    assert client.post(url, {**given, "plan": str(second.pk)}).status_code == 303
    assert "替代文件" in client.get(url).content.decode()
    assert f"已由“{second.title}”替代" in library(district, validity="superseded")
    back = reverse("duty:plan", args=[second.pk])
    assert client.post(back, {**given, "plan": str(first.pk)}).status_code == 422
    old = commit(district, NOW.replace(year=2024), period_to=date(2024, 12, 31))
    assert old.title in library(district, year=2024, validity="expired")
    assert Plan.objects.filter(superseded_by=second).count() == 1


def test_who_was_sent_a_paper_is_not_told_that_its_issuer_owes_others(district: District) -> None:
    plan = commit(district, timezone.now())
    Plan.objects.filter(pk=plan.pk).update(kind="scheme")
    page = unescape(client_of(district.department_head).get(reverse("duty:library")).content.decode())
    assert plan.title in page
    assert "没有当年的工作要点" not in page


def test_an_unknown_filter_or_year_is_refused(district: District) -> None:
    client = client_of(district.director)
    for given in ({"yaer": "2026"}, {"year": "x"}, {"kind": "novel"}, {"level": "moon"}, {"validity": "maybe"}):
        assert client.get(reverse("duty:library"), given).status_code == 422


def test_the_years_beside_the_one_shown_keep_the_other_filters(district: District) -> None:
    page = library(district, year=2025, kind="scheme", level="town")
    for year in (2024, 2026):
        assert f'href="?year={year}&kind=scheme&level=town"' in page
