"""The processes of the signal flow (信号流): ``quancheng gateway`` and ``quancheng process``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.databases import conninfo, settings_from_app
from quancheng.runtime.engines.ports import claim_port
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import Place

#: Where the gateway's port is noted for commands started by hand.
PORT_NOTE = "MQTT_PORT"
MQTT_PORT, MQTTS_PORT = 1883, 8883


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
    """``quancheng gateway``: serve MQTT until stopped. TLS where a certificate and its key are given."""
    parser = argparse.ArgumentParser(prog="quancheng gateway", description="Take messages of devices over MQTT.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=0,
        help=f"default {MQTT_PORT}, with TLS {MQTTS_PORT}; another one where that is taken",
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

    port = given.port or _usual(given.host, MQTTS_PORT if tls else MQTT_PORT)
    runner = GatewayRunner(nats_url=settings.NATS_URL, host=given.host, port=port, tls=tls, told=_note_port,
                           metrics_port=given.metrics_port)  # fmt: skip
    return until_stopped(runner.run())


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


def process_command(arguments: list[str]) -> int:
    """``quancheng process``: work through the stream until stopped; several share the partitions."""
    parser = argparse.ArgumentParser(
        prog="quancheng process", description="Decode, store and judge what devices sent, until stopped."
    )
    _add_metrics_port(parser)
    given = parser.parse_args(arguments)
    set_up_django()
    from django.conf import settings

    from quancheng.stream.processors.runner import Runner

    database = conninfo(settings_from_app(Place.current()))
    runner = Runner(nats_url=settings.NATS_URL, telemetry=settings.TELEMETRY_URL, database=database,
                    metrics_port=given.metrics_port)  # fmt: skip
    return until_stopped(runner.run())


def _note_port(port: int) -> None:
    """Tell commands started by hand where the gateway listens, and its log that it does."""
    (Place.current().run / PORT_NOTE).write_text(str(port))
    print(f"listening on port {port}", flush=True)
