"""Minutes for which tags told something usable (有效分钟), from the store's roll-ups of a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from quancheng.domains.monitoring.queries.readings import telemetry
from quancheng.standards.signals.online import Bools
from quancheng.stream.store.client import among, packed, run
from quancheng.stream.store.times import moment

_MINUTE = np.dtype([("tag", "<u4"), ("at", "<u4")])


def told(tags: Sequence[int], begin: datetime, minutes: int) -> Bools:
    """Tags by minutes from ``begin`` on: true where a usable value came.

    :raises StoreAway: the store does not answer.
    """
    found = np.zeros((len(tags), minutes), bool)
    if not tags or minutes <= 0:
        return found
    start = int(begin.timestamp())
    rows = packed(
        telemetry(), _MINUTE,
        f"SELECT tag, toUnixTimestamp(at) FROM rollup_1m FINAL WHERE {among(tags)} AND good > 0 "  # noqa: S608
        f"AND at >= toDateTime({start}, 'UTC') AND at < toDateTime({start + 60 * minutes}, 'UTC')",
    )  # fmt: skip
    numbers = np.array(tags, np.int64)
    order = np.argsort(numbers)
    place = order[np.searchsorted(numbers[order], rows["tag"].astype(np.int64))]
    found[place, (rows["at"].astype(np.int64) - start) // 60] = True
    return found


def last_told(since: datetime, tags: Sequence[int] | None = None) -> dict[int, datetime]:
    """The end of the last minute since ``since`` in which each tag told something usable: of all tags, or of these.

    :raises StoreAway: the store does not answer.
    """
    if tags is not None and not tags:
        return {}
    condition = "1" if tags is None else among(tags)
    found = run(
        telemetry().query,
        "SELECT tag, toUnixTimestamp(max(at)) FROM rollup_1m WHERE good > 0 "  # noqa: S608 - whole numbers
        f"AND at >= toDateTime({int(since.timestamp())}, 'UTC') AND {condition} GROUP BY tag",
    )
    return {int(tag): moment((int(at) + 60) * 1000) for tag, at in found.result_rows}
