"""Open rows go on with the office that leads their enterprise now (主管部门变更): it owes what the former one owed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from quancheng.domains.risk.models import (
    Analysis,
    Announcement,
    Classing,
    Clearing,
    Doubt,
    EnvironmentalFacility,
    Grading,
    IndexWarning,
    Policy,
    Reaction,
    StartStop,
)
from quancheng.domains.risk.services.gradings import CLOCK
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.loops.services import follow_owner

#: Rows of one kind that follow in one transaction; the night goes on with the rest.
MOST = 5000
_KINDS: tuple[type[LoopRow], ...] = (
    Analysis, Announcement, Classing, Clearing, EnvironmentalFacility, Grading, IndexWarning, Policy, Reaction,
    StartStop,
)  # fmt: skip


def follow_supervisors(*, now: datetime, files: Collection[uuid.UUID] | None = None) -> int:
    """Let what is open in this room, and what is owed on it, go to the office that leads its enterprise now.

    :param files: of these enterprises alone; None: of all. :returns: how many rows went.
    """
    went = 0
    for path, rows in _unfollowed(files):
        with transaction.atomic():
            locked = rows.select_related(path).select_for_update(of=("self",), no_key=True).order_by("pk")[:MOST]
            for row in locked:
                file = row.announcement.file if path.startswith("announcement") else row.file
                follow(row, ("supervisor",), to=file.supervisor_id, file=file.pk, actor=CLOCK, now=now)
                went += 1
    return went


def follow(row: LoopRow, fields: Sequence[str], *, to: uuid.UUID, file: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Let a row that the caller locked, and the open step on it, go to another office; the deadline stays.

    :param fields: foreign keys of the row that name the office.
    """
    facts = {"from": getattr(row, f"{fields[0]}_id"), "to": to}
    type(row)._default_manager.filter(pk=row.pk).update(**dict.fromkeys(fields, to), updated_at=now)
    row.refresh_from_db()
    follow_owner(row)
    note(actor, f"{row.loop_code}.follow", file, row, now, facts)


def hear_supervisor(event: Event, now: datetime) -> None:
    """Another office leads an enterprise."""
    follow_supervisors(now=now, files=[event.subject_id])


def _unfollowed(files: Collection[uuid.UUID] | None) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Of each kind the rows that are open and stand at an office that leads their enterprise no more."""
    kinds: list[tuple[Any, str]] = [*((kind, "file") for kind in _KINDS), (Doubt, "announcement__file")]
    for model, path in kinds:
        rows = model._default_manager.exclude(status__in=loop_of(model.loop_code).finals)
        rows = rows.exclude(supervisor=F(f"{path}__supervisor"))
        yield path, rows if files is None else rows.filter(**{f"{path}__in": files})
