"""Roll-ups (汇总): each minute worked out from the readings that stand, each longer step from the shorter one.

A minute is worked out anew whenever something was written to it, so that late and doubled readings leave the same
figures as if they had come in time and once. Rows that were worked out before give way to newer ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from clickhouse_connect.driver.client import Client

from quancheng.stream.store.client import among, run
from quancheng.stream.store.schema import ROLLUPS, bucket_of

#: What was written so shortly ago may not be seen yet; and what a slow write noted before the last look is seen now.
SETTLED_MS, OVERLAP_MS = 2_000, 30_000
#: Of a minute in which more tags than this came late, all are worked out.
MOST_TAGS = 2_000
#: Minutes of one statement.
MOST_MINUTES = 60

_USABLE = "quality >= 64 AND bitAnd(quality, 252) != 68"
_MINUTE = f"""
INSERT INTO rollup_1m (tag, at, low, high, mean, last, good, bad, made_at)
SELECT tag, toStartOfMinute(at) AS minute, minIf(value, {_USABLE}), maxIf(value, {_USABLE}), avgIf(value, {_USABLE}),
  argMaxIf(value, at, {_USABLE}), countIf({_USABLE}), countIf(NOT ({_USABLE})), now64(3)
FROM readings FINAL
WHERE at >= toDateTime64({{begin}}, 3, 'UTC') AND at < toDateTime64({{end}}, 3, 'UTC')
  AND toUnixTimestamp(toStartOfMinute(at)) IN ({{minutes}})
  AND {{tags}}
GROUP BY tag, minute"""  # noqa: S608 - a condition of ours is put in
_LONGER = """
INSERT INTO {table} (tag, at, low, high, mean, last, good, bad, made_at)
SELECT tag, {bucket} AS bucket, minIf(low, good > 0),
  maxIf(high, good > 0), sumIf(mean * good, good > 0) / sum(good), argMaxIf(last, at, good > 0), sum(good), sum(bad),
  now64(3)
FROM {source} FINAL
WHERE at >= toDateTime({begin}, 'UTC') AND at < toDateTime({end}, 'UTC')
  AND toUnixTimestamp({bucket}) IN ({buckets})
GROUP BY tag, bucket"""


class Roller:
    """Works roll-ups out; one at a time in the whole house.

    :param since_ms: up to when writes were rolled up; what was written after it is looked for.
    """

    def __init__(self, client: Client, *, since_ms: int) -> None:
        self.since_ms = since_ms
        self._client = client
        #: Minutes that were written to and have not ended, with when that was first noted.
        self._open: dict[int, int] = {}

    def roll(self, now_ms: int) -> int:
        """Roll up what was written until now; answers the minutes worked out. :raises StoreAway: nothing is lost."""
        until_ms = now_ms - SETTLED_MS
        if until_ms <= self.since_ms:
            return 0
        found = run(
            self._client.query,
            "SELECT toUnixTimestamp(at), groupUniqArray(tag), toUnixTimestamp64Milli(min(noted_at)) "  # noqa: S608
            f"FROM touched WHERE noted_at > fromUnixTimestamp64Milli({self.since_ms - OVERLAP_MS}) "
            f"AND noted_at <= fromUnixTimestamp64Milli({until_ms}) GROUP BY at",
        )
        whole, single = dict(self._open), dict[int, set[int]]()
        for minute, tags, noted_ms in found.result_rows:
            if 0 in tags or len(tags) > MOST_TAGS:
                whole.setdefault(minute, noted_ms)
            else:
                single.setdefault(minute, set()).update(tags)
        ended = {minute for minute in whole if (minute + 60) * 1000 <= until_ms}
        late = {minute: tags for minute, tags in single.items() if minute not in whole}
        self._minutes(sorted(ended), [])
        for minute, tags in sorted(late.items()):
            self._minutes([minute], sorted(tags))
        self._longer(ended | late.keys())
        # Only now: where the store failed in between, all is done again.
        self._open = {minute: noted_ms for minute, noted_ms in whole.items() if minute not in ended}
        self.since_ms = until_ms
        return len(ended) + len(late)

    @property
    def resume_ms(self) -> int:
        """From where another run must look again: before the first note of a minute that has not ended."""
        return min([self.since_ms, *(noted_ms - 1 for noted_ms in self._open.values())])

    def _minutes(self, minutes: list[int], tags: list[int]) -> None:
        for start in range(0, len(minutes), MOST_MINUTES):
            part = minutes[start : start + MOST_MINUTES]
            condition = among(tags) if tags else "1"
            text = ", ".join(map(str, part))
            run(self._client.command, _MINUTE.format(begin=part[0], end=part[-1] + 60, minutes=text, tags=condition))

    def _longer(self, minutes: Iterable[int]) -> None:
        touched = set(minutes)
        source = "rollup_1m"
        for table, step in list(ROLLUPS.items())[1:]:
            buckets = sorted({bucket_of(at, step) for at in touched})
            for start in range(0, len(buckets), MOST_MINUTES):
                part = buckets[start : start + MOST_MINUTES]
                run(self._client.command, _LONGER.format(
                    table=table, source=source, begin=part[0], end=part[-1] + step, bucket=_bucket(step),
                    buckets=", ".join(map(str, part)),
                ))  # fmt: skip
            source = table


def _bucket(step_s: int) -> str:
    """The same as :func:`bucket_of`, for the store."""
    if step_s >= 86_400:
        return "toStartOfDay(at + INTERVAL 8 HOUR, 'UTC') - INTERVAL 8 HOUR"
    return f"toStartOfInterval(at, INTERVAL {step_s} SECOND, 'UTC')"
