"""A whole installation, started as its operator starts it, for tests of what goes wrong."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from quancheng.runtime.engines import children
from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.engines.processes import Recorded
from quancheng.runtime.place import ROOT, Place

PYTHON = ROOT / ".venv" / "bin" / "python"


class Installation:
    """State folder, port and process of one ``quancheng up``; what it printed is in ``said``."""

    def __init__(
        self, *, arguments: tuple[str, ...] = ("--empty",), user: int | None = None, of: Path | None = None
    ) -> None:
        """:param of: a stopped installation's state folder to begin with a copy of."""
        # Below /tmp and short, since it holds sockets.
        self.folder = Path(tempfile.mkdtemp(prefix="qc-f-"))
        self.place = Place(self.folder / "v")
        self.port = free_port()
        self.arguments = arguments
        self.user = user
        self.process: subprocess.Popen[str] | None = None
        self.out = self.folder / "said"
        if of is not None:
            subprocess.run(["cp", "-a", str(of), str(self.place.var)], check=True)
        if user is not None:
            os.chown(self.folder, user, user)

    def start(self, *, ignore_sigint: bool = False, environment: dict[str, str] | None = None) -> None:
        """Start and return at once; ``await_ready`` waits."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("QUANCHENG_", "PYTEST"))}
        clean["PYTHONPATH"] = str(ROOT / "src")

        def before() -> None:
            if ignore_sigint:
                signal.signal(signal.SIGINT, signal.SIG_IGN)

        command = [str(PYTHON), "-m", "quancheng.runtime", "up", "--var", str(self.place.var), "--port", str(self.port)]
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [*command, *self.arguments],
                cwd="/",
                env=clean if environment is None else environment | {"PYTHONPATH": str(ROOT / "src")},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=before,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    def await_ready(self, wait_s: float = 120) -> None:
        until = time.monotonic() + wait_s
        while "] ready " not in self.said:
            assert self.process is not None
            assert self.process.poll() is None, f"it ended:\n{self.said}"
            assert time.monotonic() < until, f"not ready after {wait_s} s:\n{self.said}"
            time.sleep(0.05)

    def await_said(self, pattern: str, wait_s: float = 60, *, since: int = 0) -> None:
        """:param since: how much had been said before what is waited for (``len(said)``)."""
        until = time.monotonic() + wait_s
        while not re.search(pattern, self.said[since:]):
            assert time.monotonic() < until, f"{pattern!r} was not said in {wait_s} s:\n{self.said}"
            time.sleep(0.05)

    def child(self, name: str) -> Recorded:
        return children.noted(self.place)[name]

    def await_children(self, names: set[str], wait_s: float = 60) -> None:
        """Until all of them run, and have for two seconds."""
        until, first = time.monotonic() + wait_s, children.noted(self.place)
        while True:
            time.sleep(2)
            now = children.noted(self.place)
            if names <= set(now) and now == first:
                return
            first = now
            assert time.monotonic() < until, f"only {sorted(now)} run:\n{self.said}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/alive", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def await_answer(self, wait_s: float = 60) -> None:
        until = time.monotonic() + wait_s
        while not self.answers():
            assert time.monotonic() < until, f"no answer after {wait_s} s:\n{self.said}"
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; the seconds until it was gone."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - began

    def processes(self) -> list[str]:
        """Command lines of everything that lives on this state folder."""
        mark = str(self.place.var).encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                if mark in command or mark in (folder / "environ").read_bytes():
                    found.append(command.replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
        return found

    def clear(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        children.end_leftovers(self.place, tell=lambda subject, said: None)
        shutil.rmtree(self.folder, ignore_errors=True)
