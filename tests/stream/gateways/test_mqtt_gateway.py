"""The gateway for MQTT with a real JetStream behind it and clients before it, ours and another."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import nats
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from nats.aio.client import Client as NatsClient
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from tests.support.mqtt import SECRET, TELE, World, run, until, world

from quancheng.runtime.engines.nats import Nats
from quancheng.runtime.place import Place
from quancheng.stream.envelope import unpack
from quancheng.stream.gateways.mqtt.client import Address, Client, Refused
from quancheng.stream.gateways.mqtt.codec import Decoder
from quancheng.stream.gateways.mqtt.packets import Connack, Connect, Publish, Suback, Subscribe, Will, encode
from quancheng.stream.gateways.mqtt.server import Terms
from quancheng.stream.messages import Publisher, StreamSettings, ensure_streams

OWN = TELE.format("GW1")


@asynccontextmanager
async def joined(url: str, settings: StreamSettings) -> AsyncIterator[NatsClient]:
    async def note(_trouble: Exception) -> None:
        """The client says by itself that it lost its server; the test knows."""

    client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=note)
    try:
        await ensure_streams(client.jetstream(), settings)
        yield client
    finally:
        await client.close()


async def kept_bodies(client: NatsClient, settings: StreamSettings) -> list[bytes]:
    """All messages that stand in the stream."""
    js = client.jetstream()
    info = await js.stream_info(settings.signals)
    found = []
    for number in range(info.state.first_seq, info.state.last_seq + 1):
        content = (await js.get_msg(settings.signals, number)).data
        found += [one.body for one in unpack(content or b"")]
    return found


def address(here: World, code: str = "GW1", **changes: object) -> Address:
    return Address("127.0.0.1", here.port, code, code, SECRET, **changes)  # type: ignore[arg-type]


def test_what_is_acknowledged_stands_in_the_stream_in_its_order(nats_url: str) -> None:
    async def act() -> None:
        settings = StreamSettings(space=f"t{uuid4().hex}_", partitions=4, keep_bytes=2**24, aside_bytes=2**20)
        async with joined(nats_url, settings) as stream:
            publisher = Publisher(stream, settings)
            async with world(stream=publisher) as here:
                client = Client(address(here))
                await client.start()
                for number in range(2000):
                    await client.publish(OWN, b"%d" % number)
                await client.publish(OWN, b"last", qos=0)
                await client.drained()
                await client.close()
                await publisher.close()
            assert await kept_bodies(stream, settings) == [*(b"%d" % number for number in range(2000)), b"last"]
            await stream.jetstream().delete_stream(settings.signals)
            await stream.jetstream().delete_stream(settings.aside)

    run(act)


def test_nothing_that_was_acknowledged_is_lost_when_nats_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quancheng.stream.messages.PUBLISH_TIMEOUT_S", 0.5)

    async def act() -> None:
        server = Nats(Place(tmp_path / "var"))
        server.prepare()
        child = server.spawn()
        try:
            server.wait(child)
            settings = StreamSettings(partitions=4, keep_bytes=2**26, aside_bytes=2**20)
            async with joined(server.url, settings) as stream, world(stream=Publisher(stream, settings)) as here:
                acknowledged: set[bytes] = set()
                clients = [
                    Client(Address("127.0.0.1", here.port, f"c{n}", "GW1", SECRET), window=20, wait_s=(0.05, 0.5))
                    for n in range(4)
                ]
                sent: list[bytes] = []
                is_ending = False

                async def device(number: int, client: Client) -> None:
                    await client.start()
                    count = 0
                    while not is_ending:
                        body = b"%d/%d" % (number, count)
                        count += 1
                        kept = await client.publish(OWN, body)
                        sent.append(body)
                        kept.add_done_callback(lambda _kept, body=body: acknowledged.add(body))

                devices = [asyncio.ensure_future(device(n, client)) for n, client in enumerate(clients)]
                await until(lambda: len(acknowledged) > 1000)
                child.kill()
                child.wait()
                before = set(acknowledged)
                # Cut off by the publisher's timeout; what comes back is cut off again.
                await until(lambda: here.watch.refused["not_kept"] >= 4)
                assert acknowledged == before
                again = server.spawn()
                try:
                    server.wait(again)
                    await until(lambda: len(acknowledged) > len(before) + 1000)
                    is_ending = True
                    await asyncio.gather(*devices)
                    for client in clients:
                        await client.drained()
                        await client.close()
                    assert acknowledged == set(sent)
                    assert acknowledged <= set(await kept_bodies(stream, settings))
                finally:
                    again.kill()
                    again.wait()
        finally:
            child.kill()
            child.wait()

    run(act)


def test_a_client_sends_again_what_was_not_acknowledged() -> None:
    async def act() -> None:
        async with world() as here:
            client = Client(address(here, will=Will("hc/v1/d/s/GW1/state", b"off")), window=5, wait_s=(0.01, 0.05))
            await client.start()
            here.stream.is_open = False
            waiting = [await client.publish(OWN, b"%d" % number) for number in range(5)]
            late = asyncio.ensure_future(client.publish(OWN, b"5"))
            await until(lambda: len(here.stream.messages) == 5)
            assert not late.done()
            client.drop()
            await until(lambda: client.connections == 2)
            here.stream.open()
            await asyncio.gather(*waiting, await late)
            assert client.unanswered == 0
            bodies = [b"%d" % number for number in range(5)]
            await until(lambda: len(here.stream.messages) == 12)
            assert sorted(here.stream.bodies) == sorted([*bodies, b"off", *bodies, b"5"])
            await client.close()

    run(act)


def test_a_refused_subscription_is_said_once_and_asked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    async def act() -> None:
        async with world() as here:
            client = Client(address(here), wait_s=(0.01, 0.05))
            await client.start()
            assert await client.subscribe("hc/v1/d/s/GW1/cmd/#") == (0,)
            assert client.refused == frozenset()
            assert await client.subscribe("hc/v1/d/s/GW2/cmd/#", "#") == (128, 128)
            assert client.refused == {"hc/v1/d/s/GW2/cmd/#", "#"}
            client.drop()
            await until(lambda: client.connections == 2)
            await until(lambda: not client._asked)
            assert client.refused == {"hc/v1/d/s/GW2/cmd/#", "#"}
            await client.close()

    run(act)
    said = [one.getMessage() for one in caplog.records if "was refused" in one.getMessage()]
    assert [line.partition(": ")[2] for line in said] == [
        "subscription to # was refused", "subscription to hc/v1/d/s/GW2/cmd/# was refused"
    ]  # fmt: skip


def test_a_suback_that_does_not_fit_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    """Another server's fault: one code for two filters says of neither whether it was granted."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = Decoder(1024)
        while content := await reader.read(1024):
            for packet in decoder.feed(content):
                if isinstance(packet, Connect):
                    writer.write(encode(Connack(0)))
                elif isinstance(packet, Subscribe):
                    writer.write(encode(Suback(packet.packet_id, (0,))))

    async def act() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = Client(Address("127.0.0.1", port, "GW1"), reconnects=False)
        await client.start()
        with pytest.raises(ConnectionError):
            await client.subscribe("a", "b")
        await client.ended()
        await client.close()
        again = Client(Address("127.0.0.1", port, "GW1"), wait_s=(0.02, 10.0))
        await again.start()
        with pytest.raises(ConnectionError):
            await again.subscribe("a", "b")
        await asyncio.sleep(0.6)
        # Each attempt waits longer than the one before.
        assert 2 <= again.connections <= 7
        await again.close()
        server.close()

    run(act)
    assert any("SUBACK with 1 codes for 2 filters" in one.getMessage() for one in caplog.records)


def test_a_client_hears_commands_also_after_it_was_cut_off() -> None:
    async def act() -> None:
        async with world() as here:
            heard: list[Publish] = []
            client = Client(address(here), on_message=heard.append, wait_s=(0.01, 0.05))
            await client.start()
            assert await client.subscribe("hc/v1/d/s/GW1/cmd/#", "#") == (0, 128)
            client.drop()
            await until(lambda: client.connections == 2)
            await until(lambda: here.gateway.send("GW1", "hc/v1/d/s/GW1/cmd/1", b"replay") == 1)
            await until(lambda: bool(heard))
            assert heard == [Publish("hc/v1/d/s/GW1/cmd/1", b"replay")]
            await client.close()

    run(act)


def test_a_client_that_is_refused_says_so_and_one_that_closes_leaves_nobody_waiting() -> None:
    async def act() -> None:
        async with world() as here:
            with pytest.raises(Refused) as refused:
                await Client(Address("127.0.0.1", here.port, "x", "GW1", "wrong")).start()
            assert refused.value.code == 4
            client = Client(address(here), window=1)
            await client.start()
            here.stream.is_open = False
            kept = await client.publish(OWN, b"1")
            late = asyncio.ensure_future(client.publish(OWN, b"2"))
            await asyncio.sleep(0)
            await client.close()
            for waiting in (kept, late):
                with pytest.raises(ConnectionError):
                    await waiting

    run(act)


def test_a_client_pings_and_leaves_a_server_that_does_not_answer() -> None:
    async def act() -> None:
        asked: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"\x20\x02\x00\x00")
            while data := await reader.read(100):
                asked.append(data)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            client = Client(
                Address("127.0.0.1", server.sockets[0].getsockname()[1], "x", keep_alive_s=1), wait_s=(0.01, 0.01)
            )
            await client.start()
            await until(lambda: client.connections == 2)
            assert b"\xc0\x00" in asked
            await client.close()

    run(act)


def test_an_ordinary_client_library_works() -> None:
    """Paho in its own thread: QoS 0 and 1, a subscription, a command, a refused password."""

    async def act() -> None:
        async with world() as here:
            loop = asyncio.get_running_loop()
            heard: list[tuple[str, bytes]] = []
            client = paho.Client(CallbackAPIVersion.VERSION2, client_id="GW1")
            client.username_pw_set("GW1", SECRET)
            client.will_set("hc/v1/d/s/GW1/state", b"off", qos=1)
            client.on_message = lambda _client, _data, one: heard.append((one.topic, one.payload))

            def publish() -> list[bool]:
                found = [client.publish(OWN, b"%d" % number, qos=number % 2) for number in range(200)]
                for one in found:
                    one.wait_for_publish(10)
                return [one.is_published() for one in found]

            def connect() -> MQTTErrorCode:
                code = client.connect("127.0.0.1", here.port, keepalive=30)
                client.loop_start()
                return code

            assert await loop.run_in_executor(None, connect) == MQTTErrorCode.MQTT_ERR_SUCCESS
            await until(client.is_connected)
            client.subscribe("hc/v1/d/s/GW1/cmd/#", qos=1)
            await until(lambda: here.gateway.send("GW1", "hc/v1/d/s/GW1/cmd/9", b"x") == 1)
            await until(lambda: bool(heard))
            assert heard == [("hc/v1/d/s/GW1/cmd/9", b"x")]
            assert all(await loop.run_in_executor(None, publish))
            await until(lambda: len(here.stream.messages) == 200)
            # Paho sends QoS 0 past what waits at QoS 1.
            for qos in (0, 1):
                found = [body for body in here.stream.bodies if int(body) % 2 == qos]
                assert found == [b"%d" % number for number in range(qos, 200, 2)]
            client.disconnect()
            await until(lambda: here.gateway.connections == 0)
            await loop.run_in_executor(None, client.loop_stop)
            assert len(here.stream.messages) == 200

            codes: list[int] = []
            wrong = paho.Client(CallbackAPIVersion.VERSION2, client_id="GW1")
            wrong.username_pw_set("GW1", "wrong")
            wrong.on_connect = lambda _client, _data, _flags, code, _more: codes.append(code.value)
            await loop.run_in_executor(None, wrong.connect, "127.0.0.1", here.port)
            wrong.loop_start()
            await until(lambda: bool(codes))
            wrong.disconnect()
            await loop.run_in_executor(None, wrong.loop_stop)
            assert codes[0] == 134  # how Paho's second interface names code 4

    run(act)


# --- TLS ---


def certificate(folder: Path, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None) -> tuple[
    x509.Certificate, ec.EllipticCurvePrivateKey
]:  # fmt: skip
    """A certificate and its key, also as ``<name>.pem`` in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer[0].subject if issuer else subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made, key


@pytest.mark.parametrize(("name", "code"), [("GW1", 0), ("GW2", 5)])
def test_a_certificate_must_name_the_source(tmp_path: Path, name: str, code: int) -> None:
    issuer = certificate(tmp_path, "root", None)
    for subject in ("server", name):
        certificate(tmp_path, subject, issuer)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "root.pem"))
    serving.load_cert_chain(tmp_path / "server.pem")
    serving.verify_mode = ssl.CERT_REQUIRED
    asking = ssl.create_default_context(cafile=str(tmp_path / "root.pem"))
    asking.load_cert_chain(tmp_path / f"{name}.pem")

    async def act() -> None:
        async with world(tls=serving) as here:
            client = Client(address(here, tls=asking))
            if code:
                with pytest.raises(Refused) as refused:
                    await client.start()
                assert refused.value.code == code
                return
            await client.start()
            for number in range(300):
                await client.publish(OWN, b"x" * 4000 + b"%d" % number)
            await client.drained()
            assert len(here.stream.messages) == 300
            await client.close()

    run(act)


def test_who_does_not_speak_tls_is_not_heard(tmp_path: Path) -> None:
    certificate(tmp_path, "root", None)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(tmp_path / "root.pem")

    async def act() -> None:
        async with world(tls=serving, terms=Terms(connect_s=1, tick_s=0.02)) as here:
            wire = await here.bare()
            wire.send(Connect("x", user="GW1", password=SECRET.encode()))
            found = await wire.reader.read(100)
            assert Connack(0) not in [found]
            assert here.stream.messages == []

    run(act)
