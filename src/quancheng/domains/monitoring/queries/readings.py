"""Readings of tags from the store (监测数据): the last ones, and trends. What stands there belongs to a tag that the
caller got through its own query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from clickhouse_connect.driver.client import Client
from django.conf import settings

from quancheng.domains.monitoring.models import Tag
from quancheng.stream.store import client as store
from quancheng.stream.store.client import After, StoreAway, Trend
from quancheng.stream.store.times import moment

__all__ = ["After", "StoreAway", "Trend"]


@dataclass(frozen=True, slots=True)
class Last:
    """The newest reading of a tag."""

    at: datetime
    value: float
    quality: int
    flags: int


class Lasts(Mapping[int, Last]):
    """Newest readings by the numbers of their tags. They stay packed: of twenty thousand few are looked at."""

    def __init__(self, rows: store.Rows) -> None:
        self._rows = rows
        self._places = {number: place for place, number in enumerate(rows["tag"].tolist())}

    def __getitem__(self, number: int) -> Last:
        _tag, at, value, quality, flags = self._rows[self._places[number]].item()
        return Last(moment(at), value, quality, flags)

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def last_of(tags: Sequence[Tag]) -> Mapping[int, Last]:
    """The newest reading of each of these tags, by their numbers; none where there is none.

    :raises StoreAway: the store does not answer.
    """
    return Lasts(store.latest(telemetry(), [tag.number for tag in tags])) if tags else {}


def trends_of(tags: Sequence[Tag], *, begin: datetime, end: datetime) -> tuple[int, dict[int, Trend]]:
    """What tags told from ``begin`` to before ``end``, by steps of so many seconds (0: raw), by their numbers.

    :raises StoreAway: the store does not answer.
    """
    return store.trends(telemetry(), [tag.number for tag in tags], ms_of(begin), ms_of(end))


def page_of(
    tags: Sequence[Tag], *, begin: datetime, end: datetime, step_s: int | None, after: After | None, most: int,
    points: int,
) -> tuple[int, store.Rows]:  # fmt: skip
    """A page of what tags told, by number and time: raw readings, or steps of a roll-up; and seconds of a step.

    :param step_s: 0 for raw readings; None for the finest step by which no tag tells more than ``points``.
    :raises StoreAway: the store does not answer.
    """
    client, numbers = telemetry(), sorted(tag.number for tag in tags)
    if step_s is None:
        step_s = store.step_for(client, numbers, ms_of(begin), ms_of(end), points=points)
    if not step_s:
        return 0, store.raw(client, numbers, ms_of(begin), ms_of(end), after=after, most=most)
    return step_s, store.rolled(client, step_s, numbers, ms_of(begin), ms_of(end), after=after, most=most)


def ms_of(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)


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
