"""GB/T 37243: distances from explosives by the overpressure that a class of objects may meet."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.gb_t37243 import distance_m, explosive_distances, overpressure_pa
from quancheng.standards.risk.basis import BadInput

_TONNE = Decimal(1000)


@pytest.mark.parametrize(("kilopascals", "metres"), [("17", 99), ("9", 159), ("5", 258), ("2", 589)])
def test_a_tonne_of_tnt_has_the_known_distances(kilopascals: str, metres: int) -> None:
    assert round(distance_m(_TONNE, Decimal(kilopascals) * 1000)) == metres


def test_each_class_of_objects_has_its_distance_with_a_step() -> None:
    found = explosive_distances(_TONNE)
    assert dict(found.metres) == {"first": 589, "second": 258, "third": 159}
    assert [one.code for one in found.steps] == ["first", "second", "third"]
    assert found.steps[0].value == Decimal("588.551")


@given(st.decimals("0.01", "100000000", places=2), st.decimals("500", "50000", places=0))
def test_at_the_distance_the_overpressure_is_the_limit_and_more_tnt_is_never_nearer(
    tnt_kg: Decimal, limit: Decimal
) -> None:
    metres = distance_m(tnt_kg, limit)
    if metres > 1:
        assert abs(overpressure_pa(tnt_kg, metres) - limit) <= limit / 100
    assert distance_m(tnt_kg * 2, limit) >= metres


@pytest.mark.parametrize("tnt", ["0", "-1", "NaN", "Infinity", "1e12"])
def test_what_is_no_amount_is_refused(tnt: str) -> None:
    with pytest.raises(BadInput):
        explosive_distances(Decimal(tnt))


@pytest.mark.parametrize("metres", ["0", "-1", "NaN", "Infinity"])
def test_what_is_no_distance_is_refused(metres: str) -> None:
    with pytest.raises(BadInput):
        overpressure_pa(_TONNE, Decimal(metres))


@pytest.mark.parametrize("limit", ["0", "NaN", "1e12"])
def test_a_limit_that_the_formula_does_not_reach_is_refused(limit: str) -> None:
    with pytest.raises(BadInput):
        distance_m(_TONNE, Decimal(limit))
