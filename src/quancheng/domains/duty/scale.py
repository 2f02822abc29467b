"""Many more tasks for benchmarks: the demo's committed tasks copied, with all that hangs on them.

Rows are read and written by COPY, under the same constraints as any other, as the application's role. What changes
from copy to copy is cut out of the text once (identifiers, task codes), so that a copy is little more than a join.
Plan documents, organisations and accounts are not multiplied. Each copy has its records of moves, work items, events
and journal entries with digests of its own; :func:`disagreements` shows that they agree.
"""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from quancheng.domains.duty.models import Assignment, Extension, Instalment, Progress, Support, Target, Task
from quancheng.kernel.access.models import Share
from quancheng.kernel.canonical import canonical
from quancheng.kernel.events.models import Event
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.journal.models import JournalEntry, JournalWaiting
from quancheng.kernel.journal.services import entry_body
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow, MoveRecord
from quancheng.kernel.work.models import WorkItem

#: Rows in one COPY of one table, about.
_BATCH_ROWS = 50_000
#: The random part of an identifier of version 7: what is changed there leaves time, version and variant alone.
_RANDOM_BITS = 62
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_TASKS = "SELECT id FROM duty_task WHERE origin = 'plan'"
_ASSIGNMENTS = f"SELECT id FROM duty_assignment WHERE task_id IN ({_TASKS})"  # noqa: S608 - our own text
_INSTALMENTS = f"SELECT id FROM duty_instalment WHERE assignment_id IN ({_ASSIGNMENTS})"  # noqa: S608
_EXTENSIONS = f"SELECT id FROM duty_extension WHERE assignment_id IN ({_ASSIGNMENTS})"  # noqa: S608
_PROGRESS = f"SELECT id FROM duty_progress WHERE assignment_id IN ({_ASSIGNMENTS})"  # noqa: S608
_LOOP_ROWS = f"{_TASKS} UNION ALL {_ASSIGNMENTS} UNION ALL {_INSTALMENTS} UNION ALL {_EXTENSIONS}"

#: What is copied, referred-to rows first, and which of its rows.
_PARTS: tuple[tuple[type[models.Model], str], ...] = (
    (Task, f"id IN ({_TASKS})"),
    (Target, f"task_id IN ({_TASKS})"),
    (Support, f"task_id IN ({_TASKS})"),
    (Assignment, f"id IN ({_ASSIGNMENTS})"),
    (Instalment, f"id IN ({_INSTALMENTS})"),
    (Extension, f"id IN ({_EXTENSIONS})"),
    (Progress, f"id IN ({_PROGRESS})"),
    (FileLink, f"subject_id IN ({_PROGRESS} UNION ALL {_LOOP_ROWS})"),
    (Share, f"subject_id IN ({_LOOP_ROWS})"),
    (MoveRecord, f"subject_id IN ({_LOOP_ROWS})"),
    (WorkItem, f"subject_id IN ({_LOOP_ROWS})"),
    (Event, f"subject_id IN ({_LOOP_ROWS})"),
    (JournalEntry, f"subject_id IN ({_LOOP_ROWS})"),
)
#: Columns that the database fills in by itself, or that are made anew for each copy.
_LEFT_OUT = {Event: {"recorded_at"}, JournalEntry: {"seq", "digest"}}

#: Text cut at what changes: fixed, name, fixed, name, … fixed.
Cut = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stencil:
    """One table's rows of the original, ready to be copied.

    :ivar bodies: for journal entries the canonical text of each, in the order of ``lines``; else empty.
    """

    table: str
    columns: list[str]
    lines: list[Cut]
    bodies: list[Cut]


def multiply(*, scale: int, seed: int = 1) -> int:
    """Make the district's tasks ``scale`` times as many; all or nothing. Returns how many rows were written.

    :raises ValueError: a scale below 1.
    :raises RuntimeError: rows, work items and journal do not agree; nothing is kept then.
    """
    if scale < 1:
        raise ValueError("a district cannot be smaller than itself")
    if scale == 1:
        return 0
    chance = random.Random(seed)  # noqa: S311 - same seed, same district
    with transaction.atomic():
        codes = list(Task.objects.filter(origin="plan").values_list("code", flat=True))
        stencils, ids = _read(codes)
        written = 0
        step = max(1, _BATCH_ROWS // max(1, max(len(stencil.lines) for stencil in stencils)))
        for first in range(1, scale, step):
            turns = [_names(ids, codes, number, chance) for number in range(first, min(first + step, scale))]
            for stencil in stencils:
                written += _write(stencil, turns)
            _check_references()
        if faults := disagreements():
            raise RuntimeError("the copies do not agree with themselves: " + "; ".join(faults))
    return written


def _check_references() -> None:
    """Check foreign keys now and not all at the end: the database keeps what it has yet to check in memory."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _read(codes: Sequence[str]) -> tuple[list[_Stencil], list[str]]:
    """The originals as text, cut; and the identifiers of every row that is copied."""
    raw = [(model, _columns(model), _copy_out(model, where)) for model, where in _PARTS]
    ids = [line.split("\t", 1)[0] for _model, _names, lines in raw for line in lines]
    known = {*ids, *codes}
    words = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])({_UUID}|{words})(?![\w-])" if words else rf"({_UUID})")
    stencils = []
    for model, columns, lines in raw:
        bodies = _bodies(lines) if model is JournalEntry else []
        stencils.append(
            _Stencil(
                model._meta.db_table,
                columns,
                [_cut(line, pattern, known) for line in lines],
                [_cut(body, pattern, known) for body in bodies],
            )
        )
    return stencils, ids


def _columns(model: type[models.Model]) -> list[str]:
    """Columns that travel, the identifier first."""
    left_out = _LEFT_OUT.get(model, set())
    names = [field.column or "" for field in model._meta.concrete_fields if field.column not in left_out]
    return ["id", *(name for name in names if name != "id")]


def _copy_out(model: type[models.Model], where: str) -> list[str]:
    names = ", ".join(map(connection.ops.quote_name, _columns(model)))
    query = f"COPY (SELECT {names} FROM {model._meta.db_table} WHERE {where} ORDER BY id) TO STDOUT"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        text = b"".join(bytes(block) for block in copy).decode()
    # Not splitlines(): it knows more ends of lines than COPY does.
    return text.split("\n")[:-1]


def _bodies(lines: Iterable[str]) -> list[str]:
    """The canonical text of journal entries, in the order of their lines: what their digests are made of."""
    wanted = [uuid.UUID(line.split("\t", 1)[0]) for line in lines]
    found = JournalEntry.objects.in_bulk(wanted, field_name="id")
    return [canonical(entry_body(found[pk])).decode() for pk in wanted]


def _cut(text: str, pattern: re.Pattern[str], known: set[str]) -> Cut:
    parts: list[str] = [""]
    for number, piece in enumerate(pattern.split(text)):
        if number % 2 and piece in known:
            parts += [piece, ""]
        else:
            parts[-1] += piece
    return tuple(parts)


def _names(ids: Iterable[str], codes: Iterable[str], number: int, chance: random.Random) -> dict[str, str]:
    """What stands in a copy for each identifier and code of the original."""
    mask = chance.getrandbits(_RANDOM_BITS)
    named = {old: str(uuid.UUID(int=uuid.UUID(old).int ^ mask)) for old in ids}
    return named | {code: f"{code}x{number}" for code in codes}


def _fill(cut: Cut, names: dict[str, str]) -> str:
    parts = list(cut)
    parts[1::2] = [names[name] for name in cut[1::2]]
    return "".join(parts)


def _write(stencil: _Stencil, turns: Sequence[dict[str, str]]) -> int:
    """One COPY of one table for some copies of the original."""
    rows: Iterator[str]
    columns = stencil.columns
    count = len(stencil.lines) * len(turns)
    if not count:
        return 0
    if stencil.bodies:
        numbers = _journal_numbers(count)
        columns = ["seq", "digest", *columns]
        rows = _journal_rows(stencil, turns, numbers)
    else:
        rows = (_fill(line, names) for names in turns for line in stencil.lines)
    _copy_in(stencil.table, columns, rows)
    if stencil.bodies:
        _copy_in(JournalWaiting._meta.db_table, ["entry_id"], map(str, numbers))
        count *= 2
    return count


def _journal_numbers(count: int) -> list[int]:
    """Places in the journal's table that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'seq')) FROM generate_series(1, %s)",
            [JournalEntry._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _journal_rows(stencil: _Stencil, turns: Sequence[dict[str, str]], numbers: Sequence[int]) -> Iterator[str]:
    places = iter(numbers)
    for names in turns:
        for line, body in zip(stencil.lines, stencil.bodies, strict=True):
            digest = hashlib.sha256(_fill(body, names).encode()).hexdigest()
            yield f"{next(places)}\t{digest}\t{_fill(line, names)}"


def _copy_in(table: str, columns: Sequence[str], rows: Iterable[str]) -> None:
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        block: list[str] = []
        for row in rows:
            block.append(row)
            if len(block) == 2000:
                copy.write("\n".join(block) + "\n")
                block.clear()
        if block:
            copy.write("\n".join(block) + "\n")


# Whether what was written agrees ---------------------------------------------------------------------------------


def disagreements() -> list[str]:
    """Where rows, their work items, records of moves and journal entries do not agree; empty when all is well."""
    found: list[str] = []
    for model in (Task, Assignment, Instalment, Extension):
        found += _disagreements_of(model)
    return found


def _disagreements_of(model: type[LoopRow]) -> list[str]:
    kind, table, finals = model.row_type(), model._meta.db_table, loop_of(model.loop_code).finals
    items = (
        "SELECT subject_id, count(*) AS items, min(state) AS state FROM work_workitem "
        "WHERE subject_type = %(kind)s AND done_at IS NULL GROUP BY subject_id"
    )
    questions = {
        "open rows whose open work item is missing or stands elsewhere": (
            f"SELECT count(*) FROM {table} r LEFT JOIN ({items}) i ON i.subject_id = r.id "  # noqa: S608
            "WHERE NOT r.status = ANY(%(finals)s) AND (i.items IS DISTINCT FROM 1 OR i.state <> r.status)"
        ),
        "closed rows with an open work item": (
            f"SELECT count(*) FROM {table} r JOIN ({items}) i ON i.subject_id = r.id "  # noqa: S608
            "WHERE r.status = ANY(%(finals)s)"
        ),
        "rows that do not stand where their last move left them": (
            f"SELECT count(*) FROM {table} r LEFT JOIN (SELECT DISTINCT ON (subject_id) subject_id, target "  # noqa: S608
            "FROM loops_moverecord WHERE subject_type = %(kind)s ORDER BY subject_id, id DESC) m "
            "ON m.subject_id = r.id WHERE m.target IS DISTINCT FROM r.status"
        ),
        "rows with another number of journal entries than of moves": (
            f"SELECT count(*) FROM {table} r "  # noqa: S608
            "LEFT JOIN (SELECT subject_id, count(*) AS moves FROM loops_moverecord "
            "WHERE subject_type = %(kind)s GROUP BY subject_id) m ON m.subject_id = r.id "
            "LEFT JOIN (SELECT subject_id, count(*) AS entries FROM journal_journalentry "
            "WHERE subject_type = %(kind)s AND act = ANY(%(acts)s) GROUP BY subject_id) j ON j.subject_id = r.id "
            "WHERE m.moves IS DISTINCT FROM j.entries"
        ),
    }
    loop = loop_of(model.loop_code)
    given: dict[str, Any] = {
        "kind": kind,
        "finals": finals,
        "acts": [f"{loop.code}.{name}" for name in ("enter", *loop.moves)],
    }
    found = []
    for words, question in questions.items():
        with connection.cursor() as cursor:
            cursor.execute(question, given)
            count = cursor.fetchone()[0]
        if count:
            found.append(f"{kind}: {count} {words}")
    return found
