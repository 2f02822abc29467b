"""Open rows go on with the office that leads their enterprise now (主管部门变更): it owes what the former one owed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from quancheng.domains.registry.models import (
    Enterprise,
    Filing,
    HazardCheck,
    LicenceExit,
    MajorHazard,
    Project,
    Reverification,
    StorageFinding,
)
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.loops.services import follow_owner

_HOUSE = system_actor("registry", "registry.files.verify")
#: Kinds of rows, the way to their enterprise, and which of their columns name the office.
_KINDS: tuple[tuple[type[LoopRow], str, tuple[str, ...]], ...] = (
    (Filing, "file", ("supervisor",)),
    (HazardCheck, "hazard__enterprise", ("owner_org",)),
    (LicenceExit, "file", ("owner_org",)),
    (MajorHazard, "enterprise", ("supervisor",)),
    (Project, "enterprise", ("supervisor",)),
    (Reverification, "file", ("owner_org",)),
    (StorageFinding, "file", ("supervisor",)),
)


def follow(row: LoopRow, fields: Sequence[str], *, to: uuid.UUID, file: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Let a row that the caller locked, and the open step on it, go to another office; the deadline stays.

    :param fields: foreign keys of the row that name the office.
    """
    facts = {"from": getattr(row, f"{fields[0]}_id"), "to": to}
    type(row)._default_manager.filter(pk=row.pk).update(**dict.fromkeys(fields, to), updated_at=now)
    row.refresh_from_db()
    follow_owner(row)
    journal.record(
        actor=actor, act=f"{row.loop_code}.follow", subject_type=row.row_type(), subject_id=row.pk, org_id=file,
        facts=facts, now=now,
    )  # fmt: skip


def hear_supervisor(event: Event, now: datetime) -> None:
    """Another office leads an enterprise: what the one before was to judge of its file is its own from now on.

    What it judged stays its own. A clue goes on with whoever judges it, since it is no act on a file; a product's
    sample is of whoever took it.
    """
    file = Enterprise.objects.get(pk=event.subject_id)
    before = uuid.UUID(str(event.facts["from"]))
    if before == file.supervisor_id:
        return
    with transaction.atomic():
        for model, path, fields in _KINDS:
            mine = Q(**{path: file.pk, fields[0]: before})
            rows: QuerySet[Any] = model._default_manager.filter(mine).exclude(
                status__in=loop_of(model.loop_code).finals
            )
            for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
                follow(row, fields, to=file.supervisor_id, file=file.pk, actor=_HOUSE, now=now)
