"""All that is told of the tags of a partition (判定): limits and other conditions, led and saved together."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from quancheng.standards.signals.quality import counting
from quancheng.stream.envelope import Received
from quancheng.stream.processors.batch import NEVER, Flags, Longs, batch_of
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.conditions.flat import Flats
from quancheng.stream.processors.conditions.instrument import Instruments
from quancheng.stream.processors.conditions.pairs import Pairs, Split
from quancheng.stream.processors.conditions.rate import Rates
from quancheng.stream.processors.conditions.silence import Silences
from quancheng.stream.processors.decoding import Readings
from quancheng.stream.processors.evaluation import DEV, DISC, FLAT, INSTR, ROC, STALE, Change, State, Told, judge
from quancheng.stream.processors.past import Past
from quancheng.stream.processors.window import Window
from quancheng.stream.store.client import Rows
from quancheng.stream.store.schema import HISTORY, LATE

#: What began or ended so long ago is told, and nobody is called for it.
STALE_MS = 60_000
#: A value that has stood still for less than a tenth of what counts is not saved: it may begin anew after a restart.
FLAT_SAVED = 10
#: Tags whose readings are asked of the store at once.
READ_TAGS = 5_000
#: How states begin that the first version packed.
_FIRST_FORM = b"PK"


class Judge:
    """How the tags of a book stand. :param now_ms: from when on silence counts."""

    def __init__(self, book: Book, *, now_ms: int) -> None:
        self.book, self.state, self.window = book, State.empty(0), Window()
        self.rates, self.flats, self.instruments = Rates(), Flats(), Instruments(book.fault_ms)
        self.silences, self.pairs, self.past = Silences(now_ms), Pairs(), Past()
        #: Of which pairs the clocks are newly apart, or no more, by the readings judged last.
        self.splits: list[Split] = []
        #: Ends that are to be told with the next step.
        self._ended: list[Change] = []
        self._fit(now_ms)

    @property
    def is_owing(self) -> bool:
        """Whether there is something to do even where no message comes."""
        return bool(self._ended) or len(self.window.held.place) > 0

    def judge(
        self, messages: Sequence[Received], readings: Readings, *, now_ms: int
    ) -> tuple[list[Change], list[bool]]:
        """Judge what came; answers what began and ended, and of each whether it is told too late to call anybody."""
        book = self.book
        told = Told(book.bounds, self._ended)
        self._ended = []
        # Whoever waits in the window waits by arrival: a backlog is judged as it would have been.
        clock_ms = min(max((one.arrived_ms for one in messages), default=now_ms), now_ms)
        live = self.window.take(readings.only(readings.flags & HISTORY == 0), book.wait_ms, clock_ms)
        live = live.only(book.judged[live.place])
        batch = batch_of(self.state.last_ms, live.place, live.at, live.value, live.quality)
        judge(book.limits, self.state, batch, told)
        self.rates.judge(self.state, batch, told)
        self.flats.judge(self.state, batch, told)
        self.instruments.judge(self.state, batch, told)
        self.pairs.judge(self.state, batch, told, clock_ms=clock_ms)
        mine = book.judged[readings.place]
        self.splits = self.pairs.watch(readings.place[mine], readings.at[mine], clock_ms=clock_ms)
        self.state.last_value[batch.tags[batch.usable]] = batch.values[batch.usable]
        if messages:
            self.silences.judge(
                book, self.state, told, messages=messages, tags=readings.place, arrived=readings.arrived,
                usable=counting(readings.quality), now_ms=now_ms,
            )  # fmt: skip
            spoke = self.silences.spoke_of(book)
            self.instruments.look(self.state, book.by_exception, spoke, told)
            self.pairs.look(self.state, book.by_exception, spoke, told)
        late = live.flags & LATE > 0
        told_late = set(zip(live.place[late].tolist(), live.at[late].tolist(), strict=True))
        return told.changes, [
            now_ms - one.at_ms > STALE_MS or (bool(told_late) and self._is_of(one, told_late)) for one in told.changes
        ]

    def _is_of(self, change: Change, told_late: set[tuple[int, int]]) -> bool:
        """Whether a change was told by one of these readings, of its tag or of its partner."""
        if (change.tag, change.at_ms) in told_late:
            return True
        return change.limit in (DEV, DISC) and (self.pairs.partner_of(change.tag), change.at_ms) in told_late

    def renew(self, rows: Sequence[TagRow], *, now_ms: int) -> None:
        """Take the register as it stands now. What is judged by another bound, or no more, begins anew, and where it
        had begun its end is told: nothing stands for ever."""
        before = self.book.bounds
        self.book.renew(rows)
        if before is self.book.bounds:
            return
        repaired = self._fit(now_ms)
        after = self.book.bounds[: len(before)]
        other = np.zeros(self.book.bounds.shape, bool)
        other[: len(before)] = (before != after) & ~(np.isnan(before) & np.isnan(after))
        # Another partner is another comparison, though no bound of it changed.
        other[:, DEV : DISC + 1] |= repaired
        for tag, name in zip(*np.nonzero(self.state.is_active & other), strict=True):
            self._end(int(tag), int(name), float(before[tag, name]), now_ms)
        self.state.forget(other)
        self.past.forget(other[:, :4])
        self.rates.forget(other[:, ROC])
        self.silences.forget(other[:, STALE], now_ms)
        self.flats.forget(other[:, FLAT])
        self.instruments.forget(other[:, INSTR])
        self.pairs.forget(other[:, DEV] | other[:, DISC])

    def _end(self, tag: int, name: int, bound: float, now_ms: int) -> None:
        last = float(self.state.last_value[tag])
        value = 0.0 if name in (STALE, INSTR, DEV, DISC) else bound if np.isnan(last) else last
        self._ended.append(Change(tag, name, is_raised=False, at_ms=now_ms, value=value, bound=bound))

    def _fit(self, now_ms: int) -> Flags:
        book = self.book
        self.state = self.state.grown(len(book))
        self.rates.fit(book.bounds[:, ROC], book.roc_window_ms, book.limits.off_delay_ms)
        self.flats.fit(np.where(book.judged, book.flat_after_ms, 0), book.bounds[:, FLAT], book.stale_ms)
        self.instruments.fit(len(book))
        self.silences.fit(len(book), now_ms)
        self.past.fit(len(book))
        return self.pairs.fit(book)

    def pack(self) -> bytes:
        """What is to be known after a restart, by the numbers of tags: when each was last judged, and of those that are
        not calm how they stand. Windows of rates are not in it: they stand in the store, see :meth:`refill`."""
        state, numbers = self.state, self.book.numbers
        (stirred,) = np.nonzero(state.is_active.any(axis=1) | (state.since >= 0).any(axis=1) | (state.bad_ms >= 0))
        tags, names = np.nonzero(state.is_active)
        (rated,) = np.nonzero((self.rates.runs > 0) | (self.rates.since >= 0) | (self.rates.frozen >= 0))
        stands_ms = np.where(np.isnan(self.flats.anchor), 0, state.last_ms - self.flats.since)
        (flat,) = np.nonzero((self.flats.after_ms > 0) & (stands_ms * FLAT_SAVED >= self.flats.after_ms))
        (faulty,) = np.nonzero(self.instruments.since >= 0)
        held = self.window.held
        return pack_columns(
            numbers=numbers, last_ms=state.last_ms, stirred=numbers[stirred],
            since=state.since[stirred], clear_since=state.clear_since[stirred], bad_ms=state.bad_ms[stirred],
            last_value=state.last_value[stirred],
            active=numbers[tags], name=names.astype(np.int8), bound=self.book.bounds[tags, names],
            heard_ms=self.silences.heard_ms[tags],
            rated=numbers[self.rates.tags[rated]], runs=self.rates.runs[rated], slow=self.rates.since[rated],
            frozen=self.rates.frozen[rated],
            flat=numbers[flat], anchor=self.flats.anchor[flat], stands=self.flats.since[flat],
            faulty=numbers[faulty], faulty_since=self.instruments.since[faulty], code=self.instruments.code[faulty],
            held=numbers[held.place], held_at=held.at, held_value=held.value,
            held_quality=held.quality.astype(np.uint8), held_flags=held.flags.astype(np.uint8),
            held_arrived=held.arrived, **self.pairs.pack(numbers),
            **self.past.pack(numbers),
        )  # fmt: skip

    def unpack(self, content: bytes, *, now_ms: int) -> None:
        """Go on from what was packed, at the places where tags stand now. What was judged by another bound then, or is
        judged no more, has ended."""
        kept = self._first_form(content) if content.startswith(_FIRST_FORM) else unpack_columns(content)
        self.book.remember(kept["active"].tolist())
        self._fit(now_ms)
        state = self.state
        known, which = self._places(kept["numbers"])
        state.last_ms[known] = kept["last_ms"][which]
        self.past.unpack(kept, self._places)
        same = self.pairs.unpack(kept, self.book.places)
        known, which = self._places(kept["stirred"])
        for name in ("since", "clear_since", "bad_ms", "last_value"):
            getattr(state, name)[known] = kept[name][which]
        for number, name, bound, heard_ms in zip(
            *(kept[one].tolist() for one in ("active", "name", "bound", "heard_ms")), strict=True
        ):
            tag = self.book.places[number]
            if self.book.bounds[tag, name] == bound and (name not in (DEV, DISC) or (tag, name) in same):
                state.is_active[tag, name] = True
                if name == STALE:
                    self.silences.heard_ms[tag] = heard_ms
            else:
                self._end(tag, name, bound, now_ms)
                if name in (DEV, DISC):
                    self.pairs.forget(np.arange(len(self.book)) == tag)
        known, which = self._places(kept["rated"])
        has = self.rates.row_of[known] != NEVER
        rows = self.rates.row_of[known[has]]
        for mine, theirs in (("runs", "runs"), ("since", "slow"), ("frozen", "frozen")):
            getattr(self.rates, mine)[rows] = kept[theirs][which][has]
        known, which = self._places(kept["flat"])
        self.flats.anchor[known], self.flats.since[known] = kept["anchor"][which], kept["stands"][which]
        known, which = self._places(kept["faulty"])
        self.instruments.since[known] = kept["faulty_since"][which]
        self.instruments.code[known] = kept["code"][which]
        known, which = self._places(kept["held"])
        self.window.held = Readings(
            known, *(kept[f"held_{name}"][which] for name in ("at", "value")),
            *(kept[f"held_{name}"][which].astype(np.int64) for name in ("quality", "flags", "arrived")),
        )  # fmt: skip

    def _first_form(self, content: bytes) -> Mapping[str, NDArray[Any]]:
        """What the first version packed (an archive of arrays, limits alone) as it is packed now. By which bounds it
        judged is not in it: what stands is taken to stand by those of today, and without one it has ended."""
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            old = {name: kept[name] for name in kept.files}
        numbers = old["numbers"][old["stirred"]]
        rows, names = np.nonzero(old["is_active"])
        active = numbers[rows]
        places = [self.book.places.get(number) for number in active.tolist()]
        bounds = [
            0.0 if place is None else float(self.book.bounds[place, name])
            for place, name in zip(places, names.tolist(), strict=True)
        ]
        empty = Judge(Book(fault_ms=self.book.fault_ms), now_ms=0).pack()
        return {
            **unpack_columns(empty), **old, "stirred": numbers, "last_value": np.full(len(numbers), np.nan),
            "active": active, "name": names, "bound": np.nan_to_num(bounds), "heard_ms": np.full(len(active), NEVER),
        }  # fmt: skip

    def refill(self, read: Callable[[Sequence[int], int, int, int], Rows]) -> None:
        """Read the windows of rates back: good readings until the newest one judged of each tag.

        A tag that was silent for its whole window before the others were has nothing in it that counts.

        :param read: of these tags, from, until, in ms, the first good reading of each slot of so many ms.
        """
        rates, last_ms = self.rates, self.state.last_ms
        newest = int(last_ms.max(initial=NEVER))
        has = ~np.isnan(rates.limit) & (last_ms[rates.tags] >= newest - rates.window_ms) & (last_ms[rates.tags] >= 0)
        for window_ms in np.unique(rates.window_ms[has]).tolist():
            (rows,) = np.nonzero(has & (rates.window_ms == window_ms))
            for start in range(0, len(rows), READ_TAGS):
                part = rows[start : start + READ_TAGS]
                numbers = self.book.numbers[rates.tags[part]]
                found = read(numbers.tolist(), newest - 2 * window_ms, newest, int(rates.slot_ms[part[0]]))
                order = np.argsort(numbers)
                row = part[order[np.searchsorted(numbers, found["tag"], sorter=order)]]
                known = found["at"] <= last_ms[rates.tags[row]]
                row, at, values = row[known], found["at"][known], found["value"][known]
                by_row = np.lexsort((at, row))
                rates.refill(row[by_row], at[by_row], values[by_row])

    def _places(self, numbers: Longs) -> tuple[Longs, Longs]:
        """Where tags stand now that are known, and which of the numbers these are."""
        places = np.array([self.book.places.get(number, -1) for number in numbers.tolist()], np.int64)
        which = np.flatnonzero(places >= 0)
        return places[which], which


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, tuple[str, list[int], bytes]]).decode


def pack_columns(**columns: NDArray[Any]) -> bytes:
    """Arrays by their names."""
    return _encode({name: (column.dtype.str, column.shape, column.tobytes()) for name, column in columns.items()})


def unpack_columns(content: bytes) -> Mapping[str, NDArray[Any]]:
    """What was packed."""
    kept = _decode(content)
    return {name: np.frombuffer(column, kind).reshape(shape) for name, (kind, shape, column) in kept.items()}
