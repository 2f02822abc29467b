"""Simulated sites at the real doors: a system that posts batches, a station of HJ 212, both after a refusal too."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from tests.stream.gateways.test_hj212 import MN, PW, station
from tests.stream.gateways.test_hj212 import door as station_door
from tests.stream.gateways.test_http_batch import door as http_door
from tests.support.mqtt import SECRET, run, until

from quancheng.standards.signals import hj212
from quancheng.stream.simulator import ways
from quancheng.stream.simulator.district import plan_site
from quancheng.stream.simulator.sending import Sender
from quancheng.stream.simulator.site import SitePlan
from quancheng.stream.simulator.ways import Line, Sample, way_of

AT_MS = 1781487000000
SAMPLES = [Sample("S.VRU.AT1.PV", AT_MS, 3.25, 192), Sample("S.VR.PT1.PV", AT_MS, 12.0, 16)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "AGAIN_S", 0.05)


def test_a_system_posts_its_batches_until_they_are_taken() -> None:
    async def act() -> None:
        async with http_door() as here:
            here.stream.refuses = True
            way = way_of(Line("S", "127.0.0.1", here.port, "GW1", SECRET, door="http"))
            await way.start()
            await way.send(SAMPLES, is_history=False)
            await until(lambda: len(here.stream.messages) >= 2)
            here.stream.refuses = False
            await way.drained()
            await way.close()
            told = json.loads(here.stream.bodies[-1])["d"]
            assert [(one["t"], one["v"], one["q"]) for one in told] == [
                ("S.VRU.AT1.PV", 3.25, 192), ("S.VR.PT1.PV", 12.0, 16)
            ]  # fmt: skip

    run(act)


def test_a_station_sends_a_frame_for_each_moment_until_it_is_answered() -> None:
    async def act() -> None:
        async with station_door(station()) as here:
            here.stream.refuses = True
            names = {"S.VRU.AT1.PV": "a24088", "S.VR.PT1.PV": "YZ01"}
            way = way_of(Line("S", "127.0.0.1", here.port, "", PW, door="hj212", mn=MN, names=names))
            await way.start()
            later = Sample("S.VRU.AT1.PV", AT_MS + 60_000, 3.5, 192)
            await way.send([*SAMPLES, later], is_history=False)
            await until(lambda: len(here.stream.messages) >= 2)
            here.stream.refuses = False
            await way.drained()
            await way.close()
            last = [hj212.parse_cp(hj212.parse_segment(body).cp).readings() for body in here.stream.bodies[-2:]]
            told = [[(one.factor, one.value, one.quality, one.at_ms) for one in each] for each in last]
            assert told == [
                [("a24088", 3.25, 192, AT_MS), ("YZ01", 12.0, 12, AT_MS)],
                [("a24088", 3.5, 192, AT_MS + 60_000)],
            ]

    run(act)


def test_tags_of_a_station_go_its_way_and_the_others_of_the_site_theirs() -> None:
    plan: SitePlan = plan_site("petrol", 1, seed=1)
    names = {f"{plan.code}.VRU.AT1.PV": "a24088"}
    lines: Sequence[Line] = [
        Line(plan.code, "", 0, "GW", ""), Line(plan.code, "", 0, "ST", "", door="hj212", names=names)
    ]  # fmt: skip
    sender = Sender([plan], lines)
    by_station = [code for code, place in zip(sender.simulation.codes, sender._line_of, strict=True) if place == 1]
    assert by_station == list(names)
