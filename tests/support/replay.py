"""What the services made once in a process is written again by the statements that wrote it.

A scene that hundreds of tests begin with is made by the services, as it has to be; but once it was, the same rows come
of the same district and arguments. ``replayed`` marks such a maker: the second time its statements are written in one,
which takes a twentieth of the time. As soon as anything else was written in a test, the services make everything again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, models, transaction
from django.db.backends.signals import connection_created
from django.utils import timezone

P = ParamSpec("P")
R = TypeVar("R")
#: The digest of what was made so far in the running test; None before, and once anything else was written.
_tale: str | None = None
#: By the tale to which a maker leads: its statements, and what it answered.
_tapes: dict[str, tuple[str, Any]] = {}
_is_making = False
#: Whether anything else was written in the running test.
_has_written = False
_real_now = timezone.now
_PLAIN = (type(None), bool, int, float, str, bytes, Decimal, date, datetime, timedelta, uuid.UUID)
_READS = ("SELECT ", "SAVEPOINT ", "RELEASE ", "EXPLAIN ")
#: Entries of the journal get other numbers each time, by which they wait for their seals.
_WAITING = """
INSERT INTO journal_journalwaiting (entry_id) SELECT seq FROM journal_journalentry entry
 WHERE NOT EXISTS (SELECT FROM journal_journalwaiting waits WHERE waits.entry_id = entry.seq)
   AND NOT EXISTS (SELECT FROM journal_journalseal seal WHERE seal.entry_id = entry.seq)
"""


class _Unnamed(Exception):
    """An argument of which nobody can say that it is the same as another."""


def replayed(make: Callable[P, R]) -> Callable[P, R]:
    """Of a maker whose rows follow from its arguments and from what is there.

    It may keep no files, change no argument, and answer no numbers that the database counts: those come out otherwise
    each time. A test that puts something else in the place of what a maker uses, other than the clock, writes a row of
    its own before.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        # Rows that are committed may be changed by other processes, of which nobody here learns.
        if _tale is None or _is_making or not connection.in_atomic_block:
            return make(*args, **kwargs)
        try:
            given = (_name(args), _name(kwargs), None if timezone.now is _real_now else timezone.now())
        except _Unnamed:
            return make(*args, **kwargs)
        tale = _digest(_tale, make, given)
        return _play(tale, lambda: make(*args, **kwargs), lambda: given[:2] == (_name(args), _name(kwargs)))

    return made


def begun(make: Callable[[], R]) -> Callable[[], R]:
    """Of the maker with which tests begin: nothing is there before."""

    @wraps(make)
    def made() -> R:
        if _is_making:
            return make()
        connection.ensure_connection()
        _watch_connection(connection)
        if not _has_written:
            return _play(_digest("", make, None), make, lambda: True)
        return make()

    return made


def forget() -> None:
    """Another test begins, on rows of which nothing is known."""
    global _tale, _has_written
    _tale, _has_written = None, False


def _digest(tale: str, make: Callable[..., Any], given: Any) -> str:
    return hashlib.blake2b(repr((tale, make.__module__, make.__qualname__, given)).encode(), digest_size=16).hexdigest()


def _play(tale: str, make: Callable[[], R], is_unchanged: Callable[[], bool]) -> R:
    """:param is_unchanged: whether the arguments are what they were."""
    global _is_making, _tale
    _tale = None
    _is_making = True
    try:
        tape = _tapes.get(tale)
        if tape is None:
            statements, answer = _record(make)
            if statements is None or not is_unchanged():
                return answer
            tape = _tapes[tale] = (";".join([*statements, _WAITING]), answer)
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(tape[0])
    finally:
        _is_making = False
    _tale = tale
    # A copy the first time too: the answer never shares its parts with the arguments.
    return deepcopy(tape[1])


def _record(make: Callable[[], R]) -> tuple[list[str] | None, R]:
    """What was written, or None where that is not all: a file was kept, or something was taken back."""
    statements: list[str] | None = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal statements
        done = execute(sql, params, many, context)
        if many or sql.startswith("ROLLBACK") or ('"files_' in sql and not sql.startswith(_READS)):
            statements = None
        elif statements is not None and _writes(sql) and '"journal_journalwaiting"' not in sql:
            statements.append(writer.mogrify(sql, params))
        return done

    with connection.connection.cursor() as writer, connection.execute_wrapper(listen):
        answer = make()
    return statements, answer


def _writes(sql: str) -> bool:
    return not sql.startswith(_READS) or "procrastinate" in sql


def _name(value: Any) -> Any:
    """The same for the same, whoever holds it.

    :raises _Unnamed: nobody can say.
    """
    if isinstance(value, _PLAIN):
        # As written: 1 and 1.00, or a moment in two zones, are the same and are not shown the same.
        return (type(value).__name__, str(value))
    if isinstance(value, models.Model):
        return (value._meta.label, *((key, _name(one)) for key, one in vars(value).items() if key != "_state"))
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *(_name(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, Mapping):
        return ("mapping", *((_name(key), _name(one)) for key, one in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *map(_name, value))
    if isinstance(value, set | frozenset):
        return ("set", *sorted(map(_name, value), key=repr))
    raise _Unnamed(type(value))


def _watch(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    global _tale, _has_written
    if not _is_making and _writes(sql):
        _tale, _has_written = None, True
    return execute(sql, params, many, context)


def _watch_connection(connection: Any, **known: Any) -> None:
    # At the front: whoever adds another for a while takes away the last.
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _watch)


connection_created.connect(_watch_connection)
