"""Physical data of chemicals: each value with its source, filled in where nobody gave one, never over a person's."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.factories import NOW, client_of, make_district

from quancheng.domains.registry.models import Chemical
from quancheng.domains.registry.physical import FIELDS, physical_data
from quancheng.domains.registry.services import chemicals as services
from quancheng.standards import cas, ghs

pytestmark = pytest.mark.django_db


def test_every_value_of_the_file_has_a_known_field_a_source_and_a_mark_and_can_be() -> None:
    for number, told in physical_data().items():
        assert cas.read(number).is_valid
        for field, value in told.items():
            assert field in FIELDS
            assert value.source.startswith("chemicals ")
            assert value.mark in ("V", "G", "D")
        if "lower_limit" in told:
            assert 0 < told["lower_limit"].value < told["upper_limit"].value <= 100
        if "density" in told:
            assert Decimal("0.3") < told["density"].value < 23
        if {"flash_point_c", "boiling_point_c"} <= set(told):
            assert told["flash_point_c"].value < told["boiling_point_c"].value, number


@pytest.mark.parametrize(
    ("name", "field", "about"),
    [("苯", "boiling_point_c", 80.1), ("苯", "flash_point_c", -11), ("苯乙烯[稳定的]", "molar_mass", 104.15),
     ("丙酮", "lower_limit", 2.5), ("二硫化碳", "autoignition_c", 90)],
)  # fmt: skip
def test_what_ships_agrees_with_the_handbooks(name: str, field: str, about: float) -> None:
    assert float(getattr(Chemical.objects.get(name=name), field)) == pytest.approx(about, abs=max(1, about * 0.1))


def test_shipped_classes_can_be_read_and_do_not_contradict_each_other() -> None:
    for one in Chemical.objects.exclude(hazard_classes=[]):
        read = ghs.parse("；".join(one.hazard_classes))
        assert not read.problems, one.name
        assert not ghs.contradictions(read.hazards), one.name


def test_a_solution_gets_nothing_that_depends_on_its_content() -> None:
    acid = Chemical.objects.get(name="盐酸")
    assert acid.boiling_point_c == 110
    assert acid.flash_point_c is None
    gas = Chemical.objects.get(name="氯化氢(无水)")
    assert gas.boiling_point_c is not None
    assert gas.boiling_point_c < -80


def test_what_a_person_gave_or_took_out_is_not_filled_in_again() -> None:
    district = make_district()
    chemical = Chemical.objects.get(name="苯")
    changes = {"boiling_point_c": None, "density": Decimal("0.9"), "data_source": "示例企业SDS"}
    services.change_chemical(actor=district.department, chemical=chemical, changes=changes, now=NOW)
    services.load_shipped(now=NOW)
    chemical.refresh_from_db()
    assert (chemical.boiling_point_c, chemical.density) == (None, Decimal("0.9"))
    assert chemical.sources["density"] == "示例企业SDS"


def test_the_page_says_where_each_value_comes_from_and_that_the_national_standard_decides() -> None:
    district = make_district()
    chemical = Chemical.objects.get(name="苯")
    page = client_of(district.enterprise).get(f"/registry/chemicals/{chemical.pk}").content.decode()
    assert "IEC 60079-20-1" in page
    assert "GBZ 2.1" in page
    assert "执法使用前须核对" in page
