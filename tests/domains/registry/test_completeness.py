"""How complete a file is: gaps on its page, the score in lists, the district's coverage, the rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.models import Completeness, Enterprise, Licence
from quancheng.domains.registry.services.completeness import measure_all
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    return client_of(district.enterprise)


@pytest.fixture
def file(own: Client) -> Enterprise:
    assert own.post("/registry/own/new", {"kind": "petrol_station", "address": "甲街道示例路1号"}).status_code == 303
    return Enterprise.objects.get()


def act(client: Client, file: Enterprise, name: str, /, **given: Any) -> Any:
    return client.post(f"/registry/enterprises/{file.pk}", {"act": name, **given})


def page(client: Client, file: Enterprise, query: str = "") -> str:
    return str(client.get(f"/registry/enterprises/{file.pk}{query}").content.decode())


def gaps(file: Enterprise) -> set[str]:
    return set(Completeness.objects.get(file=file).gaps)


def test_the_page_says_first_what_is_missing_who_gives_it_and_what_asks_for_it(own: Client, file: Enterprise) -> None:
    shown = page(own, file)
    assert shown.index("档案完整度") < shown.index("基本情况")
    assert "主要负责人" in shown
    assert "由企业提供；依据：安全生产法第二十一条 [V]" in shown
    assert "危险化学品经营许可证（危险化学品经营许可证管理办法）" in shown
    before = Completeness.objects.get(file=file).score
    assert before is not None
    assert {"HEAD", "STOCK", "LICENCES"} <= gaps(file)
    assert act(own, file, "contact", role="head", name="示例人员", phone="19900000001").status_code == 303
    assert "HEAD" not in gaps(file)
    after = Completeness.objects.get(file=file).score
    assert after is not None
    assert after > before
    lines = page(own, file, "?tab=completeness")
    assert "得分/权重" in lines
    assert "4/4" in lines
    # The name of a person stands in the contacts, and nowhere in the score.
    assert "示例人员" not in str(Completeness.objects.get(file=file).lines)


def test_what_is_partly_there_counts_in_part_and_is_named(own: Client, file: Enterprise) -> None:
    actor = house_actor()
    unit = make_unit(actor, file)
    first = make_facility(actor, unit, code="V-1", seepage="double_wall")
    make_facility(actor, unit, code="V-2")
    make_holding(actor, first, "汽油", design_t="30")
    lines = {one["code"]: one for one in Completeness.objects.get(file=file).lines}
    assert (lines["SEEPAGE"]["have"], lines["SEEPAGE"]["of"], lines["SEEPAGE"]["missing"]) == (1, 2, ["V-2"])
    assert (lines["DESIGN_QUANTITY"]["have"], lines["DESIGN_QUANTITY"]["of"]) == (1, 1)
    assert lines["PRESENT_QUANTITY"]["have"] == 0
    assert "HAZARD_FILED" not in lines
    shown = page(own, file)
    assert "V-2" in shown
    # A unit that becomes a major hazard is asked for its filing and the people around in the same act.
    make_holding(actor, first, "氯", design_t="65")
    assert {"HAZARD_FILED", "EXPOSED"} <= gaps(file)


def test_a_licence_that_runs_out_makes_a_gap_by_the_clock_alone(own: Client, file: Enterprise) -> None:
    today = timezone.localdate()
    path = f"/registry/enterprises/{file.pk}/licences/new"
    given = {"kind": "OPERATING", "number": "示例证001", "valid_to": today + timedelta(days=200)}
    assert own.post(path, given).status_code == 303

    def operating() -> bool:
        line = next(one for one in Completeness.objects.get(file=file).lines if one["code"] == "LICENCES")
        return "OPERATING" not in line["missing"]

    assert operating()
    Licence.objects.update(valid_to=today - timedelta(days=1))
    assert operating()
    assert measure_all(now=timezone.now()) == 1
    assert not operating()
    assert measure_all(now=timezone.now()) == 0


def test_the_list_sorts_and_narrows_by_score_town_and_gap(district: District, own: Client, file: Enterprise) -> None:
    actor = house_actor()
    make_file(actor, area=district.other_street_area, name="示例全有油站", kind="fireworks_retail", code=CODES[1])
    other = Enterprise.objects.exclude(pk=file.pk).get()
    Completeness.objects.filter(file=other).update(score=100, gaps=[])
    client = client_of(district.department)

    def names(query: str) -> list[str]:
        shown = client.get(f"/registry/enterprises?{query}").content.decode()
        places = {name: shown.find(name) for name in ("示例甲化工有限公司", "示例全有油站")}
        return sorted((name for name, place in places.items() if place >= 0), key=lambda name: places[name])

    assert names("sort=-score") == ["示例全有油站", "示例甲化工有限公司"]
    assert names("sort=score") == ["示例甲化工有限公司", "示例全有油站"]
    assert names("score=full") == ["示例全有油站"]
    assert names("score=low") == ["示例甲化工有限公司"]
    assert names("gap=HEAD") == ["示例甲化工有限公司"]
    assert names(f"town={district.other_street_area.path}") == ["示例全有油站"]
    assert client.get("/registry/enterprises?gap=NOTHING").status_code == 422
    rows = client.get("/api/v1/registry/enterprises?most_score=99").json()
    assert [one["name"] for one in rows["items"]] == ["示例甲化工有限公司"]
    assert rows["items"][0]["score"] == Completeness.objects.get(file=file).score
    assert client.get("/api/v1/registry/enterprises?lacks=HEAD").json()["items"][0]["name"] == "示例甲化工有限公司"


@pytest.mark.clause("S5-T21")
def test_a_regulator_sees_the_share_of_complete_files_by_class_and_town_of_his_own_area(
    district: District, own: Client, file: Enterprise
) -> None:
    actor = house_actor()
    make_file(actor, area=district.other_street_area, name="示例制药厂", kind="pharmaceutical", code=CODES[1])
    other = Enterprise.objects.exclude(pk=file.pk).get()
    Completeness.objects.filter(file=other).update(score=100, gaps=[])
    shown = client_of(district.department).get("/registry/coverage").content.decode()
    assert "2 家企业，1 家档案完整（50%）" in shown
    assert "/registry/enterprises?kind=pharmaceutical&amp;score=full&amp;standing=1" in shown
    assert "甲街道" in shown
    assert "乙街道" in shown
    assert "gap=HEAD" in shown
    # The link of each figure leads to the rows that it counts.
    rows = client_of(district.department).get("/registry/enterprises?kind=pharmaceutical&score=full&standing=1")
    assert "示例制药厂" in rows.content.decode()
    of_town = client_of(district.town).get("/registry/coverage").content.decode()
    assert "1 家企业，0 家档案完整（0%）" in of_town
    assert "kind=pharmaceutical&amp;score" not in of_town
    narrowed = client_of(district.department).get("/registry/coverage?kind=pharmaceutical").content.decode()
    assert "1 家企业，1 家档案完整（100%）" in narrowed
    assert client_of(district.department).get("/registry/coverage?kind=nothing").status_code == 422


def test_closed_enterprises_do_not_count_in_the_coverage(district: District, own: Client, file: Enterprise) -> None:
    Enterprise.objects.update(life="closed")
    shown = client_of(district.department).get("/registry/coverage").content.decode()
    assert "没有企业档案" in shown


def test_an_administrator_sets_what_is_asked_and_how_much_it_weighs(
    district: District, own: Client, file: Enterprise
) -> None:
    client = client_of(district.department_head)
    assert "安全生产法第二十一条" in client.get("/registry/completeness/rules").content.decode()
    assert client.get("/registry/completeness/rules/HEAD").status_code == 200
    assert client.post("/registry/completeness/rules/HEAD", {"weight": 0, "is_asked": "on"}).status_code == 422
    assert client.post("/registry/completeness/rules/HEAD", {"weight": 50}).status_code == 303
    assert JournalEntry.objects.filter(act="registry.completeness.rule").count() == 1
    measure_all(now=timezone.now())
    assert "HEAD" not in gaps(file)
    assert client.get("/registry/completeness/rules/NOTHING").status_code == 404
    # Who does not hold the duty reads them, and changes none.
    assert own.get("/registry/completeness/rules").status_code == 200
    assert own.post("/registry/completeness/rules/STOCK", {"weight": 1}).status_code == 403


def test_a_place_without_licence_owes_its_data_through_the_town(district: District) -> None:
    actor = house_actor()
    make_file(actor, area=district.street_area, name="无证小作坊", kind="unlicensed", code="")
    file = Enterprise.objects.get()
    shown = page(client_of(district.town), file)
    assert "由镇街提供" in shown
    assert "由企业提供" not in shown
    assert "LICENCES" not in gaps(file)


def test_the_design_maximum_is_known_by_the_volume_of_a_tank_and_the_density_of_what_it_holds(
    district: District,
) -> None:
    actor = house_actor()
    file = make_file(actor, area=district.street_area)
    tank = make_facility(actor, make_unit(actor, file), volume_m3=Decimal(100), max_fill=Decimal("0.9"))
    make_holding(actor, tank, "甲醇", present_t="10")
    lines = {one["code"]: one for one in Completeness.objects.get(file=file).lines}
    assert lines["DESIGN_QUANTITY"]["have"] == 1
