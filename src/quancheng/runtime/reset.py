"""Emptying a database: only ever called after it was seen to be a demo, or empty."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import psycopg

from quancheng.runtime.databases import conninfo

#: How often dropping is tried against those who work on the tables meanwhile.
TRIES = 10


def owner_connection(settings: dict[str, Any]) -> psycopg.Connection:
    """An autocommit connection from Django's database settings."""
    return psycopg.connect(conninfo(settings), autocommit=True)


def drop_everything(settings: dict[str, Any]) -> None:
    """Drop what the owner owns in the schema ``public``: tables, functions, types. Extensions stay."""
    with owner_connection(settings) as link, contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        # It says by which code the tables were made.
        link.execute("COMMENT ON SCHEMA public IS NULL")
    # What runs meanwhile holds rows of several tables and waits for others: PostgreSQL may end either of the two.
    for left in reversed(range(TRIES)):
        try:
            _drop_all(settings)
        except psycopg.errors.DeadlockDetected:
            if not left:
                raise
            time.sleep(0.5)
        else:
            return


def _drop_all(settings: dict[str, Any]) -> None:
    with owner_connection(settings) as link, link.transaction():
        for kind, query in (
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
        ):
            for (name,) in link.execute(query).fetchall():
                link.execute(f"DROP {kind} IF EXISTS {name} CASCADE")


def is_empty(settings: dict[str, Any]) -> bool:
    """Whether the database holds no house: nothing that anybody could miss."""
    with owner_connection(settings) as link:
        row = link.execute("SELECT to_regclass('public.house_house') IS NULL").fetchone()
        if row and row[0]:
            return True
        return link.execute("SELECT 1 FROM house_house LIMIT 1").fetchone() is None
