"""The dry run: a sheet against the register, row by row, without writing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.exchange.imports.declare import Key, Register, Row, Session, Source, Standing
from quancheng.kernel.exchange.sheets import ReadLimits, SheetColumn, SheetRead, read_xlsx
from quancheng.kernel.exchange.sheets.cells import BadCell, read_cell


@dataclass
class DryRun:
    """What an import would do.

    :ivar rows: every line, also those with errors (``read.bad_rows`` has their numbers).
    :ivar gone: rows that the sheet no longer has, where it replaces the register whole.
    """

    session: Session
    columns: Sequence[SheetColumn]
    read: SheetRead
    rows: list[Row] = field(default_factory=list)
    gone: Sequence[tuple[Key, Standing]] = ()

    def mark_of(self, row: Row) -> str:
        return "bad" if row.number in self.read.bad_rows else row.mark

    @property
    def counts(self) -> dict[str, int]:
        counted = dict.fromkeys(("new", "changed", "unchanged", "bad"), 0)
        for row in self.rows:
            counted[self.mark_of(row)] += 1
        return {**counted, "gone": len(self.gone)}

    @property
    def basis(self) -> str:
        """Digest of everything that stood under the sheet's keys: another one means that somebody changed it."""
        befores = [[row.number, list(row.key), row.before.digest if row.before else ""] for row in self.rows]
        return digest_of([befores, [[list(key), one.digest] for key, one in self.gone]])


def open_session(entry: Register, *, actor: Actor, given: Mapping[str, Any], now: datetime) -> Session:
    return entry.session(actor=actor, given=given, now=now)


def dry_run(entry: Register, *, actor: Actor, given: Mapping[str, Any], source: Source, now: datetime) -> DryRun:
    """Read a sheet and hold every line against the register.

    :raises DomainError: the file itself cannot be read; see ``read_xlsx``.
    """
    session = open_session(entry, actor=actor, given=given, now=now)
    session.source = source
    columns = list(session.columns())
    read = read_xlsx(source.content, columns, limits=ReadLimits(rows=entry.most_rows))
    run = DryRun(session, columns, read)
    by_key = {column.key: column for column in columns}
    for line in read.rows:
        given_keys = frozenset(
            key for key, value in line.values.items() if value is not None or not by_key[key].keeps_empty
        )
        run.rows.append(Row(line.number, dict(line.values), given_keys))
    good = [row for row in run.rows if row.number not in read.bad_rows]
    for row in good:
        write_texts(row, columns, session)
    _refuse_twins(good, read, session)
    good = [row for row in good if row.number not in read.bad_rows]
    standing = session.standing(good)
    for row in good:
        row.before = standing.get(row.key)
        complete(row, columns, session)
    for row in good:
        for fault in session.check(row):
            read.refuse(row.number, fault.key, "rule", fault.reason, value=row.texts.get(fault.key, ""))
    if read.is_good:
        for fault in session.check_all(run.rows):
            read.refuse(read.heading_row, fault.key, "rule", fault.reason)
    if not run.rows and read.is_good:
        read.refuse(read.heading_row, "", "empty", _("表格中没有数据行。"))
    run.gone = session.gone(good) if read.is_good else ()
    return run


def write_texts(row: Row, columns: Sequence[SheetColumn], session: Session) -> None:
    """The texts of a row and its key from its values."""
    for column in columns:
        if column.key in row.given:
            row.texts[column.key] = column.text_of(row.values.get(column.key))
    row.key = session.key_of(row.texts)


def complete(row: Row, columns: Sequence[SheetColumn], session: Session) -> None:
    """Fill in what the sheet has no column for from what stands, so that a service gets the whole row."""
    for column in columns:
        if not column.is_read or column.key in row.given:
            continue
        row.values[column.key] = value_of(column, row.before.texts.get(column.key, "")) if row.before else None


def value_of(column: SheetColumn, text: str) -> Any:
    """The value behind a text that :meth:`SheetColumn.text_of` wrote; None where it no longer stands for anything."""
    try:
        return read_cell(column, text) if text else None
    except BadCell:
        return None


def look_ahead(kept: Iterable[Mapping[str, str]], columns: Sequence[SheetColumn]) -> None:
    """Let columns look up together what texts that were kept refer to."""
    rows = list(kept)
    for column in columns:
        if column.look is not None:
            column.look({texts[column.key] for texts in rows if texts.get(column.key)})


def row_of(texts: Mapping[str, str], number: int, columns: Sequence[SheetColumn], session: Session) -> Row:
    """A row from texts that were kept: for undo."""
    values = {column.key: value_of(column, texts[column.key]) for column in columns if column.key in texts}
    row = Row(number, values, frozenset(values))
    row.texts = {key: texts[key] for key in values}
    row.key = session.key_of(texts)
    for column in columns:
        row.values.setdefault(column.key, None)
    return row


def _refuse_twins(rows: Sequence[Row], read: SheetRead, session: Session) -> None:
    seen: dict[Key, int] = {}
    for row in rows:
        if not any(row.key):
            continue
        first = seen.setdefault(row.key, row.number)
        if first != row.number:
            reason = _("与第 %(row)s 行重复。") % {"row": first}
            read.refuse(row.number, session.keys[0], "duplicate", reason, value="、".join(filter(None, row.key)))
