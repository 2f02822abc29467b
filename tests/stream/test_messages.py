"""Envelopes and the streams, on a real JetStream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import nats
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from quancheng.stream.envelope import Received, Unreadable, pack, partition_of, unpack
from quancheng.stream.messages import NotKept, Publisher, StreamSettings, ensure_streams
from quancheng.stream.replaying import Replayed, replay_envelopes


@asynccontextmanager
async def joined(url: str) -> AsyncIterator[tuple[Client, StreamSettings]]:
    """A client and streams of the test's own."""
    settings = StreamSettings(space=f"t{uuid4().hex}_", keep_bytes=4 * 1024**2, aside_bytes=1024**2)
    client = await nats.connect(url)
    try:
        await ensure_streams(client.jetstream(), settings)
        yield client, settings
    finally:
        for name in (settings.signals, settings.aside):
            await client.jetstream().delete_stream(name)
        await client.close()


def message(number: int, size: int = 20) -> Received:
    return Received(number, "json", "hc/v1/x", 1_781_487_000_000 + number, b"x" * size)


def run(act: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await act()

    asyncio.run(whole())


@given(st.lists(st.builds(Received, st.integers(0, 2**32), st.sampled_from(["json", "hj212"]), st.text(max_size=30),
                          st.integers(0, 2**50), st.binary(max_size=50)), max_size=20))  # fmt: skip
def test_what_is_packed_is_unpacked(messages: list[Received]) -> None:
    assert unpack(pack(messages)) == messages


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(content: bytes) -> None:
    try:
        unpack(content)
    except Unreadable:
        return


def test_an_enterprise_stays_in_its_partition() -> None:
    assert {partition_of(UUID(int=number), 8) for number in range(200)} == set(range(8))


def test_what_is_kept_stands_in_the_stream_once_and_in_its_order(nats_url: str) -> None:
    async def act() -> None:
        async with joined(nats_url) as (client, settings):
            publisher = Publisher(client, settings)
            await asyncio.gather(*(publisher.put(number % 2, message(number)) for number in range(500)))
            await publisher.close()
            for part in range(2):
                reader = await client.jetstream().pull_subscribe(settings.subject(part), durable=f"p{part}")
                found: list[int] = []
                while len(found) < 250:
                    for one in await reader.fetch(10, timeout=2):
                        found += [each.source for each in unpack(one.data)]
                        await one.ack()
                assert found == list(range(part, 500, 2))
            info = await client.jetstream().stream_info(settings.signals)
            assert info.state.messages < 50  # many in one envelope

    run(act)


def test_what_the_stream_refuses_is_not_called_kept(nats_url: str) -> None:
    async def act() -> None:
        async with joined(nats_url) as (client, settings):
            publisher = Publisher(client, settings)
            results = await asyncio.gather(
                *(publisher.put(0, message(number, 100_000)) for number in range(60)), return_exceptions=True
            )
            kept = sum(one is None for one in results)
            assert 0 < kept < 60
            assert {type(one) for one in results} == {type(None), NotKept}
            info = await client.jetstream().stream_info(settings.signals)
            assert info.state.bytes <= 4 * 1024**2

    run(act)


@pytest.mark.parametrize("times", [2])
def test_streams_are_made_once(nats_url: str, times: int) -> None:
    async def act() -> None:
        async with joined(nats_url) as (client, settings):
            await Publisher(client, settings).put(1, message(1))
            for _time in range(times):
                await ensure_streams(client.jetstream(), settings)
            assert (await client.jetstream().stream_info(settings.signals)).state.messages == 1

    run(act)


def test_an_envelope_that_can_be_read_again_goes_back_into_its_partition_once(nats_url: str) -> None:
    async def act() -> None:
        async with joined(nats_url) as (client, settings):
            js = client.jetstream()
            for content in (b"no envelope", pack([message(1), message(2)])):
                await js.publish(f"{settings.space}aside.3", content)
            assert await replay_envelopes(js, settings) == Replayed(1, 1)
            assert await replay_envelopes(js, settings) == Replayed(0, 1)
            state = (await js.stream_info(settings.signals)).state
            assert state.messages == 1
            back = await js.get_msg(settings.signals, state.last_seq)
            assert back.subject == settings.subject(3)
            found = unpack(back.data or b"")
            assert [(one.source, one.arrived_ms) for one in found] == [(1, 1781487000001), (2, 1781487000002)]
            assert all(one.replayed_ms > one.arrived_ms for one in found)

    run(act)
