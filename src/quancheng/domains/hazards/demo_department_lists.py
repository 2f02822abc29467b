"""Departments' own checklists in the demo: one in use with a draft of its next edition, one to be published."""

from __future__ import annotations

from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.hazards.services.department_checklists import ListSpec
from quancheng.domains.registry.demo_parts import Desk
from quancheng.kernel.law.services import ClauseSpec

_TALENT = (
    ("主要负责人、安全总监具备化工类专业学历或中级以上职称", "应急〔2018〕74号", "general", ""),
    ("专职安全管理人员数量不低于从业人员的2%", "安委〔2020〕3号", "general", "value"),
    ("班组长以上人员经培训考核合格，有记录", "《安全生产法》第28条", "general", ""),
    ("涉及重点监管工艺的操作人员具有高中或化工类中专以上学历", "应急〔2018〕74号", "serious", ""),
)
_VEHICLES = (
    ("罐体无渗漏，紧急切断装置动作有效", "JT/T 617", "major", "photo"),
    ("轮胎花纹深度：转向轮不小于3.2毫米，其他轮不小于1.6毫米", "GB 7258", "general", "value"),
    ("驾驶员、押运员从业资格证在有效期内", "《道路危险货物运输管理规定》", "serious", ""),
    ("电子运单与实际货物一致", "《危险货物道路运输安全管理办法》", "general", "photo"),
)


def _items(rows: tuple[tuple[str, str, str, str], ...]) -> list[tuple[int, ClauseSpec]]:
    return [
        (number, ClauseSpec(place="", summary=text, basis=basis, grade=grade, asks=asks))
        for number, (text, basis, grade, asks) in enumerate(rows, start=1)
    ]


def load(desk: Desk) -> None:
    """Worded by an officer, published by the head."""
    officer, head = desk.actor("emb"), desk.actor("emb.head")
    spec = ListSpec("化工企业人才基础检查表", "talent", ("producer", "fine_chemical", "pharmaceutical"))
    row = services.draft_list(actor=officer, spec=spec, now=desk.ago(50))
    services.save_items(actor=officer, row=row, items=_items(_TALENT), now=desk.ago(50))
    services.submit_list(actor=officer, row=row, now=desk.ago(49))
    day = desk.date_in(-45)
    services.publish_list(actor=head, row=row, effective_date=day, now=desk.ago(46))
    newer = services.revise_list(actor=officer, row=row, now=desk.ago(5))
    more = ClauseSpec(place="", summary="注册安全工程师不少于专职安全管理人员的15%", grade="general", asks="value")
    services.save_items(actor=officer, row=newer, items=[(5, more)], now=desk.ago(5))
    bureau = desk.actor("trb")
    spec = ListSpec("危险货物运输车辆检查表", "vehicles", (), ("transport",))
    waiting = services.draft_list(actor=bureau, spec=spec, now=desk.ago(3))
    services.save_items(actor=bureau, row=waiting, items=_items(_VEHICLES), now=desk.ago(3))
    services.submit_list(actor=bureau, row=waiting, now=desk.ago(2))
