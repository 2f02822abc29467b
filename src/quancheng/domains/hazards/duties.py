"""Who may do what with hidden dangers, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_SUPERVISION = (
    "leader", "office.director", "office.officer", "department.head", "department.officer", "department.reporter",
    "town.head", "town.officer", "village.officer", "expert", "analyst",
)  # fmt: skip
_ENTERPRISES = (
    "enterprise.head", "enterprise.safety", "enterprise.filer", "enterprise.certifier", "enterprise.viewer",
    "enterprise.worker",
)  # fmt: skip
_SAFETY = ("enterprise.head", "enterprise.safety")
_OFFICERS = ("office.director", "office.officer", "department.head", "department.officer", "town.head", "town.officer")
_STAFF = (*_SAFETY, "enterprise.worker")
_INSPECTORS = ("office.officer", "department.head", "department.officer", "town.head", "town.officer")
_FINDERS = (*_INSPECTORS, "village.officer", "expert", *_STAFF)
#: Reporting for one's own enterprise: the entry of the menu that offices, which report from a file, do not need.
OWN = "hazards.findings.own"
#: Grading what was found in one's own enterprise.
OWN_JUDGE = "hazards.findings.confirm"
#: Reading criteria and checklists.
READ = "hazards.read"


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty(READ, _("查阅判定标准和检查表"), roles=(*_SUPERVISION, *_ENTERPRISES))
    declare_duty(
        "hazards.findings.report", _("登记发现的隐患"), roles=(*_INSPECTORS, "village.officer", "expert", *_STAFF)
    )
    declare_duty(OWN, _("登记本单位隐患"), roles=_STAFF)
    declare_duty(OWN_JUDGE, _("核实隐患并定级、报告重大隐患"), roles=_SAFETY)
    declare_duty("hazards.findings.rectify", _("制定方案、整改隐患"), roles=_STAFF)
    declare_duty("hazards.findings.approve", _("批准重大隐患治理方案"), roles=("enterprise.head",))
    declare_duty("hazards.findings.accept", _("验收隐患、审批延期"), roles=_SAFETY)
    declare_duty("hazards.listings.propose", _("提议和办理挂牌督办"), roles=_INSPECTORS)
    declare_duty("hazards.listings.review", _("审核、公布挂牌督办"), roles=("office.director", "office.officer"))
    declare_duty("hazards.listings.sign", _("签发挂牌督办"), roles=("leader", "office.director"))
    declare_duty("hazards.lookbacks.conduct", _("责任倒查"),
                 roles=("office.director", "office.officer", "department.head", "department.officer"))  # fmt: skip
    declare_duty("hazards.lookbacks.approve", _("批准责任倒查结论"), roles=("office.director", "department.head"))
    declare_duty("hazards.lessons.push", _("推送同类自查"), roles=("office.director", *_INSPECTORS))
    declare_duty(
        "hazards.exchange.read", _("查看数据交换"), roles=("leader", *_OFFICERS, "analyst", *_SAFETY)
    )
    declare_duty(
        "hazards.exchange.manage", _("设置数据交换、管理接入凭据"),
        roles=("office.director", "office.officer", "department.head", "enterprise.head"),
    )  # fmt: skip
    declare_duty("hazards.findings.supervise", _("责令整改、审批延期、销号和复查隐患"), roles=_INSPECTORS)
    declare_duty("hazards.terms.set", _("设置隐患整改期限"), roles=("office.officer", "department.head"))
    declare_duty("hazards.checks.keep", _("安排排查任务、登记停用检修"), roles=_SAFETY)
    declare_duty("hazards.checks.record", _("排查隐患并作记录"), roles=_STAFF)
    declare_duty("hazards.checks.judge", _("核查停用和排查记录异常"), roles=_INSPECTORS)
    declare_duty(
        "hazards.checks.periods", _("启用特殊时段"),
        roles=("office.director", "office.officer", "department.head", "town.head", *_SAFETY),
    )  # fmt: skip
    declare_duty("hazards.running.judge", _("处置运行效果、核查异议"), roles=_INSPECTORS)
    declare_duty("hazards.running.appeal", _("对本单位运行效果提出异议"), roles=_SAFETY)
    declare_duty("hazards.running.rules", _("设置运行效果评价参数"), roles=("office.officer", "department.head"))
    declare_duty("hazards.guarantors.keep", _("确定重大危险源包保责任人"), roles=_SAFETY)
    declare_duty("hazards.guarantors.perform", _("说明包保履职情况"), roles=_STAFF)
    declare_duty("hazards.rounds.issue", _("下发、抽查和办结专项检查"), roles=_OFFICERS)
    declare_duty("hazards.rounds.answer", _("签收和填报专项检查"), roles=_STAFF)
    declare_duty("hazards.rounds.verify", _("现场核查专项检查"), roles=_INSPECTORS)
    _declare_patrols()
    _declare_self_checks()


def _declare_patrols() -> None:
    grid = ("town.head", "town.officer", "village.officer")
    declare_duty("hazards.patrols.keep", _("维护巡查点和巡查路线"), roles=grid)
    declare_duty("hazards.patrols.walk", _("网格巡查、上报线索、到场复查"), roles=("town.officer", "village.officer"))
    declare_duty("hazards.patrols.handle", _("受理、转办和答复网格线索"), roles=_OFFICERS)
    declare_duty("hazards.patrols.assign", _("派发网格复查"), roles=_OFFICERS)


def _declare_self_checks() -> None:
    declare_duty(
        "hazards.self_checks.sign", _("主要负责人带队排查并签字"),
        roles=("enterprise.head", "department.head", "town.head"),
    )  # fmt: skip
    declare_duty("hazards.self_checks.record", _("受主要负责人委托带队排查"),
                 roles=(*_STAFF, "department.officer", "town.officer"))  # fmt: skip
    declare_duty(
        "hazards.self_checks.rules", _("设置带队排查周期"),
        roles=("office.director", "office.officer", "department.head"),
    )  # fmt: skip
    declare_duty("hazards.mechanisms.confirm", _("确认自查自改机制"), roles=_SAFETY)
    declare_duty("hazards.signed_statistics.sign", _("签字报送隐患统计报表"), roles=("enterprise.head",))
    declare_duty("hazards.signed_statistics.judge", _("接收隐患统计报表"), roles=_INSPECTORS)
    declare_duty("hazards.assessments.self", _("双重预防运行成效自评"), roles=_SAFETY)
    declare_duty("hazards.assessments.assess", _("现场评估双重预防运行成效"), roles=_INSPECTORS)
    declare_duty("hazards.assessments.review", _("复核双重预防运行成效评估"), roles=_OFFICERS)
    declare_duty("hazards.design.keep", _("登记安全设计诊断及其问题"), roles=(*_SAFETY, *_INSPECTORS))
    declare_duty("hazards.building.keep", _("上传双重预防建设材料、申请验收"), roles=_SAFETY)
    declare_duty("hazards.building.accept", _("验收双重预防机制建设"), roles=_OFFICERS)
