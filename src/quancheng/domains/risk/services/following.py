"""Open rows go on with the office that leads their enterprise now (主管部门变更): it owes what the former one owed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from quancheng.domains.registry.services.following import follow
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
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow

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
