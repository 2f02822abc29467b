"""What is open goes on with the office that leads the enterprise now (主管部门变更); what was handed over stays."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from quancheng.domains.hazards.models import (
    BuildingAcceptance,
    ExpiryReview,
    Finding,
    Recheck,
    Resumption,
    RunningAction,
    RunningAppeal,
    SiteAssessment,
)
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.following import follow
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow

_HOUSE = system_actor("hazards", "hazards.findings.supervise")
#: Kinds of rows, the way to their enterprise, and which of their columns name the office.
_KINDS: tuple[tuple[type[LoopRow], str, tuple[str, ...]], ...] = (
    (Finding, "file", ("supervisor",)),
    (Resumption, "file", ("supervisor",)),
    (ExpiryReview, "finding__file", ("owner_org",)),
    (Recheck, "finding__file", ("owner_org",)),
    (BuildingAcceptance, "file", ("supervisor", "owner_org")),
    (SiteAssessment, "file", ("supervisor", "owner_org")),
    (RunningAction, "week__file", ("owner_org",)),
    (RunningAppeal, "week__file", ("owner_org",)),
)


def hear_supervisor(event: Event, now: datetime) -> None:
    """Another office leads an enterprise: what the one before owed there is its own from now on.

    A danger that was handed over to another body (移送) is not the former office's and stays where it is.
    """
    file = Enterprise.objects.get(pk=event.subject_id)
    before = uuid.UUID(str(event.facts["from"]))
    if before == file.supervisor_id:
        return
    for model, path, fields in _KINDS:
        mine = Q(**{path: file.pk, fields[0]: before})
        rows: QuerySet[Any] = model._default_manager.filter(mine).exclude(status__in=loop_of(model.loop_code).finals)
        for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
            follow(row, fields, to=file.supervisor_id, file=file.pk, actor=_HOUSE, now=now)
