"""Tags of the simulator's district for the benchmark of signals, each with every limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quancheng.domains.monitoring.models import Source, Tag
from quancheng.stream.simulator.district import plan_district
from quancheng.stream.simulator.site import Simulation


def make_tags(sources: Sequence[Source], *, tags: int, now: datetime, seed: int = 1) -> int:
    """Site ``n`` speaks through source ``n`` modulo their number, as the devices of ``signals_load`` do."""
    plans = plan_district(tags=tags, seed=seed)
    sites = {plan.code: place for place, plan in enumerate(plans)}
    rows = []
    for one in Simulation(plans, seed=seed, start_ms=0).tags:
        source = sources[sites[one.code.partition(".")[0]] % len(sources)]
        low, high = one.spec.span
        # Beyond what the site does by itself: a benchmark of readings, with an alarm now and then.
        wide = high - low
        limits = {"ll": low - 0.9 * wide, "l": low - 0.8 * wide, "h": high + 0.8 * wide, "hh": high + 0.9 * wide}
        delays = {"deadband": 0.01 * wide, "on_delay_s": 5, "off_delay_s": 5, "roc_limit": 1e9, "roc_window_s": 60}
        rows.append(_tag(source, one.code, now, range_lo=low - wide, range_hi=high + wide, **limits, **delays))
    Tag.objects.bulk_create(rows, batch_size=1_000)
    return len(rows)


def probe(source: Source, *, now: datetime) -> int:
    """One tag more, whose value the benchmark looks for; its number."""
    row = _tag(source, "PROBE", now, h=1e6)
    row.save()
    row.refresh_from_db()
    return row.number


def more_tags(count: int, *, now: datetime) -> int:
    """Tags until there are so many in the register, spread over the sources; how many there are then."""
    sources = list(Source.objects.select_related("file").order_by("number"))
    there = Tag.objects.count()
    limits = {"ll": 1, "l": 2, "h": 98, "hh": 99, "deadband": 1, "roc_limit": 10}
    rows = [_tag(sources[number % len(sources)], f"MORE.{number}", now, **limits) for number in range(there, count)]
    Tag.objects.bulk_create(rows, batch_size=1_000)
    return max(there, count)


def _tag(source: Source, code: str, now: datetime, **given: Any) -> Tag:
    scope = source.file.row_scope()
    return Tag(
        **scope, file=source.file, source=source, code=code, key=code, name=code, kind="level", unit="mm",
        created_at=now, **given,
    )  # fmt: skip
