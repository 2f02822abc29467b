"""Cases in which too little was refused: each stands for a way in which somebody could have come to harm."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.standards.gb30871.made import AROUND, hot_work, slot, when
from tests.standards.gb30871.permits import (
    ANSWERED,
    GAS,
    SITE,
    START,
    answers,
    good,
    height,
    reading,
    refused,
    signatures,
    special,
)

from quancheng.standards.gb30871.basis import BadInput, Slot
from quancheng.standards.gb30871.checks.circumstances import circumstances_of
from quancheng.standards.gb30871.checks.model import IN_FORCE, PHASES
from quancheng.standards.gb30871.checks.registry import level_demanded, prohibitions, refusals, weakened
from quancheng.standards.gb30871.document import described
from quancheng.standards.gb30871.endings import Weather
from quancheng.standards.gb30871.facts import Isolation, Meeting, Worker
from quancheng.standards.gb30871.gas import GasSample, judge
from quancheng.standards.gb30871.gas_times import GasScene, missing
from quancheng.standards.gb30871.levels import Height, Lifting, height_level
from quancheng.standards.gb30871.parameters import Loosened, with_changes
from quancheng.standards.gb30871.reading import read
from quancheng.standards.gb30871.related import Questions, RelatedPermit
from quancheng.standards.gb30871.roles import certificates_needed, satisfies
from quancheng.standards.gb30871.simops import Job, conflicts_of
from quancheng.standards.gb30871.simops_finder import conflicts_with
from quancheng.standards.gb30871.upgrades import PLAIN, SpecialPeriod

METHANE = ("COMBUSTIBLE", "methane", "0.1", "%VOL", "OUTSIDE")

# Gas -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["BREAK", "GAS_ALARM"])
def test_one_new_value_of_one_gas_does_not_open_a_space_again(reason):
    old = tuple(replace(one, sampled_at=START - timedelta(hours=5)) for one in GAS["CS"])
    stopped = good("CS", gas=old, stopped_at=START - timedelta(hours=3), stop_reason=reason)
    assert refused(replace(stopped, gas=(*old, GAS["CS"][2])), "resume") == {"C-02": "FAIL"}
    assert refused(replace(stopped, gas=(*old, *GAS["CS"])), "resume") == {}


def test_a_space_is_not_entered_on_oxygen_alone():
    assert refused(good("CS", gas=GAS["CS"][2:]), "start") == {"C-04": "FAIL"}


def test_a_break_without_a_reason_is_not_known_to_be_harmless():
    paused = good("CS", stopped_at=START - timedelta(minutes=40), stop_reason="",
                  gas=tuple(replace(one, sampled_at=START - timedelta(minutes=50)) for one in GAS["CS"]))  # fmt: skip
    assert refused(paused, "resume") == {"C-02": "UNKNOWN"}


def methane(value: str, minutes: int, point: str = ""):
    return replace(reading(*METHANE, minutes=minutes), value=Decimal(value), point=point)


@pytest.mark.parametrize("phase", ["sign", "issue"])
def test_a_failing_value_is_lifted_only_by_its_own_point(phase):
    assert refused(good("HW", gas=(methane("3", 12), methane("0.1", 10))), phase) == {"C-03": "FAIL"}
    assert "C-03" in refused(good("HW", gas=(methane("3", 12), methane("0.1", 10))), "start")
    named = (methane("3", 12, "P1"), methane("0.1", 10, "P1"))
    assert refused(good("HW", gas=named), phase) == {}
    assert refused(good("HW", gas=(named[0], methane("0.1", 10, "P2"))), phase) == {"C-03": "FAIL"}
    assert refused(good("HW", gas=(named[0], methane("0.1", 10))), phase) == {"C-03": "FAIL"}


def test_of_two_values_of_one_minute_and_point_the_worse_counts():
    both = (methane("3", 10, "P1"), methane("0.1", 10, "P1"))
    for order in (both, both[::-1]):
        assert refused(good("HW", gas=order), "issue") == {"C-03": "FAIL"}


def judged(quantity: str, gas: str, value: str, unit: str, **more):
    sample = GasSample(quantity=quantity, gas=gas, value=Decimal(value), unit=unit, sampled_at=START, **more)
    return judge(sample)


def test_a_detector_of_unknown_calibration_says_nothing_of_gases_but_methane():
    unknown = judged("COMBUSTIBLE", "gasoline", "15", "%LEL")
    assert (unknown.verdict, unknown.why.code) == ("FAIL", "GAS-NEEDS_CALIBRATION")
    assert judged("COMBUSTIBLE", "gasoline", "15", "%LEL", calibrated_with="gasoline").verdict == "PASS"
    assert judged("COMBUSTIBLE", "gasoline", "15", "%LEL", correction=Decimal(1)).verdict == "PASS"
    assert judged("COMBUSTIBLE", "methane", "10", "%LEL").verdict == "PASS"


@pytest.mark.parametrize("unit", ["ppm", "mg/m3"])
def test_toxic_gas_read_by_an_instrument_for_another_needs_its_factor(unit):
    assert judged("TOXIC", "benzene", "0.9", unit, calibrated_with="isobutylene").verdict == "FAIL"
    assert judged("TOXIC", "benzene", "0.9", unit, calibrated_with="benzene").verdict == "PASS"
    found = judged("TOXIC", "methanol", "18", "ppm", correction=Decimal(10))
    assert (found.verdict, round(found.value)) == ("FAIL", 236)


# Time ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", PHASES)
def test_a_clock_before_the_edition_is_judged_by_it(phase):
    early = good("HW", now=START.replace(year=2021), window=None, slots=())
    assert set(answers(early, phase)) >= set(answers(good("HW", window=None), phase)) - {"C-02", "C-04", "C-26"}
    assert "C-49" in refused(replace(early, clock_skew_s=Decimal(999)), phase)
    assert date(2021, 3, 3) < IN_FORCE


@pytest.mark.parametrize("phase", ["apply", "issue", "start"])
def test_a_year_without_its_holidays_may_have_one(phase):
    holiday = good("HW")
    assert refused(holiday, phase, PLAIN) == {"C-18": "UNKNOWN"}
    assert answers(holiday, phase, PLAIN)["C-18"].text.en.startswith("cannot be told without the arrangement of holid")
    raised = replace(holiday, is_upgraded=True, level="I")
    assert answers(raised, phase, PLAIN)["C-18"].verdict == "PASS"


# Isolation -----------------------------------------------------------------------------------------------------------


def isolated_by(kind: str, held: bool | None, *points: str, **more):
    name = {"HW": "held_flammable", "CS": "held_toxic_or_flammable"}[kind]
    some = tuple(Isolation(tag=f"V-{n}", type=one, is_verified=True, **more) for n, one in enumerate(points))
    return refused(good(kind, isolations=some, circumstances={} if held is None else {name: held}), "sign")


@pytest.mark.parametrize("kind", ["HW", "CS"])
def test_neither_water_seal_nor_closed_valve_stands_for_a_blind(kind):
    told = dict.fromkeys(("C-34", "P-01"), "FAIL")
    assert isolated_by(kind, True, "WATER_SEAL") == told
    assert isolated_by(kind, False, "WATER_SEAL", blind_needed=False) == told
    assert isolated_by(kind, True, "BLIND", "VALVE_LOCK") == told
    assert isolated_by(kind, True, "BLIND", "VALVE_LOCK", blind_needed=False) == {}
    assert isolated_by(kind, True, "ELEC_LOTO") == told
    assert isolated_by(kind, True) == told
    assert isolated_by(kind, None) == dict.fromkeys(told, "UNKNOWN")
    assert isolated_by(kind, False) == {}
    assert isolated_by(kind, True, "SPOOL_REMOVED", "ELEC_LOTO") == {}


# Other work ----------------------------------------------------------------------------------------------------------

DAY = Slot(START, START + timedelta(hours=2))


def job(activity: str, x: float = 0.0, low: float = 0.0, **more: object) -> Job:
    return Job(
        **{"code": f"{activity}@{x}", "activity": activity, "slot": DAY, "x_m": x, "y_m": 0.0, "z_min_m": low,
           "z_max_m": low + 2, **more}
    )  # fmt: skip


def met(one: Job, other: Job) -> set[str]:
    found, turned = ({hit.rule for hit in conflicts_of(*pair)} for pair in ((one, other), (other, one)))
    assert found == turned
    return found


def test_nobody_of_ones_own_job_is_in_a_space_under_the_load():
    lift, space = (job(kind, job_group="G") for kind in ("LF", "CS"))
    assert {"S-10", "M-CS-LF"} <= met(lift, space)
    assert "S-10" not in met(lift, job("WH", job_group="G"))


@pytest.mark.parametrize(
    ("high", "below", "rule"),
    [(20, "DISCHARGE_LIQUID", "S-02"), (35, "VENT_GAS", "S-01"), (12, "DUST_SWEEPING", "S-04")],
)
def test_sparks_fall_as_far_as_there_is_to_fall(high, below, rule):
    assert rule in met(job("HW", low=high), job(below))
    assert met(job("HW"), job(below, low=high + 20, dike="")) == set()
    assert rule in met(job("HW", low=high), job(below, z_min_m=None))


def test_what_is_of_unknown_extent_is_no_point():
    assert "S-03" in met(job("HW", low=20), job("PAINTING", 3))
    assert "S-08" in met(job("WH", low=20), job("EX", 1))
    assert "S-08" in met(job("WH", low=20), job("EX", 6))
    assert "S-08" not in met(job("WH", low=20), job("EX", 6.1))
    assert "S-08" not in met(job("WH", low=20, radius_m=0.0), job("EX", 1, radius_m=0.0))


# People --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["WELDER", "arc_weld", "ELECTRICIAN", "X"])
def test_a_misspelt_task_is_refused_for_it_would_need_no_certificate(task):
    with pytest.raises(BadInput) as bad:
        Worker(code="w", tasks=(task,))
    assert bad.value.place == "tasks"


def crew(kind: str, *tasks: str, **more: object):
    return refused(good(kind, workers=(replace(good(kind).workers[0], tasks=tasks, **more),)), "apply")


def test_every_way_of_hot_work_has_somebody_with_its_certificate():
    assert crew("HW", "ARC_WELD", "GAS_CUT") == {}
    assert crew("HW", "ARC_WELD") == {"C-10": "FAIL"}
    assert crew("HW", "OTHER", certificates=()) == {"C-10": "FAIL"}
    assert refused(good("HW", methods=frozenset()), "apply") == {"C-10": "UNKNOWN"}


def test_temporary_electricity_is_the_work_of_electricians_and_of_a_leader_who_is_one():
    worker, leader = good("TE").workers
    assert refused(good("TE", workers=(replace(worker, tasks=("OTHER",)), leader)), "start") == {"C-10": "FAIL"}
    assert refused(good("TE", workers=(worker,)), "start") == {"C-10": "UNKNOWN"}
    assert refused(good("TE", workers=(worker, replace(leader, certificates=()))), "start") == {"C-10": "FAIL"}
    assert refused(good("TE", work_leader=""), "start") == {"C-10": "UNKNOWN"}


# Related permits -----------------------------------------------------------------------------------------------------


def test_what_nobody_answered_may_need_a_permit():
    assert refused(good("HW", questions=Questions()), "start") == {"C-21": "UNKNOWN"}
    for name in ("height_m", "confined_space", "lift_t", "dig_m", "blinds", "temporary_power", "road_blocked"):
        assert refused(good("HW", questions=replace(ANSWERED, **{name: None})), "start") == {"C-21": "UNKNOWN"}
    for name in ("sparks", "pit_m", "tool_not_ex"):
        assert refused(good("HW", questions=replace(ANSWERED, **{name: None})), "start") == {}
    pit = replace(ANSWERED, dangerous_area=True, pit_m=None)
    assert refused(good("HW", questions=pit), "start") == {"C-21": "UNKNOWN"}
    standing = RelatedPermit(kind="CS", state="WORKING", window=DAY, is_linked=True)
    assert refused(good("HW", questions=pit, related=(standing,)), "start") == {}


def test_null_is_not_known():
    assert read(Questions, {"sparks": None, "blinds": None}) == Questions()
    assert read(Questions, {}).sparks is None


def test_a_suspended_permit_holds_up_what_leans_on_it():
    inside = good("HW", questions=replace(ANSWERED, confined_space=True))
    space = RelatedPermit(kind="CS", state="WORKING", window=DAY, is_linked=True)
    assert refused(replace(inside, related=(space,)), "start") == {}
    assert refused(replace(inside, related=(replace(space, state="SUSPENDED"),)), "start") == {"C-21": "FAIL"}


@pytest.mark.parametrize("change", [{"state": "SUSPENDED"}, {"is_linked": False}, {"window": None}])
def test_a_deep_pit_leans_on_a_live_linked_permit_of_its_time(change):
    space = RelatedPermit(kind="CS", state="ISSUED", window=DAY, is_linked=True)
    pit = good("EX", depth_m=Decimal(2), gas=GAS["CS"], related=(space,))
    assert refused(pit, "issue") == {}
    assert refused(replace(pit, related=(replace(space, **change),)), "issue") == {"C-43": "FAIL"}
    past = replace(space, window=Slot(DAY.start - timedelta(hours=9), DAY.start))
    assert refused(replace(pit, related=(past,)), "issue") == {"C-43": "FAIL"}


# Wind and upgrades ---------------------------------------------------------------------------------------------------

STORM = {
    "weather": Weather(wind_beaufort=9), "is_upgraded": True,
    "hot_work": hot_work(outdoor=True, needed_in_wind=True),
}  # fmt: skip
APPROVER_UP = replace(AROUND, mode="APPROVER_UP")


@pytest.mark.parametrize("around", [AROUND, APPROVER_UP])
def test_a_flag_alone_upgrades_nothing(around):
    assert {"C-35", "P-10"} <= set(refused(good("HW", **STORM), "start", around))
    signed = good("HW", **STORM, signatures=signatures("HW", "I"), level="I" if around is AROUND else "II")
    assert refused(signed, "start", around) == {}


def test_special_work_in_wind_has_its_chief():
    storm = STORM | {"hot_work": hot_work(outdoor=True, needed_in_wind=True, in_major_hazard_dike=True)}
    special_ = special(**storm)
    assert {"C-35", "P-10"} <= set(refused(special_, "start"))
    chief = replace(special_.signatures[-1], step="CHIEF_ON_DUTY", role="CHIEF_ON_DUTY", person="chief")
    assert refused(replace(special_, signatures=(*special_.signatures, chief)), "start") == {}


def test_the_wind_of_either_report_counts_and_so_does_the_open_air():
    windy = good("HW", weather=Weather(wind_beaufort=9), hot_work=hot_work(outdoor=True), outdoor=False)
    assert refused(windy, "start") == dict.fromkeys(("C-35", "P-10", "C-53"), "FAIL")
    level = level_demanded(replace(windy, hot_work=hot_work(outdoor=True, wind_beaufort=2)), AROUND)
    assert level.reasons == ("WIND",)


def test_a_night_has_the_approver_of_the_level_above():
    night = good("HW", is_upgraded=True, now=when("2026-03-03 21:00"), window=slot("2026-03-03", "09:00", "22:00"))
    assert answers(night, "start", APPROVER_UP)["C-18"].alarm == "42"
    signed = replace(night, signatures=signatures("HW", "I"))
    assert answers(signed, "start", APPROVER_UP)["C-18"].verdict == "PASS"


@pytest.mark.parametrize("kind", ["HW", "CS"])
def test_bad_gas_stops_work_that_runs(kind):
    facts = good(kind)
    alarm = replace(facts.gas[0], value=Decimal(5), sampled_at=START - timedelta(minutes=1))
    assert refused(replace(facts, gas=(*facts.gas, alarm)), "work")["C-03"] == "FAIL"


def test_an_instrument_is_calibrated_at_the_start_too():
    old = replace(GAS["HW"][0], calibration_due=date(2020, 1, 1))
    assert refused(good("HW", gas=(old,)), "start") == {"C-33": "FAIL"}


def test_the_test_of_the_day_is_one_of_combustible_gas_before_the_work():
    other = reading("OXYGEN", "oxygen", "20.8", "%VOL", "OUTSIDE")
    later = reading(*METHANE, minutes=-60)
    assert "C-01d" in refused(good("HW", gas=(other, later)), "start")


@pytest.mark.parametrize(
    ("more", "outcome"),
    [({"oxygen_reason": " ", "oxygen_confirmed": True}, "FAIL"), ({"oxygen_reason": "x"}, "UNKNOWN"),
     ({"oxygen_reason": "x", "oxygen_confirmed": False}, "FAIL"),
     ({"oxygen_reason": "x", "oxygen_confirmed": True}, "")],
)  # fmt: skip
def test_oxygen_above_21_has_a_reason_that_the_approver_confirmed(more, outcome):
    rich = (*GAS["CS"][:2], replace(GAS["CS"][2], value=Decimal("21.4")))
    assert refused(good("CS", gas=rich, **more), "sign") == ({"C-03": outcome} if outcome else {})


EVENING = {"window": slot("2026-03-03", "09:00", "22:00"), "slots": (slot("2026-03-03", "09:00", "17:00"),)}


def test_night_is_judged_while_work_runs_and_outside_of_every_slot():
    at_nine = good("HW", now=when("2026-03-03 21:00"), **EVENING)
    assert answers(at_nine, "work")["C-18"].alarm == "42"
    assert answers(replace(at_nine, now=when("2026-03-03 19:55")), "start")["C-18"].alarm == "42"
    assert answers(replace(at_nine, now=when("2026-03-03 16:55")), "start")["C-18"].verdict == "PASS"


def test_work_is_planned_inside_the_window():
    saturday = good("HW", window=slot("2026-03-07", "09:00", "16:00"), slots=(slot("2026-03-03", "09:00", "16:00"),))
    answer = answers(saturday, "issue")["C-19"]
    assert (answer.outcome, answer.fact) == ("FAIL", "slots")


@pytest.mark.parametrize("phase", ["issue", "start", "work"])
def test_a_ban_that_came_later_stops_work_too(phase):
    ban = replace(AROUND, special_periods=(SpecialPeriod("order", DAY, is_ban=True),))
    assert refused(good("CS"), phase, ban) == {"C-39": "FAIL"}
    tomorrow = Slot(DAY.start + timedelta(days=1), DAY.end + timedelta(days=1))
    assert refused(good("CS"), phase, replace(AROUND, special_periods=(SpecialPeriod("x", tomorrow, True),))) == {}


@pytest.mark.parametrize("name", ["in_vessel", "outer_wall", "oxygen_service"])
def test_where_gas_is_sampled_does_not_take_the_mild_side(name):
    assert refused(good("HW", **{name: None}), "start") == {"C-04": "UNKNOWN"}
    assert answers(good("HW", **{name: None}), "start")["C-04"].fact == name


def test_a_space_of_unknown_size_may_be_large():
    assert refused(good("CS", large=None), "sign") == {"C-04": "UNKNOWN"}


def sections(*points: tuple[str, str]) -> bool:
    scene = GasScene(kind="HW", level="II", large=False, in_vessel=True, outer_wall=False, oxygen_service=False,
                     sections=3)  # fmt: skip
    taken = [replace(reading(*METHANE), point=point, position=position) for point, position in points]
    return not missing(scene, taken)


def test_sections_are_named_points_inside():
    assert not sections(("", "OUTSIDE"), ("", "UPPER"), ("", "LOWER"))
    assert not sections(("1", "INSIDE"), ("2", "INSIDE"), ("3", "OUTSIDE"))
    assert not sections(("1", "UPPER"), ("1", "LOWER"), ("2", "INSIDE"))
    assert sections(("1", "INSIDE"), ("2", "INSIDE"), ("3", "LOWER"))


def test_work_at_height_where_gas_may_be_toxic_is_tested_first():
    assert refused(good("WH", toxic_place=None), "sign") == {"C-01": "UNKNOWN"}
    toxic = good("WH", toxic_place=True)
    assert refused(toxic, "sign") == {"C-01": "FAIL"}
    clean = (replace(GAS["CS"][1], value=Decimal(0)), GAS["CS"][2])
    assert refused(replace(toxic, gas=clean[:1]), "sign") == {"C-04": "FAIL"}
    assert refused(replace(toxic, gas=clean), "sign") == {}
    poor = replace(toxic, gas=(clean[0], replace(clean[1], value=Decimal(15))))
    assert refused(poor, "start") == {"C-03": "FAIL"}
    assert refused(replace(poor, breathing_apparatus=True), "start") == {}


def test_special_hot_work_starts_with_its_detector():
    assert refused(special(site=replace(special().site, detector_paired=False)), "start") == {"C-32": "FAIL"}


def test_paired_detectors_go_before_what_was_stated_and_each_tells_of_its_own_gas():
    nobody = replace(good("CS").site, detector_paired=None)
    some, all_ = frozenset({"OXYGEN", "TOXIC"}), frozenset({"OXYGEN", "TOXIC", "COMBUSTIBLE"})
    assert refused(good("CS", site=nobody, paired=all_), "start") == {}
    assert refused(good("CS", site=nobody, paired=some), "start") == {"C-32": "FAIL"}
    assert refused(good("CS", paired=some), "start") == {}
    assert refused(good("CS", paired=some, paired_silent=frozenset({"COMBUSTIBLE"})), "start") == {"C-32": "FAIL"}
    for facts in (good("CS"), special()):
        silent = replace(facts, paired_silent=all_, paired_silent_min=Decimal(5))
        assert refused(silent, "start") == {"C-32": "FAIL"}
        assert "C-32" not in refused(silent, "work")
        assert refused(replace(silent, paired_silent_min=Decimal("5.1")), "work")["C-32"] == "FAIL"
        # What somebody states while work runs stops nothing.
        unpaired = replace(facts, site=replace(facts.site, detector_paired=False))
        assert "C-32" not in refused(unpaired, "work")


# Height and lifting --------------------------------------------------------------------------------------------------


def test_what_nobody_judged_at_height_is_not_harmless():
    assert [doubt.fact for doubt in height_level(Height(height_m=Decimal(3))).doubts] == [
        "height.factors", "height.situations",
    ]  # fmt: skip
    assert refused(good("WH", height=height(3, situations=None)), "apply") == {"C-17": "UNKNOWN"}
    assert answers(good("WH", level="4", height=Height(height_m=Decimal(3))), "apply")["C-17"].verdict == "PASS"


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"window": slot("2026-03-03", "21:00", "23:00")}, "4"), ({"weather": Weather(rainstorm=True)}, "4"),
        ({"weather": Weather(heavy_snow=True)}, "4"),
        ({"weather": Weather(rain=True)}, "4"), ({"weather": Weather(snow=True)}, "4"),
        ({"weather": Weather(fog=True)}, "2"), ({"weather": Weather(wind_beaufort=5)}, "2"),
        ({"gas": (replace(GAS["CS"][2], value=Decimal(19)),)}, "2"), ({"gas": GAS["CS"][1:2]}, "2"),
    ],
)  # fmt: skip
def test_night_weather_and_gas_are_plain_without_being_ticked(change, level):
    assert level_demanded(good("WH", **change), AROUND).base == level
    assert refused(good("WH", **change), "apply") == {"C-17": "FAIL"}


def test_a_load_that_nobody_looked_at_may_need_a_plan():
    assert refused(good("LF", lifting=Lifting(mass_t=Decimal(20))), "issue")["C-30"] == "UNKNOWN"
    assert "C-30" not in refused(good("LF", lifting=Lifting(mass_t=Decimal(20)), plan_attached=True), "issue")


def test_temporary_power_ends_with_the_work_that_it_serves():
    work = RelatedPermit(kind="HW", state="ISSUED", window=slot("2026-03-03", "08:00", "16:00"), is_linked=True)
    power = good("TE", window=slot("2026-03-03", "06:00", "18:00"), related=(work,))
    assert refused(power, "issue") == {"C-42": "FAIL"}
    assert refused(replace(power, window=work.window), "issue") == {}
    assert refused(replace(power, related=(replace(work, window=None),)), "issue") == {"C-42": "UNKNOWN"}


def test_a_result_an_anchor_and_a_neighbour_that_are_none_are_refused():
    for make in (lambda: Meeting(rule="S-01", result="forbid"), lambda: replace(SITE, anchor="drain pipe")):
        with pytest.raises(BadInput):
            make()


def described_with(**more: object):
    place = {"x_m": 0, "y_m": 0, "slot": {"start": "2026-03-03T09:00+08:00", "end": "2026-03-03T12:00+08:00"}}
    own = {"code": "own", "activity": "HW", "zone": "Z", "level": "S", **place}
    text = {"kind": "HW", "phase": "issue", "job": own, **more}
    if "other_jobs" in text:
        text["other_jobs"] = [place | one for one in text["other_jobs"]]
    return described(json.dumps(text).encode())


def outcome_22(**more: object) -> str:
    job = described_with(**more)
    return answers(job.facts, "issue", job.around)["C-22"].outcome


def test_who_says_nothing_of_other_jobs_has_not_said_that_there_are_none():
    assert outcome_22() == "UNKNOWN"
    assert outcome_22(other_jobs=[]) == "PASS"
    vent = [{"code": "v", "activity": "VENT_GAS"}]
    assert outcome_22(other_jobs=vent, conflicts=[]) == "FAIL"
    assert outcome_22(other_jobs=[], conflicts=[{"rule": "S-01", "result": "FORBID"}]) == "FAIL"


@pytest.mark.parametrize("code", ["own", "", " "])
def test_a_neighbour_is_not_passed_over_for_its_code(code):
    with pytest.raises(BadInput) as bad:
        described_with(other_jobs=[{"code": code, "activity": "VENT_GAS"}])
    assert bad.value.place == "other_jobs[0].code"


def test_a_zone_holds_one_special_hot_work():
    other = {"code": "b", "activity": "HW", "zone": "Z", "level": "S", "x_m": 500}
    assert outcome_22(other_jobs=[other]) == "FAIL"
    assert outcome_22(other_jobs=[other | {"zone": "Y"}]) == "PASS"


def test_lines_and_ways_of_digging_that_nobody_told_may_be_the_same():
    assert "S-06" in met(job("BL"), job("BL", 15))
    assert "S-06" not in met(job("BL"), job("BL", 15.1))
    assert "S-06" not in met(job("BL", line=""), job("BL", 5, line="L-1"))
    assert "S-11" in met(job("EX"), job("EX", 1, hand_digging=True))


def test_sand_blasting_is_hot_work():
    assert met(job("SANDBLASTING"), job("VENT_GAS", 30)) == {"S-01"}
    assert met(job("CATALYST_CHANGE"), job("HW", 15)) == {"S-18"}


@pytest.mark.parametrize("name", ["H2S", "h2s", "硫化氢", "hydrogen_sulfide"])
def test_a_gas_is_known_by_its_formula(name):
    assert judged("TOXIC", name, "50", "mg/m3", own_limit_mg_m3=Decimal(100)).verdict == "FAIL"


def test_who_ticks_yes_is_believed():
    yes = {"electric_welding": True, "night": True, "related": True}
    found = circumstances_of(good("HW", methods=frozenset({"GRIND"}), circumstances=yes), None)
    assert {name: found[name] for name in yes} == yes
    assert circumstances_of(good("HW", methods=frozenset({"PLASMA"})), None)["electric_welding"]


# Data ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exam_score", "experience_years"])
def test_a_guardian_of_whose_exam_nobody_knows_does_not_pass(name):
    (one,) = good("HW").guardians
    unknown = replace(one, certificate=replace(one.certificate, **{name: None}))
    assert refused(good("HW", guardians=(unknown,)), "start") == {"C-08": "UNKNOWN"}


def test_no_work_begins_in_the_last_moment_and_all_may_run_until_it():
    facts = good("HW", window=Slot(START - timedelta(hours=1), START))
    assert refused(facts, "start") == {"C-20": "FAIL"}
    assert "C-20" not in refused(facts, "work")


@pytest.mark.parametrize(
    ("kind", "task", "held", "is_enough"),
    [("WH", "INSTALLER", "SO-3.1", False), ("WH", "INSTALLER", "SO-3.2", True),
     ("HW", "PROCESS_OPERATOR", "SO-9.16", False), ("HW", "PROCESS_OPERATOR", "SO-9.15", True)],
)  # fmt: skip
def test_a_certificate_of_another_trade_is_none(kind, task, held, is_enough):
    (rule,) = certificates_needed(kind, [task])
    assert satisfies(held, rule) is is_enough


@pytest.mark.parametrize("code", ["C-14", "C-26"])
def test_what_rests_on_a_standard_is_not_dropped(code):
    assert [one.code for one in weakened([row for row in (*refusals(), *prohibitions()) if row.code != code])] == [code]


def test_preparation_is_not_shortened():
    with pytest.raises(Loosened):
        with_changes({"preparation_min": Decimal(29)})


def test_a_job_without_a_code_is_still_met():
    assert conflicts_with(job("HW", code=""), [job("VENT_GAS", code="")])
    assert not conflicts_with(job("HW", code=""), [job("HW", code="")])
