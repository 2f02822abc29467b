"""One conditional UPDATE that reads the row back: what ``update()`` and ``refresh_from_db()`` do in two statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.sql import UpdateQuery


def update_and_read(rows: models.QuerySet[Any], *, row: models.Model, fields: Mapping[str, Any]) -> bool:
    """Update the one row that ``rows`` still holds and put what it is now into ``row``; False where none matched.

    Columns that ``row`` left out when it was read stay left out. What it knows of its relations stays known where
    they still point there, so that who loaded them for the page need not ask again.
    """
    kept = [field for field in row._meta.concrete_fields if field.attname not in row.get_deferred_fields()]
    query = rows.query.chain(UpdateQuery)
    query.add_update_values(dict(fields))  # type: ignore[attr-defined]
    query.annotations = {}
    connection = connections[rows.db]
    try:
        statement, params = query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return False
    table = connection.ops.quote_name(row._meta.db_table)
    columns = ", ".join(f"{table}.{connection.ops.quote_name(field.column or '')}" for field in kept)
    found = list(type(row)._base_manager.using(rows.db).raw(f"{statement} RETURNING {columns}", params))
    if len(found) != 1:
        return False
    for field in kept:
        setattr(row, field.attname, getattr(found[0], field.attname))
    # As refresh_from_db() does: rows that point here may have changed too.
    for relation in row._meta.related_objects:
        if relation.is_cached(row):
            relation.delete_cached_value(row)
    row._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    return True
