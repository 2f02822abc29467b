"""From a device to the record of an alarm: gateway, stream, processor, store and records as they run."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import nats
import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, make_district

from quancheng.domains.monitoring.models import (
    AsideMessage,
    LimitEvent,
    ProcessFigure,
    Source,
    SourceState,
    Tag,
    TagStatus,
    UnknownKey,
)
from quancheng.domains.monitoring.services.sources import renew_secret
from quancheng.runtime.databases import conninfo
from quancheng.runtime.engines.ports import free_port
from quancheng.stream.gateways.mqtt.client import Address, Client
from quancheng.stream.gateways.runner import GatewayRunner
from quancheng.stream.messages import StreamSettings
from quancheng.stream.processors.runner import Runner
from quancheng.stream.store import client as store

pytestmark = pytest.mark.django_db(transaction=True)


def make_tag(source: Source, key: str, **known: Any) -> Tag:
    return Tag.objects.create(
        **source.file.row_scope(), file=source.file, source=source, code=f"SL001.TANK1.{key}.PV", key=key, name="液位",
        kind="level", unit="mm", range_lo=0, range_hi=2520, created_at=NOW, **known,
    )  # fmt: skip


async def until(holds: Callable[[], bool], *, wait_s: float = 30) -> None:
    """Ask the records, in a thread, until something holds."""
    end = time.monotonic() + wait_s
    while not await sync_to_async(holds, thread_sensitive=False)():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.1)


def test_a_reading_passes_a_limit_and_is_stored_and_noted_once(nats_url: str, telemetry_url: str) -> None:
    district = make_district()
    own_file(district)
    source = make_source(district)
    secret = renew_secret(actor=district.enterprise, row=source, now=NOW)
    tag = make_tag(source, "LT101", h=2126, deadband=10)
    tag.refresh_from_db()
    other = make_tag(source, "LT102", h=40)
    settings = StreamSettings(space=f"t{uuid4().hex}_", partitions=2, keep_bytes=64 * 1024**2, aside_bytes=1024**2)
    opened: list[int] = []
    ports = free_port(), free_port()
    gateway = GatewayRunner(nats_url=nats_url, host="127.0.0.1", port=0, settings=settings, told=opened.append,
                            metrics_port=ports[0])  # fmt: skip
    runner = Runner(nats_url=nats_url, telemetry=telemetry_url, database=conninfo(dict(connection.settings_dict)),
                    settings=settings, renew_s=0.2, metrics_port=ports[1])  # fmt: skip
    now = int(time.time()) * 1000
    told: list[str] = []
    topic = f"hc/v1/500103/SL001/{source.code}/tele"

    async def act() -> None:
        nonlocal told
        tasks = [asyncio.ensure_future(gateway.run()), asyncio.ensure_future(runner.run())]
        try:
            while not opened:
                await asyncio.sleep(0.05)
                for task in tasks:
                    assert not task.done(), task.exception()
            device = Client(Address("127.0.0.1", opened[0], source.code, user=source.code, password=secret))
            await device.start()
            for after, value in ((0, 1843.2), (5, 2130.0), (10, 2100.0)):
                body = {"d": [{"t": "LT101", "ts": now - 20_000 + after * 1000, "v": value}]}
                await device.publish(topic, json.dumps(body).encode(), qos=1)
            await device.publish(topic, b"not json", qos=1)
            await device.publish(topic, json.dumps({"d": [{"t": "XX", "ts": now, "v": 1}]}).encode(), qos=1)
            await until(lambda: LimitEvent.objects.count() == 2 and UnknownKey.objects.exists())
            body = {"d": [{"t": "LT102", "ts": now - 1000, "v": 50.0}]}
            await device.publish(topic, json.dumps(body).encode(), qos=1)
            await until(lambda: LimitEvent.objects.filter(tag=other).exists())
            await sync_to_async(Tag.objects.filter(pk=other.pk).update)(status=TagStatus.ENDED)
            await until(lambda: LimitEvent.objects.filter(tag=other, is_raised=False).exists())
            await until(lambda: SourceState.objects.filter(is_online=True, messages=6).exists())
            told = [await asyncio.to_thread(fetch, port) for port in ports]
            await device.drained()
            await device.close()
            await until(lambda: SourceState.objects.filter(is_online=False).exists())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            link = await nats.connect(nats_url)
            for name in (settings.signals, settings.aside):
                await link.jetstream().delete_stream(name)
            await link.close()

    asyncio.run(act())
    raised, cleared = LimitEvent.objects.filter(tag=tag).order_by("at")
    assert (raised.limit, raised.is_raised, raised.value, raised.limit_value) == ("H", True, 2130, 2126)
    assert (cleared.is_raised, cleared.value) == (False, 2100)
    # A tag that ends leaves no alarm standing.
    ended = LimitEvent.objects.get(tag=other, is_raised=False)
    assert (ended.limit, ended.value, ended.limit_value) == ("H", 50, 40)
    rows = store.raw(store.connect(telemetry_url), [tag.number], now - 60_000, now)
    assert [float(one["value"]) for one in rows] == [1843.2, 2130, 2100]
    assert AsideMessage.objects.get().reason == "MALFORMED"
    assert UnknownKey.objects.get().key == "XX"
    assert {row.name: row.figures["metrics"] for row in ProcessFigure.objects.all()} == {
        "gateway": f"127.0.0.1:{ports[0]}", "process": f"127.0.0.1:{ports[1]}",
    }  # fmt: skip
    of_gateway, of_process = told
    assert 'quancheng_gateway_received_total{what="messages"} 6' in of_gateway
    assert "quancheng_gateway_connections 1" in of_gateway
    assert 'quancheng_process_done_total{what="readings"} 4' in of_process
    assert 'quancheng_process_asides_total{reason="MALFORMED"} 1' in of_process


def fetch(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())
