"""The map's answer: the list's scope and filters, points in few bytes, squares where there are too many."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.domains.registry.test_places import place
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries import map as queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def firm(district: District, number: int, **known: Any) -> Enterprise:
    at = {"lon": Decimal("122.600000") + Decimal(number) / 1000, "lat": Decimal("35.600000")}
    return make_file(
        house_actor(), area=district.street_area, name=f"示例企业{number}", kind="unlicensed", code="",
        **at | known,
    )  # fmt: skip


def points(answer: Any) -> list[tuple[int, int, str, int]]:
    told = answer.json()
    west, south = told["from"]
    flat = told["points"]
    return [
        (west + flat[at], south + flat[at + 1], told["kinds"][flat[at + 2]], flat[at + 3])
        for at in range(0, len(flat), 4)
    ]


def test_the_answer_has_each_enterprise_with_class_and_grade_for_who_may_see_it(district: District) -> None:
    plain, major = firm(district, 1), firm(district, 2)
    firm(district, 3, lon=None, lat=None)
    unit = make_unit(house_actor(), major)
    make_holding(house_actor(), make_facility(house_actor(), unit), "氯", design_t="65")
    place(district, "近处小学", 10)
    answer = client_of(district.director).get("/registry/map/data")
    assert answer.status_code == 200
    expected = [(12260100, 3560000, "unlicensed", 0), (12260200, 3560000, "unlicensed", 1)]
    assert sorted(points(answer)) == expected
    assert [one[4] for one in answer.json()["places"]] == ["近处小学"]
    assert str(plain.pk) not in answer.content.decode()
    assert points(client_of(district.town).get("/registry/map/data")) != []
    for outside in (district.other_town, district.other_enterprise):
        assert points(client_of(outside).get("/registry/map/data")) == []
    narrowed = client_of(district.director).get("/registry/map/data", {"major": "1"})
    assert points(narrowed) == expected[1:]
    assert points(client_of(district.director).get("/registry/map/data", {"kind": Kind.DEPOT})) == []


def test_a_point_leads_to_its_file_and_to_a_choice_where_several_stand(district: District) -> None:
    first, second = firm(district, 1), firm(district, 2)
    firm(district, 3, lon=second.lon, lat=second.lat)
    client = client_of(district.director)
    one = client.get("/registry/map/at", {"lon": "122.60100", "lat": "35.60000"})
    assert one.status_code == 302
    assert one.headers["Location"].endswith(f"/registry/enterprises/{first.pk}")
    several = client.get("/registry/map/at", {"lon": "122.60200", "lat": "35.60000"}).content.decode()
    assert "示例企业2" in several
    assert "示例企业3" in several
    nowhere = {"lon": "122.60100", "lat": "35.60000"}
    assert "没有您可以查看的企业" in client_of(district.other_town).get("/registry/map/at", nowhere).content.decode()
    assert client.get("/registry/map/at", {"lon": "x", "lat": "1"}).status_code == 422


@pytest.mark.parametrize("window", ["1,2,3", "a,b,c,d", "1,2,3,NaN", "1,2,3,1e9"])
def test_a_window_that_is_none_is_refused(district: District, window: str) -> None:
    assert client_of(district.director).get("/registry/map/data", {"window": window}).status_code in (400, 422)


def test_too_many_points_become_squares_with_counts_until_one_looks_closer(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_POINTS", 2)
    for number in (1, 2, 3, 900):
        firm(district, number)
    told = client_of(district.director).get("/registry/map/data").json()
    assert told["points"] == []
    assert sum(told["squares"][2::4]) == 4
    near = client_of(district.director).get("/registry/map/data", {"window": "123.4,35,124,36"})
    assert points(near) == [(12350000, 3560000, "unlicensed", 0)]


def test_the_page_is_the_list_with_a_map_and_its_own_filters(district: District) -> None:
    firm(district, 1)
    page = client_of(district.director).get("/registry/map").content.decode()
    assert "示意图" in page
    assert "示例企业1" in page
    assert 'data-url="/registry/map/data"' in page
    assert "一级重大危险源" in page
    assert "示例企业1" not in client_of(district.director).get("/registry/map?kind=depot").content.decode()
