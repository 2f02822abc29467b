"""``quancheng up``: starts the engines and our processes, keeps them running, stops them in order.

Each child is a session of its own, noted by pid and start time in ``var/run/children``, so that what a killed
supervisor left behind is found and ended by the next one.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psycopg

from quancheng.runtime.databases import conninfo, settings_from_app
from quancheng.runtime.engines import children, outside
from quancheng.runtime.engines.nats import Nats
from quancheng.runtime.engines.ports import claim_port, free_port, is_loopback
from quancheng.runtime.engines.postgres import Postgres
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.migrate import is_up_to_date, migrate_in_child
from quancheng.runtime.place import ROOT, Place

#: Below this much free disk nothing is started: PostgreSQL would stop in the middle of somebody's work.
NEEDED_BYTES = 400 * 1024 * 1024
BACKOFF_S = (0.5, 1, 2, 5, 10, 30)
#: A child that ran this long has recovered: its next death starts the backoff anew.
STEADY_S = 60
#: How often it is looked whether a broker was entered: only then is there a bridge.
BRIDGE_S = 15
#: Who is stopped after whom, and by which second of the stop they must have ended. The whole takes at most ten; what
#: the others leave of them is the time of PostgreSQL, which writes down what it has only in memory.
STOP_BY_S = (
    (("web", "work-now", "work-slow", "simulate", "gateway", "bridge", "process"), 3.5),
    (("store", "nats"), 5.5),
    (("postgres",), 9.5),
)  # fmt: skip


class _Stopped(BaseException):
    """A signal came while things were being started."""


@dataclass
class Options:
    """What the command line asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    mqtt_port: int = 0
    http_port: int = 0
    hj212_port: int = 0
    still: bool = False
    empty: bool = False
    scale: int = 1
    seed: int = 1
    insecure: bool = False
    open_demo: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"{'https' if self.tls_cert else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    first: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    restart_at: float | None = None
    log: Path | None = None
    is_ready: Callable[[], bool] = field(default=lambda: True)


class Supervisor:
    """One run of one state folder."""

    def __init__(self, place: Place, options: Options) -> None:
        self.place = place
        self.options = options
        self.began = time.monotonic()
        self.children: list[Child] = []
        self.environment = {
            **os.environ,
            "QUANCHENG_VAR": str(place.var),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")])),
            "PYTHONUNBUFFERED": "1",
        }
        # Compiled files make the next start quicker, whatever the caller's habit.
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.kind = ""
        self.stopping = False
        self._may_interrupt = True
        #: When to look for brokers; never again once the bridge was begun.
        self._bridge_at: float | None = None

    # --- the whole course ----------------------------------------------------
    def run(self) -> int:
        """Start, watch until a signal, stop. Returns the exit status."""
        self._check_options()
        self.place.folder()
        with self._only_one():
            children.end_leftovers(self.place, tell=self.say)
            self._check_disk()
            claim_port(self.options.host, self.options.port)
            self._catch_signals()
            try:
                self._start_all()
                self._announce()
                self._may_interrupt = False
                while not self.stopping:
                    self._watch()
                    time.sleep(0.2)
            except _Stopped:
                self._may_interrupt = False
            finally:
                self._may_interrupt = False
                self._stop_all()
        return 0

    def say(self, subject: str, said: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f} s] {subject:<10} {said}", flush=True)

    # --- before --------------------------------------------------------------
    def _check_options(self) -> None:
        given = self.options
        if bool(given.tls_cert) != bool(given.tls_key):
            raise EngineTrouble("--tls-cert and --tls-key belong together.")
        for path in (given.tls_cert, given.tls_key):
            if path and not path.is_file():
                raise EngineTrouble(f"There is no file {path}.")
        if not is_loopback(given.host) and not given.tls_cert and not given.insecure:
            raise EngineTrouble(
                f"Without TLS only this machine is served. For {given.host} give --tls-cert and --tls-key "
                "(bin/quancheng tls make makes a pair), put a proxy in front, or say --insecure."
            )

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.place.var).free
        if free < NEEDED_BYTES:
            raise EngineTrouble(
                f"The disk of {self.place.var} is full: {free // 2**20} MB free, {NEEDED_BYTES // 2**20} MB needed."
            )

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """A lock that falls with its holder, however that ends; children do not inherit it."""
        with (self.place.run / "lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as trouble:
                handle.seek(0)
                raise EngineTrouble(
                    f"Quancheng already runs from {self.place.var} (pid {handle.read().strip() or 'unknown'}); "
                    "stop it first, or choose another folder with --var."
                ) from trouble
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            yield

    def _catch_signals(self) -> None:
        # Set by hand, so that they work also where they came ignored (a background job of a shell script).
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            self.say("stop", f"{signal.Signals(number).name} received")
        if self._may_interrupt:
            self._may_interrupt = False
            raise _Stopped

    # --- start ---------------------------------------------------------------
    def _start_all(self) -> None:
        for name in ("django",):
            self.place.secret(name, length=48)
        self._ask_outside()
        self._start_store()
        self._start_nats()
        self._start_postgres()
        if is_up_to_date(settings_from_app(self.place)):
            self.say("records", "up to date")
        else:
            self.say("records", "bringing the database up to date")
            for line in migrate_in_child(self.place, extra=self.environment):
                self.say("records", line)
        self._house()
        self._open_up()
        self._start_ours()

    def _ask_outside(self) -> None:
        """What others run must answer before anything of ours is started."""
        given = os.environ.get
        if given("DATABASE_URL"):
            notes = outside.check_database(self.place)
            self.say("postgres", "; ".join(["outside, as DATABASE_URL says", *notes]))
        if url := given("NATS_URL"):
            outside.check_nats(url)
            self.say("nats", "outside, as NATS_URL says")
        if url := given("TELEMETRY_URL"):
            outside.check_telemetry(url)
            self.say("store", "outside, as TELEMETRY_URL says")
        if url := given("FILES_URL"):
            outside.check_files(url)
            self.say("files", "outside, as FILES_URL says")

    def _start_postgres(self) -> None:
        if os.environ.get("DATABASE_URL"):
            return
        server = Postgres(self.place)
        self.say("postgres", "making its data folder" if not server.data.exists() else "starting")
        server.prepare()
        child = self._launch(Child("postgres", server.spawn, first=signal.SIGINT, log=server.log))
        server.wait(child.process)
        server.ensure_database()
        self.say("postgres", "ready")

    def _start_nats(self) -> None:
        if os.environ.get("NATS_URL"):
            return
        server = Nats(self.place)
        server.prepare()
        child = self._launch(Child("nats", server.spawn, log=server.log))
        assert child.process is not None  # noqa: S101
        server.wait(child.process)
        self._address("NATS_URL", server.url)
        self.say("nats", "ready")

    def _start_store(self) -> None:
        if os.environ.get("TELEMETRY_URL"):
            return
        port = free_port()
        password = self.place.secret("store")
        self._address("TELEMETRY_URL", f"clickhouse://quancheng:{password}@127.0.0.1:{port}/default")
        self._launch(self._ours("store", "store", "--port", str(port)))
        self.say("store", "starting")

    def _start_ours(self) -> None:
        given = self.options
        tls = [f"--tls-cert={given.tls_cert}", f"--tls-key={given.tls_key}"] if given.tls_cert else []
        web = self._ours("web", "web", f"--host={given.host}", f"--port={given.port}", *tls)
        self._launch(web)
        self._launch(self._ours("work-now", "work", "now", "clock"))
        self._launch(self._ours("work-slow", "work", "slow"))
        asked = (("--port", given.mqtt_port), ("--http-port", given.http_port), ("--hj212-port", given.hj212_port))
        ports = [f"{flag}={port}" for flag, port in asked if port]
        self._launch(
            self._ours("gateway", "gateway", f"--host={given.host}", self._metrics_port("gateway"), *ports, *tls)
        )
        self._launch(self._ours("process", "process", self._metrics_port("process")))
        self._bridge_at = 0.0
        if self.kind == "demo" and not given.still:
            self._launch(self._ours("simulate", "simulate", "district", f"--seed={given.seed}"))
        self._await_web(web)

    def _metrics_port(self, name: str) -> str:
        """Where a process tells Prometheus how it is: a port of the loopback, noted in ``var/run``."""
        port = free_port()
        (self.place.run / f"METRICS_PORT_{name}").write_text(str(port))
        return f"--metrics-port={port}"

    def _ours(self, name: str, *arguments: str) -> Child:
        """A process of our own: the same Python, the ``quancheng`` command, a log under its name."""
        log = self.place.log / f"{name}.log"
        command = [sys.executable, "-m", "quancheng.runtime", *arguments]

        def start() -> subprocess.Popen[bytes]:
            with log.open("ab") as out:
                return subprocess.Popen(
                    command,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )

        return Child(name, start, log=log)

    def _address(self, name: str, url: str) -> None:
        """Tell our processes, and commands started by hand (``var/run``), where an engine listens."""
        self.environment[name] = url
        path = self.place.run / name
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(url)

    @contextlib.contextmanager
    def _uninterrupted(self) -> Iterator[None]:
        """Between a child's birth and the note of it no signal may come in, or the child would be forgotten."""
        before, self._may_interrupt = self._may_interrupt, False
        yield
        self._may_interrupt = before
        if self.stopping and before:
            raise _Stopped

    def _launch(self, child: Child) -> Child:
        with self._uninterrupted():
            child.process = child.start()
            child.started_at = time.monotonic()
            children.note(self.place, child.name, child.process.pid)
            if child not in self.children:
                self.children.append(child)
        return child

    def _open_up(self) -> None:
        """Names under which other machines may call us; a demo needs ``--open-demo`` and gets a gate for it."""
        if is_loopback(self.options.host):
            return
        names = {self.options.host, socket.gethostname(), socket.getfqdn(), "localhost", "127.0.0.1"}
        if self.options.host in {"0.0.0.0", "::"}:  # noqa: S104
            with contextlib.suppress(OSError):
                names |= {str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None)}
        self.environment.setdefault("QUANCHENG_HOSTS", ",".join(sorted(names)))
        if self.kind == "demo":
            if not self.options.open_demo:
                raise EngineTrouble(
                    "A demo is served to this machine only: its accounts are known to everybody. --open-demo puts a "
                    "password before it."
                )
            self.environment["QUANCHENG_GATE"] = self.place.secret("gate", length=9)
            self.say("demo", f"open to others under the user demo, password {self.environment['QUANCHENG_GATE']}")

    def _kind(self) -> str:
        """``demo``, ``real``, or empty before birth; asked without Django, which takes its time to load."""
        with psycopg.connect(conninfo(settings_from_app(self.place))) as link:
            row = link.execute("SELECT kind FROM house_house").fetchone()
        return row[0] if row else ""

    def _has_brokers(self) -> bool:
        """Whether messages are to be fetched from a broker; while the database is away nobody knows."""
        try:
            with psycopg.connect(conninfo(settings_from_app(self.place)), connect_timeout=2) as link:
                row = link.execute("SELECT EXISTS (SELECT FROM monitoring_broker WHERE stopped_at IS NULL)").fetchone()
        except psycopg.Error:
            return False
        return bool(row and row[0])

    def _house(self) -> None:
        """On the first start: the demo district, unless ``--empty`` was said."""
        self.kind = self._kind()
        if self.options.empty or self.kind:
            return
        done = self._command("demo", "load", f"--seed={self.options.seed}", f"--scale={self.options.scale}")
        for line in done.stdout.splitlines():
            self.say("demo", line)
        if done.returncode != 0:
            log = self.place.log / "demo.log"
            log.write_text(done.stderr)
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise EngineTrouble(f"The demo district could not be loaded: {lines[-1]} (see {log})")
        self.kind = self._kind()

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "quancheng.runtime", *arguments]
        child: subprocess.Popen[str] | None = None
        try:
            with self._uninterrupted():
                child = subprocess.Popen(
                    line,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            said, complained = child.communicate()
        except BaseException:
            if child is not None:
                child.kill()
                child.wait()
            raise
        return subprocess.CompletedProcess(line, child.returncode, said, complained)

    def _await_web(self, web: Child, wait_s: float = 60) -> None:
        until = time.monotonic() + wait_s
        while not self._web_answers():
            if web.process is not None and web.process.poll() is not None:
                raise EngineTrouble(f"The web process ended at once: {_last_line(web.log)}")
            if self._web_fails():
                raise EngineTrouble(f"The web process answers, but with an error: {_last_line(web.log)}")
            if time.monotonic() > until:
                raise EngineTrouble(f"The web process does not answer after {wait_s:.0f} s; see {web.log}.")
            time.sleep(0.05)
        self.say("web", "ready")

    def _web_answers(self) -> bool:
        return self._web_status() == 200

    def _web_fails(self) -> bool:
        """An error that does not go away by itself: the code does not load, or the database refuses us."""
        return self._web_status() >= 500 and self._web_status() >= 500

    def _web_status(self) -> int:
        """What ``/alive`` answers; 0 where nobody listens yet."""
        context = ssl._create_unverified_context() if self.options.tls_cert else None  # noqa: S323
        # A house that is called by one name alone answers to no other.
        names = self.environment.get("QUANCHENG_HOSTS", "").replace("*", "").split(",")
        host = names[0].strip().lstrip(".") or "localhost"
        request = urllib.request.Request(f"{self.options.address}/alive", headers={"Host": host})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=5, context=context) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            return 0

    def _announce(self) -> None:
        self.say("ready", f"{self.options.address}/   (stop with Ctrl-C)")
        if self.kind == "demo":
            print(self._command("demo", "accounts").stdout, end="", flush=True)
        elif not self.kind and (path := self._command("set-up", "token").stdout.strip()):
            print(f"\n初始化本系统（一次性地址，24 小时内有效）:\n  {self.options.address}{path}\n", flush=True)

    # --- watch ---------------------------------------------------------------
    def _watch(self) -> None:
        now = time.monotonic()
        if self._bridge_at is not None and now >= self._bridge_at:
            self._bridge_at = None if self._has_brokers() else now + BRIDGE_S
            if self._bridge_at is None:
                self._launch(self._ours("bridge", "bridge"))
                self.say("bridge", "started: a broker was entered")
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                children.end_session(child.process.pid, self.place)
                if now - child.started_at > STEADY_S:
                    child.deaths = 0
                wait_s = BACKOFF_S[min(child.deaths, len(BACKOFF_S) - 1)]
                child.deaths += 1
                child.restart_at = now + wait_s
                how = _how_ended(child.process.returncode)
                self.say(child.name, f"{how}; started again in {wait_s:g} s. Last word: {_last_line(child.log)}")
                child.process = None
            elif child.restart_at is not None and now >= child.restart_at:
                child.restart_at = None
                try:
                    self._launch(child)
                except (OSError, EngineTrouble) as trouble:
                    self.say(child.name, f"could not be started: {trouble}")
                    child.restart_at = now + BACKOFF_S[min(child.deaths, len(BACKOFF_S) - 1)]
                    child.deaths += 1
                else:
                    self.say(child.name, "started again")

    # --- stop ----------------------------------------------------------------
    def _stop_all(self) -> None:
        by_name = {child.name: child for child in self.children if child.process is not None}
        began = time.monotonic()
        for names, by_s in STOP_BY_S:
            present = [by_name[name] for name in names if name in by_name]
            for child in present:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(child.first)  # type: ignore[union-attr]
            for child in present:
                self._await_end(child, until=began + by_s)
        for child in self.children:
            children.forget(self.place, child.name)
        self.say("stop", "all stopped")

    def _await_end(self, child: Child, *, until: float) -> None:
        assert child.process is not None  # noqa: S101
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.say(child.name, "does not stop by itself and is killed")
            child.process.kill()
            child.process.wait()
        children.end_session(child.process.pid, self.place)


def _how_ended(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _last_line(path: Path | None) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines() if path else []
    except OSError:
        lines = []
    return lines[-1][:300] if lines else "none"


def up_command(arguments: list[str]) -> int:
    """``quancheng up``: see ``--help``."""
    parser = argparse.ArgumentParser(prog="bin/up", description="Start everything and keep it running.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1", help="address to serve; beyond this machine only with TLS")
    parser.add_argument("--mqtt-port", type=int, default=0, help="of the gateway for devices (1883, with TLS 8883)")
    parser.add_argument("--http-port", type=int, default=0, help="of the gateway for batches (8083, with TLS 8443)")
    parser.add_argument("--hj212-port", type=int, default=0, help="of the gateway for HJ 212, never encrypted (7212)")
    parser.add_argument("--var", type=Path, help="state folder (default: var in the checkout)")
    parser.add_argument("--empty", action="store_true", help="no demo district; the first administrator sets it up")
    parser.add_argument("--scale", type=int, default=1, metavar="N", help="multiply the demo district, for benchmarks")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same demo district")
    parser.add_argument("--still", action="store_true", help="a demo without simulated signals")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE")
    parser.add_argument("--tls-key", type=Path, metavar="FILE")
    parser.add_argument("--insecure", action="store_true", help="serve other machines without TLS")
    parser.add_argument("--open-demo", action="store_true", help="serve a demo to other machines, under a password")
    given = vars(parser.parse_args(arguments))
    var = given.pop("var")
    place = Place(var.absolute()) if var else Place.current()
    return Supervisor(place, Options(**given)).run()
