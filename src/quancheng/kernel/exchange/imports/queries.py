"""Reads of imports: the actor's own organisation's, of registers whose duty he holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.exchange.imports.declare import Register, get_register
from quancheng.kernel.exchange.models import ImportLine, ImportRun, ImportState
from quancheng.kernel.exchange.sheets import CellError, SheetColumn

#: Rows that a preview shows; the whole sheet is in the file.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell of a preview: what stands now, what it would be, and what is wrong with it."""

    label: str
    text: str
    before: str
    is_changed: bool
    error: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One row of a preview: what it is about, and of its cells those that say something."""

    number: int
    mark: str
    label: str
    title: str
    cells: list[ShownCell]
    #: What is wrong with the row and belongs to no column.
    faults: list[str]


def list_runs(*, actor: Actor) -> QuerySet[ImportRun]:
    """Imports, the latest first."""
    return (
        ImportRun.objects.visible_to(actor)
        .select_related("user", "organisation", "committed_by", "undone_by")
        .order_by("-created_at", "pk")
    )


def get_run(*, actor: Actor, run_id: uuid.UUID) -> ImportRun:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_runs(actor=actor).filter(pk=run_id).first()
    if found is None:
        raise NotFound
    return found


def register_of(run: ImportRun) -> Register:
    """:raises NotFound: the house no longer has this register."""
    entry = get_register(run.register)
    if entry is None:
        raise NotFound
    return entry


def list_lines(*, run: ImportRun, mark: str = "") -> QuerySet[ImportLine]:
    """Rows of a run that the actor got through ``get_run``: of one mark; else those with errors, or what changes."""
    lines = run.lines.order_by("number", "pk")
    if not mark and run.state == ImportState.BAD and run.counts.get("bad"):
        mark = "bad"
    return lines.filter(mark=mark) if mark else lines.exclude(mark="unchanged")


def shown_lines(
    *, run: ImportRun, columns: Sequence[SheetColumn], keys: Sequence[str], mark: str = "", first: int = 0
) -> list[ShownLine]:
    """Rows as a preview shows them, at most :data:`SHOWN`, from ``first`` on.

    :param keys: columns that say what a row is about.
    """
    wrong: dict[int, dict[str, Mapping[str, str]]] = {}
    for one in run.errors:
        wrong.setdefault(one["row"], {}).setdefault(one["key"], one)
    told: dict[int, dict[str, list[str]]] = {}
    for one in run.warnings:
        told.setdefault(one["row"], {}).setdefault(one["key"], []).append(one["reason"])
    labels = dict(ImportLine.MARKS)
    known = {column.key for column in columns}
    found = []
    for line in list_lines(run=run, mark=mark)[first : first + SHOWN]:
        faults = wrong.get(line.number, {})
        warned = told.get(line.number, {})
        cells = [(column, _cell(line, column, faults, warned.get(column.key, ()))) for column in columns]
        title = " ".join(cell.text for column, cell in cells if column.key in keys and cell.text)
        found.append(
            ShownLine(
                line.number, line.mark, str(labels[line.mark]), title,
                [cell for column, cell in cells if _says_something(line, column, cell, keys)],
                [one["reason"] for key, one in faults.items() if key not in known],
            )
        )  # fmt: skip
    return found


def _says_something(line: ImportLine, column: SheetColumn, cell: ShownCell, keys: Sequence[str]) -> bool:
    if cell.error or cell.warnings or cell.is_changed:
        return True
    return line.mark in ("new", "bad", "gone") and bool(cell.text) and column.key not in keys


def _cell(
    line: ImportLine, column: SheetColumn, faults: Mapping[str, Mapping[str, str]], warnings: Sequence[str]
) -> ShownCell:
    fault = faults.get(column.key)
    text = line.texts.get(column.key, "") or (fault["value"] if fault else "")
    before = (line.before or {}).get(column.key, "")
    is_changed = line.mark == "changed" and column.key in line.texts and text != before
    return ShownCell(
        str(column.heading), column.shown(text), column.shown(before) or _("（空）"), is_changed,
        fault["reason"] if fault else "", tuple(warnings),
    )  # fmt: skip


def errors_of(run: ImportRun) -> list[CellError]:
    """What is wrong with a sheet, as the writer of the marked sheet takes it."""
    names = ("sheet", "cell", "row", "key", "code", "reason", "value")
    return [CellError(**{name: one[name] for name in names}) for one in run.errors]


def counts_of(run: ImportRun) -> list[tuple[str, Any, int]]:
    """Mark, its word and number of rows, those that occur."""
    return [(mark, label, run.counts[mark]) for mark, label in ImportLine.MARKS if run.counts.get(mark)]
