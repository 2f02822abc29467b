"""The store's tables: one reading a moment, the better one; the same written again changes nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest
from clickhouse_connect.driver.client import Client

from quancheng.stream.store import client as store
from quancheng.stream.store.rolling import Roller, bucket_of
from quancheng.stream.store.schema import Keeping, cluster_statements, statements

#: Yesterday at a full hour, so that the next minute is in the same quarter, hour and day: what is older than the store
#: keeps goes by itself.
NOON = (int(time.time()) // 3600 - 24) * 3_600_000


@pytest.fixture
def client(telemetry_url: str) -> Client:
    made = store.connect(telemetry_url)
    store.ensure_tables(made)
    store.ensure_tables(made)
    return made


def readings(*rows: tuple[int, int, float, int]) -> store.Rows:
    """Of tag, milliseconds after noon, value, quality."""
    return np.array(
        [(tag, NOON + after, value, quality, 0, quality >> 6) for tag, after, value, quality in rows],
        dtype=store.READING,
    )  # fmt: skip


def test_of_one_moment_the_better_reading_stands_whatever_came_first(client: Client) -> None:
    good, bad = (7, 0, 20.5, 192), (7, 0, 99.0, 4)
    for first, second in ((good, bad), (bad, good)):
        store.write(client, "readings", readings(first))
        store.write(client, "readings", readings(second, (8, 5, 1.0, 192)))
        rows = store.raw(client, [7], NOON, NOON + 1)
        assert [(row["value"], row["quality"]) for row in rows] == [(20.5, 192)]
        client.command("TRUNCATE TABLE readings")


def test_the_same_rows_again_change_nothing(client: Client) -> None:
    rows = readings(*((tag, 1000 * number, float(number), 192) for tag in (1, 2) for number in range(100)))
    for _time in range(3):
        store.write(client, "readings", rows)
    store.write(client, "readings", rows)
    assert len(store.raw(client, [1, 2], NOON, NOON + 100_000)) == 200
    store.write(client, "readings", rows[:0])


def test_the_last_value_of_each_tag_is_the_newest_not_the_last_written(client: Client) -> None:
    for after, value in ((5000, 5.0), (9000, 9.0), (7000, 7.0)):
        row = np.array([(3, NOON + after, value, 192, 0)], dtype=store.LATEST)
        store.write(client, "latest", row)
    (found,) = store.latest(client, [3, 4])
    assert (found["at"], found["value"]) == (NOON + 9000, 9.0)


def test_a_trend_shows_raw_readings_where_there_is_room(client: Client) -> None:
    store.write(client, "readings", readings((1, 0, 1.0, 192), (1, 1000, 2.0, 4), (1, 2000, 3.0, 192)))
    step_s, shown = store.trends(client, [1, 2], NOON, NOON + 60_000)
    assert (list(shown[1].last), list(shown[2].last), step_s) == ([1.0, 3.0], [], 0)
    assert store.trends(client, [1], NOON, NOON + 60_000, points=2)[0] == 60
    assert store.trends(client, [1], NOON, NOON + 90 * 86_400_000)[0] == 86_400


def test_readings_are_paged_by_tag_and_time(client: Client) -> None:
    store.write(client, "readings", readings(*((tag, at, 1.0, 192) for tag in (1, 2) for at in range(0, 5000, 1000))))
    found, after = [], None
    while len(rows := store.raw(client, [1, 2], NOON, NOON + 4000, after=after, most=3)):
        found += [(int(row["tag"]), int(row["at"]) - NOON) for row in rows]
        after = int(rows[-1]["tag"]), int(rows[-1]["at"])
    assert found == [(tag, at) for tag in (1, 2) for at in range(0, 4000, 1000)]


def test_an_unknown_table_is_a_store_that_refuses(client: Client) -> None:
    with pytest.raises(store.StoreAway):
        store.write(client, "nothing", readings((1, 0, 1.0, 192)))


def test_a_cluster_gets_the_same_tables_replicated_and_distributed() -> None:
    cold = Keeping(cold_after_days=30, cold_volume="cold")
    made = list(cluster_statements(cold, "district"))
    assert len(made) == 2 * len(list(statements(cold)))
    assert "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/readings', '{replica}', rank)" in made[0]
    assert "TO VOLUME 'cold'" in made[0]
    assert "Distributed(district, currentDatabase(), readings_local, intHash32(tag))" in made[1]
    with pytest.raises(ValueError, match="no name"):
        list(cluster_statements(cold, "x; DROP"))


def minutes(client: Client, table: str) -> list[tuple[float, ...]]:
    """Tag, seconds after noon, low, high, mean, last, good, bad."""
    found = client.query(
        "SELECT tag, toUnixTimestamp(at), low, high, mean, last, good, bad FROM {table:Identifier} FINAL "
        "ORDER BY tag, at", parameters={"table": table},
    )  # fmt: skip
    return [(row[0], row[1] - NOON // 1000, *row[2:]) for row in found.result_rows]


def touch(client: Client, after_s: int, tag: int, noted_ms: int) -> None:
    client.command(
        f"INSERT INTO touched VALUES ({NOON // 1000 + after_s}, {tag}, fromUnixTimestamp64Milli({noted_ms}))"
    )


def test_a_minute_is_rolled_up_when_it_has_ended_and_again_when_something_came_late(client: Client) -> None:
    store.write(client, "readings", readings((1, 0, 10.0, 192), (1, 30_000, 20.0, 192), (1, 40_000, 99.0, 4)))
    store.write(client, "readings", readings((1, 70_000, 50.0, 192), (2, 0, 5.0, 192)))
    roller = Roller(client, since_ms=NOON - 1000)
    touch(client, 0, 0, NOON + 40_000)
    touch(client, 60, 0, NOON + 70_000)
    assert roller.roll(NOON + 75_000) == 1
    assert minutes(client, "rollup_1m") == [(1, 0, 10, 20, 15, 20, 2, 1), (2, 0, 5, 5, 5, 5, 1, 0)]
    assert roller.resume_ms < NOON + 70_000
    assert roller.roll(NOON + 130_000) == 1
    # A reading that comes late, and one of before that comes twice, leave the same as in time and once.
    store.write(client, "readings", readings((1, 10_000, 60.0, 192), (1, 30_000, 20.0, 192)))
    touch(client, 0, 1, NOON + 140_000)
    assert roller.roll(NOON + 150_000) == 1
    assert minutes(client, "rollup_1m")[0] == (1, 0, 10, 60, 30, 20, 3, 1)
    for table in ("rollup_15m", "rollup_1h", "rollup_1d"):
        first = minutes(client, table)[0]
        assert (first[0], first[2:]) == (1, (10, 60, 35, 50, 4, 1))
    roller.roll(NOON + 200_000)
    assert roller.roll(NOON + 260_000) == 0
    step_s, far = store.trends(client, [1], NOON - 10 * 86_400_000, NOON + 10 * 86_400_000)
    assert (step_s, list(far[1].high)) == (3_600, [60.0])
    (hour,) = store.rolled(client, 3_600, [1], NOON, NOON + 1)
    assert (int(hour["at"]), int(hour["good"]), int(hour["bad"])) == (NOON // 3_600_000 * 3_600_000, 4, 1)


def test_a_thousand_tags_are_asked_for_and_rolled_up_at_once(client: Client) -> None:
    tags = list(range(1, 1_501))
    store.write(client, "readings", readings(*((tag, 0, float(tag), 192) for tag in tags)))
    rows = np.array([(tag, NOON, float(tag), 192, 0) for tag in tags], dtype=store.LATEST)
    store.write(client, "latest", rows)
    assert len(store.latest(client, tags)) == len(store.raw(client, tags, NOON, NOON + 1)) == 1_500
    assert len(store.latest(client, [])) == 0
    store.write(client, "touched", np.array([(NOON // 1000, tag) for tag in tags], dtype=store.TOUCHED))
    roller = Roller(client, since_ms=int(time.time() * 1000) - 60_000)
    time.sleep(0.01)
    assert roller.roll(int(time.time() * 1000) + 5_000) == 1
    assert len(minutes(client, "rollup_1m")) == 1_500


def test_a_day_begins_at_the_districts_midnight() -> None:
    assert bucket_of(1_781_487_000, 86_400) == 1_781_452_800  # 2026-06-15 09:30 +08:00 belongs to the day of 00:00
    assert bucket_of(1_781_487_000, 3_600) == 1_781_485_200
