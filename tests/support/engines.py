"""Engines for a test run: a private server per run, made from a cached cluster that is migrated already."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from psycopg import sql

from quancheng.runtime import databases, migrate
from quancheng.runtime.engines import postgres
from quancheng.runtime.engines.nats import Nats
from quancheng.runtime.engines.ports import answers, free_port
from quancheng.runtime.engines.postgres import Postgres
from quancheng.runtime.engines.processes import end, read_record, write_record
from quancheng.runtime.place import ROOT, Place

TEMPLATE = "quancheng_template"
CACHE = ROOT / "var" / "test"
#: Clusters kept for other states of the migrations (switching back and forth between branches).
KEPT = 3
PREFIX = "qc-test-"


def cluster_digest() -> str:
    """Changes with whatever decides what the cached cluster holds."""
    how = Path(postgres.__file__).read_bytes()
    return hashlib.sha256(migrate.code_digest().encode() + how).hexdigest()[:16]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock falls with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached_cluster() -> Path:
    """The folder of a stopped cluster that holds the migrated template; made where the cache has none."""
    wanted = CACHE / f"cluster-{cluster_digest()}"
    with locked(CACHE / "lock"):
        if not wanted.is_dir():
            _build(wanted)
        os.utime(wanted)
        for old in _clusters()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    return wanted


def _clusters() -> list[Path]:
    """The clusters of the cache, the last used first."""
    found = [path for path in CACHE.glob("cluster-*") if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _build(wanted: Path) -> None:
    """Made in a folder with a short name (sockets), then moved to its place in one step."""
    draft = Path(tempfile.mkdtemp(prefix="qc-make-"))
    draft.chmod(0o711)
    place = Place(draft)
    server = Postgres(place, fast=True)
    try:
        server.prepare()
        child = server.spawn()
        try:
            server.wait(child)
            server.ensure_database(TEMPLATE)
            url = f"postgresql://{databases.OWNER}:{server.password(databases.OWNER)}@/{TEMPLATE}"
            migrate.migrate_in_child(
                place, extra={"DATABASE_OWNER_URL": f"{url}?host={server.socket_folder}", "QUANCHENG_DEV": "1"}
            )
        finally:
            server.stop(child)
        moving = wanted.with_name(f".{wanted.name}.{os.getpid()}")
        shutil.rmtree(moving, ignore_errors=True)
        subprocess.run(["cp", "-a", str(draft), str(moving)], check=True)
        moving.rename(wanted)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


class Run:
    """One test run: its folder, its server, its clones. Workers of one run share the folder and the server."""

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder = folder
        self.worker = worker
        self.place = Place(folder / "var")
        self.count = 0

    @classmethod
    def begin(cls) -> Run:
        """By the process that the user started; what killed runs left behind is cleared first."""
        sweep()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        folder.chmod(0o711)
        write_record(folder / "controller.pid", os.getpid())
        return cls(folder, "main")

    def server(self) -> Postgres:
        """The run's server; whoever needs it first starts it."""
        engine = Postgres(self.place, fast=True)
        with locked(self.folder / "lock"):
            if not self.place.var.exists():
                subprocess.run(["cp", "-a", str(cached_cluster()), str(self.place.var)], check=True)
            if read_record(self.folder / "postgres.pid") is None:
                child = engine.spawn()
                write_record(self.folder / "postgres.pid", child.pid)
                engine.wait(child)
        return engine

    def clone(self, engine: Postgres) -> str:
        """A database of one's own, fresh from the template; its name."""
        name = self.next_name()
        with engine.connect() as link:
            link.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE), sql.Identifier(databases.OWNER)
                )
            )
        return name

    def nats(self) -> str:
        """The run's NATS, started by whoever needs it first."""
        with locked(self.folder / "lock"):
            place = Place(self.folder / "nats")
            if read_record(self.folder / "nats.pid") is None:
                server = Nats(place)
                server.prepare()
                child = server.spawn()
                write_record(self.folder / "nats.pid", child.pid)
                server.wait(child)
                (self.folder / "nats.url").write_text(server.url)
            return (self.folder / "nats.url").read_text()

    def telemetry(self, database: str) -> str:
        """The run's telemetry store, started by whoever needs it first; the address of one of its databases."""
        with locked(self.folder / "lock"):
            if read_record(self.folder / "store.pid") is None:
                store = StoreProcess(self.folder / "store")
                store.start()
                assert store.child is not None
                write_record(self.folder / "store.pid", store.child.pid)
                (self.folder / "store.url").write_text(store.url(""))
            return (self.folder / "store.url").read_text() + database

    def next_name(self) -> str:
        self.count += 1
        return f"test_{self.worker}_{os.getpid()}_{self.count}"

    def drop(self, engine: Postgres, name: str) -> None:
        with engine.connect() as link:
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def finish(self) -> None:
        _clear(self.folder)


def sweep() -> None:
    """End the servers and remove the folders of runs whose controller is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        mine = folder.stat().st_uid == os.geteuid()
        if mine and (folder / "controller.pid").exists() and read_record(folder / "controller.pid") is None:
            _clear(folder)


def _clear(folder: Path) -> None:
    for noted in (read_record(path) for path in sorted(folder.glob("*.pid")) if path.name != "controller.pid"):
        if noted:
            # The data die with the run: no need to wait for a checkpoint.
            end(noted, wait_s=5, first=signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def save_clauses(passed: dict[str, list[dict[str, str]]]) -> None:
    """Which clauses stood in this run, for ``quancheng dev coverage``."""
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = CACHE / f".clauses.{os.getpid()}"
    draft.write_text(json.dumps(passed, ensure_ascii=False, indent=1, sort_keys=True))
    draft.replace(CACHE / "clauses.json")


class StoreProcess:
    """A telemetry store of its own, on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder / "var")
        self.port = 0
        self.child: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        return {**os.environ, "QUANCHENG_VAR": str(self.place.var), "PYTHONPATH": str(ROOT / "src")}

    def url(self, database: str) -> str:
        return f"clickhouse://quancheng:{self.place.secret('store')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.port = free_port()
        self.child = subprocess.Popen(
            [sys.executable, "-m", "quancheng.runtime", "store", "--port", str(self.port)],
            env=self.environment(),
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while not answers(self.port):
            assert self.child.poll() is None, "the store ended at once"
            assert time.monotonic() < until, "the store does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        assert self.child is not None
        self.child.kill()
        self.child.wait()

    def stop(self) -> None:
        assert self.child is not None
        self.child.terminate()
        self.child.wait(10)
