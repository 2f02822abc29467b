"""A gateway for MQTT of a test's own, a stream that answers when told, and a connection of bare packets."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from quancheng.stream.envelope import Received
from quancheng.stream.gateways.desk import Desk, Keeper
from quancheng.stream.gateways.grants import Book, Grant, digest_of
from quancheng.stream.gateways.mqtt.codec import Decoder
from quancheng.stream.gateways.mqtt.limits import PATIENCE_S
from quancheng.stream.gateways.mqtt.packets import Connack, Connect, Packet, encode
from quancheng.stream.gateways.mqtt.server import Gateway, Terms
from quancheng.stream.gateways.mqtt.watch import Flush, Watch
from quancheng.stream.messages import NotKept

Found = TypeVar("Found")
SECRET = "s" * 43
TELE = "hc/v1/d/s/{}/tele"
#: No test waits longer for what must happen.
WAIT_S = 30.0


def grant(code: str = "GW1", source: int = 1, **changes: object) -> Grant:
    plain = Grant(
        source, code, UUID(int=source), digest_of(SECRET), frozenset({"json"}), 1_000_000, 1_000_000, 10**12, 4096
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


class FakeStream:
    """Keeps at once, unless told to wait (``is_open``) or to refuse."""

    def __init__(self) -> None:
        self.messages: list[Received] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.is_open = True
        self.refuses = False

    def add(self, partition: int, message: Received) -> asyncio.Future[None]:
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.messages.append(message)
        if self.refuses:
            kept.set_exception(NotKept("full"))
        elif self.is_open:
            kept.set_result(None)
        else:
            self.waiting.append(kept)
        return kept

    def open(self) -> None:
        self.is_open = True
        for kept in self.waiting:
            kept.set_result(None)
        self.waiting.clear()

    @property
    def bodies(self) -> list[bytes]:
        return [message.body for message in self.messages]


class World:
    """A gateway at a port, with what it put aside and whom it knows."""

    def __init__(
        self, *grants: Grant, stream: Keeper | None, terms: Terms, flush: Flush | None, patience_s: float
    ) -> None:
        self.grants = {one.code: one for one in grants}
        self.book = Book(lambda: dict(self.grants))
        self.stream = FakeStream()
        self.aside: list[tuple[str, Received]] = []
        self.watch = Watch(flush, every_s=0.02)
        self.desk = Desk(
            self.book,
            stream or self.stream,
            partitions=4,
            aside=lambda message, reason: self.aside.append((reason, message)),
            watch=self.watch,
            patience_s=patience_s,
        )
        self.gateway = Gateway(self.desk, terms=terms)
        self.port = 0

    async def wire(self, code: str = "GW1", client_id: str = "", **connect: object) -> Wire:
        """A connection that has signed in."""
        wire = await self.bare()
        hello = Connect(client_id or code, user=code, password=SECRET.encode(), **connect)  # type: ignore[arg-type]
        assert await wire.ask(hello) == Connack(0)
        return wire

    async def bare(self) -> Wire:
        return Wire(*await asyncio.open_connection("127.0.0.1", self.port))


@asynccontextmanager
async def world(
    *grants: Grant,
    stream: Keeper | None = None,
    terms: Terms | None = None,
    flush: Flush | None = None,
    tls: ssl.SSLContext | None = None,
    patience_s: float = PATIENCE_S,
) -> AsyncIterator[World]:
    made = World(
        *(grants or (grant(),)), stream=stream, terms=terms or Terms(tick_s=0.02), flush=flush, patience_s=patience_s
    )
    await made.book.refresh()
    made.port = await made.gateway.start("127.0.0.1", 0, tls)
    try:
        yield made
    finally:
        await made.gateway.stop(0.1)


class Wire:
    """Bare packets in both directions."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._decoder = Decoder(10**6)
        self._packets: list[Packet] = []

    def send(self, *packets: Packet | bytes) -> None:
        self.writer.write(b"".join(one if isinstance(one, bytes) else encode(one) for one in packets))

    async def read(self) -> Packet | None:
        """The next packet; ``None`` where the connection has ended."""
        while not self._packets:
            try:
                data = await asyncio.wait_for(self.reader.read(65536), WAIT_S)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._packets += self._decoder.feed(data)
        return self._packets.pop(0)

    async def ask(self, packet: Packet | bytes) -> Packet | None:
        self.send(packet)
        return await self.read()

    def cut(self) -> None:
        """End the connection without a word."""
        self.writer.transport.abort()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another task brings about."""
    async with asyncio.timeout(WAIT_S):
        while not holds():
            await asyncio.sleep(0.002)


def run(act: Callable[[], Awaitable[Found]]) -> Found:
    async def whole() -> Found:
        async with asyncio.timeout(60):
            return await act()

    return asyncio.run(whole())
