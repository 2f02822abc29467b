"""Permits on the map and on the plan of a site: now and at an hour to come, for those who may see them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import NOW, START, crew_of, make_draft, make_permit, prepare
from tests.domains.registry.factories import make_unit
from tests.domains.risk.factories import make_object
from tests.domains.risk.test_plans import upload
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.maps import around
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.plans import add_plan, draw_mark

pytestmark = pytest.mark.django_db
MAP = "/permits/map"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=20))


def numbers(answer):
    return [one.permit.number for one, _paint, _level in answer.context["rows"]]


def test_the_map_shows_what_runs_at_its_enterprise_with_the_same_rows_beside_it():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    Enterprise.objects.filter(pk=permit.file_id).update(lon=Decimal("106.5"), lat=Decimal("29.5"))
    answer = client_of(district.town).get(MAP)
    page = answer.content.decode()
    assert numbers(answer) == [permit.number]
    assert f'href="/permits/{permit.pk}"' in page
    assert 'class="pmt-pin green"' in page
    assert 'class="pmt-pin blind"' in client_of(district.town).get(MAP, {"of": "kind"}).content.decode()
    assert numbers(client_of(district.other_town).get(MAP)) == []
    assert numbers(client_of(district.town).get(MAP, {"kind": "HW"})) == []


def test_an_enterprise_without_a_point_stands_in_the_list_alone():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    answer = client_of(district.town).get(MAP)
    assert numbers(answer) == [permit.number]
    assert answer.context["spots"] == []
    assert "没有坐标" in answer.content.decode()


def test_moving_the_slider_to_tomorrow_shows_what_is_planned_then_and_not_what_ends_before():
    district = make_district()
    crew = crew_of(district, "BL")
    today = make_permit(district, "BL", crew=crew, to="WORKING")
    begin = START + timedelta(hours=24)
    planned = make_draft(district, "EX", crew, window_start=begin, window_end=begin + timedelta(hours=8), place="东侧")
    prepare(crew, planned)
    client = client_of(district.town)
    assert numbers(client.get(MAP)) == [today.number]
    assert numbers(client.get(MAP, {"in": "26"})) == [Permit.objects.get(pk=planned.pk).number]
    assert numbers(client.get(MAP, {"in": "12"})) == []
    slots = [[(begin + timedelta(hours=6)).isoformat(), (begin + timedelta(hours=7)).isoformat()]]
    Permit.objects.filter(pk=planned.pk).update(slots=slots)
    assert numbers(client.get(MAP, {"in": "26"})) == []
    assert len(numbers(client.get(MAP, {"in": "30"}))) == 1


@pytest.mark.parametrize("asked", [{"in": "49"}, {"in": "-1"}, {"in": "x"}, {"of": "size"}, {"plan": "x"}])
def test_what_the_map_does_not_know_is_refused(asked):
    assert client_of(make_district().director).get(MAP, asked).status_code == 422


def test_several_permits_of_one_place_stand_beside_each_other():
    assert len({around(place) for place in range(40)}) == 40
    assert around(0) == (0.0, 0.0)


def test_who_may_not_see_permits_sees_neither_map_nor_site():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    assert client_of(district.other_enterprise).get(f"/permits/sites/{permit.file_id}").status_code == 404


def test_a_site_without_a_plan_still_lists_its_permits():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    answer = client_of(district.enterprise).get(f"/permits/sites/{permit.file_id}")
    assert numbers(answer) == [permit.number]
    assert "还没有厂区平面图" in answer.content.decode()


def test_a_permit_stands_on_the_plan_at_its_facility_and_the_plan_of_risks_links_to_it():
    district = make_district()
    crew = crew_of(district, "BL")
    file = crew.leader.file
    unit = make_unit(district.enterprise, file, name="罐组一")
    parent = make_object(district.enterprise, file, place=unit)
    plan = add_plan(
        actor=district.enterprise, file=file, name="总平面图", upload=upload(), edition=NOW.date() - timedelta(days=10),
        now=NOW,
    )  # fmt: skip
    draw_mark(actor=district.enterprise, plan=plan, subject_id=parent.pk, points=[(400, 300)], now=NOW)
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    Permit.objects.filter(pk=permit.pk).update(unit=unit)
    prepare(crew, Permit.objects.get(pk=permit.pk))
    client = client_of(district.town)
    answer = client.get(f"/permits/sites/{file.pk}")
    assert len(answer.context["spots"]) == 1
    assert answer.context["missing"] == 0
    spot = answer.context["spots"][0][0]
    assert spot.x == 400
    assert f'cx="{spot.x}"' in answer.content.decode()
    assert f'href="/permits/sites/{file.pk}"' in client.get(f"/risk/enterprises/{file.pk}/site").content.decode()
    assert 'href="/permits/map"' in client.get("/risk/map").content.decode()


def test_moving_the_slider_shows_which_planned_work_will_meet_then():
    district = make_district()
    hot = make_permit(district, "HW")
    crew = crew_of(district, "BL", order=740)
    begin = hot.window_start
    blind = make_draft(district, "BL", crew, place="泵区", work={"hazard_place": True}, window_start=begin)
    Permit.objects.filter(pk=blind.pk).update(
        lon=Decimal("118.500316"), lat=hot.lat, radius_m=Decimal(0), status="PREPARING", number="BL-试-1",
    )  # fmt: skip
    Enterprise.objects.filter(pk=hot.file_id).update(lon=Decimal("106.5"), lat=Decimal("29.5"))
    client = client_of(district.town)
    answer = client.get(MAP, {"in": "1"})
    page = answer.content.decode()
    meeting, line = answer.context["meetings"][0]
    assert {meeting.first.permit.pk, meeting.second.permit.pk} == {hot.pk, blind.pk}
    assert line["is_stop"]
    assert "这个时间的交叉作业" in page
    assert 'class="pmt-cross stop"' in page
    assert client.get(MAP, {"in": "40"}).context["meetings"] == []
    assert client_of(district.other_town).get(MAP, {"in": "1"}).context["meetings"] == []
