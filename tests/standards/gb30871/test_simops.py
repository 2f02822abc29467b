"""Simultaneous work: distances, the matrix, the finder. Vectors TV-16 and TV-17."""

import random
import time
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standards.gb30871.made import TUESDAY, slot, when

from quancheng.standards.gb30871 import simops
from quancheng.standards.gb30871.basis import BadInput, Slot
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.parameters import STANDARD
from quancheng.standards.gb30871.simops import Job, conflicts_of, verdict
from quancheng.standards.gb30871.simops_finder import conflicts_with, find_conflicts

DAY = slot(TUESDAY, "09:00", "12:00")


def job(activity: str, x: float = 0.0, **more: object) -> Job:
    known: dict[str, object] = {
        "code": f"{activity}@{x}", "slot": DAY, "y_m": 0.0, "radius_m": 0.0, "z_min_m": 0.0, "z_max_m": 2.0,
        "hand_digging": False, **dict.fromkeys(("line", "space", "dike", "structure", "system", "serves"), ""),
    }  # fmt: skip
    return Job(**{**known, "activity": activity, "x_m": x, **more})  # type: ignore[arg-type]


def hits(*pair: Job) -> list[str]:
    return [conflict.rule for conflict in conflicts_of(*pair)]


@pytest.mark.parametrize(
    ("other", "radius", "rule"),
    [
        ("VENT_GAS", 30, "S-01"), ("DISCHARGE_LIQUID", 15, "S-02"), ("DEWATERING", 15, "S-02"),
        ("SAMPLING", 15, "S-02"),
        ("SOLVENT_CLEANING", 10, "S-03"), ("PAINTING", 10, "S-03"), ("DUST_SWEEPING", 10, "S-04"),
        ("LEAK_PRONE", 15, "S-12"), ("DG_TRAIN", 25, "S-13"), ("TRUCK_LOADING", 30, "S-14"),
    ],
)  # fmt: skip
def test_hot_work_keeps_its_distances(other, radius, rule):
    assert hits(job("HW"), job(other, radius)) == [rule]
    assert hits(job("HW"), job(other, radius + 0.01)) == []
    assert hits(job(other, radius), job("HW")) == [rule]


def test_blinding_in_a_hazard_place_keeps_30_metres_from_hot_work_tv_17():
    hot = job("HW")
    assert hits(hot, job("BL", 28, hazard_place=True))[0] == "S-05"
    assert verdict(hot, job("BL", 28, hazard_place=True)) == "FORBID"
    assert verdict(hot, job("BL", 31, hazard_place=True)) == "LOW"
    assert "S-05" in hits(hot, job("BL", 28))
    assert hits(hot, job("BL", 28, hazard_place=False)) == ["M-HW-BL"]


def test_two_blinding_points_of_one_line_are_forbidden_wherever_they_are_tv_16():
    one, other = job("BL", line="L-101"), job("BL", 500, line="L-101")
    (conflict,) = conflicts_of(one, other)
    assert (conflict.rule, conflict.result, conflict.why.clause) == ("S-06", "FORBID", "GB 30871-2022, 7.10")
    assert hits(one, replace(other, line="L-102")) == []
    assert hits(replace(one, line=""), replace(other, line="")) == []


def test_painting_above_or_below_hot_work_is_forbidden_however_high():
    assert hits(job("HW"), job("PAINTING", z_min_m=40.0, z_max_m=42.0)) == ["S-03"]
    assert hits(job("HW"), job("PAINTING", 5, z_min_m=40.0, z_max_m=42.0)) == []
    assert hits(job("HW"), job("PAINTING", 5, z_min_m=11.0, z_max_m=12.0)) == ["S-03"]


def test_a_height_that_is_not_known_conflicts():
    assert hits(job("HW"), job("DUST_SWEEPING", 5, z_min_m=50.0, z_max_m=51.0)) == []
    assert hits(job("HW"), job("DUST_SWEEPING", 5, z_min_m=None, z_max_m=None)) == ["S-04"]


def test_work_below_work_at_height_needs_a_layer_and_work_above_does_not():
    high = job("WH", z_min_m=10.0, z_max_m=12.0)
    assert hits(high, job("EX")) == ["S-08"]
    assert hits(job("EX"), high) == ["S-08"]
    assert hits(high, job("EX", z_min_m=14.0, z_max_m=15.0)) == []
    assert hits(high, job("EX", 3)) == []
    assert set(hits(high, job("WH", z_min_m=4.0, z_max_m=5.0))) == {"S-08", "M-WH-WH"}
    assert set(hits(job("WH", z_min_m=4.0, z_max_m=5.0), high)) == {"S-08", "M-WH-WH"}


def test_nobody_works_within_the_swing_of_a_crane():
    crane = job("LF", swing_m=12.0)
    assert "S-10" in hits(crane, job("RC", 13))
    assert "S-10" not in hits(crane, job("RC", 13.1))
    assert "S-10" in hits(job("LF"), job("RC", 21))
    assert "M-LF-LF" in hits(crane, job("LF", 24, swing_m=10.0))
    assert "M-LF-LF" not in hits(crane, job("LF", 24.1, swing_m=10.0))
    assert "S-10" not in hits(replace(crane, job_group="1"), job("WH", 5, job_group="1"))


def test_hand_diggers_stay_two_metres_apart():
    assert "S-11" in hits(job("EX", hand_digging=True), job("EX", 1.9, hand_digging=True))
    assert "S-11" not in hits(job("EX", hand_digging=True), job("EX", 2, hand_digging=True))
    assert "S-11" not in hits(job("EX", hand_digging=True), job("EX", 1.9))


@pytest.mark.parametrize(
    ("first", "second", "tie", "rule"),
    [("HW", "PAINTING", "space", "S-07"), ("HW", "DEWATERING", "dike", "S-02d"), ("CS", "BL", "system", "M-CS-BLs"),
     ("SCAFFOLD_REMOVAL", "WH", "structure", "S-09"), ("RC", "RC", "serves", "M-RC-RC"),
     ("STARTUP_SHUTDOWN", "HW", "system", "S-16"), ("HW", "CS", "space", "M-HW-CS")],
)  # fmt: skip
def test_what_touches_the_same_thing_meets_at_any_distance(first, second, tie, rule):
    near, far = job(first, **{tie: "T-1"}), job(second, 400, **{tie: "T-1"})
    assert rule in hits(near, far)
    assert hits(near, replace(far, **{tie: "T-2"})) == []


def test_radiography_closes_its_controlled_area():
    assert hits(job("RADIOGRAPHY", controlled_m=30.0), job("EX", 30)) == ["S-15"]
    assert hits(job("RADIOGRAPHY", controlled_m=30.0), job("EX", 30.1)) == []
    assert hits(job("RADIOGRAPHY"), job("EX", 50)) == ["S-15"]


MATRIX = [rule for rule in simops.rules() if rule.is_matrix and rule.relation == "near"]


@pytest.mark.parametrize("rule", MATRIX, ids=lambda rule: rule.code)
def test_the_matrix_has_its_radii(rule):
    (other,) = rule.b
    pair = job(rule.a, swing_m=0.0), job(other, rule.radius_m, swing_m=0.0, code="other", hazard_place=False)
    assert rule.code in hits(*pair)
    assert rule.code not in hits(pair[0], replace(pair[1], x_m=rule.radius_m + 0.01))
    assert (rule.code in hits(*(replace(one, job_group="G") for one in pair))) is (rule.result == "FORBID")


def test_places_have_a_size():
    assert hits(job("HW", radius_m=5.0), job("VENT_GAS", 40, radius_m=5.0)) == ["S-01"]
    assert simops.gap_m(job("HW", radius_m=5.0), job("VENT_GAS", 40, radius_m=5.0)) == 30


@pytest.mark.parametrize(
    ("start", "end", "meets"), [("12:00", "13:00", True), ("12:29", "13:00", True), ("12:30", "13:00", False),
                                ("06:00", "08:30", False), ("06:00", "08:31", True)]
)  # fmt: skip
def test_preparation_of_half_an_hour_counts(start, end, meets):
    assert bool(hits(job("HW"), job("VENT_GAS", slot=slot(TUESDAY, start, end)))) is meets


def test_too_much_hot_work_in_one_zone():
    hot = [job("HW", n * 100.0, zone="Z", level="II") for n in range(4)]
    assert [found.most for found in simops.crowded(hot)] == [3]
    assert simops.crowded(hot[:3]) == ()
    later = replace(hot[3], slot=slot(TUESDAY, "13:00", "14:00"))
    assert simops.crowded([*hot[:3], later]) == ()
    # A busier hour hides no other one from who works in that.
    morning = [replace(one, code=f"m{n}", slot=slot(TUESDAY, "06:00", "07:00")) for n, one in enumerate([*hot, hot[0]])]
    (busiest,) = simops.crowded([*morning, *hot])
    assert busiest.jobs == ("m0", "m1", "m2", "m3", "m4")
    (beside,) = simops.crowded([*morning, *hot], hot[0])
    assert beside.jobs == tuple(one.code for one in hot)
    assert simops.crowded([*morning, hot[0]], hot[0]) == ()
    special = [replace(one, level="S") for one in hot[:2]]
    (found,) = simops.crowded(special)
    assert (found.why.code, found.jobs) == ("ZONE-SPECIAL", ("HW@0.0", "HW@100.0"))


@pytest.mark.parametrize(
    "wrong",
    [{"x_m": float("nan")}, {"y_m": float("inf")}, {"radius_m": -1.0}, {"z_min_m": 3.0}, {"activity": "SINGING"}],
)
def test_a_place_that_is_none_is_refused(wrong):
    with pytest.raises(BadInput):
        replace(job("HW"), **wrong)


def test_rules_name_known_activities_and_a_clause():
    known = {*kinds(), *simops.ACTIVITIES, "*"}
    for rule in simops.rules():
        assert {rule.a, *rule.b} <= known
        assert rule.result in ("CONDITIONAL", "FORBID")
        assert rule.why.clause.startswith("GB 30871-2022, ")
    assert len({rule.code for rule in simops.rules()}) == len(simops.rules())


# The finder ----------------------------------------------------------------------------------------------------------


def made(count: int, side_m: float, seed: int = 7) -> list[Job]:
    dice = random.Random(seed)
    start = when(f"{TUESDAY} 08:00")
    found = []
    for number in range(count):
        began = start + timedelta(minutes=dice.randrange(0, 600))
        height = dice.choice([None, 0.0, 8.0, 20.0])
        found.append(
            Job(
                code=str(number),
                activity=dice.choice([*kinds(), *simops.ACTIVITIES]),
                slot=Slot(began, began + timedelta(minutes=dice.randrange(30, 480))),
                x_m=dice.uniform(0, side_m),
                y_m=dice.uniform(0, side_m),
                radius_m=dice.choice([0.0, 1.0, 5.0, None]),
                z_min_m=height,
                z_max_m=None if height is None else height + 2,
                line=dice.choice(["", "", "L-1", "L-2"]),
                system=dice.choice(["", "", "", "U-1"]),
                swing_m=dice.choice([None, 8.0, 60.0]),
                controlled_m=dice.choice([None, 20.0, 120.0]),
                hand_digging=dice.random() < 0.5,
            )
        )
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_finder_finds_what_judging_all_pairs_finds(seed):
    jobs = made(60, 300.0, seed)
    slow = {conflict for one, other in combinations(jobs, 2) for conflict in conflicts_of(one, other)}
    fast = find_conflicts(jobs)
    assert set(fast) == slow
    assert len(fast) == len(slow)
    assert slow


def test_one_job_is_compared_with_the_others_and_not_with_itself():
    jobs = made(40, 100.0)
    mine = {conflict for conflict in find_conflicts(jobs) if "3" in (conflict.first, conflict.second)}
    assert len(conflicts_with(jobs[3], jobs)) == len(mine)


def test_a_thousand_live_permits_are_judged_within_a_second():
    dice = random.Random(3)
    places = [(dice.uniform(0, 20_000), dice.uniform(0, 20_000)) for _ in range(20)]
    jobs = []
    for number, one in enumerate(made(1000, 300.0)):
        east, north = places[number % 20]
        jobs.append(replace(one, x_m=one.x_m + east, y_m=one.y_m + north, system="", line=f"{one.line}{number % 20}"))
    began = time.perf_counter()
    scattered, crowded = find_conflicts(jobs), find_conflicts(made(1000, 1000.0))
    assert time.perf_counter() - began < 2
    assert len(scattered) > 300
    assert len(crowded) > 2500


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.floats(0, 60))
def test_nearer_is_never_freer(seed, nearer):
    first, second = made(2, 100.0, seed)
    second = replace(second, slot=first.slot)
    gap = max(abs(second.x_m - first.x_m) - nearer, 0.0)
    closer = replace(second, x_m=first.x_m + (gap if second.x_m > first.x_m else -gap))
    order = simops.RESULTS.index
    assert order(verdict(first, closer)) >= order(verdict(first, second))
    assert verdict(first, second) == verdict(second, first)


def test_the_widest_rule_is_what_the_finder_looks_to():
    assert simops.widest_m() == 50
    assert STANDARD.preparation_min == 30
