"""The telemetry store, as any ClickHouse client meets it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clickhouse_connect
import numpy as np
import pandas as pd
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from tests.support.engines import StoreProcess

from quancheng.runtime import store_space
from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.store import _split


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    process = StoreProcess(tmp_path_factory.mktemp("store"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def client(store: StoreProcess, request: pytest.FixtureRequest) -> Any:
    admin = clickhouse_connect.get_client(dsn=store.url("default"))
    admin.command("CREATE DATABASE IF NOT EXISTS here")
    client = clickhouse_connect.get_client(dsn=store.url("here"))
    client.command("DROP TABLE IF EXISTS reading")
    client.command(
        "CREATE TABLE reading (tag UInt32, at DateTime64(3, 'UTC'), value Float64) "
        "ENGINE = ReplacingMergeTree ORDER BY (tag, at)"
    )
    return client


def frame(rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tag": np.arange(rows, dtype="uint32") % 100,
            "at": np.datetime64("2026-01-01", "ms") + np.arange(rows),
            "value": np.arange(rows, dtype="float64"),
        }
    )


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", False])
def test_every_row_of_a_large_insert_arrives_however_it_is_packed(store: StoreProcess, client: Any, compress: Any):
    packed = clickhouse_connect.get_client(dsn=store.url("here"), compress=compress)
    summary = packed.insert_df("reading", frame(300_000))
    assert client.query("SELECT count(), sum(value) FROM reading").result_rows == [
        (300_000, 300_000 * 299_999 / 2),
    ]
    assert summary.written_rows == 300_000


def test_a_row_sent_twice_is_one_row(client: Any):
    row = [[7, datetime(2026, 1, 1, tzinfo=UTC), 1.5]]
    client.insert("reading", row, column_names=["tag", "at", "value"])
    client.insert("reading", row, column_names=["tag", "at", "value"])
    assert client.query("SELECT count() FROM reading FINAL").result_rows == [(1,)]


def test_parameters_reach_the_query_unharmed(client: Any):
    nasty = "a'b\\c\n{中}; DROP TABLE reading"
    rows = client.query("SELECT {s:String}, {a:Array(Int32)}", parameters={"s": nasty, "a": [1, -2]}).result_rows
    assert rows == [(nasty, [1, -2])]


def test_a_setting_holds_for_its_query_only(client: Any):
    before = client.query("SELECT getSetting('max_threads')").result_rows
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).result_rows == [(1,)]
    assert client.query("SELECT getSetting('max_threads')").result_rows == before


def test_databases_do_not_see_each_others_unqualified_tables(store: StoreProcess, client: Any):
    client.command("CREATE DATABASE IF NOT EXISTS elsewhere")
    with pytest.raises(DatabaseError, match="code: 60"):
        clickhouse_connect.get_client(dsn=store.url("elsewhere")).query("SELECT * FROM reading")


@pytest.mark.parametrize(
    ("query", "code"), [("SELECT * FROM nowhere", 60), ("SELEC 1", 62), ("SELECT throwIf(1)", 395)]
)
def test_a_bad_query_is_answered_with_clickhouses_own_number(client: Any, query: str, code: int):
    with pytest.raises(DatabaseError, match=f"code: {code}"):
        client.query(query)
    assert client.query("SELECT 1").result_rows == [(1,)]


def test_a_wrong_password_opens_nothing(store: StoreProcess):
    with pytest.raises(DatabaseError, match="516"):
        clickhouse_connect.get_client(host="127.0.0.1", port=store.port, username="quancheng", password="guessed")


def test_a_second_process_on_the_same_folder_is_told_so_in_one_line(store: StoreProcess):
    second = subprocess.run(
        [sys.executable, "-m", "quancheng.runtime", "store", "--port", str(free_port())],
        env=store.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert "another process has it open" in second.stderr.splitlines()[-1]


def test_a_kill_in_the_middle_loses_no_row_that_was_acknowledged(tmp_path: Path):
    process = StoreProcess(tmp_path)
    process.start()
    client = clickhouse_connect.get_client(dsn=process.url("default"))
    client.command("CREATE TABLE reading (tag UInt32, at DateTime64(3), value Float64) ENGINE = MergeTree ORDER BY at")
    acknowledged = sum(client.insert_df("reading", frame(20_000)).written_rows for _ in range(5))
    process.kill()
    process.start()
    try:
        client = clickhouse_connect.get_client(dsn=process.url("default"))
        assert client.query("SELECT count() FROM reading").result_rows == [(acknowledged,)]
    finally:
        process.stop()


def test_sigterm_ends_it_within_two_seconds(tmp_path: Path):
    process = StoreProcess(tmp_path)
    process.start()
    assert process.child is not None
    process.child.send_signal(signal.SIGTERM)
    assert process.child.wait(2) == 0


@pytest.mark.parametrize(
    ("body", "statement", "data"),
    [
        (b"INSERT INTO t (a, b) FORMAT Native\n\x01\n\x02", "INSERT INTO t (a, b) FORMAT Native\n", b"\x01\n\x02"),
        (b"insert into t format CSV\r\n1,2", "insert into t format CSV\r\n", b"1,2"),
        (b"INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", b""),
        (b"SELECT 'INSERT INTO t FORMAT CSV\n'", "SELECT 'INSERT INTO t FORMAT CSV\n'", b""),
    ],
)
def test_statement_and_data_of_one_body_are_told_apart(body: bytes, statement: str, data: bytes):
    assert _split(body) == (statement, data)


def test_where_the_disk_has_no_room_nothing_is_written_or_merged_and_the_store_ends_before_it_runs_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    room, ran, ended = [store_space.ROOM_BYTES * 2], [], []
    monkeypatch.setattr(store_space, "free_bytes", lambda _folder: room[0])
    space = store_space.Space(tmp_path, ran.append, end=ended.append)
    space.look()
    assert space.has_room(10)
    assert not space.has_room(store_space.ROOM_BYTES)
    room[0] = store_space.ROOM_BYTES - 1
    space.look()
    space.look()
    assert not space.has_room()
    room[0] = store_space.ROOM_BYTES
    space.look()
    assert (ran, ended) == (["SYSTEM STOP MERGES", "SYSTEM START MERGES"], [])
    room[0] = store_space.LEAST_BYTES - 1
    space.look()
    assert ended == [store_space.NO_ROOM]
