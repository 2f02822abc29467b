"""What the tests of live pages share: two enterprises with tags, the engines, and processors' voice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import numpy as np
from tests.domains.monitoring.tag_scene import GAS, Scene, make_scene, make_tag
from tests.support.webserver import web_server

from quancheng.domains.monitoring.models import AlarmCondition, Tag
from quancheng.stream import live
from quancheng.stream.store import client as store
from quancheng.stream.store.rolling import Roller


@dataclass
class Site:
    """An enterprise with a tank (level and gas) and a store; values are told and stored as processors do."""

    scene: Scene
    nats_url: str
    telemetry: str
    level: Tag = field(init=False)
    gas: Tag = field(init=False)

    def __post_init__(self) -> None:
        store.ensure_tables(store.connect(self.telemetry))
        self.level = make_tag(self.scene, facility=self.scene.tank, source=self.scene.source, parameter="level")
        self.gas = make_tag(
            self.scene, "JYZ001.G1.GDS101", facility=self.scene.tank, source=self.scene.source, **GAS,
            parameter="flammable",
        )  # fmt: skip
        for tag in (self.level, self.gas):
            tag.refresh_from_db()

    def write(self, *rows: tuple[Tag, int, float], quality: int = 192) -> None:
        """Into the store: tag, milliseconds ago, value."""
        now, client = int(time.time() * 1000), store.connect(self.telemetry)
        told = [(tag.number, now - ago, value, quality, 0, quality >> 6) for tag, ago, value in rows]
        store.write(client, "readings", np.array(told, store.READING))
        newest = {tag.number: (tag.number, now - ago, value, quality, 0) for tag, ago, value in reversed(rows)}
        store.write(client, "latest", np.array(list(newest.values()), store.LATEST))

    def stand(self, tag: Tag, limit: str, *, value: float, limit_value: float) -> None:
        """A limit stands passed since a morning, as the clerk of alarms writes it down."""
        at = "2026-09-01T08:00Z"
        AlarmCondition.objects.create(
            tag=tag, type=limit, partition=0, is_active=True, at=at, value=value, limit_value=limit_value, noted_at=at
        )

    def roll(self) -> None:
        """Work out the minutes of the last day, and what is longer, from what is written."""
        client, now = store.connect(self.telemetry), int(time.time() * 1000)
        store.run(
            client.command,
            "INSERT INTO touched SELECT DISTINCT toStartOfMinute(at), 0, fromUnixTimestamp64Milli("
            f"{now - 5_000}) FROM readings",
        )
        Roller(client, since_ms=now - 60_000).roll(now)

    def tell(self, *told: tuple[Tag, float, int]) -> None:
        """To whoever watches, as a processor: tag, value, level."""
        # In a thread: the driver of browsers keeps a loop running in this one.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._tell(told)).result()

    async def _tell(self, told: Any) -> None:
        client = await nats.connect(self.nats_url)
        now = int(time.time() * 1000)
        for tag, value, level in told:
            rows = np.array([(tag.number, now, value, 192, level)], live.LIVE)
            await client.publish(live.subject_of(tag.file_id), live.pack(rows))
        await client.close()

    @contextmanager
    def serve(self, folder: Path, *, port: int = 0) -> Iterator[str]:
        """The web process on these engines; its address."""
        with web_server(
            folder, port=port, more={"NATS_URL": self.nats_url, "TELEMETRY_URL": self.telemetry}
        ) as address:
            yield address


def make_site(nats_url: str, telemetry: str) -> Site:
    return Site(make_scene(), nats_url, telemetry)
