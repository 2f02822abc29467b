"""What is open at an enterprise beyond its risk list: told by a room above, which knows hidden dangers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import IntegerField, Value

from quancheng.kernel.access.actor import Actor


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One open major danger: where it leads, when it was found, by when it is due."""

    file_id: uuid.UUID
    enterprise: str
    code: str
    name: str
    found_date: date
    due_date: date | None
    url: str


class OpenItems(Protocol):
    """What a room above tells."""

    def majors(self, *, actor: Actor, town: str) -> Sequence[OpenItem]:
        """Open major dangers that the actor may see, the oldest first; ``town`` is the path of an area or empty."""

    def count(self, *, actor: Actor, major: bool) -> Any:
        """How many are open at the file outside, of all or of the major ones: an expression over files."""


_told: list[OpenItems] = []


def register(items: OpenItems) -> None:
    """Called from an app's ``ready``; one room tells."""
    _told[:] = [items]


def open_majors(*, actor: Actor, town: str = "") -> Sequence[OpenItem]:
    return _told[0].majors(actor=actor, town=town) if _told else ()


def open_count(*, actor: Actor, major: bool) -> Any:
    return _told[0].count(actor=actor, major=major) if _told else Value(0, IntegerField())
