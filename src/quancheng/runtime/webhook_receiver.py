"""A small receiver of webhooks, to try them on: checks each signature and prints what came, a JSON line each."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGEST = 1_000_000
Told = Callable[[dict[str, Any]], None]


class Receiver(ThreadingHTTPServer):
    """Listens on loopback. ``fail`` answers so many requests with ``status`` before it accepts."""

    daemon_threads = True

    def __init__(self, port: int, *, secret: str, told: Told, fail: int = 0, status: int = 503) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secret, self.told, self.fail, self.status = secret, told, fail, status


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        from quancheng.kernel.exchange.webhooks.send import SIGNATURE, is_signed

        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
        signed = is_signed(self.server.secret, self.headers.get(SIGNATURE, ""), body, now=int(time.time()))
        if not signed:
            status = 401
        elif self.server.fail > 0:
            self.server.fail -= 1
            status = self.server.status
        else:
            status = 204
        told = {"path": self.path, "host": self.headers.get("Host"), "signed": signed, "answered": status}
        self.server.told({**told, "body": json.loads(body) if signed else None})
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what came is told in the one line."""


def receiver_command(arguments: list[str]) -> int:
    """``quancheng dev webhook-receiver``: until stopped."""
    parser = argparse.ArgumentParser(prog="quancheng dev webhook-receiver", description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--secret", required=True, help="the signing secret that the house showed")
    parser.add_argument("--fail", type=int, default=0, metavar="N", help="refuse the first N good requests")
    parser.add_argument("--status", type=int, default=503, help="with this status (default 503)")
    given = parser.parse_args(arguments)

    def told(what: dict[str, Any]) -> None:
        print(json.dumps(what, ensure_ascii=False), flush=True)

    server = Receiver(given.port, secret=given.secret, told=told, fail=given.fail, status=given.status)
    print(f"listening on http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
    return 0
