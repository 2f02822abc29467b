"""Levels of hot work, height and lifting; upgrades by the calendar. Vectors TV-01 to TV-09."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.made import AROUND, MONDAY, SATURDAY, SUNDAY, TUESDAY, WEEK, hot_work, slot, when

from quancheng.standards.gb30871 import kinds, levels
from quancheng.standards.gb30871.basis import BadInput, Slot
from quancheng.standards.gb30871.levels import Height, Lifting, height_level, hot_work_level, lifting_level
from quancheng.standards.gb30871.parameters import with_changes
from quancheng.standards.gb30871.upgrades import (
    OfficialCalendar,
    SpecialPeriod,
    Surroundings,
    reasons_now,
    touches_night,
    upgrade_reasons,
)

RUNNING = hot_work(hazard_place=True, on_running_equipment=True)
RACK = hot_work(on_pipe_rack=True)
CONDITIONS = ("unit_shutdown", "cleaned", "purged", "gas_passed", "isolated")
RELIEVED = {**dict.fromkeys(CONDITIONS, True), "downgrade_approved_by": "SAFETY_HEAD"}
DAY = slot(TUESDAY, "10:00", "14:00")


def codes(level):
    return {why.code for why in level.why}


def test_welding_on_a_running_line_is_special_tv_01():
    level = hot_work_level(RUNNING, [DAY], AROUND)
    assert (level.base, level.effective, level.approval, level.reasons) == ("S", "S", "S", ())
    assert (level.plan_needed, level.doubts, codes(level)) == (True, (), {"HW-LVL-S1"})
    assert level.why[0].clause == "GB 30871-2022, 5.1.2"


def test_grinding_on_a_pipe_rack_is_level_1_tv_02():
    level = hot_work_level(RACK, [DAY], AROUND)
    assert (level.base, level.effective, codes(level)) == ("I", "I", {"HW-LVL-1b"})


def test_the_same_on_a_saturday_is_special_tv_03():
    level = hot_work_level(RACK, [slot(SATURDAY, "09:00", "11:00")], AROUND)
    assert (level.base, level.effective, level.reasons) == ("I", "S", ("RESTDAY",))
    assert reasons_now(when(f"{SATURDAY} 09:00"), AROUND)[0].alarm == "41"


def test_a_saturday_worked_to_make_up_upgrades_nothing_and_a_monday_off_does():
    swapped = Surroundings(
        calendar=OfficialCalendar({date(2026, 3, 7): True, date(2026, 3, 2): False}, frozenset({2026}))
    )
    assert hot_work_level(RACK, [slot(SATURDAY, "09:00", "11:00")], swapped).reasons == ()
    assert hot_work_level(RACK, [slot(MONDAY, "09:00", "11:00")], swapped).reasons == ("HOLIDAY",)


def test_a_permit_of_three_days_worked_by_day_stays_level_2_tv_04():
    days = [slot(day, "08:00", "17:00") for day in (MONDAY, TUESDAY, "2026-03-04")]
    assert hot_work_level(hot_work(), days, AROUND).effective == "II"
    evening = hot_work_level(hot_work(), [*days, slot(TUESDAY, "19:00", "22:00")], AROUND)
    assert (evening.base, evening.effective, evening.reasons) == ("II", "I", ("NIGHT",))
    assert [reason.alarm for reason in reasons_now(when(f"{MONDAY} 21:00"), AROUND)] == ["42"]


def test_a_unit_that_is_wholly_made_safe_may_be_level_2_tv_05():
    level = hot_work_level(hot_work(hazard_place=True, **RELIEVED), [DAY], AROUND)
    assert (level.base, codes(level)) == ("II", {"HW-LVL-1a", "HW-LVL-2b"})


@pytest.mark.parametrize("missing", CONDITIONS)
@pytest.mark.parametrize("value", [False, None])
def test_nothing_is_lowered_while_one_condition_is_missing_or_unknown(missing, value):
    level = hot_work_level(hot_work(hazard_place=True, **{**RELIEVED, missing: value}), [DAY], AROUND)
    assert (level.base, level.why[-1].fact) == ("I", missing)


def test_running_equipment_and_dikes_are_never_lowered():
    assert hot_work_level(replace(RUNNING, **RELIEVED), [DAY], AROUND).base == "S"
    assert hot_work_level(hot_work(in_major_hazard_dike=True, **RELIEVED), [DAY], AROUND).base == "S"


@pytest.mark.parametrize(
    ("fact", "expected"), [("on_running_equipment", "S"), ("in_major_hazard_dike", "S"), ("on_pipe_rack", "I")]
)
def test_what_is_not_known_counts_as_the_graver_and_is_told(fact, expected):
    level = hot_work_level(hot_work(hazard_place=fact == "on_running_equipment", **{fact: None}), [DAY], AROUND)
    assert (level.base, [doubt.fact for doubt in level.doubts]) == (expected, [fact])


def test_work_under_pressure_is_special_wherever_it_is():
    assert hot_work_level(hot_work(under_pressure=True), [DAY], AROUND).base == "S"
    fixed = hot_work(under_pressure=True, in_fixed_area=True, fixed_area_valid=True)
    assert hot_work_level(fixed, [DAY], AROUND).base == "S"


def test_a_valid_fixed_area_needs_no_level_unless_it_lies_in_a_hazard_place():
    fixed = hot_work(in_fixed_area=True, fixed_area_valid=True)
    assert hot_work_level(fixed, [DAY], AROUND).need == "FIXED_AREA"
    for broken in (replace(fixed, hazard_place=True), replace(fixed, hazard_place=None)):
        assert hot_work_level(broken, [DAY], AROUND).need == "TICKET"
    assert hot_work_level(replace(fixed, fixed_area_valid=None), [DAY], AROUND).need == "TICKET"


def test_special_work_that_is_upgraded_stays_special_and_needs_the_chief():
    level = hot_work_level(RUNNING, [slot(SUNDAY, "09:00", "10:00")], AROUND)
    assert (level.effective, level.extra_approver) == ("S", True)


def test_an_enterprise_may_raise_the_approver_alone():
    around = replace(AROUND, mode="APPROVER_UP")
    level = hot_work_level(RACK, [slot(SUNDAY, "09:00", "10:00")], around)
    assert (level.base, level.effective, level.approval) == ("I", "I", "S")


@pytest.mark.parametrize(
    ("wind", "outdoor", "raised"), [(4, True, False), (5, True, True), (5, None, True), (5, False, False)]
)
def test_wind_in_the_open_upgrades_from_beaufort_5(wind, outdoor, raised):
    level = hot_work_level(hot_work(outdoor=outdoor, wind_beaufort=wind), [DAY], AROUND)
    assert (level.reasons == ("WIND",), level.effective) == (raised, "I" if raised else "II")


@pytest.mark.parametrize(
    ("start", "end", "is_night"),
    [("18:00", "20:00", False), ("18:00", "20:01", True), ("06:00", "08:00", False), ("05:59", "08:00", True)],
)
def test_the_night_begins_at_20_and_ends_at_6(start, end, is_night):
    assert touches_night(slot(TUESDAY, start, end)) is is_night


def test_a_wider_night_upgrades_more():
    wide = with_changes({"night_from": time(18), "night_to": time(8)})
    assert touches_night(slot(TUESDAY, "18:30", "19:00"), wide)
    assert touches_night(slot(TUESDAY, "07:00", "07:30"), wide)


def test_a_night_shift_over_midnight_touches_both_days():
    reasons = upgrade_reasons([slot("2026-03-06", "22:00", "02:00", SATURDAY)], AROUND)
    assert [reason.code for reason in reasons] == ["RESTDAY", "NIGHT"]
    until_midnight = upgrade_reasons([slot("2026-03-06", "16:00", "00:00", SATURDAY)], AROUND)
    assert [reason.code for reason in until_midnight] == ["NIGHT"]


def test_a_special_period_upgrades_and_names_itself():
    period = SpecialPeriod("开停车", slot(TUESDAY, "08:00", "12:00"))
    (reason,) = upgrade_reasons([DAY], replace(AROUND, special_periods=(period,)))
    assert (reason.code, reason.alarm) == ("SPECIAL", "43")
    assert "开停车" in reason.why.text.zh
    assert not upgrade_reasons([slot(TUESDAY, "12:00", "13:00")], replace(AROUND, special_periods=(period,)))


def test_without_slots_no_upgrade_is_judged_and_that_is_said():
    assert [doubt.fact for doubt in hot_work_level(hot_work(), (), AROUND).doubts] == ["slots"]


def test_a_year_without_its_arrangement_is_said():
    level = hot_work_level(hot_work(), [slot("2027-03-01", "09:00", "10:00")], AROUND)
    assert [doubt.fact for doubt in level.doubts] == ["calendar"]


# Height: TV-06 to TV-08 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metres", "method_a", "method_b"),
    [("2", "1", "2"), ("5.0", "1", "2"), ("5.1", "2", "3"), ("15.0", "2", "3"), ("15.1", "3", "4"), ("30.0", "3", "4"),
     ("30.1", "4", "4"), ("200", "4", "4")],
)  # fmt: skip
def test_the_bands_of_height_by_both_methods_tv_06_tv_07(metres, method_a, method_b):
    assert height_level(Height(height_m=Decimal(metres))).base == method_a
    assert height_level(Height(height_m=Decimal(metres), factors=frozenset({"WF4"}))).base == method_b


def test_below_2_m_is_no_work_at_height():
    assert height_level(Height(height_m=Decimal("1.99"))).need == "NOT_THIS_KIND"


def test_rain_makes_three_metres_level_4_tv_08():
    assert height_level(Height(height_m=Decimal(3), situations=frozenset({"RAIN"}))).base == "4"


def test_there_are_nine_factors_and_the_least_of_each_situation_holds():
    assert len(levels.factors()) == 9
    for code, situation in levels.situations().items():
        level = height_level(Height(height_m=Decimal(2), situations=frozenset({code})))
        assert (level.base, level.why[-1].code) == (situation.least, f"WH-MIN-{code}")


@pytest.mark.parametrize(
    ("kilovolts", "metres"), [("10", "1.7"), ("35", "2"), ("63", "2.5"), ("110", "2.5"), ("220", "4"), ("500", "6")]
)
def test_live_conductors_have_their_distances(kilovolts, metres):
    assert levels.live_conductor_least_m(Decimal(kilovolts)) == Decimal(metres)


# Lifting: TV-09 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mass", "level", "need", "plan"),
    [("100", "2", "TICKET", True), ("100.1", "1", "TICKET", True), ("40", "2", "TICKET", True),
     ("39.9", "3", "TICKET", False), ("10", "3", "TICKET", False), ("9.9", "3", "WAIVED", False)],
)  # fmt: skip
def test_the_levels_of_lifting_tv_09(mass, level, need, plan):
    found = lifting_level(Lifting(mass_t=Decimal(mass)))
    assert (found.base, found.need, found.plan_needed) == (level, need, plan)


@pytest.mark.parametrize("flag", levels._PLAN_FACTS)
def test_a_difficult_load_of_level_3_needs_a_plan(flag):
    assert lifting_level(Lifting(mass_t=Decimal(20), **{flag: True})).plan_needed


# Tables and bad input ------------------------------------------------------------------------------------------------


def test_eight_kinds_have_fifteen_levels_with_codes_of_the_exchange():
    found = [level.ticket_type for kind in kinds.kinds() for level in kinds.levels(kind).values()]
    assert " ".join(sorted(found)) == "01 02 03 10 21 22 23 24 30 40 50 61 62 63 70"
    for kind, row in kinds.kinds().items():
        assert {level.ticket_type[0] for level in kinds.levels(kind).values()} == {row.exchange_class}


@pytest.mark.parametrize("metres", ["NaN", "Infinity", "-1", "1001"])
def test_a_height_that_is_none_is_refused(metres):
    with pytest.raises(BadInput):
        Height(height_m=Decimal(metres))


def test_unknown_codes_and_times_without_zone_are_refused():
    with pytest.raises(BadInput):
        Height(height_m=Decimal(3), factors=frozenset({"WF10"}))
    with pytest.raises(BadInput):
        hot_work(downgrade_approved_by="CLERK")
    with pytest.raises(BadInput):
        kinds.level_of("CS", "I")
    with pytest.raises(BadInput):
        Slot(when("2026-03-03 10:00").replace(tzinfo=None), when("2026-03-03 11:00"))


# Walks ---------------------------------------------------------------------------------------------------------------

FACT = st.sampled_from([True, False, None])
PLACES = dict.fromkeys(("hazard_place", "on_running_equipment", "in_major_hazard_dike", "on_pipe_rack"), FACT)
HOT = st.builds(
    hot_work,
    **PLACES,
    outdoor=FACT,
    wind_beaufort=st.none() | st.integers(0, 12),
    **dict.fromkeys(CONDITIONS, FACT),
    downgrade_approved_by=st.sampled_from(["", "PROD_HEAD"]),
)
STARTS = st.integers(0, 14 * 24 * 4).map(lambda quarter: when(f"{MONDAY} 00:00") + timedelta(minutes=15 * quarter))
SLOTS = st.lists(
    st.builds(lambda start, n: Slot(start, start + timedelta(minutes=15 * n)), STARTS, st.integers(1, 60)), max_size=4
)


@given(HOT, SLOTS, st.sampled_from(["LEVEL_UP", "APPROVER_UP"]))
def test_an_upgrade_never_lowers_and_no_rule_is_undercut(facts, slots, mode):
    level = hot_work_level(facts, slots, replace(AROUND, mode=mode))
    assert kinds.rank("HW", level.effective) >= kinds.rank("HW", level.base)
    assert kinds.rank("HW", level.approval) >= kinds.rank("HW", level.effective)
    if (facts.hazard_place and facts.on_running_equipment) or facts.in_major_hazard_dike:
        assert level.base == "S"
    if (facts.hazard_place or facts.on_pipe_rack) and not facts.unit_shutdown:
        assert level.base != "II"
    assert all(why.clause and why.mark and why.text.zh and why.text.en for why in level.why)


@given(HOT, SLOTS, STARTS)
def test_one_more_slot_never_lowers(facts, slots, start):
    more = [*slots, Slot(start, start + timedelta(hours=1))]
    before, after = (hot_work_level(facts, some, AROUND) for some in (slots, more))
    assert kinds.rank("HW", after.effective) >= kinds.rank("HW", before.effective)
    assert set(before.reasons) <= set(after.reasons)


@given(
    st.decimals(2, 60, places=1),
    st.frozensets(st.sampled_from(sorted(levels.factors()))),
    st.frozensets(st.sampled_from(sorted(levels.situations()))),
)
def test_height_is_never_below_any_single_rule(metres, factors, situations):
    level = height_level(Height(height_m=metres, factors=factors, situations=situations)).base
    assert level >= height_level(Height(height_m=metres)).base
    assert level >= height_level(Height(height_m=metres, factors=factors)).base
    for code in situations:
        assert level >= levels.situations()[code].least


@given(st.decimals(2, 60, places=1), st.decimals(0, 20, places=1))
def test_higher_and_heavier_is_never_milder(metres, more):
    assert height_level(Height(height_m=metres + more)).base >= height_level(Height(height_m=metres)).base
    light, heavy = (lifting_level(Lifting(mass_t=mass)).base for mass in (metres, metres + more * 10))
    assert kinds.rank("LF", heavy) >= kinds.rank("LF", light)


def test_the_week_alone_knows_rest_days():
    assert [WEEK.kind_of(date(2026, 3, day)) for day in (6, 7, 8, 9)] == ["WORK", "REST", "REST", "WORK"]
