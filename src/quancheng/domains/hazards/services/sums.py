"""Folding what was added to sums of dangers and checks (按月汇总)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import Model

from quancheng.domains.hazards.models import CheckSum, ClosingSum, DangerFileSum, DangerSum
from quancheng.domains.hazards.queries.sums import NAMES

#: What is added up of each table; all else names the cell.
ADDED: Mapping[type[Model], tuple[str, ...]] = {
    DangerSum: NAMES, DangerFileSum: ("found",), ClosingSum: ("closed",), CheckSum: ("checks",),
}  # fmt: skip


def fold() -> int:
    """Make one row of those that were added for the same cell; answers by how many rows there are fewer.

    Only months to which something was added since are looked at: a small index tells which.

    What reads meanwhile sees the sums as before or as after, which are the same.
    """
    return sum(_fold(model, added) for model, added in ADDED.items())


def _fold(model: type[Model], added: tuple[str, ...]) -> int:
    table = model._meta.db_table
    cell = ", ".join(
        str(field.column) for field in model._meta.concrete_fields if field.name not in ("id", "is_folded", *added)
    )
    names, sums = ", ".join(added), ", ".join(f"sum({name}) AS {name}" for name in added)
    nothing = " AND ".join(f"sum({name}) = 0" for name in added)
    nought = " AND ".join(f"{name} = 0" for name in added)
    # Nothing but names of our own tables and columns is put in.
    statement = f"""
      WITH cells AS MATERIALIZED (
        SELECT array_agg(id) AS ids, {cell}, {sums} FROM {table}
        WHERE month IN (SELECT month FROM {table} WHERE NOT is_folded)
        GROUP BY {cell} HAVING NOT bool_and(is_folded) OR ({nothing})
      ), gone AS (
        DELETE FROM {table} WHERE id IN (SELECT unnest(ids) FROM cells) RETURNING 1
      ), kept AS (
        INSERT INTO {table} ({cell}, {names}, is_folded)
        SELECT {cell}, {names}, true FROM cells WHERE NOT ({nought}) RETURNING 1
      )
      SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM kept)
    """  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        # Two that fold at once would both add what both took away.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
