"""Layers of protection: product, reduction, levels at their limits, limits of individual risk, colours by ratio."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.lopa import (
    Layer,
    assess,
    colour_of,
    individual_risk,
    initiating_events,
    layers_known,
    risk_limits,
    sil_for,
)

PFDS = st.decimals("0.0001", 1, places=4)


def scenario(*pfds, tolerable="0.00001"):
    return assess(
        initiating_frequency=Decimal("0.1"),
        conditions=[Decimal("0.5")],
        layers=[Layer(name=f"层{place}", pfd=Decimal(pfd)) for place, pfd in enumerate(pfds)],
        tolerable_frequency=Decimal(tolerable),
    )


def test_a_scenario_is_a_product():
    found = scenario("0.1", "0.01")
    assert found.unmitigated == Fraction(1, 20)
    assert found.mitigated == Fraction(1, 20000)
    assert (found.rrf, found.sil) == (5000, 3)
    assert (found.ratio, found.sil_missing, found.colour) == (5, 0, Colour.ORANGE)
    assert [step.code for step in found.steps] == ["initiating", "condition", "layer", "layer", "ratio"]


def test_what_lies_beyond_sil_3_calls_for_another_design():
    found = scenario(tolerable="0.000001")
    assert (found.rrf, found.sil, found.sil_missing, found.colour) == (50000, None, None, Colour.RED)
    assert len(found.doubts) == 1
    assert scenario("0.1", tolerable="0.000001").sil_missing == 3


@pytest.mark.parametrize(
    ("reduction", "level"),
    [
        ("1", 0),
        ("10", 0),
        ("10.01", 1),
        ("100", 1),
        ("100.01", 2),
        ("1000", 2),
        ("1000.01", 3),
        ("10000", 3),
        ("10000.01", None),
    ],
)
def test_levels_at_their_limits(reduction, level):
    assert sil_for(Decimal(reduction)) == level


@pytest.mark.parametrize(
    ("ratio", "colour"),
    [
        ("10.01", Colour.RED),
        ("10", Colour.ORANGE),
        ("1", Colour.ORANGE),
        ("0.99", Colour.YELLOW),
        ("0.1", Colour.YELLOW),
        ("0.09", Colour.BLUE),
    ],
)
def test_colours_at_their_limits(ratio, colour):
    assert colour_of(Fraction(ratio)) is colour


@pytest.mark.parametrize(
    ("target", "new", "existing"),
    [
        ("sensitive", "3e-7", "3e-6"),
        ("important", "3e-7", "3e-6"),
        ("class1", "3e-7", "3e-6"),
        ("class2", "3e-6", "1e-5"),
        ("class3", "1e-5", "3e-5"),
    ],
)
def test_limits_of_individual_risk(target, new, existing):
    assert individual_risk(target=target, is_new=True, risk=Decimal(new)).is_met
    assert not individual_risk(target=target, is_new=True, risk=Decimal(new) * Decimal("1.01")).is_met
    assert individual_risk(target=target, is_new=False, risk=Decimal(existing)).limit == Decimal(existing)
    assert not individual_risk(target=target, is_new=False, risk=Decimal(existing) * Decimal("1.01")).is_met


def test_the_typical_values():
    assert {code: (one.low, one.high) for code, one in initiating_events().items()} == {
        "BPCS_LOOP": (Decimal("0.1"), Decimal("0.1")),
        "OPERATOR": (Decimal("0.01"), Decimal("0.01")),
        "PUMP_SEAL": (Decimal("0.1"), Decimal("0.1")),
        "HOSE": (Decimal("0.1"), Decimal("0.1")),
        "COOLING_WATER": (Decimal("0.1"), Decimal("0.1")),
        "LARGE_FIRE": (Decimal("0.01"), Decimal("0.01")),
        "VESSEL_RUPTURE": (Decimal("1e-6"), Decimal("1e-5")),
    }
    assert {code: (str(one.low), str(one.high)) for code, one in layers_known().items()} == {
        "BPCS_LOOP": ("0.1", "0.1"),
        "OPERATOR": ("0.1", "0.1"),
        "RELIEF": ("0.01", "0.01"),
        "BUND": ("0.01", "0.01"),
        "CHECK_VALVES": ("0.01", "0.1"),
        "SIL1": ("0.01", "0.1"),
        "SIL2": ("0.001", "0.01"),
        "SIL3": ("0.0001", "0.001"),
        "FLAME_ARRESTER": ("0.01", "0.1"),
    }
    assert {one.mark for one in risk_limits().values()} == {"G"}


def test_what_is_better_than_typical_or_counted_twice_is_doubted():
    layers = [
        Layer(name="联锁", pfd=Decimal("0.0001"), kind="SIL2"),
        Layer(name="回路甲", pfd=Decimal("0.1"), kind="BPCS_LOOP"),
        Layer(name="回路乙", pfd=Decimal("0.1"), kind="BPCS_LOOP"),
    ]
    found = assess(initiating_frequency=Decimal("0.1"), layers=layers, tolerable_frequency=Decimal("0.00001"))
    assert len(found.doubts) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"initiating_frequency": Decimal(0)}, "initiating_frequency"),
        ({"initiating_frequency": Decimal("NaN")}, "initiating_frequency"),
        ({"tolerable_frequency": Decimal(0)}, "tolerable_frequency"),
        ({"conditions": [Decimal("1.1")]}, "conditions"),
    ],
)
def test_what_is_no_frequency_or_probability_is_refused(changes, field):
    good = {"initiating_frequency": Decimal("0.1"), "tolerable_frequency": Decimal("0.00001")}
    with pytest.raises(BadInput) as refused:
        assess(**{**good, **changes})
    assert refused.value.field == field


@pytest.mark.parametrize("pfd", [Decimal(0), Decimal("1.1"), Decimal(-1)])
def test_a_layer_that_cannot_be_is_refused(pfd):
    with pytest.raises(BadInput):
        Layer(name="层", pfd=pfd)


@given(st.lists(PFDS, max_size=4), PFDS)
def test_one_more_layer_never_raises_the_risk(pfds, one_more):
    before, after = scenario(*pfds), scenario(*pfds, one_more)
    assert after.mitigated <= before.mitigated
    assert after.colour >= before.colour
    assert after.rrf == before.rrf


def test_layers_that_fail_together_count_once():
    alarm = Layer(name="高液位报警响应", pfd=Decimal("0.1"), kind="OPERATOR", parts=("LT-101",))
    trip = Layer(name="高高液位联锁", pfd=Decimal("0.01"), kind="SIL1", parts=("lt-101", "XV-101"))
    given = {"initiating_frequency": Decimal("0.1"), "tolerable_frequency": Decimal("0.00001")}
    for layers, lost in (((alarm, trip), ()), ((alarm,), ("LT-101",)), ((alarm, alarm), ())):
        with pytest.raises(BadInput) as refused:
            assess(layers=layers, initiating_parts=lost, **given)
        assert refused.value.field == "layers"
    apart = Layer(name="高高液位联锁", pfd=Decimal("0.01"), kind="SIL1", parts=("LT-102", "XV-101"))
    assert assess(layers=(alarm, apart), **given).mitigated == Fraction(1, 10_000)
