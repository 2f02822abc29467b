"""The physical part of the scenarios: what the instruments show makes the expected alarms due when they should be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.stream.simulator.alarms import Series, raised_ms, series_of

from quancheng.stream.simulator import scenarios
from quancheng.stream.simulator.scenarios import BY_CODE, SCENARIOS, Reaction, Scenario
from quancheng.stream.simulator.site import Simulation, Site, SitePlan

MIDNIGHT = 1_781_452_800_000  # 2026-06-15T00:00:00+08:00
MIN = 60_000
SITE = "XNQ000001"
#: Limits that a series is judged by here; the rest are tested one by one below.
JUDGED = ("LL", "L", "H", "HH", "BOOL")


def play(
    scenario: Scenario, *, minutes: float | None = None, scan_s: int | None = None
) -> tuple[Simulation, dict[str, Series], int]:
    """The samples of its site, and the time of its start: 40 s after that of the site."""
    start = MIDNIGHT + (scenario.starts_at_h if scenario.starts_at_h is not None else 10) * 60 * MIN
    site = Simulation([SitePlan(SITE, "", scenario.facilities)], seed=11, start_ms=start, scan_s=scan_s)
    scenario.play(site, site=SITE, at_ms=start + 40_000)
    until = start + 40_000 + round((scenario.lasts_min if minutes is None else minutes) * MIN)
    return site, series_of(site.samples(until)), start + 40_000


def after(series: Series, at_ms: int) -> Series:
    return [row for row in series if row[0] >= at_ms]


def check(site: Simulation, found: dict[str, Series], start: int, reaction: Reaction) -> None:
    code = f"{SITE}.{reaction.tag}"
    spec = next(tag.spec for tag in site.tags if tag.code == code)
    gate = next(
        (
            tag.code
            for tag in site.tags
            if tag.spec.row == spec.condition and tag.code.split(".")[1] == code.split(".")[1]
        ),
        None,
    )
    kinds = [limit.type for limit in spec.limits] if reaction.alarm == "any" else [reaction.alarm]

    def since(series: Series) -> Series:
        # A contact that stands is not told again at the start.
        return series if spec.mode == "change" else after(series, start)

    for kind in kinds:
        at = raised_ms(since(found[code]), spec, kind, since(found[gate]) if gate else None)
        if reaction.is_forbidden:
            assert at is None, (kind, (at - start) / MIN)
        else:
            assert at is not None, f"{kind} of {code} is never raised"
            assert reaction.from_min <= (at - start) / MIN <= reaction.to_min


def test_the_library_is_whole_and_each_names_what_its_site_has():
    assert [one.code for one in SCENARIOS] == sorted(BY_CODE)
    assert {code[:4] for code in BY_CODE} == {f"SC{number:02d}" for number in (*range(1, 16), 19, 20)}
    for one in SCENARIOS:
        site = Site(SITE, one.facilities, seed=1, start_ms=MIDNIGHT)
        one.play(site, site=SITE, at_ms=MIDNIGHT)
        assert one.reactions or one.outcomes
        for reaction in one.reactions:
            assert f"{SITE}.{reaction.tag}" in site.codes
            assert 0 <= reaction.from_min < reaction.to_min <= one.lasts_min
        assert all(outcome.by_min <= one.lasts_min for outcome in one.outcomes)


@pytest.mark.parametrize(
    "code", ["SC01", "SC02", "SC03", "SC05", "SC06", "SC07", "SC07F", "SC08", "SC10", "SC11", "SC13"]
)
def test_expected_alarms_become_due_when_they_should(code):
    scenario = BY_CODE[code]
    site, found, start = play(scenario)
    for reaction in scenario.reactions:
        if reaction.alarm in (*JUDGED, "any"):
            check(site, found, start, reaction)


def test_a_leak_between_the_walls_stays():
    scenario = BY_CODE["SC04"]
    site, found, start = play(scenario, minutes=30)
    check(site, found, start, scenario.reactions[0])
    assert {value for _, value in after(found[f"{SITE}.TANK1.LD101.X"], start + MIN)} == {1.0}


def test_overfilling_crosses_90_and_95_per_cent_when_computed_and_the_valve_ends_it():
    _, found, start = play(BY_CODE["SC01"], scan_s=5)
    level = after(found[f"{SITE}.TANK1.LT101.PV"], start)
    for height_mm, minute in ((2126, 2.8), (2275, 4.3)):
        (before_ms, before), (at_ms, at) = next(
            pair for pair in pairwise(level) if pair[0][1] < height_mm <= pair[1][1]
        )
        crossed = before_ms + (height_mm - before) / (at - before) * (at_ms - before_ms)
        assert (crossed - start) / MIN == pytest.approx(minute, abs=0.1)
    assert max(value for _, value in level) < 2290
    assert found[f"{SITE}.UNL.UNL1.X"][-1][1] == 0


def test_the_first_chlorine_detector_is_beyond_its_second_limit_within_half_a_minute():
    _, found, start = play(BY_CODE["SC05"])
    for detector, seconds in (("AT101", 30), ("AT102", 30), ("AT103", 120)):
        gas = after(found[f"{SITE}.GDS.{detector}.PV"], start)
        assert next(at for at, value in gas if value > 2) - start <= seconds * 1000
    fan = after(found[f"{SITE}.SCR.FAN1.X"], start)
    assert next(at for at, value in fan if value == 1) - start < 60_000


def test_a_rim_fire_rises_by_fifteen_kelvin_a_minute():
    _, found, start = play(BY_CODE["SC08"])
    seal = dict(after(found[f"{SITE}.TANK1.TT111.PV"], start))
    times = sorted(seal)
    assert seal[times[24]] - seal[times[0]] == pytest.approx(15 * (times[24] - times[0]) / MIN, abs=1.5)


@pytest.mark.slow
def test_self_heating_is_fast_six_hours_before_sixty_degrees():
    scenario = BY_CODE["SC09"]
    site, found, start = play(scenario)
    room = after(found[f"{SITE}.ROOM1.TT101.PV"], start)
    hot = next(at for at, value in room if value >= 60)
    roc = next(reaction for reaction in scenario.reactions if reaction.alarm == "ROC")
    assert roc.to_min <= (hot - start) / MIN - 360
    other = found[f"{SITE}.ROOM2.TT201.PV"]
    at = start + roc.to_min * MIN

    def warmed_k(series: Series, hours: float) -> float:
        then = [value for when, value in series if at - hours * 60 * MIN <= when <= at]
        return then[-1] - then[0]

    assert warmed_k(room, 2) - warmed_k(other, 2) > 1.0
    check(site, found, start, scenario.reactions[1])
    voc = [value for _, value in found[f"{SITE}.ROOM1.AT101.PV"]]
    assert voc[-1] > 4 * min(voc[:1000])


def test_a_runaway_is_seen_five_minutes_before_it_is_fifteen_kelvin_hotter():
    _, found, start = play(BY_CODE["SC10"])
    fault = start + 30 * MIN
    temperature = after(found[f"{SITE}.R1.TT101.PV"], fault)
    hotter = next(at for at, value in temperature if value >= temperature[0][1] + 15)
    fast = next(at for at, value in after(found[f"{SITE}.R1.TT101.DTDT"], fault) if value >= 1)
    assert hotter - fast >= 5 * MIN


def test_a_break_is_located_within_a_kilometre():
    _, found, start = play(BY_CODE["SC11"])
    seen = []
    for area in "AB":
        series = found[f"{SITE}.{area}LINE.PI1.PV"]
        whole = sum(value for at, value in series if at < start) / sum(at < start for at, _ in series)
        fallen = [(at, value) for at, value in after(series, start) if value < whole - 100]
        slope = (fallen[30][1] - fallen[0][1]) / (fallen[30][0] - fallen[0][0])
        seen.append(fallen[0][0] - (fallen[0][1] - whole) / slope)
    from_a = (scenarios.LINE_M + scenarios.WAVE_M_S * (seen[0] - seen[1]) / 1000) / 2
    assert from_a == pytest.approx(scenarios.BREAK_M, abs=1000)


@pytest.mark.slow
def test_a_cut_off_gateway_is_silent_for_six_hours_and_then_whole():
    scenario = BY_CODE["SC12"]
    start = MIDNIGHT
    site = Site(SITE, scenario.facilities, seed=11, start_ms=start)
    scenario.play(site, site=SITE, at_ms=start)
    assert len(site.step(start + 360 * MIN - 1000)) == 0
    late = site.step(start + 440 * MIN)
    assert late.is_history.any()
    level = late.at_ms[late.index == site.codes.index(f"{SITE}.TANK1.LT101.PV")]
    assert len(set(level.tolist())) == len(level) == 440 * 2


def test_a_power_dip_floods_with_forty_alarms_in_five_minutes_mains_first():
    scenario = BY_CODE["SC14"]
    site, found, start = play(scenario, minutes=8)
    raised: dict[str, int] = {}
    for tag in site.tags:
        for limit in tag.spec.limits:
            if limit.type in JUDGED and tag.code in found and not tag.spec.condition:
                at = raised_ms(after(found[tag.code], start), tag.spec, limit.type)
                if at is not None:
                    raised[tag.code] = min(at, raised.get(tag.code, at))
    assert sum(at - start <= 5 * MIN + 60_000 for at in raised.values()) >= 40
    assert min(raised, key=lambda code: raised[code]) == f"{SITE}.UPS.UPS1.X"


def test_a_stuck_level_stands_while_nozzles_pour():
    _, found, start = play(BY_CODE["SC15"])
    level = {value for _, value in after(found[f"{SITE}.TANK1.LT101.PV"], start)}
    sold = sum(value for nozzle in (1, 3) for _, value in after(found[f"{SITE}.NZL{nozzle}.FT{nozzle}.Q"], start))
    assert len(level) == 1
    assert sold > 150
