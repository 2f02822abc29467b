"""Programmes of education: what ships, what an office changes, and whom each concerns."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.training.models import Programme, WorkRole
from quancheng.domains.training.queries.education import rules
from quancheng.domains.training.queries.programmes import programme_of, programmes_on
from quancheng.domains.training.services.shipped import load_shipped

FOUR = {"main_head", "actual_controller", "technology_head", "safety_director"}


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def as_typed(page: str) -> dict[str, Any]:
    """What the form of a page would send back unchanged."""
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    return {"act": "change", "version": version[1]}


def told(row: Programme, **changed: Any) -> dict[str, Any]:
    names = (
        "kind", "name", "name_en", "first_hours", "plant_hours", "workshop_hours", "team_hours", "yearly_hours",
        "interval_months", "interval_hours", "within_days", "pass_mark", "syllabus", "basis", "mark", "roles",
        "except_roles", "employments", "kinds", "version",
    )  # fmt: skip
    body: dict[str, Any] = {name: getattr(row, name) for name in names} | {"act": "change", "reason": "按区部署"}
    body |= {name: "on" for name in ("needs_practice", "is_owed") if getattr(row, name)}
    return {**body, **changed}


def test_hours_by_group_stand_as_the_rules_on_training_say_them(district: District) -> None:
    def hours(code: str) -> tuple[int, int]:
        row = programme_of(code)
        return row.first_hours, row.yearly_hours

    assert hours("heads-unified") == hours("managers-hazchem") == (48, 16)
    assert hours("heads-general") == (32, 12)
    assert hours("entry-hazchem") == (72, 20)
    assert hours("entry-general") == (24, 8)
    entry = programme_of("entry-hazchem")
    assert (entry.plant_hours, entry.workshop_hours, entry.team_hours, entry.within_days) == (24, 24, 24, 0)
    assert all(one.mark and one.basis and one.basis_en and one.name_en for one in programmes_on(NOW.date()))
    roles = set(WorkRole.objects.values_list("code", flat=True))
    assert all({*one.roles, *one.except_roles} <= roles for one in programmes_on(NOW.date()))


def test_each_way_of_work_at_each_class_of_enterprise_has_one_entry_programme(district: District) -> None:
    def found(kind: str, employment: str, *roles: str) -> list[str]:
        rows = [one for one in programmes_on(NOW.date()) if one.kind in ("entry", "visitor", "office")]
        return [one.code for one in rows if one.concerns(roles=set(roles), employment=employment, kind=kind)]

    assert found("producer", "own", "process_operator") == ["entry-hazchem"]
    assert found("depot", "dispatched", "loader") == found("petrol_station", "intern") == ["entry-hazchem"]
    assert found("user", "own", "process_operator") == ["entry-general"]
    assert found("depot", "contractor", "welder") == ["visitor"]
    for role in FOUR:
        assert found("producer", "own", role) == ["heads-unified"]
    assert found("producer", "own", "safety_manager") == ["managers-hazchem"]
    assert found("user", "own", "main_head") == ["heads-general"]


def test_an_office_changes_hours_and_a_later_release_leaves_them(district: District) -> None:
    office = client_of(district.officer)
    row = programme_of("post-skills")
    at = f"/training/programmes/{row.pk}"
    page = office.get(f"{at}?act=change").content.decode()
    assert as_typed(page)["version"] == "1"
    assert office.post(at, told(row, first_hours=12)).status_code == 303
    load_shipped()
    row.refresh_from_db()
    assert (row.first_hours, row.version) == (12, 2)
    assert "按区部署" in office.get(at).content.decode()
    stale = office.post(at, told(row, first_hours=16, version=1))
    assert stale.status_code == 409


def test_levels_that_do_not_add_up_are_refused_with_what_was_typed(district: District) -> None:
    row = programme_of("entry-hazchem")
    at = f"/training/programmes/{row.pk}"
    answer = client_of(district.officer).post(at, told(row, plant_hours=30))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "三级学时合计为78，与初次学时不一致。" in page
    assert 'value="30"' in page
    assert client_of(district.enterprise).post(at, told(row)).status_code == 403


def test_an_office_sets_how_many_hours_a_day_count(district: District) -> None:
    office = client_of(district.officer)
    body = {"most_hours_a_day": "6", "late_minutes": 10, "code_seconds": 60, "absent_months": 6, "reason": "区部署"}
    assert office.post("/training/programmes/rules", {**body, "code_seconds": 5}).status_code == 422
    assert office.post("/training/programmes/rules", body).status_code == 303
    assert (rules().most_hours_a_day, rules().absent_months) == (6, 6)
    assert 'value="60"' in office.get("/training/programmes/rules").content.decode()
    assert client_of(district.enterprise).get("/training/programmes/rules").status_code == 403


def test_an_office_adds_a_programme_and_everybody_reads_it(district: District) -> None:
    office: Client = client_of(district.officer)
    body = {
        "code": "hot-season", "kind": "special", "name": "高温季节专题培训", "first_hours": 4, "is_owed": "on",
        "basis": "区部署", "mark": "D", "reason": "夏季部署", "syllabus": "防暑\n\n储罐降温",
    }  # fmt: skip
    answer = office.post("/training/programmes/new", body)
    assert answer.status_code == 303
    page = client_of(district.enterprise).get(answer["Location"]).content.decode()
    assert "储罐降温" in page
    assert office.post("/training/programmes/new", body).status_code == 409
    rows = client_of(district.enterprise).get("/api/v1/training/programmes?kind=special&limit=50").json()["items"]
    made = next(one for one in rows if one["code"] == "hot-season")
    assert (made["first_hours"], made["syllabus"]) == (4, "防暑\n储罐降温")
    one = client_of(district.town).get(f"/api/v1/training/programmes/{made['id']}").json()
    assert one["name"] == "高温季节专题培训"
    assert client_of(district.officer).post("/training/programmes/new", {**body, "code": "A B"}).status_code == 422
