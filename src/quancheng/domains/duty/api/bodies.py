"""What the operations of several subjects take."""

from __future__ import annotations

import uuid

from ninja import Field

from quancheng.kernel.exchange.rest import Strict


class ReasonIn(Strict):
    """Why; most moves that take something back must say it."""

    reason: str = Field("", max_length=5000)


class UnitsIn(Strict):
    """Organisations, each once."""

    org_ids: list[uuid.UUID] = Field(min_length=1, max_length=500)


#: Files that the same person uploaded before (``POST /files``).
Evidence = list[uuid.UUID]


def evidence(*, least: int = 0) -> Evidence:
    """A field of files; ``least`` is how many there must be."""
    words = "files uploaded before"
    if least:
        found: Evidence = Field(min_length=least, max_length=50, description=words)
    else:
        found = Field(default_factory=list, max_length=50, description=words)
    return found
