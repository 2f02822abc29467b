"""A gas alarm stops special work at its unit (气体报警联动停工), GB 30871-2022, 4.8 and 6.5."""

from __future__ import annotations

from datetime import datetime

from quancheng.domains.monitoring.models import Alarm
from quancheng.domains.monitoring.queries.tags import unit_of
from quancheng.domains.permits.services.orders import suspend_at, suspend_paired
from quancheng.domains.permits.services.pairing_clock import watch_detector
from quancheng.kernel.events.models import Event

#: Kinds of ``standards.signals`` that tell of gas, with the limits that mean danger.
_DANGER = {"flammable": ("H", "HH"), "toxic": ("H", "HH"), "oxygen": ("L", "LL", "H", "HH")}


def hear_alarm(event: Event, now: datetime) -> None:
    """An alarm was raised. What was told late says nothing of now, and a detector without a unit nothing of where."""
    row = Alarm.objects.select_related("tag__facility").filter(pk=event.subject_id).first()
    if row is None or row.is_late or row.cleared_at is not None or row.type not in _DANGER.get(row.tag.kind, ()):
        return
    if row.tag.is_portable:
        # Where it is registered says nothing of where it is: it speaks for the work that it goes with.
        # What it smelt may have passed by when this is heard: the alarm stops, whatever its newest message tells.
        suspend_paired(file=row.file_id, instrument=row.tag.code, words=row.title, now=now)
        watch_detector(file=row.file_id, code=row.tag.code, now=now)
        return
    unit = unit_of(row.tag)
    if unit is not None:
        suspend_at(file=row.file_id, unit=unit, reason="GAS_ALARM", words=row.title, now=now)
