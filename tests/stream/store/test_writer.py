"""Rows of several writers go into the store together, and each hears what came of his own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from quancheng.stream.store import client as store
from quancheng.stream.store.writer import Writer

#: Tags of no other test, and times that the store keeps.
FIRST, BEGIN_MS = 3_000_000, int(time.time()) * 1000


def readings(tag: int, *values: float) -> store.Rows:
    rows = np.zeros(len(values), store.READING)
    rows["tag"], rows["at"] = tag, BEGIN_MS + 1000 * np.arange(len(values))
    rows["value"], rows["quality"], rows["rank"] = values, 192, 3
    return rows


def test_what_many_threads_write_stands_when_each_of_them_goes_on(telemetry_url: str) -> None:
    client = store.connect(telemetry_url)
    store.ensure_tables(client)
    writer = Writer(client)

    def write(number: int) -> int:
        for _round in range(5):
            writer.write({"readings": readings(FIRST + number, 1.0, 2.0)})
        mine = store.connect(telemetry_url)
        return len(store.raw(mine, [FIRST + number], BEGIN_MS, BEGIN_MS + 100_000))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == [2] * 8


def test_who_waits_while_one_writes_is_written_with_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, int]] = []
    first, go = threading.Event(), threading.Event()

    def slow(_client: object, table: str, rows: store.Rows) -> None:
        written.append((table, len(rows)))
        first.set()
        go.wait(10)

    monkeypatch.setattr(store, "write", slow)
    writer = Writer(None)  # type: ignore[arg-type]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(writer.write, {"readings": readings(FIRST, 1.0)})]
        first.wait(10)
        done += [pool.submit(writer.write, {"readings": readings(FIRST, 1.0, 2.0)}) for _one in range(3)]
        until = time.monotonic() + 10
        while len(writer._waiting) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        go.set()
        for one in done:
            one.result(10)
    assert written == [("readings", 1), ("readings", 6)]


def test_whatever_goes_wrong_is_told_to_all_who_were_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    first, go = threading.Event(), threading.Event()
    tries = iter([None, MemoryError("no room")])

    def write(_client: object, _table: str, _rows: store.Rows) -> None:
        trouble = next(tries)
        first.set()
        go.wait(10)
        if trouble is not None:
            raise trouble

    monkeypatch.setattr(store, "write", write)
    writer = Writer(None)  # type: ignore[arg-type]
    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(writer.write, {"readings": readings(FIRST, 1.0)})]
        first.wait(10)
        done += [pool.submit(writer.write, {"readings": readings(FIRST, 2.0)}) for _one in range(2)]
        until = time.monotonic() + 10
        while len(writer._waiting) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        go.set()
        assert [type(one.exception(10)) for one in done] == [type(None), MemoryError, MemoryError]


def test_all_whose_rows_may_be_missing_are_told_and_the_next_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [store.StoreAway("full"), None]

    def write(_client: object, _table: str, _rows: store.Rows) -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    monkeypatch.setattr(store, "write", write)
    writer = Writer(None)  # type: ignore[arg-type]
    with pytest.raises(store.StoreAway, match="full"):
        writer.write({"readings": readings(FIRST, 1.0)})
    writer.write({"readings": readings(FIRST, 1.0)})
    assert answers == []
