"""Who may do what with plans, tasks and reports, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_OFFICE = ("office.director", "office.officer")
_UNITS = (
    "office.officer",
    "department.head",
    "department.officer",
    "town.head",
    "town.officer",
    "village.officer",
    "enterprise.head",
    "enterprise.safety",
)


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    issuers = (*_OFFICE, "department.head", "town.head")
    declare_duty("duty.plans.import", _("导入计划文件"), roles=(*issuers, "department.officer", "town.officer"))
    declare_duty("duty.plans.review", _("审核计划并下达任务"), roles=issuers)
    declare_duty("duty.plans.receive", _("签收计划文件"), roles=(*_UNITS, "department.reporter"))
    declare_duty("duty.tasks.assign", _("分派任务"), roles=issuers)
    declare_duty("duty.tasks.verify", _("核验任务"), roles=issuers)
    declare_duty("duty.tasks.accept", _("接收任务"), roles=_UNITS)
    declare_duty("duty.tasks.work", _("办理任务"), roles=_UNITS)
    declare_duty("duty.tasks.subassign", _("转交下级单位"), roles=issuers)
    declare_duty("duty.reports.write", _("填报进展报告"), roles=(*_UNITS, "department.reporter"))
    heads = ("office.director", "department.head", "town.head", "enterprise.head")
    declare_duty("duty.reports.approve", _("审核本单位报告"), roles=heads)
    declare_duty("duty.reporters.name", _("确定信息报送员"), roles=_UNITS)
    declare_duty("duty.reports.accept", _("接收进展报告"), roles=_OFFICE)
    declare_duty("duty.meetings.manage", _("组织会议"), roles=(*issuers, "department.officer", "town.officer"))
    declare_duty("duty.packs.make", _("编制情况通报"), roles=(*issuers, "analyst"))
    declare_duty("duty.problems.manage", _("管理问题清单"), roles=(*issuers, "department.officer", "town.officer"))
    declare_duty("duty.problems.rectify", _("整改问题"), roles=_UNITS)
    declare_duty("duty.campaigns.manage", _("组织专项行动"), roles=(*issuers, "department.officer", "town.officer"))
    declare_duty("duty.campaigns.answer", _("填报检查清单"), roles=(*_UNITS, "office.director"))
    declare_duty(
        "duty.lists.file",
        _("制定职责和任务清单"),
        roles=("office.officer", "department.head", "department.officer", "town.head", "town.officer",
               "enterprise.head", "enterprise.safety"),
    )  # fmt: skip
    declare_duty("duty.records.keep", _("登记支持和制度"), roles=(*issuers, "department.officer", "town.officer"))
    declare_duty("duty.studies.keep", _("登记学习"), roles=(*_UNITS, "office.director"))
    callers = (*issuers, "department.officer", "town.officer")
    declare_duty("duty.own_plans.call", _("要求单位制定计划"), roles=callers)
    declare_duty("duty.own_plans.accept", _("审核单位自定计划"), roles=callers)
    declare_duty("duty.own_plans.write", _("制定本单位计划"), roles=("enterprise.head", "enterprise.safety"))
    declare_duty("duty.groups.manage", _("管理领导小组和工作组"), roles=callers)
    declare_duty("duty.visits.manage", _("组织督导检查"), roles=(*_OFFICE, "department.head", "town.head"))
    declare_duty("duty.staff.keep", _("维护监管人员台账"), roles=callers)
    declare_duty("duty.supervise", _("督办"), roles=("leader", *_OFFICE, "town.head"))
