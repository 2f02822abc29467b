"""Tags: kinds, checks of limits, templates, what must be monitored."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import gb50493, tags, units
from quancheng.standards.signals.basis import Refused, table
from quancheng.standards.signals.tags import Limits
from quancheng.standards.wording import MARKS

GOOD = Limits(low=0, high=100, ll=5, l=10, h=80, hh=90, deadband=2, on_delay_s=5, off_delay_s=30)
EVERY = [one for facility in tags.FACILITIES for one in tags.templates(facility)]
KNOWN = {"max_operating": 1600.0, "declared": 500.0, "class_low": 0.0, "permitted": 30.0, "set": 60.0, "mtsr": 110.0,
         "relief": 600.0, "normal": 20.0, "recipe": 100.0, "recipe_low": 4.0, "recipe_high": 9.0, "plan": 6000.0,
         "maop": 8000.0, "balance": 100.0}  # fmt: skip


def codes(limits, **given):
    return [(one.field, one.code) for one in tags.problems(limits, **given)]


@pytest.mark.parametrize(("scan", "expected"), [(2, 60), (20, 60), (20.1, 60.3), (120, 360)])
def test_a_tag_is_stale_after_three_scans_but_not_before_a_minute(scan, expected):
    assert tags.stale_after_s(scan) == pytest.approx(expected)


def test_good_limits_have_no_problem_and_one_alone_neither():
    assert tags.problems(GOOD) == []
    assert tags.problems(Limits(h=25)) == []
    assert tags.problems(Limits()) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"ll": 10}, [("l", "ORDER")]),
        ({"hh": 80}, [("hh", "ORDER")]),
        ({"l": 85}, [("h", "ORDER"), ("deadband", "NEVER_CLEARS")]),
        ({"hh": 101}, [("hh", "OUT_OF_RANGE")]),
        ({"ll": -1}, [("ll", "OUT_OF_RANGE")]),
        ({"high": 0.0}, [("high", "RANGE")]),
        ({"deadband": -1}, [("deadband", "NEGATIVE")]),
        ({"off_delay_s": -1}, [("off_delay_s", "NEGATIVE")]),
        ({"deadband": 70}, [("deadband", "NEVER_CLEARS")]),
        ({"h": math.nan}, [("h", "NOT_FINITE")]),
        ({"hh": math.inf}, [("hh", "NOT_FINITE")]),
        ({"roc_limit": 1.0}, [("roc_window_s", "NO_WINDOW")]),
        ({"flatline_samples": 1}, [("flatline_samples", "NO_WINDOW")]),
    ],
)
def test_each_check_finds_what_it_is_for(changed, expected):
    found = tags.problems(replace(GOOD, **changed))
    assert [(one.field, one.code) for one in found] == expected
    assert all(one.text.zh and one.text.en for one in found)


def test_a_deadband_that_reaches_the_end_of_the_span_never_clears():
    assert codes(Limits(low=0, high=1000, h=10, deadband=10)) == [("deadband", "NEVER_CLEARS")]
    assert codes(Limits(low=0, high=1000, h=10, deadband=9.9)) == []
    assert codes(Limits(low=0, high=1000, l=990, deadband=10)) == [("deadband", "NEVER_CLEARS")]


def test_toxic_gas_may_not_wait():
    assert codes(Limits(h=1, hh=2, on_delay_s=10), kind="toxic") == []
    assert codes(Limits(h=1, hh=2, on_delay_s=10.1), kind="toxic") == [("on_delay_s", "TOXIC_DELAY")]
    assert codes(Limits(h=1, hh=2, on_delay_s=60), kind="level") == []


@given(st.lists(st.floats(0, 100), min_size=4, max_size=4))
def test_limits_are_in_order_or_told(levels):
    names = dict(zip(tags.LEVELS, levels, strict=True))
    is_right = all(below < above for below, above in pairwise(levels))
    assert (codes(Limits(low=0, high=100, **names)) == []) is is_right


def test_a_unit_belongs_to_the_kind_and_its_own_dimension_goes_first():
    assert tags.dimension_of("temperature", "K") == "temperature_difference"
    assert tags.dimension_of("temperature", "℃") == "temperature"
    assert tags.dimension_of("level", "%") == "percent"
    assert tags.dimension_of("pressure", "MPa") == "pressure"
    assert tags.dimension_of("toxic", "ppm") == "toxic"
    for kind in tags.kinds():
        assert all(tags.dimension_of(kind, unit) for unit in tags.units_of(kind))
        assert tags.units_of(kind)[0] == tags.kinds()[kind].unit or not tags.kinds()[kind].unit
    for kind, unit in (("level", "kPa"), ("flammable", "ppm"), ("discrete", "")):
        with pytest.raises(Refused, match="UNKNOWN_UNIT"):
            tags.dimension_of(kind, unit)


# Templates ----------------------------------------------------------------------------------------------------------


def test_every_row_of_the_tables_is_a_template():
    assert len(EVERY) == len(table("tag_templates")) == 92
    assert len({(one.facility, one.code) for one in EVERY}) == len(EVERY)


@pytest.mark.parametrize("template", EVERY, ids=lambda one: f"{one.facility}.{one.code}")
def test_a_template_is_sound(template):
    assert template.kind in tags.kinds()
    assert template.mark in MARKS
    assert template.report in tags.REPORTS
    assert template.unit == "%" or units.dimensions_of(template.unit)
    assert tags.dimension_of(template.kind, template.unit)
    assert template.parameter in ("", *tags.PARAMETERS)
    assert bool(template.cas) is (template.kind == "toxic")
    assert bool(template.note.zh) is bool(template.note.en)
    assert template.alarm_on in ("", "true", "false", "discrepancy")
    assert not (template.alarm_on and template.levels)
    assert template.parameters() <= KNOWN.keys()
    assert all(1 <= template.priority(level) <= 4 for level in tags.LEVELS)
    assert tags.problems(template.limits(KNOWN), kind=template.kind) == []


def one_of(facility, code):
    return next(one for one in tags.templates(facility) if one.code == code)


def test_the_figures_of_a_row_stand():
    level = one_of("petrol_station", "LT1x.PV")
    assert level.limits() == Limits(low=0, high=2520, ll=150, l=250, h=2126, hh=2275, deadband=10, on_delay_s=5,
                                    off_delay_s=30, stale_after_s=90)  # fmt: skip
    assert [level.priority(name) for name in tags.LEVELS] == [1, 2, 2, 1]
    assert one_of("petrol_station", "ESD.X").is_latched


def test_limits_by_the_process_become_numbers():
    assert one_of("batch_reactor", "R1.TT").limits({"set": 60.0, "mtsr": 80.0}).hh == 70
    assert one_of("batch_reactor", "R1.TT").limits({"set": 60.0, "mtsr": 120.0}).hh == 75
    assert one_of("tank_farm", "FR.LT").limits().h == 16200
    assert one_of("valve_station", "PI.UP").limits({"plan": 6000.0, "maop": 8000.0}).hh == pytest.approx(8800)
    with pytest.raises(Refused, match="MISSING"):
        one_of("batch_reactor", "R1.TT").limits({"set": 60.0})


@pytest.mark.parametrize("template", [one for one in EVERY if one.kind == "flammable"], ids=lambda one: one.code)
def test_templates_of_flammable_gas_keep_the_law(template):
    assert gb50493.may_set(template.limits(), gb50493.legal_limits("flammable")).may


@pytest.mark.parametrize(("code", "cas"), [("CL.GDS.n", "7782-50-5"), ("NH.GDS.n", "7664-41-7")])
def test_templates_of_toxic_gas_keep_the_law(code, cas):
    legal = gb50493.legal_limits("toxic", gas=gb50493.gases()[cas])
    assert gb50493.may_set(one_of("chlorine_ammonia_store", code).limits(), legal).may


def test_an_unknown_facility_is_refused():
    with pytest.raises(Refused, match="UNKNOWN_FACILITY"):
        tags.templates("castle")
    with pytest.raises(Refused, match="UNKNOWN_FACILITY"):
        tags.monitored("castle", traits=())


# What must be monitored ---------------------------------------------------------------------------------------------


def test_what_is_due_depends_on_the_traits():
    plain = {one.parameter for one in tags.monitored("fixed_roof_tank", traits=()) if one.is_mandatory}
    assert plain == {"level", "temperature", "flammable", "video"}
    toxic = {one.parameter for one in tags.monitored("fixed_roof_tank", traits=("toxic", "sealed")) if one.is_mandatory}
    assert toxic - plain == {"toxic", "pressure"}


def test_what_is_recommended_is_never_missing():
    assert [one.parameter for one in tags.missing("fixed_roof_tank", ["level", "video"], traits=())] == [
        "temperature", "flammable"]  # fmt: skip
    with pytest.raises(Refused, match="UNKNOWN_TRAIT"):
        tags.missing("fixed_roof_tank", [], traits=("pretty",))


@pytest.mark.parametrize("facility", tags.MONITORED)
def test_rows_of_what_is_monitored_are_sound(facility):
    due = tags.monitored(facility, traits=tags.TRAITS)
    assert due
    for one in due:
        assert one.parameter in tags.PARAMETERS
        assert one.mark in MARKS
    assert {row["needed"].removeprefix("if_") for row in table("monitored")} <= {"always", "recommended", *tags.TRAITS}
