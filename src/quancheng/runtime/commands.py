"""The smaller commands: demo, journal, the API's description, Django's own."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.engines.processes import EngineTrouble

#: The module that builds the demo district: ``load(seed, scale, now)`` and ``accounts()``.
DEMO = "quancheng.runtime.demo"
#: How often a demo is loaded while the house runs: it is one transaction, and PostgreSQL may end that for a worker's.
LOADS = 3


def _demo() -> ModuleType | None:
    return import_module(DEMO) if find_spec(DEMO) else None


def _parser(command: str, said: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"quancheng {command}", description=said)


def demo_load(arguments: list[str]) -> int:
    """``quancheng demo load``: all of it or nothing, in one transaction."""
    parser = _parser("demo load", "Load the demo district into an empty database.")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same district (default 1)")
    parser.add_argument("--scale", type=int, default=1, metavar="N", help="multiply it, for benchmarks")
    given = parser.parse_args(arguments)
    set_up_django()
    from quancheng.kernel.house.queries import house_kind

    if kind := house_kind():
        raise EngineTrouble(f"This database was born {kind} already; demo reset begins a demo anew.")
    demo = _demo()
    if demo is None:
        print("this version has no demo district")
        return 0
    from django.db import transaction
    from django.utils import timezone

    with transaction.atomic():
        demo.load(seed=given.seed, scale=given.scale, now=timezone.now())
    print(f"demo district loaded (seed {given.seed}, scale {given.scale})")
    return 0


def demo_accounts(arguments: list[str]) -> int:
    """``quancheng demo accounts``: one line each."""
    _parser("demo accounts", "List the accounts of a demo database.").parse_args(arguments)
    set_up_django()
    from quancheng.kernel.house.queries import is_demo

    demo = _demo()
    if demo is None or not is_demo():
        return 0
    rows = [(one.username, one.password, one.role, one.organisation) for one in demo.accounts()]
    if not rows:
        return 0
    print("\n演示账号 / demo accounts（用户名 user · 口令 password · 岗位 role · 单位 organisation）")
    names, words = (max(len(row[part]) for row in rows) for part in (0, 1))
    for name, word, role, organisation in rows:
        print(f"  {name.ljust(names)}  {word.ljust(words)}  {role} · {organisation}")
    return 0


def demo_reset(arguments: list[str]) -> int:
    """``quancheng demo reset``: drops every table of a *demo* database, migrates, loads anew."""
    parser = _parser("demo reset", "Throw a demo database away and load it anew. Refused for a real one.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=int, default=1, metavar="N")
    given = parser.parse_args(arguments)
    set_up_django()
    from quancheng.kernel.house.queries import house_kind

    if house_kind() != "demo":
        raise EngineTrouble("Only a database that was born demo can be reset.")
    from django.db import connection

    from quancheng.runtime.databases import settings_from_owner
    from quancheng.runtime.migrate import migrate_in_child
    from quancheng.runtime.place import Place
    from quancheng.runtime.reset import drop_everything

    connection.close()
    place = Place.current()
    drop_everything(settings_from_owner(place))
    migrate_in_child(place)
    done = _load_in_child(given.seed, given.scale)
    for _again in range(LOADS - 1):
        if "deadlock detected" not in done.stderr:
            break
        done = _load_in_child(given.seed, given.scale)
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    return done.returncode


def _load_in_child(seed: int, scale: int) -> subprocess.CompletedProcess[str]:
    """A process of its own for each try: it remembers nothing of one that was undone."""
    line = [sys.executable, "-m", "quancheng.runtime", "demo", "load", f"--seed={seed}", f"--scale={scale}"]
    return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def set_up_token(arguments: list[str]) -> int:
    """``quancheng set-up token``: the address path that lets one browser set the house up; nothing once it stands."""
    _parser("set-up token", "Print the one-time path under which a new house is set up.").parse_args(arguments)
    set_up_django()
    from django.utils import timezone

    from quancheng.kernel.people import set_up

    if set_up.is_unborn():
        print(f"/set-up?token={set_up.issue_token(now=timezone.now())}")
    return 0


def journal_verify(arguments: list[str]) -> int:
    """``quancheng journal verify``: status 0 where all stands, 1 where something was altered or is missing."""
    parser = _parser("journal verify", "Prove that nothing in the journal was altered.")
    parser.add_argument("--roots", type=Path, metavar="DIR", help="roots that were kept outside, from a backup")
    given = parser.parse_args(arguments)
    set_up_django()
    from django.utils import timezone

    from quancheng.kernel.journal.verify import verify

    found = verify(now=timezone.now(), roots_folder=given.roots)
    print(f"{found.entries} entries in {found.chains} chains, {found.roots} roots")
    for fault in found.faults:
        print(f"  {fault}")
    print("the journal stands" if found.is_sound else f"{len(found.faults)} faults: the journal was altered")
    return 0 if found.is_sound else 1


def archive_read(arguments: list[str]) -> int:
    """``quancheng archive read DIGEST``: the rows of a sealed archive, a JSON line each."""
    parser = _parser("archive read", "Print the rows of a sealed archive, a JSON line each.")
    parser.add_argument("digest", help="as the page of retention names it")
    given = parser.parse_args(arguments)
    set_up_django()
    from quancheng.kernel.retention import archives
    from quancheng.kernel.vault.suites import Unreadable

    try:
        for line in archives.read(given.digest):
            print(json.dumps(line, ensure_ascii=False))
    except (FileNotFoundError, ValueError):
        print("there is no such archive", file=sys.stderr)
        return 1
    except Unreadable:
        print("the archive was altered, or its key is missing from the keyring", file=sys.stderr)
        return 1
    return 0


def openapi(arguments: list[str]) -> int:
    """``quancheng dev openapi``: the description as JSON, stable in its order, for the committed snapshot."""
    _parser("dev openapi", "Print the API's description.").parse_args(arguments)
    set_up_django()
    from quancheng.runtime.api import api

    json.dump(api.get_openapi_schema(), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    print()
    return 0


def manage(arguments: list[str]) -> int:
    """``quancheng dev manage …``: Django's own commands, as the database's owner."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
    os.environ.setdefault("QUANCHENG_DB_ROLE", "owner")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["quancheng dev manage", *arguments])
    return 0
