"""Signals from devices to the store, the alarm and the page, everything on one machine.

*Path* is MQTT at QoS 1 through the gateway, 50 points a message, at most 100 messages waiting for their PUBACK. The
data are those of the simulator's district of 20,000 tags (``--scale``), each with LL, L, H, HH, deadband and a rate,
told as often as ``--points-per-s`` asks for ``--seconds``. *Visible* is what the page's own function returns. The
publishers are a process of their own, whose share of the processor is told.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from benchmarks.harness import Result, Settings, percentile

TAGS, POINTS_PER_S, SECONDS = 20_000, 100_000, 600.0
#: Sources, each of an enterprise of its own.
ENTERPRISES = 40
#: What is promised: seconds and milliseconds.
VISIBLE_S, JUDGED_MS, TREND_MS, LAST_MS, START_S, BYTES = 1.0, 200.0, 300.0, 100.0, 10.0, 3.0
PAGE_MS = 300.0
LATENCY_S, REGISTERED, BATCH_S = 60.0, 100_000, 30.0
#: Tags that a browser shows, and how often the probe tells: less often than values are merged.
WATCHED, TOLD_S = 50, 0.6
#: Nothing waits when a reading is visible so soon; and how long the store is then left alone.
QUIET_S, SETTLE_S = 0.4, 15.0
#: The second door: readings of a batch over HTTP, and links that send one after the other.
BATCH_POINTS, LINKS = 1_000, 8
_TICK = os.sysconf("SC_CLK_TCK")

#: Enterprises with a source each, and the simulator's tags with all limits: printed are the sources with their secrets.
MAKE = """
import json, sys
sys.path.insert(0, {root!r})
from django.utils import timezone
from tests.factories import make_district, make_org, make_actor
from tests.domains.monitoring.factories import make_source
from tests.support.signing import signed_in
from benchmarks.signals_rows import make_tags, probe
from quancheng.domains.monitoring.models import Source, Tag
from quancheng.domains.monitoring.services.sources import renew_secret
from quancheng.domains.registry.services.enterprises import open_own_file
district, now = make_district(), timezone.now()
sources = []
for number in range({enterprises}):
    org = make_org(f"示例企业{{number}}", kind="enterprise", area=district.street_area)
    actor = make_actor(org, "enterprise.head")
    watcher = actor if number == 0 else watcher
    file = open_own_file(actor=actor, kind="depot", known={{}}, now=now)
    source = make_source(district, code=f"GW-B{{number:04}}", actor=actor, file=file)
    sources.append((source, renew_secret(actor=actor, row=source, now=now)))
Source.objects.update(points_per_s=10_000_000, burst_points=100_000_000, points_per_day=10**15)
made = make_tags([source for source, _secret in sources], tags={tags}, now=now)
number = probe(sources[0][0], now=now)
beside = Tag.objects.filter(source=sources[0][0]).exclude(number=number).order_by("number")
print("MADE", json.dumps({{
    "sources": [(source.code, secret) for source, secret in sources], "probe": number, "tags": made,
    "beside": list(beside.values_list("number", flat=True)[:{watched}]),
    "sessions": {{name: signed_in(who).cookies["sessionid"].value
                 for name, who in (("enterprise", watcher), ("office", district.director))}},
}}))
"""


def run(settings: Settings) -> Result:
    """Start everything, measure, throw it away."""
    result = Result()
    tags = round(TAGS * settings.scale)
    points, seconds = settings.points_per_s or POINTS_PER_S, settings.seconds or SECONDS
    with _installation() as (running, port, http):
        made = _make(running, tags)
        _wait_until_known(running, port, made)
        raw = _raw_speed(running)
        result.add("raw insert into the store, nothing else running", raw, "points/s")
        _sustained(result, running, port, made, tags=tags, points=points, seconds=seconds, raw=raw)
        _batches(result, http, made, seconds=min(seconds, BATCH_S))
        _wait_until_quiet(running, port, made)
        _latencies(result, running, port, made, tags=tags, points=points / 2, seconds=min(seconds, LATENCY_S))
        _wait_until_quiet(running, port, made)
        _queries(result, running, made, rounds=settings.rounds or 20)
        _pages(result, running, made, rounds=settings.rounds or 20)
        _registered(result, running, made)
    return result


@contextmanager
def _installation() -> Iterator[tuple[Any, int, int]]:
    from tests.support.running import Installation, prepared_state

    from quancheng.runtime.engines.ports import free_port

    port, http = free_port(), free_port()
    arguments = ("--empty", f"--mqtt-port={port}", f"--http-port={http}")
    running = Installation(arguments=arguments, of=prepared_state())
    try:
        running.start()
        running.await_ready()
        yield running, port, http
    finally:
        running.clear()


def _make(running: Any, tags: int) -> dict[str, Any]:
    from quancheng.runtime.place import ROOT

    program = MAKE.format(root=str(ROOT), enterprises=ENTERPRISES, tags=tags, watched=WATCHED - 1)
    said = running.command("dev", "manage", "shell", "--no-imports", "-c", program, PYTHONPATH=f"{ROOT}/src:{ROOT}")
    if "MADE" not in said.stdout:
        raise RuntimeError(said.stderr)
    made: dict[str, Any] = json.loads(said.stdout.split("MADE")[1])
    # From here on pages' own functions work on this installation.
    os.environ["QUANCHENG_VAR"] = str(running.place.var)
    from quancheng.runtime.cli import set_up_django

    set_up_django()
    return made


def _last(number: int) -> float | None:
    """What the page's own function tells of a tag."""
    from quancheng.domains.monitoring.models import Tag
    from quancheng.domains.monitoring.queries.readings import last_of

    found = last_of([Tag(number=number)]).get(number)
    return None if found is None else found.value


def _wait_until_known(running: Any, port: int, made: dict[str, Any]) -> None:
    async def act() -> None:
        async with _device(port, made) as tell:
            for value in range(1, 120):
                await tell(-float(value))
                await asyncio.sleep(1)
                if await asyncio.to_thread(_last, made["probe"]) is not None:
                    return
        raise RuntimeError("the probe's readings do not arrive")

    asyncio.run(act())


def _wait_until_quiet(running: Any, port: int, made: dict[str, Any]) -> None:
    """What came before is worked through: of the backlog of one measurement the next says nothing."""

    async def act() -> None:
        async with _device(port, made) as tell:
            for value in range(1, 600):
                began = time.monotonic()
                await tell(-float(value))
                while await asyncio.to_thread(_last, made["probe"]) != -float(value):
                    await asyncio.sleep(0.05)
                if time.monotonic() - began < QUIET_S:
                    return

    asyncio.run(act())
    # The store merges what it was given.
    time.sleep(SETTLE_S)


class _device:
    """A device that tells the probe's value, at QoS 1."""

    def __init__(self, port: int, made: dict[str, Any]) -> None:
        from quancheng.stream.gateways.mqtt.client import Address, Client

        self.code, secret = made["sources"][0]
        self._client = Client(Address("127.0.0.1", port, f"{self.code}-probe", user=self.code, password=secret))

    async def __aenter__(self) -> Callable[[float], Any]:
        for _try in range(60):
            try:
                await self._client.start()
            except ConnectionError:
                await asyncio.sleep(1)
            else:
                break

        async def tell(value: float) -> None:
            body = {"d": [{"t": "PROBE", "ts": int(time.time() * 1000), "v": value}]}
            topic = f"hc/v1/000000/S/{self.code}/tele"
            await (await self._client.publish(topic, json.dumps(body).encode(), qos=1))

        return tell

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


@dataclass
class Watched:
    """Seconds of processor and memory of each process of the installation while something runs."""

    running: Any
    cpu_s: dict[str, float] = field(default_factory=dict)
    most_mb: dict[str, float] = field(default_factory=dict)
    first_mb: dict[str, float] = field(default_factory=dict)

    def __enter__(self) -> Watched:
        self._stop = threading.Event()
        self._before = self._used()
        self._look()
        self.first_mb = dict(self.most_mb)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.cpu_s = {name: used - self._before.get(name, 0.0) for name, used in self._used().items()}

    def _watch(self) -> None:
        while not self._stop.wait(5):
            self._look()

    def _look(self) -> None:
        for name, pids in self._pids().items():
            self.most_mb[name] = max(self.most_mb.get(name, 0.0), sum(_memory_mb(pid) for pid in pids))

    def _used(self) -> dict[str, float]:
        return {name: sum(_cpu_s(pid) for pid in pids) for name, pids in self._pids().items()}

    def _pids(self) -> dict[str, list[int]]:
        from quancheng.runtime.engines import children

        found = {}
        for name, child in children.noted(self.running.place).items():
            found[name] = [child.pid, *_children_of(child.pid)]
        return found


def _children_of(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(one) for one in told.split()]


def _cpu_s(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # With those of children that have ended.
    return sum(int(one) for one in told[11:15]) / _TICK


def _memory_mb(pid: int) -> float:
    """Its own share of memory: pages that several hold are divided among them."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("Pss:")), 0.0)


@contextmanager
def _load(
    port: int, made: dict[str, Any], *, tags: int, points: float, seconds: float
) -> Iterator[list[dict[str, Any]]]:
    """The devices run while the body does; what they tell is in the list, the last line after the end."""
    told: list[dict[str, Any]] = []
    given = {"port": port, "sources": made["sources"], "tags": tags, "points_per_s": points, "seconds": seconds}
    devices = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.signals_load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert devices.stdin is not None
    assert devices.stdout is not None
    devices.stdin.write(json.dumps(given) + "\n")
    devices.stdin.flush()

    def read() -> None:
        assert devices.stdout is not None
        told.extend(json.loads(line) for line in devices.stdout)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    try:
        yield told
        devices.wait(seconds + 300)
    finally:
        devices.kill()
        devices.wait()
        reading.join()


def _raw_speed(running: Any, *, rows: int = 100_000, seconds: float = 10.0) -> float:
    """Rows a second into the table of readings in large batches, of tags that nobody has."""
    from quancheng.stream.store import client as store

    link = store.connect(running.place.address("TELEMETRY_URL"))
    batch = np.zeros(rows, store.READING)
    batch["tag"] = 4_000_000_000 + np.arange(rows) % 20_000
    batch["quality"], batch["rank"] = 192, 3
    noise = np.random.default_rng(1)
    began, written = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        batch["at"] = int(time.time() * 1000) + np.arange(rows) // 20_000
        batch["value"] = np.round(noise.normal(100, 5, rows), 1)
        store.write(link, "readings", batch)
        written += rows
    return written / (time.perf_counter() - began)


def _counted(running: Any, since_ms: int) -> int:
    from quancheng.stream.store import client as store

    link = store.connect(running.place.address("TELEMETRY_URL"))
    found = store.run(
        link.command,
        "SELECT count() FROM readings FINAL WHERE tag < 4000000000 AND at >= fromUnixTimestamp64Milli({since:Int64})",
        parameters={"since": since_ms},
    )
    return int(found)


def _sustained(
    result: Result, running: Any, port: int, made: dict[str, Any], *, tags: int, points: float, seconds: float,
    raw: float,
) -> None:  # fmt: skip
    since_ms = int(time.time() * 1000) - 1000
    began = time.monotonic()
    with Watched(running) as watched, _load(port, made, tags=tags, points=points, seconds=seconds) as told:
        pass
    took = time.monotonic() - began
    last = told[-1]
    deadline = time.monotonic() + 600
    # Until all that was acknowledged can be read.
    while (found := _counted(running, since_ms)) < last["acknowledged"] and time.monotonic() < deadline:
        time.sleep(1)
    behind_s = time.monotonic() - began - took
    span = last["at"]
    rate = last["acknowledged"] / span
    result.add("path: asked for", points, "points/s")
    result.add("path: acknowledged", rate, "points/s")
    result.add("path: acknowledged and not in the store", float(last["acknowledged"] - found), "points", at_most=0)
    result.add("path: until the last was in the store", behind_s, "s")
    result.add("path: share of the raw insert speed", 100 * rate / raw, "%")
    result.add("path: slowest acknowledgement", max(one["slowest_ms"] for one in told), "ms")
    for name, used in sorted(watched.cpu_s.items()):
        if used > 0.01 * span:
            result.add(f"processor: {name}", used / span, "cores")
            result.add(f"points a second and core: {name}", last["acknowledged"] / used, "points")
    result.add("processor: publishers", last["cpu_s"] / span, "cores")
    for name in ("gateway", "process", "store", "nats"):
        grown = watched.most_mb.get(name, 0.0)
        result.add(f"memory: {name}, at first", watched.first_mb.get(name, 0.0), "MB")
        result.add(f"memory: {name}, most", grown, "MB")
    _bytes(result, running)


def _bytes(result: Result, running: Any) -> None:
    from quancheng.stream.store import client as store

    link = store.connect(running.place.address("TELEMETRY_URL"))
    store.run(link.command, "OPTIMIZE TABLE readings FINAL")
    found = store.run(
        link.query,
        "SELECT sum(bytes_on_disk), sum(rows) FROM system.parts WHERE active AND table = 'readings'",
    )
    size, rows = found.result_rows[0]
    result.add("store: bytes a point", float(size) / max(1, int(rows)), "bytes", at_most=BYTES)


def _batches(result: Result, port: int, made: dict[str, Any], *, seconds: float) -> None:
    """Batches over HTTP, each link one after the other as its answer comes; all tell of the probe."""

    async def link(number: int, client: httpx.AsyncClient, until: float) -> int:
        code, secret = made["sources"][0]
        taken = 0
        while time.monotonic() < until:
            now = int(time.time() * 1000) - BATCH_POINTS
            told = [{"t": "PROBE", "ts": now + one, "v": float(number)} for one in range(BATCH_POINTS)]
            answer = await client.post(
                f"http://127.0.0.1:{port}/api/v1/ingest/batch", json={"d": told}, auth=(code, secret), timeout=60
            )
            taken += answer.json()["accepted"] if answer.status_code == 202 else 0
        return taken

    async def act() -> float:
        async with httpx.AsyncClient() as client:
            began = time.monotonic()
            taken = await asyncio.gather(*(link(number, client, began + seconds) for number in range(LINKS)))
            return sum(taken) / (time.monotonic() - began)

    result.add(f"HTTP: batches of {BATCH_POINTS:,}, {LINKS} links, accepted", asyncio.run(act()), "points/s")


class _Browser:
    """An event stream of the web server that watches the probe among other tags, as a page does."""

    def __init__(self, running: Any, made: dict[str, Any]) -> None:
        self._probe = str(made["probe"])
        #: When each value of the probe came.
        self.heard: dict[float, float] = {}
        watched = ",".join(map(str, [made["probe"], *made["beside"]]))
        self._url = f"http://127.0.0.1:{running.port}/stream?watch=values:{watched}"
        self._headers = {"Accept": "text/event-stream", "Cookie": f"sessionid={made['sessions']['enterprise']}"}
        self._client = httpx.Client(timeout=httpx.Timeout(5, read=60), trust_env=False)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        kind = ""
        with suppress(httpx.HTTPError), self._client.stream("GET", self._url, headers=self._headers) as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind == "values":
                    told = json.loads(line.removeprefix("data: ")).get(self._probe)
                    if told is not None:
                        self.heard.setdefault(told[1], time.monotonic())
                elif not line:
                    kind = ""

    def close(self) -> None:
        self._client.close()


def _latencies(
    result: Result, running: Any, port: int, made: dict[str, Any], *, tags: int, points: float, seconds: float
) -> None:
    """From a device's publishing to what the page's own function returns, to an event stream that shows 50 tags, and to
    the event of a limit and its alarm."""
    from django.utils import timezone

    seen: list[float] = []
    sent: dict[float, float] = {}
    since = timezone.now()

    async def act() -> None:
        async with _device(port, made) as tell:
            value, until = 0.0, time.monotonic() + seconds - 5
            while (began := time.monotonic()) < until:
                # Every tenth passes the limit of the probe, and the next one leaves it.
                value += 1.0
                told = value + (1e6 if int(value) % 10 == 0 else 0.0)
                sent[told] = began
                await tell(told)
                while await asyncio.to_thread(_last, made["probe"]) != told:
                    await asyncio.sleep(0.005)
                    if time.monotonic() - began > 30:
                        break
                seen.append(time.monotonic() - began)
                await asyncio.sleep(max(0.0, TOLD_S - (time.monotonic() - began)))

    browser = _Browser(running, made)
    with _load(port, made, tags=tags, points=points, seconds=seconds) as loaded:
        time.sleep(5)
        asyncio.run(act())
    time.sleep(2)
    browser.close()
    came = [browser.heard[told] - began for told, began in sent.items() if told in browser.heard]
    result.add("latency at: acknowledged", loaded[-1]["acknowledged"] / loaded[-1]["at"], "points/s")
    result.add("latency: visible, median", percentile(seen, 0.5), "s")
    result.add("latency: visible, 99th percentile", percentile(seen, 0.99), "s", at_most=VISIBLE_S)
    result.add("latency: browser of 50 tags, median", percentile(came, 0.5), "s")
    result.add("latency: browser of 50 tags, 99th percentile", percentile(came, 0.99), "s", at_most=VISIBLE_S)
    result.add("latency: told, and merged before the browser got it", float(len(sent) - len(came)), "values")
    _judged(result, made, since)


def _judged(result: Result, made: dict[str, Any], since: Any) -> None:
    from quancheng.domains.monitoring.models import Alarm, LimitEvent

    events = LimitEvent.objects.filter(tag__number=made["probe"], noted_at__gt=since)
    late = [(one.noted_at - one.at).total_seconds() * 1000 for one in events]
    if late:
        result.add("latency: limit written down, median", percentile(late, 0.5), "ms")
        result.add("latency: limit written down, 99th percentile", percentile(late, 0.99), "ms", at_most=JUDGED_MS)
    raised = Alarm.objects.filter(tag__number=made["probe"], noted_at__gt=since)
    came = [(one.noted_at - one.raised_at).total_seconds() * 1000 for one in raised]
    if came:
        result.add("latency: alarm made, most", max(came), "ms")


def _timed(act: Callable[[], object], rounds: int) -> list[float]:
    act()
    found = []
    for _round in range(rounds):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1000)
    return found


def _queries(result: Result, running: Any, made: dict[str, Any], *, rounds: int) -> None:
    """What pages ask of the store, through their own functions."""
    from datetime import timedelta

    from django.utils import timezone

    from quancheng.domains.monitoring.models import Tag
    from quancheng.domains.monitoring.queries.readings import last_of, trends_of
    from quancheng.stream.store import client as store

    link = store.connect(running.place.address("TELEMETRY_URL"))
    now_ms = int(time.time() * 1000)
    count = 30 * 8_640
    rows = np.zeros(count, store.READING)
    rows["tag"], rows["at"] = 3_999_999_999, now_ms - 30 * 86_400_000 + np.arange(count) * 10_000
    rows["value"] = np.round(1800 + 300 * np.sin(np.arange(count) / 1000), 1)
    rows["quality"], rows["rank"] = 192, 3
    store.write(link, "readings", rows)
    # As the roll-ups of a month would stand: by hours, which a chart of thirty days is drawn from.
    store.run(
        link.command,
        "INSERT INTO rollup_1h (tag, at, low, high, mean, last, good, bad, made_at) "
        "SELECT tag, toStartOfHour(at) AS hour, min(value), max(value), avg(value), argMax(value, at), count(), 0, "
        "now64(3) FROM readings WHERE tag = 3999999999 GROUP BY tag, hour",
    )
    month, end = Tag(number=3_999_999_999), timezone.now()
    took = _timed(lambda: trends_of([month], begin=end - timedelta(days=30), end=end), rounds)
    result.add("30-day trend of one tag at 10 s, 95th percentile", percentile(took, 0.95), "ms", at_most=TREND_MS)
    everything = list(Tag.objects.filter(number__gt=0))
    took = _timed(lambda: last_of(everything), rounds)
    name = f"last values of {len(everything):,} tags, 95th percentile"
    result.add(name, percentile(took, 0.95), "ms", at_most=LAST_MS)


def _pages(result: Result, running: Any, made: dict[str, Any], *, rounds: int) -> None:
    """The district as its office sees it, and what its map asks for, from the web server."""
    cookie = f"sessionid={made['sessions']['office']}"
    with httpx.Client(base_url=f"http://127.0.0.1:{running.port}", headers={"Cookie": cookie}, timeout=60) as client:
        for name, path in (("district page", "/monitoring/map"), ("its map's data", "/monitoring/map/data")):
            took = _timed(lambda path=path: client.get(path).raise_for_status(), rounds)  # type: ignore[misc]
            result.add(f"{name}, 95th percentile", percentile(took, 0.95), "ms", at_most=PAGE_MS)


def _registered(result: Result, running: Any, made: dict[str, Any]) -> None:
    """How long a processor needs before it can judge 100,000 tags: read from the register, and put into arrays."""
    from benchmarks.signals_rows import more_tags
    from django.utils import timezone

    from quancheng.stream.processors.book import Book
    from quancheng.stream.processors.register import Register

    count = more_tags(REGISTERED, now=timezone.now())
    began = time.perf_counter()
    register, books = Register(8), []
    for partition in range(8):
        book = Book()
        book.renew(register.rows(partition, now=timezone.now()))
        books.append(book)
    took = time.perf_counter() - began
    result.add(f"start of all partitions' processors with {count:,} tags", took, "s", at_most=START_S)
