"""Stations of HJ 212: who is let in, what is answered and when, packets, noise, hostile bytes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from tests.standards.signals.test_hj212 import VECTORS
from tests.support.doors import Behind
from tests.support.mqtt import grant, run, until

from quancheng.standards.signals import hj212
from quancheng.standards.signals.hj212 import Segment
from quancheng.stream.gateways.grants import Grant, digest_of
from quancheng.stream.gateways.hj212 import MOST_WRONG, NEWCOMER_NOISE, Hj212Gateway, Terms
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.decoding import Decoder

MN, PW = "320100XGJYZ0000000000001", "123456"


def station(source: int = 1, mn: str = MN, pw: str = PW, **changes: object) -> Grant:
    known = {"forms": frozenset({"hj212"}), "mn": mn, "digest": digest_of(pw), **changes}
    return grant(f"ST{source}", source, **known)


class Door(Behind):
    gateway: Hj212Gateway
    port: int

    async def wire(self) -> Wire:
        return Wire(*await asyncio.open_connection("127.0.0.1", self.port))


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._frames = hj212.Reassembler()
        self._found: list[Segment] = []

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def read(self, wait_s: float = 5) -> Segment | None:
        """The next frame; ``None`` where the connection has ended. TimeoutError: none comes."""
        while not self._found:
            try:
                async with asyncio.timeout(wait_s):
                    data = await self.reader.read(4096)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._found += [hj212.parse_segment(one.data) for one in self._frames.feed(data)]
        return self._found.pop(0)

    async def silent(self) -> bool:
        try:
            return await self.read(0.15) is None and False
        except TimeoutError:
            return True


@asynccontextmanager
async def door(*grants: Grant, terms: Terms | None = None) -> AsyncIterator[Door]:
    made = Door(*(grants or (station(),)))
    await made.book.refresh()
    made.gateway = Hj212Gateway(made.desk, terms=terms or Terms(tick_s=0.02))
    made.port = await made.gateway.start("127.0.0.1", 0)
    try:
        yield made
    finally:
        await made.gateway.stop(0.2)


def frame(cp: str, *, qn: str = "20260615093000001", cn: str = "2011", pw: str = PW, flag: int = 5, more: str = "",
          mn: str = MN) -> bytes:  # fmt: skip
    text = f"QN={qn};ST=31;CN={cn};PW={pw};MN={mn};Flag={flag};{more}CP=&&{cp}&&"
    return hj212.encode_frame(text.encode("gbk"))


def test_data_are_answered_when_the_stream_has_them_and_kept_without_the_password() -> None:
    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            here.stream.is_open = False
            wire.send(VECTORS[1])
            await until(lambda: bool(here.stream.waiting))
            assert await wire.silent()
            here.stream.open()
            assert await wire.read() == hj212.parse_segment(hj212.decode_frame(VECTORS[2]))
            (message,) = here.stream.messages
            assert (message.source, message.form, message.topic) == (1, "hj212", f"{MN}/2011")
            assert b"123456" not in message.body
            assert hj212.parse_segment(message.body).cp.startswith("DataTime=20260615093000;a24088-Rtd=3.2150")

    run(act)


def test_every_published_frame_is_taken_from_its_station_however_it_is_cut() -> None:
    async def act() -> None:
        stations = [station(), station(2, "010000A8900016F000169DC0", "100000"), station(3, "0873HHMZWSLH02")]
        async with door(*stations) as here:
            wire = await here.wire()
            for byte in b"".join(VECTORS):
                wire.send(bytes([byte]))
                await wire.writer.drain()
            await until(lambda: len(here.stream.messages) == 4)
            assert [one.source for one in here.stream.messages] == [1, 1, 1, 3]
            # A request of the platform's is none of a station's.
            assert [reason for reason, _message in here.aside] == ["COMMAND"]
            answers = [await wire.read() for _ in range(4)]
            assert {(one.cn, one.cp) for one in answers if one} == {("9011", "QnRtn=8"), ("9014", "")}

    run(act)


def test_a_station_speaks_with_its_own_password_and_the_door_is_no_other_sources() -> None:
    async def act() -> None:
        async with door(station(), grant("GW2", 2, mn="320100XGJYZ0000000000002", digest=digest_of("abc"))) as here:
            for bad in (
                frame("a-Rtd=1", pw="654321"),
                frame("a-Rtd=1", pw=""),
                frame("a-Rtd=1", mn="unknown"),
                frame("a-Rtd=1", mn="320100XGJYZ0000000000002", pw="abc"),
            ):
                wire = await here.wire()
                wire.send(bad)
                answer = await wire.read()
                assert answer is not None
                assert (answer.cn, answer.cp) == ("9011", "QnRtn=2")
                assert await wire.read() is None
            assert not here.stream.messages
            assert here.watch.refused["credentials"] == 4

    run(act)


def test_who_guesses_too_often_is_not_listened_to_any_more() -> None:
    async def act() -> None:
        async with door() as here:
            known = await here.wire()
            known.send(VECTORS[1])
            assert (await known.read()) is not None
            for number in range(MOST_WRONG):
                wire = await here.wire()
                wire.send(frame("a-Rtd=1", pw=f"{number:06}"))
                assert (await wire.read()) is not None
            wire = await here.wire()
            wire.send(frame("a-Rtd=1"))
            answer = await wire.read()
            assert answer is not None
            assert answer.cp == "QnRtn=2"
            known.send(VECTORS[3])
            assert (await known.read()) is not None
            assert len(here.stream.messages) == 2

    run(act)


def test_packets_are_joined_and_each_is_answered_when_the_whole_is_kept() -> None:
    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            wire.send(frame("DataTime=20260615093000;a-Rtd=1", flag=7, more="PNUM=2;PNO=1;"))
            assert await wire.silent()
            wire.send(frame("a-Flag=N;b-Rtd=2", flag=7, more="PNUM=2;PNO=2;"))
            answers = [await wire.read(), await wire.read()]
            assert [one.cn for one in answers if one] == ["9014", "9014"]
            (message,) = here.stream.messages
            assert hj212.parse_segment(message.body).cp == "DataTime=20260615093000;a-Rtd=1;a-Flag=N;b-Rtd=2"

    run(act)


def test_a_station_that_waits_for_the_answer_to_each_packet_gets_it_and_times_are_carried_on() -> None:
    async def act() -> None:
        async with door(terms=Terms(join_s=0.1, tick_s=0.02)) as here:
            wire = await here.wire()
            wire.send(frame("DataTime=20260615093000;a-Rtd=1", flag=7, more="PNUM=2;PNO=1;"))
            assert (await wire.read()) is not None
            wire.send(frame("b-Rtd=2", flag=7, more="PNUM=2;PNO=2;"))
            assert (await wire.read()) is not None
            cps = [hj212.parse_segment(one.body).cp for one in here.stream.messages]
            assert cps == ["DataTime=20260615093000;a-Rtd=1", "DataTime=20260615093000;b-Rtd=2"]

    run(act)


def test_packets_without_end_are_bounded() -> None:
    async def act() -> None:
        async with door(station(most_bytes=10**6)) as here:
            wire = await here.wire()
            for number in range(400):
                cp = f"a{number}-Rtd=1;" + "x-Rtd=1;" * 110
                wire.send(frame(cp, flag=6, qn=f"2026061509{number:07}", more="PNUM=9;PNO=1;"))
                await wire.writer.drain()
            await until(lambda: len(here.stream.messages) > 200)
            (link,) = here.gateway._links.values()
            assert link._part_bytes <= 260 * 1024
            assert len(link._times) <= 64

    run(act)


def test_what_the_stream_did_not_take_is_not_answered_and_the_connection_ends() -> None:
    async def act() -> None:
        async with door() as here:
            here.stream.refuses = True
            wire = await here.wire()
            wire.send(VECTORS[1])
            assert await wire.read() is None
            assert here.rejected()["not_kept"] == 1

    run(act)


def test_a_station_that_asks_for_the_time_is_told() -> None:
    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            wire.send(frame("PolId=a24088", cn="1013"))
            notice, clock = await wire.read(), await wire.read()
            assert notice is not None
            assert clock is not None
            assert (notice.cn, clock.cn) == ("9013", "1012")
            wire.send(frame("QnRtn=1", cn="9011", flag=4), frame("ExeRtn=1", cn="9012", flag=4))
            assert await wire.silent()
            assert not here.aside

    run(act)


def test_broken_frames_of_a_known_station_are_kept_aside_without_the_password() -> None:
    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            wire.send(VECTORS[1], VECTORS[3].replace(b"7F80", b"7F81"), VECTORS[4])
            await until(lambda: len(here.stream.messages) == 2)
            assert here.rejected() == {"CRC": 1}
            assert all(b"123456" not in message.body for _reason, message in here.aside)
            assert here.aside[0][1].source == 1

    run(act)


def test_a_stranger_that_makes_noise_and_one_that_is_silent_are_cut() -> None:
    async def act() -> None:
        async with door(terms=Terms(newcomer_s=0.1, tick_s=0.02)) as here:
            noisy, silent = await here.wire(), await here.wire()
            noisy.send(b"GET / HTTP/1.1\r\n" * (NEWCOMER_NOISE // 8))
            assert await noisy.read() is None
            assert await silent.read() is None
            assert not here.aside

    run(act)


def test_a_station_over_its_limit_waits() -> None:
    async def act() -> None:
        async with door(station(points_per_s=100, burst_points=100)) as here:
            wire = await here.wire()
            cp = "DataTime=20260615093000;" + "a24088-Rtd=3.2150;" * 100
            wire.send(*(frame(cp, qn=f"2026061509300{number:04}") for number in range(5)))
            assert (await wire.read()) is not None
            assert await wire.silent()
            assert len(here.stream.messages) < 3

    run(act)


def test_a_station_over_its_limit_holds_up_no_other_on_its_line() -> None:
    async def act() -> None:
        other = "320100XGJYZ0000000000002"
        async with door(station(points_per_s=100, burst_points=100), station(2, other)) as here:
            wire = await here.wire()
            cp = "DataTime=20260615093000;" + "a24088-Rtd=3.2150;" * 100
            wire.send(frame("a24088-Rtd=1", mn=other))
            await wire.read()
            wire.send(*(frame(cp, qn=f"2026061509300{number:04}") for number in range(5)))
            wire.send(frame("a24088-Rtd=2", mn=other))
            await until(lambda: [one.source for one in here.stream.messages].count(2) == 2)
            assert here.rejected()["over_limit"] >= 3

    run(act)


def test_a_line_that_timed_out_is_left() -> None:
    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            wire.send(VECTORS[1])
            assert (await wire.read()) is not None
            (link,) = here.gateway._links.values()
            link._reader.set_exception(TimeoutError(110, "Connection timed out"))
            await until(lambda: here.gateway.connections == 0)

    run(act)


def test_who_is_blocked_is_heard_no_more() -> None:
    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            wire.send(VECTORS[1])
            assert (await wire.read()) is not None
            here.grants.clear()
            await here.book.refresh()
            wire.send(VECTORS[3])
            answer = await wire.read()
            assert answer is not None
            assert answer.cp == "QnRtn=2"
            assert len(here.stream.messages) == 1

    run(act)


def test_hostile_bytes_neither_end_the_gateway_nor_invent_data() -> None:
    async def act() -> None:
        chance = random.Random(11)
        async with door() as here:
            for _ in range(300):
                bad = bytearray(b"".join(chance.choices(VECTORS, k=3)))
                for _change in range(chance.randint(1, 12)):
                    bad[chance.randrange(len(bad))] = chance.randrange(256)
                wire = await here.wire()
                wire.send(bytes(bad) if chance.random() < 0.7 else chance.randbytes(chance.randint(1, 3000)))
                wire.writer.write_eof()
                await asyncio.wait_for(wire.reader.read(), 5)
                wire.writer.close()
            good = {hj212.encode_segment(hj212.parse_segment(hj212.decode_frame(one))) for one in VECTORS}
            assert {one.body for one in here.stream.messages} <= good
            await until(lambda: here.gateway.connections == 0)
            assert here.watch._entry(1).connections == 0

    run(act)


def test_factors_find_their_tags_by_name_and_hours_stand_apart() -> None:
    def row(number: int, key: str) -> TagRow:
        return TagRow(number, grant().enterprise, 1, (key,), True, True, 1, 0, np.nan, np.nan, (np.nan,) * 4, 0, 0, 0,
                      60_000, 192)  # fmt: skip

    async def act() -> None:
        async with door() as here:
            wire = await here.wire()
            wire.send(VECTORS[1], VECTORS[4], frame("DataTime=20260615093000;SB1-RS=1", cn="2021"))
            await until(lambda: len(here.stream.messages) == 3)
            book = Book()
            book.renew([row(1, "a24088-Rtd"), row(2, "LEL01"), row(3, "a24088-Avg@2061"), row(4, "SB1-RS")])
            found = Decoder(book).decode(here.stream.messages, now_ms=1781487000000)
            told = zip(found.readings.place.tolist(), found.readings.value.tolist(), strict=True)
            assert list(told) == [(0, 3.215), (1, 2.0), (2, 3.4), (3, 1.0)]
            assert found.unknown == {1: {"a24088-Min@2061": 1, "a24088-Max@2061": 1}}

    run(act)


def test_a_stations_password_opens_no_other_door() -> None:
    async def act() -> None:
        async with door(station()) as here:
            assert here.book.find("ST1", PW) is None
            assert here.book.find_station(MN, PW) is not None

    run(act)
