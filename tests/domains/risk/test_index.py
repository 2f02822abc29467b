"""The early-warning index: from facts to a number that is explained, at changes and at night; warnings; parameters."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, client_of, house_actor, make_area, make_district

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import EnterpriseIndex, IndexRecord, IndexWarning
from quancheng.domains.risk.queries import index_facts
from quancheng.domains.risk.queries.index import by_town
from quancheng.domains.risk.queries.index_facts import Signs, kind_of
from quancheng.domains.risk.services import index
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.risk.dynamic_index import Seen

pytestmark = pytest.mark.django_db


def a_file(district: District, grade: int | None = None) -> Enterprise:
    file = open_own_file(actor=district.enterprise, kind="depot", known={"staff_count": 60}, now=NOW)
    Enterprise.objects.filter(pk=file.pk).update(exposed_population=300)
    unit = make_unit(district.enterprise, file)
    make_holding(district.enterprise, make_facility(district.enterprise, unit, processes=["none"]), "氯", present_t="1")
    if grade is not None:
        Unit.objects.filter(pk=unit.pk).update(legal_grade=grade)
    return file


def told(patch: pytest.MonkeyPatch, holds: dict[str, Any]) -> None:
    """Hidden dangers and a floor as a room above would tell them."""

    def factor(files: Any, now: datetime) -> dict[Any, Signs]:
        return {pk: Signs(tuple(holds["seen"]), ("Y1 示例隐患",)) for pk in files}

    def floor(files: Any, now: datetime) -> dict[Any, list[str]]:
        return {pk: ["Y1 示例隐患"] for pk in files} if holds["floor"] else {}

    patch.setitem(index_facts._factors, "hazard", factor)
    patch.setitem(index_facts._floors, "MAJOR_LATE", floor)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_number_explains_itself_and_says_what_nobody_knows() -> None:
    district = make_district()
    file = a_file(district, grade=3)
    index.work_out(ids=[file.pk], because="night", now=NOW)
    row = EnterpriseIndex.objects.get()
    parts = {f"{one['group']}.{one['code']}": one for one in row.parts}
    assert parts["static.H"]["value"] == 60
    assert parts["static.H"]["weight"] == 0.4
    assert parts["static.C"]["value"] == 100
    assert "氯" in parts["static.C"]["rows"]
    assert parts["static.P"]["value"] == 0
    # 20 + 10·lg 61 + 8·lg 301
    assert parts["static.E"]["value"] == 57.7
    assert row.static == Decimal("52.7")
    assert not parts["dynamic.weather"]["is_known"]
    assert not parts["management.training"]["is_known"]
    # Hidden dangers are looked at by their room, and there is none.
    assert parts["dynamic.hazard"]["is_known"]
    assert sum(one["points"] for one in row.contributions) == pytest.approx(float(row.r), abs=0.2)
    page = client_of(district.enterprise).get(reverse("risk:index_file", args=[file.pk]) + "?tab=parts")
    assert "未知，不参与" in page.content.decode()
    listed = client_of(district.department).get(reverse("risk:index")).content.decode()
    assert "示例甲化工有限公司" in listed
    assert client_of(district.other_enterprise).get(reverse("risk:index_file", args=[file.pk])).status_code == 404
    assert client_of(district.department).get(reverse("risk:index_towns")).status_code == 200


def test_it_rises_at_once_warns_and_falls_only_after_it_lay_low() -> None:
    district = make_district()
    file = a_file(district, grade=1)
    with pytest.MonkeyPatch.context() as patch:
        holds: dict[str, Any] = {"seen": [], "floor": False}
        told(patch, holds)
        index.work_out(ids=[file.pk], because="night", now=at(0))
        assert EnterpriseIndex.objects.get().level == 3
        assert not IndexWarning.objects.exists()
        holds |= {"seen": [Seen(sign="hazard.MAJOR_LATE", count=2)], "floor": True}
        assert index.work_out(ids=[file.pk], because="hazards.finding.confirm", now=at(1)) == [file.pk]
        row, warning = EnterpriseIndex.objects.get(), IndexWarning.objects.get()
        assert (row.level, warning.level, warning.status) == (2, 2, "RAISED")
        assert WorkItem.objects.filter(subject_id=warning.pk, owner_org=district.enterprise_org).exists()
        own, office = client_of(district.enterprise), client_of(district.department)
        page = reverse("risk:warning", args=[warning.pk])
        assert own.post(page, {"act": "answer", "evidence": ""}).status_code == 422
        assert own.post(page, {"act": "answer", "evidence": "已停用并抢修"}).status_code in (302, 303)
        assert office.post(page, {"act": "return", "reason": "仍未消除"}).status_code in (302, 303)
        # The facts are mended: the number falls at once, the colour half an hour later.
        holds |= {"seen": [], "floor": False}
        index.work_out(ids=[file.pk], because="hazards.finding.close", now=at(10))
        row.refresh_from_db()
        assert (row.level, row.r < 57) == (2, True)
        index.work_out(ids=[file.pk], because="calm", now=at(39))
        row.refresh_from_db()
        assert row.level == 2
        index.work_out(ids=[file.pk], because="calm", now=at(40))
        row.refresh_from_db()
        warning.refresh_from_db()
        assert (row.level, warning.status) == (3, "CLOSED")
        assert [one.because for one in IndexRecord.objects.order_by("at")] == [
            "night", "hazards.finding.confirm", "hazards.finding.close", "calm",
        ]  # fmt: skip
        # Nothing changed: no record by day, one by night.
        index.work_out(ids=[file.pk], because="registry.enterprise.changed", now=at(50))
        assert IndexRecord.objects.count() == 4
        assert index.work_out_all(now=at(60)) == 1
        assert IndexRecord.objects.count() == 5


def test_the_night_costs_no_more_reads_for_more_enterprises() -> None:
    """Only what changed is written one by one: a warning, an event."""
    district = make_district()

    def asked() -> int:
        index.work_out_all(now=NOW)
        with CaptureQueriesContext(connection) as queries:
            index.work_out_all(now=at(60))
        return len(queries)

    a_file(district, grade=3)
    one = asked()
    for number in range(6):
        make_file(house_actor(), area=district.street_area, name=f"示例企业{number}", kind="unlicensed", code="")
    assert asked() == one
    assert EnterpriseIndex.objects.count() == 7
    # The numbers are those of their own enterprise.
    for row in EnterpriseIndex.objects.all():
        newest = IndexRecord.objects.filter(file=row.file_id).latest("at")
        assert (row.r, row.level, row.at) == (newest.r, newest.level, at(60))


def test_towns_count_the_enterprises_of_their_villages() -> None:
    district = make_district()
    village = make_area("示例村", level="village", parent=district.street_area)
    for number, area in enumerate((district.street_area, village)):
        make_file(house_actor(), area=area, name=f"示例企业{number}", kind="unlicensed", code="")
    index.work_out_all(now=NOW)
    towns = by_town(actor=district.director)
    assert [(one.area, len(one.values)) for one in towns] == [(district.street_area, 2), (None, 2)]


def test_parameters_hold_from_their_day_on() -> None:
    district = make_district()
    file = a_file(district, grade=1)
    given: dict[str, Any] = {
        "limits": (Decimal(40), Decimal(30), Decimal(20)), "margin": Decimal(3), "calm_min": 30, "calm_red_min": 60,
        "weights": {"H": Decimal("0.4"), "P": Decimal("0.25"), "C": Decimal("0.2"), "E": Decimal("0.15")}, "caps": {},
        "mark": "D", "reason": "试调", "from_date": NOW.date(), "now": NOW,
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        index.set_index_rules(actor=district.enterprise, **given)
    with pytest.raises(Invalid) as refused:
        index.set_index_rules(actor=district.department_head, **{**given, "limits": (30, 40, 20)})
    assert "red" in refused.value.fields
    page = reverse("risk:index_rule_new")
    office = client_of(district.department_head)
    assert office.get(page).status_code == 200
    index.work_out(ids=[file.pk], because="night", now=NOW)
    before = EnterpriseIndex.objects.get()
    index.set_index_rules(actor=district.department_head, **given)
    index.work_out(ids=[file.pk], because="night", now=NOW)
    after = EnterpriseIndex.objects.get()
    assert (after.r, after.level) == (before.r, 1)
    assert after.model_version != before.model_version


def test_a_chemical_is_of_its_gravest_kind() -> None:
    assert kind_of("gas", ["急性毒性-吸入，类别2", "加压气体"], []) == "TOXIC_GAS"
    assert kind_of("gas", ["易燃气体，类别1"], ["KEY_CHEMICAL"]) == "KEY_LIQUEFIED"
    assert kind_of("liquid", ["急性毒性-经口，类别3"], []) == "FLAMMABLE_GAS"
    assert kind_of("liquid", ["易燃液体，类别3"], []) == "LIQUID_2"
    assert kind_of("liquid", ["皮肤腐蚀/刺激，类别1A"], []) == "CORROSIVE"
    assert kind_of("solid", [], []) == "OTHER"
