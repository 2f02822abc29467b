"""The devices of the benchmark of signals: simulated sites over real MQTT at a given rate, in a process of their own.

Read from standard input: what to send, as JSON. Printed: a line of JSON a second (sent, acknowledged, the slowest
acknowledgement in ms), and one at the end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from quancheng.stream.gateways.mqtt.client import Address, Client
from quancheng.stream.simulator.district import plan_district
from quancheng.stream.simulator.site import Simulation

#: Points of one message, and messages that may wait for their acknowledgement.
MESSAGE_POINTS, WINDOW = 50, 100
#: So often what is due is sent.
BEAT_S = 0.1
#: Simulated seconds from which the natural rate of the sites is told.
NATURAL_S = 120

_encode = msgspec.json.Encoder().encode


@dataclass
class Load:
    """:param sources: code and secret of each source; site ``n`` speaks through source ``n`` modulo their number."""

    port: int
    sources: list[tuple[str, str]]
    tags: int
    points_per_s: float
    seconds: float
    seed: int = 1
    sent: int = 0
    acknowledged: int = 0
    slowest_ms: float = 0.0
    clients: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        plans = plan_district(tags=self.tags, seed=self.seed)
        self.start_ms = int(time.time() * 1000)
        self.simulation = Simulation(plans, seed=self.seed, start_ms=0)
        sites = {plan.code: place for place, plan in enumerate(plans)}
        self.codes = self.simulation.codes
        self.source_of = np.array([sites[code.partition(".")[0]] % len(self.sources) for code in self.codes])
        # At first every site tells all it has; what counts is how much it tells from then on.
        self.simulation.step(NATURAL_S * 1000)
        self.begun_ms = 2 * NATURAL_S * 1000
        natural = len(self.simulation.step(self.begun_ms)) / NATURAL_S
        #: Simulated seconds in one of ours, so that the sites tell as much as is asked for.
        self.speed = self.points_per_s / natural

    async def run(self) -> None:
        self.clients = [
            Client(Address("127.0.0.1", self.port, code, user=code, password=secret), window=WINDOW)
            for code, secret in self.sources
        ]
        await asyncio.gather(*(client.start() for client in self.clients))
        self.start_ms = int(time.time() * 1000)
        began, told = time.monotonic(), 0.0
        while (passed := time.monotonic() - began) < self.seconds:
            if passed - told >= 1:
                told = passed
                self.tell(passed)
            await self._send(passed)
            await asyncio.sleep(max(0.0, BEAT_S - (time.monotonic() - began - passed)))
        await asyncio.gather(*(client.drained() for client in self.clients))
        self.tell(time.monotonic() - began, is_last=True)
        await asyncio.gather(*(client.close() for client in self.clients))

    async def _send(self, passed: float) -> None:
        batch = self.simulation.step(self.begun_ms + int(passed * self.speed * 1000))
        if not len(batch):
            return
        at = self.start_ms + ((batch.at_ms - self.begun_ms) / self.speed).astype(np.int64)
        sources = self.source_of[batch.index]
        order = np.argsort(sources, kind="stable")
        columns = (batch.index[order].tolist(), at[order].tolist(), batch.value[order].tolist())
        ends = np.searchsorted(sources[order], np.arange(len(self.clients) + 1)).tolist()
        for place, client in enumerate(self.clients):
            for start in range(ends[place], ends[place + 1], MESSAGE_POINTS):
                end = min(start + MESSAGE_POINTS, ends[place + 1])
                index, times, values = (column[start:end] for column in columns)
                told = [{"t": self.codes[i], "ts": t, "v": v} for i, t, v in zip(index, times, values, strict=True)]
                await self._publish(client, place, _encode({"d": told}), end - start)

    async def _publish(self, client: Client, place: int, body: bytes, points: int) -> None:
        began = time.monotonic()

        def done(one: asyncio.Future[None]) -> None:
            if not one.cancelled() and one.exception() is None:
                self.acknowledged += points
                self.slowest_ms = max(self.slowest_ms, (time.monotonic() - began) * 1000)

        kept = await client.publish(f"hc/v1/000000/S/{self.sources[place][0]}/tele", body, qos=1)
        self.sent += points
        kept.add_done_callback(done)

    def tell(self, passed: float, *, is_last: bool = False) -> None:
        said: dict[str, Any] = {
            "at": round(passed, 2), "sent": self.sent, "acknowledged": self.acknowledged,
            "slowest_ms": round(self.slowest_ms, 1), "cpu_s": round(time.process_time(), 2), "last": is_last,
        }  # fmt: skip
        self.slowest_ms = 0.0
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    asyncio.run(Load(**json.loads(sys.stdin.readline())).run())
