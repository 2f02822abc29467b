"""Sites in motion: repeatable, cut into any steps, alone or together, and fast."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stream.simulator.alarms import raised_ms, series_of

from quancheng.stream.simulator.district import plan_district
from quancheng.stream.simulator.families import FAMILIES, SPECS
from quancheng.stream.simulator.fleet import Facility
from quancheng.stream.simulator.site import Batch, Outage, Push, Simulation, Site, SitePlan, Turn

START = 1_781_496_000_000  # 2026-06-15T12:00:00+08:00
MIN = 60_000
EVERYTHING = [Facility(kind, area="ABCDEFGHIJK"[place], units=2, points=3) for place, kind in enumerate(FAMILIES)]


def make_site(facilities=EVERYTHING, *, seed=7, start_ms=START, code="XNQ000001") -> Site:
    return Site(code, facilities, seed=seed, start_ms=start_ms)


def area_of(code: str) -> str:
    return code.split(".")[1][0]


def rows(batch: Batch) -> list[tuple]:
    return list(zip(batch.index.tolist(), batch.at_ms.tolist(), batch.value.tolist(), strict=True))


@pytest.fixture(scope="module")
def two_minutes() -> list[tuple]:
    return rows(make_site().step(START + 2 * MIN))


def test_the_same_seed_gives_the_same_samples(two_minutes):
    assert rows(make_site().step(START + 2 * MIN)) == two_minutes
    assert rows(make_site(seed=8).step(START + 2 * MIN)) != two_minutes


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 120_000), max_size=8))
def test_any_steps_give_the_same_samples(two_minutes, cuts):
    site = make_site()
    found = [row for until in [*cuts, 2 * MIN] for row in rows(site.step(START + until))]
    assert found == two_minutes


def test_a_site_gives_the_same_alone_and_in_a_district():
    plans = [SitePlan(f"XNQ{k:06d}", "", tuple(EVERYTHING)) for k in range(3)]
    together = Simulation(plans, seed=7, start_ms=START)
    mine = {s for s in together.samples(START + MIN) if s.code.startswith("XNQ000001.")}
    assert mine == set(make_site().samples(START + MIN))


def test_time_goes_on_and_nothing_comes_twice(two_minutes):
    assert all(one[1] <= other[1] for one, other in pairwise(two_minutes))
    assert max(Counter((index, at_ms) for index, at_ms, _ in two_minutes).values()) == 1
    assert two_minutes[-1][1] <= START + 2 * MIN


def test_every_row_of_every_table_is_produced():
    site = make_site()
    for place, kind in enumerate(FAMILIES):
        mine = {tag.spec for tag in site.tags if area_of(tag.code) == "ABCDEFGHIJK"[place]}
        assert mine == set(SPECS[kind]), kind


def test_measured_tags_come_at_their_scan_and_within_their_instrument():
    site = make_site()
    series = series_of(site.samples(START + 10 * MIN))
    for tag in site.tags:
        low, high = tag.spec.span
        margin = 0.031 * (high - low)
        got = series.get(tag.code, [])
        assert all(low - margin <= value <= high + margin for _, value in got), tag.code
        if tag.spec.mode == "periodic" and tag.spec.scan_s <= 300 and tag.spec.row != "petrol.GND_R":
            gaps = {later - at for (at, _), (later, _) in pairwise(got)}
            assert gaps == {tag.spec.scan_s * 1000}, tag.code


def test_an_ordinary_half_hour_raises_nothing_of_the_highest_priority():
    site = make_site()
    series = series_of(site.samples(START + 30 * MIN))
    for tag in site.tags:
        if tag.spec.mode in ("periodic", "change") and tag.spec.scan_s <= 600 and tag.spec.row != "petrol.GND_R":
            assert series.get(tag.code), tag.code
        gate = None
        if tag.spec.condition:
            gates = [other.code for other in site.tags if other.spec.row == tag.spec.condition]
            here = [code for code in gates if code.split(".")[1] == tag.code.split(".")[1]]
            gate = series[(here or [code for code in gates if area_of(code) == area_of(tag.code)])[0]]
        for limit in tag.spec.limits:
            if limit.priority == 1 and limit.type in ("LL", "L", "H", "HH", "BOOL"):
                assert raised_ms(series.get(tag.code, []), tag.spec, limit.type, gate) is None, tag.code


def test_two_facilities_of_a_kind_need_areas():
    with pytest.raises(ValueError, match="need areas"):
        make_site([Facility("petrol"), Facility("petrol")])


def test_what_is_not_there_cannot_be_scheduled():
    site = make_site([Facility("petrol")])
    for act in (
        Turn(START, "XNQ000001", "petrol", "no_such_knob", 1),
        Turn(START, "XNQ000001", "lpg", "stop", 1),
        Push("XNQ000001.NO.SUCH.PV", "hold", START, START + 1, 1),
        Outage("XNQ000002", START, START + 1),
    ):
        with pytest.raises(KeyError):
            site.schedule(act)
    site.step(START + MIN)
    with pytest.raises(ValueError, match="has been simulated"):
        site.schedule(Turn(START, "XNQ000001", "petrol", "stop", 1))


def test_a_gateway_that_was_cut_off_sends_everything_later_and_marks_it():
    facilities = [Facility("petrol", units=2)]
    whole = set(make_site(facilities).samples(START + 20 * MIN))
    site = make_site(facilities)
    site.schedule(Outage("XNQ000001", START + 5 * MIN, START + 15 * MIN))
    early = list(site.samples(START + 15 * MIN - 1000))
    assert max(s.at_ms for s in early) < START + 5 * MIN
    late = list(site.samples(START + 20 * MIN))
    assert {s._replace(is_history=False) for s in [*early, *late]} == whole
    old = [s for s in late if s.is_history]
    assert {s.at_ms // MIN - START // MIN for s in old} == set(range(5, 15))
    assert [s.at_ms for s in old] == sorted(s.at_ms for s in old)


def test_pushes_hold_and_ramp_a_tag_and_let_it_go():
    code = "XNQ000001.GDS.AT201.PV"
    site = make_site([Facility("petrol")])
    site.schedule(
        Push(code, "hold", START + MIN, START + 5 * MIN, 2), Push(code, "ramp", START + MIN, START + 5 * MIN, 10)
    )
    series = series_of(site.samples(START + 8 * MIN))[code]
    values = {(at - START) // 1000: value for at, value in series}
    at = min(values, key=lambda second: abs(second - 240))
    assert values[at] == pytest.approx(2 + 10 * (at - 60) / 60, abs=2)
    assert max(value for second, value in values.items() if second >= 300) < 4


def test_twenty_thousand_tags_at_five_seconds_cost_less_than_a_twentieth_of_a_core():
    simulation = Simulation(plan_district(tags=20_000, seed=3), seed=3, start_ms=START, scan_s=5)
    simulation.step(START + 10_000)
    before = time.process_time()
    batch = simulation.step(START + 130_000)
    assert (time.process_time() - before) / 120 < 0.05
    measured = sum(tag.spec.mode == "periodic" for tag in simulation.tags)
    assert len(batch) > 0.9 * measured * 24
    assert np.isfinite(batch.value).all()
