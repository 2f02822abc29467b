"""Civil fuels: suppliers and users of alcohol-based fuel, gas units with their owners."""

from __future__ import annotations

from typing import Any

import pytest
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import FuelSupply

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def supply(name: str = "示例醇基燃料站", **more: Any) -> dict[str, Any]:
    return {"supplier_name": name, "monthly_t": "1.2", "stored_t": "0.5", "storage": "室外不锈钢罐", **more}


@pytest.mark.clause("S1-1d")
def test_suppliers_and_users_of_alcohol_based_fuel_stand_with_volume_storage_and_who_supplies_whom(
    district: District,
) -> None:
    town = client_of(district.town)
    known = {"kind": "alcohol_fuel", "area": district.street_area}
    station = make_file(district.town, name="示例醇基燃料站", code=CODES[0], **known)
    user = make_file(district.town, name="示例饭店", code=CODES[1], **known)
    tank = make_facility(district.town, make_unit(district.town, user))
    make_holding(district.town, tank, "甲醇", design_t="0.5", present_t="0.3")
    path = f"/registry/enterprises/{user.pk}/fuel/new"
    assert town.post(path, supply(monthly_t="0")).status_code == 422
    assert town.post(path, supply("示例饭店")).status_code == 422
    assert town.post(path, supply()).status_code == 303
    assert town.post(path, supply()).status_code == 409
    assert town.post(path, supply("外区无名供应商")).status_code == 303
    row = FuelSupply.objects.get(supplier_name="示例醇基燃料站")
    assert row.supplier_id == station.pk
    listed = town.get("/registry/fuel").content.decode()
    assert "示例醇基燃料站、外区无名供应商" in listed or "外区无名供应商、示例醇基燃料站" in listed
    assert "0.3" in listed
    pairs = town.get("/registry/fuel/supplies").content.decode()
    assert all(said in pairs for said in ("示例饭店", "外区无名供应商", "室外不锈钢罐", "1.2"))
    # Another street sees neither; who no longer supplies stays out of the list.
    assert "示例饭店" not in client_of(district.other_town).get("/registry/fuel").content.decode()
    assert client_of(district.other_town).get(f"/registry/fuel/supplies/{row.pk}").status_code == 404
    assert town.post(f"/registry/fuel/supplies/{row.pk}", {"act": "end"}).status_code == 303
    assert "示例醇基燃料站" not in town.get("/registry/fuel/supplies").content.decode()


@pytest.mark.clause("S4-C3.1.2c")
def test_a_town_registers_a_gas_unit_and_its_owner_stands_in_the_list(district: District) -> None:
    town = client_of(district.town)
    given = {"name": "示例燃气供应点", "credit_code": CODES[0], "kind": "city_gas", "area": district.street_area.pk}
    answer = town.post("/registry/enterprises/new", given)
    assert answer.status_code == 303
    owner = {"act": "contact", "role": "owner", "name": "示例产权人", "post": "", "phone": ""}
    assert town.post(answer["Location"], owner).status_code == 303
    listed = town.get("/registry/fuel?kind=city_gas").content.decode()
    assert "示例燃气供应点" in listed
    assert "示例产权人" in listed
