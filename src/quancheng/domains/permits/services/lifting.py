"""A point of isolation that holds nothing any more: reported open, failed in its trial, or taken out half way."""

from __future__ import annotations

from datetime import datetime

from quancheng.domains.permits.models import IsolationPoint
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.loops.services import move


def lift(*, actor: Actor, point: IsolationPoint, words: str, now: datetime, name: str = "lift") -> None:
    """Let a point be applied and verified anew. What relies on it is for the caller, or for the clock.

    :param name: the move, ``lift`` or ``fail``.
    """
    changes = {
        "lifted_at": now, "lift_reason": words, "verified_at": None, "verified_person_id": None, "review_at": None,
    }  # fmt: skip
    move(actor=actor, row=point, name=name, now=now, given={"reason": words}, changes=changes)
