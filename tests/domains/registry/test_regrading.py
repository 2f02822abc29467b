"""All units graded at once: the same numbers as one by one, and only what differs is assessed anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, make_district

from quancheng.domains.registry.models import Assessment, Chemical, Facility, Unit
from quancheng.domains.registry.services import facilities
from quancheng.domains.registry.services.regrading import calculate_all, regrade
from quancheng.standards import gb18218
from quancheng.standards.gb18218 import Stock

LATER = NOW + timedelta(days=1)


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def several_units(district: District) -> None:
    """Every way in which a quantity is known or not, a mixture, a reactor, an empty unit, one out of service."""
    actor = district.department
    file = make_file(actor, area=district.enterprise_org.area, exposed_population=120, exposed_source="示例社区统计")
    first = make_unit(actor, file, code="U1")
    make_holding(actor, make_facility(actor, first, code="V-1"), "氯", design_t=65, present_t="60.123456")
    tank = make_facility(actor, first, code="V-2", volume_m3=Decimal(30), max_fill=Decimal("0.9"))
    make_holding(actor, tank, "汽油", present_t=3)
    make_holding(actor, make_facility(actor, first, code="V-3"), "甲醇", licensed_t=7)
    make_holding(actor, make_facility(actor, first, code="V-4"), "乙醇")
    second = make_unit(actor, file, code="U2", kind="production")
    reactor = make_facility(actor, second, code="R-1", kind="reactor", temp_c=Decimal(95), processes=["P01"])
    make_holding(actor, reactor, "甲醇", design_t=400, present_t=0)
    make_holding(
        actor, make_facility(actor, second, code="R-2", kind="reactor"), "乙醇", design_t=3,
        concentration=Decimal("0.4"), hazard_classes=["易燃液体,类别3"],
    )  # fmt: skip
    make_unit(actor, file, code="U3")
    gone = make_facility(actor, make_unit(actor, file, code="U4"), code="V-9")
    make_holding(actor, gone, "氯", design_t=20, present_t=0)
    facilities.decommission(actor=actor, facility=gone, on=NOW.date(), record="示例退役记录", now=NOW)
    make_unit(actor, file, code="U5", exclusion="military", exclusion_reason="示例")


def test_all_units_at_once_have_the_results_that_each_got_by_itself(district: District) -> None:
    several_units(district)
    found = {one.unit.id: one for one in calculate_all(today=NOW.date())}
    assert len(found) == Unit.objects.count() == 5
    for unit in Unit.objects.all():
        one = found[unit.pk]
        for basis in ("legal", "present"):
            graded, s = getattr(one, basis), getattr(unit, f"{basis}_s")
            if graded is None or s is None:
                assert not s, unit.code
                assert graded is None or graded.s == 0, unit.code
                continue
            assert abs(gb18218.shown(graded.s) - s) < Decimal("1e-9"), unit.code
            assert (graded.grade, graded.r is None) == (
                getattr(unit, f"{basis}_grade"), getattr(unit, f"{basis}_r") is None
            ), unit.code  # fmt: skip
    assert Unit.objects.get(code="U1").legal_grade is not None


def test_a_second_look_changes_nothing_and_a_corrected_chemical_is_found(district: District) -> None:
    several_units(district)
    regrade(now=LATER)
    before = Assessment.objects.count()
    assert regrade(now=LATER) == 0
    assert Assessment.objects.count() == before
    Chemical.objects.filter(name="甲醇").update(gb18218_item="", cas="", name="示例更正", aliases=[],
                                              hazard_classes=["急性毒性-吸入,类别1"])  # fmt: skip
    assert regrade(now=LATER) > 0
    unit = Unit.objects.get(code="U2")
    newest = Assessment.objects.filter(unit=unit, basis="legal").latest("at")
    assert (newest.because, newest.at) == ("registry.regrade", LATER)
    assert unit.legal_grade is not None


def test_a_grade_that_would_fall_without_a_record_is_held(district: District) -> None:
    several_units(district)
    unit = Unit.objects.get(code="U1")
    Chemical.objects.filter(name="氯").update(gb18218_item="none", hazard_classes=["严重眼损伤/眼刺激,类别2A"])
    regrade(now=LATER)
    unit.refresh_from_db()
    assert unit.legal_grade is not None
    assert Assessment.objects.filter(unit=unit, basis="legal").latest("at").is_held
    held = Assessment.objects.count()
    regrade(now=LATER + timedelta(days=1))
    assert Assessment.objects.count() == held


@pytest.mark.parametrize("units", [1, 30])
def test_many_units_cost_no_more_queries_than_few(
    district: District, django_assert_num_queries: Any, units: int
) -> None:
    actor = district.department
    file = make_file(actor, area=district.enterprise_org.area)
    for number in range(units):
        make_facility(actor, make_unit(actor, file, code=f"U{number}"), code="V-1")
    assert Facility.objects.count() == units
    with django_assert_num_queries(5):
        assert len(list(calculate_all(today=NOW.date()))) == units


@given(
    st.lists(st.tuples(st.integers(0, 5), st.decimals("0", "5000", places=6)), max_size=8),
    st.sampled_from(["storage", "production"]),
    st.one_of(st.none(), st.integers(0, 300)),
)
def test_sums_of_rates_are_the_assessment(
    held: list[tuple[int, Decimal]], kind: str, exposed: int | None
) -> None:
    known = [
        Stock(cas="7782-50-5", quantity_t=Decimal(1)), Stock(cas="7664-41-7", quantity_t=Decimal(1)),
        Stock(name="甲", hazard_classes=("易燃液体,类别2",), quantity_t=Decimal(1)),
        Stock(name="乙", hazard_classes=("急性毒性-经口,类别1",), quantity_t=Decimal(1)),
        Stock(name="丙", hazard_classes=("严重眼损伤/眼刺激,类别1",), quantity_t=Decimal(1)),
        Stock(cas="67-56-1", concentration=Decimal("0.5"), hazard_classes=("易燃液体,类别3",), quantity_t=Decimal(1)),
    ]  # fmt: skip
    stocks = tuple(replace(known[which], quantity_t=tonnes) for which, tonnes in held)
    whole = gb18218.assess(gb18218.Unit(kind=kind, stocks=stocks, exposed_population=exposed))
    with gb18218.exactly():
        rates = [(gb18218.rate_of(known[which], kind=kind), tonnes) for which, tonnes in held]
        plainly = sum((rate.plainly * tonnes for rate, tonnes in rates), Decimal(0))
        weighed = sum((rate.weighed * tonnes for rate, tonnes in rates), Decimal(0))
        told = gb18218.graded(plainly, weighed, exposed)
    assert (told.s, told.r, told.alpha, told.grade) == (whole.s_exact, whole.r_exact, whole.alpha, whole.grade)
