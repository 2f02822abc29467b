"""The refusal checks: a permit that passes all, and one that breaks just one fact. Vectors TV-03, 04, 12, 13, 16, 18 to
20 and 23."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standards.gb30871.made import AROUND, MONDAY, SATURDAY, TUESDAY, hot_work, slot, when
from tests.standards.gb30871.permits import (
    ANSWERED,
    GAS,
    LAST_YEAR,
    SITE,
    START,
    WINDOW,
    answers,
    good,
    height,
    lifting,
    reading,
    refused,
    signatures,
    special,
    window,
)

from quancheng.standards.gb30871 import facts as f
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks import registry
from quancheng.standards.gb30871.checks.model import PHASES
from quancheng.standards.gb30871.checks.registry import blocks, prohibitions, refusals, run
from quancheng.standards.gb30871.endings import Weather
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.parameters import bounds, with_changes
from quancheng.standards.gb30871.related import Questions, RelatedPermit
from quancheng.standards.gb30871.upgrades import SpecialPeriod
from quancheng.standards.gb30871.weather import Warned

OLD, AWAY = date(2024, 1, 1), date(2025, 6, 1)
METHANE = ("COMBUSTIBLE", "methane", "0", "%VOL", "OUTSIDE")
AT_NIGHT = {
    "now": when(f"{MONDAY} 21:00"), "window": slot(MONDAY, "09:00", "22:00"),
    "slots": (slot(MONDAY, "09:00", "17:00"),), "gas": (reading(*METHANE, minutes=740),),
}  # fmt: skip


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", kinds())
def test_a_permit_in_order_is_refused_by_nothing(kind, phase):
    assert refused(good(kind), phase) == {}


@pytest.mark.parametrize("phase", PHASES)
def test_special_hot_work_in_order_is_refused_by_nothing(phase):
    assert refused(special(), phase) == {}


def worker(**change: object) -> tuple[f.Worker, ...]:
    return (replace(good("HW").workers[0], **change),)


def card(**change: object) -> tuple[f.Worker, ...]:
    held = good("HW").workers[0].certificates[0]
    return worker(certificates=(replace(held, **change),))


def guardian(**change: object) -> tuple[f.Guardian, ...]:
    return (replace(good("HW").guardians[0], **change),)


def guardian_card(**change: object) -> tuple[f.Guardian, ...]:
    return guardian(certificate=replace(good("HW").guardians[0].certificate, **change))


def signed(step: str, **change: object) -> tuple[f.Signature, ...]:
    return tuple(replace(one, **change) if one.step == step else one for one in signatures("HW", "II"))


def measure(code: str, kind: str = "HW", **change: object) -> tuple[f.MeasureRow, ...]:
    return tuple(replace(row, **change) if row.code == code else row for row in good(kind).measures)


def site(**change: object) -> f.Site:
    return replace(SITE, **change)


def house(**change: object) -> f.Contractor:
    return replace(good("HW").contractor, **change)


def zone(**change: object) -> f.Zone:
    return replace(good("HW").zone, **change)


SEAL = f.Isolation(tag="V-1", type="WATER_SEAL", is_verified=True, blind_needed=True)
TANDEM = tuple(f.Crane(load_t=Decimal(10), capacity_t=Decimal(12)) for _ in range(2))
HASTY = tuple(
    replace(one, signed_at=START - timedelta(seconds=20 - number)) for number, one in enumerate(signatures("HW", "II"))
)
ELECTRICIAN = (
    f.Certificate(code="SO-1.LOW", valid_to=date(2027, 1, 1), recheck_due=date(2027, 1, 1), holder_matches=True),
    f.Certificate(code="SO-1.EX", valid_to=date(2027, 1, 1), recheck_due=date(2027, 1, 1), holder_matches=True),
)
POWER = {
    "hazard_place": True, "work_leader": "worker", "workers": worker(tasks=("WORKER",), certificates=ELECTRICIAN),
}  # fmt: skip
SUNDAY_RUNNING = {"window": slot("2026-03-08", "09:00", "16:00"), "now": when("2026-03-08 09:00")}

#: Asked for on the morning of the day itself, since booking ahead is law.
BOOKED_LATE = {"window": slot("2026-07-02", "09:00", "16:00"), "now": when("2026-07-02 07:00")}

SILENT = f.Impaired(zh="某探测器：断线", en="a detector: offline", is_detector=True, is_bypass=False, is_of_unit=True)
BYPASSED = replace(SILENT, is_detector=False, is_bypass=True)

CS_PERMIT = RelatedPermit(kind="CS", number="1", state="ISSUED", window=WINDOW, is_linked=True)

# Check, phase, kind, the one fact that breaks it, alarm.
BROKEN = [
    ("C-01", "sign", "HW", {"gas": ()}, "01"),
    ("C-01", "sign", "CS", {"gas": ()}, "01"),
    ("C-02", "start", "HW", {"gas": (reading(*METHANE, minutes=31),)}, "02"),
    ("C-02", "resume", "HW", {"stopped_at": START - timedelta(minutes=61), "gas": (reading(*METHANE, minutes=80),)},
     "03"),
    ("C-03", "sign", "HW", {"gas": (reading("COMBUSTIBLE", "methane", "0.6", "%VOL", "OUTSIDE"),)}, "GAS"),
    ("C-03", "sign", "CS", {"gas": (*GAS["CS"][:2], reading("OXYGEN", "oxygen", "21.4", "%VOL", "INSIDE"))}, "GAS"),
    ("C-04", "sign", "HW", {"outer_wall": True}, "01"),
    ("C-04", "sign", "CS", {"large": True}, "01"),
    ("C-04", "sign", "CS", {"gas": GAS["CS"][:2]}, "01"),
    ("C-05", "sign", "HW", {"analysis": None}, "80"),
    ("C-05", "sign", "HW", {"analysis": replace(good("HW").analysis, participants=())}, "80"),
    ("C-05", "sign", "HW", {"analysis": replace(good("HW").analysis, changed_at=START)}, "80"),
    ("C-05", "sign", "HW", {"analysis": replace(good("HW").analysis, confirmed_at=START - timedelta(hours=25))}, "80"),
    ("C-06", "sign", "HW", {"measures": measure("HW-03", applies=None)}, "90"),
    ("C-06", "sign", "HW", {"measures": measure("HW-03", applies=False)}, "90"),
    ("C-06", "sign", "HW", {"measures": measure("HW-03", confirmed_by="")}, "90"),
    ("C-06", "sign", "HW", {"measures": measure("HW-08", filled=frozenset({"blankets"}))}, "90"),
    ("C-06", "sign", "HW", {"measures": good("HW").measures[1:]}, "90"),
    ("C-07", "sign", "HW", {"briefed_at": None}, "70"),
    ("C-07", "sign", "HW", {"workers": worker(is_briefed=False)}, "70"),
    ("C-07", "sign", "HW", {"guardians": guardian(is_briefed=False)}, "70"),
    ("C-08", "start", "HW", {"guardians": ()}, "50"),
    ("C-08", "start", "HW", {"guardians": guardian(certificate=None)}, "50"),
    ("C-08", "start", "HW", {"guardians": guardian_card(kinds=frozenset({"CS"}))}, "50"),
    ("C-08", "apply", "HW", {"guardians": guardian_card(valid_to=OLD)}, "51"),
    ("C-09", "sign", "HW", {"guardians": guardian(is_elsewhere=True)}, "31"),
    ("C-10", "apply", "HW", {"workers": worker(certificates=())}, "50"),
    ("C-10", "start", "HW", {"workers": card(code="SO-3.1")}, "50"),
    ("C-11", "start", "HW", {"workers": card(valid_to=OLD)}, "51"),
    ("C-11", "start", "HW", {"workers": card(recheck_due=OLD)}, "51"),
    ("C-12", "start", "HW", {"workers": card(holder_matches=False)}, "52"),
    ("C-13", "sign", "HW", {"signatures": signed("APPROVER", role="WORKER")}, ""),
    ("C-13", "sign", "HW", {"signatures": signed("LOCAL_UNIT", role="WORKER")}, ""),
    ("C-14", "sign", "HW", {"signatures": signed("APPROVER", distance_m=Decimal(400))}, "30"),
    ("C-14", "sign", "HW", {"signatures": signed("APPROVER", position_age_s=Decimal(61))}, "30"),
    ("C-14", "sign", "HW", {"signatures": signed("APPROVER", accuracy_m=Decimal(31))}, "30"),
    ("C-15", "issue", "HW", {"signatures": signatures("HW", "II")[:-2]}, ""),
    ("C-15", "sign", "HW", {"signatures": signatures("HW", "II")[1:]}, ""),
    ("C-15", "sign", "HW", {"signatures": signed("APPROVER", signed_at=START - timedelta(hours=3))}, ""),
    ("C-15", "sign", "HW", {"signatures": signed("APPROVER", person="leader")}, ""),
    ("C-15", "sign", "HW", {"signatures": signed("APPROVER", person="requester")}, ""),
    ("C-15", "sign", "HW", {"work_leader": "guardian"}, ""),
    ("C-16", "sign", "HW", {"signatures": HASTY}, ""),
    ("C-17", "apply", "WH", {"height": height(6)}, ""),
    ("C-17", "apply", "LF", {"lifting": lifting(40)}, ""),
    ("C-17", "apply", "HW", {"hot_work": hot_work(on_pipe_rack=True)}, ""),
    ("C-18", "start", "HW", AT_NIGHT, "42"),
    ("C-19", "issue", "HW", {"window": window(72.1), "slots": (WINDOW,)}, "10"),
    ("C-19", "issue", "CS", {"window": window(24.1)}, "10"),
    ("C-20", "start", "HW", {"window": slot(TUESDAY, "10:00", "16:00")}, "10"),
    ("C-21", "start", "HW", {"questions": replace(ANSWERED, height_m=Decimal(3))}, "61"),
    ("C-21", "start", "HW", {"related": (RelatedPermit(kind="WH", number="1", state="ISSUED"),)}, "62"),
    ("C-22", "issue", "HW", {"conflicts": (f.Meeting(rule="M-X", result="FORBID"),)}, "SIM"),
    ("C-23", "issue", "HW", {"conflicts": (f.Meeting(rule="M-X", result="CONDITIONAL"),)}, "SIM"),
    ("C-25", "start", "BL", {"other_on_line": True}, "SIM"),
    ("C-26", "book", "HW", {"contractor": house(is_admitted=False)}, ""),
    ("C-26", "book", "HW", {"contractor": house(admitted_to=OLD)}, ""),
    ("C-26", "book", "HW", {"contractor": house(agreement_signed=False)}, ""),
    ("C-26", "book", "HW", {"contractor": house(is_blacklisted=True)}, ""),
    ("C-27", "apply", "HW", {"workers": worker(entry_education_on=OLD)}, ""),
    ("C-27", "apply", "HW", {"workers": worker(is_blacklisted=True)}, ""),
    ("C-27", "apply", "HW", {"workers": worker(entry_education_on=date(2025, 3, 9), last_on_site=AWAY)}, ""),
    ("C-28", "apply", "HW", {"workers": worker(contraindicated=True)}, ""),
    ("C-28", "apply", "HW", {"workers": worker(age=17)}, ""),
    ("C-29", "start", "HW", {"workers": worker(is_elsewhere=True)}, ""),
    ("C-30", "issue", "HW", {"needs_plan": True, "plan_attached": False}, ""),
    ("C-30", "issue", "LF", {"lifting": lifting(20, slender=True), "plan_attached": False}, ""),
    ("C-32", "start", "CS", {"site": site(detector_paired=False)}, "05"),
    ("C-33", "sign", "HW", {"gas": (replace(GAS["HW"][0], calibration_due=date(2026, 3, 2)),)}, ""),
    ("C-56", "start", "BL", {"site": site(personal_detectors=False)}, ""),
    ("C-57", "start", "WH", {"warnings": (Warned(warning="LIGHTNING", colour="RED", effect="STOP"),)}, "WTH"),
    ("C-65", "start", "EX", {"under_test": ("DL-07",)}, ""),
    ("C-65", "sign", "HW", {"under_test": ("DL-07", "DL-08")}, ""),
    ("C-65", "work", "CS", {"under_test": ("DL-07",)}, ""),
    ("C-75", "start", "CS", {"impairments": (SILENT,), "asks_whole_detectors": True}, ""),
    ("C-75", "issue", "HW", {"impairments": (replace(SILENT, distance_m=Decimal("15.0"), is_of_unit=False),),
                             "asks_whole_detectors": True}, ""),
    ("C-76", "sign", "LF", {"impairments": (BYPASSED,)}, ""),
    ("C-58", "apply", "EX", BOOKED_LATE, ""),
    ("C-58", "apply", "EX", BOOKED_LATE | {"is_emergency": True}, ""),
    # A window from today with its first slot tomorrow may be started today.
    ("C-58", "apply", "EX", {**BOOKED_LATE, "window": slot("2026-07-02", "09:00", "16:00", "2026-07-03"),
                             "slots": (slot("2026-07-03", "09:00", "12:00"),)}, ""),
    ("C-58", "apply", "EX", BOOKED_LATE | {"booking_days": 2, "booked_at": when("2026-07-01 08:00")}, ""),
    ("C-70", "issue", "EX", {"plan_decision": "PUT_OFF"}, ""),
    ("C-70", "issue", "EX", {"plan_decision": "REFUSED"}, ""),
    ("C-73", "issue", "EX", {"quota": "zone_jobs_max", "quota_jobs": 2, "quota_most": 1}, ""),
    ("C-73", "apply", "EX", {"quota": "unit"}, ""),
    ("C-57", "start", "EX", {"warnings": (Warned(warning="HEAT", colour="RED", effect="FORBID"),)}, "WTH"),
    ("C-33", "sign", "HW", {"gas": (replace(GAS["HW"][0], calibration_due=None),)}, ""),
    ("C-34", "sign", "HW", {"isolations": (f.Isolation(tag="B-1", type="BLIND", is_verified=False),)}, "90"),
    ("C-36", "start", "HW", {"zone": zone(locked_by="GAS_ALARM")}, ""),
    ("C-37", "issue", "HW", {"zone": zone(people=5)}, "OVER"),
    ("C-38", "start", "HW", {"workers": worker(is_identified=False)}, ""),
    ("C-39", "issue", "HW", {"zone": zone(is_banned=True)}, "43"),
    ("C-40", "apply", "HW", {"filing_needed": True, "is_filed": False}, ""),
    ("C-41", "issue", "HW", {"zone": zone(in_fixed_area=True, fixed_area_reviewed_on=date(2025, 3, 2))}, ""),
    ("C-42", "issue", "TE", {"linked": slot(TUESDAY, "10:00", "16:00")}, "10"),
    ("C-45", "issue", "LF", {"site": site(cranes=(f.Crane(load_t=Decimal(20), capacity_t=Decimal("19.9")),))}, ""),
    ("C-46", "issue", "CS", {"people_inside": 10}, ""),
    ("C-48", "issue", "HW", {"licence_valid": False}, ""),
    ("C-49", "start", "HW", {"clock_skew_s": Decimal(-121)}, "INT"),
    ("C-50", "sign", "HW", {"signed_offline_at": START, "uploaded_at": START + timedelta(minutes=31)}, "INT"),
    ("C-51", "sign", "HW", {"workers": tuple(replace(one, code=str(n)) for n in range(51) for one in worker())}, ""),
    ("C-20", "work", "HW", {"window": slot(TUESDAY, "06:00", "08:59")}, "10"),
    ("C-52", "issue", "EX", {"countersigned": frozenset()}, ""),
    ("C-52", "issue", "RC", {"countersigned": frozenset({"SAFETY"})}, ""),
    ("C-53", "start", "HW", {"signatures": signatures("HW", "II")[:-1]}, "60"),
    ("C-53", "start", "HW", {"signatures": signatures("HW", "II")[1:]}, "60"),
    ("C-53", "start", "CS", {"signatures": ()}, "60"),
    ("C-54", "resume", "WH", {"reconfirmed_at": None}, ""),
    ("C-54", "resume", "WH", {"reconfirmed_at": START - timedelta(minutes=11)}, ""),
    ("C-55", "work", "CS", {"records": (), "started_at": START - timedelta(minutes=121)}, "05"),
    ("P-08", "work", "HW", {"site": site(welder_distance_m=Decimal("10.1"))}, ""),
    ("P-09", "work", "HW", {"site": site(acetylene_upright=False)}, ""),
    ("P-09", "work", "HW", {"site": site(cylinders_apart_m=Decimal("4.9"))}, ""),
    ("P-09", "work", "HW", {"site": site(cylinders_fire_m=Decimal("9.9"))}, ""),
    ("P-11", "sign", "HW", {"site": site(explosive_medium=True)}, ""),
    ("P-12", "work", "HW", {"site": site(under_pressure=True, unit_stable=False)}, ""),
    ("P-13", "work", "CS", {"site": site(oxygen_ventilation=True)}, ""),
    ("P-22", "work", "WH", {"site": site(work_below=True, protection_layers=0)}, "SIM"),
    ("P-22", "work", "WH", {"site": site(work_below=True, protection_layers=1, fall_m=Decimal("24.1"))}, "SIM"),
    ("P-25", "start", "LF", {"site": site(anchor="PIPE")}, ""),
    ("P-25", "start", "LF", {"site": site(anchor="STRUCTURE", anchor_verified=False)}, ""),
    ("P-29", "work", "TE", {"site": site(generator_fed_in=True)}, ""),
    ("P-30", "work", "TE", {"site": site(cable_joints=True)}, ""),
    ("P-36", "sign", "HW", {"is_unaltered": False}, "INT"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "phase", "kind", "change", "alarm"), BROKEN)
def test_a_permit_that_breaks_one_rule_is_refused_by_it_alone(code, phase, kind, change, alarm):
    facts = good(kind, **change)
    assert refused(facts, phase) == {code: "FAIL"}
    answer = answers(facts, phase)[code]
    assert (answer.alarm, answer.verdict) == (alarm, "WARN" if code in ("C-16", "C-50", "C-76") else "BLOCK")
    assert answer.clause
    assert answer.fact
    assert registry.fact_name(answer.fact).zh != answer.fact
    assert answer.text.zh
    assert answer.text.en
    assert answer.remedy.zh
    assert answer.remedy.en


# What two rows forbid: the refusal check and the prohibition of the same thing.
TWICE = [
    ({"C-34", "P-01"}, "sign", "HW", {"isolations": (SEAL,)}),
    ({"C-24", "P-19"}, "apply", "BL", {"plates": 2}),
    ({"C-24", "P-19"}, "apply", "BL", {"operations": frozenset({"INSERT", "REMOVE"})}),
    # Wind raises the level, whose safety department has not signed.
    ({"C-35", "P-10", "C-53"}, "start", "HW", {"weather": Weather(wind_beaufort=5)}),
    ({"C-35", "P-20"}, "start", "WH", {"weather": Weather(wind_beaufort=3, fog=True)}),
    ({"C-35", "P-24"}, "start", "LF", {"weather": replace(good("LF").weather, rainstorm=True)}),
    ({"C-44", "P-35"}, "issue", "RC", {"site": site(fire_lane=False)}),
    ({"C-42", "C-19", "P-32"}, "issue", "TE", {"window": window(24 * 30.1)}),
    ({"C-01", "P-28", "C-01d"}, "start", "TE", POWER | {"gas": ()}),
    ({"P-26"}, "start", "LF", {"site": site(cranes=TANDEM)}),
    ({"C-45"}, "issue", "LF", {"site": site(cranes=TANDEM)}),
    ({"C-22", "P-03"}, "start", "HW", {"conflicts": (f.Meeting(rule="S-02d", result="FORBID"),)}),
    ({"C-22", "P-03", "P-04"}, "start", "HW", {"conflicts": (f.Meeting(rule="S-02", result="FORBID"),)}),
    ({"C-22", "P-04"}, "start", "HW", {"conflicts": (f.Meeting(rule="S-01", result="FORBID"),)}),
    ({"C-22", "P-05"}, "start", "HW", {"conflicts": (f.Meeting(rule="S-04", result="FORBID"),)}),
    ({"C-22", "P-06"}, "start", "HW", {"conflicts": (f.Meeting(rule="S-13", result="FORBID"),)}),
    ({"C-22", "P-14"}, "start", "CS", {"conflicts": (f.Meeting(rule="S-07", result="FORBID"),)}),
    ({"C-22", "P-17"}, "start", "BL", {"conflicts": (f.Meeting(rule="S-05", result="FORBID"),)}),
    ({"C-22", "P-18"}, "start", "BL", {"conflicts": (f.Meeting(rule="S-06", result="FORBID"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("codes", "phase", "kind", "change"), TWICE)
def test_what_two_rows_forbid_is_refused_by_both(codes, phase, kind, change):
    assert refused(good(kind, **change), phase) == dict.fromkeys(codes, "FAIL")


@pytest.mark.parametrize(
    ("code", "change"),
    [("C-31", {"site": site(camera_ex_rated=False)}), ("C-31", {"site": site(camera_online=False)})],
)
def test_special_hot_work_needs_its_camera(code, change):
    assert refused(special(**change), "start") == {code: "FAIL", "P-07": "FAIL"}
    assert refused(good("HW", **change), "start") == {}


def test_special_hot_work_needs_its_plan_and_its_approver():
    assert refused(special(plan_attached=False), "issue") == {"C-30": "FAIL"}
    lower = tuple(replace(one, role="SAFETY_DEPT") if one.step == "APPROVER" else one for one in signatures("HW", "S"))
    assert refused(special(signatures=lower), "issue") == {"C-13": "FAIL"}


def test_upgraded_special_hot_work_needs_the_leader_on_duty():
    sunday = {**SUNDAY_RUNNING, "is_upgraded": True, "level": "S"}
    moved = special(**sunday)
    shift = SUNDAY_RUNNING["now"] - START
    moved = replace(
        moved,
        gas=tuple(replace(one, sampled_at=one.sampled_at + shift) for one in moved.gas),
        analysis=replace(moved.analysis, confirmed_at=moved.analysis.confirmed_at + shift),
    )
    assert refused(moved, "issue") == {"C-13": "FAIL", "C-18": "FAIL"}
    chief = f.Signature(
        step="CHIEF_ON_DUTY", role="CHIEF_ON_DUTY", person="chief", signed_at=START, distance_m=Decimal(1),
        position_age_s=Decimal(1), accuracy_m=Decimal(1),
    )  # fmt: skip
    signed_by_chief = replace(moved, signatures=(*moved.signatures, chief))
    assert refused(signed_by_chief, "issue") == {}
    assert refused(replace(signed_by_chief, leader_on_site=False), "issue") == {"C-47": "FAIL"}


def test_a_deep_pit_beside_a_solvent_line_is_managed_as_a_confined_space_tv_19():
    deep = good("EX", depth_m=Decimal("1.5"), gas=GAS["CS"])
    assert refused(deep, "issue") == {"C-43": "FAIL"}
    assert answers(deep, "issue")["C-43"].alarm == "61"
    assert refused(replace(deep, space_measures=True), "issue") == {}
    assert refused(replace(deep, related=(CS_PERMIT,)), "issue") == {}


@pytest.mark.parametrize("code", [row.code for row in prohibitions() if row.predicate == "not_observed"])
def test_what_somebody_saw_broken_is_refused_while_work_runs(code):
    row = next(row for row in prohibitions() if row.code == code)
    facts = good(row.kinds[0], observed=frozenset({code}))
    assert refused(facts, "work") == {code: "FAIL"}


def test_oxygen_equipment_is_tested_for_oxygen_too():
    rich = reading("OXYGEN", "oxygen", "23.6", "%VOL", "INSIDE")
    facts = good("HW", oxygen_service=True, gas=(*GAS["HW"], rich))
    assert refused(facts, "start") == {"C-03": "FAIL", "P-02": "FAIL"}
    assert refused(replace(facts, gas=(*GAS["HW"], replace(rich, value=Decimal("23.5")))), "start") == {}


# Vectors -------------------------------------------------------------------------------------------------------------


def test_saturday_without_upgrade_is_refused_with_alarm_41_tv_03():
    facts = good("HW", hot_work=hot_work(on_pipe_rack=True), level="I", window=slot(SATURDAY, "09:00", "11:00"))
    answer = answers(facts, "apply")["C-18"]
    assert (answer.verdict, answer.alarm, answer.clause) == ("BLOCK", "41", "GB 30871-2022, 5.1.1")
    raised = replace(facts, level="S", is_upgraded=True)
    assert answers(raised, "apply")["C-18"].verdict == "PASS"
    assert answers(replace(facts, is_upgraded=True), "apply")["C-18"].verdict == "BLOCK"
    approver_up = replace(AROUND, mode="APPROVER_UP")
    assert answers(replace(facts, is_upgraded=True), "apply", approver_up)["C-18"].verdict == "PASS"


def test_an_evening_slot_makes_72_hours_too_long_tv_04():
    days = tuple(slot(day, "08:00", "17:00") for day in (MONDAY, TUESDAY, "2026-03-04"))
    facts = good("HW", window=slot(MONDAY, "08:00", "08:00", "2026-03-05"), slots=days)
    assert answers(facts, "issue")["C-19"].verdict == "PASS"
    evening = replace(facts, slots=(*days, slot(TUESDAY, "19:00", "22:00")), is_upgraded=True, level="I")
    assert answers(evening, "issue")["C-19"].verdict == "BLOCK"


def test_a_sample_of_30_minutes_counts_and_of_31_does_not_tv_12():
    for age, alarm in ((30, ""), (31, "02")):
        assert answers(good("HW", gas=(reading(*METHANE, minutes=age),)), "start")["C-02"].alarm == alarm


def test_a_break_of_60_minutes_needs_no_test_tv_13():
    for pause, alarm in ((60, ""), (61, "03")):
        facts = good("HW", stopped_at=START - timedelta(minutes=pause), gas=(reading(*METHANE, minutes=90),))
        assert answers(facts, "resume")["C-02"].alarm == alarm


def test_after_a_gas_alarm_the_gas_is_tested_however_short_the_break():
    alarm = good("HW", stop_reason="GAS_ALARM", stopped_at=START - timedelta(minutes=5))
    assert refused(alarm, "resume") == {"C-02": "FAIL"}
    assert refused(replace(alarm, gas=(replace(GAS["HW"][0], sampled_at=START),)), "resume") == {}


def test_a_guardians_card_counts_through_its_last_day_tv_20():
    facts = good("HW", guardians=guardian_card(valid_to=START.date()))
    assert answers(facts, "start")["C-08"].verdict == "PASS"
    tomorrow = replace(facts, now=START + timedelta(days=1))
    assert answers(tomorrow, "start")["C-08"].alarm == "51"


def test_a_certificate_that_ends_during_the_work_is_refused_before_it():
    (scaffolder,) = good("WH").workers
    short = replace(scaffolder.certificates[0], valid_to=date(2026, 3, 5))
    facts = good("WH", window=window(24 * 6), workers=(replace(scaffolder, certificates=(short,)),))
    assert answers(facts, "apply")["C-11"].verdict == "BLOCK"
    assert answers(facts, "start")["C-11"].verdict == "PASS"


def test_wind_is_borne_where_production_needs_it_and_the_work_is_upgraded():
    windy = Weather(wind_beaufort=5)
    facts = good("HW", weather=windy, hot_work=hot_work(outdoor=True, needed_in_wind=True), is_upgraded=True, level="I",
                 signatures=signatures("HW", "I"))  # fmt: skip
    assert answers(facts, "start")["C-35"].verdict == "PASS"
    assert answers(replace(facts, is_upgraded=False), "start")["C-35"].verdict == "BLOCK"


def test_what_lies_in_the_future_counts_for_nothing():
    later = START + timedelta(minutes=1)
    ahead = {"gas": (replace(GAS["HW"][0], sampled_at=later),)}
    assert answers(good("HW", **ahead), "start")["C-01"].outcome == "FAIL"
    assert answers(good("HW", **ahead, window=slot(TUESDAY, "10:00", "16:00")), "sign")["C-01"].outcome == "FAIL"
    assert refused(good("HW", briefed_at=later), "sign") == {"C-07": "FAIL"}
    assert refused(good("HW", analysis=replace(good("HW").analysis, confirmed_at=later)), "sign") == {"C-05": "FAIL"}
    assert refused(good("HW", signatures=signed("APPROVER", signed_at=later)), "sign") == {"C-15": "FAIL"}


def test_a_ban_of_the_district_refuses():
    around = replace(AROUND, special_periods=(SpecialPeriod("重大活动", WINDOW, is_ban=True),))
    assert answers(good("CS"), "issue", around)["C-39"].alarm == "43"


def test_an_older_worker_warns_and_an_old_medical_blocks_in_spaces():
    assert answers(good("HW", workers=worker(age=61)), "apply")["C-28"].verdict == "WARN"
    old = good("CS", workers=(replace(good("CS").workers[0], medical_on=date(2025, 3, 2)),))
    assert answers(old, "apply")["C-28"].verdict == "BLOCK"
    assert "C-28" not in refused(replace(old, kind="HW", level="II", workers=worker(medical_on=OLD)), "apply")


def test_a_doubted_certificate_counts_less_than_a_good_one():
    both = (replace(worker()[0].certificates[0], valid_to=OLD), worker()[0].certificates[0])
    assert answers(good("HW", workers=worker(certificates=both)), "start")["C-11"].verdict == "PASS"


# What is not known ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", kinds())
def test_a_permit_of_which_nothing_is_known_passes_no_check_that_needs_a_fact(kind, phase):
    found = answers(PermitFacts(kind=kind, level=good(kind).level), phase)
    for code, answer in found.items():
        is_seen_only = code in {row.code for row in prohibitions() if row.predicate == "not_observed"}
        assert is_seen_only or answer.outcome in ("UNKNOWN", "FAIL")
        if answer.outcome == "UNKNOWN":
            name = registry.fact_name(answer.fact)
            assert name.zh != name.en, answer.fact
            assert name.zh in answer.text.zh
            assert answer.alarm == ""


@pytest.mark.parametrize(
    ("code", "phase", "change", "value", "limit"),
    [
        ("C-02", "start", {"gas": (replace(GAS["HW"][0], sampled_at=START - timedelta(seconds=1803)),)},
         "30.05 min", "30 min"),
        ("C-19", "issue", {"window": window(72.01), "slots": (WINDOW,)}, "72.01 h", "72 h"),
        ("P-08", "work", {"site": site(welder_distance_m=Decimal("10.001"))}, "10.001", "10"),
    ],
)  # fmt: skip
def test_what_is_just_above_a_limit_does_not_read_as_equal(code, phase, change, value, limit):
    answer = answers(good("HW", **change), phase)[code]
    assert (answer.value.zh, answer.limit.en) == (value, limit)


ROWS = [({code}, *rest) for code, *rest, _ in BROKEN] + TWICE
PAIRS = [
    (one, other)
    for number, one in enumerate(ROWS)
    for other in ROWS[number + 1 :]
    if one[1:3] == other[1:3] and not set(one[3]) & set(other[3])
]


@settings(max_examples=150)
@given(st.sampled_from(PAIRS))
def test_of_two_broken_rules_both_are_told(pair):
    (first, phase, kind, change), (second, _, _, more) = pair
    found = refused(good(kind, **change, **more), phase)
    # Without any sample its points are not told besides; with a fifth person in it the zone of six is not full.
    wanted = (first | second) - ({"C-04"} if "C-01" in first | second else set())
    assert wanted - ({"C-37"} if "guardians" in {*change, *more} else set()) <= set(found)


def test_what_is_out_of_work_far_away_or_beside_a_paired_detector_asks_nothing():
    near = {"impairments": (SILENT,), "asks_whole_detectors": True}
    for change in (
        near | {"asks_whole_detectors": False}, near | {"paired": frozenset({"COMBUSTIBLE"})},
        near | {"impairments": (replace(SILENT, distance_m=Decimal("15.1")),)},
        near | {"impairments": (replace(SILENT, is_of_unit=False),)},
    ):  # fmt: skip
        assert refused(good("CS", **change), "start") == {}


def test_every_check_is_seen_to_refuse_and_to_pass():
    broken = {code for code, *_ in BROKEN}.union(*(codes for codes, *_ in TWICE))
    # In test_daily: what is asked each shift and day is switched on there.
    broken |= {"C-60", "C-61", "C-62", "C-63"}
    # Of C-71 and C-72 the tests of what an enterprise asks besides.
    broken |= {"C-31", "P-07", "C-43", "C-47", "P-02", "C-01d", "C-66", "C-71", "C-72"}
    broken |= {row.code for row in prohibitions() if row.predicate == "not_observed"}
    assert {row.code for row in (*refusals(), *prohibitions())} == broken


NULLED = [field.name for field in fields(PermitFacts) if field.default is None]


@settings(max_examples=60)
@given(st.sampled_from(sorted(kinds())), st.sampled_from(PHASES), st.sets(st.sampled_from(NULLED), min_size=1))
def test_to_know_less_never_lets_more_pass(kind, phase, names):
    less = replace(good(kind), **dict.fromkeys(names, None))
    assert not any(one.outcome == "PASS" and one.verdict != "PASS" for one in run(less, phase, AROUND))
    for code, outcome in refused(less, phase).items():
        assert outcome in ("UNKNOWN", "FAIL"), code


STRICTER = [bound for bound in bounds().values() if bound.change == "lower" and bound.low < bound.default]


@settings(max_examples=60)
@given(st.sampled_from(BROKEN), st.sampled_from(STRICTER))
def test_a_stricter_figure_never_allows_more(broken, bound):
    code, phase, kind, change, _ = broken
    strict = replace(AROUND, parameters=with_changes({bound.name: bound.low}))
    assert code in refused(good(kind, **change), phase, strict)


def test_only_what_blocks_refuses():
    facts = good("HW", workers=worker(age=61), licence_valid=False)
    assert [one.code for one in blocks(run(facts, "issue", AROUND))] == ["C-48"]


@pytest.mark.parametrize(
    "wrong", [{"kind": "XX"}, {"level": "1"}, {"methods": frozenset({"SING"})}, {"stop_reason": "LUNCH"}]
)
def test_facts_that_cannot_be_are_refused(wrong):
    with pytest.raises(BadInput):
        PermitFacts(**{"kind": "HW", **wrong})


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1"])
def test_a_number_that_is_none_never_reaches_a_limit(value):
    wrong = Decimal(value)
    for make in (
        lambda: site(welder_distance_m=wrong),
        lambda: f.Crane(load_t=wrong, capacity_t=Decimal(1)),
        lambda: signed("APPROVER", distance_m=wrong),
        lambda: good("EX", depth_m=wrong) if value != "-1" else Questions(height_m=wrong),
        lambda: Questions(lift_t=wrong),
    ):
        with pytest.raises(BadInput):
            make()


def test_entry_education_of_last_year_counts():
    assert LAST_YEAR.year == 2025
    assert answers(good("HW"), "apply")["C-27"].outcome == "PASS"
