"""Whoever works near something that was just put out of use is told (联锁旁路提醒)."""

from __future__ import annotations

import uuid
from datetime import datetime

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.notices import IMPAIRED
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.impairments import Impairment, impaired
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import note
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.working import CLOCK
from quancheng.kernel.calendar import Calendar


def tell_near(*, file: uuid.UUID, one: Impairment, now: datetime) -> int:
    """Tell of each work that runs near by. What begins or goes on later is warned by its own check (C-76). In the
    caller's transaction, for rooms above; returns of how many it told."""
    radius = parameters_of(file, Calendar().local_date(now)).impairment_radius_m
    rows = Permit.objects.filter(file=file, status="WORKING").select_related("file").order_by("pk")
    near = [row for row in rows if impaired(one, row).is_near(radius)]
    for row in near:
        note(CLOCK, "permits.impaired.near", row, now, {"what": one.code, "why": one.why.zh})
        tell(IMPAIRED, row, now, duty=WORK, what=f"{one.code} {one.name}".strip()[:160])
    return len(near)
