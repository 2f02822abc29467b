"""The register of tags as processors read it: those of its partitions, with what their sources call them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np

from quancheng.domains.monitoring.models import PartnerRole, TagStatus
from quancheng.domains.monitoring.queries.tags import KnownTag, known_tags, register_marks
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.alarms import TRAVEL_FACTOR
from quancheng.stream.envelope import partition_of
from quancheng.stream.processors.book import GOOD, NOT_ACCURATE, TagRow

#: Whoever tells changes alone says so often that nothing has changed (1.5).
HEARTBEAT_MS = 30_000
#: Enterprises that are asked for one by one; of more all tags are read.
_MANY = 200
#: Detectors and interlocks wait no longer than so many seconds for readings that were overtaken (3.8).
URGENT, URGENT_S = ("flammable", "toxic", "oxygen", "discrete"), 2


class Register:
    """The register for all partitions of a process, from any thread: read anew only of the enterprises of which
    something changed, since a district has a hundred thousand tags and few of them change.

    :param count: of partitions. :param fresh_s: what was looked at so lately is not looked at again.
    """

    def __init__(self, count: int, *, fresh_s: float = 1.0) -> None:
        self._count, self._fresh_s = count, fresh_s
        self._looking = threading.Lock()
        self._looked = float("-inf")
        self._today: date | None = None
        self._marks: dict[UUID, tuple[int, int]] = {}
        self._known: dict[UUID, list[TagRow]] = {}
        self._rows: dict[int, Sequence[TagRow]] = {}

    def rows(self, partition: int, *, now: datetime) -> Sequence[TagRow]:
        """Tags of a partition, as they stand now; the very same sequence as before where nothing changed."""
        with self._looking:
            if time.monotonic() - self._looked >= self._fresh_s:
                self._look(Calendar().local_date(now))
                self._looked = time.monotonic()
            return self._rows.get(partition, ())

    def _look(self, today: date) -> None:
        # What changes after the marks were read is read with the rows, and its other mark is found the next time.
        marks = register_marks()
        changed = {file for file in {*marks, *self._marks} if marks.get(file) != self._marks.get(file)}
        if today != self._today:
            changed |= set(marks)
        if not changed:
            return
        found: dict[UUID, list[TagRow]] = {}
        for tag in known_tags(today=today, enterprises=None if len(changed) > _MANY else changed):
            if tag.enterprise in changed:
                found.setdefault(tag.enterprise, []).append(_row(tag))
        known = {file: rows for file, rows in self._known.items() if file not in changed} | found
        renewed: dict[int, list[TagRow]] = {partition_of(file, self._count): [] for file in changed}
        for file, rows in known.items():
            mine = renewed.get(partition_of(file, self._count))
            if mine is not None:
                mine += rows
        self._known, self._rows = known, self._rows | renewed
        self._marks, self._today = marks, today


def _row(tag: KnownTag) -> TagRow:
    return TagRow(
        number=tag.number, enterprise=tag.enterprise, source=tag.source,
        keys=(tag.key,) if tag.key else (tag.code,), is_judged=tag.status != TagStatus.FOUND,
        is_in_service=tag.status != TagStatus.SERVICE, scale=tag.scale, shift=tag.shift,
        range_lo=_number(tag.range_lo), range_hi=_number(tag.range_hi),
        limits=(_number(tag.limits[0]), _number(tag.limits[1]), _number(tag.limits[2]), _number(tag.limits[3])),
        deadband=tag.deadband, on_delay_ms=round(tag.on_delay_s * 1000), off_delay_ms=round(tag.off_delay_s * 1000),
        stale_ms=_stale_ms(tag), cap=GOOD if tag.is_calibrated else NOT_ACCURATE,
        roc_limit=_number(tag.roc_limit), roc_window_ms=tag.roc_window_s * 1000,
        flat_after_ms=(tag.flat_after_s or 0) * 1000, flat_within=tag.flat_within or 0.0,
        is_by_exception=tag.is_by_exception,
        partner=tag.partner or 0, **_pair(tag),
        wait_ms=min(tag.reorder_s, URGENT_S if tag.kind in URGENT else tag.reorder_s) * 1000,
    )  # fmt: skip


def _pair(tag: KnownTag) -> dict[str, Any]:
    if tag.partner_as == PartnerRole.COMMAND:
        after_ms = round(TRAVEL_FACTOR * (tag.travel_s or 0.0) * 1000)
        return {"apart": 0.0, "apart_ms": after_ms, "is_command": True}
    return {"apart": _number(tag.apart_limit), "apart_ms": round(tag.apart_delay_s * 1000)}


def _stale_ms(tag: KnownTag) -> int:
    """After how long it is missed, 0: never. One that tells changes alone is not missed before three of the heartbeats
    between them."""
    if tag.is_by_exception and tag.stale_after_s:
        return max(tag.stale_after_s * 1000, 3 * HEARTBEAT_MS)
    return tag.stale_after_s * 1000


def _number(value: float | None) -> float:
    return np.nan if value is None else value
