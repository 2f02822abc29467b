"""Counting rows for the eye: several query sets in one query, none further than anybody reads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def count_up_to(most: int, waiting: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each query set has, ``most`` + 1 where it has more. One query; none where all are empty."""
    found = dict.fromkeys(waiting, 0)
    parts: dict[str, str] = {}
    params: list[Any] = []
    for name, rows in waiting.items():
        with suppress(EmptyResultSet):
            statement, given = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
            parts[name] = f"(SELECT count(*) FROM ({statement}) counted)"  # noqa: S608 - Django's own statement
            params += given
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts.values())}", params)
            found |= zip(parts, cursor.fetchone(), strict=True)
    return found


def told(number: int, most: int) -> str:
    """A count as people read it: 99+ beyond the most."""
    return str(number) if number <= most else f"{most}+"
