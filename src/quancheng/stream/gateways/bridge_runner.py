"""The process of the bridge (桥接进程): brokers of a district in, stream out, how each is into the records."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import nats
from django.utils import timezone
from nats.aio.msg import Msg

from quancheng.domains.monitoring.queries.bridges import OpenBroker, Route, open_brokers
from quancheng.domains.monitoring.services.bridges import SeenBroker, allowed, note_brokers, password_of
from quancheng.kernel.addresses import judge_host
from quancheng.stream.gateways.bridge import Bridges, Place, Rule, Told
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Book, Grant
from quancheng.stream.gateways.mqtt.watch import Watch
from quancheng.stream.gateways.runner import WRITE_S, Asides, ended, flush_by, in_turn
from quancheng.stream.gateways.sharing import Sharing
from quancheng.stream.messages import Publisher, StreamSettings, ensure_streams
from quancheng.stream.threads import kept

log = logging.getLogger(__name__)


@dataclass
class BridgeRunner:
    """One process; only one may run, for a broker knows us by one name."""

    nats_url: str
    settings: StreamSettings = field(default_factory=StreamSettings)
    every_s: float = 5.0

    async def run(self) -> None:
        """Serve until cancelled."""
        client = await nats.connect(self.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
        await ensure_streams(client.jetstream(), self.settings)
        publisher, asides, sharing = Publisher(client, self.settings), Asides(), Sharing(client, self.settings.space)
        # Whom a message is of says a rule; nobody signs in here.
        desk = Desk(
            Book(dict), publisher, partitions=self.settings.partitions, aside=asides.put,
            watch=Watch(flush_by(sharing), every_s=WRITE_S),
        )  # fmt: skip
        await sharing.start(desk)
        bridges = Bridges(desk, kept(_places), _tell, every_s=self.every_s)
        await client.subscribe(f"{self.settings.space}commands.*.rebirth", cb=_asked(bridges))
        tasks = [asyncio.create_task(bridges.run()), asyncio.create_task(asides.keep())]
        tasks.append(asyncio.create_task(sharing.keep()))
        try:
            await asyncio.gather(*tasks)
        finally:
            await in_turn(lambda: ended(tasks), sharing.stop, publisher.close, asides.written, client.close)


def _places() -> list[Place]:
    return [_place(one) for one in open_brokers()]


def _place(one: OpenBroker) -> Place:
    rules = tuple(Rule(route.pattern, route.form, _grant(route)) for route in one.routes)
    password, resolve = None, _resolver(one)
    try:
        password = password_of(one.password)
    except Exception:
        # Whatever is wrong with what was sealed: this broker tells it, and the others go on.
        log.exception("the password of broker %s cannot be unsealed", one.pk)
        resolve = _unsealable
    return Place(one.pk, one.host, one.port, one.is_tls, one.user, password, rules, resolve)


def _unsealable() -> str:
    raise ValueError("口令无法解封，请重新填写 (the password cannot be unsealed)")


def _resolver(one: OpenBroker) -> Callable[[], str]:
    # Judged again at each connection: a name may come to mean another place.
    return lambda: judge_host(one.host, one.port, allowed())


def _grant(route: Route) -> Grant:
    return Grant(
        source=route.source, code=route.code, enterprise=route.enterprise, digest=b"", forms=frozenset(route.forms),
        points_per_s=route.points_per_s, burst_points=route.burst_points, points_per_day=route.points_per_day,
        most_bytes=route.most_bytes,
    )  # fmt: skip


async def _tell(told: Sequence[Told]) -> None:
    seen = [SeenBroker(one.pk, one.is_online, one.last_at, one.messages, one.topics, one.trouble) for one in told]
    await asyncio.to_thread(kept(note_brokers), seen, now=timezone.now())


def _asked(bridges: Bridges) -> Callable[[Msg], Awaitable[None]]:
    async def ask(message: Msg) -> None:
        """A processor wants an edge node to be born again: it says which by the topic of the command."""
        await bridges.send(int(message.subject.split(".")[-2]), message.data.decode())

    return ask
