"""Gas detectors: legal limits, and own ones that may only be tighter."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards import cas
from quancheng.standards.signals import gb50493
from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.gb50493 import Gas, gases, legal_limits, may_set
from quancheng.standards.signals.tags import Limits
from quancheng.standards.wording import Text

CHLORINE, AMMONIA = gases()["7782-50-5"], gases()["7664-41-7"]
#: ppm at 20 °C as computed for the table, stage 1 and 2.
PPM = {
    "7783-06-4": (7.1, 14.1), "630-08-0": (17.2, 34.4), "7782-50-5": (0.34, 0.68), "7664-41-7": (28.3, 56.5),
    "7446-09-5": (1.9, 3.8), "10102-44-0": (2.6, 5.2), "7664-39-3": (2.4, 4.8), "7647-01-0": (4.9, 9.9),
    "74-90-8": (0.9, 1.8), "75-44-5": (0.12, 0.24), "71-43-2": (1.8, 3.7), "108-88-3": (13, 26),
    "1330-20-7": (11, 23), "67-56-1": (19, 38), "107-13-1": (0.45, 0.91), "75-01-4": (3.9, 7.7),
    "108-95-2": (2.6, 5.1), "10028-15-6": (0.15, 0.30),
}  # fmt: skip


@pytest.mark.parametrize("gas", gases().values(), ids=lambda gas: gas.name.en)
def test_the_rule_gives_the_values_of_the_table(gas):
    legal = legal_limits("toxic", gas=gas)
    assert (legal.h, legal.hh, legal.unit, legal.basis) == (gas.stage_1, gas.stage_2, "mg/m3", "oel")
    assert cas.read(gas.cas).is_valid
    if gas.cas in PPM:
        for found, expected in zip((gas.ppm(legal.h), gas.ppm(legal.hh)), PPM[gas.cas], strict=True):
            assert found == pytest.approx(expected, rel=0.05)


def test_mac_comes_before_twa_and_twa_before_stel():
    gas = Gas(cas="0-0-0", name=Text("气", "gas"), mac=1.0, twa=2.0, stel=3.0)
    assert gas.oel() == ("mac", 1.0)
    assert replace(gas, mac=None).oel() == ("twa", 2.0)
    assert replace(gas, mac=None, twa=None).oel() == ("stel", 3.0)
    assert replace(gas, mac=None, twa=None, stel=None).oel() is None
    assert gas.ppm(1.0) is None


def test_the_other_detectors():
    flammable, path, oxygen = (legal_limits(kind) for kind in ("flammable", "flammable_path", "oxygen"))
    assert (flammable.h, flammable.hh, flammable.unit, flammable.mark) == (25, 50, "%LEL", "V")
    assert (path.h, path.hh, path.unit, path.mark) == (1, 2, "LEL.m", "G")
    assert (oxygen.l, oxygen.h, oxygen.hh, oxygen.unit) == (19.5, 23.5, None, "%vol")


@pytest.mark.parametrize(
    ("smallest", "high", "basis", "h", "hh"),
    [
        (None, None, "oel", 1, 2),
        (1.0, 2.0, "oel", 1, 2),
        (1.01, 30.0, "idlh", 4.4, 8.8),
        (0.1, 1.99, "oel", 1, 2),
        (5.0, 30.0, "oel", 1, 2),
    ],
)
def test_the_idlh_counts_where_the_detector_cannot_tell_the_limit_of_work(smallest, high, basis, h, hh):
    legal = legal_limits("toxic", gas=CHLORINE, smallest=smallest, range_high=high)
    assert (legal.basis, legal.h, legal.hh) == (basis, pytest.approx(h), pytest.approx(hh))
    has_doubt = basis == "oel" and (smallest, high) in ((0.1, 1.99), (5.0, 30.0))
    assert bool(legal.doubts) is has_doubt
    assert [step.code for step in legal.steps] == (["OEL"] if basis == "oel" else ["OEL", "RANGE", "IDLH"])


def test_a_gas_without_a_limit_of_work_goes_by_its_idlh():
    gas = Gas(cas="0-0-0", name=Text("气", "gas"), idlh=100.0)
    assert (legal_limits("toxic", gas=gas).h, legal_limits("toxic", gas=gas).hh) == (5, 10)
    with pytest.raises(Refused, match="NO_LIMIT"):
        legal_limits("toxic", gas=replace(gas, idlh=None))


def test_what_is_known_to_be_old_is_doubted():
    assert legal_limits("toxic", gas=gases()["71-43-2"]).doubts


@pytest.mark.parametrize(("kind", "code"), [("smell", "UNKNOWN_KIND"), ("toxic", "NEEDS_GAS")])
def test_what_is_not_told_is_refused(kind, code):
    with pytest.raises(Refused, match=code):
        legal_limits(kind)


@pytest.mark.parametrize(
    ("own", "problems"),
    [
        (Limits(h=25, hh=50), []),
        (Limits(h=10, hh=20), []),
        (Limits(h=25.01, hh=50), [("h", "LOOSENED")]),
        (Limits(h=25, hh=50.01), [("hh", "LOOSENED")]),
        (Limits(h=20), [("hh", "MISSING")]),
        (Limits(), [("h", "MISSING"), ("hh", "MISSING")]),
        (Limits(h=math.nan, hh=50), [("h", "MISSING")]),
        (Limits(h=20, hh=20), [("hh", "ORDER")]),
    ],
)
def test_an_enterprise_may_tighten_and_never_loosen(own, problems):
    verdict = may_set(own, legal_limits("flammable"))
    assert [(one.field, one.code) for one in verdict.problems] == problems
    assert verdict.may is (not problems)
    assert all(one.text.zh and one.text.en for one in verdict.problems)


def test_oxygen_is_tightened_from_both_sides():
    legal = legal_limits("oxygen")
    assert may_set(Limits(l=20, h=23), legal).may
    assert [one.field for one in may_set(Limits(l=19.4, h=23.6), legal).problems] == ["h", "l"]


@given(st.floats(0, 200), st.floats(0, 200), st.sampled_from(sorted(gases())))
def test_what_may_be_set_alarms_no_later_than_the_law(h, hh, number):
    legal = legal_limits("toxic", gas=gases()[number])
    assert may_set(Limits(h=h, hh=hh), legal).may is (h <= legal.h and hh <= legal.hh and h < hh)


def test_the_range_that_a_detector_should_have():
    assert gb50493.usual_range("flammable") == (0, 100)
    assert gb50493.usual_range("oxygen") == (0, 25)
    assert gb50493.usual_range("toxic", gas=AMMONIA) == (0, 60)
    assert gb50493.usual_range("toxic", gas=Gas(cas="", name=Text("气", "gas"), idlh=100.0)) == (0, 30)
    assert gb50493.usual_range("toxic", gas=Gas(cas="", name=Text("气", "gas"))) is None
    assert gb50493.usual_range("flammable_path") is None


@pytest.mark.parametrize(
    ("mass", "expected"),
    [(70.9, "heavier"), (28.96 * 1.2, "heavier"), (28.97, "slightly_heavier"), (28.01, "slightly_lighter"),
     (17.03, "lighter"), (28.96 * 0.8, "lighter")],
)  # fmt: skip
def test_how_a_gas_lies_in_air(mass, expected):
    assert gb50493.density_class(mass) == expected
    assert gb50493.DENSITIES[expected].zh
