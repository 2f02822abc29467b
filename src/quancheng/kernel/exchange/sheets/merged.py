"""Tables in which equal neighbours become one cell: wall charts (挂图作战), on the page and in the spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quancheng.kernel.exchange.sheets.columns import SheetColumn


@dataclass(frozen=True)
class MergedCell:
    """A cell and how many rows it covers; ``rowspan`` 0: covered by the one above."""

    key: str
    value: Any
    rowspan: int = 1

    @property
    def is_shown(self) -> bool:
        return self.rowspan > 0


@dataclass(frozen=True)
class MergedTable:
    """Columns and rows of cells, each row one cell a column."""

    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[MergedCell, ...], ...]


def merge_equal(
    columns: Sequence[SheetColumn], rows: Iterable[Mapping[str, Any]], *, by: Sequence[str] = ()
) -> MergedTable:
    """Join equal neighbours in the columns ``by``; a column joins only inside what the one named before it joined.

    Empty values are not joined. The order of the rows is the caller's.
    """
    lines = [dict(row) for row in rows]
    spans: dict[str, list[int]] = {column.key: [1] * len(lines) for column in columns}
    block = [0] * len(lines)  # which joined block of the columns before each row belongs to
    for key in by:
        start = 0
        inner = [0] * len(lines)
        for index in range(len(lines)):
            value = lines[index].get(key)
            joins = (
                index > 0
                and block[index] == block[index - 1]
                and value not in (None, "")
                and value == lines[index - 1].get(key)
            )
            if joins:
                spans[key][start] += 1
                spans[key][index] = 0
            else:
                start = index
            inner[index] = start
        block = inner
    return MergedTable(
        columns=tuple(columns),
        rows=tuple(
            tuple(MergedCell(column.key, line.get(column.key), spans[column.key][index]) for column in columns)
            for index, line in enumerate(lines)
        ),
    )
