"""Who is here and what came (接入概况): counted in memory, handed on every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from quancheng.standards.signals import hj212
from quancheng.stream.envelope import Received

log = logging.getLogger(__name__)
FLUSH_S = 2.0
#: Clocks are guessed from so many messages of a source between two reports.
_CLOCK_SAMPLES = 8
_QN = re.compile(rb"QN=(\d{17})(?!\d)")
_TS = re.compile(rb'"ts"\s*:\s*(\d{13})(?!\d)')


@dataclass(frozen=True, slots=True)
class Report:
    """What changed at one source since the last report that was taken. Times are milliseconds since 1970, UTC."""

    source: int
    #: Connections that it has now.
    connections: int
    #: When it last came or went, and when its last message arrived; since the gateway began, ``None`` before.
    came_ms: int | None
    gone_ms: int | None
    last_message_ms: int | None
    #: Messages passed to the stream, and their sizes; points are the estimate by which the source is limited.
    messages: int
    bytes: int
    points: int
    #: Messages that were put aside, by reason, and those that the stream did not take (``not_kept``).
    rejected: dict[str, int]
    #: Our clock minus the source's, with the delay of transport: the least of some messages; ``None``: no guess.
    clock_ms: int | None


Flush = Callable[[Sequence[Report]], Awaitable[None]]


@dataclass(slots=True)
class _Entry:
    connections: int = 0
    came_ms: int | None = None
    gone_ms: int | None = None
    last_message_ms: int | None = None
    messages: int = 0
    bytes: int = 0
    points: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    clock_ms: int | None = None
    samples: int = 0


class Watch:
    """Counts of all sources. Only those where something happened are reported.

    :param flush: writes reports down; where it fails, the same counts come with the next ones.
    """

    def __init__(self, flush: Flush | None = None, *, every_s: float = FLUSH_S) -> None:
        self._flush = flush
        self._every_s = every_s
        self._entries: dict[int, _Entry] = {}
        self._changed: set[int] = set()
        self._is_failing = False
        #: Hears of each connection that is made.
        self.on_came: Callable[[int], None] = lambda source: None
        #: Connections that were turned away or cut, by reason, since the start.
        self.refused: Counter[str] = Counter()
        #: ``messages``, ``bytes`` and ``points`` of all sources since the start, and what was put aside, by reason.
        self.sums: Counter[str] = Counter()
        self.put_aside: Counter[str] = Counter()
        #: Our clock minus that of each source, as last guessed, in ms.
        self.clocks: dict[int, int] = {}

    def _entry(self, source: int) -> _Entry:
        self._changed.add(source)
        entry = self._entries.get(source)
        if entry is None:
            entry = self._entries[source] = _Entry()
        return entry

    def came(self, source: int, now_ms: int) -> None:
        entry = self._entry(source)
        entry.connections += 1
        entry.came_ms = now_ms
        self.on_came(source)

    def gone(self, source: int, now_ms: int) -> None:
        entry = self._entry(source)
        entry.connections -= 1
        entry.gone_ms = now_ms

    def touch(self, source: int) -> None:
        """Report how a source is with the next report, though nothing happened here."""
        self._entry(source)

    def knows(self, source: int) -> bool:
        """Whether anything of a source was seen here."""
        return source in self._entries

    def here(self) -> set[int]:
        """Sources that have a connection now."""
        return {source for source, entry in self._entries.items() if entry.connections > 0}

    def arrived(self, message: Received, points: int) -> None:
        """A message is passed to the stream; call :meth:`rejected` besides where it is not kept."""
        entry = self._entry(message.source)
        entry.messages += 1
        entry.bytes += len(message.body)
        entry.points += points
        entry.last_message_ms = message.arrived_ms
        self.sums.update(messages=1, bytes=len(message.body), points=points)
        if entry.samples < _CLOCK_SAMPLES:
            entry.samples += 1
            sent_ms = sent_at_ms(message)
            if sent_ms is not None:
                offset = message.arrived_ms - sent_ms
                entry.clock_ms = offset if entry.clock_ms is None else min(entry.clock_ms, offset)
                self.clocks[message.source] = entry.clock_ms

    def rejected(self, source: int, reason: str, count: int = 1) -> None:
        self._entry(source).rejected[reason] += count
        self.put_aside[reason] += count

    async def flush(self) -> None:
        """Report what changed."""
        changed, self._changed = self._changed, set()
        if not changed or self._flush is None:
            return
        taken = {source: self._entries[source] for source in changed}
        for source, entry in taken.items():
            self._entries[source] = _Entry(
                entry.connections, entry.came_ms, entry.gone_ms, entry.last_message_ms,
            )  # fmt: skip
        try:
            await self._flush([_report(source, entry) for source, entry in sorted(taken.items())])
        except Exception:
            for source, entry in taken.items():
                self._give_back(source, entry)
            if not self._is_failing:
                log.exception("what came could not be reported; it is counted further")
            self._is_failing = True
        else:
            if self._is_failing:
                log.warning("what came is reported again")
            self._is_failing = False

    def _give_back(self, source: int, old: _Entry) -> None:
        entry = self._entry(source)
        entry.messages += old.messages
        entry.bytes += old.bytes
        entry.points += old.points
        entry.rejected.update(old.rejected)
        if entry.clock_ms is None:
            entry.clock_ms = old.clock_ms

    async def keep(self, ending: asyncio.Event) -> None:
        """Report until ``ending`` is set, and then once more."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), self._every_s)
            await self.flush()
            if ending.is_set():
                return


def _report(source: int, entry: _Entry) -> Report:
    return Report(
        source, entry.connections, entry.came_ms, entry.gone_ms, entry.last_message_ms, entry.messages, entry.bytes,
        entry.points, dict(entry.rejected), entry.clock_ms,
    )  # fmt: skip


def sent_at_ms(message: Received) -> int | None:
    """What the source's clock said when it wrote the message: the first time in it, as far as that is seen cheaply."""
    body = message.body
    if message.form == "sparkplug":
        # Field 1 of the payload, a varint of seven bits a byte.
        if body[:1] != b"\x08":
            return None
        value = 0
        for place, byte in enumerate(body[1:11]):
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return value
        return None
    if message.form == "hj212":
        # The number of a request is the time at which it was made.
        asked = _QN.search(body, 0, 64)
        return hj212.time_ms(asked[1].decode()) if asked else None
    found = _TS.search(body, 0, 256)
    return int(found[1]) if found else None
