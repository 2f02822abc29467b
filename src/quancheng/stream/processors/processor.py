"""One partition of the stream worked through: decoded, written, judged, told, and only then acknowledged (分区处理).

The order of a step: readings into the store, alarms to whoever keeps them, state and place written down, acknowledged.
After a kill anywhere in it the step is done again: the store keeps one reading a moment, alarms are raised once, and
the states from which they follow are those of the last step that was written down.
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from clickhouse_connect.driver.client import Client as StoreClient
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from quancheng.stream.envelope import Received, Unreadable, unpack
from quancheng.stream.messages import StreamSettings
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.decoding import Aside, Decoded, Decoder, Readings, Rebirth, usable
from quancheng.stream.processors.evaluation import STATES, Change, State, judge
from quancheng.stream.store import client as store
from quancheng.stream.store.schema import HISTORY, LATE

log = logging.getLogger(__name__)

#: Envelopes of one step, and how long it waits for the first.
STEP_ENVELOPES, WAIT_S = 64, 0.25
#: A consumer of ours takes an envelope again when we have not answered for so long.
ACK_WAIT_S = 60
#: Beyond this many minutes of late readings in a step, whole minutes are rolled up again instead of single tags.
MOST_TOUCHED = 5_000


class LostOwnership(Exception):
    """Another processor took the partition over: nothing more is written."""


class Keeper(Protocol):
    """Where a processor writes down what is not a reading. All of it may be told twice."""

    def take_over(self, partition: int) -> tuple[int, int, bytes]: ...

    def save_state(self, partition: int, epoch: int, seq: int, content: bytes) -> bool: ...

    def alarms(self, book: Book, changes: Sequence[Change], late: Sequence[bool]) -> None: ...

    def asides(self, asides: Sequence[Aside]) -> None: ...

    def unknown(self, unknown: dict[int, dict[str, int]]) -> None: ...

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
    #: Milliseconds from arrival to written, of the last step; and how many envelopes wait.
    lag_ms: int = 0
    waiting: int = 0


@dataclass(slots=True)
class _Step:
    """What one step made of its envelopes."""

    decoded: Decoded
    changes: list[Change]
    late: list[bool]


class Processor:
    """The owner of one partition. :meth:`run` ends by cancellation or with :class:`LostOwnership`.

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
        self._epoch = 0
        self._done_seq = 0

    async def run(self) -> None:
        """Take the partition over and work through it for ever."""
        self._epoch, self._done_seq, content = await asyncio.to_thread(self._keeper.take_over, self.partition)
        await self._renew()
        self.state = unpack_state(content, self.book)
        reader = await self._client.jetstream().pull_subscribe(
            self.settings.subject(self.partition), durable=f"{self.settings.space}processor-{self.partition}",
            stream=self.settings.signals,
            config=ConsumerConfig(
                ack_policy=AckPolicy.EXPLICIT, deliver_policy=DeliverPolicy.ALL, ack_wait=ACK_WAIT_S,
                max_ack_pending=STEP_ENVELOPES * 4,
            ),
        )  # fmt: skip
        while True:
            try:
                envelopes = await reader.fetch(STEP_ENVELOPES, timeout=WAIT_S)
            except TimeoutError:
                envelopes = []
            if time.monotonic() - self._renewed > self._renew_s:
                await self._renew()
            if envelopes:
                await self.step(envelopes)

    async def step(self, envelopes: Sequence[Msg]) -> None:
        """Work through some envelopes, in the order of the stream; whatever fails, they are seen again.

        :raises LostOwnership: another took over; they are not acknowledged.
        """
        ordered = sorted(envelopes, key=lambda one: one.metadata.sequence.stream)
        fresh = [one for one in ordered if one.metadata.sequence.stream > self._done_seq]
        messages = [message for one in fresh for message in self._unpacked(one)]
        if messages:
            seq = fresh[-1].metadata.sequence.stream
            await self._work(messages, seq)
        await asyncio.gather(*(one.ack() for one in ordered))
        self.figures.envelopes += len(ordered)
        self.figures.waiting = ordered[-1].metadata.num_pending

    async def _work(self, messages: Sequence[Received], seq: int) -> None:
        before = self.state.copy()
        try:
            step = await asyncio.to_thread(self._decode_and_judge, messages)
            await self._until_written(step.decoded.readings, seq)
            await asyncio.to_thread(self._tell, step)
            content = await asyncio.to_thread(pack_state, self.state, self.book)
            if not await asyncio.to_thread(self._keeper.save_state, self.partition, self._epoch, seq, content):
                raise LostOwnership
        except BaseException:
            # What was judged and not written down is judged again.
            self.state = before
            raise
        self._done_seq = seq
        readings = step.decoded.readings
        self.figures.messages += len(messages)
        self.figures.readings += len(readings.place)
        self.figures.lag_ms = int(time.time() * 1000) - messages[0].arrived_ms

    def _decode_and_judge(self, messages: Sequence[Received]) -> _Step:
        began = time.perf_counter()
        decoded = self._decoder.decode(messages)
        middle = time.perf_counter()
        readings = decoded.readings
        judged = self.book.judged[readings.place] & (readings.flags & HISTORY == 0) & (readings.quality != 28)
        place, at, flags = readings.place[judged], readings.at[judged], readings.flags[judged]
        changes = judge(
            self.book.limits, self.state, place, at, readings.value[judged], usable(readings.quality[judged])
        )
        late = [bool(flags[(place == one.tag) & (at == one.at_ms)].max() & LATE) for one in changes]
        self.figures.decode_s += middle - began
        self.figures.judge_s += time.perf_counter() - middle
        return _Step(decoded, changes, late)

    async def _until_written(self, readings: Readings, seq: int) -> None:
        """Write readings; a store that is away is waited for, and the stream keeps what comes meanwhile."""
        wait_s = 0.2
        while len(readings.place):
            began = time.perf_counter()
            try:
                await asyncio.to_thread(self._write, readings, seq)
            except store.StoreAway as away:
                log.warning("partition %s: the store is away: %s", self.partition, away)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 10)
            else:
                self.figures.write_s += time.perf_counter() - began
                return

    def _write(self, readings: Readings, seq: int) -> None:
        rows = np.zeros(len(readings.place), store.READING)
        rows["tag"], rows["at"] = self.book.numbers[readings.place], readings.at
        rows["value"], rows["quality"] = readings.value, readings.quality
        rows["flags"], rows["rank"] = readings.flags, readings.quality >> 6
        store.write(self._telemetry, "readings", rows, token=f"{self.partition}-{seq}-readings")
        store.write(self._telemetry, "latest", _latest(rows), token=f"{self.partition}-{seq}-latest")
        store.write(self._telemetry, "touched", _touched(rows), token=f"{self.partition}-{seq}-touched")

    def _tell(self, step: _Step) -> None:
        decoded = step.decoded
        if step.changes:
            self._keeper.alarms(self.book, step.changes, step.late)
            self.figures.alarms += sum(one.is_raised for one in step.changes)
        if decoded.asides:
            self._keeper.asides(decoded.asides)
            self.figures.asides += len(decoded.asides)
        if decoded.unknown:
            self._keeper.unknown(decoded.unknown)
            self.figures.unknown += sum(sum(keys.values()) for keys in decoded.unknown.values())
        if decoded.rebirths:
            self._keeper.rebirths(decoded.rebirths)

    def _unpacked(self, envelope: Msg) -> list[Received]:
        try:
            return unpack(envelope.data)
        except Unreadable as trouble:
            # Not a device's doing: somebody else writes to our stream.
            log.error("partition %s: an envelope cannot be read: %s", self.partition, trouble)
            return []

    async def _renew(self) -> None:
        try:
            rows = await asyncio.to_thread(self._rows)
        except Exception:
            log.exception("the register could not be read; the tags that are known go on")
        else:
            self.book.renew(rows)
            self.state = self.state.grown(len(self.book))
        self._renewed = time.monotonic()


#: What is packed of stirred tags alone.
_STIRRED = tuple(name for name in STATES if name != "last_ms")


def pack_state(state: State, book: Book) -> bytes:
    """States with the numbers of their tags: when each was last judged, and the rest where it says something."""
    (stirred,) = np.nonzero((state.is_active | (state.since >= 0)).any(axis=1) | (state.bad_ms >= 0))
    columns = {name: getattr(state, name)[stirred] for name in _STIRRED}
    out = io.BytesIO()
    np.savez(out, numbers=book.numbers, stirred=stirred, last_ms=state.last_ms, **columns)
    return out.getvalue()


def unpack_state(content: bytes, book: Book) -> State:
    """The states that were packed, at the places where their tags stand now."""
    state = State.empty(len(book))
    if not content:
        return state
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        places = np.array([book.places.get(number, -1) for number in kept["numbers"].tolist()], np.int64)
        state.last_ms[places[places >= 0]] = kept["last_ms"][places >= 0]
        stirred = places[kept["stirred"]]
        for name in _STIRRED:
            getattr(state, name)[stirred[stirred >= 0]] = kept[name][stirred >= 0]
    return state


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
    found["at"], found["tag"], found["noted_at"] = pairs[:, 0], pairs[:, 1], int(time.time() * 1000)
    return found
