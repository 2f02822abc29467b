"""One partition of the stream worked through: decoded, judged, told, written, and only then acknowledged (分区处理).

The order of a step: what limits did, with the states that know of it, since people wait for that; then behind it, while
the next is judged, readings into the store; then, in one transaction, what could not be read, the states and how far
the partition is. That number is where a processor begins, and nothing else says what was worked through: after a kill
anywhere what follows it is done again, the store keeps one reading a moment, states pass over what they have judged,
and all else stands once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from clickhouse_connect.driver.client import Client as StoreClient
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, DeliverPolicy

from quancheng.standards.signals.sparkplug_node import EdgeNode
from quancheng.stream.envelope import Received, Unreadable, unpack
from quancheng.stream.messages import StreamSettings
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.decoding import Decoder
from quancheng.stream.processors.judging import Judge
from quancheng.stream.processors.storing import (
    BeginAnew,
    Figures,
    Judged,
    Keeper,
    Place,
    Standing,
    Step,
    Storer,
    encode,
    newest_of,
)
from quancheng.stream.processors.telling import Teller
from quancheng.stream.store import client as store
from quancheng.stream.store.writer import Writer

log = logging.getLogger(__name__)

#: Envelopes of one step, and how long it waits for the first; steps begin so far apart, to be worth their turn.
STEP_ENVELOPES, WAIT_S, PAUSE_S = 256, 0.25, 0.05
#: A register that was not read for so many times its rhythm is told in the log.
WARN_STEPS = 12


class Processor:
    """The owner of one partition. :meth:`run` ends by cancellation or with :class:`BeginAnew`.

    :param rows: reads the partition's tags anew; called in a thread every ``renew_s``.
    :param fault_s: a source calls an instrument faulty for so long before it is told.
    :param writer: through which other partitions write too; None: one of its own.
    """

    def __init__(
        self, *, client: Client, settings: StreamSettings, partition: int, telemetry: StoreClient, keeper: Keeper,
        rows: Callable[[], Sequence[TagRow]], renew_s: float = 5.0, fault_s: float = 30.0, writer: Writer | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.partition, self.figures = settings, partition, Figures()
        self.book = Book(fault_ms=round(fault_s * 1000))
        self._client, self._telemetry, self._keeper = client, telemetry, keeper
        self._rows, self._renew_s, self._renewed = rows, renew_s, 0.0
        self._renewing: asyncio.Task[Sequence[TagRow]] | None = None
        self._warn_s = WARN_STEPS * renew_s
        self._decoder = Decoder(self.book)
        self._judge = Judge(self.book, now_ms=0)
        self._delivered = 0
        #: The last envelope that was judged; how far the partition is, is written behind it.
        self._seq, self._steps = 0, 0
        self._teller = Teller(client, self.book, settings.space)
        self._storer = Storer(
            partition, writer=writer or Writer(telemetry), keeper=keeper, book=self.book, figures=self.figures
        )

    async def run(self) -> None:
        """Take the partition over and work through it for ever. :raises BeginAnew: do so from the beginning."""
        place = await asyncio.to_thread(self._keeper.take_over, self.partition)
        js = self._client.jetstream()
        stream = (await js.stream_info(self.settings.signals)).created
        mark = "" if stream is None else stream.isoformat()
        # Another stream counts from one again: what was worked through in the old one says nothing of it.
        seq = place.seq if place.stream == mark else 0
        self._seq = seq
        self._storer.begin(Place(place.epoch, mark, seq, place.content), msgspec.Raw(encode([])))
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
            await self._storer.close()
            if self._renewing is not None:
                self._renewing.cancel()
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
            self._storer.begin(self._storer.place, msgspec.Raw(encode(nodes)))

    async def _work_through(self, reader: JetStreamContext.PullSubscription) -> None:
        while True:
            try:
                envelopes = await reader.fetch(STEP_ENVELOPES, timeout=WAIT_S)
            except TimeoutError:
                envelopes = []
                self.figures.lag_ms = self.figures.waiting = 0
            self._renew()
            self._storer.check()
            if envelopes:
                began = time.monotonic()
                await self.step(envelopes)
                if len(envelopes) < STEP_ENVELOPES:
                    await asyncio.sleep(max(0.0, PAUSE_S - (time.monotonic() - began)))
            elif self._judge.is_owing or self._storer.is_owing:
                # Nothing comes; what is owed is written down all the same, and the stream stands where it stood.
                await self._work([], self._seq)

    async def step(self, envelopes: Sequence[Msg]) -> None:
        """Work through some envelopes, in the order of the stream.

        :raises BeginAnew: one between them was never delivered, or another took over; they are not written down.
        """
        for one in envelopes:
            self._delivered += 1
            if one.metadata.sequence.consumer != self._delivered:
                raise BeginAnew(f"delivery {self._delivered} is missing")
        last = envelopes[-1].metadata
        self.figures.waiting = last.num_pending
        messages = [message for one in envelopes for message in await self._unpacked(one)]
        self.figures.judging_ms = messages[0].arrived_ms if messages else 0
        await self._work(messages, last.sequence.stream, len(envelopes))
        self.figures.judging_ms = 0

    async def _work(self, messages: Sequence[Received], seq: int, envelopes: int = 0) -> None:
        judged = await asyncio.to_thread(self._decode_and_judge, messages, seq, envelopes)
        if not envelopes and judged.standing is None:
            return
        if judged.step.changes and judged.standing is not None:
            await self._storer.tell(judged, judged.standing)
        self._seq = seq
        readings = judged.step.decoded.readings
        newest = newest_of(readings.place, readings.at, readings.quality >> 6)
        self._teller.note(readings.place[newest], readings.at[newest], readings.value[newest], readings.quality[newest])
        await self._storer.add(judged)

    def newest(self, number: int) -> tuple[int, float, int] | None:
        """When (ms), value and quality of a tag as it was judged last; None where it was not since the beginning."""
        return self._teller.last(number)

    @property
    def epoch(self) -> int:
        """Which owner of the partition this is."""
        return self._storer.place.epoch

    @property
    def done_seq(self) -> int:
        """Number of the last envelope that is written down."""
        return self._storer.place.seq

    def _decode_and_judge(self, messages: Sequence[Received], seq: int, envelopes: int) -> Judged:
        began = time.perf_counter()
        now_ms = int(time.time() * 1000)
        decoded = self._decoder.decode(messages, now_ms=now_ms)
        middle = time.perf_counter()
        changes, late = self._judge.judge(messages, decoded.readings, now_ms=now_ms)
        past = self._judge.past.judge(self.book, decoded.readings)
        self.figures.decode_s += middle - began
        self.figures.judge_s += time.perf_counter() - middle
        first_ms = messages[0].arrived_ms if messages else 0
        is_noted = bool(changes or self._judge.splits) or (self._storer.is_due if envelopes else self._storer.is_owing)
        standing = Standing(self._judge.pack(), msgspec.Raw(encode(self._decoder.pack()))) if is_noted else None
        step = Step(decoded, changes, late, past, self._judge.splits)
        self._steps += 1
        return Judged(self._steps, step, seq, envelopes, len(messages), first_ms, standing)

    async def _unpacked(self, envelope: Msg) -> list[Received]:
        """:raises Newer: a gateway is ahead of us; the partition waits until this process is brought up to date."""
        try:
            return unpack(envelope.data)
        except Unreadable as trouble:
            # Not a device's doing: somebody else writes to our stream. It is kept for whoever looks into it.
            log.error("partition %s: an envelope cannot be read: %s", self.partition, trouble)
            # What is done again after a kill puts it there once.
            number = f"{self._storer.place.stream} {envelope.metadata.sequence.stream}"
            await self._client.jetstream().publish(
                f"{self.settings.space}aside.{self.partition}", envelope.data, headers={"Nats-Msg-Id": number}
            )
            return []

    def _renew(self) -> None:
        """Ask for the register beside the work where it is time, and take what came; readings do not wait for it."""
        late_s = time.monotonic() - self._renewed
        if self._renewing is None:
            if late_s > self._renew_s:
                self._renewing = asyncio.ensure_future(asyncio.to_thread(self._rows))
            return
        if not self._renewing.done():
            if late_s > self._warn_s:
                log.error("partition %s: the register does not answer; the tags that are known go on", self.partition)
                self._warn_s = 2 * late_s
            return
        asked, self._renewing = self._renewing, None
        self._renewed, self._warn_s = time.monotonic(), WARN_STEPS * self._renew_s
        try:
            self._judge.renew(asked.result(), now_ms=int(time.time() * 1000))
        except Exception:
            log.exception("the register could not be read; the tags that are known go on")


_Nodes = list[tuple[int, str, EdgeNode]]
_decode = msgspec.msgpack.Decoder(tuple[bytes, _Nodes]).decode
