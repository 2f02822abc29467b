"""What the doors of one gateway process share (接入台): who may send, how much, and where it goes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from quancheng.stream.envelope import Received, partition_of
from quancheng.stream.gateways.grants import Book, Grant
from quancheng.stream.gateways.mqtt.limits import PATIENCE_S, Meter, day_of
from quancheng.stream.gateways.mqtt.watch import Watch

if TYPE_CHECKING:
    from quancheng.stream.gateways.sharing import Sharing

#: Takes what is not kept, with the reason; it must not wait and must not raise.
Aside = Callable[[Received, str], None]


class Keeper(Protocol):
    """What a door needs of :class:`quancheng.stream.messages.Publisher`."""

    def add(self, partition: int, message: Received) -> asyncio.Future[None]: ...


class Desk:
    """The inner side of every door. A source has one meter, through whichever doors it comes.

    :param book: who may send; the caller keeps it fresh.
    :param keeper: a publisher; it belongs to the caller, who closes it after the doors.
    :param patience_s: see :class:`~quancheng.stream.gateways.mqtt.limits.Meter`.
    """

    def __init__(
        self, book: Book, keeper: Keeper, *, partitions: int, aside: Aside, watch: Watch,
        patience_s: float = PATIENCE_S,
    ) -> None:  # fmt: skip
        self.book, self.watch = book, watch
        self._keeper = keeper
        self._partitions = partitions
        self._aside = aside
        self._patience_s = patience_s
        self._meters: dict[int, Meter] = {}
        #: What other processes tell; None: this one is alone.
        self.sharing: Sharing | None = None

    def meter(self, grant: Grant, now: float) -> Meter:
        """The meter of a source, by its limits of today. :param now: of a clock that only goes forward."""
        meter = self._meters.get(grant.source)
        if meter is None:
            meter = self._meters[grant.source] = Meter(grant, now, patience_s=self._patience_s)
            if self.sharing is not None:
                day = day_of(time.time())
                meter.note_elsewhere(day, self.sharing.used(grant.source, day), is_news=False)
        else:
            meter.renew(grant, now)
        return meter

    def used(self, day: int) -> dict[int, int]:
        """Points of a day that each source sent through this process."""
        return {source: used for source, meter in self._meters.items() if (used := meter.used(day))}

    def note_elsewhere(self, source: int, day: int, used: int, *, others: int) -> None:
        """So many points of a day came through other processes. :param others: how many of them have the source now."""
        if source in self._meters:
            self._meters[source].note_elsewhere(day, used, others=others)

    def publish(self, grant: Grant, message: Received, points: int) -> asyncio.Future[None]:
        """Hand a message to the stream; the future ends when it is kept, or with ``NotKept``."""
        self.watch.arrived(message, points)
        return self._keeper.add(partition_of(grant.enterprise, self._partitions), message)

    def put_aside(self, message: Received, reason: str) -> None:
        """Keep what cannot be read or is too much apart, and count it."""
        self.watch.rejected(message.source, reason)
        self._aside(message, reason)
