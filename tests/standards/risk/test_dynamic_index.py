"""The index: its parts at their table values, the worked examples, floors, colours with their delay, monotony."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.dynamic_index import (
    Parameters,
    Seen,
    StaticRisk,
    chemical_score,
    colour_of,
    district_index,
    exposure_score,
    factor_values,
    factors,
    floors,
    hazard_score,
    index,
    management_multiplier,
    management_score,
    next_colour,
    process_score,
    signs,
    smoothed,
    squashed,
    static_risk,
)

RED, ORANGE, YELLOW, BLUE = Colour
QUIET = dict.fromkeys(factors(), 0.0)


def of(score):
    return StaticRisk(score=score, parts=(), doubts=())


def points_for(factor, d):
    """The points that give a d."""
    return -10 * math.log(1 - d / factors()[factor].cap)


STATION = static_risk({"H": 20, "P": 0, "C": 55, "E": 60})
CHLORINE = static_risk({"H": 60, "P": 40, "C": 100, "E": 70})
BAD_DAY = {
    "ticket": points_for("ticket", 0.1579),
    "hazard": points_for("hazard", 0.2670),
    "integrity": points_for("integrity", 0.0989),
    "weather": 0.10,
    "video": points_for("video", 0.05),
}


@pytest.mark.parametrize(
    ("static", "g", "values", "base", "dynamic", "r", "colour"),
    [
        (STATION, 85, {}, 15.48, 0, 15.5, BLUE),
        (STATION, 85, {"alarm": 6, "hazard": 2, "weather": 0.15}, 15.48, 0.4307, 48.2, YELLOW),
        (CHLORINE, 72, {}, 39.19, 0, 39.2, BLUE),
        (CHLORINE, 72, {**BAD_DAY, "alarm": 12}, 39.19, 0.7239, 78.8, ORANGE),
        (CHLORINE, 72, {**BAD_DAY, "alarm": 3}, 39.19, 0.5984, 71.9, ORANGE),
        (of(92), 90, {}, 48.94, 0, 48.9, YELLOW),
        (of(92), 50, {}, 64.4, 0, 64.4, ORANGE),
        (
            of(59),
            60,
            {
                "alarm": 30,
                "ticket": 12,
                "hazard": 20,
                "integrity": 8,
                "weather": 0.15,
                "people": points_for("people", 0.15),
                "video": points_for("video", 0.10),
                "data": points_for("data", 0.05),
            },
            38.82,
            0.8977,
            88.3,
            RED,
        ),
    ],
)
def test_the_worked_examples(static, g, values, base, dynamic, r, colour):
    found = index(static=static, g=g, values={**QUIET, **values})
    assert found.base == pytest.approx(base, abs=0.01)
    assert found.dynamic == pytest.approx(dynamic, abs=0.0002)
    # The specification worked with parts that it shows rounded.
    assert found.r == pytest.approx(r, abs=0.06)
    assert (found.colour, found.doubts) == (colour, ())


def test_the_lowest_inherent_risk_with_everything_at_its_cap_is_red():
    capped = dict.fromkeys(factors(), 1e6)
    found = index(static=of(15), g=0, values=capped)
    assert (round(found.base, 2), round(found.dynamic, 3), round(found.r, 1)) == (13.65, 0.964, 88.6)


@pytest.mark.parametrize(
    ("levels", "score"),
    [([], 20), ([4], 40), ([3], 60), ([2], 80), ([1], 100), ([3, 3, 4], 63), ([4, 3], 60), ([2] * 9, 100)],
)
def test_major_hazards(levels, score):
    assert hazard_score(levels) == score


@pytest.mark.parametrize(
    ("count", "severe", "score"), [(0, False, 0), (1, False, 40), (2, False, 60), (1, True, 60), (4, True, 100)]
)
def test_processes(count, severe, score):
    assert process_score(key_processes=count, has_severe=severe) == score


@pytest.mark.parametrize(
    ("kinds", "families", "score"),
    [
        ([], 1, 0),
        (["TOXIC_GAS"], 1, 100),
        (["KEY_LIQUEFIED", "OTHER"], 2, 85),
        (["FLAMMABLE_GAS"], 3, 75),
        (["LIQUID_1"], 1, 55),
        (["LIQUID_2"], 1, 40),
        (["CORROSIVE"], 1, 25),
        (["OTHER"], 1, 10),
        (["TOXIC_GAS"], 5, 100),
    ],
)
def test_chemicals(kinds, families, score):
    assert chemical_score(kinds, families=families) == score


def test_exposure():
    assert exposure_score(on_site=0, within_500m=0, near_school_or_hospital=False) == 20
    assert exposure_score(on_site=99, within_500m=999, near_school_or_hospital=True) == pytest.approx(79)
    assert exposure_score(on_site=10**6, within_500m=10**6, near_school_or_hospital=True) == 100


def test_the_inherent_risk_and_what_is_missing_of_it():
    assert STATION.score == pytest.approx(28.0)
    assert CHLORINE.score == pytest.approx(64.5)
    part = static_risk({"H": 60, "P": None, "C": 30})
    assert part.score == pytest.approx((0.4 * 60 + 0.2 * 30) / 0.6)
    assert len(part.doubts) == 2
    nothing = index(static=static_risk({}), g=None, values={})
    assert (nothing.r, nothing.base) == (0, 0)
    assert len(nothing.doubts) == 4 + 2 + 8


@pytest.mark.parametrize(("g", "multiplier"), [(100, 0.70), (50, 1.00), (0, 1.30), (85, 0.79), (None, 1.0)])
def test_management(g, multiplier):
    assert management_multiplier(g) == pytest.approx(multiplier)


def test_a_management_score_of_our_own():
    full = {"checks": 1.0, "on_time": 0.8, "closed": 1.0, "logins": 0.0, "training": 1.0}
    assert management_score(full) == pytest.approx(80)
    assert management_score({"checks": 1.0, "on_time": 0.0}) == pytest.approx(50)
    assert management_score({}) is None
    assert smoothed(None, 70) == 70
    assert smoothed(100, 0, days=15) == pytest.approx(50)


@pytest.mark.parametrize(
    ("seen", "factor", "value"),
    [
        (Seen(sign="alarm.P1"), "alarm", 12),
        (Seen(sign="alarm.P2", count=2), "alarm", 12),
        (Seen(sign="alarm.P3", times=("SAFETY_CRITICAL",)), "alarm", 3),
        (Seen(sign="alarm.P4", times=("UNCERTAIN",)), "alarm", 0.25),
        (Seen(sign="alarm.P1", ended_h=8), "alarm", 3),
        (Seen(sign="alarm.P3", ended_h=1), "alarm", 1),
        (Seen(sign="alarm.P4", ended_h=0.25), "alarm", 0.25),
        (Seen(sign="alarm.FLOOD", ended_h=0.1), "alarm", 0),
        (Seen(sign="ticket.HOT_SPECIAL", times=("IN_HAZARD", "CROSSING")), "ticket", 18),
        (Seen(sign="ticket.VIOLATION", ended_h=24), "ticket", 4),
        (Seen(sign="hazard.GENERAL_LATE"), "hazard", 2),
        (Seen(sign="hazard.GENERAL_LATE", days_late=10), "hazard", 3),
        (Seen(sign="hazard.GENERAL_LATE", days_late=99), "hazard", 4),
        (Seen(sign="hazard.MAJOR_LATE"), "hazard", 25),
        (Seen(sign="integrity.SIS_BYPASS"), "integrity", 6),
        (Seen(sign="weather.RED"), "weather", 0.25),
        (Seen(sign="people.GATHER_RED"), "people", 10),
        (Seen(sign="video.SEVERITY_4", times=("UNCONFIRMED",)), "video", 3.6),
        (Seen(sign="data.TAG_BAD", count=3), "data", 6),
    ],
)
def test_points_of_what_was_seen(seen, factor, value):
    found = factor_values([seen])
    assert found[factor] == pytest.approx(value)
    assert sum(found.values()) == pytest.approx(value)


def test_points_add_up_and_the_worst_weather_counts():
    seen = [Seen(sign="ticket.HOT_1"), Seen(sign="ticket.ROAD"), Seen(sign="weather.HEAT"), Seen(sign="weather.BLUE")]
    assert factor_values(seen)["ticket"] == 4.5
    assert factor_values(seen)["weather"] == 0.08


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sign": "alarm.P9"}, "sign"),
        ({"sign": "alarm.UNCERTAIN"}, "sign"),
        ({"count": -1}, "count"),
        ({"times": ("CROSSING",)}, "times"),
        ({"ended_h": float("nan")}, "ended_h"),
        ({"days_late": -1}, "days_late"),
    ],
)
def test_what_cannot_be_seen_is_refused(changes, field):
    with pytest.raises(BadInput) as refused:
        Seen(**{"sign": "alarm.P1", **changes})
    assert refused.value.field == field


def test_caps_and_squashing():
    assert {code: factor.cap for code, factor in factors().items()} == {
        "alarm": 0.60,
        "ticket": 0.35,
        "hazard": 0.45,
        "integrity": 0.30,
        "weather": 0.25,
        "people": 0.25,
        "video": 0.20,
        "data": 0.20,
    }
    assert squashed("alarm", 6) == pytest.approx(0.2707, abs=0.0001)
    assert squashed("hazard", 2) == pytest.approx(0.0816, abs=0.0001)
    assert squashed("weather", 9) == 0.25


@pytest.mark.parametrize(
    ("code", "floor", "colour"),
    [
        ("RELEASE", 90, RED),
        ("MAJOR_LATE", 70, ORANGE),
        ("UNLICENSED", 75, ORANGE),
        ("SIS_BYPASS", 70, ORANGE),
        ("GATEWAY_DEAD", 60, ORANGE),
        ("NO_PROMISE", 45, YELLOW),
    ],
)
def test_floors(code, floor, colour):
    found = index(static=STATION, g=85, values=QUIET, floor_codes=[code])
    assert (found.r, found.colour) == (floor, colour)
    assert [one.code for one in found.floors] == [code]
    assert {one.code for one in found.contributions} == {"base", "floor"}
    assert len(floors()) == 6


def test_a_floor_below_the_index_raises_nothing():
    found = index(static=of(92), g=50, values=QUIET, floor_codes=["NO_PROMISE"])
    assert found.floors == ()


@pytest.mark.parametrize(
    ("r", "colour"), [(80, RED), (79.9, ORANGE), (60, ORANGE), (59.9, YELLOW), (40, YELLOW), (39.9, BLUE)]
)
def test_colours_at_their_limits(r, colour):
    assert colour_of(r) is colour


@pytest.mark.parametrize(
    ("current", "r", "calm", "expected"),
    [
        (BLUE, 81, 0, RED),
        (RED, 78, 999, RED),
        (RED, 76.9, 59, RED),
        (RED, 76.9, 60, ORANGE),
        (ORANGE, 57, 30, ORANGE),
        (ORANGE, 56.9, 29, ORANGE),
        (ORANGE, 30, 30, BLUE),
        (YELLOW, 36.9, 30, BLUE),
        (YELLOW, 65, 0, ORANGE),
        (BLUE, 3, 0, BLUE),
    ],
)
def test_a_colour_is_raised_at_once_and_lowered_late(current, r, calm, expected):
    assert next_colour(current, r=r, calm_min=calm) is expected


def test_a_district():
    assert district_index([]) is None
    assert district_index([50]) == pytest.approx(50)
    assert district_index([80, *[20] * 19]) == pytest.approx(0.5 * 80 + 0.3 * 50 + 0.2 * 23)


@pytest.mark.parametrize(
    "bad",
    [
        {"g": 101},
        {"g": float("nan")},
        {"values": {"luck": 1.0}},
        {"values": {"alarm": -1.0}},
        {"values": {"alarm": float("inf")}},
        {"floor_codes": ["NOISE"]},
    ],
)
def test_what_cannot_be_is_refused(bad):
    with pytest.raises(BadInput):
        index(**{"static": STATION, "g": 85, "values": QUIET, **bad})


VALUES = st.fixed_dictionaries({code: st.floats(0, 100) for code in factors()})
SEEN = st.builds(
    Seen,
    sign=st.sampled_from([code for code, sign in signs().items() if sign.kind != "times"]),
    count=st.integers(0, 5),
    ended_h=st.one_of(st.none(), st.floats(0, 100)),
    days_late=st.integers(0, 60),
)


@given(st.floats(0, 100), st.floats(0, 100), VALUES, st.sampled_from(sorted(factors())), st.floats(0, 50))
def test_anything_adverse_never_lowers_the_index(s, g, values, factor, more):
    before = index(static=of(s), g=g, values=values)
    after = index(static=of(s), g=g, values={**values, factor: values[factor] + more})
    assert after.r >= before.r - 1e-9
    assert index(static=of(s), g=g, values=values, floor_codes=["UNLICENSED"]).r >= before.r
    assert index(static=of(min(100.0, s + more)), g=g, values=values).r >= before.r - 1e-9
    assert index(static=of(s), g=min(100.0, g + more), values=values).r <= before.r + 1e-9


@given(st.lists(SEEN, max_size=6), SEEN)
def test_one_more_sign_never_lowers_a_factor(seen, one):
    before, after = factor_values(seen), factor_values([*seen, one])
    assert all(after[code] >= before[code] for code in factors())


@given(st.floats(0, 100), st.floats(0, 100), VALUES)
def test_the_parts_make_up_the_index_and_static_factors_alone_are_never_red(s, g, values):
    found = index(static=of(s), g=g, values=values, floor_codes=["NO_PROMISE"])
    assert math.fsum(one.points for one in found.contributions) == pytest.approx(found.r)
    assert 0 <= found.r <= 100
    assert index(static=of(s), g=g, values=QUIET).colour is not RED


def test_a_district_tunes_limits_weights_and_caps():
    stricter = Parameters(limits={1: 70.0, 2: 50.0, 3: 30.0}, caps={"hazard": 0.6})
    assert colour_of(71, stricter) is Colour.RED
    assert colour_of(71) is Colour.ORANGE
    assert squashed("hazard", 20, cap=0.6) > squashed("hazard", 20)
    assert next_colour(Colour.RED, r=66, calm_min=60, parameters=stricter) is Colour.ORANGE
    assert next_colour(Colour.RED, r=68, calm_min=60, parameters=stricter) is Colour.RED
    with pytest.raises(BadInput):
        Parameters(limits={1: 50.0, 2: 60.0, 3: 30.0})
    with pytest.raises(BadInput):
        Parameters(weights={"H": 0.9, "P": 0.9, "C": 0.1, "E": 0.1})
