"""``quancheng doctor``: what is running, which versions, what is missing and what is unsafe."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from quancheng.runtime.backup import database_running
from quancheng.runtime.engines import children
from quancheng.runtime.engines.nats import binary as nats_binary
from quancheng.runtime.engines.postgres import binaries
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import ROOT, Place
from quancheng.runtime.supervisor import NEEDED_BYTES

EXPECTED = ("postgres", "nats", "store", "web", "work-now", "work-slow", "gateway", "process")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: ``ok``, ``note`` (to be known) or ``bad`` (to be mended)."""

    state: str
    subject: str
    said: str


def examine(place: Place) -> Iterator[Finding]:
    """Everything, in the order it is printed. Looks only; changes no data."""
    yield from _versions()
    yield from _machine(place)
    yield from _running(place)
    yield from _secrets(place)
    yield from _backups(place)
    yield from _settings()
    if os.environ.get("DATABASE_URL") or (place.var / "postgres").is_dir():
        try:
            # Where nothing runs the database is started for the look: what an upgrade would do is asked before it.
            with database_running(place):
                yield from _database()
        except EngineTrouble as trouble:
            yield Finding("bad", "database", str(trouble))


def _versions() -> Iterator[Finding]:
    yield Finding("ok", "python", platform.python_version())
    for package in ("django", "granian", "procrastinate", "chdb", "psycopg"):
        try:
            yield Finding("ok", package, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Finding("bad", package, "not installed: run bin/up")
    try:
        for name, command in (("postgres", binaries() / "postgres"), ("nats", nats_binary())):
            said = subprocess.run([command, "--version"], capture_output=True, text=True).stdout.strip()
            yield Finding("ok", name, said.split()[-1] if said else "does not say its version")
    except EngineTrouble as trouble:
        yield Finding("bad", "engines", str(trouble))
    front = (ROOT / "node_modules" / "htmx.org").is_dir()
    yield Finding("ok" if front else "bad", "front end", "libraries are there" if front else "missing: run bin/up")


def _machine(place: Place) -> Iterator[Finding]:
    disk = shutil.disk_usage(place.var if place.var.exists() else ROOT)
    enough = disk.free > 5 * NEEDED_BYTES
    yield Finding("ok" if enough else "bad", "disk", f"{disk.free / 2**30:.1f} GB free of {disk.total / 2**30:.0f}")
    yield Finding("ok", "state folder", str(place.var))


def _running(place: Place) -> Iterator[Finding]:
    alive = children.noted(place)
    if not alive:
        yield Finding("note", "running", "nothing: start with bin/up")
        return
    for name in EXPECTED:
        outside = {"postgres": "DATABASE_URL", "nats": "NATS_URL", "store": "TELEMETRY_URL"}.get(name)
        if name in alive:
            yield Finding("ok", name, f"runs, pid {alive[name].pid}")
        elif outside and os.environ.get(outside):
            yield Finding("ok", name, f"outside, as {outside} says")
        else:
            yield Finding("bad", name, f"does not run; see {place.var / 'log' / name}.log")


def _secrets(place: Place) -> Iterator[Finding]:
    folder = place.var / "secrets"
    open_to_others = (
        [path.name for path in sorted(folder.glob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]
        if folder.is_dir()
        else []
    )
    if open_to_others:
        yield Finding("bad", "secrets", f"others may read {', '.join(open_to_others)}: chmod 600 them")
    elif folder.is_dir():
        yield Finding("ok", "secrets", "only ours to read")


def _backups(place: Place) -> Iterator[Finding]:
    kept = [path for path in sorted((place.var / "backups").glob("*")) if path.is_dir()]
    if kept:
        size = sum(path.stat().st_size for folder in kept for path in folder.rglob("*") if path.is_file())
        said = f"{len(kept)} in {place.var / 'backups'}, {size / 2**20:.0f} MB; delete what is no longer needed"
        yield Finding("ok", "backups", said)


def _settings() -> Iterator[Finding]:
    if os.environ.get("QUANCHENG_DEV"):
        yield Finding("bad", "QUANCHENG_DEV", "is set: developers' pages are open; unset it where real work is done")
    if os.environ.get("QUANCHENG_BEHIND_PROXY") and not os.environ.get("QUANCHENG_SECURE"):
        yield Finding("bad", "QUANCHENG_SECURE", "is not set behind a proxy: cookies travel without TLS")
    if os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_OWNER_URL"):
        yield Finding("bad", "DATABASE_OWNER_URL", "is not set: the application would own its tables and the journal")
    if "*" in os.environ.get("QUANCHENG_HOSTS", ""):
        yield Finding("bad", "QUANCHENG_HOSTS", "answers to any host name; list the names it is served under")


def _database() -> Iterator[Finding]:
    from quancheng.runtime.cli import set_up_django

    set_up_django()
    from django.db import DatabaseError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
            user, is_super = cursor.fetchone()
    except DatabaseError as trouble:
        yield Finding("bad", "database", f"does not answer: {str(trouble).splitlines()[0]}")
        return
    yield Finding("bad" if is_super else "ok", "database", f"answers as {user}" + (", a superuser" if is_super else ""))
    yield from _migrations()
    yield from _journal()
    yield from _house()


def _migrations() -> Iterator[Finding]:
    from quancheng.runtime.migrate import waiting_migrations

    try:
        waiting = waiting_migrations()
    except EngineTrouble as trouble:
        yield Finding("bad", "migrations", str(trouble))
        return
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration in waiting)
    yield Finding("bad" if waiting else "ok", "migrations", f"pending: {names}" if waiting else "all applied")


def _journal() -> Iterator[Finding]:
    from django.db import connection

    from quancheng.runtime.grants import append_only_tables

    rewritable = []
    with connection.cursor() as cursor:
        for table in append_only_tables():
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cursor.fetchone()[0]:
                cursor.execute("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')", [table])
                if cursor.fetchone()[0]:
                    rewritable.append(table)
    if rewritable:
        yield Finding("bad", "journal", f"this role may rewrite {', '.join(rewritable)}: run quancheng migrate")
    else:
        yield Finding("ok", "journal", "this role cannot rewrite it")


def _house() -> Iterator[Finding]:
    from quancheng.kernel.house.queries import the_house

    house = the_house()
    if house is None:
        yield Finding("note", "house", "not set up yet")
    else:
        yield Finding("ok", "house", f"{house.kind}, {house.district_name} since {house.born_at:%Y-%m-%d}")


def doctor_command(arguments: list[str]) -> int:
    """``quancheng doctor``: status 1 where something is to be mended."""
    parser = argparse.ArgumentParser(prog="quancheng doctor", description="Say what runs, is missing or unsafe.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--var", type=Path, help="state folder (default: var in the checkout)")
    given = parser.parse_args(arguments)
    if given.var:
        os.environ["QUANCHENG_VAR"] = str(given.var.absolute())
    findings = list(examine(Place.current()))
    if given.json:
        json.dump([asdict(one) for one in findings], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for one in findings:
            print(f"{one.state:<5} {one.subject:<18} {one.said}")
    return 1 if any(one.state == "bad" for one in findings) else 0
