"""Migrations, run as the owner, followed by the application's grants: all in one transaction, after a backup.

A program of its own (``python -m quancheng.runtime.migrate``), since a process keeps the role it began with.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from quancheng.runtime.databases import APP, conninfo, settings_from_app
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import ROOT, Place

if TYPE_CHECKING:
    from django.db.migrations import Migration

#: From here on an item says over which years its deadline was guessed; those that stood before are asked once.
GUESSES_KEPT = ("work", "0004_assumed_years")
#: Any number that nobody else uses for an advisory lock: two starts at once must not both migrate.
LOCK = 5_107_001
#: What the child says to its parent stands behind this.
SAID = "quancheng-migrate: "


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


def migrate_in_child(place: Place, *options: str, extra: dict[str, str] | None = None) -> list[str]:
    """Run all migrations against the database that the environment names; the lines that were said.

    :param options: ``--plan``, ``--dry-run``, ``--no-backup``: see ``quancheng migrate --help``.
    :raises EngineTrouble: a migration failed, or the backup before it; one line says which and why.
    """
    environment = {**os.environ, **(extra or {}), "QUANCHENG_DB_ROLE": "owner", "QUANCHENG_VAR": str(place.var)}
    environment.pop("QUANCHENG_DB_POOL", None)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "src"), environment.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "quancheng.runtime.migrate", *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return done.stdout.splitlines()
    log = place.folder("log") / "migrate.log"
    log.write_text(done.stdout + done.stderr)
    lines = (done.stderr or done.stdout).strip().splitlines()
    # What we say ourselves stands after our name. Else: what Python says last of an exception may go on for lines
    # (PostgreSQL points at the place); its first tells.
    ours = [line.removeprefix(SAID) for line in lines if line.startswith(SAID)]
    told = [line for line in lines if re.match(r"[A-Za-z_.]+(Error|Exception|Warning|[a-z]): ", line)]
    raise EngineTrouble(
        (ours or [f"The database could not be brought up to date: {(told or lines or ['no reason given'])[-1]}"])[-1]
        + (f"\n{done.stderr}" if environment.get("QUANCHENG_DEV") else "")
    )


# --- the child: Django, as the owner ---------------------------------------------------------------------------------
def main(arguments: list[str]) -> int:
    """Plan, try, or do it. Where there is something to lose it is one transaction: all of it, or nothing."""
    given = _parser("quancheng.runtime.migrate").parse_args(arguments)
    from quancheng.runtime.cli import set_up_django

    set_up_django()
    # Each migration makes every model anew: the collector would look at them all again and again. The process is short.
    gc.disable()
    from django.db import connection

    with connection.cursor() as cursor:
        # Held until this process ends.
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        waiting = waiting_migrations()
        if given.plan:
            _say_plan(waiting)
        else:
            _migrate(waiting, backup=not given.no_backup, dry_run=given.dry_run)
    except EngineTrouble as trouble:
        print(f"{SAID}{trouble}", file=sys.stderr)
        return 1
    return 0


def waiting_migrations() -> list[Migration]:
    """Those that this code has and the database has not, in order. Django must be set up.

    :raises EngineTrouble: the database has some that this code does not know: it belongs to a later version.
    """
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    loader = executor.loader
    known = set(loader.disk_migrations) | {
        replaced for migration in loader.disk_migrations.values() for replaced in migration.replaces
    }
    later = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in loader.migrated_apps and (app, name) not in known
    )
    if later:
        raise EngineTrouble(
            f"The database belongs to a later version ({', '.join(later)} not known here): start that version, or "
            "bring a backup back with bin/quancheng restore DIR --replace."
        )
    return [migration for migration, _backwards in executor.migration_plan(loader.graph.leaf_nodes())]


def _say_plan(waiting: list[Migration]) -> None:
    print(f"{len(waiting)} migrations wait" + (":" if waiting else "; the database is up to date"))
    for migration in waiting:
        print(
            f"  {migration.app_label}.{migration.name}" + ("" if migration.atomic else " (cannot be undone by itself)")
        )
        for operation in migration.operations:
            print(f"    {operation.describe()}")
    if waiting and _has_house():
        print("Before it, records and roots are saved below var/backups. --dry-run tries it and changes nothing.")


def _migrate(waiting: list[Migration], *, backup: bool, dry_run: bool) -> None:
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command
    from django.db import connection, transaction

    from quancheng.runtime.grants import apply_grants

    class Migrate(Command):
        """Django's command, which also remembers what it is at."""

        at = ""

        def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
            if action == "apply_start":
                self.at = f"{migration.app_label}.{migration.name}: "
            elif action == "apply_success":
                self.at = ""
                if connection.in_atomic_block:
                    with connection.cursor() as cursor:
                        # The next one may alter a table that this one wrote rows to.
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                        cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    born = _has_house()
    # A database that is only being made need not be one transaction, and cannot: procrastinate's first migrations
    # use values of a type that must be committed before.
    whole = born and all(migration.atomic for migration in waiting)
    if dry_run and not whole:
        raise EngineTrouble(
            "There is no dry run of what cannot be undone: a database without a house, or a migration "
            "that --plan marks."
        )
    saved: Path | None = None
    if backup and waiting and not dry_run and born:
        from quancheng.runtime.backup import save_records

        saved = save_records(Place.current(), "upgrade")
        print(f"saved to {saved} before {len(waiting)} migrations")
    command = Migrate()
    began = time.monotonic()
    try:
        with drawn_alone(), transaction.atomic() if whole else nullcontext():
            # Apps that have models and no migrations yet still get their tables.
            call_command(command, interactive=False, verbosity=0, run_syncdb=True)
            if born and any((one.app_label, one.name) == GUESSES_KEPT for one in waiting):
                from quancheng.kernel.work.redating import fill_assumptions

                fill_assumptions()
            apply_grants(settings_from_app(Place.current())["USER"] or APP)
            _note_digest()
            if dry_run:
                transaction.set_rollback(True)
    except Exception as trouble:
        traceback.print_exc()
        why = f"{command.at}{(str(trouble).strip() or type(trouble).__name__).splitlines()[0]}"
        kept = "is as it was" if whole else "is half done"
        back = f"; the backup is {saved}" if saved else ""
        raise EngineTrouble(
            f"The database could not be brought up to date and {kept}: {why} (var/log/migrate.log has it all{back})"
        ) from trouble
    if dry_run:
        print(f"{len(waiting)} migrations tried in {time.monotonic() - began:.1f} s and undone: they would succeed")


@contextmanager
def drawn_alone() -> Iterator[None]:
    """While this holds, a migration that adds something, takes a rule away or alters a plain field draws anew the one
    model that it speaks of.

    Django draws each model anew that is related to that one, in any number of steps. Here that is nearly every model,
    for every one of hundreds, and took minutes. What is added changes no other model but for the way back to it, which
    Django itself puts off in the same way (``is_delayed``) and draws before Python of a migration runs.

    Which models are swapped for others by a setting is asked once for each name: it is asked for each relation of each
    model drawn, and Django forgets the answer whenever a model is registered.
    """
    from django.apps import apps
    from django.db.migrations.state import ProjectState

    find = "_find_reload_model"
    found = getattr(ProjectState, find)
    swapped = cache(apps.get_swappable_settings_name)

    def itself(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        state.is_delayed = True
        return {(app_label, model_name)}

    def itself_if_plain(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        # Django says by ``delay`` that the field is no relation and nothing refers to it.
        search = itself if delay else found
        models: set[tuple[str, str]] = search(state, app_label, model_name, delay)
        return models

    def alone(method: Callable[..., None], search: Callable[..., Any]) -> Callable[..., None]:
        @wraps(method)
        def adding(*given: Any, **named: Any) -> None:
            setattr(ProjectState, find, search)
            try:
                method(*given, **named)
            finally:
                setattr(ProjectState, find, found)

        return adding

    searches = {
        "add_model": itself, "add_field": itself, "_append_option": itself, "_remove_option": itself,
        "_alter_option": itself, "alter_field": itself_if_plain,
    }  # fmt: skip
    theirs = {name: getattr(ProjectState, name) for name in searches}
    for name, method in theirs.items():
        setattr(ProjectState, name, alone(method, searches[name]))
    apps.get_swappable_settings_name = swapped  # type: ignore[method-assign]
    try:
        yield
    finally:
        for name, method in theirs.items():
            setattr(ProjectState, name, method)
        # The class's own shows again.
        del apps.get_swappable_settings_name


def _has_house() -> bool:
    """Whether there is anything to lose: a database that was born."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.house_house') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT EXISTS (SELECT 1 FROM house_house)")
        return bool(cursor.fetchone()[0])


def _note_digest() -> None:
    from django.db import ProgrammingError, connection, transaction

    with suppress(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        # Only the schema's owner may say it; elsewhere each start looks anew.
        cursor.execute(f"COMMENT ON SCHEMA public IS 'migrated {code_digest()}'")


# --- the command -----------------------------------------------------------------------------------------------------
def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description="Bring the database up to date, as its owner.")
    parser.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--dry-run", action="store_true", help="do all of it on the real data, then undo it")
    parser.add_argument("--no-backup", action="store_true", help="do not save the records first")
    return parser


def migrate_command(arguments: list[str]) -> int:
    """``quancheng migrate``: what a start does by itself, by hand; the system must be stopped for it."""
    from quancheng.runtime.backup import database_running, stopped

    parser = _parser("quancheng migrate")
    parser.add_argument("--var", type=Path, help="state folder (default: var in the checkout)")
    given = parser.parse_args(arguments)
    if given.var:
        os.environ["QUANCHENG_VAR"] = str(given.var.absolute())
    place = Place.current()
    options = [f"--{name.replace('_', '-')}" for name in ("plan", "dry_run", "no_backup") if getattr(given, name)]
    with nullcontext() if given.plan else stopped(place), database_running(place):
        for line in migrate_in_child(place, *options):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
