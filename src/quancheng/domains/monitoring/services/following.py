"""Open warnings go on with the office that leads their enterprise now (主管部门变更)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models, transaction

from quancheng.domains.monitoring.models import RiskWarning, WarningCheck
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.warning_clock import HOUSE
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.following import follow
from quancheng.kernel.events.models import Event


def hear_supervisor(event: Event, now: datetime) -> None:
    """Another office leads an enterprise."""
    with transaction.atomic():
        supervisor = Enterprise.objects.filter(pk=event.subject_id).values_list("supervisor_id", flat=True).first()
        if supervisor is None:
            return
        open_ones = RiskWarning.objects.filter(file=event.subject_id).exclude(status="CLOSED")
        warnings = open_ones.exclude(supervisor=supervisor).select_for_update(no_key=True)
        each(warnings, lambda row: _go(row, "supervisor", supervisor, event.subject_id, now), what="following")
        due = WarningCheck.objects.filter(warning__file=event.subject_id, status="DUE").exclude(owner_org=supervisor)
        checks = due.select_for_update(of=("self",), no_key=True)
        each(checks, lambda row: _go(row, "owner_org", supervisor, event.subject_id, now), what="following")


def _go(row: models.Model, field: str, to: uuid.UUID, file: uuid.UUID, now: datetime) -> bool:
    if isinstance(row, (RiskWarning, WarningCheck)):
        follow(row, (field,), to=to, file=file, actor=HOUSE, now=now)
    return True
