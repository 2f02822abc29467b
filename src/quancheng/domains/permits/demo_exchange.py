"""Work alarms and the exchange of permits in the demo: alarms in several states, permits of an enterprise on their way
up of which one was refused, and three permits of another enterprise's own system, with a record kept aside.

Nothing leaves: the connection is off, and the answers are invented and noted as if they had come.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from quancheng.domains.hazards.services import exchange_adapters as adapters
from quancheng.domains.hazards.services import exchange_applications as applications
from quancheng.domains.hazards.services import exchange_intake as intake
from quancheng.domains.hazards.services import exchange_sending as sending
from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.services.alarms import act_on_alarm, raise_alarm
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.exchange.upward.transport import Told
from quancheng.standards.dual_prevention_exchange import write_time

#: Number of the enterprise that goes up, and of the one with a system of its own.
_UP, _IN = 2, 3
_NAMES = uuid.UUID("00000000-0000-4000-8000-000000000002")


def load(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """After the permits and their audits; ``files`` by number."""
    _alarms(desk, files)
    for number, make in ((_UP, _go_up), (_IN, _come_in)):
        file = files.get(number)
        if file is not None and file.registration_code:
            make(desk, file)


def _alarms(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """One being dealt with, one dealt with, one false; refused presentations raised those that nobody acknowledged."""
    wanted = (
        (1, "WORKING", "31", "监护人离开作业点约3分钟，无人替换", "acknowledge", ""),
        (3, "SUSPENDED", "10", "到达有效期后现场仍有人员", "close", "作业已停止，人员撤离，围挡保留"),
        (3, "WORKING", "WTH", "现场风速仪读数异常", "false", "仪器故障，人工复测为2级风"),
    )
    for number, status, code, words, act, text in wanted:
        rows = Permit.objects.filter(file=files.get(number), status=status).select_related("file")
        permit = rows.order_by("pk").first()
        if permit is None:
            continue
        now = desk.district.now
        row = raise_alarm(permit=permit, code=code, source="WATCH", now=now - timedelta(minutes=8), words=words)
        actor = desk.actor(f"enterprise{number}")
        act_on_alarm(actor=actor, row=row, name=act, text=text, now=now - timedelta(minutes=5))


def _go_up(desk: Desk, file: Enterprise) -> None:
    head, now = desk.actor(f"enterprise{_UP}.head"), desk.district.now
    given = {
        "name": "园区平台模拟器", "family": "permits", "variant": "D", "url": "http://127.0.0.1:8097/d",
        "counts_url": "http://127.0.0.1:8097/counts", "org_code": "DEMO-PARK", "cipher": "aes_cbc",
        "key": "trial-key-16byte", "secret": "trial-secret", "times": "dashed", "batch_rows": 500,
    }  # fmt: skip
    row = adapters.enter_adapter(actor=head, file=file, known=given, now=now - timedelta(minutes=30))
    adapters.fill_adapter(actor=head, row=row, now=now - timedelta(minutes=30))
    prepared = sending.prepare(adapter=row, code="ticket", now=now - timedelta(minutes=29))
    if prepared is not None:
        told = Told(status=200, message="部分拒绝")
        told.rejected = {str(prepared.rows[0][1]["UUID"]): (4009, "作业位置过于笼统，请写明装置和部位")}
        sending.note(batch=prepared.batch, told=told, now=now - timedelta(minutes=29))


def _come_in(desk: Desk, file: Enterprise) -> None:
    head, now = desk.actor(f"enterprise{_IN}.head"), desk.district.now
    made = applications.make_application(
        actor=head, file=file, name="某厂商作业票系统（示例）", cipher="none", key="", now=desk.ago(3)
    )

    def record(number: int, **more: Any) -> dict[str, Any]:
        begin = now - timedelta(minutes=50)
        return {
            "ID": str(uuid.uuid5(_NAMES, str(number))), "COMPANY_NAME": file.enterprise.name if file.enterprise else "",
            "COMPANY_CODE": file.registration_code, "ISSUE_TIME": write_time(begin - timedelta(minutes=10)),
            "START_TIME": write_time(begin), "END_TIME": write_time(begin + timedelta(hours=6)),
            "LONGITUDE": str(float(file.lon or 0) + number * 0.004), "LATITUDE": str(file.lat or 0),
            "SUPERVISOR_NAME": "示例监护", "WORKER_NAME": "示例甲,示例乙", "WORK_DEPARTMENT": "示例检修公司",
            "IS_CONTRACTOR_WORK": "1", "TICKET_RESPONS_NAME": "示例丙", "MAJOR_PERSON_MOBILE": "00055500002",
            "IS_CHANGED": "0", "IS_CANCELLED": "0", "DELETED": "0", "CREATE_DATE": write_time(begin),
            "CREATE_BY": "示例系统", "UPDATE_DATE": write_time(begin + timedelta(minutes=1)), "UPDATE_BY": "示例系统",
            **more,
        }  # fmt: skip

    gas = {"GAS_NAME": "可燃气体", "GAS_TIME": write_time(now - timedelta(minutes=70)), "GAS_VALUE": "0.02"}
    first = record(1, TICKET_TYPE="23", TICKET_STATUS="2", TICKET_POSITION="仓库屋面", TICKET_CONTENT="屋面防水维修")
    late = write_time(now - timedelta(minutes=20))
    # Issued after work began: the audit of the record says so.
    second = record(2, TICKET_TYPE="70", TICKET_STATUS="2", TICKET_POSITION="污水调节池", TICKET_CONTENT="清理池底",
                    ISSUE_TIME=late, **gas)  # fmt: skip
    third = record(3, TICKET_TYPE="30", TICKET_STATUS="3", TICKET_POSITION="厂前区绿地", TICKET_CONTENT="敷设给水管",
                   CHECKED_TIME=write_time(now - timedelta(minutes=5)))  # fmt: skip
    broken = record(4, TICKET_TYPE="99", TICKET_STATUS="1", TICKET_POSITION="罐区", TICKET_CONTENT="更换阀门")
    alarm = {
        "ID": str(uuid.uuid5(_NAMES, "alarm")), "TICKET_ID": second["ID"], "ALARM_TYPE": "05",
        "ALARM_START_TIME": late, "DELETED": "0", "CREATE_DATE": late, "CREATE_BY": "示例系统", "UPDATE_DATE": late,
        "UPDATE_BY": "示例系统",
    }  # fmt: skip
    for code, rows in (("ticket", [first, second, third, broken]), ("alarm", [alarm])):
        intake.take_rows(
            application=made.application, code=code, rows=rows, batch="demo", now=now - timedelta(minutes=3)
        )
