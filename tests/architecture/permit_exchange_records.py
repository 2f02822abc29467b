"""Records of work alarms and of permits from outside for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.records import Record
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import District

from quancheng.domains.permits.models import WorkAlarm
from quancheng.domains.permits.services.alarms import raise_alarm

_ALARM = "标记作业报警的作业"


def alarm(district: District) -> Record:
    """One that its enterprise and those who supervise it see; its page names the permit."""
    row = WorkAlarm.objects.filter(permit__content=_ALARM).first()
    if row is None:
        permit = make_permit(district, "CS", crew=crew_of(district, "CS", order=790), content=_ALARM, to="PREPARING")
        row = raise_alarm(permit=permit, code="31", source="WATCH", now=NOW + timedelta(minutes=30), words=_ALARM)
    return Record({"pk": row.pk}, _ALARM)
