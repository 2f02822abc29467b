"""One partition of the stream worked through: decoded, written, judged, told, and only then acknowledged (分区处理).

The order of a step: readings into the store; then, in one transaction, what limits did, what could not be read, the
states and how far the partition is. That number is where a processor begins, and nothing else says what was worked
through: after a kill anywhere the step is done again, the store keeps one reading a moment, and all else stands once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import msgspec
import numpy as np
from clickhouse_connect.driver.client import Client as StoreClient
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, DeliverPolicy

from quancheng.standards.signals.sparkplug_node import EdgeNode
from quancheng.stream.envelope import Received, Unreadable, unpack
from quancheng.stream.messages import StreamSettings
from quancheng.stream.processors.batch import Places
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.conditions.pairs import Split
from quancheng.stream.processors.decoding import Decoded, Decoder, Readings, Rebirth
from quancheng.stream.processors.evaluation import Change
from quancheng.stream.processors.judging import Judge
from quancheng.stream.processors.telling import Teller
from quancheng.stream.store import client as store
from quancheng.stream.store.schema import HISTORY, LATE

log = logging.getLogger(__name__)

#: Envelopes of one step, and how long it waits for the first; between steps, so that they are worth their writing.
STEP_ENVELOPES, WAIT_S, PAUSE_S = 256, 0.25, 0.1
#: Beyond this many minutes of late readings in a step, whole minutes are rolled up again instead of single tags.
MOST_TOUCHED = 5_000


class BeginAnew(Exception):
    """Something is not as it was thought to be: a delivery is missing, or another took over. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a partition is: number of the last envelope worked through, in which stream, and the states there."""

    epoch: int
    stream: str
    seq: int
    content: bytes


class Keeper(Protocol):
    """Where a processor writes down what is not a reading. All of it may be told twice."""

    def take_over(self, partition: int) -> Place: ...

    def finish(self, partition: int, place: Place, step: Step, book: Book) -> bool: ...

    def rebirths(self, rebirths: Sequence[Rebirth]) -> None: ...


@dataclass(slots=True)
class Figures:
    """What a processor did since it began, for those who watch over it."""

    envelopes: int = 0
    messages: int = 0
    readings: int = 0
    asides: int = 0
    unknown: int = 0
    alarms: int = 0
    write_s: float = 0.0
    judge_s: float = 0.0
    decode_s: float = 0.0
    #: Milliseconds from arrival to written, of the last step (0 while nothing comes); and how many envelopes wait.
    lag_ms: int = 0
    waiting: int = 0
    #: When the first message of the step arrived that is being worked on; 0: none is.
    working_ms: int = 0
    #: What was put aside, by reason.
    reasons: Counter[str] = field(default_factory=Counter)

    def lag_now_ms(self, now_ms: int) -> int:
        """How long what comes now waits: also while a step waits for the store."""
        return max(self.lag_ms, now_ms - self.working_ms if self.working_ms else 0)


@dataclass(slots=True)
class Step:
    """What one step made of its envelopes. ``late``: of each change whether it is told too late to call anybody."""

    decoded: Decoded
    changes: list[Change]
    late: list[bool]
    #: What limits did in readings that are history.
    past: list[Change] = field(default_factory=list)
    #: Of which pairs the clocks are newly apart, or no more.
    splits: list[Split] = field(default_factory=list)


class Processor:
    """The owner of one partition. :meth:`run` ends by cancellation or with :class:`BeginAnew`.

    :param rows: reads the partition's tags anew; called in a thread every ``renew_s``.
    :param fault_s: a source calls an instrument faulty for so long before it is told.
    """

    def __init__(
        self, *, client: Client, settings: StreamSettings, partition: int, telemetry: StoreClient, keeper: Keeper,
        rows: Callable[[], Sequence[TagRow]], renew_s: float = 5.0, fault_s: float = 30.0,
    ) -> None:  # fmt: skip
        self.settings, self.partition, self.figures = settings, partition, Figures()
        self.book = Book(fault_ms=round(fault_s * 1000))
        self._client, self._telemetry, self._keeper = client, telemetry, keeper
        self._rows, self._renew_s, self._renewed = rows, renew_s, 0.0
        self._decoder = Decoder(self.book)
        self._judge = Judge(self.book, now_ms=0)
        self._place = Place(0, "", 0, b"")
        self._delivered = 0
        self._teller = Teller(client, self.book, settings.space)

    async def run(self) -> None:
        """Take the partition over and work through it for ever. :raises BeginAnew: do so from the beginning."""
        place = await asyncio.to_thread(self._keeper.take_over, self.partition)
        js = self._client.jetstream()
        stream = (await js.stream_info(self.settings.signals)).created
        mark = "" if stream is None else stream.isoformat()
        # Another stream counts from one again: what was worked through in the old one says nothing of it.
        seq = place.seq if place.stream == mark else 0
        self._place = Place(place.epoch, mark, seq, place.content)
        self.book.renew(await asyncio.to_thread(self._rows))
        self._renewed = time.monotonic()
        await asyncio.to_thread(self._go_on, place.content)
        name = f"{self.settings.space}processor-{self.partition}-{place.epoch}"
        # One for each owner, from where the records stand: nothing is acknowledged to it, and nothing comes twice.
        await js.add_consumer(
            self.settings.signals, name=name, filter_subject=self.settings.subject(self.partition),
            ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=seq + 1,
            inactive_threshold=3_600, mem_storage=True,
        )  # fmt: skip
        reader = await js.pull_subscribe_bind(name, self.settings.signals)
        telling = asyncio.create_task(self._teller.run(lambda: self._judge.state))
        try:
            await self._work_through(reader)
        finally:
            telling.cancel()
            with contextlib.suppress(Exception):
                await reader.unsubscribe()
                await js.delete_consumer(self.settings.signals, name)

    def _go_on(self, content: bytes) -> None:
        """From how things stood when they were last written down."""
        now_ms = int(time.time() * 1000)
        self._judge = Judge(self.book, now_ms=now_ms)
        if content:
            states, nodes = _decode(content)
            try:
                self._judge.unpack(states, now_ms=now_ms)
            except (KeyError, msgspec.MsgspecError):
                log.exception("partition %s: an earlier version saved the states; they begin anew", self.partition)
                self._judge = Judge(self.book, now_ms=now_ms)
            self._judge.refill(partial(store.thinned, self._telemetry))
            self._decoder.unpack(nodes)

    async def _work_through(self, reader: JetStreamContext.PullSubscription) -> None:
        while True:
            try:
                envelopes = await reader.fetch(STEP_ENVELOPES, timeout=WAIT_S)
            except TimeoutError:
                envelopes = []
                self.figures.lag_ms = self.figures.waiting = 0
            if time.monotonic() - self._renewed > self._renew_s:
                await self._renew()
            if envelopes:
                await self.step(envelopes)
                if len(envelopes) < STEP_ENVELOPES:
                    await asyncio.sleep(PAUSE_S)
            elif self._judge.is_owing:
                # Nothing comes; what is owed is written down all the same, and the stream stands where it stood.
                await self._work([], self._place.seq)

    async def step(self, envelopes: Sequence[Msg]) -> None:
        """Work through some envelopes, in the order of the stream.

        :raises BeginAnew: one between them was never delivered, or another took over; nothing is written down.
        """
        for one in envelopes:
            self._delivered += 1
            if one.metadata.sequence.consumer != self._delivered:
                raise BeginAnew(f"delivery {self._delivered} is missing")
        messages = [message for one in envelopes for message in await self._unpacked(one)]
        last = envelopes[-1].metadata
        await self._work(messages, last.sequence.stream)
        self.figures.envelopes += len(envelopes)
        self.figures.waiting = last.num_pending

    async def _work(self, messages: Sequence[Received], seq: int) -> None:
        self.figures.working_ms = messages[0].arrived_ms if messages else 0
        step = await asyncio.to_thread(self._decode_and_judge, messages)
        if seq == self._place.seq and not step.changes:
            return
        newest = await self._until_written(step.decoded.readings)
        content = await asyncio.to_thread(lambda: _encode((self._judge.pack(), self._decoder.pack())))
        place = Place(self._place.epoch, self._place.stream, seq, content)
        if not await asyncio.to_thread(self._keeper.finish, self.partition, place, step, self.book):
            raise BeginAnew("another took the partition over")
        self._place = place
        if step.decoded.rebirths:
            self._keeper.rebirths(step.decoded.rebirths)
        decoded, readings = step.decoded, step.decoded.readings
        self._teller.note(readings.place[newest], readings.at[newest], readings.value[newest], readings.quality[newest])
        self.figures.messages += len(messages)
        self.figures.readings += len(readings.place)
        self.figures.alarms += sum(one.is_raised for one in step.changes)
        self.figures.asides += len(decoded.asides)
        self.figures.reasons.update(one.reason for one in decoded.asides)
        self.figures.unknown += sum(sum(keys.values()) for keys in decoded.unknown.values())
        if messages:
            self.figures.lag_ms = int(time.time() * 1000) - messages[0].arrived_ms
        self.figures.working_ms = 0

    @property
    def epoch(self) -> int:
        """Which owner of the partition this is."""
        return self._place.epoch

    @property
    def done_seq(self) -> int:
        """Number of the last envelope that is written down."""
        return self._place.seq

    def _decode_and_judge(self, messages: Sequence[Received]) -> Step:
        began = time.perf_counter()
        now_ms = int(time.time() * 1000)
        decoded = self._decoder.decode(messages, now_ms=now_ms)
        middle = time.perf_counter()
        changes, late = self._judge.judge(messages, decoded.readings, now_ms=now_ms)
        past = self._judge.past.judge(self.book, decoded.readings)
        self.figures.decode_s += middle - began
        self.figures.judge_s += time.perf_counter() - middle
        return Step(decoded, changes, late, past, self._judge.splits)

    async def _until_written(self, readings: Readings) -> Places:
        """Write readings; a store that is away is waited for, and the stream keeps what comes meanwhile. Answers which
        of them are the newest of their tags."""
        wait_s = 0.2
        while len(readings.place):
            began = time.perf_counter()
            try:
                newest = await asyncio.to_thread(self._write, readings)
            except store.StoreAway as away:
                log.warning("partition %s: the store is away: %s", self.partition, away)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 10)
            else:
                self.figures.write_s += time.perf_counter() - began
                return newest
        return np.empty(0, np.intp)

    def _write(self, readings: Readings) -> Places:
        rows = np.zeros(len(readings.place), store.READING)
        rows["tag"], rows["at"] = self.book.numbers[readings.place], readings.at
        rows["value"], rows["quality"] = readings.value, readings.quality
        rows["flags"], rows["rank"] = readings.flags, readings.quality >> 6
        store.write(self._telemetry, "readings", rows)
        newest = _newest(rows)
        store.write(self._telemetry, "latest", _latest(rows[newest]))
        store.write(self._telemetry, "touched", _touched(rows))
        return newest

    async def _unpacked(self, envelope: Msg) -> list[Received]:
        """:raises Newer: a gateway is ahead of us; the partition waits until this process is brought up to date."""
        try:
            return unpack(envelope.data)
        except Unreadable as trouble:
            # Not a device's doing: somebody else writes to our stream. It is kept for whoever looks into it.
            log.error("partition %s: an envelope cannot be read: %s", self.partition, trouble)
            await self._client.jetstream().publish(f"{self.settings.space}aside.{self.partition}", envelope.data)
            return []

    async def _renew(self) -> None:
        try:
            rows = await asyncio.to_thread(self._rows)
        except Exception:
            log.exception("the register could not be read; the tags that are known go on")
        else:
            self._judge.renew(rows, now_ms=int(time.time() * 1000))
        self._renewed = time.monotonic()


_Nodes = list[tuple[int, str, EdgeNode]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[bytes, _Nodes]).decode


def _newest(rows: store.Rows) -> Places:
    """Which rows are the newest of their tags."""
    order = np.lexsort((rows["rank"], rows["at"], rows["tag"]))
    tags = rows["tag"][order]
    return order[np.append(tags[1:] != tags[:-1], True)]


def _latest(newest: store.Rows) -> store.Rows:
    """The newest row of each tag, as the store's last values."""
    found = np.zeros(len(newest), store.LATEST)
    for name in ("tag", "at", "value", "quality", "flags"):
        found[name] = newest[name]
    return found


def _touched(rows: store.Rows) -> store.Rows:
    """Minutes that were written to: of what is live the minute alone, of what is late its tag too."""
    minute = (rows["at"] // 60_000 * 60).astype(np.uint32)
    late = rows["flags"] & (LATE | HISTORY) != 0
    tag = np.where(late, rows["tag"], 0).astype(np.uint32)
    pairs = np.unique(np.stack([minute, tag], axis=1), axis=0)
    if len(pairs) > MOST_TOUCHED:
        minutes = np.unique(pairs[:, 0])
        pairs = np.stack([minutes, np.zeros_like(minutes)], axis=1)
    found = np.zeros(len(pairs), store.TOUCHED)
    found["at"], found["tag"] = pairs[:, 0], pairs[:, 1]
    return found
