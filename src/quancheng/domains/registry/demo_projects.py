"""The demo's construction projects (建设项目), one at each step of the review and one stopped hard."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Chemical, Project
from quancheng.domains.registry.models.projects import CHECKLIST
from quancheng.domains.registry.services import projects
from quancheng.domains.registry.services.projects import ProjectSpec, is_explosive
from quancheng.kernel.access.actor import Actor

_DEPOT, _FINE, _PHARMACY, _GASES = (
    "青岚区蓝湾石化储运有限公司",
    "临澜青禾精细化工有限公司",
    "临澜安泽生物制药有限公司",
    "青岚区东湖气体充装站",
)
_CONSULTED = "选址、工艺和总量控制符合园区规划，建议补充周边企业多米诺效应分析后进入安全条件审查。"


def load(desk: Desk) -> None:
    """The oldest first."""
    desk.employ("anze", desk.files[_PHARMACY], "安全总监", ("enterprise.safety",))
    _done(desk)
    _trial(desk)
    _building(desk)
    _condition(desk)
    _stopped(desk)
    _refused(desk)


def _enter(
    desk: Desk, username: str, name: str, spec: tuple[str, str, str, str, str], goods: tuple[tuple[str, str], ...],
    at: datetime,
) -> Project:  # fmt: skip
    title, kind, purpose, place, text = spec
    chemicals = [(desk.chemical(one), Decimal(tonnes)) for one, tonnes in goods]
    return projects.enter_project(
        actor=desk.actor(username), file=desk.files[name], now=at,
        spec=ProjectSpec(title, kind, purpose, place, text, chemicals),
    )  # fmt: skip


def _consult(desk: Desk, who: Actor, project: Project, at: datetime) -> None:
    projects.consult(
        actor=who, project=project, on=at.date(), by="临澜衡安安全技术服务有限公司专家组", text=_CONSULTED,
        evidence=[desk.paper(who, "决策咨询意见", at)], now=at,
    )  # fmt: skip


def _step(desk: Desk, who: Actor, project: Project, name: str, text: str, days: int, paper: str = "") -> None:
    at = desk.ago(days)
    evidence = [desk.paper(who, paper, at)] if paper else []
    field = "reason" if name in ("return", "refuse", "return_design") else "text"
    projects.step_project(actor=who, project=project, name=name, given={field: text}, evidence=evidence, now=at)
    project.refresh_from_db()


def _answered(desk: Desk, project: Project, at: datetime, *, but: tuple[str, ...] = ()) -> None:
    answers = dict.fromkeys((code for code, _label in CHECKLIST if code not in but), (True, ""))
    answers |= dict.fromkeys(but, (False, "资料未附，已告知企业补充。"))
    projects.answer_checklist(actor=desk.actor("emb"), project=project, answers=answers, now=at)
    project.refresh_from_db()


def _to_building(desk: Desk, who: Actor, project: Project, days: tuple[int, int, int, int, int]) -> None:
    emb = desk.actor("emb")
    _consult(desk, who, project, desk.ago(days[0]))
    _step(desk, who, project, "apply", "条件审查申请材料齐全，请予审查。", days[1], "安全条件论证报告")
    _answered(desk, project, desk.ago(days[2]))
    _step(desk, emb, project, "pass", "专家组审查通过，意见已落实。", days[2], "安全条件审查意见书")
    _step(desk, who, project, "apply_design", "安全设施设计专篇已编制，请予审查。", days[3], "安全设施设计专篇")
    _step(desk, emb, project, "pass_design", "设计专篇审查通过。", days[4], "安全设施设计审查意见书")


def _plan(desk: Desk, who: Actor, project: Project, first: int, last: int, at: int) -> None:
    projects.plan_trial(
        actor=who, project=project, first=desk.ago(first).date(), last=desk.date_in(last),
        plan="按空负荷、半负荷、满负荷三个阶段进行；每阶段前联锁测试并签字确认，异常即停。",
        evidence=[desk.paper(who, "试生产（使用）方案", desk.ago(at))], now=desk.ago(at),
    )  # fmt: skip
    project.refresh_from_db()


def _done(desk: Desk) -> None:
    who, emb = desk.actor("enterprise7"), desk.actor("emb")
    project = _enter(
        desk, "enterprise7", _GASES,
        ("氧气瓶间改造项目", "rebuilt", "storage", "东湖工业路3号", "更换氧气瓶间泄压屋面，增设氧浓度报警。"),
        (("氧[压缩的或液化的]", "3.6"),), desk.ago(300),
    )  # fmt: skip
    _to_building(desk, who, project, (292, 285, 262, 240, 221))
    _plan(desk, who, project, 150, -70, 155)
    _step(desk, who, project, "start_trial", "", 150)
    _step(desk, who, project, "finish", "试运行正常，验收报告已公示。", 74, "竣工验收报告")
    _step(desk, emb, project, "complete", "核查通过，已纳入日常监管。", 60, "竣工验收核查表")


def _trial(desk: Desk) -> None:
    who, emb = desk.actor("anze"), desk.actor("emb")
    project = _enter(
        desk, "anze", _PHARMACY,
        ("抗生素中间体车间配套危险品库", "new", "storage", "云杉医药园9号", "新建120平方米危险品库，三个防火分区。"),
        (("三氯甲烷", "4.5"), ("乙醚", "0.8"), ("丙酮", "10")), desk.ago(152),
    )  # fmt: skip
    _to_building(desk, who, project, (150, 146, 128, 112, 97))
    _plan(desk, who, project, 40, 12, 44)
    _step(desk, who, project, "start_trial", "", 40)
    seen = ((31, "泄漏报警与排风联锁测试正常，操作规程上墙。"), (10, "乙醚存放点夏季降温措施不足，已要求补充。"))
    for days, text in seen:
        projects.visit_trial(
            actor=emb, project=project, day=desk.ago(days).date(), inspectors="危化科两人、专家一人", text=text,
            now=desk.ago(days),
        )  # fmt: skip


def _building(desk: Desk) -> None:
    project = _enter(
        desk, "enterprise1", _DEPOT,
        ("5号汽油内浮顶罐扩建项目", "extended", "storage", "新港大道1号",
         "在1号防火堤预留位置新建2600立方米内浮顶罐一座。"),
        (("汽油", "1750"),), desk.ago(210),
    )  # fmt: skip
    _to_building(desk, desk.actor("enterprise1"), project, (205, 198, 171, 140, 118))


def _condition(desk: Desk) -> None:
    who, emb = desk.actor("enterprise2"), desk.actor("emb")
    project = _enter(
        desk, "enterprise2", _FINE,
        ("二车间加氢装置技术改造项目", "rebuilt", "production", "新港化工园区二路12号",
         "间歇加氢改为微通道连续加氢，在线量降低。"),
        (("甲苯", "2.2"), ("氢", "0.01"), ("甲醇", "1.6")), desk.ago(70),
    )  # fmt: skip
    _step(desk, who, project, "apply", "申请安全条件审查。", 64, "安全条件论证报告")
    _step(desk, emb, project, "return", "缺少决策咨询意见和反应风险评估报告。", 58)
    _consult(desk, who, project, desk.ago(40))
    _step(desk, who, project, "apply", "已补充决策咨询意见，反应风险评估报告编制中。", 33, "安全条件论证报告（修订）")
    _answered(desk, project, desk.ago(12), but=("process",))


def _stopped(desk: Desk) -> None:
    """The hard stop: an explosive without the special approval waits, whatever else is in order."""
    explosive = next((one for one in Chemical.objects.order_by("name") if is_explosive(one)), None)
    if explosive is None:
        return
    project = _enter(
        desk, "enterprise2", _FINE,
        ("含能中间体中试项目", "new", "production", "新港化工园区二路12号", "拟建一条小批量中试线。"),
        ((explosive.name, "0.2"),), desk.ago(36),
    )  # fmt: skip
    who = desk.actor("enterprise2")
    _consult(desk, who, project, desk.ago(30))
    _step(desk, who, project, "apply", "申请安全条件审查。", 24, "安全条件论证报告")
    _answered(desk, project, desk.ago(20))


def _refused(desk: Desk) -> None:
    project = _enter(
        desk, "enterprise4", "青岚区望江加油站",
        ("站内增设撬装甲醇加注装置项目", "extended", "trade", "望江街道江边路", "在加油站北侧增设撬装装置。"),
        (("甲醇", "16"),), desk.ago(120),
    )  # fmt: skip
    who, emb = desk.actor("enterprise4"), desk.actor("emb")
    _consult(desk, who, project, desk.ago(116))
    _step(desk, who, project, "apply", "申请安全条件审查。", 110, "安全条件论证报告")
    _answered(desk, project, desk.ago(98), but=("reduction", "distance"))
    _step(desk, emb, project, "refuse", "与站外民用建筑的间距不足，且不符合减量化要求。", 97, "不予许可决定书")
