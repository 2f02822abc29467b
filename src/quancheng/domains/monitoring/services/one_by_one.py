"""Rows that a clock works through: what goes wrong with one must not keep the others waiting (逐条处理)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, models, transaction

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=models.Model)


def each(rows: Iterable[Row], act: Callable[[Row], int], *, what: str) -> int:
    """Do something with each row, in a transaction of its own; the sum of what was done. One that fails is logged.

    :raises OperationalError, InterfaceError: the database is away; nothing else can be done either.
    """
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                done += act(row)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("%s failed for %s %s", what, row._meta.label_lower, row.pk)
    return done
