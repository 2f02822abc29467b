"""Writing to the store and reading from it, through ``clickhouse-connect`` alone (时序库读写)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import clickhouse_connect
import numpy as np
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.httputil import get_pool_manager
from numpy.typing import NDArray

from quancheng.stream.store.schema import ROLLUPS, Keeping, statements

#: A reading as it travels: packed as the store's binary rows are, so that nothing is converted on the way.
READING = np.dtype([
    ("tag", "<u4"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1"), ("flags", "u1"), ("rank", "u1"),
])  # fmt: skip
LATEST = np.dtype([("tag", "<u4"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1"), ("flags", "u1")])
TOUCHED = np.dtype([("at", "<u4"), ("tag", "<u4")])
Rows = NDArray[np.void]
#: A longer range is told by roll-ups: raw readings may be gone, and nobody sees single ones in it.
RAW_S = 7 * 86_400


class StoreAway(Exception):
    """The store did not answer, or refused: what was to be written is not known to be written."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One tag over a range: times in ms, then what stood in each step. Of raw readings all four lines are one."""

    at: Sequence[int]
    low: Sequence[float]
    high: Sequence[float]
    mean: Sequence[float]
    last: Sequence[float]
    #: Seconds of a step; 0: raw readings.
    step_s: int


@cache
def _pool() -> Any:
    """Connections of all clients of this process: each partition has one of its own, and pages have theirs."""
    return get_pool_manager(maxsize=32)


def connect(url: str, *, timeout_s: float = 60) -> Client:
    """A client of ``TELEMETRY_URL``. :raises StoreAway: nobody answers."""
    try:
        return clickhouse_connect.get_client(
            dsn=url.replace("clickhouse://", "http://", 1), autogenerate_session_id=False,
            connect_timeout=10, send_receive_timeout=int(timeout_s), pool_mgr=_pool(),
        )  # fmt: skip
    except (ClickHouseError, OSError) as trouble:
        raise StoreAway(str(trouble)) from trouble


def ensure_tables(client: Client, keeping: Keeping | None = None) -> None:
    """Make what is missing."""
    for statement in statements(keeping or Keeping()):
        run(client.command, statement)


def write(client: Client, table: str, rows: Rows) -> None:
    """Write packed rows; the same rows written again change nothing.

    :raises StoreAway: it is not certain that they stand; write them again.
    """
    if len(rows):
        run(client.raw_insert, table, list(rows.dtype.names or ()), rows.tobytes(), fmt="RowBinary")


def latest(client: Client, tags: Sequence[int]) -> Rows:
    """The last reading of each of these tags that has one."""
    return packed(
        client, LATEST,
        "SELECT tag, toUnixTimestamp64Milli(at), value, quality, flags FROM latest FINAL "  # noqa: S608 - whole numbers
        f"WHERE {among(tags)} ORDER BY tag",
    )  # fmt: skip


def raw(client: Client, tags: Sequence[int], begin_ms: int, end_ms: int) -> Rows:
    """Every reading of these tags from ``begin_ms`` to before ``end_ms``, one a moment, by tag and time."""
    return packed(
        client, READING,
        "SELECT tag, toUnixTimestamp64Milli(at), value, quality, flags, rank FROM readings FINAL "  # noqa: S608
        f"WHERE {among(tags)} AND at >= fromUnixTimestamp64Milli({int(begin_ms)}) "
        f"AND at < fromUnixTimestamp64Milli({int(end_ms)}) ORDER BY tag, at",
    )  # fmt: skip


def among(tags: Sequence[int]) -> str:
    """A condition on tags. In the statement itself: parameters travel in the address, which holds some hundreds."""
    return f"tag IN ({', '.join(str(int(tag)) for tag in tags) or 'NULL'})"


def trend(client: Client, tag: int, begin_ms: int, end_ms: int, *, points: int = 1_500) -> Trend:
    """One tag over a range: raw where no more than ``points`` readings stand in it, else by the finest roll-up of which
    no more stand."""
    held = run(
        client.command,
        "SELECT count() FROM readings WHERE tag = {tag:UInt32} AND at >= fromUnixTimestamp64Milli({begin:Int64}) "
        "AND at < fromUnixTimestamp64Milli({end:Int64})",
        parameters={"tag": tag, "begin": begin_ms, "end": end_ms},
    )
    span_s = max(1, (end_ms - begin_ms) // 1000)
    if int(held) <= points and span_s <= RAW_S:
        rows = raw(client, [tag], begin_ms, end_ms)
        good = rows[rows["quality"] >= 64]
        values = [float(one) for one in good["value"]]
        return Trend([int(one) for one in good["at"]], values, values, values, values, 0)
    fitting = ((name, size) for name, size in ROLLUPS.items() if span_s <= size * points)
    table, step_s = next(fitting, ("rollup_1d", 86_400))
    given = {"table": table, "tag": tag, "begin": begin_ms // 1000 // step_s * step_s, "end": -(-end_ms // 1000)}
    found = run(
        client.query,
        "SELECT toUnixTimestamp(at), low, high, mean, last FROM {table:Identifier} FINAL WHERE tag = {tag:UInt32} "
        "AND at >= toDateTime({begin:Int64}, 'UTC') AND at < toDateTime({end:Int64}, 'UTC') AND good > 0 ORDER BY at",
        parameters=given,
    )
    at, low, high, mean, last = zip(*found.result_rows, strict=True) if found.result_rows else ((),) * 5
    return Trend([second * 1000 for second in at], low, high, mean, last, step_s)


def packed(client: Client, shape: np.dtype[np.void], statement: str) -> Rows:
    """What a statement answers, packed as ``shape`` is."""
    content = run(client.raw_query, statement, fmt="RowBinary")
    return np.frombuffer(content, dtype=shape)


def run(act: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the client. :raises StoreAway: whatever it says."""
    try:
        return act(*args, **kwargs)
    except (ClickHouseError, OSError) as trouble:
        raise StoreAway(str(trouble).splitlines()[0][:500]) from trouble
