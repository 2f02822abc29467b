"""One partition of the stream worked through: decoded, written, judged, told, and only then acknowledged (分区处理).

The order of a step: readings into the store; then, in one transaction, what limits did, what could not be read, the
states and how far the partition is. That number is where a processor begins, and nothing else says what was worked
through: after a kill anywhere the step is done again, the store keeps one reading a moment, and all else stands once.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.decoding import Decoded, Decoder, Readings, Rebirth, usable
from quancheng.stream.processors.evaluation import STATES, Change, State, judge
from quancheng.stream.store import client as store
from quancheng.stream.store.schema import HISTORY, LATE

log = logging.getLogger(__name__)

#: Envelopes of one step, and how long it waits for the first; between steps, so that they are worth their writing.
STEP_ENVELOPES, WAIT_S, PAUSE_S = 256, 0.25, 0.1
#: Beyond this many minutes of late readings in a step, whole minutes are rolled up again instead of single tags.
MOST_TOUCHED = 5_000
#: What a limit did so long ago is told, and nobody is called for it.
STALE_MS = 60_000


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


class Processor:
    """The owner of one partition. :meth:`run` ends by cancellation or with :class:`BeginAnew`.

    :param rows: reads the partition's tags anew; called in a thread every ``renew_s``.
    """

    def __init__(
        self, *, client: Client, settings: StreamSettings, partition: int, telemetry: StoreClient, keeper: Keeper,
        rows: Callable[[], Sequence[TagRow]], renew_s: float = 5.0,
    ) -> None:  # fmt: skip
        self.settings, self.partition, self.figures = settings, partition, Figures()
        self.book, self.state = Book(), State.empty(0)
        self._client, self._telemetry, self._keeper = client, telemetry, keeper
        self._rows, self._renew_s, self._renewed = rows, renew_s, 0.0
        self._decoder = Decoder(self.book)
        self._place = Place(0, "", 0, b"")
        self._delivered = 0

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
        self.state, nodes = unpack_state(place.content, self.book)
        self._decoder.unpack(nodes)
        name = f"{self.settings.space}processor-{self.partition}-{place.epoch}"
        # One for each owner, from where the records stand: nothing is acknowledged to it, and nothing comes twice.
        await js.add_consumer(
            self.settings.signals, name=name, filter_subject=self.settings.subject(self.partition),
            ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=seq + 1,
            inactive_threshold=3_600, mem_storage=True,
        )  # fmt: skip
        reader = await js.pull_subscribe_bind(name, self.settings.signals)
        try:
            await self._work_through(reader)
        finally:
            with contextlib.suppress(Exception):
                await reader.unsubscribe()
                await js.delete_consumer(self.settings.signals, name)

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
        await self._until_written(step.decoded.readings)
        content = await asyncio.to_thread(pack_state, self.state, self.book, self._decoder.pack())
        place = Place(self._place.epoch, self._place.stream, seq, content)
        if not await asyncio.to_thread(self._keeper.finish, self.partition, place, step, self.book):
            raise BeginAnew("another took the partition over")
        self._place = place
        if step.decoded.rebirths:
            self._keeper.rebirths(step.decoded.rebirths)
        decoded = step.decoded
        self.figures.messages += len(messages)
        self.figures.readings += len(decoded.readings.place)
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
        readings = decoded.readings
        judged = self.book.judged[readings.place] & (readings.flags & HISTORY == 0)
        place, at, flags = readings.place[judged], readings.at[judged], readings.flags[judged]
        changes = judge(
            self.book.limits, self.state, place, at, readings.value[judged], usable(readings.quality[judged])
        )
        told_late = {
            (int(tag), int(when)) for tag, when in zip(place[flags & LATE > 0], at[flags & LATE > 0], strict=True)
        }
        late = [(one.tag, one.at_ms) in told_late or now_ms - one.at_ms > STALE_MS for one in changes]
        self.figures.decode_s += middle - began
        self.figures.judge_s += time.perf_counter() - middle
        return Step(decoded, changes, late)

    async def _until_written(self, readings: Readings) -> None:
        """Write readings; a store that is away is waited for, and the stream keeps what comes meanwhile."""
        wait_s = 0.2
        while len(readings.place):
            began = time.perf_counter()
            try:
                await asyncio.to_thread(self._write, readings)
            except store.StoreAway as away:
                log.warning("partition %s: the store is away: %s", self.partition, away)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 10)
            else:
                self.figures.write_s += time.perf_counter() - began
                return

    def _write(self, readings: Readings) -> None:
        rows = np.zeros(len(readings.place), store.READING)
        rows["tag"], rows["at"] = self.book.numbers[readings.place], readings.at
        rows["value"], rows["quality"] = readings.value, readings.quality
        rows["flags"], rows["rank"] = readings.flags, readings.quality >> 6
        store.write(self._telemetry, "readings", rows)
        store.write(self._telemetry, "latest", _latest(rows))
        store.write(self._telemetry, "touched", _touched(rows))

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
            before, limits = self.book.judged, self.book.limits.at
            self.book.renew(rows)
            self.state = self.state.grown(len(self.book))
            # What is judged no more, or by another limit, stands from now on as if it had never been judged.
            known = len(before)
            changed = (limits != self.book.limits.at[:known]) & ~(
                np.isnan(limits) & np.isnan(self.book.limits.at[:known])
            )
            self.state.forget(np.flatnonzero((before & ~self.book.judged[:known]) | changed.any(axis=1)))
        self._renewed = time.monotonic()


#: What is packed of stirred tags alone.
_STIRRED = tuple(name for name in STATES if name != "last_ms")


_Nodes = list[tuple[int, str, EdgeNode]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[bytes, _Nodes]).decode


def pack_state(state: State, book: Book, nodes: _Nodes) -> bytes:
    """States with the numbers of their tags (when each was last judged, and the rest where it says something), and what
    edge nodes announced."""
    (stirred,) = np.nonzero((state.is_active | (state.since >= 0)).any(axis=1) | (state.bad_ms >= 0))
    columns = {name: getattr(state, name)[stirred] for name in _STIRRED}
    out = io.BytesIO()
    np.savez(out, numbers=book.numbers, stirred=stirred, last_ms=state.last_ms, **columns)
    return _encode((out.getvalue(), nodes))


def unpack_state(content: bytes, book: Book) -> tuple[State, _Nodes]:
    """The states that were packed, at the places where their tags stand now, and the edge nodes."""
    state = State.empty(len(book))
    if not content:
        return state, []
    arrays, nodes = _decode(content)
    with np.load(io.BytesIO(arrays), allow_pickle=False) as kept:
        places = np.array([book.places.get(number, -1) for number in kept["numbers"].tolist()], np.int64)
        state.last_ms[places[places >= 0]] = kept["last_ms"][places >= 0]
        stirred = places[kept["stirred"]]
        for name in _STIRRED:
            getattr(state, name)[stirred[stirred >= 0]] = kept[name][stirred >= 0]
    return state, nodes


def _latest(rows: store.Rows) -> store.Rows:
    """The newest row of each tag."""
    order = np.lexsort((rows["rank"], rows["at"], rows["tag"]))
    ordered = rows[order]
    last = np.append(ordered["tag"][1:] != ordered["tag"][:-1], True)
    newest = ordered[last]
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
