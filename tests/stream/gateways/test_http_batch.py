"""Batches over HTTP: who may post, what is answered and when, what is refused, hostile bytes."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.support.doors import Behind
from tests.support.mqtt import SECRET, grant, run, until

from quancheng.stream.gateways.grants import Grant
from quancheng.stream.gateways.http.batches import MOST_REMEMBERED, REMEMBER_S, Batches
from quancheng.stream.gateways.http.server import PATH, HttpGateway, Terms


class Door(Behind):
    """The door at a port, and a client that signs in as ``GW1``."""

    gateway: HttpGateway
    port: int
    client: httpx.AsyncClient

    async def post(self, body: object, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(PATH, content=content, headers={"Content-Type": "application/json", **named})


@asynccontextmanager
async def door(*grants: Grant, terms: Terms | None = None) -> AsyncIterator[Door]:
    made = Door(*(grants or (grant(),)))
    await made.book.refresh()
    made.gateway = HttpGateway(made.desk, terms=terms)
    made.port = await made.gateway.start("127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{made.port}", auth=("GW1", SECRET), timeout=10) as client:
        made.client = client
        try:
            yield made
        finally:
            await made.gateway.stop(0.2)


def batch(*values: object, **head: object) -> dict[str, Any]:
    now = int(time.time() * 1000)
    return {"v": 1, "ts": now, **head, "d": [{"t": f"T{n}", "ts": now - 1000, "v": v} for n, v in enumerate(values)]}


def test_a_batch_is_answered_when_the_stream_has_it_with_what_was_taken() -> None:
    async def act() -> None:
        async with door() as here:
            here.stream.is_open = False
            asked = asyncio.ensure_future(here.post(batch(1.5, 2, bid="B1")))
            await until(lambda: bool(here.stream.waiting))
            assert not asked.done()
            here.stream.open()
            answer = await asked
            assert answer.status_code == 202
            assert answer.json() == {
                "bid": "B1", "accepted": 2, "duplicate": 0, "late": 0, "rejected": [], "refused": 0
            }  # fmt: skip
            (message,) = here.stream.messages
            assert (message.source, message.form, message.topic) == (1, "json", PATH)
            assert json.loads(message.body)["bid"] == "B1"

    run(act)


def test_what_is_wrong_in_a_batch_is_named_and_the_rest_is_taken() -> None:
    async def act() -> None:
        async with door() as here:
            body = batch(1, "2", 3)
            body["d"][2]["ts"] -= 3_600_000
            answer = await here.post(body)
            assert answer.status_code == 207
            told = answer.json()
            assert (told["accepted"], told["late"]) == (2, 1)
            assert told["rejected"] == [{"i": 1, "t": "T1", "code": "VALUE_TEXT"}]
            assert len(here.stream.messages) == 1

    run(act)


def test_the_same_batch_again_goes_to_the_stream_once_and_another_under_its_name_is_refused() -> None:
    async def act() -> None:
        async with door(grant(), grant("GW2", 2)) as here:
            body = batch(1, 2)
            here.stream.is_open = False
            both = [asyncio.ensure_future(here.post(body, Idempotency_Key="K")) for _ in range(2)]
            await until(lambda: bool(here.stream.waiting) and len(here.gateway._requests) == 1)
            here.stream.open()
            answers = sorted([(await one).json() for one in both], key=lambda told: told["duplicate"])
            assert [(told["accepted"], told["duplicate"]) for told in answers] == [(2, 0), (0, 2)]
            assert len(here.stream.messages) == 1
            refused = await here.post(batch(3), Idempotency_Key="K")
            assert (refused.status_code, refused.json()["code"]) == (409, "BATCH_DIFFERS")
            other = await here.client.post(PATH, json=body, headers={"Idempotency-Key": "K"}, auth=("GW2", SECRET))
            assert other.json()["accepted"] == 2

    run(act)


def test_what_the_stream_did_not_take_is_not_acknowledged_and_may_come_again() -> None:
    async def act() -> None:
        async with door() as here:
            here.stream.refuses = True
            refused = await here.post(batch(1, bid="B"))
            assert (refused.status_code, refused.json()["code"]) == (503, "NOT_KEPT")
            assert refused.headers["Retry-After"] == "2"
            here.stream.refuses = False
            assert (await here.post(batch(1, bid="B"))).status_code == 202
            assert here.rejected()["not_kept"] == 1

    run(act)


def test_gzip_is_unfolded_within_bounds() -> None:
    async def act() -> None:
        async with door(grant(most_bytes=2000)) as here:
            body = batch(1)
            answer = await here.post(gzip.compress(json.dumps(body).encode()), Content_Encoding="gzip")
            assert answer.status_code == 202
            assert json.loads(here.stream.bodies[0]) == body
            bomb = gzip.compress(b" " * 50_000_000)
            assert len(bomb) > 2000
            assert (await here.post(bomb, Content_Encoding="gzip")).status_code == 413
            small_bomb = gzip.compress(b" " * 1_000_000)
            assert len(small_bomb) < 2000
            assert (await here.post(small_bomb, Content_Encoding="gzip")).status_code == 413
            for broken in (b"not gzip", gzip.compress(b"{}")[:-3], gzip.compress(b"{}") * 2):
                assert (await here.post(broken, Content_Encoding="gzip")).json()["code"] == "GZIP"
            assert len(here.stream.messages) == 1

    run(act)


@pytest.mark.parametrize(
    ("auth", "status"),
    [(("GW1", SECRET), 202), (("GW1", "x"), 401), (("GW9", SECRET), 401), (None, 401), (("HJ", SECRET), 403)],
)
def test_a_source_signs_in_with_its_code_and_secret(auth: tuple[str, str] | None, status: int) -> None:
    async def act() -> None:
        async with door(grant(), grant("HJ", 2, forms=frozenset({"hj212"}))) as here:
            here.client.auth = auth  # type: ignore[assignment]
            answer = await here.post(batch(1))
            assert answer.status_code == status
            assert ("WWW-Authenticate" in answer.headers) is (status == 401)
            assert len(here.stream.messages) == (status == 202)

    run(act)


def test_a_token_of_code_and_secret_does_as_well() -> None:
    async def act() -> None:
        async with door() as here:
            here.client.auth = None  # type: ignore[assignment]
            assert (await here.post(batch(1), Authorization=f"Bearer GW1:{SECRET}")).status_code == 202
            assert (await here.post(batch(1), Authorization=f"Bearer {SECRET}")).status_code == 401

    run(act)


def test_what_is_not_asked_as_it_should_be() -> None:
    async def act() -> None:
        async with door(grant(most_bytes=3000)) as here:
            assert (await here.client.get(PATH)).status_code == 405
            assert (await here.client.post("/", content=b"{}")).status_code == 404
            assert (await here.post(b"{}", Content_Type="text/csv")).status_code == 415
            assert (await here.post(b"{}", Content_Encoding="br")).status_code == 415
            assert (await here.post(b"{}", Idempotency_Key="k" * 200)).status_code == 400
            assert (await here.post(b"x" * 3001)).status_code == 413

            async def parts() -> AsyncIterator[bytes]:
                for _ in range(4):
                    yield b"x" * 1000

            chunked = await here.client.post(PATH, content=parts(), headers={"Content-Type": "application/json"})
            assert chunked.status_code == 413
            assert not here.stream.messages

    run(act)


def test_a_body_that_cannot_be_read_is_kept_aside_and_counted() -> None:
    async def act() -> None:
        async with door() as here:
            answer = await here.post(b"not json")
            assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")
            assert [(reason, message.body) for reason, message in here.aside] == [("MALFORMED", b"not json")]
            assert here.rejected() == {"MALFORMED": 1}

    run(act)


def test_a_source_over_its_limit_is_told_to_wait_and_loses_nothing() -> None:
    async def act() -> None:
        async with door(grant(points_per_s=10, burst_points=10)) as here:
            assert (await here.post(batch(*range(10)))).status_code == 202
            for _ in range(3):
                refused = await here.post(batch(*range(10)))
                assert (refused.status_code, refused.json()["code"]) == (429, "OVER_LIMIT")
                assert 1 <= int(refused.headers["Retry-After"]) <= 2
                await asyncio.sleep(0.15)
            assert here.aside == []

    run(act)


def test_a_source_over_its_quota_waits_until_tomorrow() -> None:
    async def act() -> None:
        async with door(grant(points_per_day=5)) as here:
            refused = await here.post(batch(*range(10)))
            assert (refused.status_code, refused.json()["code"]) == (429, "OVER_QUOTA")
            assert 1 <= int(refused.headers["Retry-After"]) <= 86_400

    run(act)


def test_a_slow_body_and_a_silent_connection_are_cut() -> None:
    async def act() -> None:
        async with door(terms=Terms(request_s=0.1, idle_s=0.2)) as here:
            slow = await here.client.post(
                PATH, content=_slowly(), headers={"Content-Type": "application/json", "Content-Length": "10"}
            )
            assert slow.status_code == 408
            reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()

    run(act)


async def _slowly() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.sleep(1)
    yield b"         "


def test_who_posted_is_present_for_a_while() -> None:
    async def act() -> None:
        async with door(terms=Terms(present_s=0.1, tick_s=0.02)) as here:
            await here.post(batch(1))
            await here.post(batch(1))
            entry = here.watch._entry(1)
            assert (entry.connections, entry.messages) == (1, 2)
            await until(lambda: here.watch._entry(1).connections == 0)

    run(act)


def test_hostile_bytes_neither_end_the_gateway_nor_reach_the_stream() -> None:
    async def act() -> None:
        chance = random.Random(7)
        plain = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" % PATH.encode()
        async with door() as here:
            for _ in range(300):
                bad = bytearray(plain * chance.randint(1, 3))
                for _change in range(chance.randint(1, 8)):
                    bad[chance.randrange(len(bad))] = chance.randrange(256)
                sent = bytes(bad) if chance.random() < 0.7 else chance.randbytes(chance.randint(1, 400))
                reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
                writer.write(sent)
                writer.write_eof()
                answer = await asyncio.wait_for(reader.read(65536), 5)
                assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
                writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
            writer.write(b"POST / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000)
            assert (await asyncio.wait_for(reader.read(65536), 5)).startswith(b"HTTP/1.1 431")
            writer.close()
            assert not here.stream.messages
            assert (await here.post(batch(1))).status_code == 202
            await until(lambda: len(here.gateway._links) <= 2)

    run(act)


def test_batches_are_remembered_within_bounds() -> None:
    async def act() -> None:
        known = Batches(most=3)
        for number in range(10):
            assert known.begin(1, f"B{number}", b"d", number) is None
        assert len(known) == 3
        assert known.begin(1, "B9", b"d", 10) is not None
        assert known.begin(1, "new", b"d", 10 + REMEMBER_S) is None
        assert len(known) == 1
        assert MOST_REMEMBERED > 1000

    run(act)
