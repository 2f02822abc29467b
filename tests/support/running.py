"""A whole installation, started as its operator starts it, for tests of what goes wrong."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
from tests.support.engines import CACHE, cluster_digest, locked

from quancheng.runtime.engines import children
from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.engines.processes import Recorded
from quancheng.runtime.place import ROOT, Place

PYTHON = ROOT / ".venv" / "bin" / "python"


def clean_environment() -> dict[str, str]:
    """What an operator's shell has: nothing of ours, nothing of the test's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QUANCHENG_", "PYTEST", "DJANGO_")) and not name.endswith("_URL")
    }


class Installation:
    """State folder, port and process of one ``quancheng up``; what it printed is in ``said``."""

    def __init__(
        self,
        *,
        arguments: tuple[str, ...] = ("--empty",),
        user: int | None = None,
        of: Path | None = None,
        code: Path = ROOT,
    ) -> None:
        """:param of: a stopped installation's state folder to begin with a copy of.

        :param code: the checkout that is started; a test may change it between two starts.
        """
        # Below /tmp and short, since it holds sockets.
        self.folder = Path(tempfile.mkdtemp(prefix="qc-f-"))
        self.place = Place(self.folder / "v")
        self.port = free_port()
        self.arguments = arguments
        self.user = user
        self.code = code
        self.process: subprocess.Popen[str] | None = None
        self.out = self.folder / "said"
        if of is not None:
            subprocess.run(["cp", "-a", str(of), str(self.place.var)], check=True)
        if user is not None:
            os.chown(self.folder, user, user)

    def start(
        self,
        *,
        ignore_sigint: bool = False,
        environment: dict[str, str] | None = None,
        program: tuple[str, ...] = (str(PYTHON), "-m", "quancheng.runtime", "up"),
        packages: Path | None = None,
    ) -> None:
        """Start and return at once; ``await_ready`` waits.

        :param program: another way to say ``bin/up``.
        :param packages: where a Python that is not the environment's own finds what is installed.
        """
        environment = clean_environment() if environment is None else environment

        def before() -> None:
            if ignore_sigint:
                signal.signal(signal.SIGINT, signal.SIG_IGN)

        paths = os.pathsep.join(str(path) for path in (self.code / "src", packages) if path)
        command = [*program, "--var", str(self.place.var), "--port", str(self.port)]
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [*command, *self.arguments],
                cwd="/",
                # bin/up knows by itself where its code lies.
                env=environment | ({"PYTHONPATH": paths} if "-m" in program else {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=before,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """``bin/quancheng …`` on this state folder."""
        return subprocess.run(
            [PYTHON, "-m", "quancheng.runtime", *arguments],
            env=clean_environment()
            | {"PYTHONPATH": str(self.code / "src"), "QUANCHENG_VAR": str(self.place.var)}
            | environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def await_end(self, wait_s: float = 300) -> int:
        """For a start that is to be refused: its exit status."""
        assert self.process is not None
        return self.process.wait(wait_s)

    @property
    def said(self) -> str:
        return self.out.read_text()

    def await_ready(self, wait_s: float = 300) -> None:
        until = time.monotonic() + wait_s
        while "] ready " not in self.said:
            assert self.process is not None
            assert self.process.poll() is None, f"it ended:\n{self.said}"
            assert time.monotonic() < until, f"not ready after {wait_s} s:\n{self.said}"
            time.sleep(0.05)

    def await_said(self, pattern: str, wait_s: float = 120, *, since: int = 0) -> None:
        """:param since: how much had been said before what is waited for (``len(said)``)."""
        until = time.monotonic() + wait_s
        while not re.search(pattern, self.said[since:]):
            assert time.monotonic() < until, f"{pattern!r} was not said in {wait_s} s:\n{self.said}"
            time.sleep(0.05)

    def child(self, name: str, wait_s: float = 60) -> Recorded:
        """A child that runs; one that died is noted again once its supervisor has started it anew."""
        until = time.monotonic() + wait_s
        while (found := children.noted(self.place).get(name)) is None:
            assert time.monotonic() < until, f"{name} does not run after {wait_s} s:\n{self.said}"
            time.sleep(0.05)
        return found

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
        self.process.wait(120)
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


def prepared_state() -> Path:
    """The state folder of an installation that was started empty once and stopped; begin with a copy of it (``of``).

    Kept for as long as nothing that decides what it holds is changed, since making one takes a while.
    """
    kept = CACHE / f"state-{cluster_digest()}"
    with locked(CACHE / "state.lock"):
        if not kept.is_dir():
            for old in CACHE.glob("state-*"):
                shutil.rmtree(old)
            made = Installation()
            try:
                made.start()
                made.await_ready()
                made.stop()
                moving = kept.with_name(f".{kept.name}")
                shutil.rmtree(moving, ignore_errors=True)
                subprocess.run(["cp", "-a", str(made.place.var), str(moving)], check=True)
                moving.rename(kept)
            finally:
                made.clear()
    return kept


#: A real house with one office and one person in it, who may import plans.
OFFICE = """
from datetime import datetime, UTC
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.access import duties
from quancheng.kernel.house.services import found_house
from quancheng.kernel.people import services
now, house = datetime.now(UTC), system_actor("setup", *(duty.code for duty in duties.all_duties()))
found_house(actor=house, kind="real", district_code="990001", district_name="示范区", now=now)
office = services.create_organisation(actor=house, name="示范区安委办", kind="office", supervises=True, general=True,
                                      now=now)
user = services.create_user(actor=house, username="officer", name="甄一鸣", password="Qinglan-2026",
                            must_change_password=False, now=now)
services.add_membership(actor=house, user=user, organisation=office, roles=("office.officer",), post="", now=now)
"""


def found_office(installation: Installation, **environment: str) -> None:
    """As the first administrator does by the set-up pages, in short: user ``officer``, password ``Qinglan-2026``."""
    environment |= {"QUANCHENG_DB_ROLE": "app"}
    done = installation.command("dev", "manage", "shell", "--no-imports", "-c", OFFICE, **environment)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def signed_in(installation: Installation, name: str, password: str) -> Iterator[httpx.Client]:
    """A browser of somebody who has signed in, without the browser."""
    with httpx.Client(base_url=f"http://127.0.0.1:{installation.port}", timeout=60) as client:
        client.get("/login")
        given = {"username": name, "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post("/login", data=given)
        assert answer.status_code == 303, answer.text
        yield client
