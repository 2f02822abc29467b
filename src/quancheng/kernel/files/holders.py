"""Which records may hold files: each app says how an actor gets its records, so that a file has no door of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import models

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of

#: The row if the actor may see it, else None.
Getter = Callable[[Actor, uuid.UUID], "models.Model | None"]
#: Whether the evidence of a row stands: it may be added to, no more.
Closed = Callable[[models.Model], bool]
#: Whether the actor may read what a row that he sees holds in a role.
Shown = Callable[[Actor, models.Model, str], bool]


@dataclass(frozen=True, slots=True)
class Holder:
    getter: Getter
    is_closed: Closed
    shown: Shown | None = None


_holders: dict[str, Holder] = {}


def register_holder(
    subject_type: str, getter: Getter, *, is_closed: Closed | None = None, shown: Shown | None = None
) -> None:
    """Let rows of a kind hold files; called from an app's ``ready``.

    :param is_closed: for rows that are no loop rows; those are asked for their own ``is_closed``.
    :param shown: where a row is read by people who may not read all that it holds; None shows everything.
    """
    _holders[subject_type] = Holder(getter, is_closed or _closed_by_itself, shown)


def register_scoped(model: type[models.Model], *, is_closed: Closed | None = None, shown: Shown | None = None) -> None:
    """The usual holder: a scoped model, whose ``visible_to`` is the door."""

    def getter(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        found: models.Model | None = model._default_manager.visible_to(actor).filter(pk=pk).first()  # type: ignore[attr-defined]
        return found

    register_holder(subject_type_of(model), getter, is_closed=is_closed, shown=shown)


def holder_of(subject_type: str) -> Holder | None:
    return _holders.get(subject_type)


def row_for(actor: Actor, subject_type: str, subject_id: uuid.UUID) -> models.Model | None:
    """The holding row, where the actor may see it."""
    holder = _holders.get(subject_type)
    return holder.getter(actor, subject_id) if holder else None


def is_shown(actor: Actor, row: models.Model, role: str) -> bool:
    """Whether the actor may read what a row that he got through its own door holds in a role."""
    holder = _holders.get(subject_type_of(row))
    return holder is None or holder.shown is None or holder.shown(actor, row, role)


def is_closed(row: models.Model) -> bool:
    holder = _holders.get(subject_type_of(row))
    return holder.is_closed(row) if holder else _closed_by_itself(row)


def _closed_by_itself(row: models.Model) -> bool:
    return bool(getattr(row, "is_closed", False))
