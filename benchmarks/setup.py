"""Cold set-up from a fresh copy, first start, second start, and stop.

The copy holds what git tracks and nothing else; the caches of uv and npm are this account's own, so the figure says
how long a machine takes that has fetched the packages once. ``--scale 0`` leaves the cold set-up out.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Result, Settings

from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.place import ROOT

WAIT_S = 900


def run(settings: Settings) -> Result:
    """Times from the command to the line that names the address."""
    result = Result()
    with tempfile.TemporaryDirectory(prefix="qc-b-") as folder:
        checkout = Path(folder) / "c" if settings.scale else ROOT
        if settings.scale:
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        state = Path(folder) / "v"
        with _started(checkout, state) as first:
            result.add("set-up and first start" if settings.scale else "first start", first, "s")
        for turn in range(settings.rounds or 2):
            with _started(checkout, state) as seconds:
                result.add(f"start {turn + 2}", seconds, "s", at_most=10)
        began = time.monotonic()
        with _started(checkout, state):
            began = time.monotonic()
        result.add("stop", time.monotonic() - began, "s", at_most=10)
    return result


@contextlib.contextmanager
def _started(checkout: Path, state: Path) -> Iterator[float]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUANCHENG_")}
    environment.pop("PYTHONPATH", None)
    began = time.monotonic()
    process = subprocess.Popen(
        [str(checkout / "bin" / "up"), "--var", str(state), "--port", str(free_port())],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    try:
        for line in process.stdout or ():
            said.append(line)
            if "] ready " in line:
                break
        else:
            raise RuntimeError("bin/up ended before it was ready:\n" + "".join(said[-20:]))
        yield time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
