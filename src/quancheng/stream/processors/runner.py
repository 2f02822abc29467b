"""A process of processors (处理进程): it works on every partition that nobody else holds, and on the roll-ups.

Who holds a partition holds a lock of the database's, which falls with its connection; a processor whose lock fell
stops, and what it would still write is refused by the partition's epoch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import nats
import psycopg
from clickhouse_connect.driver.client import Client as StoreClient
from django.utils import timezone
from nats.aio.client import Client

from quancheng.stream.messages import StreamSettings, ensure_streams
from quancheng.stream.processors.decoding import Rebirth
from quancheng.stream.processors.keeper import DatabaseKeeper
from quancheng.stream.processors.processor import Processor
from quancheng.stream.processors.register import tag_rows
from quancheng.stream.store import client as store
from quancheng.stream.store.rolling import Roller

log = logging.getLogger(__name__)

#: The first key of the locks; the second is the partition.
LOCKS = 74_11
#: The roll-ups are kept like a partition of their own.
ROLLUPS = 32_000
#: How often a lock is tried, and looked at while it is held.
TRY_S, LOOK_S = 2.0, 1.0
ROLL_S = 10.0
#: After a failure a partition is begun anew so much later.
AGAIN_S = 1.0


@dataclass
class Runner:
    """One process.

    :param database: address for the locks, as psycopg takes it. :param telemetry: ``TELEMETRY_URL``.
    """

    nats_url: str
    telemetry: str
    database: str
    settings: StreamSettings = field(default_factory=StreamSettings)
    renew_s: float = 5.0

    def __post_init__(self) -> None:
        self.processors: dict[int, Processor] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        client = await nats.connect(self.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
        try:
            await ensure_streams(client.jetstream(), self.settings)
            await asyncio.to_thread(self._make_tables)
            tasks = [self._hold(number, self._process, client) for number in range(self.settings.partitions)]
            tasks.append(self._hold(ROLLUPS, self._roll, client))
            await asyncio.gather(*tasks)
        finally:
            with contextlib.suppress(Exception):
                await client.close()

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
                    working = asyncio.ensure_future(act(number, client))
                    looking = asyncio.ensure_future(is_held)
                    try:
                        await asyncio.wait([working, looking], return_when=asyncio.FIRST_COMPLETED)
                        if working.done():
                            working.result()
                    finally:
                        for task in (working, looking):
                            task.cancel()
                        await asyncio.gather(working, looking, return_exceptions=True)
            except Exception:
                log.exception("partition %s is begun anew", number)
            await asyncio.sleep(AGAIN_S)

    @asynccontextmanager
    async def _lock(self, number: int) -> AsyncIterator[asyncio.Future[None] | None]:
        """What ends when the lock falls, or None where another holds it."""
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

            yield asyncio.ensure_future(look())

    async def _process(self, number: int, client: Client) -> None:
        processor = Processor(
            client=client, settings=self.settings, partition=number, telemetry=await asyncio.to_thread(self._store),
            keeper=DatabaseKeeper(self._asker(client)), renew_s=self.renew_s,
            rows=lambda: list(tag_rows({number}, self.settings.partitions, now=timezone.now())),
        )  # fmt: skip
        self.processors[number] = processor
        try:
            await processor.run()
        finally:
            self.processors.pop(number, None)

    def _asker(self, client: Client) -> Callable[[Rebirth], None]:
        loop = asyncio.get_running_loop()

        def ask(rebirth: Rebirth) -> None:
            """From a thread: the gateway that holds the source passes it on."""
            topic = f"{self.settings.space}commands.{rebirth.source}.rebirth"
            asyncio.run_coroutine_threadsafe(client.publish(topic, rebirth.topic.encode()), loop)

        return ask

    async def _roll(self, number: int, client: Client) -> None:
        keeper = DatabaseKeeper(lambda rebirth: None)
        epoch, since_ms, _content = await asyncio.to_thread(keeper.take_over, number)
        now_ms = int(time.time() * 1000)
        roller = Roller(await asyncio.to_thread(self._store), since_ms=max(since_ms, now_ms - 2 * 86_400_000))
        while True:
            try:
                await asyncio.to_thread(roller.roll, int(time.time() * 1000))
            except store.StoreAway as away:
                log.warning("roll-ups wait for the store: %s", away)
            else:
                if not await asyncio.to_thread(keeper.save_state, number, epoch, roller.resume_ms, b""):
                    return
            await asyncio.sleep(ROLL_S)
