"""The gravest grade of an enterprise's units stands in its file, whoever writes a unit."""

from __future__ import annotations

from typing import Any

import pytest
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.services import facilities, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def grade_of(file: Enterprise) -> int | None:
    return Enterprise.objects.get(pk=file.pk).legal_grade


def test_a_file_shows_the_gravest_of_its_units_in_list_page_and_filter(district: District) -> None:
    actor = district.department
    file = make_file(actor, area=district.enterprise_org.area, exposed_population=0, exposed_source="示例")
    assert grade_of(file) is None
    first = make_facility(actor, make_unit(actor, file, code="U1"))
    make_holding(actor, first, "氯", design_t=20)
    assert grade_of(file) == 4
    second = make_facility(actor, make_unit(actor, file, code="U2"))
    holding = make_holding(actor, second, "氯", design_t=65)
    assert grade_of(file) == 3
    client = client_of(actor)
    assert "三级" in client.get("/registry/enterprises?major=1").content.decode()
    answer: Any = client.get("/api/v1/registry/enterprises?major=true")
    assert answer.json()["items"][0]["legal_grade"] == 3
    stock.end_holding(actor=actor, holding=holding, now=NOW)
    facilities.decommission(actor=actor, facility=second, on=NOW.date(), record="示例退役记录", now=NOW)
    assert grade_of(file) == 4
    Unit.objects.filter(file=file, code="U1").update(ended_date=NOW.date())
    assert grade_of(file) is None
    Unit.objects.filter(file=file, code="U1").update(ended_date=None)
    assert grade_of(file) == 4
    assert "三级" not in client.get("/registry/enterprises?major=1").content.decode()
