"""A simulated district: as many tags as asked for, a mix of kinds, invented codes, repeatable."""

from __future__ import annotations

from collections import Counter

import pytest

from quancheng.stream.simulator.district import MIX, PREFIXES, count_tags, plan_district, plan_site
from quancheng.stream.simulator.fleet import Facility
from quancheng.stream.simulator.site import Simulation

START = 1_781_496_000_000


@pytest.mark.parametrize("tags", [500, 20_000])
def test_a_district_has_as_many_tags_as_asked_for(tags):
    plans = plan_district(tags=tags, seed=3)
    simulation = Simulation(plans, seed=3, start_ms=START)
    last = sum(count_tags(facility) for facility in plans[-1].facilities)
    assert tags <= len(simulation.tags) < tags + last
    assert len(simulation.tags) == sum(count_tags(facility) for plan in plans for facility in plan.facilities)


def test_kinds_come_in_their_shares():
    plans = plan_district(tags=20_000, seed=3)
    counted = Counter(plan.kind for plan in plans)
    assert set(counted) == set(MIX)
    for kind, share in MIX.items():
        assert counted[kind] == pytest.approx(len(plans) * share / 100, abs=1.5)


def test_a_larger_district_begins_with_the_smaller():
    small, large = (plan_district(tags=tags, seed=3) for tags in (1000, 3000))
    assert large[: len(small)] == small
    assert plan_district(tags=1000, seed=4) != small


def test_codes_are_invented_and_unique():
    plans = plan_district(tags=5000, seed=3)
    assert len({plan.code for plan in plans}) == len(plans)
    assert all(plan.code[:3] == PREFIXES[plan.kind] and len(plan.code) == 9 for plan in plans)


def test_a_mix_of_one_kind_is_of_that_kind():
    assert {plan.kind for plan in plan_district(tags=300, seed=3, mix={"petrol": 1})} == {"petrol"}
    with pytest.raises(ValueError, match="at least one"):
        plan_district(tags=300, seed=3, mix={"petrol": 0})
    with pytest.raises(KeyError):
        plan_site("casino", 1, seed=3)


def test_a_facility_has_at_least_one_of_each():
    with pytest.raises(ValueError, match="at least one"):
        Facility("petrol", units=0)
