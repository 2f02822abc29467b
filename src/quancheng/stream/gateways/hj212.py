"""The gateway for HJ 212-2017 over TCP (环保数采仪接入, 3.5): stations of vapour recovery and VOC monitoring.

A frame tells its station by MN and its password by PW, in clear: HJ 212 has neither encryption nor sessions. Whoever
reads the line can speak for the station, and for nothing else: the password opens this door alone. So the line must be
a private one. Data are answered with 9014 only when the stream has them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from quancheng.standards.signals import hj212
from quancheng.standards.signals.hj212 import BadFrame, Frame, Joiner, Noise, Reassembler, Returned, Segment
from quancheng.stream.envelope import Received
from quancheng.stream.gateways.desk import Desk
from quancheng.stream.gateways.grants import Grant
from quancheng.stream.gateways.mqtt.limits import OVER_LIMIT, Bucket
from quancheng.stream.gateways.mqtt.topics import points_in

log = logging.getLogger(__name__)
FORM = "hj212"
READ_BYTES = 8192
#: Bytes that are no frame before a station is known; and pieces of such bytes a second, and at once, from a known one.
NEWCOMER_NOISE, NOISE_PER_S, NOISE_BURST = 8192, 2.0, 50.0
#: Wrong passwords of a station from one address within a while; above, that address is not listened to.
MOST_WRONG, WRONG_S, MOST_ADDRESSES = 10, 100.0, 10_000
#: Bytes of packets that wait for the rest of their message, and messages whose time is remembered, per connection.
PART_BYTES, MOST_TIMES = 256 * 1024, 64
_PASSWORD = re.compile(rb"PW=[^;]*")
_TIME = re.compile(r"(?:^|;)DataTime=(\d+)")


@dataclass(frozen=True, slots=True)
class Terms:
    """Times and bounds. Memory of a connection: a frame, :data:`PART_BYTES`, ``window`` messages on their way."""

    #: A good frame must come within this.
    newcomer_s: float = 60.0
    idle_s: float = 1800.0
    #: So long packets wait for the rest of their message. A device that wants each packet answered before it sends the
    #: next one is answered then, within the ten seconds of the standard.
    join_s: float = 3.0
    tick_s: float = 1.0
    connections: int = 2_000
    window: int = 32


class Hj212Gateway:
    """The HJ 212 door of one process. :param desk: shared with the other doors."""

    def __init__(self, desk: Desk, *, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        self.desk = desk
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], _Link] = {}
        self._wrong: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._is_stopping = False

    async def start(self, host: str, port: int) -> int:
        """Accept connections; the port, chosen by the system where ``port`` is 0."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=READ_BYTES, backlog=256)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self, grace_s: float = 10.0) -> None:
        """Accept nothing more, answer what was taken, close."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close()
        until = time.monotonic() + grace_s
        while any(link.in_flight for link in self._links.values()) and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for task in self._links:
            task.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    @property
    def connections(self) -> int:
        return len(self._links)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        if self._is_stopping or len(self._links) >= self.terms.connections:
            self.desk.watch.refused["too_many"] += 1
            writer.transport.abort()
            return
        link = self._links[task] = _Link(self, reader, writer)
        try:
            await link.serve()
        except OSError:
            pass
        except asyncio.CancelledError:
            # Only :meth:`stop` does this; asyncio's server would report it as an error.
            pass
        finally:
            del self._links[task]
            link.leave()
            writer.close()

    # --- passwords ---

    def find(self, mn: str, password: str, address: str) -> Grant | None:
        """The grant of a station; ``None`` as well for an address that guessed too often."""
        now, key = time.monotonic(), (address, mn)
        count, since = self._wrong.get(key, (0, now))
        if now - since > WRONG_S:
            count, since = 0, now
        if count >= MOST_WRONG:
            return None
        grant = self.desk.book.find_station(mn, password) if password else None
        if grant is not None and FORM in grant.forms:
            return grant
        self._wrong[key] = (count + 1, since)
        self._wrong.move_to_end(key)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)
        return None


class _Link:
    """One connection. It may speak for several stations: each frame is looked at by its own MN and PW."""

    def __init__(self, gateway: Hj212Gateway, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._gateway, self._desk, self._terms = gateway, gateway.desk, gateway.terms
        self._reader, self._writer = reader, writer
        self._address = str((writer.get_extra_info("peername") or ("?",))[0])
        self._frames, self._joiner = Reassembler(), Joiner()
        self._grants: dict[tuple[str, str], Grant] = {}
        #: Sources that came by this connection, and who spoke last.
        self._sources: set[int] = set()
        self._last: Grant | None = None
        #: Packets of unfinished messages that are owed an answer, by message; and DataTime of messages in packets.
        self._owed: dict[tuple[str, str, str], list[Segment]] = {}
        self._part_bytes = 0
        self._times: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._window = asyncio.Semaphore(self._terms.window)
        self.in_flight = 0
        self._noise = Bucket(NOISE_PER_S, NOISE_BURST, time.monotonic())
        self._newcomer_noise = 0
        self._is_closing = False

    async def serve(self) -> None:
        """Read until the station leaves, is silent, or is no station."""
        heard = time.monotonic()
        while not self._is_closing:
            try:
                async with asyncio.timeout(self._terms.tick_s):
                    data = await self._reader.read(READ_BYTES)
            except TimeoutError:
                # The line itself may have timed out (ETIMEDOUT): reading would then say so for ever.
                if self._reader.exception() is not None:
                    raise
                data = None
            if data == b"":
                break
            now = time.monotonic()
            if data is not None:
                heard = now
                await self._take(self._frames.feed(data))
            elif now - heard > self._terms.join_s:
                # A start whose rest does not come must not hold up what follows.
                await self._take(self._frames.flush())
            if self._frames.is_spent:
                self._desk.watch.refused["noise"] += 1
                self._is_closing = True
            await self._give_up(self._terms.join_s)
            if now - heard > (self._terms.idle_s if self._sources else self._terms.newcomer_s):
                self._desk.watch.refused["idle"] += 1
                return
        await self._take(self._frames.flush())
        await self._give_up(-1.0)

    def leave(self) -> None:
        """The connection has ended."""
        self._is_closing = True
        for source in self._sources:
            self._desk.watch.gone(source, int(time.time() * 1000))
        self._sources.clear()

    async def _take(self, found: Sequence[Frame | Noise]) -> None:
        for one in found:
            if self._is_closing:
                return
            if isinstance(one, Noise):
                self._heard_noise(one.raw, one.code)
                continue
            try:
                await self._frame(hj212.parse_segment(one.data))
            except BadFrame as bad:
                self._heard_noise(one.raw, bad.code)

    def _heard_noise(self, raw: bytes, code: str) -> None:
        """What is no frame is kept aside for the station that spoke last; before one spoke it is nobody's."""
        if not raw.strip():
            return
        if self._last is None:
            self._desk.watch.refused["noise"] += 1
            self._newcomer_noise += len(raw)
            self._is_closing = self._newcomer_noise > NEWCOMER_NOISE
        elif self._noise.take(1, time.monotonic()):
            self._desk.watch.refused["noise"] += 1
            self._is_closing = True
        else:
            self._put_aside(self._last, self._last.mn, _PASSWORD.sub(b"PW=", raw), code)

    def _put_aside(self, grant: Grant, topic: str, body: bytes, reason: str) -> None:
        self._desk.put_aside(Received(grant.source, FORM, topic, int(time.time() * 1000), body), reason)

    # --- frames ---

    def _sign_in(self, segment: Segment) -> Grant | None:
        key = (segment.mn, segment.pw)
        grant = self._grants.get(key)
        grant = self._desk.book.current(grant) if grant is not None else None
        if grant is None or FORM not in grant.forms:
            self._grants.pop(key, None)
            grant = self._gateway.find(segment.mn, segment.pw, self._address)
        if grant is None:
            return None
        self._grants[key] = self._last = grant
        if grant.source not in self._sources:
            self._sources.add(grant.source)
            self._desk.watch.came(grant.source, int(time.time() * 1000))
        return grant

    async def _frame(self, segment: Segment) -> None:
        grant = self._sign_in(segment)
        if grant is None:
            self._desk.watch.refused["credentials"] += 1
            self._write(hj212.answer_to_request(segment, Returned.REFUSED))
            # A connection that never said anything right is not kept.
            self._is_closing = not self._sources
        elif segment.cn in hj212.DATA_COMMANDS:
            await self._data(grant, segment)
        elif segment.cn == "1013":
            self._write(hj212.answer_to_notice(segment))
            self._write(hj212.set_time(segment, int(time.time() * 1000)))
        elif not segment.cn.startswith("90"):
            # Answers of the station (9011 to 9014) say nothing that anybody here waits for.
            self._put_aside(grant, _topic(segment), hj212.encode_segment(segment), "COMMAND")
            self._write(hj212.answer_to_request(segment, Returned.WRONG_COMMAND))

    async def _data(self, grant: Grant, segment: Segment) -> None:
        if segment.is_part:
            self._note_time(segment)
        whole = self._joiner.add(segment, time.monotonic())
        if whole is segment:
            await self._pass_on(grant, whole, [segment])
            return
        self._owed.setdefault(segment.key, []).append(segment)
        self._part_bytes += len(segment.cp) + 256
        if whole is not None:
            await self._pass_on(grant, whole, self._settled(whole))
        elif self._part_bytes > PART_BYTES:
            await self._give_up(-1.0)

    async def _give_up(self, after_s: float) -> None:
        """Pass on what came of messages whose other packets did not; those that come later stand alone."""
        for part in self._joiner.expire(time.monotonic(), after_s):
            grant = self._grants.get((part.mn, part.pw))
            owed = self._settled(part)
            if grant is not None:
                await self._pass_on(grant, self._timed(part), owed)

    def _settled(self, whole: Segment) -> list[Segment]:
        owed = self._owed.pop(whole.key, [])
        self._part_bytes -= sum(len(one.cp) + 256 for one in owed)
        return owed

    def _note_time(self, segment: Segment) -> None:
        """Often the first packet alone says when the data are of."""
        found = _TIME.search(segment.cp)
        if found:
            self._times[segment.key] = found[1]
            self._times.move_to_end(segment.key)
            if len(self._times) > MOST_TIMES:
                self._times.popitem(last=False)

    def _timed(self, part: Segment) -> Segment:
        at = self._times.get(part.key)
        if at is None or _TIME.search(part.cp):
            return part
        return Segment(part.qn, part.st, part.cn, part.pw, part.mn, part.flag, None, None, f"DataTime={at};{part.cp}")

    async def _pass_on(self, grant: Grant, whole: Segment, owed: Sequence[Segment]) -> None:
        """Hand a message to the stream; its packets are answered when it is there."""
        body, topic = hj212.encode_segment(whole), _topic(whole)
        points = points_in(FORM, body)
        while True:
            now, wall_s = asyncio.get_running_loop().time(), time.time()
            verdict = self._desk.meter(grant, now).judge(points, now, wall_s)
            # Where several stations share a line none waits for another.
            if not verdict.wait_s or len(self._sources) > 1:
                break
            await asyncio.sleep(verdict.wait_s)
        over = OVER_LIMIT if verdict.wait_s else ""
        reason = verdict.reason or over or ("too_large" if len(body) > grant.most_bytes else "")
        if reason:
            self._put_aside(grant, topic, body, reason)
            self._answer(owed)
            return
        await self._window.acquire()
        self.in_flight += 1
        message = Received(grant.source, FORM, topic, int(time.time() * 1000), body)
        kept = self._desk.publish(grant, message, points)
        kept.add_done_callback(lambda done: self._kept(grant, owed, done))

    def _kept(self, grant: Grant, owed: Sequence[Segment], done: asyncio.Future[None]) -> None:
        self.in_flight -= 1
        self._window.release()
        if done.cancelled() or done.exception() is not None:
            # No answer: the station sends it again, to a fresh connection.
            self._desk.watch.rejected(grant.source, "not_kept")
            self._is_closing = True
            self._writer.close()
            return
        self._answer(owed)

    def _answer(self, owed: Sequence[Segment]) -> None:
        for segment in owed:
            self._write(hj212.answer_to_data(segment))

    def _write(self, frame: bytes | None) -> None:
        transport = self._writer.transport
        if frame is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > 64 * 1024:
            # It sends and does not read its answers.
            self._is_closing = True
            transport.abort()
            return
        transport.write(frame)


def _topic(segment: Segment) -> str:
    return f"{segment.mn}/{segment.cn}"
