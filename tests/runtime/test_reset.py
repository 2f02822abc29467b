"""Emptying a database while others work in it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from quancheng.runtime import databases, reset
from quancheng.runtime.engines.postgres import Postgres
from quancheng.runtime.engines.processes import EngineTrouble

#: More than PostgreSQL could be asked to lose in a row before it was given up.
PAIRS = 12


@pytest.fixture
def house(postgres_server: Postgres) -> Iterator[dict[str, Any]]:
    """A database of its own with a house in it and tables that hang together."""
    name = "quancheng_emptied"
    with postgres_server.connect() as link:
        link.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        link.execute(f"CREATE DATABASE {name}")
    settings = databases.embedded_settings(
        folder=postgres_server.socket_folder, user="postgres", password=postgres_server.password("postgres"), name=name
    )
    with reset.owner_connection(settings) as link:
        link.execute("CREATE TABLE house_house (kind text)")
        link.execute("INSERT INTO house_house VALUES ('demo')")
        for number in range(PAIRS):
            link.execute(f"CREATE TABLE kept_{number} (id int PRIMARY KEY)")
            link.execute(f"INSERT INTO kept_{number} VALUES (1)")
            link.execute(f"CREATE TABLE told_{number} (of int REFERENCES kept_{number})")
    yield settings
    with postgres_server.connect() as link:
        link.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tables(settings: dict[str, Any]) -> list[str]:
    with reset.owner_connection(settings) as link:
        return [name for (name,) in link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]


def _work(settings: dict[str, Any], number: int) -> None:
    """Holds a row, then writes of it, as any service does; goes on after it lost, until the tables are gone."""
    while True:
        try:
            with psycopg.connect(databases.conninfo(settings)) as link:
                link.execute(f"SELECT 1 FROM kept_{number} FOR SHARE")
                link.execute("SELECT pg_sleep(0.2)")
                link.execute(f"INSERT INTO told_{number} VALUES (1)")
        except psycopg.errors.UndefinedTable:
            return
        except (psycopg.errors.DeadlockDetected, psycopg.errors.ForeignKeyViolation):
            continue


def test_a_house_at_work_is_emptied(house: dict[str, Any]):
    with ThreadPoolExecutor(PAIRS) as pool:
        working = [pool.submit(_work, house, number) for number in range(PAIRS)]
        reset.drop_everything(house)
        for work in working:
            work.result(timeout=60)
    assert _tables(house) == []
    assert reset.is_empty(house)


def test_what_is_broken_off_still_says_what_stood_here(house: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reset, "PATIENCE_S", -1)
    with pytest.raises(EngineTrouble, match="stop what runs"):
        reset.drop_everything(house)
    assert "house_house" in _tables(house)
    monkeypatch.undo()
    reset.drop_everything(house)
    assert _tables(house) == []
