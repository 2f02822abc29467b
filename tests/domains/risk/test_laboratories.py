"""Each laboratory has its risk list, and one without is found."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.domains.registry.factories import make_facility, make_unit
from tests.domains.risk.factories import make_assessment, make_event, make_measure, make_object
from tests.domains.risk.factories import make_unit as make_risk_unit
from tests.domains.risk.test_gradings import own_file
from tests.factories import NOW, client_of, make_district

from quancheng.domains.registry.services.checks import enter_laboratory

pytestmark = pytest.mark.django_db


@pytest.mark.clause("S5-T15b")
def test_each_laboratory_shows_the_risks_identified_and_the_measures_set_and_one_without_is_found() -> None:
    district = make_district()
    file = own_file(district, "laboratory")
    who = district.enterprise
    building = make_unit(who, file)
    rooms = [make_facility(who, building, kind="laboratory", code=f"L-{n}", name=f"有机实验室{n}") for n in (1, 2)]
    known = {"kind": "research", "room": "化学楼301", "head": "示例人"}
    enter_laboratory(actor=who, facility=rooms[0], known=known, now=NOW)
    office = client_of(district.department)
    page = reverse("risk:laboratories")
    assert "有机实验室1" in office.get(page, {"gaps": "1"}).content.decode()
    parent = make_object(who, file, kind="place", name="化学楼")
    event = make_event(who, make_risk_unit(who, parent, facility=rooms[0]), name="蒸馏时暴沸着火")
    make_assessment(who, event, 2, 4)
    make_measure(who, event, text="通风柜内操作，备灭火毯")
    gaps = office.get(page, {"gaps": "1"}).content.decode()
    assert "有机实验室2" in gaps
    assert "有机实验室1" not in gaps
    shown = office.get(page).content.decode()
    assert "化学楼301" in shown
    # The list itself, by the unit of the laboratory: what may go wrong, and what stands against it.
    listed = office.get(reverse("risk:unit", args=[event.unit_id])).content.decode()
    assert "蒸馏时暴沸着火" in listed
    assert "通风柜内操作" in office.get(reverse("risk:event", args=[event.pk])).content.decode()
    assert "有机实验室1" not in client_of(district.other_enterprise).get(page).content.decode()
