"""Moves with all that is asked before them and follows from them, made once for the same request."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.once import act_once

Row = TypeVar("Row", bound=LoopRow)


def move_once(
    *, actor: Actor, row: Row, name: str, given: Mapping[str, Any], client_id: uuid.UUID | None, now: datetime,
    make: Callable[[], object],
) -> Row:  # fmt: skip
    """Run ``make``, which moves the row and locks what it needs: the danger first, its further rows after it.

    :param name: the move, or another name of the act where the move is told only behind the lock.
    """
    body = {"given": plain(dict(given))}
    code = f"{row.loop_code}.{name}"
    act_once(actor=actor, row=row, act=code, body=body, now=now, client_id=client_id, do=make, lock=False)
    return row
