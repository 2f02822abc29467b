"""What processors write down, in PostgreSQL (处理器记录)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import close_old_connections, connection
from django.utils import timezone

from quancheng.domains.monitoring.services import processing
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.decoding import Aside, Rebirth
from quancheng.stream.processors.evaluation import NAMES, Change


def _kept(act: Callable[..., Any]) -> Callable[..., Any]:
    """Threads come and go: none leaves a connection behind, and none trusts one that died."""

    def done(*args: Any, **kwargs: Any) -> Any:
        close_old_connections()
        try:
            return act(*args, **kwargs)
        finally:
            connection.close()

    return done


class DatabaseKeeper:
    """The keeper of every processor outside tests. :param rebirth: asks an edge node to tell anew what it measures."""

    def __init__(self, rebirth: Callable[[Rebirth], None]) -> None:
        self._rebirth = rebirth

    @_kept
    def take_over(self, partition: int) -> tuple[int, int, bytes]:
        return processing.take_over(partition)

    @_kept
    def save_state(self, partition: int, epoch: int, seq: int, content: bytes) -> bool:
        return processing.save_state(partition, epoch, seq=seq, content=content, now=timezone.now())

    @_kept
    def alarms(self, book: Book, changes: Sequence[Change], late: Sequence[bool]) -> None:
        passed = []
        for one, is_late in zip(changes, late, strict=True):
            limit = float(book.limits.at[one.tag, one.limit])
            passed.append(
                processing.Passed(
                    int(book.numbers[one.tag]), NAMES[one.limit], one.is_raised, _moment(one.at_ms), one.value,
                    None if np.isnan(limit) else limit, is_late,
                )
            )  # fmt: skip
        processing.note_events(passed, now=timezone.now())

    @_kept
    def asides(self, asides: Sequence[Aside]) -> None:
        processing.keep_asides([
            processing.Unread(
                one.message.source, _moment(one.message.arrived_ms), one.message.form, one.message.topic, one.reason,
                one.key, one.detail, one.message.body,
            )
            for one in asides
        ])  # fmt: skip

    @_kept
    def unknown(self, unknown: dict[int, dict[str, int]]) -> None:
        processing.note_unknown(unknown)

    def rebirths(self, rebirths: Sequence[Rebirth]) -> None:
        for one in rebirths:
            self._rebirth(one)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
