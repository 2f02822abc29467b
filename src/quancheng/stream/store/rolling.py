"""Roll-ups (汇总): each minute worked out from the readings that stand, each longer step from the shorter one.

A minute is worked out anew whenever something was written to it, so that late and doubled readings leave the same
figures as if they had come in time and once. Rows that were worked out before give way to newer ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from clickhouse_connect.driver.client import Client

from quancheng.stream.store.client import run
from quancheng.stream.store.schema import ROLLUPS

#: What was written so shortly ago may not be seen yet.
SETTLED_MS = 2_000
#: Minutes of one statement.
MOST_MINUTES = 60

_USABLE = "quality >= 64 AND quality != 68"
_MINUTE = f"""
INSERT INTO rollup_1m (tag, at, low, high, mean, last, good, bad, made_at)
SELECT tag, toStartOfMinute(at) AS minute, minIf(value, {_USABLE}), maxIf(value, {_USABLE}), avgIf(value, {_USABLE}),
  argMaxIf(value, at, {_USABLE}), countIf({_USABLE}), countIf(NOT ({_USABLE})), now64(3)
FROM readings FINAL
WHERE at >= toDateTime64({{begin:Int64}}, 3, 'UTC') AND at < toDateTime64({{end:Int64}}, 3, 'UTC')
  AND toUnixTimestamp(toStartOfMinute(at)) IN {{minutes:Array(UInt32)}}
  AND (empty({{tags:Array(UInt32)}}) OR tag IN {{tags:Array(UInt32)}})
GROUP BY tag, minute"""  # noqa: S608 - a condition of ours is put in
_LONGER = """
INSERT INTO {table} (tag, at, low, high, mean, last, good, bad, made_at)
SELECT tag, toStartOfInterval(at, INTERVAL {{step:UInt32}} SECOND, 'UTC') AS bucket, minIf(low, good > 0),
  maxIf(high, good > 0), sumIf(mean * good, good > 0) / sum(good), argMaxIf(last, at, good > 0), sum(good), sum(bad),
  now64(3)
FROM {source} FINAL
WHERE at >= toDateTime({{begin:Int64}}, 'UTC') AND at < toDateTime({{end:Int64}}, 'UTC')
  AND toUnixTimestamp(toStartOfInterval(at, INTERVAL {{step:UInt32}} SECOND, 'UTC')) IN {{buckets:Array(UInt32)}}
GROUP BY tag, bucket"""


class Roller:
    """Works roll-ups out; one at a time in the whole house.

    :param since_ms: up to when writes were rolled up; what was written after it is looked for.
    """

    def __init__(self, client: Client, *, since_ms: int) -> None:
        self.since_ms = since_ms
        self._client = client
        #: Minutes that were written to and have not ended; and by minute the tags of which something came late.
        self._open: set[int] = set()

    def roll(self, now_ms: int) -> int:
        """Roll up what was written until now; answers the minutes worked out. :raises StoreAway: nothing is lost."""
        until_ms = now_ms - SETTLED_MS
        if until_ms <= self.since_ms:
            return 0
        found = run(
            self._client.query,
            "SELECT toUnixTimestamp(at), groupUniqArray(tag) FROM touched WHERE noted_at > "
            "fromUnixTimestamp64Milli({since:Int64}) AND noted_at <= fromUnixTimestamp64Milli({until:Int64}) "
            "GROUP BY at",
            parameters={"since": self.since_ms, "until": until_ms},
        )
        whole, single = set(self._open), dict[int, set[int]]()
        for minute, tags in found.result_rows:
            if 0 in tags:
                whole.add(minute)
            else:
                single.setdefault(minute, set()).update(tags)
        ended = {minute for minute in whole if (minute + 60) * 1000 <= until_ms}
        late = {minute: tags for minute, tags in single.items() if minute not in whole}
        self._minutes(sorted(ended), [])
        for minute, tags in sorted(late.items()):
            self._minutes([minute], sorted(tags))
        self._longer(ended | late.keys())
        # Only now: where the store failed in between, all is done again.
        self._open, self.since_ms = whole - ended, until_ms
        return len(ended) + len(late)

    @property
    def resume_ms(self) -> int:
        """From where another run must look again: the oldest minute that has not ended began to be written after it."""
        return min([self.since_ms, *(minute * 1000 for minute in self._open)])

    def _minutes(self, minutes: list[int], tags: list[int]) -> None:
        for start in range(0, len(minutes), MOST_MINUTES):
            part = minutes[start : start + MOST_MINUTES]
            given = {"begin": part[0], "end": part[-1] + 60, "minutes": part, "tags": tags}
            run(self._client.command, _MINUTE, parameters=given)

    def _longer(self, minutes: Iterable[int]) -> None:
        touched = set(minutes)
        source = "rollup_1m"
        for table, step in list(ROLLUPS.items())[1:]:
            buckets = sorted({at // step * step for at in touched})
            for start in range(0, len(buckets), MOST_MINUTES):
                part = buckets[start : start + MOST_MINUTES]
                given = {"begin": part[0], "end": part[-1] + step, "buckets": part, "step": step}
                run(self._client.command, _LONGER.format(table=table, source=source), parameters=given)
            source = table
