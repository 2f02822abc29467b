"""Moves with all that is asked before them and follows from them, made once for the same request."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.once import once

Row = TypeVar("Row", bound=LoopRow)


def move_once(
    *, actor: Actor, row: Row, name: str, given: Mapping[str, Any], client_id: uuid.UUID | None, now: datetime,
    make: Callable[[], object],
) -> Row:  # fmt: skip
    """Run ``make``, which moves the row, in one transaction; the row is refreshed in place.

    The same request again does none of it whatever came since, and is not refused for what the first one changed.

    :param name: the move, or another name of the act where the move is told only behind the lock.
    :param make: moves without the client's identifier, which is used up here.
    """

    def act() -> uuid.UUID:
        make()
        return row.pk

    with transaction.atomic():
        body = {"row": row.pk, "given": plain(dict(given))}
        code = f"{row.loop_code}.{name}"
        _pk, made = once(actor=actor, client_id=client_id, act=code, body=body, now=now, make=act)
    if not made:
        row.refresh_from_db()
    return row
