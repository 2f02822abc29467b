"""Loopback ports of the embedded engines, and the question who holds one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from quancheng.runtime.engines.processes import EngineTrouble


def free_port() -> int:
    """A port that nobody holds at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def claim_port(host: str, port: int) -> None:
    """Make sure that ``host:port`` can be served.

    :raises EngineTrouble: somebody holds it (named where the system tells), or this account may not have it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As a server does: a connection that is only dying away must not count as a holder.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as trouble:
            raise EngineTrouble(f"Port {port} needs root's rights; choose one from 1024 up with --port.") from trouble
        except OSError as trouble:
            if trouble.errno == 98:
                raise EngineTrouble(
                    f"Port {port} on {host} is in use{_holder(port)}; end that program or choose another port "
                    "with --port."
                ) from trouble
            raise EngineTrouble(f"Cannot listen on {host}: {trouble.strerror}.") from trouble


def is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _holder(port: int) -> str:
    """`` by <command> (pid <n>)`` of the listener, where /proc lets us see it."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = {os.readlink(entry) for entry in (process / "fd").iterdir()}
            if held & inodes:
                return f" by {(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return ""
