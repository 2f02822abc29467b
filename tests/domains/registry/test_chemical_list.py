"""The browser of chemicals: what is meant exactly comes first, other names are found, and what is held here."""

from __future__ import annotations

import re

import pytest
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.factories import client_of, make_actor, make_district

pytestmark = pytest.mark.django_db


def _names(page: str) -> list[str]:
    found = re.findall(r'<a[^>]*href="/registry/chemicals/[0-9a-f-]{36}"[^>]*>([^<]+)</a>', page)
    return [one.strip() for one in found]


@pytest.mark.parametrize("typed", ["氯", "液氯", "7782-50-5", "chlorine", "1017"])
def test_what_is_meant_exactly_comes_first_by_name_other_name_or_number(typed: str) -> None:
    district = make_district()
    client = client_of(make_actor(district.department_org))
    page = client.get("/registry/chemicals", {"q": typed}).content.decode()
    assert _names(page)[0] == "氯"
    by_cas = client.get("/registry/chemicals", {"q": "氯", "sort": "cas"}).content.decode()
    assert _names(by_cas)[0] != "氯"


def test_only_what_is_held_in_enterprises_that_one_may_see() -> None:
    district = make_district()
    office = make_actor(district.office_org, "office.officer")
    unit = make_unit(office, make_file(office, area=district.street_area))
    make_holding(office, make_facility(office, unit), "汽油", design_t="20", present_t="9")
    page = client_of(office).get("/registry/chemicals?held=1").content.decode()
    assert _names(page) == ["汽油"]
    stranger = client_of(make_actor(district.enterprise_org, "enterprise.safety"))
    assert _names(stranger.get("/registry/chemicals?held=1").content.decode()) == []


def test_a_name_too_long_is_refused_at_its_field_and_what_was_typed_stays() -> None:
    district = make_district()
    client = client_of(make_actor(district.department_org, "office.officer"))
    answer = client.post("/registry/chemicals/new", {"name": "示例物质", "aliases": "短名\n" + "长" * 121})
    assert answer.status_code == 422
    assert "太长" in answer.content.decode()
    assert "长" * 121 in answer.content.decode()
