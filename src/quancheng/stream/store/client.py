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

from quancheng.stream.store.schema import HISTORY, ROLLUPS, Keeping, bucket_of, statements

#: A reading as it travels: packed as the store's binary rows are, so that nothing is converted on the way.
READING = np.dtype([
    ("tag", "<u4"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1"), ("flags", "u1"), ("rank", "u1"),
])  # fmt: skip
LATEST = np.dtype([("tag", "<u4"), ("at", "<i8"), ("value", "<f8"), ("quality", "u1"), ("flags", "u1")])
#: A step of a roll-up; times in ms. Without a good reading its four values say nothing.
ROLLED = np.dtype([
    ("tag", "<u4"), ("at", "<i8"), ("low", "<f8"), ("high", "<f8"), ("mean", "<f8"), ("last", "<f8"), ("good", "<u4"),
    ("bad", "<u4"),
])  # fmt: skip
TOUCHED = np.dtype([("at", "<u4"), ("tag", "<u4")])
POINT = np.dtype([("tag", "<u4"), ("at", "<i8"), ("value", "<f8")])
Rows = NDArray[np.void]
#: Tags that are listed one by one; more of them are asked for by their span, if it is not so many times wider.
_LISTED, _SPREAD = 1_000, 4
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
    rows = packed(
        client, LATEST,
        "SELECT tag, toUnixTimestamp64Milli(at), value, quality, flags FROM latest FINAL "  # noqa: S608 - whole numbers
        f"WHERE {_near(tags)} ORDER BY tag",
    )  # fmt: skip
    return rows[np.isin(rows["tag"], np.asarray(tags, np.int64))]


#: Where a page of rows begins: after this row, of tag and time in ms.
After = tuple[int, int]


def raw(
    client: Client, tags: Sequence[int], begin_ms: int, end_ms: int, *, after: After | None = None, most: int = 0
) -> Rows:
    """Every reading of these tags from ``begin_ms`` to before ``end_ms``, one a moment, by tag and time.

    :param most: rows at most; 0: all.
    """
    return packed(
        client, READING,
        "SELECT tag, toUnixTimestamp64Milli(at), value, quality, flags, rank FROM readings FINAL "  # noqa: S608
        f"WHERE {among(tags)} AND at >= fromUnixTimestamp64Milli({int(begin_ms)}) "
        f"AND at < fromUnixTimestamp64Milli({int(end_ms)}) "
        f"{_after(after)} ORDER BY tag, at {_most(most)}",
    )  # fmt: skip


def thinned(client: Client, tags: Sequence[int], begin_ms: int, end_ms: int, slot_ms: int) -> Rows:
    """Of these tags the first good reading of each ``slot_ms`` until ``end_ms``; what came as history is left out."""
    return packed(
        client, POINT,
        "SELECT tag, toUnixTimestamp64Milli(at) AS ms, value FROM readings FINAL "  # noqa: S608 - whole numbers
        f"WHERE {among(tags)} AND at >= fromUnixTimestamp64Milli({int(begin_ms)}) "
        f"AND at <= fromUnixTimestamp64Milli({int(end_ms)}) AND quality >= 192 AND bitAnd(flags, {HISTORY}) = 0 "
        f"ORDER BY tag, ms LIMIT 1 BY tag, intDiv(ms, {int(slot_ms)})",
    )  # fmt: skip


def rolled(
    client: Client, step_s: int, tags: Sequence[int], begin_ms: int, end_ms: int, *, after: After | None = None,
    most: int = 0,
) -> Rows:  # fmt: skip
    """Steps of a roll-up that lie in a range, the one in which it begins too, by tag and time.

    :param step_s: one of ``ROLLUPS``. :raises KeyError: it is none.
    """
    table = {size: name for name, size in ROLLUPS.items()}[step_s]
    begin_s, end_s = bucket_of(int(begin_ms) // 1000, step_s), -(-int(end_ms) // 1000)
    return packed(
        client, ROLLED,
        "SELECT tag, toInt64(toUnixTimestamp(at)) * 1000, low, high, mean, last, good, bad "  # noqa: S608
        f"FROM {table} FINAL WHERE {among(tags)} AND at >= toDateTime({begin_s}, 'UTC') "
        f"AND at < toDateTime({end_s}, 'UTC') {_after(after)} "
        f"ORDER BY tag, at {_most(most)}",
    )  # fmt: skip


def _after(after: After | None) -> str:
    if after is None:
        return ""
    tag, at_ms = map(int, after)
    return f"AND (tag > {tag} OR tag = {tag} AND at > fromUnixTimestamp64Milli({at_ms}))"


def _most(most: int) -> str:
    return f"LIMIT {int(most)}" if most else ""


def _near(tags: Sequence[int]) -> str:
    """A condition that holds for these tags, and for few others where many lie close together: reading those costs less
    than reading a list of thousands."""
    if len(tags) > _LISTED and max(tags) - min(tags) < _SPREAD * len(tags):
        return f"tag BETWEEN {int(min(tags))} AND {int(max(tags))}"
    return among(tags)


def among(tags: Sequence[int]) -> str:
    """A condition on tags. In the statement itself: parameters travel in the address, which holds some hundreds."""
    return f"tag IN ({', '.join(str(int(tag)) for tag in tags) or 'NULL'})"


def step_for(client: Client, tags: Sequence[int], begin_ms: int, end_ms: int, *, points: int) -> int:
    """Seconds of the finest step by which none of these tags tells more than ``points``; 0: raw readings."""
    span_s = max(1, (end_ms - begin_ms) // 1000)
    if span_s <= RAW_S:
        held = run(
            client.command,
            "SELECT max(held) FROM (SELECT count() AS held FROM readings "  # noqa: S608 - whole numbers
            f"WHERE {among(tags)} AND at >= fromUnixTimestamp64Milli({int(begin_ms)}) "
            f"AND at < fromUnixTimestamp64Milli({int(end_ms)}) GROUP BY tag)",
        )
        if int(held or 0) <= points:
            return 0
    return next((size for size in ROLLUPS.values() if span_s <= size * points), 86_400)


def trends(
    client: Client, tags: Sequence[int], begin_ms: int, end_ms: int, *, points: int = 1_500
) -> tuple[int, dict[int, Trend]]:
    """Tags over a range, all by the same step: raw readings where no tag has more than ``points``, else the finest
    roll-up of which no more stand. Answers seconds of a step (0: raw), and each tag's trend by its number."""
    step_s = step_for(client, tags, begin_ms, end_ms, points=points)
    if step_s:
        rows = rolled(client, step_s, tags, begin_ms, end_ms)
        rows = rows[rows["good"] > 0]
        names = ("low", "high", "mean", "last")
    else:
        rows = raw(client, tags, begin_ms, end_ms)
        rows = rows[rows["quality"] >= 64]
        names = ("value",) * 4
    found = {}
    for tag in tags:
        mine = rows[rows["tag"] == tag]
        low, high, mean, last = (mine[name].tolist() for name in names)
        found[tag] = Trend(mine["at"].tolist(), low, high, mean, last, step_s)
    return step_s, found


def packed(client: Client, shape: np.dtype[np.void], statement: str) -> Rows:
    """What a statement answers, packed as ``shape`` is."""
    content = run(client.raw_query, statement, fmt="RowBinary")
    return np.frombuffer(content, dtype=shape)


def run(act: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the client. :raises StoreAway: whatever it says."""
    try:
        return act(*args, **kwargs)
    except (ClickHouseError, OSError) as trouble:
        raise StoreAway((str(trouble).splitlines() or [type(trouble).__name__])[0][:500]) from trouble
