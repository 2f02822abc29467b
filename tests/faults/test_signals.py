"""Every process of the signal flow is killed under load: what was acknowledged stands in the store, once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator

import pytest
from tests.support.running import Installation, prepared_state

from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.place import ROOT
from quancheng.stream.gateways.mqtt.client import Address, Client, Refused
from quancheng.stream.store import client as store

pytestmark = pytest.mark.slow

#: An enterprise with a source and a tag, as the factories of tests make them.
MAKE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from django.utils import timezone
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import make_district
from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.services.sources import renew_secret
district = make_district()
file, now = own_file(district), timezone.now()
source = make_source(district)
secret = renew_secret(actor=district.enterprise, row=source, now=now)
tag = Tag.objects.create(**file.row_scope(), file=file, source=source, code="T1", key="T1", name="T1", kind="level",
                         unit="mm", h=1e9, created_at=now)
tag.refresh_from_db()
print("MADE", secret, tag.number)
"""


@pytest.fixture
def installation() -> Iterator[tuple[Installation, int]]:
    port = free_port()
    made = Installation(arguments=("--empty", f"--mqtt-port={port}"), of=prepared_state())
    try:
        made.start()
        made.await_ready()
        yield made, port
    finally:
        made.clear()


def test_what_was_acknowledged_stands_once_whoever_is_killed(installation: tuple[Installation, int]) -> None:
    running, port = installation
    said = running.command("dev", "manage", "shell", "--no-imports", "-c", MAKE)
    assert "MADE" in said.stdout, said.stderr
    secret, number = said.stdout.split("MADE")[1].split()
    base = (int(time.time()) - 600) * 1000
    acknowledged: list[int] = []

    async def kill() -> None:
        for name in ("gateway", "process", "store", "nats", "postgres", "process", "gateway"):
            await asyncio.sleep(2)
            since, child = len(running.said), running.child(name)
            os.kill(child.pid, signal.SIGKILL)
            await asyncio.to_thread(running.await_said, rf"{name} +started again", 120, since=since)
        await asyncio.sleep(3)

    async def act() -> None:
        address = Address("127.0.0.1", port, "GW-SL001-01", user="GW-SL001-01", password=secret)
        # A source is known to gateways, and a tag to processors, within seconds; what is told under an unknown name is
        # only counted.
        for _try in range(60):
            device = Client(address)
            try:
                await device.start()
            except Refused:
                await asyncio.sleep(1)
            else:
                break
        known = store.connect(running.place.address("TELEMETRY_URL"))
        for probe in range(1, 120):
            body = {"d": [{"t": "T1", "ts": base - 600_000 - probe, "v": -1}]}
            await device.publish("hc/v1/x/SL001/GW-SL001-01/tele", json.dumps(body).encode(), qos=1)
            await asyncio.sleep(1)
            if len(store.raw(known, [int(number)], base - 1_000_000, base - 1000)):
                break
        killing = asyncio.ensure_future(kill())
        sent = 0
        while not killing.done():
            body = {"d": [{"t": "T1", "ts": base + sent * 10, "v": sent}]}
            kept = await device.publish("hc/v1/x/SL001/GW-SL001-01/tele", json.dumps(body).encode(), qos=1)
            kept.add_done_callback(lambda one, at=sent: None if one.exception() else acknowledged.append(at))
            sent += 1
            await asyncio.sleep(0.01)
        killing.result()
        await asyncio.wait_for(device.drained(), 120)
        await device.close()

    asyncio.run(act())
    assert len(acknowledged) > 200
    client = store.connect(running.place.address("TELEMETRY_URL"))
    until = time.monotonic() + 120
    while True:
        rows = store.raw(client, [int(number)], base - 1000, base + 10_000_000)
        found = [int(one["value"]) for one in rows]
        if set(acknowledged) <= set(found) or time.monotonic() > until:
            break
        time.sleep(1)
    assert sorted(set(acknowledged) - set(found)) == []
    assert len(found) == len(set(found))
    assert [int(one["at"]) for one in rows] == [base + one * 10 for one in found]
