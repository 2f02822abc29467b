"""How simulated sites reach the gateway (模拟接入方式): over MQTT, by batches over HTTP, as a station of HJ 212."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import Protocol

import httpx

from quancheng.standards.signals import hj212
from quancheng.standards.signals.quality import Quality
from quancheng.stream.gateways.mqtt.client import Address, Client, Refused

#: Messages that a site keeps while nobody takes them; then the oldest goes, as in a small device.
MOST_KEPT = 1_000
#: A message is sent again after this, as stations of HJ 212 do.
ANSWER_S, AGAIN_S = 10.0, 2.0
#: A gateway knows a new source within seconds; so often it is asked again.
TRIES = 15
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Line:
    """How one site, or what of it ``names`` has, reaches the gateway.

    :ivar door: ``mqtt``, ``http`` or ``hj212``. :ivar secret: of a station its PW.
    :ivar names: of a station: codes of tags and their factors, as ``a24088``; such tags go this way alone.
    """

    site: str
    host: str
    port: int
    code: str
    secret: str
    district: str = "000000"
    door: str = "mqtt"
    mn: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        return f"hc/v1/{self.district}/{self.site}/{self.code}/tele"

    @property
    def commands(self) -> str:
        return f"hc/v1/{self.district}/{self.site}/{self.code}/cmd/#"


@dataclass(frozen=True, slots=True)
class Sample:
    """A reading: code of its tag, time in ms, value, quality."""

    code: str
    at_ms: int
    value: float
    quality: int


class Way(Protocol):
    """A site's side of a door."""

    async def start(self) -> None: ...

    async def send(self, samples: Sequence[Sample], *, is_history: bool) -> None: ...

    async def drained(self) -> None: ...

    async def close(self) -> None: ...


def way_of(line: Line) -> Way:
    """The way of a line. KeyError: no such door."""
    ways: dict[str, Callable[[Line], Way]] = {"mqtt": MqttWay, "http": HttpWay, "hj212": StationWay}
    return ways[line.door](line)


def _batch(samples: Sequence[Sample], *, is_history: bool) -> bytes:
    told = [{"t": one.code, "ts": one.at_ms, "v": one.value, "q": one.quality} for one in samples]
    return json.dumps({"v": 1, "hist": is_history, "ts": int(time.time() * 1000), "d": told}).encode()


class MqttWay:
    """As a gateway that keeps a connection."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._client = Client(Address(line.host, line.port, line.code, user=line.code, password=line.secret))

    async def start(self) -> None:
        """:raises Refused: the gateway does not know the source, also after half a minute."""
        for _try in range(TRIES):
            with contextlib.suppress(Refused):
                await self._client.start()
                break
            await asyncio.sleep(AGAIN_S)
        else:
            await self._client.start()
        # As a real gateway does; nothing here acts on a command. A refusal is logged, and readings go on.
        with contextlib.suppress(ConnectionError):
            await self._client.subscribe(self._line.commands)

    async def send(self, samples: Sequence[Sample], *, is_history: bool) -> None:
        await self._client.publish(self._line.topic, _batch(samples, is_history=is_history), qos=1)

    async def drained(self) -> None:
        await self._client.drained()

    async def close(self) -> None:
        await self._client.close()


class _Queued:
    """Messages one after another, each until it is answered."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._queue: deque[bytes] = deque(maxlen=MOST_KEPT)
        self._more, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._work())

    async def drained(self) -> None:
        await self._empty.wait()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _put(self, message: bytes) -> None:
        self._queue.append(message)
        self._empty.clear()
        self._more.set()

    async def _work(self) -> None:
        while True:
            while not self._queue:
                self._empty.set()
                self._more.clear()
                await self._more.wait()
            message = self._queue[0]
            if await self._is_taken(message):
                if self._queue and self._queue[0] is message:
                    self._queue.popleft()
            else:
                await asyncio.sleep(AGAIN_S)

    async def _is_taken(self, message: bytes) -> bool:
        raise NotImplementedError


class HttpWay(_Queued):
    """As a system that posts batches."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._client = httpx.AsyncClient(auth=(line.code, line.secret), timeout=ANSWER_S)

    async def send(self, samples: Sequence[Sample], *, is_history: bool) -> None:
        self._put(_batch(samples, is_history=is_history))

    async def close(self) -> None:
        await super().close()
        await self._client.aclose()

    async def _is_taken(self, message: bytes) -> bool:
        url = f"http://{self._line.host}:{self._line.port}/api/v1/ingest/batch"
        try:
            answer = await self._client.post(url, content=message, headers={"Content-Type": "application/json"})
        except httpx.HTTPError:
            return False
        # What is refused for good would be refused again.
        return answer.status_code not in (401, 408, 429, 500, 503)


class StationWay(_Queued):
    """As a station of HJ 212: a frame for each moment, the next one when it is answered."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._frames = hj212.Reassembler()
        self._last_qn_ms = 0

    async def send(self, samples: Sequence[Sample], *, is_history: bool) -> None:
        for at_ms, group in groupby(sorted(samples, key=lambda one: one.at_ms), key=lambda one: one.at_ms):
            told = [
                f"{name}-Rtd={one.value:.10g},{name}-Flag={'N' if one.quality >= Quality.GOOD else 'D'}"
                for one in group
                if (name := self._line.names.get(one.code))
            ]
            at = datetime.fromtimestamp(at_ms // 1000, _BEIJING)
            # QN tells requests apart.
            self._last_qn_ms = max(self._last_qn_ms + 1, int(time.time() * 1000))
            asked = datetime.fromtimestamp(self._last_qn_ms // 1000, _BEIJING)
            self._put(hj212.encode_frame(
                f"QN={asked:%Y%m%d%H%M%S}{self._last_qn_ms % 1000:03};ST=31;CN=2011;PW={self._line.secret};"
                f"MN={self._line.mn};Flag=5;CP=&&DataTime={at:%Y%m%d%H%M%S};{';'.join(told)}&&".encode()
            ))  # fmt: skip

    async def close(self) -> None:
        await super().close()
        self._drop()

    def _drop(self) -> None:
        if self._link is not None:
            self._link[1].close()
        self._link = None
        self._frames = hj212.Reassembler()

    async def _is_taken(self, message: bytes) -> bool:
        wanted = hj212.parse_segment(hj212.decode_frame(message)).qn
        try:
            async with asyncio.timeout(ANSWER_S):
                if self._link is None:
                    self._link = await asyncio.open_connection(self._line.host, self._line.port)
                reader, writer = self._link
                writer.write(message)
                while True:
                    data = await reader.read(4096)
                    if not data:
                        self._drop()
                        return False
                    for frame in self._frames.feed(data):
                        with contextlib.suppress(hj212.BadFrame):
                            told = hj212.parse_segment(frame.data) if isinstance(frame, hj212.Frame) else None
                            if told is not None and told.qn == wanted:
                                return told.cn == "9014"
        except (OSError, TimeoutError):
            self._drop()
            return False
