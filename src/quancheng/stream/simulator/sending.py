"""Simulated sites on the line (模拟接入): each speaks to a gateway as a device of flesh and blood would.

A site has a connection and a source of its own. It runs with the clock, or faster; samples of a second go in messages
of at most fifty, in the order of their times.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from quancheng.stream.simulator.scenarios import Scenario
from quancheng.stream.simulator.site import Batch, Simulation, SitePlan
from quancheng.stream.simulator.ways import Line, Sample, Way, way_of

#: Samples of one message.
MESSAGE_SAMPLES = 50


@dataclass
class Sender:
    """Sends what a simulation of some sites makes. :param told: hears of each second what was sent."""

    plans: Sequence[SitePlan]
    lines: Sequence[Line]
    seed: int = 1
    speed: float = 1.0
    told: Callable[[int], None] = lambda samples: None
    simulation: Simulation = field(init=False)
    start_ms: int = field(init=False)

    def __post_init__(self) -> None:
        self.start_ms = int(time.time()) * 1000
        self.simulation = Simulation(self.plans, seed=self.seed, start_ms=self.start_ms)
        by_site = {line.site: place for place, line in enumerate(self.lines) if not line.names}
        by_code = {code: place for place, line in enumerate(self.lines) for code in line.names}
        self._line_of = np.array(
            [by_code.get(code, by_site[code.partition(".")[0]]) for code in self.simulation.codes], np.intp
        )
        self._ways: list[Way] = []
        self._asked: list[tuple[Scenario, str]] = []

    def play(self, scenario: Scenario) -> str:
        """Let a scenario begin with the next second at the first site that has what it needs; the site's code.

        :raises KeyError: none has.
        """
        codes = set(self.simulation.codes)
        for plan in self.plans:
            if {f"{plan.code}.{tag}" for tag in scenario.tags()} <= codes:
                self._asked.append((scenario, plan.code))
                return plan.code
        raise KeyError(scenario.code)

    async def run(self, seconds: float = float("inf")) -> None:
        """Send until cancelled, or for so long by the clock of the simulation."""
        self._ways = [way_of(line) for line in self.lines]
        try:
            await asyncio.gather(*(way.start() for way in self._ways))
            began, sent_s = time.monotonic(), 0.0
            while sent_s < seconds:
                due_s = min((time.monotonic() - began) * self.speed, seconds)
                if due_s - sent_s < min(1.0, seconds - sent_s):
                    await asyncio.sleep(0.05)
                    continue
                sent_s = due_s
                while self._asked:
                    scenario, site = self._asked.pop()
                    scenario.play(self.simulation, site=site, at_ms=self.start_ms + int(due_s * 1000))
                batch = await asyncio.to_thread(self.simulation.step, self.start_ms + int(due_s * 1000))
                await self._send(batch)
                self.told(len(batch))
            await asyncio.gather(*(way.drained() for way in self._ways))
        finally:
            await asyncio.gather(*(way.close() for way in self._ways), return_exceptions=True)

    async def _send(self, batch: Batch) -> None:
        lines = self._line_of[batch.index]
        for place in np.unique(lines).tolist():
            part = batch.chosen(lines == place)
            for start in range(0, len(part), MESSAGE_SAMPLES):
                chosen = np.zeros(len(part), bool)
                chosen[start : start + MESSAGE_SAMPLES] = True
                some = part.chosen(chosen)
                await self._ways[place].send(self._samples(some), is_history=bool(some.is_history.any()))

    def _samples(self, part: Batch) -> list[Sample]:
        columns = (part.index, part.at_ms, part.value, part.quality)
        codes = self.simulation.codes
        return [
            Sample(codes[index], at_ms, value, quality)
            for index, at_ms, value, quality in zip(*(column.tolist() for column in columns), strict=True)
        ]
