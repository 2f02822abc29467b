"""All that a database holds, as text by table and key, and the comparison of two such states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

#: Table to (primary key to (column to value as text)).
Content = dict[str, dict[str, dict[str, str | None]]]

_KEYS = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY 1
"""


def read_content(conninfo: str) -> Content:
    """Every row of every table with a primary key (all of ours have one)."""
    found: Content = {}
    with psycopg.connect(conninfo) as link:
        for table, keys in link.execute(_KEYS).fetchall():
            cursor = link.execute(sql.SQL("SELECT * FROM {} AS t").format(sql.Identifier(table)))
            names = [column.name for column in cursor.description or ()]
            columns = [sql.SQL("t.{}::text").format(sql.Identifier(name)) for name in names]
            rows = link.execute(sql.SQL("SELECT {} FROM {} AS t").format(sql.SQL(", ").join(columns),
                                                                       sql.Identifier(table))).fetchall()  # fmt: skip
            found[table] = {
                "|".join(str(row[names.index(key)]) for key in keys): dict(zip(names, row, strict=True)) for row in rows
            }
    return found


@dataclass
class Moves:
    """What a later version may do to what was there. Each needs its reason, written beside it."""

    #: Tables that the running system itself empties or fills.
    passing: frozenset[str]
    #: Tables that later versions add shipped rows to; what was there stays.
    growing: frozenset[str]
    #: Table to its new name, or "" where it is gone.
    tables: Mapping[str, str] = field(default_factory=dict)
    #: (table, column) to its new name, or "" where it is gone or written anew.
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)


def losses(before: Content, after: Content, moves: Moves) -> list[str]:
    """What was there before and is not, or is not the same; empty where nothing was lost."""
    found: list[str] = []
    for table, rows in before.items():
        name = moves.tables.get(table, table)
        if table in moves.passing or not name:
            continue
        if name not in after:
            found.append(f"{table}: the table is gone")
            continue
        now = after[name]
        if len(now) != len(rows) and table not in moves.growing:
            found.append(f"{table}: {len(rows)} rows before, {len(now)} after")
        found += _row_losses(table, rows, now, moves)
    return found


def _row_losses(
    table: str, rows: dict[str, dict[str, str | None]], now: dict[str, dict[str, str | None]], moves: Moves
) -> list[str]:
    missing = [key for key in rows if key not in now]
    changed: dict[str, int] = {}
    for key, row in rows.items():
        for column, value in row.items() if key in now else ():
            name = moves.columns.get((table, column), column)
            if name and now[key].get(name, "the column is gone") != value:
                changed[column] = changed.get(column, 0) + 1
    return [
        *([f"{table}: {len(missing)} rows are gone, among them {missing[0]}"] if missing else []),
        *(f"{table}.{column}: {count} of {len(rows)} values differ" for column, count in changed.items()),
    ]
