"""``quancheng backup`` and ``quancheng restore``: records, files and the journal's roots, in one folder.

The keys of ``var/secrets`` are left out on purpose: whoever holds the backup must not be able to read the personal
identifiers in it. Both commands say where they go. Telemetry is not in it.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from quancheng.runtime.databases import settings_from_owner
from quancheng.runtime.engines.postgres import Postgres, binaries
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.migrate import migrate_in_child
from quancheng.runtime.place import Place
from quancheng.runtime.reset import drop_everything, is_empty, owner_connection

DUMP, MANIFEST, FILES, ROOTS = "records.dump", "manifest.json", "files", "roots"
VERSION = 1
#: Made by the database's superuser, so the owner can neither drop nor restore them.
SKIPPED = (" EXTENSION ", " SCHEMA - public", " COMMENT - SCHEMA public", " ACL - SCHEMA public")


def backup_command(arguments: list[str]) -> int:
    """``quancheng backup DIR``: DIR must not exist yet; it appears whole or not at all."""
    parser = _parser("backup", "Write records, files and the journal's roots to a new folder.")
    given = parser.parse_args(arguments)
    place = _place(given)
    target: Path = given.folder.absolute()
    if target.exists():
        raise EngineTrouble(f"{target} exists already; name a new folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        with database_running(place):
            facts = _dump(settings_from_owner(place), draft / DUMP)
        facts |= _copy_files(place, draft / FILES)
        _copy_tree(place.var / "roots", draft / ROOTS)
        _write_manifest(draft, facts | {"made_at": datetime.now(UTC).isoformat()})
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    print(
        f"{target}: {facts['kind'] or 'unborn'} database, {facts['journal_entries']} journal entries, "
        f"{facts['files']} files"
    )
    print(
        f"The keys are not in it. Keep {place.var / 'secrets'} elsewhere: without its folder vault nobody can read the "
        "sealed personal identifiers again."
    )
    return 0


def restore_command(arguments: list[str]) -> int:
    """``quancheng restore DIR``: into an installation that is stopped and holds nothing, or to replace its records."""
    parser = _parser("restore", "Bring a backup back into an empty, stopped installation.")
    parser.add_argument(
        "--replace", action="store_true", help="in place of the records that are there, which are saved first"
    )
    given = parser.parse_args(arguments)
    place = _place(given)
    source: Path = given.folder.absolute()
    facts = _checked(source)
    with stopped(place), database_running(place, make=True):
        settings = settings_from_owner(place)
        if not is_empty(settings):
            if not given.replace:
                raise EngineTrouble(
                    "This installation holds data already: restore into a new state folder (--var), or in place of "
                    "them (--replace)."
                )
            print(f"What stood here was saved to {save_records(place, 'replaced')}.")
        drop_everything(settings)
        load_records(settings, source / DUMP)
        migrate_in_child(place, "--no-backup")
    _copy_tree(source / FILES, place.folder("files"))
    _copy_tree(source / ROOTS, place.folder("roots"))
    print(
        f"Restored the {facts['kind'] or 'unborn'} database of {facts['made_at']}: {facts['journal_entries']} "
        f"journal entries, {facts['files']} files."
    )
    if given.replace:
        return 0
    print(
        f"Put the keys back into {place.var / 'secrets'} (all but postgres-*, nats and store, which are this "
        "machine's own), then start and run: quancheng journal verify"
    )
    return 0


def save_records(place: Place, reason: str) -> Path:
    """Records and roots alone, below ``var/backups``: the way back from an upgrade, which touches no file.

    :param reason: a word for the folder's name: ``upgrade``, ``replaced``.
    """
    now = datetime.now(UTC)
    target = place.folder("backups") / f"{now:%Y%m%dT%H%M%SZ}-{reason}"
    draft = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        facts = _dump(settings_from_owner(place), draft / DUMP)
        _copy_tree(place.var / "roots", draft / ROOTS)
        _write_manifest(draft, facts | {"files": 0, "made_at": now.isoformat()})
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    facts = facts | {"version": VERSION, "sha256": _digest(folder / DUMP)}
    (folder / MANIFEST).write_text(json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True))


@contextlib.contextmanager
def database_running(place: Place, *, make: bool = False) -> Iterator[None]:
    """The database answers within; the embedded one is started for the time where it does not run.

    :param make: also make the cluster and the database where there are none.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    server = Postgres(place)
    if server.leftover():
        yield
        return
    if not make and not server.data.exists():
        raise EngineTrouble(f"There is no database in {place.var}.")
    server.prepare()
    child = server.spawn()
    try:
        server.wait(child)
        if make:
            server.ensure_database()
        yield
    finally:
        server.stop(child)


@contextlib.contextmanager
def stopped(place: Place) -> Iterator[None]:
    """The supervisor's lock, held for the time."""
    with (place.run / "lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as trouble:
            raise EngineTrouble(f"Quancheng runs from {place.var}; stop it first.") from trouble
        yield


def _dump(settings: dict[str, Any], path: Path) -> dict[str, Any]:
    with owner_connection(settings) as link:
        kind = link.execute("SELECT kind, district_name FROM house_house").fetchone() or ("", "")
        count = link.execute("SELECT count(*) FROM journal_journalentry").fetchone()
    _run(settings, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}"])
    return {"kind": kind[0], "district": kind[1], "journal_entries": count[0] if count else 0}


def load_records(settings: dict[str, Any], path: Path) -> None:
    listing = subprocess.run(
        [binaries() / "pg_restore", "--list", path], capture_output=True, text=True, check=True
    ).stdout
    wanted = [line for line in listing.splitlines() if not any(skipped in line for skipped in SKIPPED)]
    with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
        file.write("\n".join(wanted) + "\n")
        file.flush()
        _run(
            settings,
            [
                "pg_restore",
                "--no-owner",
                "--no-privileges",
                "--exit-on-error",
                "--single-transaction",
                f"--use-list={file.name}",
                str(path),
            ],
        )


def _run(settings: dict[str, Any], command: list[str]) -> None:
    """One of PostgreSQL's programs against the database, as the owner; the password travels in the environment."""
    environment = {
        **os.environ,
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"] or "5432",
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
    }
    if command[0] == "pg_restore":
        command = [command[0], f"--dbname={settings['NAME']}", *command[1:]]
    done = subprocess.run([binaries() / command[0], *command[1:]], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise EngineTrouble(f"{command[0]} failed: {lines[0]}")


def _copy_files(place: Place, target: Path) -> dict[str, Any]:
    url = urlsplit(os.environ.get("FILES_URL", ""))
    if url.scheme and url.scheme != "file":
        print(f"Files lie in {url.scheme}://{url.netloc}, which keeps its own copies: they are not in this backup.")
        return {"files": 0}
    source = Path(unquote(url.path)) if url.scheme else place.var / "files"
    return {"files": _copy_tree(source, target)}


def _copy_tree(source: Path, target: Path) -> int:
    """Files that are there already are left: they are stored under the digest of their content."""
    count = 0
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not copy.exists():
                shutil.copy2(path, copy)
            count += 1
    return count


def _checked(source: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((source / MANIFEST).read_text())
    except FileNotFoundError as trouble:
        raise EngineTrouble(f"{source} is no backup: it has no {MANIFEST}.") from trouble
    if facts.get("version") != VERSION:
        raise EngineTrouble(f"This backup is of version {facts.get('version')}, which this release cannot read.")
    if _digest(source / DUMP) != facts["sha256"]:
        raise EngineTrouble(f"{source / DUMP} was altered or damaged: its digest is not the one in the manifest.")
    return facts


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parser(command: str, said: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"quancheng {command}", description=said)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--var", type=Path, help="state folder (default: var in the checkout)")
    return parser


def _place(given: argparse.Namespace) -> Place:
    if given.var:
        os.environ["QUANCHENG_VAR"] = str(given.var.absolute())
    return Place.current()
