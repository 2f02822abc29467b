"""Newest values told over a real NATS: merged, by enterprise, with the limit that stands."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import nats
import numpy as np
from nats.aio.msg import Msg

from quancheng.stream import live
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.evaluation import HH, LL, H, State
from quancheng.stream.processors.telling import MERGE_S, Teller, levels

NAN = float("nan")
FIRST, SECOND = UUID(int=1), UUID(int=2)


def row(number: int, enterprise: UUID) -> TagRow:
    return TagRow(
        number=number, enterprise=enterprise, source=5, keys=(f"T{number}",), is_judged=True, is_in_service=True,
        scale=1, shift=0, range_lo=0, range_hi=100, limits=(NAN, NAN, 80, 90), deadband=2, on_delay_ms=0,
        off_delay_ms=0, stale_ms=60_000, cap=192,
    )  # fmt: skip


def note(teller: Teller, *told: tuple[int, int, float]) -> None:
    """Of place, milliseconds, value."""
    places, at, values = (np.array(column) for column in zip(*told, strict=True))
    teller.note(places, at, values.astype(float), np.full(len(told), 192))


def test_the_newest_value_of_each_tag_is_told_to_who_listens_to_its_enterprise(nats_url: str) -> None:
    async def act() -> list[tuple[int, int, float, int]]:
        client, space = await nats.connect(nats_url), f"t{uuid4().hex}_"
        book, heard, messages = Book(), list[tuple[int, int, float, int]](), list[Msg]()
        book.renew([row(1, FIRST), row(2, SECOND), row(3, FIRST)])
        state = State.empty(3)
        state.is_active[0, [H, HH]] = True
        teller = Teller(client, book, space)

        async def hear(message: Msg) -> None:
            messages.append(message)
            for one in live.unpack(message.data):
                heard.append((int(one["tag"]), int(one["at"]), float(one["value"]), int(one["level"])))

        await client.subscribe(live.subject_of(FIRST, space=space), cb=hear)
        telling = asyncio.create_task(teller.run(lambda: state))
        note(teller, (0, 1_000, 91), (1, 1_000, 5))
        note(teller, (0, 2_000, 92))
        await asyncio.sleep(MERGE_S / 2)
        for at in range(3_000, 40_000, 1_000):
            note(teller, (0, at, at / 1_000), (2, at, 1))
        note(teller, (0, 4_000, 4))
        await asyncio.sleep(MERGE_S * 3)
        telling.cancel()
        assert len(messages) == 2
        await client.close()
        return heard

    assert asyncio.run(act()) == [(1, 2_000, 92.0, 4), (1, 39_000, 39.0, 4), (3, 39_000, 1.0, 0)]


def test_the_gravest_limit_is_told() -> None:
    state = State.empty(4)
    state.is_active[0, [LL, H]] = True
    state.is_active[1, [1]] = True
    state.is_active[2, [H, HH]] = True
    assert levels(state, np.arange(4)).tolist() == [1, 2, 4, 0]


def test_what_is_no_message_of_ours_tells_nothing() -> None:
    assert len(live.unpack(b"strange")) == 0
    assert len(live.unpack(b"")) == 0
