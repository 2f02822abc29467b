"""Records of work alarms and of permits from outside for the walk."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from tests.architecture.census_records import _file
from tests.architecture.exchange_records import _application
from tests.architecture.records import Record
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.factories import District

from quancheng.domains.permits.models import KeptRecord, OutsidePermit, WorkAlarm
from quancheng.domains.permits.services import outside as services
from quancheng.domains.permits.services.alarms import raise_alarm
from quancheng.standards.dual_prevention_exchange import write_time

_ALARM = "标记作业报警的作业"


def alarm(district: District) -> Record:
    """One that its enterprise and those who supervise it see; its page names the permit."""
    row = WorkAlarm.objects.filter(permit__content=_ALARM).first()
    if row is None:
        permit = make_permit(district, "CS", crew=crew_of(district, "CS", order=790), content=_ALARM, to="PREPARING")
        row = raise_alarm(permit=permit, code="31", source="WATCH", now=NOW + timedelta(minutes=30), words=_ALARM)
    return Record({"pk": row.pk}, _ALARM)


def _ticket(key: int, **more: Any) -> dict[str, Any]:
    return {
        "ID": str(uuid.UUID(int=key)), "COMPANY_NAME": "示例", "COMPANY_CODE": "990100001", "TICKET_TYPE": "30",
        "ISSUE_TIME": write_time(NOW), "START_TIME": write_time(NOW), "END_TIME": write_time(NOW + timedelta(hours=4)),
        "TICKET_POSITION": "厂前区", "TICKET_CONTENT": "标记外部作业票", "LONGITUDE": "118.9", "LATITUDE": "37.9",
        "TICKET_STATUS": "1", "SUPERVISOR_NAME": "某监护人", "WORKER_NAME": "某作业人", "WORK_DEPARTMENT": "某班",
        "IS_CONTRACTOR_WORK": "0", "TICKET_RESPONS_NAME": "某负责人", "MAJOR_PERSON_MOBILE": "00055500001",
        "IS_CHANGED": "0", "IS_CANCELLED": "0", "DELETED": "0", "CREATE_DATE": write_time(NOW), "CREATE_BY": "某系统",
        "UPDATE_DATE": write_time(NOW), "UPDATE_BY": "某系统", **more,
    }  # fmt: skip


def outside(district: District) -> Record:
    row = OutsidePermit.objects.filter(content="标记外部作业票").first()
    if row is None:
        services.take_tickets(_application(district, "某厂商系统"), [_ticket(901)], "", NOW)
        row = OutsidePermit.objects.get(file=_file(district), content="标记外部作业票")
    return Record({"pk": row.pk}, "标记外部作业票")


def kept(district: District) -> Record:
    key = "标记留置来件主键"
    row = KeptRecord.objects.filter(key=key).first()
    if row is None:
        services.take_tickets(_application(district, "另一厂商系统"), [_ticket(902, ID=key)], "", NOW)
        row = KeptRecord.objects.get(key=key)
    return Record({"pk": row.pk}, key)
