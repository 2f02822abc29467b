"""A small judge of limits for these tests: when does a series of samples raise an alarm."""

from __future__ import annotations

import math
from collections.abc import Iterable

from quancheng.stream.simulator.site import Sample
from quancheng.stream.simulator.tags import TagSpec

Series = list[tuple[int, float]]


def series_of(samples: Iterable[Sample]) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for sample in samples:
        found.setdefault(sample.code, []).append((sample.at_ms, sample.value))
    return found


def raised_ms(series: Series, spec: TagSpec, alarm: str, when: Series | None = None) -> int | None:
    """When the condition has held for the on-delay; None: never.

    Measured values raise at a sample; contacts stand between samples, so they raise when the delay is over.
    """
    limit = spec.limit(alarm)
    assert limit is not None, f"{spec.row} has no {alarm}"
    delay_ms = round(spec.on_delay_s * 1000)
    events = sorted([(at, 1, value) for at, value in series] + [(at, 0, value) for at, value in when or []])
    since: int | None = None
    value, stands = math.nan, when is None
    for at_ms, is_value, now in events:
        if since is not None and spec.mode == "change" and at_ms - since >= delay_ms:
            return since + delay_ms
        value, stands = (now, stands) if is_value else (value, now == 1)
        if alarm == "BOOL":
            beyond = value == limit.at
        else:
            beyond = value >= limit.at if alarm in ("H", "HH") else value <= limit.at
        if not (beyond and stands):
            since = None
            continue
        since = at_ms if since is None else since
        if is_value and spec.mode != "change" and at_ms - since >= delay_ms:
            return at_ms
    return None
