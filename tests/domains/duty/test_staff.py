"""The supervision force: who is in post, the professional share, what was planned and reached."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories import District, client_of, make_area, make_district, make_org

from quancheng.domains.duty.models import StaffMember
from quancheng.domains.duty.queries.staff import ForceLine, list_force
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def enter(client: Client, name: str, *, professional: bool = False, **given: Any) -> int:
    form: dict[str, Any] = {"name": name, "joined_by": "recruited", "joined_date": "2025-03-01", **given}
    if professional:
        form |= {"has_schooling": "on", "schooling": "安全工程本科", "has_practice": "on"}
    return client.post(reverse("duty:staff_new"), form).status_code


def line_of(client: Client, district: District) -> ForceLine:
    lines = client.get(reverse("duty:force")).context["lines"]
    return next(line for line in lines if line.org == district.department_org)


@pytest.mark.clause("S3-6.1a", "S5-3.2a", "S4-C3.3.4a")
def test_the_professional_share_of_each_force_stands_against_three_quarters(district: District) -> None:
    """Staff are registered with schooling and practice; each organisation's professional share is held against 75 %."""
    department, office = client_of(district.department), client_of(district.director)
    for number in range(3):
        assert enter(department, f"某甲{number}", professional=True) == 303
    assert enter(department, "某乙", has_schooling="on") == 422  # schooling without saying which
    assert enter(department, "某乙", has_schooling="on", schooling="化工大专") == 303
    line = line_of(office, district)
    assert (line.in_post, line.professional, line.share, line.reaches) == (4, 3, 75, True)
    assert enter(department, "某丙", has_practice="on") == 303
    line = line_of(office, district)
    assert (line.share, line.reaches) == (60, False)
    page = office.get(reverse("duty:force")).content.decode()
    assert "有 1 个单位专业人员占比低于 75%" in page
    assert "没有登记监管人员" in page  # the towns
    leaving = reverse("duty:staff_member", args=[StaffMember.objects.get(name="某丙").pk])
    assert department.post(leaving, {"act": "leave", "left_date": str(timezone.localdate())}).status_code == 303
    assert line_of(office, district).reaches
    assert office.post(leaving, {"act": "leave", "left_date": str(timezone.localdate())}).status_code == 422


@pytest.mark.clause("S3-6.1b", "S5-M8")
def test_each_departments_staff_is_counted_with_the_units_that_fall_to_each_officer(district: District) -> None:
    """The table shows posts, people, gaps, and enterprises per officer, by the links a department supervises."""
    department, office = client_of(district.department), client_of(district.director)
    year = timezone.localdate().year
    plan = {"year": year, "posts": 4, "hires": 1}
    assert department.post(reverse("duty:staff_plan_new"), plan).status_code == 303
    for number in range(2):
        assert enter(department, f"某甲{number}") == 303
    line = line_of(office, district)
    # Of the two enterprises one stores, which is a link of the department; the other transports.
    assert (line.posts, line.in_post, line.gap, line.units, line.units_each) == (4, 2, 2, 1, "0.5")
    own = client_of(district.town).get(reverse("duty:force"))
    assert [one.org for one in own.context["lines"]] == [district.town_org]


def test_a_town_is_in_charge_of_the_enterprises_in_its_villages(district: District) -> None:
    village = make_area("银杏村", level="village", parent=district.street_area)
    make_org("银杏村化工有限公司", kind="enterprise", area=village, links=("storage",))
    lines = {line.org: line.units for line in list_force(actor=district.director, day=timezone.localdate())}
    assert (lines[district.town_org], lines[district.other_town_org]) == (2, 1)


@pytest.mark.clause("S5-T16")
def test_the_years_plan_of_hires_stands_beside_those_recruited_and_transferred(district: District) -> None:
    """A department plans its hires of the year; who was recruited or transferred in since counts against the plan."""
    department, office = client_of(district.department), client_of(district.director)
    today = timezone.localdate()
    plan = {"year": today.year, "posts": 10, "hires": 3}
    assert department.post(reverse("duty:staff_plan_new"), plan).status_code == 303
    assert enter(department, "老人", joined_date=str(date(today.year - 1, 6, 1))) == 303
    assert enter(department, "新招", joined_date=str(today)) == 303
    assert enter(department, "选调", joined_by="transferred", joined_date=str(today)) == 303
    assert enter(department, "明天", joined_date=str(today + timedelta(days=1))) == 422
    line = line_of(office, district)
    assert (line.planned_hires, line.hired, line.hired_total) == (3, {"recruited": 1, "transferred": 1}, 2)
    (last_year,) = [
        one
        for one in list_force(actor=district.director, day=date(today.year - 1, 12, 31))
        if one.org == district.department_org
    ]
    assert (last_year.in_post, last_year.hired_total, last_year.posts) == (1, 1, None)


def test_a_person_sent_twice_by_one_form_is_entered_once(district: District) -> None:
    department, sent = client_of(district.department), str(uuid7())
    assert [enter(department, "某甲", client_id=sent) for _ in range(2)] == [303, 303]
    assert StaffMember.objects.count() == 1
    assert enter(department, "某乙", client_id=sent) == 409  # another person by the same form
    assert enter(department, "某乙", client_id=str(uuid7())) == 303
