"""A device's side of MQTT 3.1.1, for the simulator and for tests: QoS 0 and 1, will, reconnection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from quancheng.stream.gateways.mqtt.codec import Decoder
from quancheng.stream.gateways.mqtt.packets import (
    ACCEPTED,
    REFUSED,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    ProtocolError,
    Puback,
    Publish,
    Suback,
    Subscribe,
    Will,
    encode,
    puback,
)

log = logging.getLogger(__name__)

_MOST_BYTES = 1024 * 1024
_MOST_DOUBLED = 16


class Refused(ConnectionError):
    """The server does not let us in. ``code`` is that of CONNACK (3.2.2.3)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with code {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and as whom."""

    host: str
    port: int
    client_id: str
    user: str | None = None
    password: str | None = None
    keep_alive_s: int = 60
    will: Will | None = None
    tls: ssl.SSLContext | None = None
    #: ``False``: the server keeps what comes for us while we are away (3.1.2.4).
    clean: bool = True
    #: The address to which ``host`` was resolved, where it must be no other.
    resolved: str | None = None


class Client:
    """One device. What was published at QoS 1 is sent again after each reconnection until it is acknowledged.

    :param window: messages that may wait for their PUBACK; :meth:`publish` waits above it.
    :param on_delivery: gets what we subscribed to, with what acknowledges it; where it is given we subscribe at QoS 1.
    :param most_bytes: largest packet that is taken.
    :param wait_s: between attempts to connect, doubled up to the second number.
    :param reconnects: ``False``: who uses it begins a new one after :meth:`ended`.
    """

    def __init__(
        self,
        address: Address,
        *,
        window: int = 100,
        on_message: Callable[[Publish], None] | None = None,
        on_delivery: Callable[[Publish, Callable[[], None]], None] | None = None,
        most_bytes: int = _MOST_BYTES,
        wait_s: tuple[float, float] = (0.2, 10.0),
        reconnects: bool = True,
    ) -> None:
        self._address = address
        self._window = window
        self._on_message = on_message
        self._on_delivery = on_delivery
        self._most_bytes = most_bytes
        self._wait_s = wait_s
        self._reconnects = reconnects
        self._link: _Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._number = 0
        self._unanswered: dict[int, tuple[Publish, asyncio.Future[None]]] = {}
        self._room: deque[asyncio.Future[None]] = deque()
        self._wishes: list[str] = []
        self._subscribing: dict[int, asyncio.Future[tuple[int, ...]]] = {}
        #: Filters of each SUBSCRIBE that waits for its SUBACK, also of those after a reconnection.
        self._asked: dict[int, tuple[str, ...]] = {}
        #: Filters that the server did not grant when it was last asked.
        self.refused: frozenset[str] = frozenset()
        #: How often running SUBACK did not fit: each doubles the wait before the next connection.
        self._misfits = 0
        #: How often a connection was made.
        self.connections = 0

    async def start(self) -> None:
        """Connect, and stay connected until :meth:`close`.

        :raises Refused: the first attempt was turned away.
        :raises OSError: nobody answers.
        """
        link = await self._connect()
        self._task = asyncio.get_running_loop().create_task(self._stay(link))

    async def ended(self) -> None:
        """Until the connection is lost, of a client that does not connect again."""
        if self._task is not None:
            await asyncio.wait([self._task])

    @property
    def unanswered(self) -> int:
        """Messages at QoS 1 without their PUBACK."""
        return len(self._unanswered)

    async def publish(self, topic: str, body: bytes, *, qos: int = 1) -> asyncio.Future[None]:
        """Send a message when the window has room; the future ends with its PUBACK (QoS 0: it has ended).

        At QoS 0 a message is lost while there is no connection, as QoS 0 says.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not qos:
            if self._link is not None:
                self._link.write(encode(Publish(topic, body)))
                await self._link.room()
            kept.set_result(None)
            return kept
        while len(self._unanswered) >= self._window:
            room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._room.append(room)
            await room
        packet = Publish(topic, body, 1, self._next_id())
        self._unanswered[packet.packet_id] = (packet, kept)
        if self._link is not None:
            self._link.write(encode(packet))
        return kept

    async def subscribe(self, *wishes: str) -> tuple[int, ...]:
        """Subscribe to filters, now and after each reconnection; what SUBACK grants, by filter (3.9.3).

        What is refused is logged once, stands in ``refused``, and is asked for again after each reconnection.

        :raises ConnectionError: the connection was lost before it came.
        """
        self._wishes += [wish for wish in wishes if wish not in self._wishes]
        await self._connected.wait()
        granted: asyncio.Future[tuple[int, ...]] = asyncio.get_running_loop().create_future()
        self._subscribing[self._ask(wishes)] = granted
        return await granted

    async def drained(self) -> None:
        """Wait until everything is acknowledged."""
        while self._unanswered:
            await asyncio.wait([kept for _packet, kept in self._unanswered.values()])

    async def close(self) -> None:
        """Say goodbye; the will is not published. What is unanswered or waits for room ends with ConnectionError."""
        if self._link is not None:
            self._link.write(encode(Disconnect()))
            self._link.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        waiting: list[asyncio.Future[Any]]
        waiting = [*self._room, *(kept for _packet, kept in self._unanswered.values()), *self._subscribing.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(ConnectionError("closed"))
                # Nobody need wait for it.
                future.exception()

    def drop(self) -> None:
        """Lose the connection as by a cut cable; the client connects again."""
        if self._link is not None:
            self._link.abort()

    @property
    def is_connected(self) -> bool:
        return self._link is not None

    def listen(self, *, wanted: bool) -> None:
        """Read on, or leave what comes to the server for now."""
        if self._link is not None:
            self._link.listen(wanted=wanted)

    def _next_id(self) -> int:
        """2.3.1: one that no message on its way has."""
        while True:
            self._number = self._number % 65535 + 1
            if not any(self._number in known for known in (self._unanswered, self._subscribing, self._asked)):
                return self._number

    def _ask(self, wishes: Sequence[str]) -> int:
        number = self._next_id()
        if self._link is not None:
            qos = 0 if self._on_delivery is None else 1
            self._asked[number] = tuple(wishes)
            self._link.write(encode(Subscribe(number, tuple((wish, qos) for wish in wishes))))
        return number

    async def _connect(self) -> _Link:
        address = self._address
        loop = asyncio.get_running_loop()
        _transport, link = await loop.create_connection(
            lambda: _Link(self._received, self._most_bytes), address.resolved or address.host, address.port,
            ssl=address.tls, server_hostname=address.host if address.tls else None,
        )  # fmt: skip
        password = None if address.password is None else address.password.encode()
        hello = Connect(
            address.client_id, address.clean, address.keep_alive_s, address.user, password, address.will
        )  # fmt: skip
        link.write(encode(hello))
        try:
            code = await asyncio.wait_for(link.answered, 10)
        except (TimeoutError, asyncio.CancelledError):
            link.abort()
            raise
        if code != ACCEPTED:
            link.close()
            raise Refused(code)
        self._link = link
        self.connections += 1
        for packet, _kept in self._unanswered.values():
            link.write(encode(Publish(packet.topic, packet.body, 1, packet.packet_id, packet.retain, True)))
        if self._wishes:
            self._ask(self._wishes)
        self._connected.set()
        return link

    async def _stay(self, link: _Link) -> None:
        keep_alive_s = self._address.keep_alive_s or None
        while True:
            try:
                await asyncio.wait_for(asyncio.shield(link.lost), keep_alive_s and keep_alive_s * 0.8)
            except TimeoutError:
                link.ping()
                continue
            self._link = None
            self._connected.clear()
            subscribing, self._subscribing, self._asked = self._subscribing, {}, {}
            for future in subscribing.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("lost before SUBACK"))
                    # Nobody need wait for it.
                    future.exception()
            if not self._reconnects:
                return
            link = await self._reconnect()

    async def _reconnect(self) -> _Link:
        wait_s, most_s = self._wait_s
        wait_s = min(wait_s * 2 ** min(self._misfits, _MOST_DOUBLED), most_s)
        while True:
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311
            with contextlib.suppress(OSError, TimeoutError):
                return await self._connect()
            wait_s = min(2 * wait_s, most_s)

    @property
    def _name(self) -> str:
        return f"{self._address.client_id} at {self._address.host}:{self._address.port}"

    def _note(self, wishes: Sequence[str], codes: Sequence[int]) -> None:
        """What was granted and what was not; said once, not after each reconnection."""
        refused = {wish for wish, code in zip(wishes, codes, strict=True) if code >= REFUSED}
        for wish in sorted(refused - self.refused):
            log.warning("%s: subscription to %s was refused", self._name, wish)
        for wish in sorted(self.refused & (set(wishes) - refused)):
            log.info("%s: subscription to %s is granted now", self._name, wish)
        self.refused = (self.refused - set(wishes)) | refused

    def _received(self, link: _Link, packet: Packet) -> None:
        match packet:
            case Puback(number):
                found = self._unanswered.pop(number, None)
                if found is not None and not found[1].done():
                    found[1].set_result(None)
                while self._room and len(self._unanswered) < self._window:
                    room = self._room.popleft()
                    if not room.done():
                        room.set_result(None)
                        break
            case Suback(number, codes):
                asked = self._asked.pop(number, ())
                if len(asked) != len(codes):
                    # 3.9.3: a code for each filter; of this one nobody knows which was granted.
                    log.warning("%s: SUBACK with %s codes for %s filters", self._name, len(codes), len(asked))
                    self._misfits += 1
                    link.abort()
                    return
                self._misfits = 0
                self._note(asked, codes)
                granted = self._subscribing.pop(number, None)
                if granted is not None and not granted.done():
                    granted.set_result(codes)
            case Publish() if self._on_delivery is not None:
                number = packet.packet_id
                self._on_delivery(packet, lambda: link.write(puback(number)) if number else None)
            case Publish() if self._on_message is not None:
                self._on_message(packet)


class _Link(asyncio.Protocol):
    """One connection: bytes to packets and back."""

    def __init__(self, received: Callable[[_Link, Packet], None], most_bytes: int) -> None:
        loop = asyncio.get_running_loop()
        self._received = received
        self._decoder = Decoder(most_bytes)
        self._transport: asyncio.Transport | None = None
        self._is_asked = False
        self._is_listening = True
        self._may_write = asyncio.Event()
        self._may_write.set()
        #: The code of CONNACK.
        self.answered: asyncio.Future[int] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._is_asked = False
        try:
            packets = self._decoder.feed(data)
        except ProtocolError as trouble:
            packets = trouble.packets
            self.abort()
        for packet in packets:
            if isinstance(packet, Connack) and not self.answered.done():
                self.answered.set_result(packet.code)
            else:
                self._received(self, packet)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answered.done():
            self.answered.set_exception(exc or ConnectionResetError("closed before it answered"))
            # Nobody may be waiting any more.
            self.answered.exception()
        if not self.lost.done():
            self.lost.set_result(None)
        self._may_write.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def ping(self) -> None:
        """Ask whether the other side lives; where it did not answer the last time, cut (3.1.2.10)."""
        # While we do not listen, we cannot hear it.
        if self._is_asked and self._is_listening:
            self.abort()
        self._is_asked = True
        self.write(encode(Pingreq()))

    def listen(self, *, wanted: bool) -> None:
        """Read on, or not."""
        self._is_listening = wanted
        if self._transport is not None and not self._transport.is_closing():
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    async def room(self) -> None:
        """Until the other side reads."""
        await self._may_write.wait()

    def write(self, content: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(content)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
