"""The city's catalogue: what it prohibits cannot be entered, what it restricts or controls is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.domains.registry.factories import CODES, chemical, make_facility, make_file, make_unit
from tests.factories import District, client_of, make_district
from tests.kernel.exchange.importing import book, checked

from quancheng.domains.registry.models import Facility, Holding, Licence, Project, Restriction

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def facility(district: District) -> Facility:
    actor = district.department
    file = make_file(actor, area=district.street_area, credit_code=CODES[0])
    return make_facility(actor, make_unit(actor, file))


def enter(client: Client, name: str, kind: str, **more: Any) -> Any:
    given = {"chemical": name, "kind": kind, "reason": "不再批准新增储存。", "source": "示例市禁限控目录（示例版）",
             "from_date": "2020-01-01", "mark": "D", **more}  # fmt: skip
    return client.post("/registry/restrictions/new", given)


def hold(client: Client, facility: Facility, name: str) -> Any:
    """Entered whatever else lies there: what must not lie together is warned of, and the warning taken note of."""
    given = {"chemical": name, "design": "1 t", "aware": "on"}
    return client.post(f"/registry/facilities/{facility.pk}/stock/new", given)


@pytest.mark.clause("S1-9a")
def test_a_prohibited_chemical_is_refused_by_page_sheet_and_api_and_a_restricted_one_told(
    district: District, facility: Facility
) -> None:
    bureau = client_of(district.department)
    assert enter(bureau, "氯", "prohibited").status_code == 303
    assert enter(bureau, "汽油", "restricted").status_code == 303
    refused = hold(bureau, facility, "7782-50-5")
    assert refused.status_code == 422
    assert "列入禁限控目录（禁止）" in refused.content.decode()
    heads = ["企业名称", "单元编号", "设施编号", "化学品", "设计最大量"]
    run = checked(bureau, "registry.stock", book(heads, ["示例储运有限公司", "U1", "V-101", "氯", "1 t"]))
    assert [one["cell"] for one in run.errors] == ["D2"]
    answer = bureau.post(f"/api/v1/registry/facilities/{facility.pk}/holdings", {"chemical": "氯", "design_t": 1},
                         content_type="application/json")  # fmt: skip
    assert answer.status_code == 422
    assert not Holding.objects.exists()
    assert hold(bureau, facility, "汽油").status_code == 303
    page = bureau.get(f"/registry/enterprises/{facility.unit.file_id}").content.decode()
    assert "列入禁限控目录（限制）" in page


def test_an_entry_holds_in_its_links_and_between_its_days_alone(district: District, facility: Facility) -> None:
    bureau = client_of(district.department)
    assert enter(bureau, "氯", "prohibited", links=["transport"]).status_code == 303
    assert hold(bureau, facility, "氯").status_code == 303
    assert enter(bureau, "氨", "prohibited", to_date="2020-12-31").status_code == 303
    assert hold(bureau, facility, "氨").status_code == 303
    assert enter(bureau, "甲醇", "prohibited", from_date="2099-01-01").status_code == 303
    assert hold(bureau, facility, "甲醇").status_code == 303


def test_an_entry_ends_with_a_day_and_two_changes_at_once_are_told(district: District) -> None:
    bureau = client_of(district.department)
    enter(bureau, "氯", "controlled")
    entry = Restriction.objects.get()
    path = f"/registry/restrictions/{entry.pk}"
    given = {"act": "change", "kind": "controlled", "reason": "限量储存。", "source": "示例目录", "mark": "D",
             "from_date": "2020-01-01", "to_date": "2026-12-31", "version": 1}  # fmt: skip
    assert bureau.post(path, given).status_code == 303
    entry.refresh_from_db()
    assert (entry.to_date, entry.version) == (date(2026, 12, 31), 2)
    assert bureau.post(path, given).status_code == 409
    assert bureau.post(path, {**given, "version": 2, "to_date": "2019-01-01"}).status_code == 422


def test_everybody_reads_the_catalogue_and_only_its_keepers_write_it(district: District) -> None:
    enter(client_of(district.department), "氯", "prohibited")
    own = client_of(district.enterprise)
    assert chemical("氯").name in own.get("/registry/restrictions").content.decode()
    assert enter(own, "氨", "prohibited").status_code == 403
    assert Restriction.objects.count() == 1


@pytest.mark.clause("S1-9a")
def test_a_licence_whose_scope_names_a_prohibited_chemical_is_refused(district: District, facility: Facility) -> None:
    bureau = client_of(district.department)
    enter(bureau, "氯", "prohibited")
    given = {"kind": "OPERATING", "number": "示危经字001", "valid_to": "2099-01-01", "items": "氯"}
    path = f"/registry/enterprises/{facility.unit.file_id}/licences/new"
    refused = bureau.post(path, given)
    assert refused.status_code == 422
    assert "列入禁限控目录（禁止）" in refused.content.decode()
    assert not Licence.objects.exists()
    assert bureau.post(path, {**given, "items": "氨"}).status_code == 303


@pytest.mark.clause("S1-9a")
def test_a_project_with_a_prohibited_chemical_is_refused_and_one_with_a_restricted_one_says_so(
    district: District,
) -> None:
    bureau, own = client_of(district.department), client_of(district.enterprise)
    own.post("/registry/own/new", {"kind": "depot"})
    enter(bureau, "氯", "prohibited")
    enter(bureau, "氨", "prohibited", links=["production"])
    enter(bureau, "汽油", "restricted")
    given = {"title": "示例罐区扩建", "kind": "extended", "purpose": "storage", "place": "示例路", "text": ""}
    refused = own.post("/registry/projects/new", {**given, "chemicals": "汽油 10 t\n氯 1 t"})
    assert refused.status_code == 422
    assert "“氯”列入禁限控目录（禁止）" in refused.content.decode()
    made = {**given, "purpose": "production", "chemicals": "氨 1 t"}
    assert own.post("/registry/projects/new", made).status_code == 422, "the link of the project counts too"
    assert not Project.objects.exists()
    assert own.post("/registry/projects/new", {**given, "chemicals": "汽油 10 t\n氨 1 t"}).status_code == 303
    path = f"/registry/projects/{Project.objects.get().pk}"
    for client in (own, bureau):
        page = client.get(path).content.decode()
        assert "汽油：列入禁限控目录（限制）" in page
        assert "氨：列入" not in page
    assert own.post(path, {"act": "change", **given, "chemicals": "氯 1 t"}).status_code == 422
