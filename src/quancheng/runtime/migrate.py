"""Migrations, run as the owner, followed by the application's grants.

A program of its own (``python -m quancheng.runtime.migrate``), since a process keeps the role it began with.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from contextlib import suppress
from typing import Any

import psycopg

from quancheng.runtime.databases import conninfo
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import ROOT, Place

#: Any number that nobody else uses for an advisory lock: two starts at once must not both migrate.
LOCK = 5_107_001


def code_digest() -> str:
    """Changes with whatever decides what a migrated database holds: migrations, models, duties, roles, grants."""
    import django
    import procrastinate

    facts = [django.__version__, procrastinate.__version__, os.environ.get("QUANCHENG_APPS", "")]
    digest = hashlib.sha256(" ".join(facts).encode())
    package = ROOT / "src" / "quancheng"
    ours = [path for folder in ("kernel", "domains") for path in (package / folder).rglob("*.py")]
    named = {"models", "apps", "duties", "roles"}  # a new duty is offered to its roles after migrating
    decisive = [path for path in ours if "migrations" in path.parts or named & {path.stem, path.parent.name}]
    for path in [*sorted(decisive), package / "runtime" / "grants.py", package / "runtime" / "migrate.py"]:
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def is_up_to_date(settings: dict[str, Any]) -> bool:
    """Whether the database was migrated by just this code: the schema's comment says so. Needs no Django."""
    with psycopg.connect(conninfo(settings), connect_timeout=10) as link:
        row = link.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')").fetchone()
    return row is not None and row[0] == f"migrated {code_digest()}"


def migrate_in_child(place: Place, *, extra: dict[str, str] | None = None) -> None:
    """Run all migrations against the database that the environment names.

    :raises EngineTrouble: a migration failed; its last line is the message.
    """
    environment = {**os.environ, **(extra or {}), "QUANCHENG_DB_ROLE": "owner", "QUANCHENG_VAR": str(place.var)}
    environment.pop("QUANCHENG_DB_POOL", None)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "src"), environment.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "quancheng.runtime.migrate"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        # What Python says last of an exception may go on for lines (PostgreSQL points at the place); its first tells.
        told = [line for line in lines if re.match(r"[A-Za-z_.]+(Error|Exception|Warning|[a-z]): ", line)]
        raise EngineTrouble(
            f"The database could not be brought up to date: {(told or lines or ['no reason given'])[-1]}"
            + (f"\n{done.stderr}" if environment.get("QUANCHENG_DEV") else "")
        )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import ProgrammingError, connection, transaction

    from quancheng.runtime.grants import apply_grants

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    # Apps that have models and no migrations yet still get their tables.
    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
    apply_grants()
    with suppress(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        # Only the schema's owner may say it; elsewhere each start looks anew.
        cursor.execute(f"COMMENT ON SCHEMA public IS 'migrated {code_digest()}'")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def migrate_command(arguments: list[str]) -> int:
    """``quancheng migrate``: for installations on an outside database, after an update."""
    argparse.ArgumentParser(prog="quancheng migrate", description="Bring the database up to date.").parse_args(
        arguments
    )
    migrate_in_child(Place.current())
    return 0


if __name__ == "__main__":
    main()
