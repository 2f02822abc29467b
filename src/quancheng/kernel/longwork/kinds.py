"""Kinds of long work: each app declares its own in ``ready``, and what a kind's function gets and gives."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text

Item = TypeVar("Item")


class Cancelled(BaseException):
    """Raised at the next step of work whose owner cancelled it."""


@dataclass(slots=True)
class Progress:
    """How far the work is. Steps are counted in memory; the database hears of them once a second."""

    total: int | None = None
    done: int = 0
    #: Set when the row is no longer this run's: cancelled, or taken by another.
    gone: threading.Event = field(default_factory=threading.Event)

    def step(self, count: int = 1) -> None:
        """:raises Cancelled: the owner cancelled the work."""
        self.done += count
        if self.gone.is_set():
            raise Cancelled

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items one by one, each a step."""
        for item in items:
            yield item
            self.step()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a kind's function gets.

    :ivar actor: the person as he is now, with at most the duties of the request.
    :ivar folder: an empty folder for files on their way; removed afterwards.
    """

    work_id: uuid.UUID
    actor: Actor
    params: Mapping[str, Any]
    now: datetime
    folder: Path
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a kind's function gives.

    :ivar message: a sentence for the owner, in the language that is active.
    :ivar file: below the run's folder; kept as ``name`` for the owner to fetch.
    :ivar link: the page on which the result stands.
    :ivar finish: called in the transaction that writes the end: for the journal, or rows that must not stand where
        the work was cancelled.
    """

    message: str = ""
    file: Path | None = None
    name: str = ""
    media_type: str = "application/octet-stream"
    link: str = ""
    finish: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind.

    :param run: does the work; a refusal (``DomainError``) that it raises is told to the owner. It may be begun anew
        after a kill, so it starts over and leaves nothing behind that would stand twice.
    :param limit_s: it is ended after so many seconds.
    :param is_atomic: run and end are one transaction: nothing of it stands unless it ended well.
    """

    code: str
    label: Text
    run: Callable[[Run], Outcome]
    limit_s: int = 1800
    is_atomic: bool = False


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Declare a kind; called from an app's ``ready``."""
    if _kinds.setdefault(kind.code, kind).run is not kind.run:
        raise ValueError(f"kind of long work declared twice: {kind.code}")


def kind_of(code: str) -> Kind | None:
    return _kinds.get(code)


def all_kinds() -> list[Kind]:
    return [_kinds[code] for code in sorted(_kinds)]


def unregister_kind(code: str) -> None:
    """Take a kind out again: for tests."""
    _kinds.pop(code, None)
