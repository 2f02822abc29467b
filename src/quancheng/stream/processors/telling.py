"""Newest values told to whoever watches (实时值发布): merged, by enterprise. Nobody waits for the store: what is judged
stands in the stream, and is read again if it was not written."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from uuid import UUID

import numpy as np
from nats.aio.client import Client
from nats.errors import Error as NatsError

from quancheng.stream import live
from quancheng.stream.processors.batch import Floats, Longs, Places
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.evaluation import HH, LL, H, L, State

#: What comes within this time is told once, its newest value.
MERGE_S = 0.1


class Teller:
    """Of one processor. Nothing waits for it, and it holds one value a tag.

    :ivar told: rows told since it began, for those who watch over it.
    """

    def __init__(self, client: Client, book: Book, space: str) -> None:
        self.told = 0
        self._client, self._book, self._space = client, book, space
        self._at, self._value = np.zeros(0, np.int64), np.zeros(0)
        self._quality, self._is_new = np.zeros(0, np.uint8), np.zeros(0, bool)
        self._rows: Sequence[TagRow | None] | None = None
        self._enterprises: list[UUID] = []
        #: Of each place its place in ``_enterprises``; -1: of none.
        self._owner = np.empty(0, np.int64)
        self._any = asyncio.Event()

    def note(self, places: Places, at: Longs, value: Floats, quality: Longs) -> None:
        """Values that were judged, at most one a place; what is older than one that was told is passed over."""
        if len(self._at) < len(self._book):
            more = len(self._book) - len(self._at)
            for name in ("_at", "_value", "_quality", "_is_new"):
                column = getattr(self, name)
                setattr(self, name, np.concatenate([column, np.zeros(more, column.dtype)]))
        newer = at >= self._at[places]
        places = places[newer]
        self._at[places], self._value[places] = at[newer], value[newer]
        self._quality[places], self._is_new[places] = quality[newer], True
        if len(places):
            self._any.set()

    def last(self, number: int) -> tuple[int, float, int] | None:
        """When (ms), value and quality of the newest of a tag; None: nothing was noted. From any thread."""
        place = self._book.places.get(number, -1)
        if not 0 <= place < len(self._at) or not self._at[place]:
            return None
        return int(self._at[place]), float(self._value[place]), int(self._quality[place])

    async def run(self, state: Callable[[], State]) -> None:
        """Tell for ever. :param state: how limits stand now."""
        while True:
            await self._any.wait()
            self._any.clear()
            # A connection that is away, or too slow, misses some: live values are not made up for.
            with contextlib.suppress(NatsError, OSError):
                await self._tell(state())
            await asyncio.sleep(MERGE_S)

    async def _tell(self, state: State) -> None:
        if self._rows is not self._book.rows:
            self._know()
        (places,) = np.nonzero(self._is_new)
        self._is_new[places] = False
        places = places[self._owner[places] >= 0]
        places = places[np.argsort(self._owner[places], kind="stable")]
        rows = np.zeros(len(places), live.LIVE)
        rows["tag"], rows["at"] = self._book.numbers[places], self._at[places]
        rows["value"], rows["quality"] = self._value[places], self._quality[places]
        rows["level"] = levels(state, places)
        owners, starts = np.unique(self._owner[places], return_index=True)
        for owner, mine in zip(owners, np.split(rows, starts[1:]), strict=True):
            subject = live.subject_of(self._enterprises[owner], space=self._space)
            for start in range(0, len(mine), live.MOST_ROWS):
                await self._client.publish(subject, live.pack(mine[start : start + live.MOST_ROWS]))
        self.told += len(rows)

    def _know(self) -> None:
        """Whose each place is, as the book stands now."""
        self._rows = self._book.rows
        known: dict[UUID, int] = {}
        owners = [-1 if row is None else known.setdefault(row.enterprise, len(known)) for row in self._rows]
        self._owner, self._enterprises = np.array(owners, np.int64), list(known)


def levels(state: State, places: Places) -> Longs:
    """Of each place 0, or 1 + the column of the gravest limit that stands passed: HH, LL, H, L."""
    active = state.is_active[places]
    order = np.array([HH, LL, H, L])
    ordered = active[:, order]
    return np.where(ordered.any(axis=1), order[ordered.argmax(axis=1)] + 1, 0)
