"""A process of processors (处理进程): it works on every partition that nobody else holds, and on the roll-ups.

Who holds a partition holds a lock of the database's, which falls with its connection; a processor whose lock fell
stops, and what it would still write is refused by the partition's epoch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import nats
import psycopg
from clickhouse_connect.driver.client import Client as StoreClient
from django.db import DatabaseError
from django.utils import timezone
from nats.aio.client import Client
from nats.errors import Error as NatsError

from quancheng.domains.monitoring.queries.operating import ALARMS, ROLLUPS
from quancheng.domains.monitoring.services import processing, silence
from quancheng.stream.figures import Teller
from quancheng.stream.messages import StreamSettings, ensure_streams
from quancheng.stream.metrics import Metric, of_process
from quancheng.stream.processors.clerk import Clerk, keep_time
from quancheng.stream.processors.decoding import Rebirth
from quancheng.stream.processors.keeper import DatabaseKeeper
from quancheng.stream.processors.processor import Processor
from quancheng.stream.processors.register import Register
from quancheng.stream.processors.storing import BeginAnew, Figures
from quancheng.stream.store import client as store
from quancheng.stream.store.rolling import Roller
from quancheng.stream.store.writer import Writer
from quancheng.stream.threads import kept

log = logging.getLogger(__name__)

#: The first key of the locks; the second is the partition.
LOCKS = 74_11
#: The clock of alarms is held to stand still when it has not gone round for so long.
CLOCK_S = 30.0
#: How often a lock is tried, and looked at while it is held.
TRY_S, LOOK_S = 2.0, 1.0
ROLL_S, ROOM_S = 10.0, 30.0
#: Roll-ups look no farther back than the store keeps notes of what was written.
LOOK_BACK_MS = 3 * 86_400_000
#: After a failure a partition is begun anew so much later.
AGAIN_S = 1.0

#: Figures of processors that add up.
COUNTED = ("envelopes", "messages", "readings", "asides", "unknown", "alarms")
TIMED = ("write_s", "judge_s", "decode_s")


@dataclass
class Past:
    """Figures of processors added up, those that ended included."""

    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*COUNTED, *TIMED), 0.0))
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, figures: Figures) -> None:
        for name in (*COUNTED, *TIMED):
            self.sums[name] += getattr(figures, name)
        self.reasons.update(figures.reasons)

    def as_numbers(self) -> dict[str, float]:
        return dict(self.sums)


@dataclass
class Runner:
    """One process.

    :param database: address for the locks, as psycopg takes it. :param telemetry: ``TELEMETRY_URL``.
    :param fault_s: a source calls an instrument faulty for so long before it is told.
    """

    nats_url: str
    telemetry: str
    database: str
    settings: StreamSettings = field(default_factory=StreamSettings)
    renew_s: float = 5.0
    fault_s: float = 30.0
    #: On the loopback, for Prometheus; 0: none.
    metrics_port: int = 0

    def __post_init__(self) -> None:
        self.processors: dict[int, Processor] = {}
        # Two looks of a partition are never answered by one of the register.
        self._register = Register(self.settings.partitions, fresh_s=min(1.0, self.renew_s / 2))
        self._writer: Writer | None = None
        self._past = Past()
        self._is_rolling = False
        self._ticked = float("-inf")

    async def run(self) -> None:
        """Work until cancelled."""
        # A partition may judge or tell, write, ask for the register and make alarms at once, each in a thread that
        # waits for the store or the database at times; what one that began anew left behind may wait beside them.
        pool = ThreadPoolExecutor(max_workers=6 * self.settings.partitions + 8, thread_name_prefix="process")
        asyncio.get_running_loop().set_default_executor(pool)
        client = await nats.connect(self.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
        silence.judged = self._newest
        try:
            await ensure_streams(client.jetstream(), self.settings)
            await asyncio.to_thread(self._make_tables)
            tasks = [self._hold(number, self._process, client) for number in range(self.settings.partitions)]
            teller = Teller("process", lambda: self._figures(client), self._metrics, port=self.metrics_port)
            tasks += [self._hold(ROLLUPS, self._roll, client), self._hold(ALARMS, self._keep_time, client)]
            tasks += [self._make_room(client), teller.tell()]
            await asyncio.gather(*tasks)
        finally:
            silence.judged = silence.nothing
            with contextlib.suppress(Exception):
                await client.close()

    def _newest(self, number: int) -> silence.Value | None:
        """From any thread: the newest value of a tag, where a processor of this process has judged it."""
        return next((last for one in list(self.processors.values()) if (last := one.newest(number))), None)

    def _make_tables(self) -> None:
        store.ensure_tables(self._store())

    def _store(self) -> StoreClient:
        return store.connect(self.telemetry)

    async def _hold(
        self, number: int, act: Callable[[int, Client], Coroutine[None, None, None]], client: Client
    ) -> None:
        """Do something for ever, while the lock is held."""
        while True:
            try:
                async with self._lock(number) as is_held:
                    if is_held is None:
                        await asyncio.sleep(TRY_S)
                        continue
                    await _first_of(act(number, client), is_held)
            except BeginAnew as why:
                log.warning("partition %s is begun anew: %s", number, why)
            except (NatsError, psycopg.Error, DatabaseError, store.StoreAway) as away:
                log.warning("partition %s waits: %s", number, str(away).strip() or type(away).__name__)
                with contextlib.suppress(NatsError, TimeoutError):
                    await ensure_streams(client.jetstream(), self.settings)
            except Exception:
                log.exception("partition %s is begun anew", number)
            await asyncio.sleep(AGAIN_S)

    @asynccontextmanager
    async def _lock(self, number: int) -> AsyncIterator[Coroutine[None, None, None] | None]:
        """What ends, with an error, when the lock falls, or None where another holds it."""
        link = await psycopg.AsyncConnection.connect(self.database, autocommit=True)
        async with link:
            found = await link.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, number])
            row = await found.fetchone()
            if row is None or not row[0]:
                yield None
                return

            async def look() -> None:
                while True:
                    await asyncio.sleep(LOOK_S)
                    await link.execute("SELECT 1")

            yield look()

    async def _process(self, number: int, client: Client) -> None:
        clerk = Clerk(number, lambda: processor.figures.waiting > 0)
        processor = Processor(
            client=client, settings=self.settings, partition=number, telemetry=await asyncio.to_thread(self._store),
            keeper=DatabaseKeeper(self._asker(client), clerk.wake), renew_s=self.renew_s,
            fault_s=self.fault_s,
            rows=kept(lambda: self._register.rows(number, now=timezone.now())), writer=await self._write_together(),
        )  # fmt: skip
        self.processors[number] = processor
        try:
            await _first_of(processor.run(), clerk.run())
        finally:
            self.processors.pop(number, None)
            self._past.add(processor.figures)

    async def _write_together(self) -> Writer:
        """What all partitions of this process write through."""
        if self._writer is None:
            made = Writer(await asyncio.to_thread(self._store))
            # Another partition may have been quicker.
            self._writer = self._writer or made
        return self._writer

    async def _keep_time(self, number: int, client: Client) -> None:
        def ticked() -> None:
            self._ticked = time.monotonic()

        await keep_time(ticked)

    def _asker(self, client: Client) -> Callable[[Rebirth], None]:
        loop = asyncio.get_running_loop()

        def publish(topic: str, told: str) -> None:
            sent = asyncio.ensure_future(client.publish(topic, told.encode()))
            sent.add_done_callback(lambda one: one.cancelled() or one.exception())

        def ask(rebirth: Rebirth) -> None:
            """From a thread or not: the gateway that holds the source passes it on, at its time."""
            topic = f"{self.settings.space}commands.{rebirth.source}.rebirth"
            wait_s = max(0.0, rebirth.at_ms / 1000 - time.time())
            loop.call_soon_threadsafe(loop.call_later, wait_s, publish, topic, rebirth.topic)

        return ask

    async def _roll(self, number: int, client: Client) -> None:
        done = await asyncio.to_thread(kept(processing.take_over), number)
        now_ms = int(time.time() * 1000)
        roller = Roller(
            await asyncio.to_thread(self._store), since_ms=min(max(done.seq, now_ms - LOOK_BACK_MS), now_ms)
        )
        self._is_rolling = True
        try:
            while True:
                try:
                    await asyncio.to_thread(roller.roll, int(time.time() * 1000))
                except store.StoreAway as away:
                    log.warning("roll-ups wait for the store: %s", away)
                else:
                    done = replace(done, seq=roller.resume_ms)
                    if not await asyncio.to_thread(kept(processing.write_down), number, done, now=timezone.now()):
                        return
                await asyncio.sleep(ROLL_S)
        finally:
            self._is_rolling = False

    async def _figures(self, client: Client) -> dict[str, Any]:
        now_ms = int(time.time() * 1000)
        held: dict[str, Any] = {
            str(number): {
                "epoch": one.epoch, "lag_ms": one.figures.lag_now_ms(now_ms), "waiting": one.figures.waiting,
                "readings": one.figures.readings,
            }
            for number, one in self.processors.items()
        }  # fmt: skip
        if self._is_rolling:
            held[str(ROLLUPS)] = {}
        if time.monotonic() - self._ticked < CLOCK_S:
            held[str(ALARMS)] = {}
        told: dict[str, Any] = {"partitions": held, "count": self.settings.partitions,
                                "totals": self._totals().as_numbers()}  # fmt: skip
        with contextlib.suppress(NatsError, TimeoutError):
            state = (await client.jetstream().stream_info(self.settings.signals)).state
            told |= {
                "stream_bytes": state.bytes, "stream_limit": self.settings.keep_bytes,
                "stream_messages": state.messages, "stream_full": 100 * state.bytes / self.settings.keep_bytes,
            }  # fmt: skip
        return told

    def _totals(self) -> Past:
        whole = Past(dict(self._past.sums), Counter(self._past.reasons))
        for one in self.processors.values():
            whole.add(one.figures)
        return whole

    def _metrics(self) -> list[Metric]:
        now_ms, whole = int(time.time() * 1000), self._totals()
        held = {str(number): one.figures for number, one in self.processors.items()}
        return [
            Metric.by("quancheng_process_lag_seconds", "gauge", "From arrival to written, by partition.", "partition",
                      {number: one.lag_now_ms(now_ms) / 1000 for number, one in held.items()}),
            Metric.by("quancheng_process_waiting", "gauge", "Envelopes that wait in the stream.", "partition",
                      {number: float(one.waiting) for number, one in held.items()}),
            Metric.by("quancheng_process_done_total", "counter", "What was worked through.", "what",
                      {name: whole.sums[name] for name in COUNTED}),
            Metric.by("quancheng_process_asides_total", "counter", "What could not be read.", "reason",
                      dict(whole.reasons)),
            Metric.by("quancheng_process_seconds_total", "counter", "Time of each part of the work.", "part",
                      {name.removesuffix("_s"): whole.sums[name] for name in TIMED}),
            *of_process("quancheng_process"),
        ]  # fmt: skip

    async def _make_room(self, client: Client) -> None:
        """Let go what is worked through once the stream is half full: a full one takes nothing more from devices."""
        js = client.jetstream()
        while True:
            await asyncio.sleep(ROOM_S)
            with contextlib.suppress(NatsError, TimeoutError):
                info = await js.stream_info(self.settings.signals)
                if info.state.bytes > self.settings.keep_bytes // 2:
                    for number, processor in list(self.processors.items()):
                        await js.purge_stream(
                            self.settings.signals, seq=processor.done_seq + 1, subject=self.settings.subject(number)
                        )


async def _first_of(*works: Coroutine[None, None, None]) -> None:
    """Do some things at once until one ends, as that one ends."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
