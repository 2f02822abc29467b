"""How the signal flow runs (运行监视), for operators: no business content, and in no scope."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from quancheng.domains.monitoring.models import (
    AsideMessage,
    HouseTrouble,
    PartitionState,
    ProcessFigure,
    Source,
    UnknownKey,
)
from quancheng.domains.monitoring.queries import readings
from quancheng.kernel.people.models import Membership
from quancheng.stream.store.client import run

#: Who told nothing for longer is not there.
FRESH = timedelta(seconds=60)
#: The roll-ups are kept like a partition of their own.
ROLLUPS = 32_000
#: What time does to alarms is kept by one process, like a partition of its own.
ALARMS = 32_001
MOST_SOURCES = 50


def operators(duty: str) -> list[uuid.UUID]:
    """Everybody who keeps the platform running."""
    places = Membership.objects.current().filter(roles__duties__contains=[duty])
    return sorted(set(places.values_list("user_id", flat=True)))


def fresh_figures(name: str, now: datetime) -> list[ProcessFigure]:
    """What each process of a name that is there told last."""
    return list(ProcessFigure.objects.filter(name=name, noted_at__gt=now - FRESH).order_by("machine", "pid"))


def lag_ms(process: ProcessFigure) -> int:
    """How long readings wait at most in a process."""
    return max((int(one.get("lag_ms", 0)) for one in process.figures.get("partitions", {}).values()), default=0)


def is_owned(processes: Sequence[ProcessFigure]) -> dict[int, bool]:
    """Of each partition, that of the roll-ups too, whether a process holds it."""
    held = {int(number) for one in processes for number in one.figures.get("partitions", {})}
    count = max((int(one.figures.get("count", 0)) for one in processes), default=0)
    return {number: number in held for number in (*range(count), ROLLUPS, ALARMS)}


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition as the records and its owner tell it. ``owner``: machine and pid; empty: nobody."""

    number: int
    owner: str
    epoch: int
    seq: int
    saved_at: datetime | None
    lag_s: float | None
    waiting: int | None
    readings: int | None

    @property
    def is_rollups(self) -> bool:
        return self.number == ROLLUPS

    @property
    def is_alarms(self) -> bool:
        return self.number == ALARMS


@dataclass(frozen=True, slots=True)
class StoreTable:
    """A table of the store: rows, parts and bytes on the disk."""

    name: str
    rows: int
    parts: int
    bytes: int


def partitions(processes: Sequence[ProcessFigure]) -> list[Partition]:
    """Every partition that is known, with who works on it."""
    told: dict[int, tuple[str, dict[str, Any]]] = {
        int(number): (f"{one.machine}:{one.pid}", known)
        for one in processes
        for number, known in one.figures.get("partitions", {}).items()
    }
    states = {row.partition: row for row in PartitionState.objects.defer("content").order_by("partition")}
    found = []
    for number in sorted({*told, *states, *is_owned(processes)}):
        owner, known = told.get(number, ("", {}))
        state = states.get(number)
        lag = known.get("lag_ms")
        found.append(Partition(
            number, owner, state.epoch if state else 0, state.seq if state else 0, state.saved_at if state else None,
            None if lag is None else lag / 1000, known.get("waiting"), known.get("readings"),
        ))  # fmt: skip
    return found


def processes_told() -> QuerySet[ProcessFigure]:
    """What every process told last, those of today and those that fell silent."""
    return ProcessFigure.objects.exclude(name="clock").order_by("name", "machine", "pid")


def store_tables() -> list[StoreTable]:
    """Tables of the store. :raises StoreAway: it does not answer."""
    if not settings.TELEMETRY_URL:
        raise readings.StoreAway("no address")
    found = run(
        readings.telemetry().query,
        "SELECT table, sum(rows), count(), sum(bytes_on_disk) FROM system.parts "
        "WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table",
    )
    return [StoreTable(str(name), int(rows), int(parts), int(size)) for name, rows, parts, size in found.result_rows]


def troublesome_sources() -> list[Source]:
    """Sources with ``aside_count`` and ``unknown_count``, those with most messages put aside first."""
    asides = AsideMessage.objects.filter(source=OuterRef("pk")).order_by().values("source")
    names = UnknownKey.objects.filter(source=OuterRef("pk")).order_by().values("source")
    rows: QuerySet[Any] = Source.objects.filter(state__last_at__isnull=False).select_related("state")
    rows = rows.annotate(
        aside_count=Coalesce(Subquery(asides.annotate(number=Count("pk")).values("number")), 0),
        unknown_count=Coalesce(Subquery(names.annotate(number=Sum("count")).values("number")), 0),
    )
    return list(rows.order_by("-aside_count", "-unknown_count", "pk")[:MOST_SOURCES])


def troubles(limit: int = 50) -> list[HouseTrouble]:
    """What was and is wrong with the platform, the newest first."""
    return list(HouseTrouble.objects.order_by("-began_at", "-pk")[:limit])
