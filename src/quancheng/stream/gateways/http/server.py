"""The gateway for batches over HTTP (HTTP 批量接入, 3.4): one address, answered when the stream has the batch.

HTTP itself is read by h11, which does no input or output of its own and is strict about what it takes. Bodies are
bounded before they are read: by the source's largest message, and by the room of the whole gateway.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import math
import ssl
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

import h11
import msgspec

from quancheng.standards.signals import payloads
from quancheng.stream.envelope import Received
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Grant
from quancheng.stream.gateways.http.batches import Answer, Batches, Differs
from quancheng.stream.gateways.mqtt.limits import OVER_QUOTA
from quancheng.stream.gateways.mqtt.topics import points_in
from quancheng.stream.gateways.presence import Presence
from quancheng.stream.messages import NotKept

#: Where batches are posted.
PATH = "/api/v1/ingest/batch"
FORM = "json"
HEAD_BYTES, READ_BYTES, LONGEST_NAME = 16 * 1024, 64 * 1024, 128
#: Readings older than this are kept as history alone (3.8); the answer says how many.
HISTORY_MS = 15 * 60_000
#: Refused readings that an answer names, and requests of one source at once.
MOST_NAMED, REQUESTS_OF_SOURCE = 100, 16
_DAY_S, _DAY_SHIFT_S = 86_400, 8 * 3600
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Terms:
    """Times and bounds. Memory is at most ``room_bytes`` for bodies and 16 KiB of head a connection."""

    #: A request, from its first byte to its last.
    request_s: float = 30.0
    #: A connection without a request.
    idle_s: float = 75.0
    connections: int = 2_000
    room_bytes: int = 64 * 1024**2
    #: A source is called present for so long after its last batch.
    present_s: float = 300.0
    tick_s: float = 5.0


class Refusal(Exception):
    """A request is turned away. ``closes``: the rest of its body is not read."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, *, closes: bool = False, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.closes = status, code, detail, closes
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(slots=True)
class _Head:
    """What stands before a body."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: h11.Request) -> _Head:
        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        target = request.target.decode("latin-1").partition("?")[0]
        return cls(request.method.decode("latin-1"), target, named)

    def get(self, name: str) -> str:
        return self.headers.get(name, "").strip()


class HttpGateway:
    """The HTTP door of one process.

    :param desk: shared with the other doors.
    """

    def __init__(self, desk: Desk, *, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        self.batches = Batches()
        self._desk = desk
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._room = self.terms.room_bytes
        self._requests: Counter[int] = Counter()
        self._presence = Presence(desk.watch, self.terms.present_s)
        self._tick_task: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Accept connections; the port, chosen by the system where ``port`` is 0."""
        self._server = await asyncio.start_server(self._connected, host, port, ssl=tls, limit=READ_BYTES, backlog=1024)
        self._tick_task = asyncio.create_task(self._tick())
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self, grace_s: float = 10.0) -> None:
        """Accept nothing more, answer what is being answered, close."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close()
        for link in self._links - self._busy:
            link.cancel()
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=grace_s)
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        if self._tick_task is not None:
            self._tick_task.cancel()
            await asyncio.wait([self._tick_task])
        self._presence.sweep(everybody=True)

    # --- connections ---

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        if self._is_stopping or len(self._links) >= self.terms.connections:
            self._desk.watch.refused["too_many"] += 1
            writer.transport.abort()
            return
        self._links.add(task)
        try:
            await _Link(self, reader, writer, task).serve()
        except (TimeoutError, ConnectionError, h11.ProtocolError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            # Only :meth:`stop` does this; asyncio's server would report it as an error.
            pass
        finally:
            self._links.discard(task)
            self._busy.discard(task)
            writer.close()

    def working(self, task: asyncio.Task[None], *, is_working: bool) -> None:
        """Who is in the middle of a request is let finish it."""
        (self._busy.add if is_working else self._busy.discard)(task)

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    # --- requests ---

    def admit(self, head: _Head, certified_name: str | None) -> Grant:
        """Who posts a batch. :raises Refusal: nobody may, not here, or not so."""
        if head.path != PATH:
            raise Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "没有这个地址 (no such address)", closes=True)
        if head.method != "POST":
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD", "只接受POST (POST only)", closes=True, Allow="POST")
        if not self._desk.book.is_loaded:
            raise _away("LOADING", "正在启动 (starting)")
        grant = self._find(head.get("authorization"))
        if grant is None:
            self._desk.watch.refused["credentials"] += 1
            raise Refusal(HTTPStatus.UNAUTHORIZED, "CREDENTIALS", "接入编码或密钥不对 (wrong code or secret)",
                          closes=True, WWW_Authenticate='Basic realm="quancheng", charset="UTF-8"')  # fmt: skip
        if FORM not in grant.forms:
            raise Refusal(HTTPStatus.FORBIDDEN, "FORM", "该接入源未选用平台JSON (the source does not speak JSON)",
                          closes=True)  # fmt: skip
        if certified_name not in (None, grant.code):
            raise Refusal(
                HTTPStatus.FORBIDDEN, "CERTIFICATE", "证书不是该接入源的 (another's certificate)", closes=True
            )
        kind = head.get("content-type").partition(";")[0].strip().lower()
        if kind not in ("", "application/json"):
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "TYPE", "报文须为application/json", closes=True)
        if head.get("content-encoding").lower() not in ("", "identity", "gzip"):
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "ENCODING", "压缩方式只支持gzip", closes=True)
        length = head.get("content-length")
        if length.isdigit() and int(length) > grant.most_bytes:
            raise self._too_large(grant)
        name = head.get("idempotency-key")
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise Refusal(HTTPStatus.BAD_REQUEST, "KEY", f"Idempotency-Key 最多{LONGEST_NAME}个字符", closes=True)
        return grant

    def _find(self, told: str) -> Grant | None:
        """``Basic`` with code and secret, or ``Bearer code:secret`` for devices that know a token alone."""
        scheme, _space, given = told.partition(" ")
        pair = given.strip()
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(pair, validate=True).decode()
            except (binascii.Error, ValueError):
                return None
        elif scheme.lower() != "bearer":
            return None
        code, mark, secret = pair.partition(":")
        return self._desk.book.find(code, secret) if mark else None

    @asynccontextmanager
    async def held(self, grant: Grant, size: int) -> AsyncIterator[None]:
        """Room for a body, until it is answered. :raises Refusal: there is none now."""
        if self._requests[grant.source] >= REQUESTS_OF_SOURCE:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "REQUESTS", "同时请求过多 (too many requests at once)",
                          closes=True, Retry_After="1")  # fmt: skip
        if size > self._room:
            raise _away("BUSY", "繁忙，请稍后重发 (busy)")
        self._room -= size
        self._requests[grant.source] += 1
        try:
            yield
        finally:
            self._room += size
            self._requests[grant.source] -= 1
            if not self._requests[grant.source]:
                del self._requests[grant.source]

    async def take(self, grant: Grant, head: _Head, raw: bytes) -> tuple[HTTPStatus, Answer]:
        """Pass a batch on and wait until the stream has it. :raises Refusal: it has not, and why."""
        now_ms = int(time.time() * 1000)
        self._presence.heard(grant.source)
        body = self._unzipped(grant, raw) if head.get("content-encoding").lower() == "gzip" else raw
        points = points_in(FORM, body)
        self._measure(grant, points)
        message = Received(grant.source, FORM, PATH, now_ms, body)
        try:
            batch = payloads.read_batch(body)
        except payloads.BadPayload as bad:
            self._desk.put_aside(message, bad.code)
            status = HTTPStatus.BAD_REQUEST
            if bad.code in ("TOO_LARGE", "TOO_MANY"):
                status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise Refusal(status, bad.code, f"{bad.text.zh} ({bad.text.en})") from bad
        name = head.get("idempotency-key") or batch.batch_id[:LONGEST_NAME]
        told: Answer = {
            "bid": name, "accepted": len(batch.columns), "duplicate": 0,
            "late": sum(at < now_ms - HISTORY_MS for at in batch.columns.times_ms),
            "rejected": [{"i": one.index, "t": one.key, "code": one.code} for one in batch.rejected[:MOST_NAMED]],
            "refused": len(batch.rejected),
        }  # fmt: skip
        earlier = None
        if name:
            try:
                earlier = self.batches.begin(grant.source, name, hashlib.sha256(body).digest(), time.monotonic())
            except Differs:
                raise Refusal(HTTPStatus.CONFLICT, "BATCH_DIFFERS", "同一批次标识下的内容不同 (another body under "
                              "this identifier)") from None  # fmt: skip
        if earlier is not None:
            try:
                before = await asyncio.shield(earlier)
            except asyncio.CancelledError:
                if earlier.cancelled():
                    raise _not_kept() from None
                raise
            told = {**before, "accepted": 0, "duplicate": before["accepted"]}
            return (HTTPStatus.MULTI_STATUS if told["refused"] else HTTPStatus.ACCEPTED), told
        await self._kept(grant, message, points, name, told)
        return (HTTPStatus.MULTI_STATUS if told["refused"] else HTTPStatus.ACCEPTED), told

    async def _kept(self, grant: Grant, message: Received, points: int, name: str, told: Answer) -> None:
        answer: Answer | None = None
        try:
            await self._desk.publish(grant, message, points)
            answer = told
        except NotKept:
            self._desk.watch.rejected(grant.source, "not_kept")
            raise _not_kept() from None
        finally:
            if name:
                self.batches.end(grant.source, name, answer)

    def _measure(self, grant: Grant, points: int) -> None:
        """Hold a source to its limits. Nothing is put aside for them: whoever is told 429 still has the batch."""
        now, wall_s = asyncio.get_running_loop().time(), time.time()
        verdict = self._desk.meter(grant, now).judge(points, now, wall_s)
        if not verdict.wait_s and not verdict.reason:
            return
        wait_s = max(1.0, verdict.wait_s)
        if verdict.reason == OVER_QUOTA:
            wait_s = _DAY_S - (wall_s + _DAY_SHIFT_S) % _DAY_S
        self._desk.watch.rejected(grant.source, verdict.reason or "over_limit")
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, (verdict.reason or "over_limit").upper(),
                      "超过该接入源的上限 (over the source's limit)", Retry_After=str(math.ceil(wait_s)))  # fmt: skip

    def _unzipped(self, grant: Grant, raw: bytes) -> bytes:
        """The body of one gzip member, never more of it than the source may send."""
        unzip = zlib.decompressobj(wbits=31)
        try:
            body = unzip.decompress(raw, grant.most_bytes + 1)
        except zlib.error:
            raise self._bad_gzip(grant) from None
        if len(body) > grant.most_bytes:
            raise self._too_large(grant)
        if not unzip.eof or unzip.unused_data:
            raise self._bad_gzip(grant)
        return body

    def _bad_gzip(self, grant: Grant) -> Refusal:
        self._desk.watch.rejected(grant.source, "gzip")
        return Refusal(HTTPStatus.BAD_REQUEST, "GZIP", "不是gzip (not gzip)")

    def _too_large(self, grant: Grant) -> Refusal:
        self._desk.watch.rejected(grant.source, "too_large")
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE",
                       f"报文超过{grant.most_bytes}字节 (more bytes than that)", closes=True)  # fmt: skip

    def over(self, grant: Grant) -> Refusal:
        """A body that goes on beyond what the source may send."""
        return self._too_large(grant)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self.terms.tick_s)
            self._presence.sweep()


class _Link:
    """One connection: requests one after another."""

    def __init__(
        self, gateway: HttpGateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
        task: asyncio.Task[None],
    ) -> None:  # fmt: skip
        self._gateway, self._reader, self._writer, self._task = gateway, reader, writer, task
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        certificate = writer.get_extra_info("peercert")
        names = [
            value for part in (certificate or {}).get("subject", ()) for name, value in part if name == "commonName"
        ]
        self._certified_name = "".join(names) if certificate else None

    async def serve(self) -> None:
        """Answer requests until one side ends it."""
        terms = self._gateway.terms
        while not self._gateway.is_stopping:
            try:
                async with asyncio.timeout(terms.idle_s):
                    request = await self._next()
                if not isinstance(request, h11.Request):
                    return
                self._gateway.working(self._task, is_working=True)
                head = _Head.of(request)
                status, told, more = await self._answered(head)
                await self._send(status, told, more)
            except h11.RemoteProtocolError as broken:
                if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                    status = HTTPStatus(broken.error_status_hint)
                    await self._send(status, {"code": "HTTP", "detail": str(broken)}, {"Connection": "close"})
                return
            finally:
                self._gateway.working(self._task, is_working=False)
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _answered(self, head: _Head) -> tuple[HTTPStatus, Answer, dict[str, str]]:
        try:
            grant = self._gateway.admit(head, self._certified_name)
            # A zipped body and what it unfolds to.
            factor = 2 if head.get("content-encoding") else 1
            async with self._gateway.held(grant, factor * grant.most_bytes):
                try:
                    async with asyncio.timeout(self._gateway.terms.request_s):
                        raw = await self._body(grant)
                except TimeoutError:
                    raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "TIMEOUT", "报文未在时限内传完 (too slow)",
                                  closes=True) from None  # fmt: skip
                status, told = await self._gateway.take(grant, head, raw)
            return status, told, {}
        except Refusal as refused:
            more = {**refused.headers, **({"Connection": "close"} if refused.closes else {})}
            return refused.status, {"code": refused.code, "detail": refused.detail}, more

    async def _body(self, grant: Grant) -> bytes:
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[])
            self._writer.write(self._http.send(go_on) or b"")
        parts: list[bytes] = []
        size = 0
        while True:
            event = await self._next()
            if isinstance(event, h11.EndOfMessage):
                return b"".join(parts)
            if not isinstance(event, h11.Data):
                raise ConnectionResetError
            size += len(event.data)
            if size > grant.most_bytes:
                raise self._gateway.over(grant)
            parts.append(bytes(event.data))

    async def _next(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return cast("h11.Event | type[h11.PAUSED]", event)
            self._http.receive_data(await self._reader.read(READ_BYTES))

    async def _send(self, status: HTTPStatus, told: Answer, more: dict[str, str]) -> None:
        content = _encode(told)
        headers = [
            ("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"), *more.items(),
        ]  # fmt: skip
        out = b"".join(
            self._http.send(event) or b""
            for event in (
                h11.Response(status_code=int(status), headers=headers, reason=status.phrase),
                h11.Data(data=content), h11.EndOfMessage(),
            )
        )  # fmt: skip
        self._writer.write(out)
        async with asyncio.timeout(self._gateway.terms.request_s):
            await self._writer.drain()
        if "Connection" in more:
            # Bytes that come still would make the system throw our answer away with the connection.
            with contextlib.suppress(TimeoutError, ConnectionError):
                if self._writer.can_write_eof():
                    self._writer.write_eof()
                async with asyncio.timeout(1.0):
                    left = 1024**2
                    while left > 0 and (rest := await self._reader.read(READ_BYTES)):
                        left -= len(rest)


def _away(code: str, detail: str) -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, closes=True, Retry_After="1")


def _not_kept() -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "NOT_KEPT", "消息流未能保存，请重发 (not kept, send again)",
                   Retry_After="2")  # fmt: skip
