"""Processes told apart by pid *and* start time, so that a recycled pid is never mistaken for ours."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


class EngineTrouble(Exception):
    """An engine cannot be started or has died; the message is one clear line for the operator."""


@dataclass(frozen=True)
class Recorded:
    """A process as it was noted: pid and the kernel's start time (clock ticks since boot)."""

    pid: int
    started: int

    def is_alive(self) -> bool:
        return started_at(self.pid) == self.started

    def signal(self, number: int) -> None:
        if self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def started_at(pid: int) -> int | None:
    """Start time of a living process in clock ticks since boot; None where there is none (or only its zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    # The command in brackets may itself hold blanks and brackets.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def record(pid: int) -> Recorded | None:
    """Note a process that runs now; None where it has gone already."""
    started = started_at(pid)
    return None if started is None else Recorded(pid, started)


def write_record(path: Path, pid: int) -> None:
    """Keep ``pid`` and its start time in ``path``, replaced in one step."""
    noted = record(pid)
    if noted is None:
        path.unlink(missing_ok=True)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(f"{noted.pid} {noted.started}\n")
    draft.replace(path)


def read_record(path: Path) -> Recorded | None:
    """The process noted in ``path``, if it still lives."""
    try:
        pid, started = path.read_text().split()
        noted = Recorded(int(pid), int(started))
    except (FileNotFoundError, ValueError):
        return None
    return noted if noted.is_alive() else None


def end(noted: Recorded, *, wait_s: float, first: int = signal.SIGTERM) -> bool:
    """Ask with ``first``, and after ``wait_s`` seconds insist with SIGKILL. True where asking was enough."""
    noted.signal(first)
    if _gone(noted, wait_s):
        return True
    noted.signal(signal.SIGKILL)
    _gone(noted, 5)
    return False


def _gone(noted: Recorded, wait_s: float) -> bool:
    until = time.monotonic() + wait_s
    while noted.is_alive():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
