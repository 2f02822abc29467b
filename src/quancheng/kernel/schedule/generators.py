"""Which rows recur: a domain registers how one is made, from its app's ``ready``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from quancheng.kernel.access.models import Scoped
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import Period

#: (rule, period, organisation, due day, now) to the row, made through the domain's own service.
Generator = Callable[[RecurringRule, Period, Organisation, date, datetime], Scoped]
_generators: dict[str, Generator] = {}


def register_generator(kind: str, function: Generator) -> None:
    """Let rules of a kind make rows. ``function`` runs in a transaction of its own for each row and, where it
    refuses, is asked again at the next run."""
    known = _generators.setdefault(kind, function)
    if known is not function:
        raise ValueError(f"generator registered twice: {kind}")


def unregister_generator(kind: str) -> None:
    """Take a generator out again: for tests."""
    _generators.pop(kind, None)


def generator_of(kind: str) -> Generator | None:
    return _generators.get(kind)
