"""Batches by their identifiers (批次标识): the same again is answered as before and goes to the stream no more."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

#: Remembered so long (3.8), and so many by one process; a batch that is forgotten and sent again does no harm.
REMEMBER_S, MOST_REMEMBERED = 72 * 3600, 20_000

Answer = dict[str, Any]


@dataclass(slots=True)
class _Known:
    digest: bytes
    answer: asyncio.Future[Answer]
    at_s: float


class Differs(Exception):
    """Another body stood under this identifier before."""


class Batches:
    """What was answered to the batches of each source. In memory: a gateway that starts again has forgotten it."""

    def __init__(self, *, most: int = MOST_REMEMBERED) -> None:
        self._known: OrderedDict[tuple[int, str], _Known] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        return len(self._known)

    def begin(self, source: int, name: str, digest: bytes, now_s: float) -> asyncio.Future[Answer] | None:
        """``None``: it is new, and the caller calls :meth:`end`. Else what becomes of the same batch, perhaps later.

        :raises Differs: the body was another one.
        """
        while self._known and (
            len(self._known) >= self._most or now_s - next(iter(self._known.values())).at_s > REMEMBER_S
        ):
            self._known.popitem(last=False)
        known = self._known.get((source, name))
        if known is None:
            answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self._known[source, name] = _Known(digest, answer, now_s)
            return None
        if known.digest != digest:
            raise Differs
        return known.answer

    def end(self, source: int, name: str, answer: Answer | None) -> None:
        """The stream has it; or has it not (``None``): then it is as if the batch had never come."""
        known = self._known.get((source, name))
        if known is None or known.answer.done():
            return
        if answer is None:
            del self._known[source, name]
            known.answer.cancel()
        else:
            known.answer.set_result(answer)
