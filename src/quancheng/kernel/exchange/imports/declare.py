"""What an app says of a register that can be filled from a spreadsheet."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.urls import reverse

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Text
from quancheng.kernel.exchange.sheets import SheetColumn

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of the register as it stands now.

    :ivar id: its primary key as text.
    :ivar texts: by column key, as :meth:`SheetColumn.text_of` writes them.
    :ivar version: what else tells that somebody touched it, e.g. the state of its loop.
    """

    id: str
    texts: Mapping[str, str]
    version: str = ""

    @property
    def digest(self) -> str:
        return digest_of([self.id, dict(self.texts), self.version])


@dataclass(slots=True)
class Row:
    """One line of a sheet on its way into the register.

    :ivar values: by column key, in the column's type; of a row that stands also what the sheet has no column for.
    :ivar given: column keys that the sheet speaks of.
    :ivar before: the row of the register under the same key.
    """

    number: int
    values: dict[str, Any]
    given: frozenset[str]
    key: Key = ()
    texts: dict[str, str] = field(default_factory=dict)
    before: Standing | None = None
    #: In an undo: the id under which the import saved it.
    saved_id: str = ""

    @property
    def changes(self) -> list[str]:
        """Column keys whose text differs from what stands."""
        if self.before is None:
            return []
        return [key for key in self.texts if key in self.given and self.texts[key] != self.before.texts.get(key, "")]

    @property
    def mark(self) -> str:
        if self.before is None:
            return "new"
        return "changed" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken, and the column it belongs to."""

    key: str
    reason: Text


class Session:
    """One reading, saving or undoing of a sheet, for an actor at a time; its look-ups are loaded once.

    A domain's subclass gives the columns, says what stands, checks and saves; every write is a service of the domain.
    """

    #: Columns whose texts together say which row of the register a line means.
    keys: ClassVar[tuple[str, ...]]
    #: Headings of ``secrets``.
    secret_heads: ClassVar[tuple[Text, ...]] = ()

    def __init__(self, *, actor: Actor, given: Mapping[str, Any], now: datetime) -> None:
        self.actor = actor
        #: What the register's form asked for.
        self.given = given
        self.now = now
        #: Of the upload: its name, SHA-256 and bytes, for registers that keep the document itself.
        self.source: Source | None = None
        #: What people are shown once after the act and nobody keeps, e.g. initial passwords.
        self.secrets: list[tuple[str, ...]] = []
        #: The row that is being saved, so that a refusal can name it.
        self.saving: Row | None = None
        #: Called after each row that was saved; raises where the work was cancelled.
        self.step: Callable[[], None] = lambda: None

    def columns(self) -> Sequence[SheetColumn]:
        raise NotImplementedError

    def key_of(self, texts: Mapping[str, str]) -> Key:
        """Which row of the register these texts mean."""
        return tuple(texts.get(key, "") for key in self.keys)

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        """The rows of the register that these lines mean, by key, as far as the actor may see them."""
        raise NotImplementedError

    def gone(self, rows: Sequence[Row]) -> Sequence[tuple[Key, Standing]]:
        """For registers that a sheet replaces whole: rows that stand and are not in the sheet."""
        return ()

    def check(self, row: Row) -> Iterable[Fault]:
        """Rules beyond single cells."""
        return ()

    def warn_all(self, rows: Sequence[Row]) -> Iterable[tuple[Row, Fault]]:
        """What a person should know of rows that can be taken: told in the preview, and no reason to refuse."""
        return ()

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        """Rules about the sheet as a whole; said at its heading."""
        return ()

    def order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """In which order the rows are saved; a parent before its child."""
        return rows

    def save(self, row: Row) -> str:
        """Save a new or changed row by a service; returns its id."""
        raise NotImplementedError

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        """Save every row that is new or changed; returns the ids by key."""
        saved = {}
        for row in self.order(rows):
            if row.mark != "unchanged":
                self.saving = row
                saved[row.key] = self.save(row)
                self.step()
        self.saving = None
        return saved

    def remove(self, row: Row) -> None:
        """Take back a row that the import made; called for undo alone.

        :raises DomainError: it is in use.
        """
        raise NotImplementedError

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        """Undo: ``restored`` carry what stood before as their values, ``added`` are taken back, the last one first."""
        for row in restored:
            self.save(row)
        for row in reversed(self.order(added)):
            self.remove(row)


@dataclass(frozen=True, slots=True)
class Source:
    """The upload as it came."""

    name: str
    sha256: str
    content: bytes
    #: The stored file that the run holds; None before the commit, and where the bytes are sealed.
    file_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Register:
    """A register that can be imported.

    :param code: names it in addresses, the journal and the API, e.g. ``people.organisations``.
    :param duty: who may import.
    :param hint: one sentence about what a line is and what happens to it.
    :param form: what the sheet does not say; takes ``actor``, ``data`` and ``initial``.
    :param rows_at: name of the page where the rows are found.
    :param page_at: name of the page of one row, for an import that makes a single record; takes its id.
    :param seals: the sheet holds personal identifiers: its bytes are kept sealed, and no text of ``sealed`` columns.
    :param most_rows: of one sheet.
    :param undo_within: how long an import can be taken back.
    """

    code: str
    title: Text
    duty: str
    session: type[Session]
    hint: Text = ""
    form: type[GivenForm] | None = None
    rows_at: str = ""
    page_at: str = ""
    seals: bool = False
    sealed: frozenset[str] = frozenset()
    most_rows: int = 5_000
    undo_within: timedelta = timedelta(days=7)
    order: int = 100

    def rows_url(self) -> str:
        return reverse(self.rows_at) if self.rows_at else ""


class GivenForm(forms.Form):
    """Base of the forms that say what a sheet does not; choices may depend on the actor."""

    def __init__(self, *, actor: Actor, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.actor = actor
        self.prepare()

    def prepare(self) -> None:
        """Choices that depend on the actor."""


_registers: dict[str, Register] = {}


def register(entry: Register) -> None:
    """Offer a register for import; called in an app's ``ready``."""
    known = _registers.get(entry.code)
    if known is not None and known != entry:
        raise ValueError(f"import declared twice: {entry.code}")
    _registers[entry.code] = entry


def get_register(code: str) -> Register | None:
    return _registers.get(code)


def registers_for(actor: Actor) -> list[Register]:
    """Those whose duty the actor has, in their order."""
    mine = [entry for entry in _registers.values() if actor.has(entry.duty)]
    return sorted(mine, key=lambda entry: (entry.order, entry.code))


def all_registers() -> list[Register]:
    return sorted(_registers.values(), key=lambda entry: (entry.order, entry.code))
