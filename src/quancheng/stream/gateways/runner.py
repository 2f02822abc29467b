"""The process of a gateway (接入进程): devices in, stream out, what was seen of them into the records."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nats
from django.utils import timezone
from nats.aio.client import Client
from nats.aio.msg import Msg

from quancheng.domains.monitoring.queries.sources import open_sources
from quancheng.domains.monitoring.services.processing import Unread, keep_asides
from quancheng.domains.monitoring.services.sources import Seen, forget_presence, note_seen
from quancheng.standards.signals.sparkplug import rebirth_command
from quancheng.stream.envelope import Received
from quancheng.stream.figures import Teller
from quancheng.stream.gateways.grants import Book, Grant
from quancheng.stream.gateways.mqtt.server import Gateway
from quancheng.stream.gateways.mqtt.watch import Report, Watch
from quancheng.stream.messages import Publisher, StreamSettings, ensure_streams
from quancheng.stream.metrics import Metric, of_process
from quancheng.stream.store.times import moment
from quancheng.stream.threads import kept

log = logging.getLogger(__name__)

#: What is put aside waits in memory for the next writing; more than this is only counted.
MOST_ASIDES = 2_000
WRITE_S = 2.0
#: What is counted of all sources together.
COUNTED = ("messages", "points", "bytes")


@dataclass
class GatewayRunner:
    """One process. :param told: hears the port that was opened."""

    nats_url: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None
    settings: StreamSettings = field(default_factory=StreamSettings)
    told: Callable[[int], None] = lambda port: None
    #: On the loopback, for Prometheus; 0: none.
    metrics_port: int = 0

    def __post_init__(self) -> None:
        self._asides: list[Unread] = []
        self.book = Book(_grants)

    async def run(self) -> None:
        """Serve until cancelled; then answer what was taken."""
        client = await nats.connect(self.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
        await ensure_streams(client.jetstream(), self.settings)
        await asyncio.to_thread(kept(forget_presence))
        await self.book.refresh()
        publisher = Publisher(client, self.settings)
        gateway = Gateway(
            self.book, publisher, partitions=self.settings.partitions, aside=self._put_aside,
            watch=Watch(_flush, every_s=WRITE_S),
        )  # fmt: skip
        await client.subscribe(f"{self.settings.space}commands.*.rebirth", cb=self._asked(gateway))
        self.told(await gateway.start(self.host, self.port, self.tls))
        teller = Teller("gateway", lambda: _figures(gateway), lambda: _metrics(gateway), port=self.metrics_port)
        helpers = [asyncio.create_task(one) for one in (self.book.keep(), self._write(), teller.tell())]
        try:
            await asyncio.gather(*helpers)
        finally:
            await gateway.stop(grace_s=2.0)
            await publisher.close()
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            with contextlib.suppress(Exception):
                await self._written()
                await asyncio.to_thread(kept(forget_presence))
            await _closed(client)

    def _put_aside(self, message: Received, reason: str) -> None:
        if len(self._asides) < MOST_ASIDES:
            at = moment(message.arrived_ms)
            self._asides.append(
                Unread(message.source, at, message.form, message.topic, reason, "", "", bytes(message.body[:65_536]))
            )

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(WRITE_S)
            try:
                await self._written()
            except Exception:
                log.exception("what was put aside waits for the database")

    async def _written(self) -> None:
        taken = self._asides[:500]
        if taken:
            await asyncio.to_thread(kept(keep_asides), taken)
            del self._asides[: len(taken)]

    def _asked(self, gateway: Gateway) -> Callable[[Msg], Awaitable[None]]:
        async def ask(message: Msg) -> None:
            """A processor wants an edge node to be born again: it says which by the topic of the command."""
            number = int(message.subject.split(".")[-2])
            code = self.book.code_of(number)
            if code is not None:
                now_ms = int(timezone.now().timestamp() * 1000)
                gateway.send(code, message.data.decode(), rebirth_command(now_ms))

        return ask


def _grants() -> Mapping[str, Grant]:
    return {
        one.code: Grant(
            source=one.number, code=one.code, enterprise=one.enterprise, digest=one.digest,
            forms=frozenset(one.forms), points_per_s=one.points_per_s, burst_points=one.burst_points,
            points_per_day=one.points_per_day, most_bytes=one.most_bytes,
        )
        for one in kept(open_sources)()
    }  # fmt: skip


async def _flush(reports: Sequence[Report]) -> None:
    seen = [
        Seen(
            one.source, one.connections > 0, None if one.last_message_ms is None else moment(one.last_message_ms),
            one.messages, one.bytes, one.rejected,
            None if one.clock_ms is None else -one.clock_ms,
        )
        for one in reports
    ]  # fmt: skip
    await asyncio.to_thread(kept(note_seen), seen, now=timezone.now())


async def _figures(gateway: Gateway) -> Mapping[str, Any]:
    watch = gateway.watch
    return {
        **{name: watch.sums[name] for name in COUNTED}, "connections": gateway.connections,
        "refused": dict(watch.refused), "rejected": dict(watch.put_aside),
    }  # fmt: skip


def _metrics(gateway: Gateway) -> list[Metric]:
    watch, name = gateway.watch, "quancheng_gateway"
    return [
        Metric.one(f"{name}_connections", "gauge", "Connections now.", gateway.connections),
        Metric.one(f"{name}_flight_bytes", "gauge", "Bytes that wait for the stream.", gateway.flight_bytes),
        Metric.by(f"{name}_received_total", "counter", "What was passed to the stream.", "what",
                  {each: watch.sums[each] for each in COUNTED}),
        Metric.by(f"{name}_rejected_total", "counter", "Messages put aside.", "reason", dict(watch.put_aside)),
        Metric.by(f"{name}_refused_total", "counter", "Connections turned away or cut.", "reason",
                  dict(watch.refused)),
        Metric.one(f"{name}_clock_skew_seconds_max", "gauge", "The clock of a source that is farthest from ours.",
                   max((abs(one) for one in watch.clocks.values()), default=0) / 1000),
        *of_process(name),
    ]  # fmt: skip


async def _closed(client: Client) -> None:
    with contextlib.suppress(Exception):
        await client.close()
