"""Analyses of the demo's enterprises in several states, layers of protection, reactions and the four clearings.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.models import Analysis, Clearing, Reaction, Recommendation, RiskUnit
from quancheng.domains.risk.queries.reactions import FINE_KINDS
from quancheng.domains.risk.services import analyses, lopa, reactions, recommendations, taking_over
from quancheng.kernel.access.actor import Actor

_HEADS: Mapping[str, Mapping[str, str]] = {
    "JHA": {"number": "JHA-2026-01", "department": "储运部", "post": "装卸岗", "activity": "槽车卸料"},
    "SCL": {"equipment": "固定顶储罐", "medium": "见单元清单", "design_parameters": "常压，50℃",
            "operating_parameters": "微正压，25℃"},
    "HAZOP": {"scope": "进料、储存、送料", "basis": "管道仪表流程图 P-101 C版"},
}  # fmt: skip
_HIGH: Mapping[str, str] = {
    "f_likelihood": "3", "f_severity": "4", "r_likelihood": "2", "r_severity": "4", "control_level": "workshop",
}  # fmt: skip
_TEAM = "工艺、设备、安全各一人"
_LOW: Mapping[str, str] = {"f_likelihood": "2", "f_severity": "4", "control_level": "team"}
_ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "JHA": (
        {"step_no": 1, "step_name": "核对单据和物料", "hazard": "物料混装", "hazard_class": "41",
         "main_consequence": "08", "measures_management": "两人核对单据和铅封", **_LOW},
        {"step_no": 2, "step_name": "连接静电接地", "hazard": "未接地或接地不良", "hazard_class": "21",
         "main_consequence": "08", "measures_engineering": "静电接地报警与卸料泵联锁",
         "measures_ppe": "防静电工作服", **_LOW},
        {"step_no": 3, "step_name": "连接卸料软管", "hazard": "软管老化或接头脱开泄漏", "hazard_class": "21",
         "main_consequence": "08", "measures_engineering": "软管每半年试压\n拉断阀完好",
         "measures_emergency": "就近设吸附材料和洗眼器", "suggestion": "软管改为万向管道", "responsible": "设备部长",
         **_HIGH},
        {"step_no": 4, "step_name": "卸料并监护", "hazard": "液位失控溢料", "hazard_class": "21",
         "main_consequence": "08", "measures_engineering": "高液位报警，高高液位联锁停泵",
         "measures_training": "装卸人员持证并每年复训", **_LOW},
    ),
    "SCL": (
        {"item_no": 1, "check_item": "呼吸阀", "standard_requirement": "呼吸阀完好，冬季前检查防冻",
         "basis": "企业设备规程", "deviation": "卡涩、冻堵", "consequence": "储罐抽瘪或超压",
         "measures_management": "每月检查并记录", **_LOW},
        {"item_no": 2, "check_item": "液位计", "standard_requirement": "远传液位每年校验",
         "basis": "企业仪表规程", "deviation": "指示失真", "consequence": "溢料着火",
         "measures_engineering": "两套不同原理的液位计",
         "suggestion": "增加液位偏差报警", "responsible": "仪表主管", **_HIGH},
        {"item_no": 3, "check_item": "防火堤", "standard_requirement": "堤身完好，雨排阀常闭", "basis": "GB 50160",
         "deviation": "堤身有孔洞、雨排阀敞开", "consequence": "泄漏物料外流",
         "measures_management": "班组每班检查", **_LOW},
    ),
    "HAZOP": (
        {"node_no": "1", "node_desc": "进料管线", "design_intent": "以30 m³/h向储罐进料", "drawing_no": "P-101",
         "parameter": "flow", "guide_word": "MORE", "cause": "调节阀故障全开", "consequence": "管线超压、静电积聚",
         "safeguards": "流量高报警\n限流孔板", "f_likelihood": "2", "f_severity": "4"},
        {"node_no": "1", "node_desc": "进料管线", "design_intent": "以30 m³/h向储罐进料", "drawing_no": "P-101",
         "parameter": "flow", "guide_word": "REVERSE", "cause": "停泵后止回阀内漏", "consequence": "物料倒流至槽车",
         "safeguards": "双止回阀", "f_likelihood": "2", "f_severity": "3"},
        {"node_no": "2", "node_desc": "储罐", "design_intent": "常压储存", "drawing_no": "P-101",
         "parameter": "level", "guide_word": "MORE", "cause": "液位计失灵且操作未发现",
         "consequence": "溢料，遇点火源着火", "safeguards": "高高液位联锁切断进料", "is_ipl": True,
         "f_likelihood": "2", "f_severity": "5",
         "suggestion": "增设独立的高高液位开关", "r_likelihood": "1", "r_severity": "5", "responsible": "设备部长"},
        {"node_no": "2", "node_desc": "储罐", "design_intent": "常压储存", "drawing_no": "P-101",
         "parameter": "temperature", "guide_word": "MORE", "cause": "夏季暴晒、喷淋停用",
         "consequence": "呼吸损耗、超压", "safeguards": "罐顶喷淋\n温度高报警", "f_likelihood": "2", "f_severity": "4"},
    ),
}  # fmt: skip
#: Tp, MTSR, MTT, TD24 of each reaction.
_REACTIONS = (
    ("酯化反应", ("75", "105", "120", "210")),
    ("氯化反应", ("80", "150", "110", "200")),
    ("硝化反应", ("60", "185", "110", "150")),
)


def load(desk: Desk, own: Sequence[Any]) -> None:
    """An analysis by each method for the first enterprises, one waiting for review, one due; then fine chemistry."""
    numbers = [number for number, pk in enumerate(own, start=1) if RiskUnit.objects.filter(object__file=pk).exists()]
    for number in numbers[:2]:
        units = list(RiskUnit.objects.filter(object__file=own[number - 1]).select_related("object__file")[:3])
        who, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
        for unit, method in zip(units * 3, ("HAZOP", "JHA", "SCL"), strict=False):
            _analysis(desk, who, head, unit, method, 70)
        _lopa(desk, who, units[0])
        late = _analysis(desk, who, head, units[-1], "HAZOP", 4 * 365, taken=False)
        analyses.look_at_analyses(now=desk.ago(3))
        late.refresh_from_db()
        draft = analyses.renew_analysis(actor=who, row=late, occasion="regular", now=desk.ago(2))
        analyses.submit_analysis(actor=who, row=draft, now=desk.ago(1))
    for file in Enterprise.objects.filter(pk__in=own, kind__in=FINE_KINDS).order_by("pk"):
        number = list(own).index(file.pk) + 1
        _chemistry(desk, desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head"), file)
    reactions.begin_clearings(
        actor=desk.actor("emb"), kinds=ClearingKind.values, due=desk.date_in(60), now=desk.ago(40)
    )
    for place, row in enumerate(Clearing.objects.filter(owner_org__in=own).order_by("kind", "pk")[:3]):
        who = desk.actor(f"enterprise{list(own).index(row.owner_org_id) + 1}")
        paper = desk.paper(who, "清零佐证", desk.ago(20))
        said = "已全部完成，材料见附件。"
        reactions.report_clearing(actor=who, row=row, text=said, evidence=[paper], now=desk.ago(20))
        if place == 0:
            reactions.verify_clearing(
                actor=desk.actor("emb"), row=row, day=desk.date_in(-10), text="现场核对，与材料一致。", evidence=[],
                now=desk.ago(10),
            )  # fmt: skip


def _analysis(
    desk: Desk, who: Actor, head: Actor, unit: RiskUnit, method: str, days: int, *, taken: bool = True
) -> Analysis:
    known = {
        "title": f"{unit.name}{'卸料作业' if method == 'JHA' else ''}", "team": _TEAM, "leader": "总工程师",
        "analysed_date": desk.date_in(-days), "occasion": "regular",
    }  # fmt: skip
    at = desk.ago(days)
    made = analyses.begin_analysis(
        actor=who, unit=unit, method=method, rating="LS", known=known, head=_HEADS[method], now=at
    )
    for values in _ROWS[method]:
        due = {"due_on": desk.date_in(30).isoformat()} if values.get("suggestion") else {}
        analyses.save_row(actor=who, analysis=made, values={**values, **due}, now=at)
    analyses.submit_analysis(actor=who, row=made, now=at)
    analyses.approve_analysis(actor=head, row=made, text="", now=desk.ago(days, hour=5))
    if taken:
        rows = [one.pk for one in made.rows.all()]
        taking_over.take_over(actor=who, analysis=made, rows=rows, now=desk.ago(days - 2))
    for wish in Recommendation.objects.filter(analysis=made, status="OPEN")[: method == "SCL"]:
        recommendations.finish_recommendation(
            actor=who, row=wish, text="已增加偏差报警并试验合格", evidence=[], now=desk.ago(30)
        )
        recommendations.answer_recommendation(actor=head, row=wish, name="close", reason="", now=desk.ago(28))
    return made


def _lopa(desk: Desk, who: Actor, unit: RiskUnit) -> None:
    known: dict[str, Any] = {
        "name": "液位计失灵致储罐溢料着火", "initiating": "BPCS_LOOP", "initiating_parts": "LT-101",
        "conditions": [("点火概率", Decimal("0.5"))], "tolerable": Decimal("0.00001"),
        "tolerable_basis": "企业可接受标准",
        "layers": [("独立高高液位联锁", "SIL1", None, ("LS-102", "XV-101")), ("防火堤", "BUND", None, ())],
        "day": desk.date_in(-60), "assessed_by": _TEAM,
    }  # fmt: skip
    lopa.enter_lopa(actor=who, unit=unit, known=known, now=desk.ago(60))


def _chemistry(desk: Desk, who: Actor, head: Actor, file: Enterprise) -> None:
    for place, (title, temperatures) in enumerate(_REACTIONS):
        tp, mtsr, mtt, td24 = (Decimal(text) for text in temperatures)
        known = {
            "title": title, "facility": None, "process": "", "tp": tp, "mtsr": mtsr, "mtt": mtt, "td24": td24,
            "assessed_by": "东海示例安全技术服务有限公司", "assessed_date": desk.date_in(-100),
            "report_no": f"FY-{place + 1}",
        }  # fmt: skip
        paper = desk.paper(who, f"{title}安全风险评估报告", desk.ago(95))
        row: Reaction = reactions.enter_reaction(
            actor=who, file=file, known=known, evidence=[paper], now=desk.ago(95)
        )
        if place == len(_REACTIONS) - 1:
            continue
        reactions.submit_reaction(actor=who, row=row, now=desk.ago(94))
        reactions.approve_reaction(actor=head, row=row, text="", now=desk.ago(93))
        for number in range(len(row.controls) - place):
            reactions.set_control(
                actor=who, row=row, place=number, is_done=True, text="已落实，见评估报告附件", evidence=[],
                now=desk.ago(90),
            )  # fmt: skip
