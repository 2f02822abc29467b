"""The bridge to a broker that somebody else runs: here NATS with its MQTT door, and paho as the devices."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import paho.mqtt.publish as paho
import pytest
from tests.support.doors import Behind
from tests.support.mqtt import grant, run, until

from quancheng.domains.monitoring.queries.bridges import OpenBroker
from quancheng.kernel.addresses import RefusedAddress
from quancheng.runtime.engines.nats import binary
from quancheng.runtime.engines.ports import free_port
from quancheng.stream.gateways import bridge as bridge_module
from quancheng.stream.gateways.bridge import Bridge, Place, Rule, rule_of, wishes_of
from quancheng.stream.gateways.bridge_runner import _place
from quancheng.stream.gateways.mqtt.client import Address, Client
from quancheng.stream.gateways.presence import Presence

PLANT = grant("MES1", 1, forms=frozenset({"json", "sparkplug"}))


RULES = (Rule("plant/+/tele", "json", PLANT),)


class Broker:
    """Somebody else's broker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.child: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        config = self.folder / "broker.conf"
        config.write_text(
            f"server_name: broker\nhost: 127.0.0.1\nport: {free_port()}\n"
            f'jetstream {{ store_dir: "{self.folder}/js" }}\n'
            f'mqtt {{ host: 127.0.0.1, port: {self.port}, ack_wait: "500ms" }}\n'
        )
        self.child = subprocess.Popen([str(binary()), "-c", str(config)], stderr=subprocess.DEVNULL)
        async with asyncio.timeout(20):
            while True:
                probe = Client(Address("127.0.0.1", self.port, "probe"))
                try:
                    await probe.start()
                except (OSError, TimeoutError):
                    await asyncio.sleep(0.1)
                else:
                    await probe.close()
                    return

    async def publish(self, topic: str, *bodies: bytes, retain: bool = False) -> None:
        messages = [{"topic": topic, "payload": body, "qos": 1, "retain": retain} for body in bodies]
        await asyncio.to_thread(paho.multiple, messages, hostname="127.0.0.1", port=self.port)

    def stop(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()


@asynccontextmanager
async def bridged(
    folder: Path, rules: tuple[Rule, ...] = RULES
) -> AsyncIterator[tuple[Broker, Behind, Callable[[], Bridge]]]:
    """A broker, what stands behind the bridge, and what begins a bridge anew after ending the last one."""
    broker, behind = Broker(folder), Behind()
    pk = uuid4()
    tasks: list[asyncio.Task[None]] = []

    def begin() -> Bridge:
        for task in tasks:
            task.cancel()
        place = Place(pk, "127.0.0.1", broker.port, False, "", None, rules, lambda: "127.0.0.1")
        bridge = Bridge(behind.desk, place, Presence(behind.watch, 300), wait_s=(0.05, 0.2))
        tasks.append(asyncio.create_task(bridge.run()))
        return bridge

    try:
        await broker.start()
        yield broker, behind, begin
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        broker.stop()


def test_messages_of_a_rule_go_to_its_source_and_others_are_only_counted(tmp_path: Path) -> None:
    async def act() -> None:
        async with bridged(tmp_path, (*RULES, Rule("plant/#", "sparkplug", PLANT))) as (broker, behind, begin):
            bridge = begin()
            await until(lambda: bridge.is_online)
            await asyncio.sleep(0.3)
            await broker.publish("plant/a/tele", b'{"d":[]}')
            await broker.publish("plant/b/x", b"\x08\x01")
            await until(lambda: len(behind.stream.messages) == 2)
            told = [(one.source, one.form, one.topic, one.body) for one in behind.stream.messages]
            assert told == [(1, "json", "plant/a/tele", b'{"d":[]}'), (1, "sparkplug", "plant/b/x", b"\x08\x01")]
            assert behind.watch._entry(1).connections == 1
            report = bridge.told()
            assert (report.is_online, report.messages, report.topics) == (True, 2, {})

    run(act)


def test_a_topic_that_lost_its_rule_is_counted_and_let_go(tmp_path: Path) -> None:
    async def act() -> None:
        async with bridged(tmp_path) as (broker, behind, begin):
            bridge = begin()
            await until(lambda: bridge.is_online)
            await asyncio.sleep(0.3)
            # The broker goes on to send what an earlier session had subscribed to.
            bridge.place = Place(bridge.place.pk, "", 0, False, "", None, (), lambda: "")
            await broker.publish("plant/a/tele", b"1", b"2")
            await until(lambda: bridge._messages == 2)
            assert bridge.told().topics == {"plant/a/tele": 2}
            assert not behind.stream.messages

    run(act)


def test_what_the_stream_did_not_take_the_broker_sends_again(tmp_path: Path) -> None:
    async def act() -> None:
        async with bridged(tmp_path) as (broker, behind, begin):
            bridge = begin()
            await until(lambda: bridge.is_online)
            await asyncio.sleep(0.3)
            behind.stream.refuses = True
            await broker.publish("plant/a/tele", b"1")
            await until(lambda: len(behind.stream.messages) >= 1)
            behind.stream.refuses = False
            behind.stream.messages.clear()
            await until(lambda: b"1" in behind.stream.bodies)
            assert behind.rejected()["not_kept"] >= 1

    run(act)


def test_what_comes_while_the_bridge_is_away_is_fetched_when_it_is_back(tmp_path: Path) -> None:
    async def act() -> None:
        async with bridged(tmp_path) as (broker, behind, begin):
            bridge = begin()
            await until(lambda: bridge.is_online)
            await asyncio.sleep(0.3)
            behind.stream.is_open = False
            await broker.publish("plant/a/tele", b"unanswered")
            await until(lambda: bool(behind.stream.waiting))
            begin()
            await asyncio.sleep(0)
            behind.stream.is_open = True
            await broker.publish("plant/a/tele", *(b"%d" % number for number in range(300)))
            wanted = {b"unanswered", *(b"%d" % number for number in range(300))}
            await until(lambda: wanted <= set(behind.stream.bodies))
            await until(lambda: behind.stream.bodies.count(b"unanswered") >= 2)

    run(act)


def test_a_retained_message_is_old_and_one_that_is_too_large_is_put_aside_once(tmp_path: Path) -> None:
    async def act() -> None:
        async with bridged(tmp_path) as (broker, behind, begin):
            await broker.publish("plant/a/tele", b"old", retain=True)
            bridge = begin()
            await until(lambda: bridge._messages == 1)
            await broker.publish("plant/a/tele", b"x" * 10_000, b"new")
            await until(lambda: behind.stream.bodies == [b"new"])
            assert [reason for reason, _message in behind.aside] == ["too_large"]

    run(act)


@pytest.mark.parametrize(
    ("topic", "pattern"),
    [("a/b/c", "a/b/c"), ("a/x/c", "a/+/c"), ("a/b/d", "a/b/+"), ("a/x/y", "a/#"), ("b", None), ("$SYS/x", None)],
)
def test_the_most_exact_rule_counts(topic: str, pattern: str | None) -> None:
    known = [Rule(one, "json", PLANT) for one in ("a/#", "a/+/c", "a/b/+", "a/b/c", "+/x")]
    found = rule_of(known, topic)
    assert (found.pattern if found else None) == pattern


def test_a_broker_that_is_away_is_tried_again_and_said(tmp_path: Path) -> None:
    async def act() -> None:
        behind = Behind()
        place = Place(UUID(int=1), "127.0.0.1", free_port(), False, "", None, RULES, lambda: "127.0.0.1")
        bridge = Bridge(behind.desk, place, Presence(behind.watch, 300), wait_s=(0.02, 0.05))
        task = asyncio.create_task(bridge.run())
        await until(lambda: bool(bridge.trouble))
        assert not bridge.told().is_online
        assert "refused" in bridge.told().trouble.lower() or "connect" in bridge.told().trouble.lower()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(act)


def test_a_broker_that_never_grants_or_may_not_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "SUBACK_S", 0.1)

    async def act() -> None:
        calls: list[int] = []

        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            calls.append(1)
            await reader.read(100)
            writer.write(b"\x20\x02\x00\x00")
            await reader.read(100)
            if len(calls) > 1:
                # The second time the link is lost before SUBACK.
                writer.close()

        def resolve() -> str:
            if len(calls) > 1:
                raise RefusedAddress("not there")
            return "127.0.0.1"

        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        behind = Behind()
        place = Place(UUID(int=1), "x", server.sockets[0].getsockname()[1], False, "", None, RULES, resolve)
        bridge = Bridge(behind.desk, place, Presence(behind.watch, 300), wait_s=(0.02, 0.05))
        task = asyncio.create_task(bridge.run())
        await until(lambda: len(calls) == 2 and not bridge.is_online)
        await until(lambda: bridge.told().trouble == "not there")
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()

    run(act)


def test_a_password_that_cannot_be_unsealed_is_told_and_the_broker_is_not_reached() -> None:
    place = _place(OpenBroker(UUID(int=1), "x", 1, False, "u", "broken", ()))
    assert place.password is None
    with pytest.raises(ValueError, match="口令无法解封"):
        place.resolve()


def test_a_source_over_its_limit_holds_up_no_other(tmp_path: Path) -> None:
    async def act() -> None:
        noisy = grant("MES2", 2, forms=frozenset({"json"}), points_per_s=1, burst_points=1)
        async with bridged(tmp_path, (*RULES, Rule("noisy", "json", noisy))) as (broker, behind, begin):
            bridge = begin()
            await until(lambda: bridge.is_online)
            await broker.publish("noisy", *(b'{"d":[{"t":"a"}]}' for _ in range(20)))
            await broker.publish("plant/a/tele", b"1")
            await until(lambda: b"1" in behind.stream.bodies)
            await until(lambda: len(behind.aside) >= 15)
            assert {reason for reason, _message in behind.aside} == {"over_limit"}

    run(act)


def test_a_pattern_inside_another_is_not_asked_for_twice() -> None:
    assert wishes_of(["a/#", "a/+/c", "a/b", "b/+", "b/#", "c/+/x", "c/y/+"]) == ["a/#", "b/#", "c/+/x", "c/y/+"]
