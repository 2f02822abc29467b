"""What an import brought is taken back: it ends, as if it had never been in the list; assessments stay to be read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.models import Measure
from quancheng.domains.risk.services import risks
from quancheng.kernel.access.actor import Actor


def withdraw_measure(*, actor: Actor, row: Measure, now: datetime) -> None:
    """End a measure; its event, unit and object end with it where the same import brought them and nothing is left.

    :raises Invalid: the measure failed meanwhile.
    """
    made_at, event = row.created_at, row.event
    reason = _("撤回导入")
    with transaction.atomic():
        risks.end_measure(actor=actor, row=row, reason=reason, now=now)
        if event.created_at != made_at or event.measures.filter(ended_date__isnull=True).exists():
            return
        risks.end_event(actor=actor, row=event, reason=reason, now=now)
        unit = event.unit
        if unit.created_at != made_at or unit.events.filter(ended_date__isnull=True).exists():
            return
        risks.end_unit(actor=actor, row=unit, reason=reason, now=now)
        parent = unit.object
        if parent.created_at == made_at and not parent.units.filter(ended_date__isnull=True).exists():
            risks.end_object(actor=actor, row=parent, reason=reason, now=now)
