"""Workshops' temporary storage, and the papers of storage places: held against what lies there at every change."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_actor, make_district
from tests.kernel.exchange.importing import exported

from quancheng.domains.registry.models import (
    DataSheet,
    Enterprise,
    Holding,
    PlacePaper,
    Product,
    ProductPart,
    StorageFinding,
    Unit,
    WorkshopLimit,
)
from quancheng.domains.registry.models.products import SECTIONS
from quancheng.domains.registry.services.facilities import change_unit
from quancheng.domains.registry.services.storage import look_at_all
from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
REST = "/api/v1/registry"
PLAN = {"kind": "plan", "chemical": "", "title": "甲类库现场处置方案", "issued_date": "2025-03-01", "until_date": "",
        "is_there": "yes"}  # fmt: skip


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = "117.0,39.0,117.4,39.3"
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    client = client_of(district.enterprise)
    client.post("/registry/own/new", {"kind": "fine_chemical"})
    return client


def workshop(district: District) -> Unit:
    """A workshop with a store of methanol, two tonnes, and a reactor whose content is at work."""
    file = Enterprise.objects.get()
    unit = make_unit(district.enterprise, file, code="PR1", name="一车间", kind="production", boundary="plant")
    store = make_facility(district.enterprise, unit, code="PR1-K", name="中间仓", kind="bay")
    reactor = make_facility(district.enterprise, unit, code="R-1", name="反应釜", kind="reactor")
    make_holding(district.enterprise, store, "甲醇", present_t="2", design_t="10")
    make_holding(district.enterprise, reactor, "甲醇", present_t="5", design_t="5")
    return unit


def store_of(district: District) -> Unit:
    file = Enterprise.objects.get()
    unit = make_unit(district.enterprise, file, code="K1", name="甲类库", boundary="building")
    make_facility(district.enterprise, unit, code="K1-1", name="一号间", kind="bay")
    return unit


def set_limit(client: Client, unit: Unit, limit: str, *, version: int = 0, source: str = "暂存管理制度第3条") -> Any:
    url = reverse("registry:workshop_limit", args=[unit.pk])
    return client.post(url, {"limit_t": limit, "source": source, "version": version})


def bring(client: Client, holding: Holding, quantity: str, **more: Any) -> Any:
    given = {"kind": "in", "quantity_t": quantity, "at": timezone.now().isoformat(), **more}
    return client.post(f"{REST}/holdings/{holding.pk}/movements", given, content_type="application/json")


def open_items() -> int:
    return WorkItem.objects.open().filter(subject_type="registry.storagefinding").count()


@pytest.mark.clause("S3-4.7b")
def test_a_workshop_is_warned_of_the_moment_more_is_brought_than_may_lie_there(district: District, own: Client) -> None:
    """The limit counts the stores and not the reactor; the warning is owed, seen by offices, and ends with less."""
    unit, town = workshop(district), client_of(district.town)
    holding = Holding.objects.get(facility__code="PR1-K")
    assert "未设暂存限量" in own.get("/registry/workshops", {"unset": "1"}).content.decode()
    assert set_limit(own, unit, "0").status_code == 422
    assert set_limit(own, unit, "3", source="").status_code == 422
    assert set_limit(own, unit, "3").status_code == 303
    assert StorageFinding.objects.count() == 0
    assert bring(own, holding, "1").status_code == 201
    assert StorageFinding.objects.count() == 0, "as much as may lie there is not more"
    assert bring(own, holding, "0.5").status_code == 201
    found = StorageFinding.objects.get()
    assert (found.kind, found.unit_id, found.facility_id) == ("over_temporary", unit.pk, None)
    assert (found.figure, found.limit, open_items()) == (Decimal("3.5"), Decimal(3), 1)
    assert bring(own, holding, "0.5").status_code == 201
    found.refresh_from_db()
    assert (found.figure, StorageFinding.objects.count(), open_items()) == (Decimal(4), 1, 1)
    listed = town.get("/registry/workshops", {"over": "1"}).content.decode()
    assert "一车间" in listed
    assert "超过暂存限量" in listed
    assert "车间超暂存限量" in town.get(reverse("registry:storage_finding", args=[found.pk])).content.decode()
    assert "一车间" in town.get("/registry/storage", {"kind": "over_temporary"}).content.decode()
    # Words do not make it less.
    told = {"act": "explain", "text": "夜班一次领料，次日用完"}
    assert own.post(reverse("registry:storage_finding", args=[found.pk]), told).status_code == 409
    assert bring(own, holding, "2", kind="out").status_code == 201
    found.refresh_from_db()
    assert (found.status, open_items()) == ("CLEARED", 0)


@pytest.mark.clause("S3-4.7b")
def test_a_smaller_limit_finds_at_once_and_a_movement_is_told_before_it_is_entered(
    district: District, own: Client
) -> None:
    unit = workshop(district)
    holding = Holding.objects.get(facility__code="PR1-K")
    set_limit(own, unit, "3")
    given = {"act": "move", "kind": "in", "quantity": "2 t", "at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
    told = own.post(f"/registry/stock/{holding.pk}", given)
    assert told.status_code == 422
    assert "合计超过该车间的暂存限量" in told.content.decode()
    holding.refresh_from_db()
    assert holding.present_t == 2
    assert set_limit(own, unit, "1.5", version=1).status_code == 303
    assert StorageFinding.objects.get().status == "OPEN"
    assert set_limit(own, unit, "9", version=1).status_code == 409, "somebody else wrote since"
    assert set_limit(own, unit, "9", version=2).status_code == 403, "nobody ends his own warning by a number"
    with pytest.raises(Conflict):
        change_unit(actor=district.enterprise, unit=unit, changes={"kind": "storage"}, now=timezone.now())
    assert StorageFinding.objects.get().status == "OPEN"
    office = client_of(make_actor(district.office_org, "office.officer"))
    assert 'value="1.5"' in office.get(reverse("registry:workshop_limit", args=[unit.pk])).content.decode()
    assert set_limit(office, unit, "10", version=2).status_code == 303
    facts = JournalEntry.objects.filter(act="registry.workshop.limit").order_by("-pk")[0].facts
    assert Decimal(facts["before"]["limit_t"]) == Decimal("1.5")
    assert 'value="10"' in own.get(reverse("registry:workshop_limit", args=[unit.pk])).content.decode()
    assert StorageFinding.objects.get().status == "CLEARED"
    WorkshopLimit.objects.update(limit_t=1)
    look_at_all(now=timezone.now())
    look_at_all(now=timezone.now())
    assert StorageFinding.objects.filter(gone_at__isnull=True).count() == 1


@pytest.mark.clause("S3-4.7b")
def test_limits_of_workshops_are_read_and_set_by_programs_and_by_nobody_outside(
    district: District, own: Client
) -> None:
    unit = workshop(district)
    body = {"version": 0, "limit_t": "1", "source": "设计文件"}
    outside = client_of(district.other_town)
    url = f"{REST}/workshops/{unit.pk}/limit"
    assert outside.put(url, body, content_type="application/json").status_code == 404
    assert own.put(url, {**body, "limit_t": "-1"}, content_type="application/json").status_code == 422
    answer = own.put(url, body, content_type="application/json").json()
    assert (answer["version"], Decimal(answer["percent"])) == (1, Decimal(200))
    assert answer["finding"] == str(StorageFinding.objects.get().pk)
    (row,) = own.get(f"{REST}/workshops", {"over": "true"}).json()["items"]
    assert row["id"] == str(unit.pk)
    sheet = exported(own, "/registry/workshops?export=xlsx")
    assert any("超过暂存限量" in row for row in sheet)
    assert outside.get(f"{REST}/workshops").json()["items"] == []


@pytest.mark.clause("S3-4.5c")
def test_every_change_of_stock_is_held_against_what_is_permitted_and_against_goods_beside(
    district: District, own: Client
) -> None:
    store_of(district)
    bay = Enterprise.objects.get().units.get(code="K1").facilities.get()
    holding = make_holding(district.enterprise, bay, "甲醇", present_t="1", design_t="2", licensed_t="2")
    assert StorageFinding.objects.count() == 0
    assert bring(own, holding, "2").status_code == 201
    assert set(StorageFinding.objects.values_list("kind", flat=True)) == {"over_licence", "over_design"}
    for name in ("氰化钠", "盐酸"):
        make_holding(district.enterprise, bay, name, present_t="0.5", design_t="1")
    beside = list(StorageFinding.objects.filter(kind="incompatible"))
    assert beside
    assert all(one.mark for one in beside)
    shown = own.get("/registry/storage").content.decode()
    assert "禁忌物同存" in shown
    assert "超许可量" in shown
    assert open_items() == 2 + len(beside)


@pytest.mark.clause("S3-4.5c")
def test_a_place_lacks_ledger_label_sheet_and_plan_until_each_is_there(district: District, own: Client) -> None:
    unit = store_of(district)
    bay = unit.facilities.get()
    holding = make_holding(district.enterprise, bay, "甲醇", present_t="1", design_t="2")
    Holding.objects.filter(pk=holding.pk).update(present_at=timezone.now() - timedelta(days=40))
    page, new = (reverse(f"registry:{name}", args=[unit.pk]) for name in ("place_papers_of", "place_paper_new"))
    town = client_of(district.town)
    assert town.get("/registry/place-papers", {"lacking": "1"}).content.decode().count("缺：甲醇") == 3
    assert own.post(new, {**PLAN, "title": ""}).status_code == 422
    assert own.post(new, {**PLAN, "chemical": holding.chemical_id}).status_code == 422
    assert own.post(new, {**PLAN, "kind": "label"}).status_code == 422
    assert own.post(new, {**PLAN, "until_date": "2025-02-01"}).status_code == 422
    assert PlacePaper.objects.count() == 0
    scan = SimpleUploadedFile("plan.txt", "方案".encode(), content_type="text/plain")
    assert own.post(new, {**PLAN, "papers": scan}).status_code == 303
    for kind, title in (("label", "甲醇标签"), ("sheet", "甲醇安全技术说明书")):
        given = {**PLAN, "kind": kind, "chemical": holding.chemical_id, "title": title}
        assert own.post(new, given).status_code == 303
    shown = town.get(page).content.decode()
    assert "缺：甲醇" in shown, "nobody told its stock for more than a month"
    assert "plan.txt" in shown
    assert bring(own, holding, "0.1").status_code == 201
    assert "缺：甲醇" not in town.get(page).content.decode()
    assert "甲类库" not in town.get("/registry/place-papers", {"lacking": "1"}).content.decode()
    # Another thing brought in lacks its papers at once.
    make_holding(district.enterprise, bay, "乙醇", present_t="1", design_t="1")
    assert "缺：乙醇" in town.get(page).content.decode()
    outside = client_of(district.other_town)
    assert outside.get(page).status_code == 404
    assert "甲类库" not in outside.get("/registry/place-papers").content.decode()


def test_papers_of_a_mixture_are_none_of_what_goes_into_it(district: District, own: Client) -> None:
    holding = make_holding(
        district.enterprise, store_of(district).facilities.get(), "甲醇", present_t="1", design_t="2"
    )
    words = {"prevention": "远离热源", "response": "冲洗", "storage": "阴凉"}
    product = Product.objects.create(
        file=Enterprise.objects.get(), name="稀释剂", phone="0000-0000000", created_at=NOW, updated_at=NOW, **words
    )  # fmt: skip
    part = ProductPart.objects.create(product=product, chemical=holding.chemical, low=5, high=10)
    DataSheet.objects.create(
        product=product, number=1, issued_at=NOW, revision_date=NOW.date(), sections=["x"] * SECTIONS, by_name="甲",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip

    def lacks() -> tuple[list[str], list[str]]:
        (row,) = own.get(f"{REST}/place-papers").json()["items"]
        return row["no_label"], row["no_sheet"]

    assert lacks() == (["甲醇"], ["甲醇"])
    ProductPart.objects.filter(pk=part.pk).update(low=99, high=100)
    assert lacks() == ([], [])


def test_a_store_in_which_nothing_lies_lacks_no_papers(district: District, own: Client) -> None:
    holding = make_holding(
        district.enterprise, store_of(district).facilities.get(), "甲醇", present_t="1", design_t="2"
    )
    assert len(own.get(f"{REST}/place-papers").json()["items"]) == 1
    assert bring(own, holding, "1", kind="out").status_code == 201
    assert own.get(f"{REST}/place-papers").json()["items"] == []


def test_an_office_that_finds_no_plan_ends_what_was_entered(district: District, own: Client) -> None:
    """The newest entry counts; what was entered before stays to be read."""
    unit = store_of(district)
    make_holding(district.enterprise, unit.facilities.get(), "甲醇", present_t="1", design_t="2")
    new, page = (reverse(f"registry:{name}", args=[unit.pk]) for name in ("place_paper_new", "place_papers_of"))

    def has_plan() -> bool:
        (row,) = own.get(f"{REST}/place-papers").json()["items"]
        return bool(row["has_plan"])

    assert own.post(new, PLAN).status_code == 303
    assert has_plan()
    assert "没有扫描件" in own.get(page).content.decode()
    office = client_of(make_actor(district.office_org, "office.officer"))
    gone = {**PLAN, "is_there": "no", "title": "现场检查未见"}
    assert office.post(new, {**gone, "until_date": "2030-01-01"}).status_code == 422
    assert office.post(new, gone).status_code == 303
    assert not has_plan()
    shown = own.get(page).content.decode()
    assert "现场检查未见" in shown
    assert "甲类库现场处置方案" in shown
    assert own.post(new, {**PLAN, "title": "新方案"}).status_code == 303
    assert has_plan()


def test_a_paper_that_has_run_out_is_none(district: District, own: Client) -> None:
    unit = store_of(district)
    make_holding(district.enterprise, unit.facilities.get(), "甲醇", present_t="1", design_t="2")
    new = reverse("registry:place_paper_new", args=[unit.pk])
    assert own.post(new, {**PLAN, "until_date": "2025-12-31"}).status_code == 303
    (row,) = own.get(f"{REST}/place-papers").json()["items"]
    assert row["has_plan"] is False
    assert "已过期" in own.get(reverse("registry:place_papers_of", args=[unit.pk])).content.decode()


@pytest.mark.clause("S3-4.5c")
def test_programs_read_what_papers_lack_and_enter_one_once(district: District, own: Client) -> None:
    unit = store_of(district)
    holding = make_holding(district.enterprise, unit.facilities.get(), "甲醇", present_t="1", design_t="2")
    Holding.objects.update(present_at=timezone.now())
    (row,) = own.get(f"{REST}/place-papers", {"lacking": "true"}).json()["items"]
    assert (row["no_ledger"], row["no_label"], row["no_sheet"], row["has_plan"]) == ([], ["甲醇"], ["甲醇"], False)
    body = {"kind": "sheet", "chemical_id": str(holding.chemical_id), "title": "说明书", "issued_date": "2025-01-01"}
    headers = {"Idempotency-Key": "0198aaaa-0000-7000-8000-000000000002"}
    for _time in range(2):
        answer = own.post(
            f"{REST}/place-papers/{unit.pk}/papers", body, content_type="application/json", headers=headers
        )
        assert answer.status_code == 201, answer.content
    assert PlacePaper.objects.count() == 1
    (row,) = own.get(f"{REST}/place-papers").json()["items"]
    assert (row["no_label"], row["no_sheet"]) == (["甲醇"], [])
    assert any("缺：甲醇" in line for line in exported(own, "/registry/place-papers?export=xlsx"))
