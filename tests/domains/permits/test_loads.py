"""The cumulative picture of risk: what is open at a unit, its colour, and a threshold that stops new permits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.hazards.factories import make_finding
from tests.domains.permits.factories import ELSEWHERE, NOW, START, crew_of, make_draft, make_permit, own_file
from tests.domains.permits.isolation_factories import verified
from tests.domains.registry.factories import make_unit
from tests.domains.risk.factories import make_object
from tests.domains.risk.factories import make_unit as make_risk_unit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.loads import list_loads, loads_of, unit_load
from quancheng.domains.permits.services import drafting, figures, working
from quancheng.domains.permits.services.alarms import raise_alarm
from quancheng.domains.permits.services.checking import Refused
from quancheng.domains.permits.services.orders import Target, order_stop
from quancheng.standards.gb30871.parameters import Parameters

pytestmark = pytest.mark.django_db
#: A day later, so that nobody is at two places.
NEXT = {"window_start": START + timedelta(days=1), "window_end": START + timedelta(days=1, hours=8)}


@pytest.fixture
def district():
    return make_district()


def set_figure(crew, district, name, value):
    figures.set_figure(
        actor=crew.head, file=own_file(district), name=name, value=str(value), from_date=NOW.date(), reason="控制总量",
        now=NOW,
    )  # fmt: skip


def busy(district):
    """A unit with one issued permit and one stop order of the whole unit."""
    crew = crew_of(district, "EX")
    unit = make_unit(district.enterprise, own_file(district), name="加氢单元")
    issued = make_permit(district, "EX", crew=crew, unit=unit)
    order_stop(
        actor=crew.head, target=Target(file=own_file(district), unit=unit), cause="UNIT_UPSET", reason="波动", now=NOW
    )
    return crew, unit, issued


def test_what_is_open_at_a_unit_is_counted_with_its_colour_on_page_and_board(district, at):
    crew, unit, issued = busy(district)
    at[0] = NOW + timedelta(minutes=30)
    (load,) = [one for one in list_loads(actor=crew.head, now=at[0], file=own_file(district).pk) if one.unit == unit]
    assert (len(load.permits), len(load.orders), load.total, load.colour) == (1, 1, 2, "blue")
    set_figure(crew, district, "load_yellow", 1)
    set_figure(crew, district, "load_orange", 2)
    (load,) = [one for one in list_loads(actor=crew.head, now=at[0], file=own_file(district).pk) if one.unit == unit]
    assert load.colour == "orange"
    for name in ("permits:loads", "permits:board"):
        page = client_of(crew.head).get(reverse(name)).content.decode()
        assert "加氢单元" in page
        assert "累积风险" in page
    shown = client_of(district.director).get(reverse("permits:loads")).content.decode()
    assert issued.number in shown
    assert "加氢单元" not in client_of(district.other_enterprise).get(reverse("permits:loads")).content.decode()
    told = client_of(district.director).get("/api/v1/permits/unit-loads").json()
    assert [(one["unit_id"], one["total"], one["colour"]) for one in told] == [(str(unit.pk), 2, "orange")]
    assert client_of(district.other_enterprise).get("/api/v1/permits/unit-loads").json() == []


def test_alarms_isolations_and_open_dangers_of_the_unit_count_too(district):
    crew = crew_of(district, "EX")
    unit = make_unit(district.enterprise, own_file(district), name="加氢单元")
    permit = make_permit(district, "EX", crew=crew, unit=unit, to="WORKING")
    working.suspend_work(
        actor=crew.safety, permit=permit, stop_reason="GAS_ALARM", now=permit.started_at + timedelta(minutes=1)
    )
    verified(crew, unit=unit)
    made = make_object(district.enterprise, own_file(district), place=unit)
    analysed = make_risk_unit(district.enterprise, made)
    make_finding(district.enterprise, own_file(district), unit=analysed)
    (load,) = loads_of([unit], NOW + timedelta(hours=1))
    assert (len(load.permits), len(load.alarms), len(load.isolations), load.dangers) == (1, 1, 0, 1)
    (load,) = loads_of([unit], NOW + timedelta(days=31))
    assert (len(load.isolations), load.total) == (1, 4)


def test_a_threshold_stops_new_permits_of_the_unit_and_of_no_other(district):
    crew, unit, _issued = busy(district)
    draft = make_draft(district, "EX", crew, unit=unit, at=ELSEWHERE, place="单元北侧", **NEXT)
    assert unit_load(draft, NOW, Parameters()) == 2
    set_figure(crew, district, "load_stop", 2)
    with pytest.raises(Refused) as refused:
        drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    told = {one["code"]: one for one in refused.value.facts["answers"]}
    assert "F-20" in told["C-71"]["clause"]
    assert told["C-71"]["value"] == "2"
    other = make_draft(district, "EX", crew, at=ELSEWHERE, place="另一地点", **NEXT)
    drafting.submit_permit(actor=crew.safety, permit=other, now=NOW)
    assert other.status == "REQUESTED"


def test_below_the_threshold_and_switched_off_nothing_is_stopped(district):
    crew, unit, _issued = busy(district)
    draft = make_draft(district, "EX", crew, unit=unit, at=ELSEWHERE, place="单元北侧", **NEXT)
    set_figure(crew, district, "load_stop", 3)
    drafting.submit_permit(actor=crew.safety, permit=draft, now=NOW)
    assert Permit.objects.get(pk=draft.pk).status == "REQUESTED"


def test_alarms_and_orders_of_the_permit_itself_are_no_load_of_its_own(district):
    crew = crew_of(district, "EX")
    unit = make_unit(district.enterprise, own_file(district), name="加氢单元")
    draft = make_draft(district, "EX", crew, unit=unit)
    raise_alarm(permit=draft, code="10", source="REFUSED", now=NOW, refused="submit")
    order_stop(actor=crew.head, target=Target(permit=draft), cause="UNIT_UPSET", reason="波动", now=NOW)
    (load,) = loads_of([unit], NOW)
    assert (len(load.alarms), len(load.orders)) == (1, 1)
    assert unit_load(draft, NOW, Parameters()) == 0


def test_an_office_sees_every_unit_with_something_open_the_most_first(district, at, monkeypatch):
    crew = crew_of(district, "EX")
    few, most, dangerous, _idle = (
        make_unit(district.enterprise, own_file(district), code=f"U{n}", name=f"{n}单元") for n in (1, 2, 3, 4)
    )
    for unit, number in ((few, 1), (most, 2)):
        for n in range(number):
            order_stop(
                actor=crew.head, target=Target(file=own_file(district), unit=unit), cause="UNIT_UPSET",
                reason=f"波动{n}", now=NOW,
            )  # fmt: skip
    made = make_object(district.enterprise, own_file(district), place=dangerous)
    make_finding(district.enterprise, own_file(district), unit=make_risk_unit(district.enterprise, made))
    at[0] = NOW + timedelta(minutes=5)
    told = client_of(district.director).get("/api/v1/permits/unit-loads").json()
    assert {one["unit_id"] for one in told} == {str(one.pk) for one in (few, most, dangerous)}
    assert told[0]["unit_id"] == str(most.pk)
    monkeypatch.setattr("quancheng.domains.permits.queries.loads.MOST", 1)
    assert [one["unit_id"] for one in client_of(district.director).get("/api/v1/permits/unit-loads").json()] == [
        str(most.pk)
    ]
    order_stop(
        actor=crew.head, target=Target(file=own_file(district)), cause="UNIT_UPSET", reason="全厂", now=NOW
    )
    monkeypatch.setattr("quancheng.domains.permits.queries.loads.MOST", 99)
    assert len(client_of(district.director).get("/api/v1/permits/unit-loads").json()) >= 4
