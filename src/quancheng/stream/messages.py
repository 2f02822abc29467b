"""The streams in JetStream: what stands in which, for how long, and how gateways write to it.

``SIGNALS`` holds what devices sent until it is processed, and for a while after, so that it can be read again.
``ASIDE`` holds what could not be read, with the reason. A publisher gathers what comes within a few milliseconds into
one envelope and answers each message only when JetStream has it on the disk.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from quancheng.stream.envelope import Received, pack

#: An envelope is sent at this size, or when its first message has waited so long.
ENVELOPE_BYTES = 256 * 1024
LINGER_S = 0.004
#: Envelopes on their way at once, per partition; more wait, which the devices feel as back pressure.
WINDOW = 4
PUBLISH_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Names and sizes of the streams. ``partitions`` may be raised while nothing waits; it is never lowered."""

    #: Put before each name, where several installations share one NATS.
    space: str = ""
    partitions: int = 8
    #: What was processed can be read again for so long (remembering 72 h, 3.8).
    keep_s: int = 72 * 3600
    keep_bytes: int = 8 * 1024**3
    aside_s: int = 30 * 24 * 3600
    aside_bytes: int = 512 * 1024**2

    @property
    def signals(self) -> str:
        return f"{self.space}SIGNALS"

    @property
    def aside(self) -> str:
        return f"{self.space}ASIDE"

    def subject(self, partition: int) -> str:
        """Where the messages of a partition are published."""
        return f"{self.space}signals.{partition}"


class NotKept(Exception):
    """JetStream did not take it: the device must not be told that we have it."""


async def ensure_streams(js: JetStreamContext, settings: StreamSettings) -> None:
    """Make both streams, or bring their sizes to the settings. What stands in them stays."""
    # A full stream refuses what is new: what was acknowledged is not thrown away unread.
    signals = StreamConfig(
        name=settings.signals, subjects=[f"{settings.space}signals.*"], storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS, max_age=settings.keep_s, max_bytes=settings.keep_bytes,
        discard=DiscardPolicy.NEW,
    )  # fmt: skip
    aside = StreamConfig(
        name=settings.aside, subjects=[f"{settings.space}aside.*"], storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS, max_age=settings.aside_s, max_bytes=settings.aside_bytes,
        discard=DiscardPolicy.OLD,
    )  # fmt: skip
    for wanted in (signals, aside):
        try:
            await js.stream_info(wanted.name or "")
        except NotFoundError:
            await js.add_stream(wanted)
        else:
            await js.update_stream(wanted)


class Publisher:
    """Writes messages of devices to ``SIGNALS``; :meth:`put` returns when they are on the disk."""

    def __init__(
        self, client: Client, settings: StreamSettings, *, linger_s: float = LINGER_S, most_bytes: int = ENVELOPE_BYTES
    ) -> None:
        self._js = client.jetstream()
        self._settings = settings
        self._linger_s = linger_s
        self._most_bytes = most_bytes
        self._waiting: dict[int, list[tuple[Received, asyncio.Future[None]]]] = defaultdict(list)
        self._bytes: dict[int, int] = defaultdict(int)
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._windows: dict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(WINDOW))
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, partition: int, message: Received) -> None:
        """Keep a message. :raises NotKept: it is not certain that JetStream has it; sent again it does no harm."""
        await self.add(partition, message)

    def add(self, partition: int, message: Received) -> asyncio.Future[None]:
        """The same without waiting: the future ends when it is kept, or with :class:`NotKept`."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        self._waiting[partition].append((message, kept))
        self._bytes[partition] += len(message.body) + len(message.topic) + 32
        if self._bytes[partition] >= self._most_bytes:
            self._send(partition)
        elif partition not in self._timers:
            self._timers[partition] = loop.call_later(self._linger_s, self._send, partition)
        return kept

    async def close(self) -> None:
        """Send what waits and wait for the answers."""
        for partition in list(self._waiting):
            self._send(partition)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _send(self, partition: int) -> None:
        timer = self._timers.pop(partition, None)
        if timer is not None:
            timer.cancel()
        batch = self._waiting.pop(partition, None)
        self._bytes.pop(partition, None)
        if batch:
            task = asyncio.get_running_loop().create_task(self._publish(partition, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _publish(self, partition: int, batch: Sequence[tuple[Received, asyncio.Future[None]]]) -> None:
        trouble: NotKept | None = None
        try:
            async with self._windows[partition]:
                content = pack([message for message, _kept in batch])
                ack = await self._js.publish(self._settings.subject(partition), content, timeout=PUBLISH_TIMEOUT_S)
                if ack.stream != self._settings.signals:
                    trouble = NotKept(f"taken by {ack.stream}")
        except (NatsError, OSError, TimeoutError) as failure:
            trouble = NotKept(str(failure) or type(failure).__name__)
        except asyncio.CancelledError:
            trouble = NotKept("stopped")
        for _message, kept in batch:
            if kept.done():
                continue
            if trouble is None:
                kept.set_result(None)
            else:
                kept.set_exception(trouble)
