"""A district of simulated sites: a mix of kinds, scaled to any number of tags. Every code is invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import numpy as np

from quancheng.stream.simulator.families import FAMILIES
from quancheng.stream.simulator.fleet import Board, Facility, member_of
from quancheng.stream.simulator.signals import key_of, uniforms
from quancheng.stream.simulator.site import SitePlan

#: Shares of sites by kind (of 100): petrol stations, LPG and LNG stations, tank farms, warehouses, pharma, chlorine
#: and ammonia stores, valve stations.
MIX: Mapping[str, int] = {
    "petrol": 46, "gas": 12, "tank_farm": 6, "warehouse": 12, "pharma": 8, "toxic_store": 6, "valve_station": 10,
}  # fmt: skip
#: Beginnings of codes, six digits follow.
PREFIXES: Mapping[str, str] = {
    "petrol": "JYZ", "gas": "JQZ", "tank_farm": "GQC", "warehouse": "CKK", "pharma": "ZYC", "toxic_store": "YLC",
    "valve_station": "FSZ",
}  # fmt: skip

#: A number between two, ends included.
_Pick = Callable[[int, int], int]


def _petrol(pick: _Pick) -> tuple[Facility, ...]:
    return (Facility("petrol", units=pick(3, 5), points=2 * pick(4, 8)),)


def _gas(pick: _Pick) -> tuple[Facility, ...]:
    return (Facility(("lpg", "lng")[pick(0, 1)], units=pick(1, 3), points=pick(4, 8)),)


def _tank_farm(pick: _Pick) -> tuple[Facility, ...]:
    return (
        Facility("spheres", area="A", units=pick(3, 8), points=pick(8, 20)),
        Facility("floating_roofs", area="B", units=pick(4, 12), points=pick(10, 30)),
    )


def _warehouse(pick: _Pick) -> tuple[Facility, ...]:
    return (Facility("warehouse", units=pick(4, 16)),)


def _pharma(pick: _Pick) -> tuple[Facility, ...]:
    return (
        Facility("semibatch_reactors", area="A", units=pick(4, 12)),
        Facility("batch_reactors", area="B", units=pick(2, 6)),
        Facility("warehouse", area="C", units=pick(2, 6)),
        Facility("ammonia", area="D", units=pick(1, 2), points=pick(4, 8)),
    )


def _toxic_store(pick: _Pick) -> tuple[Facility, ...]:
    return (Facility(("chlorine", "ammonia")[pick(0, 1)], units=pick(2, 4), points=pick(4, 10)),)


def _valve_station(pick: _Pick) -> tuple[Facility, ...]:
    return (Facility("valve_station", points=pick(1, 3)),)


_BUILT: dict[str, Callable[[_Pick], tuple[Facility, ...]]] = {
    "petrol": _petrol,
    "gas": _gas,
    "tank_farm": _tank_farm,
    "warehouse": _warehouse,
    "pharma": _pharma,
    "toxic_store": _toxic_store,
    "valve_station": _valve_station,
}


def plan_site(kind: str, number: int, *, seed: int) -> SitePlan:
    """The site of a kind with a number, from 1 to 999,999. KeyError: no such kind."""
    key = np.array([key_of(seed, "site", kind, str(number))], dtype=np.uint64)
    salts = iter(range(64))

    def pick(low: int, high: int) -> int:
        return low + int(float(uniforms(key, number, next(salts))[0]) * (high - low + 1))

    return SitePlan(f"{PREFIXES[kind]}{number:06d}", kind, _BUILT[kind](pick))


def plan_district(*, tags: int, seed: int, mix: Mapping[str, int] = MIX) -> list[SitePlan]:
    """As many sites as give at least so many tags; a larger district begins with the sites of a smaller one."""
    found: list[SitePlan] = []
    counted = 0
    for kind, number in _in_turn(mix):
        if counted >= tags:
            return found
        site = plan_site(kind, number, seed=seed)
        counted += sum(count_tags(facility) for facility in site.facilities)
        found.append(site)
    raise ValueError("a mix needs at least one kind with a share")


def _in_turn(mix: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Kinds in such order that each beginning of the list has about the shares of the mix."""
    numbers = dict.fromkeys((kind for kind, share in mix.items() if share > 0), 0)
    while numbers:
        kind = min(numbers, key=lambda one: (numbers[one] + 0.5) / mix[one])
        numbers[kind] += 1
        yield kind, numbers[kind]


def count_tags(facility: Facility) -> int:
    """How many tags a facility has."""
    return _count(facility.kind, facility.units, facility.points)


@cache
def _count(kind: str, units: int, points: int) -> int:
    board = Board()
    FAMILIES[kind](board, [member_of("SITE", Facility(kind, units=units, points=points), 0)])
    return len(board.tags)
