"""Sensitive places: the register, who is near an enterprise, the population that its keeper accepts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import cos, radians
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, client_of, house_actor, make_district

from quancheng.domains.registry import geometry
from quancheng.domains.registry.geometry import DEGREE_M, apart_m, around
from quancheng.domains.registry.models import Chemical, Enterprise, SensitivePlace
from quancheng.domains.registry.queries.places import exposed_of, near_file, nearest_to
from quancheng.domains.registry.services import enterprises
from quancheng.domains.registry.services.places import accept_population, enter_place
from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry

LON, LAT = Decimal("122.600000"), Decimal("35.600000")


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def east(metres: float) -> Decimal:
    """A longitude so many metres east of the enterprise, at its latitude."""
    return LON + Decimal(str(round(metres / (DEGREE_M * cos(radians(float(LAT)))), 6)))


def place(district: District, name: str, metres: float, population: int | None = 100, **known: Any) -> SensitivePlace:
    whole = {"kind": "school", "name": name, "area": district.street_area, "lon": east(metres), "lat": LAT,
             "population": population, "source": "社区统计", "source_date": date(2026, 6, 1), **known}  # fmt: skip
    return enter_place(actor=house_actor(), known=whole, now=NOW)


def firm(district: District, **known: Any) -> Enterprise:
    return make_file(house_actor(), area=district.street_area, kind="unlicensed", lon=LON, lat=LAT, **known)


def typed(district: District, **given: Any) -> dict[str, Any]:
    return {"kind": "school", "name": "甲街道小学", "area": str(district.street_area.pk), "lon": "122.6", "lat": "35.6",
            "population": "820", "source": "学籍", "source_date": "2026-06-01", **given}  # fmt: skip


@pytest.mark.django_db
def test_a_town_enters_changes_and_ends_a_place_and_everybody_finds_it_in_the_list(district: District) -> None:
    town = client_of(district.town)
    answer = town.post("/registry/places/new", typed(district))
    assert answer.status_code == 303, answer.content.decode()[:2000]
    made = SensitivePlace.objects.get()
    assert "甲街道小学" in client_of(district.other_enterprise).get("/registry/places?kind=school").content.decode()
    changed = town.post(f"/registry/places/{made.pk}",
                        {"act": "change", **typed(district, population="830"), "version": made.version})  # fmt: skip
    assert changed.status_code == 303, changed.content.decode()[:2000]
    made.refresh_from_db()
    assert made.population == 830
    assert town.post(f"/registry/places/{made.pk}", {"act": "end"}).status_code == 303
    assert town.get(f"/registry/places/{made.pk}").status_code == 404
    acts = set(JournalEntry.objects.filter(subject_type="registry.place").values_list("act", flat=True))
    assert acts == {"registry.place.enter", "registry.place.change", "registry.place.end"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"source": ""}, "source"),
        ({"source_date": "2099-01-01"}, "数据日期不能晚于今天"),
        ({"lon": "190"}, "经度在-180到180之间"),
        ({"population": "-1"}, "population"),
        ({"boundary": '{"type": "Point", "coordinates": [1, 2]}'}, "边界须为GeoJSON面"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_entered(district: District, given: dict[str, str], said: str) -> None:
    answer = client_of(district.town).post("/registry/places/new", typed(district, **given))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SensitivePlace.objects.exists()


@pytest.mark.django_db
def test_a_place_is_entered_once_and_only_in_ones_own_area(district: District) -> None:
    town = client_of(district.town)
    assert town.post("/registry/places/new", typed(district)).status_code == 303
    again = town.post("/registry/places/new", typed(district))
    assert again.status_code == 409
    assert "已登记同名" in again.content.decode()
    elsewhere = typed(district, area=str(district.other_street_area.pk))
    assert town.post("/registry/places/new", elsewhere).status_code == 422
    assert client_of(district.enterprise).post("/registry/places/new", typed(district)).status_code == 403
    assert SensitivePlace.objects.count() == 1


@pytest.mark.django_db
def test_places_within_500_m_are_proposed_and_counted_only_when_the_keeper_agrees(district: District) -> None:
    own = client_of(district.enterprise)
    file = enterprises.open_own_file(actor=district.enterprise, kind="depot", known={"lon": LON, "lat": LAT}, now=NOW)
    place(district, "近处小学", 499, 300)
    place(district, "远处小学", 502, 4000)
    path = f"/registry/enterprises/{file.pk}"
    page = own.get(path, {"tab": "near"}).content.decode()
    assert "近处小学" in page
    assert "远处小学" in page
    assert "合计 300 人" in page
    assert 'value="300"' in own.get(path, {"act": "population"}).content.decode()
    file.refresh_from_db()
    assert file.exposed_population is None

    stale = own.post(path, {"act": "population", "expected": 299, "version": file.version})
    assert stale.status_code == 409
    done = own.post(path, {"act": "population", "expected": 300, "version": file.version})
    assert done.status_code == 303, done.content.decode()[:2000]
    file.refresh_from_db()
    assert (file.exposed_population, file.exposed_source) == (300, "敏感目标登记：近处小学")


@pytest.mark.django_db
def test_a_place_that_nobody_counted_holds_the_proposal_back(district: District) -> None:
    own = client_of(district.enterprise)
    file = enterprises.open_own_file(actor=district.enterprise, kind="depot", known={"lon": LON, "lat": LAT}, now=NOW)
    place(district, "近处小学", 100, 300)
    place(district, "旧宿舍", 200, None)
    page = own.get(f"/registry/enterprises/{file.pk}", {"tab": "near"}).content.decode()
    assert "补齐后才能采用" in page
    with pytest.raises(Conflict, match="旧宿舍"):
        accept_population(actor=district.enterprise, file=file, version=file.version, expected=300, now=NOW)
    file.refresh_from_db()
    assert file.exposed_population is None


@pytest.mark.django_db
def test_boundaries_count_from_edge_to_edge(district: District) -> None:
    def ring(west: float, wide: float) -> dict[str, Any]:
        up = 50 / DEGREE_M
        corners = [(west, -up), (west + wide, -up), (west + wide, up), (west, up), (west, -up)]
        return {"type": "Polygon", "coordinates": [[[float(east(x)), float(LAT) + y] for x, y in corners]]}

    file = firm(district, boundary=ring(-200, 400))
    place(district, "大学", 1500, 8000, boundary=ring(650, 1700))
    near = near_file(file)
    assert near is not None
    assert [(one.place.name, one.metres) for one in near] == [("大学", 450)]
    told = exposed_of(file)
    assert told is not None
    assert told.total == 8000


@pytest.mark.django_db
def test_a_chemicals_page_tells_the_places_next_to_where_it_is_held(
    district: District, django_assert_max_num_queries: Any
) -> None:
    file = firm(district)
    unit = make_unit(house_actor(), file)
    make_holding(house_actor(), make_facility(house_actor(), unit), "氯", design_t="3", present_t="2")
    place(district, "第一小学", 300)
    place(district, "第二小学", 800)
    place(district, "第三小学", 1005)
    chlorine = Chemical.objects.get(name="氯")
    page = client_of(district.director).get(f"/registry/chemicals/{chlorine.pk}").content.decode()
    assert "第一小学" in page
    assert "300 米" in page
    assert "第二小学" in page
    assert "第三小学" not in page
    assert "第一小学" not in client_of(district.other_town).get(f"/registry/chemicals/{chlorine.pk}").content.decode()
    with django_assert_max_num_queries(1):
        found = nearest_to([file.pk])
    assert [one.metres for one in found[file.pk]] == [300, 800]


_corner = st.tuples(st.floats(120, 120.05), st.floats(30, 30.05))


@given(st.lists(_corner, min_size=1, max_size=6), st.lists(_corner, min_size=1, max_size=6))
def test_distance_is_the_same_both_ways_and_no_longer_than_between_corners(
    first: list[geometry.Corner], second: list[geometry.Corner]
) -> None:
    apart = apart_m(first, second)
    assert apart == pytest.approx(apart_m(second, first), rel=1e-3, abs=0.01)
    assert apart <= min(apart_m([a], [b]) for a in first for b in second) * 1.001 + 0.01
    box = around(first, apart + 1)
    assert box[0] < first[0][0] < box[2]
    assert box[1] < first[0][1] < box[3]


@pytest.mark.parametrize(
    "boundary",
    [None, {}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]},
     {"type": "Polygon", "coordinates": [[[1, 2], [3, 400], [5, 6]]]},
     {"type": "Polygon", "coordinates": [[[1, 2], ["3", 4], [5, 6]]]}],
)  # fmt: skip
def test_what_is_no_polygon_is_no_ring(boundary: Any) -> None:
    assert geometry.read_ring(boundary) is None
