"""Who may do what with the registry, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_OWN = ("enterprise.head", "enterprise.safety", "enterprise.filer")
_JUDGES = ("department.head", "department.officer")
#: Who keeps watch and leads a rescue.
_WATCH = ("office.officer", "department.head", "department.officer")
_OFFICES = ("office.officer", "department.head", "department.officer", "town.head", "town.officer")
#: Who goes round: towns and the grid officers of their villages.
_GRID = ("town.head", "town.officer", "village.officer")


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty("registry.files.keep", _("维护本单位档案和存量"), roles=_OWN)
    declare_duty("registry.files.view", _("查看本单位档案"), roles=("enterprise.certifier", "enterprise.viewer"))
    declare_duty("registry.filings.prepare", _("填报本单位档案备案"), roles=("enterprise.safety", "enterprise.filer"))
    declare_duty("registry.filings.certify", _("承诺并提交本单位档案备案"),
                 roles=("enterprise.head", "enterprise.certifier"))  # fmt: skip
    declare_duty("registry.filings.rules", _("设置档案备案规则"), roles=("office.officer", "department.head"))
    declare_duty("registry.files.enter", _("登记企业、维护辖区企业档案"), roles=_OFFICES)
    declare_duty("registry.files.verify", _("核验企业档案"), roles=_JUDGES)
    declare_duty("registry.codes.open", _("发出临时查看码（应急值班）"), roles=("office.director", *_WATCH))
    declare_duty("registry.codes.rescue", _("救援时扫码查看企业存量和联系人"), roles=_WATCH)
    declare_duty("registry.codes.inspect", _("检查时扫码查看企业联系人"), roles=_OFFICES)
    declare_duty("registry.codes.carry", _("运输途中扫码查看运输卡"), roles=("enterprise.worker", *_OWN))
    declare_duty("registry.hazards.file", _("重大危险源备案、核销申请"), roles=_OWN)
    declare_duty("registry.hazards.verify", _("重大危险源备案、核销审查"), roles=_JUDGES)
    declare_duty("registry.files.rules", _("设置档案完整度规则"), roles=("office.officer", "department.head"))
    declare_duty("registry.licences.rules", _("设置证照到期提醒规则"), roles=("office.officer", "department.head"))
    declare_duty("registry.storage.limits", _("设置储存消防限量"), roles=("office.officer", "department.head"))
    declare_duty("registry.projects.apply", _("申请建设项目安全审查"), roles=_OWN)
    declare_duty("registry.projects.judge", _("审查建设项目"), roles=_JUDGES)
    declare_duty("registry.chemicals.keep", _("维护化学品目录"), roles=("office.officer", "department.officer"))
    declare_duty("registry.files.merge", _("合并重复的企业档案"), roles=_OFFICES)
    declare_duty("registry.census.manage", _("组织摸底"), roles=("office.officer", *_JUDGES))
    declare_duty("registry.census.visit", _("摸底走访"), roles=_GRID)
    declare_duty("registry.clues.report", _("报告无证场所线索"), roles=("office.officer", *_JUDGES, *_GRID))
    declare_duty("registry.clues.judge", _("核查、处置无证场所线索"), roles=_JUDGES)
    declare_duty("registry.clues.receive", _("接收移交的无证场所线索"), roles=(*_JUDGES, "town.head", "town.officer"))
    declare_duty("registry.places.keep", _("登记敏感目标"), roles=_OFFICES)
    declare_duty("registry.quality.record", _("登记、处理产品质量检验结果"), roles=_JUDGES)
    declare_duty("registry.environment.judge", _("登记、核验企业环境管理信息"), roles=_JUDGES)
