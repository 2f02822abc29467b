"""A change calls for analyses anew: a rebuilt or extended plant was accepted."""

from __future__ import annotations

import uuid
from datetime import datetime

from quancheng.domains.registry.models import Project
from quancheng.domains.risk.services.analyses import analyse_anew
from quancheng.kernel.events.models import Event

_CHANGES = ("rebuilt", "extended")


def hear_change(event: Event, now: datetime) -> None:
    """A project was accepted: analyses of its enterprise that were made before are due at once."""
    project = Project.objects.filter(pk=event.subject_id, status="DONE", kind__in=_CHANGES).first()
    if project is not None and event.facts.get("to") == "DONE":
        file_id: uuid.UUID = project.owner_org_id
        analyse_anew(file_id=file_id, reason=f"{project.code} {project.title}", now=now)
