"""The three responsible persons of a major hazard (包保责任人), told by whoever keeps them, once he registers.

A sign board leaves a blank line for each person of whom nothing is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

#: ``main``, ``technical``, ``operation``: see ``standards.risk.guarantors.ROLES``.
Provider = Callable[[uuid.UUID, date], Sequence["Guarantor"]]


@dataclass(frozen=True, slots=True)
class Guarantor:
    """One person: ``role`` is a key of ``standards.risk.guarantors.ROLES``."""

    role: str
    name: str
    post: str
    phone: str


_provider: list[Provider] = []


def register_guarantors(provider: Provider) -> None:
    """Let somebody tell who answers for a registered unit on a day; the last one counts. Called from ``ready``."""
    _provider[:] = [provider]


def guarantors_of(place_id: uuid.UUID, on: date) -> Sequence[Guarantor]:
    """Who answers for a registered unit on a day; empty where nobody tells."""
    return _provider[0](place_id, on) if _provider else ()
