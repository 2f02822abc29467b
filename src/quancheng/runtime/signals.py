"""The processes of the signal flow (信号流): ``quancheng gateway`` and ``quancheng process``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import ssl
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.databases import conninfo, settings_from_app
from quancheng.runtime.engines.ports import claim_port, is_loopback
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import Place

#: Where the gateway's ports are noted for commands started by hand, by door.
PORT_NOTES = {"mqtt": "MQTT_PORT", "http": "HTTP_PORT", "hj212": "HJ212_PORT"}
#: Usual ports of the doors, without TLS and with it.
PORTS = {"mqtt": (1883, 8883), "http": (8083, 8443), "hj212": (7212, 7212)}


def until_stopped(work: Coroutine[Any, Any, None]) -> int:
    """Run until SIGTERM or SIGINT; 1 where the work ended by itself."""

    async def whole() -> int:
        task = asyncio.ensure_future(work)
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        waiting = asyncio.ensure_future(stopped.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not stopped.is_set():
            waiting.cancel()
            task.result()
            return 1
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return 0

    return asyncio.run(whole())


def gateway_command(arguments: list[str]) -> int:
    """``quancheng gateway``: serve every door until stopped. TLS where a certificate and its key are given."""
    parser = argparse.ArgumentParser(
        prog="quancheng gateway", description="Take messages of devices over MQTT, batches over HTTP, frames of HJ 212."
    )
    parser.add_argument("--host", default="127.0.0.1")
    for door, flag, what in (("mqtt", "--port", "MQTT"), ("http", "--http-port", "batches over HTTP")):
        plain, secure = PORTS[door]
        parser.add_argument(
            flag, type=int, default=0, dest=door,
            help=f"of {what}; default {plain}, with TLS {secure}; another one where that is taken",
        )  # fmt: skip
    parser.add_argument(
        "--hj212-port", type=int, default=0, dest="hj212",
        help=f"of HJ 212, without encryption; default {PORTS['hj212'][0]}, beyond this machine only where it is named",
    )  # fmt: skip
    _add_metrics_port(parser)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    given = parser.parse_args(arguments)
    if bool(given.tls_cert) != bool(given.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    tls = None
    if given.tls_cert:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(given.tls_cert, given.tls_key)
    set_up_django()
    from django.conf import settings

    from quancheng.stream.gateways.runner import GatewayRunner

    is_open = given.hj212 or is_loopback(given.host)
    runner = GatewayRunner(
        nats_url=settings.NATS_URL, host=given.host, port=_port(given, "mqtt"), http_port=_port(given, "http"),
        hj212_port=_port(given, "hj212") if is_open else None, tls=tls, metrics_port=given.metrics_port,
        told=lambda port: _note_ports(runner.ports),
    )  # fmt: skip
    return until_stopped(runner.run())


def _port(given: argparse.Namespace, door: str) -> int:
    """The port of a door that was asked for, or its usual one."""
    asked: int = getattr(given, door)
    return asked or _usual(given.host, PORTS[door][1 if given.tls_cert else 0])


def _add_metrics_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--metrics-port", type=int, default=0, help="on the loopback, for Prometheus (/metrics); default none"
    )


def _usual(host: str, port: int) -> int:
    """The usual port; 0, which lets the system choose, where somebody else has it."""
    try:
        claim_port(host, port)
    except EngineTrouble:
        return 0
    return port


def bridge_command(arguments: list[str]) -> int:
    """``quancheng bridge``: fetch messages from the brokers that were entered, until stopped."""
    parser = argparse.ArgumentParser(
        prog="quancheng bridge", description="Fetch messages from brokers of MQTT that were entered; run one."
    )
    parser.parse_args(arguments)
    set_up_django()
    from django.conf import settings

    from quancheng.stream.gateways.bridge_runner import BridgeRunner

    return until_stopped(BridgeRunner(nats_url=settings.NATS_URL).run())


def replay_command(arguments: list[str]) -> int:
    """``quancheng replay``: put envelopes that no processor could read into the stream again."""
    parser = argparse.ArgumentParser(
        prog="quancheng replay",
        description="Put what stands in the stream ASIDE back where it can be read now; say how much is left. "
        "Messages of a source are read again from its page.",
    )
    parser.parse_args(arguments)
    set_up_django()
    import nats
    from django.conf import settings

    from quancheng.stream.messages import StreamSettings, ensure_streams
    from quancheng.stream.replaying import replay_envelopes

    async def act() -> None:
        client = await nats.connect(settings.NATS_URL)
        try:
            await ensure_streams(client.jetstream(), StreamSettings())
            told = await replay_envelopes(client.jetstream(), StreamSettings())
        finally:
            await client.close()
        print(f"{told.done} put back, {told.left} still cannot be read")

    asyncio.run(act())
    return 0


def process_command(arguments: list[str]) -> int:
    """``quancheng process``: work through the stream until stopped; several share the partitions."""
    parser = argparse.ArgumentParser(
        prog="quancheng process", description="Decode, store and judge what devices sent, until stopped."
    )
    parser.add_argument(
        "--fault-after", type=float, default=30.0, metavar="SECONDS",
        help="tell of a faulty instrument after its source has called it so for so long; default 30",
    )  # fmt: skip
    _add_metrics_port(parser)
    given = parser.parse_args(arguments)
    set_up_django()
    from django.conf import settings

    from quancheng.stream.processors.runner import Runner

    database = conninfo(settings_from_app(Place.current()))
    runner = Runner(
        nats_url=settings.NATS_URL, telemetry=settings.TELEMETRY_URL, database=database, fault_s=given.fault_after,
        metrics_port=given.metrics_port,
    )  # fmt: skip
    return until_stopped(runner.run())


def _note_ports(ports: Mapping[str, int]) -> None:
    """Tell commands started by hand where the gateway listens, and its log that it does."""
    for door, port in ports.items():
        (Place.current().run / PORT_NOTES[door]).write_text(str(port))
        print(f"{door} listens on port {port}", flush=True)


def port_of(door: str) -> int:
    """Where a door of this installation's gateway listens."""
    try:
        return int((Place.current().run / PORT_NOTES[door]).read_text())
    except (OSError, ValueError):
        return PORTS[door][0]
