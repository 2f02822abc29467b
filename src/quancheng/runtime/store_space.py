"""Room on the disk of the telemetry store (存储空间): nothing is written, nor merged, where it may run out.

chDB says that rows are written although the disk had no room for them, and lets parts without content take the place
of those that they were merged from. So the store stops before: below :data:`ROOM_BYTES` it refuses rows and merges
nothing; below :data:`LEAST_BYTES` it ends, and what it holds is checked part by part when it is started again with
room. Who writes keeps what was refused.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

#: Free bytes below which nothing is written or merged, and below which the store ends.
ROOM_BYTES = 64 * 2**20
LEAST_BYTES = 32 * 2**20
#: Status of a store that ended for want of room.
NO_ROOM = 3
#: Room that rows may take while they are written and sorted, for each byte of them.
SPREAD = 2
_LOOK_S = 0.5


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write to the disk of a folder."""
    return shutil.disk_usage(folder).free


def said(folder: Path) -> str:
    """In one line, why nothing is written."""
    return (
        f"The disk of {folder} is full: {free_bytes(folder) // 2**20} MB free, "
        f"{ROOM_BYTES // 2**20} MB needed; nothing is written until there is room."
    )


class Space:
    """Watches over the disk of one store.

    :param run: runs a statement of the engine; of it only merges are stopped and begun.
    :param end: ends the process; takes the status.
    """

    def __init__(self, folder: Path, run: Callable[[str], object], *, end: Callable[[int], object] = os._exit) -> None:
        self.folder = folder
        self._run, self._end = run, end
        self._is_low = False

    def has_room(self, size: int = 0) -> bool:
        """Whether so many bytes of rows may be written now."""
        return free_bytes(self.folder) >= ROOM_BYTES + SPREAD * size

    def may_have_run_out(self) -> bool:
        """Whether what was just written may not be there: somebody else took the room meanwhile."""
        return free_bytes(self.folder) < LEAST_BYTES

    def look(self) -> None:
        """Stop or begin merging as the disk has room, or end the store."""
        if self.may_have_run_out():
            print(said(self.folder), file=sys.stderr, flush=True)
            self._end(NO_ROOM)
            return
        is_low = not self.has_room()
        if is_low is not self._is_low:
            self._run("SYSTEM STOP MERGES" if is_low else "SYSTEM START MERGES")
            self._is_low = is_low

    def watch(self) -> None:
        """Look twice a second, in a thread of its own, until the process ends."""

        def go() -> None:
            waiting = threading.Event()
            while not waiting.wait(_LOOK_S):
                self.look()

        threading.Thread(target=go, name="space", daemon=True).start()
