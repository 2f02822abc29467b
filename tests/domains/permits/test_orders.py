"""Stop orders of offices and enterprises, and figures stricter than the standard."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from tests.domains.permits.factories import FOUND, NOW, PLACE, crew_of, make_permit, own_file
from tests.domains.permits.test_refusals import refused as refused_codes
from tests.domains.registry.factories import make_unit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import EnterpriseFigure, StopOrder
from quancheng.domains.permits.services import orders, preparing, working
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
REASON = {"cause": "INSPECTOR_ORDER", "reason": "现场无监护"}


@pytest.fixture
def running(monkeypatch):
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, crew=crew, to="WORKING")
    at = [permit.started_at + timedelta(minutes=1)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: at[0])
    return district, crew, permit, at


@pytest.mark.clause("S1-4b")
def test_an_office_stops_a_permit_by_a_numbered_order_which_it_alone_releases(running):
    district, crew, permit, at = running
    office, url = client_of(district.department), f"/permits/{permit.pk}/order"
    assert office.get(url).status_code == 200
    assert office.post(url, {"cause": "INSPECTOR_ORDER", "reason": ""}).status_code == 422
    made = office.post(url, REASON)
    assert made.status_code == 303
    row = StopOrder.objects.get()
    assert row.number
    assert row.stopped_count == 1
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "INSPECTOR_ORDER")
    at[0] += timedelta(minutes=2)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at[0])
    resume = lambda: working.resume_work(actor=crew.safety, permit=permit, now=at[0])  # noqa: E731
    assert "C-36" in refused_codes(resume)
    own = client_of(crew.head)
    assert row.number in own.get(f"/permits/{permit.pk}?tab=simops").content.decode()
    page = f"/permits/orders/{row.pk}"
    assert own.post(page, {"act": "release", "note": "已整改"}).status_code == 403
    assert office.post(page, {"act": "release", "note": ""}).status_code == 422
    assert office.post(page, {"act": "release", "note": "已整改，现场复核"}).status_code == 303
    resume()
    assert permit.status == "WORKING"
    assert row.number in office.get("/permits/orders").content.decode()


def test_one_act_stops_everything_in_a_circle_and_in_an_enterprise(running):
    district, crew, permit, at = running
    office = client_of(district.department)
    circle = {"lon": str(PLACE.lon), "lat": str(PLACE.lat), "cause": "EVACUATION", "reason": "演练外的紧急撤离"}
    assert office.get("/permits/orders/new").status_code == 200
    assert office.post("/permits/orders/new", circle).status_code == 422
    assert office.post("/permits/orders/new", {**circle, "lon": "118.6", "radius_m": "500"}).status_code == 303
    permit.refresh_from_db()
    assert permit.status == "WORKING"
    assert office.post("/permits/orders/new", {**circle, "radius_m": "500"}).status_code == 303
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "EVACUATION")
    # The enterprise stops its own whole plant; another's it does not see.
    own = client_of(crew.safety)
    assert own.post("/permits/orders/new", {"cause": "UNIT_UPSET", "reason": "装置波动"}).status_code == 303
    assert StopOrder.objects.filter(file=own_file(district)).get().stopped_count == 0
    target = orders.Target(file=own_file(district))
    with pytest.raises(NotPermitted):
        orders.order_stop(actor=district.other_enterprise, target=target, now=at[0], **REASON)
    page = client_of(district.other_enterprise).get("/permits/orders").content.decode()
    assert "装置波动" not in page


def test_the_same_order_sent_twice_is_one(running):
    district, _crew, permit, at = running
    key, target = uuid.uuid4(), orders.Target(permit=permit)
    made = [
        orders.order_stop(actor=district.department, target=target, now=at[0], client_id=key, **REASON) for _n in (1, 2)
    ]
    assert made[0].pk == made[1].pk
    assert StopOrder.objects.count() == 1


def test_a_gas_alarm_at_the_unit_stops_work_and_asks_for_a_new_test(running):
    _district, crew, permit, at = running
    told = {"unit": uuid.uuid4(), "reason": "GAS_ALARM", "words": "探测器高报", "now": at[0]}
    assert orders.suspend_at(file=uuid.uuid4(), **told) == 0
    assert orders.suspend_at(file=permit.file_id, **told) == 1
    permit.refresh_from_db()
    assert permit.stop_reason == "GAS_ALARM"
    at[0] += timedelta(minutes=2)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at[0])
    assert refused_codes(lambda: working.resume_work(actor=crew.safety, permit=permit, now=at[0]))


def test_a_figure_of_an_enterprise_is_stricter_alone_and_counts_from_its_day(running):
    district, crew, permit, _at = running
    client, url = client_of(crew.head), "/permits/figures/new"
    told = {"name": "max_gas_age_min", "value": "15", "from_date": NOW.date().isoformat(), "reason": "公司规定"}
    assert "标准值" in client.get(url).content.decode()
    loose = client.post(url, {**told, "value": "31"})
    assert loose.status_code == 422
    assert "GB 30871-2022" in loose.content.decode()
    assert client.post(url, {**told, "from_date": "2020-01-01"}).status_code == 422
    assert client.post(url, {**told, "value": "十五"}).status_code == 422
    assert client.post(url, told).status_code == 303
    assert EnterpriseFigure.objects.get().value == "15"
    assert JournalEntry.objects.filter(act="permits.figure.set").count() == 1
    assert "公司规定" in client_of(district.department).get("/permits/figures").content.decode()
    # The sample of the demo is 20 minutes old at the next start.
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="GAS_ALARM", now=NOW + timedelta(minutes=20))
    later = NOW + timedelta(minutes=25)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=later)
    assert "C-02" in refused_codes(lambda: working.resume_work(actor=crew.safety, permit=permit, now=later))
    assert client_of(crew.safety).get(url).status_code == 403


def test_enterprises_and_units_are_picked_by_their_names(running):
    district, _crew, permit, _at = running
    page = client_of(district.department).get("/permits/orders/new").content.decode()
    name = permit.enterprise.name
    assert f">{name}</option>" in page
    assert f">{permit.file_id}<" not in page
    unit = make_unit(district.enterprise, own_file(district), code="U-9")
    page = client_of(district.department).get("/permits/orders/new").content.decode()
    assert f">{name} {unit}</option>" in page
