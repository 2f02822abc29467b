"""The exchange in the demo: one enterprise connected to the trial platform, another whose own system sends.

Nothing leaves: the connection is off, and the answers are invented and noted as if they had come. To try it: start
``quancheng dev upper-platform``, allow its network, switch the connection on.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from quancheng.domains.hazards.services import exchange_adapters as adapters
from quancheng.domains.hazards.services import exchange_applications as applications
from quancheng.domains.hazards.services import exchange_intake as intake
from quancheng.domains.hazards.services import exchange_sending as sending
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.exchange.upward.transport import Told
from quancheng.standards.dual_prevention_exchange import write_time

#: Number of the enterprise that goes up, and of the one whose system sends.
_UP, _IN = 2, 1
#: Key of the trial platform, as it prints it.
_KEY, _SECRET = "trial-key-16byte", "trial-secret"
_NAMES = uuid.UUID("00000000-0000-4000-8000-000000000001")


def load(desk: Desk) -> None:
    """What went up and what came in some days ago."""
    files = Enterprise.objects.select_related("enterprise")
    known = {number: files.filter(pk=desk.district.enterprises[number - 1].pk).first() for number in (_UP, _IN)}
    up, own = known[_UP], known[_IN]
    if up is not None and up.registration_code:
        _go_up(desk, up)
    if own is not None and own.registration_code:
        _come_in(desk, own)


def _go_up(desk: Desk, file: Enterprise) -> None:
    head = desk.actor(f"enterprise{_UP}.head")
    given = {
        "name": "上级平台模拟器", "variant": "A", "url": "http://127.0.0.1:8097/a",
        "counts_url": "http://127.0.0.1:8097/counts", "org_code": "DEMO", "cipher": "aes_cbc", "key": _KEY,
        "secret": _SECRET, "is_park": True, "times": "compact", "batch_rows": 500,
    }  # fmt: skip
    row = adapters.enter_adapter(actor=head, file=file, known=given, now=desk.ago(5))
    adapters.fill_adapter(actor=head, row=row, now=desk.ago(5))
    for code in ("unit", "event", "measure"):
        prepared = sending.prepare(adapter=row, code=code, now=desk.ago(4))
        if prepared is None:
            continue
        told = Told(status=200, message="成功")
        if code == "measure":
            told.rejected = {str(prepared.rows[0][1]["id"]): (4009, "管控措施描述过于笼统，请写明可检查的内容")}
        sending.note(batch=prepared.batch, told=told, now=desk.ago(4) + timedelta(seconds=2))


def _come_in(desk: Desk, file: Enterprise) -> None:
    head = desk.actor(f"enterprise{_IN}.head")
    made = applications.make_application(
        actor=head, file=file, name="企业双预防系统（示例）", cipher="none", key="", now=desk.ago(6)
    )
    at = write_time(desk.ago(3))
    common: dict[str, Any] = {
        "companyCode": file.registration_code, "deleted": "0", "createDate": at, "createBy": "示例甲", "updateDate": at,
        "updateBy": "示例甲",
    }  # fmt: skip
    unit, event, measure, lost = (str(uuid.uuid5(_NAMES, name)) for name in ("unit", "event", "measure", "lost"))
    rows: list[tuple[str, dict[str, Any]]] = [
        ("unit", {"id": unit, "hazardCode1": "FQ-01", "hazardDep": "设备部", "hazardLiablePerson": "示例甲",
                  "riskUnitName": "油气回收装置"}),
        ("event", {"id": event, "riskUnitId": unit, "riskEventName": "油气回收装置回火引发爆炸"}),
        ("measure", {"id": measure, "riskEventId": event, "dataSrc": "2", "classify1": "1", "classify2": "1-3",
                     "riskMeasureDesc": "入口设阻火器并定期清洗", "troubleshootContent": "检查阻火器压差和清洗记录"}),
        ("measure", {"id": lost, "riskEventId": lost, "dataSrc": "2", "classify1": "2", "classify2": "2-2",
                     "riskMeasureDesc": "定期检测活性炭床层温度", "troubleshootContent": "检查温度记录"}),
    ]  # fmt: skip
    for code, row in rows:
        intake.take_rows(
            application=made.application, code=code, rows=[{**common, **row}], batch="demo", now=desk.ago(3)
        )
