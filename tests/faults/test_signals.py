"""Every process of the signal flow is killed under load: what was acknowledged stands in the store, once, and no alarm
is lost or doubled.

``QUANCHENG_KILLS`` says how often, where fourteen are not enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.support.running import PYTHON, Installation, clean_environment, prepared_state

from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.place import ROOT
from quancheng.stream.gateways.mqtt.client import Address, Client, Refused
from quancheng.stream.store import client as store

pytestmark = pytest.mark.slow

KILLED = ("gateway", "process", "store", "nats", "postgres", "web")
KILLS = int(os.environ.get("QUANCHENG_KILLS", "14"))
#: The second tag is beyond its limit in every other run of so many readings.
RUN = 40

#: An enterprise with a source and two tags, as the factories of tests make them.
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
numbers = []
for name, limit in (("T1", 1e9), ("T2", 50)):
    tag = Tag.objects.create(**file.row_scope(), file=file, source=source, code=name, key=name, name=name, kind="level",
                             unit="mm", h=limit, stale_after_s=86400, created_at=now)
    tag.refresh_from_db()
    numbers.append(str(tag.number))
print("MADE", secret, *numbers)
"""
#: What stands of the second tag: raises and clears in the order of their times, alarms with how often they came again.
TOLD = """
import json
from quancheng.domains.monitoring.models import Alarm, AlarmCondition, LimitEvent
events = LimitEvent.objects.filter(tag__code="T2").order_by("at")
print("TOLD", json.dumps({
    "events": [[round(one.at.timestamp() * 1000), one.is_raised] for one in events],
    "alarms": [[one.status, one.again_count, one.cleared_at is None] for one in Alarm.objects.filter(tag__code="T2")],
    "stands": list(AlarmCondition.objects.filter(tag__code="T2").values_list("is_active", flat=True)),
}))
"""


@dataclass
class Flow:
    """An installation with a device that tells two tags, ten times a second or more."""

    running: Installation
    port: int
    secret: str = ""
    numbers: list[int] = field(default_factory=list)
    base: int = 0
    acknowledged: list[int] = field(default_factory=list)
    sent: int = 0

    def make(self) -> None:
        said = self.running.command("dev", "manage", "shell", "--no-imports", "-c", MAKE)
        assert "MADE" in said.stdout, said.stderr
        self.secret, *numbers = said.stdout.split("MADE")[1].split()
        self.numbers = [int(one) for one in numbers]

    def store(self) -> Any:
        return store.connect(self.running.place.address("TELEMETRY_URL"))

    def rows(self, tag: int) -> Any:
        return store.raw(self.store(), [self.numbers[tag]], self.base - 1000, self.base + 100_000_000)

    def told(self) -> dict[str, Any]:
        said = self.running.command("dev", "manage", "shell", "--no-imports", "-c", TOLD)
        assert "TOLD" in said.stdout, said.stderr
        found: dict[str, Any] = json.loads(said.stdout.split("TOLD")[1])
        return found

    async def play(self, trouble: Callable[[], Awaitable[None]]) -> None:
        """Tell readings while the trouble lasts, until all are acknowledged."""
        device = await self._device()
        self.base = int(time.time() * 1000)
        troubling = asyncio.ensure_future(trouble())
        while not troubling.done():
            at = max(self.base + 1, int(time.time() * 1000)) if self.sent else self.base
            self.base = min(self.base, at)
            value = self.sent
            beyond = 100 if value // RUN % 2 else 0
            body = {"d": [{"t": "T1", "ts": at, "v": value}, {"t": "T2", "ts": at, "v": beyond}]}
            kept = await device.publish(TOPIC, json.dumps(body).encode(), qos=1)
            kept.add_done_callback(lambda one, said=value: None if one.exception() else self.acknowledged.append(said))
            self.sent += 1
            await asyncio.sleep(0.02)
        troubling.result()
        await asyncio.wait_for(device.drained(), 180)
        await device.close()

    async def _device(self) -> Client:
        # A source is known to gateways, and a tag to processors, within seconds; what is told under an unknown name is
        # only counted.
        address = Address("127.0.0.1", self.port, "GW-SL001-01", user="GW-SL001-01", password=self.secret)
        for _try in range(60):
            device = Client(address)
            try:
                await device.start()
            except Refused:
                await asyncio.sleep(1)
            else:
                break
        early = int(time.time() * 1000) - 600_000
        for probe in range(1, 120):
            body = {"d": [{"t": name, "ts": early - probe, "v": -1} for name in ("T1", "T2")]}
            await device.publish(TOPIC, json.dumps(body).encode(), qos=1)
            await asyncio.sleep(1)
            # The tables are made by the first processor.
            with contextlib.suppress(store.StoreAway):
                if all(len(store.raw(self.store(), [one], early - 10_000, early + 1000)) for one in self.numbers):
                    break
        return device

    def await_all(self, wait_s: float = 180) -> list[int]:
        """What stands of the first tag, once all that was acknowledged does."""
        until = time.monotonic() + wait_s
        while True:
            found = [int(one["value"]) for one in self.rows(0)]
            if set(self.acknowledged) <= set(found) or time.monotonic() > until:
                return found
            time.sleep(1)


TOPIC = "hc/v1/x/SL001/GW-SL001-01/tele"


@pytest.fixture
def flow() -> Iterator[Flow]:
    port = free_port()
    made = Installation(arguments=("--empty", f"--mqtt-port={port}"), of=prepared_state())
    try:
        made.start()
        made.await_ready()
        found = Flow(made, port)
        found.make()
        yield found
    finally:
        made.clear()


def check(flow: Flow) -> None:
    """Everything acknowledged stands once; events are those of the readings that stand; alarms are those of events."""
    found = flow.await_all()
    assert len(flow.acknowledged) > 100
    assert sorted(set(flow.acknowledged) - set(found)) == []
    assert len(found) == len(set(found))
    due, beyond = [], False
    for row in flow.rows(1):
        if bool(row["value"] >= 50) is not beyond:
            beyond = not beyond
            due.append([int(row["at"]), beyond])
    until = time.monotonic() + 60
    while (told := flow.told())["events"] != due and time.monotonic() < until:
        time.sleep(2)
    missing = [one for one in due if one not in told["events"]]
    extra = [one for one in told["events"] if one not in due]
    assert (missing, extra) == ([], []), (len(due), len(told["events"]), due[:8], told["events"][:8])
    # The clerk comes behind: in the end what stands is told, and by one alarm.
    while time.monotonic() < until and (len(told["alarms"]) != 1 or told["stands"] != [beyond]):
        time.sleep(2)
        told = flow.told()
    ((status, again, is_active),) = told["alarms"]
    assert (told["stands"], is_active) == ([beyond], beyond)
    assert status == ("UNACK" if beyond else "RTNUN")
    raises = sum(is_raised for _at, is_raised in due)
    # What is told a minute late calls nobody, and is no repetition.
    assert 0 <= again <= raises - 1


def test_what_was_acknowledged_stands_once_whoever_is_killed(flow: Flow) -> None:
    chance = random.Random(7)
    names = [KILLED[number % len(KILLED)] for number in range(KILLS)]
    chance.shuffle(names)
    running = flow.running
    # A second process of processors beside the first: partitions pass from one to the other.
    second = subprocess.Popen(
        [PYTHON, "-m", "quancheng.runtime", "process"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=clean_environment()
        | {"PYTHONPATH": str(ROOT / "src"), "QUANCHENG_VAR": str(running.place.var)},
    )  # fmt: skip

    async def kill() -> None:
        for name in names:
            await asyncio.sleep(chance.uniform(0.5, 3))
            since, child = len(running.said), running.child(name)
            os.kill(child.pid, signal.SIGKILL)
            await asyncio.to_thread(running.await_said, rf"{name} +started again", 120, since=since)
        await asyncio.sleep(3)

    try:
        asyncio.run(flow.play(kill))
        check(flow)
    finally:
        second.kill()
        second.wait()


def test_a_store_that_does_not_answer_for_half_a_minute_loses_nothing(flow: Flow) -> None:
    async def hang() -> None:
        await asyncio.sleep(2)
        child = flow.running.child("store")
        os.kill(child.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(32)
        finally:
            os.kill(child.pid, signal.SIGCONT)
        await asyncio.sleep(5)

    asyncio.run(flow.play(hang))
    check(flow)


@pytest.fixture
def small_store() -> Iterator[Flow]:
    """A flow whose store has a small disk of its own."""
    port = free_port()
    made = Installation(arguments=("--empty", f"--mqtt-port={port}"), of=prepared_state())
    folder, aside = made.place.folder("store"), made.folder / "aside"
    shutil.move(folder, aside)
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        made.clear()
        pytest.skip(f"no disk of its own can be given to the store here: {mounted.stderr.strip()}")
    try:
        # Its links are links.
        shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)
        made.start()
        made.await_ready()
        found = Flow(made, port)
        found.make()
        yield found
    finally:
        if made.process is not None and made.process.poll() is None:
            made.stop()
        subprocess.run(["umount", "-l", str(folder)], check=False)
        made.clear()


def test_a_full_disk_of_the_store_is_waited_for(small_store: Flow) -> None:
    filler = small_store.running.place.folder("store") / "filler"

    async def fill() -> None:
        await asyncio.sleep(3)
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
            while True:
                out.write(bytes(65_536))
        await asyncio.sleep(20)
        filler.unlink()
        await asyncio.sleep(10)

    asyncio.run(small_store.play(fill))
    check(small_store)
