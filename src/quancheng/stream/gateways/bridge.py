"""The bridge to brokers of MQTT that a district has already (消息服务器桥接).

It subscribes at QoS 1 under a session that the broker keeps, and acknowledges a message only when the stream has it:
what comes while we are away the broker holds, as far as it is set up to. Whose a message is says the rule that an
administrator entered for its topic, never the message; what no rule maps is counted and let go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from quancheng.kernel.errors import DomainError
from quancheng.standards.signals.sparkplug import rebirth_command
from quancheng.stream.envelope import Received
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Grant
from quancheng.stream.gateways.mqtt.client import Address, Client, Refused
from quancheng.stream.gateways.mqtt.limits import OVER_LIMIT
from quancheng.stream.gateways.mqtt.packets import Publish
from quancheng.stream.gateways.mqtt.topics import covers, points_in
from quancheng.stream.gateways.presence import Presence
from quancheng.stream.store.times import moment

log = logging.getLogger(__name__)
#: Messages that wait to be looked at: above, nothing is read; and those on their way to the stream.
MOST_WAITING, WINDOW = 256, 256
#: Packets of a broker up to this size are read, so that one too large for its source is put aside and not sent again.
MOST_BYTES = 8 * 1024**2
#: A source is called present for so long after its last message.
PRESENT_S = 300.0
#: Between attempts to connect, at first and at most.
WAIT_S = (1.0, 60.0)
#: A broker answers a subscription within this.
SUBACK_S = 10.0


@dataclass(frozen=True, slots=True)
class Rule:
    """Topics of a pattern are of a source, in a form."""

    pattern: str
    form: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Place:
    """A broker, how it is reached, and its rules. ``resolve``: the address to connect to; runs in a thread."""

    pk: uuid.UUID
    host: str
    port: int
    is_tls: bool
    user: str
    password: str | None
    rules: tuple[Rule, ...]
    resolve: Callable[[], str] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Told:
    """How a broker is, and what came since the last time."""

    pk: uuid.UUID
    is_online: bool
    last_at: datetime | None
    messages: int
    topics: dict[str, int]
    trouble: str


def rule_of(rules: Sequence[Rule], topic: str) -> Rule | None:
    """The most exact rule of a topic: fewer levels left open, and none that leaves all that follow open."""
    found = [rule for rule in rules if covers(rule.pattern, topic)]
    # 4.7.2: a pattern that begins with a wildcard does not mean what a broker tells of itself.
    found = [rule for rule in found if not (topic.startswith("$") and rule.pattern[0] in "+#")]
    return min(found, key=lambda rule: _openness(rule.pattern), default=None)


def _openness(pattern: str) -> tuple[bool, int, int, str]:
    levels = pattern.split("/")
    return levels[-1] == "#", levels.count("+"), -len(levels), pattern


def wishes_of(patterns: Sequence[str]) -> list[str]:
    """Patterns to subscribe to: not those inside another, or many brokers would send such a message twice (3.3.5)."""
    return [
        one for one in patterns
        if not any(
            other != one and covers(other, one) and (other[-1] == "#" or one[-1] != "#") for other in patterns
        )
    ]  # fmt: skip


class Bridge:
    """One broker. :meth:`run` ends by cancellation alone.

    :param desk: shared by all bridges of the process.
    """

    def __init__(self, desk: Desk, place: Place, presence: Presence, *, wait_s: tuple[float, float] = WAIT_S) -> None:
        self.place = place
        self.trouble = ""
        self._desk, self._presence, self._wait_s = desk, presence, wait_s
        self._client: Client | None = None
        self._is_subscribed = False
        self._waiting: deque[tuple[Publish, Callable[[], None]]] = deque()
        self._arrived = asyncio.Event()
        self._window = asyncio.Semaphore(WINDOW)
        #: Answers in the order in which messages came (4.6): the future of the stream, and what acknowledges it.
        self._flight: deque[tuple[asyncio.Future[None] | None, Callable[[], None]]] = deque()
        self._topics: Counter[str] = Counter()
        self._messages = 0
        self._last_ms: int | None = None

    @property
    def is_online(self) -> bool:
        return self._is_subscribed and self._client is not None and self._client.is_connected

    def told(self) -> Told:
        """What came since this was last asked."""
        topics, self._topics = dict(self._topics), Counter()
        messages, self._messages = self._messages, 0
        last = None if self._last_ms is None else moment(self._last_ms)
        return Told(self.place.pk, self.is_online, last, messages, topics, "" if self.is_online else self.trouble)

    async def run(self) -> None:
        """Fetch messages; a broker that is away is tried again, ever more seldom.

        Each time its address is resolved and judged anew: its name may have come to mean a place that is not allowed.
        """
        first_s, most_s = self._wait_s
        wait_s = first_s
        while True:
            began = time.monotonic()
            try:
                await self._serve()
            except (OSError, TimeoutError, ValueError, DomainError) as away:
                # Also an address that is not allowed any more: the page shows it.
                self.trouble = f"CONNACK {away.code}" if isinstance(away, Refused) else str(away) or type(away).__name__
                log.warning("broker %s:%s: %s", self.place.host, self.place.port, self.trouble)
            if time.monotonic() - began > most_s:
                wait_s = first_s
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, most_s)

    async def send(self, source: int, topic: str, body: bytes) -> None:
        """Hand a command to a source that speaks Sparkplug through this broker."""
        if self._client is not None and any(
            rule.grant.source == source and rule.form == "sparkplug" for rule in self.place.rules
        ):
            await self._client.publish(topic, body, qos=0)

    async def _serve(self) -> None:
        place = self.place
        address = Address(
            place.host, place.port, f"qc{place.pk.hex[-20:]}", place.user or None, place.password, clean=False,
            tls=ssl.create_default_context() if place.is_tls else None, resolved=await asyncio.to_thread(place.resolve),
        )  # fmt: skip
        self._waiting.clear()
        self._flight.clear()
        client = self._client = Client(address, on_delivery=self._came, most_bytes=MOST_BYTES, reconnects=False)
        try:
            await client.start()
            # The will of the kept session may be of rules that have gone since: what they still bring is let go.
            wishes = wishes_of([rule.pattern for rule in place.rules])
            async with asyncio.timeout(SUBACK_S):
                granted = await client.subscribe(*wishes) if wishes else ()
            refused = [wish for wish, code in zip(wishes, granted, strict=False) if code > 2]
            if refused:
                raise OSError(f"SUBACK {' '.join(refused)}")
            self._is_subscribed = True
            await self._work_until_lost(client)
        finally:
            self._client, self._is_subscribed = None, False
            await client.close()

    async def _work_until_lost(self, client: Client) -> None:
        working, ended = asyncio.create_task(self._work()), asyncio.create_task(client.ended())
        try:
            await asyncio.wait([working, ended], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
            raise ConnectionResetError("connection lost")
        finally:
            for task in (working, ended):
                task.cancel()
            await asyncio.gather(working, ended, return_exceptions=True)

    def _came(self, packet: Publish, acknowledge: Callable[[], None]) -> None:
        self._waiting.append((packet, acknowledge))
        self._arrived.set()
        if len(self._waiting) >= MOST_WAITING and self._client is not None:
            self._client.listen(wanted=False)

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._arrived.clear()
                if self._client is not None:
                    self._client.listen(wanted=True)
                await self._arrived.wait()
            packet, acknowledge = self._waiting.popleft()
            await self._take(packet, acknowledge)

    async def _take(self, packet: Publish, acknowledge: Callable[[], None]) -> None:
        self._messages += 1
        wall_s = time.time()
        self._last_ms = int(wall_s * 1000)
        rule = rule_of(self.place.rules, packet.topic)
        if rule is None or packet.retain:
            # What was retained is an old message under the time of today; while we were here it came as a new one.
            if rule is None:
                self._topics[packet.topic] += 1
            self._owe(None, acknowledge)
            return
        grant, body = rule.grant, packet.body
        self._presence.heard(grant.source)
        points = points_in(rule.form, body)
        message = Received(grant.source, rule.form, packet.topic, self._last_ms, body)
        now = asyncio.get_running_loop().time()
        verdict = self._desk.meter(grant, now).judge(points, now, time.time())
        # All sources of a broker share this way: one that sends too much must not hold up the others.
        over = OVER_LIMIT if verdict.wait_s else ""
        fault = "" if rule.form in grant.forms else "form"
        reason = verdict.reason or over or fault or ("too_large" if len(body) > grant.most_bytes else "")
        if reason:
            self._desk.put_aside(message, reason)
            self._owe(None, acknowledge)
            return
        await self._window.acquire()
        kept = self._desk.publish(grant, message, points)
        kept.add_done_callback(lambda done: self._kept(grant, done))
        self._owe(kept, acknowledge)

    def _owe(self, kept: asyncio.Future[None] | None, acknowledge: Callable[[], None]) -> None:
        self._flight.append((kept, acknowledge))
        self._answer()

    def _kept(self, grant: Grant, done: asyncio.Future[None]) -> None:
        self._window.release()
        if done.cancelled() or done.exception() is not None:
            self._desk.watch.rejected(grant.source, "not_kept")
        self._answer()

    def _answer(self) -> None:
        """Acknowledge what is due, in order. Where the stream did not take a message, the connection ends: the broker
        sends it and all after it again (4.4)."""
        while self._flight:
            kept, acknowledge = self._flight[0]
            if kept is not None and not kept.done():
                return
            if kept is not None and (kept.cancelled() or kept.exception() is not None):
                self._flight.clear()
                self._waiting.clear()
                if self._client is not None:
                    self._client.drop()
                return
            self._flight.popleft()
            acknowledge()


class Bridges:
    """All bridges of one process, begun and ended as brokers and rules are entered, changed, stopped.

    :param load: reads them all; runs in a thread. :param tell: writes down how they are.
    """

    def __init__(
        self, desk: Desk, load: Callable[[], Sequence[Place]], tell: Callable[[Sequence[Told]], Awaitable[None]], *,
        every_s: float = 5.0,
    ) -> None:  # fmt: skip
        self._desk, self._load, self._tell, self._every_s = desk, load, tell, every_s
        self._running: dict[uuid.UUID, tuple[Bridge, asyncio.Task[None]]] = {}
        self.presence = Presence(desk.watch, PRESENT_S)

    async def run(self) -> None:
        """Until cancelled."""
        ending = asyncio.Event()
        flushing = asyncio.create_task(self._desk.watch.keep(ending))
        try:
            while True:
                try:
                    await self._renew(await asyncio.to_thread(self._load))
                    await self._tell([bridge.told() for bridge, _task in self._running.values()])
                except Exception:
                    log.exception("brokers could not be read; those that are known go on")
                self.presence.sweep()
                await asyncio.sleep(self._every_s)
        finally:
            await self._renew(())
            self.presence.sweep(everybody=True)
            ending.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(flushing, 2.0)

    async def send(self, source: int, topic: str) -> None:
        """Ask an edge node, through whichever broker it comes, to be born again."""
        command = rebirth_command(int(time.time() * 1000))
        for bridge, _task in self._running.values():
            await bridge.send(source, topic, command)

    async def _renew(self, places: Sequence[Place]) -> None:
        wanted = {place.pk: place for place in places}
        for pk, (bridge, task) in list(self._running.items()):
            if wanted.get(pk) != bridge.place or task.done():
                del self._running[pk]
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for pk, place in wanted.items():
            if pk not in self._running:
                bridge = Bridge(self._desk, place, self.presence)
                self._running[pk] = (bridge, asyncio.create_task(bridge.run()))
