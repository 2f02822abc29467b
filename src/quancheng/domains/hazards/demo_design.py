"""Design diagnoses in the demo: 2022 with defects closed and open, a regular design, others still to be screened."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

from PIL import Image

from quancheng.domains.hazards.services import design_diagnoses as services
from quancheng.domains.hazards.services import findings
from quancheng.domains.hazards.services.design_diagnoses import DefectSpec, DiagnosisSpec
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.files.services import Taken, receive_file

_DEFECTS = (
    ("酯化釜进料未设紧急切断阀", "进料管线增设紧急切断阀并接入控制系统", "酯化车间", True),
    ("控制室面向装置一侧未作抗爆设计", "委托核算，加固或搬迁控制室", "控制室", False),
    ("甲醇罐区防火堤有效容积不足", "核算后加高防火堤", "甲醇罐区", False),
)


def load(desk: Desk) -> None:
    """Entered some weeks ago by the second firm, whose process is a key one; the first has a regular design."""
    firms = {
        number: file
        for number in (1, 2)
        if (file := Enterprise.objects.filter(pk=desk.district.enterprises[number - 1].pk).first()) is not None
    }
    if (file := firms.get(2)) is not None:
        _diagnosis(desk, file)
    if (file := firms.get(1)) is not None:
        safety = desk.actor("enterprise1")
        spec = DiagnosisSpec(
            kind="formal", year=2016, institute="示例石油化工设计院", qualification="化工石化医药行业甲级 A1XXXXXX01",
            report_number="SH-2016-108", dated=date(2016, 4, 18), text="成品油罐区初步设计和安全设施设计专篇",
            files=[desk.paper(safety, "安全设施设计专篇", desk.ago(40))],
        )  # fmt: skip
        services.enter_diagnosis(actor=safety, file=file, spec=spec, now=desk.ago(40))


def _photo(desk: Desk, who: Actor, days: int) -> UUID:
    """A picture of plain colour, said to be one: the demo shows no real place."""
    picture = BytesIO()
    Image.new("RGB", (320, 240), (121, 143, 118)).save(picture, format="JPEG")
    picture.seek(0)
    at = desk.ago(days)
    taken = Taken(at=at - timedelta(minutes=2))
    return receive_file(actor=who, content=picture, name="示例照片.jpg", now=at, taken=taken).pk


def _diagnosis(desk: Desk, file: Enterprise) -> None:
    safety, head = desk.actor("enterprise2"), desk.actor("enterprise2.head")
    spec = DiagnosisSpec(
        kind="diagnosis", year=2022, institute="示例化工工程设计有限公司",
        qualification="化工石化医药行业（化工工程）专业甲级 A1XXXXXX02", report_number="ZD-2022-037",
        dated=date(2022, 9, 20), files=[desk.paper(safety, "安全设计诊断报告", desk.ago(40))],
    )  # fmt: skip
    row = services.enter_diagnosis(actor=safety, file=file, spec=spec, now=desk.ago(40))
    for name, advice, place, is_done in _DEFECTS:
        found = services.add_defect(
            actor=safety, row=row, spec=DefectSpec(name, advice, place, type="safety"), now=desk.ago(39)
        )
        if is_done:
            day = Calendar().local_date(desk.ago(33))
            findings.grade_finding(actor=safety, row=found, criterion="", grade="general", rectifier=safety.user_id,
                                   deadline=day, cause="建设时未设置", now=desk.ago(38))  # fmt: skip
            found.refresh_from_db()
            plan = {"measures": advice, "person": "设备主管", "money": 26000, "due_date": day,
                    "emergency_plan": "现场处置方案"}  # fmt: skip
            findings.plan_finding(actor=safety, row=found, plan=plan, now=desk.ago(37))
            photo = _photo(desk, safety, 35)
            findings.finish_finding(actor=safety, row=found, result="已安装、联锁试验合格", lesson=None, photos=[photo],
                                    now=desk.ago(35))  # fmt: skip
            findings.accept_finding(actor=head, row=found, comment="现场试验，动作正常", now=desk.ago(34))
