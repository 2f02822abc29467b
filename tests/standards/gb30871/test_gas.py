"""Gas: limits, conversions, ages, breaks, records. Vectors TV-10 to TV-15."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.made import MONDAY, TUESDAY, when

from quancheng.standards.gb30871 import gas_times
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.gas import GasSample, calibration_problem, judge, worst
from quancheng.standards.gb30871.gas_times import GasScene, after_break, cadence, demands, missing, record_gaps
from quancheng.standards.gb30871.gases import (
    Unconvertible,
    combustible_limit,
    gas_named,
    gases,
    limit_in_percent_lel,
    percent_volume,
    ppm,
    toxic_limit,
)
from quancheng.standards.gb30871.parameters import with_changes

START = when(f"{TUESDAY} 08:30")
KNOWN = {"large": False, "in_vessel": False, "outer_wall": False, "oxygen_service": False}
HW2 = GasScene(kind="HW", level="II", **KNOWN)
CS = GasScene(kind="CS", large=False)


def sample(value: str = "0", unit: str = "%VOL", gas: str = "propane", quantity: str = "COMBUSTIBLE", **more):
    known = {"sampled_at": START - timedelta(minutes=10), "position": "OUTSIDE", "calibration_due": date(2027, 1, 1)}
    return GasSample(quantity=quantity, value=Decimal(value), unit=unit, gas=gas, **{**known, **more})


def oxygen(value: str, setting: str = "CONFINED_SPACE") -> str:
    return judge(sample(value, gas="oxygen", quantity="OXYGEN"), setting=setting).verdict


@pytest.mark.parametrize(
    ("gas", "value", "unit", "verdict"),
    [
        ("propane", "0.15", "%VOL", "PASS"), ("propane", "0.20", "%VOL", "PASS"), ("propane", "0.21", "%VOL", "FAIL"),
        ("methane", "10", "%LEL", "PASS"), ("methane", "11", "%LEL", "FAIL"), ("甲烷", "10.0001", "%LEL", "FAIL"),
        ("74-82-8", "0.5", "%VOL", "PASS"), ("hydrogen", "5000", "ppm", "PASS"), ("hydrogen", "5001", "ppm", "FAIL"),
        ("", "0.2", "%VOL", "PASS"), ("", "0.21", "%VOL", "FAIL"), ("unheard of", "0.21", "%VOL", "FAIL"),
    ],
)  # fmt: skip
def test_combustible_gas_passes_up_to_its_limit_tv_10_tv_11(gas, value, unit, verdict):
    judged = judge(sample(value, unit, gas))
    assert (judged.verdict, judged.why.clause, judged.unit) == (verdict, "GB 30871-2022, 5.3.2", "%VOL")


def test_a_percentage_of_an_unknown_gas_says_nothing():
    judged = judge(sample("1", "%LEL", ""))
    assert (judged.verdict, judged.value, judged.why.code) == ("FAIL", None, "GAS-NEEDS_GAS")


def test_the_lowest_limit_of_several_gases_holds():
    assert judge(sample("0.3", gas="methane")).verdict == "PASS"
    assert judge(sample("0.3", gas="methane"), others=["benzene"]).verdict == "FAIL"
    assert judge(sample("0.3", gas="methane"), others=["something"]).verdict == "FAIL"


@pytest.mark.parametrize(
    ("gas", "percent_lel"),
    [("hydrogen", "12.5"), ("methane", "10"), ("carbon_monoxide", "4"), ("ammonia", "3.3"), ("propane", "9.5"),
     ("benzene", "16.7"), ("toluene", "18.2"), ("xylene", "20"), ("acetylene", "8"), ("ethanol", "6.1"),
     ("gasoline", "15.4"), ("acetic_acid", "12.5"), ("vinyl_chloride", "5.6"), ("acetone", "8")],
)  # fmt: skip
def test_the_limit_as_a_detector_shows_it(gas, percent_lel):
    assert round(limit_in_percent_lel(gases()[gas]), 1) == Decimal(percent_lel)


@pytest.mark.parametrize(
    ("gas", "limit"), [("hydrogen_sulfide", "0.5"), ("acetic_acid", "0.5"), ("vinyl_chloride", "0.2")]
)
def test_4_percent_itself_takes_the_higher_limit(gas, limit):
    assert combustible_limit([gases()[gas]]).value == Decimal(limit)


def test_an_instrument_calibrated_with_methane_needs_the_makers_factor_for_other_gases():
    assert percent_volume(Decimal(10), "%LEL", gases()["methane"], calibrated_with="methane") == Decimal("0.5")
    with pytest.raises(Unconvertible) as stuck:
        percent_volume(Decimal(4), "%LEL", gases()["propane"], calibrated_with="methane")
    assert stuck.value.code == "NEEDS_CORRECTION"
    corrected = percent_volume(
        Decimal(5), "%LEL", gases()["propane"], calibrated_with="甲烷", correction=Decimal(2)
    )
    assert corrected == Decimal("0.21")
    assert judge(sample("4", "%LEL", calibrated_with="methane")).verdict == "FAIL"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("19.4", "FAIL"), ("19.5", "PASS"), ("20.9", "PASS"), ("21", "PASS"), ("21.01", "CONDITIONAL"),
     ("21.4", "CONDITIONAL"), ("23.5", "CONDITIONAL"), ("23.51", "FAIL"), ("23.6", "FAIL")],
)  # fmt: skip
def test_oxygen_in_a_confined_space_tv_15(value, verdict):
    assert oxygen(value) == verdict


@pytest.mark.parametrize(("value", "verdict"), [("15", "PASS"), ("23.5", "PASS"), ("23.6", "FAIL")])
def test_oxygen_in_oxygen_equipment_has_an_upper_limit_alone(value, verdict):
    assert oxygen(value, "OXYGEN_EQUIPMENT") == verdict


def test_a_conditional_result_says_what_it_asks_for():
    assert "审批人" in judge(sample("21.4", gas="oxygen", quantity="OXYGEN"), setting="CONFINED_SPACE").demands.zh


@pytest.mark.parametrize(
    ("gas", "ppm_told"),
    [("hydrogen_sulfide", "7.2"), ("chlorine", "0.34"), ("benzene", "0.94"), ("phosgene", "0.12"), ("ammonia", "28.7"),
     ("sulfur_dioxide", "1.9"), ("hydrogen_cyanide", "0.9"), ("styrene", "11.7"), ("carbon_disulfide", "1.6")],
)  # fmt: skip
def test_limits_of_work_in_ppm_at_25_degrees(gas, ppm_told):
    limit = toxic_limit(gases()[gas]).value
    assert round(ppm(limit, gases()[gas]), len(ppm_told.split(".")[1])) == Decimal(ppm_told)


@pytest.mark.parametrize(
    ("gas", "stay", "limit"),
    [("hydrogen_sulfide", 5, 10), ("carbon_monoxide", None, 20), ("carbon_monoxide", 15, 30),
     ("carbon_monoxide", 16, 20), ("vinyl_chloride", 10, 10), ("benzene", 15, 6)],
)  # fmt: skip
def test_which_limit_of_work_holds(gas, stay, limit):
    assert toxic_limit(gases()[gas], None if stay is None else Decimal(stay)).value == limit


def test_toxic_gas_is_judged_in_every_unit_and_apparatus_makes_it_conditional():
    assert judge(sample("10", "mg/m3", "hydrogen_sulfide", "TOXIC")).verdict == "PASS"
    assert judge(sample("7.1", "ppm", "hydrogen_sulfide", "TOXIC")).verdict == "PASS"
    above = sample("7.3", "ppm", "hydrogen_sulfide", "TOXIC")
    assert judge(above).verdict == "FAIL"
    assert judge(above, breathing_apparatus=True).verdict == "CONDITIONAL"


def test_a_toxic_gas_without_limit_fails_until_one_is_told():
    unknown = sample("3", "mg/m3", "acetone", "TOXIC")
    assert (judge(unknown).verdict, judge(unknown).why.code) == ("FAIL", "GAS-NO_LIMIT")
    assert judge(replace(unknown, own_limit_mg_m3=Decimal(300))).verdict == "PASS"
    assert judge(replace(unknown, unit="ppm", own_limit_mg_m3=Decimal(300))).verdict == "PASS"
    assert judge(sample("12", "mg/m3", "硫化氢", "TOXIC", own_limit_mg_m3=Decimal(300))).verdict == "FAIL"
    assert judge(sample("9", "mg/m3", "硫化氢", "TOXIC", own_limit_mg_m3=Decimal(8))).verdict == "FAIL"


def test_the_enterprises_data_sheet_prevails_for_explosive_limits():
    assert judge(sample("10", "%LEL", "house blend")).why.code == "GAS-NEEDS_GAS"
    house = sample("10", "%LEL", "house blend", lel=Decimal(2), calibrated_with="House blend")
    assert judge(house).verdict == "PASS"
    assert judge(sample("0.3", "%VOL", "house blend", lel=Decimal(5))).verdict == "PASS"
    assert judge(sample("0.3", "%VOL", "methane", lel=Decimal("3.9"))).verdict == "FAIL"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-0.1", "100.1"])
def test_an_impossible_reading_is_refused(value):
    with pytest.raises(BadInput):
        sample(value)


@pytest.mark.parametrize("name", ["lel", "molar_mass", "own_limit_mg_m3", "correction"])
def test_a_data_sheet_cannot_make_a_gas_vanish(name):
    with pytest.raises(BadInput):
        sample(**{name: Decimal(0)})


def test_every_gas_is_found_by_each_of_its_names():
    for gas in gases().values():
        assert {gas_named(name) for name in (gas.code, gas.cas, gas.name.zh, gas.name.en.upper())} == {gas}
        assert gas.lel is None or gas.lel_mark
        assert not (gas.mac or gas.twa or gas.stel) or gas.toxic_mark


@pytest.mark.parametrize(("due", "is_good"), [(date(2026, 3, 3), True), (date(2026, 3, 2), False), (None, False)])
def test_an_instrument_counts_through_its_last_day(due, is_good):
    assert (calibration_problem(sample(calibration_due=due)) is None) is is_good


# Ages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "alarm"), [(0, ""), (30, ""), (31, "02"), (-1, "01")])
def test_a_sample_counts_for_30_minutes_tv_12(age, alarm):
    found = gas_times.sample_age([START - timedelta(minutes=age)], START)
    assert (found.is_allowed, found.alarm) == (not alarm, alarm)
    assert "5.3.1 c)" in found.why.clause


def test_the_oldest_of_several_samples_counts_and_a_new_test_of_a_point_replaces_the_old():
    old, new = START - timedelta(minutes=45), START - timedelta(minutes=5)
    assert gas_times.sample_age([old, new], START).alarm == "02"
    kept = gas_times.newest([sample(sampled_at=new), sample(sampled_at=old)], START)
    assert [one.sampled_at for one in kept] == [new]


@pytest.mark.parametrize(
    ("scene", "allowed", "refused"),
    [(HW2, 60, 61), (GasScene(kind="HW", level="I"), 30, 31), (GasScene(kind="HW", level="S"), 30, 31), (CS, 60, 61)],
)
def test_a_longer_break_needs_a_new_test_tv_13(scene, allowed, refused):
    for pause, alarm in ((allowed, ""), (refused, "03")):
        stopped = START - timedelta(minutes=pause)
        assert after_break(scene, stopped, START).alarm == alarm
        assert after_break(scene, stopped, START, [START - timedelta(minutes=30)]).alarm == ""
    long_ago = START - timedelta(hours=3)
    assert after_break(scene, long_ago, START, [START - timedelta(minutes=31)]).alarm == "03"
    assert after_break(scene, long_ago, START, [long_ago - timedelta(minutes=1)]).alarm == "03"


def test_a_clock_set_back_makes_no_short_break():
    assert after_break(HW2, START, START - timedelta(hours=1)).alarm == "03"


def test_kinds_without_gas_need_no_test_after_a_break():
    assert after_break(GasScene(kind="RC"), START - timedelta(hours=9), START) is None


@pytest.mark.parametrize(("last", "overdue"), [("10:00", 0), ("10:01", 1)])
def test_a_confined_space_is_recorded_every_two_hours_tv_14(last, overdue):
    first, second = when(f"{MONDAY} 08:00"), when(f"{MONDAY} {last}")
    assert len(record_gaps([first, second], second)) == overdue
    assert len(record_gaps([first], second)) == overdue
    assert gas_times.next_record_due(first) == when(f"{MONDAY} 10:00")


def test_hot_work_is_tested_each_day():
    day = date(2026, 3, 3)
    assert gas_times.day_without_test(HW2, day, [when(f"{MONDAY} 08:00")]).clause.endswith("5.3.1 d)")
    assert gas_times.day_without_test(HW2, day, [when(f"{TUESDAY} 07:50")]) is None
    assert gas_times.day_without_test(CS, day, []) is None


# Points --------------------------------------------------------------------------------------------------------------


def at_positions(*positions, **more):
    return [sample(position=position, **more) for position in positions]


@pytest.mark.parametrize(
    ("scene", "positions", "is_enough"),
    [
        (HW2, ["OUTSIDE"], True), (HW2, ["INSIDE"], False), (HW2, [], False),
        (replace(HW2, in_vessel=True), ["INSIDE"], True), (replace(HW2, in_vessel=True), ["LOWER"], True),
        (replace(HW2, in_vessel=True, large=True), ["UPPER", "LOWER"], False),
        (replace(HW2, in_vessel=True, large=True), ["UPPER", "MIDDLE", "LOWER"], True),
        (replace(HW2, in_vessel=True, large=True), ["LEFT", "CENTRE", "RIGHT"], True),
        (replace(HW2, outer_wall=True), ["OUTSIDE"], False),
        (replace(HW2, outer_wall=True), ["OUTSIDE", "INSIDE"], True),
    ],
)  # fmt: skip
def test_points_of_hot_work(scene, positions, is_enough):
    assert (missing(scene, at_positions(*positions)) == ()) is is_enough


def test_a_sample_outside_counts_within_10_metres():
    assert not missing(HW2, [sample(distance_m=Decimal(10))])
    assert missing(HW2, [sample(distance_m=Decimal("10.1"))])


def test_a_confined_space_needs_all_three_quantities():
    two = [sample(position="INSIDE"), sample("20.9", gas="oxygen", quantity="OXYGEN", position="INSIDE")]
    assert [demand.quantity for demand in missing(CS, two)] == ["TOXIC"]


def test_each_section_of_a_long_line_is_sampled():
    scene = replace(HW2, in_vessel=True, sections=2)
    assert missing(scene, at_positions("INSIDE", point="1"))
    assert not missing(scene, [*at_positions("INSIDE", point="1"), *at_positions("INSIDE", point="2")])


@pytest.mark.parametrize(
    ("depth", "lines", "is_space"),
    [("1.5", True, True), ("1.2", True, False), ("1.5", None, True), ("1.5", False, False)],
)
def test_a_deep_excavation_beside_dangerous_lines_is_a_confined_space_tv_19(depth, lines, is_space):
    scene = GasScene(kind="EX", depth_m=Decimal(depth), dangerous_lines=lines)
    assert gas_times.as_confined_space(scene) is is_space
    assert len(demands(scene)) == (3 if is_space else 0)


def test_temporary_electricity_is_tested_in_hazard_places_and_where_that_is_unknown():
    assert [len(demands(GasScene(kind="TE", hazard_place=known))) for known in (True, None, False)] == [1, 1, 0]


def test_special_hot_work_is_watched_continuously():
    assert cadence(GasScene(kind="HW", level="S")).continuous
    assert not cadence(HW2).continuous
    assert cadence(replace(HW2, release_possible=True)).continuous


# Walks ---------------------------------------------------------------------------------------------------------------

READINGS = st.decimals(0, 30, places=3)


@given(READINGS, READINGS, st.sampled_from(sorted(gases())), st.sampled_from(["%VOL", "%LEL", "ppm"]))
def test_more_gas_is_never_better(one, other, gas, unit):
    low, high = sorted((one, other))
    verdicts = [judge(sample(str(value), unit, gas)).verdict for value in (low, high)]
    assert verdicts != ["FAIL", "PASS"]


LIMITS = [st.decimals("0.001", most, places=3) for most in ("0.5", "0.2")]


@given(READINGS, *LIMITS, st.sampled_from(sorted(gases())))
def test_a_stricter_limit_never_passes_more(value, high, low, gas):
    strict = with_changes({"comb_limit_ge4": high, "comb_limit_lt4": low})
    if judge(sample(str(value), gas=gas)).verdict == "FAIL":
        assert judge(sample(str(value), gas=gas), strict).verdict == "FAIL"


@given(st.integers(0, 200), st.integers(1, 30), st.integers(1, 60))
def test_stricter_times_never_allow_more(pause, age, rest):
    strict = with_changes({"max_gas_age_min": Decimal(age), "break_min_hw_2": Decimal(rest)})
    stopped = START - timedelta(minutes=pause)
    assert after_break(HW2, stopped, START).is_allowed or not after_break(HW2, stopped, START, (), strict).is_allowed
    loose, tight = gas_times.sample_age([stopped], START), gas_times.sample_age([stopped], START, strict)
    assert loose.is_allowed or not tight.is_allowed


def test_the_worst_of_several_counts():
    judged = [judge(sample(value)) for value in ("0", "0.3", "0.1")]
    assert worst(judged) == "FAIL"
    assert worst([]) == "PASS"
