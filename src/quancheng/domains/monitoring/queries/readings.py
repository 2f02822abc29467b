"""Readings of tags from the store (监测数据): the last ones, and trends. What stands there belongs to a tag that the
caller got through its own query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from clickhouse_connect.driver.client import Client
from django.conf import settings

from quancheng.domains.monitoring.models import Tag
from quancheng.stream.store import client as store
from quancheng.stream.store.client import StoreAway, Trend
from quancheng.stream.store.times import moment

__all__ = ["StoreAway", "Trend"]


@dataclass(frozen=True, slots=True)
class Last:
    """The newest reading of a tag."""

    at: datetime
    value: float
    quality: int
    flags: int


def last_of(tags: Sequence[Tag]) -> dict[int, Last]:
    """The newest reading of each of these tags, by their numbers; none where there is none.

    :raises StoreAway: the store does not answer.
    """
    if not tags:
        return {}
    rows = store.latest(telemetry(), [tag.number for tag in tags])
    return {
        int(row["tag"]): Last(moment(int(row["at"])), float(row["value"]), int(row["quality"]), int(row["flags"]))
        for row in rows
    }


def trend_of(tag: Tag, *, begin: datetime, end: datetime) -> Trend:
    """What a tag told from ``begin`` to before ``end``. :raises StoreAway: the store does not answer."""
    return store.trend(telemetry(), tag.number, int(begin.timestamp() * 1000), int(end.timestamp() * 1000))


@cache
def _client_of(url: str) -> Client:
    client = store.connect(url, timeout_s=10)
    store.ensure_tables(client)
    return client


def telemetry() -> Client:
    """A client of the store with its tables. :raises StoreAway: the store does not answer."""
    if not settings.TELEMETRY_URL:
        raise StoreAway("no address")
    return _client_of(settings.TELEMETRY_URL)
