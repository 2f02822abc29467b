"""Notes of the supervisor's children, and the end of those that a killed supervisor left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from quancheng.runtime.engines.postgres import Postgres
from quancheng.runtime.engines.processes import Recorded, end, read_record, record, started_at, write_record
from quancheng.runtime.place import Place

#: PostgreSQL comes last, and is asked for a fast shutdown.
LAST = "postgres"


def note(place: Place, name: str, pid: int) -> None:
    write_record(place.folder("run", "children") / f"{name}.pid", pid)


def forget(place: Place, name: str) -> None:
    (place.var / "run" / "children" / f"{name}.pid").unlink(missing_ok=True)


def noted(place: Place) -> dict[str, Recorded]:
    """The noted children that still live, by name."""
    found = {}
    for path in sorted((place.var / "run" / "children").glob("*.pid")):
        if one := read_record(path):
            found[path.stem] = one
    return found


def end_leftovers(place: Place, *, tell: Callable[[str, str], None]) -> None:
    """End what a killed run left: the noted processes, whatever they started, and the data folder's server."""
    left = noted(place)
    for name in sorted(left, key=lambda name: name == LAST):
        tell(name, f"left behind by an earlier run (pid {left[name].pid}): ended")
        # A worker that is killed loses nothing: its jobs are retaken. PostgreSQL deserves its checkpoint.
        end(left[name], wait_s=5 if name == LAST else 2, first=signal.SIGINT if name == LAST else signal.SIGTERM)
    for path in (place.var / "run" / "children").glob("*.pid"):
        fields = path.read_text().split()
        if fields and fields[0].isdigit():
            end_session(int(fields[0]), place)
        path.unlink(missing_ok=True)
    if server := Postgres(place).leftover():
        tell(LAST, f"left behind by an earlier run (pid {server.pid}): ended")
        end(server, wait_s=5, first=signal.SIGINT)


def end_session(leader: int, place: Place) -> None:
    """Kill what is left of a session whose leader has ended: helpers that it started and could not end any more.

    Only processes of this state folder are touched, told by their environment, so that a recycled number harms
    nobody.
    """
    if started_at(leader) is not None:
        return
    mark = f"QUANCHENG_VAR={place.var}".encode()
    left = [one for one in _session(leader) if mark in _environment(one.pid)]
    for one in left:
        one.signal(signal.SIGKILL)
    until = time.monotonic() + 2
    while any(one.is_alive() for one in left) and time.monotonic() < until:
        time.sleep(0.02)


def _session(leader: int) -> list[Recorded]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        try:
            if pid != leader and os.getsid(pid) == leader and (one := record(pid)):
                found.append(one)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
