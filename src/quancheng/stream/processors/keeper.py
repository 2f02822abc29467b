"""What processors write down, in PostgreSQL (处理器记录)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from django.utils import timezone

from quancheng.domains.monitoring.services import processing
from quancheng.domains.monitoring.services.backfill import PastPassed
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.decoding import Rebirth
from quancheng.stream.processors.evaluation import NAMES
from quancheng.stream.processors.storing import Place, Step
from quancheng.stream.store.times import moment
from quancheng.stream.threads import kept


class DatabaseKeeper:
    """The keeper of every processor outside tests.

    :param rebirth: asks an edge node to tell anew what it measures. :param changed: hears that limits did something.
    """

    def __init__(self, rebirth: Callable[[Rebirth], None], changed: Callable[[], None] = lambda: None) -> None:
        self._rebirth, self._changed = rebirth, changed

    @kept
    def take_over(self, partition: int) -> Place:
        done = processing.take_over(partition)
        return Place(done.epoch, done.stream, done.seq, done.content)

    @kept
    def tell(self, partition: int, place: Place, step: Step, book: Book) -> bool:
        passed = [
            processing.Passed(
                int(book.numbers[one.tag]), NAMES[one.limit], one.is_raised, moment(one.at_ms), one.value,
                None if np.isnan(one.bound) else one.bound, is_late,
            )
            for one, is_late in zip(step.changes, step.late, strict=True)
        ]  # fmt: skip
        is_mine = processing.write_down(
            partition, _done(place), passed=passed, past=_past(step, book), splits=_splits(step, book),
            now=timezone.now(),
        )  # fmt: skip
        if is_mine:
            self._changed()
        return is_mine

    @kept
    def finish(self, partition: int, place: Place, step: Step, book: Book) -> bool:
        unread = [
            processing.Unread(
                one.message.source, moment(one.message.arrived_ms), one.message.form, one.message.topic, one.reason,
                one.key, one.detail, one.message.body if one.is_first else b"",
            )
            for one in step.decoded.asides
        ]  # fmt: skip
        return processing.write_down(
            partition, _done(place), unread=unread, unknown=step.decoded.unknown, past=_past(step, book),
            splits=_splits(step, book), now=timezone.now(),
        )  # fmt: skip

    def rebirths(self, rebirths: Sequence[Rebirth]) -> None:
        for one in rebirths:
            self._rebirth(one)


def _done(place: Place) -> processing.Done:
    return processing.Done(place.epoch, place.stream, place.seq, place.content)


def _past(step: Step, book: Book) -> list[PastPassed]:
    return [
        PastPassed(
            int(book.numbers[one.tag]), NAMES[one.limit], one.is_raised, moment(one.at_ms), one.value, one.bound
        )
        for one in step.past
    ]  # fmt: skip


def _splits(step: Step, book: Book) -> list[processing.Split]:
    return [
        processing.Split(
            int(book.numbers[one.tag]), int(book.numbers[one.partner]),
            None if one.since_ms is None else moment(one.since_ms), one.apart_ms,
        )
        for one in step.splits
    ]  # fmt: skip
