"""What gateway processes tell each other (接入进程互通): who is connected where, what of a source's limits is used, and
that a client identifier came anew somewhere else.

Nothing waits for it. Each process judges by what it knows, and says each second over NATS what changed; so of a rate
each of several gives way within a second, and of a day's quota they pass at most what came in that second. While NATS
is away each counts alone, as a single one does; nobody is turned away for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, NoKeysError
from nats.js.kv import KeyValue

from quancheng.stream.gateways.mqtt.limits import day_of

if TYPE_CHECKING:
    from quancheng.stream.gateways.desk import Desk

log = logging.getLogger(__name__)

EVERY_S = 1.0
#: Every so many rounds all is told, and kept for who begins later; after so many without a word a process has ended.
WHOLE_ROUNDS = 10
#: For what is told by others already running a beginner waits so long.
GREET_S = 0.5
#: What is kept of a day is of no use after it.
KEPT_S = 2 * 86_400
_PUT_S = 5.0


class Told(msgspec.Struct, array_like=True):
    """What a process says. ``here``: sources that it has, None: as before; ``used``: points of the day by source."""

    name: str
    #: Milliseconds since 1970.
    at_ms: int
    day: int
    used: dict[int, int] = {}
    here: list[int] | None = None
    is_end: bool = False
    #: The speaker wants to hear all from everybody.
    asks: bool = False


class Came(msgspec.Struct, array_like=True):
    """A connection of a source was made at a process: the same client identifier elsewhere has ended (3.1.4)."""

    name: str
    at_ms: int
    source: int
    code: str
    client_id: str


@dataclass(slots=True)
class _Peer:
    day: int = 0
    used: dict[int, int] = field(default_factory=dict)
    here: set[int] = field(default_factory=set)
    #: Our rounds since it was heard.
    silent: int = 0
    #: It said goodbye, or nothing for so long that what it has is not known: until it tells that again.
    has_ended: bool = False


Take = Callable[[str, str, int], None]


class Sharing:
    """Of one process.

    :param space: as of the streams. :param every_s: between two rounds.
    """

    def __init__(self, client: Client, space: str = "", *, every_s: float = EVERY_S) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._client, self._space, self._every_s = client, space, every_s
        self._peers: dict[str, _Peer] = {}
        self._desk: Desk | None = None
        self._take: Take = lambda code, client_id, at_ms: None
        self._kept: KeyValue | None = None
        self._rounds = 0
        self._told_here: set[int] = set()
        self._told_used: dict[int, int] = {}
        self._told_day = 0
        #: A connection came here: the next round tells what is here, though it may have gone by then.
        self._has_come = False
        #: The others were asked, and had time to answer.
        self._is_begun = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, desk: Desk, take: Take | None = None) -> None:
        """Begin to listen, and learn what others know, before the doors open. What cannot be read is done without.

        :param desk: whose meters and connections are told. :param take: ends a connection of a source by client
            identifier that is older than a time in ms.
        """
        self._desk, self._take = desk, take or self._take
        desk.sharing = self
        desk.watch.on_came = self.came
        await self._client.subscribe(f"{self._space}gateways.told", cb=self._heard)
        await self._client.subscribe(f"{self._space}gateways.came", cb=self._heard_came)
        try:
            await self._remember()
        except (NatsError, OSError, TimeoutError) as trouble:
            log.warning("what gateways kept of today cannot be read: %s", trouble)
        await self._ask()
        await asyncio.sleep(min(GREET_S, self._every_s))
        self._is_begun = True

    async def keep(self) -> None:
        """Tell for ever."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.round()

    async def round(self) -> None:
        """Tell what changed; now and then all of it, and keep that. Who is not heard any more has ended."""
        self._rounds += 1
        is_whole = self._rounds % WHOLE_ROUNDS == 0
        await self._say(self._news(is_whole=is_whole))
        if is_whole:
            await self._keep_all()
        if not self._client.is_connected:
            # We do not hear anybody, and nobody is gone for that.
            return
        today = day_of(time.time())
        for name, peer in list(self._peers.items()):
            peer.silent += 1
            if peer.silent == WHOLE_ROUNDS:
                self._ended(name, peer)
            elif peer.silent > WHOLE_ROUNDS and peer.day != today:
                del self._peers[name]

    async def stop(self) -> None:
        """Say goodbye. What was used of the day stays kept."""
        await self._keep_all(is_end=True)
        await self._say(Told(self.name, _now_ms(), day_of(time.time()), is_end=True))
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            await self._client.flush(timeout=1)

    # What this process asks --------------------------------------------------------------------------------------

    def is_elsewhere(self, source: int) -> bool:
        """Whether another process has a connection of a source."""
        return any(source in peer.here for peer in self._peers.values())

    def elsewhere(self) -> Collection[int]:
        """Sources that other processes have."""
        return {source for peer in self._peers.values() for source in peer.here}

    def used(self, source: int, day: int) -> int:
        """Points of a day that a source sent through other processes, also those that have ended."""
        return sum(peer.used.get(source, 0) for peer in self._peers.values() if peer.day == day)

    def came(self, source: int, code: str = "", client_id: str = "") -> None:
        """A connection was made here; others hear of it at once. :param client_id: empty: nobody must end for it."""
        self._has_come = True
        if not self._client.is_connected:
            return
        task = asyncio.get_running_loop().create_task(
            self._publish("came", msgspec.msgpack.encode(Came(self.name, _now_ms(), source, code, client_id)))
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What others say ---------------------------------------------------------------------------------------------

    async def _heard(self, message: Msg) -> None:
        try:
            told = msgspec.msgpack.decode(message.data, type=Told)
        except msgspec.MsgspecError:
            log.warning("what another gateway tells cannot be read")
            return
        if told.name == self.name:
            return
        peer = self._peers.setdefault(told.name, _Peer())
        peer.silent = 0
        if told.here is not None:
            self._take_here(peer, set(told.here))
        self._take_used(peer, told.day, told.used)
        if told.is_end:
            self._ended(told.name, peer)
        elif peer.has_ended and not told.asks:
            # It only paused, and does not know that all it has counts as gone.
            await self._ask()
        if told.asks and self._desk is not None:
            # Who begins writes down that nobody is connected, but for what it has heard of by then.
            for source in self._desk.watch.here():
                self._desk.watch.touch(source)
            await self._say(self._news(is_whole=True))

    async def _heard_came(self, message: Msg) -> None:
        try:
            one = msgspec.msgpack.decode(message.data, type=Came)
        except msgspec.MsgspecError:
            return
        if one.name == self.name:
            return
        peer = self._peers.setdefault(one.name, _Peer())
        peer.silent = 0
        peer.here.add(one.source)
        if self._desk is not None and self._desk.watch.knows(one.source):
            # It came over from here: that it has gone may be being written down just now.
            self._desk.watch.touch(one.source)
        if one.client_id:
            self._take(one.code, one.client_id, one.at_ms)

    def _take_here(self, peer: _Peer, here: set[int]) -> None:
        """What a process has now. Somebody may have written down otherwise what he did not know then."""
        changed, peer.here, peer.has_ended = peer.here ^ here, here, False
        if self._desk is None:
            return
        for source in changed:
            # At the beginning what others have is left as it stands.
            is_news = self._is_begun if source in here else not self.is_elsewhere(source)
            if is_news:
                self._desk.watch.touch(source)

    def _take_used(self, peer: _Peer, day: int, used: Mapping[int, int]) -> None:
        if day < peer.day:
            return
        if day > peer.day:
            peer.day, peer.used = day, {}
        peer.used.update(used)
        if self._desk is not None:
            for source in used:
                # A batch of its own leaves no connection behind, but somebody sent it.
                others = max(1, sum(source in one.here for one in self._peers.values()))
                self._desk.note_elsewhere(source, day, self.used(source, day), others=others)

    def _ended(self, name: str, peer: _Peer) -> None:
        """A process has ended: what it alone had is connected nowhere. What it used of the day stays used."""
        lost, peer.here, peer.has_ended = peer.here, set(), True
        if self._desk is None:
            return
        for source in lost:
            if not self.is_elsewhere(source):
                self._desk.watch.touch(source)
        if lost:
            log.info("gateway %s has ended", name)

    # What is said ------------------------------------------------------------------------------------------------

    def _news(self, *, is_whole: bool, is_told: bool = True) -> Told:
        """What changed since the last time, or all of it. :param is_told: the others will hear of it."""
        if self._desk is None:
            return Told(self.name, _now_ms(), day_of(time.time()))
        day, here = day_of(time.time()), self._desk.watch.here()
        if day != self._told_day:
            self._told_day, self._told_used = day, {}
        used = self._desk.used(day)
        news = used if is_whole else {one: count for one, count in used.items() if self._told_used.get(one) != count}
        is_moved = is_whole or self._has_come or here != self._told_here
        if is_told:
            self._told_used, self._told_here, self._has_come = used, here, False
        return Told(self.name, _now_ms(), day, dict(news), sorted(here) if is_moved else None)

    async def _ask(self) -> None:
        await self._say(Told(self.name, _now_ms(), day_of(time.time()), asks=True))

    async def _say(self, told: Told) -> None:
        await self._publish("told", msgspec.msgpack.encode(told))

    async def _publish(self, what: str, content: bytes) -> None:
        # A connection that is away misses some; the next whole round makes up for it.
        with contextlib.suppress(NatsError, OSError):
            if self._client.is_connected:
                await self._client.publish(f"{self._space}gateways.{what}", content)

    # What is kept ------------------------------------------------------------------------------------------------

    async def _remember(self) -> None:
        """Read what was kept of today's use."""
        js, bucket = self._client.jetstream(), f"{self._space}gateways"
        try:
            self._kept = await js.key_value(bucket)
        except BucketNotFoundError:
            self._kept = await js.create_key_value(KeyValueConfig(bucket, history=1, ttl=KEPT_S))
        with contextlib.suppress(NoKeysError):
            for name in await self._kept.keys():
                try:
                    entry = await self._kept.get(name)
                    told = msgspec.msgpack.decode(entry.value or b"", type=Told)
                except (KeyNotFoundError, msgspec.MsgspecError) as trouble:
                    log.warning("what gateway %s kept of today cannot be read: %s", name, trouble)
                    continue
                if told.day == day_of(time.time()):
                    self._take_used(self._peers.setdefault(name, _Peer()), told.day, told.used)

    async def _keep_all(self, *, is_end: bool = False) -> None:
        if self._kept is None or not self._client.is_connected:
            return
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            told = msgspec.structs.replace(self._news(is_whole=True, is_told=False), is_end=is_end)
            await asyncio.wait_for(self._kept.put(self.name, msgspec.msgpack.encode(told)), _PUT_S)


def _now_ms() -> int:
    return int(time.time() * 1000)
