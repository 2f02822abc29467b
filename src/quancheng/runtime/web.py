"""The web process: Django on granian, one busy Python thread, everything heavy elsewhere."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def web_command(arguments: list[str]) -> int:
    """``quancheng web``: serve until stopped. TLS where a certificate and its key are given."""
    parser = argparse.ArgumentParser(prog="quancheng web", description="Serve the pages and the API until stopped.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    given = parser.parse_args(arguments)
    if bool(given.tls_cert) != bool(given.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
    # Each request runs in a thread of its own; without a pool each would open a connection of its own.
    os.environ.setdefault("QUANCHENG_DB_POOL", "12")
    if given.tls_cert:
        os.environ["QUANCHENG_SECURE"] = "1"

    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols
    from granian.log import LogLevels

    Granian(
        "quancheng.runtime.asgi:application",
        address=given.host,
        port=given.port,
        interface=Interfaces.ASGINL,
        workers=given.workers,
        websockets=False,
        ssl_cert=given.tls_cert,
        ssl_key=given.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        log_level=LogLevels.warning,
        # Event streams never end by themselves.
        workers_kill_timeout=2,
        respawn_failed_workers=True,
        respawn_interval=0.5,
    ).serve()
    return 0
