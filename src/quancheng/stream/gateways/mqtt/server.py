"""The gateway for MQTT (MQTT 接入网关): lets sources in, passes on what they send, answers when the stream has it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import time
from collections import deque
from dataclasses import dataclass

from quancheng.stream.envelope import Received
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Grant
from quancheng.stream.gateways.mqtt.limits import Meter
from quancheng.stream.gateways.mqtt.packets import (
    BAD_CREDENTIALS,
    NOT_AUTHORISED,
    UNAVAILABLE,
    WRONG_CLIENT_ID,
    Connect,
)
from quancheng.stream.gateways.mqtt.session import Session
from quancheng.stream.gateways.mqtt.topics import FORMS


@dataclass(frozen=True, slots=True)
class Terms:
    """Times and bounds of the gateway. Memory is at most ``flight_bytes`` and, of each connection, what one read
    brings (256 KiB) and a message half received (twice the source's largest)."""

    #: CONNECT must come within this (3.1.4).
    connect_s: float = 10.0
    #: A connection without keep alive is cut after this silence.
    idle_s: float = 1800.0
    #: How often silence, grants and closed connections are looked at.
    tick_s: float = 1.0
    #: Messages and bytes of one connection that wait for the stream; above, it is not read.
    window: int = 256
    window_bytes: int = 2 * 1024**2
    #: Bytes of all connections that wait for the stream.
    flight_bytes: int = 64 * 1024**2
    connections: int = 10_000
    #: Of these, such as have not signed in yet.
    newcomers: int = 1_000
    #: Of one source; the oldest is closed for a new one.
    connections_of_source: int = 8


class Gateway:
    """All connections of one process.

    A source signs in with its code as user name and its secret as password. Devices that know only a token, as those
    made for ThingsBoard, send it as user name without a password: ``<code>:<secret>``, or the secret alone where the
    client identifier is the code. Where TLS asks devices for certificates, the common name must be the code as well.

    While NATS is away nothing is acknowledged: connections end after the publisher's timeout, devices come back and
    send again. The caller's NATS client must go on reconnecting (``max_reconnect_attempts=-1``).

    :param desk: who may send, and where it goes; shared with the other doors of the process.
    """

    def __init__(self, desk: Desk, *, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        self.watch = desk.watch
        self.is_stopping = False
        self._desk = desk
        self._book = desk.book
        self._sessions: set[Session] = set()
        self._signed_in = 0
        #: The signed-in connections of a source by client identifier, the oldest first.
        self._by_code: dict[str, dict[str, Session]] = {}
        self._flight_bytes = 0
        self._waiting: deque[Session] = deque()
        self._names = itertools.count(1)
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = asyncio.Event()
        #: Closed connections whose last messages still wait for their answer.
        self._leaving: set[Session] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Accept connections; the port, chosen by the system where ``port`` is 0."""
        loop = asyncio.get_running_loop()
        timeout = self.terms.connect_s if tls else None
        self._server = await loop.create_server(
            lambda: Session(self), host, port, ssl=tls, ssl_handshake_timeout=timeout, backlog=1024
        )
        self._tasks = [loop.create_task(self._tick()), loop.create_task(self.watch.keep(self._ending))]
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self, grace_s: float = 10.0) -> None:
        """Accept nothing more, answer what was taken, close. What is not answered by then the devices send again.

        Wills are not published: devices are not lost, they come back to the next gateway (3.1.2.5 allows to wait).
        """
        self.is_stopping = True
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.hold()
        until = time.monotonic() + grace_s
        while any(session.in_flight for session in self._all()) and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for session in list(self._sessions):
            session.close("stopped", with_will=False)
        while self._sessions and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for session in list(self._sessions):
            session.abort()
        while self._sessions:
            await asyncio.sleep(0)
        self._ending.set()
        if self._tasks:
            tick, keep = self._tasks
            tick.cancel()
            await asyncio.wait([tick])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(keep, max(1.0, until - time.monotonic()))

    def send(self, source_code: str, topic: str, payload: bytes) -> int:
        """Hand a command to a source, at QoS 0; how many of its connections got it (none: it is not here, did not
        subscribe, or does not read). Whoever asks repeats until it sees the answer of the device."""
        return sum(session.send(topic, payload) for session in self._by_code.get(source_code, {}).values())

    @property
    def connections(self) -> int:
        """Connections now, signed in or not yet."""
        return len(self._sessions)

    @property
    def flight_bytes(self) -> int:
        """Bytes that wait for the stream."""
        return self._flight_bytes

    # --- what sessions call ---

    def opened(self, session: Session) -> None:
        self._sessions.add(session)
        newcomers = len(self._sessions) - self._signed_in
        if self.is_stopping or len(self._sessions) > self.terms.connections or newcomers > self.terms.newcomers:
            self.watch.refused["too_many"] += 1
            session.abort()

    def closed(self, session: Session) -> None:
        self._sessions.discard(session)
        if session.in_flight:
            self._leaving.add(session)
        if session.grant is None:
            return
        self._signed_in -= 1
        self.watch.gone(session.grant.source, _now_ms())
        mine = self._by_code.get(session.grant.code, {})
        if mine.get(session.client_id) is session:
            del mine[session.client_id]
            if not mine:
                del self._by_code[session.grant.code]

    def admit(self, session: Session, packet: Connect) -> int | tuple[Grant, str, Meter]:
        """Who signs in, under which client identifier, within which limits; or the code of CONNACK (3.2.2.3)."""
        if not packet.client_id and not packet.clean:
            return WRONG_CLIENT_ID  # 3.1.3.1
        if not self._book.is_loaded:
            return UNAVAILABLE
        grant = self._find(packet)
        if grant is None:
            return BAD_CREDENTIALS
        if not grant.forms & FORMS or session.certified_name not in (None, grant.code):
            return NOT_AUTHORISED
        client_id = packet.client_id or f"\0{next(self._names)}"
        mine = self._by_code.setdefault(grant.code, {})
        # 3.1.4: the newcomer wins, for the older is most often one that nobody told us is dead.
        older = mine.pop(client_id, None)
        if older is None and len(mine) >= self.terms.connections_of_source:
            older = mine.pop(next(iter(mine)))
        if older is not None:
            older.close("taken_over")
        mine[client_id] = session
        session.since_ms = _now_ms()
        if self._desk.sharing is not None and packet.client_id:
            self._desk.sharing.came(grant.source, grant.code, client_id)
        self._signed_in += 1
        self.watch.came(grant.source, _now_ms())
        return grant, client_id, self._desk.meter(grant, asyncio.get_running_loop().time())

    def take_over(self, code: str, client_id: str, at_ms: int) -> None:
        """The same client came to another process at a time: here it has ended, unless it came later (3.1.4)."""
        mine = self._by_code.get(code, {})
        session = mine.get(client_id)
        if session is not None and session.since_ms < at_ms:
            del mine[client_id]
            if not mine:
                del self._by_code[code]
            session.close("taken_over")

    def _find(self, packet: Connect) -> Grant | None:
        if packet.user is None:
            return None
        if packet.password is not None:
            return self._book.find(packet.user, packet.password.decode(errors="replace"))
        code, mark, secret = packet.user.partition(":")
        return self._book.find(code, secret) if mark else self._book.find(packet.client_id, packet.user)

    def publish(self, grant: Grant, message: Received, points: int) -> asyncio.Future[None]:
        """Hand a message to the stream."""
        return self._desk.publish(grant, message, points)

    def put_aside(self, message: Received, reason: str) -> None:
        """Keep what cannot be read or is too much apart, and count it."""
        self._desk.put_aside(message, reason)

    def has_room(self, session: Session) -> bool:
        """Whether a message may be taken; where not, the session is woken when it may."""
        if self._flight_bytes < self.terms.flight_bytes:
            return True
        if not session.waits_for_room:
            session.waits_for_room = True
            self._waiting.append(session)
        return False

    def took(self, size: int) -> None:
        self._flight_bytes += size

    def answered(self, size: int) -> None:
        """Messages left the flight; who waited longest goes first."""
        self._flight_bytes -= size
        while self._waiting and self._flight_bytes < self.terms.flight_bytes:
            session = self._waiting.popleft()
            session.waits_for_room = False
            session.work()

    # --- from time to time ---

    async def _tick(self) -> None:
        """Cut who is silent or was taken back; tell sessions of changed grants."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.terms.tick_s)
            now = loop.time()
            for session in list(self._sessions):
                session.check(now)
                self._look_up(session)
            self._leaving = {session for session in self._leaving if session.in_flight}

    def _look_up(self, session: Session) -> None:
        if session.grant is None:
            return
        found = self._book.current(session.grant)
        if found is None:
            session.close("taken_back", with_will=False)
        elif found != session.grant:
            session.renew(found)

    def _all(self) -> set[Session]:
        return self._sessions | self._leaving


def _now_ms() -> int:
    return int(time.time() * 1000)
