"""One line of a document, whatever kind of file it came from."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A line of the document; ``cells`` are those of a table row, None marks a merged one."""

    text: str
    cells: tuple[str | None, ...] | None = None
