"""Connections to the gateway for MQTT, packet by packet, over a stream that answers when told."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from tests.support.mqtt import SECRET, TELE, Wire, World, grant, run, until, world

from quancheng.stream.gateways.mqtt.packets import (
    REFUSED,
    Connack,
    Connect,
    Disconnect,
    Pingreq,
    Pingresp,
    Puback,
    Publish,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
    Will,
)
from quancheng.stream.gateways.mqtt.server import Terms

OWN = TELE.format("GW1")
KEY = SECRET.encode()


def tele(number: int, body: bytes = b"") -> Publish:
    return Publish(OWN, body or b"%d" % number, 1, number)


# --- signing in ---


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        (Connect("x", user="GW1", password=KEY), 0),
        (Connect("", user="GW1", password=KEY), 0),
        (Connect("x", user=f"GW1:{SECRET}"), 0),
        (Connect("GW1", user=SECRET), 0),
        (Connect("x", user=SECRET), 4),
        (Connect("x", user="GW1", password=b"wrong"), 4),
        (Connect("x", user="GW1", password=b"\xff"), 4),
        (Connect("x", user="GW9", password=KEY), 4),
        (Connect("GW1", user="GW1"), 4),
        (Connect("GW1"), 4),
        (Connect("x", user="HJ", password=KEY), 5),
        (Connect("", clean=False, user="GW1", password=KEY), 2),
    ],
)
def test_who_signs_in_how(hello: Connect, code: int) -> None:
    async def act() -> None:
        async with world(grant(), grant("HJ", 2, forms=frozenset({"hj212"}))) as here:
            wire = await here.bare()
            assert await wire.ask(hello) == Connack(code)
            if code:
                assert await wire.read() is None
                assert here.watch.refused == {f"connack_{code}": 1}
            else:
                assert await wire.ask(tele(1)) == Puback(1)
                assert [one.source for one in here.stream.messages] == [1]

    run(act)


def test_before_the_grants_are_known_nobody_is_called_wrong() -> None:
    async def act() -> None:
        async with world() as here:
            here.book.is_loaded = False
            wire = await here.bare()
            assert await wire.ask(Connect("x", user="GW1", password=KEY)) == Connack(3)

    run(act)


@pytest.mark.parametrize(
    "content",
    [
        b"\x10\x0c\x00\x04MQTT\x05\x02\x00\x0a\x00\x00",
        b"\x10\x0e\x00\x06MQIsdp\x03\x02\x00\x0a\x00\x00",
    ],
)
def test_other_versions_are_told_so(content: bytes) -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.bare()
            assert await wire.ask(content) == Connack(1)
            assert await wire.read() is None

    run(act)


@pytest.mark.parametrize("content", [Pingreq(), tele(1), Disconnect(), Puback(1), b"GET / HTTP/1.1\r\n\r\n"])
def test_whatever_comes_before_connect_ends_the_connection(content: Pingreq | bytes) -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.bare()
            assert await wire.ask(content) is None
            assert here.stream.messages == []

    run(act)


@pytest.mark.parametrize("content", [Connect("x"), Connack(0), Pingresp(), Puback(1), b"\x34\x05\x00\x01a\x00\x01x"])
def test_what_a_device_may_not_send_ends_the_connection_after_what_stood_before_it(content: Connack | bytes) -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            wire.send(tele(1), content, tele(2))
            while await wire.read() is not None:
                pass
            assert here.stream.bodies == [b"1"]

    run(act)


def test_who_does_not_sign_in_is_cut() -> None:
    async def act() -> None:
        async with world(terms=Terms(connect_s=0.05, tick_s=0.02)) as here:
            wire = await here.bare()
            wire.send(b"\x10")
            assert await wire.read() is None
            assert here.watch.refused == {"no_connect": 1}

    run(act)


def test_who_is_silent_for_one_and_a_half_keep_alive_is_cut_and_who_pings_is_not() -> None:
    async def act() -> None:
        async with world() as here:
            silent, loud = await here.wire(keep_alive=1), await here.wire(client_id="b", keep_alive=1)
            began = asyncio.get_running_loop().time()
            gone = asyncio.ensure_future(silent.read())
            while not gone.done():
                assert await loud.ask(Pingreq()) == Pingresp()
                await asyncio.wait([gone], timeout=0.3)
            assert gone.result() is None
            assert 1.5 <= asyncio.get_running_loop().time() - began < 3
            assert await loud.ask(Pingreq()) == Pingresp()

    run(act)


def test_the_newcomer_takes_the_place_of_the_same_client() -> None:
    async def act() -> None:
        async with world(grant(), grant("GW2", 2)) as here:
            older, other = await here.wire(client_id="a"), await here.wire(client_id="b")
            stranger = await here.wire("GW2", client_id="a")
            newer = await here.wire(client_id="a")
            assert await older.read() is None
            for wire in (other, newer, stranger):
                assert await wire.ask(Pingreq()) == Pingresp()

    run(act)


def test_connections_are_bounded_by_source_and_in_all() -> None:
    async def act() -> None:
        async with world(terms=Terms(connections=3, connections_of_source=2, tick_s=0.02)) as here:
            first, *others = [await here.wire(client_id=name) for name in "abc"]
            assert await first.read() is None
            await until(lambda: here.gateway.connections == 2)
            await here.bare()
            late = await here.bare()
            assert await late.read() is None
            assert here.watch.refused == {"taken_over": 1, "too_many": 1}
            for wire in others:
                assert await wire.ask(Pingreq()) == Pingresp()

    run(act)


def test_who_has_not_signed_in_takes_no_place_from_those_who_have() -> None:
    async def act() -> None:
        async with world(terms=Terms(newcomers=2, tick_s=0.02)) as here:
            wires = [await here.wire(client_id=name) for name in "abc"]
            waiting = [await here.bare() for _ in range(2)]
            assert await (await here.bare()).read() is None
            waiting[0].cut()
            await until(lambda: here.gateway.connections == 4)
            await here.wire(client_id="d")
            for wire in wires:
                assert await wire.ask(Pingreq()) == Pingresp()

    run(act)


def test_who_is_taken_back_is_cut_and_changed_terms_hold_at_once() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire(will=Will(OWN, b"gone"))
            here.grants["GW1"] = replace(here.grants["GW1"], most_bytes=10)
            await here.book.refresh()
            await asyncio.sleep(0.06)
            assert await wire.ask(tele(1, b"x" * 11)) == Puback(1)
            assert [reason for reason, _message in here.aside] == ["too_large"]
            del here.grants["GW1"]
            await here.book.refresh()
            assert await wire.read() is None
            assert here.stream.messages == []

    run(act)


# --- messages ---


def test_each_is_acknowledged_after_it_is_kept_and_in_order() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            here.stream.is_open = False
            wire.send(
                tele(1), tele(2), Publish("hc/v1/d/s/GW2/tele", b"x", 1, 3), Publish(OWN, b"q0"), tele(4), Pingreq()
            )
            assert await wire.read() == Pingresp()
            first, *others = here.stream.waiting
            for kept in reversed(others):
                kept.set_result(None)
            assert await wire.ask(Pingreq()) == Pingresp()
            first.set_result(None)
            assert [await wire.read() for _ in range(4)] == [Puback(1), Puback(2), Puback(3), Puback(4)]
            assert here.stream.bodies == [b"1", b"2", b"q0", b"4"]
            assert here.gateway.flight_bytes == 0

    run(act)


def test_what_the_stream_does_not_take_is_not_acknowledged_nor_is_anything_after_it() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            here.stream.is_open = False
            wire.send(tele(1), tele(2), tele(3), Pingreq())
            assert await wire.read() == Pingresp()
            one, two, three = here.stream.waiting
            one.set_result(None)
            three.set_result(None)
            two.set_exception(OSError("no room"))
            assert await wire.read() == Puback(1)
            assert await wire.read() is None
            assert here.gateway.flight_bytes == 0
            assert here.watch.refused == {"not_kept": 1}

    run(act)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (Publish("hc/v1/d/s/GW2/tele", b"x", 1, 1), "topic"),
        (Publish("anything", b"x", 1, 1), "topic"),
        (Publish("v1/devices/me/telemetry", b"x", 1, 1), "form"),
        (Publish("spBv1.0/G/NDATA/GW1", b"x", 1, 1), "form"),
        (Publish(OWN, b"x" * 4097, 1, 1), "too_large"),
    ],
)
def test_what_cannot_be_kept_is_put_aside_and_acknowledged(packet: Publish, reason: str) -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            assert await wire.ask(packet) == Puback(1)
            assert await wire.ask(tele(2, b"x" * 4096)) == Puback(2)
            ((found, message),) = here.aside
            assert (found, message.source, message.topic, message.body) == (reason, 1, packet.topic, packet.body)
            assert len(here.stream.messages) == 1

    run(act)


def test_a_packet_of_more_than_twice_the_largest_message_is_not_even_read() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            assert await wire.ask(b"\x32\xff\xff\x7f") is None
            assert here.watch.refused == {"too_large": 1}

    run(act)


def test_forms_come_with_their_topics() -> None:
    async def act() -> None:
        forms = frozenset({"json", "thingsboard", "thingsboard-device", "sparkplug"})
        async with world(grant(forms=forms)) as here:
            wire = await here.wire()
            topics = [OWN, "v1/gateway/telemetry", "v1/devices/me/telemetry", "spBv1.0/G/DDATA/GW1/D"]
            for number, topic in enumerate(topics, 1):
                assert await wire.ask(Publish(topic, b"x", 1, number)) == Puback(number)
            found = [(one.form, one.topic) for one in here.stream.messages]
            assert found == list(zip(["json", "thingsboard", "thingsboard-device", "sparkplug"], topics, strict=True))

    run(act)


# --- wills ---


@pytest.mark.parametrize("ending", ["cut", "violation", "taken_over", "silence"])
def test_the_will_of_a_lost_device_is_kept_like_its_messages(ending: str) -> None:
    async def act() -> None:
        async with world() as here:
            state = "hc/v1/d/s/GW1/state"
            wire = await here.wire(will=Will(state, b'{"online":false}', 1), keep_alive=1 if ending == "silence" else 9)
            assert await wire.ask(tele(1)) == Puback(1)
            match ending:
                case "cut":
                    wire.cut()
                case "violation":
                    wire.send(b"\x00\x00")
                case "taken_over":
                    await here.wire()
            await until(lambda: len(here.stream.messages) == 2)
            assert (here.stream.messages[1].topic, here.stream.messages[1].body) == (state, b'{"online":false}')

    run(act)


def test_the_will_of_one_who_says_goodbye_is_thrown_away() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire(will=Will(OWN, b"x"))
            wire.send(Disconnect())
            assert await wire.read() is None
            await until(lambda: here.gateway.connections == 0)
            assert here.stream.messages == []
            assert here.watch.refused == {}

    run(act)


def test_a_will_under_a_foreign_topic_is_put_aside() -> None:
    async def act() -> None:
        async with world() as here:
            (await here.wire(will=Will("hc/v1/d/s/GW2/state", b"x"))).cut()
            await until(lambda: bool(here.aside))
            assert here.aside[0][0] == "topic"
            assert here.stream.messages == []

    run(act)


# --- commands ---


def test_commands_reach_the_subscribed_connections_of_their_source_only() -> None:
    async def act() -> None:
        async with world(grant(), grant("GW2", 2)) as here:
            command = "hc/v1/d/s/GW1/cmd/7"
            first, second = await here.wire(client_id="a"), await here.wire(client_id="b")
            other = await here.wire("GW2")
            wishes = (("hc/v1/d/s/GW1/cmd/#", 1), ("hc/v1/d/s/GW2/cmd/#", 0), ("#", 0))
            assert await first.ask(Subscribe(5, wishes)) == Suback(5, (0, REFUSED, REFUSED))
            assert await other.ask(Subscribe(6, (("hc/v1/d/s/GW1/cmd/#", 0),))) == Suback(6, (REFUSED,))
            assert here.gateway.send("GW1", command, b"replay") == 1
            assert await first.read() == Publish(command, b"replay")
            assert here.gateway.send("GW1", "hc/v1/d/s/GW1/other", b"x") == 0
            assert here.gateway.send("GW2", command, b"x") == 0
            assert here.gateway.send("GW3", command, b"x") == 0
            assert await second.ask(Pingreq()) == Pingresp()
            assert await first.ask(Unsubscribe(8, ("hc/v1/d/s/GW1/cmd/#",))) == Unsuback(8)
            assert here.gateway.send("GW1", command, b"x") == 0

    run(act)


def test_subscriptions_are_bounded() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            wishes = tuple((f"hc/v1/d/s/GW1/cmd/{number}", 0) for number in range(40))
            assert await wire.ask(Subscribe(1, wishes)) == Suback(1, (0,) * 32 + (REFUSED,) * 8)

    run(act)


# --- bounds ---


async def swallowed(here: World, wire_count: int, terms: Terms) -> None:
    """Devices send 4 MB each to a stream that does not answer; what the gateway took of it is bounded."""
    wires = [await here.wire(client_id=f"c{number}") for number in range(wire_count)]
    here.stream.is_open = False
    for wire in wires:
        for number in range(1, 1001):
            wire.send(tele(number, b"x" * 4000))
    await until(lambda: len(here.stream.messages) > 5)
    taken = -1
    while taken != len(here.stream.messages):
        taken = len(here.stream.messages)
        await asyncio.sleep(0.1)
    assert here.gateway.flight_bytes == sum(len(one.body) + len(one.topic) for one in here.stream.messages)
    assert here.gateway.flight_bytes <= min(terms.flight_bytes, wire_count * terms.window_bytes) + 5000
    assert taken <= wire_count * terms.window
    here.stream.open()
    for wire in wires:
        assert [await wire.read() for _ in range(1000)] == [Puback(number) for number in range(1, 1001)]
    assert here.gateway.flight_bytes == 0


@pytest.mark.parametrize(
    "terms",
    [
        Terms(window=50, tick_s=0.02),
        Terms(window=10_000, window_bytes=100_000, tick_s=0.02),
        Terms(window=10_000, window_bytes=10**9, flight_bytes=200_000, tick_s=0.02),
    ],
)
def test_a_stream_that_does_not_answer_stops_the_devices_and_not_the_memory(terms: Terms) -> None:
    async def act() -> None:
        async with world(terms=terms) as here:
            await swallowed(here, 5, terms)

    run(act)


def test_a_device_that_reads_no_answers_is_not_read_and_in_the_end_cut() -> None:
    async def act() -> None:
        async with world(terms=Terms(idle_s=0.5, tick_s=0.02)) as here:
            with socket.socket() as small:
                small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                small.connect(("127.0.0.1", here.port))
                small.setblocking(False)
                wire = Wire(*await asyncio.open_connection(sock=small))
                assert await wire.ask(Connect("GW1", user="GW1", password=KEY)) == Connack(0)
                wire.writer.transport.pause_reading()
                (session,) = here.gateway._sessions
                assert session._transport is not None
                held = session._transport.get_extra_info("socket")
                held.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
                for _ in range(100):
                    wire.send(*(tele(number) for number in range(1, 1001)))
                await until(lambda: not session._may_write)
                taken = len(here.stream.messages)
                assert taken < 100_000
                await until(lambda: here.watch.refused["keep_alive"] == 1)
                await until(lambda: here.gateway.connections == 0)
                assert len(here.stream.messages) == taken
                wire.cut()


def test_a_connection_that_only_talks_is_cut() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            wire.send(*[Pingreq()] * 1000)
            while await wire.read() is not None:
                pass
            assert here.watch.refused == {"talk": 1}

    run(act)


def test_a_device_at_a_hundred_times_its_rate_slows_only_itself() -> None:
    async def act() -> None:
        greedy_one = grant(points_per_s=100, burst_points=100)
        async with world(greedy_one, grant("GW2", 2), patience_s=0.3) as here:
            greedy, good = await here.wire(), await here.wire("GW2")
            ten_points = b"[" * 12
            greedy.send(*(tele(number % 65535 + 1, ten_points) for number in range(50_000)))
            loop = asyncio.get_running_loop()
            began, worst = loop.time(), 0.0
            for number in range(1, 101):
                asked = loop.time()
                assert await good.ask(Publish(TELE.format("GW2"), b"x", 1, number)) == Puback(number)
                worst = max(worst, loop.time() - asked)
                await asyncio.sleep(0.01)
            took = loop.time() - began
            assert worst < 0.5
            kept = 10 * sum(one.source == 1 for one in here.stream.messages)
            aside = 10 * sum(reason == "over_limit" for reason, _message in here.aside)
            assert kept <= 100 + 100 * took + 20
            assert 0 < aside <= 400 + 400 * took + 20
            assert len(here.stream.messages) - kept / 10 == 100

    run(act)


# --- counts and the end ---


def test_presence_and_counts_are_reported() -> None:
    async def act() -> None:
        reports = []

        async def flush(found: object) -> None:
            reports.extend(found)  # type: ignore[call-overload]

        async with world(flush=flush) as here:
            wire = await here.wire()
            assert await wire.ask(tele(1, b'{"v":1}')) == Puback(1)
            assert await wire.ask(Publish("x", b"x", 1, 2)) == Puback(2)
            wire.cut()
            await until(lambda: bool(reports) and reports[-1].connections == 0)
            assert sum(one.messages for one in reports) == 1
            assert sum(one.bytes for one in reports) == 7
            assert [one.rejected for one in reports if one.rejected] == [{"topic": 1}]

    run(act)


def test_stopping_waits_for_answers_and_takes_nothing_more() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire(will=Will(OWN, b"will"))
            here.stream.is_open = False
            wire.send(tele(1), Pingreq())
            assert await wire.read() == Pingresp()
            stopping = asyncio.ensure_future(here.gateway.stop(10))
            await until(lambda: here.gateway.is_stopping)
            wire.send(tele(2))
            await asyncio.sleep(0.05)
            here.stream.open()
            assert await wire.read() == Puback(1)
            assert await wire.read() is None
            await stopping
            assert here.stream.bodies == [b"1"]
            assert here.gateway.connections == 0

    run(act)


def test_stopping_does_not_wait_for_ever() -> None:
    async def act() -> None:
        async with world() as here:
            wire = await here.wire()
            here.stream.is_open = False
            wire.send(tele(1), Pingreq())
            assert await wire.read() == Pingresp()
            await here.gateway.stop(0.1)
            assert await wire.read() is None

    run(act)
