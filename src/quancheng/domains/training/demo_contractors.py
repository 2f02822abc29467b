"""The demo's contractors, people at the gate, violations, black list, experts and agencies: rows in many states.

Companies are those that the demo's people from outside name; everybody is invented.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Admission,
    AgreementClause,
    Contractor,
    Person,
    PoolMember,
    RuleGroup,
    StepKind,
    WorkRole,
)
from quancheng.domains.training.queries.outside_rules import lines_of
from quancheng.domains.training.services.contractors import admissions, blacklist, companies, violations
from quancheng.domains.training.services.contractors.finding import find_all
from quancheng.domains.training.services.entries import pass_gate, record_step, register_entry
from quancheng.domains.training.services.pools import agencies, assignments, members
from quancheng.kernel.access.actor import Actor

_REPAIR, _CARE = "临澜鼎固检维修工程有限公司", "临澜恒运设施运维有限公司"
_PAINT = "临澜新彩防腐工程有限公司"


def load_outside(district: District) -> None:
    """After the people: what contractors, gates and pools show."""
    desk = Desk(district)
    files = {number: Enterprise.objects.filter(pk=district.enterprises[number - 1].pk).first() for number in (1, 2, 3)}
    if files[1] is None or files[2] is None:
        return
    own = desk.actor("enterprise1")
    made = {
        name: companies.enter_contractor(
            actor=own, code=district.credit_code(), name=name, business=business, now=desk.ago(70)
        )
        for name, business in ((_REPAIR, "石油化工设备检维修"), (_CARE, "设施运维"), (_PAINT, "防腐保温"))
    }
    for name, work, holder in ((_REPAIR, "repair", _REPAIR), (_PAINT, "anticorrosion", "临澜大鸿建设有限公司")):
        known = {
            "work": work, "name": "专业承包二级", "number": f"示D{work}", "holder_name": holder, "holder_code": "",
            "valid_from": desk.date_in(-500), "valid_to": desk.date_in(900),
        }  # fmt: skip
        files_of = [desk.paper(own, "资质证书", desk.ago(69))]
        companies.add_qualification(actor=own, contractor=made[name], known=known, files=files_of, now=desk.ago(69))
    first = _admit(desk, 1, files[1], made[_REPAIR])
    second = _admit(desk, 2, files[2], made[_REPAIR])
    admissions.begin_admission(
        actor=own, file=files[1], contractor=made[_PAINT], works=["anticorrosion"], now=desk.ago(5)
    )
    _contracts(desk, own, first, made[_PAINT])
    welder = WorkRole.objects.filter(code="welder").first()
    _gate(desk, own, Person.objects.filter(file=files[1], employer_name=_REPAIR), welder)
    # Those of other companies that have done all that is asked of them.
    for number, name in ((1, "逄远帆"), (2, "欧一鸣")):
        _gate(desk, desk.actor(f"enterprise{number}"), Person.objects.filter(file=files[number], name=name))
    _violations(desk, first, second)
    _black_list(desk, own, files[1], made[_CARE])
    find_all(now=desk.ago(0))
    _pools(desk, files[1], own)


def _admit(desk: Desk, number: int, file: Enterprise, company: Contractor) -> Admission:
    own, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
    row = admissions.begin_admission(actor=own, file=file, contractor=company, works=["repair"], now=desk.ago(65))
    for line in lines_of(RuleGroup.CHECK):
        admissions.judge_item(
            actor=own, row=row, code=line.code, result="met", score=None if line.is_hard else 85, number="",
            valid_to=desk.date_in(20) if line.code == "insurance" else None, note="",
            files=[desk.paper(own, line.name[:30], desk.ago(64))], now=desk.ago(64),
        )  # fmt: skip
    known = {
        "agreement_number": f"安协{number:02d}号", "agreement_signed_date": desk.date_in(-63),
        "agreement_from": desk.date_in(-63), "agreement_to": desk.date_in(300), "agreement_scope": "装置和储罐检维修",
        "agreement_clauses": list(AgreementClause.values), "deposit_yuan": 20_000, "signed_own": "总经理",
        "signed_contractor": "项目负责人",
    }  # fmt: skip
    admissions.write_agreement(
        actor=own, row=row, known=known, files=[desk.paper(own, "安全管理协议", desk.ago(63))], now=desk.ago(63)
    )
    steps: tuple[tuple[str, Actor, dict[str, Any]], ...] = (
        ("submit", own, {}), ("accept", own, {"note": "资料齐全"}), ("admit", head, {"text": "现场核查符合"}),
    )  # fmt: skip
    for name, who, given in steps:
        admissions.decide_admission(actor=who, row=row, name=name, given=given, now=desk.ago(60))
    return row


def _contracts(desk: Desk, own: Actor, row: Admission, lower: Contractor) -> None:
    known = {
        "name": "储罐区检修", "number": "示HT-01", "work": "repair", "amount_yuan": 860_000,
        "signed_date": desk.date_in(-55), "from_date": desk.date_in(-50), "to_date": desk.date_in(60),
        "manager": "设备部部长", "issuer": "工程部部长", "undertaker": "检修项目经理", "plan_date": desk.date_in(-52),
        "brief_date": desk.date_in(-51),
    }  # fmt: skip
    upper = admissions.add_contract(actor=own, row=row, known=known, now=desk.ago(54))
    below = {**known, "name": "储罐外壁防腐", "number": "示HT-01-1", "work": "anticorrosion", "amount_yuan": 90_000}
    admissions.add_contract(actor=own, row=row, known=below, upper=upper, contractor=lower, now=desk.ago(30))


def _gate(desk: Desk, own: Actor, people: QuerySet[Person], trade: WorkRole | None = None) -> None:
    """The first has a trade; the third and later ones did only half of what is asked."""
    for place, person in enumerate(people.order_by("pk")):
        register_entry(
            actor=own, person=person, trade=None if place else trade, work_area="储罐区", zones="一号门、储罐区",
            now=desk.ago(50),
        )  # fmt: skip
        for kind in StepKind.values[: 4 if place < 2 else 2]:
            known = {
                "done_date": desk.date_in(-49), "plant_hours": 8, "area_hours": 4, "work_area": "储罐区", "score": 88,
                "responsible": "设备部安全员", "is_passed": True, "note": "逐项核对",
            }  # fmt: skip
            record_step(actor=own, person=person, kind=kind, known=known,
                        files=[desk.paper(own, "四个统一记录", desk.ago(49))], now=desk.ago(49))  # fmt: skip
        pass_gate(actor=own, person=person, direction="in", gate="一号门", now=desk.ago(1))


def _violations(desk: Desk, first: Admission, second: Admission) -> None:
    own, other = desk.actor("enterprise1"), desk.actor("enterprise2")
    person = Person.objects.filter(file=first.file, employer_name=_REPAIR).order_by("pk").first()
    told = ((9, "ppe", "罐顶作业未系安全带"), (4, "ppe", "未戴防护眼镜"), (2, "toolbox", "未参加班前会"))
    for days, rule, text in told:
        violations.record_violation(
            actor=own, file=first.file, rule=rule, at=desk.ago(days), text=text, contractor=first.contractor,
            person=person, place="储罐区", now=desk.ago(days),
        )  # fmt: skip
    violations.record_violation(
        actor=other, file=second.file, rule="no_ticket", at=desk.ago(3), text="无票临时用电",
        contractor=second.contractor, place="釜区", now=desk.ago(3),
    )  # fmt: skip
    violations.record_violation(
        actor=other, file=second.file, rule="ticket", at=desk.ago(2), text="作业人员与票面不符",
        contractor=second.contractor, place="釜区", now=desk.ago(2),
    )  # fmt: skip
    for days, kind, text in ((40, "struck", "工具坠落砸伤脚背"), (25, "fall", "从两米平台踏空跌落")):
        known = {"type": kind, "at": desk.ago(days), "place": "储罐区", "text": text, "injured": 1}
        violations.record_incident(
            actor=own, file=first.file, known=known, contractor=first.contractor, now=desk.ago(days)
        )


def _black_list(desk: Desk, own: Actor, file: Enterprise, company: Contractor) -> None:
    row = blacklist.propose_listing(
        actor=own, file=file, contractor=company, person=None, reason="forgery", facts="提交的电工证书系伪造",
        term_years=2, now=desk.ago(12),
    )  # fmt: skip
    blacklist.decide_listing(
        actor=desk.actor("enterprise1.head"), row=row, name="notice", given={"text": "属实，列入本企业黑名单"},
        now=desk.ago(11),
    )  # fmt: skip


def _pools(desk: Desk, file: Enterprise, own: Actor) -> None:
    office = desk.actor("emb")
    told: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("expert", "岑行舟", ("process", "hazop")), ("expert", "蔺采薇", ("instrument", "electric")),
        ("retired", "尚古风", ("process", "equipment")), ("inspector", "禹知白", ("management",)),
        ("supervisor", "糜子青", ("management",)), ("steward", "郏安邦", ("fire", "storage")),
        ("agency", "临澜明鉴安全评价有限公司", ("process", "management")),
    )  # fmt: skip
    engaged: dict[str, PoolMember] = {}
    for place, (kind, name, fields) in enumerate(told, start=1):
        known = {
            "kind": kind, "name": name, "fields": list(fields), "letter": f"示聘{place:03d}",
            "term_from": desk.date_in(-60), "term_to": desk.date_in(670), "title": "高级工程师",
            "certificate": f"示证{place:03d}", "certificate_to": desk.date_in(400),
            "scope": "石油加工、化学原料和化学品制造" if kind == "agency" else "",
        }  # fmt: skip
        engaged[name] = members.engage_member(actor=office, known=known, now=desk.ago(60))
    row = assignments.assign_member(
        actor=office, file=file, member=engaged["岑行舟"], purpose="screening", field="process",
        visit_date=desk.date_in(-20), now=desk.ago(25),
    )  # fmt: skip
    assignments.move_assignment(actor=office, row=row, name="accept", given={}, now=desk.ago(24))
    for part, text in (("design", "储罐进料管线未设紧急切断阀"), ("operation", "高液位报警确认不及时")):
        assignments.add_finding(
            actor=office, row=row, part=part, field="process", place="储罐区", text=text, basis="设计规范",
            advice="限期完善", is_major=False, now=desk.ago(20),
        )  # fmt: skip
    given = {"text": "诊断半天，发现问题两项。", "hours": 4}
    assignments.move_assignment(actor=office, row=row, name="finish", given=given, now=desk.ago(19))
    scored = {"score": 92, "text": "问题准确，建议可行"}
    assignments.move_assignment(actor=office, row=row, name="score", given=scored, now=desk.ago(15))
    assignments.draw_members(
        actor=office, file=file, purpose="guidance", field="management", kinds=["inspector", "supervisor"], number=1,
        visit_date=desk.date_in(5), now=desk.ago(1), seed="demo",
    )  # fmt: skip
    agent = engaged["临澜明鉴安全评价有限公司"]
    known = {
        "number": "示PJ-001", "kind": "current", "field": "process", "contract_date": desk.date_in(-33),
        "site_date": desk.date_in(-31), "report_date": desk.date_in(-30), "conclusion": "风险可接受",
        "problem_count": 0, "hazard_count": 0, "text": "本报告为演示数据。",
    }  # fmt: skip
    team = [
        {"name": "某评价师", "certificate": "示评001", "certificate_to": desk.date_in(-40), "speciality": "化工工艺"}
    ]
    agencies.enter_report(
        actor=own, file=file, agency=agent, known=known, team=team, photos=[], now=desk.ago(29),
        files=[desk.paper(own, "安全现状评价报告", desk.ago(29))],
    )  # fmt: skip
    contract = agencies.enter_service(
        actor=own, file=file, provider=agent, files=[], now=desk.ago(50),
        known={"number": "示GJ-01", "kinds": ["training", "screening", "drill"], "from_date": desk.date_in(-50),
               "to_date": desk.date_in(315), "amount_yuan": 48_000, "visits_a_year": 12},
    )  # fmt: skip
    for days, kind, text in ((40, "training", "全员应急处置培训"), (10, "screening", "月度隐患排查")):
        agencies.record_visit(
            actor=own, row=contract, kind=kind, visited_date=(desk.today - timedelta(days=days)), people="服务组三人",
            text=text, found=2 if kind == "screening" else 0, files=[], now=desk.ago(days),
        )  # fmt: skip
