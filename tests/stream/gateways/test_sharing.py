"""Several gateways of one house: limits of a source, who is connected, and a client that comes to another one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client
from tests.domains.monitoring.factories import make_source
from tests.factories import NOW, make_district
from tests.support.mqtt import TELE, World, grant, run, until, world

from quancheng.domains.monitoring.models import SourceState
from quancheng.domains.monitoring.services.sources import Seen, forget_presence, note_seen
from quancheng.runtime.engines.nats import Nats
from quancheng.runtime.place import Place
from quancheng.stream.gateways.mqtt.limits import OVER_QUOTA, Meter, day_of
from quancheng.stream.gateways.mqtt.packets import Publish
from quancheng.stream.gateways.mqtt.watch import Report
from quancheng.stream.gateways.runner import flush_by, in_turn
from quancheng.stream.gateways.sharing import WHOLE_ROUNDS, Sharing, _Peer

OWN = TELE.format("GW1")
MORNING = 1_781_485_200.0


def messages(*numbers: int) -> list[Publish]:
    return [Publish(OWN, b"%d" % number, 1, number) for number in numbers]


@dataclass
class Member:
    """One gateway with its line to the others."""

    here: World
    sharing: Sharing
    client: Client


@asynccontextmanager
async def member(url: str, space: str, **limits: object) -> AsyncIterator[Member]:
    client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=_quiet)
    async with world(grant(**limits)) as here:
        sharing = Sharing(client, space, every_s=0.02)
        await sharing.start(here.desk, here.gateway.take_over)
        try:
            yield Member(here, sharing, client)
        finally:
            await here.gateway.stop(0.1)
            await client.close()


async def _quiet(_trouble: Exception) -> None:
    """The client says by itself that it lost its server; the test knows."""


Act = Callable[[str, list[Member]], Awaitable[None]]


def together(url: str, act: Act, *, count: int = 2, **limits: object) -> None:
    async def whole() -> None:
        space = f"t{uuid4().hex}_"
        async with AsyncExitStack() as stack:
            members = [await stack.enter_async_context(member(url, space, **limits)) for _one in range(count)]
            stack.push_async_callback(_forget, url, space)
            await act(space, members)

    run(whole)


async def _forget(url: str, space: str) -> None:
    client = await nats.connect(url)
    await client.jetstream().delete_key_value(f"{space}gateways")
    await client.close()


def test_what_another_gateway_took_counts_for_the_quota_and_for_the_rate_once() -> None:
    meter = Meter(grant(points_per_s=10, burst_points=10, points_per_day=100), 0.0)
    day = day_of(MORNING)
    meter.note_elsewhere(day, 50, is_news=False)
    assert meter.judge(10, 0.0, MORNING).reason == "", "what stood at the beginning is no debt"
    meter.note_elsewhere(day, 55)
    meter.note_elsewhere(day, 55)
    assert meter.judge(5, 0.5, MORNING).wait_s == pytest.approx(0.5, abs=0.01)
    assert meter.judge(5, 1.01, MORNING).reason == ""
    meter.note_elsewhere(day, 90)
    assert meter.judge(1, 60.0, MORNING).reason == OVER_QUOTA
    assert meter.judge(1, 61.0, MORNING + 86_400).reason == "", "another day has its own"


def test_what_is_heard_after_a_long_silence_shuts_nobody_out() -> None:
    meter = Meter(grant(points_per_s=10, burst_points=20, points_per_day=10**9), 0.0)
    meter.note_elsewhere(day_of(MORNING), 1_000_000)
    assert meter.judge(1, 0.2, MORNING).reason == ""


@pytest.mark.parametrize("sides", [2, 3])
def test_of_gateways_that_all_get_more_than_the_rate_none_is_starved_and_together_they_keep_it(sides: int) -> None:
    day, rate = day_of(MORNING), 100
    meters = [Meter(grant(points_per_s=rate, burst_points=rate, points_per_day=10**9), 0.0) for _one in range(sides)]
    free_at, begun = [0.0] * sides, [0] * sides
    for tick in range(20_000):
        now = tick / 1000
        for place, meter in enumerate(meters):
            # They differ a little in when they ask.
            if now >= free_at[place] + place / 5000:
                free_at[place] = now + (meter.judge(1, now, MORNING).wait_s or 0.001)
        if tick % 1000 == 999:
            used = [meter.used(day) for meter in meters]
            for place, meter in enumerate(meters):
                meter.note_elsewhere(day, sum(used) - used[place], others=sides - 1)
            begun = used if tick == 4_999 else begun
    taken = [meter.used(day) - before for meter, before in zip(meters, begun, strict=True)]
    assert min(taken) >= 0.5 * 15 * rate / sides
    assert 0.9 * 15 * rate <= sum(taken) <= 1.15 * 15 * rate


def test_the_end_of_a_process_goes_on_after_a_step_that_fails() -> None:
    done: list[str] = []

    async def step(name: str) -> None:
        done.append(name)
        if name == "first":
            raise OSError

    run(lambda: in_turn(lambda: step("first"), lambda: step("second")))
    assert done == ["first", "second"]


def test_a_source_at_two_gateways_has_one_quota_of_the_day(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        first, second = await one.here.wire(client_id="a"), await two.here.wire(client_id="b")
        first.send(*messages(1, 2, 3))
        await until(lambda: len(one.here.stream.messages) == 3)
        await one.sharing.round()
        await until(lambda: two.sharing.used(1, day_of(time.time())) == 3)
        second.send(*messages(1, 2))
        await until(lambda: len(two.here.stream.messages) + len(two.here.aside) == 2)
        assert len(two.here.stream.messages) == 1
        assert [reason for reason, _message in two.here.aside] == [OVER_QUOTA]

    together(nats_url, act, points_per_day=4)


def test_who_begins_later_knows_what_was_used_today_also_by_gateways_that_have_ended(nats_url: str) -> None:
    async def act(space: str, members: list[Member]) -> None:
        (one,) = members
        wire = await one.here.wire()
        wire.send(*messages(1, 2, 3))
        await until(lambda: len(one.here.stream.messages) == 3)
        await one.sharing.stop()
        async with member(nats_url, space, points_per_day=4) as later:
            assert later.sharing.used(1, day_of(time.time())) == 3
            again = await later.here.wire()
            again.send(*messages(1, 2))
            await until(lambda: len(later.here.aside) == 1)

    together(nats_url, act, count=1, points_per_day=4)


def test_the_same_client_at_another_gateway_takes_over(nats_url: str) -> None:
    """MQTT 3.1.1, 3.1.4: the server must disconnect the existing client. Another client of the source stays."""

    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        older, other = await one.here.wire(client_id="same"), await one.here.wire(client_id="other")
        await asyncio.sleep(0.01)
        newer = await two.here.wire(client_id="same")
        assert await older.read() is None
        assert one.here.watch.refused["taken_over"] == 1
        for wire, here in ((newer, two.here), (other, one.here)):
            wire.send(*messages(7))
            await until(lambda here=here: len(here.stream.messages) == 1)  # type: ignore[misc]

    together(nats_url, act)


def test_one_that_came_later_is_not_ended_by_word_of_an_earlier_one(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        (one,) = members
        wire = await one.here.wire(client_id="same")
        one.here.gateway.take_over("GW1", "same", int(time.time() * 1000) - 60_000)
        wire.send(*messages(7))
        await until(lambda: len(one.here.stream.messages) == 1)

    together(nats_url, act, count=1)


def test_a_source_is_connected_while_any_gateway_has_it(nats_url: str) -> None:
    """Its last connection here went, one there stands; once that gateway is silent too, it has gone."""

    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        first, _second = await one.here.wire(client_id="a"), await two.here.wire(client_id="b")
        await until(lambda: one.sharing.is_elsewhere(1))
        seen: list[Report] = []

        async def note(reports: object) -> None:
            seen.extend(reports)  # type: ignore[arg-type]

        one.here.watch._flush = note
        first.writer.close()
        await until(lambda: one.here.gateway.connections == 0)
        await one.here.watch.flush()
        assert seen[-1].connections == 0
        assert one.sharing.elsewhere() == {1}
        # The other process is killed: it says nothing more.
        for _round in range(WHOLE_ROUNDS):
            await one.sharing.round()
        assert not one.sharing.is_elsewhere(1)
        seen.clear()
        await one.here.watch.flush()
        assert [(one.source, one.connections) for one in seen] == [(1, 0)], "somebody must say that it has gone"

    together(nats_url, act)


def written(one: Member) -> list[tuple[int, bool]]:
    """What a gateway writes down from now on: source, and whether it is connected."""
    found: list[tuple[int, bool]] = []

    async def note(reports: Sequence[Report]) -> None:
        found.extend((row.source, row.connections > 0 or row.source in one.sharing.elsewhere()) for row in reports)

    one.here.watch._flush = note
    return found


def test_a_source_that_leaves_two_gateways_in_the_same_moment_is_gone(nats_url: str) -> None:
    """Each still believes that the other has it and writes so down; the next round puts it right."""

    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        wires = await one.here.wire(client_id="a"), await two.here.wire(client_id="b")
        await until(lambda: one.sharing.is_elsewhere(1) and two.sharing.is_elsewhere(1))
        books = written(one), written(two)
        for wire in wires:
            wire.writer.close()
        await until(lambda: all(book and book[-1] == (1, True) for book in books))
        await until(lambda: one.here.gateway.connections + two.here.gateway.connections == 0)
        await one.sharing.round()
        await two.sharing.round()
        await until(lambda: all(book[-1] == (1, False) for book in books))

    together(nats_url, act)


def test_a_source_that_moves_to_another_gateway_is_there_whoever_writes_last(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        book = written(one)
        wire = await one.here.wire()
        wire.writer.close()
        await until(lambda: book[-1:] == [(1, False)])
        again = await two.here.wire()
        await until(lambda: book[-1] == (1, True))
        again.writer.close()

    together(nats_url, act)


def test_a_source_that_came_and_went_between_two_rounds_is_not_believed_to_be_there(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        wire = await one.here.wire()
        await until(lambda: two.sharing.is_elsewhere(1))
        wire.writer.close()
        await until(lambda: one.here.gateway.connections == 0)
        book = written(two)
        await one.sharing.round()
        await until(lambda: not two.sharing.is_elsewhere(1) and (1, False) in book)

    together(nats_url, act)


def test_who_begins_right_after_another_hears_what_it_has_and_what_is_wiped_is_written_again(nats_url: str) -> None:
    async def act(space: str, members: list[Member]) -> None:
        (one,) = members
        wire = await one.here.wire()
        await until(lambda: not one.here.watch._changed)
        book = written(one)
        async with member(nats_url, space) as later:
            await until(lambda: later.sharing.is_elsewhere(1) and book == [(1, True)])
            # What another one tells late was wiped meanwhile.
            own = written(later)
            later.sharing._peers.clear()
            for _round in range(WHOLE_ROUNDS):
                await one.sharing.round()
            await until(lambda: own == [(1, True)])
        wire.writer.close()

    together(nats_url, act, count=1)


def test_a_gateway_that_paused_has_its_quiet_sources_again(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        wire = await two.here.wire()
        await two.sharing.round()
        await until(lambda: one.sharing.is_elsewhere(1))
        book = written(one)
        for _round in range(WHOLE_ROUNDS):
            await one.sharing.round()
        await until(lambda: book == [(1, False)])
        await two.sharing.round()
        await until(lambda: book == [(1, False), (1, True)])
        wire.writer.close()

    together(nats_url, act)


def test_what_is_only_kept_is_told_all_the_same(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        wire = await one.here.wire()
        wire.send(*messages(1, 2, 3))
        await until(lambda: len(one.here.stream.messages) == 3)
        await one.sharing._keep_all()
        await one.sharing.round()
        await until(lambda: two.sharing.used(1, day_of(time.time())) == 3)

    together(nats_url, act)


def test_what_one_gateway_kept_unreadably_hides_nothing_of_the_others(nats_url: str) -> None:
    async def act(space: str, members: list[Member]) -> None:
        (one,) = members
        store = await one.client.jetstream().key_value(f"{space}gateways")
        await store.put("0", b"\xc1")
        wire = await one.here.wire()
        wire.send(*messages(1, 2, 3))
        await until(lambda: len(one.here.stream.messages) == 3)
        await one.sharing.stop()
        await store.put("zz", b"\xc1")
        async with member(nats_url, space) as later:
            assert later.sharing.used(1, day_of(time.time())) == 3

    together(nats_url, act, count=1)


def test_who_says_goodbye_is_gone_at_once(nats_url: str) -> None:
    async def act(_space: str, members: list[Member]) -> None:
        one, two = members
        await two.here.wire()
        await until(lambda: one.sharing.is_elsewhere(1))
        await two.sharing.stop()
        await until(lambda: not one.sharing.is_elsewhere(1))

    together(nats_url, act)


def test_without_nats_each_gateway_counts_alone_and_nobody_is_gone_for_it(tmp_path: Path) -> None:
    async def act() -> None:
        server = Nats(Place(tmp_path / "var"))
        server.prepare()
        child = server.spawn()
        try:
            server.wait(child)
            async with member(server.url, "") as one, member(server.url, "") as two:
                await two.here.wire()
                await until(lambda: one.sharing.is_elsewhere(1))
                child.kill()
                child.wait()
                await until(lambda: not one.client.is_connected)
                wire = await one.here.wire()
                wire.send(*messages(1, 2))
                await until(lambda: len(one.here.stream.messages) == 2)
                for _round in range(3 * WHOLE_ROUNDS):
                    await one.sharing.round()
                assert one.sharing.is_elsewhere(1)
        finally:
            child.kill()
            child.wait()

    run(act)


@pytest.mark.django_db(transaction=True)
def test_a_gateway_that_begins_leaves_what_another_one_has_connected() -> None:
    district = make_district()
    mine, others = make_source(district), make_source(district, code="GW-SL001-02")
    seen = [Seen(one.number, True, NOW, 1, 1, {}, None) for one in (mine, others)]
    note_seen(seen, now=NOW)
    forget_presence(but=[others.number])
    assert not SourceState.objects.get(source=mine).is_online
    assert SourceState.objects.get(source=others).is_online
    sharing = Sharing(Client())
    sharing._peers["other"] = _Peer(here={mine.number})
    gone = Report(mine.number, 0, None, None, None, 0, 0, 0, {}, None)
    asyncio.run(flush_by(sharing)([gone]))
    assert SourceState.objects.get(source=mine).is_online
