"""What is open of audits, checks and filings goes on with the office that leads the enterprise now (主管部门变更)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from quancheng.domains.permits.models import AuditFinding, SpotCheck, WorkFiling
from quancheng.domains.permits.services.auditing import HOUSE
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.following import follow
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow

_KINDS: tuple[type[LoopRow], ...] = (AuditFinding, SpotCheck, WorkFiling)


def hear_supervisor(event: Event, now: datetime) -> None:
    """Another office leads an enterprise: what the one before was still to judge is its own from now on."""
    file = Enterprise.objects.get(pk=event.subject_id)
    before = uuid.UUID(str(event.facts["from"]))
    if before == file.supervisor_id:
        return
    with transaction.atomic():
        for model in _KINDS:
            rows: QuerySet[Any] = model._default_manager.filter(enterprise=file.pk, owner_org=before)
            rows = rows.exclude(status__in=loop_of(model.loop_code).finals)
            for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
                follow(row, ("owner_org",), to=file.supervisor_id, file=file.pk, actor=HOUSE, now=now)
