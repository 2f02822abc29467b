"""The process of a gateway (接入进程): devices in, stream out, what was seen of them into the records."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nats
from django.utils import timezone
from nats.aio.msg import Msg

from quancheng.domains.monitoring.queries.asides import MOST_KEPT, replays_due
from quancheng.domains.monitoring.queries.sources import open_sources
from quancheng.domains.monitoring.services.processing import Unread, keep_asides
from quancheng.domains.monitoring.services.replaying import note_replayed
from quancheng.domains.monitoring.services.sources import Seen, forget_presence, note_seen
from quancheng.standards.signals.sparkplug import rebirth_command
from quancheng.stream.envelope import Received, partition_of
from quancheng.stream.figures import Teller
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Book, Grant
from quancheng.stream.gateways.hj212 import Hj212Gateway
from quancheng.stream.gateways.http.server import HttpGateway
from quancheng.stream.gateways.mqtt.server import Gateway
from quancheng.stream.gateways.mqtt.watch import Flush, Report, Watch
from quancheng.stream.gateways.sharing import Sharing
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
#: Messages that are put into the stream again at once.
MOST_REPLAYED = 200


class Asides:
    """What was put aside, until it is written down."""

    def __init__(self) -> None:
        self._waiting: list[Unread] = []

    def put(self, message: Received, reason: str) -> None:
        """Take it; above :data:`MOST_ASIDES` it is only counted elsewhere."""
        if len(self._waiting) < MOST_ASIDES:
            at = moment(message.arrived_ms)
            body = bytes(message.body[:MOST_KEPT])
            self._waiting.append(Unread(message.source, at, message.form, message.topic, reason, "", "", body))

    async def keep(self) -> None:
        """Write it down for ever; a database that is away is waited for."""
        while True:
            await asyncio.sleep(WRITE_S)
            try:
                await self.written()
            except Exception:
                log.exception("what was put aside waits for the database")

    async def written(self) -> None:
        """Write some of it down."""
        taken = self._waiting[:500]
        if taken:
            await asyncio.to_thread(kept(keep_asides), taken)
            del self._waiting[: len(taken)]


@dataclass
class GatewayRunner:
    """One process.

    :param port: of MQTT; 0: the system chooses. :param http_port: of batches over HTTP; ``None``: that door stays shut.
    :param hj212_port: of HJ 212, which is never encrypted; ``None`` as before.
    :param told: hears the port of MQTT when all doors are open; ``ports`` has them all.
    """

    nats_url: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None
    settings: StreamSettings = field(default_factory=StreamSettings)
    told: Callable[[int], None] = lambda port: None
    http_port: int | None = None
    hj212_port: int | None = None
    #: On the loopback, for Prometheus; 0: none.
    metrics_port: int = 0

    def __post_init__(self) -> None:
        self._asides = Asides()
        #: Open doors: ``mqtt``, ``http``, ``hj212``.
        self.ports: dict[str, int] = {}
        self.book = Book(_grants)

    async def run(self) -> None:
        """Serve until cancelled; then answer what was taken."""
        client = await nats.connect(self.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
        await ensure_streams(client.jetstream(), self.settings)
        await self.book.refresh()
        publisher, sharing = Publisher(client, self.settings), Sharing(client, self.settings.space)
        desk = Desk(
            self.book, publisher, partitions=self.settings.partitions, aside=self._asides.put,
            watch=Watch(flush_by(sharing), every_s=WRITE_S),
        )  # fmt: skip
        gateway, http, stations = Gateway(desk), HttpGateway(desk), Hj212Gateway(desk)
        await sharing.start(desk, gateway.take_over)
        await asyncio.to_thread(kept(forget_presence), but=sharing.elsewhere())
        await client.subscribe(f"{self.settings.space}commands.*.rebirth", cb=self._asked(gateway))
        self.ports["mqtt"] = await gateway.start(self.host, self.port, self.tls)
        if self.http_port is not None:
            self.ports["http"] = await http.start(self.host, self.http_port, self.tls)
        if self.hj212_port is not None:
            self.ports["hj212"] = await stations.start(self.host, self.hj212_port)
        self.told(self.ports["mqtt"])
        helpers = [asyncio.create_task(self.book.keep()), asyncio.create_task(self._asides.keep())]
        helpers += [asyncio.create_task(self._replay(publisher)), asyncio.create_task(sharing.keep())]
        teller = Teller("gateway", lambda: _figures(gateway), lambda: _metrics(gateway), port=self.metrics_port)
        helpers.append(asyncio.create_task(teller.tell()))
        try:
            await asyncio.gather(*helpers)
        finally:
            await in_turn(
                # MQTT last: with it goes what is reported of all of them.
                lambda: asyncio.gather(http.stop(grace_s=1.0), stations.stop(grace_s=1.0)),
                lambda: gateway.stop(grace_s=2.0),
                publisher.close,
                lambda: ended(helpers),
                # The others wait for nothing else of us.
                sharing.stop,
                lambda: asyncio.to_thread(kept(forget_presence), but=sharing.elsewhere()),
                self._asides.written,
                client.close,
            )

    async def _replay(self, publisher: Publisher) -> None:
        """Put what somebody asked for into the stream again. What fails waits; told twice it does no harm."""
        while True:
            await asyncio.sleep(WRITE_S)
            try:
                while await self._replayed(publisher):
                    pass
            except Exception:
                log.exception("messages that were put aside wait to be read again")

    async def _replayed(self, publisher: Publisher) -> bool:
        """Some of it; whether there may be more."""
        due = await asyncio.to_thread(kept(replays_due), MOST_REPLAYED)
        now = timezone.now()
        now_ms = int(now.timestamp() * 1000)
        sent, unread = [], []
        for one in due:
            reason = "form" if one.form not in one.forms else "too_large" if len(one.body) > one.most_bytes else ""
            if reason:
                unread.append(Unread(one.source, now, one.form, one.topic, reason, "", "", one.body))
                continue
            arrived_ms = int(one.at.timestamp() * 1000)
            message = Received(one.source, one.form, one.topic, arrived_ms, one.body, now_ms)
            sent.append(publisher.add(partition_of(one.enterprise, self.settings.partitions), message))
        await asyncio.gather(*sent)
        if due:
            await asyncio.to_thread(kept(note_replayed), [one.pk for one in due], unread=unread, now=now)
        return len(due) == MOST_REPLAYED

    def _asked(self, gateway: Gateway) -> Callable[[Msg], Awaitable[None]]:
        async def ask(message: Msg) -> None:
            """A processor wants an edge node to be born again: it says which by the topic of the command."""
            number = int(message.subject.split(".")[-2])
            grant = self.book.of_source(number)
            if grant is not None:
                now_ms = int(timezone.now().timestamp() * 1000)
                gateway.send(grant.code, message.data.decode(), rebirth_command(now_ms))

        return ask


def _grants() -> Mapping[str, Grant]:
    return {
        one.code: Grant(
            source=one.number, code=one.code, enterprise=one.enterprise, digest=one.digest,
            forms=frozenset(one.forms), points_per_s=one.points_per_s, burst_points=one.burst_points,
            points_per_day=one.points_per_day, most_bytes=one.most_bytes, mn=one.mn,
        )
        for one in kept(open_sources)()
    }  # fmt: skip


def flush_by(sharing: Sharing) -> Flush:
    """Writes down what a watch saw of sources; what another process has is connected, too."""

    async def write(reports: Sequence[Report]) -> None:
        await flush(reports, elsewhere=sharing.elsewhere())

    return write


async def flush(reports: Sequence[Report], *, elsewhere: Collection[int] = ()) -> None:
    """Write down what a watch saw of sources. :param elsewhere: those that another process has."""
    seen = [
        Seen(
            one.source, one.connections > 0 or one.source in elsewhere,
            None if one.last_message_ms is None else moment(one.last_message_ms),
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


async def in_turn(*steps: Callable[[], Awaitable[object]]) -> None:
    """The end of a process: each step is gone, whatever became of those before."""
    for step in steps:
        try:
            await step()
        except Exception:
            log.exception("a step of ending failed")


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
