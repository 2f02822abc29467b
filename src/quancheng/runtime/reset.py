"""Emptying a database: only ever called after it was seen to be a demo, or empty."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import psycopg

from quancheng.runtime.databases import conninfo
from quancheng.runtime.engines.processes import EngineTrouble

#: How long dropping is tried against those who work on the tables meanwhile, while nothing of it succeeds.
PATIENCE_S = 120
#: Dropped last: it says what kind of house stood here, so that what was broken off can be begun anew.
LAST = "house_house"


def owner_connection(settings: dict[str, Any]) -> psycopg.Connection:
    """An autocommit connection from Django's database settings."""
    return psycopg.connect(conninfo(settings), autocommit=True)


#: What the owner owns in the schema, by kind.
OWNED = (
    (
        "TABLE",
        "SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') AND pg_get_userbyid(relowner) = current_user",
    ),
    (
        "ROUTINE",
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE pronamespace = 'public'::regnamespace "
        "AND pg_get_userbyid(proowner) = current_user",
    ),
    (
        "TYPE",
        "SELECT t.oid::regtype::text FROM pg_type t WHERE typnamespace = 'public'::regnamespace "
        "AND typtype IN ('e', 'c', 'd') AND pg_get_userbyid(typowner) = current_user",
    ),
)


def drop_everything(settings: dict[str, Any]) -> None:
    """Drop what the owner owns in the schema ``public``: tables, functions, types. Extensions stay."""
    with owner_connection(settings) as link:
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            # It says by which code the tables were made.
            link.execute("COMMENT ON SCHEMA public IS NULL")
        # Each by itself: what runs meanwhile holds rows of several tables and waits for others, and PostgreSQL then
        # ends the one that waited first. One transaction over all of them would lose each time, and begin anew.
        for kind, query in OWNED:
            given_up_at = time.monotonic() + PATIENCE_S
            while names := [name for (name,) in link.execute(query).fetchall()]:
                for name in [name for name in names if name != LAST] or names:
                    with contextlib.suppress(psycopg.errors.DeadlockDetected):
                        link.execute(f"DROP {kind} IF EXISTS {name} CASCADE")
                        given_up_at = time.monotonic() + PATIENCE_S
                if time.monotonic() > given_up_at:
                    raise EngineTrouble(f"Others hold {names[0]} for {PATIENCE_S} s: stop what runs and try again.")


def is_empty(settings: dict[str, Any]) -> bool:
    """Whether the database holds no house: nothing that anybody could miss."""
    with owner_connection(settings) as link:
        row = link.execute("SELECT to_regclass('public.house_house') IS NULL").fetchone()
        if row and row[0]:
            return True
        return link.execute("SELECT 1 FROM house_house LIMIT 1").fetchone() is None
