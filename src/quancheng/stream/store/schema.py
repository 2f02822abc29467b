"""Tables of the store: raw readings, their roll-ups, the last value of each tag (时序库表结构).

One definition makes the tables of one ClickHouse (or of chDB) and those of a replicated, distributed one.
The second kind has been read by people and was never run: no cluster stood at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Bits of ``flags``.
LATE, HISTORY, CLOCK_BAD = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what is kept, in days; and the volume to which older parts move, where the server has one."""

    raw_days: int = 90
    minute_days: int = 730
    quarter_days: int = 1_826
    hour_days: int = 3_652
    day_days: int = 10_957
    cold_after_days: int = 0
    cold_volume: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    codec: str = "ZSTD(1)"
    default: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that keeps one row for each key: the one of the highest ``version``, else the last written."""

    name: str
    columns: Sequence[Column]
    key: Sequence[str]
    version: str
    partition: str
    days: int
    time: str = "at"
    indexes: Sequence[str] = ()

    def make(self, keeping: Keeping, *, engine: str = "ReplacingMergeTree", name: str = "", on: str = "") -> str:
        """The statement that makes it. :param engine: up to its arguments' closing bracket. :param on: of a cluster."""
        lines = [f"{one.name} {one.type}{one.default} CODEC({one.codec})" for one in self.columns]
        body = ",\n  ".join([*lines, *self.indexes])
        bracket = f"{engine}, {self.version})" if "(" in engine else f"{engine}({self.version})"
        ttl = f"\nTTL toDateTime({self.time}) + INTERVAL {self.days} DAY" if self.days else ""
        if ttl and keeping.cold_volume and 0 < keeping.cold_after_days < self.days:
            volume = keeping.cold_volume.replace("'", "")
            ttl += f",\n  toDateTime({self.time}) + INTERVAL {keeping.cold_after_days} DAY TO VOLUME '{volume}'"
        partition = f"\nPARTITION BY {self.partition}" if self.partition else ""
        return (
            f"CREATE TABLE IF NOT EXISTS {name or self.name}{on} (\n  {body}\n) ENGINE = {bracket}{partition}\n"
            f"ORDER BY ({', '.join(self.key)}){ttl}"
        )


#: Seconds of each roll-up, by its table.
ROLLUPS = {"rollup_1m": 60, "rollup_15m": 900, "rollup_1h": 3_600, "rollup_1d": 86_400}
#: The district's time is so far ahead of UTC: its day begins at 16:00 UTC.
ZONE_S = 8 * 3_600


def bucket_of(at_s: int, step_s: int) -> int:
    """Where the step begins that holds a moment; a day begins at the district's midnight."""
    ahead = ZONE_S if step_s >= 86_400 else 0
    return (at_s + ahead) // step_s * step_s - ahead


def tables(keeping: Keeping) -> list[Table]:
    """All tables, raw readings first."""
    # A bad reading loses against an uncertain and that against a good one of the same moment (3.8).
    raw = Table(
        "readings",
        (
            Column("tag", "UInt32"), Column("at", "DateTime64(3, 'UTC')", "DoubleDelta, ZSTD(1)"),
            Column("value", "Float64", "Gorilla, ZSTD(1)"), Column("quality", "UInt8"), Column("flags", "UInt8"),
            Column("rank", "UInt8"),
        ),
        ("tag", "at"), "rank", "toMonday(at)", keeping.raw_days,
        indexes=("INDEX at_span at TYPE minmax GRANULARITY 1",),
    )  # fmt: skip
    days = (keeping.minute_days, keeping.quarter_days, keeping.hour_days, keeping.day_days)
    rolled = [
        Table(
            name,
            (
                Column("tag", "UInt32"), Column("at", "DateTime('UTC')", "DoubleDelta, ZSTD(1)"),
                *(Column(each, "Float64", "Gorilla, ZSTD(1)") for each in ("low", "high", "mean", "last")),
                Column("good", "UInt32", "T64, ZSTD(1)"), Column("bad", "UInt32", "T64, ZSTD(1)"),
                # When it was worked out: the newest stands.
                Column("made_at", "DateTime64(3, 'UTC')", "DoubleDelta, ZSTD(1)"),
            ),
            ("tag", "at"), "made_at", "toYYYYMM(at)" if seconds < 86_400 else "toYear(at)", kept,
        )
        for (name, seconds), kept in zip(ROLLUPS.items(), days, strict=True)
    ]  # fmt: skip
    latest = Table(
        "latest",
        (
            Column("tag", "UInt32"), Column("at", "DateTime64(3, 'UTC')"), Column("value", "Float64"),
            Column("quality", "UInt8"), Column("flags", "UInt8"),
        ),
        ("tag",), "at", "", 0,
    )  # fmt: skip
    # Which minutes were written to since they were last rolled up; ``tag`` 0: by many tags. When, the store says: the
    # clocks of those who write differ, and a slow write is seen late.
    noted = Column("noted_at", "DateTime64(3, 'UTC')", default=" DEFAULT now64(3)")
    touched = Table(
        "touched",
        (Column("at", "DateTime('UTC')"), Column("tag", "UInt32"), noted),
        ("at", "tag", "noted_at"), "noted_at", "", 3, time="noted_at",
    )  # fmt: skip
    return [raw, *rolled, latest, touched]


def statements(keeping: Keeping) -> Iterator[str]:
    """What makes the tables on one server."""
    for table in tables(keeping):
        yield table.make(keeping)


def cluster_statements(keeping: Keeping, cluster: str) -> Iterator[str]:
    """What makes them on a cluster: replicated ones on each shard, and over them distributed ones under the plain name.

    Unproved: reviewed, never run.
    """
    if not cluster.replace("_", "").isalnum():
        raise ValueError(f"{cluster!r} is no name of a cluster")
    for table in tables(keeping):
        engine = f"ReplicatedReplacingMergeTree('/clickhouse/tables/{{shard}}/{table.name}', '{{replica}}'"
        local, on = f"{table.name}_local", f" ON CLUSTER {cluster}"
        yield table.make(keeping, engine=engine, name=local, on=on)
        yield (
            f"CREATE TABLE IF NOT EXISTS {table.name}{on} AS {local}\n"
            f"ENGINE = Distributed({cluster}, currentDatabase(), {local}, intHash32(tag))"
        )
