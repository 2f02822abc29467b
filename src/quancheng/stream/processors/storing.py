"""What was judged is written behind the judging (写入): readings into the store, then how far the partition is.

While the store takes its time the next messages are judged already, so that nobody is told later for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec
import numpy as np

from quancheng.stream.processors.batch import Longs, Places
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.conditions.pairs import Split
from quancheng.stream.processors.decoding import Decoded, Readings, Rebirth, no_readings
from quancheng.stream.processors.evaluation import Change
from quancheng.stream.store import client as store
from quancheng.stream.store.schema import HISTORY, LATE
from quancheng.stream.store.writer import Writer

log = logging.getLogger(__name__)

#: Writings begin so far apart, to be worth what they cost the store; and how far a partition is, is written down so
#: often while there is always more: it costs the states of all its tags.
WRITE_S, NOTE_S = 0.1, 1.0
#: How far judging goes ahead of the store, in seconds and in readings; then it waits, and the stream keeps what comes.
#: More would leave who reads the store beside an alarm too far behind it: peaks, windows of rates.
AHEAD_S, MOST_READINGS = 5.0, 100_000
#: Beyond this many minutes of late readings at once, whole minutes are rolled up again instead of single tags.
MOST_TOUCHED = 5_000

encode = msgspec.msgpack.Encoder().encode


class BeginAnew(Exception):
    """Something is not as it was thought to be: a delivery is missing, or another took over. What is written down
    stands; what is not is done again from there."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a partition is: number of the last envelope worked through, in which stream, and the states there, which
    may have judged some readings behind it."""

    epoch: int
    stream: str
    seq: int
    content: bytes


class Keeper(Protocol):
    """Where a processor writes down what is not a reading. Events may be told twice; the rest is held by the place.
    False: another took over."""

    def take_over(self, partition: int) -> Place: ...

    def tell(self, partition: int, place: Place, step: Step, book: Book) -> bool: ...

    def finish(self, partition: int, place: Place, step: Step, book: Book) -> bool: ...

    def rebirths(self, rebirths: Sequence[Rebirth]) -> None: ...


@dataclass(slots=True)
class Figures:
    """What a processor did since it began, for those who watch over it."""

    envelopes: int = 0
    messages: int = 0
    readings: int = 0
    asides: int = 0
    unknown: int = 0
    alarms: int = 0
    write_s: float = 0.0
    judge_s: float = 0.0
    decode_s: float = 0.0
    #: Milliseconds from arrival to written, of the last step (0 while nothing comes); and how many envelopes wait.
    lag_ms: int = 0
    waiting: int = 0
    #: When the first message arrived that is being judged, and the first that is being written; 0: none is.
    judging_ms: int = 0
    writing_ms: int = 0
    #: What was put aside, by reason.
    reasons: Counter[str] = field(default_factory=Counter)

    def lag_now_ms(self, now_ms: int) -> int:
        """How long what comes now waits: also while a step waits for the store."""
        return max(self.lag_ms, *(now_ms - since for since in (self.judging_ms, self.writing_ms) if since), 0)


@dataclass(slots=True)
class Step:
    """What one step made of its envelopes. ``late``: of each change whether it is told too late to call anybody."""

    decoded: Decoded
    changes: list[Change]
    late: list[bool]
    #: What limits did in readings that are history.
    past: list[Change] = field(default_factory=list)
    #: Of which pairs the clocks are newly apart, or no more.
    splits: list[Split] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Standing:
    """How all stood after a step, packed: tags, and edge nodes."""

    states: bytes
    nodes: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Judged:
    """A step that was judged, up to an envelope. Where it has no standing, the place is written down with a later one.

    :ivar number: of the steps of this owner.
    """

    number: int
    step: Step
    seq: int
    envelopes: int
    messages: int
    #: When the first message arrived; 0: there is none.
    first_ms: int
    standing: Standing | None


class Storer:
    """Of one processor. What goes wrong is raised by :meth:`check` and :meth:`add`.

    :ivar place: how far the partition is.
    """

    def __init__(
        self, partition: int, *, writer: Writer, keeper: Keeper, book: Book, figures: Figures
    ) -> None:
        self.place = Place(0, "", 0, b"")
        #: Edge nodes as they stood at that place, packed: they change where they are.
        self._nodes = msgspec.Raw(encode([]))
        self._partition, self._writer, self._keeper = partition, writer, keeper
        self._book, self._figures = book, figures
        self._noting = asyncio.Lock()
        #: What waits for the store, and what stands there and is not written down.
        self._waiting: list[Judged] = []
        self._written: list[Judged] = []
        #: The states that were told last, and after which step.
        self._told, self._told_number = b"", -1
        #: What limits did in history and which clocks are apart, of which states know and the records do not.
        self._past: list[Change] = []
        self._splits: dict[int, Split] = {}
        #: Since when something waits for the store.
        self._since = 0.0
        self._noted = float("-inf")
        self._writing: asyncio.Task[None] | None = None

    def begin(self, place: Place, nodes: msgspec.Raw) -> None:
        """Go on from a place."""
        self.place, self._nodes = place, nodes

    @property
    def is_due(self) -> bool:
        """Whether the next step is to bring its standing: none that waits for the store has one."""
        is_late = time.monotonic() - self._noted >= NOTE_S
        return is_late and all(one.standing is None for one in self._waiting)

    @property
    def is_owing(self) -> bool:
        """Whether something is not written down and nothing under way will do it."""
        return bool(self._written) and not self._waiting

    async def tell(self, judged: Judged, standing: Standing) -> None:
        """Tell at once what limits did. Nothing is worked through yet: edge nodes stand as they stood, and what is read
        again brings readings that the states have judged.

        :raises BeginAnew: another took the partition over.
        """
        async with self._noting:
            # Those states know of the history of all steps before it too.
            self._owe(judged.step)
            step = replace(judged.step)
            self._settle(step)
            self._told, self._told_number = standing.states, judged.number
            place = replace(self.place, content=encode((self._told, self._nodes)))
            if not await asyncio.to_thread(self._keeper.tell, self._partition, place, step, self._book):
                raise BeginAnew("another took the partition over")

    def _owe(self, step: Step) -> None:
        """Keep what this step found, for whatever is written next with states that know of it."""
        self._past += step.past
        # Of a pair what was found last counts.
        self._splits |= {one.tag: one for one in step.splits}
        step.past, step.splits = [], []

    def _settle(self, step: Step) -> None:
        """Let a step take all that is owed with it."""
        step.past, self._past = self._past, []
        step.splits, self._splits = list(self._splits.values()), {}

    async def add(self, judged: Judged) -> None:
        """Have a step written; waits only where too much is waiting already."""
        self.check()
        if judged.standing is not None:
            # One is enough: how all stood last.
            self._waiting = [replace(one, standing=None) for one in self._waiting]
        self._waiting.append(judged)
        self._owe(judged.step)
        self._figures.writing_ms = self._figures.writing_ms or judged.first_ms
        if self._writing is None:
            self._since = time.monotonic()
            self._writing = asyncio.ensure_future(self._write_all())
        while self._writing is not None and self._is_full():
            await asyncio.wait([self._writing], timeout=0.05)
            self.check()

    def check(self) -> None:
        """:raises Exception: what ended the writing."""
        if self._writing is not None and self._writing.done():
            ended, self._writing = self._writing, None
            ended.result()

    async def close(self) -> None:
        """What is not written down is done again by the next owner."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._writing

    def _is_full(self) -> bool:
        readings = sum(len(one.step.decoded.readings.place) for one in self._waiting)
        return readings > MOST_READINGS or time.monotonic() - self._since > AHEAD_S

    async def _write_all(self) -> None:
        while self._waiting:
            self._since = began = time.monotonic()
            batch, self._waiting = self._waiting, []
            await self._write_down(batch)
            self._figures.writing_ms = next((one.first_ms for one in self._waiting if one.first_ms), 0)
            # Whoever waits for a second message is not worth a delay of the first.
            if self._waiting:
                await asyncio.sleep(max(0.0, WRITE_S - (time.monotonic() - began)))

    async def _write_down(self, batch: Sequence[Judged]) -> None:
        await self._until_written(_joined([one.step.decoded.readings for one in batch]))
        first_ms = next((one.first_ms for one in batch if one.first_ms), 0)
        if first_ms:
            self._figures.lag_ms = int(time.time() * 1000) - first_ms
        self._written += batch
        for place in reversed(range(len(self._written))):
            standing = self._written[place].standing
            if standing is not None:
                done, self._written = self._written[: place + 1], self._written[place + 1 :]
                await self._note(done, standing)
                break

    async def _note(self, done: Sequence[Judged], standing: Standing) -> None:
        step, last = _together([one.step for one in done]), done[-1]
        async with self._noting:
            self._settle(step)
            # Events that were told are never forgotten again: states may be ahead of the place, and not behind it.
            states = self._told if self._told_number > last.number else standing.states
            place = replace(self.place, seq=last.seq, content=encode((states, standing.nodes)))
            if not await asyncio.to_thread(self._keeper.finish, self._partition, place, step, self._book):
                raise BeginAnew("another took the partition over")
            self.place, self._nodes, self._noted = place, standing.nodes, time.monotonic()
        if step.decoded.rebirths:
            self._keeper.rebirths(step.decoded.rebirths)
        figures = self._figures
        figures.envelopes += sum(one.envelopes for one in done)
        figures.messages += sum(one.messages for one in done)
        figures.readings += sum(len(one.step.decoded.readings.place) for one in done)
        figures.alarms += sum(one.is_raised for one in step.changes)
        figures.asides += len(step.decoded.asides)
        figures.reasons.update(one.reason for one in step.decoded.asides)
        figures.unknown += sum(sum(keys.values()) for keys in step.decoded.unknown.values())

    async def _until_written(self, readings: Readings) -> None:
        """Write readings; a store that is away is waited for, and the stream keeps what comes meanwhile."""
        wait_s = 0.2
        while len(readings.place):
            began = time.perf_counter()
            try:
                await asyncio.to_thread(self._write, readings)
            except store.StoreAway as away:
                log.warning("partition %s: the store is away: %s", self._partition, away)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 10)
            else:
                self._figures.write_s += time.perf_counter() - began
                return

    def _write(self, readings: Readings) -> None:
        rows = np.zeros(len(readings.place), store.READING)
        rows["tag"], rows["at"] = self._book.numbers[readings.place], readings.at
        rows["value"], rows["quality"] = readings.value, readings.quality
        rows["flags"], rows["rank"] = readings.flags, readings.quality >> 6
        newest = rows[newest_of(rows["tag"], rows["at"], rows["rank"])]
        # Minutes are noted after what was written to them: roll-ups look at the notes.
        self._writer.write({"readings": rows, "latest": _latest(newest), "touched": _touched(rows)})


def _joined(parts: Sequence[Readings]) -> Readings:
    """Readings of several steps, in their order."""
    return Readings(*(np.concatenate([getattr(one, name) for one in parts]) for name in Readings.__slots__))


def _together(steps: Sequence[Step]) -> Step:
    """Several steps as one, without their readings, which are written, and without what is owed apart."""
    unknown: dict[int, Counter[str]] = {}
    for one in steps:
        for source, keys in one.decoded.unknown.items():
            unknown.setdefault(source, Counter()).update(keys)
    decoded = Decoded(
        no_readings(), [aside for one in steps for aside in one.decoded.asides], dict(unknown),
        [rebirth for one in steps for rebirth in one.decoded.rebirths],
    )  # fmt: skip
    return Step(
        decoded, [change for one in steps for change in one.changes], [late for one in steps for late in one.late]
    )


def newest_of(tags: Longs, at: Longs, rank: Longs) -> Places:
    """Which readings are the newest of their tags, of one moment those of the highest rank."""
    order = np.lexsort((rank, at, tags))
    tags = tags[order]
    return order[np.append(tags[1:] != tags[:-1], True)] if len(order) else order


def _latest(newest: store.Rows) -> store.Rows:
    """The newest row of each tag, as the store's last values."""
    found = np.zeros(len(newest), store.LATEST)
    for name in ("tag", "at", "value", "quality", "flags"):
        found[name] = newest[name]
    return found


def _touched(rows: store.Rows) -> store.Rows:
    """Minutes that were written to: of what is live the minute alone, of what is late its tag too."""
    minute = (rows["at"] // 60_000 * 60).astype(np.uint32)
    late = rows["flags"] & (LATE | HISTORY) != 0
    tag = np.where(late, rows["tag"], 0).astype(np.uint32)
    pairs = np.unique(np.stack([minute, tag], axis=1), axis=0)
    if len(pairs) > MOST_TOUCHED:
        minutes = np.unique(pairs[:, 0])
        pairs = np.stack([minutes, np.zeros_like(minutes)], axis=1)
    found = np.zeros(len(pairs), store.TOUCHED)
    found["at"], found["tag"] = pairs[:, 0], pairs[:, 1]
    return found
